//! Transferring ownership.

use coulisses_domain::transfer::{decide, owner_to_read};

use crate::{
    commands::{event, owner, provision},
    prelude::*,
};

fn role(collaborator: &Collaborator, at: &str) -> Option<RoleName> {
    collaborator.grants.get(&scope(at)).map(|grant| grant.role.name())
}

fn to(who: &str, version: Option<Version>) -> TransferCommand {
    TransferCommand { successor: Successor::Collaborator(id(who)), version, fresh_login: None }
}

/// Transfers ownership, and returns the kind and the recipient of each mail.
fn hand_over(world: &mut World, by: &str, at: &str, who: &str) -> Vec<(MailKind, CollaboratorId)> {
    let outcome = if by == "platform" {
        world.done(world.hand_to_email(by, at, who))
    } else {
        world.done(world.hand_to(by, at, who))
    };
    assert_eq!(Some(&outcome.answer.client), world.client.as_ref());
    assert_eq!(outcome.answer.scope.as_ref(), world.scopes.get(&scope(at)));
    assert_eq!(world.client().seats.used, world.usage());
    let mails = outcome.decision.mails().iter();
    mails.map(|mail| (mail.kind, mail.collaborator.clone())).collect()
}

#[test]
fn an_active_collaborator_becomes_owner_and_the_former_owner_administrator() {
    let mut world = World::new();
    world.fill();
    let (version, before) = (world.client().version, world.collaborator("rita").clone());
    let mails = hand_over(&mut world, "olga", ACME, "rita");
    let rita = world.collaborator("rita");
    assert_eq!(role(rita, ACME), Some(RoleName::Owner));
    assert_eq!(role(world.collaborator("olga"), ACME), Some(RoleName::Administrator));
    assert_eq!(rita.membership, before.membership);
    assert_eq!(rita.last_login_at, before.last_login_at);
    assert_eq!(world.client().owner, label("rita"));
    assert!(world.client().version > version);
    let expected =
        [(MailKind::OwnershipReceived, id("rita")), (MailKind::OwnershipHandedOver, id("olga"))];
    assert_eq!(mails, expected);
}

#[test]
fn the_owner_of_an_event_transfers_it_and_the_client_keeps_its_own() {
    let mut world = World::new();
    let before = world.scopes[GALA].version;
    hand_over(&mut world, "gwen", GALA, "sister");
    assert_eq!(role(world.collaborator("sister"), GALA), Some(RoleName::Owner));
    assert_eq!(world.collaborator("sister").status(NOW), Status::Active);
    assert_eq!(role(world.collaborator("gwen"), GALA), Some(RoleName::Administrator));
    assert_eq!(world.scopes[GALA].owner, Some(label("sister")));
    assert!(world.scopes[GALA].version > before);
    assert_eq!(world.client(), World::new().client());
}

#[test]
fn the_history_has_an_entry_for_each_of_both() {
    let world = World::new();
    let outcome = world.hand_to("gwen", GALA, "sister").unwrap();
    let entries = outcome.decision.history().iter().map(|entry| {
        let GrantChange { before, after } = &entry.changes[GALA];
        (entry.action, before.as_ref().unwrap().role, after.as_ref().unwrap().role)
    });
    let expected = [
        (Action::OwnershipReceived, Role::Administrator, Role::Owner),
        (Action::OwnershipHandedOver, Role::Owner, Role::Administrator),
    ];
    assert!(entries.eq(expected));
}

#[test]
fn only_the_owner_of_the_scope_transfers_it() {
    let world = World::new();
    for (who, at, refused) in [
        ("olga", GALA, Refusal::Forbidden),
        ("adam", ACME, Refusal::Forbidden),
        ("sister", GALA, Refusal::Forbidden),
        ("olga", SUMMIT, Refusal::Forbidden),
        ("olga", TECH, Refusal::Forbidden),
        ("gwen", ACME, Refusal::ScopeNotFound),
        ("stranger", ACME, Refusal::ScopeNotFound),
    ] {
        assert_eq!(world.hand_to(who, at, "cora").unwrap_err(), refused, "{who} at {at}");
    }
    let named = world.hand_to_email("olga", ACME, "nina").unwrap_err();
    assert_eq!(named, Refusal::Forbidden, "only the platform names an address");
}

#[test]
fn only_an_active_collaborator_receives_ownership() {
    let world = World::new();
    for who in ["pia", "paul", "xena", "lena"] {
        assert_eq!(world.hand_to("olga", ACME, who).unwrap_err(), Refusal::NotActive, "{who}");
    }
    let refused = world.hand_to("olga", ACME, "nobody").unwrap_err();
    assert_eq!(refused, Refusal::CollaboratorNotFound);
    assert_eq!(world.hand_to("olga", ACME, "olga").unwrap_err(), Refusal::OwnerMustTransfer);
}

// docs/security.md#line-25
#[test]
fn the_owner_of_an_event_cannot_find_out_who_is_at_a_sister_event() {
    let world = World::new();
    for who in ["cora", "pia", "lena", "nobody"] {
        let refused = world.hand_to("gwen", GALA, who).unwrap_err();
        assert_eq!(refused, Refusal::CollaboratorNotFound, "{who}");
    }
    assert!(world.hand_to("gwen", GALA, "tess").is_ok(), "visible from there");
    assert!(world.hand_to("olga", ACME, "cora").is_ok(), "all are visible from the client");
}

#[test]
fn a_transfer_of_another_version_of_the_scope_is_refused() {
    let world = World::new();
    let old = Some(Version::from_number(1));
    for (by, at, who) in [("olga", ACME, "rita"), ("gwen", GALA, "sister")] {
        for by in [by, "platform"] {
            let refused = world.transfer(by, at, who, &to(who, old)).unwrap_err();
            assert_eq!(refused, Refusal::StaleVersion, "{by} at {at}");
        }
        let refused = world.transfer(by, at, who, &to(who, None)).unwrap_err();
        assert_eq!(refused, Refusal::VersionRequired, "{by} at {at}");
        assert!(world.transfer("platform", at, who, &to(who, None)).is_ok(), "optional");
    }
    let email = Successor::Email { email: label("rita").email, id: id("rita"), name: None };
    let named = TransferCommand { successor: email, version: old, fresh_login: None };
    let refused = world.transfer("platform", ACME, "rita", &named).unwrap_err();
    assert_eq!(refused, Refusal::StaleVersion, "a named version counts");
}

#[test]
fn the_later_of_two_transfers_is_refused() {
    let mut world = World::new();
    let version = Some(world.client().version);
    hand_over(&mut world, "olga", ACME, "rita");
    let again = |who, version| world.transfer(who, ACME, "adam", &to("adam", version)).unwrap_err();
    assert_eq!(again("olga", version), Refusal::Forbidden);
    assert_eq!(again("olga", Some(world.client().version)), Refusal::Forbidden);
    assert_eq!(again("olga", None), Refusal::Forbidden);
    assert_eq!(again("rita", version), Refusal::StaleVersion);
    assert_eq!(again("rita", None), Refusal::VersionRequired);
    for who in ["gwen", "stranger"] {
        assert_eq!(again(who, version), Refusal::ScopeNotFound, "{who}");
    }
}

#[test]
fn the_platform_can_transfer_to_a_new_collaborator_who_takes_a_seat() {
    let mut world = World::new();
    world.fill();
    let refused = world.hand_to_email("platform", ACME, "nina").unwrap_err();
    assert!(matches!(refused, Refusal::SeatLimitReached { .. }), "the former owner keeps theirs");
    world.client_mut().seats.limit = None;
    let mails = hand_over(&mut world, "platform", ACME, "nina");
    let nina = world.collaborator("nina");
    assert_eq!((nina.status(NOW), role(nina, ACME)), (Status::Pending, Some(RoleName::Owner)));
    assert_eq!(role(world.collaborator("olga"), ACME), Some(RoleName::Administrator));
    assert_eq!(mails.first().unwrap().0, MailKind::Invitation);
}

#[test]
fn the_platform_can_transfer_to_present_collaborators_whose_membership_stays_the_same() {
    let mut world = World::new();
    for (at, who) in [(ACME, "adam"), (SUMMIT, "cora"), (GALA, "sister")] {
        hand_over(&mut world, "platform", at, who);
        let collaborator = world.collaborator(who);
        assert_eq!(role(collaborator, at), Some(RoleName::Owner));
        assert_eq!(collaborator.status(NOW), Status::Active);
    }
    assert_eq!(world.scopes[SUMMIT].owner, Some(label("cora")), "its first owner");
    let before = world.collaborator("paul").clone();
    let mails = hand_over(&mut world, "platform", ACME, "paul");
    assert_eq!(world.collaborator("paul").membership, before.membership, "the link stays valid");
    assert_eq!(mails, [(MailKind::OwnershipHandedOver, id("adam"))]);
}

#[test]
fn an_owner_who_was_never_active_is_replaced_and_releases_their_seat() {
    let mut world = World::new();
    for end in [NOW, NOW.after(MINUTE)] {
        world.add(collaborator("olga").holding(ACME, Role::Owner).invited_until(end));
        world.fill();
        let mut world = world.clone();
        let mails = hand_over(&mut world, "platform", ACME, "nina");
        assert!(!world.knows("olga"));
        assert_eq!(world.client().owner, label("nina"));
        assert_eq!(mails, [(MailKind::Invitation, id("nina"))]);
    }
}

#[test]
fn an_owner_who_was_never_active_keeps_their_other_grants() {
    let mut world = World::new();
    let gwen = collaborator("gwen").holding(GALA, Role::Owner).holding(SUMMIT, Role::READER);
    world.add(gwen.invited_until(NOW));
    hand_over(&mut world, "platform", GALA, "nina");
    let gwen = world.collaborator("gwen");
    assert_eq!((role(gwen, GALA), role(gwen, SUMMIT)), (None, Some(RoleName::READER)));
    assert!(gwen.seat);
}

#[test]
fn naming_the_present_owner_unbinds_their_account_and_invites_them_again() {
    let mut world = World::new();
    world.fill();
    let before = world.collaborator("olga").clone();
    let mails = hand_over(&mut world, "platform", ACME, "olga");
    let olga = world.collaborator("olga");
    assert_eq!((olga.status(NOW), &olga.grants), (Status::Pending, &before.grants));
    assert!(olga.version > before.version);
    assert_eq!(mails, [(MailKind::Invitation, id("olga"))]);
    let soon = world.hand_to_email("platform", ACME, "olga").unwrap_err();
    assert_eq!(soon, Refusal::ResendTooSoon { retry_after: MINUTE });
    let old = world.invite("olga", ACME, "nina", Role::READER).unwrap_err();
    assert_eq!(old, Refusal::ScopeNotFound, "the lost account has no permissions");
}

#[test]
fn an_owner_who_was_unbound_and_then_replaced_becomes_administrator() {
    for is_resent in [false, true] {
        let mut world = World::new();
        world.client_mut().seats.limit = None;
        hand_over(&mut world, "platform", GALA, "gwen");
        if is_resent {
            world.now = world.now.after(MINUTE);
            world.done(world.resend("platform", GALA, "gwen"));
        }
        let sent = hand_over(&mut world, "platform", GALA, "nina");
        assert_eq!(role(world.collaborator("gwen"), GALA), Some(RoleName::Administrator));
        assert!(sent.iter().all(|(kind, _)| *kind != MailKind::OwnershipHandedOver), "pending");
        assert_eq!(world.client().seats.used, world.usage());
    }
}

#[test]
fn unbinding_an_owner_shows_in_the_history_even_if_they_were_pending() {
    let mut world = World::new();
    world.add(collaborator("olga").holding(ACME, Role::Owner).invited_until(NOW.after(MINUTE)));
    let outcome = world.hand_to_email("platform", ACME, "olga").unwrap();
    let entry = entry(&outcome.decision);
    assert_eq!(entry.action, Action::AccountUnbound);
    assert_eq!(keys(&entry.changes), [ACME]);
}

#[test]
fn audiences_and_communities_have_no_owner() {
    let world = World::new();
    for at in [TECH, ARTS, GUILD] {
        for successor in [
            Successor::Collaborator(id("rita")),
            Successor::Email { email: label("rita").email, id: id("rita"), name: None },
        ] {
            let command = TransferCommand { successor, version: None, fresh_login: None };
            let refused = world.transfer("platform", at, "rita", &command).unwrap_err();
            assert_eq!(refused, Refusal::NoOwnerHere, "{at}");
        }
    }
}

#[test]
fn a_new_owner_has_at_most_200_grants() {
    let mut world = World::new();
    world.add(with_grants("nina", MAX_GRANTS));
    let named = event(Some(owner("nina")));
    let provisioned = provision(&world, "platform", SUMMIT, &named).map(|_| ());
    assert_eq!(provisioned, Err(Refusal::TooManyGrants));
    assert_eq!(world.hand_to("gwen", GALA, "nina").unwrap_err(), Refusal::TooManyGrants);
}

#[test]
fn an_account_is_unbound_only_while_its_person_owns_the_scope() {
    let world = World::new();
    let unbinding = world.hand_to_email("platform", GALA, "gwen").unwrap();
    let gala = world.scopes[GALA].clone();
    assert_eq!(unbinding.decision.scopes(), [Change::Check(gala)]);
    let unbinding = world.hand_to_email("platform", ACME, "olga").unwrap();
    let read = unbinding.decision.client().map(Change::record);
    assert_eq!(read, world.client.as_ref(), "the client names its owner");
}

#[test]
fn the_record_of_the_owner_is_read_separately_for_the_platform_only() {
    let world = World::new();
    for (by, at, owner) in [
        ("platform", ACME, Some(id("olga"))),
        ("platform", GALA, Some(id("gwen"))),
        ("platform", SUMMIT, None),
        ("olga", ACME, None),
        ("stranger", ACME, None),
    ] {
        assert_eq!(owner_to_read(&world.facts(by, at, "rita")).cloned(), owner, "{by} at {at}");
    }
}

/// Transfers the client to `who`, where a login may be five minutes old.
fn with_login(
    world: &World,
    by: &str,
    who: &str,
    logged_in_at: Option<Timestamp>,
) -> Result<(), Refusal> {
    let version = world.client().version;
    let fresh_login = Some(Duration::from_mins(5));
    let command = TransferCommand { fresh_login, ..to(who, Some(version)) };
    let mut facts = world.facts(by, ACME, who);
    if let Caller::User(user) = &mut facts.caller {
        user.logged_in_at = logged_in_at;
    }
    let mail_ids = MailIds { to_new: mail_id_at("new", NOW), to_former: mail_id_at("former", NOW) };
    let owner = Some(world.collaborator("olga"));
    decide(&facts, owner, &command, mail_ids, NOW).map(drop)
}

#[test]
fn a_user_who_transfers_has_logged_in_recently_where_the_deployment_asks_for_it() {
    let world = World::new();
    let (age, now) = (Duration::from_mins(5), NOW.millis());
    let at = |seconds: i64| Some(Timestamp::from_millis(now + seconds * 1_000));
    let refused = Err(Refusal::FreshLoginRequired { max_age: age });
    for (logged_in_at, expected) in [
        (at(0), Ok(())),
        (at(-299), Ok(())),
        (at(-300), Ok(())),
        (at(-301), refused.clone()),
        (at(-86_400), refused.clone()),
        (at(60), Ok(())),
        (at(61), refused.clone()),
        (at(86_400), refused.clone()),
        (None, refused.clone()),
    ] {
        assert_eq!(with_login(&world, "olga", "obi", logged_in_at), expected, "{logged_in_at:?}");
    }
    // The platform has no login, neither as itself nor on behalf of the owner.
    for by in ["platform", "for olga"] {
        assert_eq!(with_login(&world, by, "obi", None), Ok(()), "{by}");
    }
    // Other refusals come first.
    for (by, who, expected) in [
        ("adam", "obi", Refusal::Forbidden),
        ("nobody", "obi", Refusal::ScopeNotFound),
        ("olga", "nobody", Refusal::CollaboratorNotFound),
        ("olga", "olga", Refusal::OwnerMustTransfer),
    ] {
        assert_eq!(with_login(&world, by, who, None), Err(expected), "{by} to {who}");
    }
}
