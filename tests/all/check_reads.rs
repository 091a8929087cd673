//! The reads of a check; a failed read never allows anything.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use coulisses_tests::{Fault, Principal, World, text};
use serde_json::{Value, json};

use crate::{
    check::{about, ask, granted_by, own},
    support::{OWNER, SUMMIT, TECH, acme, active, id_of},
};

/// The keys of each call to the table, as `pk sk`.
fn keys(world: &World) -> Vec<Vec<String>> {
    let part = |key: &Value, name: &str| key[name]["S"].as_str().unwrap().to_owned();
    let line = |key: &Value| format!("{} {}", part(key, "pk"), part(key, "sk"));
    let trips = world.trips().into_iter();
    trips
        .map(|trip| {
            assert_eq!(trip.operation, "BatchGetItem");
            let table = &trip.request["RequestItems"]["coulisses"];
            assert_eq!(table["ConsistentRead"], true);
            table["Keys"].as_array().unwrap().iter().map(line).collect()
        })
        .collect()
}

#[tokio::test]
async fn a_check_about_oneself_is_one_read_of_the_record_the_rules_and_the_event() {
    let world = acme().await;
    let (owner, record) = (Principal::user(OWNER), format!("C#acme P#{}", id_of(&world, OWNER)));
    drop(world.trips());
    own(&world, &owner, SUMMIT, "access:view").await;
    let sorted = |world| {
        let mut read = keys(world);
        for keys in &mut read {
            keys.sort();
        }
        read
    };
    let with_roles = [vec![record.clone(), "D#acme #".to_owned()]];
    let event = "C#acme S#tech#summit".to_owned();
    assert_eq!(sorted(&world), [vec![record.clone(), event.clone(), "D#acme #".to_owned()]]);
    own(&world, &owner, SUMMIT, "access:manage").await;
    let client = "C#acme #".to_owned();
    assert_eq!(sorted(&world), [vec![client, record, event, "D#acme #".to_owned()]]);
    about(&world, &Principal::platform(), OWNER, ("acme", "access:view")).await;
    assert_eq!(sorted(&world), with_roles, "the platform has no record");
    let many = vec![json!({ "scope": TECH, "permission": "access:view" }); 100];
    ask(&world, &owner, &json!(many)).await.expect(200);
    assert_eq!(sorted(&world), with_roles);
}

/// Checks of a hundred collaborators; every second one is an observer of the audience.
async fn a_hundred() -> (World, Value, Vec<&'static str>) {
    let world = acme().await;
    let mut checks = Vec::new();
    let mut expected = Vec::new();
    for number in 0..100 {
        let email = format!("p{number}@example.org");
        if number % 2 == 0 {
            active(&world, &email, TECH, "observer").await;
        }
        expected.push(if number % 2 == 0 { "acme:tech observer" } else { "no" });
        checks.push(json!({ "email": email, "scope": SUMMIT, "permission": "contacts:view" }));
    }
    drop(world.trips());
    (world, json!(checks), expected)
}

#[tokio::test]
async fn a_hundred_checks_are_two_parallel_reads_of_distinct_keys() {
    let (world, checks, expected) = a_hundred().await;
    assert_eq!(granted_by(ask(&world, &Principal::user(OWNER), &checks).await), expected);
    let calls = keys(&world);
    assert_eq!(calls.iter().map(Vec::len).collect::<Vec<_>>(), [100, 3]);
    let all: BTreeSet<&String> = calls.iter().flatten().collect();
    assert_eq!(all.len(), 103, "the hundred, the caller, the rules and the event, each once");
}

#[tokio::test]
async fn unprocessed_keys_are_read_again_and_never_treated_as_absent() {
    let (world, checks, expected) = a_hundred().await;
    let mut left = 3;
    world.break_calls(move |trip| {
        let keys = trip.request["RequestItems"]["coulisses"]["Keys"].as_array().unwrap();
        let breaks = keys.len() > 3 && left > 0;
        left -= i32::from(breaks);
        breaks.then_some(Fault::HalfDone)
    });
    assert_eq!(granted_by(ask(&world, &Principal::user(OWNER), &checks).await), expected);
    let calls = keys(&world);
    assert_eq!(calls.iter().map(Vec::len).sum::<usize>(), 190, "100, 50, 25, 12 and 3");
}

#[tokio::test]
async fn a_failed_read_is_an_error_and_never_a_result() {
    let (world, checks, _) = a_hundred().await;
    let owner = Principal::user(OWNER);
    world.set_table_down(true);
    assert_eq!(ask(&world, &owner, &checks).await.outcome(), "503 try-again");
    // One of the two calls fails.
    world.break_calls(|trip| {
        let keys = trip.request["RequestItems"]["coulisses"]["Keys"].as_array().unwrap();
        (keys.len() == 3).then_some(Fault::Unreachable)
    });
    assert_eq!(ask(&world, &owner, &checks).await.outcome(), "503 try-again");
    world.set_table_down(false);
    ask(&world, &owner, &checks).await.expect(200);
    // One of the hundred records is corrupt.
    let sk = format!("P#{}", id_of(&world, "p2@example.org"));
    world.update(("C#acme", &sk), "SET grants = :value", text("all".into())).await;
    assert_eq!(ask(&world, &owner, &checks).await.outcome(), "503 try-again");
}

#[tokio::test]
async fn a_check_waits_a_second_for_the_table() {
    let world = acme().await;
    let checks = json!([{ "scope": TECH, "permission": "access:view" }]);
    world.break_calls(|_| Some(Fault::Slow));
    let start = Instant::now();
    let answer = ask(&world, &Principal::user(OWNER), &checks).await;
    assert_eq!(answer.outcome(), "503 try-again");
    assert!(answer.headers.contains_key("retry-after"));
    let waited = start.elapsed();
    assert!((Duration::from_millis(900)..Duration::from_secs(2)).contains(&waited), "{waited:?}");
}
