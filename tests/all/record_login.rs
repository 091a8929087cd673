//! `POST /v1/scopes/{scope}/logins`: records a login; the first one activates.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::{Value, json};

use crate::support::{
    LEA, OWNER, acme, active, etag_of, get, history, invite, invited, log_in, put_scope, revoke,
    seen,
};

async fn logs_in(world: &World, who: &Principal, scope: &str) -> Answer {
    world.send(who, Request::new("POST", &format!("/v1/scopes/{scope}/logins"))).await
}

async fn invite_lea(world: &World) {
    for (scope, role) in [("acme:tech", "observer"), ("acme:rh", "reader")] {
        invited(world, LEA, scope, role).await;
    }
}

#[tokio::test]
async fn the_first_login_activates_and_each_login_is_recorded() {
    let world = acme().await;
    invite_lea(&world).await;
    world.wait(Duration::from_mins(2));
    let first = log_in(&world, LEA).await;
    insta::assert_json_snapshot!(first.body);
    get(&world, LEA, "/v1/scopes/acme:tech").await.expect(200);
    let etag = etag_of(&world, LEA).await;
    world.wait(DAY);
    let second = log_in(&world, LEA).await;
    assert_eq!(second.body["activated"], false);
    assert_eq!(second.text("/lastLoginAt"), "2026-11-23T12:02:00.000Z");
    assert_eq!(second.body["scopes"], first.body["scopes"]);
    let seen = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!(seen.text("/lastLoginAt"), "2026-11-23T12:02:00.000Z");
    assert_eq!(seen.etag(), etag, "a login changes no version");
}

#[tokio::test]
async fn the_history_has_the_activation_and_no_later_login() {
    let world = acme().await;
    invited(&world, LEA, "acme:tech", "observer").await;
    for _ in 0..3 {
        world.wait(Duration::from_secs(1));
        let first = log_in(&world, LEA).await;
        let same_time = log_in(&world, LEA).await;
        assert_eq!(same_time.body["lastLoginAt"], first.body["lastLoginAt"]);
    }
    assert_eq!(
        history(&world, LEA).await,
        [
            "invited by owner@acme.test: acme:tech - > observer pending",
            "activated by lea@example.org: acme:tech observer pending > observer active",
        ]
    );
}

#[tokio::test]
async fn an_expired_invitation_is_not_activated_by_a_login() {
    let world = acme().await;
    invite_lea(&world).await;
    world.wait(DAY * 14);
    let login = log_in(&world, LEA).await;
    assert_eq!(login.body, json!({ "activated": false, "lastLoginAt": null, "scopes": [] }));
    assert_eq!(get(&world, LEA, "/v1/scopes/acme:tech").await.outcome(), "404 scope-not-found");
    let seen = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!((seen.text("/status"), &seen.body["lastLoginAt"]), ("expired", &Value::Null));
}

#[tokio::test]
async fn ended_access_is_not_among_the_scopes() {
    let world = acme().await;
    invite_lea(&world).await;
    let ends = json!({ "email": LEA, "role": "reader", "expiresAt": "2026-11-22T13:00:00Z" });
    invite(&world, OWNER, "acme", &ends).await.expect(201);
    let scopes = async || log_in(&world, LEA).await.body["scopes"].as_array().unwrap().len();
    assert_eq!(scopes().await, 3);
    world.wait(Duration::from_hours(1));
    assert_eq!(scopes().await, 2);
}

#[tokio::test]
async fn another_account_of_the_same_address_is_a_stranger() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "observer").await;
    world.wait(Duration::from_hours(1));
    for other in [
        Principal::user(LEA).with("sub", "other"),
        Principal::user(LEA).with("iss", "https://other.test"),
    ] {
        assert_eq!(logs_in(&world, &other, "acme").await.outcome(), "404 scope-not-found");
    }
    let seen = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!(seen.text("/lastLoginAt"), "2026-11-22T12:00:00.000Z");
    revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    let removed = logs_in(&world, &Principal::user(LEA), "acme").await;
    assert_eq!(removed.outcome(), "404 scope-not-found");
}

#[tokio::test]
async fn one_client_never_sees_a_login_to_another() {
    let world = acme().await;
    let expo =
        json!({ "name": "Expo", "seatLimit": 5, "granting": "owner", "owner": { "email": LEA } });
    put_scope(&world, "expo", &expo).await.expect(201);
    invite_lea(&world).await;
    let login = logs_in(&world, &Principal::user(LEA), "expo").await.expect(200);
    assert_eq!(login.body["scopes"], json!([{ "scope": "expo", "role": "owner" }]));
    let seen = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!((seen.text("/status"), &seen.body["lastLoginAt"]), ("pending", &Value::Null));
}

#[tokio::test]
async fn a_login_requires_an_existing_client() {
    let world = acme().await;
    for (scope, expected) in [
        ("acme:tech", "422 invalid-scope"),
        ("Acme", "422 invalid-scope"),
        ("nothing", "404 scope-not-found"),
    ] {
        let refused = logs_in(&world, &Principal::user(OWNER), scope).await;
        assert_eq!(refused.outcome(), expected, "{scope}");
    }
}
