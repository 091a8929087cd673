//! A collaborator who was revoked or has expired and is invited again starts afresh.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Principal, Request, World};
use serde_json::{Value, json};

use crate::support::{
    LEA, OWNER, SUMMIT, TECH, accept, acme, acme_with, active, etag_of, get, history, invite,
    invited, log_in, path_of, preview, put_scope, queued, revoke, seats, seen, token_of,
};

async fn observer(world: &World, scope: &str) {
    let body = json!({ "email": LEA, "role": "observer", "name": "Léa" });
    invite(world, OWNER, scope, &body).await.expect(201);
}

#[tokio::test]
async fn after_an_expired_invitation_only_the_new_grant_remains() {
    let world = acme().await;
    active(&world, "event@example.org", SUMMIT, "administrator").await;
    let admin = json!({ "email": LEA, "role": "administrator", "name": "Léa" });
    invite(&world, OWNER, "acme", &admin).await.expect(201);
    let old = token_of(&world, LEA).await;
    let version = seen(&world, "acme", LEA).await.body["version"].as_i64();
    world.wait(DAY * 15);
    let again = json!({ "email": LEA, "role": "reader", "name": "Mallory" });
    let again = invite(&world, "event@example.org", SUMMIT, &again).await.expect(201);
    assert!(again.body["version"].as_i64() > version);
    assert_eq!((again.text("/status"), again.text("/name")), ("pending", "Léa"));
    assert_eq!(preview(&world, &old).await.outcome(), "404 invitation-not-found");
    let token = token_of(&world, LEA).await;
    world.wait(Duration::from_secs(1));
    let accepted = accept(&world, &Principal::user(LEA), &token).await.expect(200);
    let scopes = json!([{ "scope": SUMMIT, "role": "reader", "platformUrl": null }]);
    assert_eq!(accepted.body["scopes"], scopes);
    assert_eq!(get(&world, LEA, "/v1/scopes/acme").await.outcome(), "404 scope-not-found");
    assert_eq!(seats(&world).await, json!([null, 3]));
    assert_eq!(
        history(&world, LEA).await[1],
        "invited by event@example.org: acme administrator expired > -, acme:tech:summit - > reader pending"
    );
}

#[tokio::test]
async fn after_a_revocation_no_former_access_returns() {
    let world = acme().await;
    active(&world, LEA, "acme:rh", "reader").await;
    revoke(&world, OWNER, ("acme:rh", LEA)).await.expect(200);
    world.wait(Duration::from_mins(1));
    observer(&world, TECH).await;
    let anew = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!((anew.text("/status"), &anew.body["lastLoginAt"]), ("pending", &Value::Null));
    assert_eq!(anew.body["grants"].as_array().unwrap().len(), 1);
    let other_account = Principal::user(LEA).with("sub", "another account");
    let token = token_of(&world, LEA).await;
    accept(&world, &other_account, &token).await.expect(200);
    assert_eq!(get(&world, LEA, "/v1/scopes/acme:tech").await.outcome(), "404 scope-not-found");
}

#[tokio::test]
async fn mails_before_a_login_or_a_suspension_count_towards_the_limits() {
    let world = acme().await;
    for suspended in [false, true] {
        world.wait(DAY);
        let body = json!({ "email": LEA, "role": "observer" });
        for attempt in 0..7 {
            let answer = invite(&world, OWNER, TECH, &body).await;
            if attempt == 6 {
                assert_eq!(answer.outcome(), "429 resend-limit", "suspended: {suspended}");
                break;
            }
            answer.expect(201);
            if suspended {
                let suspension = format!("{}/suspension", path_of(&world, "acme", LEA));
                let suspend = Request::new("POST", &suspension);
                world.send(&Principal::user(OWNER), suspend).await.expect(200);
            } else {
                log_in(&world, LEA).await;
            }
            revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
            let early = invite(&world, OWNER, TECH, &body).await;
            assert_eq!(early.outcome(), "429 resend-too-soon", "suspended: {suspended}");
            world.wait(Duration::from_mins(1));
        }
    }
}

#[tokio::test]
async fn a_version_from_before_a_revocation_never_matches_again() {
    let world = acme().await;
    let by = Principal::user(OWNER);
    observer(&world, TECH).await;
    let mut versions = vec![etag_of(&world, LEA).await];
    for _ in 0..3 {
        revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
        world.wait(Duration::from_mins(1));
        observer(&world, TECH).await;
        versions.push(etag_of(&world, LEA).await);
    }
    let now = versions.pop().unwrap();
    let change = |etag: &str| {
        Request::new("PUT", &format!("{}/role", path_of(&world, TECH, LEA)))
            .json(&json!({ "role": "manager" }))
            .if_match(etag)
    };
    for old in &versions {
        assert_eq!(world.send(&by, change(old)).await.outcome(), "412 stale-version");
        let take = Request::new("DELETE", &path_of(&world, TECH, LEA)).if_match(old);
        assert_eq!(world.send(&by, take).await.outcome(), "412 stale-version");
    }
    world.send(&by, change(&now)).await.expect(200);
}

#[tokio::test]
async fn an_active_collaborator_whose_access_has_ended_is_invited_as_new() {
    let world = acme().await;
    let body = json!({ "email": LEA, "role": "reader", "expiresAt": "2026-11-22T13:00:00Z" });
    invite(&world, OWNER, "acme:rh", &body).await.expect(201);
    log_in(&world, LEA).await;
    world.deliver().await;
    world.wait(Duration::from_hours(2));
    observer(&world, TECH).await;
    let anew = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!((anew.text("/status"), &anew.body["lastLoginAt"]), ("pending", &Value::Null));
    assert_eq!(anew.body["grants"].as_array().unwrap().len(), 1);
    assert_eq!(queued(&world, LEA).await, ["invitation"]);
    assert_eq!(seats(&world).await, json!([null, 2]), "the seat was not released");
}

#[tokio::test]
async fn an_expired_owner_keeps_the_owner_grant_beside_a_new_one() {
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
async fn a_record_past_its_time_to_live_counts_as_absent() {
    let world = acme_with(&json!({ "seatLimit": 2 })).await;
    observer(&world, "acme:rh").await;
    world.wait(DAY * 14);
    invited(&world, "noe@example.org", TECH, "reader").await;
    log_in(&world, "noe@example.org").await;
    revoke(&world, OWNER, (TECH, "noe@example.org")).await.expect(200);
    world.wait(DAY * 30);
    assert!(world.dump().await.contains(LEA), "the record is still stored");
    assert_eq!(seen(&world, "acme", LEA).await.outcome(), "404 collaborator-not-found");
    let anew = json!({ "email": LEA, "role": "reader" });
    let anew = invite(&world, OWNER, TECH, &anew).await.expect(201);
    assert_eq!((anew.text("/status"), &anew.body["name"]), ("pending", &Value::Null));
    assert_eq!(seats(&world).await, json!([2, 2]));
    let token = token_of(&world, LEA).await;
    accept(&world, &Principal::user(LEA), &token).await.expect(200);
    let grants = &seen(&world, "acme", LEA).await.expect(200).body["grants"];
    assert_eq!(grants.as_array().unwrap().len(), 1);
}
