//! Every command × every call that it makes × every fault: whatever goes wrong, the promises hold, and whoever asks again
//! gets what was asked for. No sampling; a failure names the one case in a line.

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
    promises::{State, hold_always, hold_mails, state},
    scenes::{Ask, CHANGES, Scene},
    scenes_woken::WOKEN,
};

/// How long a fault lasts.
#[derive(Clone, Copy, Debug)]
enum Lasting {
    /// It befalls one call.
    Once,
    /// It befalls that call and every later one of the same operation, until the command gives up.
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

/// What a scene begins with, and what it comes to when nothing goes wrong.
struct Smooth {
    world: World,
    ask: Ask,
    before: State,
    after: State,
    told: String,
    calls: Vec<String>,
}

/// Does a scene without any fault.
async fn smoothly(scene: &Scene) -> Smooth {
    let (original, ask) = (scene.prepare)().await;
    let world = original.copy().await.impatient();
    let before = state(&world).await;
    let calls = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&calls);
    world.break_calls(move |trip| {
        seen.lock().unwrap().push(trip.operation.clone());
        None
    });
    let told = ask.of(&world).await;
    world.set_table_down(false);
    let calls = calls.lock().unwrap().clone();
    settle(&world).await;
    let after = state(&world).await;
    hold_always(&world, scene.name.contains("lower"), scene.name).await;
    hold_mails(&world, scene.name).await;
    assert_eq!(after.outbox, 0, "{}", scene.name);
    Smooth { world: original, ask, before, after, told, calls }
}

/// Lets the stream and the sweeps do all there is to do.
async fn settle(world: &World) {
    world.deliver().await;
    for _ in 0..5 {
        if state(world).await.outbox == 0 {
            return;
        }
        world.wait(Duration::from_mins(3));
        world.sweep().await;
    }
}

fn break_from(world: &World, case: Case) {
    let count = AtomicUsize::new(0);
    let broken = std::sync::Mutex::new(None);
    world.break_calls(move |trip| {
        let index = count.fetch_add(1, Ordering::SeqCst);
        let mut broken = broken.lock().unwrap();
        let befalls = match (case.lasting, broken.as_deref()) {
            (Lasting::UntilGivenUp, Some(operation)) => trip.operation == operation,
            (Lasting::Once, _) | (Lasting::UntilGivenUp, None) => index == case.call,
        };
        if befalls {
            *broken = Some(trip.operation.clone());
        }
        befalls.then_some(case.fault)
    });
}

/// Whether a state is what it was or what it is to be, for each person alone: whole or absent.
fn assert_whole_or_absent(between: &State, smooth: &Smooth, recipe: &str) {
    for (key, told) in &between.people {
        let known = [smooth.before.people.get(key), smooth.after.people.get(key)];
        assert!(known.contains(&Some(told)), "promise 4, {key} is {told}: {recipe}");
    }
    for (change, count) in &between.history {
        let most = smooth.after.history.get(change).copied().unwrap_or(0);
        assert!(*count <= most, "promise 9, {change} {count} times: {recipe}");
    }
}

async fn hold(case: Case, smooth: &Smooth) {
    let recipe = format!(
        "{} / call {} {} / {:?} / {:?}",
        case.scene.name, case.call, smooth.calls[case.call], case.fault, case.lasting
    );
    let (world, ask) = (smooth.world.copy().await.impatient(), &smooth.ask);
    let lowered = case.scene.name.contains("lower");
    break_from(&world, case);
    let first = ask.of(&world).await;
    world.set_table_down(false);
    hold_always(&world, lowered, &recipe).await;
    let between = state(&world).await;
    assert_whole_or_absent(&between, smooth, &recipe);
    let well = first == smooth.told;
    let is_request = matches!(ask, Ask::Request(_));
    if is_request && well {
        assert_eq!(between.people, smooth.after.people, "promise 3: {recipe}");
        assert_eq!(between.clients, smooth.after.clients, "promise 3: {recipe}");
    } else {
        let known = first.contains("503") || first == "failed" || first == "done";
        assert!(known, "told {first}: {recipe}");
        let second = ask.of(&world).await;
        let fine = second == smooth.told || case.scene.again.contains(&second.as_str());
        assert!(fine, "asked again, told {second}: {recipe}");
    }
    settle(&world).await;
    hold_always(&world, lowered, &recipe).await;
    hold_mails(&world, &recipe).await;
    assert_eq!(state(&world).await, smooth.after, "{recipe}");
}

/// All cases of `scenes`, several at once since some wait for what never comes.
async fn sweep(scenes: &'static [Scene]) -> usize {
    let permits = Arc::new(Semaphore::new(12));
    let mut cases = JoinSet::new();
    for scene in scenes {
        let smooth = Arc::new(smoothly(scene).await);
        for (call, operation) in smooth.calls.iter().enumerate() {
            for fault in Fault::ALL.into_iter().filter(|fault| fault.befalls(operation)) {
                for lasting in [Lasting::Once, Lasting::UntilGivenUp] {
                    let case = Case { scene, call, fault, lasting };
                    let (permits, smooth) = (Arc::clone(&permits), Arc::clone(&smooth));
                    cases.spawn(async move {
                        let _permit = permits.acquire().await.unwrap();
                        hold(case, &smooth).await;
                    });
                }
            }
        }
    }
    cases.join_all().await.len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_goes_wrong_with_whatever_call_of_a_request_the_promises_hold() {
    let cases = sweep(CHANGES).await;
    assert!(cases > 500, "{cases}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_goes_wrong_with_whatever_call_of_what_is_woken_the_promises_hold() {
    let cases = sweep(WOKEN).await;
    assert!(cases > 300, "{cases}");
}
