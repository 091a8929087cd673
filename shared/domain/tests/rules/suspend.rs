//! Suspending and restoring.

use crate::prelude::*;

#[test]
fn a_suspended_collaborator_keeps_their_grants_holds_nothing_and_gives_the_seat_back() {
    let mut world = World::new();
    let (before, used) = (world.collaborator("cora").clone(), world.client().seats.used);
    let outcome = world.suspend("olga", "cora", Wanted::Suspended).unwrap();
    assert!(outcome.decision.mails().is_empty());
    let entry = &outcome.decision.history()[0];
    assert_eq!(entry.action, Action::Suspended);
    let statuses = |state: &Option<GrantState>| state.as_ref().and_then(|state| state.status);
    for (at, change) in &entry.changes {
        assert_eq!(statuses(&change.before), Some(Status::Active), "{at}");
        assert_eq!(statuses(&change.after), Some(Status::Suspended), "{at}");
    }
    assert_eq!(entry.changes.len(), before.grants.len());
    world.apply(&outcome.decision);
    let cora = world.collaborator("cora");
    assert_eq!(
        (cora.status(NOW), cora.seat, &cora.grants),
        (Status::Suspended, false, &before.grants)
    );
    assert_eq!(world.client().seats.used, used - 1);
    let subject = Subject { collaborator: cora, granting: Granting::Administrators };
    assert!(
        subject.permissions(&scope(SUMMIT), NOW).is_empty() && subject.holdings(NOW).is_empty()
    );
    assert!(!RecipientFilter::default().includes(cora, &scope(SUMMIT), NOW));
    assert_eq!(world.login("cora").unwrap_err(), Refusal::ScopeNotFound);
    assert_eq!(
        world.invite("cora", SUMMIT, "nina", Role::READER).unwrap_err(),
        Refusal::ScopeNotFound
    );
    assert_eq!(
        world.invite("for cora", SUMMIT, "nina", Role::READER).unwrap_err(),
        Refusal::ScopeNotFound
    );

    let again = world.suspend("olga", "cora", Wanted::Suspended).unwrap();
    assert!(again.decision.is_empty() && again.decision.history().is_empty());
    world.done(world.assign("olga", SUMMIT, "cora", Role::READER));
    let restored = world.suspend("platform", "cora", Wanted::Restored).unwrap();
    assert_eq!(restored.decision.history()[0].action, Action::Restored);
    world.apply(&restored.decision);
    let cora = world.collaborator("cora");
    assert_eq!(
        (cora.status(NOW), cora.seat, &cora.membership),
        (Status::Active, true, &before.membership)
    );
    assert_eq!(cora.grant(SUMMIT).role, Role::READER, "the role was changed meanwhile");
    assert_eq!(world.client().seats.used, used);
    assert!(world.suspend("olga", "cora", Wanted::Restored).unwrap().decision.is_empty());
}

#[test]
fn the_link_of_a_suspended_invitation_is_dead_until_they_are_restored() {
    let mut world = World::new();
    let token = world.deliver("pia", 1);
    world.done(world.suspend("olga", "pia", Wanted::Suspended));
    let pia = world.caller("pia");
    assert_eq!(world.accept(&pia, &token).unwrap_err(), Refusal::InvitationNotFound);
    assert_eq!(world.login("pia").unwrap_err(), Refusal::ScopeNotFound);
    assert_eq!(world.resend("olga", SUMMIT, "pia").unwrap_err(), Refusal::NotPending);
    world.done(world.suspend("olga", "pia", Wanted::Restored));
    assert!(world.accept(&world.caller("pia"), &token).is_ok());
}

#[test]
fn restoring_takes_a_seat_or_is_refused() {
    let mut world = World::new();
    world.done(world.suspend("olga", "cora", Wanted::Suspended));
    world.client_mut().seats.limit = Some(world.client().seats.used);
    let refused = world.suspend("olga", "cora", Wanted::Restored).unwrap_err();
    assert!(matches!(refused, Refusal::SeatLimitReached { .. }), "{refused}");
}

#[test]
fn those_who_can_revoke_all_access_of_a_person_can_suspend_them_and_no_one_else() {
    let world = World::new();
    for (by, who, refused) in [
        ("olga", "adam", None),
        ("adam", "eve", None),
        ("platform", "adam", None),
        ("adam", "adam", Some(Refusal::OwnRole)),
        ("adam", "olga", Some(Refusal::OwnerMustTransfer)),
        ("platform", "gwen", Some(Refusal::OwnerMustTransfer)),
        ("rita", "cora", Some(Refusal::Forbidden)),
        ("eve", "cora", Some(Refusal::ScopeNotFound)),
        ("olga", "xena", Some(Refusal::NotActive)),
        ("olga", "nobody", Some(Refusal::CollaboratorNotFound)),
    ] {
        assert_eq!(world.suspend(by, who, Wanted::Suspended).err(), refused, "{who} by {by}");
    }
}

#[test]
fn a_suspended_person_becomes_no_owner_and_moves_to_no_other_address() {
    let mut world = World::new();
    world.done(world.suspend("olga", "cora", Wanted::Suspended));
    assert_eq!(world.hand_to("olga", ACME, "cora").unwrap_err(), Refusal::NotActive);
    assert_eq!(world.hand_to_email("platform", ACME, "cora").unwrap_err(), Refusal::NotActive);
    let Membership::Suspended(Former::Active(_)) = &world.collaborator("cora").membership else {
        panic!("she was active");
    };
}

#[test]
fn restoring_a_person_whose_access_has_ended_meanwhile_is_in_the_history() {
    let mut world = World::new();
    let ends = until(NOW.after(DAY));
    let invited = InviteCommand { lifetime: ends, ..invite_command("nina", Role::READER) };
    world.done(world.invite_with("olga", TECH, &invited));
    world.done(world.suspend("olga", "nina", Wanted::Suspended));
    world.now = NOW.after(DAY * 2);
    let restored = world.suspend("olga", "nina", Wanted::Restored).unwrap();
    assert_eq!(restored.decision.history()[0].changes.len(), 1);
    assert_eq!(restored.answer.status(world.now), Status::Expired);
}
