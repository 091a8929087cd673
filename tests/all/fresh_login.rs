//! A recent login before ownership moves (docs/domain.md#rule-5, docs/decisions/0054-a-recent-login-before-ownership-moves.md).

use std::time::Duration;

use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::json;

use crate::{
    support::{LEA, OWNER, acme, active, id_of},
    transfer::version_of,
};

/// A deployment where a login may be five minutes old. Léa is active.
async fn strict() -> World {
    let mut world = acme().await;
    active(&world, LEA, "acme", "administrator").await;
    world.app.settings.fresh_login = Some(Duration::from_mins(5));
    world
}

/// The seconds since 1970, `ago` seconds before now.
fn seconds(world: &World, ago: i64) -> String {
    (world.now().millis() / 1_000 - ago).to_string()
}

fn logged_in(auth_time: &str) -> Principal {
    Principal::user(OWNER).with("auth_time", auth_time)
}

async fn transfer(world: &World, who: &Principal, query: &str) -> Answer {
    let body = json!({ "collaborator": id_of(world, LEA) });
    let request = Request::new("POST", &format!("/v1/scopes/acme/owner{query}")).json(&body);
    world.send(who, request.if_match(&version_of(world, "acme").await)).await
}

#[tokio::test]
async fn an_owner_who_logged_in_long_ago_must_log_in_again_and_nothing_changes() {
    let world = strict().await;
    let before = world.dump().await;
    let refused = transfer(&world, &logged_in(&seconds(&world, 301)), "").await;
    assert_eq!(refused.outcome(), "401 fresh-login-required");
    let challenge = "Bearer error=\"insufficient_user_authentication\", max_age=\"300\"";
    assert_eq!(refused.header("www-authenticate"), challenge);
    assert_eq!(refused.body["maxAge"], 300);
    assert_eq!(world.dump().await, before);
    let done = transfer(&world, &logged_in(&seconds(&world, 299)), "").await;
    assert_eq!(done.expect(200).body["owner"]["email"], LEA);
}

#[tokio::test]
async fn a_token_that_does_not_say_when_is_not_recent() {
    let world = strict().await;
    let before = world.dump().await;
    let ahead = seconds(&world, -3_600);
    for auth_time in [
        "",
        "now",
        "-1",
        "0",
        "NaN",
        "inf",
        "1e300",
        "2026-11-22T12:00:00Z",
        "[1795348800]",
        "<nil>",
        &ahead,
    ] {
        let refused = transfer(&world, &logged_in(auth_time), "").await;
        assert_eq!(refused.outcome(), "401 fresh-login-required", "{auth_time:?}");
    }
    let refused = transfer(&world, &Principal::user(OWNER), "").await;
    assert_eq!(refused.outcome(), "401 fresh-login-required", "no claim");
    assert_eq!(world.dump().await, before);
}

// API Gateway prints numbers as Go does.
#[tokio::test]
async fn a_time_with_an_exponent_is_read_and_another_claim_can_have_it() {
    let mut world = strict().await;
    assert_eq!(seconds(&world, 0), "1795348800");
    transfer(&world, &logged_in("1.7953488e+09"), "").await.expect(200);
    world = strict().await;
    world.app.settings.claims.auth_time = "login_time".to_owned();
    let now = seconds(&world, 0);
    let refused = transfer(&world, &logged_in(&now), "").await;
    assert_eq!(refused.outcome(), "401 fresh-login-required");
    transfer(&world, &Principal::user(OWNER).with("login_time", &now), "").await.expect(200);
}

#[tokio::test]
async fn other_refusals_come_first_and_a_dry_run_needs_no_recent_login() {
    let world = strict().await;
    let old = |email: &str| Principal::user(email).with("auth_time", "1");
    assert_eq!(transfer(&world, &old(LEA), "").await.outcome(), "403 forbidden");
    assert_eq!(transfer(&world, &old("x@example.org"), "").await.outcome(), "404 scope-not-found");
    let body = json!({ "collaborator": id_of(&world, OWNER) });
    let itself = Request::new("POST", "/v1/scopes/acme/owner").json(&body);
    let itself = itself.if_match(&version_of(&world, "acme").await);
    let refused = world.send(&old(OWNER), itself).await;
    assert_eq!(refused.outcome(), "409 owner-must-transfer");
    let before = world.dump().await;
    let dry = transfer(&world, &old(OWNER), "?dryRun=true").await.expect(200);
    assert_eq!(dry.body["dryRun"], true);
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn the_platform_has_no_login_and_without_the_setting_no_one_needs_a_recent_one() {
    let world = strict().await;
    transfer(&world, &Principal::platform(), "").await.expect(200);
    let world = strict().await;
    transfer(&world, &Principal::platform().on_behalf_of(OWNER), "").await.expect(200);
    let mut world = strict().await;
    world.app.settings.fresh_login = None;
    transfer(&world, &logged_in("1"), "").await.expect(200);
}
