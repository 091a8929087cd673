//! Complaints of users of other access services that no other test covers. `docs/complaints.md` lists all, with the tests.

use std::{collections::BTreeSet, fs, path::Path};

use coulisses_tests::Principal;
use serde_json::json;

use crate::{
    escalation::expo,
    support::{
        LEA, MAX, OWNER, TECH, acme, acme_with, active, invite, invited, log_in, post, seen,
    },
};

#[tokio::test]
async fn a_person_with_an_existing_account_is_invited_and_activated_as_usual() {
    let world = acme().await;
    expo(&world, LEA).await;
    // A login before the invitation has no effect.
    let early = post(&world, &Principal::user(LEA), "/v1/scopes/acme/logins", &json!({})).await;
    assert_eq!(early.outcome(), "404 scope-not-found");
    invited(&world, LEA, TECH, "reader").await;
    assert_eq!(seen(&world, "acme", LEA).await.expect(200).text("/status"), "pending");
    log_in(&world, LEA).await;
    assert_eq!(seen(&world, "acme", LEA).await.expect(200).text("/status"), "active");
}

#[tokio::test]
async fn each_refusal_has_its_own_status_and_code() {
    let world = acme_with(&json!({ "seatLimit": 3, "roles": ["reader", "manager"] })).await;
    active(&world, LEA, TECH, "reader").await;
    invited(&world, MAX, TECH, "reader").await;
    let new = |role: &str| json!({ "email": "new@example.org", "role": role });
    let mut outcomes = BTreeSet::new();
    for (by, scope, body) in [
        (OWNER, TECH, json!({})),
        (OWNER, TECH, json!({ "email": "no address", "role": "reader" })),
        (OWNER, TECH, new("king")),
        (OWNER, TECH, new("supervisor")),
        (OWNER, TECH, new("owner")),
        (OWNER, TECH, json!({ "email": LEA, "role": "reader" })),
        (OWNER, TECH, new("reader")),
        (OWNER, "acme:nowhere", new("reader")),
        (LEA, TECH, new("reader")),
        (OWNER, TECH, json!({ "email": OWNER, "role": "reader" })),
    ] {
        let outcome = invite(&world, by, scope, &body).await.outcome();
        assert!(outcomes.insert(outcome.clone()), "{outcome} twice");
    }
}

/// The text of all tests.
fn tests() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut text = String::new();
    for folder in ["tests/all", "shared/domain/tests/rules"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}

#[test]
fn each_complaint_names_an_existing_test() {
    let page = include_str!("../../docs/complaints.md");
    let tests = tests();
    let rows =
        page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| complaint"));
    let mut checked = 0;
    for row in rows {
        let names = row.split('|').nth(2).unwrap().split('`').skip(1).step_by(2);
        let names: Vec<&str> = names.collect();
        assert!(!names.is_empty(), "{row}");
        for name in names {
            assert!(tests.contains(&format!("fn {name}(")), "no test is called {name}");
            checked += 1;
        }
    }
    assert!(checked >= 35, "{checked}");
}
