//! A decision allocates nothing, whatever the number of grants. This binary has its own counting allocator.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a helper of these tests fails a test by panicking, as the tests themselves do"
)]

use std::collections::BTreeMap;

use allocation_counter::measure;
use coulisses_domain::{
    access::Subject,
    actor::{Actor, OauthClient},
    caller::{Caller, Login, User},
    check::{self, CheckFacts, Question},
    client::Granting,
    client_rules::ClientRules,
    collaborator::{Account, Binding, Collaborator, Grant, MAX_GRANTS, Membership},
    dates::EventEnd,
    email::Email,
    ids::CollaboratorId,
    named_role::{LocalizedText, RoleDefinition},
    permission::{Permission, PermissionSet},
    role::{CustomSet, Role, RoleKey, RoleName},
    scope::{ClientId, Level, Levels, ScopeId},
    text::Name,
    time::{DAY, Timestamp, Version},
};

const NOW: Timestamp = Timestamp::from_seconds(1_795_348_800);

/// The number of allocations.
fn allocations(what: impl FnOnce()) -> u64 {
    measure(what).count_total
}

fn scope(text: &str) -> ScopeId {
    ScopeId::parse(text).unwrap()
}

fn account() -> Account {
    Account { iss: "https://id.example.org".into(), sub: "lea".into() }
}

/// Every role in turn, some grants ended, on the path of `acme:tech:event-0` and beside it.
fn collaborator(id: &str, grants: usize) -> Collaborator {
    let custom = PermissionSet::of(&[Permission::CheckinScan, Permission::OrdersExport]);
    let grant = |number: usize| {
        let at = match number {
            0 => scope("acme:tech"),
            1 => scope("acme"),
            _ => scope(&format!("acme:tech:event-{}", number - 2)),
        };
        let own = RoleName::Named(RoleKey::parse("front-desk").unwrap());
        let roles: Vec<_> = RoleName::offerable().chain([own]).collect();
        let name = roles[number % roles.len()];
        let role = Role::new(name, (name == RoleName::Custom).then_some(custom)).unwrap();
        let ends = [None, Some(NOW.after(DAY)), Some(NOW)][number % 3];
        let grant = Grant {
            level: Level::Event,
            role,
            granted_by: Actor::Platform(None),
            granted_at: NOW,
            expires_at: ends,
            outlives_event: false,
            event: EventEnd::None,
        };
        (at, grant)
    };
    Collaborator {
        client: ClientId::parse("acme").unwrap(),
        id: CollaboratorId::parse(&id.repeat(26)).unwrap(),
        email: Email::parse("lea@example.org").unwrap(),
        name: None,
        locale: None,
        membership: Membership::Active(Binding {
            account: account(),
            accepted: None,
            mailed_at: None,
        }),
        seat: true,
        last_login_at: None,
        refused_login_at: None,
        grants: (0..grants).map(grant).collect(),
        version: Version::from_number(1),
        changed_at: NOW,
        forget_at: None,
    }
}

const ASKED: [&str; 4] = ["acme", "acme:tech", "acme:tech:event-0", "acme:rh:event-0"];

/// Under each setting, with each number of grants, at scopes with and without a grant.
fn each_holder(mut with: impl FnMut(Subject<'_>, &ScopeId)) {
    for grants in [1, 3, 10, 100, MAX_GRANTS] {
        let collaborator = collaborator("a", grants);
        for granting in [Granting::Administrators, Granting::Owner] {
            for at in ASKED.map(scope) {
                with(Subject { collaborator: &collaborator, granting }, &at);
            }
        }
    }
}

#[test]
fn allocations_are_counted() {
    assert_eq!(allocations(|| drop(std::hint::black_box(scope("acme")))), 1);
}

#[test]
fn a_decision_allocates_nothing_whether_it_allows_or_denies() {
    let (mut allowed, mut denied) = (0, 0);
    each_holder(|subject, at| {
        for permission in Permission::ALL {
            let mut because = None;
            let count = allocations(|| because = subject.determining_grant(at, permission, NOW));
            assert_eq!(count, 0, "{permission:?} at {at} with {subject:?}");
            if because.is_some() { allowed += 1 } else { denied += 1 }
        }
    });
    assert!(allowed > 100 && denied > 100, "{allowed} allowed, {denied} denied");
}

#[test]
fn comparing_accounts_and_computing_permissions_allocate_nothing() {
    let (bound, other) = (account(), Account { sub: "max".into(), ..account() });
    each_holder(|subject, at| {
        let mut held = PermissionSet::EMPTY;
        assert_eq!(allocations(|| held = subject.permissions(at, NOW)), 0, "{held:?} at {at}");
        for account in [&bound, &other] {
            let mut because = None;
            let view = Permission::ContactsView;
            let count =
                allocations(|| because = subject.determining_grant_for(account, at, view, NOW));
            assert_eq!(count, 0, "{because:?} at {at}");
        }
    });
}

#[test]
fn looking_up_the_roles_of_the_client_allocates_nothing() {
    let name = Name::parse("Front desk").unwrap();
    let scan = PermissionSet::of(&[Permission::CheckinScan]);
    let key = RoleKey::parse("front-desk").unwrap();
    let definition = RoleDefinition {
        made: 0,
        name: LocalizedText { fr: name.clone(), en: name },
        description: None,
        permissions: CustomSet::new(scan).unwrap(),
        levels: Levels::of(&Level::ALL),
        retiring: false,
        version: Version::from_number(1),
    };
    let roles = ClientRules {
        roles: BTreeMap::from([(key, definition)]),
        made: 1,
        version: 1,
        ..ClientRules::default()
    };
    let mut holder = collaborator("a", MAX_GRANTS);
    assert_eq!(allocations(|| roles.resolve(&mut holder, &BTreeMap::new())), 0);
    let found = holder.grants.values().filter(|grant| grant.role.permissions().includes(scan));
    assert!(found.count() > MAX_GRANTS / 9, "the permissions are those of the definition");
}

#[test]
fn an_answer_about_oneself_or_others_allocates_nothing() {
    let (asker, other) = (collaborator("a", 3), collaborator("b", 10));
    let himself = User {
        login: Login::Account(account()),
        email: asker.email.clone(),
        name: None,
        id: asker.id.clone(),
        record: Some(asker.clone()),
        support: false,
        logged_in_at: None,
    };
    let collaborators = BTreeMap::from([(other.id.clone(), other.clone())]);
    for caller in
        [Caller::Platform(OauthClient::new("backend".to_owned())), Caller::User(Box::new(himself))]
    {
        for granting in [None, Some(Granting::Owner)] {
            let facts = CheckFacts {
                caller: caller.clone(),
                collaborators: collaborators.clone(),
                granting,
                levels: BTreeMap::new(),
            };
            for about in [None, Some(asker.id.clone()), Some(other.id.clone())] {
                for account in [None, Some(account())] {
                    for permission in Permission::ALL {
                        let (about, account) = (about.clone(), account.clone());
                        let at = scope("acme:tech:event-0");
                        let question =
                            Question { about, account, scope: at, level: None, permission };
                        let mut answer = None;
                        let count = allocations(|| answer = check::answer(&facts, &question, NOW));
                        assert_eq!(count, 0, "{answer:?} to {question:?}");
                    }
                }
            }
        }
    }
}
