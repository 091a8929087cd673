//! Checks: what they read of the table, and that a table which fails is never an allow.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_tests::{Fault, Who, World};
use serde_json::{Value, json};

use crate::{
    check::{about, ask, own, told},
    support::{acme, active, id_of},
};

const OWNER: &str = "owner@acme.test";

/// The keys of each call to the table, as `pk sk`.
fn keys(world: &World) -> Vec<Vec<String>> {
    let text = |key: &Value, name: &str| key[name]["S"].as_str().unwrap().to_owned();
    let told = |key: &Value| format!("{} {}", text(key, "pk"), text(key, "sk"));
    let trips = world.trips().into_iter();
    trips
        .map(|trip| {
            assert_eq!(trip.operation, "BatchGetItem");
            let table = &trip.request["RequestItems"]["coulisses"];
            assert_eq!(table["ConsistentRead"], true);
            table["Keys"].as_array().unwrap().iter().map(told).collect()
        })
        .collect()
}

#[tokio::test]
async fn one_question_about_oneself_is_one_read_of_one_record() {
    let world = acme().await;
    let (owner, record) = (Who::person(OWNER), format!("C#acme P#{}", id_of(&world, OWNER)));
    drop(world.trips());
    own(&world, &owner, "acme:tech:summit", "access:view").await;
    assert_eq!(keys(&world), [vec![record.clone()]]);
    own(&world, &owner, "acme:tech:summit", "access:manage").await;
    let mut both = keys(&world);
    both[0].sort();
    assert_eq!(both, [vec!["C#acme #".to_owned(), record.clone()]]);
    about(&world, &Who::platform(), OWNER, ("acme", "access:view")).await;
    assert_eq!(keys(&world), [vec![record.clone()]], "the platform has no record");
    let many = vec![json!({ "scope": "acme:tech", "permission": "access:view" }); 100];
    ask(&world, &owner, &json!(many)).await.expect(200);
    assert_eq!(keys(&world), [vec![record]]);
}

/// Questions about a hundred people, of whom every second one is an observer of the audience.
async fn a_hundred() -> (World, Value, Vec<&'static str>) {
    let world = acme().await;
    let mut checks = Vec::new();
    let mut expected = Vec::new();
    for number in 0..100 {
        let email = format!("p{number}@example.org");
        if number % 2 == 0 {
            active(&world, &email, "acme:tech", "observer").await;
        }
        expected.push(if number % 2 == 0 { "acme:tech observer" } else { "no" });
        checks.push(
            json!({ "email": email, "scope": "acme:tech:summit", "permission": "contacts:view" }),
        );
    }
    drop(world.trips());
    (world, json!(checks), expected)
}

#[tokio::test]
async fn a_hundred_questions_are_two_reads_side_by_side_of_keys_that_differ() {
    let (world, checks, expected) = a_hundred().await;
    assert_eq!(told(ask(&world, &Who::person(OWNER), &checks).await), expected);
    let calls = keys(&world);
    assert_eq!(calls.iter().map(Vec::len).collect::<Vec<_>>(), [100, 1]);
    let all: BTreeSet<&String> = calls.iter().flatten().collect();
    assert_eq!(all.len(), 101, "the hundred and the caller, each once");
}

#[tokio::test]
async fn what_the_table_leaves_out_is_asked_for_again_and_never_taken_for_absent() {
    let (world, checks, expected) = a_hundred().await;
    world.break_calls(|_| Some(Fault::HalfDone));
    assert_eq!(told(ask(&world, &Who::person(OWNER), &checks).await), expected);
    let calls = keys(&world);
    assert_eq!(calls.iter().map(Vec::len).sum::<usize>(), 198, "100, 50, 25, 12, 6, 3, 1 and 1");
}

#[tokio::test]
async fn what_cannot_be_read_is_told_as_that_and_is_never_an_answer() {
    let (world, checks, _) = a_hundred().await;
    let owner = Who::person(OWNER);
    world.set_table_down(true);
    assert_eq!(ask(&world, &owner, &checks).await.told(), "503 try-again");
    // One of the two calls fails.
    world.break_calls(|trip| {
        let keys = trip.request["RequestItems"]["coulisses"]["Keys"].as_array().unwrap();
        (keys.len() == 1).then_some(Fault::Unreachable)
    });
    assert_eq!(ask(&world, &owner, &checks).await.told(), "503 try-again");
    world.set_table_down(false);
    ask(&world, &owner, &checks).await.expect(200);
    // A record that this service did not write, of one person among the hundred.
    let key = AttributeValue::S(format!("P#{}", id_of(&world, "p2@example.org")));
    let update = world.dynamodb().update_item().table_name("coulisses");
    let update = update.key("pk", AttributeValue::S("C#acme".into())).key("sk", key);
    let update = update.update_expression("SET grants = :text");
    let update = update.expression_attribute_values(":text", AttributeValue::S("all".into()));
    update.send().await.unwrap();
    assert_eq!(ask(&world, &owner, &checks).await.told(), "503 try-again");
}
