//! Unbinding a person from their account.

use coulisses_domain::unbind;

use crate::prelude::*;

/// Every refusal of a change of identity, for both commands (docs/security.md#line-27).
pub fn refuses_what_the_caller_may_not_change(
    change: impl Fn(&World, &str, &str) -> Result<Decision, Refusal>,
) {
    let mut world = World::new();
    world.add(collaborator("dora").holding(SUMMIT, Role::READER).holding(GALA, Role::OBSERVER));
    for (by, who, refused) in [
        ("adam", "adam", Refusal::Forbidden),
        ("olga", "olga", Refusal::Forbidden),
        ("adam", "olga", Refusal::Forbidden),
        ("adam", "gwen", Refusal::Forbidden),
        ("olga", "gwen", Refusal::Forbidden),
        ("rita", "dora", Refusal::Forbidden),
        ("rita", "rita", Refusal::Forbidden),
        ("eve", "cora", Refusal::ScopeNotFound),
        ("pia", "cora", Refusal::ScopeNotFound),
        ("stranger", "cora", Refusal::ScopeNotFound),
        ("adam", "nobody", Refusal::CollaboratorNotFound),
        ("platform", "nobody", Refusal::CollaboratorNotFound),
    ] {
        assert_eq!(change(&world, by, who).unwrap_err(), refused, "{who} by {by}");
    }
    for (by, who) in
        [("adam", "dora"), ("olga", "dora"), ("platform", "olga"), ("platform", "gwen")]
    {
        assert!(change(&world, by, who).is_ok(), "{who} by {by}");
    }
    // With owner-only granting, an administrator can give no one access.
    world.client_mut().granting = Granting::Owner;
    assert_eq!(change(&world, "adam", "dora").unwrap_err(), Refusal::Forbidden);
    assert!(change(&world, "olga", "dora").is_ok());
}

fn unbinding(world: &World, by: &str, who: &str) -> Result<Decision, Refusal> {
    world.unbind(by, who).map(|outcome| outcome.decision)
}

#[test]
fn an_unbound_person_keeps_grants_and_seat_and_is_invited_again() {
    let mut world = World::new();
    world.client_mut().seats.limit = Some(0);
    let before = world.collaborator("cora").clone();
    let used = world.client().seats.used;
    let outcome = world.done(world.unbind("adam", "cora"));
    let cora = world.collaborator("cora");
    let invitation = cora.invitation().unwrap();
    assert_eq!((cora.status(NOW), &cora.grants), (Status::Pending, &before.grants));
    assert_eq!((cora.seat, world.client().seats.used), (true, used));
    assert!(cora.version > before.version && cora.was_active());
    assert_eq!(invitation.invited_by, outcome.decision.history()[0].actor);
    assert_eq!(invitation.expires_at, NOW.after(14 * DAY));
    let mail = mail(&outcome.decision);
    assert_eq!((mail.kind, &mail.mail_id), (MailKind::Invitation, &invitation.mail_id));
    let entry = entry(&outcome.decision);
    assert_eq!((entry.action, keys(&entry.changes)), (Action::AccountUnbound, vec![SUMMIT]));
    // The former account has no access, and another account of the address can take its place.
    assert_eq!(world.resend("cora", SUMMIT, "pia").unwrap_err(), Refusal::ScopeNotFound);
    let token = world.deliver("cora", 1);
    world.done(world.accept(&world.caller_as("cora", account("new")), &token));
    assert!(world.collaborator("cora").is_bound_to(&account("new")));
}

#[test]
fn an_account_is_unbound_only_by_those_who_can_give_all_access_and_never_of_an_owner() {
    refuses_what_the_caller_may_not_change(unbinding);
}

/// With the present roles, only a request at another scope than the client reaches this refusal; the routes permit none.
#[test]
fn each_grant_of_the_person_must_be_one_that_the_caller_can_give() {
    let mut world = World::new();
    let dora = collaborator("dora").holding(SUMMIT, Role::READER);
    world.add(dora.clone());
    let at_summit = |world: &World| {
        let (facts, version) =
            (world.facts("eve", SUMMIT, "dora"), world.collaborator("dora").version);
        unbind::decide(&facts, version.into(), mail_id("unbound"), NOW).map(drop)
    };
    assert_eq!(at_summit(&world), Ok(()));
    for beyond in [dora.clone().holding(GALA, Role::OBSERVER), dora.holding(TECH, Role::READER)] {
        world.add(beyond);
        assert_eq!(at_summit(&world), Err(Refusal::Forbidden));
    }
}

#[test]
fn only_an_active_person_is_unbound() {
    let world = World::new();
    for who in ["pia", "xena", "lena"] {
        assert_eq!(unbinding(&world, "adam", who).unwrap_err(), Refusal::NotActive, "{who}");
    }
}

#[test]
fn an_account_is_unbound_on_the_version_that_the_caller_read() {
    let mut world = World::new();
    world.edit("cora", |cora| cora.version = cora.version.successor());
    let refused = world.unbind_on("adam", "cora", Version::first(long_ago())).unwrap_err();
    assert_eq!(refused, Refusal::StaleVersion);
    let facts = world.facts("adam", ACME, "cora");
    let missing = unbind::decide(&facts, Precondition::Missing, mail_id("unbound"), NOW);
    assert_eq!(missing.map(drop), Err(Refusal::VersionRequired));
    assert!(unbinding(&world, "adam", "cora").is_ok());
}

#[test]
fn unbinding_counts_as_a_resend() {
    let mut world = World::new();
    world.done(world.unbind("adam", "cora"));
    let token = world.deliver("cora", 1);
    world.done(world.accept(&world.caller("cora"), &token));
    let refused = unbinding(&world, "adam", "cora").unwrap_err();
    assert!(matches!(refused, Refusal::ResendTooSoon { .. }), "{refused}");
    assert_eq!(world.client().mails.invitations, 1);
}

#[test]
fn the_record_of_the_caller_must_be_unchanged() {
    let outcome = World::new().unbind("adam", "cora").unwrap();
    let checked = |change: &&Change<Collaborator>| matches!(change, Change::Check(_));
    let checked = outcome.decision.collaborators().iter().find(checked).unwrap();
    assert_eq!(checked.record().id, id("adam"));
}
