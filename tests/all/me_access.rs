//! `GET /v1/me/access`: where one has access, in all clients.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Fault, Request, Who, World};
use serde_json::{Value, json};

use crate::support::{acme, acme_with, active, get, id_of, invite, post, put_scope, revoke};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";

async fn look(world: &World, who: &Who) -> Answer {
    world.send(who, Request::new("GET", "/v1/me/access")).await
}

/// The access as `scope role`, and how many permissions.
async fn held(world: &World, who: &Who) -> Vec<String> {
    let answer = look(world, who).await.expect(200);
    let clients = answer.body["access"].as_array().unwrap().iter();
    let scopes = clients.flat_map(|client| client["scopes"].as_array().unwrap());
    let count = |scope: &Value| scope["permissions"].as_array().unwrap().len();
    scopes
        .map(|scope| {
            format!("{} {} {}", scope["scope"], scope["role"], count(scope)).replace('"', "")
        })
        .collect()
}

/// A client of this name, whose owner is active, with an audience.
async fn client(world: &World, id: &str, granting: &str) -> Who {
    let owner = format!("owner@{id}.test");
    let body = json!({ "name": format!("Client {id}"), "seatLimit": null, "granting": granting, "owner": { "email": owner } });
    put_scope(world, id, &body).await.expect(201);
    put_scope(world, &format!("{id}:tech"), &json!({ "name": "Tech" })).await.expect(201);
    let owner = Who::person(&owner);
    log_in_to(world, &owner, id).await;
    owner
}

async fn log_in_to(world: &World, who: &Who, client: &str) {
    let request = Request::new("POST", &format!("/v1/scopes/{client}/logins"));
    world.send(who, request).await.expect(200);
}

/// Invites Léa as the owner of a client.
async fn invite_lea(world: &World, owner: &Who, scope: &str, role: &str) {
    let target = format!("/v1/scopes/{scope}/collaborators");
    post(world, owner, &target, &json!({ "email": LEA, "role": role })).await.expect(201);
}

#[tokio::test]
async fn everybody_sees_where_he_has_access_with_what_he_effectively_holds_there() {
    let world = acme_with(&json!({ "granting": "owner" })).await;
    let owner = client(&world, "aaa", "administrators").await;
    invite_lea(&world, &owner, "aaa:tech", "supervisor").await;
    log_in_to(&world, &Who::person(LEA), "aaa").await;
    active(&world, LEA, "acme:tech", "administrator").await;
    let custom = json!({ "email": LEA, "role": "custom", "permissions": ["checkin:scan"] });
    invite(&world, OWNER, "acme:tech:summit", &custom).await.expect(201);
    invite(&world, OWNER, "acme:rh", &json!({ "email": LEA, "role": "observer" }))
        .await
        .expect(201);
    let answer =
        look(&world, &Who::person("Lea@Example.ORG").with("sub", &format!("account of {LEA}")))
            .await;
    insta::assert_json_snapshot!(answer.expect(200).body);
    assert_eq!(held(&world, &Who::person(OWNER)).await, ["acme owner 30"]);
}

#[tokio::test]
async fn whoever_may_not_list_finds_himself_by_the_id_that_is_told_and_leaves_with_it() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "reader").await;
    let lea = Who::person(LEA);
    let told = look(&world, &lea).await.expect(200);
    let scope = told.text("/access/0/scopes/0/scope");
    let list = format!("/v1/scopes/{scope}/collaborators");
    assert_eq!(get(&world, LEA, &list).await.told(), "403 forbidden");
    let own = format!("{list}/{}", told.text("/access/0/collaborator"));
    let seen = get(&world, LEA, &own).await.expect(200);
    assert_eq!(seen.text("/email"), LEA);
    let leave = Request::new("DELETE", &own).if_match(seen.etag());
    assert_eq!(world.send(&lea, leave).await.expect(200).body["seatReleased"], true);
    assert_eq!(look(&world, &lea).await.expect(200).body, json!({ "access": [] }));
}

#[tokio::test]
async fn the_id_is_ones_own_in_each_client_and_nobody_elses_is_told() {
    let world = acme().await;
    let owner = client(&world, "aaa", "administrators").await;
    invite_lea(&world, &owner, "aaa:tech", "reader").await;
    log_in_to(&world, &Who::person(LEA), "aaa").await;
    for email in [LEA, "noe@example.org", "max@example.org"] {
        active(&world, email, "acme:tech", "administrator").await;
    }
    let answer = look(&world, &Who::person(LEA)).await.expect(200);
    let entries = answer.body["access"].as_array().unwrap();
    let ids: Vec<&Value> = entries.iter().map(|entry| &entry["collaborator"]).collect();
    assert_eq!(ids, [&json!(world.id_of("aaa", LEA)), &json!(world.id_of("acme", LEA))]);
    assert_ne!(ids[0], ids[1]);
    let text = answer.body.to_string();
    for (client, other) in [
        ("aaa", "owner@aaa.test"),
        ("acme", OWNER),
        ("acme", "noe@example.org"),
        ("acme", "max@example.org"),
    ] {
        assert!(!text.contains(&world.id_of(client, other)), "{other} of {client}");
        assert!(!text.contains(other), "{other}");
    }
}

/// Security, lines 4 and 7.
#[tokio::test]
async fn no_id_is_told_to_whoever_waits_nor_to_another_account_of_the_address() {
    let world = acme().await;
    invite(&world, OWNER, "acme:tech", &json!({ "email": LEA, "role": "reader" }))
        .await
        .expect(201);
    let nothing = json!({ "access": [] });
    assert_eq!(look(&world, &Who::person(LEA)).await.expect(200).body, nothing, "pending");
    log_in_to(&world, &Who::person(LEA), "acme").await;
    let other = Who::person(LEA).with("sub", "another account");
    assert_eq!(look(&world, &other).await.expect(200).body, nothing, "another account");
    let own = look(&world, &Who::person(LEA)).await.expect(200);
    assert_eq!(own.text("/access/0/collaborator"), id_of(&world, LEA));
}

#[tokio::test]
async fn the_platform_is_nobody_and_a_stranger_has_nothing() {
    let world = acme().await;
    assert_eq!(look(&world, &Who::platform()).await.told(), "403 forbidden");
    let stranger = look(&world, &Who::person("stranger@example.org")).await.expect(200);
    assert_eq!(stranger.body, json!({ "access": [] }));
}

/// Security, line 4.
#[tokio::test]
async fn line_4_only_active_access_is_shown() {
    let world = acme().await;
    let lea = Who::person(LEA);
    let mut ending = json!({ "email": LEA, "role": "observer" });
    ending["expiresAt"] = json!("2026-11-29T12:00:00Z");
    invite(&world, OWNER, "acme:rh", &ending).await.expect(201);
    assert_eq!(held(&world, &lea).await, [""; 0], "pending");
    log_in_to(&world, &lea, "acme").await;
    assert_eq!(held(&world, &lea).await, ["acme:rh observer 2"]);
    let reader = json!({ "email": LEA, "role": "reader" });
    invite(&world, OWNER, "acme:tech", &reader).await.expect(201);
    assert_eq!(held(&world, &lea).await, ["acme:rh observer 2", "acme:tech reader 11"]);
    world.wait(DAY * 7);
    assert_eq!(
        held(&world, &lea).await,
        ["acme:tech reader 11"],
        "the end of one leaves the other"
    );
    revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    assert_eq!(held(&world, &lea).await, [""; 0], "revoked, and ended");
    invite(&world, OWNER, "acme", &json!({ "email": "late@example.org", "role": "reader" }))
        .await
        .expect(201);
    world.wait(DAY * 14);
    assert_eq!(held(&world, &Who::person("late@example.org")).await, [""; 0], "expired");
}

/// Security, lines 7 and 8.
#[tokio::test]
async fn line_7_each_client_shows_to_the_account_that_is_bound_there_alone() {
    let world = acme().await;
    let owner = client(&world, "expo", "administrators").await;
    active(&world, LEA, "acme:tech", "reader").await;
    invite_lea(&world, &owner, "expo:tech", "observer").await;
    let (first, second) = (Who::person(LEA), Who::person(LEA).with("sub", "another account"));
    log_in_to(&world, &second, "expo").await;
    assert_eq!(held(&world, &first).await, ["acme:tech reader 11"]);
    assert_eq!(held(&world, &second).await, ["expo:tech observer 2"]);
    let third = Who::person(LEA).with("iss", "https://another.issuer");
    assert_eq!(held(&world, &third).await, [""; 0]);
    assert_eq!(held(&world, &owner).await, ["expo owner 30"], "and nothing of others");
}

/// Security, line 13.
#[tokio::test]
async fn line_13_somebody_removed_and_invited_again_sees_nothing_of_the_old() {
    let world = acme().await;
    active(&world, LEA, "acme", "administrator").await;
    revoke(&world, OWNER, ("acme", LEA)).await.expect(200);
    world.wait(DAY);
    invite(&world, OWNER, "acme:tech", &json!({ "email": LEA, "role": "observer" }))
        .await
        .expect(201);
    let (old, new) = (Who::person(LEA), Who::person(LEA).with("sub", "a new account"));
    assert_eq!(held(&world, &old).await, [""; 0]);
    log_in_to(&world, &new, "acme").await;
    assert_eq!(held(&world, &new).await, ["acme:tech observer 2"]);
    assert_eq!(held(&world, &old).await, [""; 0]);
}

/// Security, line 14: the index is behind by a moment, and what is shown is read.
#[tokio::test(flavor = "multi_thread")]
async fn line_14_what_was_taken_while_the_index_still_shows_it_is_not_shown() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "administrator").await;
    let (dynamodb, id) = (world.dynamodb(), id_of(&world, LEA));
    // It goes between the look into the index and the reading.
    world.break_calls(move |trip| {
        if trip.operation == "BatchGetItem" {
            let delete = dynamodb.delete_item().table_name("coulisses");
            let delete = delete.key("pk", AttributeValue::S("C#acme".into()));
            let delete = delete.key("sk", AttributeValue::S(format!("P#{id}")));
            tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current().block_on(delete.send()).unwrap();
            });
        }
        None
    });
    drop(world.trips());
    assert_eq!(held(&world, &Who::person(LEA)).await, [""; 0]);
    let trips: Vec<String> = world.trips().into_iter().map(|trip| trip.operation).collect();
    assert_eq!(trips, ["Query", "BatchGetItem"]);
}

#[tokio::test]
async fn more_clients_than_one_read_takes_are_all_shown_in_the_order_of_their_ids() {
    let world = World::new().await;
    let lea = Who::person(LEA);
    let mut expected = Vec::new();
    for number in 0..51 {
        let id = format!("client-{number:02}");
        let owner = json!({ "email": LEA });
        let body = json!({ "name": id, "seatLimit": 1, "granting": "owner", "owner": owner });
        put_scope(&world, &id, &body).await.expect(201);
        log_in_to(&world, &lea, &id).await;
        expected.push(format!("{id} owner 30"));
    }
    drop(world.trips());
    assert_eq!(held(&world, &lea).await, expected);
    let trips = world.trips();
    let trips: Vec<&str> = trips.iter().map(|trip| trip.operation.as_str()).collect();
    assert_eq!(trips, ["Query", "BatchGetItem", "BatchGetItem"]);
    world.break_calls(|trip| (trip.operation == "BatchGetItem").then_some(Fault::HalfDone));
    assert_eq!(held(&world, &lea).await, expected, "nothing is taken for absent");
}

#[tokio::test]
async fn the_index_is_read_to_its_end() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "reader").await;
    let record = world.dynamodb().get_item().table_name("coulisses");
    let record = record.key("pk", AttributeValue::S("C#acme".into()));
    let record = record.key("sk", AttributeValue::S(format!("P#{}", id_of(&world, LEA))));
    let record = record.send().await.unwrap().item.unwrap();
    // Rows that lead nowhere, before the one that does: more than a megabyte of keys.
    let row = |number: usize| {
        let text = |text: String| AttributeValue::S(text);
        let item = HashMap::from([
            ("pk".into(), text(format!("C#a{number}"))),
            ("sk".into(), text("P#abcdefghijklmnopqrstuvwxyz".into())),
            ("gsi1pk".into(), record["gsi1pk"].clone()),
            ("gsi1sk".into(), text(format!("a{number}{}", "0".repeat(1_000)))),
        ]);
        let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
        WriteRequest::builder().put_request(put).build()
    };
    let rows: Vec<WriteRequest> = (0..1_000).map(row).collect();
    for some in rows.chunks(25) {
        let write = world.dynamodb().batch_write_item();
        write.request_items("coulisses", some.to_vec()).send().await.unwrap();
    }
    drop(world.trips());
    assert_eq!(held(&world, &Who::person(LEA)).await, ["acme:tech reader 11"]);
    let trips = world.trips().into_iter();
    assert_eq!(trips.filter(|trip| trip.operation == "Query").count(), 2);
}

#[tokio::test]
async fn what_cannot_be_read_is_told_as_that() {
    let world = acme().await;
    let owner = Who::person(OWNER);
    for operation in ["Query", "BatchGetItem"] {
        world.break_calls(move |trip| (trip.operation == operation).then_some(Fault::Unreachable));
        assert_eq!(look(&world, &owner).await.told(), "503 try-again", "{operation}");
    }
}
