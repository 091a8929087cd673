//! `PUT /v1/scopes/{scope}/collaborators/{id}/role`: assigning a role, on a version named in `If-Match`.

use std::time::Duration;

use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::{Value, json};

use crate::support::{
    LEA, OWNER, SUMMIT, TECH, acme, acme_with, active, assign, etag_of, get, history, invited,
    named, path_of, queued, seen, without_versions,
};

async fn with_lea(role: &str) -> World {
    let world = acme().await;
    active(&world, LEA, TECH, role).await;
    world.deliver().await;
    world.wait(Duration::from_secs(1));
    world
}

async fn put(world: &World, by: &str, (scope, email): (&str, &str), etag: Option<&str>) -> Answer {
    let target = format!("{}/role", path_of(world, scope, email));
    let request = Request::new("PUT", &target).json(&json!({ "role": "manager" }));
    let request = match etag {
        Some(etag) => request.if_match(etag),
        None => request,
    };
    world.send(&Principal::user(by), request).await
}

#[tokio::test]
async fn a_role_change_is_returned_recorded_and_mailed() {
    let world = with_lea("observer").await;
    let before = etag_of(&world, LEA).await;
    world.wait(Duration::from_secs(1));
    let body =
        json!({ "role": "supervisor", "expiresAt": "2027-01-01T00:00:00Z", "reason": "salon" });
    let changed = assign(&world, OWNER, (TECH, LEA), &body).await.expect(200);
    insta::assert_json_snapshot!(without_versions(changed.body.clone()));
    assert_eq!(changed.etag(), format!("\"{}\"", changed.body["version"]));
    assert_ne!(changed.etag(), before);
    assert_eq!(changed.header("cache-control"), "no-store");
    assert_eq!(changed.header("x-request-id"), "request-1");
    let seen = get(&world, OWNER, &path_of(&world, TECH, LEA)).await.expect(200);
    assert_eq!((&seen.body, seen.etag()), (&changed.body, changed.etag()));
    assert_eq!(queued(&world, LEA).await, ["role-changed"]);
    assert_eq!(
        history(&world, LEA).await.pop().unwrap(),
        "role-changed by owner@acme.test: acme:tech observer active > supervisor active (salon)"
    );
}

#[tokio::test]
async fn a_role_change_takes_effect_immediately() {
    let world = with_lea("administrator").await;
    get(&world, LEA, "/v1/scopes/acme:tech/collaborators").await.expect(200);
    assign(&world, OWNER, (TECH, LEA), &json!({ "role": "reader" })).await.expect(200);
    let list = get(&world, LEA, "/v1/scopes/acme:tech/collaborators").await;
    assert_eq!(list.outcome(), "403 forbidden");
}

#[tokio::test]
async fn a_role_change_must_name_the_current_version() {
    let world = with_lea("observer").await;
    let old = etag_of(&world, LEA).await;
    world.wait(Duration::from_secs(1));
    assign(&world, OWNER, (TECH, LEA), &json!({ "role": "reader" })).await.expect(200);
    let now = etag_of(&world, LEA).await;
    let weak = format!("W/{now}");
    let (unquoted, both) = (now.trim_matches('"').to_owned(), format!("{old}, {now}"));
    for (etag, outcome) in [
        (None, "428 if-match-required"),
        (Some("*"), "428 if-match-required"),
        (Some(&*weak), "400 malformed"),
        (Some(&*unquoted), "400 malformed"),
        (Some(&*both), "400 malformed"),
        (Some("\"\""), "400 malformed"),
        (Some(&*old), "412 stale-version"),
        (Some("\"9999999999999\""), "412 stale-version"),
    ] {
        let refused = put(&world, OWNER, (TECH, LEA), etag).await;
        assert_eq!(refused.outcome(), outcome, "{etag:?}");
    }
    put(&world, OWNER, (TECH, LEA), Some(&now)).await.expect(200);
}

#[tokio::test]
async fn assigning_the_present_role_changes_nothing() {
    let world = with_lea("observer").await;
    let etag = etag_of(&world, LEA).await;
    let entries = history(&world, LEA).await;
    world.wait(Duration::from_hours(1));
    let same = assign(&world, OWNER, (TECH, LEA), &json!({ "role": "observer" })).await;
    assert_eq!((same.status, same.etag()), (200, etag.as_str()));
    assert_eq!(history(&world, LEA).await, entries);
    assert_eq!(queued(&world, LEA).await, [""; 0]);
}

#[tokio::test]
async fn a_collaborator_who_inherits_can_get_a_role_below_and_keeps_the_inherited_one() {
    let world = with_lea("observer").await;
    active(&world, "event@example.org", SUMMIT, "administrator").await;
    let given = json!({ "role": "custom", "permissions": ["checkin:scan"] });
    let given = assign(&world, "event@example.org", (SUMMIT, LEA), &given).await;
    let given = given.expect(200);
    assert_eq!(given.text("/role"), "custom");
    assert_eq!(
        given.body["permissions"],
        json!(["checkin:scan", "checkin:view", "contacts:view", "dashboard:view"])
    );
    let above = seen(&world, TECH, LEA).await.expect(200);
    assert_eq!(above.text("/role"), "observer");
    let entry = "role-changed by event@example.org: acme:tech:summit - > custom active";
    assert_eq!(history(&world, LEA).await.pop().unwrap(), entry);
}

#[tokio::test]
async fn the_role_of_a_pending_collaborator_is_changed_without_a_mail() {
    let world = acme().await;
    invited(&world, LEA, TECH, "reader").await;
    let changed = assign(&world, OWNER, (TECH, LEA), &json!({ "role": "manager" })).await;
    let changed = changed.expect(200);
    assert_eq!((changed.text("/status"), changed.text("/role")), ("pending", "manager"));
    assert_eq!(changed.body["permissions"], json!([]));
    assert_eq!(queued(&world, LEA).await, ["invitation"]);
}

#[tokio::test]
async fn an_end_date_can_be_set_moved_and_removed() {
    let world = with_lea("observer").await;
    let until = async |end: Value| {
        let body = json!({ "role": "observer", "expiresAt": end });
        assign(&world, OWNER, (TECH, LEA), &body).await
    };
    until("2026-11-22T13:00:00Z".into()).await.expect(200);
    until("2026-11-22T14:00:00Z".into()).await.expect(200);
    world.wait(Duration::from_hours(1));
    get(&world, LEA, "/v1/scopes/acme:tech").await.expect(200);
    let past = until("2026-11-22T12:59:59Z".into()).await;
    assert_eq!(past.outcome(), "422 invalid-expiry");
    until(Value::Null).await.expect(200);
    world.wait(Duration::from_hours(10));
    get(&world, LEA, "/v1/scopes/acme:tech").await.expect(200);
}

#[tokio::test]
async fn an_owner_stays_owner_and_no_caller_changes_their_own_role() {
    let world = acme().await;
    active(&world, "admin@example.org", "acme", "administrator").await;
    let admin = "admin@example.org";
    for (by, at, outcome) in [
        (admin, ("acme", OWNER), "409 owner-must-transfer"),
        (OWNER, ("acme", OWNER), "403 own-role"),
        (admin, ("acme", admin), "403 own-role"),
        (admin, (TECH, admin), "403 own-role"),
        (OWNER, (TECH, OWNER), "403 own-role"),
    ] {
        let refused = assign(&world, by, at, &json!({ "role": "observer" })).await;
        assert_eq!(refused.outcome(), outcome, "{by} {at:?}");
    }
}

#[tokio::test]
async fn each_invalid_field_is_named_with_its_code() {
    let world = with_lea("observer").await;
    for (body, pointer, code) in [
        (json!({ "role": "king" }), "/role", "invalid-role"),
        (json!({ "role": "custom" }), "/permissions", "invalid-permission"),
        (custom(&[]), "/permissions", "invalid-permission"),
        (custom(&["access:manage"]), "/permissions", "invalid-permission"),
        (custom(&["contacts:fly"]), "/permissions/0", "invalid-permission"),
        (json!({ "role": "reader", "permissions": [] }), "/permissions", "invalid-permission"),
        (json!({ "role": "reader", "expiresAt": "soon" }), "/expiresAt", "invalid-expiry"),
        (json!({ "role": "reader", "reason": "a".repeat(501) }), "/reason", "invalid-field"),
        (json!({ "role": "reader", "reason": "a\nb" }), "/reason", "invalid-field"),
    ] {
        let refused = assign(&world, OWNER, (TECH, LEA), &body).await;
        assert_eq!(refused.outcome(), format!("422 {code}"), "{body}");
        assert_eq!(named(&refused), [(pointer, code)], "{body}");
    }
}

fn custom(permissions: &[&str]) -> Value {
    json!({ "role": "custom", "permissions": permissions })
}

#[tokio::test]
async fn a_role_must_be_allowed_at_the_scope_and_offered_by_the_client() {
    let world = acme_with(&json!({ "roles": ["administrator", "observer", "custom"] })).await;
    active(&world, LEA, TECH, "observer").await;
    for (scope, body, outcome) in [
        (TECH, json!({ "role": "owner" }), "422 role-not-allowed-here"),
        (TECH, custom(&["checkin:scan"]), "422 role-not-allowed-here"),
        ("acme:tech:alumni", custom(&["checkin:scan"]), "422 role-not-allowed-here"),
        (TECH, json!({ "role": "reader" }), "422 role-not-offered"),
        (SUMMIT, custom(&["checkin:scan"]), "200"),
    ] {
        let answer = assign(&world, OWNER, (scope, LEA), &body).await;
        assert_eq!(answer.outcome(), outcome, "{scope} {body}");
    }
}

/// The answers to all callers on a visible collaborator are in `tests/matrix.md`.
#[tokio::test]
async fn a_collaborator_or_scope_that_the_caller_cannot_see_is_not_found() {
    let world = with_lea("observer").await;
    active(&world, "reader@example.org", TECH, "reader").await;
    let etag = etag_of(&world, LEA).await;
    for (by, at, outcome) in [
        ("reader@example.org", (TECH, "unknown@example.org"), "403 forbidden"),
        ("stranger@example.org", (TECH, LEA), "404 scope-not-found"),
        (OWNER, ("acme:nothing", LEA), "404 scope-not-found"),
        (OWNER, (TECH, "unknown@example.org"), "404 collaborator-not-found"),
        (OWNER, ("acme:rh", LEA), "404 collaborator-not-found"),
    ] {
        let refused = put(&world, by, at, Some(&etag)).await;
        assert_eq!(refused.outcome(), outcome, "{by} {at:?}");
    }
    assert_eq!(etag_of(&world, LEA).await, etag);
}

#[tokio::test]
async fn of_two_role_changes_on_one_version_one_is_refused() {
    let world = with_lea("observer").await;
    // A second change within an hour would also be caught by the mail counter.
    world.wait(Duration::from_hours(1));
    let etag = etag_of(&world, LEA).await;
    let put = async || put(&world, OWNER, (TECH, LEA), Some(&etag)).await.outcome();
    let mut outcomes = <[String; 2]>::from(tokio::join!(put(), put()));
    outcomes.sort();
    assert_eq!(outcomes, ["200", "412 stale-version"]);
    assert_eq!(history(&world, LEA).await.len(), 3);
}
