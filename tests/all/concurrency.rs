//! What holds however many ask at once: line 15 of the security design, lost updates, mutual removal.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Request, Who, World};
use serde_json::json;
use tokio::{sync::Semaphore, task::JoinSet};

use crate::support::{
    acme, acme_with, active, etag_of, get, history, id_of, invite, path_of, put_scope, queued,
    revoke, rows, seats, seen, token_of,
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";

/// How many requests are on their way at the same time: more, and an emulator on two cores is too slow to answer a call
/// within the second that each has.
const IN_FLIGHT: usize = 50;

/// Sends all of `requests` at once, on several threads.
pub async fn at_once(world: World, requests: Vec<(Who, Request)>) -> (Arc<World>, Vec<Answer>) {
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

/// How often each was told.
fn counted(answers: &[Answer]) -> BTreeMap<String, usize> {
    answers.iter().fold(BTreeMap::new(), |mut counts, answer| {
        *counts.entry(answer.told()).or_default() += 1;
        counts
    })
}

fn posted(target: &str, body: &serde_json::Value) -> Request {
    Request::new("POST", target).json(body)
}

/// Security, line 15.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn line_15_fifty_accepts_of_one_token_at_once_are_one_activation() {
    let world = acme().await;
    let body = json!({ "email": LEA, "role": "observer" });
    invite(&world, OWNER, "acme:tech", &body).await.expect(201);
    let token = token_of(&world, LEA).await;
    let request = posted("/v1/invitations/accept", &json!({ "token": token }));
    let requests = vec![(Who::person(LEA), request); 50];
    let (world, answers) = at_once(world, requests).await;
    assert_eq!(counted(&answers), [("200".to_owned(), 50)].into());
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    let expected = "activated by lea@example.org: acme:tech observer pending > observer active";
    let entries = history(&world, LEA).await;
    assert_eq!(entries.iter().filter(|entry| *entry == expected).count(), 1, "{entries:?}");
    assert_eq!(entries.len(), 2);
    let lea = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!((lea.text("/status"), &lea.body["invitation"]), ("active", &json!(null)));
    assert_eq!(seats(&world).await, json!([null, 2]));
}

/// Security, line 15.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn line_15_fifty_accounts_with_one_token_at_once_bind_one_of_them() {
    let world = acme().await;
    let body = json!({ "email": LEA, "role": "observer" });
    invite(&world, OWNER, "acme:tech", &body).await.expect(201);
    let token = token_of(&world, LEA).await;
    let account = |number: usize| Who::person(LEA).with("sub", &format!("account {number}"));
    let request = posted("/v1/invitations/accept", &json!({ "token": token }));
    let requests = (0..50).map(|number| (account(number), request.clone())).collect();
    let (world, answers) = at_once(world, requests).await;
    let told = counted(&answers);
    assert_eq!(told, [("200".to_owned(), 1), ("404 invitation-not-found".to_owned(), 49)].into());
    let mut bound = 0;
    for number in 0..50 {
        let scope = Request::new("GET", "/v1/scopes/acme:tech");
        bound += usize::from(world.send(&account(number), scope).await.status == 200);
    }
    assert_eq!(bound, 1);
}

/// `acme` with one seat free, and ten people whose expired invitations have given their seats back.
async fn one_seat_free() -> World {
    let world = acme().await;
    for number in 0..10 {
        let body = json!({ "email": format!("old{number}@example.org"), "role": "observer" });
        invite(&world, OWNER, "acme:tech", &body).await.expect(201);
    }
    world.wait(DAY * 14);
    let limit =
        |seats: u32| json!({ "name": "Acme", "seatLimit": seats, "granting": "administrators" });
    put_scope(&world, "acme", &limit(1)).await.expect(200);
    let body = json!({ "email": "early@example.org", "role": "observer" });
    let refused = invite(&world, OWNER, "acme", &body).await;
    assert_eq!(refused.told(), "409 seat-limit-reached");
    put_scope(&world, "acme", &limit(2)).await.expect(200);
    // The first mail of a day begins a new count, which would put all others in line.
    invite(&world, OWNER, "acme", &body).await.expect(201);
    revoke(&world, OWNER, ("acme", "early@example.org")).await.expect(200);
    assert_eq!(seats(&world).await, json!([2, 1]));
    world.deliver().await;
    world
}

/// Security, line 15.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn line_15_of_two_hundred_at_once_on_all_paths_one_gets_the_last_seat() {
    let world = one_seat_free().await;
    let mut requests = Vec::new();
    for number in 0..160 {
        let body = json!({ "email": format!("new{number}@example.org"), "role": "observer" });
        let request = posted("/v1/scopes/acme:tech/collaborators", &body);
        requests.push((Who::person(OWNER), request));
    }
    for number in 0..20 {
        let path = path_of(&world, "acme:tech", &format!("old{}@example.org", number % 10));
        requests.push((Who::person(OWNER), Request::new("POST", &format!("{path}/resend"))));
        let owner = json!({ "email": format!("boss{number}@example.org") });
        let event = json!({ "name": "Event", "kind": "event", "owner": owner });
        let request = Request::new("PUT", &format!("/v1/scopes/acme:tech:event{number}"));
        requests.push((Who::platform(), request.json(&event)));
    }
    let (world, answers) = at_once(world, requests).await;
    let told = counted(&answers);
    let won = answers.iter().filter(|answer| answer.status < 300).count();
    assert_eq!(won, 1, "{told:?}");
    let full = told.get("409 seat-limit-reached").copied().unwrap_or_default();
    let busy = told.get("503 try-again").copied().unwrap_or_default();
    assert_eq!(won + full + busy, 200, "{told:?}");
    assert!(busy < 20, "{told:?}");
    assert_eq!(seats(&world).await, json!([2, 2]));
    let records = rows(&world, "C#acme").await.into_values();
    let usage =
        records.filter(|item| item.get("seat").is_some_and(|seat| seat.as_bool() == Ok(&true)));
    assert_eq!(usage.count(), 2, "who is counted sits");
    assert_eq!(rows(&world, "O#").await.len(), 1, "one mail");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_seats_go_to_twenty_of_sixty_at_once() {
    let world = acme_with(&json!({ "seatLimit": 21 })).await;
    let request = |number: usize| {
        let body = json!({ "email": format!("p{number}@example.org"), "role": "observer" });
        (Who::person(OWNER), posted("/v1/scopes/acme:tech/collaborators", &body))
    };
    let (world, answers) = at_once(world, (0..60).map(request).collect()).await;
    let told = counted(&answers);
    assert_eq!(told["201"], 20, "{told:?}");
    assert_eq!(seats(&world).await, json!([21, 21]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_invitations_of_one_person_at_once_are_one_person_with_one_mail() {
    let world = acme().await;
    let spelled = ["lea@example.org", "Lea@Example.org", "LEA@EXAMPLE.ORG"];
    let request = |number: usize| {
        let body = json!({ "email": spelled[number % 3], "role": "observer" });
        (Who::person(OWNER), posted("/v1/scopes/acme:tech/collaborators", &body))
    };
    let (world, answers) = at_once(world, (0..30).map(request).collect()).await;
    let told = counted(&answers);
    assert_eq!(told, [("201".to_owned(), 1), ("409 already-has-access".to_owned(), 29)].into());
    assert_eq!(seats(&world).await, json!([null, 2]));
    assert_eq!(queued(&world, LEA).await, ["invitation"]);
}

/// Security, line 10.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn line_10_of_two_administrators_who_remove_each_other_at_once_one_stays() {
    for scope in ["acme", "acme:tech", "acme:tech:summit"] {
        let world = acme().await;
        let pair = ["ada@example.org", "bob@example.org"];
        for email in pair {
            active(&world, email, scope, "administrator").await;
        }
        let mut requests = Vec::new();
        for (by, target) in [(pair[0], pair[1]), (pair[1], pair[0])] {
            let request = Request::new("DELETE", &path_of(&world, scope, target));
            requests.push((Who::person(by), request.if_match(&etag_of(&world, target).await)));
        }
        let (world, answers) = at_once(world, requests).await;
        let told = counted(&answers);
        assert_eq!(told, [("200".to_owned(), 1), ("404 scope-not-found".to_owned(), 1)].into());
        let mut left = 0;
        for email in pair {
            left += usize::from(seen(&world, "acme", email).await.status == 200);
        }
        assert_eq!(left, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_role_changes_on_one_version_all_but_one_are_told_that_it_is_stale() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "observer").await;
    let path = format!("{}/role", path_of(&world, "acme:tech", LEA));
    let etag = etag_of(&world, LEA).await;
    let request = |role: &str| {
        let request = Request::new("PUT", &path).json(&json!({ "role": role })).if_match(&etag);
        (Who::person(OWNER), request)
    };
    let roles = ["manager", "reader", "supervisor", "contributor", "administrator"].repeat(2);
    let (world, answers) = at_once(world, roles.into_iter().map(request).collect()).await;
    let told = counted(&answers);
    assert_eq!(told, [("200".to_owned(), 1), ("412 stale-version".to_owned(), 9)].into());
    let winner = answers.iter().find(|answer| answer.status == 200).unwrap();
    let now = seen(&world, "acme:tech", LEA).await;
    assert_eq!(now.body["role"], winner.body["role"]);
    assert_eq!(now.etag(), winner.etag());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_login_at_the_same_time_is_not_undone_and_undoes_nothing() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "observer").await;
    world.wait(Duration::from_mins(5));
    let path = format!("{}/role", path_of(&world, "acme:tech", LEA));
    let change = Request::new("PUT", &path).json(&json!({ "role": "manager" }));
    let change = change.if_match(&etag_of(&world, LEA).await);
    let login = (Who::person(LEA), Request::new("POST", "/v1/scopes/acme/logins"));
    let mut requests = vec![login; 10];
    requests.insert(5, (Who::person(OWNER), change));
    let (world, answers) = at_once(world, requests).await;
    assert_eq!(counted(&answers), [("200".to_owned(), 11)].into());
    let lea = seen(&world, "acme:tech", LEA).await;
    assert_eq!(lea.body["role"], "manager");
    assert_eq!(lea.text("/lastLoginAt"), "2026-11-22T12:05:00Z");
    get(&world, LEA, "/v1/scopes/acme:tech").await.expect(200);
    assert_eq!(id_of(&world, LEA), lea.text("/id"));
}
