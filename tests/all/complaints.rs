//! What users of other access services complain of, where no other test holds it. `docs/complaints.md` names for each
//! complaint the test that holds it.

use std::{collections::BTreeSet, fs, path::Path};

use coulisses_domain::time::DAY;
use coulisses_tests::Who;
use serde_json::{Value, json};

use crate::support::{
    accept, acme, acme_with, active, assign, invite, log_in, post, preview, put_scope, revoke,
    seats, seen, token_of,
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";

fn as_role(role: &str) -> Value {
    json!({ "email": LEA, "role": role })
}

#[tokio::test]
async fn where_all_seats_are_taken_a_pending_role_is_changed_and_the_last_one_joins() {
    let world = acme_with(&json!({ "seatLimit": 2 })).await;
    invite(&world, OWNER, "acme:tech", &as_role("reader")).await.expect(201);
    assert_eq!(seats(&world).await, json!([2, 2]));
    let manager = json!({ "role": "manager" });
    assign(&world, OWNER, ("acme:tech", LEA), &manager).await.expect(200);
    let token = token_of(&world, LEA).await;
    accept(&world, &Who::person(LEA), &token).await.expect(200);
    assert_eq!(seats(&world).await, json!([2, 2]));
}

#[tokio::test]
async fn a_limit_of_none_at_all_lets_nobody_in_and_is_not_unlimited() {
    let world = acme().await;
    let none = json!({ "name": "Acme", "seatLimit": 0, "granting": "administrators" });
    put_scope(&world, "acme", &none).await.expect(200);
    assert_eq!(seats(&world).await, json!([0, 1]), "whoever sits stays");
    let refused = invite(&world, OWNER, "acme:tech", &as_role("reader")).await;
    assert_eq!(refused.told(), "409 seat-limit-reached");
    assert_eq!(refused.body["seats"], json!({ "limit": 0, "used": 1 }));
}

#[tokio::test]
async fn somebody_with_an_account_of_long_ago_is_invited_and_joins_like_anybody() {
    let world = acme().await;
    let other = json!({
        "name": "Expo", "seatLimit": null, "granting": "administrators", "owner": { "email": LEA },
    });
    put_scope(&world, "expo", &other).await.expect(201);
    post(&world, &Who::person(LEA), "/v1/scopes/expo/logins", &json!({})).await.expect(200);
    // A login before the invitation leaves nothing behind that would stand in its way.
    let early = post(&world, &Who::person(LEA), "/v1/scopes/acme/logins", &json!({})).await;
    assert_eq!(early.told(), "404 scope-not-found");
    invite(&world, OWNER, "acme:tech", &as_role("reader")).await.expect(201);
    assert_eq!(seen(&world, "acme", LEA).await.expect(200).text("/status"), "pending");
    log_in(&world, LEA).await;
    assert_eq!(seen(&world, "acme", LEA).await.expect(200).text("/status"), "active");
}

#[tokio::test]
async fn of_two_accesses_that_wait_behind_one_link_a_revoked_one_never_comes() {
    let world = acme().await;
    invite(&world, OWNER, "acme:tech", &as_role("reader")).await.expect(201);
    invite(&world, OWNER, "acme:rh", &as_role("administrator")).await.expect(201);
    let token = token_of(&world, LEA).await;
    revoke(&world, OWNER, ("acme:rh", LEA)).await.expect(200);
    let shown = preview(&world, &token).await.expect(200);
    assert_eq!(shown.body["grants"].as_array().unwrap().len(), 1);
    let joined = accept(&world, &Who::person(LEA), &token).await.expect(200);
    assert_eq!(joined.body["scopes"], json!([{ "scope": "acme:tech", "role": "reader" }]));
    let body = json!({ "email": "x@y.test", "role": "reader" });
    let refused = invite(&world, LEA, "acme:rh", &body).await;
    assert_eq!(refused.told(), "404 scope-not-found");
}

#[tokio::test]
async fn whoever_expired_or_was_removed_is_invited_again_at_once() {
    let world = acme().await;
    invite(&world, OWNER, "acme:tech", &as_role("reader")).await.expect(201);
    world.wait(DAY * 14);
    assert_eq!(seen(&world, "acme", LEA).await.expect(200).text("/status"), "expired");
    let again = invite(&world, OWNER, "acme:tech", &as_role("manager")).await.expect(201);
    assert_eq!(again.text("/status"), "pending");
    log_in(&world, LEA).await;
    revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    world.wait(DAY);
    invite(&world, OWNER, "acme:tech", &as_role("reader")).await.expect(201);
    log_in(&world, LEA).await;
    assert_eq!(seats(&world).await, json!([null, 2]));
}

/// Every refusal has a status and a code of its own, so that a client can tell the cases apart.
#[tokio::test]
async fn each_case_is_told_apart_from_the_others() {
    let world = acme_with(&json!({ "seatLimit": 3, "roles": ["reader", "manager"] })).await;
    active(&world, LEA, "acme:tech", "reader").await;
    invite(&world, OWNER, "acme:tech", &json!({ "email": "max@example.org", "role": "reader" }))
        .await
        .expect(201);
    let told =
        async |by: &str, scope: &str, body: Value| invite(&world, by, scope, &body).await.told();
    let new = |role: &str| json!({ "email": "new@example.org", "role": role });
    let cases = [
        told(OWNER, "acme:tech", json!({})).await,
        told(OWNER, "acme:tech", json!({ "email": "nobody", "role": "reader" })).await,
        told(OWNER, "acme:tech", new("king")).await,
        told(OWNER, "acme:tech", new("supervisor")).await,
        told(OWNER, "acme:tech", new("owner")).await,
        told(OWNER, "acme:tech", as_role("reader")).await,
        told(OWNER, "acme:tech", new("reader")).await,
        told(OWNER, "acme:nowhere", new("reader")).await,
        told(LEA, "acme:tech", new("reader")).await,
        told(OWNER, "acme:tech", json!({ "email": OWNER, "role": "reader" })).await,
    ];
    let different: BTreeSet<&String> = cases.iter().collect();
    assert_eq!(different.len(), cases.len(), "{cases:?}");
}

/// The text of every test, wherever it stands.
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
fn each_complaint_is_held_by_a_test_that_is_there() {
    let told = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/complaints.md");
    let told = fs::read_to_string(told).unwrap();
    let tests = tests();
    let rows =
        told.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| complaint"));
    let mut held = 0;
    for row in rows {
        let names = row.split('|').nth(2).unwrap().split('`').skip(1).step_by(2);
        let names: Vec<&str> = names.collect();
        assert!(!names.is_empty(), "{row}");
        for name in names {
            assert!(tests.contains(&format!("fn {name}(")), "no test is called {name}");
            held += 1;
        }
    }
    assert!(held >= 35, "{held}");
}
