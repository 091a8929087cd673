//! `Idempotency-Key`: a repeated request gets the first response, and nothing is done twice.

use std::{sync::Arc, time::Duration};

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Item, Principal, Request, World, text};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    bulk_invite::{outcomes, people, readers},
    invite_seats::set_limit,
    support::{
        LEA, MAX, OWNER, TECH, acme, acme_with, active, history, id_of, invite, path_of, queued,
        revoke, rows, seats, seen, token_of,
    },
};

fn inviting(scope: &str, body: &Value, key: &str) -> Request {
    Request::new("POST", &format!("/v1/scopes/{scope}/collaborators"))
        .json(body)
        .header("idempotency-key", key)
}

fn lea() -> Value {
    json!({ "email": LEA, "role": "reader" })
}

async fn as_owner(world: &World, request: Request) -> Answer {
    world.send(&Principal::user(OWNER), request).await
}

fn assert_same(one: &Answer, other: &Answer) {
    assert_eq!((one.status, &one.body), (other.status, &other.body));
    for name in ["etag", "location", "content-type", "cache-control"] {
        assert_eq!(one.header(name), other.header(name), "{name}");
    }
}

#[tokio::test]
async fn a_repeated_invitation_gets_the_first_response_and_is_done_once() {
    let world = acme().await;
    let first = as_owner(&world, inviting(TECH, &lea(), "one")).await.expect(201);
    world.wait(Duration::from_secs(5));
    let again = as_owner(&world, inviting(TECH, &lea(), "one")).await.expect(201);
    assert_same(&first, &again);
    assert!(first.header("location").ends_with(&id_of(&world, LEA)));
    assert_eq!(history(&world, LEA).await.len(), 1);
    assert_eq!(queued(&world, LEA).await, ["invitation"]);
    // The response is the first one even after a revocation.
    revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
    let again = as_owner(&world, inviting(TECH, &lea(), "one")).await.expect(201);
    assert_same(&first, &again);
    assert_eq!(seats(&world).await, json!([null, 1]));
}

#[tokio::test]
async fn another_body_with_the_same_key_is_refused_but_not_another_formatting() {
    let world = acme().await;
    let first = as_owner(&world, inviting(TECH, &lea(), "one")).await.expect(201);
    let other = json!({ "email": LEA, "role": "manager" });
    let refused = as_owner(&world, inviting(TECH, &other, "one")).await;
    assert_eq!(refused.outcome(), "422 idempotency-key-reused");
    let batch = as_owner(&world, inviting(TECH, &readers(&[LEA]), "one")).await;
    assert_eq!(batch.outcome(), "422 idempotency-key-reused");
    let spelt = Request::new("POST", "/v1/scopes/acme:tech/collaborators")
        .header("content-type", "application/json")
        .header("idempotency-key", "one")
        .body("{ \"role\": \"reader\",\n  \"email\": \"lea@example.org\" }");
    assert_same(&first, &as_owner(&world, spelt).await);
}

#[tokio::test]
async fn a_key_in_quotes_is_the_same_as_without_them() {
    let world = acme().await;
    for (index, (first, again)) in
        [("\"k\"", "k"), ("l", "\"l\""), ("\"m\"", "\"m\"")].iter().enumerate()
    {
        let body = json!({ "email": format!("person{index}@example.org"), "role": "reader" });
        let done = as_owner(&world, inviting(TECH, &body, first)).await.expect(201);
        let again = as_owner(&world, inviting(TECH, &body, again)).await.expect(201);
        assert_same(&done, &again);
    }
    assert_eq!(seats(&world).await, json!([null, 4]));
    for empty in ["\"\"", &format!("\"{}\"", "k".repeat(256))] {
        let refused = as_owner(&world, inviting(TECH, &lea(), empty)).await;
        assert_eq!(refused.outcome(), "400 malformed", "{empty}");
    }
    let longest = format!("\"{}\"", "k".repeat(255));
    as_owner(&world, inviting(TECH, &lea(), &longest)).await.expect(201);
}

/// The version before takes the quotes as a part of the key.
#[tokio::test]
async fn the_response_to_a_key_in_quotes_is_where_the_version_before_stores_and_finds_it() {
    let world = acme().await;
    let first = as_owner(&world, inviting(TECH, &lea(), "\"k\"")).await.expect(201);
    let both = saved(&world).await;
    assert_eq!(both.len(), 2, "{both:?}");
    // Under each of the two, a version finds the response of the other.
    for kept in &both {
        let gone = both.iter().find(|row| row["pk"] != kept["pk"]).unwrap();
        let delete = world.dynamodb().delete_item().table_name("coulisses");
        let delete = delete.key("pk", gone["pk"].clone()).key("sk", gone["sk"].clone());
        delete.send().await.unwrap();
        let again = as_owner(&world, inviting(TECH, &lea(), "\"k\"")).await.expect(201);
        assert_same(&first, &again);
        world.write(std::iter::once(gone.clone())).await;
    }
    let max = json!({ "email": MAX, "role": "reader" });
    as_owner(&world, inviting(TECH, &max, "bare")).await.expect(201);
    assert_eq!(saved(&world).await.len(), 3, "a key without quotes costs no more than before");
}

async fn saved(world: &World) -> Vec<Item> {
    let all = world.dynamodb().scan().table_name("coulisses");
    let all = all.filter_expression("begins_with(pk, :prefix)");
    let all = all.expression_attribute_values(":prefix", text("I#".to_owned()));
    all.send().await.unwrap().items.unwrap_or_default()
}

#[tokio::test]
async fn a_key_is_valid_for_one_account_method_and_path() {
    let world = acme().await;
    active(&world, "admin@example.org", "acme", "administrator").await;
    as_owner(&world, inviting(TECH, &lea(), "one")).await.expect(201);
    let admin = Principal::user("admin@example.org");
    let another = world.send(&admin, inviting(TECH, &lea(), "one")).await;
    assert_eq!(another.outcome(), "409 already-has-access", "another caller");
    let elsewhere = as_owner(&world, inviting("acme:rh", &lea(), "one")).await;
    assert!(elsewhere.header("location").contains("/acme:rh/"), "another path");
    let other_key = as_owner(&world, inviting(TECH, &lea(), "two")).await;
    assert_eq!(other_key.outcome(), "409 already-has-access", "another key");
    let same_address_other_account =
        Principal::user(OWNER).with("sub", "another account of the same address");
    let stolen = world.send(&same_address_other_account, inviting(TECH, &lea(), "one")).await;
    assert_eq!(stolen.outcome(), "404 scope-not-found", "another account");
    let encoded = inviting("acme%3Atech", &lea(), "one");
    assert_eq!(as_owner(&world, encoded).await.status, 201, "the same path, percent-encoded");
}

#[tokio::test]
async fn a_key_expires_after_a_day() {
    let world = acme().await;
    as_owner(&world, inviting(TECH, &lea(), "one")).await.expect(201);
    world.wait(DAY - Duration::from_secs(1));
    as_owner(&world, inviting(TECH, &lea(), "one")).await.expect(201);
    world.wait(Duration::from_secs(1));
    let anew = as_owner(&world, inviting(TECH, &lea(), "one")).await;
    assert_eq!(anew.outcome(), "409 already-has-access");
    let other = json!({ "email": MAX, "role": "reader" });
    as_owner(&world, inviting(TECH, &other, "one")).await.expect(201);
}

#[tokio::test]
async fn a_refused_or_failed_request_stores_nothing_so_its_key_stays_usable() {
    let world = acme_with(&json!({ "seatLimit": 1 })).await;
    let before = world.dump().await;
    let request = inviting(TECH, &lea(), "one");
    world.set_table_down(true);
    assert_eq!(as_owner(&world, request.clone()).await.outcome(), "503 try-again");
    world.set_table_down(false);
    assert_eq!(as_owner(&world, request.clone()).await.outcome(), "409 seat-limit-reached");
    assert_eq!(world.dump().await, before);
    set_limit(&world, 2).await;
    as_owner(&world, request).await.expect(201);
}

/// Sends `request` several times concurrently and asserts that all get the same response.
async fn repeated(world: &Arc<World>, request: &Request, times: usize) -> Answer {
    let mut tasks = JoinSet::new();
    for _ in 0..times {
        let (world, request) = (Arc::clone(world), request.clone());
        tasks.spawn(async move { as_owner(&world, request).await });
    }
    let mut answers = tasks.join_all().await;
    let first = answers.remove(0);
    for answer in &answers {
        assert_same(answer, &first);
    }
    first
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_concurrent_equal_requests_are_one_change_and_get_the_same_response() {
    let world = Arc::new(acme().await);
    for round in 0..5 {
        let email = format!("p{round}@example.org");
        let body = json!({ "email": email, "role": "reader" });
        let request = inviting(TECH, &body, &format!("round {round}"));
        assert_eq!(repeated(&world, &request, 20).await.outcome(), "201");
        assert_eq!(history(&world, &email).await.len(), 1);
    }
    assert_eq!(seats(&world).await, json!([null, 6]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_concurrent_equal_batches_are_done_once_and_get_the_same_results() {
    let world = Arc::new(acme().await);
    for round in 0..3 {
        let emails: Vec<String> = (0..4).map(|one| format!("p{round}-{one}@x.test")).collect();
        let request = inviting(TECH, &readers(&emails), &format!("round {round}"));
        assert_eq!(outcomes(&repeated(&world, &request, 10).await), ["201"; 4]);
    }
    assert_eq!(seats(&world).await, json!([null, 13]));
}

#[tokio::test]
async fn a_transfer_and_an_announcement_are_done_once_with_one_key() {
    let world = acme().await;
    active(&world, LEA, "acme", "administrator").await;
    let etag = as_owner(&world, Request::new("GET", "/v1/scopes/acme")).await.etag().to_owned();
    let transfer = Request::new("POST", "/v1/scopes/acme/owner")
        .json(&json!({ "collaborator": id_of(&world, LEA) }))
        .if_match(&etag)
        .header("idempotency-key", "one");
    let first = as_owner(&world, transfer.clone()).await.expect(200);
    // The former owner gets the response although the version is stale and the owner has changed.
    assert_same(&first, &as_owner(&world, transfer).await.expect(200));
    assert_eq!(history(&world, LEA).await.len(), 3, "invited, activated, received");
    // Another precondition makes another request; what the caller may do comes first.
    let other = |who, etag: &str| {
        let body = json!({ "collaborator": id_of(&world, who) });
        let request = Request::new("POST", "/v1/scopes/acme/owner").if_match(etag);
        request.json(&body).header("idempotency-key", "one")
    };
    assert_eq!(as_owner(&world, other(LEA, "\"1\"")).await.outcome(), "403 forbidden");
    let platform = Principal::platform();
    for _ in 0..2 {
        world.send(&platform, other(OWNER, first.etag())).await.expect(200);
    }
    let reused = world.send(&platform, other(OWNER, "\"1\"")).await;
    assert_eq!(reused.outcome(), "422 idempotency-key-reused");

    let announcement = Request::new("POST", "/v1/scopes/acme:tech/announcements")
        .json(&json!({ "subject": "Tonight", "text": "Closed from 8 to 9." }))
        .header("idempotency-key", "one");
    let first = as_owner(&world, announcement.clone()).await.expect(202);
    assert_eq!(first.body, json!({ "recipients": 2 }));
    assert_same(&first, &as_owner(&world, announcement).await.expect(202));
    world.deliver().await;
    world.deliver().await;
    let mails = world.ses.mails_to(LEA);
    assert_eq!(mails.iter().filter(|mail| mail.subject == "Tonight").count(), 1);
}

#[tokio::test]
async fn the_response_is_stored_for_a_caller_who_revokes_their_own_access() {
    let world = acme().await;
    for email in [LEA, MAX] {
        active(&world, email, TECH, "administrator").await;
    }
    let body = json!({ "ids": [id_of(&world, LEA), id_of(&world, MAX)] });
    let revocations = Request::new("POST", &format!("/v1/scopes/{TECH}/revocations"))
        .json(&body)
        .header("idempotency-key", "one");
    let max = Principal::user(MAX);
    let as_max = || world.send(&max, revocations.clone());
    let first = as_max().await.expect(200);
    assert_same(&first, &as_max().await.expect(200));
}

#[tokio::test]
async fn an_invalid_key_is_malformed() {
    let world = acme().await;
    let before = world.dump().await;
    for bad in ["", &"k".repeat(256), "clé", "a\tb"] {
        let answer = as_owner(&world, inviting(TECH, &lea(), bad)).await;
        assert_eq!(answer.outcome(), "400 malformed", "{bad}");
    }
    assert_eq!(world.dump().await, before);
    as_owner(&world, inviting(TECH, &json!({ "email": MAX, "role": "reader" }), &"k".repeat(255)))
        .await
        .expect(201);
}

#[tokio::test]
async fn a_repeated_resend_sends_no_second_mail() {
    let world = acme().await;
    invite(&world, OWNER, TECH, &lea()).await.expect(201);
    world.wait(Duration::from_mins(1));
    let target = format!("{}/resend", path_of(&world, TECH, LEA));
    let request = Request::new("POST", &target).header("idempotency-key", "one");
    let first = as_owner(&world, request.clone()).await.expect(202);
    let again = as_owner(&world, request.json(&json!({}))).await.expect(202);
    assert_same(&first, &again);
    assert_eq!(queued(&world, LEA).await.len(), 2, "the invitation and one resend");
    let without = as_owner(&world, Request::new("POST", &target)).await;
    assert_eq!(without.outcome(), "429 resend-too-soon");
}

#[tokio::test]
async fn a_repeated_batch_returns_completed_items_and_decides_refused_ones_again() {
    let world = acme_with(&json!({ "seatLimit": 3 })).await;
    let batch = readers(&people(3));
    let first = as_owner(&world, inviting(TECH, &batch, "one")).await.expect(200);
    assert_eq!(outcomes(&first), ["201", "201", "409 seat-limit-reached"]);
    set_limit(&world, 4).await;
    let second = as_owner(&world, inviting(TECH, &batch, "one")).await.expect(200);
    assert_eq!(outcomes(&second), ["201", "201", "201"]);
    assert_eq!(second.body["results"][0], first.body["results"][0]);
    let fewer = as_owner(&world, inviting(TECH, &readers(&people(1)), "one")).await;
    assert_eq!(fewer.outcome(), "422 idempotency-key-reused");

    let ids = json!({ "ids": [id_of(&world, "p0@example.org"), id_of(&world, "p0@example.org")] });
    let revoking = || {
        Request::new("POST", "/v1/scopes/acme:tech/revocations")
            .json(&ids)
            .header("idempotency-key", "one")
    };
    let first = as_owner(&world, revoking()).await.expect(200);
    assert_eq!(outcomes(&first), ["200", "404 collaborator-not-found"]);
    let second = as_owner(&world, revoking()).await.expect(200);
    assert_eq!(second.body, first.body);
    assert_eq!(history(&world, "p0@example.org").await.len(), 2);
}

#[tokio::test]
async fn a_key_costs_one_parallel_read_and_no_separate_write() {
    let world = acme().await;
    let operations = |world: &World| -> Vec<String> {
        let trips = world.trips();
        let mut queries = trips.iter().filter(|trip| trip.operation == "Query");
        assert!(queries.all(|query| query.request["ConsistentRead"] == true));
        let mut operations: Vec<String> = trips.into_iter().map(|trip| trip.operation).collect();
        operations.sort();
        operations
    };
    drop(world.trips());
    as_owner(&world, inviting(TECH, &lea(), "one")).await.expect(201);
    assert_eq!(operations(&world), ["BatchGetItem", "Query", "TransactWriteItems"]);
    as_owner(&world, inviting(TECH, &lea(), "one")).await.expect(201);
    assert_eq!(operations(&world), ["BatchGetItem", "Query"]);
    as_owner(&world, inviting(TECH, &lea(), "two")).await.expect(409);
    assert_eq!(operations(&world), ["BatchGetItem", "Query", "Query"]);
}

#[tokio::test]
async fn the_stored_response_has_no_key_or_token_and_expires_after_a_day() {
    let world = acme().await;
    as_owner(&world, inviting(TECH, &lea(), "a key with lea@example.org")).await;
    let token = token_of(&world, LEA).await;
    let stored = rows(&world, "I#").await;
    assert_eq!(stored.len(), 1);
    let row = stored.values().next().unwrap();
    let text = format!("{row:?}");
    assert!(!text.contains("a key with") && !text.contains(&token), "{text}");
    let ends = row["ttl"].as_n().unwrap().parse::<i64>().unwrap();
    assert_eq!(ends, world.now().after(DAY).seconds());
    seen(&world, "acme", LEA).await.expect(200);
}
