//! The history: who changed whose access, from what to what.

use crate::prelude::*;

fn state(role: Role, status: Status) -> GrantState {
    GrantState { role, status: Some(status), expires_at: None, outlives_event: false }
}

#[test]
fn an_entry_has_actor_action_collaborator_grants_and_time() {
    let world = World::new();
    let outcome = world.assign("eve", SUMMIT, "cora", Role::MANAGER).unwrap();
    let entry = entry(&outcome.decision);
    assert_eq!((entry.at, entry.action), (NOW, Action::RoleChanged));
    assert_eq!(
        entry.actor,
        Actor::User { email: email("eve"), name: Some(name("eve")), via: None }
    );
    assert_eq!(entry.collaborator.as_ref().unwrap().id, id("cora"));
    assert_eq!(entry.collaborator.as_ref().unwrap().name, Some(name("cora")));
    assert_eq!(entry.changes.len(), 1);
    assert_eq!(
        entry.changes.get(&scope(SUMMIT)),
        Some(&GrantChange {
            before: Some(state(Role::CONTRIBUTOR, Status::Active)),
            after: Some(state(Role::MANAGER, Status::Active)),
        })
    );
}

#[test]
fn an_actor_without_a_recorded_name_has_the_claimed_one() {
    let mut world = World::new();
    world.edit("eve", |it| it.name = None);
    let outcome = world.invite("eve", SUMMIT, "nina", Role::READER).unwrap();
    let claimed = Actor::User { email: email("eve"), name: Some(name("Claimed")), via: None };
    assert_eq!(entry(&outcome.decision).actor, claimed);
    assert_eq!(outcome.answer.invitation().unwrap().invited_by, claimed);
    assert_eq!(outcome.answer.grant(SUMMIT).granted_by, claimed);
}

#[test]
fn a_grant_keeps_its_inviter_after_the_acceptance() {
    let mut world = World::new();
    world.done(world.invite("eve", SUMMIT, "nina", Role::READER));
    let token = world.deliver("nina", 1);
    world.done(world.accept(&world.caller("nina"), &token));
    let grant = world.collaborator("nina").grant(SUMMIT);
    assert_eq!(grant.granted_by, actor("eve"));
}

#[test]
fn an_acceptance_shows_at_every_scope_with_a_pending_grant() {
    let mut world = World::new();
    let nina = collaborator("nina").holding(SUMMIT, Role::READER).holding(GALA, Role::MANAGER);
    world.add(nina.invited_until(NOW.after(DAY)));
    let outcome = world.login("nina").unwrap();
    let entry = entry(&outcome.decision);
    assert_eq!(entry.actor, actor("nina"));
    let change = |role| GrantChange {
        before: Some(state(role, Status::Pending)),
        after: Some(state(role, Status::Active)),
    };
    assert_eq!(entry.changes.get(&scope(SUMMIT)), Some(&change(Role::READER)));
    assert_eq!(entry.changes.get(&scope(GALA)), Some(&change(Role::MANAGER)));
}

#[test]
fn an_entry_contains_only_the_changed_grants() {
    let mut world = World::new();
    world.add(collaborator("nina").holding(SUMMIT, Role::READER).holding(GALA, Role::MANAGER));
    let decisions = [
        world.assign("eve", SUMMIT, "nina", Role::OBSERVER).unwrap().decision,
        world.revoke("eve", SUMMIT, "nina", Extent::Here).unwrap().decision,
    ];
    for decision in &decisions {
        assert_eq!(entry(decision).changes.keys().collect::<Vec<_>>(), [&scope(SUMMIT)]);
    }
    let joined = world.invite("tess", TECH, "nina", Role::OBSERVER).unwrap().decision;
    assert_eq!(entry(&joined).changes.keys().collect::<Vec<_>>(), [&scope(TECH)]);
}

#[test]
fn a_resend_shows_at_every_scope_with_a_grant() {
    let world = World::new();
    let outcome = world.resend("eve", SUMMIT, "pia").unwrap();
    let change = entry(&outcome.decision).changes.get(&scope(SUMMIT)).unwrap().clone();
    assert_eq!(change.before, change.after);
    let revived = world.resend("adam", ACME, "xena").unwrap();
    let change = entry(&revived.decision).changes.get(&scope(ACME)).unwrap().clone();
    assert_eq!(change.before, Some(state(Role::Administrator, Status::Expired)));
    assert_eq!(change.after, Some(state(Role::Administrator, Status::Pending)));
}

#[test]
fn the_label_of_a_removed_collaborator_stays_readable() {
    let mut world = World::new();
    let outcome = world.done(world.revoke("eve", SUMMIT, "cora", Extent::Here));
    assert!(!world.knows("cora"));
    let entry = entry(&outcome.decision);
    assert_eq!(entry.collaborator.as_ref().unwrap().email, email("cora"));
    let change = entry.changes.get(&scope(SUMMIT)).unwrap();
    assert_eq!(change.before, Some(state(Role::CONTRIBUTOR, Status::Active)));
    assert_eq!(change.after, None);
}

#[test]
fn an_ended_grant_is_shown_as_expired() {
    let mut world = World::new();
    let nina = collaborator("nina").holding(SUMMIT, Role::MANAGER).until(NOW);
    world.add(nina.holding(TECH, Role::READER));
    let outcome = world.assign("eve", SUMMIT, "nina", Role::MANAGER).unwrap();
    let change = entry(&outcome.decision).changes.get(&scope(SUMMIT)).unwrap();
    assert_eq!(change.before.as_ref().unwrap().status, Some(Status::Expired));
    assert_eq!(change.after.as_ref().unwrap().status, Some(Status::Active));
}
