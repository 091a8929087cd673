//! Inviting: somebody new, somebody there, somebody expired.

use crate::prelude::*;

#[test]
fn somebody_new_is_pending_takes_a_seat_and_is_mailed() {
    let mut world = World::new();
    let used = world.client().seats.used;
    let message = Message::parse("À lundi").unwrap();
    let command = InviteCommand {
        name: Some(name("Nina")),
        locale: Some(Locale::En),
        message: message.clone(),
        ..invite_command("nina", Role::Reader)
    };
    let outcome = world.invite_with("eve", SUMMIT, &command).unwrap();
    let mail = mail(&outcome.decision).clone();
    world.apply(&outcome.decision);

    let nina = world.collaborator("nina");
    assert_eq!(nina, &outcome.answer);
    assert_eq!((nina.status(NOW), nina.seat), (Status::Pending, true));
    assert_eq!((nina.version, nina.last_login_at), (Version::first(NOW), None));
    assert_eq!(world.client().seats.used, used + 1);
    assert_eq!(world.client().version, World::new().client().version, "seats are no settings");
    let invitation = nina.invitation().unwrap();
    assert_eq!(invitation.expires_at, NOW.after(14 * DAY));
    assert_eq!((invitation.token_hash, invitation.delivery), (None, Delivery::Queued));
    assert_eq!(invitation.mail_id, mail_id("invitation"));
    assert_eq!((mail.kind, mail.mail_id), (MailKind::Invitation, mail_id("invitation")));
    assert_eq!((mail.locale, mail.role), (Locale::En, Some(RoleName::Reader)));
    assert_eq!((mail.message, mail.removed), (message, None));
    assert_eq!(outcome.decision.mails().len(), 1);
    assert_eq!(world.counters.get(&id("nina")).unwrap().last_mail_at, NOW);
}

#[test]
fn an_invitation_lives_as_many_days_as_the_client_says() {
    for days in [1, 90] {
        let mut world = World::new();
        world.client_mut().invitation_days = days;
        let invited = world.invite("olga", ACME, "nina", Role::Reader).unwrap().answer;
        let expires_at = invited.invitation().unwrap().expires_at;
        assert_eq!(expires_at, NOW.after(DAY * u32::from(days)));
        assert_eq!(invited.status(expires_at), Status::Expired, "at that very moment");
    }
}

#[test]
fn the_giver_must_still_be_as_he_was_read_when_it_is_written() {
    let world = World::new();
    let decision = world.invite("eve", SUMMIT, "nina", Role::Reader).unwrap().decision;
    let held = |change: &Change<_>| *change == Change::Check(world.collaborator("eve").clone());
    assert!(decision.collaborators().iter().any(held));
    assert!(matches!(decision.client(), Some(Change::Update { .. })));
}

#[test]
fn somebody_active_gets_the_grant_at_once_without_a_seat_and_is_told() {
    let mut world = World::new();
    world.fill();
    let outcome = world.done(world.invite("tess", TECH, "cora", Role::Manager));
    let cora = world.collaborator("cora");
    assert_eq!((cora.status(NOW), cora.grants.len()), (Status::Active, 2));
    assert_eq!(cora.version, Version::first(NOW));
    assert_eq!(mail(&outcome.decision).kind, MailKind::Granted);
    assert!(outcome.decision.counter().is_none(), "no invitation was mailed");
    assert!(
        matches!(outcome.decision.client(), Some(Change::Check(_))),
        "the roles that it offers were read"
    );
}

#[test]
fn a_further_grant_joins_the_one_invitation_of_somebody_pending_without_a_second_mail() {
    let mut world = World::new();
    world.fill();
    let before = world.collaborator("pia").clone();
    let outcome = world.done(world.invite("sister", GALA, "pia", Role::Reader));
    let pia = world.collaborator("pia");
    assert_eq!((pia.invitation(), pia.grants.len()), (before.invitation(), 2));
    assert!(outcome.decision.mails().is_empty() && outcome.decision.counter().is_none());
    assert_eq!(entry(&outcome.decision).action, Action::Granted);
}

#[test]
fn an_invitation_never_changes_the_name_the_locale_or_another_grant_of_somebody_who_exists() {
    let mut world = World::new();
    for who in ["pia", "cora", "yann"] {
        world.edit(who, |it| it.locale = Some(Locale::Fr));
        let before = world.collaborator(who).clone();
        let command = InviteCommand {
            name: Some(name("Mallory")),
            locale: Some(Locale::En),
            ..invite_command(who, Role::Observer)
        };
        world.done(world.invite_with("sister", GALA, &command));
        let after = world.collaborator(who);
        assert_eq!((&after.name, after.locale), (&before.name, before.locale), "{who}");
        let kept = after.grants.get(&scope(SUMMIT));
        assert!(kept.is_none() || kept == before.grants.get(&scope(SUMMIT)), "{who}");
    }
}

#[test]
fn somebody_who_has_a_grant_here_is_named_and_not_invited_again() {
    let world = World::new();
    for who in ["cora", "pia"] {
        let refused = world.invite("eve", SUMMIT, who, Role::Administrator).unwrap_err();
        assert_eq!(refused, Refusal::AlreadyHasAccess(id(who)));
    }
    assert!(world.invite("olga", ACME, "cora", Role::Reader).is_ok(), "but not here");
}

#[test]
fn a_grant_that_has_ended_does_not_stand_in_the_way_of_a_new_one() {
    let mut world = World::new();
    let nina =
        collaborator("nina").holding(SUMMIT, Role::Reader).until(NOW).holding(TECH, Role::Reader);
    world.add(nina);
    let outcome = world.invite("eve", SUMMIT, "nina", Role::Manager).unwrap();
    let grant = outcome.answer.grant(SUMMIT);
    assert_eq!((grant.role, grant.expires_at), (Role::Manager, None));
    assert_eq!(outcome.answer.status(NOW), Status::Active);
}

// Security, line 21.
#[test]
fn an_invitation_of_somebody_expired_starts_anew_and_only_the_grant_given_now_survives() {
    let mut world = World::new();
    let (used, before) = (world.client().seats.used, world.collaborator("xena").clone());
    world.fill();
    let outcome = world.done(world.invite("eve", SUMMIT, "xena", Role::Reader));
    let xena = world.collaborator("xena");
    assert_eq!(keys(&xena.grants), [SUMMIT]);
    assert_eq!((xena.status(NOW), xena.seat), (Status::Pending, true));
    assert_eq!(world.client().seats.used, used, "the seat was not given back yet");
    assert!(xena.version > before.version);
    let invitation = xena.invitation().unwrap();
    assert_eq!((invitation.token_hash, &invitation.mail_id), (None, &mail_id("invitation")));
    let entry = entry(&outcome.decision);
    assert!(entry.changes.get(&scope(ACME)).unwrap().after.is_none(), "the old grant is gone");
}

#[test]
fn somebody_expired_whose_seat_was_given_back_needs_one_again() {
    let mut world = World::new();
    world.fill();
    let refused = world.invite("sister", GALA, "yann", Role::Reader).unwrap_err();
    assert!(matches!(refused, Refusal::SeatLimitReached { .. }));
    world.client_mut().seats.limit = None;
    let outcome = world.invite("sister", GALA, "yann", Role::Reader).unwrap();
    assert_eq!((outcome.answer.seat, outcome.answer.forget_at), (true, None));
    world.apply(&outcome.decision);
    assert_eq!(world.client().seats.used, world.usage());
}

#[test]
fn somebody_whose_access_has_ended_is_invited_without_the_old_account_or_login() {
    let world = World::new();
    let lena = world.invite("eve", SUMMIT, "lena", Role::Reader).unwrap().answer;
    assert!(matches!(lena.membership, Membership::Pending(_)));
    assert_eq!((lena.last_login_at, lena.grants.len()), (None, 1));
}

#[test]
fn somebody_removed_and_invited_again_inherits_nothing_old() {
    let mut world = World::new();
    let old = world.collaborator("eve").version;
    world.done(world.revoke("olga", SUMMIT, "eve", Extent::Here));
    world.wait(MINUTE);
    world.done(world.invite("olga", GUILD, "eve", Role::Reader));
    let eve = world.collaborator("eve");
    assert_eq!((eve.status(world.now), eve.last_login_at), (Status::Pending, None));
    assert_eq!(keys(&eve.grants), [GUILD]);
    assert!(eve.version > old);
}

#[test]
fn an_owner_whose_link_has_expired_keeps_what_he_has_and_the_grant_joins() {
    let mut world = World::new();
    world.add(collaborator("gwen").holding(GALA, Role::Owner).invited_until(NOW));
    let outcome = world.invite("tess", TECH, "gwen", Role::Reader).unwrap();
    assert_eq!(outcome.answer.grants.len(), 2);
    assert_eq!(outcome.answer.invitation(), world.collaborator("gwen").invitation());
    assert!(outcome.decision.mails().is_empty());
}

#[test]
fn a_full_client_refuses_somebody_new_and_says_how_full_it_is() {
    let mut world = World::new();
    let used = world.usage();
    for limit in [0, 1, used] {
        world.client_mut().seats.limit = Some(limit);
        let refused = world.invite("olga", ACME, "nina", Role::Reader).unwrap_err();
        assert_eq!(refused, Refusal::SeatLimitReached { limit: Some(limit), used });
    }
    world.client_mut().seats.limit = Some(used + 1);
    world.done(world.invite("olga", ACME, "nina", Role::Reader));
    assert!(world.invite("olga", ACME, "noah", Role::Reader).is_err(), "the pending count");
    world.client_mut().seats.limit = None;
    assert!(world.invite("olga", ACME, "noah", Role::Reader).is_ok(), "unlimited");
}

#[test]
fn ownership_is_never_given_by_an_invitation() {
    let refused = World::new().invite("olga", ACME, "nina", Role::Owner).unwrap_err();
    assert_eq!(refused, Refusal::RoleNotAllowedHere);
}

// seed 003: "1 rôle à personnaliser (sur événement)"
#[test]
fn a_custom_role_is_given_on_events_only() {
    let (world, role) = (World::new(), custom(&[Permission::OrdersExport]));
    for at in [ACME, TECH, GUILD] {
        let refused = world.invite("olga", at, "nina", role).unwrap_err();
        assert_eq!(refused, Refusal::RoleNotAllowedHere, "{at}");
    }
    assert!(world.invite("olga", SUMMIT, "nina", role).is_ok());
}

#[test]
fn only_the_roles_that_the_client_offers_are_given() {
    let mut world = World::new();
    world.client_mut().roles = offered().into_iter().filter(|r| *r != RoleName::Reader).collect();
    let refused = world.invite("olga", ACME, "nina", Role::Reader).unwrap_err();
    assert_eq!(refused, Refusal::RoleNotOffered);
    assert!(world.invite("olga", ACME, "nina", Role::Observer).is_ok());
    assert!(!world.collaborator("rita").grants.is_empty(), "what was given stays");
}

#[test]
fn access_cannot_be_given_to_end_in_the_past_or_at_once() {
    let world = World::new();
    for (end, given) in [(NOW, false), (NOW.after(MINUTE), true)] {
        let command =
            InviteCommand { expires_at: Some(end), ..invite_command("nina", Role::Reader) };
        let outcome = world.invite_with("olga", ACME, &command);
        assert_eq!(outcome.is_ok(), given);
        assert!(given || outcome.unwrap_err() == Refusal::InvalidExpiry);
    }
}

#[test]
fn nobody_invites_himself_to_more() {
    let world = World::new();
    for (who, at) in [("tess", SUMMIT), ("olga", ACME), ("olga", SUMMIT)] {
        assert_eq!(world.invite(who, at, who, Role::Reader).unwrap_err(), Refusal::OwnRole);
    }
}

// seed 000: "Seul le propriétaire de l'événement peut accorder des permissions"
#[test]
fn where_only_owners_grant_administrators_do_not() {
    let mut world = World::new();
    world.client_mut().granting = Granting::Owner;
    for (who, at, gives) in [
        ("olga", ACME, true),
        ("olga", GALA, true),
        ("gwen", GALA, true),
        ("adam", ACME, false),
        ("adam", GALA, false),
        ("sister", GALA, false),
    ] {
        let outcome = world.invite(who, at, "nina", Role::Administrator);
        assert_eq!(outcome.is_ok(), gives, "{who} at {at}");
        assert!(gives || outcome.unwrap_err() == Refusal::Forbidden);
    }
    assert_eq!(
        world.invite("gwen", SUMMIT, "nina", Role::Reader).unwrap_err(),
        Refusal::ScopeNotFound
    );
}

#[test]
fn one_person_holds_two_hundred_grants_at_most() {
    let mut world = World::new();
    let most = (1..MAX_GRANTS)
        .fold(collaborator("nina").holding(ACME, Role::Reader), |collaborator, n| {
            collaborator.holding(&format!("acme:tech:event-{n}"), Role::Reader)
        });
    assert_eq!(most.grants.len(), MAX_GRANTS);
    let mut one_less = most.clone();
    one_less.grants.pop_last();
    world.add(one_less);
    let all = world.invite("eve", SUMMIT, "nina", Role::Reader).unwrap().answer;
    assert_eq!(all.grants.len(), MAX_GRANTS);
    world.add(most);
    let refused = world.invite("eve", SUMMIT, "nina", Role::Reader).unwrap_err();
    assert_eq!(refused, Refusal::TooManyGrants);
}

#[test]
fn capital_letters_do_not_make_somebody_new() {
    let world = World::new();
    let command = InviteCommand {
        email: Email::parse("CORA@example.org").unwrap(),
        ..invite_command("cora", Role::Reader)
    };
    assert_eq!(command.email, email("cora"));
    let facts = world.facts("eve", SUMMIT, "cora");
    let outcome = coulisses_domain::invite::decide(&facts, &command, mail_id("s"), NOW);
    assert_eq!(outcome.unwrap_err(), Refusal::AlreadyHasAccess(id("cora")));
}
