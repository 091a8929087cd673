//! `POST /v1/scopes/{scope}/logins`: a login is recorded, and the first one activates.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Request, Who, World};
use serde_json::{Value, json};

use crate::support::{
    acme, active, etag_of, get, history, invite, log_in, put_scope, revoke, seen,
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";

async fn logs_in(world: &World, who: &Who, scope: &str) -> Answer {
    world.send(who, Request::new("POST", &format!("/v1/scopes/{scope}/logins"))).await
}

async fn invited(world: &World) {
    for (scope, role) in [("acme:tech", "observer"), ("acme:rh", "reader")] {
        invite(world, OWNER, scope, &json!({ "email": LEA, "role": role })).await.expect(201);
    }
}

#[tokio::test]
async fn the_first_login_activates_and_each_one_is_shown() {
    let world = acme().await;
    invited(&world).await;
    world.wait(Duration::from_mins(2));
    let first = log_in(&world, LEA).await;
    insta::assert_json_snapshot!(first.body);
    assert_eq!(first.header("cache-control"), "no-store");
    assert_eq!(first.header("x-request-id"), "request-1");
    get(&world, LEA, "/v1/scopes/acme:tech").await.expect(200);
    let etag = etag_of(&world, LEA).await;
    world.wait(DAY);
    let second = log_in(&world, LEA).await;
    assert_eq!(second.body["activated"], false);
    assert_eq!(second.text("/lastLoginAt"), "2026-11-23T12:02:00Z");
    assert_eq!(second.body["scopes"], first.body["scopes"]);
    let seen = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!(seen.text("/lastLoginAt"), "2026-11-23T12:02:00Z");
    assert_eq!(seen.etag(), etag, "a login changes no version");
}

#[tokio::test]
async fn the_activation_is_in_the_history_and_no_later_login() {
    let world = acme().await;
    invite(&world, OWNER, "acme:tech", &json!({ "email": LEA, "role": "observer" }))
        .await
        .expect(201);
    for _ in 0..3 {
        world.wait(Duration::from_secs(1));
        log_in(&world, LEA).await;
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
async fn a_login_within_the_same_moment_changes_nothing() {
    let world = acme().await;
    invited(&world).await;
    let first = log_in(&world, LEA).await;
    let again = log_in(&world, LEA).await;
    assert_eq!(again.body["lastLoginAt"], first.body["lastLoginAt"]);
}

#[tokio::test]
async fn an_expired_invitation_is_not_activated_by_a_login() {
    let world = acme().await;
    invited(&world).await;
    world.wait(DAY * 14);
    let login = log_in(&world, LEA).await;
    assert_eq!(login.body, json!({ "activated": false, "lastLoginAt": null, "scopes": [] }));
    assert_eq!(get(&world, LEA, "/v1/scopes/acme:tech").await.told(), "404 scope-not-found");
    let seen = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!((seen.text("/status"), &seen.body["lastLoginAt"]), ("expired", &Value::Null));
}

#[tokio::test]
async fn access_that_has_ended_is_not_among_the_scopes() {
    let world = acme().await;
    invited(&world).await;
    let ends = json!({ "email": LEA, "role": "reader", "expiresAt": "2026-11-22T13:00:00Z" });
    invite(&world, OWNER, "acme", &ends).await.expect(201);
    let scopes = async || log_in(&world, LEA).await.body["scopes"].as_array().unwrap().len();
    assert_eq!(scopes().await, 3);
    world.wait(Duration::from_hours(1));
    assert_eq!(scopes().await, 2);
}

#[tokio::test]
async fn only_the_person_whose_address_is_verified_logs_in() {
    let world = acme().await;
    invited(&world).await;
    let lea = || Who::person(LEA);
    for (who, told) in [
        (Who::nobody(), "401 unauthenticated"),
        (lea().with("email_verified", "false"), "403 email-not-verified"),
        (lea().with("email_verified", "True"), "403 email-not-verified"),
        (lea().without("email_verified"), "403 email-not-verified"),
        (Who::platform(), "403 forbidden"),
        (Who::person("stranger@example.org"), "404 scope-not-found"),
    ] {
        assert_eq!(logs_in(&world, &who, "acme").await.told(), told, "{who:?}");
    }
    assert_eq!(seen(&world, "acme", LEA).await.text("/status"), "pending");
}

#[tokio::test]
async fn another_account_of_the_same_address_is_a_stranger() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "observer").await;
    world.wait(Duration::from_hours(1));
    for other in
        [Who::person(LEA).with("sub", "other"), Who::person(LEA).with("iss", "https://other.test")]
    {
        assert_eq!(logs_in(&world, &other, "acme").await.told(), "404 scope-not-found");
    }
    let seen = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!(seen.text("/lastLoginAt"), "2026-11-22T12:00:00Z");
}

#[tokio::test]
async fn whoever_was_removed_is_a_stranger() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "observer").await;
    revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    assert_eq!(logs_in(&world, &Who::person(LEA), "acme").await.told(), "404 scope-not-found");
}

#[tokio::test]
async fn one_client_never_sees_a_login_to_another() {
    let world = acme().await;
    let expo = json!({
        "name": "Expo", "seatLimit": null, "granting": "administrators", "owner": { "email": LEA },
    });
    put_scope(&world, "expo", &expo).await.expect(201);
    invited(&world).await;
    let login = logs_in(&world, &Who::person(LEA), "expo").await.expect(200);
    assert_eq!(login.body["scopes"], json!([{ "scope": "expo", "role": "owner" }]));
    let seen = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!((seen.text("/status"), &seen.body["lastLoginAt"]), ("pending", &Value::Null));
}

#[tokio::test]
async fn a_login_is_to_a_client_that_exists() {
    let world = acme().await;
    for (scope, told) in [
        ("acme:tech", "422 invalid-scope"),
        ("Acme", "422 invalid-scope"),
        ("nothing", "404 scope-not-found"),
    ] {
        assert_eq!(logs_in(&world, &Who::person(OWNER), scope).await.told(), told, "{scope}");
    }
}

#[tokio::test]
async fn the_body_is_empty_or_an_empty_object() {
    let world = acme().await;
    let request = || Request::new("POST", "/v1/scopes/acme/logins");
    for (request, told) in [
        (request(), "200"),
        (request().json(&json!({})), "200"),
        (request().json(&json!({ "activated": true })), "400 malformed"),
        (request().json(&json!([1])), "400 malformed"),
        (request().body("{}"), "415 unsupported-media-type"),
    ] {
        assert_eq!(world.send(&Who::person(OWNER), request).await.told(), told);
    }
}
