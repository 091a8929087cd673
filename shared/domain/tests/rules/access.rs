//! Effective permissions and their explanation.

use coulisses_domain::access::permissions_under;
use proptest::prelude::*;

use crate::{
    escalation::{any_person, cases, chosen},
    prelude::*,
};

const EVERYWHERE: [&str; 6] = [ACME, TECH, ARTS, SUMMIT, GALA, GUILD];

fn held(collaborator: &Collaborator, at: &str) -> PermissionSet {
    Subject { collaborator, granting: Granting::Administrators }.permissions(&scope(at), NOW)
}

fn determining_grant(
    collaborator: &Collaborator,
    at: &ScopeId,
    permission: Permission,
) -> Option<(String, RoleName)> {
    Subject { collaborator, granting: Granting::Administrators }
        .determining_grant(at, permission, NOW)
        .map(|DeterminingGrant { scope, role }| (scope.to_string(), role))
}

// inwink (docs/domain.md#sources): "Si le rôle est donné au niveau audience, l'utilisateur aura accès à la gestion de
// l'audience et des événements et communautés rattachées à l'audience."
#[test]
fn a_grant_applies_to_its_scope_and_below() {
    for (on, reached) in [
        (ACME, &EVERYWHERE[..]),
        (TECH, &[TECH, SUMMIT, GALA, GUILD]),
        (SUMMIT, &[SUMMIT]),
        (GUILD, &[GUILD]),
    ] {
        let nina = collaborator("nina").holding(on, Role::READER);
        for at in EVERYWHERE {
            let expected = reached.contains(&at);
            assert_eq!(held(&nina, at) == Role::READER.permissions(), expected, "{on} at {at}");
            assert_eq!(held(&nina, at).is_empty(), !expected, "{on} at {at}");
        }
    }
}

#[test]
fn effective_permissions_are_the_union_of_the_grants_on_the_path() {
    let nina = collaborator("nina")
        .holding(ACME, Role::OBSERVER)
        .holding(TECH, Role::SUPERVISOR)
        .holding(SUMMIT, Role::MANAGER)
        .holding(GALA, Role::Administrator);
    let union = Role::MANAGER.permissions().union(Role::SUPERVISOR.permissions());
    assert_eq!(held(&nina, SUMMIT), union);
    assert_eq!(held(&nina, TECH), Role::SUPERVISOR.permissions());
    assert_eq!(held(&nina, ARTS), Role::OBSERVER.permissions());
}

#[test]
fn a_grant_counts_until_its_end() {
    for (end, counts) in [(NOW, false), (NOW.after(MINUTE), true)] {
        let nina = collaborator("nina").holding(TECH, Role::READER).until(end);
        assert_eq!(!held(&nina, SUMMIT).is_empty(), counts);
        assert_eq!(
            determining_grant(&nina, &scope(SUMMIT), Permission::ContentView).is_some(),
            counts
        );
    }
}

#[test]
fn the_end_of_one_grant_leaves_the_others() {
    let nina = collaborator("nina")
        .holding(SUMMIT, Role::Administrator)
        .until(NOW)
        .holding(TECH, Role::OBSERVER);
    assert_eq!(held(&nina, SUMMIT), Role::OBSERVER.permissions());
    let because = determining_grant(&nina, &scope(SUMMIT), Permission::ContactsView);
    assert_eq!(because, Some((TECH.into(), RoleName::OBSERVER)));
    assert_eq!(determining_grant(&nina, &scope(SUMMIT), Permission::AccessManage), None);
}

#[test]
fn a_pending_collaborator_has_no_permissions() {
    let nina = collaborator("nina").holding(ACME, Role::Owner).invited_until(NOW.after(MINUTE));
    for at in EVERYWHERE {
        assert!(held(&nina, at).is_empty());
        assert_eq!(determining_grant(&nina, &scope(at), Permission::DashboardView), None);
    }
}

#[test]
fn an_owner_grant_determines_then_an_administrator_grant_then_the_nearest() {
    let ladder = [
        (ACME, Role::READER, (ACME, RoleName::READER)),
        (SUMMIT, Role::CONTRIBUTOR, (SUMMIT, RoleName::CONTRIBUTOR)),
        (TECH, Role::Administrator, (TECH, RoleName::Administrator)),
        (ACME, Role::Owner, (ACME, RoleName::Owner)),
        (SUMMIT, Role::Administrator, (ACME, RoleName::Owner)),
    ];
    let mut nina = collaborator("nina");
    for (on, role, (at, named)) in ladder {
        nina = nina.holding(on, role);
        let because = determining_grant(&nina, &scope(SUMMIT), Permission::ContentView);
        assert_eq!(because, Some((at.into(), named)));
    }
    let two =
        collaborator("nina").holding(ACME, Role::Administrator).holding(TECH, Role::Administrator);
    let because = determining_grant(&two, &scope(SUMMIT), Permission::AccessManage);
    assert_eq!(because, Some((TECH.into(), RoleName::Administrator)), "the nearest of two");
}

#[test]
fn only_a_grant_with_the_permission_determines() {
    let nina = collaborator("nina").holding(ACME, Role::SUPERVISOR).holding(SUMMIT, Role::MANAGER);
    let because = determining_grant(&nina, &scope(SUMMIT), Permission::ContactsExport);
    assert_eq!(because, Some((ACME.into(), RoleName::SUPERVISOR)));
    assert_eq!(determining_grant(&nina, &scope(SUMMIT), Permission::ContactsImport), None);
}

// inwink (docs/domain.md#sources): "Si un utilisateur à un droit personnalisé pour un événement, mais a aussi un rôle
// administrateur, y compris au niveau de l'audience ou du back-office client, alors les droits personnalisés ne
// s'appliqueront pas."
#[test]
fn an_administrator_or_owner_anywhere_on_the_path_overrides_a_custom_role() {
    let custom = custom(&[Permission::CheckinScan]);
    for (on, role, overridden) in [
        (ACME, Role::Administrator, true),
        (TECH, Role::Administrator, true),
        (ACME, Role::Owner, true),
        (ARTS, Role::Administrator, false),
        (GALA, Role::Owner, false),
        (ACME, Role::CONTRIBUTOR, false),
    ] {
        let nina = collaborator("nina").holding(on, role).holding(SUMMIT, custom);
        let at = scope(SUMMIT);
        let subject = Subject { collaborator: &nina, granting: Granting::Administrators };
        let seen = subject.explain(&at, Visibility::Path, NOW);
        let shown = seen.iter().find(|seen| seen.grant.role == custom).unwrap();
        assert_eq!(shown.overridden, overridden, "{role:?} on {on}");
        let because = determining_grant(&nina, &at, Permission::CheckinScan).unwrap();
        assert_eq!(
            because.1 == role.name(),
            overridden || role == Role::CONTRIBUTOR && because.0 == on
        );
        let ended = collaborator("nina").holding(on, role).until(NOW).holding(SUMMIT, custom);
        let subject = Subject { collaborator: &ended, granting: Granting::Administrators };
        let counts = |seen: &VisibleGrant<'_>| seen.overridden;
        assert!(!subject.explain(&at, Visibility::Path, NOW).iter().any(counts), "ended");
    }
}

#[test]
fn only_a_custom_role_is_overridden() {
    let nina =
        collaborator("nina").holding(ACME, Role::Administrator).holding(SUMMIT, Role::READER);
    let at = scope(SUMMIT);
    let subject = Subject { collaborator: &nina, granting: Granting::Administrators };
    assert!(subject.explain(&at, Visibility::Path, NOW).iter().all(|seen| !seen.overridden));
}

#[test]
fn if_only_owners_grant_no_other_shown_set_has_access_manage() {
    let nina = collaborator("nina").holding(TECH, Role::Administrator).holding(GALA, Role::Owner);
    let subject = Subject { collaborator: &nina, granting: Granting::Owner };
    let all_but = PermissionSet::ALL.without(Permission::AccessManage);
    assert_eq!(subject.permissions(&scope(TECH), NOW), all_but);
    assert_eq!(subject.permissions(&scope(SUMMIT), NOW), all_but);
    assert_eq!(subject.permissions(&scope(GALA), NOW), PermissionSet::ALL);
    assert_eq!(subject.determining_grant(&scope(SUMMIT), Permission::AccessManage, NOW), None);
    let gala = scope(GALA);
    let named = subject.determining_grant(&gala, Permission::AccessManage, NOW).unwrap();
    assert_eq!((named.scope, named.role), (&gala, RoleName::Owner));
    let shown: Vec<_> =
        subject.explain(&gala, Visibility::Path, NOW).iter().map(|seen| seen.permissions).collect();
    assert_eq!(shown, [all_but, PermissionSet::ALL], "from the audience down");
}

#[test]
fn the_direct_role_is_that_of_the_live_grant_on_the_scope() {
    let direct = |collaborator: &Collaborator| {
        Subject { collaborator, granting: Granting::Administrators }
            .direct_role(&scope(SUMMIT), NOW)
    };
    let ended = collaborator("nina").holding(SUMMIT, Role::READER).until(NOW);
    assert_eq!(direct(&ended), Some(Role::READER), "no other grant is live");
    assert_eq!(direct(&ended.holding(TECH, Role::OBSERVER)), None, "all access is inherited");
    assert_eq!(direct(&collaborator("nina").holding(SUMMIT, Role::READER)), Some(Role::READER));
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn permissions_only_grow_downwards(collaborator in any_person("nina"), owners in any::<bool>()) {
        let granting = if owners { Granting::Owner } else { Granting::Administrators };
        let subject = Subject { collaborator: &collaborator, granting };
        for at in EVERYWHERE.map(scope) {
            if let Some(parent) = at.parent() {
                prop_assert!(subject.permissions(&at, NOW).includes(subject.permissions(&parent, NOW)));
            }
        }
    }

    #[test]
    fn a_permission_is_effective_exactly_if_a_grant_determines_it(collaborator in any_person("nina"), owners in any::<bool>()) {
        let granting = if owners { Granting::Owner } else { Granting::Administrators };
        let subject = Subject { collaborator: &collaborator, granting };
        for at in EVERYWHERE.map(scope) {
            let held = subject.permissions(&at, NOW);
            for permission in Permission::ALL {
                let determining_grant = subject.determining_grant(&at, permission, NOW);
                prop_assert_eq!(determining_grant.is_some(), held.contains(permission));
                if let Some(determining_grant) = determining_grant {
                    let grant = &collaborator.grants[determining_grant.scope];
                    prop_assert!(determining_grant.scope.reaches(&at) && grant.is_live(NOW));
                    prop_assert!(permissions_under(granting, grant.role).contains(permission));
                }
            }
        }
    }

    // docs/security.md#line-11
    #[test]
    fn a_custom_set_never_has_a_permission_of_access(bits in any::<u128>(), most in any::<u128>()) {
        let wanted = chosen(bits & most);
        let on_access = [Permission::AccessView, Permission::AccessManage];
        let refused = wanted.is_empty() || on_access.into_iter().any(|it| wanted.contains(it));
        match Role::new(RoleName::Custom, Some(wanted)) {
            Ok(role) => {
                let set = role.permissions();
                prop_assert!(!refused && set.includes(wanted) && set.completed() == set);
                prop_assert!(on_access.into_iter().all(|it| !set.contains(it)));
            }
            Err(_) => prop_assert!(refused),
        }
    }

    #[test]
    fn if_only_owners_grant_access_manage_needs_an_owner_grant(collaborator in any_person("nina")) {
        let subject = Subject { collaborator: &collaborator, granting: Granting::Owner };
        for at in EVERYWHERE.map(scope) {
            let owns = collaborator.grants.iter().any(|(on, grant)| {
                on.reaches(&at) && grant.role == Role::Owner && grant.is_live(NOW)
            });
            let manages = subject.permissions(&at, NOW).contains(Permission::AccessManage);
            prop_assert!(!manages || owns);
        }
    }
}
