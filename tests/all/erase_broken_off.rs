//! An erasure interrupted at any call: the promises hold, and a retry finishes it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use coulisses_tests::{Fault, World};
use serde_json::json;

use crate::{
    erase::{naming_lea, with_lea},
    promises::{assert_history, assert_invariants, state},
    support::LEA,
};

/// Erases Léa; returns `failed` if that was interrupted.
async fn erase(world: &World) -> String {
    let event = json!({ "client": "acme", "email": LEA, "erase": true });
    let answer = world.erase(event).await;
    answer.map_or("failed".to_owned(), |answer| answer["outcome"].as_str().unwrap().to_owned())
}

/// The operation of each call of an erasure.
async fn calls(start: &World) -> Vec<String> {
    let world = start.copy().await;
    assert_eq!(erase(&world).await, "erased");
    world.operations()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_interrupted_at_any_call_keeps_the_promises_and_a_retry_finishes_it() {
    let start = with_lea().await;
    let calls = calls(&start).await;
    let writes = calls.iter().filter(|call| *call != "Query").count();
    assert!(writes >= 5, "{calls:?}");
    let mut finished = None;
    for (broken, operation) in calls.iter().enumerate() {
        // The shards of the outbox are read sequentially; the first represents all.
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
            assert_invariants(&world, false, &recipe).await;
            assert_history(&world, &recipe).await;
            let again = erase(&world).await;
            assert!(again == "erased" || again == "nothing-known", "{again}: {recipe}");
            assert_eq!(naming_lea(&world).await, [""; 0], "{recipe}");
            assert_invariants(&world, false, &recipe).await;
            assert_history(&world, &recipe).await;
            let now = state(&world).await;
            assert_eq!(*finished.get_or_insert_with(|| now.clone()), now, "{recipe}");
        }
    }
}
