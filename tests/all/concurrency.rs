//! Concurrent requests: the last seat, lost updates, mutual revocation (docs/security.md#line-10, docs/security.md#line-15).

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::json;
use tokio::{sync::Semaphore, task::JoinSet};

use crate::{
    audit_live::held,
    invite_seats::set_limit,
    support::{
        LEA, OWNER, SUMMIT, TECH, acme, acme_with, active, etag_of, get, history, id_of, invite,
        invited, path_of, queued, revoke, rows, seats, seen, token_of,
    },
};

/// The number of concurrent requests. With more, the emulator on two cores exceeds the time-out of one second for a call.
const IN_FLIGHT: usize = 50;

/// Sends all requests concurrently, on several threads.
pub async fn at_once(
    world: World,
    requests: Vec<(Principal, Request)>,
) -> (Arc<World>, Vec<Answer>) {
    let world = Arc::new(world);
    let permits = Arc::new(Semaphore::new(IN_FLIGHT));
    let mut tasks = JoinSet::new();
    for (who, request) in requests {
        let (world, permits) = (Arc::clone(&world), Arc::clone(&permits));
        tasks.spawn(async move {
            let _permit = permits.acquire().await.unwrap();
            world.send(&who, request).await
        });
    }
    let answers = tasks.join_all().await;
    (world, answers)
}

fn counts(answers: &[Answer]) -> BTreeMap<String, usize> {
    answers.iter().fold(BTreeMap::new(), |mut counts, answer| {
        *counts.entry(answer.outcome()).or_default() += 1;
        counts
    })
}

#[track_caller]
fn assert_counts<const N: usize>(answers: &[Answer], expected: [(&str, usize); N]) {
    assert_eq!(
        counts(answers),
        expected.map(|(outcome, count)| (outcome.to_owned(), count)).into()
    );
}

/// `acme` with Léa invited, and the request that accepts.
async fn lea_invited() -> (World, Request) {
    let world = acme().await;
    invited(&world, LEA, TECH, "observer").await;
    let token = token_of(&world, LEA).await;
    (world, posted("/v1/invitations/accept", &json!({ "token": token })))
}

fn posted(target: &str, body: &serde_json::Value) -> Request {
    Request::new("POST", target).json(body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn line_15_fifty_concurrent_accepts_of_one_token_are_one_activation() {
    let (world, request) = lea_invited().await;
    let (world, answers) = at_once(world, vec![(Principal::user(LEA), request); 50]).await;
    assert_counts(&answers, [("200", 50)]);
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    let expected = "activated by lea@example.org: acme:tech observer pending > observer active";
    let entries = history(&world, LEA).await;
    assert_eq!(entries.iter().filter(|entry| *entry == expected).count(), 1, "{entries:?}");
    assert_eq!(entries.len(), 2);
    let lea = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!((lea.text("/status"), &lea.body["invitation"]), ("active", &json!(null)));
    assert_eq!(seats(&world).await, json!([null, 2]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn line_15_fifty_accounts_with_one_token_at_once_bind_one() {
    let (world, request) = lea_invited().await;
    let account = |number: usize| Principal::user(LEA).with("sub", &format!("account {number}"));
    let requests = (0..50).map(|number| (account(number), request.clone())).collect();
    let (world, answers) = at_once(world, requests).await;
    assert_counts(&answers, [("200", 1), ("410 invitation-used", 49)]);
    let mut bound = 0;
    for number in 0..50 {
        let scope = Request::new("GET", "/v1/scopes/acme:tech");
        bound += usize::from(world.send(&account(number), scope).await.status == 200);
    }
    assert_eq!(bound, 1);
}

/// `acme` with one free seat and ten collaborators whose expired invitations have released their seats.
async fn one_seat_free() -> World {
    let world = acme().await;
    for number in 0..10 {
        invited(&world, &format!("old{number}@example.org"), TECH, "observer").await;
    }
    world.wait(DAY * 14);
    set_limit(&world, 1).await;
    let body = json!({ "email": "early@example.org", "role": "observer" });
    let refused = invite(&world, OWNER, "acme", &body).await;
    assert_eq!(refused.outcome(), "409 seat-limit-reached");
    set_limit(&world, 2).await;
    // The first mail of a day resets the counter, which would serialize all others.
    invite(&world, OWNER, "acme", &body).await.expect(201);
    revoke(&world, OWNER, ("acme", "early@example.org")).await.expect(200);
    assert_eq!(seats(&world).await, json!([2, 1]));
    world.deliver().await;
    world
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn line_15_of_two_hundred_concurrent_requests_on_all_paths_one_gets_the_last_seat() {
    let world = one_seat_free().await;
    let mut requests = Vec::new();
    for number in 0..160 {
        let body = json!({ "email": format!("new{number}@example.org"), "role": "observer" });
        let request = posted("/v1/scopes/acme:tech/collaborators", &body);
        requests.push((Principal::user(OWNER), request));
    }
    for number in 0..20 {
        let path = path_of(&world, TECH, &format!("old{}@example.org", number % 10));
        requests.push((Principal::user(OWNER), Request::new("POST", &format!("{path}/resend"))));
        let owner = json!({ "email": format!("boss{number}@example.org") });
        let event = json!({ "name": "Event", "kind": "event", "owner": owner });
        let request = Request::new("PUT", &format!("/v1/scopes/acme:tech:event{number}"));
        requests.push((Principal::platform(), request.json(&event)));
    }
    let (world, answers) = at_once(world, requests).await;
    let counts = counts(&answers);
    let won = answers.iter().filter(|answer| answer.status < 300).count();
    assert_eq!(won, 1, "{counts:?}");
    let full = counts.get("409 seat-limit-reached").copied().unwrap_or_default();
    let busy = counts.get("503 try-again").copied().unwrap_or_default();
    // Each expired person has two resends. If one of them gets the seat, the other can be too soon.
    let soon = counts.get("429 resend-too-soon").copied().unwrap_or_default();
    assert_eq!(won + full + busy + soon, 200, "{counts:?}");
    assert!(busy < 20 && soon <= 1, "{counts:?}");
    assert_eq!((seats(&world).await, held(&world).await), (json!([2, 2]), 2));
    assert_eq!(rows(&world, "O#").await.len(), 1, "one mail");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_free_seats_go_to_twenty_of_sixty_concurrent_invitations() {
    let world = acme_with(&json!({ "seatLimit": 21 })).await;
    let request = |number: usize| {
        let body = json!({ "email": format!("p{number}@example.org"), "role": "observer" });
        (Principal::user(OWNER), posted("/v1/scopes/acme:tech/collaborators", &body))
    };
    let (world, answers) = at_once(world, (0..60).map(request).collect()).await;
    let counts = counts(&answers);
    assert_eq!(counts["201"], 20, "{counts:?}");
    assert_eq!(seats(&world).await, json!([21, 21]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_concurrent_invitations_of_one_address_make_one_collaborator_and_one_mail() {
    let world = acme().await;
    let spelled = [LEA, "Lea@Example.org", "LEA@EXAMPLE.ORG"];
    let request = |number: usize| {
        let body = json!({ "email": spelled[number % 3], "role": "observer" });
        (Principal::user(OWNER), posted("/v1/scopes/acme:tech/collaborators", &body))
    };
    let (world, answers) = at_once(world, (0..30).map(request).collect()).await;
    assert_counts(&answers, [("201", 1), ("409 already-has-access", 29)]);
    assert_eq!(seats(&world).await, json!([null, 2]));
    assert_eq!(queued(&world, LEA).await, ["invitation"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn line_10_of_two_administrators_who_revoke_each_other_at_once_one_stays() {
    for scope in ["acme", TECH, SUMMIT] {
        let world = acme().await;
        let pair = ["ada@example.org", "bob@example.org"];
        for email in pair {
            active(&world, email, scope, "administrator").await;
        }
        let mut requests = Vec::new();
        for (by, target) in [(pair[0], pair[1]), (pair[1], pair[0])] {
            let request = Request::new("DELETE", &path_of(&world, scope, target));
            requests.push((Principal::user(by), request.if_match(&etag_of(&world, target).await)));
        }
        let (world, answers) = at_once(world, requests).await;
        assert_counts(&answers, [("200", 1), ("404 scope-not-found", 1)]);
        let mut left = 0;
        for email in pair {
            left += usize::from(seen(&world, "acme", email).await.status == 200);
        }
        assert_eq!(left, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_concurrent_role_changes_on_one_version_nine_are_stale() {
    let world = acme().await;
    active(&world, LEA, TECH, "observer").await;
    let path = format!("{}/role", path_of(&world, TECH, LEA));
    let etag = etag_of(&world, LEA).await;
    let request = |role: &str| {
        let request = Request::new("PUT", &path).json(&json!({ "role": role })).if_match(&etag);
        (Principal::user(OWNER), request)
    };
    let roles = ["manager", "reader", "supervisor", "contributor", "administrator"].repeat(2);
    let (world, answers) = at_once(world, roles.into_iter().map(request).collect()).await;
    assert_counts(&answers, [("200", 1), ("412 stale-version", 9)]);
    let winner = answers.iter().find(|answer| answer.status == 200).unwrap();
    let now = seen(&world, TECH, LEA).await;
    assert_eq!(now.body["role"], winner.body["role"]);
    assert_eq!(now.etag(), winner.etag());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_logins_and_a_role_change_all_take_effect() {
    let world = acme().await;
    active(&world, LEA, TECH, "observer").await;
    world.wait(Duration::from_mins(5));
    let path = format!("{}/role", path_of(&world, TECH, LEA));
    let change = Request::new("PUT", &path).json(&json!({ "role": "manager" }));
    let change = change.if_match(&etag_of(&world, LEA).await);
    let login = (Principal::user(LEA), Request::new("POST", "/v1/scopes/acme/logins"));
    let mut requests = vec![login; 10];
    requests.insert(5, (Principal::user(OWNER), change));
    let (world, answers) = at_once(world, requests).await;
    assert_counts(&answers, [("200", 11)]);
    let lea = seen(&world, TECH, LEA).await;
    assert_eq!(lea.body["role"], "manager");
    assert_eq!(lea.text("/lastLoginAt"), "2026-11-22T12:05:00.000Z");
    get(&world, LEA, "/v1/scopes/acme:tech").await.expect(200);
    assert_eq!(id_of(&world, LEA), lea.text("/id"));
}
