//! Accepting an invitation, and viewing it first.

use coulisses_domain::accept::preview;

use crate::prelude::*;

fn previewed(world: &World, token: &Token) -> Result<usize, Refusal> {
    preview(&world.named_by(token), token, world.now).map(|(_, invited, _)| invited.grants.len())
}

#[test]
fn accepting_makes_the_collaborator_active_without_a_new_seat() {
    let mut world = World::new();
    world.fill();
    let token = world.deliver("pia", 1);
    let before = world.collaborator("pia").version;
    let outcome = world.done(world.accept(&world.caller("pia"), &token));
    assert!(outcome.decision.client().is_none(), "no seat, no mail");
    let pia = world.collaborator("pia");
    assert_eq!((pia.status(NOW), pia.version), (Status::Active, before.successor()));
    assert!(pia.is_bound_to(&account("pia")));
    assert_eq!(pia.last_login_at, None, "accepting is not a login");
    let entry = entry(&outcome.decision);
    assert_eq!((entry.action, &entry.actor), (Action::Activated, &actor("pia")));
}

#[test]
fn the_name_that_the_account_claims_is_used_only_if_none_is_recorded() {
    for (recorded, shown) in [(None, "Claimed"), (Some(name("Pia P.")), "Pia P.")] {
        let mut world = World::new();
        world.edit("pia", |pia| pia.name = recorded);
        let token = world.deliver("pia", 1);
        let accepted = world.accept(&world.caller("pia"), &token).unwrap().answer;
        assert_eq!(accepted.collaborator.name, Some(name(shown)));
    }
}

// docs/security.md#line-6
#[test]
fn accepting_twice_changes_nothing_and_returns_the_same() {
    let mut world = World::new();
    let token = world.deliver("pia", 1);
    let first = world.done(world.accept(&world.caller("pia"), &token));
    world.wait(MINUTE);
    let second = world.accept(&world.caller("pia"), &token).unwrap();
    assert!(second.decision.is_empty() && second.decision.history().is_empty());
    assert_eq!(second.answer.collaborator, first.answer.collaborator);
}

// docs/security.md#line-6, docs/security.md#line-7
#[test]
fn a_used_token_is_used_up_for_every_other_account() {
    let mut world = World::new();
    let token = world.deliver("pia", 1);
    world.done(world.accept(&world.caller("pia"), &token));
    let other_issuer = Account { iss: "https://other.example".into(), ..account("pia") };
    for other in [
        world.caller_as("pia", account("thief")),
        world.caller_as("pia", other_issuer),
        world.caller("cora"),
    ] {
        assert_eq!(world.accept(&other, &token).unwrap_err(), Refusal::InvitationUsed);
    }
    assert_eq!(previewed(&world, &token), Err(Refusal::InvitationUsed));
    let wrong = crate::world::token(&id("pia"), 2);
    for who in ["pia", "cora"] {
        let refused = world.accept(&world.caller(who), &wrong).unwrap_err();
        assert_eq!(
            refused,
            Refusal::InvitationNotFound,
            "only the right token says that it was used"
        );
    }
    assert_eq!(previewed(&world, &wrong), Err(Refusal::InvitationNotFound));
}

#[test]
fn a_forwarded_link_activates_no_other_address() {
    let mut world = World::new();
    let token = world.deliver("pia", 1);
    for (who, refused) in [
        ("cora", Refusal::EmailMismatch),
        ("stranger", Refusal::EmailMismatch),
        ("platform", Refusal::Forbidden),
    ] {
        assert_eq!(world.accept(&world.caller(who), &token).unwrap_err(), refused, "{who}");
    }
}

// docs/security.md#line-2
#[test]
fn a_wrong_token_is_unknown_even_if_the_right_one_has_expired() {
    let mut world = World::new();
    for who in ["pia", "xena"] {
        world.deliver(who, 1);
        for wrong in [token(&id(who), 2), token(&id("cora"), 1), token(&id("nobody"), 1)] {
            let refused = world.accept(&world.caller(who), &wrong).unwrap_err();
            assert_eq!(refused, Refusal::InvitationNotFound, "{who}");
            assert_eq!(previewed(&world, &wrong), Err(Refusal::InvitationNotFound));
        }
    }
    let other = Token::new(ClientId::parse("other").unwrap(), id("pia"), [1; 32]);
    let invited = Some(world.collaborator("pia").clone());
    let facts = AcceptFacts { client: world.client.clone(), invited };
    assert_eq!(preview(&facts, &other, NOW).unwrap_err(), Refusal::InvitationNotFound);
}

#[test]
fn an_invitation_without_a_rendered_mail_has_no_token() {
    let mut world = World::new();
    world.done(world.invite("eve", SUMMIT, "nina", Role::READER));
    let refused = world.accept(&world.caller("nina"), &token(&id("nina"), 7)).unwrap_err();
    assert_eq!(refused, Refusal::InvitationNotFound);
}

#[test]
fn the_right_token_is_refused_as_expired_by_the_clock() {
    let mut world = World::new();
    let token = world.deliver("pia", 1);
    let end = world.collaborator("pia").invitation().unwrap().expires_at;
    world.wait(end.since(NOW).checked_sub(MINUTE).unwrap());
    assert!(world.accept(&world.caller("pia"), &token).is_ok(), "a minute before");
    world.wait(MINUTE);
    let refused = world.accept(&world.caller("pia"), &token).unwrap_err();
    assert_eq!(refused, Refusal::InvitationExpired);
    assert_eq!(previewed(&world, &token), Err(Refusal::InvitationExpired));
}

#[test]
fn an_invitation_whose_access_has_ended_needs_a_new_one() {
    let mut world = World::new();
    let soon = NOW.after(MINUTE);
    world.add(collaborator("nina").holding(ACME, Role::READER).until(NOW).invited_until(soon));
    let token = world.deliver("nina", 1);
    let refused = world.accept(&world.caller("nina"), &token).unwrap_err();
    assert_eq!(refused, Refusal::InvitationEnded);
    assert_eq!(previewed(&world, &token), Err(Refusal::InvitationEnded));
    world.wait(MINUTE);
    assert_eq!(previewed(&world, &token), Err(Refusal::InvitationEnded), "a resend is refused too");
    let wrong = crate::world::token(&id("nina"), 2);
    assert_eq!(previewed(&world, &wrong), Err(Refusal::InvitationNotFound));
}

#[test]
fn a_preview_shows_the_invitation_until_it_is_used_or_revoked() {
    for revoked in [false, true] {
        let mut world = World::new();
        let token = world.deliver("pia", 1);
        assert_eq!(previewed(&world, &token), Ok(1));
        if revoked {
            world.done(world.revoke("eve", SUMMIT, "pia", Extent::Here));
            let refused = world.accept(&world.caller("pia"), &token).unwrap_err();
            assert_eq!(refused, Refusal::InvitationNotFound);
            assert_eq!(previewed(&world, &token), Err(Refusal::InvitationNotFound));
        } else {
            world.done(world.accept(&world.caller("pia"), &token));
            assert_eq!(previewed(&world, &token), Err(Refusal::InvitationUsed));
        }
    }
}

// docs/security.md#line-15
#[test]
fn only_the_first_of_two_concurrent_acceptances_can_be_written() {
    let mut world = World::new();
    let token = world.deliver("pia", 1);
    let second = world.accept(&world.caller_as("pia", account("pia-2")), &token).unwrap();
    world.done(world.accept(&world.caller("pia"), &token));
    let [Change::Update { before, .. }] = second.decision.collaborators() else { panic!() };
    assert_ne!(before, world.collaborator("pia"), "the record that it relies on has changed");
    assert!(matches!(world.collaborator("pia").membership, Membership::Active(_)));
}

#[test]
fn a_pending_grant_that_was_revoked_is_not_given() {
    let mut world = World::new();
    let nina = collaborator("nina").holding(SUMMIT, Role::READER).holding(GALA, Role::MANAGER);
    world.add(nina.invited_until(NOW.after(MINUTE)));
    let token = world.deliver("nina", 1);
    world.done(world.revoke("eve", SUMMIT, "nina", Extent::Here));
    let outcome = world.accept(&world.caller("nina"), &token).unwrap();
    assert_eq!(keys(&outcome.answer.collaborator.grants), [GALA]);
}
