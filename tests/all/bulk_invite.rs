//! `POST /v1/scopes/{scope}/collaborators` with several invitations: each by itself, in order, whole or not at all.

use std::{collections::BTreeMap, time::Duration};

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Fault, Request, Who, World};
use serde_json::{Value, json};

use crate::support::{
    acme, acme_with, active, history, id_of, invite, put_scope, queued, revoke, rows, seats,
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";

/// An invitation of each address as reader.
pub fn readers<T: AsRef<str>>(emails: &[T]) -> Value {
    let one = |email: &T| json!({ "email": email.as_ref(), "role": "reader" });
    json!({ "invitations": emails.iter().map(one).collect::<Vec<_>>() })
}

/// So many different addresses.
pub fn people(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("p{number}@example.org")).collect()
}

/// What became of each item: its status and the problem's code.
pub fn told(answer: &Answer) -> Vec<String> {
    let results = answer.body["results"].as_array().unwrap();
    let one = |(index, result): (usize, &Value)| {
        assert_eq!(result["index"], index);
        assert_eq!(
            result["problem"]["status"].as_u64().unwrap_or(result["status"].as_u64().unwrap()),
            result["status"]
        );
        let code = result["problem"]["code"].as_str().unwrap_or_default();
        format!("{} {code}", result["status"]).trim_end().to_owned()
    };
    results.iter().enumerate().map(one).collect()
}

#[tokio::test]
async fn fifty_people_are_invited_at_once_each_with_a_result_in_order() {
    let world = acme_with(&json!({ "seatLimit": 51 })).await;
    let emails = people(50);
    let answer = invite(&world, OWNER, "acme:tech", &readers(&emails)).await.expect(200);
    assert_eq!(told(&answer), vec!["201"; 50]);
    for (index, email) in emails.iter().enumerate() {
        let collaborator = &answer.body["results"][index]["collaborator"];
        assert_eq!(collaborator["email"], *email);
        assert_eq!(collaborator["status"], "pending");
        let entry = "invited by owner@acme.test: acme:tech - > reader pending";
        assert_eq!(history(&world, email).await, [entry]);
        assert_eq!(queued(&world, email).await, ["invitation"]);
    }
    assert_eq!(seats(&world).await, json!([51, 51]));
    world.deliver().await;
    for email in emails {
        assert_eq!(world.ses.mails_to(&email).len(), 1, "{email}");
    }
}

#[tokio::test]
async fn the_seats_of_a_batch_are_exact_and_whoever_has_one_needs_none() {
    let world = acme_with(&json!({ "seatLimit": 4 })).await;
    active(&world, LEA, "acme:rh", "reader").await;
    let emails = ["a@example.org", "b@example.org", "c@example.org", LEA, "d@example.org"];
    let answer = invite(&world, OWNER, "acme:tech", &readers(&emails)).await.expect(200);
    let full = "409 seat-limit-reached";
    assert_eq!(told(&answer), ["201", "201", full, "201", full]);
    let problem = &answer.body["results"][2]["problem"];
    assert_eq!(problem["seats"], json!({ "limit": 4, "used": 4 }));
    assert_eq!(seats(&world).await, json!([4, 4]));
    for nobody in ["c@example.org", "d@example.org"] {
        assert_eq!(history(&world, nobody).await, [""; 0]);
        assert_eq!(queued(&world, nobody).await, [""; 0]);
    }
}

#[tokio::test]
async fn seats_of_expired_people_are_free_for_a_batch_which_sweeps_once() {
    let world = acme_with(&json!({ "seatLimit": 3 })).await;
    invite(&world, OWNER, "acme:tech", &readers(&people(2))).await.expect(200);
    world.wait(DAY * 14);
    drop(world.trips());
    let emails = ["a@example.org", "b@example.org", "c@example.org", "d@example.org"];
    let answer = invite(&world, OWNER, "acme:tech", &readers(&emails)).await.expect(200);
    let full = "409 seat-limit-reached";
    assert_eq!(told(&answer), ["201", "201", full, full]);
    let trips: Vec<String> = world.trips().into_iter().map(|trip| trip.operation).collect();
    let (read, swept, write) = ("BatchGetItem", "Query", "TransactWriteItems");
    assert_eq!(trips, [read, swept, write, read, write, write]);
    assert_eq!(seats(&world).await, json!([3, 3]));
}

/// `peers.md`: one address in two spellings became two people.
#[tokio::test]
async fn an_address_that_comes_twice_in_whatever_spelling_has_access_already() {
    let world = acme().await;
    let emails = [LEA, "Lea@Example.ORG", "LEA@example.org."];
    let answer = invite(&world, OWNER, "acme:tech", &readers(&emails)).await.expect(200);
    assert_eq!(told(&answer), ["201", "409 already-has-access", "409 already-has-access"]);
    let first = &answer.body["results"][0]["collaborator"]["id"];
    assert_eq!(answer.body["results"][1]["problem"]["collaborator"], *first);
    assert_eq!(history(&world, LEA).await.len(), 1);
    assert_eq!(seats(&world).await, json!([null, 2]));
}

#[tokio::test]
async fn an_invitation_that_is_wrong_in_itself_keeps_no_other_from_being_done() {
    let world = acme().await;
    let body = json!({ "invitations": [
        { "email": "nobody", "role": "reader", "locale": "de" },
        { "email": LEA, "role": "reader" },
        { "email": "max@example.org", "role": "king" },
        { "email": "max@example.org", "role": "owner" },
        { "email": OWNER, "role": "reader" },
    ] });
    let answer = invite(&world, OWNER, "acme:tech", &body).await.expect(200);
    let expected = [
        "422 invalid-email",
        "201",
        "422 invalid-role",
        "422 role-not-allowed-here",
        "403 own-role",
    ];
    assert_eq!(told(&answer), expected);
    let errors = &answer.body["results"][0]["problem"]["errors"];
    assert_eq!(errors[0], json!({ "pointer": "/invitations/0/email", "code": "invalid-email" }));
    assert_eq!(errors[1]["pointer"], "/invitations/0/locale");
    let errors = &answer.body["results"][2]["problem"]["errors"];
    assert_eq!(errors[0]["pointer"], "/invitations/2/role");
    assert_eq!(seats(&world).await, json!([null, 2]));
}

#[tokio::test]
async fn a_problem_in_a_batch_is_told_in_the_callers_language() {
    let world = acme().await;
    let request = Request::new("POST", "/v1/scopes/acme:tech/collaborators")
        .json(&readers(&["nobody"]))
        .header("accept-language", "fr");
    let answer = world.send(&Who::person(OWNER), request).await.expect(200);
    assert_eq!(answer.text("/results/0/problem/title"), "Adresse e-mail non valable");
}

#[tokio::test]
async fn whoever_may_not_give_at_all_gets_one_refusal_for_the_whole_batch() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "contributor").await;
    let before = world.everything().await;
    let batch = readers(&people(3));
    let contributor = invite(&world, LEA, "acme:tech", &batch).await;
    assert_eq!(contributor.told(), "403 forbidden");
    let sister = invite(&world, LEA, "acme:rh", &batch).await;
    assert_eq!(sister.told(), "404 scope-not-found");
    let stranger = invite(&world, "stranger@example.org", "acme:tech", &batch).await;
    assert_eq!(stranger.told(), "404 scope-not-found");
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn a_batch_of_none_or_too_many_is_refused_with_the_limit_named() {
    let world = acme().await;
    let before = world.everything().await;
    let none = invite(&world, OWNER, "acme:tech", &json!({ "invitations": [] })).await;
    assert_eq!(none.told(), "422 invalid-field");
    assert_eq!(none.text("/errors/0/pointer"), "/invitations");
    let many = invite(&world, OWNER, "acme:tech", &readers(&people(51))).await;
    assert_eq!(many.told(), "422 too-many-items");
    assert!(many.text("/detail").ends_with("(max. 50)"), "{}", many.body);
    let message = "x".repeat(6_000);
    let one = |number: usize| json!({ "email": format!("p{number}@example.org"), "role": "reader", "message": message });
    let large = json!({ "invitations": (0..50).map(one).collect::<Vec<_>>() });
    let large = invite(&world, OWNER, "acme:tech", &large).await;
    assert_eq!(large.told(), "413 too-large");
    for malformed in [
        json!({ "invitations": [{ "email": LEA, "role": "reader", "status": "active" }] }),
        json!({ "invitations": [{ "email": LEA }] }),
        json!({ "invitations": [LEA] }),
        json!({ "invitations": [[LEA, "reader", null, null, null, null, null]] }),
        json!({ "invitations": {} }),
        json!({ "invitations": null }),
        json!({ "invitations": [], "email": LEA, "role": "reader" }),
    ] {
        let answer = invite(&world, OWNER, "acme:tech", &malformed).await;
        assert_eq!(answer.told(), "400 malformed", "{malformed}");
    }
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn a_batch_is_one_read_then_one_transaction_an_item() {
    let world = acme().await;
    drop(world.trips());
    invite(&world, OWNER, "acme:tech", &readers(&people(50))).await.expect(200);
    let trips: Vec<String> = world.trips().into_iter().map(|trip| trip.operation).collect();
    // Client, scope, caller, 50 people and 50 counts are more than 100 keys: two calls, side by side.
    let expected: Vec<&str> =
        ["BatchGetItem"; 2].into_iter().chain(["TransactWriteItems"; 50]).collect();
    assert_eq!(trips, expected);
}

#[tokio::test]
async fn a_batch_stops_after_24_seconds_and_the_same_key_goes_on() {
    let world = acme().await;
    let hand = world.hand();
    world.break_calls(move |trip| {
        if trip.operation == "TransactWriteItems" {
            hand(Duration::from_secs(5));
        }
        None
    });
    let request = Request::new("POST", "/v1/scopes/acme:tech/collaborators")
        .json(&readers(&people(7)))
        .header("idempotency-key", "seven people");
    let first = world.send(&Who::person(OWNER), request.clone()).await.expect(200);
    let late = "503 try-again";
    assert_eq!(told(&first), ["201", "201", "201", "201", "201", late, late]);
    assert_eq!(first.body["results"][5]["problem"]["retryAfter"], 1);
    let second = world.send(&Who::person(OWNER), request).await.expect(200);
    assert_eq!(told(&second), vec!["201"; 7]);
    for index in 0..5 {
        assert_eq!(second.body["results"][index], first.body["results"][index]);
    }
    for email in people(7) {
        assert_eq!(history(&world, &email).await.len(), 1, "{email}");
    }
    assert_eq!(seats(&world).await, json!([null, 8]));
}

#[tokio::test]
async fn an_item_of_which_the_outcome_is_not_known_is_whole_or_absent_and_the_same_key_tells() {
    for (fault, expected) in [(Fault::AnswerLost, 1), (Fault::Unreachable, 0)] {
        let world = acme().await;
        let hand = world.hand();
        let mut written = 0;
        world.break_calls(move |trip| {
            if trip.operation != "TransactWriteItems" {
                return None;
            }
            written += 1;
            match written {
                // So late in the batch, nothing is tried for long.
                1 => hand(Duration::from_millis(23_990)),
                _ => return Some(fault),
            }
            None
        });
        let request = Request::new("POST", "/v1/scopes/acme:tech/collaborators")
            .json(&readers(&people(2)))
            .header("idempotency-key", "two people");
        let first = world.send(&Who::person(OWNER), request.clone()).await.expect(200);
        assert_eq!(told(&first), ["201", "503 try-again"]);
        assert_eq!(history(&world, "p1@example.org").await.len(), expected);
        world.set_table_down(false);
        let second = world.send(&Who::person(OWNER), request).await.expect(200);
        assert_eq!(told(&second), ["201", "201"]);
        assert_eq!(history(&world, "p1@example.org").await.len(), 1);
        assert_eq!(seats(&world).await, json!([null, 3]));
    }
}

/// Takes the access of somebody between two items of a batch.
fn when_written(world: &World, count: usize, mut then: impl FnMut() + Send + 'static) {
    let mut written = 0;
    world.break_calls(move |trip| {
        if trip.operation == "TransactWriteItems" {
            written += 1;
            if written == count {
                then();
            }
        }
        None
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_the_right_to_give_in_the_midst_of_a_batch_gives_no_more() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "administrator").await;
    let dynamodb = world.dynamodb();
    let id = id_of(&world, LEA);
    when_written(&world, 3, move || {
        use aws_sdk_dynamodb::types::AttributeValue;
        let gone = dynamodb.delete_item().table_name("coulisses");
        let gone = gone.key("pk", AttributeValue::S("C#acme".into()));
        let gone = gone.key("sk", AttributeValue::S(format!("P#{id}")));
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(gone.send()).unwrap();
        });
    });
    let answer = invite(&world, LEA, "acme:tech", &readers(&people(4))).await.expect(200);
    let gone = "404 scope-not-found";
    assert_eq!(told(&answer), ["201", "201", gone, gone]);
    assert_eq!(history(&world, "p2@example.org").await, [""; 0]);
}

#[tokio::test]
async fn the_limits_of_mail_hold_in_a_batch_too() {
    let limits = coulisses_domain::client::MailLimits { invitations: 3, announcements: 20 };
    let world = crate::support::furnished(World::with_limits(limits).await, &json!({})).await;
    // The client's own owner was the first.
    let answer = invite(&world, OWNER, "acme:tech", &readers(&people(4))).await.expect(200);
    let limit = "429 mail-limit";
    assert_eq!(told(&answer), ["201", "201", limit, limit]);
    assert!(answer.body["results"][2]["problem"]["retryAfter"].is_u64());
    // Somebody removed and invited again within the minute is not mailed again, in a batch or not.
    revoke(&world, OWNER, ("acme:tech", "p0@example.org")).await.expect(200);
    let again = invite(&world, OWNER, "acme:tech", &readers(&["p0@example.org"])).await;
    assert_eq!(told(&again.expect(200)), ["429 resend-too-soon"]);
}

/// `peers.md`: escalation through the other path. Security, line 12.
#[tokio::test]
async fn line_12_nobody_gives_in_a_batch_what_could_not_be_given_alone() {
    let world = acme_with(&json!({ "granting": "owner" })).await;
    active(&world, LEA, "acme:tech", "administrator").await;
    let batch = json!({ "invitations": [{ "email": "max@example.org", "role": "administrator" }] });
    assert_eq!(invite(&world, LEA, "acme:tech", &batch).await.told(), "403 forbidden");
    put_scope(
        &world,
        "acme",
        &json!({ "name": "Acme", "seatLimit": null, "granting": "administrators", "roles": ["reader"] }),
    )
    .await
    .expect(200);
    let answer = invite(&world, LEA, "acme:tech", &batch).await.expect(200);
    assert_eq!(told(&answer), ["422 role-not-offered"]);
}

#[tokio::test]
async fn two_batches_at_once_share_the_seats_exactly() {
    let world = std::sync::Arc::new(acme_with(&json!({ "seatLimit": 11 })).await);
    let batch = |name: &str| {
        let emails: Vec<String> = (0..10).map(|number| format!("{name}{number}@x.test")).collect();
        let world = std::sync::Arc::clone(&world);
        async move { invite(&world, OWNER, "acme:tech", &readers(&emails)).await.expect(200) }
    };
    let (one, other) = tokio::join!(batch("a"), batch("b"));
    let results: Vec<String> = told(&one).into_iter().chain(told(&other)).collect();
    let counts = results.iter().fold(BTreeMap::new(), |mut counts, told| {
        *counts.entry(told.as_str()).or_insert(0) += 1;
        counts
    });
    assert_eq!(counts, [("201", 10), ("409 seat-limit-reached", 10)].into());
    assert_eq!(seats(&world).await, json!([11, 11]));
    let usage = rows(&world, "C#acme")
        .await
        .into_values()
        .filter(|item| item.get("seat").is_some_and(|seat| *seat.as_bool().unwrap()));
    assert_eq!(usage.count(), 11);
}
