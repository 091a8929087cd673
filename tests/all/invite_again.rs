//! Whoever was removed or has expired starts anew: nothing old comes back.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Request, Who, World};
use serde_json::{Value, json};

use crate::support::{
    accept, acme, acme_with, active, etag_of, get, history, invite, log_in, path_of, preview,
    put_scope, queued, revoke, seats, seen, token_of,
};

const LEA: &str = "lea@example.org";

async fn observer(world: &World, scope: &str) {
    let body = json!({ "email": LEA, "role": "observer", "name": "Léa" });
    invite(world, "owner@acme.test", scope, &body).await.expect(201);
}

#[tokio::test]
async fn after_an_expired_invitation_only_the_grant_given_now_survives() {
    let world = acme().await;
    let by = "owner@acme.test";
    active(&world, "event@example.org", "acme:tech:summit", "administrator").await;
    let admin = json!({ "email": LEA, "role": "administrator", "name": "Léa" });
    invite(&world, by, "acme", &admin).await.expect(201);
    let old = token_of(&world, LEA).await;
    let version = seen(&world, "acme", LEA).await.body["version"].as_i64();
    world.wait(DAY * 15);
    let again = json!({ "email": LEA, "role": "reader", "name": "Mallory" });
    let again = invite(&world, "event@example.org", "acme:tech:summit", &again).await.expect(201);
    assert!(again.body["version"].as_i64() > version);
    assert_eq!((again.text("/status"), again.text("/name")), ("pending", "Léa"));
    assert_eq!(preview(&world, &old).await.told(), "404 invitation-not-found");
    let token = token_of(&world, LEA).await;
    world.wait(Duration::from_secs(1));
    let accepted = accept(&world, &Who::person(LEA), &token).await.expect(200);
    assert_eq!(accepted.body["scopes"], json!([{ "scope": "acme:tech:summit", "role": "reader" }]));
    assert_eq!(get(&world, LEA, "/v1/scopes/acme").await.told(), "404 scope-not-found");
    assert_eq!(seats(&world).await, json!([null, 3]));
    assert_eq!(
        history(&world, LEA).await[1],
        "invited by event@example.org: acme administrator expired > -, acme:tech:summit - > reader pending"
    );
}

#[tokio::test]
async fn after_a_removal_nothing_old_comes_back() {
    let world = acme().await;
    let by = "owner@acme.test";
    active(&world, LEA, "acme:rh", "reader").await;
    revoke(&world, by, ("acme:rh", LEA)).await.expect(200);
    world.wait(Duration::from_mins(1));
    observer(&world, "acme:tech").await;
    let anew = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!((anew.text("/status"), &anew.body["lastLoginAt"]), ("pending", &Value::Null));
    assert_eq!(anew.body["grants"].as_array().unwrap().len(), 1);
    let other_account = Who::person(LEA).with("sub", "another account");
    let token = token_of(&world, LEA).await;
    accept(&world, &other_account, &token).await.expect(200);
    assert_eq!(get(&world, LEA, "/v1/scopes/acme:tech").await.told(), "404 scope-not-found");
}

#[tokio::test]
async fn a_version_of_before_a_removal_never_matches_again() {
    let world = acme().await;
    let by = Who::person("owner@acme.test");
    observer(&world, "acme:tech").await;
    let mut versions = vec![etag_of(&world, LEA).await];
    for _ in 0..3 {
        revoke(&world, "owner@acme.test", ("acme:tech", LEA)).await.expect(200);
        world.wait(Duration::from_mins(1));
        observer(&world, "acme:tech").await;
        versions.push(etag_of(&world, LEA).await);
    }
    let now = versions.pop().unwrap();
    let change = |etag: &str| {
        Request::new("PUT", &format!("{}/role", path_of(&world, "acme:tech", LEA)))
            .json(&json!({ "role": "manager" }))
            .if_match(etag)
    };
    for old in &versions {
        assert_eq!(world.send(&by, change(old)).await.told(), "412 stale-version");
        let take = Request::new("DELETE", &path_of(&world, "acme:tech", LEA)).if_match(old);
        assert_eq!(world.send(&by, take).await.told(), "412 stale-version");
    }
    world.send(&by, change(&now)).await.expect(200);
}

#[tokio::test]
async fn whoever_is_active_with_nothing_left_is_invited_as_if_new() {
    let world = acme().await;
    let body = json!({ "email": LEA, "role": "reader", "expiresAt": "2026-11-22T13:00:00Z" });
    invite(&world, "owner@acme.test", "acme:rh", &body).await.expect(201);
    log_in(&world, LEA).await;
    world.deliver().await;
    world.wait(Duration::from_hours(2));
    observer(&world, "acme:tech").await;
    let anew = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!((anew.text("/status"), &anew.body["lastLoginAt"]), ("pending", &Value::Null));
    assert_eq!(anew.body["grants"].as_array().unwrap().len(), 1);
    assert_eq!(queued(&world, LEA).await, ["invitation"]);
    assert_eq!(seats(&world).await, json!([null, 2]), "the seat was never given back");
}

#[tokio::test]
async fn a_grant_joins_what_an_expired_owner_has() {
    let world = acme().await;
    let gala = json!({ "name": "Gala", "kind": "event", "owner": { "email": LEA } });
    put_scope(&world, "acme:tech:gala", &gala).await.expect(201);
    world.wait(DAY * 15);
    observer(&world, "acme:rh").await;
    let owner = seen(&world, "acme", LEA).await.expect(200);
    let grants = owner.body["grants"].as_array().unwrap();
    let roles: Vec<&Value> = grants.iter().map(|grant| &grant["role"]).collect();
    assert_eq!(
        (owner.text("/status"), roles),
        ("expired", vec![&json!("observer"), &json!("owner")])
    );
}

#[tokio::test]
async fn whoever_was_forgotten_is_new_though_the_table_still_has_the_record() {
    let world = acme_with(&json!({ "seatLimit": 2 })).await;
    observer(&world, "acme:rh").await;
    world.wait(DAY * 14);
    let new_collaborator = json!({ "email": "noe@example.org", "role": "reader" });
    invite(&world, "owner@acme.test", "acme:tech", &new_collaborator).await.expect(201);
    log_in(&world, "noe@example.org").await;
    revoke(&world, "owner@acme.test", ("acme:tech", "noe@example.org")).await.expect(200);
    world.wait(DAY * 30);
    assert!(world.everything().await.contains(LEA), "nothing has deleted the record");
    assert_eq!(seen(&world, "acme", LEA).await.told(), "404 collaborator-not-found");
    let anew = json!({ "email": LEA, "role": "reader" });
    let anew = invite(&world, "owner@acme.test", "acme:tech", &anew).await.expect(201);
    assert_eq!((anew.text("/status"), &anew.body["name"]), ("pending", &Value::Null));
    assert_eq!(seats(&world).await, json!([2, 2]));
    let token = token_of(&world, LEA).await;
    accept(&world, &Who::person(LEA), &token).await.expect(200);
    let grants = &seen(&world, "acme", LEA).await.expect(200).body["grants"];
    assert_eq!(grants.as_array().unwrap().len(), 1);
}
