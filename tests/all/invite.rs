//! `POST /v1/scopes/{scope}/collaborators`: invitations, further grants, and the response.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Principal, Request};
use serde_json::{Value, json};

use crate::support::{
    LEA, MEETUP, OWNER, SUMMIT, TECH, acme, acme_with, active, get, history, invite, invited,
    log_in, path_of, preview, put_scope, queued, seats, seen, token_of, without_versions,
};

#[tokio::test]
async fn a_new_collaborator_is_pending_gets_one_mail_and_is_returned_as_in_the_list() {
    let world = acme().await;
    let body = json!({
        "email": LEA, "role": "custom", "permissions": ["checkin:scan", "orders:export"],
        "name": "Léa Martin", "locale": "en", "message": "Welcome!", "expiresAt": "2027-03-01T18:00:00+01:00",
    });
    let invited = invite(&world, OWNER, SUMMIT, &body).await.expect(201);
    insta::assert_json_snapshot!(without_versions(invited.body.clone()));
    let headers =
        ["content-type", "cache-control", "x-request-id"].map(|name| invited.header(name));
    assert_eq!(headers, ["application/json", "no-store", "request-1"]);
    let seen = get(&world, OWNER, invited.header("location")).await.expect(200);
    assert_eq!((seen.etag(), &seen.body), (invited.etag(), &invited.body));
    assert_eq!(invited.header("location"), path_of(&world, SUMMIT, LEA));
    assert_eq!(invited.etag(), format!("\"{}\"", invited.body["version"]));
    assert_eq!(seats(&world).await, json!([null, 2]));
    world.deliver().await;
    assert_eq!(world.ses.mails_to(LEA).len(), 1);
}

#[tokio::test]
async fn a_pending_collaborator_shows_the_grants_and_has_no_permissions() {
    let world = acme().await;
    let invited = invited(&world, "ada@example.org", TECH, "administrator").await;
    assert_eq!(invited.body["permissions"], json!([]));
    assert_eq!(invited.body["grants"][0]["permissions"].as_array().unwrap().len(), 30);
    let list = get(&world, "ada@example.org", "/v1/scopes/acme:tech/collaborators").await;
    assert_eq!(list.outcome(), "404 scope-not-found");
    log_in(&world, "ada@example.org").await;
    get(&world, "ada@example.org", "/v1/scopes/acme:tech/collaborators").await.expect(200);
}

#[tokio::test]
async fn a_further_grant_joins_the_invitation_without_a_second_mail_or_seat() {
    let world = acme().await;
    let lea = |role: &str| json!({ "email": LEA, "role": role });
    let first = invite(&world, OWNER, SUMMIT, &lea("observer")).await.expect(201);
    let second = invite(&world, OWNER, "acme:rh", &lea("reader")).await.expect(201);
    assert_eq!(queued(&world, LEA).await, ["invitation"]);
    assert_eq!(seats(&world).await, json!([null, 2]));
    assert_eq!(second.text("/id"), first.text("/id"));
    assert!(second.body["version"].as_i64() > first.body["version"].as_i64());
    assert_eq!(second.body["invitation"], first.body["invitation"]);
    let token = token_of(&world, LEA).await;
    let waiting = &preview(&world, &token).await.expect(200).body["grants"];
    let scopes: Vec<&Value> = waiting.as_array().unwrap().iter().map(|g| &g["scope"]).collect();
    assert_eq!(scopes, ["acme:rh", SUMMIT]);
    assert_eq!(world.ses.mails_to(LEA).len(), 1);
}

#[tokio::test]
async fn an_active_collaborator_gets_a_further_grant_immediately_and_a_mail() {
    let world = acme().await;
    active(&world, LEA, "acme:rh", "reader").await;
    world.deliver().await;
    let granted = invited(&world, LEA, TECH, "contributor").await;
    assert_eq!(granted.text("/status"), "active");
    assert_eq!(granted.body["permissions"].as_array().unwrap().len(), 25);
    assert_eq!(granted.body.get("invitation"), None);
    assert_eq!(seats(&world).await, json!([null, 2]));
    assert_eq!(queued(&world, LEA).await, ["granted"]);
    get(&world, LEA, "/v1/scopes/acme:tech").await.expect(200);
}

#[tokio::test]
async fn an_invitation_changes_neither_the_name_nor_another_grant_of_an_existing_collaborator() {
    let world = acme().await;
    let first = json!({ "email": LEA, "role": "observer", "name": "Léa" });
    invite(&world, OWNER, TECH, &first).await.expect(201);
    let other = json!({
        "email": "LEA@example.org", "role": "reader", "name": "Mallory", "locale": "en", "expiresAt": "2027-01-01T00:00:00Z",
    });
    invite(&world, OWNER, SUMMIT, &other).await.expect(201);
    let seen = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!((seen.text("/name"), seen.text("/email")), ("Léa", LEA));
    let grants = &seen.body["grants"];
    assert_eq!(grants[0]["expiresAt"], Value::Null);
    assert_eq!([&grants[0]["role"], &grants[1]["role"]], ["observer", "reader"]);
    world.deliver().await;
    let mails = world.ses.mails_to(LEA);
    assert!(mails[0].text.contains("Bonjour"), "{}", mails[0].text);
}

#[tokio::test]
async fn the_response_shows_the_grants_on_the_path_and_none_of_a_sister() {
    let world = acme().await;
    active(&world, LEA, MEETUP, "manager").await;
    active(&world, "lea2@example.org", TECH, "reader").await;
    let grant = async |email: &str| {
        let body = json!({ "email": email, "role": "supervisor" });
        let granted = invite(&world, OWNER, SUMMIT, &body).await;
        let granted = granted.expect(201);
        let shown = granted.body["grants"].as_array().unwrap().iter();
        shown
            .map(|g| format!("{} {} {}", g["scope"], g["role"], g["inherited"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(grant(LEA).await, [r#""acme:tech:summit" "supervisor" false"#]);
    assert_eq!(
        grant("lea2@example.org").await,
        [r#""acme:tech" "reader" true"#, r#""acme:tech:summit" "supervisor" false"#]
    );
}

#[tokio::test]
async fn access_ends_by_the_clock_and_can_be_granted_again() {
    let world = acme().await;
    let until = |end: &str| json!({ "email": LEA, "role": "reader", "expiresAt": end });
    invite(&world, OWNER, TECH, &until("2026-11-22T13:00:00Z")).await.expect(201);
    log_in(&world, LEA).await;
    world.wait(Duration::from_millis(3_599_999));
    get(&world, LEA, "/v1/scopes/acme:tech").await.expect(200);
    world.wait(Duration::from_millis(1));
    let ended = get(&world, LEA, "/v1/scopes/acme:tech").await;
    assert_eq!(ended.outcome(), "404 scope-not-found");
    let shown = seen(&world, TECH, LEA).await.expect(200);
    assert_eq!((shown.text("/status"), shown.text("/role")), ("expired", "reader"));
    assert_eq!(shown.body["permissions"], json!([]));
    let again = invite(&world, OWNER, TECH, &until("2027-01-01T00:00:00Z")).await.expect(201);
    assert_eq!(again.text("/status"), "pending", "an expired collaborator starts afresh");
}

#[tokio::test]
async fn an_ended_grant_can_be_granted_again_beside_the_others() {
    let world = acme().await;
    active(&world, LEA, "acme:rh", "reader").await;
    let mut body = json!({ "email": LEA, "role": "observer" });
    body["expiresAt"] = "2026-11-22T13:00:00Z".into();
    invite(&world, OWNER, TECH, &body).await.expect(201);
    world.wait(Duration::from_hours(1));
    let ended = seen(&world, TECH, LEA).await.expect(200);
    assert_eq!((ended.text("/status"), &ended.body["role"]), ("expired", &Value::Null));
    body["expiresAt"] = Value::Null;
    let again = invite(&world, OWNER, TECH, &body).await.expect(201);
    assert_eq!((again.text("/status"), again.text("/role")), ("active", "observer"));
    get(&world, LEA, "/v1/scopes/acme:rh").await.expect(200);
}

#[tokio::test]
async fn each_change_writes_one_history_entry_and_a_refusal_none() {
    let world = acme().await;
    let lea = |role: &str| json!({ "email": LEA, "role": role });
    invite(&world, OWNER, TECH, &lea("observer")).await.expect(201);
    world.wait(Duration::from_secs(1));
    invite(&world, OWNER, "acme:rh", &lea("reader")).await.expect(201);
    world.wait(Duration::from_secs(1));
    let twice = invite(&world, OWNER, "acme:rh", &lea("manager")).await;
    assert_eq!(twice.outcome(), "409 already-has-access");
    assert_eq!(
        history(&world, LEA).await,
        [
            "invited by owner@acme.test: acme:tech - > observer pending",
            "granted by owner@acme.test: acme:rh - > reader pending",
        ]
    );
}

#[tokio::test]
async fn an_invitation_expires_after_the_days_that_the_client_sets() {
    let world = acme_with(&json!({ "invitationDays": 3 })).await;
    let invited = invited(&world, LEA, TECH, "observer").await;
    assert_eq!(invited.text("/invitation/expiresAt"), "2026-11-25T12:00:00.000Z");
    let status = async || {
        let seen = seen(&world, TECH, LEA).await.expect(200);
        seen.text("/status").to_owned()
    };
    world.wait(DAY * 3 - Duration::from_millis(1));
    assert_eq!(status().await, "pending");
    world.wait(Duration::from_millis(1));
    assert_eq!(status().await, "expired");
}

#[tokio::test]
async fn the_path_may_be_encoded_and_the_address_in_any_case() {
    let world = acme().await;
    let invited = Request::new("POST", "/v1/scopes/acme%3Atech/collaborators")
        .json(&json!({ "email": " Lea@EXAMPLE.org ", "role": "observer" }));
    let invited = world.send(&Principal::user("Owner@Acme.TEST"), invited).await;
    // This account has another `sub` than the one that was bound first.
    assert_eq!(invited.outcome(), "404 scope-not-found");
    let owner = Principal::user("Owner@Acme.TEST").with("sub", "account of owner@acme.test");
    let invited = Request::new("POST", "/v1/scopes/acme%3Atech/collaborators")
        .json(&json!({ "email": " Lea@EXAMPLE.org ", "role": "observer" }));
    let invited = world.send(&owner, invited).await.expect(201);
    assert_eq!(invited.header("location"), path_of(&world, TECH, LEA));
}

#[tokio::test]
async fn one_address_in_two_clients_is_two_collaborators() {
    let world = acme().await;
    let expo = json!({
        "name": "Expo", "seatLimit": 2, "granting": "administrators", "owner": { "email": OWNER },
    });
    put_scope(&world, "expo", &expo).await.expect(201);
    let owner = Principal::user(OWNER);
    world.send(&owner, Request::new("POST", "/v1/scopes/expo/logins")).await.expect(200);
    let body = json!({ "email": LEA, "role": "observer", "name": "Léa" });
    let one = invite(&world, OWNER, "acme", &body).await.expect(201);
    let other = json!({ "email": LEA, "role": "reader" });
    let other = invite(&world, OWNER, "expo", &other).await.expect(201);
    assert_ne!(one.text("/id"), other.text("/id"));
    assert_eq!((other.text("/status"), &other.body["name"]), ("pending", &Value::Null));
    assert_eq!(seats(&world).await, json!([null, 2]));
    let foreign = format!("/v1/scopes/expo/collaborators/{}", one.text("/id"));
    let foreign = get(&world, OWNER, &foreign).await;
    assert_eq!(foreign.outcome(), "404 collaborator-not-found");
}
