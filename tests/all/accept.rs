//! `POST /v1/invitations/preview` and `/accept`: previewing and accepting an invitation link.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Principal, World};
use serde_json::json;

use crate::support::{
    LEA, MEETUP, OWNER, SUMMIT, TECH, accept, acme, assign, get, history, invite, invited, log_in,
    path_of, post, preview, put_scope, resend, revoke, seen, token_of,
};

const NOT_FOUND: &str = "404 invitation-not-found";

async fn lea_invited(world: &World) -> String {
    invited(world, LEA, SUMMIT, "observer").await;
    token_of(world, LEA).await
}

fn lea() -> Principal {
    Principal::user(LEA)
}

#[tokio::test]
async fn a_preview_shows_the_pending_grants_and_changes_nothing() {
    let world = acme().await;
    let token = lea_invited(&world).await;
    invited(&world, LEA, "acme", "reader").await;
    let ends = json!({ "email": LEA, "role": "manager", "expiresAt": "2026-11-22T13:00:00Z" });
    invite(&world, OWNER, "acme:rh", &ends).await.expect(201);
    world.wait(Duration::from_hours(1));
    let before = world.dump().await;
    let seen = preview(&world, &token).await.expect(200);
    insta::assert_json_snapshot!(seen.body);
    assert_eq!(seen.header("cache-control"), "no-store");
    assert_eq!(seen.header("x-request-id"), "request-1");
    for who in
        [Principal::anonymous(), lea(), Principal::user("other@example.org"), Principal::platform()]
    {
        let again = post(&world, &who, "/v1/invitations/preview", &json!({ "token": token })).await;
        assert_eq!((again.status, &again.body), (200, &seen.body));
    }
    assert_eq!(world.dump().await, before);
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
        json!([{
            "scope": "acme:tech:gala", "name": "Gala", "role": "owner", "platformUrl": null,
            "roleName": { "fr": "Propriétaire", "en": "Owner" },
        }])
    );
}

#[tokio::test]
async fn accepting_activates_and_always_returns_the_same_to_the_same_account() {
    let world = acme().await;
    let token = lea_invited(&world).await;
    world.wait(Duration::from_secs(1));
    let accepted = accept(&world, &lea(), &token).await.expect(200);
    let client = json!({
        "id": "acme", "name": "Acme", "logoUrl": null, "accentColor": null, "timeZone": null,
        "platformUrl": null,
    });
    let scopes = json!([{ "scope": SUMMIT, "role": "observer", "platformUrl": null }]);
    assert_eq!(accepted.body, json!({ "client": client, "scopes": scopes }));
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
async fn a_link_is_for_the_address_that_received_it() {
    let world = acme().await;
    let token = lea_invited(&world).await;
    for other in ["other@example.org", "lea@example.com", "lea+1@example.org", OWNER] {
        let refused = accept(&world, &Principal::user(other), &token).await;
        assert_eq!(refused.outcome(), "403 email-mismatch", "{other}");
    }
    let upper = Principal::user("LEA@Example.org");
    accept(&world, &upper, &token).await.expect(200);
}

/// The same token with another secret.
fn flipped(token: &str) -> String {
    let (names, secret) = token.rsplit_once('.').unwrap();
    let other = if secret.starts_with('A') { 'B' } else { 'A' };
    let secret: String = std::iter::once(other).chain(secret.chars().skip(1)).collect();
    format!("{names}.{secret}")
}

#[tokio::test]
async fn a_replaced_or_revoked_link_is_not_found() {
    let world = acme().await;
    let first = lea_invited(&world).await;
    world.wait(Duration::from_mins(1));
    resend(&world, &Principal::user(OWNER), (SUMMIT, LEA)).await.expect(202);
    // The old link stops working immediately, before the new mail is sent.
    assert_eq!(accept(&world, &lea(), &first).await.outcome(), NOT_FOUND);
    assert_eq!(preview(&world, &first).await.outcome(), NOT_FOUND);
    let second = token_of(&world, LEA).await;
    assert_eq!(accept(&world, &lea(), &first).await.outcome(), NOT_FOUND);
    preview(&world, &second).await.expect(200);
    revoke(&world, OWNER, (SUMMIT, LEA)).await.expect(200);
    assert_eq!(accept(&world, &lea(), &second).await.outcome(), NOT_FOUND);
    assert_eq!(preview(&world, &second).await.outcome(), NOT_FOUND);
}

#[tokio::test]
async fn only_the_right_token_shows_that_the_invitation_expired() {
    let world = acme().await;
    let token = lea_invited(&world).await;
    world.wait(DAY * 14 - Duration::from_millis(1));
    preview(&world, &token).await.expect(200);
    world.wait(Duration::from_millis(1));
    assert_eq!(preview(&world, &token).await.outcome(), "410 invitation-expired");
    assert_eq!(accept(&world, &lea(), &token).await.outcome(), "410 invitation-expired");
    assert_eq!(preview(&world, &flipped(&token)).await.outcome(), NOT_FOUND);
    assert_eq!(accept(&world, &lea(), &flipped(&token)).await.outcome(), NOT_FOUND);
}

#[tokio::test]
async fn a_link_that_was_used_or_whose_access_ended_says_what_works() {
    let world = acme().await;
    let ending = json!({ "email": LEA, "role": "observer", "expiresAt": "2026-11-25T12:00:00Z" });
    invite(&world, OWNER, SUMMIT, &ending).await.expect(201);
    let token = token_of(&world, LEA).await;
    world.wait(DAY * 4);
    for outcome in [preview(&world, &token).await, accept(&world, &lea(), &token).await] {
        assert_eq!(outcome.outcome(), "410 invitation-ended");
        assert!(outcome.text("/detail").ends_with("Ask to be invited again."));
    }
    assert_eq!(preview(&world, &flipped(&token)).await.outcome(), NOT_FOUND);
    let again = resend(&world, &Principal::user(OWNER), (SUMMIT, LEA)).await;
    assert_eq!(again.outcome(), "409 not-pending", "so the link does not advise it");
    invited(&world, LEA, SUMMIT, "observer").await;
    assert_eq!(preview(&world, &token).await.outcome(), NOT_FOUND, "the link was replaced");

    let token = token_of(&world, LEA).await;
    accept(&world, &lea(), &token).await.expect(200);
    let used = preview(&world, &token).await;
    assert_eq!(used.outcome(), "410 invitation-used");
    assert!(used.text("/detail").contains("Sign in"));
    assert_eq!(preview(&world, &flipped(&token)).await.outcome(), NOT_FOUND);
    let other = accept(&world, &Principal::user("other@example.org"), &flipped(&token)).await;
    assert_eq!(other.outcome(), NOT_FOUND);
}

#[tokio::test]
async fn one_link_activates_all_pending_grants_except_ended_and_revoked_ones() {
    let world = acme().await;
    let token = lea_invited(&world).await;
    invited(&world, LEA, "acme:rh", "reader").await;
    invited(&world, LEA, MEETUP, "administrator").await;
    let ends = json!({ "email": LEA, "role": "manager", "expiresAt": "2026-11-22T13:00:00Z" });
    invite(&world, OWNER, TECH, &ends).await.expect(201);
    world.wait(Duration::from_hours(1));
    let manager = json!({ "role": "manager" });
    assign(&world, OWNER, (SUMMIT, LEA), &manager).await.expect(200);
    revoke(&world, OWNER, (MEETUP, LEA)).await.expect(200);
    let shown = preview(&world, &token).await.expect(200);
    assert_eq!(shown.body["grants"].as_array().unwrap().len(), 2);
    let accepted = accept(&world, &lea(), &token).await.expect(200);
    let (rh, summit) = (("acme:rh", "reader"), (SUMMIT, "manager"));
    let scopes = [rh, summit]
        .map(|(scope, role)| json!({ "scope": scope, "role": role, "platformUrl": null }));
    assert_eq!(accepted.body["scopes"], json!(scopes));
    assert_eq!(
        get(&world, LEA, "/v1/scopes/acme:tech:meetup").await.outcome(),
        "404 scope-not-found"
    );
}

#[tokio::test]
async fn after_an_activation_by_login_the_link_works_for_that_account_only() {
    let world = acme().await;
    let token = lea_invited(&world).await;
    let login = log_in(&world, LEA).await;
    assert_eq!(login.body["activated"], true);
    let accepted = accept(&world, &lea(), &token).await.expect(200);
    let scopes = json!([{ "scope": SUMMIT, "role": "observer", "platformUrl": null }]);
    assert_eq!(accepted.body["scopes"], scopes);
    let other = lea().with("sub", "another account");
    assert_eq!(accept(&world, &other, &token).await.outcome(), "410 invitation-used");
    assert_eq!(preview(&world, &token).await.outcome(), "410 invitation-used");
    assert_eq!(accept(&world, &lea(), &flipped(&token)).await.outcome(), NOT_FOUND);
}

#[tokio::test]
async fn a_collaborator_invited_without_a_name_gets_the_name_of_the_account() {
    let world = acme().await;
    let token = lea_invited(&world).await;
    accept(&world, &lea().with("name", "Léa Martin"), &token).await.expect(200);
    assert_eq!(seen(&world, "acme", LEA).await.text("/name"), "Léa Martin");
    let named = json!({ "email": "noe@example.org", "role": "reader", "name": "Noé" });
    invite(&world, OWNER, TECH, &named).await.expect(201);
    let token = token_of(&world, "noe@example.org").await;
    let noe = Principal::user("noe@example.org").with("name", "Mallory");
    accept(&world, &noe, &token).await.expect(200);
    let noe = get(&world, OWNER, &path_of(&world, TECH, "noe@example.org")).await;
    assert_eq!(noe.text("/name"), "Noé");
}
