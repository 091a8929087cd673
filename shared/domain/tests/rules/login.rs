//! Recording a login, which is shown to the team and activates somebody pending.

use coulisses_domain::login;

use crate::prelude::*;

#[test]
fn the_first_login_makes_somebody_pending_active_without_a_seat() {
    let mut world = World::new();
    world.fill();
    let outcome = world.login("pia").unwrap();
    assert!(outcome.answer.activated && outcome.decision.client().is_none());
    assert_eq!(entry(&outcome.decision).action, Action::Activated);
    world.apply(&outcome.decision);
    let pia = world.collaborator("pia");
    assert_eq!((pia.status(NOW), pia.last_login_at), (Status::Active, Some(NOW)));
    assert!(pia.is_bound_to(&account("pia")));
}

#[test]
fn after_an_activation_by_login_the_link_answers_that_account_as_well() {
    let mut world = World::new();
    let token = world.deliver("pia", 1);
    world.done(world.login("pia"));
    assert!(world.accept(&world.caller("pia"), &token).unwrap().decision.is_empty());
    let thief = world.caller_as("pia", account("thief"));
    assert_eq!(world.accept(&thief, &token).unwrap_err(), Refusal::InvitationNotFound);
}

#[test]
fn an_expired_invitation_is_not_activated_by_a_login() {
    let world = World::new();
    for who in ["xena", "yann"] {
        let outcome = world.login(who).unwrap();
        assert!(!outcome.answer.activated && outcome.decision.is_empty(), "{who}");
        assert_eq!(outcome.answer.collaborator.last_login_at, None);
    }
}

#[test]
fn a_login_of_somebody_active_is_shown_and_is_no_change_of_access() {
    let mut world = World::new();
    let version = world.collaborator("cora").version;
    let outcome = world.login("cora").unwrap();
    assert!(!outcome.answer.activated);
    assert!(outcome.decision.history().is_empty() && outcome.decision.mails().is_empty());
    world.apply(&outcome.decision);
    assert_eq!(world.collaborator("cora").last_login_at, Some(NOW));
    assert_eq!(
        world.collaborator("cora").version,
        version,
        "nobody's role change gets stale by it"
    );
}

#[test]
fn the_last_login_never_goes_backwards() {
    for last in [NOW, NOW.after(MINUTE)] {
        let mut world = World::new();
        world.edit("cora", |it| it.last_login_at = Some(last));
        let outcome = world.login("cora").unwrap();
        assert!(outcome.decision.is_empty());
        assert_eq!(outcome.answer.collaborator.last_login_at, Some(last));
    }
}

#[test]
fn the_last_login_of_an_owner_who_was_unbound_does_not_go_backwards_either() {
    let mut world = World::new();
    let later = NOW.after(Duration::from_secs(5));
    let mut olga = collaborator("olga").holding(ACME, Role::Owner);
    olga.last_login_at = Some(later);
    world.add(olga);
    world.done(world.hand_to_email("platform", ACME, "olga"));
    let outcome = world.login("olga").unwrap();
    assert!(outcome.answer.activated);
    assert_eq!(outcome.answer.collaborator.last_login_at, Some(later));
}

// Security, line 7.
#[test]
fn the_same_address_under_another_account_is_unknown() {
    let world = World::new();
    let thief = world.caller_as("cora", account("thief"));
    assert_eq!(login::decide(&thief, NOW).unwrap_err(), Refusal::ScopeNotFound);
}

#[test]
fn strangers_and_the_platform_have_no_login_here() {
    let world = World::new();
    assert_eq!(world.login("stranger").unwrap_err(), Refusal::ScopeNotFound);
    assert_eq!(world.login("platform").unwrap_err(), Refusal::Forbidden);
}

#[test]
fn a_first_login_ever_is_recorded_whatever_the_clock() {
    let mut world = World::new();
    world.edit("cora", |it| it.last_login_at = None);
    let early: Timestamp = before_now(MINUTE);
    let outcome = login::decide(&world.caller("cora"), early).unwrap();
    assert_eq!(outcome.answer.collaborator.last_login_at, Some(early));
}
