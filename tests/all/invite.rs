//! `POST /v1/scopes/{scope}/collaborators`: who is let in, and what is answered.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Request, Who};
use serde_json::{Value, json};

use crate::support::{
    acme, acme_with, active, get, history, invite, log_in, path_of, preview, put_scope, queued,
    seats, seen, token_of,
};

#[tokio::test]
async fn somebody_new_is_pending_and_gets_one_mail() {
    let world = acme().await;
    let body = json!({ "email": "Lea@Example.org", "role": "observer", "name": "Léa" });
    let invited = invite(&world, "owner@acme.test", "acme:tech", &body).await.expect(201);
    assert_eq!(invited.text("/status"), "pending");
    assert_eq!(invited.text("/email"), "Lea@Example.org");
    assert_eq!(
        invited.header("location"),
        format!("/v1/scopes/acme:tech/collaborators/{}", invited.text("/id"))
    );
    assert_eq!(invited.etag(), format!("\"{}\"", invited.body["version"]));
    assert_eq!(seats(&world).await, json!([null, 2]));
    world.deliver().await;
    assert_eq!(world.ses.mails_to("Lea@Example.org").len(), 1);
}

#[tokio::test]
async fn the_answer_is_the_collaborator_as_the_list_shows_him() {
    let world = acme().await;
    let body = json!({
        "email": "lea@example.org", "role": "custom", "permissions": ["checkin:scan", "orders:export"],
        "name": "Léa Martin", "locale": "en", "message": "Welcome!", "expiresAt": "2027-03-01T18:00:00+01:00",
    });
    let invited = invite(&world, "owner@acme.test", "acme:tech:summit", &body).await.expect(201);
    insta::assert_json_snapshot!(invited.body);
    let headers =
        ["content-type", "cache-control", "x-request-id"].map(|name| invited.header(name));
    assert_eq!(headers, ["application/json", "no-store", "request-1"]);
    let seen = get(&world, "owner@acme.test", invited.header("location")).await.expect(200);
    assert_eq!((seen.etag(), &seen.body), (invited.etag(), &invited.body));
}

#[tokio::test]
async fn somebody_pending_shows_what_is_coming_and_holds_nothing() {
    let world = acme().await;
    let body = json!({ "email": "ada@example.org", "role": "administrator" });
    let invited = invite(&world, "owner@acme.test", "acme:tech", &body).await.expect(201);
    assert_eq!(invited.body["permissions"], json!([]));
    assert_eq!(invited.body["grants"][0]["permissions"].as_array().unwrap().len(), 30);
    let list = get(&world, "ada@example.org", "/v1/scopes/acme:tech/collaborators").await;
    assert_eq!(list.told(), "404 scope-not-found");
    log_in(&world, "ada@example.org").await;
    get(&world, "ada@example.org", "/v1/scopes/acme:tech/collaborators").await.expect(200);
}

#[tokio::test]
async fn a_further_grant_joins_the_invitation_without_a_second_mail_or_seat() {
    let world = acme().await;
    let by = "owner@acme.test";
    let lea = |role: &str| json!({ "email": "lea@example.org", "role": role });
    let first = invite(&world, by, "acme:tech:summit", &lea("observer")).await.expect(201);
    let second = invite(&world, by, "acme:rh", &lea("reader")).await.expect(201);
    assert_eq!(queued(&world, "lea@example.org").await, ["invitation"]);
    assert_eq!(seats(&world).await, json!([null, 2]));
    assert_eq!(second.text("/id"), first.text("/id"));
    assert!(second.body["version"].as_i64() > first.body["version"].as_i64());
    assert_eq!(second.body["invitation"], first.body["invitation"]);
    let token = token_of(&world, "lea@example.org").await;
    let waiting = &preview(&world, &token).await.expect(200).body["grants"];
    let scopes: Vec<&Value> = waiting.as_array().unwrap().iter().map(|g| &g["scope"]).collect();
    assert_eq!(scopes, ["acme:rh", "acme:tech:summit"]);
    assert_eq!(world.ses.mails_to("lea@example.org").len(), 1);
}

#[tokio::test]
async fn somebody_active_gets_a_further_grant_at_once_and_is_told() {
    let world = acme().await;
    active(&world, "lea@example.org", "acme:rh", "reader").await;
    world.deliver().await;
    let body = json!({ "email": "lea@example.org", "role": "contributor" });
    let granted = invite(&world, "owner@acme.test", "acme:tech", &body).await.expect(201);
    assert_eq!(granted.text("/status"), "active");
    assert_eq!(granted.body["permissions"].as_array().unwrap().len(), 25);
    assert_eq!(granted.body.get("invitation"), None);
    assert_eq!(seats(&world).await, json!([null, 2]));
    assert_eq!(queued(&world, "lea@example.org").await, ["granted"]);
    get(&world, "lea@example.org", "/v1/scopes/acme:tech").await.expect(200);
}

#[tokio::test]
async fn an_invitation_changes_neither_the_name_nor_another_grant_of_somebody_who_exists() {
    let world = acme().await;
    let by = "owner@acme.test";
    let first = json!({ "email": "lea@example.org", "role": "observer", "name": "Léa" });
    invite(&world, by, "acme:tech", &first).await.expect(201);
    let other = json!({
        "email": "LEA@example.org", "role": "reader", "name": "Mallory", "locale": "en", "expiresAt": "2027-01-01T00:00:00Z",
    });
    invite(&world, by, "acme:tech:summit", &other).await.expect(201);
    let seen = seen(&world, "acme", "lea@example.org").await.expect(200);
    assert_eq!((seen.text("/name"), seen.text("/email")), ("Léa", "lea@example.org"));
    let grants = &seen.body["grants"];
    assert_eq!(grants[0]["expiresAt"], Value::Null);
    assert_eq!([&grants[0]["role"], &grants[1]["role"]], ["observer", "reader"]);
    world.deliver().await;
    let mails = world.ses.mails_to("lea@example.org");
    assert!(mails[0].text.contains("Bonjour"), "{}", mails[0].text);
}

#[tokio::test]
async fn the_answer_shows_what_is_on_the_path_and_nothing_of_a_sister_scope() {
    let world = acme().await;
    active(&world, "lea@example.org", "acme:tech:meetup", "manager").await;
    active(&world, "lea2@example.org", "acme:tech", "reader").await;
    let grant = async |email: &str| {
        let body = json!({ "email": email, "role": "supervisor" });
        let granted = invite(&world, "owner@acme.test", "acme:tech:summit", &body).await;
        let granted = granted.expect(201);
        let shown = granted.body["grants"].as_array().unwrap().iter();
        shown
            .map(|g| format!("{} {} {}", g["scope"], g["role"], g["inherited"]))
            .collect::<Vec<_>>()
    };
    assert_eq!(grant("lea@example.org").await, [r#""acme:tech:summit" "supervisor" false"#]);
    assert_eq!(
        grant("lea2@example.org").await,
        [r#""acme:tech" "reader" true"#, r#""acme:tech:summit" "supervisor" false"#]
    );
}

#[tokio::test]
async fn access_ends_by_the_clock_and_may_be_given_again() {
    let world = acme().await;
    let by = "owner@acme.test";
    let until =
        |end: &str| json!({ "email": "lea@example.org", "role": "reader", "expiresAt": end });
    invite(&world, by, "acme:tech", &until("2026-11-22T13:00:00Z")).await.expect(201);
    log_in(&world, "lea@example.org").await;
    world.wait(Duration::from_millis(3_599_999));
    get(&world, "lea@example.org", "/v1/scopes/acme:tech").await.expect(200);
    world.wait(Duration::from_millis(1));
    let ended = get(&world, "lea@example.org", "/v1/scopes/acme:tech").await;
    assert_eq!(ended.told(), "404 scope-not-found");
    let shown = seen(&world, "acme:tech", "lea@example.org").await.expect(200);
    assert_eq!((shown.text("/status"), shown.text("/role")), ("expired", "reader"));
    assert_eq!(shown.body["permissions"], json!([]));
    let again = invite(&world, by, "acme:tech", &until("2027-01-01T00:00:00Z")).await.expect(201);
    assert_eq!(again.text("/status"), "pending", "somebody expired starts anew");
}

#[tokio::test]
async fn a_grant_that_has_ended_is_given_again_beside_the_others() {
    let world = acme().await;
    let by = "owner@acme.test";
    active(&world, "lea@example.org", "acme:rh", "reader").await;
    let mut body = json!({ "email": "lea@example.org", "role": "observer" });
    body["expiresAt"] = "2026-11-22T13:00:00Z".into();
    invite(&world, by, "acme:tech", &body).await.expect(201);
    world.wait(Duration::from_hours(1));
    let ended = seen(&world, "acme:tech", "lea@example.org").await.expect(200);
    assert_eq!((ended.text("/status"), &ended.body["role"]), ("active", &Value::Null));
    body["expiresAt"] = Value::Null;
    let again = invite(&world, by, "acme:tech", &body).await.expect(201);
    assert_eq!((again.text("/status"), again.text("/role")), ("active", "observer"));
    get(&world, "lea@example.org", "/v1/scopes/acme:rh").await.expect(200);
}

#[tokio::test]
async fn each_change_writes_one_entry_of_history_and_a_refusal_none() {
    let world = acme().await;
    let by = "owner@acme.test";
    let lea = |role: &str| json!({ "email": "lea@example.org", "role": role });
    invite(&world, by, "acme:tech", &lea("observer")).await.expect(201);
    world.wait(Duration::from_secs(1));
    invite(&world, by, "acme:rh", &lea("reader")).await.expect(201);
    world.wait(Duration::from_secs(1));
    let twice = invite(&world, by, "acme:rh", &lea("manager")).await;
    assert_eq!(twice.told(), "409 already-has-access");
    assert_eq!(
        history(&world, "lea@example.org").await,
        [
            "invited by owner@acme.test: acme:tech - > observer pending",
            "granted by owner@acme.test: acme:rh - > reader pending",
        ]
    );
}

#[tokio::test]
async fn an_invitation_expires_after_the_days_of_the_client() {
    let world = acme_with(&json!({ "invitationDays": 3 })).await;
    let body = json!({ "email": "lea@example.org", "role": "observer" });
    let invited = invite(&world, "owner@acme.test", "acme:tech", &body).await.expect(201);
    assert_eq!(invited.text("/invitation/expiresAt"), "2026-11-25T12:00:00Z");
    let status = async || {
        let seen = seen(&world, "acme:tech", "lea@example.org").await.expect(200);
        seen.text("/status").to_owned()
    };
    world.wait(DAY * 3 - Duration::from_millis(1));
    assert_eq!(status().await, "pending");
    world.wait(Duration::from_millis(1));
    assert_eq!(status().await, "expired");
}

#[tokio::test]
async fn the_path_may_be_encoded_and_the_address_written_in_any_case() {
    let world = acme().await;
    let invited = Request::new("POST", "/v1/scopes/acme%3Atech/collaborators")
        .json(&json!({ "email": " Lea@EXAMPLE.org ", "role": "observer" }));
    let invited = world.send(&Who::person("Owner@Acme.TEST"), invited).await;
    // The account is bound to the person who logged in first, whatever the case of the address.
    assert_eq!(invited.told(), "404 scope-not-found");
    let owner = Who::person("Owner@Acme.TEST").with("sub", "account of owner@acme.test");
    let invited = Request::new("POST", "/v1/scopes/acme%3Atech/collaborators")
        .json(&json!({ "email": " Lea@EXAMPLE.org ", "role": "observer" }));
    let invited = world.send(&owner, invited).await.expect(201);
    assert_eq!(invited.header("location"), path_of(&world, "acme:tech", "lea@example.org"));
}

#[tokio::test]
async fn clients_know_nothing_of_each_other() {
    let world = acme().await;
    let expo = json!({
        "name": "Expo", "seatLimit": 2, "granting": "administrators", "owner": { "email": "owner@acme.test" },
    });
    put_scope(&world, "expo", &expo).await.expect(201);
    let owner = Who::person("owner@acme.test");
    world.send(&owner, Request::new("POST", "/v1/scopes/expo/logins")).await.expect(200);
    let body = json!({ "email": "lea@example.org", "role": "observer", "name": "Léa" });
    let one = invite(&world, "owner@acme.test", "acme", &body).await.expect(201);
    let other = json!({ "email": "lea@example.org", "role": "reader" });
    let other = invite(&world, "owner@acme.test", "expo", &other).await.expect(201);
    assert_ne!(one.text("/id"), other.text("/id"));
    assert_eq!((other.text("/status"), &other.body["name"]), ("pending", &Value::Null));
    assert_eq!(seats(&world).await, json!([null, 2]));
    let foreign = format!("/v1/scopes/expo/collaborators/{}", one.text("/id"));
    let foreign = get(&world, "owner@acme.test", &foreign).await;
    assert_eq!(foreign.told(), "404 collaborator-not-found");
}
