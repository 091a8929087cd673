//! Handing over ownership.

use coulisses_domain::transfer::owner_to_read;

use crate::{
    prelude::*,
    provision::{event, owner, provision},
};

fn role(collaborator: &Collaborator, at: &str) -> Option<RoleName> {
    collaborator.grants.get(&scope(at)).map(|grant| grant.role.name())
}

fn hand_over(world: &mut World, by: &str, at: &str, who: &str) -> Vec<(MailKind, String)> {
    let outcome = if by == "platform" {
        world.hand_to_email(by, at, who).unwrap()
    } else {
        world.hand_to(by, at, who).unwrap()
    };
    world.apply(&outcome.decision);
    assert_eq!(Some(&outcome.answer.client), world.client.as_ref());
    assert_eq!(outcome.answer.scope.as_ref(), world.scopes.get(&scope(at)));
    assert_eq!(world.client().seats.used, world.usage());
    let told =
        |mail: &Mail| (mail.kind, mail.collaborator.as_str().trim_end_matches('a').to_owned());
    outcome.decision.mails().iter().map(told).collect()
}

#[test]
fn ownership_goes_to_an_active_collaborator_and_the_former_owner_becomes_administrator() {
    let mut world = World::new();
    world.fill();
    let version = world.client().version;
    let told = hand_over(&mut world, "olga", ACME, "rita");
    assert_eq!(role(world.collaborator("rita"), ACME), Some(RoleName::Owner));
    assert_eq!(role(world.collaborator("olga"), ACME), Some(RoleName::Administrator));
    assert_eq!(
        world.collaborator("rita").status(NOW),
        Status::Active,
        "and stays bound to her account"
    );
    assert_eq!(
        world.collaborator("rita").last_login_at,
        World::new().collaborator("rita").last_login_at
    );
    assert_eq!(world.client().owner, label("rita"));
    assert!(world.client().version > version);
    assert_eq!(
        told,
        [
            (MailKind::OwnershipReceived, "rit".to_owned()),
            (MailKind::OwnershipHandedOver, "olg".to_owned())
        ]
    );
}

#[test]
fn an_events_own_owner_hands_it_over_and_the_client_keeps_its_own() {
    let mut world = World::new();
    let before = world.scopes.get(&scope(GALA)).unwrap().version;
    hand_over(&mut world, "gwen", GALA, "sister");
    assert_eq!(role(world.collaborator("sister"), GALA), Some(RoleName::Owner));
    assert_eq!(world.collaborator("sister").status(NOW), Status::Active);
    assert_eq!(role(world.collaborator("gwen"), GALA), Some(RoleName::Administrator));
    let gala = world.scopes.get(&scope(GALA)).unwrap();
    assert_eq!(gala.owner, Some(label("sister")));
    assert!(gala.version > before);
    assert_eq!(world.client(), World::new().client());
}

#[test]
fn the_history_tells_of_both_what_they_were_and_are() {
    let world = World::new();
    let outcome = world.hand_to("gwen", GALA, "sister").unwrap();
    let roles = |entry: &Entry| {
        let change = entry.changes.get(&scope(GALA)).unwrap();
        let role = |state: &GrantState| state.role;
        (entry.action, change.before.as_ref().map(role), change.after.as_ref().map(role))
    };
    assert_eq!(
        outcome.decision.history().iter().map(roles).collect::<Vec<_>>(),
        [
            (Action::OwnershipReceived, Some(Role::Administrator), Some(Role::Owner)),
            (Action::OwnershipHandedOver, Some(Role::Owner), Some(Role::Administrator)),
        ]
    );
}

#[test]
fn only_the_owner_of_that_very_scope_hands_it_over() {
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
    assert_eq!(named, Refusal::Forbidden, "an address is named by the platform only");
}

#[test]
fn ownership_is_not_handed_to_somebody_who_is_not_active() {
    let world = World::new();
    for who in ["pia", "paul", "xena", "lena"] {
        assert_eq!(world.hand_to("olga", ACME, who).unwrap_err(), Refusal::NotActive, "{who}");
    }
    let refused = world.hand_to("olga", ACME, "nobody").unwrap_err();
    assert_eq!(refused, Refusal::CollaboratorNotFound);
    assert_eq!(world.hand_to("olga", ACME, "olga").unwrap_err(), Refusal::OwnerMustTransfer);
}

// Security, line 25.
#[test]
fn an_event_owner_learns_nothing_of_those_who_are_only_at_a_sister_event() {
    let world = World::new();
    for who in ["cora", "pia", "lena", "nobody"] {
        let refused = world.hand_to("gwen", GALA, who).unwrap_err();
        assert_eq!(refused, Refusal::CollaboratorNotFound, "{who}");
    }
    assert!(world.hand_to("gwen", GALA, "tess").is_ok(), "she is seen from there");
    assert!(world.hand_to("olga", ACME, "cora").is_ok(), "and all are seen from the client");
}

#[test]
fn a_transfer_decided_on_an_older_version_of_the_scope_is_refused() {
    let world = World::new();
    let old = Some(Version::from_number(1));
    let to =
        |who, version| TransferCommand { successor: Successor::Collaborator(id(who)), version };
    for (by, at, who) in [("olga", ACME, "rita"), ("gwen", GALA, "sister")] {
        for by in [by, "platform"] {
            let refused = world.transfer(by, at, who, &to(who, old)).unwrap_err();
            assert_eq!(refused, Refusal::StaleVersion, "{by} at {at}");
        }
        let refused = world.transfer(by, at, who, &to(who, None)).unwrap_err();
        assert_eq!(refused, Refusal::VersionRequired, "{by} at {at}");
        assert!(world.transfer("platform", at, who, &to(who, None)).is_ok(), "needs to name none");
    }
    let email = Successor::Email { email: label("rita").email, id: id("rita"), name: None };
    let named = TransferCommand { successor: email, version: old };
    let refused = world.transfer("platform", ACME, "rita", &named).unwrap_err();
    assert_eq!(refused, Refusal::StaleVersion, "what is named counts");
}

#[test]
fn the_loser_of_two_transfers_is_told_that_the_scope_has_changed_and_nobody_else_how_it_stands() {
    let mut world = World::new();
    let version = Some(world.client().version);
    hand_over(&mut world, "olga", ACME, "rita");
    let to_adam =
        |version| TransferCommand { successor: Successor::Collaborator(id("adam")), version };
    let again = |who, version| world.transfer(who, ACME, "adam", &to_adam(version)).unwrap_err();
    assert_eq!(again("olga", version), Refusal::StaleVersion);
    assert_eq!(again("olga", Some(world.client().version)), Refusal::Forbidden);
    assert_eq!(again("olga", None), Refusal::Forbidden);
    for who in ["gwen", "stranger"] {
        assert_eq!(again(who, version), Refusal::ScopeNotFound, "{who}");
    }
}

#[test]
fn the_platform_may_hand_over_to_somebody_new_who_takes_a_seat() {
    let mut world = World::new();
    world.fill();
    let refused = world.hand_to_email("platform", ACME, "nina").unwrap_err();
    assert!(matches!(refused, Refusal::SeatLimitReached { .. }), "the former owner stays seated");
    world.client_mut().seats.limit = None;
    let told = hand_over(&mut world, "platform", ACME, "nina");
    let nina = world.collaborator("nina");
    assert_eq!((nina.status(NOW), role(nina, ACME)), (Status::Pending, Some(RoleName::Owner)));
    assert_eq!(role(world.collaborator("olga"), ACME), Some(RoleName::Administrator));
    assert_eq!(told.first().unwrap().0, MailKind::Invitation);
}

#[test]
fn the_platform_hands_over_to_somebody_active_who_stays_active() {
    let mut world = World::new();
    for (at, who) in [(ACME, "adam"), (SUMMIT, "cora"), (GALA, "sister")] {
        hand_over(&mut world, "platform", at, who);
        let collaborator = world.collaborator(who);
        assert_eq!(
            (collaborator.status(NOW), role(collaborator, at)),
            (Status::Active, Some(RoleName::Owner))
        );
    }
}

#[test]
fn the_platform_hands_over_to_somebody_pending_whose_link_stays_the_same() {
    let mut world = World::new();
    let before = world.collaborator("paul").clone();
    let told = hand_over(&mut world, "platform", ACME, "paul");
    assert_eq!(world.collaborator("paul").invitation(), before.invitation());
    assert_eq!(told.iter().map(|told| told.0).collect::<Vec<_>>(), [MailKind::OwnershipHandedOver]);
}

#[test]
fn an_owner_who_was_never_active_is_replaced_and_gives_his_seat_to_the_new_one() {
    let mut world = World::new();
    for end in [NOW, NOW.after(MINUTE)] {
        world.add(collaborator("olga").holding(ACME, Role::Owner).invited_until(end));
        world.fill();
        let mut world = world.clone();
        let told = hand_over(&mut world, "platform", ACME, "nina");
        assert!(!world.knows("olga"));
        assert_eq!(world.client().owner, label("nina"));
        assert_eq!(told, [(MailKind::Invitation, "nin".to_owned())], "nobody else is told");
    }
}

#[test]
fn an_owner_who_was_never_active_keeps_what_else_was_given_to_him() {
    let mut world = World::new();
    let gwen = collaborator("gwen").holding(GALA, Role::Owner).holding(SUMMIT, Role::Reader);
    world.add(gwen.invited_until(NOW));
    hand_over(&mut world, "platform", GALA, "nina");
    let gwen = world.collaborator("gwen");
    assert_eq!((role(gwen, GALA), role(gwen, SUMMIT)), (None, Some(RoleName::Reader)));
    assert!(gwen.seat);
}

#[test]
fn naming_the_present_owners_own_address_unbinds_the_account_and_invites_again() {
    let mut world = World::new();
    world.fill();
    let before = world.collaborator("olga").clone();
    let told = hand_over(&mut world, "platform", ACME, "olga");
    let olga = world.collaborator("olga");
    assert_eq!((olga.status(NOW), &olga.grants), (Status::Pending, &before.grants));
    assert!(olga.version > before.version);
    assert_eq!(told, [(MailKind::Invitation, "olg".to_owned())]);
    let soon = world.hand_to_email("platform", ACME, "olga").unwrap_err();
    assert_eq!(soon, Refusal::ResendTooSoon { retry_after: MINUTE });
    let old = world.invite("olga", ACME, "nina", Role::Reader).unwrap_err();
    assert_eq!(old, Refusal::ScopeNotFound, "the lost account holds nothing any more");
}

#[test]
fn unbinding_an_owner_shows_in_the_history_even_if_he_was_pending() {
    let mut world = World::new();
    world.add(collaborator("olga").holding(ACME, Role::Owner).invited_until(NOW.after(MINUTE)));
    let outcome = world.hand_to_email("platform", ACME, "olga").unwrap();
    let entry = entry(&outcome.decision);
    assert_eq!(entry.action, Action::AccountUnbound);
    assert_eq!(keys(&entry.changes), [ACME]);
}

#[test]
fn the_platform_gives_an_event_without_an_owner_its_first_one() {
    let mut world = World::new();
    hand_over(&mut world, "platform", SUMMIT, "eve");
    assert_eq!(world.scopes.get(&scope(SUMMIT)).unwrap().owner, Some(label("eve")));
    assert_eq!(world.collaborator("eve").status(NOW), Status::Active);
}

#[test]
fn audiences_and_communities_have_no_owner_of_their_own() {
    let world = World::new();
    for at in [TECH, ARTS, GUILD] {
        for successor in [
            Successor::Collaborator(id("rita")),
            Successor::Email { email: label("rita").email, id: id("rita"), name: None },
        ] {
            let command = TransferCommand { successor, version: None };
            let refused = world.transfer("platform", at, "rita", &command).unwrap_err();
            assert_eq!(refused, Refusal::RoleNotAllowedHere, "{at}");
        }
    }
}

#[test]
fn a_new_owner_holds_two_hundred_grants_at_most() {
    let mut world = World::new();
    let most = (0..MAX_GRANTS).fold(collaborator("nina"), |collaborator, n| {
        collaborator.holding(&format!("acme:arts:event-{n}"), Role::Reader)
    });
    world.add(most);
    let named = event(Some(owner("nina")));
    let provisioned = provision(&world, "platform", SUMMIT, &named).map(|_| ());
    assert_eq!(provisioned, Err(Refusal::TooManyGrants));
    assert_eq!(world.hand_to("olga", ACME, "nina").unwrap_err(), Refusal::TooManyGrants);
}

#[test]
fn an_account_is_unbound_only_while_its_person_still_owns_the_scope() {
    let world = World::new();
    let unbinding = world.hand_to_email("platform", GALA, "gwen").unwrap();
    let gala = world.scopes.get(&scope(GALA)).unwrap().clone();
    assert_eq!(unbinding.decision.scopes(), [Change::Check(gala)]);
    let unbinding = world.hand_to_email("platform", ACME, "olga").unwrap();
    let read = unbinding.decision.client().map(Change::record);
    assert_eq!(read, world.client.as_ref(), "the client names its owner itself");
}

#[test]
fn the_record_of_the_owner_is_read_apart_only_for_the_platform() {
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
