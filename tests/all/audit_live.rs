//! The repair of the count of the seats against live traffic: a seat that is held is never freed.

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_tests::World;
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::support::{acme, acme_with, get, history, invite, put_scope, revoke, rows, seats};

const OWNER: &str = "owner@acme.test";

/// Makes `used` of `acme` wrong by `drift`, as no function would.
async fn drift(world: &World, drift: i64) {
    let update = world.dynamodb().update_item().table_name("coulisses");
    let update = update.key("pk", AttributeValue::S("C#acme".into()));
    let update = update.key("sk", AttributeValue::S("#".into()));
    let update = update.update_expression("SET seats.used = seats.used + :drift");
    let drift = AttributeValue::N(drift.to_string());
    update.expression_attribute_values(":drift", drift).send().await.unwrap();
}

/// How many records of `acme` hold a seat.
async fn held(world: &World) -> usize {
    let records = rows(world, "C#acme").await.into_values();
    let usage =
        records.filter(|item| item.get("seat").is_some_and(|seat| seat.as_bool() == Ok(&true)));
    usage.count()
}

async fn last_audit(world: &World) -> Value {
    get(world, OWNER, "/v1/scopes/acme/seats").await.expect(200).body["lastAudit"].clone()
}

async fn comes(world: &World, email: &str) {
    let body = json!({ "email": email, "role": "observer" });
    invite(world, OWNER, "acme:tech", &body).await.expect(201);
}

async fn goes(world: &World, email: &str) {
    revoke(world, OWNER, ("acme:tech", email)).await.expect(200);
}

#[tokio::test]
async fn drift_in_either_direction_is_put_right_and_told() {
    let world = acme_with(&json!({ "seatLimit": 4 })).await;
    for email in ["lea@example.org", "max@example.org"] {
        comes(&world, email).await;
    }
    for wrong in [1, -2] {
        drift(&world, wrong).await;
        world.audit_client("acme").await;
        assert_eq!(seats(&world).await, json!([4, 3]), "{wrong}");
        assert_eq!(last_audit(&world).await["drift"], wrong);
        world.wait(std::time::Duration::from_mins(1));
    }
    world.audit_client("acme").await;
    let audit = last_audit(&world).await;
    assert_eq!((&audit["drift"], &audit["repaired"]), (&json!(-2), &json!(2)), "of that day");
    let sums: Vec<(Value, Value)> = world
        .metrics()
        .iter()
        .map(|line| (line["Drift"].clone(), line["Repaired"].clone()))
        .collect();
    let expected =
        [(1, 1), (2, 1), (0, 0)].map(|(drift, repaired)| (json!(drift), json!(repaired)));
    assert_eq!(sums, expected);
}

#[tokio::test]
async fn a_count_that_is_right_is_not_touched() {
    let world = acme().await;
    let before = rows(&world, "C#acme").await;
    world.audit().await;
    assert_eq!(rows(&world, "C#acme").await, before);
}

#[tokio::test]
async fn more_seats_than_the_limit_are_counted_all_the_same() {
    let world = acme_with(&json!({ "seatLimit": 3 })).await;
    for email in ["lea@example.org", "max@example.org"] {
        comes(&world, email).await;
    }
    let lower = json!({ "name": "Acme", "seatLimit": 1, "granting": "administrators" });
    put_scope(&world, "acme", &lower).await.expect(200);
    drift(&world, -2).await;
    world.audit().await;
    assert_eq!(seats(&world).await, json!([1, 3]));
}

/// What happens in the client while it is audited, just before a call of the audit is made.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Meanwhile {
    EmptyBody,
    SomebodyComes,
    SomebodyGoes,
    OneComesAndOneGoes,
}

/// Lets `before_count` happen between the reading of `seq` and the count, `before_repair` between the count and the
/// repair, each once.
fn live(world: &World, round: usize, before_count: Meanwhile, before_repair: Meanwhile) {
    let beside = world.beside();
    let mut waiting = vec![("Query", before_count), ("UpdateItem", before_repair)];
    world.break_calls(move |trip| {
        if waiting.first().is_none_or(|(operation, _)| trip.operation != *operation) {
            return None;
        }
        let (operation, meanwhile) = waiting.remove(0);
        let (comer, goer) = (
            format!("{operation}{round}@example.org"),
            format!("there{operation}{round}@example.org"),
        );
        tokio::task::block_in_place(|| {
            Handle::current().block_on(async {
                if matches!(meanwhile, Meanwhile::SomebodyComes | Meanwhile::OneComesAndOneGoes) {
                    comes(&beside, &comer).await;
                }
                if matches!(meanwhile, Meanwhile::SomebodyGoes | Meanwhile::OneComesAndOneGoes) {
                    goes(&beside, &goer).await;
                }
            });
        });
        None
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_between_reading_counting_and_repairing_the_count_is_right() {
    use Meanwhile::{EmptyBody, OneComesAndOneGoes, SomebodyComes, SomebodyGoes};
    let world = acme().await;
    let all = [EmptyBody, SomebodyComes, SomebodyGoes, OneComesAndOneGoes];
    let mut round = 0;
    for wrong in [2, -2] {
        for before_count in all {
            for before_repair in all {
                round += 1;
                for operation in ["Query", "UpdateItem"] {
                    comes(&world, &format!("there{operation}{round}@example.org")).await;
                }
                drift(&world, wrong).await;
                live(&world, round, before_count, before_repair);
                let summary = world.audit_client("acme").await;
                world.break_calls(|_| None);
                let told = format!("{wrong}, {before_count:?}, {before_repair:?}");
                assert_eq!((summary.audited, summary.failed), (1, 0), "{told}");
                let expected = json!([null, held(&world).await]);
                assert_eq!(seats(&world).await, expected, "{told}");
            }
        }
    }
}

/// `used` is again what was read, but not because nothing happened: only `seq` tells.
#[tokio::test(flavor = "multi_thread")]
async fn one_who_comes_before_the_count_and_one_who_goes_after_it_do_not_cancel_out() {
    let world = acme().await;
    comes(&world, "thereUpdateItem1@example.org").await;
    drift(&world, 2).await;
    drop(world.trips());
    live(&world, 1, Meanwhile::SomebodyComes, Meanwhile::SomebodyGoes);
    world.audit_client("acme").await;
    let repairs = world.trips().into_iter().filter(|trip| {
        trip.operation == "UpdateItem" && trip.request["Key"]["pk"]["S"] == "C#acme"
    });
    assert_eq!(repairs.count(), 2, "the first one was too late");
    assert_eq!(seats(&world).await, json!([null, held(&world).await]));
    assert_eq!(last_audit(&world).await["repaired"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_stands_still_is_left_as_it_is_to_the_next_run() {
    let world = acme().await;
    drift(&world, 1).await;
    let (beside, mut number) = (world.beside(), 0);
    world.break_calls(move |trip| {
        if trip.operation == "UpdateItem" && trip.request["Key"]["pk"]["S"] == "C#acme" {
            number += 1;
            let email = format!("p{number}@example.org");
            tokio::task::block_in_place(|| Handle::current().block_on(comes(&beside, &email)));
        }
        None
    });
    let summary = world.audit().await;
    assert_eq!((summary.audited, summary.failed), (0, 1));
    assert_eq!(
        seats(&world).await,
        json!([null, 5]),
        "one too many, as before, and three who came"
    );
    assert_eq!(held(&world).await, 4);
    assert_eq!(last_audit(&world).await, Value::Null);
    world.break_calls(|_| None);
    assert_eq!(world.audit().await.audited, 1, "the next run of the same day");
    assert_eq!(seats(&world).await, json!([null, 4]));
    assert_eq!(history(&world, OWNER).await.len(), 2, "nobody's access was touched");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_that_came_too_late_does_not_take_the_seat_of_somebody_who_was_revived() {
    let world = acme().await;
    comes(&world, "lea@example.org").await;
    world.wait(coulisses_domain::time::DAY * 14);
    let (beside, mut done) = (world.beside(), false);
    world.break_calls(move |trip| {
        if trip.operation == "TransactWriteItems" && !done {
            done = true;
            let who = coulisses_tests::Who::person(OWNER);
            let lea = ("acme:tech", "lea@example.org");
            tokio::task::block_in_place(|| {
                Handle::current().block_on(crate::support::resend(&beside, &who, lea)).expect(202);
            });
        }
        None
    });
    assert_eq!(world.audit().await.audited, 1);
    assert_eq!(held(&world).await, 2);
    assert_eq!(seats(&world).await, json!([null, 2]));
    assert_eq!(last_audit(&world).await["expiredInvitations"], 0);
}
