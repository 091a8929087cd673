//! Role and end of many people at once, and suspensions.

use coulisses_tests::{Answer, Principal, Request, Trip, World};
use serde_json::{Value, json};

use crate::{
    scenes::Invocation,
    support::{
        EVE, LEA, MAX, OWNER, SUMMIT, accept, acme, acme_with, active, get, id_of, invite, invited,
        path_of, post, seen,
    },
    turns::overtaken_at,
};

const CHANGES: &str = "/v1/scopes/acme:tech:summit/changes";

async fn version(world: &World, email: &str) -> Value {
    seen(world, SUMMIT, email).await.expect(200).body["version"].clone()
}

async fn change(world: &World, changes: &Value) -> Answer {
    let body = json!({ "changes": changes, "reason": "postponed" });
    post(world, &Principal::user(OWNER), CHANGES, &body).await
}

fn outcomes(answer: &Answer) -> Vec<String> {
    let results = answer.body["results"].as_array().unwrap().iter();
    let code = |it: &Value| it["problem"]["code"].as_str().unwrap_or_default().to_owned();
    results.map(|it| format!("{} {}", it["status"], code(it)).trim_end().to_owned()).collect()
}

#[tokio::test]
async fn an_event_that_is_postponed_is_one_request() {
    let world = acme().await;
    let ends = json!({ "email": LEA, "role": "manager", "expiresAt": "2026-12-24T12:00:00Z" });
    invite(&world, OWNER, SUMMIT, &ends).await.expect(201);
    active(&world, MAX, SUMMIT, "reader").await;
    active(&world, EVE, "acme:tech", "reader").await;
    let (lea, max, eve) = (id_of(&world, LEA), id_of(&world, MAX), id_of(&world, EVE));
    let end = "2027-03-01T12:00:00Z";
    let answer = change(
        &world,
        &json!([
            { "id": lea, "version": version(&world, LEA).await, "expiresAt": end },
            { "id": max, "version": version(&world, MAX).await, "role": "observer" },
            { "id": max, "version": 1, "role": "reader" },
            { "id": eve, "version": version(&world, EVE).await, "expiresAt": end },
            { "id": eve, "role": "reader" },
            { "id": "nobody", "version": 1 },
            { "id": lea, "version": 1.5 },
            { "id": lea, "version": 1, "permissions": ["orders:view"] },
        ]),
    )
    .await
    .expect(200);
    assert_eq!(
        outcomes(&answer),
        [
            "200",
            "200",
            "412 stale-version",
            "422 invalid-field",
            "428 if-match-required",
            "404 collaborator-not-found",
            "422 invalid-field",
            "422 invalid-permission",
        ]
    );
    let grant = |index: usize| answer.body["results"][index]["collaborator"]["grants"][0].clone();
    assert_eq!(
        (&grant(0)["role"], &grant(0)["expiresAt"]),
        (&json!("manager"), &json!("2027-03-01T12:00:00.000Z"))
    );
    assert_eq!((&grant(1)["role"], &grant(1)["expiresAt"]), (&json!("observer"), &Value::Null));
    // `null` removes an end; what is left out stays.
    let same = json!([{ "id": lea, "version": version(&world, LEA).await }]);
    let answer = change(&world, &same).await.expect(200);
    assert_eq!(
        answer.body["results"][0]["collaborator"]["grants"][0]["expiresAt"],
        "2027-03-01T12:00:00.000Z"
    );
    let none = json!([{ "id": lea, "version": version(&world, LEA).await, "expiresAt": null }]);
    let answer = change(&world, &none).await.expect(200);
    assert_eq!(answer.body["results"][0]["collaborator"]["grants"][0]["expiresAt"], Value::Null);
    let history = get(&world, OWNER, "/v1/scopes/acme:tech:summit/history").await.expect(200);
    assert!(
        history.body["entries"].as_array().unwrap().iter().any(|it| it["reason"] == "postponed")
    );
}

#[tokio::test]
async fn a_null_and_a_missing_end_are_two_requests_under_one_key() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "reader").await;
    let (id, version) = (id_of(&world, LEA), version(&world, LEA).await);
    let send = async |change: Value| {
        let request = Request::new("POST", CHANGES).json(&json!({ "changes": [change] }));
        world.send(&Principal::user(OWNER), request.header("idempotency-key", "1")).await.outcome()
    };
    assert_eq!(send(json!({ "id": id, "version": version, "role": "observer" })).await, "200");
    assert_eq!(send(json!({ "id": id, "version": version, "role": "observer" })).await, "200");
    let other =
        send(json!({ "id": id, "version": version, "role": "observer", "expiresAt": null })).await;
    assert_eq!(other, "422 idempotency-key-reused");
}

async fn suspension(world: &World, method: &'static str, email: &str) -> Answer {
    let path = format!("/v1/scopes/acme/collaborators/{}/suspension", id_of(world, email));
    world.send(&Principal::user(OWNER), Request::new(method, &path)).await
}

#[tokio::test]
async fn a_suspended_collaborator_holds_nothing_and_is_listed_until_they_are_restored() {
    let world = acme_with(&json!({ "seatLimit": 2 })).await;
    active(&world, LEA, SUMMIT, "administrator").await;
    let suspended = suspension(&world, "POST", LEA).await.expect(200);
    assert_eq!(suspended.body["status"], "suspended");
    assert_eq!(suspension(&world, "POST", LEA).await.expect(200).body, suspended.body);
    let list =
        get(&world, OWNER, "/v1/scopes/acme:tech:summit/collaborators?status=suspended").await;
    assert_eq!(list.body["collaborators"][0]["email"], LEA);
    assert_eq!(list.body["collaborators"][0]["permissions"], json!([]));
    assert_eq!(list.body["seats"], json!({ "limit": 2, "used": 1 }));
    let check = json!({ "checks": [{ "scope": SUMMIT, "permission": "content:view" }] });
    let denied = post(&world, &Principal::user(LEA), "/v1/checks", &check).await.expect(200);
    assert_eq!(denied.body["results"][0]["allowed"], false);
    let login = Request::new("POST", "/v1/scopes/acme/logins");
    assert_eq!(world.send(&Principal::user(LEA), login).await.outcome(), "404 scope-not-found");

    // What the version before this one reads: an invitation that has expired.
    let record = world.item("acme", &format!("P#{}", world.id_of("acme", LEA))).await;
    assert!(!record.contains_key("account"));
    assert_eq!(record["invitation"].as_m().unwrap()["expiresAt"].as_n().unwrap(), "0");
    assert!(!record["seat"].as_bool().unwrap());

    // The seat is taken meanwhile.
    invited(&world, MAX, SUMMIT, "reader").await;
    assert_eq!(suspension(&world, "DELETE", LEA).await.outcome(), "409 seat-limit-reached");
    let revoke = format!("/v1/scopes/{SUMMIT}/revocations");
    let max = json!({ "ids": [id_of(&world, MAX)] });
    post(&world, &Principal::user(OWNER), &revoke, &max).await.expect(200);
    let restored = suspension(&world, "DELETE", LEA).await.expect(200);
    assert_eq!(restored.body["status"], "active");
    let allowed = post(&world, &Principal::user(LEA), "/v1/checks", &check).await.expect(200);
    assert_eq!(allowed.body["results"][0]["allowed"], true);
    assert_eq!(suspension(&world, "POST", OWNER).await.outcome(), "403 own-role");
}

#[tokio::test]
async fn a_link_mailed_during_a_suspension_works_once_they_are_restored() {
    let world = acme().await;
    invited(&world, MAX, SUMMIT, "reader").await;
    let target = format!("{}/suspension", path_of(&world, "acme", MAX));
    let suspend = Invocation::request(Principal::user(OWNER), Request::new("POST", &target));
    let writes = |trip: &Trip| trip.operation == "TransactWriteItems";
    let sent = Box::pin(Invocation::Deliver.run(&world));
    assert_eq!(overtaken_at(&world, suspend, writes, sent).await, ["200", "done"]);
    let token = world.ses.mails_to(MAX)[0].token();
    let max = Principal::user(MAX);
    assert_eq!(accept(&world, &max, &token).await.outcome(), "404 invitation-not-found");
    world.send(&Principal::user(OWNER), Request::new("DELETE", &target)).await.expect(200);
    accept(&world, &max, &token).await.expect(200);
}
