//! Taking access, and leaving.

use coulisses_domain::revoke;

use crate::prelude::*;

fn done(world: &mut World, outcome: Result<Outcome<Revoked>, Refusal>) -> Revoked {
    let outcome = outcome.unwrap();
    world.apply(&outcome.decision);
    assert_eq!(world.client().seats.used, world.usage());
    outcome.answer
}

#[test]
fn the_last_grant_gives_the_seat_back_and_the_person_is_told_where_the_record_is_gone() {
    let mut world = World::new();
    let used = world.client().seats.used;
    let mut cora = world.collaborator("cora").clone();
    cora.grants.values_mut().for_each(|grant| grant.expires_at = Some(NOW.after(DAY)));
    world.add(cora);
    let outcome = world.revoke("eve", SUMMIT, "cora", Extent::Here).unwrap();
    let mail = mail(&outcome.decision);
    assert_eq!((mail.kind, mail.role), (MailKind::AccessTaken, None));
    assert_eq!(mail.access_until, None, "what has ended has no end to come");
    assert_eq!(mail.removed.as_ref().unwrap().email, email("cora"));
    assert_eq!(entry(&outcome.decision).action, Action::Revoked);
    assert_eq!(outcome.answer.before, *world.collaborator("cora"));
    let taken = done(&mut world, Ok(outcome));
    assert!(taken.seat_released && taken.residual.is_empty());
    assert_eq!(keys(&taken.removed), [SUMMIT]);
    assert!(!world.knows("cora"));
    assert_eq!(world.client().seats.used, used - 1);
}

#[test]
fn taking_one_of_several_grants_says_which_ones_still_give_access_here() {
    let mut world = World::new();
    let nina = collaborator("nina")
        .holding(ACME, Role::Administrator)
        .until(NOW)
        .holding(TECH, Role::Reader)
        .holding(SUMMIT, Role::Manager)
        .holding(GALA, Role::Manager);
    world.add(nina);
    let before = world.collaborator("nina").version;
    let outcome = world.revoke("eve", SUMMIT, "nina", Extent::Here);
    let taken = done(&mut world, outcome);
    assert_eq!(
        keys(&taken.residual),
        [TECH],
        "neither what has ended nor what a sister scope gives"
    );
    assert!(!taken.seat_released);
    let nina = world.collaborator("nina");
    assert_eq!(nina.grants.len(), 3);
    assert!(nina.version > before);
}

#[test]
fn an_inherited_grant_is_not_taken_from_below_and_its_source_is_named() {
    let mut world = World::new();
    world.add(collaborator("nina").holding(ACME, Role::Reader).holding(TECH, Role::Manager));
    for extent in [Extent::Here, Extent::HereAndBelow] {
        let refused = world.revoke("eve", SUMMIT, "nina", extent).unwrap_err();
        assert_eq!(refused, Refusal::InheritedAccess(vec![scope(ACME), scope(TECH)]));
    }
}

// Security, line 10.
#[test]
fn an_event_administrator_takes_nobody_who_stands_further_up() {
    let world = World::new();
    for (who, source) in [("tess", TECH), ("adam", ACME), ("olga", ACME)] {
        let refused = world.revoke("eve", SUMMIT, who, Extent::Here).unwrap_err();
        assert_eq!(refused, Refusal::InheritedAccess(vec![scope(source)]));
        let above = world.revoke("eve", source, who, Extent::Here).unwrap_err();
        assert_eq!(above, Refusal::ScopeNotFound);
    }
}

#[test]
fn taking_access_below_takes_all_grants_on_the_scope_and_under_it_at_once() {
    let mut world = World::new();
    let nina = collaborator("nina")
        .holding("acme:arts", Role::Reader)
        .holding(SUMMIT, Role::Reader)
        .holding(GALA, Role::Manager);
    world.add(nina);
    let here = world.revoke("tess", TECH, "nina", Extent::Here).unwrap_err();
    assert_eq!(here, Refusal::CollaboratorNotFound, "nothing is seen from there");
    let outcome = world.revoke("tess", TECH, "nina", Extent::HereAndBelow);
    let taken = done(&mut world, outcome);
    assert_eq!(keys(&taken.removed), [GALA, SUMMIT]);
    assert_eq!(keys(&world.collaborator("nina").grants), ["acme:arts"]);
    let outcome = world.revoke("olga", ACME, "nina", Extent::HereAndBelow);
    assert!(done(&mut world, outcome).seat_released);
}

#[test]
fn an_owner_grant_is_never_taken_and_nothing_else_with_it() {
    let mut world = World::new();
    for who in ["olga", "sister", "adam"] {
        let refused = world.revoke(who, GALA, "gwen", Extent::Here).unwrap_err();
        assert_eq!(refused, Refusal::OwnerMustTransfer);
    }
    world.add(collaborator("gwen").holding(GALA, Role::Owner).holding(SUMMIT, Role::Reader));
    let refused = world.revoke("olga", ACME, "gwen", Extent::HereAndBelow).unwrap_err();
    assert_eq!(refused, Refusal::OwnerMustTransfer);
    let outcome = world.revoke("olga", SUMMIT, "gwen", Extent::Here);
    assert!(!done(&mut world, outcome).seat_released, "another grant of an owner may be taken");
}

#[test]
fn an_owner_cannot_leave_not_even_before_he_came() {
    let mut world = World::new();
    let refused = world.revoke("gwen", GALA, "gwen", Extent::Here).unwrap_err();
    assert_eq!(refused, Refusal::OwnerMustTransfer);
    world.add(collaborator("olga").holding(ACME, Role::Owner).invited_until(NOW));
    let refused = world.revoke("adam", ACME, "olga", Extent::HereAndBelow).unwrap_err();
    assert_eq!(refused, Refusal::OwnerMustTransfer, "an unconfirmed owner counts as one");
}

#[test]
fn anybody_but_an_owner_may_leave_and_gets_no_mail() {
    for who in ["eve", "cora", "carl", "max"] {
        let mut world = World::new();
        let outcome = world.revoke(who, SUMMIT, who, Extent::Here).unwrap();
        assert_eq!(entry(&outcome.decision).action, Action::Left);
        assert!(outcome.decision.mails().is_empty());
        assert!(done(&mut world, Ok(outcome)).seat_released);
        assert!(!world.knows(who));
    }
}

#[test]
fn whoever_may_not_give_takes_from_nobody_else() {
    let world = World::new();
    for who in ["cora", "max", "carl", "rita"] {
        assert_eq!(world.revoke(who, SUMMIT, "obi", Extent::Here).unwrap_err(), Refusal::Forbidden);
    }
}

#[test]
fn access_of_somebody_pending_is_taken_without_a_mail() {
    let mut world = World::new();
    let outcome = world.revoke("eve", SUMMIT, "pia", Extent::Here).unwrap();
    assert!(outcome.decision.mails().is_empty());
    assert!(done(&mut world, Ok(outcome)).seat_released);
}

#[test]
fn a_seat_that_was_given_back_is_not_given_back_twice() {
    let mut world = World::new();
    let used = world.client().seats.used;
    let outcome = world.revoke("eve", SUMMIT, "yann", Extent::Here);
    assert!(!done(&mut world, outcome).seat_released);
    assert_eq!(world.client().seats.used, used);
}

#[test]
fn a_single_revocation_names_its_version_and_a_bulk_one_needs_none() {
    let world = World::new();
    let facts = world.facts("eve", SUMMIT, "cora");
    let reason = Reason::parse("Contract ended").unwrap();
    let mut command = RevokeCommand {
        extent: Extent::Here,
        version: Some(Version::from_number(1)),
        reason: reason.clone(),
    };
    let refused = revoke::decide(&facts, &command, mail_id("taking"), NOW).unwrap_err();
    assert_eq!(refused, Refusal::StaleVersion);
    command.version = None;
    let outcome = revoke::decide(&facts, &command, mail_id("taking"), NOW).unwrap();
    assert_eq!(entry(&outcome.decision).reason, reason);
}

// Security, line 25.
#[test]
fn whoever_holds_nothing_here_is_not_found() {
    let world = World::new();
    for extent in [Extent::Here, Extent::HereAndBelow] {
        for who in ["sister", "nobody"] {
            let refused = world.revoke("eve", SUMMIT, who, extent).unwrap_err();
            assert_eq!(refused, Refusal::CollaboratorNotFound);
        }
    }
}

// Security, line 10.
#[test]
fn of_two_administrators_who_remove_each_other_only_the_first_succeeds() {
    let mut world = World::new();
    world.add(collaborator("evan").holding(SUMMIT, Role::Administrator));
    let (first, second) = (
        world.revoke("eve", SUMMIT, "evan", Extent::Here).unwrap(),
        world.revoke("evan", SUMMIT, "eve", Extent::Here).unwrap(),
    );
    let holds_its_actor = |outcome: &Outcome<Revoked>, who: &str| {
        let held = |change: &Change<_>| *change == Change::Check(world.collaborator(who).clone());
        outcome.decision.collaborators().iter().any(held)
    };
    assert!(holds_its_actor(&first, "eve") && holds_its_actor(&second, "evan"));
    done(&mut world, Ok(first));
    let again = world.revoke("evan", SUMMIT, "eve", Extent::Here).unwrap_err();
    assert_eq!(again, Refusal::ScopeNotFound);
}

// Security, line 14.
#[test]
fn the_very_next_question_about_somebody_revoked_is_denied() {
    let mut world = World::new();
    let may = |world: &World| match world.caller("cora") {
        Platform => false,
        User(collaborator) => collaborator
            .permissions(&scope(SUMMIT), world.client().granting, world.now)
            .contains(Permission::ContentManage),
    };
    assert!(may(&world));
    let outcome = world.revoke("eve", SUMMIT, "cora", Extent::Here);
    done(&mut world, outcome);
    assert!(!may(&world));
    assert_eq!(world.collaborators.get(&id("cora")), None);
}
