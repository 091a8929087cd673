//! Recording a login, which activates a pending collaborator.

use coulisses_domain::login;

use crate::prelude::*;

#[test]
fn the_first_login_makes_a_pending_collaborator_active_without_a_seat() {
    let mut world = World::new();
    world.fill();
    let outcome = world.done(world.login("pia"));
    assert!(outcome.answer.activated && outcome.decision.client().is_none());
    assert_eq!(entry(&outcome.decision).action, Action::Activated);
    let pia = world.collaborator("pia");
    assert_eq!((pia.status(NOW), pia.last_login_at), (Status::Active, Some(NOW)));
    assert!(pia.is_bound_to(&account("pia")));
}

#[test]
fn after_an_activation_by_login_the_link_works_for_that_account_only() {
    let mut world = World::new();
    let token = world.deliver("pia", 1);
    world.done(world.login("pia"));
    assert!(world.accept(&world.caller("pia"), &token).unwrap().decision.is_empty());
    let thief = world.caller_as("pia", account("thief"));
    assert_eq!(world.accept(&thief, &token).unwrap_err(), Refusal::InvitationUsed);
}

#[test]
fn a_login_does_not_activate_an_expired_invitation() {
    let world = World::new();
    for who in ["xena", "yann"] {
        let outcome = world.login(who).unwrap();
        assert!(!outcome.answer.activated && outcome.decision.is_empty(), "{who}");
        assert_eq!(outcome.answer.collaborator.last_login_at, None);
    }
}

#[test]
fn a_login_of_an_active_collaborator_is_not_a_change_of_access() {
    let mut world = World::new();
    let version = world.collaborator("cora").version;
    let outcome = world.done(world.login("cora"));
    assert!(!outcome.answer.activated);
    assert!(outcome.decision.history().is_empty() && outcome.decision.mails().is_empty());
    let cora = world.collaborator("cora");
    assert_eq!((cora.last_login_at, cora.version), (Some(NOW), version));
}

#[test]
fn the_last_login_never_goes_backwards() {
    for last in [NOW, NOW.after(MINUTE)] {
        let mut world = World::new();
        world.edit("cora", |cora| cora.last_login_at = Some(last));
        let outcome = world.login("cora").unwrap();
        assert!(outcome.decision.is_empty());
        assert_eq!(outcome.answer.collaborator.last_login_at, Some(last));
    }
    // Nor for an unbound owner, whose login activates them.
    let (mut world, later) = (World::new(), NOW.after(Duration::from_secs(5)));
    world.edit("olga", |olga| olga.last_login_at = Some(later));
    world.done(world.hand_to_email("platform", ACME, "olga"));
    let outcome = world.login("olga").unwrap();
    assert!(outcome.answer.activated);
    assert_eq!(outcome.answer.collaborator.last_login_at, Some(later));
    // The first login is recorded even if the clock is behind.
    world.edit("cora", |cora| cora.last_login_at = None);
    let early = before_now(MINUTE);
    let outcome = login::decide(&world.caller("cora"), early).unwrap();
    assert_eq!(outcome.answer.collaborator.last_login_at, Some(early));
}

// docs/security.md#line-7
#[test]
fn other_accounts_strangers_and_the_platform_have_no_login_here() {
    let world = World::new();
    let thief = world.caller_as("cora", account("thief"));
    assert_eq!(login::decide(&thief, NOW).unwrap_err(), Refusal::ScopeNotFound);
    assert_eq!(world.login("stranger").unwrap_err(), Refusal::ScopeNotFound);
    assert_eq!(world.login("platform").unwrap_err(), Refusal::Forbidden);
}
