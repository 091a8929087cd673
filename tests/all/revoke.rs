//! `DELETE /v1/scopes/{scope}/collaborators/{id}`: revokes access; of one's own, leaves.

use std::time::Duration;

use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::{Value, json};

use crate::support::{
    LEA, OWNER, acme, acme_with, active, etag_of, gala, get, invite, invited, last_event, log_in,
    path_of, preview, put_scope, queued, revoke, seats, seen, token_of,
};

async fn with_lea(grants: &[(&str, &str)]) -> World {
    let world = acme().await;
    for (scope, role) in grants {
        let body = json!({ "email": LEA, "role": role, "name": "Léa" });
        invite(&world, OWNER, scope, &body).await.expect(201);
    }
    log_in(&world, LEA).await;
    world.deliver().await;
    world.wait(Duration::from_secs(1));
    world
}

/// Revokes access at and below a scope as `by`, on the current version.
async fn revoke_below(world: &World, by: &str, (scope, email): (&str, &str)) -> Answer {
    let target = format!("{}?below=true", path_of(world, scope, email));
    let request = Request::new("DELETE", &target).if_match(&etag_of(world, email).await);
    world.send(&Principal::user(by), request).await
}

fn scopes(grants: &Value) -> Vec<&str> {
    grants.as_array().unwrap().iter().map(|grant| grant["scope"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_revocation_removes_access_releases_the_seat_and_sends_a_mail() {
    let world = with_lea(&[("acme:tech", "observer")]).await;
    let revoked = revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    insta::assert_json_snapshot!(revoked.body);
    assert_eq!(get(&world, LEA, "/v1/scopes/acme:tech").await.outcome(), "404 scope-not-found");
    assert_eq!(seen(&world, "acme", LEA).await.outcome(), "404 collaborator-not-found");
    assert_eq!(seats(&world).await, json!([null, 1]));
    assert_eq!(queued(&world, LEA).await, ["access-taken"]);
    let event = last_event(&world, LEA).await;
    assert_eq!(event, "revoked by owner@acme.test: acme:tech observer active > -");
    world.deliver().await;
    assert_eq!(world.ses.mails_to(LEA).len(), 1);
}

#[tokio::test]
async fn a_revocation_removes_one_grant_and_returns_the_residual_access() {
    let world =
        with_lea(&[("acme", "reader"), ("acme:tech:summit", "manager"), ("acme:rh", "observer")])
            .await;
    let revoked = revoke(&world, OWNER, ("acme:tech:summit", LEA)).await.expect(200);
    assert_eq!(scopes(&revoked.body["removed"]), ["acme:tech:summit"]);
    assert_eq!(scopes(&revoked.body["residual"]), ["acme"]);
    assert_eq!(revoked.body["residual"][0]["inherited"], true);
    assert_eq!(revoked.body["seatReleased"], false);
    let left = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!(scopes(&left.body["grants"]), ["acme", "acme:rh"]);
    assert_eq!(seats(&world).await, json!([null, 2]));
}

#[tokio::test]
async fn one_call_revokes_all_grants_at_and_below_a_scope() {
    let world = with_lea(&[
        ("acme:tech", "reader"),
        ("acme:tech:summit", "manager"),
        ("acme:tech:meetup", "observer"),
        ("acme:rh", "observer"),
    ])
    .await;
    let revoked = revoke_below(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    let removed = scopes(&revoked.body["removed"]);
    assert_eq!(removed, ["acme:tech", "acme:tech:meetup", "acme:tech:summit"]);
    assert_eq!(revoked.body["residual"], json!([]));
    assert_eq!(revoked.body["seatReleased"], false);
    assert_eq!(
        last_event(&world, LEA).await,
        "revoked by owner@acme.test: acme:tech reader active > -, \
         acme:tech:meetup observer active > -, acme:tech:summit manager active > -"
    );
    let rest = revoke_below(&world, OWNER, ("acme", LEA)).await.expect(200);
    assert_eq!(scopes(&rest.body["removed"]), ["acme:rh"]);
    assert_eq!((&rest.body["seatReleased"], seats(&world).await), (&json!(true), json!([null, 1])));
}

#[tokio::test]
async fn inherited_access_is_revoked_where_it_was_granted() {
    let world = with_lea(&[("acme", "reader"), ("acme:tech", "manager")]).await;
    let event = "event@example.org";
    active(&world, event, "acme:tech:summit", "administrator").await;
    for by in [OWNER, event] {
        for refused in [
            revoke(&world, by, ("acme:tech:summit", LEA)).await,
            revoke_below(&world, by, ("acme:tech:summit", LEA)).await,
        ] {
            assert_eq!(refused.outcome(), "409 inherited-access", "{by}");
            assert_eq!(refused.body["inheritedFrom"], json!(["acme", "acme:tech"]));
        }
    }
    // An event's administrator revokes no access above the event.
    active(&world, "above@example.org", "acme:tech", "administrator").await;
    let above = revoke(&world, event, ("acme:tech:summit", "above@example.org")).await;
    assert_eq!(above.outcome(), "409 inherited-access");
    let above = revoke(&world, event, ("acme:tech", "above@example.org")).await;
    assert_eq!(above.outcome(), "404 scope-not-found");
}

#[tokio::test]
async fn the_current_version_is_required() {
    let world = with_lea(&[("acme:tech", "observer"), ("acme:rh", "reader")]).await;
    let old = etag_of(&world, LEA).await;
    revoke(&world, OWNER, ("acme:rh", LEA)).await.expect(200);
    let now = etag_of(&world, LEA).await;
    let (weak, unquoted) = (format!("W/{now}"), now.trim_matches('"').to_owned());
    let request = || Request::new("DELETE", &path_of(&world, "acme:tech", LEA));
    for (request, expected) in [
        (request(), "428 if-match-required"),
        (request().if_match("*"), "428 if-match-required"),
        (request().if_match(&weak), "400 malformed"),
        (request().if_match(&unquoted), "400 malformed"),
        (request().if_match(&old), "412 stale-version"),
        (request().if_match(&now), "200"),
    ] {
        assert_eq!(world.send(&Principal::user(OWNER), request).await.outcome(), expected);
    }
}

#[tokio::test]
async fn an_owner_can_neither_be_revoked_nor_leave() {
    let world = acme().await;
    let (admin, host) = ("admin@example.org", "host@example.org");
    active(&world, admin, "acme", "administrator").await;
    put_scope(&world, "acme:tech:gala", &gala(host)).await.expect(201);
    log_in(&world, host).await;
    invited(&world, host, "acme:tech", "reader").await;
    for (by, at) in [
        (admin, ("acme", OWNER)),
        (OWNER, ("acme", OWNER)),
        (admin, ("acme:tech:gala", host)),
        (host, ("acme:tech:gala", host)),
    ] {
        let refused = revoke(&world, by, at).await;
        assert_eq!(refused.outcome(), "409 owner-must-transfer", "{by} {at:?}");
    }
    let below = revoke_below(&world, OWNER, ("acme:tech", host)).await;
    assert_eq!(below.outcome(), "409 owner-must-transfer");
    let kept = seen(&world, "acme", host).await.expect(200);
    assert_eq!(scopes(&kept.body["grants"]), ["acme:tech", "acme:tech:gala"], "unchanged");
    revoke(&world, OWNER, ("acme:tech", host)).await.expect(200);
}

#[tokio::test]
async fn anyone_but_an_owner_can_leave_and_gets_no_mail() {
    let world = with_lea(&[("acme:tech", "reader")]).await;
    let left = revoke(&world, LEA, ("acme:tech", LEA)).await.expect(200);
    assert_eq!(left.body["seatReleased"], true);
    assert_eq!(queued(&world, LEA).await, [""; 0]);
    let event = last_event(&world, LEA).await;
    assert_eq!(event, "left by lea@example.org: acme:tech reader active > -");
    assert_eq!(get(&world, LEA, "/v1/scopes/acme:tech").await.outcome(), "404 scope-not-found");
}

#[tokio::test]
async fn a_collaborator_leaves_where_access_was_granted() {
    let world = with_lea(&[("acme:tech", "reader"), ("acme:tech:summit", "observer")]).await;
    let inherited = revoke(&world, LEA, ("acme:tech:meetup", LEA)).await;
    assert_eq!(inherited.outcome(), "409 inherited-access");
    let all = revoke_below(&world, LEA, ("acme:tech", LEA)).await.expect(200);
    assert_eq!(scopes(&all.body["removed"]), ["acme:tech", "acme:tech:summit"]);
}

#[tokio::test]
async fn a_revoked_invitation_sends_no_mail_and_its_link_stops_working() {
    for delivered in [true, false] {
        let world = acme().await;
        invited(&world, LEA, "acme:tech", "reader").await;
        let token = if delivered { Some(token_of(&world, LEA).await) } else { None };
        let removal = revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
        assert_eq!(removal.body["seatReleased"], true);
        if let Some(token) = token {
            assert_eq!(queued(&world, LEA).await, [""; 0]);
            assert_eq!(preview(&world, &token).await.outcome(), "404 invitation-not-found");
        }
        world.deliver().await;
        assert_eq!(world.ses.mails_to(LEA).len(), usize::from(delivered));
    }
}

#[tokio::test]
async fn a_refusal_reveals_no_more_than_the_caller_can_see() {
    let world = with_lea(&[("acme:tech", "observer")]).await;
    active(&world, "reader@example.org", "acme:tech", "reader").await;
    active(&world, "sister@example.org", "acme:tech:meetup", "administrator").await;
    let etag = etag_of(&world, LEA).await;
    for (who, (scope, email), expected) in [
        ("reader@example.org", ("acme:tech", "no@example.org"), "403 forbidden"),
        ("sister@example.org", ("acme:tech", LEA), "404 scope-not-found"),
        ("sister@example.org", ("acme:tech:meetup", LEA), "409 inherited-access"),
        (OWNER, ("acme:rh", LEA), "404 collaborator-not-found"),
        (OWNER, ("acme", LEA), "404 collaborator-not-found"),
        (OWNER, ("acme:tech", "no@example.org"), "404 collaborator-not-found"),
        (OWNER, ("acme:nothing", LEA), "404 scope-not-found"),
    ] {
        let request = Request::new("DELETE", &path_of(&world, scope, email)).if_match(&etag);
        let refused = world.send(&Principal::user(who), request).await;
        assert_eq!(refused.outcome(), expected, "{who} {scope} {email}");
    }
    assert_eq!(etag_of(&world, LEA).await, etag);
}

#[tokio::test]
async fn a_body_or_an_unknown_parameter_is_refused() {
    let world = with_lea(&[("acme:tech", "observer")]).await;
    let path = path_of(&world, "acme:tech", LEA);
    let etag = etag_of(&world, LEA).await;
    for request in [
        Request::new("DELETE", &path).body(" "),
        Request::new("DELETE", &format!("{path}?below=yes")),
        Request::new("DELETE", &format!("{path}?below=true&below=false")),
        Request::new("DELETE", &format!("{path}?above=true")),
    ] {
        let refused = world.send(&Principal::user(OWNER), request.if_match(&etag)).await;
        assert_eq!(refused.outcome(), "400 malformed");
    }
    let plain = Request::new("DELETE", &format!("{path}?below=false")).if_match(&etag);
    world.send(&Principal::user(OWNER), plain).await.expect(200);
}

#[tokio::test]
async fn where_only_owners_grant_an_administrator_can_only_leave() {
    let world = acme_with(&json!({ "granting": "owner" })).await;
    active(&world, "admin@example.org", "acme", "administrator").await;
    active(&world, LEA, "acme:tech", "observer").await;
    let refused = revoke(&world, "admin@example.org", ("acme:tech", LEA)).await;
    assert_eq!(refused.outcome(), "403 forbidden");
    let left = revoke(&world, "admin@example.org", ("acme", "admin@example.org")).await;
    assert_eq!(left.outcome(), "200");
}
