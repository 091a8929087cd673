//! Seats: one a person, from the invitation on, and never more than the contract has.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Who, World};
use serde_json::{Value, json};

use crate::support::{
    accept, acme_with, assign, get, history, invite, log_in, put_scope, queued, revoke, seats,
    seen, token_of,
};

async fn with_limit(limit: impl Into<Value>) -> World {
    acme_with(&json!({ "seatLimit": limit.into() })).await
}

async fn let_in(world: &World, email: &str) -> Answer {
    invite(world, "owner@acme.test", "acme:tech", &json!({ "email": email, "role": "reader" }))
        .await
}

async fn set_limit(world: &World, limit: impl Into<Value>) {
    let body = json!({ "name": "Acme", "seatLimit": limit.into(), "granting": "administrators" });
    put_scope(world, "acme", &body).await.expect(200);
}

#[tokio::test]
async fn the_last_seat_is_given_and_not_one_more() {
    let world = with_limit(3).await;
    assert_eq!(seats(&world).await, json!([3, 1]), "the owner sits");
    let_in(&world, "a@example.org").await.expect(201);
    let_in(&world, "b@example.org").await.expect(201);
    let refused = let_in(&world, "c@example.org").await;
    assert_eq!(refused.told(), "409 seat-limit-reached");
    assert_eq!(refused.body["seats"], json!({ "limit": 3, "used": 3 }));
    assert_eq!(seats(&world).await, json!([3, 3]));
    assert_eq!(queued(&world, "c@example.org").await, [""; 0]);
    assert_eq!(history(&world, "c@example.org").await, [""; 0]);
}

#[tokio::test]
async fn null_is_unlimited() {
    let world = with_limit(Value::Null).await;
    for number in 0..20 {
        let_in(&world, &format!("p{number}@example.org")).await.expect(201);
    }
    assert_eq!(seats(&world).await, json!([null, 21]));
}

#[tokio::test]
async fn whoever_sits_needs_no_second_seat() {
    let world = with_limit(2).await;
    let by = "owner@acme.test";
    let_in(&world, "lea@example.org").await.expect(201);
    let lea = |role: &str| json!({ "email": "lea@example.org", "role": role });
    invite(&world, by, "acme:rh", &lea("reader")).await.expect(201);
    let token = token_of(&world, "lea@example.org").await;
    accept(&world, &Who::person("lea@example.org"), &token).await.expect(200);
    invite(&world, by, "acme:tech:summit", &lea("manager")).await.expect(201);
    let contributor = json!({ "role": "contributor" });
    assign(&world, by, ("acme:rh", "lea@example.org"), &contributor).await.expect(200);
    log_in(&world, "lea@example.org").await;
    assert_eq!(seats(&world).await, json!([2, 2]));
}

#[tokio::test]
async fn a_revocation_lets_the_next_one_in() {
    let world = with_limit(2).await;
    let_in(&world, "a@example.org").await.expect(201);
    assert_eq!(let_in(&world, "b@example.org").await.told(), "409 seat-limit-reached");
    revoke(&world, "owner@acme.test", ("acme:tech", "a@example.org")).await.expect(200);
    assert_eq!(seats(&world).await, json!([2, 1]));
    let_in(&world, "b@example.org").await.expect(201);
}

#[tokio::test]
async fn an_expired_invitation_gives_its_seat_to_a_newcomer_and_stays_visible() {
    let world = with_limit(2).await;
    let_in(&world, "a@example.org").await.expect(201);
    world.wait(DAY * 14 - Duration::from_millis(1));
    assert_eq!(let_in(&world, "b@example.org").await.told(), "409 seat-limit-reached");
    world.wait(Duration::from_millis(1));
    let_in(&world, "b@example.org").await.expect(201);
    assert_eq!(seats(&world).await, json!([2, 2]));
    let swept = seen(&world, "acme:tech", "a@example.org").await.expect(200);
    assert_eq!(swept.text("/status"), "expired");
    assert_eq!(
        history(&world, "a@example.org").await,
        [
            "invited by owner@acme.test: acme:tech - > reader pending",
            "invitation-expired by system: acme:tech reader expired > reader expired",
        ]
    );
    world.wait(DAY * 30 - Duration::from_millis(1));
    seen(&world, "acme:tech", "a@example.org").await.expect(200);
    world.wait(Duration::from_millis(1));
    let gone = seen(&world, "acme:tech", "a@example.org").await;
    assert_eq!(gone.told(), "404 collaborator-not-found");
}

#[tokio::test]
async fn access_that_has_ended_gives_its_seat_to_a_newcomer_and_goes() {
    let world = with_limit(2).await;
    let body = json!({
        "email": "a@example.org", "role": "reader", "expiresAt": "2026-11-22T13:00:00Z",
    });
    invite(&world, "owner@acme.test", "acme:tech", &body).await.expect(201);
    log_in(&world, "a@example.org").await;
    world.wait(Duration::from_hours(1));
    let_in(&world, "b@example.org").await.expect(201);
    let gone = seen(&world, "acme:tech", "a@example.org").await;
    assert_eq!(gone.told(), "404 collaborator-not-found");
    assert_eq!(
        history(&world, "a@example.org").await.pop().unwrap(),
        "access-expired by system: acme:tech reader expired > -"
    );
}

#[tokio::test]
async fn an_expired_seat_is_taken_back_only_where_one_is_wanting() {
    let world = with_limit(3).await;
    let_in(&world, "a@example.org").await.expect(201);
    world.wait(DAY * 14);
    let_in(&world, "b@example.org").await.expect(201);
    assert_eq!(seats(&world).await, json!([3, 3]), "the expired one still sits");
    let_in(&world, "c@example.org").await.expect(201);
    assert_eq!(seats(&world).await, json!([3, 3]), "the expired one made room");
}

#[tokio::test]
async fn a_pending_owner_keeps_his_seat_after_his_link_expired() {
    let world = with_limit(3).await;
    let gala = json!({
        "name": "Gala", "kind": "event", "owner": { "email": "gala@example.org" },
    });
    put_scope(&world, "acme:tech:gala", &gala).await.expect(201);
    let_in(&world, "a@example.org").await.expect(201);
    log_in(&world, "a@example.org").await;
    world.wait(DAY * 20);
    let refused = let_in(&world, "b@example.org").await;
    assert_eq!(refused.told(), "409 seat-limit-reached");
    assert_eq!(refused.body["seats"], json!({ "limit": 3, "used": 3 }));
    let owner = seen(&world, "acme:tech:gala", "gala@example.org").await.expect(200);
    assert_eq!(owner.text("/status"), "expired");
}

#[tokio::test]
async fn a_lowered_limit_keeps_everybody_and_refuses_newcomers() {
    let world = with_limit(3).await;
    let_in(&world, "a@example.org").await.expect(201);
    let_in(&world, "b@example.org").await.expect(201);
    log_in(&world, "a@example.org").await;
    for limit in [2, 1, 0] {
        set_limit(&world, limit).await;
        assert_eq!(seats(&world).await, json!([limit, 3]));
        let refused = let_in(&world, "c@example.org").await;
        assert_eq!(refused.told(), "409 seat-limit-reached");
        assert_eq!(refused.body["seats"], json!({ "limit": limit, "used": 3 }));
    }
    get(&world, "a@example.org", "/v1/scopes/acme:tech").await.expect(200);
    log_in(&world, "b@example.org").await;
    let further = json!({ "email": "b@example.org", "role": "reader" });
    invite(&world, "owner@acme.test", "acme:rh", &further).await.expect(201);
    set_limit(&world, 4).await;
    let_in(&world, "c@example.org").await.expect(201);
    set_limit(&world, Value::Null).await;
    let_in(&world, "d@example.org").await.expect(201);
}

#[tokio::test]
async fn the_seat_is_released_with_the_last_of_several_grants() {
    let world = with_limit(2).await;
    let by = "owner@acme.test";
    let_in(&world, "lea@example.org").await.expect(201);
    let further = json!({ "email": "lea@example.org", "role": "reader" });
    invite(&world, by, "acme:rh", &further).await.expect(201);
    let first = revoke(&world, by, ("acme:tech", "lea@example.org")).await.expect(200);
    assert_eq!((&first.body["seatReleased"], seats(&world).await), (&json!(false), json!([2, 2])));
    let last = revoke(&world, by, ("acme:rh", "lea@example.org")).await.expect(200);
    assert_eq!((&last.body["seatReleased"], seats(&world).await), (&json!(true), json!([2, 1])));
}

#[tokio::test]
async fn whoever_lost_his_seat_by_expiry_needs_one_to_be_invited_again() {
    let world = with_limit(2).await;
    let_in(&world, "a@example.org").await.expect(201);
    world.wait(DAY * 14);
    let_in(&world, "b@example.org").await.expect(201);
    assert_eq!(let_in(&world, "a@example.org").await.told(), "409 seat-limit-reached");
    let taken = revoke(&world, "owner@acme.test", ("acme:tech", "a@example.org")).await.expect(200);
    assert_eq!(taken.body["seatReleased"], false, "it was released already");
    assert_eq!(seats(&world).await, json!([2, 2]));
    revoke(&world, "owner@acme.test", ("acme:tech", "b@example.org")).await.expect(200);
    let_in(&world, "a@example.org").await.expect(201);
    assert_eq!(seats(&world).await, json!([2, 2]));
}

#[tokio::test]
async fn two_invitations_of_one_person_at_once_make_no_twins() {
    let world = with_limit(2).await;
    let (tech, rh) = (("acme:tech", "reader"), ("acme:rh", "observer"));
    let at = async |(scope, role): (&str, &str)| {
        let body = json!({ "email": "lea@example.org", "role": role });
        invite(&world, "owner@acme.test", scope, &body).await.told()
    };
    let told = tokio::join!(at(tech), at(rh));
    assert_eq!(told, ("201".to_owned(), "201".to_owned()));
    assert_eq!(seats(&world).await, json!([2, 2]));
    assert_eq!(queued(&world, "lea@example.org").await, ["invitation"]);
    let lea = seen(&world, "acme", "lea@example.org").await.expect(200);
    assert_eq!(lea.body["grants"].as_array().unwrap().len(), 2);
}
