//! `Idempotency-Key`: the same request sent again gets the first answer, and nothing is done twice.

use std::{sync::Arc, time::Duration};

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Fault, Request, Who, World};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    bulk_invite::{people, readers, told},
    support::{
        acme, acme_with, history, id_of, invite, path_of, put_scope, queued, revoke, rows, seats,
        seen,
    },
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";

fn inviting(scope: &str, body: &Value, key: &str) -> Request {
    Request::new("POST", &format!("/v1/scopes/{scope}/collaborators"))
        .json(body)
        .header("idempotency-key", key)
}

fn lea() -> Value {
    json!({ "email": LEA, "role": "reader" })
}

async fn as_owner(world: &World, request: Request) -> Answer {
    world.send(&Who::person(OWNER), request).await
}

fn assert_same(one: &Answer, other: &Answer) {
    assert_eq!((one.status, &one.body), (other.status, &other.body));
    for name in ["etag", "location", "content-type", "cache-control"] {
        assert_eq!(one.header(name), other.header(name), "{name}");
    }
}

#[tokio::test]
async fn the_same_invitation_sent_again_is_answered_as_the_first_and_done_once() {
    let world = acme().await;
    let first = as_owner(&world, inviting("acme:tech", &lea(), "one")).await.expect(201);
    world.wait(Duration::from_secs(5));
    let again = as_owner(&world, inviting("acme:tech", &lea(), "one")).await.expect(201);
    assert_same(&first, &again);
    assert!(first.header("location").ends_with(&id_of(&world, LEA)));
    assert_eq!(history(&world, LEA).await.len(), 1);
    assert_eq!(queued(&world, LEA).await, ["invitation"]);
    // The answer is the first one, whatever happened since.
    revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    let again = as_owner(&world, inviting("acme:tech", &lea(), "one")).await.expect(201);
    assert_same(&first, &again);
    assert_eq!(seats(&world).await, json!([null, 1]));
}

#[tokio::test]
async fn another_payload_under_the_same_key_is_refused_but_not_another_spelling_of_the_json() {
    let world = acme().await;
    let first = as_owner(&world, inviting("acme:tech", &lea(), "one")).await.expect(201);
    let other = json!({ "email": LEA, "role": "manager" });
    let refused = as_owner(&world, inviting("acme:tech", &other, "one")).await;
    assert_eq!(refused.told(), "422 idempotency-key-reused");
    let batch = as_owner(&world, inviting("acme:tech", &readers(&[LEA]), "one")).await;
    assert_eq!(batch.told(), "422 idempotency-key-reused");
    let spelt = Request::new("POST", "/v1/scopes/acme:tech/collaborators")
        .header("content-type", "application/json")
        .header("idempotency-key", "one")
        .body("{ \"role\": \"reader\",\n  \"email\": \"lea@example.org\" }");
    assert_same(&first, &as_owner(&world, spelt).await);
}

#[tokio::test]
async fn a_key_belongs_to_one_caller_one_method_and_one_path() {
    let world = acme().await;
    crate::support::active(&world, "admin@example.org", "acme", "administrator").await;
    as_owner(&world, inviting("acme:tech", &lea(), "one")).await.expect(201);
    let admin = Who::person("admin@example.org");
    let another = world.send(&admin, inviting("acme:tech", &lea(), "one")).await;
    assert_eq!(another.told(), "409 already-has-access", "another caller");
    let elsewhere = as_owner(&world, inviting("acme:rh", &lea(), "one")).await;
    assert!(elsewhere.header("location").contains("/acme:rh/"), "another path");
    let other_key = as_owner(&world, inviting("acme:tech", &lea(), "two")).await;
    assert_eq!(other_key.told(), "409 already-has-access", "another key");
    let same_address_other_account =
        Who::person(OWNER).with("sub", "another account of the same address");
    let stolen =
        world.send(&same_address_other_account, inviting("acme:tech", &lea(), "one")).await;
    assert_eq!(stolen.told(), "404 scope-not-found", "another account");
    let encoded = inviting("acme%3Atech", &lea(), "one");
    assert_eq!(as_owner(&world, encoded).await.status, 201, "the same path, in another spelling");
}

#[tokio::test]
async fn a_day_later_the_same_key_is_decided_anew() {
    let world = acme().await;
    as_owner(&world, inviting("acme:tech", &lea(), "one")).await.expect(201);
    world.wait(DAY - Duration::from_secs(1));
    as_owner(&world, inviting("acme:tech", &lea(), "one")).await.expect(201);
    world.wait(Duration::from_secs(1));
    let anew = as_owner(&world, inviting("acme:tech", &lea(), "one")).await;
    assert_eq!(anew.told(), "409 already-has-access");
    let other = json!({ "email": "max@example.org", "role": "reader" });
    as_owner(&world, inviting("acme:tech", &other, "one")).await.expect(201);
}

#[tokio::test]
async fn a_refusal_is_not_kept() {
    let world = acme_with(&json!({ "seatLimit": 1 })).await;
    let full = as_owner(&world, inviting("acme:tech", &lea(), "one")).await;
    assert_eq!(full.told(), "409 seat-limit-reached");
    let more = json!({ "name": "Acme", "seatLimit": 2, "granting": "administrators" });
    put_scope(&world, "acme", &more).await.expect(200);
    as_owner(&world, inviting("acme:tech", &lea(), "one")).await.expect(201);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_when_the_same_is_asked_again() {
    let world = acme().await;
    let request = inviting("acme:tech", &readers(&[LEA]), "one");
    let hand = world.hand();
    world.break_calls(move |trip| {
        if trip.operation == "BatchGetItem" {
            // So late in a batch, nothing is tried for long.
            hand(Duration::from_millis(23_990));
        }
        (trip.operation == "TransactWriteItems").then_some(Fault::AnswerLost)
    });
    let lost = as_owner(&world, request.clone()).await.expect(200);
    assert_eq!(told(&lost), ["503 try-again"]);
    assert_eq!(history(&world, LEA).await.len(), 1, "it was done all the same");
    world.set_table_down(false);
    assert_eq!(told(&as_owner(&world, request).await.expect(200)), ["201"]);
    assert_eq!(history(&world, LEA).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_times_the_same_at_once_is_one_change_and_twenty_times_the_same_answer() {
    let world = Arc::new(acme().await);
    for round in 0..5 {
        let body = json!({ "email": format!("p{round}@example.org"), "role": "reader" });
        let key = format!("round {round}");
        let mut tasks = JoinSet::new();
        for _ in 0..20 {
            let (world, request) = (Arc::clone(&world), inviting("acme:tech", &body, &key));
            tasks.spawn(async move { as_owner(&world, request).await });
        }
        let answers = tasks.join_all().await;
        for answer in &answers {
            assert_eq!(answer.told(), "201");
            assert_same(answer, &answers[0]);
        }
        assert_eq!(history(&world, &format!("p{round}@example.org")).await.len(), 1);
    }
    assert_eq!(seats(&world).await, json!([null, 6]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_batch_ten_times_at_once_is_done_once_and_each_gets_the_same_results() {
    let world = Arc::new(acme().await);
    for round in 0..3 {
        let emails: Vec<String> = (0..4).map(|one| format!("p{round}-{one}@x.test")).collect();
        let mut tasks = JoinSet::new();
        for _ in 0..10 {
            let request = inviting("acme:tech", &readers(&emails), &format!("round {round}"));
            let world = Arc::clone(&world);
            tasks.spawn(async move { as_owner(&world, request).await });
        }
        let answers = tasks.join_all().await;
        for answer in &answers {
            assert_eq!(told(answer), ["201"; 4]);
            assert_same(answer, &answers[0]);
        }
    }
    assert_eq!(seats(&world).await, json!([null, 13]));
}

#[tokio::test]
async fn ownership_is_handed_over_and_a_message_sent_once_under_one_key() {
    let world = acme().await;
    crate::support::active(&world, LEA, "acme", "administrator").await;
    let etag = as_owner(&world, Request::new("GET", "/v1/scopes/acme")).await.etag().to_owned();
    let transfer = Request::new("POST", "/v1/scopes/acme/owner")
        .json(&json!({ "collaborator": id_of(&world, LEA) }))
        .if_match(&etag)
        .header("idempotency-key", "one");
    let first = as_owner(&world, transfer.clone()).await.expect(200);
    // Who was the owner is told that it was done, though the version is an old one by now and the owner another.
    assert_same(&first, &as_owner(&world, transfer).await.expect(200));
    assert_eq!(history(&world, LEA).await.len(), 3, "invited, activated, received");

    let message = Request::new("POST", "/v1/scopes/acme:tech/announcements")
        .json(&json!({ "subject": "Tonight", "text": "Closed from 8 to 9." }))
        .header("idempotency-key", "one");
    let first = as_owner(&world, message.clone()).await.expect(202);
    assert_eq!(first.body, json!({ "recipients": 2 }));
    assert_same(&first, &as_owner(&world, message).await.expect(202));
    world.deliver().await;
    world.deliver().await;
    let tonight = |mail: &coulisses_tests::SentMail| mail.subject == "Tonight";
    assert_eq!(world.ses.mails_to(LEA).iter().filter(|mail| tonight(mail)).count(), 1);
}

#[tokio::test]
async fn nothing_is_kept_of_a_request_that_was_not_done_so_no_key_is_ever_stuck() {
    let world = acme().await;
    let before = world.everything().await;
    world.set_table_down(true);
    let request = inviting("acme:tech", &lea(), "one");
    assert_eq!(as_owner(&world, request.clone()).await.told(), "503 try-again");
    world.set_table_down(false);
    assert_eq!(world.everything().await, before);
    as_owner(&world, request).await.expect(201);
}

#[tokio::test]
async fn a_key_that_is_none_is_malformed() {
    let world = acme().await;
    let before = world.everything().await;
    for bad in ["", &"k".repeat(256), "clé", "a\tb"] {
        let answer = as_owner(&world, inviting("acme:tech", &lea(), bad)).await;
        assert_eq!(answer.told(), "400 malformed", "{bad}");
    }
    assert_eq!(world.everything().await, before);
    as_owner(
        &world,
        inviting(
            "acme:tech",
            &json!({ "email": "max@example.org", "role": "reader" }),
            &"k".repeat(255),
        ),
    )
    .await
    .expect(201);
}

#[tokio::test]
async fn a_resend_sent_again_sends_no_second_mail() {
    let world = acme().await;
    invite(&world, OWNER, "acme:tech", &lea()).await.expect(201);
    world.wait(Duration::from_mins(1));
    let target = format!("{}/resend", path_of(&world, "acme:tech", LEA));
    let request = Request::new("POST", &target).header("idempotency-key", "one");
    let first = as_owner(&world, request.clone()).await.expect(202);
    let again = as_owner(&world, request.json(&json!({}))).await.expect(202);
    assert_same(&first, &again);
    assert_eq!(queued(&world, LEA).await.len(), 2, "the invitation and one resend");
    let without = as_owner(&world, Request::new("POST", &target)).await;
    assert_eq!(without.told(), "429 resend-too-soon");
}

#[tokio::test]
async fn a_batch_sent_again_is_answered_item_by_item_and_what_was_refused_is_decided_anew() {
    let world = acme_with(&json!({ "seatLimit": 3 })).await;
    let batch = readers(&people(3));
    let first = as_owner(&world, inviting("acme:tech", &batch, "one")).await.expect(200);
    assert_eq!(told(&first), ["201", "201", "409 seat-limit-reached"]);
    let more = json!({ "name": "Acme", "seatLimit": 4, "granting": "administrators" });
    put_scope(&world, "acme", &more).await.expect(200);
    let second = as_owner(&world, inviting("acme:tech", &batch, "one")).await.expect(200);
    assert_eq!(told(&second), ["201", "201", "201"]);
    assert_eq!(second.body["results"][0], first.body["results"][0]);
    let fewer = as_owner(&world, inviting("acme:tech", &readers(&people(1)), "one")).await;
    assert_eq!(fewer.told(), "422 idempotency-key-reused");

    let ids = json!({ "ids": [id_of(&world, "p0@example.org"), id_of(&world, "p0@example.org")] });
    let revoking = || {
        Request::new("POST", "/v1/scopes/acme:tech/revocations")
            .json(&ids)
            .header("idempotency-key", "one")
    };
    let first = as_owner(&world, revoking()).await.expect(200);
    assert_eq!(told(&first), ["200", "404 collaborator-not-found"]);
    let second = as_owner(&world, revoking()).await.expect(200);
    assert_eq!(second.body, first.body);
    assert_eq!(history(&world, "p0@example.org").await.len(), 2);
}

#[tokio::test]
async fn a_key_costs_one_read_beside_the_other_and_no_write_of_its_own() {
    let world = acme().await;
    let operations = |world: &World| -> Vec<String> {
        let trips = world.trips();
        let mut queries = trips.iter().filter(|trip| trip.operation == "Query");
        assert!(queries.all(|query| query.request["ConsistentRead"] == true));
        let mut trips: Vec<String> = trips.into_iter().map(|trip| trip.operation).collect();
        trips.sort();
        trips
    };
    drop(world.trips());
    as_owner(&world, inviting("acme:tech", &lea(), "one")).await.expect(201);
    assert_eq!(operations(&world), ["BatchGetItem", "Query", "TransactWriteItems"]);
    as_owner(&world, inviting("acme:tech", &lea(), "one")).await.expect(201);
    assert_eq!(operations(&world), ["BatchGetItem", "Query"]);
    as_owner(&world, inviting("acme:tech", &lea(), "two")).await.expect(409);
    assert_eq!(operations(&world), ["BatchGetItem", "Query", "Query"]);
}

#[tokio::test]
async fn what_is_kept_names_no_token_and_ends_by_itself_after_a_day() {
    let world = acme().await;
    as_owner(&world, inviting("acme:tech", &lea(), "a key that tells: lea@example.org")).await;
    let token = crate::support::token_of(&world, LEA).await;
    let kept = rows(&world, "I#").await;
    assert_eq!(kept.len(), 1);
    let row = kept.values().next().unwrap();
    let told = format!("{row:?}");
    assert!(!told.contains("a key that tells") && !told.contains(&token), "{told}");
    let ends = row["ttl"].as_n().unwrap().parse::<i64>().unwrap();
    assert_eq!(ends, world.now().after(DAY).seconds());
    seen(&world, "acme", LEA).await.expect(200);
}
