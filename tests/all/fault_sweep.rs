//! Every command × each of its calls × every fault: the promises hold, and a retry succeeds. A failure names its case.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use coulisses_tests::{Fault, World};
use tokio::{sync::Semaphore, task::JoinSet};

use crate::{
    interleavings::is_long,
    promises::{State, assert_invariants, assert_mails, assert_published, state},
    scenes::{CHANGES, Invocation, Scene, WOKEN},
};

/// How long a fault lasts.
#[derive(Clone, Copy, Debug)]
enum Lasting {
    /// For one call.
    Once,
    /// For that call and every later one of the same operation, until the command gives up.
    UntilGivenUp,
}

/// One case.
#[derive(Clone, Copy, Debug)]
struct Case {
    scene: &'static Scene,
    call: usize,
    fault: Fault,
    lasting: Lasting,
}

/// The initial state of a scene, and its result without a fault.
struct Expected {
    world: World,
    ask: Invocation,
    before: State,
    after: State,
    outcome: String,
    calls: Vec<String>,
}

async fn without_faults(scene: &Scene) -> Expected {
    let (original, ask) = (scene.prepare)().await;
    let world = original.copy().await;
    let before = state(&world).await;
    let calls = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&calls);
    world.break_calls(move |trip| {
        seen.lock().unwrap().push(trip.operation.clone());
        None
    });
    let outcome = ask.run(&world).await;
    world.set_table_down(false);
    let calls = calls.lock().unwrap().clone();
    settle(&world).await;
    let after = state(&world).await;
    assert_invariants(&world, scene.name.contains("lower"), scene.name).await;
    assert_mails(&world, scene.name).await;
    assert_eq!(after.outbox, 0, "{}", scene.name);
    Expected { world: original, ask, before, after, outcome, calls }
}

/// Runs the stream and the sweeps until the history is published and the outbox is empty.
async fn settle(world: &World) {
    world.publish_all().await;
    world.deliver().await;
    for _ in 0..5 {
        if state(world).await.outbox == 0 {
            return;
        }
        world.wait(Duration::from_mins(3));
        world.sweep().await;
    }
}

/// Breaks the call of `case`, counted among the calls of its operation: calls side by side have no fixed order.
fn break_from(world: &World, case: Case, calls: &[String]) {
    let operation = calls[case.call].clone();
    let earlier = calls[..case.call].iter().filter(|other| **other == operation).count();
    let count = AtomicUsize::new(0);
    world.break_calls(move |trip| {
        if trip.operation != operation {
            return None;
        }
        let index = count.fetch_add(1, Ordering::SeqCst);
        let applies = match case.lasting {
            Lasting::Once => index == earlier,
            Lasting::UntilGivenUp => index >= earlier,
        };
        applies.then_some(case.fault)
    });
}

/// Asserts for each record that it is in its state before or after the command.
fn assert_whole_or_absent(between: &State, expected: &Expected, recipe: &str) {
    for (key, record) in &between.collaborators {
        let known = [expected.before.collaborators.get(key), expected.after.collaborators.get(key)];
        assert!(known.contains(&Some(record)), "promise 4, {key} is {record}: {recipe}");
    }
    for (change, count) in &between.history {
        let most = expected.after.history.get(change).copied().unwrap_or(0);
        assert!(*count <= most, "promise 9, {change} {count} times: {recipe}");
    }
}

async fn check(case: Case, expected: &Expected) {
    let recipe = format!(
        "{} / call {} {} / {:?} / {:?}",
        case.scene.name, case.call, expected.calls[case.call], case.fault, case.lasting
    );
    let (world, ask) = (expected.world.copy().await.impatient(), &expected.ask);
    let lowered = case.scene.name.contains("lower");
    break_from(&world, case, &expected.calls);
    let first = ask.run(&world).await;
    world.set_table_down(false);
    let world = world.patient();
    assert_invariants(&world, lowered, &recipe).await;
    let between = state(&world).await;
    assert_whole_or_absent(&between, expected, &recipe);
    let succeeded = first == expected.outcome;
    let is_request = matches!(ask, Invocation::Request(_));
    if is_request && succeeded {
        assert_eq!(between.collaborators, expected.after.collaborators, "promise 3: {recipe}");
        assert_eq!(between.clients, expected.after.clients, "promise 3: {recipe}");
    } else {
        let known = first.contains("503") || first == "failed" || first == "done";
        assert!(known, "{first}: {recipe}");
        let second = ask.run(&world).await;
        let fine = second == expected.outcome || case.scene.again.contains(&second.as_str());
        assert!(fine, "the retry: {second}: {recipe}");
    }
    settle(&world).await;
    assert_invariants(&world, lowered, &recipe).await;
    assert_mails(&world, &recipe).await;
    assert_published(&world, &recipe).await;
    assert_eq!(state(&world).await, expected.after, "{recipe}");
}

/// How long the fault number `fault` of the call number `call` lasts: in turn once and until the command gives up. Both
/// with `COULISSES_LONG=1`, which takes twice as long.
fn durations(call: usize, fault: usize) -> Vec<Lasting> {
    let both = [Lasting::Once, Lasting::UntilGivenUp];
    if is_long() { both.to_vec() } else { vec![both[(call + fault) % 2]] }
}

/// Runs the cases of `scenes`, several concurrently since some wait for a time-out.
async fn sweep(scenes: &'static [Scene]) -> usize {
    let permits = Arc::new(Semaphore::new(12));
    let mut cases = JoinSet::new();
    for scene in scenes {
        let expected = Arc::new(without_faults(scene).await);
        for (call, operation) in expected.calls.iter().enumerate() {
            let faults = Fault::ALL.into_iter().filter(|fault| fault.applies_to(operation));
            for (index, fault) in faults.enumerate() {
                for lasting in durations(call, index) {
                    let case = Case { scene, call, fault, lasting };
                    let (permits, expected) = (Arc::clone(&permits), Arc::clone(&expected));
                    cases.spawn(async move {
                        let _permit = permits.acquire().await.unwrap();
                        check(case, &expected).await;
                    });
                }
            }
        }
    }
    cases.join_all().await.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_promises_hold_under_any_fault_of_any_call_of_a_request() {
    let cases = sweep(CHANGES).await;
    assert!(cases > 250, "{cases}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_promises_hold_under_any_fault_of_any_call_of_an_event() {
    let cases = sweep(WOKEN).await;
    assert!(cases > 150, "{cases}");
}
