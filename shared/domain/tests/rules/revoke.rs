//! Revoking access, and leaving.

use coulisses_domain::revoke;

use crate::prelude::*;

fn done(world: &mut World, outcome: Result<Outcome<Revoked>, Refusal>) -> Revoked {
    let outcome = world.done(outcome);
    assert_eq!(world.client().seats.used, world.usage());
    outcome.answer
}

#[test]
fn revoking_the_last_grant_deletes_the_record_releases_the_seat_and_sends_a_mail() {
    let mut world = World::new();
    let used = world.client().seats.used;
    let cora = world.collaborator("cora").clone().until(NOW.after(DAY));
    world.add(cora);
    let outcome = world.revoke("eve", SUMMIT, "cora", Extent::Here).unwrap();
    let mail = mail(&outcome.decision);
    assert_eq!((mail.kind, mail.role, mail.access_until), (MailKind::AccessTaken, None, None));
    assert_eq!(mail.removed.as_ref().unwrap().email, email("cora"));
    assert_eq!(entry(&outcome.decision).action, Action::Revoked);
    assert_eq!(outcome.answer.before, *world.collaborator("cora"));
    let revoked = done(&mut world, Ok(outcome));
    assert_eq!(
        (revoked.seat_released, revoked.residual.len()),
        (None, 0),
        "she does not see the client"
    );
    assert_eq!(keys(&revoked.removed), [SUMMIT]);
    assert!(!world.knows("cora"));
    assert_eq!(world.client().seats.used, used - 1);
}

#[test]
fn the_response_contains_the_grants_that_still_give_access_here() {
    let mut world = World::new();
    let nina = collaborator("nina").holding(ACME, Role::Administrator).until(NOW);
    let nina = nina.holding(TECH, Role::READER).holding(SUMMIT, Role::MANAGER);
    world.add(nina.holding(GALA, Role::MANAGER));
    let before = world.collaborator("nina").version;
    let outcome = world.revoke("eve", SUMMIT, "nina", Extent::Here);
    let revoked = done(&mut world, outcome);
    assert_eq!(keys(&revoked.residual), [TECH], "no ended grant, none on a sister scope");
    assert_eq!(revoked.seat_released, None, "that would show the access at a sister scope");
    let nina = world.collaborator("nina");
    assert_eq!(nina.grants.len(), 3);
    assert!(nina.version > before);
}

#[test]
fn an_inherited_grant_is_not_revoked_from_below_and_its_source_is_named() {
    let mut world = World::new();
    world.add(collaborator("nina").holding(ACME, Role::READER).holding(TECH, Role::MANAGER));
    for extent in [Extent::Here, Extent::HereAndBelow] {
        let refused = world.revoke("eve", SUMMIT, "nina", extent).unwrap_err();
        assert_eq!(refused, Refusal::InheritedAccess(vec![scope(ACME), scope(TECH)]));
    }
}

// docs/security.md#line-10
#[test]
fn an_event_administrator_cannot_revoke_access_above_the_event() {
    let world = World::new();
    for (who, source) in [("tess", TECH), ("adam", ACME), ("olga", ACME)] {
        let refused = world.revoke("eve", SUMMIT, who, Extent::Here).unwrap_err();
        assert_eq!(refused, Refusal::InheritedAccess(vec![scope(source)]));
        let above = world.revoke("eve", source, who, Extent::Here).unwrap_err();
        assert_eq!(above, Refusal::ScopeNotFound);
    }
}

#[test]
fn revoking_below_removes_all_grants_on_the_scope_and_under_it() {
    let mut world = World::new();
    let nina = collaborator("nina").holding(ARTS, Role::READER).holding(SUMMIT, Role::READER);
    world.add(nina.holding(GALA, Role::MANAGER));
    let here = world.revoke("tess", TECH, "nina", Extent::Here).unwrap_err();
    assert_eq!(here, Refusal::CollaboratorNotFound, "her grants are below");
    let outcome = world.revoke("tess", TECH, "nina", Extent::HereAndBelow);
    assert_eq!(keys(&done(&mut world, outcome).removed), [GALA, SUMMIT]);
    assert_eq!(keys(&world.collaborator("nina").grants), [ARTS]);
    let outcome = world.revoke("olga", ACME, "nina", Extent::HereAndBelow);
    assert_eq!(done(&mut world, outcome).seat_released, Some(true));
}

#[test]
fn an_owner_grant_is_never_revoked_or_left_active_or_pending() {
    let mut world = World::new();
    world.add(collaborator("gwen").holding(GALA, Role::Owner).holding(SUMMIT, Role::READER));
    for (by, at, extent) in [
        ("olga", GALA, Extent::Here),
        ("sister", GALA, Extent::Here),
        ("adam", GALA, Extent::Here),
        ("gwen", GALA, Extent::Here),
        ("olga", ACME, Extent::HereAndBelow),
    ] {
        let refused = world.revoke(by, at, "gwen", extent).unwrap_err();
        assert_eq!(refused, Refusal::OwnerMustTransfer, "{by} at {at}");
    }
    let outcome = world.revoke("olga", SUMMIT, "gwen", Extent::Here);
    assert_ne!(
        done(&mut world, outcome).seat_released,
        Some(true),
        "the other grants of an owner can be"
    );
    world.add(collaborator("olga").holding(ACME, Role::Owner).invited_until(NOW));
    let refused = world.revoke("adam", ACME, "olga", Extent::HereAndBelow).unwrap_err();
    assert_eq!(refused, Refusal::OwnerMustTransfer, "pending");
}

#[test]
fn every_collaborator_except_an_owner_can_leave_without_a_mail() {
    for who in ["eve", "cora", "carl", "max"] {
        let mut world = World::new();
        let outcome = world.revoke(who, SUMMIT, who, Extent::Here).unwrap();
        assert_eq!(entry(&outcome.decision).action, Action::Left);
        assert!(outcome.decision.mails().is_empty());
        assert_ne!(done(&mut world, Ok(outcome)).seat_released, Some(false));
        assert!(!world.knows(who));
    }
}

#[test]
fn callers_who_cannot_grant_cannot_revoke_the_access_of_others() {
    let world = World::new();
    for who in ["cora", "max", "carl", "rita"] {
        let refused = world.revoke(who, SUMMIT, "obi", Extent::Here).unwrap_err();
        assert_eq!(refused, Refusal::Forbidden);
    }
}

#[test]
fn a_pending_collaborator_gets_no_mail_and_a_released_seat_is_not_released_twice() {
    let mut world = World::new();
    let used = world.client().seats.used;
    for (who, released) in [("pia", true), ("yann", false)] {
        let outcome = world.revoke("adam", SUMMIT, who, Extent::Here).unwrap();
        assert!(outcome.decision.mails().is_empty());
        assert_eq!(done(&mut world, Ok(outcome)).seat_released, Some(released), "{who}");
    }
    assert_eq!(world.client().seats.used, used - 1);
}

#[test]
fn a_revocation_of_another_version_is_refused_and_a_bulk_one_needs_none() {
    let world = World::new();
    let facts = world.facts("eve", SUMMIT, "cora");
    let reason = Reason::parse("Contract ended").unwrap();
    let version = world.collaborator("cora").version.successor().into();
    let mut command = RevokeCommand { extent: Extent::Here, version, reason: reason.clone() };
    let refused = revoke::decide(&facts, &command, mail_id("revoked"), NOW).unwrap_err();
    assert_eq!(refused, Refusal::StaleVersion);
    command.version = Precondition::None;
    let outcome = revoke::decide(&facts, &command, mail_id("revoked"), NOW).unwrap();
    assert_eq!(entry(&outcome.decision).reason, reason);
}

// docs/security.md#line-25
#[test]
fn a_collaborator_without_a_visible_grant_is_not_found() {
    let world = World::new();
    for extent in [Extent::Here, Extent::HereAndBelow] {
        for who in ["sister", "nobody"] {
            let refused = world.revoke("eve", SUMMIT, who, extent).unwrap_err();
            assert_eq!(refused, Refusal::CollaboratorNotFound);
        }
    }
}

// docs/security.md#line-10
#[test]
fn only_the_first_of_two_administrators_who_revoke_each_other_succeeds() {
    let mut world = World::new();
    world.add(collaborator("evan").holding(SUMMIT, Role::Administrator));
    let first = world.revoke("eve", SUMMIT, "evan", Extent::Here).unwrap();
    let second = world.revoke("evan", SUMMIT, "eve", Extent::Here).unwrap();
    for (outcome, actor) in [(&first, "eve"), (&second, "evan")] {
        let check = Change::Check(world.collaborator(actor).clone());
        assert!(outcome.decision.collaborators().contains(&check), "{actor} must be unchanged");
    }
    done(&mut world, Ok(first));
    let again = world.revoke("evan", SUMMIT, "eve", Extent::Here).unwrap_err();
    assert_eq!(again, Refusal::ScopeNotFound);
}

// docs/security.md#line-14
#[test]
fn the_next_check_after_a_revocation_is_denied() {
    let mut world = World::new();
    let may = |world: &World| match world.caller("cora") {
        Caller::Platform(_) => false,
        Caller::User(user) => user
            .permissions(&scope(SUMMIT), world.client().granting, world.now)
            .contains(Permission::ContentManage),
    };
    assert!(may(&world));
    let outcome = world.revoke("eve", SUMMIT, "cora", Extent::Here);
    done(&mut world, outcome);
    assert!(!may(&world) && !world.knows("cora"));
}
