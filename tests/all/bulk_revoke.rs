//! `POST /v1/scopes/{scope}/revocations`: each in its own transaction, in order; with `below`, for people who leave.

use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::{Value, json};

use crate::{
    bulk_invite::{outcomes, people, readers},
    support::{
        LEA, MAX, MEETUP, OWNER, SUMMIT, TECH, acme, active, etag_of, get, history, id_of, invite,
        invited, path_of, queued, seats, seen,
    },
};

async fn revocations(world: &World, by: &str, scope: &str, body: &Value) -> Answer {
    let target = format!("/v1/scopes/{scope}/revocations");
    world.send(&Principal::user(by), Request::new("POST", &target).json(body)).await
}

fn ids(world: &World, emails: &[&str]) -> Value {
    json!({ "ids": emails.iter().map(|email| id_of(world, email)).collect::<Vec<_>>() })
}

#[tokio::test]
async fn a_batch_of_a_hundred_revokes_each_in_one_transaction_and_releases_the_seats() {
    let world = acme().await;
    let emails = people(100);
    for half in emails.chunks(50) {
        invite(&world, OWNER, TECH, &readers(half)).await.expect(200);
    }
    drop(world.trips());
    let names: Vec<&str> = emails.iter().map(String::as_str).collect();
    let answer = revocations(&world, OWNER, TECH, &ids(&world, &names)).await.expect(200);
    assert_eq!(outcomes(&answer), vec!["200"; 100]);
    let (reads, writes) = (["BatchGetItem"; 3], ["TransactWriteItems"; 100]);
    assert_eq!(world.operations(), [&reads[..], &writes[..]].concat());
    let first = &answer.body["results"][0]["revocation"];
    assert_eq!((&first["seatReleased"], &first["residual"]), (&json!(true), &json!([])));
    assert_eq!(first["removed"][0]["scope"], TECH);
    assert_eq!(seats(&world).await, json!([null, 1]));
}

#[tokio::test]
async fn each_revocation_has_its_own_result_in_order() {
    let world = acme().await;
    active(&world, LEA, TECH, "reader").await;
    active(&world, "up@example.org", "acme", "reader").await;
    active(&world, "sister@example.org", "acme:rh", "reader").await;
    let mut body = ids(&world, &[LEA, LEA, "up@example.org", OWNER, "sister@example.org"]);
    body["ids"].as_array_mut().unwrap().push(json!("no id at all"));
    let answer = revocations(&world, OWNER, TECH, &body).await.expect(200);
    let unknown = "404 collaborator-not-found";
    let inherited = "409 inherited-access";
    assert_eq!(outcomes(&answer), ["200", unknown, inherited, inherited, unknown, unknown]);
    assert_eq!(answer.body["results"][2]["problem"]["inheritedFrom"], json!(["acme"]));
    assert_eq!(seats(&world).await, json!([null, 3]));
    let entry = "revoked by owner@acme.test: acme:tech reader active > -".to_owned();
    assert!(history(&world, LEA).await.contains(&entry));
    assert!(queued(&world, LEA).await.contains(&"access-taken".to_owned()));
    let owner = revocations(&world, OWNER, "acme", &ids(&world, &[OWNER])).await.expect(200);
    assert_eq!(outcomes(&owner), ["409 owner-must-transfer"]);
    active(&world, "admin@example.org", SUMMIT, "administrator").await;
    let above = ids(&world, &["up@example.org"]);
    let above = revocations(&world, "admin@example.org", SUMMIT, &above).await.expect(200);
    assert_eq!(outcomes(&above), ["409 inherited-access"]);
}

/// docs/domain.md#rule-10
#[tokio::test]
async fn with_below_all_grants_under_the_scope_are_revoked_in_one_transaction_for_each_collaborator()
 {
    let world = acme().await;
    for scope in [TECH, SUMMIT, MEETUP, "acme:rh"] {
        invited(&world, LEA, scope, "reader").await;
    }
    invited(&world, MAX, SUMMIT, "reader").await;
    let mut body = ids(&world, &[LEA, MAX]);
    body["below"] = json!(true);
    drop(world.trips());
    let answer = revocations(&world, OWNER, TECH, &body).await.expect(200);
    assert_eq!(world.trips().len(), 3);
    assert_eq!(outcomes(&answer), ["200", "200"]);
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
async fn an_empty_or_too_long_batch_is_refused_with_the_limit() {
    let world = acme().await;
    let before = world.dump().await;
    let none = revocations(&world, OWNER, "acme", &json!({ "ids": [] })).await;
    assert_eq!(
        (none.outcome().as_str(), none.text("/errors/0/pointer")),
        ("422 invalid-field", "/ids")
    );
    let many =
        revocations(&world, OWNER, "acme", &json!({ "ids": vec![id_of(&world, LEA); 101] })).await;
    assert_eq!(many.outcome(), "422 too-many-items");
    assert!(many.text("/detail").ends_with("(100 at most)"), "{}", many.body);
    for malformed in [json!({}), json!({ "ids": "all" }), json!({ "ids": [], "all": true })] {
        let answer = revocations(&world, OWNER, "acme", &malformed).await;
        assert_eq!(answer.outcome(), "400 malformed", "{malformed}");
    }
    assert_eq!(world.dump().await, before);
}

/// Revoking every visible collaborator includes the caller; afterwards nothing more is done.
#[tokio::test]
async fn a_caller_who_revokes_their_own_access_in_a_batch_has_left() {
    let world = acme().await;
    active(&world, LEA, TECH, "administrator").await;
    active(&world, MAX, TECH, "reader").await;
    active(&world, "sam@example.org", TECH, "reader").await;
    let body = ids(&world, &[MAX, LEA, "sam@example.org"]);
    let answer = revocations(&world, LEA, TECH, &body).await.expect(200);
    assert_eq!(outcomes(&answer), ["200", "200", "404 scope-not-found"]);
    assert!(history(&world, LEA).await.iter().any(|entry| entry.starts_with("left by")));
    seen(&world, "acme", "sam@example.org").await.expect(200);
}

/// Unlike a single revocation, a batch names no version.
#[tokio::test]
async fn a_batch_revokes_a_role_that_was_changed_meanwhile() {
    let world = acme().await;
    active(&world, LEA, TECH, "reader").await;
    let etag = etag_of(&world, LEA).await;
    let role = format!("{}/role", path_of(&world, TECH, LEA));
    let change = Request::new("PUT", &role).json(&json!({ "role": "manager" })).if_match(&etag);
    world.send(&Principal::user(OWNER), change).await.expect(200);
    let answer = revocations(&world, OWNER, TECH, &ids(&world, &[LEA])).await.expect(200);
    assert_eq!(outcomes(&answer), ["200"]);
    assert_eq!(answer.body["results"][0]["revocation"]["removed"][0]["role"], "manager");
    let gone = get(&world, OWNER, &path_of(&world, TECH, LEA)).await;
    assert_eq!(gone.outcome(), "404 collaborator-not-found");
}
