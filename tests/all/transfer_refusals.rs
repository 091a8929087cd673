//! `POST /v1/scopes/{scope}/owner`: refused transfers, and other commands that must not end an ownership.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Principal, Request};
use serde_json::json;

use crate::{
    support::{
        EVE, LEA, OWNER, SUMMIT, acme, active, assign, etag_of, get, id_of, invite, invited,
        log_in, path_of, put_scope, resend, revoke, seats,
    },
    transfer::{assert_owner, platform_transfer, request, transfer, version_of, with_event_owner},
};

#[tokio::test]
async fn only_its_owner_transfers_a_scope() {
    let world = with_event_owner().await;
    active(&world, "admin@example.org", "acme", "administrator").await;
    active(&world, "sister@example.org", "acme:tech:meetup", "administrator").await;
    active(&world, "reader@example.org", SUMMIT, "reader").await;
    let before = world.dump().await;
    for (by, scope, expected) in [
        ("admin@example.org", "acme", "403 forbidden"),
        ("admin@example.org", SUMMIT, "403 forbidden"),
        (LEA, SUMMIT, "403 forbidden"),
        (OWNER, SUMMIT, "403 forbidden"),
        (OWNER, "acme:tech", "403 forbidden"),
        (OWNER, "acme:tech:meetup", "403 forbidden"),
        ("reader@example.org", SUMMIT, "403 forbidden"),
        ("sister@example.org", SUMMIT, "404 scope-not-found"),
        (EVE, "acme:tech:meetup", "404 scope-not-found"),
        (EVE, "acme", "404 scope-not-found"),
        ("stranger@example.org", "acme", "404 scope-not-found"),
        ("stranger@example.org", SUMMIT, "404 scope-not-found"),
    ] {
        for to in [LEA, by] {
            let refused = transfer(&world, by, scope, to).await;
            assert_eq!(refused.outcome(), expected, "{by} at {scope}");
        }
        let named = request(scope, &json!({ "email": by }));
        let refused = world.send(&Principal::user(by), named).await;
        assert_eq!(refused.outcome(), expected, "{by} at {scope}");
    }
    for scope in ["acme:nothing", "other", "acme:tech:nothing"] {
        let body = json!({ "collaborator": id_of(&world, LEA) });
        let versioned = request(scope, &body).if_match("\"1\"");
        let refused = world.send(&Principal::user(OWNER), versioned).await;
        assert_eq!(refused.outcome(), "404 scope-not-found", "{scope}");
        let refused = platform_transfer(&world, scope, &body).await;
        assert_eq!(refused.outcome(), "404 scope-not-found", "{scope}");
    }
    let named = request("acme", &json!({ "email": LEA }));
    let refused = world.send(&Principal::user(OWNER), named).await;
    assert_eq!(refused.outcome(), "403 forbidden", "only the platform may name an address");
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn a_transfer_by_a_user_requires_the_current_version() {
    let world = with_event_owner().await;
    let old = version_of(&world, "acme").await;
    world.wait(Duration::from_secs(1));
    let body = json!({ "name": "Acme 2", "seatLimit": 9, "granting": "administrators" });
    put_scope(&world, "acme", &body).await.expect(200);
    let now = version_of(&world, "acme").await;
    let before = world.dump().await;
    let to_lea = || request("acme", &json!({ "collaborator": id_of(&world, LEA) }));
    let owner = Principal::user(OWNER);
    let event = version_of(&world, SUMMIT).await;
    for (request, expected) in [
        (to_lea(), "428 if-match-required"),
        (to_lea().if_match("*"), "428 if-match-required"),
        (to_lea().if_match(&old), "412 stale-version"),
        (to_lea().if_match(&event), "412 stale-version"),
        (to_lea().if_match("\"1\""), "412 stale-version"),
        (to_lea().if_match(&format!("W/{now}")), "400 malformed"),
        (to_lea().if_match(now.trim_matches('"')), "400 malformed"),
    ] {
        let answer = world.send(&owner, request.clone()).await;
        assert_eq!(answer.outcome(), expected, "{request:?}");
    }
    assert_eq!(world.dump().await, before);
    world.send(&owner, to_lea().if_match(&now)).await.expect(200);
}

#[tokio::test]
async fn the_new_owner_must_be_active_and_visible() {
    let world = with_event_owner().await;
    let pending = json!({ "email": "pending@example.org", "role": "administrator" });
    let mut ended = pending.clone();
    (ended["email"], ended["expiresAt"]) =
        (json!("ended@example.org"), json!("2026-11-23T12:00:00Z"));
    active(&world, "sister@example.org", "acme:tech:meetup", "reader").await;
    invite(&world, OWNER, SUMMIT, &ended).await.expect(201);
    log_in(&world, "ended@example.org").await;
    world.wait(DAY);
    invite(&world, OWNER, SUMMIT, &pending).await.expect(201);
    let before = world.dump().await;
    for (by, scope, to, expected) in [
        (OWNER, "acme", "pending@example.org", "409 not-active"),
        (OWNER, "acme", "ended@example.org", "409 not-active"),
        (OWNER, "acme", OWNER, "409 owner-must-transfer"),
        (OWNER, "acme", "nobody@example.org", "404 collaborator-not-found"),
        (EVE, SUMMIT, "pending@example.org", "409 not-active"),
        (EVE, SUMMIT, "sister@example.org", "404 collaborator-not-found"),
        (EVE, SUMMIT, EVE, "409 owner-must-transfer"),
    ] {
        assert_eq!(transfer(&world, by, scope, to).await.outcome(), expected, "{to} by {by}");
        let body = json!({ "collaborator": id_of(&world, to) });
        let expected = if to == "sister@example.org" { continue } else { expected };
        assert_eq!(platform_transfer(&world, scope, &body).await.outcome(), expected, "{to}");
    }
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn an_audience_and_a_community_have_no_owner() {
    let world = acme().await;
    active(&world, LEA, "acme", "administrator").await;
    for scope in ["acme:tech", "acme:tech:alumni"] {
        for body in [json!({ "collaborator": id_of(&world, LEA) }), json!({ "email": LEA })] {
            let refused = platform_transfer(&world, scope, &body).await;
            assert_eq!(refused.outcome(), "422 role-not-allowed-here", "{scope}");
        }
    }
}

#[tokio::test]
async fn exactly_one_of_collaborator_and_email_is_required() {
    let world = acme().await;
    let lea = active(&world, LEA, "acme", "administrator").await.text("/id").to_owned();
    let (before, version) = (world.dump().await, version_of(&world, "acme").await);
    let both = ["/collaborator", "/email"];
    for (body, code, pointers) in [
        (json!({}), "invalid-field", &both[..]),
        (json!({ "collaborator": null, "email": null }), "invalid-field", &both),
        (json!({ "name": "Léa" }), "invalid-field", &both),
        (json!({ "collaborator": lea, "email": LEA }), "invalid-field", &both),
        (json!({ "collaborator": lea, "name": "Léa" }), "invalid-field", &["/name"]),
        (json!({ "collaborator": "P#1" }), "invalid-field", &["/collaborator"]),
        (json!({ "collaborator": lea.to_uppercase() }), "invalid-field", &["/collaborator"]),
        (json!({ "email": "lea" }), "invalid-email", &["/email"]),
        (json!({ "email": LEA, "name": "a\nb" }), "invalid-field", &["/name"]),
    ] {
        for who in [Principal::platform(), Principal::user(OWNER)] {
            let request = request("acme", &body).if_match(&version);
            let refused = world.send(&who, request).await;
            assert_eq!(refused.outcome(), format!("422 {code}"), "{body}");
            let errors = refused.body["errors"].as_array().unwrap().iter();
            let seen: Vec<&str> = errors.map(|error| error["pointer"].as_str().unwrap()).collect();
            assert_eq!(seen, pointers, "{body}");
        }
    }
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn the_last_owner_is_neither_demoted_nor_removed_on_any_path() {
    let world = with_event_owner().await;
    active(&world, "admin@example.org", "acme", "administrator").await;
    let before = world.dump().await;
    let must_transfer = "409 owner-must-transfer";
    for (scope, owner) in [("acme", OWNER), (SUMMIT, EVE)] {
        for by in [OWNER, EVE, "admin@example.org", LEA] {
            let sees = scope != "acme" || [OWNER, "admin@example.org"].contains(&by);
            let right = if sees { must_transfer } else { "404 scope-not-found" };
            for role in ["administrator", "reader"] {
                for ends in [None, Some("2026-12-01T00:00:00Z")] {
                    let body = json!({ "role": role, "expiresAt": ends });
                    let outcome = assign(&world, by, (scope, owner), &body).await.outcome();
                    let assigned = if by == owner { "403 own-role" } else { right };
                    assert_eq!(outcome, assigned, "{by} at {scope}");
                    let body = json!({ "email": owner, "role": role, "expiresAt": ends });
                    let outcome = invite(&world, by, scope, &body).await.outcome();
                    let refused = ["409 already-has-access", "403 own-role", right];
                    assert!(refused.contains(&outcome.as_str()), "{outcome}: {by} at {scope}");
                }
            }
            let refused = revoke(&world, by, (scope, owner)).await;
            assert_eq!(refused.outcome(), right, "{by} at {scope}");
            let above = if by == LEA { "acme:tech" } else { "acme" };
            let below = format!("{}?below=true", path_of(&world, above, owner));
            let below = Request::new("DELETE", &below).if_match(&etag_of(&world, owner).await);
            let outcome = world.send(&Principal::user(by), below).await.outcome();
            let refused = [must_transfer, "404 scope-not-found", "409 inherited-access"];
            assert!(refused.contains(&outcome.as_str()), "{outcome}: {by} below {above}");
        }
        let owner = json!({ "email": "another@example.org" });
        let body = if scope == "acme" {
            json!({ "name": "A", "seatLimit": null, "granting": "owner", "owner": owner })
        } else {
            json!({ "name": "S", "kind": "event", "owner": owner })
        };
        assert_eq!(put_scope(&world, scope, &body).await.outcome(), must_transfer, "{scope}");
    }
    assert_eq!(world.dump().await, before);
    world.wait(DAY * 400);
    assert_owner(&world, "acme", OWNER).await;
    assert_owner(&world, SUMMIT, EVE).await;
}

#[tokio::test]
async fn an_unconfirmed_owner_does_not_count_as_one() {
    let world = acme().await;
    invited(&world, LEA, "acme", "administrator").await;
    // Ownership cannot go to a pending collaborator ...
    assert_eq!(transfer(&world, OWNER, "acme", LEA).await.outcome(), "409 not-active");
    assert_eq!(revoke(&world, OWNER, ("acme", OWNER)).await.outcome(), "409 owner-must-transfer");
    // ... and an owner named by the platform has no access until they accept; the former owner stays an administrator.
    platform_transfer(&world, "acme", &json!({ "email": LEA })).await.expect(200);
    assert_eq!(get(&world, LEA, "/v1/scopes/acme").await.outcome(), "404 scope-not-found");
    assert_eq!(transfer(&world, LEA, "acme", OWNER).await.outcome(), "404 scope-not-found");
    get(&world, OWNER, "/v1/scopes/acme/collaborators").await.expect(200);
    // An expired invitation changes neither the owner nor the seat, and can be resent.
    world.wait(DAY * 15);
    assert_owner(&world, "acme", LEA).await;
    assert_eq!(seats(&world).await, json!([null, 2]));
    resend(&world, &Principal::platform(), ("acme", LEA)).await.expect(202);
    log_in(&world, LEA).await;
    get(&world, LEA, "/v1/scopes/acme").await.expect(200);
}
