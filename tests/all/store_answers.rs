//! What each answer of the table means to a change, by how it goes on.

use coulisses_tests::Fault;
use serde_json::json;

use crate::support::{acme, invite};

/// How a change ends of which the first `times` writes meet `fault`: what is told, how often it read and wrote.
async fn met(fault: Fault, times: usize) -> (String, usize, usize) {
    let world = acme().await;
    drop(world.trips());
    let mut left = times;
    world.break_calls(move |trip| {
        let meets = trip.operation == "TransactWriteItems" && left > 0;
        left -= usize::from(meets);
        meets.then_some(fault)
    });
    let body = json!({ "email": "lea@example.org", "role": "reader" });
    let told = invite(&world, "owner@acme.test", "acme", &body).await.told();
    let trips = world.trips();
    let made = |operation: &str| trips.iter().filter(|trip| trip.operation == operation).count();
    (told, made("BatchGetItem"), made("TransactWriteItems"))
}

#[tokio::test]
async fn contention_and_an_unknown_outcome_are_waited_out_without_deciding_again() {
    for fault in [Fault::Conflict, Fault::Throttled, Fault::InProgress, Fault::ServerError] {
        assert_eq!(met(fault, 5).await, ("201".to_owned(), 1, 6), "{fault:?}");
    }
}

#[tokio::test]
async fn a_failed_condition_is_decided_again_whatever_else_the_transaction_met() {
    assert_eq!(met(Fault::ConflictAndCondition, 1).await, ("201".to_owned(), 2, 2));
    assert_eq!(met(Fault::ConflictAndCondition, 9).await, ("503 try-again".to_owned(), 3, 3));
}

#[tokio::test]
async fn what_no_repetition_can_mend_is_given_up_at_once() {
    assert_eq!(met(Fault::TokenMismatch, 1).await, ("503 try-again".to_owned(), 1, 1));
}
