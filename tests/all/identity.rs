//! `DELETE /v1/scopes/{scope}/collaborators/{id}/account`: unbinding an account (docs/domain.md#rule-14).

use std::time::Duration;

use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::json;

use crate::{
    support::{
        ADA, EVE, LEA, MAX, OWNER, SUMMIT, TECH, accept, acme, active, etag_of, get, invited,
        last_event, path_of, queued, seats, token_of,
    },
    transfer::with_event_owner,
};

/// Unbinds on the current version.
async fn unbind(world: &World, by: &Principal, email: &str) -> Answer {
    let target = format!("{}/account", path_of(world, "acme", email));
    let request = Request::new("DELETE", &target).if_match(&etag_of(world, email).await);
    world.send(by, request).await
}

/// `acme` where Léa reads the audience and the summit, and her invitation was sent a while ago.
async fn with_lea() -> World {
    let world = acme().await;
    active(&world, LEA, TECH, "reader").await;
    invited(&world, LEA, SUMMIT, "manager").await;
    world.deliver().await;
    world.wait(Duration::from_mins(5));
    world
}

#[tokio::test]
async fn a_new_account_of_the_same_address_takes_the_place_of_the_former_one() {
    let world = with_lea().await;
    let new_account = Principal::user(LEA).with("sub", "a new account");
    let path = "/v1/scopes/acme:tech";
    let answer = world.send(&new_account, Request::new("GET", path)).await;
    assert_eq!(answer.outcome(), "404 scope-not-found");
    let unbound = unbind(&world, &Principal::user(OWNER), LEA).await.expect(200);
    assert_eq!((unbound.text("/email"), unbound.text("/status")), (LEA, "pending"));
    assert_eq!(unbound.body["grants"].as_array().unwrap().len(), 2);
    assert_eq!(unbound.etag(), etag_of(&world, LEA).await);
    assert_eq!(get(&world, LEA, path).await.outcome(), "404 scope-not-found", "at once");
    assert_eq!(queued(&world, LEA).await, ["invitation"]);
    assert_eq!(
        last_event(&world, LEA).await,
        "account-unbound by owner@acme.test: acme:tech reader active > reader pending, \
         acme:tech:summit manager active > manager pending"
    );
    let token = token_of(&world, LEA).await;
    accept(&world, &new_account, &token).await.expect(200);
    world.send(&new_account, Request::new("GET", path)).await.expect(200);
    assert_eq!(get(&world, LEA, path).await.outcome(), "404 scope-not-found");
    assert_eq!(seats(&world).await, json!([null, 2]));
}

#[tokio::test]
async fn the_version_is_required_and_a_stale_one_is_refused() {
    let world = with_lea().await;
    let before = world.dump().await;
    let request = Request::new("DELETE", &format!("{}/account", path_of(&world, "acme", LEA)));
    for (request, refused) in [
        (request.clone(), "428 if-match-required"),
        (request.clone().if_match("*"), "428 if-match-required"),
        (request.if_match("\"1\""), "412 stale-version"),
    ] {
        for who in [Principal::user(OWNER), Principal::platform()] {
            assert_eq!(world.send(&who, request.clone()).await.outcome(), refused);
        }
    }
    assert_eq!(world.dump().await, before);
}

/// An administrator who could unbind an owner, or move their address, could take the ownership over.
#[tokio::test]
async fn line_27_an_owners_account_is_unbound_by_the_platform_alone() {
    let world = with_event_owner().await;
    active(&world, ADA, "acme", "administrator").await;
    let before = world.dump().await;
    for (by, email) in [(ADA, OWNER), (ADA, EVE), (OWNER, EVE), (OWNER, OWNER), (ADA, ADA)] {
        let refused = unbind(&world, &Principal::user(by), email).await;
        assert_eq!(refused.outcome(), "403 forbidden", "{email} by {by}");
    }
    assert_eq!(world.dump().await, before);
    unbind(&world, &Principal::platform(), EVE).await.expect(200);
    assert_eq!(get(&world, EVE, "/v1/scopes/acme:tech:summit").await.status, 404);
}

#[tokio::test]
async fn administrators_below_the_client_unbind_no_one() {
    let world = with_lea().await;
    active(&world, MAX, TECH, "administrator").await;
    let refused = unbind(&world, &Principal::user(MAX), LEA).await;
    assert_eq!(refused.outcome(), "404 scope-not-found");
    let target = format!("{}/account", path_of(&world, TECH, LEA));
    let request = Request::new("DELETE", &target).if_match(&etag_of(&world, LEA).await);
    let refused = world.send(&Principal::user(MAX), request).await;
    assert_eq!(refused.outcome(), "422 invalid-scope");
}

#[tokio::test]
async fn a_pending_person_has_no_account_to_unbind() {
    let world = acme().await;
    invited(&world, LEA, TECH, "reader").await;
    let refused = unbind(&world, &Principal::user(OWNER), LEA).await;
    assert_eq!(refused.outcome(), "409 not-active");
}
