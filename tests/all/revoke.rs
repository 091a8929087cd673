//! `DELETE /v1/scopes/{scope}/collaborators/{id}`: access is taken, or given back.

use std::time::Duration;

use coulisses_tests::{Answer, Request, Who, World};
use serde_json::{Value, json};

use crate::support::{
    acme, acme_with, active, etag_of, get, history, invite, log_in, path_of, preview, put_scope,
    queued, revoke, seats, seen, token_of,
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";

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

/// Takes somebody's access at a scope and below, on the version as it is now.
async fn revoke_below(world: &World, by: &str, (scope, email): (&str, &str)) -> Answer {
    let target = format!("{}?below=true", path_of(world, scope, email));
    let request = Request::new("DELETE", &target).if_match(&etag_of(world, email).await);
    world.send(&Who::person(by), request).await
}

fn scopes(grants: &Value) -> Vec<&str> {
    grants.as_array().unwrap().iter().map(|grant| grant["scope"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn access_is_taken_the_seat_released_and_the_person_told() {
    let world = with_lea(&[("acme:tech", "observer")]).await;
    let taken = revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    insta::assert_json_snapshot!(taken.body);
    assert_eq!(taken.header("cache-control"), "no-store");
    assert_eq!(taken.header("x-request-id"), "request-1");
    assert_eq!(get(&world, LEA, "/v1/scopes/acme:tech").await.told(), "404 scope-not-found");
    assert_eq!(seen(&world, "acme", LEA).await.told(), "404 collaborator-not-found");
    assert_eq!(seats(&world).await, json!([null, 1]));
    assert_eq!(queued(&world, LEA).await, ["access-taken"]);
    assert_eq!(
        history(&world, LEA).await.pop().unwrap(),
        "revoked by owner@acme.test: acme:tech observer active > -"
    );
    world.deliver().await;
    assert_eq!(world.ses.mails_to(LEA).len(), 1);
}

#[tokio::test]
async fn the_grant_of_one_scope_goes_and_what_still_gives_access_is_told() {
    let world =
        with_lea(&[("acme", "reader"), ("acme:tech:summit", "manager"), ("acme:rh", "observer")])
            .await;
    let taken = revoke(&world, OWNER, ("acme:tech:summit", LEA)).await.expect(200);
    assert_eq!(scopes(&taken.body["removed"]), ["acme:tech:summit"]);
    assert_eq!(scopes(&taken.body["residual"]), ["acme"]);
    assert_eq!(taken.body["residual"][0]["inherited"], true);
    assert_eq!(taken.body["seatReleased"], false);
    let left = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!(scopes(&left.body["grants"]), ["acme", "acme:rh"]);
    assert_eq!(seats(&world).await, json!([null, 2]));
}

#[tokio::test]
async fn one_call_takes_all_below_for_somebody_who_leaves() {
    let world = with_lea(&[
        ("acme:tech", "reader"),
        ("acme:tech:summit", "manager"),
        ("acme:tech:meetup", "observer"),
        ("acme:rh", "observer"),
    ])
    .await;
    let taken = revoke_below(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    assert_eq!(
        scopes(&taken.body["removed"]),
        ["acme:tech", "acme:tech:meetup", "acme:tech:summit"]
    );
    assert_eq!((&taken.body["residual"], &taken.body["seatReleased"]), (&json!([]), &json!(false)));
    assert_eq!(
        history(&world, LEA).await.pop().unwrap(),
        "revoked by owner@acme.test: acme:tech reader active > -, \
         acme:tech:meetup observer active > -, acme:tech:summit manager active > -"
    );
    let rest = revoke_below(&world, OWNER, ("acme", LEA)).await.expect(200);
    assert_eq!(scopes(&rest.body["removed"]), ["acme:rh"]);
    assert_eq!((&rest.body["seatReleased"], seats(&world).await), (&json!(true), json!([null, 1])));
}

#[tokio::test]
async fn inherited_access_is_taken_where_it_stands() {
    let world = with_lea(&[("acme", "reader"), ("acme:tech", "manager")]).await;
    let event = "event@example.org";
    active(&world, event, "acme:tech:summit", "administrator").await;
    for by in [OWNER, event] {
        for refused in [
            revoke(&world, by, ("acme:tech:summit", LEA)).await,
            revoke_below(&world, by, ("acme:tech:summit", LEA)).await,
        ] {
            assert_eq!(refused.told(), "409 inherited-access", "{by}");
            assert_eq!(refused.body["inheritedFrom"], json!(["acme", "acme:tech"]));
        }
    }
    // An event's administrator takes nobody's access above.
    active(&world, "above@example.org", "acme:tech", "administrator").await;
    let above = revoke(&world, event, ("acme:tech:summit", "above@example.org")).await;
    assert_eq!(above.told(), "409 inherited-access");
    let above = revoke(&world, event, ("acme:tech", "above@example.org")).await;
    assert_eq!(above.told(), "404 scope-not-found");
}

#[tokio::test]
async fn the_version_that_was_seen_must_be_named() {
    let world = with_lea(&[("acme:tech", "observer"), ("acme:rh", "reader")]).await;
    let old = etag_of(&world, LEA).await;
    revoke(&world, OWNER, ("acme:rh", LEA)).await.expect(200);
    let now = etag_of(&world, LEA).await;
    let (weak, unquoted) = (format!("W/{now}"), now.trim_matches('"').to_owned());
    let request = || Request::new("DELETE", &path_of(&world, "acme:tech", LEA));
    for (request, told) in [
        (request(), "428 if-match-required"),
        (request().if_match("*"), "428 if-match-required"),
        (request().if_match(&weak), "400 malformed"),
        (request().if_match(&unquoted), "400 malformed"),
        (request().if_match(&old), "412 stale-version"),
        (request().if_match(&now), "200"),
    ] {
        assert_eq!(world.send(&Who::person(OWNER), request).await.told(), told);
    }
}

#[tokio::test]
async fn an_owner_is_neither_revoked_nor_leaves() {
    let world = acme().await;
    let (admin, gala) = ("admin@example.org", "gala@example.org");
    active(&world, admin, "acme", "administrator").await;
    let body = json!({ "name": "Gala", "kind": "event", "owner": { "email": gala } });
    put_scope(&world, "acme:tech:gala", &body).await.expect(201);
    log_in(&world, gala).await;
    let further = json!({ "email": gala, "role": "reader" });
    invite(&world, OWNER, "acme:tech", &further).await.expect(201);
    for (by, at) in [
        (admin, ("acme", OWNER)),
        (OWNER, ("acme", OWNER)),
        (admin, ("acme:tech:gala", gala)),
        (gala, ("acme:tech:gala", gala)),
    ] {
        let refused = revoke(&world, by, at).await;
        assert_eq!(refused.told(), "409 owner-must-transfer", "{by} {at:?}");
    }
    let below = revoke_below(&world, OWNER, ("acme:tech", gala)).await;
    assert_eq!(below.told(), "409 owner-must-transfer");
    let kept = seen(&world, "acme", gala).await.expect(200);
    assert_eq!(scopes(&kept.body["grants"]), ["acme:tech", "acme:tech:gala"], "nothing was taken");
    revoke(&world, OWNER, ("acme:tech", gala)).await.expect(200);
}

#[tokio::test]
async fn anybody_but_an_owner_leaves_without_being_told_so() {
    let world = with_lea(&[("acme:tech", "reader")]).await;
    let left = revoke(&world, LEA, ("acme:tech", LEA)).await.expect(200);
    assert_eq!(left.body["seatReleased"], true);
    assert_eq!(queued(&world, LEA).await, [""; 0]);
    assert_eq!(
        history(&world, LEA).await.pop().unwrap(),
        "left by lea@example.org: acme:tech reader active > -"
    );
    assert_eq!(get(&world, LEA, "/v1/scopes/acme:tech").await.told(), "404 scope-not-found");
}

#[tokio::test]
async fn whoever_leaves_leaves_where_he_was_given_access() {
    let world = with_lea(&[("acme:tech", "reader"), ("acme:tech:summit", "observer")]).await;
    let inherited = revoke(&world, LEA, ("acme:tech:meetup", LEA)).await;
    assert_eq!(inherited.told(), "409 inherited-access");
    let all = revoke_below(&world, LEA, ("acme:tech", LEA)).await.expect(200);
    assert_eq!(all.body["removed"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_invitation_of_somebody_pending_is_taken_without_a_mail_and_its_link_dies() {
    let world = acme().await;
    invite(&world, OWNER, "acme:tech", &json!({ "email": LEA, "role": "reader" }))
        .await
        .expect(201);
    let token = token_of(&world, LEA).await;
    let removal = revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    assert_eq!(removal.body["seatReleased"], true);
    assert_eq!(queued(&world, LEA).await, [""; 0]);
    assert_eq!(preview(&world, &token).await.told(), "404 invitation-not-found");
}

#[tokio::test]
async fn an_invitation_taken_before_its_mail_left_is_never_mailed() {
    let world = acme().await;
    invite(&world, OWNER, "acme:tech", &json!({ "email": LEA, "role": "reader" }))
        .await
        .expect(201);
    revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    world.deliver().await;
    assert_eq!(world.ses.mails_to(LEA).len(), 0);
}

#[tokio::test]
async fn a_removed_administrator_can_do_nothing_from_the_next_request_on() {
    let world = with_lea(&[("acme", "administrator")]).await;
    let noe = json!({ "email": "noe@example.org", "role": "reader" });
    invite(&world, LEA, "acme:tech", &noe).await.expect(201);
    revoke(&world, OWNER, ("acme", LEA)).await.expect(200);
    for refused in [
        invite(&world, LEA, "acme:rh", &noe).await,
        revoke(&world, LEA, ("acme:tech", "noe@example.org")).await,
        get(&world, LEA, "/v1/scopes/acme/collaborators").await,
        get(&world, LEA, "/v1/scopes/acme").await,
    ] {
        assert_eq!(refused.told(), "404 scope-not-found");
    }
    seen(&world, "acme:tech", "noe@example.org").await.expect(200);
}

#[tokio::test]
async fn whoever_may_not_is_told_no_more_than_he_sees() {
    let world = with_lea(&[("acme:tech", "observer")]).await;
    active(&world, "reader@example.org", "acme:tech", "reader").await;
    active(&world, "sister@example.org", "acme:tech:meetup", "administrator").await;
    let admin = json!({ "email": "pending@example.org", "role": "administrator" });
    invite(&world, OWNER, "acme", &admin).await.expect(201);
    let etag = etag_of(&world, LEA).await;
    let person = Who::person;
    for (who, (scope, email), told) in [
        (Who::nobody(), ("acme:tech", LEA), "401 unauthenticated"),
        (person(LEA).with("email_verified", "1"), ("acme:tech", LEA), "403 email-not-verified"),
        (Who::platform(), ("acme:tech", LEA), "403 forbidden"),
        (person(LEA).with("sub", "other"), ("acme:tech", LEA), "404 scope-not-found"),
        (person("reader@example.org"), ("acme:tech", LEA), "403 forbidden"),
        (person("reader@example.org"), ("acme:tech", "no@example.org"), "403 forbidden"),
        (person("sister@example.org"), ("acme:tech", LEA), "404 scope-not-found"),
        (person("sister@example.org"), ("acme:tech:meetup", LEA), "409 inherited-access"),
        (person("pending@example.org"), ("acme:tech", LEA), "404 scope-not-found"),
        (person("pending@example.org"), ("acme", "pending@example.org"), "404 scope-not-found"),
        (person("stranger@example.org"), ("acme:tech", LEA), "404 scope-not-found"),
        (person(OWNER), ("acme:rh", LEA), "404 collaborator-not-found"),
        (person(OWNER), ("acme", LEA), "404 collaborator-not-found"),
        (person(OWNER), ("acme:tech", "no@example.org"), "404 collaborator-not-found"),
        (person(OWNER), ("acme:nothing", LEA), "404 scope-not-found"),
    ] {
        let request = Request::new("DELETE", &path_of(&world, scope, email)).if_match(&etag);
        assert_eq!(world.send(&who, request).await.told(), told, "{who:?} {scope} {email}");
    }
    assert_eq!(etag_of(&world, LEA).await, etag);
}

#[tokio::test]
async fn a_body_or_an_unknown_parameter_is_refused() {
    let world = with_lea(&[("acme:tech", "observer")]).await;
    let path = path_of(&world, "acme:tech", LEA);
    let etag = etag_of(&world, LEA).await;
    for request in [
        Request::new("DELETE", &path).json(&json!({})),
        Request::new("DELETE", &path).body(" "),
        Request::new("DELETE", &format!("{path}?below=yes")),
        Request::new("DELETE", &format!("{path}?below=true&below=false")),
        Request::new("DELETE", &format!("{path}?above=true")),
    ] {
        let refused = world.send(&Who::person(OWNER), request.if_match(&etag)).await;
        assert_eq!(refused.told(), "400 malformed");
    }
    let plain = Request::new("DELETE", &format!("{path}?below=false")).if_match(&etag);
    world.send(&Who::person(OWNER), plain).await.expect(200);
}

#[tokio::test]
async fn where_only_owners_grant_an_administrator_takes_nothing_but_may_leave() {
    let world = acme_with(&json!({ "granting": "owner" })).await;
    active(&world, "admin@example.org", "acme", "administrator").await;
    active(&world, LEA, "acme:tech", "observer").await;
    let refused = revoke(&world, "admin@example.org", ("acme:tech", LEA)).await;
    assert_eq!(refused.told(), "403 forbidden");
    let left = revoke(&world, "admin@example.org", ("acme", "admin@example.org")).await;
    assert_eq!(left.told(), "200");
}
