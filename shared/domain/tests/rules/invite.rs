//! Inviting: a new collaborator, a present one, an expired one.

use coulisses_domain::invite;

use crate::prelude::*;

#[test]
fn a_new_collaborator_is_pending_takes_a_seat_and_gets_a_mail() {
    let mut world = World::new();
    let used = world.client().seats.used;
    let message = Message::parse("À lundi").unwrap();
    let command = InviteCommand {
        name: Some(name("Nina")),
        locale: Some(Locale::En),
        message: message.clone(),
        ..invite_command("nina", Role::READER)
    };
    let outcome = world.done(world.invite_with("eve", SUMMIT, &command));

    let nina = world.collaborator("nina");
    assert_eq!(nina, &outcome.answer);
    assert_eq!((nina.status(NOW), nina.seat), (Status::Pending, true));
    assert_eq!((nina.changed_at, nina.last_login_at), (NOW, None));
    assert_eq!(world.client().seats.used, used + 1);
    assert_eq!(world.client().version, World::new().client().version, "seats are not a setting");
    let invitation = nina.invitation().unwrap();
    assert_eq!(invitation.expires_at, NOW.after(14 * DAY));
    assert_eq!((invitation.token_hash, invitation.delivery), (None, Delivery::Queued));
    assert_eq!(invitation.mail_id, mail_id("invitation"));
    let mail = mail(&outcome.decision);
    assert_eq!((mail.kind, &mail.mail_id), (MailKind::Invitation, &invitation.mail_id));
    assert_eq!((mail.locale, mail.role), (Locale::En, Some(RoleName::READER)));
    assert_eq!((&mail.message, &mail.removed), (&message, &None));
    assert!(!world.counters.contains_key(&id("nina")), "the record shows the first mail");
}

#[test]
fn an_invitation_lives_for_the_days_that_the_client_sets() {
    for days in [1, 90] {
        let mut world = World::new();
        world.client_mut().invitation_days = days;
        let invited = world.invite("olga", ACME, "nina", Role::READER).unwrap().answer;
        let expires_at = invited.invitation().unwrap().expires_at;
        assert_eq!(expires_at, NOW.after(DAY * u32::from(days)));
        assert_eq!(invited.status(expires_at), Status::Expired, "from that moment on");
    }
}

#[test]
fn the_record_of_the_grantor_must_be_unchanged() {
    let world = World::new();
    let decision = world.invite("eve", SUMMIT, "nina", Role::READER).unwrap().decision;
    assert!(decision.collaborators().contains(&Change::Check(world.collaborator("eve").clone())));
    assert!(matches!(decision.client(), Some(Change::Update { .. })));
}

#[test]
fn an_active_collaborator_gets_the_grant_immediately_and_is_notified() {
    let mut world = World::new();
    world.fill();
    let before = world.collaborator("cora").version;
    let outcome = world.done(world.invite("tess", TECH, "cora", Role::MANAGER));
    let cora = world.collaborator("cora");
    assert_eq!((cora.status(NOW), cora.grants.len()), (Status::Active, 2));
    assert_eq!((cora.version, cora.changed_at), (before.successor(), NOW));
    assert_eq!(mail(&outcome.decision).kind, MailKind::Granted);
    assert!(
        world.counters.get(&id("cora")).is_none_or(|counter| counter.resends == 0),
        "no invitation mail"
    );
    let client = outcome.decision.client();
    assert!(matches!(client, Some(Change::Check(_))), "the offered roles must be unchanged");
}

#[test]
fn a_further_grant_joins_the_invitation_of_a_pending_collaborator() {
    let mut world = World::new();
    world.fill();
    let before = world.collaborator("pia").clone();
    let outcome = world.done(world.invite("sister", GALA, "pia", Role::READER));
    let pia = world.collaborator("pia");
    assert_eq!((pia.invitation(), pia.grants.len()), (before.invitation(), 2));
    assert!(outcome.decision.mails().is_empty() && outcome.decision.counters().is_empty());
    assert_eq!(entry(&outcome.decision).action, Action::Granted);
}

#[test]
fn an_invitation_changes_no_name_language_or_other_grant_of_an_existing_collaborator() {
    let mut world = World::new();
    for who in ["pia", "cora", "yann"] {
        world.edit(who, |known| known.locale = Some(Locale::Fr));
        let before = world.collaborator(who).clone();
        let command = InviteCommand {
            name: Some(name("Mallory")),
            locale: Some(Locale::En),
            ..invite_command(who, Role::OBSERVER)
        };
        world.done(world.invite_with("sister", GALA, &command));
        let after = world.collaborator(who);
        assert_eq!((&after.name, after.locale), (&before.name, before.locale), "{who}");
        let kept = after.grants.get(&scope(SUMMIT));
        assert!(kept.is_none() || kept == before.grants.get(&scope(SUMMIT)), "{who}");
    }
}

#[test]
fn a_collaborator_with_a_live_grant_here_is_not_invited_again() {
    let mut world = World::new();
    for who in ["cora", "pia"] {
        let refused = world.invite("eve", SUMMIT, who, Role::Administrator).unwrap_err();
        assert_eq!(refused, Refusal::AlreadyHasAccess(id(who)));
    }
    assert!(world.invite("olga", ACME, "cora", Role::READER).is_ok(), "elsewhere");
    // Whatever the case of the address.
    let email = Email::parse("CORA@example.org").unwrap();
    let command = InviteCommand { email, ..invite_command("cora", Role::READER) };
    let facts = world.facts("eve", SUMMIT, "cora");
    let refused = invite::decide(&facts, &command, mail_id("s"), NOW).unwrap_err();
    assert_eq!(refused, Refusal::AlreadyHasAccess(id("cora")));
    // An ended grant is replaced.
    let nina = collaborator("nina").holding(SUMMIT, Role::READER).until(NOW);
    world.add(nina.holding(TECH, Role::READER));
    let nina = world.invite("eve", SUMMIT, "nina", Role::MANAGER).unwrap().answer;
    assert_eq!((nina.grant(SUMMIT).role, nina.grant(SUMMIT).expires_at), (Role::MANAGER, None));
    assert_eq!(nina.status(NOW), Status::Active);
}

// docs/security.md#line-21
#[test]
fn an_expired_collaborator_starts_again_with_the_new_grant_only() {
    let mut world = World::new();
    let (used, before) = (world.client().seats.used, world.collaborator("xena").clone());
    world.fill();
    let outcome = world.done(world.invite("eve", SUMMIT, "xena", Role::READER));
    let xena = world.collaborator("xena");
    assert_eq!(keys(&xena.grants), [SUMMIT]);
    assert_eq!((xena.status(NOW), xena.seat), (Status::Pending, true));
    assert_eq!(world.client().seats.used, used, "the seat was not released yet");
    assert!(xena.version > before.version);
    let invitation = xena.invitation().unwrap();
    assert_eq!((invitation.token_hash, &invitation.mail_id), (None, &mail_id("invitation")));
    assert!(entry(&outcome.decision).changes[ACME].after.is_none(), "the old grant is gone");
}

#[test]
fn an_expired_collaborator_whose_seat_was_released_takes_one_again() {
    let mut world = World::new();
    world.fill();
    let refused = world.invite("sister", GALA, "yann", Role::READER).unwrap_err();
    assert!(matches!(refused, Refusal::SeatLimitReached { .. }));
    world.client_mut().seats.limit = None;
    let outcome = world.done(world.invite("sister", GALA, "yann", Role::READER));
    assert_eq!((outcome.answer.seat, outcome.answer.forget_at), (true, None));
    assert_eq!(world.client().seats.used, world.usage());
}

#[test]
fn a_former_collaborator_is_invited_without_the_old_account_login_or_grants() {
    let mut world = World::new();
    let lena = world.invite("eve", SUMMIT, "lena", Role::READER).unwrap().answer;
    assert!(matches!(lena.membership, Membership::Pending(_)), "her access had ended");
    assert_eq!((lena.last_login_at, lena.grants.len()), (None, 1));

    let old = world.collaborator("eve").version;
    world.done(world.revoke("olga", SUMMIT, "eve", Extent::Here));
    world.wait(MINUTE);
    world.done(world.invite("olga", GUILD, "eve", Role::READER));
    let eve = world.collaborator("eve");
    assert_eq!((eve.status(world.now), eve.last_login_at), (Status::Pending, None));
    assert_eq!(keys(&eve.grants), [GUILD]);
    assert!(eve.version > old);
}

#[test]
fn an_expired_owner_keeps_their_grants() {
    let mut world = World::new();
    world.add(collaborator("gwen").holding(GALA, Role::Owner).invited_until(NOW));
    let outcome = world.invite("tess", TECH, "gwen", Role::READER).unwrap();
    assert_eq!(outcome.answer.grants.len(), 2);
    assert_eq!(outcome.answer.invitation(), world.collaborator("gwen").invitation());
    assert!(outcome.decision.mails().is_empty());
}

#[test]
fn a_full_client_refuses_new_collaborators() {
    let mut world = World::new();
    let used = world.usage();
    for limit in [0, 1, used] {
        world.client_mut().seats.limit = Some(limit);
        let refused = world.invite("olga", ACME, "nina", Role::READER).unwrap_err();
        assert_eq!(refused, Refusal::SeatLimitReached { limit: Some(limit), used });
    }
    world.client_mut().seats.limit = Some(used + 1);
    world.done(world.invite("olga", ACME, "nina", Role::READER));
    assert!(world.invite("olga", ACME, "noah", Role::READER).is_err(), "pending ones count");
    world.client_mut().seats.limit = None;
    assert!(world.invite("olga", ACME, "noah", Role::READER).is_ok(), "unlimited");
}

// inwink (docs/domain.md#sources): "1 rôle à personnaliser (sur événement)"
#[test]
fn a_custom_role_is_granted_on_events_only() {
    let (world, role) = (World::new(), custom(&[Permission::OrdersExport]));
    for at in [ACME, TECH, GUILD] {
        let refused = world.invite("olga", at, "nina", role).unwrap_err();
        assert_eq!(refused, Refusal::RoleNotAllowedHere, "{at}");
    }
    assert!(world.invite("olga", SUMMIT, "nina", role).is_ok());
}

#[test]
fn only_offered_roles_are_granted_and_never_ownership() {
    let mut world = World::new();
    world.client_mut().roles = all_but(RoleName::READER);
    for (role, refused) in
        [(Role::READER, Refusal::RoleNotOffered), (Role::Owner, Refusal::RoleNotAllowedHere)]
    {
        assert_eq!(world.invite("olga", ACME, "nina", role).unwrap_err(), refused);
    }
    assert!(world.invite("olga", ACME, "nina", Role::OBSERVER).is_ok());
    assert!(!world.collaborator("rita").grants.is_empty(), "existing grants stay");
}

#[test]
fn access_must_end_in_the_future() {
    let world = World::new();
    for (end, granted) in [(NOW, Err(Refusal::InvalidExpiry)), (NOW.after(MINUTE), Ok(()))] {
        let command =
            InviteCommand { lifetime: until(end), ..invite_command("nina", Role::READER) };
        assert_eq!(world.invite_with("olga", ACME, &command).map(drop), granted);
    }
}

#[test]
fn collaborators_cannot_invite_themselves() {
    let world = World::new();
    for (who, at) in [("tess", SUMMIT), ("olga", ACME), ("olga", SUMMIT)] {
        assert_eq!(world.invite(who, at, who, Role::READER).unwrap_err(), Refusal::OwnRole);
    }
}

// Digitevent (docs/domain.md#sources): "Seul le propriétaire de l'événement peut accorder des permissions"
#[test]
fn if_only_owners_grant_administrators_cannot() {
    let mut world = World::new();
    world.client_mut().granting = Granting::Owner;
    for (who, at, granted) in [
        ("olga", ACME, Ok(())),
        ("olga", GALA, Ok(())),
        ("gwen", GALA, Ok(())),
        ("adam", ACME, Err(Refusal::Forbidden)),
        ("adam", GALA, Err(Refusal::Forbidden)),
        ("sister", GALA, Err(Refusal::Forbidden)),
        ("gwen", SUMMIT, Err(Refusal::ScopeNotFound)),
    ] {
        let outcome = world.invite(who, at, "nina", Role::Administrator);
        assert_eq!(outcome.map(drop), granted, "{who} at {at}");
    }
}

#[test]
fn a_collaborator_has_at_most_200_grants() {
    let mut world = World::new();
    world.add(with_grants("nina", MAX_GRANTS - 1));
    let all = world.invite("eve", SUMMIT, "nina", Role::READER).unwrap().answer;
    assert_eq!(all.grants.len(), MAX_GRANTS);
    world.add(with_grants("nina", MAX_GRANTS));
    let refused = world.invite("eve", SUMMIT, "nina", Role::READER).unwrap_err();
    assert_eq!(refused, Refusal::TooManyGrants);
}
