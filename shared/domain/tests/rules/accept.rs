//! Accepting an invitation, and looking at it before.

use coulisses_domain::accept::preview;

use crate::prelude::*;

#[test]
fn whoever_accepts_is_active_bound_to_his_account_and_needs_no_seat() {
    let mut world = World::new();
    world.fill();
    let token = world.deliver("pia", 1);
    let outcome = world.accept(&world.caller("pia"), &token).unwrap();
    assert!(outcome.decision.client().is_none(), "no seat, no mail");
    world.apply(&outcome.decision);
    let pia = world.collaborator("pia");
    assert_eq!((pia.status(NOW), pia.version), (Status::Active, Version::first(NOW)));
    assert!(pia.is_bound_to(&account("pia")));
    assert_eq!(pia.last_login_at, None, "that is for a recorded login");
    let entry = entry(&outcome.decision);
    assert_eq!(entry.action, Action::Activated);
    assert_eq!(entry.actor, Actor::User { email: email("pia"), name: Some(name("pia")) });
}

#[test]
fn a_name_that_the_account_claims_fills_a_gap_and_replaces_nothing() {
    for (recorded, shown) in [(None, "Claimed"), (Some(name("Pia P.")), "Pia P.")] {
        let mut world = World::new();
        world.edit("pia", |it| it.name = recorded);
        let token = world.deliver("pia", 1);
        let accepted = world.accept(&world.caller("pia"), &token).unwrap().answer;
        assert_eq!(accepted.collaborator.name, Some(name(shown)));
    }
}

// Security, line 6.
#[test]
fn accepting_twice_changes_nothing_and_answers_the_same() {
    let mut world = World::new();
    let token = world.deliver("pia", 1);
    let first = world.done(world.accept(&world.caller("pia"), &token));
    world.wait(MINUTE);
    let second = world.accept(&world.caller("pia"), &token).unwrap();
    assert!(second.decision.is_empty() && second.decision.history().is_empty());
    assert_eq!(second.answer.collaborator, first.answer.collaborator);
}

// Security, lines 6 and 7.
#[test]
fn a_token_that_one_account_used_is_unknown_to_every_other_one() {
    let mut world = World::new();
    let token = world.deliver("pia", 1);
    world.done(world.accept(&world.caller("pia"), &token));
    for thief in [world.caller_as("pia", account("thief")), world.caller("cora")] {
        assert_eq!(world.accept(&thief, &token).unwrap_err(), Refusal::InvitationNotFound);
    }
    let mut elsewhere = account("pia");
    elsewhere.iss.push('x');
    let other_issuer = world.caller_as("pia", elsewhere);
    assert_eq!(world.accept(&other_issuer, &token).unwrap_err(), Refusal::InvitationNotFound);
}

#[test]
fn a_forwarded_link_lets_nobody_else_in() {
    let mut world = World::new();
    let token = world.deliver("pia", 1);
    for who in ["cora", "stranger"] {
        assert_eq!(world.accept(&world.caller(who), &token).unwrap_err(), Refusal::EmailMismatch);
    }
    assert_eq!(world.accept(&world.caller("platform"), &token).unwrap_err(), Refusal::Forbidden);
}

// Security, line 2.
#[test]
fn a_wrong_token_is_unknown_even_where_the_right_one_has_expired() {
    let mut world = World::new();
    for who in ["pia", "xena"] {
        world.deliver(who, 1);
        for wrong in [token(&id(who), 2), token(&id("cora"), 1), token(&id("nobody"), 1)] {
            let refused = world.accept(&world.caller(who), &wrong).unwrap_err();
            assert_eq!(refused, Refusal::InvitationNotFound, "{who}");
            assert_eq!(
                preview(&world.named_by(&wrong), &wrong, NOW).unwrap_err(),
                Refusal::InvitationNotFound
            );
        }
    }
    let other = Token::new(ClientId::parse("other").unwrap(), id("pia"), [1; 32]);
    let facts = AcceptFacts {
        client: world.client.clone(),
        invited: world.collaborators.get(&id("pia")).cloned(),
    };
    assert_eq!(preview(&facts, &other, NOW).unwrap_err(), Refusal::InvitationNotFound);
}

#[test]
fn a_mail_that_was_not_made_yet_has_no_token() {
    let mut world = World::new();
    world.done(world.invite("eve", SUMMIT, "nina", Role::Reader));
    let refused = world.accept(&world.caller("nina"), &token(&id("nina"), 7)).unwrap_err();
    assert_eq!(refused, Refusal::InvitationNotFound);
}

#[test]
fn the_right_token_too_late_is_told_so_by_the_clock_not_by_deletion() {
    let mut world = World::new();
    let token = world.deliver("pia", 1);
    let end = world.collaborator("pia").invitation().unwrap().expires_at;
    world.wait(end.since(NOW).checked_sub(MINUTE).unwrap());
    assert!(world.accept(&world.caller("pia"), &token).is_ok(), "a minute before");
    world.wait(MINUTE);
    let refused = world.accept(&world.caller("pia"), &token).unwrap_err();
    assert_eq!(refused, Refusal::InvitationExpired);
    assert_eq!(
        preview(&world.named_by(&token), &token, world.now).unwrap_err(),
        Refusal::InvitationExpired
    );
}

#[test]
fn access_that_ended_before_it_was_accepted_is_too_late_as_well() {
    let mut world = World::new();
    let soon = NOW.after(MINUTE);
    world.add(collaborator("nina").holding(ACME, Role::Reader).until(NOW).invited_until(soon));
    let token = world.deliver("nina", 1);
    let refused = world.accept(&world.caller("nina"), &token).unwrap_err();
    assert_eq!(refused, Refusal::InvitationExpired);
}

#[test]
fn a_revoked_invitation_is_unknown() {
    let mut world = World::new();
    let token = world.deliver("pia", 1);
    world.done(world.revoke("eve", SUMMIT, "pia", Extent::Here));
    let refused = world.accept(&world.caller("pia"), &token).unwrap_err();
    assert_eq!(refused, Refusal::InvitationNotFound);
}

#[test]
fn a_preview_shows_all_that_is_waiting_and_nothing_once_it_is_used() {
    let mut world = World::new();
    let token = world.deliver("pia", 1);
    let facts = world.named_by(&token);
    let (client, pia, invitation) = preview(&facts, &token, NOW).unwrap();
    assert_eq!((client.id.as_str(), pia.grants.len()), (ACME, 1));
    assert_eq!(invitation.invited_by, Actor::Platform);
    world.done(world.accept(&world.caller("pia"), &token));
    let facts = world.named_by(&token);
    assert_eq!(preview(&facts, &token, NOW).unwrap_err(), Refusal::InvitationNotFound);
}

// Security, line 15.
#[test]
fn of_two_acceptances_decided_at_once_only_one_still_holds() {
    let mut world = World::new();
    let token = world.deliver("pia", 1);
    let (first, second) = (
        world.accept(&world.caller("pia"), &token).unwrap(),
        world.accept(&world.caller_as("pia", account("pia-2")), &token).unwrap(),
    );
    world.apply(&first.decision);
    let stale = second.decision.collaborators().iter().all(|change| match change {
        Change::Update { before, .. } => before != world.collaborator("pia"),
        Change::Check(_) | Change::Create(_) | Change::Delete(_) => false,
    });
    assert!(stale, "what it was decided on is gone");
    assert!(matches!(world.collaborator("pia").membership, Membership::Active(_)));
}

#[test]
fn of_two_grants_that_were_waiting_the_one_taken_meanwhile_is_not_given() {
    let mut world = World::new();
    let nina = collaborator("nina").holding(SUMMIT, Role::Reader).holding(GALA, Role::Manager);
    world.add(nina.invited_until(NOW.after(MINUTE)));
    let token = world.deliver("nina", 1);
    world.done(world.revoke("eve", SUMMIT, "nina", Extent::Here));
    let outcome = world.accept(&world.caller("nina"), &token).unwrap();
    assert_eq!(keys(&outcome.answer.collaborator.grants), [GALA]);
}
