//! What is asked often stays cheap, however many people and clients there are; what each costs is in the snapshots of
//! `trips`.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use coulisses_tests::{Who, World};
use serde_json::json;

use crate::{
    ledger::{BUDGETS, Cost},
    support::{
        accept, acme, active, assign, get, id_of, invite, log_in, post, put_scope, resend, revoke,
        token_of,
    },
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";
const MAX: &str = "max@example.org";

/// Writes so many people into the client, each with Léa's record and this many bytes more.
async fn crowd(world: &World, people: u32, padding: usize) {
    let text = |text: String| AttributeValue::S(text);
    let dynamodb = world.dynamodb();
    let read = dynamodb.get_item().table_name("coulisses").key("pk", text("C#acme".into()));
    let read = read.key("sk", text(format!("P#{}", id_of(world, LEA)))).send().await.unwrap();
    let mut record = read.item.expect("a record");
    record.insert("padding".into(), text("x".repeat(padding)));
    let copy = |number: u32| {
        let email = format!("p{number}@example.org");
        let mut copy = record.clone();
        copy.insert("sk".into(), text(format!("P#{}", id_of(world, &email))));
        copy.insert("email".into(), text(email));
        let put = PutRequest::builder().set_item(Some(copy)).build().unwrap();
        WriteRequest::builder().put_request(put).build()
    };
    let copies: Vec<WriteRequest> = (0..people).map(copy).collect();
    for some in copies.chunks(25) {
        let write = dynamodb.batch_write_item().request_items("coulisses", some.to_vec());
        write.send().await.unwrap();
    }
}

/// What everybody does all day, and what each of it costs.
async fn a_day(world: &World) -> Vec<String> {
    world.deliver().await;
    world.measure();
    drop(world.trips());
    let mut costs = Vec::new();
    let mut note = |done: &str, told: String| {
        costs.push(format!("{done}: {told} {}", Cost::of(&world.trips())));
    };
    let question = |permission: &str| json!({ "scope": "acme:tech", "permission": permission });
    let checks = json!({ "checks": [question("contacts:view"), question("access:manage")] });
    let (owner, max) = (Who::person(OWNER), Who::person(MAX));
    let reader = json!({ "email": MAX, "role": "reader" });
    note("check", post(world, &owner, "/v1/checks", &checks).await.told());
    note("invite", invite(world, OWNER, "acme:tech", &reader).await.told());
    world.wait(Duration::from_mins(1));
    note("resend", resend(world, &owner, ("acme:tech", MAX)).await.told());
    let token = token_of(world, MAX).await;
    drop(world.trips());
    note("accept", accept(world, &max, &token).await.told());
    world.wait(Duration::from_mins(1));
    note("log in", log_in(world, MAX).await.told());
    let observer = json!({ "role": "observer" });
    note("assign a role", assign(world, OWNER, ("acme:tech", MAX), &observer).await.told());
    note("revoke", revoke(world, OWNER, ("acme:tech", MAX)).await.told());
    costs
}

#[tokio::test]
async fn a_check_and_every_change_cost_the_same_whatever_the_number_of_people_and_of_clients() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "reader").await;
    let alone = a_day(&world).await;
    let other = acme().await;
    active(&other, LEA, "acme:tech", "reader").await;
    crowd(&other, 2_000, 0).await;
    for number in 0..40 {
        let client = json!({
            "name": "Expo", "seatLimit": 9, "granting": "administrators", "owner": { "email": LEA },
        });
        put_scope(&other, &format!("expo-{number}"), &client).await.expect(201);
    }
    assert_eq!(alone, a_day(&other).await);
}

#[tokio::test]
async fn a_list_of_seven_megabytes_is_three_trips_one_after_the_other_and_hardly_one_too_many() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "reader").await;
    // As many bytes as ten thousand people take.
    crowd(&world, 2_000, 2_900).await;
    world.measure();
    drop(world.trips());
    let list = get(&world, OWNER, "/v1/scopes/acme:tech/collaborators?limit=1000").await;
    let cost = Cost::of(&world.trips());
    assert_eq!(list.expect(200).body["collaborators"].as_array().unwrap().len(), 1_000);
    assert!(cost.depth <= 3, "{cost}");
    let megabytes = cost.read / 256.0;
    assert!(megabytes > 6.0, "{cost}");
    assert!(cost.trips <= (megabytes * 1.1).ceil() + 2.0, "{cost}");
}

#[tokio::test]
async fn whoever_is_in_a_large_client_is_in_its_list_once() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "reader").await;
    crowd(&world, 700, 6_000).await;
    world.measure();
    drop(world.trips());
    let list = get(&world, OWNER, "/v1/scopes/acme:tech/collaborators?limit=1000").await;
    assert!(Cost::of(&world.trips()).trips > 4.0, "several ranges");
    let list = list.expect(200);
    let rows = list.body["collaborators"].as_array().unwrap();
    let mut seen: Vec<&str> = rows.iter().map(|row| row["email"].as_str().unwrap()).collect();
    let mut all: Vec<String> = (0..700).map(|number| format!("p{number}@example.org")).collect();
    all.extend([LEA.to_owned(), OWNER.to_owned()]);
    seen.sort_unstable();
    all.sort_unstable();
    assert_eq!(seen, all);
}

#[test]
fn every_budget_is_that_of_something_that_is_counted() {
    let counted = [
        include_str!("snapshots/all__trips__what_each_command_costs.snap"),
        include_str!("snapshots/all__trips__what_looking_costs.snap"),
    ];
    let rows: Vec<&str> = counted.iter().flat_map(|rows| rows.lines()).collect();
    for ((function, command), budget) in &BUDGETS {
        let row = format!("{function:<18} {command:<34} ");
        assert!(rows.iter().any(|other| other.starts_with(&row)), "{command}: {budget:?}");
    }
}
