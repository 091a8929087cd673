//! What the waiting list costs: an invitation that waits what one costs, a seat that is passed on at most eight write units
//! more than the release, and a release where no one waits what it costs without the list (`trips`).

use std::time::Duration;

use coulisses_tests::{Principal, Request, World};
use serde_json::json;

use crate::{
    invite_seats::set_limit,
    ledger::{Cost, Ledger},
    scenes::waiting,
    support::{ADA, LEA, MAX, OWNER, TECH, acme_with, active, etag_of, get, invite, path_of},
};

/// A client with three seats for the owner and these people, who are active.
async fn with(people: &[&str]) -> World {
    let world = acme_with(&json!({ "seatLimit": 3 })).await;
    for email in people {
        active(&world, email, TECH, "reader").await;
    }
    world.wait(Duration::from_hours(1));
    world
}

async fn revoking(world: &World, email: &str) -> (Principal, Request) {
    let request = Request::new("DELETE", &path_of(world, TECH, email));
    (Principal::user(OWNER), request.if_match(&etag_of(world, email).await))
}

#[tokio::test]
async fn the_cost_of_the_waiting_list() {
    let mut rows = Vec::new();
    for waits in [false, true] {
        let world = with(&[LEA, MAX]).await;
        let mut ledger = Ledger::of(&world);
        if waits {
            let entered = invite(&world, OWNER, TECH, &waiting(ADA)).await;
            ledger.note(("invite", "wait for a seat"), &entered);
            let list = get(&world, OWNER, "/v1/scopes/acme/waiting-list").await;
            ledger.note(("audit-seats", "list who waits"), &list);
        }
        let (who, request) = revoking(&world, LEA).await;
        drop(world.trips());
        let revoked = world.send(&who, request).await;
        let name = if waits { "revoke, and pass the seat on" } else { "revoke" };
        ledger.note(("revoke", name), &revoked);
        rows.push(ledger.table());
    }
    insta::assert_snapshot!(rows.join("\n\n"));
}

#[tokio::test]
async fn a_seat_is_passed_on_for_at_most_eight_write_units() {
    let mut costs = Vec::new();
    for waits in [false, true] {
        let world = with(&[LEA, MAX]).await;
        if waits {
            invite(&world, OWNER, TECH, &waiting(ADA)).await.expect(202);
        }
        let (who, request) = revoking(&world, LEA).await;
        world.measure();
        drop(world.trips());
        world.send(&who, request).await.expect(200);
        costs.push(Cost::of(&world.trips()).write);
    }
    assert!(costs[1] - costs[0] <= 8.0, "{costs:?}");
}

#[tokio::test]
async fn a_person_who_waits_costs_the_write_units_of_an_invitation() {
    let mut costs = Vec::new();
    for limit in [5, 3] {
        let world = with(&[LEA, MAX]).await;
        set_limit(&world, limit).await;
        // The first on a list also writes its mark to the index.
        invite(&world, OWNER, TECH, &waiting("first@example.org")).await;
        world.measure();
        drop(world.trips());
        let status = invite(&world, OWNER, TECH, &waiting(ADA)).await.status;
        assert_eq!(status, if limit == 5 { 201 } else { 202 });
        costs.push(Cost::of(&world.trips()).write);
    }
    assert!(costs[1] <= costs[0], "{costs:?}");
}
