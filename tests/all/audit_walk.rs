//! The run over all clients of the registry: each once a day; a failure stops no other.

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_aws::table::key;
use coulisses_domain::{scope::ClientId, time::DAY};
use coulisses_tests::{Fault, Trip, World};
use serde_json::{Value, json};

use crate::support::{LEA, OWNER, TECH, acme, id_of, invited, put_scope, rows, seats};

/// Copies the client `acme`, without its collaborators, until there are `count` clients.
async fn copy_client(world: &World, count: usize) {
    let mut acme = rows(world, "C#acme").await.remove("#").unwrap();
    let AttributeValue::M(seats) = acme.get_mut("seats").unwrap() else { panic!("a map") };
    seats.insert("used".to_owned(), AttributeValue::N("0".into()));
    let copies = (1..count).map(|number| {
        let id = ClientId::parse(&format!("client-{number}")).unwrap();
        let key = key::client(&id);
        let shard = key::registry(&id);
        let mut item = acme.clone();
        for (name, value) in
            [("pk", key.pk), ("sk", key.sk), ("gsi1pk", shard), ("gsi1sk", id.to_string())]
        {
            item.insert(name.to_owned(), AttributeValue::S(value));
        }
        item
    });
    world.write(copies).await;
}

/// Replaces the grants of a collaborator in the table.
async fn set_grants(world: &World, email: &str, grants: AttributeValue) {
    let sk = format!("P#{}", id_of(world, email));
    world.update(("C#acme", &sk), "SET grants = :value", grants).await;
}

fn count(trips: &[Trip]) -> BTreeMap<&str, usize> {
    trips.iter().fold(BTreeMap::new(), |mut counts, trip| {
        *counts.entry(trip.operation.as_str()).or_default() += 1;
        counts
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_clients_are_found_in_the_registry_without_a_scan() {
    let world = acme().await;
    copy_client(&world, 1_000).await;
    drop(world.trips());
    let summary = world.audit().await;
    assert_eq!((summary.audited, summary.failed, summary.left), (1_000, 0, 0));
    let trips = world.trips();
    let index: Vec<&Trip> =
        trips.iter().filter(|trip| trip.request["IndexName"].is_string()).collect();
    assert_eq!(index.len(), 16, "a query a shard of the registry");
    for trip in index {
        assert!(trip.request["ExpressionAttributeValues"].to_string().contains("\"R#"));
    }
    // For each client: its partition and its roles, the rows of its grants, the history and the totals.
    let expected = BTreeMap::from([
        ("Query", 16 + 3_000),
        ("BatchGetItem", 10 + 2_000),
        ("UpdateItem", 1_000),
    ]);
    assert_eq!(count(&trips), expected);
    drop(world.trips());
    assert_eq!(world.audit().await.audited, 0);
    let again = world.trips();
    assert_eq!(count(&again), BTreeMap::from([("Query", 16), ("BatchGetItem", 10)]), "once a day");
    assert_eq!(world.metrics()[0]["ClientsAudited"], 1_000);
}

#[tokio::test]
async fn a_run_that_is_short_of_time_is_continued_by_the_next() {
    let world = acme().await;
    copy_client(&world, 100).await;
    // Each call takes a second; no client is started in the last thirty seconds.
    world.advance_with_each_call(Duration::from_secs(1));
    let minute = Duration::from_secs(170);
    let first = world.audit_within(minute, json!({})).await;
    assert!(first.audited > 8 && first.left > 8, "{first:?}");
    assert_eq!((first.audited + first.left, first.failed), (100, 0));
    let (mut audited, mut runs) = (first.audited, 1);
    while audited < 100 {
        let next = world.audit_within(minute, json!({})).await;
        assert_eq!(next.audited + next.left, 100 - audited, "each once");
        assert!(next.audited > 0);
        audited += next.audited;
        runs += 1;
    }
    assert!(runs > 2, "{runs}");
    assert_eq!(world.audit_within(minute, json!({})).await.audited, 0);
    let left: Vec<Value> = world.metrics().iter().map(|line| line["ClientsLeft"].clone()).collect();
    assert_eq!((left[0].clone(), left[runs - 1].clone()), (json!(first.left), json!(0)));
}

#[tokio::test]
async fn an_unreadable_client_stops_no_other_and_is_retried() {
    let world = acme().await;
    copy_client(&world, 12).await;
    invited(&world, LEA, TECH, "observer").await;
    let key = format!("P#{}", id_of(&world, LEA));
    let grants = rows(&world, "C#acme").await[&key]["grants"].clone();
    set_grants(&world, LEA, AttributeValue::S("no map".into())).await;
    let summary = world.audit().await;
    assert_eq!((summary.audited, summary.failed), (11, 1));
    assert_eq!(world.metrics()[0]["ClientsFailed"], 1);
    let summary = world.audit().await;
    assert_eq!((summary.audited, summary.failed), (0, 1));
    set_grants(&world, LEA, grants).await;
    let summary = world.audit().await;
    assert_eq!((summary.audited, summary.failed), (1, 0));
    assert_eq!(seats(&world).await, json!([null, 2]));
}

#[tokio::test]
async fn an_operator_can_audit_one_client_any_number_of_times() {
    let world = acme().await;
    copy_client(&world, 3).await;
    for _ in 0..2 {
        world.wait(Duration::from_secs(1));
        let summary = world.audit_client("client-1").await;
        assert_eq!((summary.audited, summary.failed, summary.left), (1, 0, 0));
    }
    assert!(rows(&world, "A#acme").await.is_empty());
    assert_eq!(rows(&world, "A#client-1").await.len(), 1);
    assert_eq!(world.audit().await.audited, 2, "the others");
    let unknown = world.audit_client("unknown").await;
    assert_eq!((unknown.audited, unknown.failed), (0, 1));
    assert!(rows(&world, "A#unknown").await.is_empty());
}

#[tokio::test]
async fn each_day_has_its_own_totals() {
    let world = acme().await;
    for _ in 0..3 {
        world.audit().await;
        world.wait(DAY);
    }
    let days: Vec<String> = rows(&world, "A#acme").await.into_keys().collect();
    assert_eq!(days, ["2026-11-22", "2026-11-23", "2026-11-24"]);
}

#[tokio::test]
async fn totals_whose_answer_is_lost_are_added_once() {
    let world = acme().await;
    invited(&world, LEA, TECH, "observer").await;
    world.wait(DAY * 14);
    let mut lost = false;
    world.break_calls(move |trip| {
        let first = trip.request["Key"]["pk"]["S"] == "A#acme" && !lost;
        lost |= first;
        first.then_some(Fault::AnswerLost)
    });
    assert_eq!(world.audit().await.audited, 1);
    let figures = rows(&world, "A#acme").await.into_values().next().unwrap();
    assert_eq!(figures["expiredInvitations"].as_n().unwrap(), "1");
}

#[tokio::test]
async fn an_unreachable_table_is_an_error_so_that_the_event_is_retried() {
    let world = acme().await;
    world.set_table_down(true);
    let event = serde_json::from_value(json!({ "detail-type": "Scheduled Event" })).unwrap();
    let context = lambda_http::Context::default();
    assert!(world.audit.wake(lambda_http::LambdaEvent::new(event, context)).await.is_err());
    assert!(world.metrics().is_empty());
}

#[tokio::test]
async fn one_function_serves_requests_and_scheduled_events() {
    let world = acme().await;
    let app = &world.app;
    let dispatch = async |event: Value| {
        let event = lambda_http::LambdaEvent::new(event, lambda_http::Context::default());
        let handle = |request| async move { audit_seats::handle(app, &request).await };
        coulisses_aws::http::dispatch(event, handle, |event| world.audit.wake(event)).await
    };
    let ran = dispatch(json!({ "source": "aws.events", "detail": {} })).await.unwrap();
    assert_eq!(ran, json!({ "audited": 1, "failed": 0, "left": 0 }));
    // An event of API Gateway without a login, with a `Host` that is no valid address.
    let request = json!({
        "version": "2.0", "routeKey": "GET /v1/scopes/{scope}/seats", "rawPath": "/v1/scopes/acme/seats",
        "rawQueryString": "", "headers": { "host": "][" }, "pathParameters": { "scope": "acme" },
        "requestContext": {
            "accountId": "1", "apiId": "a", "stage": "$default", "requestId": "r", "routeKey": "GET /v1/scopes/{scope}/seats",
            "time": "22/Nov/2026:12:00:00 +0000", "timeEpoch": 1_795_348_800_000_i64, "domainName": "][",
            "http": { "method": "GET", "path": "/v1/scopes/acme/seats", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "t" },
        },
        "isBase64Encoded": false,
    });
    let answer = dispatch(request).await.unwrap();
    assert_eq!(answer["statusCode"], 401);
    assert!(dispatch(json!("nothing")).await.is_err());
    assert!(dispatch(json!({ "requestContext": {} })).await.is_err());
    let expo = json!({
        "name": "Expo", "seatLimit": 1, "granting": "owner", "owner": { "email": OWNER },
    });
    put_scope(&world, "expo", &expo).await.expect(201);
    assert_eq!(dispatch(json!({ "detail": { "client": "expo" } })).await.unwrap()["audited"], 1);
    assert!(dispatch(json!({ "detail": { "client": "No Client" } })).await.is_err());
}
