//! Checks: who can ask about whom, and the answers.

use coulisses_domain::check;
use proptest::prelude::*;

use crate::{
    escalation::{any_person, cases},
    prelude::*,
};

fn facts(world: &World, by: &str) -> CheckFacts {
    let client = (world.client().scope(), Level::Client);
    let scopes = world.scopes.values().map(|scope| (scope.id.clone(), scope.level));
    CheckFacts {
        caller: world.caller(by),
        collaborators: world.collaborators.clone(),
        granting: Some(world.client().granting),
        levels: scopes.chain([client]).collect(),
    }
}

fn about(who: Option<&str>, at: &str, permission: Permission) -> Question {
    Question { about: who.map(id), account: None, scope: scope(at), level: None, permission }
}

/// The answer to `by` about `who`, or about themselves: the scope and the role that allow it.
fn answer(
    world: &World,
    by: &str,
    who: Option<&str>,
    (at, permission): (&str, Permission),
) -> Option<(String, RoleName)> {
    let facts = facts(world, by);
    let because = check::answer(&facts, &about(who, at, permission), NOW)?;
    Some((because.scope.to_string(), because.role))
}

#[test]
fn users_can_ask_about_themselves_and_get_the_determining_grant() {
    let world = World::new();
    for (who, at, permission, because) in [
        ("olga", SUMMIT, Permission::AccessManage, Some((ACME, RoleName::Owner))),
        ("tess", SUMMIT, Permission::HistoryView, Some((TECH, RoleName::Administrator))),
        ("tess", ACME, Permission::HistoryView, None),
        ("rita", GALA, Permission::ContentView, Some((ACME, RoleName::READER))),
        ("obi", SUMMIT, Permission::ContactsView, Some((SUMMIT, RoleName::OBSERVER))),
        ("obi", SUMMIT, Permission::ContactsExport, None),
        ("obi", GALA, Permission::ContactsView, None),
        ("carl", SUMMIT, Permission::CheckinView, Some((SUMMIT, RoleName::Custom))),
    ] {
        let expected = because.map(|(at, role)| (at.to_owned(), role));
        assert_eq!(answer(&world, who, None, (at, permission)), expected, "{who} at {at}");
        let by_address = answer(&world, who, Some(who), (at, permission));
        assert_eq!(by_address, expected, "{who} by their address");
    }
}

#[test]
fn the_scope_need_not_exist_and_the_platform_cannot_ask_about_itself() {
    let world = World::new();
    let own = answer(&world, "platform", None, (ACME, Permission::DashboardView));
    assert_eq!(own, None);
    let answer = answer(&world, "rita", None, ("acme:none:nothing", Permission::ContentView));
    assert_eq!(answer, Some((ACME.to_owned(), RoleName::READER)));
}

#[test]
fn support_can_ask_about_everyone_and_learns_of_themselves_what_their_own_access_allows() {
    let world = World::new();
    let contacts = (SUMMIT, Permission::ContactsView);
    for by in ["support nobody", "support pia", "support rita"] {
        let seen = answer(&world, by, Some("obi"), contacts);
        assert_eq!(seen, Some((SUMMIT.to_owned(), RoleName::OBSERVER)), "{by}");
    }
    for (by, permission) in [
        ("support nobody", Permission::AccessView),
        ("support pia", Permission::ContentView),
        ("support rita", Permission::AccessView),
    ] {
        assert_eq!(answer(&world, by, None, (SUMMIT, permission)), None, "{by}");
        let plain = by.strip_prefix("support ").unwrap();
        assert_eq!(answer(&world, by, Some(plain), (SUMMIT, permission)), None, "{by}");
    }
}

#[test]
fn the_platform_and_callers_with_access_view_can_ask_about_others() {
    let mut world = World::new();
    for granting in [Granting::Administrators, Granting::Owner] {
        world.client_mut().granting = granting;
        for (by, at, answered) in [
            ("platform", SUMMIT, true),
            ("olga", SUMMIT, true),
            ("tess", SUMMIT, true),
            ("eve", SUMMIT, true),
            ("sister", SUMMIT, false),
            ("cora", SUMMIT, false),
            ("rita", SUMMIT, false),
            ("carl", SUMMIT, false),
            ("paul", SUMMIT, false),
            ("xena", SUMMIT, false),
            ("lena", SUMMIT, false),
            ("nobody", SUMMIT, false),
        ] {
            let answer = answer(&world, by, Some("obi"), (at, Permission::ContactsView));
            assert_eq!(answer.is_some(), answered, "{by}");
        }
    }
    // Eve has `access:view` at the summit, but not at the scopes above and beside it.
    let question = |at| (at, Permission::ContactsView);
    assert!(answer(&world, "eve", Some("adam"), question(SUMMIT)).is_some());
    for at in [TECH, GALA, ACME] {
        assert_eq!(answer(&world, "eve", Some("adam"), question(at)), None, "{at}");
    }
}

// docs/security.md#line-25
#[test]
fn a_question_that_the_caller_cannot_ask_is_denied() {
    let world = World::new();
    for who in ["sister", "gwen", "nobody"] {
        for permission in Permission::ALL {
            assert_eq!(answer(&world, "eve", Some(who), (GALA, permission)), None);
            assert_eq!(answer(&world, "eve", Some(who), (SUMMIT, permission)), None);
        }
    }
}

// docs/security.md#line-4
#[test]
fn pending_expired_and_removed_collaborators_are_denied_everything() {
    let world = World::new();
    for who in ["pia", "paul", "xena", "yann", "lena", "nobody"] {
        for (by, about) in
            [(who, None), (who, Some(who)), ("olga", Some(who)), ("platform", Some(who))]
        {
            for permission in Permission::ALL {
                assert_eq!(answer(&world, by, about, (SUMMIT, permission)), None, "{who} by {by}");
            }
        }
    }
}

// docs/security.md#line-7
#[test]
fn under_another_account_every_question_is_denied() {
    let world = World::new();
    let bound = account("olga");
    for thief in [
        Account { iss: "https://elsewhere.example".into(), ..bound.clone() },
        Account { sub: "thief".into(), ..bound.clone() },
    ] {
        let facts =
            CheckFacts { caller: world.caller_as("olga", thief.clone()), ..facts(&world, "olga") };
        for about in [None, Some(id("olga")), Some(id("obi"))] {
            for account in [None, Some(bound.clone()), Some(thief.clone())] {
                let question = Question {
                    about: about.clone(),
                    account,
                    scope: scope(SUMMIT),
                    level: None,
                    permission: Permission::ContactsView,
                };
                assert_eq!(check::answer(&facts, &question, NOW), None, "{question:?}");
            }
        }
    }
}

#[test]
fn a_named_account_must_be_the_bound_one() {
    let world = World::new();
    for by in ["platform", "olga", "obi"] {
        let facts = facts(&world, by);
        let asked = |account: &str| Question {
            account: Some(crate::world::account(account)),
            ..about(Some("obi"), SUMMIT, Permission::ContactsView)
        };
        let scope = scope(SUMMIT);
        let allowed = Some(DeterminingGrant { scope: &scope, role: RoleName::OBSERVER });
        assert_eq!(check::answer(&facts, &asked("obi"), NOW), allowed, "{by}");
        assert_eq!(check::answer(&facts, &asked("olga"), NOW), None, "{by}");
    }
}

// Digitevent (docs/domain.md#sources): "Seul le propriétaire de l'événement peut accorder des permissions"
#[test]
fn if_only_owners_grant_only_they_have_access_manage() {
    let mut world = World::new();
    world.client_mut().granting = Granting::Owner;
    let manage = |at| (at, Permission::AccessManage);
    assert_eq!(answer(&world, "adam", None, manage(SUMMIT)), None);
    assert_eq!(answer(&world, "sister", None, manage(GALA)), None);
    assert_eq!(answer(&world, "gwen", None, manage(GALA)), Some((GALA.into(), RoleName::Owner)));
    assert_eq!(answer(&world, "olga", None, manage(GALA)), Some((ACME.into(), RoleName::Owner)));
}

#[test]
fn only_access_manage_needs_the_granting_setting_and_is_denied_without_it() {
    let world = World::new();
    for permission in Permission::ALL {
        let question = about(None, SUMMIT, permission);
        assert_eq!(question.needs_granting(), permission == Permission::AccessManage);
        let unread = CheckFacts { granting: None, ..facts(&world, "olga") };
        let allowed = check::answer(&unread, &question, NOW).is_some();
        assert_eq!(allowed, !question.needs_granting(), "{permission:?}");
    }
}

#[test]
fn a_record_that_was_not_read_is_denied() {
    let world = World::new();
    let facts = CheckFacts { collaborators: BTreeMap::new(), ..facts(&world, "olga") };
    let question = about(Some("obi"), SUMMIT, Permission::ContactsView);
    assert_eq!(check::answer(&facts, &question, NOW), None);
}

fn held(who: &World, name: &str, granting: Granting) -> Vec<(String, RoleName, PermissionSet)> {
    check::holdings(who.collaborator(name), &Login::Account(account(name)), granting, NOW)
        .into_iter()
        .map(|Holding { scope, role, permissions }| (scope.to_string(), role, permissions))
        .collect()
}

#[test]
fn holdings_list_each_scope_with_its_effective_permissions() {
    let mut world = World::new();
    let scan = custom(&[Permission::CheckinScan]);
    world.add(
        collaborator("nina")
            .holding(GALA, Role::OBSERVER)
            .until(before_now(MINUTE))
            .holding(TECH, Role::MANAGER)
            .holding(SUMMIT, scan),
    );
    let both = Role::MANAGER.permissions().union(scan.permissions());
    assert_eq!(
        held(&world, "nina", Granting::Administrators),
        [
            (TECH.into(), RoleName::MANAGER, Role::MANAGER.permissions()),
            (SUMMIT.into(), RoleName::Custom, both),
        ],
        "what has ended is not among them"
    );
    let all_but = PermissionSet::ALL.without(Permission::AccessManage);
    let adam = (ACME.to_owned(), RoleName::Administrator, all_but);
    assert_eq!(held(&world, "adam", Granting::Owner), [adam]);
    for who in ["pia", "xena", "lena"] {
        assert_eq!(held(&world, who, Granting::Administrators), [], "{who}");
    }
    let thief = account("thief");
    assert_eq!(
        check::holdings(world.collaborator("olga"), &Login::Account(thief), Granting::Owner, NOW),
        []
    );
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn an_answer_about_oneself_is_the_determining_grant(nina in any_person("nina"), owners in any::<bool>()) {
        let mut world = World::new();
        world.client_mut().granting = if owners { Granting::Owner } else { Granting::Administrators };
        world.add(nina);
        let facts = facts(&world, "nina");
        for at in [ACME, TECH, SUMMIT, GALA] {
            for permission in Permission::ALL {
                let answer = check::answer(&facts, &about(None, at, permission), NOW);
                let granting = world.client().granting;
                let subject = Subject { collaborator: world.collaborator("nina"), granting };
                prop_assert_eq!(answer, subject.determining_grant(&scope(at), permission, NOW));
            }
        }
    }
}

#[test]
fn what_an_answer_rests_on_shows_no_one_who_has_access_elsewhere() {
    let mut world = World::new();
    let end = NOW.after(DAY);
    world.add(collaborator("tim").holding(SUMMIT, Role::READER).holding(TECH, Role::OBSERVER));
    let tim = world.collaborators.get_mut(&id("tim")).unwrap();
    tim.grants.get_mut(&scope(SUMMIT)).unwrap().expires_at = Some(end);
    let basis = |by: &str, who: Option<&str>, at: &str, permission| {
        check::explain(&facts(&world, by), &about(who, at, permission), NOW).basis
    };
    let version = world.collaborator("tim").version;
    let own = basis("tim", None, SUMMIT, Permission::ContentView).unwrap();
    assert_eq!((own.version, own.valid_until), (version, Some(end)));
    let asked = basis("eve", Some("tim"), SUMMIT, Permission::ContentView).unwrap();
    assert_eq!(asked, own);
    // A denial does not end by itself.
    let denied = basis("eve", Some("tim"), SUMMIT, Permission::OrdersExport).unwrap();
    assert_eq!((denied.version, denied.valid_until), (version, None));
    // Gwen works at the gala alone, and that she exists does not show at the summit.
    assert_eq!(basis("eve", Some("gwen"), SUMMIT, Permission::ContentView), None);
    assert_eq!(basis("eve", Some("nobody"), SUMMIT, Permission::ContentView), None);
    assert_eq!(
        basis("cora", Some("tim"), SUMMIT, Permission::ContentView),
        None,
        "she may not ask"
    );
    assert!(basis("gwen", None, SUMMIT, Permission::ContentView).is_some(), "her own version");
}

#[test]
fn a_scope_of_another_level_or_none_at_all_allows_nothing_where_the_level_matters() {
    let mut world = World::new();
    let allowed = |world: &World, at: &str, level| {
        let question = Question { level, ..about(Some("obi"), at, Permission::ContactsView) };
        check::answer(&facts(world, "olga"), &question, NOW).is_some()
    };
    for level in Level::ALL {
        assert_eq!(allowed(&world, SUMMIT, Some(level)), level == Level::Event, "{level:?}");
    }
    world.scopes.remove(&scope(SUMMIT));
    assert!(!allowed(&world, SUMMIT, Some(Level::Event)));
    assert!(allowed(&world, SUMMIT, None), "by its id alone");
}
