//! `POST /v1/invitations/preview` and `/accept`: the link in the mail, seen and used.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Request, Who, World};
use serde_json::json;

use crate::support::{
    accept, acme, assign, get, history, invite, log_in, path_of, post, preview, put_scope, resend,
    revoke, seen, token_of,
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";
const NOT_FOUND: &str = "404 invitation-not-found";

async fn invited(world: &World) -> String {
    let body = json!({ "email": LEA, "role": "observer" });
    invite(world, OWNER, "acme:tech:summit", &body).await.expect(201);
    token_of(world, LEA).await
}

fn lea() -> Who {
    Who::person(LEA)
}

#[tokio::test]
async fn a_preview_tells_what_is_waiting_and_has_no_effect() {
    let world = acme().await;
    let token = invited(&world).await;
    let client = json!({ "email": LEA, "role": "reader" });
    invite(&world, OWNER, "acme", &client).await.expect(201);
    let ends = json!({ "email": LEA, "role": "manager", "expiresAt": "2026-11-22T13:00:00Z" });
    invite(&world, OWNER, "acme:rh", &ends).await.expect(201);
    world.wait(Duration::from_hours(1));
    let before = rows(&world).await;
    let seen = preview(&world, &token).await.expect(200);
    insta::assert_json_snapshot!(seen.body);
    assert_eq!(seen.header("cache-control"), "no-store");
    assert_eq!(seen.header("x-request-id"), "request-1");
    for who in [Who::nobody(), lea(), Who::person("other@example.org"), Who::platform()] {
        let again = post(&world, &who, "/v1/invitations/preview", &json!({ "token": token })).await;
        assert_eq!((again.status, &again.body), (200, &seen.body));
    }
    assert_eq!(rows(&world).await, before);
}

/// Everything in the table, in an order that does not depend on the run.
async fn rows(world: &World) -> Vec<char> {
    let mut all: Vec<char> = world.everything().await.chars().collect();
    all.sort_unstable();
    all
}

#[tokio::test]
async fn the_platform_is_named_as_the_inviter_of_an_owner() {
    let world = acme().await;
    let gala = json!({ "name": "Gala", "kind": "event", "owner": { "email": LEA } });
    put_scope(&world, "acme:tech:gala", &gala).await.expect(201);
    let token = token_of(&world, LEA).await;
    let seen = preview(&world, &token).await.expect(200);
    assert_eq!(seen.body["invitedBy"], json!({ "platform": true }));
    assert_eq!(
        seen.body["grants"],
        json!([{ "scope": "acme:tech:gala", "name": "Gala", "role": "owner" }])
    );
}

#[tokio::test]
async fn accepting_makes_active_and_answers_the_same_to_the_same_account_for_ever() {
    let world = acme().await;
    let token = invited(&world).await;
    world.wait(Duration::from_secs(1));
    let accepted = accept(&world, &lea(), &token).await.expect(200);
    insta::assert_json_snapshot!(accepted.body, @r#"
    {
      "client": {
        "id": "acme",
        "name": "Acme"
      },
      "scopes": [
        {
          "role": "observer",
          "scope": "acme:tech:summit"
        }
      ]
    }
    "#);
    let record = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!(record.text("/status"), "active");
    get(&world, LEA, "/v1/scopes/acme:tech:summit").await.expect(200);
    world.wait(DAY * 20);
    for _ in 0..2 {
        let again = accept(&world, &lea(), &token).await.expect(200);
        assert_eq!(again.body, accepted.body);
    }
    assert_eq!(seen(&world, "acme", LEA).await.body, record.body);
    assert_eq!(
        history(&world, LEA).await[1..],
        ["activated by lea@example.org: acme:tech:summit observer pending > observer active"]
    );
}

#[tokio::test]
async fn a_used_link_is_nothing_to_any_other_account_nor_to_a_preview() {
    let world = acme().await;
    let token = invited(&world).await;
    accept(&world, &lea(), &token).await.expect(200);
    for thief in [
        Who::person("other@example.org"),
        lea().with("sub", "another account"),
        lea().with("iss", "https://other.test"),
        Who::person(OWNER),
    ] {
        assert_eq!(accept(&world, &thief, &token).await.told(), NOT_FOUND, "{thief:?}");
    }
    assert_eq!(preview(&world, &token).await.told(), NOT_FOUND);
}

#[tokio::test]
async fn a_link_is_for_the_address_that_received_it() {
    let world = acme().await;
    let token = invited(&world).await;
    for other in ["other@example.org", "lea@example.com", "lea+1@example.org", OWNER] {
        let refused = accept(&world, &Who::person(other), &token).await;
        assert_eq!(refused.told(), "403 email-mismatch", "{other}");
    }
    let upper = Who::person("LEA@Example.org");
    accept(&world, &upper, &token).await.expect(200);
}

#[tokio::test]
async fn a_wrong_token_has_one_constant_answer() {
    let world = acme().await;
    let token = invited(&world).await;
    let wrong = flipped(&token);
    assert_ne!(wrong, token);
    let other_client = token.replacen("acme", "expo", 1);
    let refused = accept(&world, &lea(), &wrong).await;
    let longer = format!("{token}A");
    for bad in [wrong.as_str(), &other_client, "", "nonsense", "acme.x.y", &longer] {
        for answer in [accept(&world, &lea(), bad).await, preview(&world, bad).await] {
            assert_eq!((answer.told().as_str(), &answer.body), (NOT_FOUND, &refused.body), "{bad}");
        }
    }
    accept(&world, &lea(), &token).await.expect(200);
}

/// The same token with another secret.
fn flipped(token: &str) -> String {
    let (names, secret) = token.rsplit_once('.').unwrap();
    let other = if secret.starts_with('A') { 'B' } else { 'A' };
    let secret: String = std::iter::once(other).chain(secret.chars().skip(1)).collect();
    format!("{names}.{secret}")
}

#[tokio::test]
async fn a_replaced_or_revoked_link_is_none() {
    let world = acme().await;
    let first = invited(&world).await;
    world.wait(Duration::from_mins(1));
    resend(&world, &Who::person(OWNER), ("acme:tech:summit", LEA)).await.expect(202);
    // The old link is dead at once, not only when the new mail leaves.
    assert_eq!(accept(&world, &lea(), &first).await.told(), NOT_FOUND);
    assert_eq!(preview(&world, &first).await.told(), NOT_FOUND);
    let second = token_of(&world, LEA).await;
    assert_eq!(accept(&world, &lea(), &first).await.told(), NOT_FOUND);
    preview(&world, &second).await.expect(200);
    revoke(&world, OWNER, ("acme:tech:summit", LEA)).await.expect(200);
    assert_eq!(accept(&world, &lea(), &second).await.told(), NOT_FOUND);
    assert_eq!(preview(&world, &second).await.told(), NOT_FOUND);
}

#[tokio::test]
async fn only_the_bearer_of_the_right_token_learns_that_it_expired() {
    let world = acme().await;
    let token = invited(&world).await;
    world.wait(DAY * 14 - Duration::from_millis(1));
    preview(&world, &token).await.expect(200);
    world.wait(Duration::from_millis(1));
    assert_eq!(preview(&world, &token).await.told(), "410 invitation-expired");
    assert_eq!(accept(&world, &lea(), &token).await.told(), "410 invitation-expired");
    assert_eq!(preview(&world, &flipped(&token)).await.told(), NOT_FOUND);
    assert_eq!(accept(&world, &lea(), &flipped(&token)).await.told(), NOT_FOUND);
}

#[tokio::test]
async fn one_link_gives_all_that_was_waiting_and_nothing_that_has_ended() {
    let world = acme().await;
    let token = invited(&world).await;
    let further = json!({ "email": LEA, "role": "reader" });
    invite(&world, OWNER, "acme:rh", &further).await.expect(201);
    let ends = json!({ "email": LEA, "role": "manager", "expiresAt": "2026-11-22T13:00:00Z" });
    invite(&world, OWNER, "acme:tech", &ends).await.expect(201);
    world.wait(Duration::from_hours(1));
    let manager = json!({ "role": "manager" });
    assign(&world, OWNER, ("acme:tech:summit", LEA), &manager).await.expect(200);
    let accepted = accept(&world, &lea(), &token).await.expect(200);
    assert_eq!(
        accepted.body["scopes"],
        json!([
            { "scope": "acme:rh", "role": "reader" },
            { "scope": "acme:tech:summit", "role": "manager" },
        ])
    );
}

#[tokio::test]
async fn after_an_activation_by_login_the_link_answers_to_that_account_only() {
    let world = acme().await;
    let token = invited(&world).await;
    let login = log_in(&world, LEA).await;
    assert_eq!(login.body["activated"], true);
    let accepted = accept(&world, &lea(), &token).await.expect(200);
    assert_eq!(accepted.body["scopes"], login.body["scopes"]);
    let other = lea().with("sub", "another account");
    assert_eq!(accept(&world, &other, &token).await.told(), NOT_FOUND);
    assert_eq!(preview(&world, &token).await.told(), NOT_FOUND);
    assert_eq!(accept(&world, &lea(), &flipped(&token)).await.told(), NOT_FOUND);
}

#[tokio::test]
async fn only_a_person_with_a_verified_address_accepts() {
    let world = acme().await;
    let token = invited(&world).await;
    for (who, told) in [
        (Who::nobody(), "401 unauthenticated"),
        (lea().with("email_verified", "false"), "403 email-not-verified"),
        (lea().without("email_verified"), "403 email-not-verified"),
        (Who::platform(), "403 forbidden"),
    ] {
        assert_eq!(accept(&world, &who, &token).await.told(), told, "{who:?}");
    }
    assert_eq!(seen(&world, "acme", LEA).await.text("/status"), "pending");
}

#[tokio::test]
async fn the_account_names_whoever_was_invited_without_a_name() {
    let world = acme().await;
    let token = invited(&world).await;
    accept(&world, &lea().with("name", "Léa Martin"), &token).await.expect(200);
    assert_eq!(seen(&world, "acme", LEA).await.text("/name"), "Léa Martin");
    let named = json!({ "email": "noe@example.org", "role": "reader", "name": "Noé" });
    invite(&world, OWNER, "acme:tech", &named).await.expect(201);
    let token = token_of(&world, "noe@example.org").await;
    let noe = Who::person("noe@example.org").with("name", "Mallory");
    accept(&world, &noe, &token).await.expect(200);
    let noe = get(&world, OWNER, &path_of(&world, "acme:tech", "noe@example.org")).await;
    assert_eq!(noe.text("/name"), "Noé");
}

#[tokio::test]
async fn the_body_is_a_token_and_nothing_else() {
    let world = acme().await;
    for path in ["/v1/invitations/preview", "/v1/invitations/accept"] {
        let request = || Request::new("POST", path);
        for (request, told) in [
            (request(), "415 unsupported-media-type"),
            (request().json(&json!({})), "400 malformed"),
            (request().json(&json!({ "token": 1 })), "400 malformed"),
            (request().json(&json!({ "token": "a", "status": "active" })), "400 malformed"),
            (request().body("{\"token\":\"a\"}"), "415 unsupported-media-type"),
            (request().json(&json!({ "token": "a".repeat(262_144) })), "413 too-large"),
        ] {
            assert_eq!(world.send(&lea(), request).await.told(), told, "{path}");
        }
    }
}
