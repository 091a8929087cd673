//! A ledger of what each command costs, which also holds that it reads what is there now.

use std::fmt;

use coulisses_tests::{Answer, Template, Trip, World};
use serde_json::{Value, json};

/// Each command with its function, what it was answered, its trips and what they took.
pub struct Ledger(Vec<String>);

/// A function, and a command that it does.
pub type Done<'a> = (&'a str, &'a str);

impl Ledger {
    /// An empty one, of what is done in `world` from now on.
    pub fn of(world: &World) -> Self {
        world.measure();
        drop(world.trips());
        let (row, told) = (row_of(("function", "what it does")), "what it answers");
        let head = format!("{row}{told:<24} deep   read  write  its trips");
        Self(vec![head])
    }

    /// Notes the trips since the last time, after `answer`.
    pub fn note(&mut self, world: &World, done: Done<'_>, answer: &Answer) {
        self.trips(world, done, &answer.told());
    }

    /// Notes the trips since the last time, and what was told.
    pub fn trips(&mut self, world: &World, (function, command): Done<'_>, told: &str) {
        let trips = world.trips();
        trips.iter().for_each(assert_reads_what_is_there_now);
        assert_the_index_decides_nothing(function, &trips);
        let cost = Cost::of(&trips);
        if let Some((_, budget)) = BUDGETS.iter().find(|(done, _)| *done == (function, command)) {
            let Budget(depth, read, write) = *budget;
            let kept = cost.depth <= depth && cost.read <= read && cost.write <= write;
            assert!(kept, "{command} takes more than {budget:?}: {cost}");
        }
        let row = format!("{}{told:<24} {cost}", row_of((function, command)));
        self.0.push(row.trim_end().to_owned());
    }

    /// The whole table, a command a line.
    pub fn told(&self) -> String {
        self.0.join("\n")
    }
}

/// How the row of a command begins.
pub fn row_of((function, command): Done<'_>) -> String {
    format!("{function:<18} {command:<34} ")
}

/// Trips one after the other, read units and write units that something may take, with records up to 1 KB.
#[derive(Clone, Copy, Debug)]
pub struct Budget(usize, f64, f64);

/// What is done often must stay cheap: each of these is held wherever the ledger notes it.
pub const BUDGETS: [(Done<'static>, Budget); 13] = [
    (("check", "check oneself"), Budget(1, 1.0, 0.0)),
    (("check", "check whether one gives access"), Budget(1, 2.0, 0.0)),
    (("check", "check them as the platform"), Budget(1, 100.0, 0.0)),
    (("list-access", "list who has access"), Budget(1, 1.0, 0.0)),
    (("provision", "look at all below it too"), Budget(1, 4.0, 0.0)),
    (("invite", "invite somebody new"), Budget(2, 5.0, 14.0)),
    (("invite", "invite the same to one more scope"), Budget(2, 5.0, 14.0)),
    (("assign-role", "change a role"), Budget(2, 4.0, 11.0)),
    (("resend", "resend"), Budget(2, 5.0, 13.0)),
    (("revoke", "revoke, with all below"), Budget(2, 4.0, 12.0)),
    (("accept", "accept"), Budget(2, 2.0, 6.0)),
    (("record-login", "record a first login"), Budget(2, 2.0, 6.0)),
    (("record-login", "record a login"), Budget(1, 0.0, 2.0)),
];

/// What a command costs.
pub struct Cost {
    /// How many trips it makes one after the other.
    pub depth: usize,
    /// Read request units.
    pub read: f64,
    /// Write request units, the index included.
    pub write: f64,
    /// How many trips it makes.
    pub trips: f64,
    named: String,
}

impl Cost {
    /// What these trips cost together.
    pub fn of(trips: &[Trip]) -> Self {
        let reads = |trip: &&Trip| ["BatchGetItem", "Query"].contains(&trip.operation.as_str());
        // A sum of nothing would be -0.
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

/// The operations in their order, the same one after the other told once.
fn named(trips: &[Trip]) -> String {
    let mut words: Vec<(&str, usize)> = Vec::new();
    for Trip { operation, .. } in trips {
        match words.last_mut() {
            Some((last, times)) if *last == operation => *times += 1,
            _ => words.push((operation, 1)),
        }
    }
    let notified_of = |(word, times): (&str, usize)| {
        if times == 1 { word.to_owned() } else { format!("{times} x {word}") }
    };
    words.into_iter().map(notified_of).collect::<Vec<_>>().join(", ")
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
