//! Races around the waiting list: the second command runs completely between the read and the write of the first.
//!
//! Each test is the race that a condition in `tests/conditions.md` prevents.

use std::time::Duration;

use coulisses_tests::{Principal, Request, World};
use serde_json::json;

use crate::{
    invite_seats::set_limit,
    promises::{assert_history, assert_invariants},
    scenes::{Invocation, post},
    support::{
        ADA, LEA, MAX, OWNER, TECH, acme_with, active, get, id_of, revoke, rows, seats, seen,
    },
    turns::{overtaken, overtaken_at},
};

const LIST: &str = "/v1/scopes/acme/waiting-list";

fn entering(email: &str) -> Invocation {
    let body = json!({ "email": email, "role": "reader", "ifFull": "wait" });
    post(OWNER, "/v1/scopes/acme:tech/collaborators", &body)
}

fn inviting(email: &str) -> Invocation {
    post(OWNER, "/v1/scopes/acme:tech/collaborators", &json!({ "email": email, "role": "reader" }))
}

fn revoking(world: &World, email: &str) -> Invocation {
    post(OWNER, "/v1/scopes/acme:tech/revocations", &json!({ "ids": [id_of(world, email)] }))
}

async fn reordering(world: &World, order: &[&str]) -> Invocation {
    let etag = get(world, OWNER, LIST).await.expect(200).etag().to_owned();
    let ids: Vec<String> = order.iter().map(|email| id_of(world, email)).collect();
    let request = Request::new("PUT", LIST).json(&json!({ "ids": ids })).if_match(&etag);
    Invocation::request(Principal::user(OWNER), request)
}

/// The addresses of the list, in order.
async fn list(world: &World) -> Vec<String> {
    let list = get(world, OWNER, LIST).await.expect(200);
    let people = list.body["waiting"].as_array().unwrap().iter();
    people.map(|person| person["email"].as_str().unwrap().to_owned()).collect()
}

async fn status(world: &World, email: &str) -> String {
    seen(world, TECH, email).await.expect(200).text("/status").to_owned()
}

/// A client whose three seats are taken by the owner, Léa and Max, with these people on its list.
async fn full(waiting: &[&str]) -> World {
    let world = acme_with(&json!({ "seatLimit": 3 })).await;
    for email in [LEA, MAX] {
        active(&world, email, TECH, "reader").await;
    }
    for email in waiting {
        assert_eq!(entering(email).run(&world).await, "202");
    }
    world
}

async fn assert_promises(world: &World) {
    assert_invariants(world, true, "a race").await;
    assert_history(world, "a race").await;
}

const AT_WRITE: fn(&coulisses_tests::Trip) -> bool = |trip| trip.operation == "TransactWriteItems";

#[tokio::test]
async fn a_seat_that_is_released_while_someone_enters_the_list_is_theirs() {
    let world = full(&[]).await;
    assert_eq!(overtaken(&world, revoking(&world, LEA), entering(ADA)).await, ["200 200", "202"]);
    assert_eq!((status(&world, ADA).await, seats(&world).await), ("pending".into(), json!([3, 3])));
    assert_promises(&world).await;
}

#[tokio::test]
async fn who_enters_the_list_while_a_seat_is_released_takes_it() {
    let world = full(&[]).await;
    let outcomes = overtaken_at(&world, entering(ADA), AT_WRITE, async {
        revoking(&world, LEA).run(&world).await
    });
    assert_eq!(outcomes.await, ["201", "200 200"]);
    assert_eq!((status(&world, ADA).await, seats(&world).await), ("pending".into(), json!([3, 3])));
    assert_promises(&world).await;
}

#[tokio::test]
async fn two_seats_that_are_released_at_once_go_to_two_people() {
    let world = full(&[ADA, "bob@example.org"]).await;
    let first = revoking(&world, LEA);
    let outcomes =
        overtaken_at(&world, first, AT_WRITE, async { revoking(&world, MAX).run(&world).await });
    assert_eq!(outcomes.await, ["200 200", "200 200"]);
    assert_eq!((list(&world).await.len(), seats(&world).await), (0, json!([3, 3])));
    assert_promises(&world).await;
}

#[tokio::test]
async fn a_seat_goes_to_whom_a_concurrent_reordering_put_first() {
    let world = full(&[ADA, "bob@example.org"]).await;
    let reordering = reordering(&world, &["bob@example.org", ADA]).await;
    let first = revoking(&world, LEA);
    let outcomes = overtaken_at(&world, first, AT_WRITE, async { reordering.run(&world).await });
    assert_eq!(outcomes.await, ["200 200", "200"]);
    assert_eq!(list(&world).await, [ADA]);
    assert_promises(&world).await;
}

#[tokio::test]
async fn a_reordering_does_not_put_someone_back_who_got_a_seat_meanwhile() {
    let world = full(&[ADA, "bob@example.org"]).await;
    let reordering = reordering(&world, &["bob@example.org", ADA]).await;
    let outcomes = overtaken(&world, reordering, revoking(&world, LEA)).await;
    assert_eq!(outcomes, ["412 stale-version", "200 200"]);
    assert_eq!(list(&world).await, ["bob@example.org"]);
    assert_promises(&world).await;
}

#[tokio::test]
async fn of_two_invitations_to_the_one_seat_that_is_not_promised_one_succeeds() {
    let world = full(&[ADA]).await;
    set_limit(&world, 5).await;
    let outcomes = overtaken(&world, inviting("bob@example.org"), inviting("eve@example.org"));
    assert_eq!(outcomes.await, ["409 seat-limit-reached", "201"]);
    assert_eq!(seats(&world).await, json!([5, 4]));
    assert_promises(&world).await;
}

#[tokio::test]
async fn a_client_that_someone_waits_in_again_is_not_forgotten() {
    let world = full(&[ADA]).await;
    revoke(&world, OWNER, (TECH, ADA)).await.expect(200);
    let pass = Invocation::PassSeats;
    let outcomes = overtaken_at(&world, pass, AT_WRITE, async { entering(ADA).run(&world).await });
    assert_eq!(outcomes.await[1], "202");
    assert_eq!(rows(&world, "W#").await.len(), 1);
    set_limit(&world, 4).await;
    world.audit_within(Duration::from_mins(5), json!({ "waiting": true })).await;
    assert_eq!(status(&world, ADA).await, "pending");
}
