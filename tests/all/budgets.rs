//! Frequent commands stay cheap whatever the number of collaborators and clients. The snapshots of `trips` have the cost
//! of each command.

use std::time::Duration;

use coulisses_tests::{Principal, World};
use serde_json::{Value, json};

use crate::{
    ledger::{BUDGETS, Cost, row_of},
    support::{
        LEA, MAX, OWNER, TECH, accept, acme, active, assign, get, invite, log_in, post, put_scope,
        resend, revoke, token_of,
    },
};

/// The measured cost of each command.
const MEASURED: [&str; 8] = [
    include_str!("snapshots/all__trips__the_cost_of_commands.snap"),
    include_str!("snapshots/all__waiting_cost__the_cost_of_the_waiting_list.snap"),
    include_str!("snapshots/all__trips__the_cost_of_reads.snap"),
    include_str!("snapshots/all__trips__the_cost_of_mail.snap"),
    include_str!("snapshots/all__trips__the_cost_of_the_audit.snap"),
    include_str!("snapshots/all__trips__the_cost_of_changes_of_identity.snap"),
    include_str!("snapshots/all__trips__the_cost_of_events.snap"),
    include_str!("snapshots/all__trips__the_cost_of_imports_changes_and_suspensions.snap"),
];

/// The cost of each frequent command.
async fn a_day(world: &World) -> Vec<String> {
    world.deliver().await;
    world.measure();
    drop(world.trips());
    let mut costs = Vec::new();
    let mut note = |command: &str, outcome: String| {
        costs.push(format!("{command}: {outcome} {}", Cost::of(&world.trips())));
    };
    let question = |permission: &str| json!({ "scope": TECH, "permission": permission });
    let checks = json!({ "checks": [question("contacts:view"), question("access:manage")] });
    let (owner, max) = (Principal::user(OWNER), Principal::user(MAX));
    let reader = json!({ "email": MAX, "role": "reader" });
    note("check", post(world, &owner, "/v1/checks", &checks).await.outcome());
    note("invite", invite(world, OWNER, TECH, &reader).await.outcome());
    world.wait(Duration::from_mins(1));
    note("resend", resend(world, &owner, (TECH, MAX)).await.outcome());
    let token = token_of(world, MAX).await;
    drop(world.trips());
    note("accept", accept(world, &max, &token).await.outcome());
    world.wait(Duration::from_mins(1));
    note("log in", log_in(world, MAX).await.outcome());
    let observer = json!({ "role": "observer" });
    world.wait(Duration::from_hours(1));
    note("assign a role", assign(world, OWNER, (TECH, MAX), &observer).await.outcome());
    world.wait(Duration::from_hours(1));
    note("revoke", revoke(world, OWNER, (TECH, MAX)).await.outcome());
    costs
}

#[tokio::test]
async fn checks_and_changes_cost_the_same_whatever_the_number_of_collaborators_and_clients() {
    let world = acme().await;
    active(&world, LEA, TECH, "reader").await;
    let alone = a_day(&world).await;
    let other = acme().await;
    active(&other, LEA, TECH, "reader").await;
    other.add_collaborators(("acme", LEA), 2_000, 0).await;
    for number in 0..40 {
        let client = json!({
            "name": "Expo", "seatLimit": 9, "granting": "administrators", "owner": { "email": LEA },
        });
        put_scope(&other, &format!("expo-{number}"), &client).await.expect(201);
    }
    assert_eq!(alone, a_day(&other).await);
}

/// The first thousand rows of a list that reads the whole client, and what they cost.
async fn listed(world: &World) -> (Vec<Value>, Cost) {
    world.measure();
    drop(world.trips());
    let list =
        get(world, OWNER, "/v1/scopes/acme/collaborators?limit=1000&below=true&sort=lastLoginAt")
            .await;
    let rows = list.expect(200).body["collaborators"].as_array().unwrap().clone();
    (rows, Cost::of(&world.trips()))
}

#[tokio::test]
async fn a_list_of_seven_megabytes_takes_at_most_three_sequential_trips() {
    let world = acme().await;
    active(&world, LEA, TECH, "reader").await;
    // As many bytes as ten thousand collaborators.
    world.add_collaborators(("acme", LEA), 2_000, 2_900).await;
    let (rows, cost) = listed(&world).await;
    assert_eq!(rows.len(), 1_000);
    assert!(cost.depth <= 3, "{cost}");
    let megabytes = cost.read / 256.0;
    assert!(megabytes > 6.0, "{cost}");
    assert!(cost.trips <= (megabytes * 1.1).ceil() + 2.0, "{cost}");
}

#[tokio::test]
async fn the_list_of_a_large_client_contains_each_collaborator_once() {
    let world = acme().await;
    active(&world, LEA, TECH, "reader").await;
    world.add_collaborators(("acme", LEA), 700, 6_000).await;
    let (rows, cost) = listed(&world).await;
    assert!(cost.trips > 4.0, "several ranges: {cost}");
    let mut seen: Vec<&str> = rows.iter().map(|row| row["email"].as_str().unwrap()).collect();
    let mut all: Vec<String> = (0..700).map(|number| format!("p{number}@example.org")).collect();
    all.extend([LEA.to_owned(), OWNER.to_owned()]);
    seen.sort_unstable();
    all.sort_unstable();
    assert_eq!(seen, all);
}

#[test]
fn every_budget_is_for_a_measured_command() {
    let rows: Vec<&str> = MEASURED.iter().flat_map(|rows| rows.lines()).collect();
    for ((function, command), budget) in &BUDGETS {
        let row = row_of((function, command));
        assert!(rows.iter().any(|other| other.starts_with(&row)), "{command}: {budget:?}");
    }
}

/// The cells of each row of a Markdown table.
fn cells(page: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = page.lines().filter_map(|row| row.strip_prefix("| ")?.strip_suffix(" |"));
    rows.map(|row| row.split(" | ").map(|cell| cell.trim_matches('*')).collect())
}

fn number(cell: &str) -> f64 {
    cell.replace(',', "").parse().unwrap_or_else(|_| panic!("no number: {cell}"))
}

#[test]
fn the_costs_in_the_docs_are_the_measured_ones() {
    let page = include_str!("../../docs/cost.md");
    let counted: Vec<&str> = MEASURED.iter().flat_map(|rows| rows.lines()).collect();
    let price = |what: &str| {
        let found = cells(page).find(|row| row[0].ends_with(what) && row.len() == 2);
        number(found.expect("a price")[1])
    };
    let (read_price, write_price) = (price("read request units"), price("write request units"));
    let operations = cells(page).filter(|row| row[0].starts_with('`'));
    let mut checked = 0;
    for row in operations {
        let &[function, command, deep, read, write, million] = row.as_slice() else {
            panic!("a row of other cells: {row:?}");
        };
        let start = row_of((function.trim_matches('`'), command));
        let found = counted.iter().find_map(|row| row.strip_prefix(&start)).expect("a command");
        // The first 24 columns are the outcome.
        let mut figures = found[24..].split_whitespace();
        assert_eq!([figures.next(), figures.next(), figures.next()], [deep, read, write].map(Some));
        let costs = number(read) * read_price + number(write) * write_price;
        assert!((costs - number(million)).abs() < 0.001, "{command}: {costs}");
        checked += 1;
    }
    assert!(checked > 10);
}

#[test]
fn the_costs_of_a_month_add_up() {
    let page = include_str!("../../docs/cost.md");
    let months: Vec<Vec<&str>> = cells(page).filter(|row| row.len() == 4).skip(1).collect();
    let total = months.iter().position(|row| row[0] == "one check a request").expect("a total");
    for column in 1..4 {
        let parts: f64 = months[..total].iter().map(|row| number(row[column])).sum();
        let stated = number(months[total][column]);
        assert!((parts - stated).abs() < 0.005, "{parts} instead of {stated}");
    }
}
