//! `GET /v1/scopes/{scope}/events`: the events of a client, read from its history.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use coulisses_aws::table::Table;
use coulisses_domain::history::feed::HELD_BACK;
use coulisses_tests::{Answer, Principal, Request, Template, World};
use serde_json::{Value, json};

use crate::support::{EVE, LEA, MAX, TECH, acme, active, invite, invited, other_client};

const FEED: &str = "/v1/scopes/acme/events";

async fn page(world: &World, query: &str) -> Answer {
    world.send(&Principal::platform(), Request::new("GET", &format!("{FEED}?{query}"))).await
}

/// All events of the feed after a cursor, and the last cursor.
pub async fn feed(world: &World, mut after: String, limit: usize) -> (Vec<Value>, String) {
    let mut events = Vec::new();
    loop {
        let next = if after.is_empty() { String::new() } else { format!("&after={after}") };
        let page = page(world, &format!("limit={limit}{next}")).await.expect(200);
        page.text("/nextCursor").clone_into(&mut after);
        let some = page.body["events"].as_array().unwrap();
        assert!(some.len() <= limit);
        if some.is_empty() {
            return (events, after);
        }
        events.extend(some.iter().cloned());
    }
}

/// An erasure replaces the address in the history. The id of the person stays, as in the history; that of an actor cannot
/// be derived any more.
#[tokio::test]
async fn after_an_erasure_the_feed_has_no_trace_of_the_person_but_their_id() {
    let world = acme().await;
    active(&world, LEA, "acme", "administrator").await;
    world.wait(Duration::from_secs(1));
    invite(&world, LEA, TECH, &json!({ "email": MAX, "role": "reader" })).await.expect(201);
    let erasure = json!({ "client": "acme", "email": LEA, "erase": true });
    world.wait(Duration::from_secs(1));
    world.erase(erasure).await.unwrap();
    world.wait(HELD_BACK + Duration::from_millis(1));
    let (events, _) = feed(&world, String::new(), 100).await;
    let of_max = world.id_of("acme", MAX);
    let by_lea = events.iter().find(|event| event["data"]["collaborator"] == of_max.as_str());
    assert_eq!(by_lea.unwrap()["data"]["actor"], json!({ "id": null }));
    let erased = events.last().unwrap();
    assert_eq!(erased["type"], "collaborator.erased");
    assert_eq!(erased["data"]["collaborator"], world.id_of("acme", LEA));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_passes_no_event_that_becomes_visible_later() {
    let world = acme().await;
    // The first mail of a day conflicts with a concurrent one.
    invited(&world, EVE, TECH, "reader").await;
    world.wait(HELD_BACK + Duration::from_secs(1));
    let (known, cursor) = feed(&world, String::new(), 100).await;
    assert!(!known.is_empty());
    let other = world.second_instance();
    let meanwhile = Arc::new(Mutex::new(None));
    let noted = Arc::clone(&meanwhile);
    let start = cursor.clone();
    // The invitation is decided now, and written just before its function would time out.
    world.before_first("TransactWriteItems", async move || {
        other.wait(Duration::from_secs(1));
        invited(&other, MAX, TECH, "reader").await;
        other.wait(Duration::from_secs(27));
        *noted.lock().unwrap() = Some(feed(&other, start, 100).await);
    });
    invited(&world, LEA, TECH, "reader").await;
    let (early, cursor) = meanwhile.lock().unwrap().take().unwrap();
    assert_eq!(early, [Value::Null; 0]);
    world.wait(HELD_BACK);
    let (late, _) = feed(&world, cursor, 100).await;
    let of = |event: &Value| event["data"]["collaborator"].as_str().unwrap().to_owned();
    let expected = [LEA, MAX].map(|email| world.id_of("acme", email));
    assert_eq!(late.iter().map(of).collect::<Vec<_>>(), expected);
}

#[test]
fn the_feed_holds_back_longer_than_a_request_writes() {
    let timeout = Template::read().function_defaults()["Timeout"].as_u64().unwrap();
    let clocks = Duration::from_secs(10);
    assert!(HELD_BACK >= Duration::from_secs(timeout) + clocks);
    assert!(HELD_BACK >= Table::REQUEST_TIME + clocks);
}

#[tokio::test]
async fn a_cursor_that_was_altered_or_is_of_another_client_is_malformed() {
    let world = acme().await;
    other_client(&world, "expo", EVE).await;
    world.wait(HELD_BACK + Duration::from_millis(1));
    let (_, cursor) = feed(&world, String::new(), 100).await;
    let (last, rest) = cursor.split_at(cursor.len() - 1);
    let other = if rest == "A" { "B" } else { "A" };
    let elsewhere = Request::new("GET", &format!("/v1/scopes/expo/events?after={cursor}"));
    let elsewhere = world.send(&Principal::platform(), elsewhere).await;
    assert_eq!(elsewhere.outcome(), "400 malformed");
    for wrong in [
        &format!("after={last}{other}"),
        "after=",
        "after=%20",
        "limit=0",
        "limit=1001",
        "limit=x",
        "cursor=x",
    ] {
        assert_eq!(page(&world, wrong).await.outcome(), "400 malformed", "{wrong}");
    }
    let page = page(&world, &format!("after={cursor}")).await.expect(200);
    assert_eq!(page.body["events"], json!([]));
    let below = Request::new("GET", "/v1/scopes/acme:tech/events");
    let below = world.send(&Principal::platform(), below).await;
    assert_eq!(below.outcome(), "404 scope-not-found");
}
