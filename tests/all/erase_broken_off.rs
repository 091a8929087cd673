//! An erasure that is broken off at whatever call: the promises hold, and the same once more finishes it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use coulisses_tests::{Fault, World};
use serde_json::json;

use crate::{
    erase::{naming_her, with_lea},
    promises::{hold_always, hold_history, state},
};

/// Erases Léa; `failed` if that was broken off.
async fn erase(world: &World) -> String {
    let event = json!({ "client": "acme", "email": "lea@example.org", "erase": true });
    let answer = world.erase(event).await;
    answer.map_or("failed".to_owned(), |answer| answer["outcome"].as_str().unwrap().to_owned())
}

/// The calls of an erasure, each by its operation.
async fn calls(start: &World) -> Vec<String> {
    let world = start.copy().await;
    drop(world.trips());
    assert_eq!(erase(&world).await, "erased");
    world.trips().into_iter().map(|trip| trip.operation).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn wherever_it_is_broken_off_the_promises_hold_and_the_same_once_more_finishes_it() {
    let start = with_lea().await;
    let calls = calls(&start).await;
    let writes = calls.iter().filter(|call| *call != "Query").count();
    assert!(writes >= 5, "{calls:?}");
    let mut finished = None;
    for (broken, operation) in calls.iter().enumerate() {
        // Of the shards of the outbox, which are read one after another, the first stands for all.
        if operation == "Query" && broken > 0 && calls[broken - 1] == "Query" {
            continue;
        }
        for fault in [Fault::Unreachable, Fault::AnswerLost] {
            let recipe = format!("call {broken} {operation} / {fault:?}");
            let world = start.copy().await.impatient();
            let count = Arc::new(AtomicUsize::new(0));
            world.break_calls(move |_| {
                (count.fetch_add(1, Ordering::SeqCst) >= broken).then_some(fault)
            });
            assert_eq!(erase(&world).await, "failed", "{recipe}");
            world.set_table_down(false);
            hold_always(&world, false, &recipe).await;
            hold_history(&world, &recipe).await;
            let again = erase(&world).await;
            assert!(again == "erased" || again == "nothing-known", "{again}: {recipe}");
            assert_eq!(naming_her(&world).await, [""; 0], "{recipe}");
            hold_always(&world, false, &recipe).await;
            hold_history(&world, &recipe).await;
            let now = state(&world).await;
            assert_eq!(*finished.get_or_insert_with(|| now.clone()), now, "{recipe}");
        }
    }
}
