//! `POST /v1/scopes/{scope}/revocations`: each by itself, in order; with `below`, one call for people who leave.

use coulisses_tests::{Answer, Request, Who, World};
use serde_json::{Value, json};

use crate::{
    bulk_invite::{people, readers, told},
    support::{acme, active, etag_of, get, history, id_of, invite, path_of, queued, seats, seen},
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";

async fn revocations(world: &World, by: &str, scope: &str, body: &Value) -> Answer {
    let target = format!("/v1/scopes/{scope}/revocations");
    world.send(&Who::person(by), Request::new("POST", &target).json(body)).await
}

fn ids(world: &World, emails: &[&str]) -> Value {
    json!({ "ids": emails.iter().map(|email| id_of(world, email)).collect::<Vec<_>>() })
}

#[tokio::test]
async fn a_hundred_people_lose_their_access_at_once_and_their_seats_are_free() {
    let world = acme().await;
    let emails = people(100);
    for half in emails.chunks(50) {
        invite(&world, OWNER, "acme:tech", &readers(half)).await.expect(200);
    }
    drop(world.trips());
    let names: Vec<&str> = emails.iter().map(String::as_str).collect();
    let answer = revocations(&world, OWNER, "acme:tech", &ids(&world, &names)).await.expect(200);
    assert_eq!(told(&answer), vec!["200"; 100]);
    let trips: Vec<String> = world.trips().into_iter().map(|trip| trip.operation).collect();
    let expected: Vec<&str> =
        ["BatchGetItem"; 2].into_iter().chain(["TransactWriteItems"; 100]).collect();
    assert_eq!(trips, expected);
    let first = &answer.body["results"][0]["revocation"];
    assert_eq!((&first["seatReleased"], &first["residual"]), (&json!(true), &json!([])));
    assert_eq!(first["removed"][0]["scope"], "acme:tech");
    assert_eq!(seats(&world).await, json!([null, 1]));
}

#[tokio::test]
async fn each_revocation_has_its_own_result_in_order() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "reader").await;
    active(&world, "up@example.org", "acme", "reader").await;
    active(&world, "sister@example.org", "acme:rh", "reader").await;
    let mut body = ids(&world, &[LEA, LEA, "up@example.org", OWNER, "sister@example.org"]);
    body["ids"].as_array_mut().unwrap().push(json!("no id at all"));
    let answer = revocations(&world, OWNER, "acme:tech", &body).await.expect(200);
    let nobody = "404 collaborator-not-found";
    let inherited = "409 inherited-access";
    assert_eq!(told(&answer), ["200", nobody, inherited, inherited, nobody, nobody]);
    assert_eq!(answer.body["results"][2]["problem"]["inheritedFrom"], json!(["acme"]));
    assert_eq!(seats(&world).await, json!([null, 3]));
    let entry = "revoked by owner@acme.test: acme:tech reader active > -".to_owned();
    assert!(history(&world, LEA).await.contains(&entry));
    assert!(queued(&world, LEA).await.contains(&"access-taken".to_owned()));
    let owner = revocations(&world, OWNER, "acme", &ids(&world, &[OWNER])).await.expect(200);
    assert_eq!(told(&owner), ["409 owner-must-transfer"]);
}

/// `domain.md`, rule 10: one call for somebody who leaves.
#[tokio::test]
async fn with_below_everything_under_the_scope_goes_in_one_transaction_a_person() {
    let world = acme().await;
    for scope in ["acme:tech", "acme:tech:summit", "acme:tech:meetup", "acme:rh"] {
        invite(&world, OWNER, scope, &json!({ "email": LEA, "role": "reader" })).await.expect(201);
    }
    invite(
        &world,
        OWNER,
        "acme:tech:summit",
        &json!({ "email": "max@example.org", "role": "reader" }),
    )
    .await
    .expect(201);
    let mut body = ids(&world, &[LEA, "max@example.org"]);
    body["below"] = json!(true);
    drop(world.trips());
    let answer = revocations(&world, OWNER, "acme:tech", &body).await.expect(200);
    assert_eq!(world.trips().len(), 3);
    assert_eq!(told(&answer), ["200", "200"]);
    let removed = |index: usize| {
        answer.body["results"][index]["revocation"]["removed"].as_array().unwrap().len()
    };
    assert_eq!((removed(0), removed(1)), (3, 1));
    assert_eq!(answer.body["results"][0]["revocation"]["seatReleased"], false);
    let left = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!(left.body["grants"].as_array().unwrap().len(), 1);
    assert_eq!(seats(&world).await, json!([null, 2]));

    let mut body = ids(&world, &[LEA]);
    body["below"] = json!(true);
    let everywhere = revocations(&world, OWNER, "acme", &body).await.expect(200);
    assert_eq!(everywhere.body["results"][0]["revocation"]["seatReleased"], true);
    assert_eq!(seats(&world).await, json!([null, 1]));
}

#[tokio::test]
async fn whoever_may_not_give_takes_nobody_s_access_in_a_batch() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "contributor").await;
    active(&world, "admin@example.org", "acme:tech:summit", "administrator").await;
    active(&world, "top@example.org", "acme", "administrator").await;
    let before = world.everything().await;
    let body = ids(&world, &["top@example.org", LEA]);
    let refused = revocations(&world, LEA, "acme:tech", &body).await;
    assert_eq!(refused.told(), "403 forbidden");
    let refused = revocations(&world, "stranger@example.org", "acme:tech", &body).await;
    assert_eq!(refused.told(), "404 scope-not-found");
    let sister = revocations(&world, "admin@example.org", "acme:tech:meetup", &body).await;
    assert_eq!(sister.told(), "404 scope-not-found");
    let above = revocations(&world, "admin@example.org", "acme:tech:summit", &body).await;
    assert_eq!(told(&above.expect(200)), ["409 inherited-access"; 2]);
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn a_batch_of_nobody_or_too_many_is_refused_with_the_limit_named() {
    let world = acme().await;
    let before = world.everything().await;
    let none = revocations(&world, OWNER, "acme", &json!({ "ids": [] })).await;
    assert_eq!(
        (none.told().as_str(), none.text("/errors/0/pointer")),
        ("422 invalid-field", "/ids")
    );
    let many =
        revocations(&world, OWNER, "acme", &json!({ "ids": vec![id_of(&world, LEA); 101] })).await;
    assert_eq!(many.told(), "422 too-many-items");
    assert!(many.text("/detail").ends_with("(max. 100)"), "{}", many.body);
    for malformed in [json!({}), json!({ "ids": "all" }), json!({ "ids": [], "all": true })] {
        let answer = revocations(&world, OWNER, "acme", &malformed).await;
        assert_eq!(answer.told(), "400 malformed", "{malformed}");
    }
    assert_eq!(world.everything().await, before);
}

/// Taking the access of everybody in sight takes one's own too, after which nothing more is done.
#[tokio::test]
async fn whoever_takes_his_own_access_in_a_batch_has_left() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "administrator").await;
    active(&world, "max@example.org", "acme:tech", "reader").await;
    active(&world, "sam@example.org", "acme:tech", "reader").await;
    let body = ids(&world, &["max@example.org", LEA, "sam@example.org"]);
    let answer = revocations(&world, LEA, "acme:tech", &body).await.expect(200);
    assert_eq!(told(&answer), ["200", "200", "404 scope-not-found"]);
    assert!(history(&world, LEA).await.iter().any(|entry| entry.starts_with("left by")));
    seen(&world, "acme", "sam@example.org").await.expect(200);
}

/// `peers.md`: an optional `If-Match` is not concurrency control. A batch names none: it takes what there is.
#[tokio::test]
async fn a_role_changed_meanwhile_does_not_keep_a_batch_from_taking_it() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "reader").await;
    let etag = etag_of(&world, LEA).await;
    let role = format!("{}/role", path_of(&world, "acme:tech", LEA));
    let change = Request::new("PUT", &role).json(&json!({ "role": "manager" })).if_match(&etag);
    world.send(&Who::person(OWNER), change).await.expect(200);
    let answer = revocations(&world, OWNER, "acme:tech", &ids(&world, &[LEA])).await.expect(200);
    assert_eq!(told(&answer), ["200"]);
    assert_eq!(answer.body["results"][0]["revocation"]["removed"][0]["role"], "manager");
    let gone = get(&world, OWNER, &path_of(&world, "acme:tech", LEA)).await;
    assert_eq!(gone.told(), "404 collaborator-not-found");
}
