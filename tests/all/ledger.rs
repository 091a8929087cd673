//! A ledger of what each command costs, which also holds that it reads what is there now.

use coulisses_tests::{Answer, Template, Trip, World};
use serde_json::{Value, json};

/// Each command with its function, what it was answered, and its trips.
#[derive(Default)]
pub struct Ledger(Vec<String>);

/// A function, and a command that it does.
pub type Done<'a> = (&'a str, &'a str);

impl Ledger {
    /// Notes the trips since the last time, after `answer`.
    pub fn note(&mut self, world: &World, done: Done<'_>, answer: &Answer) {
        self.trips(world, done, &answer.told());
    }

    /// Notes the trips since the last time, and what was told.
    pub fn trips(&mut self, world: &World, (function, command): Done<'_>, told: &str) {
        let trips = world.trips();
        trips.iter().for_each(assert_reads_what_is_there_now);
        assert_the_index_decides_nothing(function, &trips);
        let mut words: Vec<(String, usize)> = Vec::new();
        for Trip { operation, .. } in trips {
            match words.last_mut() {
                Some((last, times)) if *last == operation => *times += 1,
                _ => words.push((operation, 1)),
            }
        }
        let told_of = |(word, times): (String, usize)| {
            if times == 1 { word } else { format!("{times} x {word}") }
        };
        let words: Vec<String> = words.into_iter().map(told_of).collect();
        let row = format!("{function:<13} {command:<34} {told:<24} {}", words.join(", "));
        self.0.push(row.trim_end().to_owned());
    }

    /// The whole table, a command a line.
    pub fn told(&self) -> String {
        self.0.join("\n")
    }
}

#[track_caller]
fn assert_reads_what_is_there_now(trip: &Trip) {
    match trip.operation.as_str() {
        "BatchGetItem" => {
            for table in trip.request["RequestItems"].as_object().unwrap().values() {
                assert_eq!(table["ConsistentRead"], true, "{}", trip.request);
                let keys = table["Keys"].as_array().unwrap();
                let twice = |key: &Value| keys.iter().filter(|other| *other == key).count() > 1;
                assert!(!keys.iter().any(twice), "DynamoDB refuses a key twice: {}", trip.request);
            }
        }
        "Query" => {
            // An index is never consistent.
            let right = if trip.request["IndexName"].is_null() { json!(true) } else { json!(null) };
            assert_eq!(trip.request["ConsistentRead"], right, "{}", trip.request);
        }
        "TransactWriteItems" => {
            assert!(trip.request["ClientRequestToken"].is_string(), "{}", trip.request);
            for action in trip.request["TransactItems"].as_array().unwrap() {
                let action = action.as_object().unwrap().values().next().unwrap();
                assert!(action["ConditionExpression"].is_string(), "{action}");
            }
        }
        "UpdateItem" => assert!(trip.request["ConditionExpression"].is_string()),
        "DeleteItem" => {}
        other => panic!("no command does {other}"),
    }
}

/// Only these look something up in the index, which gives keys alone: what is behind a key is read, as it is now.
fn assert_the_index_decides_nothing(function: &str, trips: &[Trip]) {
    let of_index = |trip: &Trip| !trip.request["IndexName"].is_null();
    let Some(last) = trips.iter().rposition(of_index) else { return };
    assert!(["audit-seats", "check", "history"].contains(&function), "{function} reads the index");
    let template = Template::read();
    let index = &template.create_table("")["GlobalSecondaryIndexes"][0];
    assert_eq!(trips[last].request["IndexName"], index["IndexName"]);
    assert_eq!(index["Projection"]["ProjectionType"], "KEYS_ONLY");
    let read = trips[last..].iter().any(|trip| trip.operation == "BatchGetItem");
    assert!(read, "what {function} finds in the index is not read");
}
