//! Two commands at the last seats, in all orders of their calls; and mixes of five in random ones.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_two_commands_at_the_last_seats_keep_the_promises_in_every_order() {
    let total = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    for free in [0, 1, 2] {
        let total = Arc::clone(&total);
        tasks.spawn(async move {
            let world = at_the_boundary(free).await;
            let commands = commands(&world).await;
            // Of those that are alike at the seats, one; with `COULISSES_PAIRS=13`, all.
            let most = usize::try_from(setting("COULISSES_PAIRS", 6)).unwrap();
            let commands: Vec<_> = commands.into_iter().take(most).collect();
            for (index, first) in commands.iter().enumerate() {
                for second in &commands[index..] {
                    let pair = [first.clone(), second.clone()];
                    total.fetch_add(in_all_orders(&world, &pair, free).await, Ordering::SeqCst);
                }
            }
        });
    }
    tasks.join_all().await;
    assert!(total.load(Ordering::SeqCst) > 200, "{total:?}");
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

/// How many mixes are run: more by `COULISSES_MIXES`, from another seed on by `COULISSES_SEED`.
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
    let (first, mixes) = (setting("COULISSES_SEED", 1), setting("COULISSES_MIXES", 100));
    let stages = [Stage::with(0).await, Stage::with(1).await, Stage::with(2).await];
    for seed in first..first + mixes {
        let dice = Arc::new(Dice(AtomicU64::new(seed)));
        // Seeds that are neighbours begin alike.
        for _ in 0..4 {
            dice.below(2);
        }
        stages[dice.below(stages.len())].play(seed, &dice).await;
    }
}
