//! The repair of `used` during live traffic: a seat in use is never released.

use aws_sdk_dynamodb::types::AttributeValue;
use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Item, Principal, Trip, World};
use serde_json::{Value, json};
use tokio::{runtime::Handle, task::block_in_place};

use crate::{
    invite_seats::set_limit,
    support::{
        LEA, MAX, OWNER, TECH, acme, acme_with, get, history, invited, resend, revoke, rows, seats,
    },
};

/// Makes `used` of `acme` wrong by `drift`.
async fn drift(world: &World, drift: i64) {
    let drift = AttributeValue::N(drift.to_string());
    let add = "SET seats.used = seats.used + :value";
    world.update(("C#acme", "#"), add, drift).await;
}

/// How many records of `acme` have a seat.
pub async fn held(world: &World) -> usize {
    let records = rows(world, "C#acme").await.into_values();
    let has_seat = |item: &Item| item.get("seat").is_some_and(|it| it.as_bool() == Ok(&true));
    records.filter(has_seat).count()
}

fn is_repair(trip: &Trip) -> bool {
    trip.operation == "UpdateItem" && trip.request["Key"]["pk"]["S"] == "C#acme"
}

async fn last_audit(world: &World) -> Value {
    get(world, OWNER, "/v1/scopes/acme/seats").await.expect(200).body["lastAudit"].clone()
}

async fn invite_observer(world: &World, email: &str) {
    invited(world, email, TECH, "observer").await;
}

async fn revoke_observer(world: &World, email: &str) {
    revoke(world, OWNER, (TECH, email)).await.expect(200);
}

#[tokio::test]
async fn drift_in_either_direction_is_repaired_and_reported() {
    let world = acme_with(&json!({ "seatLimit": 4 })).await;
    for email in [LEA, MAX] {
        invite_observer(&world, email).await;
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
    assert_eq!((&audit["drift"], &audit["repaired"]), (&json!(-2), &json!(2)), "of the day");
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
async fn a_correct_count_is_not_changed() {
    let world = acme().await;
    let before = rows(&world, "C#acme").await;
    world.audit().await;
    assert_eq!(rows(&world, "C#acme").await, before);
}

#[tokio::test]
async fn seats_above_the_limit_are_counted_too() {
    let world = acme_with(&json!({ "seatLimit": 3 })).await;
    for email in [LEA, MAX] {
        invite_observer(&world, email).await;
    }
    set_limit(&world, 1).await;
    drift(&world, -2).await;
    world.audit().await;
    assert_eq!(seats(&world).await, json!([1, 3]));
}

/// A change just before a call of the audit.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Meanwhile {
    Nothing,
    Invite,
    Revoke,
    Both,
}

/// Makes one change between reading `seq` and counting, and one between counting and repairing.
fn live(world: &World, round: usize, before_count: Meanwhile, before_repair: Meanwhile) {
    let other = world.second_instance();
    let mut waiting = vec![("Query", before_count), ("UpdateItem", before_repair)];
    world.break_calls(move |trip| {
        if waiting.first().is_none_or(|(operation, _)| trip.operation != *operation) {
            return None;
        }
        let (operation, meanwhile) = waiting.remove(0);
        block_in_place(|| {
            Handle::current().block_on(async {
                let email = format!("{operation}{round}@example.org");
                if matches!(meanwhile, Meanwhile::Invite | Meanwhile::Both) {
                    invite_observer(&other, &email).await;
                }
                if matches!(meanwhile, Meanwhile::Revoke | Meanwhile::Both) {
                    revoke_observer(&other, &format!("there{email}")).await;
                }
            });
        });
        None
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn the_count_is_right_whatever_happens_between_reading_counting_and_repairing() {
    use Meanwhile::{Both, Invite, Nothing, Revoke};
    let world = acme().await;
    let all = [Nothing, Invite, Revoke, Both];
    let (mut round, mut repaired, mut last) = (0, 0, 0);
    for wrong in [2, 0, -2] {
        for before_count in all {
            for before_repair in all {
                round += 1;
                world.wait(Duration::from_secs(1));
                for operation in ["Query", "UpdateItem"] {
                    invite_observer(&world, &format!("there{operation}{round}@example.org")).await;
                }
                drift(&world, wrong).await;
                live(&world, round, before_count, before_repair);
                let summary = world.audit_client("acme").await;
                world.break_calls(|_| None);
                let case = format!("{wrong}, {before_count:?}, {before_repair:?}");
                assert_eq!((summary.audited, summary.failed), (1, 0), "{case}");
                let expected = json!([null, held(&world).await]);
                assert_eq!(seats(&world).await, expected, "{case}");
                // The totals of the day keep the last drift that was repaired.
                let audit = last_audit(&world).await;
                repaired += u32::from(wrong != 0);
                last = if wrong == 0 { last } else { wrong };
                assert_eq!(
                    (&audit["drift"], &audit["repaired"]),
                    (&json!(last), &json!(repaired)),
                    "{case}"
                );
            }
        }
    }
}

/// `used` has its former value again although it changed: only `seq` shows that.
#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_before_the_count_and_a_revocation_after_it_do_not_cancel_out() {
    let world = acme().await;
    invite_observer(&world, "thereUpdateItem1@example.org").await;
    drift(&world, 2).await;
    drop(world.trips());
    live(&world, 1, Meanwhile::Invite, Meanwhile::Revoke);
    world.audit_client("acme").await;
    assert_eq!(world.trips().iter().filter(|trip| is_repair(trip)).count(), 2, "one was too late");
    assert_eq!(seats(&world).await, json!([null, held(&world).await]));
    assert_eq!(last_audit(&world).await["repaired"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_keeps_changing_is_left_unchanged_to_the_next_run() {
    let world = acme().await;
    drift(&world, 1).await;
    let (other, mut number) = (world.second_instance(), 0);
    world.break_calls(move |trip| {
        if is_repair(trip) {
            number += 1;
            let email = format!("p{number}@example.org");
            tokio::task::block_in_place(|| {
                Handle::current().block_on(invite_observer(&other, &email));
            });
        }
        None
    });
    let summary = world.audit().await;
    assert_eq!((summary.audited, summary.failed), (0, 1));
    assert_eq!(
        seats(&world).await,
        json!([null, 5]),
        "the drift is as before, and three were invited"
    );
    assert_eq!(held(&world).await, 4);
    assert_eq!(last_audit(&world).await, Value::Null);
    world.break_calls(|_| None);
    assert_eq!(world.audit().await.audited, 1, "the next run of the same day");
    assert_eq!(seats(&world).await, json!([null, 4]));
    assert_eq!(history(&world, OWNER).await.len(), 2, "no access was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_sweep_does_not_release_the_seat_of_a_revived_collaborator() {
    let world = acme().await;
    invite_observer(&world, LEA).await;
    world.wait(DAY * 14);
    let other = world.second_instance();
    world.before_first("TransactWriteItems", async move || {
        resend(&other, &Principal::user(OWNER), (TECH, LEA)).await.expect(202);
    });
    assert_eq!(world.audit().await.audited, 1);
    assert_eq!(held(&world).await, 2);
    assert_eq!(seats(&world).await, json!([null, 2]));
    assert_eq!(last_audit(&world).await["expiredInvitations"], 0);
}
