//! Two and three commands at the last seats, in all orders of their calls; and mixes of five in random ones.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use coulisses_domain::time::DAY;
use coulisses_tests::{Fault, Kept, Request, Who, World};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    promises::{hold_always, hold_history, hold_mails, state},
    scenes::Ask,
    support::{acme_with, active, etag_of, id_of, invite, path_of, put_scope, token_of},
    turns::{Orders, Turns},
};

const OWNER: &str = "owner@acme.test";
/// Somebody active, with one grant.
const LEA: &str = "lea@example.org";
/// Somebody pending, whose mail was sent.
const MAX: &str = "max@example.org";
/// Somebody whose invitation expired and gave its seat back.
const EVE: &str = "eve@example.org";
/// Somebody whose invitation expired and who still sits.
const IDA: &str = "ida@example.org";

fn request(who: Who, request: Request) -> Ask {
    Ask::Request(Box::new((who, request)))
}

fn posted(target: &str, body: &Value) -> Ask {
    request(Who::person(OWNER), Request::new("POST", target).json(body))
}

fn inviting(email: &str) -> Ask {
    posted("/v1/scopes/acme:tech/collaborators", &json!({ "email": email, "role": "reader" }))
}

/// A client in which so many seats are free, with everybody who matters at its last seats.
async fn at_the_boundary(free: u32) -> World {
    let world = acme_with(&json!({ "seatLimit": 5 })).await;
    let reader = |email: &str| json!({ "email": email, "role": "reader" });
    for email in [EVE, "gone@example.org", "gone-too@example.org"] {
        invite(&world, OWNER, "acme:tech", &reader(email)).await.expect(201);
    }
    world.wait(DAY * 14);
    // The newcomer finds no seat, so all that has expired is swept, for good.
    for email in [IDA, LEA] {
        invite(&world, OWNER, "acme:tech", &reader(email)).await.expect(201);
    }
    world.deliver().await;
    world.wait(DAY * 13);
    active(&world, "second@example.org", "acme", "administrator").await;
    invite(&world, OWNER, "acme:tech", &reader(MAX)).await.expect(201);
    crate::support::log_in(&world, LEA).await;
    world.deliver().await;
    world.wait(DAY + Duration::from_mins(5));
    // Odile, the second, Léa, Max and Ida sit.
    let limit = json!({ "name": "Acme", "seatLimit": 5 + free, "granting": "administrators" });
    put_scope(&world, "acme", &limit).await.expect(200);
    world
}

/// Where the audit stands among the commands.
const AUDIT: usize = 12;

/// The commands that meet there.
async fn commands(world: &World) -> Vec<(&'static str, Ask)> {
    let etag = etag_of(world, LEA).await;
    let lea = path_of(world, "acme:tech", LEA);
    let second = Who::person("second@example.org");
    let role = Request::new("PUT", &format!("{lea}/role")).json(&json!({ "role": "manager" }));
    let token = token_of(world, MAX).await;
    let accepting = Request::new("POST", "/v1/invitations/accept").json(&json!({ "token": token }));
    let client = json!({ "name": "Acme", "seatLimit": 6, "granting": "administrators" });
    let event = json!({ "name": "E", "kind": "event", "owner": { "email": "boss@example.org" } });
    let hand_over = json!({ "email": "heir@example.org" });
    let ids = json!({ "ids": [id_of(world, LEA), id_of(world, MAX)] });
    vec![
        ("invite a", inviting("a@example.org")),
        ("invite b", inviting("b@example.org")),
        ("invite a again", inviting("A@Example.org")),
        ("invite ida anew", inviting(IDA)),
        ("revive eve", posted(&format!("{}/resend", path_of(world, "acme:tech", EVE)), &json!({}))),
        ("take lea's", request(second.clone(), Request::new("DELETE", &lea).if_match(&etag))),
        ("change lea's role", request(second, role.if_match(&etag))),
        ("take lea's and max's", posted("/v1/scopes/acme:tech/revocations", &ids)),
        ("max accepts", request(Who::person(MAX), accepting)),
        (
            "set the limit",
            request(Who::platform(), Request::new("PUT", "/v1/scopes/acme").json(&client)),
        ),
        (
            "an event's owner",
            request(Who::platform(), Request::new("PUT", "/v1/scopes/acme:tech:e").json(&event)),
        ),
        (
            "hand over",
            request(
                Who::platform(),
                Request::new("POST", "/v1/scopes/acme/owner").json(&hand_over),
            ),
        ),
        ("audit", Ask::Audit),
    ]
}

/// Holds what must hold after some commands met: `told` is what each was told.
async fn hold(world: &World, recipe: &str) {
    hold_always(world, recipe.contains("set the limit"), recipe).await;
    hold_history(world, recipe).await;
}

/// Runs some commands in all orders of their calls; returns how many orders there are.
async fn in_all_orders(world: &World, asks: &[(&'static str, Ask)], free: u32) -> usize {
    let orders = Orders::default();
    let names: Vec<&str> = asks.iter().map(|(name, _)| *name).collect();
    let asks: Vec<Ask> = asks.iter().map(|(_, ask)| ask.clone()).collect();
    let (kept, turns) = (world.keep(), Turns::new(world, asks.len()));
    let mut count = 0;
    loop {
        let told = turns.run(&asks, |waiting| orders.choose(waiting.len())).await;
        let recipe =
            format!("{free} free: {} in order {}: {told:?}", names.join(", "), orders.told());
        let known = |told: &String| !told.starts_with("500") && told != "failed";
        assert!(told.iter().all(known), "{recipe}");
        hold(world, &recipe).await;
        world.restore(&kept);
        count += 1;
        assert!(count < 20_000, "{recipe}");
        if !orders.next() {
            return count;
        }
    }
}

/// Runs each of `meetings`, told by the places of its commands, at 0, 1 and 2 free seats in all orders; returns how many
/// orders there were.
async fn at_all_boundaries(meetings: Vec<Vec<usize>>) -> usize {
    let meetings = Arc::new(meetings);
    let mut tasks = JoinSet::new();
    for free in [0, 1, 2] {
        let meetings = Arc::clone(&meetings);
        tasks.spawn(async move {
            let world = at_the_boundary(free).await;
            let commands = commands(&world).await;
            let mut total = 0;
            for meeting in meetings.iter() {
                let met: Vec<_> = meeting.iter().map(|place| commands[*place].clone()).collect();
                total += in_all_orders(&world, &met, free).await;
            }
            total
        });
    }
    tasks.join_all().await.into_iter().sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_two_commands_at_the_last_seats_keep_the_promises_in_every_order() {
    // An audit makes many calls, so that of its orders with others only some are played, but on demand.
    let audits = |second: usize| second == AUDIT && !is_long();
    let pairs =
        (0..=AUDIT).flat_map(|first| (first..=AUDIT).map(move |second| vec![first, second]));
    let pairs = pairs.filter(|pair| !audits(pair[1]) || pair[0] < 2).collect();
    let total = at_all_boundaries(pairs).await;
    assert!(total > 1_000, "{total}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_three_commands_at_the_last_seats_keep_the_promises_in_every_order() {
    // Two newcomers, somebody whose access is taken, somebody who accepts; all but the audit on demand.
    let some = if is_long() { (0..AUDIT).collect() } else { vec![0, 1, 5, 8] };
    let mut triples = Vec::new();
    for (index, first) in some.iter().enumerate() {
        for (next, second) in some.iter().enumerate().skip(index + 1) {
            triples.extend(some.iter().skip(next + 1).map(|third| vec![*first, *second, *third]));
        }
    }
    let total = at_all_boundaries(triples).await;
    assert!(total > 500, "{total}");
}

/// A generator of numbers that gives the same again for the same seed.
struct Dice(AtomicU64);

impl Dice {
    fn below(&self, most: usize) -> usize {
        let step = |state: u64| state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let state = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |old| Some(step(old)));
        usize::try_from(step(state.unwrap()) >> 33).unwrap() % most
    }
}

/// Whether all is played that there is, for an hour or so.
fn is_long() -> bool {
    setting("COULISSES_LONG", 0) == 1
}

/// What the run was told: `COULISSES_LONG`; how many mixes by `COULISSES_MIXES`, from which seed on by `COULISSES_SEED`.
fn setting(name: &str, usual: u64) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "a test is told how long to go on")]
    std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
}

/// A scene that is played again and again.
struct Stage {
    world: World,
    commands: Vec<(&'static str, Ask)>,
    kept: Kept,
    turns: Turns,
}

impl Stage {
    async fn with(free: u32) -> Self {
        let world = at_the_boundary(free).await;
        let commands = commands(&world).await;
        let (kept, turns) = (world.keep(), Turns::new(&world, 5));
        Self { world, commands, kept, turns }
    }

    /// One mix of five commands in a random order, in which calls meet conflicts that the emulator does not make.
    async fn play(&self, seed: u64, dice: &Arc<Dice>) {
        let some: Vec<_> =
            (0..5).map(|_| self.commands[dice.below(self.commands.len())].clone()).collect();
        let asks: Vec<Ask> = some.iter().map(|(_, ask)| ask.clone()).collect();
        let (world, conflicts) = (&self.world, Arc::clone(dice));
        world.break_calls(move |trip| {
            let met = trip.operation == "TransactWriteItems" && conflicts.below(4) == 0;
            met.then_some(Fault::Conflict)
        });
        let told = self.turns.run(&asks, |waiting| dice.below(waiting.len())).await;
        world.break_calls(|_| None);
        let names: Vec<&str> = some.iter().map(|(name, _)| *name).collect();
        let recipe = format!("COULISSES_SEED={seed} COULISSES_MIXES=1: {names:?}: {told:?}");
        hold(world, &recipe).await;
        world.deliver().await;
        for _ in 0..5 {
            if state(world).await.outbox == 0 {
                break;
            }
            world.wait(Duration::from_mins(3));
            world.sweep().await;
        }
        hold_mails(world, &recipe).await;
        hold(world, &recipe).await;
        world.restore(&self.kept);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mixes_of_five_commands_keep_the_promises_in_random_orders_with_conflicts() {
    let usual = if is_long() { 10_000 } else { 1_000 };
    let (first, mixes) = (setting("COULISSES_SEED", 1), setting("COULISSES_MIXES", usual));
    println!("seeds {first} to {}", first + mixes - 1);
    let mut tasks = JoinSet::new();
    for free in 0..3 {
        tasks.spawn(async move {
            let stage = Stage::with(free).await;
            for seed in (first..first + mixes).filter(|seed| seed % 3 == u64::from(free)) {
                let dice = Arc::new(Dice(AtomicU64::new(seed)));
                // Seeds that are neighbours begin alike.
                for _ in 0..4 {
                    dice.below(2);
                }
                stage.play(seed, &dice).await;
            }
        });
    }
    tasks.join_all().await;
}
