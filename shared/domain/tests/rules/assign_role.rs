//! Changing a role, and giving one of his own to somebody whose access is inherited.

use crate::prelude::*;

fn command(world: &World, who: &str, role: Role) -> AssignRoleCommand {
    let version = world.collaborator(who).version;
    AssignRoleCommand { role, expires_at: None, reason: None, version }
}

#[test]
fn a_role_is_changed_where_it_stands_and_its_holder_is_told() {
    let mut world = World::new();
    world.fill();
    let reason = Reason::parse("Changes team").unwrap();
    let command =
        AssignRoleCommand { reason: reason.clone(), ..command(&world, "cora", Role::Manager) };
    let outcome = world.done(world.assign_with("eve", SUMMIT, "cora", &command));
    let cora = world.collaborator("cora");
    assert_eq!(cora.grant(SUMMIT).role, Role::Manager);
    assert_eq!((cora.version, cora.seat), (Version::first(NOW), true));
    let mail = mail(&outcome.decision);
    assert_eq!((mail.kind, mail.role), (MailKind::RoleChanged, Some(RoleName::Manager)));
    let entry = entry(&outcome.decision);
    assert_eq!((entry.action, &entry.reason), (Action::RoleChanged, &reason));
}

#[test]
fn the_role_of_somebody_pending_is_changed_without_a_seat_and_without_a_mail() {
    let mut world = World::new();
    world.fill();
    let before = world.collaborator("pia").clone();
    let outcome = world.done(world.assign("eve", SUMMIT, "pia", Role::Administrator));
    let pia = world.collaborator("pia");
    assert_eq!(pia.status(NOW), Status::Pending);
    assert_eq!(pia.invitation(), before.invitation(), "the link stays the same");
    assert!(outcome.decision.mails().is_empty());
}

#[test]
fn somebody_whose_access_is_inherited_gets_a_grant_of_his_own_and_keeps_the_inherited_one() {
    let mut world = World::new();
    world.done(world.assign("eve", SUMMIT, "adam", Role::Reader));
    let roles: Vec<_> =
        world.collaborator("adam").grants.values().map(|grant| grant.role).collect();
    assert_eq!(roles, [Role::Administrator, Role::Reader], "nothing is taken from further up");
}

#[test]
fn the_same_role_again_changes_nothing() {
    let world = World::new();
    let outcome = world.assign("eve", SUMMIT, "cora", Role::Contributor).unwrap();
    assert!(outcome.decision.is_empty());
    assert!(outcome.decision.history().is_empty() && outcome.decision.mails().is_empty());
    assert_eq!(outcome.answer.version, world.collaborator("cora").version);
}

#[test]
fn the_same_role_with_another_end_is_a_change() {
    let mut world = World::new();
    let end = Some(NOW.after(MINUTE));
    let command =
        AssignRoleCommand { expires_at: end, ..command(&world, "cora", Role::Contributor) };
    let outcome = world.done(world.assign_with("eve", SUMMIT, "cora", &command));
    assert_eq!(world.collaborator("cora").grant(SUMMIT).expires_at, end);
    assert_eq!(mail(&outcome.decision).access_until, end);
}

#[test]
fn the_same_custom_role_with_another_set_is_a_change() {
    let world = World::new();
    let role = custom(&[Permission::CheckinScan, Permission::OrdersView]);
    assert!(!world.assign("eve", SUMMIT, "carl", role).unwrap().decision.is_empty());
}

// seed 000: "vous risquez d'écraser celles de vos collaborateurs"
#[test]
fn a_change_decided_on_an_older_version_is_refused() {
    let mut world = World::new();
    let stale = command(&world, "cora", Role::Reader);
    world.done(world.assign("olga", SUMMIT, "cora", Role::Manager));
    let refused = world.assign_with("eve", SUMMIT, "cora", &stale).unwrap_err();
    assert_eq!(refused, Refusal::StaleVersion);
    let ahead = AssignRoleCommand { version: Version::from_number(i64::MAX), ..stale };
    let refused = world.assign_with("eve", SUMMIT, "cora", &ahead).unwrap_err();
    assert_eq!(refused, Refusal::StaleVersion, "nor is it a later one");
}

#[test]
fn nobody_edits_his_own_role_and_an_owner_is_told_to_transfer() {
    let world = World::new();
    for (who, at) in [("eve", SUMMIT), ("adam", ACME), ("adam", SUMMIT), ("olga", SUMMIT)] {
        assert_eq!(world.assign(who, at, who, Role::Reader).unwrap_err(), Refusal::OwnRole);
    }
    for (who, at) in [("olga", ACME), ("gwen", GALA)] {
        let refused = world.assign(who, at, who, Role::Reader).unwrap_err();
        assert_eq!(refused, Refusal::OwnerMustTransfer);
    }
}

#[test]
fn an_owner_is_never_demoted_active_or_pending() {
    let mut world = World::new();
    for owner in
        [world.collaborator("gwen").clone(), world.collaborator("gwen").clone().invited_until(NOW)]
    {
        world.add(owner);
        for who in ["olga", "sister"] {
            let refused = world.assign(who, GALA, "gwen", Role::Administrator).unwrap_err();
            assert_eq!(refused, Refusal::OwnerMustTransfer);
        }
    }
}

#[test]
fn ownership_is_never_given_by_a_role_change() {
    let refused = World::new().assign("olga", SUMMIT, "cora", Role::Owner).unwrap_err();
    assert_eq!(refused, Refusal::RoleNotAllowedHere);
}

#[test]
fn a_custom_role_is_assigned_on_events_only() {
    let mut world = World::new();
    world.add(collaborator("nina").holding(ACME, Role::Reader));
    for at in [ACME, TECH, GUILD] {
        let refused = world.assign("olga", at, "nina", custom(&[Permission::CheckinScan]));
        assert_eq!(refused.unwrap_err(), Refusal::RoleNotAllowedHere, "{at}");
    }
    assert!(world.assign("olga", SUMMIT, "nina", custom(&[Permission::CheckinScan])).is_ok());
}

#[test]
fn only_roles_on_offer_and_ends_in_the_future_are_assigned() {
    let mut world = World::new();
    let ended =
        AssignRoleCommand { expires_at: Some(NOW), ..command(&world, "cora", Role::Reader) };
    let refused = world.assign_with("eve", SUMMIT, "cora", &ended).unwrap_err();
    assert_eq!(refused, Refusal::InvalidExpiry);
    world.client_mut().roles = offered().into_iter().filter(|r| *r != RoleName::Reader).collect();
    let refused = world.assign("eve", SUMMIT, "cora", Role::Reader).unwrap_err();
    assert_eq!(refused, Refusal::RoleNotOffered);
}

// Security, lines 9 and 25.
#[test]
fn whoever_holds_nothing_here_is_not_found_whatever_he_holds_at_a_sister() {
    let world = World::new();
    for who in ["sister", "gwen", "nobody"] {
        let refused = world.assign("eve", SUMMIT, who, Role::Reader).unwrap_err();
        assert_eq!(refused, Refusal::CollaboratorNotFound, "{who}");
    }
    let below = world.assign("tess", TECH, "cora", Role::Reader).unwrap_err();
    assert_eq!(below, Refusal::CollaboratorNotFound, "nor is what is only further down");
}

// Security, line 10.
#[test]
fn an_event_administrator_takes_nothing_from_those_further_up() {
    let mut world = World::new();
    for who in ["tess", "adam", "olga"] {
        let outcome = world.assign("eve", SUMMIT, who, Role::Observer).unwrap();
        let before = world.collaborator(who).grants.clone();
        world.apply(&outcome.decision);
        for (at, grant) in before {
            assert_eq!(world.collaborator(who).grants.get(&at), Some(&grant));
        }
    }
    assert_eq!(
        world.assign("eve", TECH, "tess", Role::Observer).unwrap_err(),
        Refusal::ScopeNotFound
    );
}

#[test]
fn a_role_given_to_somebody_whose_access_has_ended_revives_no_other_grant() {
    let mut world = World::new();
    let past = world.now;
    let nina = collaborator("nina").holding(ACME, Role::Administrator).until(past);
    world.add(nina);
    assert_eq!(world.collaborator("nina").status(NOW), Status::Expired);
    world.fill();
    world.done(world.assign("eve", SUMMIT, "nina", Role::Reader));
    let nina = world.collaborator("nina");
    assert_eq!((nina.status(NOW), nina.grants.len()), (Status::Active, 2));
    assert!(!nina.grant(ACME).is_live(NOW));
}

#[test]
fn a_role_given_to_somebody_whose_invitation_has_expired_revives_nothing() {
    let mut world = World::new();
    let outcome = world.done(world.assign("eve", SUMMIT, "xena", Role::Reader));
    assert_eq!(world.collaborator("xena").status(NOW), Status::Expired);
    assert!(outcome.decision.mails().is_empty());
}

#[test]
fn one_person_is_assigned_two_hundred_grants_at_most() {
    let mut world = World::new();
    let most = (1..MAX_GRANTS)
        .fold(collaborator("nina").holding(ACME, Role::Reader), |collaborator, n| {
            collaborator.holding(&format!("acme:tech:event-{n}"), Role::Reader)
        });
    world.add(most);
    let refused = world.assign("eve", SUMMIT, "nina", Role::Manager).unwrap_err();
    assert_eq!(refused, Refusal::TooManyGrants);
    assert!(world.assign("olga", ACME, "nina", Role::Manager).is_ok(), "in place of another");
}
