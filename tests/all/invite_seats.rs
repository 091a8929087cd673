//! Seats: one for each collaborator, from the invitation on, and never more than the limit (docs/domain.md#rule-6).

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Principal, World};
use serde_json::{Value, json};

use crate::support::{
    LEA, OWNER, SUMMIT, TECH, accept, acme_with, assign, get, history, invite, invited, log_in,
    put_scope, queued, revoke, seats, seen, token_of,
};

async fn with_limit(limit: impl Into<Value>) -> World {
    acme_with(&json!({ "seatLimit": limit.into() })).await
}

async fn invite_reader(world: &World, email: &str) -> Answer {
    invite(world, OWNER, TECH, &json!({ "email": email, "role": "reader" })).await
}

pub async fn set_limit(world: &World, limit: impl Into<Value>) {
    let body = json!({ "name": "Acme", "seatLimit": limit.into(), "granting": "administrators" });
    put_scope(world, "acme", &body).await.expect(200);
}

#[tokio::test]
async fn no_invitation_exceeds_the_seat_limit() {
    let world = with_limit(3).await;
    assert_eq!(seats(&world).await, json!([3, 1]), "the owner has a seat");
    invite_reader(&world, "a@example.org").await.expect(201);
    invite_reader(&world, "b@example.org").await.expect(201);
    let refused = invite_reader(&world, "c@example.org").await;
    assert_eq!(refused.outcome(), "409 seat-limit-reached");
    assert_eq!(refused.body["seats"], json!({ "limit": 3, "used": 3 }));
    assert_eq!(seats(&world).await, json!([3, 3]));
    assert_eq!(queued(&world, "c@example.org").await, [""; 0]);
    assert_eq!(history(&world, "c@example.org").await, [""; 0]);
}

#[tokio::test]
async fn a_collaborator_with_a_seat_needs_no_second_one() {
    let world = with_limit(2).await;
    invite_reader(&world, LEA).await.expect(201);
    invited(&world, LEA, "acme:rh", "reader").await;
    let assign_at_rh = async |role: &str| {
        assign(&world, OWNER, ("acme:rh", LEA), &json!({ "role": role })).await.expect(200);
    };
    assign_at_rh("manager").await;
    let token = token_of(&world, LEA).await;
    accept(&world, &Principal::user(LEA), &token).await.expect(200);
    invited(&world, LEA, SUMMIT, "manager").await;
    assign_at_rh("contributor").await;
    log_in(&world, LEA).await;
    assert_eq!(seats(&world).await, json!([2, 2]));
}

#[tokio::test]
async fn a_revocation_frees_the_seat_for_another() {
    let world = with_limit(2).await;
    invite_reader(&world, "a@example.org").await.expect(201);
    assert_eq!(invite_reader(&world, "b@example.org").await.outcome(), "409 seat-limit-reached");
    revoke(&world, OWNER, (TECH, "a@example.org")).await.expect(200);
    assert_eq!(seats(&world).await, json!([2, 1]));
    invite_reader(&world, "b@example.org").await.expect(201);
}

#[tokio::test]
async fn an_expired_invitation_releases_its_seat_and_stays_visible() {
    let world = with_limit(2).await;
    invite_reader(&world, "a@example.org").await.expect(201);
    world.wait(DAY * 14 - Duration::from_millis(1));
    assert_eq!(invite_reader(&world, "b@example.org").await.outcome(), "409 seat-limit-reached");
    world.wait(Duration::from_millis(1));
    invite_reader(&world, "b@example.org").await.expect(201);
    assert_eq!(seats(&world).await, json!([2, 2]));
    let swept = seen(&world, TECH, "a@example.org").await.expect(200);
    assert_eq!(swept.text("/status"), "expired");
    assert_eq!(
        history(&world, "a@example.org").await,
        [
            "invited by owner@acme.test: acme:tech - > reader pending",
            "invitation-expired by system: acme:tech reader expired > reader expired",
        ]
    );
    world.wait(DAY * 30 - Duration::from_millis(1));
    seen(&world, TECH, "a@example.org").await.expect(200);
    world.wait(Duration::from_millis(1));
    let gone = seen(&world, TECH, "a@example.org").await;
    assert_eq!(gone.outcome(), "404 collaborator-not-found");
}

#[tokio::test]
async fn ended_access_releases_its_seat_and_the_record_is_deleted() {
    let world = with_limit(2).await;
    let body = json!({
        "email": "a@example.org", "role": "reader", "expiresAt": "2026-11-22T13:00:00Z",
    });
    invite(&world, OWNER, TECH, &body).await.expect(201);
    log_in(&world, "a@example.org").await;
    world.wait(Duration::from_hours(1));
    invite_reader(&world, "b@example.org").await.expect(201);
    let gone = seen(&world, TECH, "a@example.org").await;
    assert_eq!(gone.outcome(), "404 collaborator-not-found");
    assert_eq!(
        history(&world, "a@example.org").await.pop().unwrap(),
        "access-expired by system: acme:tech reader expired > -"
    );
}

#[tokio::test]
async fn an_expired_seat_is_released_only_when_none_is_free() {
    let world = with_limit(3).await;
    invite_reader(&world, "a@example.org").await.expect(201);
    world.wait(DAY * 14);
    invite_reader(&world, "b@example.org").await.expect(201);
    assert_eq!(seats(&world).await, json!([3, 3]), "the expired one keeps its seat");
    invite_reader(&world, "c@example.org").await.expect(201);
    assert_eq!(seats(&world).await, json!([3, 3]), "the expired one made room");
}

#[tokio::test]
async fn a_pending_owner_keeps_the_seat_after_the_link_expired() {
    let world = with_limit(3).await;
    let gala = json!({
        "name": "Gala", "kind": "event", "owner": { "email": "gala@example.org" },
    });
    put_scope(&world, "acme:tech:gala", &gala).await.expect(201);
    invite_reader(&world, "a@example.org").await.expect(201);
    log_in(&world, "a@example.org").await;
    world.wait(DAY * 20);
    let refused = invite_reader(&world, "b@example.org").await;
    assert_eq!(refused.outcome(), "409 seat-limit-reached");
    assert_eq!(refused.body["seats"], json!({ "limit": 3, "used": 3 }));
    let owner = seen(&world, "acme:tech:gala", "gala@example.org").await.expect(200);
    assert_eq!(owner.text("/status"), "expired");
}

#[tokio::test]
async fn a_lowered_limit_keeps_all_collaborators_and_refuses_new_ones() {
    let world = with_limit(3).await;
    invite_reader(&world, "a@example.org").await.expect(201);
    invite_reader(&world, "b@example.org").await.expect(201);
    log_in(&world, "a@example.org").await;
    for limit in [2, 1, 0] {
        set_limit(&world, limit).await;
        assert_eq!(seats(&world).await, json!([limit, 3]));
        let refused = invite_reader(&world, "c@example.org").await;
        assert_eq!(refused.outcome(), "409 seat-limit-reached");
        assert_eq!(refused.body["seats"], json!({ "limit": limit, "used": 3 }));
    }
    get(&world, "a@example.org", "/v1/scopes/acme:tech").await.expect(200);
    log_in(&world, "b@example.org").await;
    invited(&world, "b@example.org", "acme:rh", "reader").await;
    set_limit(&world, 4).await;
    invite_reader(&world, "c@example.org").await.expect(201);
    set_limit(&world, Value::Null).await;
    invite_reader(&world, "d@example.org").await.expect(201);
}

#[tokio::test]
async fn the_seat_is_released_with_the_last_of_several_grants() {
    let world = with_limit(2).await;
    invite_reader(&world, LEA).await.expect(201);
    invited(&world, LEA, "acme:rh", "reader").await;
    let first = revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
    assert_eq!((&first.body["seatReleased"], seats(&world).await), (&json!(false), json!([2, 2])));
    let last = revoke(&world, OWNER, ("acme:rh", LEA)).await.expect(200);
    assert_eq!((&last.body["seatReleased"], seats(&world).await), (&json!(true), json!([2, 1])));
}

#[tokio::test]
async fn an_expired_collaborator_without_a_seat_needs_one_to_be_invited_again() {
    let world = with_limit(2).await;
    invite_reader(&world, "a@example.org").await.expect(201);
    world.wait(DAY * 14);
    invite_reader(&world, "b@example.org").await.expect(201);
    assert_eq!(invite_reader(&world, "a@example.org").await.outcome(), "409 seat-limit-reached");
    let taken = revoke(&world, OWNER, (TECH, "a@example.org")).await.expect(200);
    assert_eq!(taken.body["seatReleased"], false, "it was already released");
    assert_eq!(seats(&world).await, json!([2, 2]));
    revoke(&world, OWNER, (TECH, "b@example.org")).await.expect(200);
    invite_reader(&world, "a@example.org").await.expect(201);
    assert_eq!(seats(&world).await, json!([2, 2]));
}

#[tokio::test]
async fn two_concurrent_invitations_of_one_address_make_one_collaborator() {
    let world = with_limit(2).await;
    let (tech, rh) = ((TECH, "reader"), ("acme:rh", "observer"));
    let at = async |(scope, role): (&str, &str)| {
        let body = json!({ "email": LEA, "role": role });
        invite(&world, OWNER, scope, &body).await.outcome()
    };
    let outcomes = tokio::join!(at(tech), at(rh));
    assert_eq!(outcomes, ("201".to_owned(), "201".to_owned()));
    assert_eq!(seats(&world).await, json!([2, 2]));
    assert_eq!(queued(&world, LEA).await, ["invitation"]);
    let lea = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!(lea.body["grants"].as_array().unwrap().len(), 2);
}
