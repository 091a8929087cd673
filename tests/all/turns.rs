//! A scheduler that lets several commands make their calls one at a time, in an order that it is told.

use std::sync::{Arc, Mutex};

use coulisses_tests::{Gate, Touch, Trip, World};
use tokio::sync::{Semaphore, mpsc};

use crate::scenes::Ask;

/// What a call reads and what it writes: items by their keys, or a whole partition where there is no sort key.
#[derive(Clone, Debug, Default)]
struct Touched {
    reads: Vec<Place>,
    writes: Vec<Place>,
}

type Place = (String, Option<String>);

impl Touched {
    fn by(trip: &Trip) -> Self {
        let reads = ["BatchGetItem", "Query", "ConditionCheckItem"];
        let mut touched = Self::default();
        for Touch { action, index, pk, sk } in trip.touches() {
            let reads = reads.contains(&action.as_str());
            let places = if reads { &mut touched.reads } else { &mut touched.writes };
            // What an index shows hangs on all clients.
            places.push(if index { ("C#acme".to_owned(), None) } else { (pk, sk) });
        }
        touched
    }

    /// Whether it comes to the same in which order the two are made.
    fn is_apart_from(&self, other: &Self) -> bool {
        let meet = |some: &[Place], others: &[Place]| {
            some.iter().any(|(pk, sk)| {
                let same = |(other_pk, other_sk): &Place| {
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

/// A call that waits, and whose.
#[derive(Clone, Debug)]
struct Waiting {
    command: usize,
    call: Touched,
}

/// Something that a command did.
enum Event {
    /// It waits to make a call.
    Waits(Waiting),
    /// It has ended, and was told this.
    Ended(usize, String),
}

/// Commands that run side by side in one deployment, one call at a time.
pub struct Turns {
    sides: Vec<Arc<World>>,
}

impl Turns {
    /// Takes turns in `world`, so many commands at a time.
    pub fn new(world: &World, commands: usize) -> Self {
        Self { sides: (0..commands).map(|_| Arc::new(world.in_turns())).collect() }
    }

    /// Runs `asks`: `choose` says which of the commands that wait goes on. Returns what each was told.
    pub async fn run(
        &self,
        asks: &[Ask],
        mut choose: impl FnMut(&[usize]) -> usize,
    ) -> Vec<String> {
        let (events, mut told) = mpsc::unbounded_channel();
        let turns: Vec<Arc<Semaphore>> = asks.iter().map(|_| Arc::new(Semaphore::new(0))).collect();
        for (index, (ask, side)) in asks.iter().zip(&self.sides).enumerate() {
            // What is written down of past runs is of no use, and would pile up.
            drop(side.trips());
            side.hold_calls(gate(index, events.clone(), Arc::clone(&turns[index])));
            let (ask, side, events) = (ask.clone(), Arc::clone(side), events.clone());
            tokio::spawn(async move {
                let answer = ask.of(&side).await;
                let _ = events.send(Event::Ended(index, answer));
            });
        }
        let mut answers: Vec<Option<String>> = vec![None; asks.len()];
        let mut waiting: Vec<Waiting> = Vec::new();
        let mut last: Option<(Waiting, Vec<usize>)> = None;
        let mut under_way = asks.len();
        loop {
            // Everybody waits or has ended before somebody goes on, so that the order is that of `choose` alone.
            while under_way > 0 {
                match told.recv().await.expect("a command that waits or ends") {
                    Event::Waits(one) => waiting.push(one),
                    Event::Ended(index, answer) => answers[index] = Some(answer),
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
        answers.into_iter().map(|answer| answer.expect("an answer")).collect()
    }
}

/// Who may go on so that something new is tried: two calls after each other that touch nothing in common are the same in
/// either order, so only one of the orders is.
fn worth_trying(waiting: &[Waiting], last: Option<&(Waiting, Vec<usize>)>) -> Vec<usize> {
    let tried = |one: &Waiting| {
        last.is_some_and(|(before, then)| {
            one.command < before.command
                && then.contains(&one.command)
                && one.call.is_apart_from(&before.call)
        })
    };
    let all = waiting.iter().map(|one| one.command).collect();
    let new: Vec<usize> = waiting.iter().filter(|one| !tried(one)).map(|one| one.command).collect();
    if new.is_empty() { all } else { new }
}

/// Runs `second` from end to end when `first` has read and is about to write; returns what each was told.
pub async fn overtaken(world: &World, first: Ask, second: Ask) -> [String; 2] {
    overtaken_at(world, first, |trip| !reads(trip), Box::pin(second.of(world))).await
}

/// Runs `second` from end to end when `first` is about to make the call that `at` says; returns what each was told.
pub async fn overtaken_at(
    world: &World,
    first: Ask,
    at: impl Fn(&Trip) -> bool + Send + Sync + 'static,
    second: impl Future<Output = String>,
) -> [String; 2] {
    let (met, passed) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let side = world.in_turns();
    let (reached, way) = (Arc::clone(&met), Arc::clone(&passed));
    side.hold_calls(Arc::new(move |trip| {
        let (reached, way, there) = (Arc::clone(&reached), Arc::clone(&way), at(trip));
        Box::pin(async move {
            if there {
                reached.add_permits(1);
                // It is free once the other has passed, which closes the way for no one.
                let _ = way.acquire().await;
            }
        })
    }));
    let overtaking = async {
        let _there = met.acquire().await.expect("a first command that gets there");
        let told = second.await;
        passed.close();
        told
    };
    let (first, second) = tokio::join!(Box::pin(first.of(&side)), Box::pin(overtaking));
    [first, second]
}

fn gate(index: usize, events: mpsc::UnboundedSender<Event>, turns: Arc<Semaphore>) -> Gate {
    Arc::new(move |trip| {
        let waits = Waiting { command: index, call: Touched::by(trip) };
        let (events, turns) = (events.clone(), Arc::clone(&turns));
        Box::pin(async move {
            let _ = events.send(Event::Waits(waits));
            turns.acquire().await.expect("a turn").forget();
        })
    })
}

fn reads(trip: &Trip) -> bool {
    ["BatchGetItem", "Query"].contains(&trip.operation.as_str())
}

/// All orders, one after the other: each run follows a way that no run before it went.
#[derive(Default)]
pub struct Orders {
    /// What was chosen at each step of the last run, of how many.
    way: Mutex<Vec<(usize, usize)>>,
    step: Mutex<usize>,
}

impl Orders {
    /// What the present run chooses of so many.
    pub fn choose(&self, options: usize) -> usize {
        let (mut way, mut step) = (self.way.lock().unwrap(), self.step.lock().unwrap());
        if *step == way.len() {
            way.push((0, options));
        }
        let (chosen, _) = way[*step];
        *step += 1;
        chosen.min(options - 1)
    }

    /// Goes on to the next order; `false` if there is none any more.
    pub fn next(&self) -> bool {
        let (mut way, mut step) = (self.way.lock().unwrap(), self.step.lock().unwrap());
        *step = 0;
        while let Some((chosen, options)) = way.pop() {
            if chosen + 1 < options {
                way.push((chosen + 1, options));
                return true;
            }
        }
        false
    }

    /// The order of the present run, as it is told of a failure.
    pub fn told(&self) -> String {
        let way = self.way.lock().unwrap();
        way.iter().map(|(chosen, _)| chosen.to_string()).collect()
    }
}
