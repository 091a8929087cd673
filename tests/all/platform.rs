//! The platform acts: as itself and on behalf of a collaborator (docs/domain.md#rule-15).

use coulisses_tests::{Principal, Request, World};
use serde_json::{Value, json};

use crate::support::{
    EVE, LEA, MAX, OWNER, SUMMIT, acme, acme_with, active, get, invited, log_in, post,
};

const COLLABORATORS: &str = "/v1/scopes/acme:tech:summit/collaborators";

fn platform() -> Principal {
    Principal::platform()
}

fn on_behalf_of(email: &str) -> Principal {
    platform().on_behalf_of(email)
}

/// The actors of the history of `scope`.
async fn actors(world: &World, scope: &str) -> Vec<Value> {
    let history = get(world, OWNER, &format!("/v1/scopes/{scope}/history")).await.expect(200);
    let entries = history.body["entries"].as_array().unwrap().iter();
    entries.map(|entry| entry["actor"].clone()).collect()
}

#[tokio::test]
async fn the_platform_invites_as_itself_and_on_behalf_of_someone_and_the_history_shows_which() {
    let world = acme_with(&json!({ "granting": "owner" })).await;
    active(&world, EVE, SUMMIT, "administrator").await;
    let (lea, max) =
        (json!({ "email": LEA, "role": "reader" }), json!({ "email": MAX, "role": "reader" }));
    let refused = post(&world, &on_behalf_of(EVE), COLLABORATORS, &lea).await;
    assert_eq!(refused.outcome(), "403 forbidden", "only owners grant access");
    post(&world, &platform(), COLLABORATORS, &lea).await.expect(201);
    post(&world, &on_behalf_of(OWNER), COLLABORATORS, &max).await.expect(201);
    let client = json!({ "platform": true, "clientId": "platform" });
    let owner = json!({ "email": OWNER, "name": "Odile", "via": client });
    let actors = actors(&world, SUMMIT).await;
    assert!(actors.contains(&owner) && actors.contains(&client), "{actors:?}");
    let list = get(&world, OWNER, COLLABORATORS).await.expect(200);
    let by = |email: &str| {
        let rows = list.body["collaborators"].as_array().unwrap();
        rows.iter().find(|row| row["email"] == email).unwrap()["grants"][0]["grantedBy"].clone()
    };
    assert_eq!((by(LEA), by(MAX)), (client, owner));
}

#[tokio::test]
async fn on_behalf_of_someone_without_active_access_nothing_is_found() {
    let world = acme().await;
    invited(&world, LEA, SUMMIT, "reader").await;
    active(&world, EVE, SUMMIT, "administrator").await;
    for who in [LEA, "nobody@example.org", "owner@expo.test"] {
        let list = Request::new("GET", COLLABORATORS);
        let answer = world.send(&on_behalf_of(who), list).await;
        assert_eq!(answer.outcome(), "404 scope-not-found", "{who}");
    }
    let own = Request::new("GET", "/v1/me/access");
    let access = world.send(&on_behalf_of(EVE), own.clone()).await.expect(200);
    assert_eq!(access.body, get(&world, EVE, "/v1/me/access").await.expect(200).body);
    assert_eq!(world.send(&on_behalf_of(LEA), own).await.body, json!({ "access": [] }));
}

#[tokio::test]
async fn only_the_platform_acts_on_behalf_of_one_other_address() {
    let world = acme().await;
    let list = || Request::new("GET", COLLABORATORS);
    let who = Principal::user(OWNER).on_behalf_of(OWNER);
    assert_eq!(world.send(&who, list()).await.outcome(), "403 forbidden");
    for bad in ["", "eve", "eve@example.org, lea@example.org", "é@example.org", "a@erased.invalid"]
    {
        let answer = world.send(&on_behalf_of(bad), list()).await;
        assert_eq!(answer.outcome(), "400 malformed", "{bad:?}");
    }
    assert_eq!(world.send(&on_behalf_of("OWNER@acme.test"), list()).await.status, 200);
    let login = Request::new("POST", "/v1/scopes/acme/logins");
    let answer = world.send(&on_behalf_of(OWNER), login).await;
    assert_eq!(answer.outcome(), "403 forbidden", "nobody logs in for someone else");
}

#[tokio::test]
async fn an_idempotency_key_of_the_platform_is_another_for_each_person() {
    let world = acme().await;
    active(&world, EVE, SUMMIT, "administrator").await;
    let invite = async |who: &Principal| {
        let body = json!({ "email": LEA, "role": "reader" });
        let request =
            Request::new("POST", COLLABORATORS).json(&body).header("idempotency-key", "1");
        world.send(who, request).await.outcome()
    };
    assert_eq!(invite(&on_behalf_of(EVE)).await, "201");
    assert_eq!(invite(&on_behalf_of(EVE)).await, "201", "the first response");
    assert_eq!(invite(&on_behalf_of(OWNER)).await, "409 already-has-access");
    assert_eq!(invite(&platform()).await, "409 already-has-access");
    log_in(&world, LEA).await;
}

// What the version before this one reads: `platform` alone in the actor.
#[tokio::test]
async fn the_oauth_client_of_the_platform_is_stored_beside_the_actor() {
    let world = acme().await;
    let body = json!({ "email": LEA, "role": "reader" });
    post(&world, &platform(), COLLABORATORS, &body).await.expect(201);
    let record = world.item("acme", &format!("P#{}", world.id_of("acme", LEA))).await;
    let grant = record["grants"].as_m().unwrap()[SUMMIT].as_m().unwrap().clone();
    let by = grant["by"].as_m().unwrap();
    assert_eq!(by.keys().collect::<Vec<_>>(), ["platform"]);
    assert_eq!(grant["byClient"].as_s().unwrap(), "platform");
}
