//! No client starves another: the checks of one, while another lists without a pause (docs/scaling.md#one-client).
//!
//! The table has DynamoDB's limits and a clock that advances only while everything waits. Everything is a 25th of a
//! deployment with `MaxReadUnits` = 2,000 and a client of 10,000 people, whose filtered lists read it whole.

use std::{sync::Arc, time::Duration};

use coulisses_aws::app::App;
use coulisses_tests::{Principal, ReadLimits, Request, World};
use serde_json::json;
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, interval, sleep},
};

use crate::{
    listing_budgets::large,
    support::{OWNER, other_client},
};

const LIMITS: ReadLimits = ReadLimits { table: 80.0, partition: 120.0 };

/// The processor time of a function of 512 MB that reads 10,000 people (docs/performance.md).
const PARSING: Duration = Duration::from_secs(1);

/// How many people of the busy client list at the same time.
const LISTING: usize = 20;

const CHECKS: usize = 60;

/// The 99th percentile of how long checks of `expo` take, two a second, and how many failed, while `acme` lists with
/// `executions` of the function.
async fn checks_beside(world: &Arc<World>, executions: usize) -> (Duration, usize) {
    let app = world.app_with_limits(LIMITS);
    let mut lists = JoinSet::new();
    let free = Arc::new(Semaphore::new(executions));
    for _ in 0..if executions == 0 { 0 } else { LISTING } {
        lists.spawn(list_without_pause(Arc::clone(world), app.clone(), Arc::clone(&free)));
    }
    let question = json!({ "checks": [{ "scope": "expo", "permission": "contacts:view" }] });
    let mut each = interval(Duration::from_millis(500));
    let (mut times, mut failed) = (Vec::new(), 0);
    for _ in 0..CHECKS {
        each.tick().await;
        let begun = Instant::now();
        let check = Request::new("POST", "/v1/checks").json(&question);
        let answer = world.send_with(&app, &Principal::user(OWNER), &check).await;
        failed += usize::from(answer.status != 200);
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    (times[CHECKS * 99 / 100], failed)
}

/// Lists all people of `acme` with a filter, as often as Lambda starts the function.
async fn list_without_pause(world: Arc<World>, app: App, free: Arc<Semaphore>) {
    let list = Request::new("GET", "/v1/scopes/acme/collaborators?below=true&q=nobody");
    loop {
        let Ok(_execution) = free.try_acquire() else {
            // Lambda refuses it, and the client tries again.
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        world.send_with(&app, &Principal::user(OWNER), &list).await;
        sleep(PARSING).await;
    }
}

#[tokio::test]
async fn the_lists_of_one_client_do_not_delay_the_checks_of_another() {
    let world = large(400).await;
    other_client(&world, "expo", OWNER).await;
    let world = Arc::new(world);
    tokio::time::pause();

    let (alone, failed) = checks_beside(&world, 0).await;
    assert_eq!(failed, 0);
    let (reserved, failed) = checks_beside(&world, 1).await;
    assert_eq!(failed, 0);
    assert!(reserved <= alone * 3 / 2, "{reserved:?} beside lists, {alone:?} alone");

    // Without `ListConcurrency`, the lists take all the units of the table.
    let (unlimited, failed) = checks_beside(&world, LISTING).await;
    assert!(failed > 0 || unlimited > alone * 3 / 2, "{unlimited:?}: the lists take too little");
}
