//! No escalation, on every path: no one grants or revokes permissions that they lack (docs/security.md#line-12).

use coulisses_domain::{
    assign_role,
    define_role::{self, DefineRoleCommand},
};
use proptest::{prelude::*, sample::select};

use crate::prelude::*;

/// The number of cases of a property. A failure gets a test of its own instead of a file of seeds.
pub fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// The permissions of these bits.
pub fn chosen(bits: u128) -> PermissionSet {
    Permission::ALL
        .into_iter()
        .filter(|permission| bits & (1 << (*permission as u8)) != 0)
        .collect()
}

/// A set that a custom role, or one of the client's own, can have.
pub fn any_custom_set() -> impl Strategy<Value = CustomSet> {
    let first = PermissionSet::of(&[ENTITIES[0].actions[0].permission]);
    any::<u128>().prop_map(move |bits| {
        let chosen = chosen(bits).iter().filter(|permission| !permission.is_on_access());
        CustomSet::new(chosen.collect::<PermissionSet>().union(first)).unwrap()
    })
}

/// A role of the catalogue, a custom one, or the one that [`press`] defines.
pub fn any_role() -> impl Strategy<Value = Role> {
    let catalogue: Vec<Role> =
        ROLES.into_iter().filter_map(|entry| Role::new(entry.role, None).ok()).collect();
    prop_oneof![
        6 => select(catalogue),
        3 => Just(Role::Administrator),
        1 => any_custom_set().prop_map(Role::Custom),
        1 => Just(Role::Named(NamedRole::asked(RoleKey::parse("press").unwrap()))),
    ]
}

/// The client's own roles: one, `press`, that can be given on audiences and events.
pub fn press(permissions: CustomSet) -> ClientRules {
    let text = |text: &str| LocalizedText { fr: name(text), en: name(text) };
    let definition = RoleDefinition {
        made: 3,
        name: text("Press"),
        description: None,
        permissions,
        levels: Levels::of(&[Level::Audience, Level::Event]),
        retiring: false,
        version: Version::from_number(1),
    };
    let roles = BTreeMap::from([(RoleKey::parse("press").unwrap(), definition)]);
    ClientRules { roles, made: 3, version: 5, ..ClientRules::default() }
}

pub fn any_place() -> impl Strategy<Value = &'static str> {
    select(vec![ACME, TECH, ARTS, SUMMIT, GALA, GUILD])
}

/// A collaborator in any state with one to four grants, some of them ended; an owner grant never is.
pub fn any_person(who: &'static str) -> impl Strategy<Value = Collaborator> {
    any_custom_set().prop_flat_map(move |permissions| any_holder(who, press(permissions)))
}

/// The same, with the client's own `roles`.
fn any_holder(who: &'static str, roles: ClientRules) -> impl Strategy<Value = Collaborator> {
    let grant =
        (any_place(), any_role(), select(vec![None, None, Some(NOW), Some(NOW.after(DAY))]));
    let membership =
        select(vec![None, None, None, Some(NOW.after(MINUTE)), Some(before_now(MINUTE))]);
    (prop::collection::vec(grant, 1..5), membership).prop_map(move |(grants, invited)| {
        let mut collaborator = crate::world::collaborator(who);
        for (at, role, end) in grants {
            let role = if let Role::Named(asked) = role {
                Role::Named(roles.get(asked.key).unwrap().0)
            } else {
                role
            };
            collaborator = collaborator.holding(at, role);
            if let Some(grant) = collaborator.grants.get_mut(&scope(at)) {
                grant.expires_at = end.filter(|_| role != Role::Owner);
            }
        }
        invited.into_iter().fold(collaborator, Building::invited_until)
    })
}

pub fn any_world() -> impl Strategy<Value = World> {
    any_custom_set().prop_map(press).prop_flat_map(|roles| {
        let target = prop::option::weighted(0.9, any_holder("target", roles.clone()));
        let collaborators = (any_holder("grantor", roles.clone()), target);
        (collaborators, any::<bool>()).prop_map(move |((grantor, target), owners)| {
            let mut world = World::new();
            world.client_mut().rules = roles.clone();
            world.add(grantor);
            if let Some(target) = target {
                world.add(target);
            }
            if owners {
                world.client_mut().granting = Granting::Owner;
            }
            world
        })
    })
}

/// Everything that a decision changed of the target is covered by the grantor's permissions there; the grantor's own grants
/// are unchanged.
fn is_covered_by_the_grantor(world: &World, decision: &Decision) {
    let subject =
        Subject { collaborator: world.collaborator("grantor"), granting: world.client().granting };
    for change in decision.collaborators() {
        let (before, after) = match change {
            Change::Check(_) => continue,
            Change::Create(after) => (None, Some(after)),
            Change::Update { before, after } => (Some(before), Some(after)),
            Change::Delete(before) => (Some(before), None),
        };
        assert_ne!(change.record().id, subject.collaborator.id, "not their own record");
        let grants = |collaborator: Option<&Collaborator>| {
            collaborator.map(|p| p.grants.clone()).unwrap_or_default()
        };
        let (was, is) = (grants(before), grants(after));
        for at in was.keys().chain(is.keys()) {
            let (was, is) = (was.get(at), is.get(at));
            if was == is {
                continue;
            }
            // What an expired collaborator loses was not access any more, nor is a grant that has ended.
            let expired =
                before.is_some_and(|collaborator| collaborator.status(NOW) == Status::Expired);
            let lost = was.filter(|was| !expired && was.is_live(NOW));
            for role in lost.into_iter().chain(is).map(|grant| grant.role) {
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
    fn line_12_an_invitation_gives_only_what_the_grantor_has(
        world in any_world(), at in any_place(), role in any_role(),
    ) {
        if let Ok(outcome) = world.invite_with("grantor", at, &invite_command("target", role)) {
            is_covered_by_the_grantor(&world, &outcome.decision);
        }
    }

    #[test]
    fn line_12_a_role_change_gives_and_revokes_only_what_the_grantor_has(
        world in any_world(), at in any_place(), role in any_role(),
    ) {
        if let Ok(outcome) = world.assign("grantor", at, "target", role) {
            is_covered_by_the_grantor(&world, &outcome.decision);
        }
        let own = assign_role::AssignRoleCommand {
            role: Some(role), expires_at: Some(None), outlives_event: None, reason: None, version: world.collaborator("grantor").version.into(),
        };
        prop_assert!(world.assign_with("grantor", at, "grantor", &own).is_err());
    }

    #[test]
    fn line_12_a_revocation_revokes_only_what_the_grantor_has(
        world in any_world(), at in any_place(), below in any::<bool>(),
    ) {
        let extent = if below { Extent::HereAndBelow } else { Extent::Here };
        if let Ok(outcome) = world.revoke("grantor", at, "target", extent) {
            is_covered_by_the_grantor(&world, &outcome.decision);
            prop_assert!(outcome.answer.removed.values().all(|grant| grant.role != Role::Owner));
        }
        if let Ok(outcome) = world.revoke("grantor", at, "grantor", extent) {
            prop_assert!(outcome.answer.removed.values().all(|grant| grant.role != Role::Owner));
        }
    }

    #[test]
    fn line_12_a_resend_restores_only_what_the_grantor_has(world in any_world(), at in any_place()) {
        if let Ok(outcome) = world.resend("grantor", at, "target") {
            let target = world.collaborator("target");
            prop_assert_eq!(&outcome.answer.grants, &target.grants);
            if target.status(NOW) == Status::Expired {
                let subject = Subject { collaborator: world.collaborator("grantor"), granting: world.client().granting };
                for (at, grant) in &target.grants {
                    let held = subject.permissions(at, NOW);
                    prop_assert!(held.contains(Permission::AccessManage));
                    prop_assert!(held.includes(grant.role.permissions()));
                }
            }
        }
    }

    #[test]
    fn line_12_only_the_owner_transfers_ownership(world in any_world(), at in any_place()) {
        for who in ["target", "cora", "adam"] {
            prop_assert!(world.hand_to("grantor", at, who).is_err(), "the records name another owner");
        }
        for owner in ["olga", "gwen"] {
            if world.hand_to(owner, at, "target").is_ok() {
                let subject = Subject { collaborator: world.collaborator(owner), granting: world.client().granting };
                prop_assert_eq!(subject.permissions(&scope(at), NOW), PermissionSet::ALL);
            }
        }
    }
}

/// A role that manages access and has `set`. A platform's own catalogue can have one that lacks something else.
fn lead(set: CustomSet) -> Role {
    let access = Permission::ALL.into_iter().filter(|permission| permission.is_on_access());
    let permissions = access.collect::<PermissionSet>().union(set.permissions());
    Role::Named(NamedRole { key: RoleKey::parse("lead").unwrap(), made: 1, permissions })
}

#[test]
fn a_grant_that_has_ended_is_replaced_by_one_who_could_not_have_given_it() {
    let only = CustomSet::new(PermissionSet::of(&[ENTITIES[0].actions[0].permission])).unwrap();
    let mut world = World::new();
    world.add(collaborator("lena").holding(ACME, lead(only)));
    let target = collaborator("target").holding(SUMMIT, Role::Administrator).until(NOW);
    world.add(target.holding(GALA, Role::Custom(only)));
    let invite = invite_command("target", Role::Custom(only));
    let outcome = world.invite_with("lena", SUMMIT, &invite).unwrap();
    assert_eq!(outcome.answer.grants[&scope(SUMMIT)].role, Role::Custom(only));

    let live = collaborator("target").holding(SUMMIT, Role::Administrator);
    world.edit("target", |target| target.grants.extend(live.grants));
    let refused = world.invite_with("lena", SUMMIT, &invite).unwrap_err();
    assert!(matches!(refused, Refusal::AlreadyHasAccess(_)));
}

/// Whether `who` can set the permissions of the role `press`.
fn define(world: &World, who: &str, permissions: CustomSet) -> Result<(), Refusal> {
    let text = LocalizedText { fr: name("Press"), en: name("Press") };
    let command = DefineRoleCommand {
        key: RoleKey::parse("press").unwrap(),
        name: text,
        description: None,
        permissions,
        levels: Levels::of(&[Level::Event]),
        version: Precondition::None,
    };
    define_role::decide(&world.facts(who, ACME, who), &command, world.now).map(drop)
}

#[test]
fn no_one_puts_more_into_a_role_than_they_have_nor_edits_one_that_has_more() {
    let [one, other] = [0, 1].map(|entity| ENTITIES[entity].actions[0].permission);
    let [less, more] = [&[one][..], &[one, other]]
        .map(|chosen| CustomSet::new(PermissionSet::of(chosen)).unwrap());
    let mut world = World::new();
    world.add(collaborator("lena").holding(ACME, lead(less)));
    assert_eq!(define(&world, "lena", less), Ok(()));
    assert_eq!(define(&world, "lena", more), Err(Refusal::Forbidden), "a role with more");
    world.client_mut().rules = press(more);
    assert_eq!(define(&world, "lena", less), Err(Refusal::Forbidden), "a role that has more");
    world.client_mut().rules = press(less);
    assert_eq!(define(&world, "lena", more), Err(Refusal::Forbidden), "more for a role");
    assert_eq!(define(&world, "olga", more), Ok(()));
}
