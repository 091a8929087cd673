//! How a change continues after each kind of failure of the table.

use std::time::{Duration, Instant};

use coulisses_tests::Fault;
use serde_json::json;

use crate::support::{LEA, OWNER, acme, invite};

/// The outcome of a change whose first `times` writes meet `fault`, and the numbers of its reads and writes.
async fn met(fault: Fault, times: usize) -> (String, usize, usize) {
    let world = acme().await;
    drop(world.trips());
    let mut left = times;
    world.break_calls(move |trip| {
        let meets = trip.operation == "TransactWriteItems" && left > 0;
        left -= usize::from(meets);
        meets.then_some(fault)
    });
    let body = json!({ "email": LEA, "role": "reader" });
    let outcome = invite(&world, OWNER, "acme", &body).await.outcome();
    let trips = world.trips();
    let made = |operation: &str| trips.iter().filter(|trip| trip.operation == operation).count();
    (outcome, made("BatchGetItem"), made("TransactWriteItems"))
}

#[tokio::test]
async fn contention_and_unknown_outcomes_are_retried_without_deciding_again() {
    for fault in [Fault::Conflict, Fault::Throttled, Fault::InProgress, Fault::ServerError] {
        assert_eq!(met(fault, 5).await, ("201".to_owned(), 1, 6), "{fault:?}");
    }
}

#[tokio::test]
async fn a_failed_condition_is_decided_again_even_beside_a_conflict() {
    assert_eq!(met(Fault::ConflictAndCondition, 1).await, ("201".to_owned(), 2, 2));
    assert_eq!(met(Fault::ConflictAndCondition, 9).await, ("503 try-again".to_owned(), 3, 3));
}

#[tokio::test]
async fn a_permanent_failure_is_not_retried() {
    assert_eq!(met(Fault::TokenMismatch, 1).await, ("503 try-again".to_owned(), 1, 1));
}

#[tokio::test]
async fn all_calls_of_a_request_share_one_deadline() {
    let world = acme().await.impatient();
    world.break_calls(|trip| (trip.operation == "TransactWriteItems").then_some(Fault::Conflict));
    let person =
        |number: u8| json!({ "email": format!("p{number}@example.org"), "role": "reader" });
    let all = json!({ "invitations": (0..20).map(person).collect::<Vec<_>>() });
    let start = Instant::now();
    let answer = invite(&world, OWNER, "acme", &all).await.expect(200);
    for result in answer.body["results"].as_array().unwrap() {
        assert_eq!(result["problem"]["code"], "try-again");
    }
    assert!(start.elapsed() < Duration::from_secs(2), "20 of 200 ms each would be four seconds");
}
