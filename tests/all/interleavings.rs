//! Two and three commands at the last seats in all orders of their calls, and mixes of five in random orders.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use coulisses_domain::time::DAY;
use coulisses_tests::{Fault, Principal, Request, Snapshot, World};
use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    promises::{
        assert_history, assert_invariants, assert_mails, assert_no_one_waits_beside_a_free_seat,
        state,
    },
    scenes::{Invocation, post, put, waiting},
    support::{
        EVE, LEA, MAX, OWNER, SUMMIT, acme_with, active, etag_of, id_of, invited, log_in, path_of,
        put_scope, token_of,
    },
    transfer::version_of,
    turns::{Orders, Turns, ended_well},
};

/// Has an expired invitation and still a seat.
const IDA: &str = "ida@example.org";

/// Is suspended.
const PAUSED: &str = "paul@example.org";

fn inviting(email: &str) -> Invocation {
    post(OWNER, "/v1/scopes/acme:tech/collaborators", &json!({ "email": email, "role": "reader" }))
}

/// A client with `free` free seats. Léa is active, Max is pending with a sent mail, Eve has expired and was swept, Ida has
/// expired and still has a seat. Paul is suspended.
async fn at_the_boundary(free: u32) -> World {
    let world = acme_with(&json!({ "seatLimit": 5 })).await;
    for email in [EVE, "gone@example.org", "gone-too@example.org"] {
        invited(&world, email, "acme:tech", "reader").await;
    }
    world.wait(DAY * 14);
    // Ida finds no free seat, so all expired collaborators are swept for good.
    for email in [IDA, LEA] {
        invited(&world, email, "acme:tech", "reader").await;
    }
    world.deliver().await;
    world.wait(DAY * 13);
    active(&world, "second@example.org", "acme", "administrator").await;
    invited(&world, MAX, "acme:tech", "reader").await;
    log_in(&world, LEA).await;
    world.deliver().await;
    world.wait(DAY + Duration::from_mins(5));
    let body = json!({ "name": "Acme", "seatLimit": 6, "granting": "administrators" });
    put_scope(&world, "acme", &body).await.expect(200);
    active(&world, PAUSED, "acme:tech", "reader").await;
    let suspension = format!("{}/suspension", path_of(&world, "acme", PAUSED));
    let suspend = Request::new("POST", &suspension);
    world.send(&Principal::user(OWNER), suspend).await.expect(200);
    world.deliver().await;
    // Odile, the second administrator, Léa, Max and Ida have seats.
    let limit = json!({ "name": "Acme", "seatLimit": 5 + free, "granting": "administrators" });
    put_scope(&world, "acme", &limit).await.expect(200);
    world
}

/// The boundary without a free seat where two people wait.
const WAITED_FOR: u32 = 3;

/// The same client without a free seat, where two people wait for one. Ida's seat was swept for the first who would.
async fn with_a_list() -> World {
    let world = at_the_boundary(0).await;
    for (email, outcome) in [("first", "201"), ("next", "202"), ("last", "202")] {
        assert_eq!(entering(&format!("{email}@example.org")).run(&world).await, outcome);
    }
    world.deliver().await;
    world
}

fn entering(email: &str) -> Invocation {
    post(OWNER, "/v1/scopes/acme:tech/collaborators", &waiting(email))
}

/// The index of the audit among the commands.
const AUDIT: usize = 12;

/// That of declining, and those of the commands about Max or the last seat that meet it.
const DECLINE: usize = 17;
const MEET_DECLINE: [usize; 4] = [0, 7, 8, 9];

/// The commands that enter a waiting list, pass seats on or release some, where two people wait.
const MEET_LIST: [usize; 8] = [0, 5, 7, 9, DECLINE, 15, 18, 20];

/// The commands that run concurrently.
async fn commands(world: &World) -> Vec<(&'static str, Invocation)> {
    let etag = etag_of(world, LEA).await;
    let lea = path_of(world, "acme:tech", LEA);
    let second = Principal::user("second@example.org");
    let role = Request::new("PUT", &format!("{lea}/role")).json(&json!({ "role": "manager" }));
    let token = token_of(world, MAX).await;
    let accepting = Request::new("POST", "/v1/invitations/accept").json(&json!({ "token": token }));
    let declining =
        Request::new("POST", "/v1/invitations/decline").json(&json!({ "token": token }));
    let client = json!({ "name": "Acme", "seatLimit": 6, "granting": "administrators" });
    let event = json!({ "name": "E", "kind": "event", "owner": { "email": "boss@example.org" } });
    let transfer = Request::new("POST", "/v1/scopes/acme/owner");
    let transfer = transfer.json(&json!({ "email": "heir@example.org" }));
    let ids = json!({ "ids": [id_of(world, LEA), id_of(world, MAX)] });
    let imported = json!([{ "scope": "acme:tech", "role": "manager" }]);
    let imported = json!({ "people": [
        { "email": "c@example.org", "grants": imported }, { "email": LEA, "grants": imported },
    ] });
    let imports = Request::new("POST", "/v1/scopes/acme/imports").json(&imported);
    let version: i64 = etag.trim_matches('"').parse().unwrap();
    let changes =
        json!({ "changes": [{ "id": id_of(world, LEA), "version": version, "role": "observer" }] });
    let suspension = |email: &str| format!("{}/suspension", path_of(world, "acme", email));
    let restored = Request::new("DELETE", &suspension(PAUSED));
    vec![
        ("invite a", inviting("a@example.org")),
        ("invite b", inviting("b@example.org")),
        ("invite a again", inviting("A@Example.org")),
        ("invite ida again", inviting(IDA)),
        (
            "revive eve",
            post(OWNER, &format!("{}/resend", path_of(world, "acme:tech", EVE)), &json!({})),
        ),
        (
            "revoke lea",
            Invocation::request(second.clone(), Request::new("DELETE", &lea).if_match(&etag)),
        ),
        ("change lea's role", Invocation::request(second, role.if_match(&etag))),
        ("revoke lea and max", post(OWNER, "/v1/scopes/acme:tech/revocations", &ids)),
        ("max accepts", Invocation::request(Principal::user(MAX), accepting)),
        ("set the limit", put(&Principal::platform(), "/v1/scopes/acme", &client)),
        ("an event's owner", put(&Principal::platform(), "/v1/scopes/acme:tech:e", &event)),
        ("transfer", Invocation::request(Principal::platform(), transfer)),
        ("audit", Invocation::Audit),
        ("import c and lea", Invocation::request(Principal::platform(), imports)),
        ("change lea among others", post(OWNER, "/v1/scopes/acme:tech/changes", &changes)),
        ("suspend lea", post(OWNER, &suspension(LEA), &json!({}))),
        ("restore paul", Invocation::request(Principal::user(OWNER), restored)),
        ("max declines", Invocation::request(Principal::anonymous(), declining)),
        ("x waits", entering("x@example.org")),
        ("y waits", entering("y@example.org")),
        ("pass seats", Invocation::PassSeats),
    ]
}

/// Asserts the promises after some commands ran.
async fn assert_promises(world: &World, recipe: &str) {
    assert_invariants(world, recipe.contains("set the limit"), recipe).await;
    assert_history(world, recipe).await;
    assert_eq!(Invocation::PassSeats.run(world).await, "done", "{recipe}");
    assert_no_one_waits_beside_a_free_seat(world, recipe).await;
    assert_invariants(world, true, recipe).await;
}

/// Runs some commands in all orders of their calls; returns the number of orders.
async fn in_all_orders(world: &World, met: &[(&'static str, Invocation)], free: u32) -> usize {
    let orders = Orders::default();
    let (names, commands): (Vec<&str>, Vec<Invocation>) = met.iter().cloned().unzip();
    let (kept, turns) = (world.snapshot(), Turns::new(world, commands.len()));
    let mut count = 0;
    loop {
        let outcomes = turns.run(&commands, |waiting| orders.choose(waiting.len())).await;
        let recipe =
            format!("{free} free: {} in order {}: {outcomes:?}", names.join(", "), orders.text());
        assert!(outcomes.iter().all(|outcome| ended_well(outcome)), "{recipe}");
        assert_promises(world, &recipe).await;
        world.restore(&kept);
        count += 1;
        assert!(count < 20_000, "{recipe}");
        if !orders.next() {
            return count;
        }
    }
}

/// Runs each of `meetings`, given by the indices of its commands, at each number of free seats in all orders; returns the
/// number of orders. Two tasks for each number use both processors.
async fn at_boundaries(meetings: Vec<Vec<usize>>, boundaries: &[u32]) -> usize {
    let meetings = Arc::new(meetings);
    let mut tasks = JoinSet::new();
    for (free, half) in boundaries.iter().flat_map(|free| [(*free, 0), (*free, 1)]) {
        let meetings = Arc::clone(&meetings);
        tasks.spawn(async move {
            let world = at_the_boundary(free).await;
            let commands = commands(&world).await;
            let mut total = 0;
            for meeting in meetings.iter().skip(half).step_by(2) {
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
    // An audit makes many calls, so it meets only some of the other commands unless the run is long.
    let audits = |second: usize| second == AUDIT && !is_long();
    let pairs =
        (0..=AUDIT).flat_map(|first| (first..=AUDIT).map(move |second| vec![first, second]));
    let pairs = pairs.filter(|pair| !audits(pair[1]) || pair[0] < 2);
    let pairs = pairs.chain(MEET_DECLINE.map(|other| vec![other, DECLINE])).collect();
    // At the last seat they meet most often.
    let boundaries: &[u32] = if is_long() { &[0, 1, 2] } else { &[1] };
    let total = at_boundaries(pairs, boundaries).await;
    assert!(total > 400, "{total}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_three_commands_at_the_last_seats_keep_the_promises_in_every_order() {
    // An invitation, a revocation and an acceptance; a long run has all commands but the audit.
    let some = if is_long() { (0..AUDIT).collect() } else { vec![0, 5, 8] };
    let mut triples = Vec::new();
    for (index, first) in some.iter().enumerate() {
        for (next, second) in some.iter().enumerate().skip(index + 1) {
            triples.extend(some.iter().skip(next + 1).map(|third| vec![*first, *second, *third]));
        }
    }
    // All triples at all boundaries would take hours.
    let boundaries: &[u32] = if is_long() { &[1] } else { &[0, 1, 2] };
    let total = at_boundaries(triples, boundaries).await;
    assert!(total > 100, "{total}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_two_commands_where_people_wait_keep_the_promises_in_every_order() {
    let world = with_a_list().await;
    let commands = commands(&world).await;
    let mut total = 0;
    for (place, first) in MEET_LIST.iter().enumerate() {
        for second in MEET_LIST.iter().skip(place) {
            let met = [commands[*first].clone(), commands[*second].clone()];
            total += in_all_orders(&world, &met, WAITED_FOR).await;
        }
    }
    assert!(total > 200, "{total}");
}

/// The only seat beside the owner's is Léa's, whose access ended with an event.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_moves_while_a_newcomer_takes_the_seat_keeps_the_promises_in_every_order() {
    let world = acme_with(&json!({ "seatLimit": 2, "accessEndsAfterDays": 0 })).await;
    active(&world, LEA, SUMMIT, "reader").await;
    let event = |end: &str| json!({ "name": "S", "kind": "event", "endsAt": end });
    let ended = event("2026-11-23T12:00:00Z");
    put_scope(&world, SUMMIT, &ended).await.expect(200);
    world.wait(DAY * 9);
    world.deliver().await;
    let archive = Request::new("POST", &format!("/v1/scopes/{SUMMIT}/archive"));
    let archive = archive.if_match(&version_of(&world, SUMMIT).await);
    let moved = event("2027-11-23T12:00:00Z");
    let met = [
        ("invite a", inviting("a@example.org")),
        ("move the event", put(&Principal::platform(), &format!("/v1/scopes/{SUMMIT}"), &moved)),
        ("archive the event", Invocation::request(Principal::user(OWNER), archive)),
        ("audit", Invocation::Audit),
    ];
    // An audit makes many calls; the model has it in every order.
    let others = if is_long() { &met[1..] } else { &met[1..3] };
    let mut total = 0;
    for other in others {
        total += in_all_orders(&world, &[met[0].clone(), other.clone()], 0).await;
    }
    assert!(total > 20, "{total}");
}

/// A random generator that repeats its numbers for the same seed.
struct Dice(AtomicU64);

impl Dice {
    fn below(&self, most: usize) -> usize {
        let step = |state: u64| state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let state = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |old| Some(step(old)));
        usize::try_from(step(state.unwrap()) >> 33).unwrap() % most
    }
}

/// Whether to run everything, which takes about an hour.
pub fn is_long() -> bool {
    setting("COULISSES_LONG", 0) == 1
}

/// A number from the environment: `COULISSES_LONG`, `COULISSES_MIXES` (how many mixes), `COULISSES_SEED` (the first seed).
fn setting(name: &str, usual: u64) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "the environment sets the length of the run")]
    std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
}

/// A deployment that is restored after each mix.
struct Stage {
    world: World,
    commands: Vec<(&'static str, Invocation)>,
    kept: Snapshot,
    turns: Turns,
}

impl Stage {
    async fn with(free: u32) -> Self {
        let world =
            if free == WAITED_FOR { with_a_list().await } else { at_the_boundary(free).await };
        let commands = commands(&world).await;
        let (kept, turns) = (world.snapshot(), Turns::new(&world, 5));
        Self { world, commands, kept, turns }
    }

    /// Runs one mix of five commands in a random order, with injected conflicts, which the emulator does not produce.
    async fn play(&self, seed: u64, dice: &Arc<Dice>) {
        let some: Vec<_> =
            (0..5).map(|_| self.commands[dice.below(self.commands.len())].clone()).collect();
        let (names, commands): (Vec<&str>, Vec<Invocation>) = some.into_iter().unzip();
        let (world, conflicts) = (&self.world, Arc::clone(dice));
        world.break_calls(move |trip| {
            let met = trip.operation == "TransactWriteItems" && conflicts.below(4) == 0;
            met.then_some(Fault::Conflict)
        });
        let outcomes = self.turns.run(&commands, |waiting| dice.below(waiting.len())).await;
        world.break_calls(|_| None);
        let recipe = format!("COULISSES_SEED={seed} COULISSES_MIXES=1: {names:?}: {outcomes:?}");
        assert!(outcomes.iter().all(|outcome| ended_well(outcome)), "{recipe}");
        assert_promises(world, &recipe).await;
        world.deliver().await;
        for _ in 0..5 {
            if state(world).await.outbox == 0 {
                break;
            }
            world.wait(Duration::from_mins(3));
            world.sweep().await;
        }
        assert_mails(world, &recipe).await;
        assert_promises(world, &recipe).await;
        world.restore(&self.kept);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mixes_of_five_commands_keep_the_promises_in_random_orders_with_conflicts() {
    let usual = if is_long() { 2_000 } else { 150 };
    let (first, mixes) = (setting("COULISSES_SEED", 1), setting("COULISSES_MIXES", usual));
    println!("seeds {first} to {}", first + mixes - 1);
    let mut tasks = JoinSet::new();
    for free in 0..=WAITED_FOR {
        tasks.spawn(async move {
            let stage = Box::pin(Stage::with(free)).await;
            for seed in (first..first + mixes).filter(|seed| seed % 4 == u64::from(free)) {
                let dice = Arc::new(Dice(AtomicU64::new(seed)));
                // Neighbouring seeds begin alike.
                for _ in 0..4 {
                    dice.below(2);
                }
                stage.play(seed, &dice).await;
            }
        });
    }
    tasks.join_all().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_that_panics_ends_the_run_with_an_outcome_that_fails_it() {
    let world = at_the_boundary(2).await;
    world.break_calls(|trip| {
        assert_ne!(trip.operation, "TransactWriteItems", "a defect");
        None
    });
    let commands = [inviting("one@example.org"), inviting("other@example.org")];
    let turns = Turns::new(&world, commands.len());
    let run = turns.run(&commands, |_| 0);
    let outcomes = tokio::time::timeout(Duration::from_secs(20), run).await.expect("an end");
    assert!(outcomes.iter().all(|outcome| !ended_well(outcome)), "{outcomes:?}");
}
