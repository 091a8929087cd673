//! How a change continues after each kind of failure of the table.

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
