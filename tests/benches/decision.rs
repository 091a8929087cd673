//! The time of an access decision by the number of grants: `cargo bench --bench decision`.
#![expect(clippy::expect_used, reason = "a failed setup must end the benchmark")]

use std::{collections::BTreeMap, hint::black_box};

use coulisses_domain::{
    access::Subject,
    actor::Actor,
    caller::{Caller, Login, User},
    check::{self, CheckFacts, Question},
    client::Granting,
    collaborator::{Account, Binding, Collaborator, Grant, Membership},
    dates::EventEnd,
    email::Email,
    ids::CollaboratorId,
    permission::Permission,
    role::Role,
    scope::{ClientId, Level, ScopeId},
    time::{DAY, Timestamp, Version},
};
use criterion::{BenchmarkId, Criterion};

/// The questions: about a permission of the role at an event below the granted audience, another permission, another event.
const QUESTIONS: [(&str, &str, Permission); 3] = [
    ("allowed", "acme:tech:summit-2027", Permission::ContactsExport),
    ("denied by the role", "acme:tech:summit-2027", Permission::ContactsImport),
    ("denied elsewhere", "acme:press:summit-2027", Permission::ContactsExport),
];

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let now = Timestamp::parse("2026-11-22T12:00:00Z").expect("a time");
    for (name, at, permission) in QUESTIONS {
        let mut group = criterion.benchmark_group(format!("decision/{name}"));
        let at = ScopeId::parse(at).expect("a scope");
        for grants in [1, 3, 10, 100] {
            let collaborator = with_grants(grants, now);
            let subject =
                Subject { collaborator: &collaborator, granting: Granting::Administrators };
            let because = || subject.determining_grant(&at, permission, now);
            assert_eq!(because().is_some(), name == "allowed");
            group.bench_function(BenchmarkId::new("because", grants), |bencher| {
                bencher.iter(|| {
                    black_box(subject).determining_grant(black_box(&at), permission, black_box(now))
                });
            });
            let (facts, question) = asked_about_oneself(&collaborator, &at, permission);
            group.bench_function(BenchmarkId::new("answer", grants), |bencher| {
                bencher.iter(|| {
                    check::answer(black_box(&facts), black_box(&question), black_box(now))
                });
            });
        }
        group.finish();
    }
    criterion.final_summary();
}

/// A supervisor of one audience with further grants on events of other audiences, `grants` in all.
fn with_grants(grants: usize, now: Timestamp) -> Collaborator {
    let grant = |level, role| Grant {
        level,
        role,
        granted_by: Actor::Platform(None),
        granted_at: now,
        expires_at: Some(now.after(7 * DAY)),
        outlives_event: false,
        event: EventEnd::None,
    };
    let scope = |text: &str| ScopeId::parse(text).expect("a scope");
    let elsewhere = (1..grants).map(|number| {
        // Sorted before and after the grant that decides.
        let audience = if number % 2 == 0 { "hr" } else { "web" };
        let event = scope(&format!("acme:{audience}:event-{number:03}"));
        (event, grant(Level::Event, Role::CONTRIBUTOR))
    });
    let grants: BTreeMap<_, _> =
        elsewhere.chain([(scope("acme:tech"), grant(Level::Audience, Role::SUPERVISOR))]).collect();
    Collaborator {
        client: ClientId::parse("acme").expect("a client"),
        id: CollaboratorId::parse("nf2kqtz6sx4m7wdj3hvb5yacre").expect("an id"),
        email: Email::parse("lea@example.org").expect("an address"),
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
        grants,
        version: Version::from_number(1),
        changed_at: now,
        forget_at: None,
    }
}

fn account() -> Account {
    Account {
        iss: "https://id.example.org/".to_owned(),
        sub: "auth0|65f2c0a1b3d4e5f607182930".to_owned(),
    }
}

/// A question of the collaborator about themselves, and the facts that `check` reads for it.
fn asked_about_oneself(
    collaborator: &Collaborator,
    at: &ScopeId,
    permission: Permission,
) -> (CheckFacts, Question) {
    let asker = User {
        login: Login::Account(account()),
        email: collaborator.email.clone(),
        name: None,
        id: collaborator.id.clone(),
        record: Some(collaborator.clone()),
        support: false,
        logged_in_at: None,
    };
    let facts = CheckFacts {
        caller: Caller::User(Box::new(asker)),
        collaborators: BTreeMap::new(),
        granting: Some(Granting::Administrators),
        levels: BTreeMap::new(),
    };
    (facts, Question { about: None, account: None, scope: at.clone(), level: None, permission })
}
