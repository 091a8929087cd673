//! `GET /v1/scopes/{scope}?below=true`: the tree of what somebody reaches.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_tests::{Answer, Item, Request, Who, World};
use serde_json::{Value, json};

use crate::{
    ledger::Cost,
    support::{acme, active, get, invite, put_scope, revoke, without_access},
};

const OWNER: &str = "owner@acme.test";

async fn below(world: &World, who: &str, scope: &str) -> Answer {
    get(world, who, &format!("/v1/scopes/{scope}?below=true")).await
}

/// The ids of what is below, in the order of the answer.
fn ids(answer: &Answer) -> Vec<&str> {
    let listed = answer.body["below"].as_array().unwrap().iter();
    listed.map(|scope| scope["id"].as_str().unwrap()).collect()
}

const ALL: [&str; 5] =
    ["acme:rh", "acme:tech", "acme:tech:alumni", "acme:tech:meetup", "acme:tech:summit"];

#[tokio::test]
async fn a_collaborator_of_the_client_sees_every_scope_of_it_with_its_level_and_its_name() {
    let world = acme().await;
    active(&world, "reader@example.org", "acme", "reader").await;
    let seen = below(&world, "reader@example.org", "acme").await.expect(200);
    let expected = json!([
        { "id": "acme:rh", "level": "audience", "name": "RH" },
        { "id": "acme:tech", "level": "audience", "name": "Tech" },
        { "id": "acme:tech:alumni", "level": "community", "name": "Alumni" },
        { "id": "acme:tech:meetup", "level": "event", "name": "Meetup" },
        { "id": "acme:tech:summit", "level": "event", "name": "Summit 2027" },
    ]);
    assert_eq!(seen.body["below"], expected);
    let target = Request::new("GET", "/v1/scopes/acme?below=true");
    let platform = world.send(&Who::platform(), target).await.expect(200);
    assert_eq!(platform.body["below"], expected);
    assert_eq!(ids(&below(&world, OWNER, "acme").await), ALL);
}

#[tokio::test]
async fn a_collaborator_of_an_audience_sees_its_leaves_and_nothing_of_its_sisters() {
    let world = acme().await;
    for (scope, body) in [
        // The first is written beside the audience, and sorts among what is in it.
        ("acme:tech-2", json!({ "name": "Tech 2" })),
        ("acme:tech-2:secret", json!({ "name": "Secret", "kind": "event" })),
        ("acme:rh:party", json!({ "name": "Party", "kind": "event" })),
    ] {
        put_scope(&world, scope, &body).await.expect(201);
    }
    active(&world, "tech@example.org", "acme:tech", "observer").await;
    let seen = below(&world, "tech@example.org", "acme:tech").await.expect(200);
    assert_eq!(ids(&seen), ["acme:tech:alumni", "acme:tech:meetup", "acme:tech:summit"]);
    for (scope, told) in [("acme", "404 scope-not-found"), ("acme:rh", "404 scope-not-found")] {
        assert_eq!(below(&world, "tech@example.org", scope).await.told(), told);
    }
    // Whoever reaches all has each one after the one that it is in.
    let all = below(&world, OWNER, "acme").await;
    let mut sorted = ids(&all);
    sorted.sort_unstable();
    assert_eq!(ids(&all), sorted);
    let place = |id: &str| ids(&all).iter().position(|other| *other == id).unwrap();
    assert!(place("acme:tech-2") < place("acme:tech-2:secret"));
    assert!(place("acme:rh") < place("acme:rh:party"));
}

// Security, line 25.
#[tokio::test]
async fn a_collaborator_of_an_event_learns_of_no_other() {
    let world = acme().await;
    active(&world, "event@example.org", "acme:tech:summit", "administrator").await;
    let seen = below(&world, "event@example.org", "acme:tech:summit").await.expect(200);
    assert_eq!(ids(&seen), [""; 0]);
    for scope in ["acme", "acme:tech", "acme:tech:meetup", "acme:nothing"] {
        let refused = below(&world, "event@example.org", scope).await;
        assert_eq!(refused.told(), "404 scope-not-found", "{scope}");
        assert!(!refused.body.to_string().contains("Meetup"), "{}", refused.body);
    }
}

#[tokio::test]
async fn whoever_has_no_access_yet_or_any_more_sees_no_tree() {
    let world = acme().await;
    for who in without_access(&world).await {
        let refused = below(&world, &format!("{who}@example.org"), "acme").await;
        assert_eq!(refused.told(), "404 scope-not-found", "{who}");
    }
    active(&world, "lea@example.org", "acme", "reader").await;
    assert_eq!(ids(&below(&world, "lea@example.org", "acme").await), ALL);
    revoke(&world, OWNER, ("acme", "lea@example.org")).await.expect(200);
    assert_eq!(below(&world, "lea@example.org", "acme").await.told(), "404 scope-not-found");
    let nobody = Request::new("GET", "/v1/scopes/acme?below=true");
    assert_eq!(world.send(&Who::nobody(), nobody).await.told(), "401 unauthenticated");
}

#[tokio::test]
async fn without_it_the_answer_and_its_cost_are_what_they_were() {
    let world = acme().await;
    world.measure();
    drop(world.trips());
    let plain = get(&world, OWNER, "/v1/scopes/acme").await.expect(200);
    let cost = Cost::of(&world.trips()).to_string();
    let said = get(&world, OWNER, "/v1/scopes/acme?below=false").await.expect(200);
    assert_eq!(Cost::of(&world.trips()).to_string(), cost);
    assert_eq!((&plain.body, plain.etag()), (&said.body, said.etag()));
    assert_eq!(plain.body.get("below"), None);
    let mut with = below(&world, OWNER, "acme").await.expect(200);
    assert_eq!(with.etag(), plain.etag());
    with.body.as_object_mut().unwrap().remove("below");
    assert_eq!(with.body, plain.body, "nothing else is other");
}

#[tokio::test]
async fn a_value_that_is_neither_true_nor_false_is_refused() {
    let world = acme().await;
    for query in ["below=1", "below=", "below=True", "below=true&below=true", "under=true"] {
        let refused = get(&world, OWNER, &format!("/v1/scopes/acme?{query}")).await;
        assert_eq!(refused.told(), "400 malformed", "{query}");
    }
}

#[tokio::test]
async fn a_scope_that_cannot_be_read_is_never_left_out() {
    let world = acme().await;
    let update = world.dynamodb().update_item().table_name("coulisses");
    let update = update.key("pk", AttributeValue::S("C#acme".into()));
    let update = update.key("sk", AttributeValue::S("S#tech#meetup".into()));
    let update = update.update_expression("SET #level = :level");
    let update = update.expression_attribute_names("#level", "level");
    let update = update.expression_attribute_values(":level", AttributeValue::S("planet".into()));
    update.send().await.unwrap();
    for scope in ["acme", "acme:tech"] {
        assert_eq!(below(&world, OWNER, scope).await.told(), "503 try-again", "{scope}");
        get(&world, OWNER, &format!("/v1/scopes/{scope}")).await.expect(200);
    }
    world.set_table_down(true);
    assert_eq!(below(&world, OWNER, "acme:rh").await.told(), "503 try-again");
}

/// Writes `count` events more into the audience, with `padding` bytes each.
async fn many(world: &World, count: usize, padding: usize) {
    let like = world.item("acme", "S#tech#summit").await;
    let events = (0..count).map(|number| -> Item {
        let mut event = like.clone();
        event.insert("sk".into(), AttributeValue::S(format!("S#tech#e-{number:04}")));
        event.insert("padding".into(), AttributeValue::S("x".repeat(padding)));
        event
    });
    world.write(events).await;
}

#[tokio::test]
async fn scopes_of_more_than_one_page_are_all_there_in_their_order() {
    let world = acme().await;
    many(&world, 800, 3_000).await;
    world.measure();
    drop(world.trips());
    let seen = below(&world, OWNER, "acme:tech").await.expect(200);
    let cost = Cost::of(&world.trips());
    assert!(cost.trips > 3.0, "several pages: {cost}");
    let mut expected: Vec<String> =
        (0..800).map(|number| format!("acme:tech:e-{number:04}")).collect();
    expected.extend(["alumni", "meetup", "summit"].map(|leaf| format!("acme:tech:{leaf}")));
    expected.sort_unstable();
    assert_eq!(ids(&seen), expected);
}

#[tokio::test]
async fn people_in_the_client_make_it_no_dearer() {
    let world = acme().await;
    active(&world, "lea@example.org", "acme:tech", "reader").await;
    world.measure();
    let cost = async || {
        drop(world.trips());
        below(&world, OWNER, "acme").await.expect(200);
        Cost::of(&world.trips()).to_string()
    };
    let alone = cost().await;
    world.crowd(("acme", "lea@example.org"), 500, 2_000).await;
    assert_eq!(cost().await, alone);
}

#[tokio::test]
async fn a_scope_that_was_just_written_is_below_at_once() {
    let world = acme().await;
    world.wait(Duration::from_secs(1));
    let gala = json!({ "name": "Gala", "kind": "event", "owner": { "email": "g@example.org" } });
    put_scope(&world, "acme:rh:gala", &gala).await.expect(201);
    let seen = below(&world, OWNER, "acme:rh").await.expect(200);
    let expected = json!([{ "id": "acme:rh:gala", "level": "event", "name": "Gala" }]);
    assert_eq!(seen.body["below"], expected, "and nobody's address");
    let invited = json!({ "email": "new@example.org", "role": "reader" });
    invite(&world, OWNER, "acme:rh", &invited).await.expect(201);
    assert_eq!(below(&world, OWNER, "acme:rh").await.body["owner"], Value::Null);
}
