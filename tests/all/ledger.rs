//! A ledger of what each command costs. It also asserts that every read is consistent and every write conditional.

use std::fmt;

use coulisses_tests::{Answer, Template, Trip, World};
use serde_json::{Value, json};

/// Each command with its function, its response, its trips and their units.
pub struct Ledger<'a> {
    world: &'a World,
    rows: Vec<String>,
}

/// A function and a command.
pub type Command<'a> = (&'a str, &'a str);

impl<'a> Ledger<'a> {
    /// An empty ledger of `world` from now on.
    pub fn of(world: &'a World) -> Self {
        world.measure();
        drop(world.trips());
        let (row, response) = (row_of(("function", "command")), "response");
        Self { world, rows: vec![format!("{row}{response:<24}depth   read  write  trips")] }
    }

    /// Notes the trips since the last note, and the outcome of `answer`.
    pub fn note(&mut self, command: Command<'_>, answer: &Answer) {
        self.trips(command, &answer.outcome());
    }

    /// Notes the trips since the last note, and the outcome.
    pub fn trips(&mut self, (function, command): Command<'_>, outcome: &str) {
        let trips = self.world.trips();
        for trip in &trips {
            assert_is_consistent_and_conditional(function, trip);
        }
        assert_the_index_decides_nothing(function, &trips);
        let cost = Cost::of(&trips);
        if let Some((_, budget)) = BUDGETS.iter().find(|(of, _)| *of == (function, command)) {
            let Budget(depth, read, write) = *budget;
            let kept = cost.depth <= depth && cost.read <= read && cost.write <= write;
            assert!(kept, "{command} takes more than {budget:?}: {cost}");
        }
        let row = format!("{}{outcome:<24} {cost}", row_of((function, command)));
        self.rows.push(row.trim_end().to_owned());
    }

    /// The whole table, one command a line.
    pub fn table(&self) -> String {
        self.rows.join("\n")
    }
}

/// The first two columns of the row of a command.
pub fn row_of((function, command): Command<'_>) -> String {
    format!("{function:<18} {command:<34} ")
}

/// The most successive trips, read units and write units that a command may take, with records up to 1 KB.
#[derive(Clone, Copy, Debug)]
pub struct Budget(usize, f64, f64);

/// The budgets of frequent commands, asserted wherever the ledger notes one.
pub const BUDGETS: [(Command<'static>, Budget); 15] = [
    (("check", "check oneself"), Budget(1, 2.0, 0.0)),
    (("check", "check at an event"), Budget(1, 3.0, 0.0)),
    (("check", "check for access:manage"), Budget(1, 3.0, 0.0)),
    (("check", "check them as the platform"), Budget(1, 101.0, 0.0)),
    (("list-access", "list who has access"), Budget(2, 7.0, 0.0)),
    (("provision", "read a scope with all below"), Budget(1, 5.0, 0.0)),
    (("invite", "invite a new collaborator"), Budget(2, 6.0, 16.0)),
    (("invite", "invite the same to one more scope"), Budget(2, 6.0, 14.0)),
    (("assign-role", "change a role"), Budget(2, 6.0, 11.0)),
    (("resend", "resend"), Budget(2, 6.0, 13.0)),
    (("revoke", "revoke, with all below"), Budget(2, 6.0, 14.0)),
    (("accept", "accept"), Budget(3, 5.0, 6.0)),
    (("record-login", "record a first login"), Budget(2, 3.0, 6.0)),
    (("record-login", "record a login"), Budget(1, 0.0, 2.0)),
    (("publish", "publish a change"), Budget(1, 1.0, 0.0)),
];

/// The cost of a command.
pub struct Cost {
    /// Successive trips.
    pub depth: usize,
    /// Read request units.
    pub read: f64,
    /// Write request units, including the index.
    pub write: f64,
    /// All trips.
    pub trips: f64,
    named: String,
}

impl Cost {
    /// The total of these trips.
    pub fn of(trips: &[Trip]) -> Self {
        let reads = |trip: &&Trip| ["BatchGetItem", "Query"].contains(&trip.operation.as_str());
        // `sum` of an empty iterator is -0.
        let units = |of: Vec<&Trip>| of.iter().fold(0.0, |sum, trip| sum + trip.units);
        let (read, write) = trips.iter().partition(reads);
        let depth = trips.iter().map(|trip| trip.depth).max().unwrap_or_default();
        let counted = trips.iter().fold(0.0, |count, _| count + 1.0);
        Self { depth, read: units(read), write: units(write), trips: counted, named: named(trips) }
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { depth, read, write, named, .. } = self;
        write!(f, "{depth:>4} {read:>6} {write:>6}  {named}")
    }
}

/// The operations in order; repeated ones are counted.
fn named(trips: &[Trip]) -> String {
    let mut words: Vec<(&str, usize)> = Vec::new();
    for Trip { operation, .. } in trips {
        match words.last_mut() {
            Some((last, times)) if *last == operation => *times += 1,
            _ => words.push((operation, 1)),
        }
    }
    let counted = |(word, times): (&str, usize)| {
        if times == 1 { word.to_owned() } else { format!("{times} x {word}") }
    };
    words.into_iter().map(counted).collect::<Vec<_>>().join(", ")
}

#[track_caller]
fn assert_is_consistent_and_conditional(function: &str, trip: &Trip) {
    match trip.operation.as_str() {
        "BatchGetItem" => {
            for table in trip.request["RequestItems"].as_object().unwrap().values() {
                // The records that rows name, and the entries that pointers name, are read for half the price.
                let named = ["list-access", "history"].contains(&function);
                let is_consistent = table["ConsistentRead"] == true || named;
                assert!(is_consistent, "{}", trip.request);
                let keys = table["Keys"].as_array().unwrap();
                let twice = |key: &Value| keys.iter().filter(|other| *other == key).count() > 1;
                assert!(
                    !keys.iter().any(twice),
                    "DynamoDB refuses a repeated key: {}",
                    trip.request
                );
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
                let key = if action["Key"].is_null() { &action["Item"] } else { &action["Key"] };
                // A row and a mark decide nothing, and writing them twice is the same as once.
                let pk = key["pk"]["S"].as_str().unwrap();
                let is_row = ["G#", "W#"].iter().any(|kind| pk.starts_with(kind));
                assert!(is_row || action["ConditionExpression"].is_string(), "{action}");
            }
        }
        "UpdateItem" => assert!(trip.request["ConditionExpression"].is_string()),
        "DeleteItem" | "PutItem" => {}
        other => panic!("no command does {other}"),
    }
}

/// Only four functions query the index, which has keys alone; they then read the items behind those keys.
fn assert_the_index_decides_nothing(function: &str, trips: &[Trip]) {
    let of_index = |trip: &Trip| !trip.request["IndexName"].is_null();
    let Some(last) = trips.iter().rposition(of_index) else { return };
    assert!(
        ["audit-seats", "check", "history", "list-access"].contains(&function),
        "{function} queries the index"
    );
    let template = Template::read();
    let index = &template.create_table("")["GlobalSecondaryIndexes"][0];
    assert_eq!(trips[last].request["IndexName"], index["IndexName"]);
    assert_eq!(index["Projection"]["ProjectionType"], "KEYS_ONLY");
    let read = trips[last..].iter().any(|trip| trip.operation == "BatchGetItem");
    assert!(read, "{function} does not read the items behind the keys");
}
