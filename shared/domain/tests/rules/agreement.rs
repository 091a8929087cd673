//! Every permission, at every scope, for every person: all ways to ask give one answer.

use coulisses_domain::{
    access::permissions_under,
    check::{self, CheckFacts, Question},
    grid,
};
use proptest::prelude::*;

use crate::{
    escalation::{any_world, cases},
    prelude::*,
};

/// The answer by the rules as they are written: a live grant on the path whose role has the permission.
fn expected(world: &World, person: &Collaborator, at: &ScopeId, permission: Permission) -> bool {
    let active = person.status(world.now) == Status::Active;
    active
        && person.grants.iter().any(|(scope, grant)| {
            let role = permissions_under(world.client().granting, grant.role);
            scope.reaches(at) && grant.is_live(world.now) && role.contains(permission)
        })
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn a_check_the_grid_the_own_access_and_the_library_agree(world in any_world()) {
        let (now, granting) = (world.now, world.client().granting);
        let scopes: Vec<ScopeId> = [scope(ACME)].into_iter().chain(world.scopes.keys().cloned()).collect();
        for person in world.collaborators.values() {
            let subject = Subject { collaborator: person, granting };
            let facts = CheckFacts {
                caller: Caller::Platform(OauthClient::new("backend".into())),
                collaborators: world.collaborators.clone(),
                granting: Some(granting),
                levels: BTreeMap::new(),
            };
            let holdings = subject.holdings(now);
            for at in &scopes {
                let held = subject.permissions(at, now);
                let row = grid::row(subject, at, Visibility::PathAndBelow, now);
                for permission in Permission::ALL {
                    let right = expected(&world, person, at, permission);
                    prop_assert_eq!(held.contains(permission), right, "{:?} {}", permission, at);
                    let because = subject.determining_grant(at, permission, now);
                    prop_assert_eq!(because.is_some(), right);
                    let question = Question {
                        about: Some(person.id.clone()), account: None, scope: at.clone(), level: None, permission,
                    };
                    prop_assert_eq!(check::answer(&facts, &question, now), because);
                    if let Some(row) = &row {
                        prop_assert_eq!(row.permissions.contains(permission), right);
                    }
                    if let Some(own) = holdings.iter().find(|own| own.scope == at) {
                        prop_assert_eq!(own.permissions.contains(permission), right);
                    }
                }
            }
        }
    }
}
