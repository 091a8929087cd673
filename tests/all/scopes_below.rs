//! `GET /v1/scopes/{scope}?below=true`: the scopes below, as far as the caller has access.

use std::time::Duration;

use coulisses_tests::{Answer, Item, Principal, Request, World, text};
use serde_json::{Value, json};

use crate::{
    ledger::Cost,
    support::{LEA, OWNER, acme, active, gala, get, invited, put_scope, revoke, without_access},
};

async fn below(world: &World, who: &str, scope: &str) -> Answer {
    get(world, who, &format!("/v1/scopes/{scope}?below=true")).await
}

/// The ids of the scopes below, in the order of the response.
fn ids(answer: &Answer) -> Vec<&str> {
    let listed = answer.body["below"].as_array().unwrap().iter();
    listed.map(|scope| scope["id"].as_str().unwrap()).collect()
}

/// An event or a community without dates.
fn undated(id: &str, level: &str, name: &str) -> Value {
    json!({
        "id": id, "level": level, "name": name, "platformUrl": null,
        "startsAt": null, "endsAt": null, "timeZone": null, "accessEndsAt": null, "archivedAt": null,
    })
}

const ALL: [&str; 5] =
    ["acme:rh", "acme:tech", "acme:tech:alumni", "acme:tech:meetup", "acme:tech:summit"];

#[tokio::test]
async fn a_collaborator_of_the_client_sees_every_scope_with_its_level_and_name() {
    let world = acme().await;
    active(&world, "reader@example.org", "acme", "reader").await;
    let seen = below(&world, "reader@example.org", "acme").await.expect(200);
    let expected = json!([
        { "id": "acme:rh", "level": "audience", "name": "RH", "platformUrl": null },
        { "id": "acme:tech", "level": "audience", "name": "Tech", "platformUrl": null },
        undated("acme:tech:alumni", "community", "Alumni"),
        undated("acme:tech:meetup", "event", "Meetup"),
        undated("acme:tech:summit", "event", "Summit 2027"),
    ]);
    assert_eq!(seen.body["below"], expected);
    let target = Request::new("GET", "/v1/scopes/acme?below=true");
    let platform = world.send(&Principal::platform(), target).await.expect(200);
    assert_eq!(platform.body["below"], expected);
    assert_eq!(ids(&below(&world, OWNER, "acme").await), ALL);
}

#[tokio::test]
async fn a_collaborator_of_an_audience_sees_the_scopes_in_it_and_no_sister() {
    let world = acme().await;
    for (scope, body) in [
        // The key of this audience sorts among those of the events of `acme:tech`.
        ("acme:tech-2", json!({ "name": "Tech 2" })),
        ("acme:tech-2:secret", json!({ "name": "Secret", "kind": "event" })),
        ("acme:rh:party", json!({ "name": "Party", "kind": "event" })),
    ] {
        put_scope(&world, scope, &body).await.expect(201);
    }
    active(&world, "tech@example.org", "acme:tech", "observer").await;
    let seen = below(&world, "tech@example.org", "acme:tech").await.expect(200);
    assert_eq!(ids(&seen), ["acme:tech:alumni", "acme:tech:meetup", "acme:tech:summit"]);
    for scope in ["acme", "acme:rh"] {
        let refused = below(&world, "tech@example.org", scope).await;
        assert_eq!(refused.outcome(), "404 scope-not-found");
    }
    // Each scope is listed after its parent.
    let all = below(&world, OWNER, "acme").await;
    let mut sorted = ids(&all);
    sorted.sort_unstable();
    assert_eq!(ids(&all), sorted);
    let place = |id: &str| ids(&all).iter().position(|other| *other == id).unwrap();
    assert!(place("acme:tech-2") < place("acme:tech-2:secret"));
    assert!(place("acme:rh") < place("acme:rh:party"));
}

#[tokio::test]
async fn line_25_a_collaborator_of_an_event_sees_no_other_scope() {
    let world = acme().await;
    active(&world, "event@example.org", "acme:tech:summit", "administrator").await;
    let seen = below(&world, "event@example.org", "acme:tech:summit").await.expect(200);
    assert_eq!(ids(&seen), [""; 0]);
    for scope in ["acme", "acme:tech", "acme:tech:meetup", "acme:nothing"] {
        let refused = below(&world, "event@example.org", scope).await;
        assert_eq!(refused.outcome(), "404 scope-not-found", "{scope}");
        assert!(!refused.body.to_string().contains("Meetup"), "{}", refused.body);
    }
}

#[tokio::test]
async fn without_active_access_no_tree_is_shown() {
    let world = acme().await;
    for who in without_access(&world).await {
        let refused = below(&world, &format!("{who}@example.org"), "acme").await;
        assert_eq!(refused.outcome(), "404 scope-not-found", "{who}");
    }
    active(&world, LEA, "acme", "reader").await;
    assert_eq!(ids(&below(&world, LEA, "acme").await), ALL);
    revoke(&world, OWNER, ("acme", LEA)).await.expect(200);
    assert_eq!(below(&world, LEA, "acme").await.outcome(), "404 scope-not-found");
    let anonymous = Request::new("GET", "/v1/scopes/acme?below=true");
    let refused = world.send(&Principal::anonymous(), anonymous).await;
    assert_eq!(refused.outcome(), "401 unauthenticated");
}

#[tokio::test]
async fn without_below_the_response_and_its_cost_do_not_change() {
    let world = acme().await;
    world.measure();
    drop(world.trips());
    let plain = get(&world, OWNER, "/v1/scopes/acme").await.expect(200);
    let cost = Cost::of(&world.trips()).to_string();
    let explicit = get(&world, OWNER, "/v1/scopes/acme?below=false").await.expect(200);
    assert_eq!(Cost::of(&world.trips()).to_string(), cost);
    assert_eq!((&plain.body, plain.etag()), (&explicit.body, explicit.etag()));
    assert_eq!(plain.body.get("below"), None);
    let mut with = below(&world, OWNER, "acme").await.expect(200);
    assert_eq!(with.etag(), plain.etag());
    with.body.as_object_mut().unwrap().remove("below");
    assert_eq!(with.body, plain.body, "nothing else differs");
}

#[tokio::test]
async fn a_value_that_is_neither_true_nor_false_is_refused() {
    let world = acme().await;
    for query in ["below=1", "below=", "below=True", "below=true&below=true", "under=true"] {
        let refused = get(&world, OWNER, &format!("/v1/scopes/acme?{query}")).await;
        assert_eq!(refused.outcome(), "400 malformed", "{query}");
    }
}

#[tokio::test]
async fn a_scope_that_cannot_be_read_is_never_left_out() {
    let world = acme().await;
    let mut meetup = world.item("acme", "S#tech#meetup").await;
    meetup.insert("level".into(), text("planet".into()));
    world.write([meetup].into_iter()).await;
    for scope in ["acme", "acme:tech"] {
        assert_eq!(below(&world, OWNER, scope).await.outcome(), "503 try-again", "{scope}");
        get(&world, OWNER, &format!("/v1/scopes/{scope}")).await.expect(200);
    }
    world.set_table_down(true);
    assert_eq!(below(&world, OWNER, "acme:rh").await.outcome(), "503 try-again");
}

/// Adds `count` events to the audience, with `padding` bytes each.
async fn many(world: &World, count: usize, padding: usize) {
    let like = world.item("acme", "S#tech#summit").await;
    let events = (0..count).map(|number| -> Item {
        let mut event = like.clone();
        event.insert("sk".into(), text(format!("S#tech#e-{number:04}")));
        event.insert("padding".into(), text("x".repeat(padding)));
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
async fn the_number_of_collaborators_does_not_change_the_cost() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "reader").await;
    world.measure();
    let cost = async || {
        drop(world.trips());
        below(&world, OWNER, "acme").await.expect(200);
        Cost::of(&world.trips()).to_string()
    };
    let alone = cost().await;
    world.add_collaborators(("acme", LEA), 500, 2_000).await;
    assert_eq!(cost().await, alone);
}

#[tokio::test]
async fn a_new_scope_is_listed_at_once() {
    let world = acme().await;
    world.wait(Duration::from_secs(1));
    put_scope(&world, "acme:rh:gala", &gala("g@example.org")).await.expect(201);
    let seen = below(&world, OWNER, "acme:rh").await.expect(200);
    let expected = json!([undated("acme:rh:gala", "event", "Gala")]);
    assert_eq!(seen.body["below"], expected, "and no address");
    invited(&world, "new@example.org", "acme:rh", "reader").await;
    assert_eq!(below(&world, OWNER, "acme:rh").await.body["owner"], Value::Null);
}
