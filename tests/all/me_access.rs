//! `GET /v1/me/access`: the caller's access in all clients.

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Fault, Item, Principal, Request, World, text};
use serde_json::{Value, json};

use crate::support::{
    LEA, OWNER, acme, acme_with, active, get, id_of, invite, invited, post, put_scope, revoke,
};

async fn own_access(world: &World, who: &Principal) -> Answer {
    world.send(who, Request::new("GET", "/v1/me/access")).await
}

/// The access, as `scope role` and the number of permissions.
async fn held(world: &World, who: &Principal) -> Vec<String> {
    let answer = own_access(world, who).await.expect(200);
    let clients = answer.body["access"].as_array().unwrap().iter();
    let scopes = clients.flat_map(|client| client["scopes"].as_array().unwrap());
    let count = |scope: &Value| scope["permissions"].as_array().unwrap().len();
    let line = |scope: &Value| format!("{} {} {}", scope["scope"], scope["role"], count(scope));
    scopes.map(|scope| line(scope).replace('"', "")).collect()
}

/// A client with an active owner and an audience.
async fn client(world: &World, id: &str, granting: &str) -> Principal {
    let owner = format!("owner@{id}.test");
    let body = json!({ "name": format!("Client {id}"), "seatLimit": null, "granting": granting, "owner": { "email": owner } });
    put_scope(world, id, &body).await.expect(201);
    put_scope(world, &format!("{id}:tech"), &json!({ "name": "Tech" })).await.expect(201);
    let owner = Principal::user(&owner);
    log_in_to(world, &owner, id).await;
    owner
}

async fn log_in_to(world: &World, who: &Principal, client: &str) {
    let request = Request::new("POST", &format!("/v1/scopes/{client}/logins"));
    world.send(who, request).await.expect(200);
}

/// Invites Léa as the owner of another client.
async fn invite_lea(world: &World, owner: &Principal, scope: &str, role: &str) {
    let target = format!("/v1/scopes/{scope}/collaborators");
    post(world, owner, &target, &json!({ "email": LEA, "role": role })).await.expect(201);
}

#[tokio::test]
async fn users_see_their_scopes_with_their_effective_permissions() {
    let world = acme_with(&json!({ "granting": "owner" })).await;
    let owner = client(&world, "aaa", "administrators").await;
    invite_lea(&world, &owner, "aaa:tech", "supervisor").await;
    log_in_to(&world, &Principal::user(LEA), "aaa").await;
    active(&world, LEA, "acme:tech", "administrator").await;
    let custom = json!({ "email": LEA, "role": "custom", "permissions": ["checkin:scan"] });
    invite(&world, OWNER, "acme:tech:summit", &custom).await.expect(201);
    invited(&world, LEA, "acme:rh", "observer").await;
    let answer = own_access(
        &world,
        &Principal::user("Lea@Example.ORG").with("sub", &format!("account of {LEA}")),
    )
    .await;
    insta::assert_json_snapshot!(answer.expect(200).body);
    assert_eq!(held(&world, &Principal::user(OWNER)).await, ["acme owner 30"]);
}

#[tokio::test]
async fn a_collaborator_who_may_not_list_can_leave_with_their_own_id() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "reader").await;
    let lea = Principal::user(LEA);
    let access = own_access(&world, &lea).await.expect(200);
    let scope = access.text("/access/0/scopes/0/scope");
    let list = format!("/v1/scopes/{scope}/collaborators");
    assert_eq!(get(&world, LEA, &list).await.outcome(), "403 forbidden");
    let own = format!("{list}/{}", access.text("/access/0/collaborator"));
    let seen = get(&world, LEA, &own).await.expect(200);
    assert_eq!(seen.text("/email"), LEA);
    let leave = Request::new("DELETE", &own).if_match(seen.etag());
    assert_eq!(world.send(&lea, leave).await.expect(200).body["seatReleased"], true);
    assert_eq!(own_access(&world, &lea).await.expect(200).body, json!({ "access": [] }));
}

#[tokio::test]
async fn each_client_shows_the_callers_own_id_and_no_other() {
    let world = acme().await;
    let owner = client(&world, "aaa", "administrators").await;
    invite_lea(&world, &owner, "aaa:tech", "reader").await;
    log_in_to(&world, &Principal::user(LEA), "aaa").await;
    for email in [LEA, "noe@example.org", "max@example.org"] {
        active(&world, email, "acme:tech", "administrator").await;
    }
    let answer = own_access(&world, &Principal::user(LEA)).await.expect(200);
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

/// docs/security.md#line-4 and #line-7.
#[tokio::test]
async fn no_id_is_shown_to_a_pending_collaborator_or_to_another_account() {
    let world = acme().await;
    invited(&world, LEA, "acme:tech", "reader").await;
    let nothing = json!({ "access": [] });
    let stranger = own_access(&world, &Principal::user("stranger@example.org")).await.expect(200);
    assert_eq!(stranger.body, nothing, "a stranger");
    let pending = own_access(&world, &Principal::user(LEA)).await.expect(200);
    assert_eq!(pending.body, nothing, "pending");
    log_in_to(&world, &Principal::user(LEA), "acme").await;
    let other = Principal::user(LEA).with("sub", "another account");
    assert_eq!(own_access(&world, &other).await.expect(200).body, nothing, "another account");
    let own = own_access(&world, &Principal::user(LEA)).await.expect(200);
    assert_eq!(own.text("/access/0/collaborator"), id_of(&world, LEA));
}

#[tokio::test]
async fn line_4_only_active_access_is_shown() {
    let world = acme().await;
    let lea = Principal::user(LEA);
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
    assert_eq!(held(&world, &lea).await, ["acme:tech reader 11"], "one of two grants ended");
    revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    assert_eq!(held(&world, &lea).await, [""; 0], "one revoked, one ended");
    invited(&world, "late@example.org", "acme", "reader").await;
    world.wait(DAY * 14);
    assert_eq!(held(&world, &Principal::user("late@example.org")).await, [""; 0], "expired");
}

/// Also docs/security.md#line-8.
#[tokio::test]
async fn line_7_each_client_is_shown_only_to_the_account_bound_there() {
    let world = acme().await;
    let owner = client(&world, "expo", "administrators").await;
    active(&world, LEA, "acme:tech", "reader").await;
    invite_lea(&world, &owner, "expo:tech", "observer").await;
    let (first, second) =
        (Principal::user(LEA), Principal::user(LEA).with("sub", "another account"));
    log_in_to(&world, &second, "expo").await;
    assert_eq!(held(&world, &first).await, ["acme:tech reader 11"]);
    assert_eq!(held(&world, &second).await, ["expo:tech observer 2"]);
    let third = Principal::user(LEA).with("iss", "https://another.issuer");
    assert_eq!(held(&world, &third).await, [""; 0]);
    assert_eq!(held(&world, &owner).await, ["expo owner 30"], "and no other client");
}

#[tokio::test]
async fn line_13_a_removed_and_reinvited_collaborator_sees_no_former_access() {
    let world = acme().await;
    active(&world, LEA, "acme", "administrator").await;
    revoke(&world, OWNER, ("acme", LEA)).await.expect(200);
    world.wait(DAY);
    invited(&world, LEA, "acme:tech", "observer").await;
    let (old, new) = (Principal::user(LEA), Principal::user(LEA).with("sub", "a new account"));
    assert_eq!(held(&world, &old).await, [""; 0]);
    log_in_to(&world, &new, "acme").await;
    assert_eq!(held(&world, &new).await, ["acme:tech observer 2"]);
    assert_eq!(held(&world, &old).await, [""; 0]);
}

/// The index is eventually consistent, so the records behind it are read.
#[tokio::test(flavor = "multi_thread")]
async fn line_14_revoked_access_that_the_index_still_has_is_not_shown() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "administrator").await;
    let (dynamodb, id) = (world.dynamodb(), id_of(&world, LEA));
    // The record is deleted between the query of the index and the read.
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
    assert_eq!(held(&world, &Principal::user(LEA)).await, [""; 0]);
    let trips: Vec<String> = world.trips().into_iter().map(|trip| trip.operation).collect();
    assert_eq!(trips, ["Query", "BatchGetItem"]);
}

#[tokio::test]
async fn clients_of_several_reads_are_all_shown_in_the_order_of_their_ids() {
    let world = World::new().await;
    let lea = Principal::user(LEA);
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
    assert_eq!(held(&world, &lea).await, expected, "unread items are not taken for absent");
}

#[tokio::test]
async fn every_page_of_the_index_is_read() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "reader").await;
    let record = world.item("acme", &format!("P#{}", id_of(&world, LEA))).await;
    // More than a megabyte of keys without an item behind them, before the key of the record.
    let row = |number: usize| -> Item {
        let mut row = Item::from([("gsi1pk".into(), record["gsi1pk"].clone())]);
        row.insert("pk".into(), text(format!("C#a{number}")));
        row.insert("sk".into(), text("P#abcdefghijklmnopqrstuvwxyz".into()));
        row.insert("gsi1sk".into(), text(format!("a{number}{}", "0".repeat(1_000))));
        row
    };
    world.write((0..1_000).map(row)).await;
    drop(world.trips());
    assert_eq!(held(&world, &Principal::user(LEA)).await, ["acme:tech reader 11"]);
    let trips = world.trips().into_iter();
    assert_eq!(trips.filter(|trip| trip.operation == "Query").count(), 2);
}

#[tokio::test]
async fn a_failed_read_is_answered_503() {
    let world = acme().await;
    let owner = Principal::user(OWNER);
    for operation in ["Query", "BatchGetItem"] {
        world.break_calls(move |trip| (trip.operation == operation).then_some(Fault::Unreachable));
        assert_eq!(own_access(&world, &owner).await.outcome(), "503 try-again", "{operation}");
    }
}

/// The ids and names of the tree that a user sees in `acme`.
async fn tree_of(world: &World, who: &str) -> Vec<String> {
    let answer = get(world, who, "/v1/me/access?tree=true").await.expect(200);
    let [acme] = answer.body["access"].as_array().unwrap().as_slice() else { panic!("one client") };
    let scopes = acme["tree"].as_array().unwrap().iter();
    scopes.map(|scope| format!("{} {}", scope["id"], scope["name"]).replace('"', "")).collect()
}

#[tokio::test]
async fn the_tree_has_the_scopes_above_and_below_a_grant_but_no_sisters() {
    let world = acme().await;
    let (tech, rh) = ("acme:tech Tech", "acme:rh RH");
    let (alumni, meetup, summit) =
        ("acme:tech:alumni Alumni", "acme:tech:meetup Meetup", "acme:tech:summit Summit 2027");
    active(&world, LEA, "acme:tech:summit", "observer").await;
    assert_eq!(tree_of(&world, LEA).await, [tech, summit]);
    invited(&world, LEA, "acme:rh", "observer").await;
    assert_eq!(tree_of(&world, LEA).await, [rh, tech, summit]);
    invited(&world, LEA, "acme:tech", "observer").await;
    assert_eq!(tree_of(&world, LEA).await, [rh, tech, alumni, meetup, summit]);
    assert_eq!(tree_of(&world, OWNER).await, [rh, tech, alumni, meetup, summit]);
    let without = get(&world, LEA, "/v1/me/access?tree=false").await.expect(200);
    assert_eq!(without.body["access"][0].get("tree"), None);
    let none = get(&world, "stranger@example.org", "/v1/me/access?tree=true").await.expect(200);
    assert_eq!(none.body, json!({ "access": [] }));
    let malformed = get(&world, LEA, "/v1/me/access?tree=yes").await;
    assert_eq!(malformed.outcome(), "400 malformed");
}
