//! A scheduler that runs several commands side by side and makes their calls one at a time, in a given order.

use std::sync::{Arc, Mutex};

use coulisses_tests::{Gate, ItemAccess, Trip, World};
use tokio::sync::{Semaphore, mpsc};

use crate::scenes::Invocation;

/// The items that a call reads and writes, by key; without a sort key, a whole partition.
#[derive(Clone, Debug, Default)]
struct Footprint {
    reads: Vec<ItemKey>,
    writes: Vec<ItemKey>,
}

type ItemKey = (String, Option<String>);

impl Footprint {
    fn by(trip: &Trip) -> Self {
        let reads = ["BatchGetItem", "Query", "ConditionCheckItem"];
        let mut footprint = Self::default();
        for ItemAccess { action, index, pk, sk } in trip.accesses() {
            // An audit reads the rows of grants, which it removes on a condition, and entries older than any command here.
            // Its order with the writes of new ones makes no difference.
            if action == "Query" && (pk.starts_with("G#") || pk.starts_with("H#")) {
                continue;
            }
            let reads = reads.contains(&action.as_str());
            let keys = if reads { &mut footprint.reads } else { &mut footprint.writes };
            // An index depends on all clients.
            keys.push(if index { ("C#acme".to_owned(), None) } else { (pk, sk) });
        }
        footprint
    }

    /// Whether the order of the two calls makes no difference.
    fn is_independent_of(&self, other: &Self) -> bool {
        let meet = |some: &[ItemKey], others: &[ItemKey]| {
            some.iter().any(|(pk, sk)| {
                let same = |(other_pk, other_sk): &ItemKey| {
                    pk == other_pk && (sk.is_none() || other_sk.is_none() || sk == other_sk)
                };
                others.iter().any(same)
            })
        };
        !meet(&self.writes, &other.writes)
            && !meet(&self.writes, &other.reads)
            && !meet(&self.reads, &other.writes)
    }
}

/// A command and the call that it waits to make.
#[derive(Clone, Debug)]
struct Waiting {
    command: usize,
    call: Footprint,
}

/// Progress of a command.
enum Event {
    /// It waits to make a call.
    Waits(Waiting),
    /// It has ended with this outcome.
    Ended(usize, String),
}

/// How the outcome of a command that panicked begins.
const PANICKED: &str = "panicked";

/// Whether a command ended as its callers may see it: with a response other than 500, and without a panic.
pub fn ended_well(outcome: &str) -> bool {
    !outcome.starts_with("500") && outcome != "failed" && !outcome.starts_with(PANICKED)
}

/// Commands that run side by side in one deployment, one call at a time.
pub struct Turns {
    sides: Vec<Arc<World>>,
}

impl Turns {
    /// Turns for `commands` commands at a time in `world`.
    pub fn new(world: &World, commands: usize) -> Self {
        Self { sides: (0..commands).map(|_| Arc::new(world.gated_instance())).collect() }
    }

    /// Runs the commands; `choose` picks which of the waiting ones goes on. Returns the outcome of each.
    pub async fn run(
        &self,
        commands: &[Invocation],
        mut choose: impl FnMut(&[usize]) -> usize,
    ) -> Vec<String> {
        let (events, mut received) = mpsc::unbounded_channel();
        let turns: Vec<Arc<Semaphore>> =
            commands.iter().map(|_| Arc::new(Semaphore::new(0))).collect();
        for (index, (command, side)) in commands.iter().zip(&self.sides).enumerate() {
            // The trips of past runs would pile up.
            drop(side.trips());
            side.gate_calls(gate(index, events.clone(), Arc::clone(&turns[index])));
            let (command, side, events) = (command.clone(), Arc::clone(side), events.clone());
            let run = tokio::spawn(async move { command.run(&side).await });
            tokio::spawn(async move {
                // A command that panics has ended too, so that the test fails instead of waiting for it.
                let outcome = run.await.unwrap_or_else(|error| format!("{PANICKED}: {error}"));
                let _ = events.send(Event::Ended(index, outcome));
            });
        }
        let mut outcomes: Vec<Option<String>> = vec![None; commands.len()];
        let mut waiting: Vec<Waiting> = Vec::new();
        let mut last: Option<(Waiting, Vec<usize>)> = None;
        let mut under_way = commands.len();
        loop {
            // All commands wait or have ended before one goes on, so that `choose` alone determines the order.
            while under_way > 0 {
                match received.recv().await.expect("a command that waits or ends") {
                    Event::Waits(one) => waiting.push(one),
                    Event::Ended(index, outcome) => outcomes[index] = Some(outcome),
                }
                under_way -= 1;
            }
            if waiting.is_empty() {
                break;
            }
            waiting.sort_unstable_by_key(|one| one.command);
            let options = worth_trying(&waiting, last.as_ref());
            let next = options[choose(&options)];
            let then = waiting.iter().map(|one| one.command).collect();
            let place = waiting.iter().position(|one| one.command == next).expect("a place");
            last = Some((waiting.remove(place), then));
            turns[next].add_permits(1);
            under_way = 1;
        }
        outcomes.into_iter().map(|outcome| outcome.expect("an outcome")).collect()
    }
}

/// The commands worth running next. Two successive independent calls give the same result in either order, so only one of
/// the two orders is tried.
fn worth_trying(waiting: &[Waiting], last: Option<&(Waiting, Vec<usize>)>) -> Vec<usize> {
    let tried = |one: &Waiting| {
        last.is_some_and(|(before, then)| {
            one.command < before.command
                && then.contains(&one.command)
                && one.call.is_independent_of(&before.call)
        })
    };
    let all = waiting.iter().map(|one| one.command).collect();
    let new: Vec<usize> = waiting.iter().filter(|one| !tried(one)).map(|one| one.command).collect();
    if new.is_empty() { all } else { new }
}

/// Runs all of `second` when `first` has read and is about to write; returns both outcomes.
pub async fn overtaken(world: &World, first: Invocation, second: Invocation) -> [String; 2] {
    overtaken_at(world, first, |trip| !reads(trip), Box::pin(second.run(world))).await
}

/// Runs all of `second` when `first` is about to make the call that `at` matches; returns both outcomes.
pub async fn overtaken_at(
    world: &World,
    first: Invocation,
    at: impl Fn(&Trip) -> bool + Send + Sync + 'static,
    second: impl Future<Output = String>,
) -> [String; 2] {
    let (met, passed) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let side = world.gated_instance();
    let (reached, way) = (Arc::clone(&met), Arc::clone(&passed));
    side.gate_calls(Arc::new(move |trip| {
        let (reached, way, there) = (Arc::clone(&reached), Arc::clone(&way), at(trip));
        Box::pin(async move {
            if there {
                reached.add_permits(1);
                // Closing the semaphore lets `first` go on.
                let _ = way.acquire().await;
            }
        })
    }));
    let overtaking = async {
        let _there = met.acquire().await.expect("a first command that gets there");
        let outcome = second.await;
        passed.close();
        outcome
    };
    let (first, second) = tokio::join!(Box::pin(first.run(&side)), Box::pin(overtaking));
    [first, second]
}

fn gate(index: usize, events: mpsc::UnboundedSender<Event>, turns: Arc<Semaphore>) -> Gate {
    Arc::new(move |trip| {
        let waits = Waiting { command: index, call: Footprint::by(trip) };
        let (events, turns) = (events.clone(), Arc::clone(&turns));
        Box::pin(async move {
            let _ = events.send(Event::Waits(waits));
            turns.acquire().await.expect("a turn").forget();
        })
    })
}

pub fn reads(trip: &Trip) -> bool {
    ["BatchGetItem", "Query"].contains(&trip.operation.as_str())
}

/// Enumerates all orders by depth-first search: each run takes a path that no earlier run took.
#[derive(Default)]
pub struct Orders {
    /// At each step of the last run: the choice, and the number of options.
    path: Mutex<Vec<(usize, usize)>>,
    step: Mutex<usize>,
}

impl Orders {
    /// The choice of the current run among so many options.
    pub fn choose(&self, options: usize) -> usize {
        let (mut path, mut step) = (self.path.lock().unwrap(), self.step.lock().unwrap());
        if *step == path.len() {
            path.push((0, options));
        }
        let (chosen, _) = path[*step];
        *step += 1;
        chosen.min(options - 1)
    }

    /// Moves on to the next order; `false` if there is none left.
    pub fn next(&self) -> bool {
        let (mut path, mut step) = (self.path.lock().unwrap(), self.step.lock().unwrap());
        *step = 0;
        while let Some((chosen, options)) = path.pop() {
            if chosen + 1 < options {
                path.push((chosen + 1, options));
                return true;
            }
        }
        false
    }

    /// The order of the current run, for the text of a failure.
    pub fn text(&self) -> String {
        let path = self.path.lock().unwrap();
        path.iter().map(|(chosen, _)| chosen.to_string()).collect()
    }
}
