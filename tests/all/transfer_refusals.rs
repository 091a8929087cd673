//! `POST /v1/scopes/{scope}/owner`: who may not, what may not be, and that no other way ends an ownership.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Request, Who};
use serde_json::json;

use crate::{
    support::{
        acme, active, assign, etag_of, get, id_of, invite, log_in, path_of, post, put_scope,
        resend, revoke, seats,
    },
    transfer::{
        assert_owner, hand_over, platform_hands, request, version_of, with_an_events_owner,
    },
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";
const EVE: &str = "eve@example.org";
const SUMMIT: &str = "acme:tech:summit";

#[tokio::test]
async fn only_its_owner_hands_a_scope_over() {
    let world = with_an_events_owner().await;
    active(&world, "admin@example.org", "acme", "administrator").await;
    active(&world, "sister@example.org", "acme:tech:meetup", "administrator").await;
    active(&world, "reader@example.org", SUMMIT, "reader").await;
    let before = world.everything().await;
    for (by, scope, told) in [
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
            assert_eq!(hand_over(&world, by, scope, to).await.told(), told, "{by} at {scope}");
        }
        let named = request(scope, &json!({ "email": by }));
        assert_eq!(world.send(&Who::person(by), named).await.told(), told, "{by} at {scope}");
    }
    for scope in ["acme:nothing", "other", "acme:tech:nothing"] {
        let body = json!({ "collaborator": id_of(&world, LEA) });
        let versioned = request(scope, &body).if_match("\"1\"");
        let refused = world.send(&Who::person(OWNER), versioned).await;
        assert_eq!(refused.told(), "404 scope-not-found", "{scope}");
        let refused = platform_hands(&world, scope, &body).await;
        assert_eq!(refused.told(), "404 scope-not-found", "{scope}");
    }
    let named = request("acme", &json!({ "email": LEA }));
    let refused = world.send(&Who::person(OWNER), named).await;
    assert_eq!(refused.told(), "403 forbidden", "an address is named by the platform only");
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn a_person_names_the_version_of_the_scope_and_an_old_one_is_stale() {
    let world = with_an_events_owner().await;
    let old = version_of(&world, "acme").await;
    world.wait(Duration::from_secs(1));
    let body = json!({ "name": "Acme 2", "seatLimit": 9, "granting": "administrators" });
    put_scope(&world, "acme", &body).await.expect(200);
    let now = version_of(&world, "acme").await;
    let before = world.everything().await;
    let to_lea = || request("acme", &json!({ "collaborator": id_of(&world, LEA) }));
    let owner = Who::person(OWNER);
    let event = version_of(&world, SUMMIT).await;
    for (request, told) in [
        (to_lea(), "428 if-match-required"),
        (to_lea().if_match("*"), "428 if-match-required"),
        (to_lea().if_match(&old), "412 stale-version"),
        (to_lea().if_match(&event), "412 stale-version"),
        (to_lea().if_match("\"1\""), "412 stale-version"),
        (to_lea().if_match(&format!("W/{now}")), "400 malformed"),
        (to_lea().if_match(now.trim_matches('"')), "400 malformed"),
    ] {
        let answer = world.send(&owner, request.clone()).await;
        assert_eq!(answer.told(), told, "{request:?}");
    }
    assert_eq!(world.everything().await, before);
    world.send(&owner, to_lea().if_match(&now)).await.expect(200);
}

#[tokio::test]
async fn ownership_goes_to_nobody_who_is_not_active_or_not_seen() {
    let world = with_an_events_owner().await;
    let pending = json!({ "email": "pending@example.org", "role": "administrator" });
    let mut ended = pending.clone();
    (ended["email"], ended["expiresAt"]) =
        (json!("ended@example.org"), json!("2026-11-23T12:00:00Z"));
    active(&world, "sister@example.org", "acme:tech:meetup", "reader").await;
    invite(&world, OWNER, SUMMIT, &ended).await.expect(201);
    log_in(&world, "ended@example.org").await;
    world.wait(DAY);
    invite(&world, OWNER, SUMMIT, &pending).await.expect(201);
    let before = world.everything().await;
    for (by, scope, to, told) in [
        (OWNER, "acme", "pending@example.org", "409 not-active"),
        (OWNER, "acme", "ended@example.org", "409 not-active"),
        (OWNER, "acme", OWNER, "409 owner-must-transfer"),
        (OWNER, "acme", "nobody@example.org", "404 collaborator-not-found"),
        (EVE, SUMMIT, "pending@example.org", "409 not-active"),
        (EVE, SUMMIT, "sister@example.org", "404 collaborator-not-found"),
        (EVE, SUMMIT, EVE, "409 owner-must-transfer"),
    ] {
        assert_eq!(hand_over(&world, by, scope, to).await.told(), told, "{to} by {by}");
        let body = json!({ "collaborator": id_of(&world, to) });
        let told = if to == "sister@example.org" { continue } else { told };
        assert_eq!(platform_hands(&world, scope, &body).await.told(), told, "{to}");
    }
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn an_id_of_another_client_is_nobodys() {
    let world = acme().await;
    let owner = json!({ "email": LEA });
    let expo = json!({ "name": "Expo", "seatLimit": 5, "granting": "owner", "owner": owner });
    let expo = put_scope(&world, "expo", &expo).await.expect(201);
    let login = Request::new("POST", "/v1/scopes/expo/logins");
    world.send(&Who::person(LEA), login).await.expect(200);
    let foreign = request("acme", &json!({ "collaborator": expo.text("/owner/id") }));
    let foreign = foreign.if_match(&version_of(&world, "acme").await);
    for who in [Who::person(OWNER), Who::platform()] {
        let refused = world.send(&who, foreign.clone()).await;
        assert_eq!(refused.told(), "404 collaborator-not-found");
    }
    assert_eq!(world.send(&Who::person(LEA), foreign).await.told(), "404 scope-not-found");
}

#[tokio::test]
async fn an_audience_and_a_community_have_no_owner() {
    let world = acme().await;
    active(&world, LEA, "acme", "administrator").await;
    for scope in ["acme:tech", "acme:tech:alumni"] {
        for body in [json!({ "collaborator": id_of(&world, LEA) }), json!({ "email": LEA })] {
            let refused = platform_hands(&world, scope, &body).await;
            assert_eq!(refused.told(), "422 role-not-allowed-here", "{scope}");
        }
    }
}

#[tokio::test]
async fn exactly_one_of_collaborator_and_email_says_who() {
    let world = acme().await;
    let lea = active(&world, LEA, "acme", "administrator").await.text("/id").to_owned();
    let before = world.everything().await;
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
        for who in [Who::platform(), Who::person(OWNER)] {
            let refused = world.send(&who, request("acme", &body)).await;
            assert_eq!(refused.told(), format!("422 {code}"), "{body}");
            let errors = refused.body["errors"].as_array().unwrap().iter();
            let told: Vec<&str> = errors.map(|error| error["pointer"].as_str().unwrap()).collect();
            assert_eq!(told, pointers, "{body}");
        }
    }
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn the_last_owner_is_neither_demoted_nor_removed_on_any_path() {
    let world = with_an_events_owner().await;
    active(&world, "admin@example.org", "acme", "administrator").await;
    let before = world.everything().await;
    let must_transfer = "409 owner-must-transfer";
    for (scope, owner) in [("acme", OWNER), (SUMMIT, EVE)] {
        for by in [OWNER, EVE, "admin@example.org", LEA] {
            let sees = scope != "acme" || [OWNER, "admin@example.org"].contains(&by);
            let right = if sees { must_transfer } else { "404 scope-not-found" };
            for role in ["administrator", "reader"] {
                for ends in [None, Some("2026-12-01T00:00:00Z")] {
                    let body = json!({ "role": role, "expiresAt": ends });
                    let told = assign(&world, by, (scope, owner), &body).await.told();
                    assert_eq!(told, right, "{by} at {scope}");
                    let body = json!({ "email": owner, "role": role, "expiresAt": ends });
                    let told = invite(&world, by, scope, &body).await.told();
                    let refused = ["409 already-has-access", "403 own-role", right];
                    assert!(refused.contains(&told.as_str()), "{told}: {by} at {scope}");
                }
            }
            assert_eq!(revoke(&world, by, (scope, owner)).await.told(), right, "{by} at {scope}");
            let above = if by == LEA { "acme:tech" } else { "acme" };
            let below = format!("{}?below=true", path_of(&world, above, owner));
            let below = Request::new("DELETE", &below).if_match(&etag_of(&world, owner).await);
            let told = world.send(&Who::person(by), below).await.told();
            let refused = [must_transfer, "404 scope-not-found", "409 inherited-access"];
            assert!(refused.contains(&told.as_str()), "{told}: {by} below {above}");
        }
        let owner = json!({ "email": "another@example.org" });
        let body = if scope == "acme" {
            json!({ "name": "A", "seatLimit": null, "granting": "owner", "owner": owner })
        } else {
            json!({ "name": "S", "kind": "event", "owner": owner })
        };
        assert_eq!(put_scope(&world, scope, &body).await.told(), must_transfer, "{scope}");
    }
    assert_eq!(world.everything().await, before);
    world.wait(DAY * 400);
    assert_owner(&world, "acme", OWNER).await;
    assert_owner(&world, SUMMIT, EVE).await;
}

#[tokio::test]
async fn an_unconfirmed_owner_does_not_count_as_one() {
    let world = acme().await;
    let body = json!({ "email": LEA, "role": "administrator" });
    invite(&world, OWNER, "acme", &body).await.expect(201);
    // The owner cannot leave his charge to somebody who never accepted ...
    assert_eq!(hand_over(&world, OWNER, "acme", LEA).await.told(), "409 not-active");
    assert_eq!(revoke(&world, OWNER, ("acme", OWNER)).await.told(), "409 owner-must-transfer");
    // ... and whom the platform names holds nothing until then, while the former owner still works.
    platform_hands(&world, "acme", &json!({ "email": LEA })).await.expect(200);
    assert_eq!(get(&world, LEA, "/v1/scopes/acme").await.told(), "404 scope-not-found");
    assert_eq!(hand_over(&world, LEA, "acme", OWNER).await.told(), "404 scope-not-found");
    get(&world, OWNER, "/v1/scopes/acme/collaborators").await.expect(200);
    // The invitation may lapse: the owner stays owner, keeps the seat, and is reached again.
    world.wait(DAY * 15);
    assert_owner(&world, "acme", LEA).await;
    assert_eq!(seats(&world).await, json!([null, 2]));
    resend(&world, &Who::platform(), ("acme", LEA)).await.expect(202);
    log_in(&world, LEA).await;
    get(&world, LEA, "/v1/scopes/acme").await.expect(200);
}

#[tokio::test]
async fn an_owner_without_a_transfer_is_no_other_routes_business() {
    let world = acme().await;
    active(&world, LEA, "acme", "administrator").await;
    let body = json!({ "collaborator": id_of(&world, LEA) });
    let path = "/v1/scopes/acme/owner";
    let refused = post(&world, &Who::nobody(), path, &body).await;
    assert_eq!(refused.told(), "401 unauthenticated");
    let other = Who::person(OWNER).with("sub", "another account");
    assert_eq!(post(&world, &other, path, &body).await.told(), "404 scope-not-found");
    let unverified = Who::person(OWNER).with("email_verified", "false");
    let refused = post(&world, &unverified, path, &body).await;
    assert_eq!(refused.told(), "403 email-not-verified");
    assert_owner(&world, "acme", OWNER).await;
}
