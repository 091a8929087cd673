//! No escalation, on every path: nobody gives or takes what he does not hold (security, line 12).

use coulisses_domain::assign_role;
use proptest::{prelude::*, sample::select};

use crate::prelude::*;

/// How often a law is tried. What fails is told, and kept in a test of its own rather than in a file of seeds.
pub fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// The permissions whose bits are set.
pub fn chosen(bits: u64) -> PermissionSet {
    Permission::ALL
        .into_iter()
        .filter(|permission| bits & (1 << (*permission as u8)) != 0)
        .collect()
}

pub fn any_role() -> impl Strategy<Value = Role> {
    let chosen =
        |bits: u64| chosen(bits).without(Permission::AccessView).without(Permission::AccessManage);
    let custom = any::<u64>().prop_map(move |bits| {
        let set = chosen(bits).union(PermissionSet::of(&[Permission::DashboardView]));
        Role::new(RoleName::Custom, Some(set)).unwrap()
    });
    prop_oneof![
        6 => select(vec![
            Role::Owner,
            Role::Administrator,
            Role::Contributor,
            Role::Reader,
            Role::Manager,
            Role::Supervisor,
            Role::Observer,
        ]),
        3 => Just(Role::Administrator),
        1 => custom,
    ]
}

pub fn any_place() -> impl Strategy<Value = &'static str> {
    select(vec![ACME, TECH, ARTS, SUMMIT, GALA, GUILD])
}

/// Somebody in any standing with one to four grants, some of which have ended; an owner's never does.
pub fn any_person(who: &'static str) -> impl Strategy<Value = Collaborator> {
    let grant =
        (any_place(), any_role(), select(vec![None, None, Some(NOW), Some(NOW.after(DAY))]));
    let membership =
        select(vec![None, None, None, Some(NOW.after(MINUTE)), Some(before_now(MINUTE))]);
    (prop::collection::vec(grant, 1..5), membership).prop_map(move |(grants, invited)| {
        let mut somebody = collaborator(who);
        for (at, role, end) in grants {
            somebody = somebody.holding(at, role);
            if let Some(grant) = somebody.grants.get_mut(&scope(at)) {
                grant.expires_at = end.filter(|_| role != Role::Owner);
            }
        }
        invited.into_iter().fold(somebody, Building::invited_until)
    })
}

fn any_world() -> impl Strategy<Value = World> {
    let collaborators = (any_person("giver"), prop::option::weighted(0.9, any_person("target")));
    (collaborators, any::<bool>()).prop_map(|((grantor, target), owners)| {
        let mut world = World::new();
        world.add(grantor);
        if let Some(target) = target {
            world.add(target);
        }
        if owners {
            world.client_mut().granting = Granting::Owner;
        }
        world
    })
}

/// Everything that a decision gave to or took from the target is held by the giver where it stands; the giver's own
/// grants are not touched.
fn nothing_is_beyond_the_giver(world: &World, decision: &Decision) {
    let subject =
        Subject { collaborator: world.collaborator("giver"), granting: world.client().granting };
    for change in decision.collaborators() {
        let (before, after) = match change {
            Change::Check(_) => continue,
            Change::Create(after) => (None, Some(after)),
            Change::Update { before, after } => (Some(before), Some(after)),
            Change::Delete(before) => (Some(before), None),
        };
        assert_ne!(change.record().id, subject.collaborator.id, "nobody edits himself");
        let grants = |collaborator: Option<&Collaborator>| {
            collaborator.map(|p| p.grants.clone()).unwrap_or_default()
        };
        let (was, is) = (grants(before), grants(after));
        for at in was.keys().chain(is.keys()) {
            let (was, is) = (was.get(at), is.get(at));
            if was == is {
                continue;
            }
            let touched = was.iter().chain(is.iter()).map(|grant| grant.role);
            // Whatever of somebody expired does not come back was no access any more.
            let expired = before.is_some_and(|collaborator| collaborator.status(NOW) == Status::Expired);
            for role in touched.filter(|role| is.is_some_and(|is| is.role == *role) || !expired) {
                let held = subject.permissions(at, NOW);
                assert!(held.contains(Permission::AccessManage), "{at}");
                assert!(held.includes(role.permissions()), "{role:?} at {at}");
                assert_ne!(role, Role::Owner, "ownership is transferred");
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(1024))]

    #[test]
    fn line_12_an_invitation_gives_only_what_the_giver_holds(
        world in any_world(), at in any_place(), role in any_role(),
    ) {
        if let Ok(outcome) = world.invite_with("giver", at, &invite_command("target", role)) {
            nothing_is_beyond_the_giver(&world, &outcome.decision);
        }
    }

    #[test]
    fn line_12_a_role_change_gives_and_takes_only_what_the_giver_holds(
        world in any_world(), at in any_place(), role in any_role(),
    ) {
        if let Ok(outcome) = world.assign("giver", at, "target", role) {
            nothing_is_beyond_the_giver(&world, &outcome.decision);
        }
        let own = assign_role::AssignRoleCommand {
            role, expires_at: None, reason: None, version: world.collaborator("giver").version,
        };
        prop_assert!(world.assign_with("giver", at, "giver", &own).is_err());
    }

    #[test]
    fn line_12_a_revocation_takes_only_what_the_giver_holds(
        world in any_world(), at in any_place(), below in any::<bool>(),
    ) {
        let extent = if below { Extent::HereAndBelow } else { Extent::Here };
        if let Ok(outcome) = world.revoke("giver", at, "target", extent) {
            nothing_is_beyond_the_giver(&world, &outcome.decision);
            prop_assert!(outcome.answer.removed.values().all(|grant| grant.role != Role::Owner));
        }
        if let Ok(outcome) = world.revoke("giver", at, "giver", extent) {
            prop_assert!(outcome.answer.removed.values().all(|grant| grant.role != Role::Owner));
        }
    }

    #[test]
    fn line_12_a_resend_brings_back_only_what_the_giver_holds(world in any_world(), at in any_place()) {
        if let Ok(outcome) = world.resend("giver", at, "target") {
            let target = world.collaborator("target");
            prop_assert_eq!(&outcome.answer.grants, &target.grants);
            if target.status(NOW) == Status::Expired {
                let subject = Subject { collaborator: world.collaborator("giver"), granting: world.client().granting };
                for (at, grant) in &target.grants {
                    let held = subject.permissions(at, NOW);
                    prop_assert!(held.contains(Permission::AccessManage));
                    prop_assert!(held.includes(grant.role.permissions()));
                }
            }
        }
    }

    #[test]
    fn line_12_ownership_is_handed_over_only_by_whoever_holds_it(world in any_world(), at in any_place()) {
        for who in ["target", "cora", "adam"] {
            prop_assert!(world.hand_to("giver", at, who).is_err(), "the records name another owner");
        }
        for owner in ["olga", "gwen"] {
            if world.hand_to(owner, at, "target").is_ok() {
                let subject = Subject { collaborator: world.collaborator(owner), granting: world.client().granting };
                prop_assert_eq!(subject.permissions(&scope(at), NOW), PermissionSet::ALL);
            }
        }
    }
}
