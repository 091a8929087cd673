//! An erasure interrupted or overtaken at any call: the promises hold, and a retry finishes it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use coulisses_tests::{Fault, World};
use serde_json::json;
use tokio::{runtime::Handle, task::block_in_place};

use crate::{
    erase::{naming_lea, waiting, with_lea},
    promises::{assert_history, assert_invariants, state},
    support::{LEA, OWNER, id_of, invite, last_event, log_in, rows},
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

#[tokio::test(flavor = "multi_thread")]
async fn what_begins_after_the_removal_is_not_erased() {
    let start = with_lea().await;
    start.wait(Duration::from_mins(1));
    let body = json!({ "email": LEA, "role": "reader" });
    let mut kept = 0;
    for call in (0..40).step_by(3) {
        let world = start.copy().await;
        let (other, body) = (world.second_instance(), body.clone());
        let mut since_removal = None;
        world.break_calls(move |trip| {
            since_removal = match since_removal {
                None => (trip.operation == "TransactWriteItems").then_some(0),
                Some(calls) => Some(calls + 1),
            };
            if since_removal == Some(call) {
                other.wait(Duration::from_millis(1));
                let again = async { drop(invite(&other, OWNER, "acme:rh", &body).await) };
                block_in_place(|| Handle::current().block_on(again));
            }
            None
        });
        erase(&world).await;
        world.set_table_down(false);
        let again = rows(&world, "C#acme").await.contains_key(&format!("P#{}", id_of(&world, LEA)));
        if again {
            kept += 1;
            assert_eq!(waiting(&world, LEA).await, 1, "before call {call}");
            let last = last_event(&world, LEA).await;
            assert!(last.starts_with("invited by"), "before call {call}: {last}");
            log_in(&world, LEA).await;
        }
        assert_invariants(&world, false, "meanwhile").await;
    }
    assert!(kept > 3, "{kept}");
}
