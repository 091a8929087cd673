//! Every change leaves once more as an event (docs/events.md): on the bus, and in the feed.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use coulisses_aws::config::EventSettings;
use coulisses_domain::{
    history::{Action, feed::HELD_BACK},
    time::DAY,
};
use coulisses_tests::{
    Answer, Contract, Logs, Principal, PublishedEvent, Request, Template, World,
};
use serde_json::{Value, json};

use crate::{
    event_feed::feed,
    invite_seats::set_limit,
    named_roles::{defined, delete, desk, put},
    support::{
        ADA, EVE, LEA, MAX, MEETUP, OWNER, SUMMIT, TECH, acme, active, answer, assign, etag_of,
        get, id_of, invite, invited, log_in, path_of, post, put_scope, resend, revoke, rows, seats,
        token_of,
    },
    transfer::{platform_transfer, version_of},
};

async fn as_owner(world: &World, method: &'static str, path: &str, body: Option<Value>) -> Answer {
    let etag = etag_of(world, LEA).await;
    let request = Request::new(method, path).if_match(&etag);
    let request = match body {
        Some(body) => request.json(&body),
        None => request,
    };
    world.send(&Principal::user(OWNER), request).await.expect(200)
}

/// Two people wait, and get their seats in another order.
async fn seats_are_passed_on(world: &World) {
    let used = seats(world).await[1].clone();
    set_limit(world, used).await;
    let list = "/v1/scopes/acme/waiting-list";
    for email in ["wa@example.org", "wb@example.org"] {
        let body = json!({ "email": email, "role": "reader", "ifFull": "wait" });
        invite(world, OWNER, TECH, &body).await.expect(202);
    }
    let ids = ["wb@example.org", "wa@example.org"].map(|email| id_of(world, email));
    let etag = get(world, OWNER, list).await.etag().to_owned();
    let order = Request::new("PUT", list).json(&json!({ "ids": ids })).if_match(&etag);
    world.send(&Principal::user(OWNER), order).await.expect(200);
    set_limit(world, Value::Null).await;
    world.audit_within(Duration::from_mins(5), json!({ "waiting": true })).await;
}

/// A client with a change of every kind. At the end no invitation and no access is about to end.
async fn eventful() -> World {
    let world = acme().await;
    let tick = || world.wait(Duration::from_mins(2));
    tick();
    active(&world, LEA, TECH, "reader").await;
    tick();
    invited(&world, LEA, SUMMIT, "manager").await;
    tick();
    assign(&world, OWNER, (TECH, LEA), &json!({ "role": "contributor" })).await.expect(200);
    invited(&world, MAX, TECH, "reader").await;
    active(&world, ADA, SUMMIT, "reader").await;
    tick();
    resend(&world, &Principal::user(OWNER), (TECH, MAX)).await.expect(202);
    revoke(&world, ADA, (SUMMIT, ADA)).await.expect(200);
    tick();
    invited(&world, ADA, SUMMIT, "observer").await;
    let soon = world.now().after(DAY * 10).to_string();
    let until = json!({ "email": EVE, "role": "reader", "expiresAt": soon });
    invite(&world, OWNER, TECH, &until).await.expect(201);
    invited(&world, EVE, MEETUP, "reader").await;
    tick();
    log_in(&world, EVE).await;
    world.wait(DAY * 15);
    world.audit().await;
    tick();
    active(&world, MAX, TECH, "reader").await;
    tick();
    invited(&world, "no@example.org", TECH, "reader").await;
    let token = token_of(&world, "no@example.org").await;
    answer(&world, "decline", &token).await.expect(200);
    tick();
    let suspension = format!("{}/suspension", path_of(&world, "acme", LEA));
    as_owner(&world, "POST", &suspension, Some(json!({}))).await;
    tick();
    as_owner(&world, "DELETE", &suspension, None).await;
    tick();
    as_owner(&world, "DELETE", &format!("{}/account", path_of(&world, "acme", LEA)), None).await;
    tick();
    for method in ["POST", "DELETE"] {
        let archive = format!("/v1/scopes/{SUMMIT}/archive");
        let version = version_of(&world, SUMMIT).await;
        let request = Request::new(method, &archive).if_match(&version);
        world.send(&Principal::user(OWNER), request).await.expect(200);
        tick();
    }
    let next = json!({ "name": "Next", "kind": "event" });
    put_scope(&world, "acme:tech:next", &next).await.expect(201);
    let team = json!({ "from": SUMMIT });
    let copies = "/v1/scopes/acme:tech:next/copies";
    let done = post(&world, &Principal::user(OWNER), copies, &team).await.expect(200);
    assert_eq!(done.body["results"][0]["status"], 201);
    tick();
    let moved = json!({ "email": "lea.martin@example.org" });
    as_owner(&world, "PUT", &format!("{}/email", path_of(&world, "acme", LEA)), Some(moved)).await;
    tick();
    revoke(&world, OWNER, (TECH, MAX)).await.expect(200);
    let grants = json!([{ "scope": "acme:rh", "role": "reader" }]);
    let people = json!({ "people": [{ "email": "imported@example.org", "grants": grants }] });
    post(&world, &Principal::platform(), "/v1/scopes/acme/imports", &people).await.expect(200);
    let etag = defined(&world, "front-desk", &["contacts:view"]).await;
    let body = desk(&["checkin:scan"]);
    put(&world, &Principal::user(OWNER), "front-desk", &body, Some(&etag)).await.expect(200);
    delete(&world, OWNER, "front-desk", "").await.expect(200);
    tick();
    let erasure = json!({ "client": "acme", "email": "imported@example.org", "erase": true });
    world.erase(erasure).await.unwrap();
    tick();
    seats_are_passed_on(&world).await;
    tick();
    let heir = json!({ "email": "zoe@acme.test" });
    platform_transfer(&world, "acme", &heir).await.expect(200);
    world
}

/// The events on the bus, oldest first.
fn published(world: &World) -> Vec<Value> {
    let mut events: Vec<Value> = world.bus.events().iter().map(PublishedEvent::event).collect();
    events.sort_by_key(|event| event["id"].as_str().unwrap().to_owned());
    events
}

/// What a receiver of `events` knows: role and status of each collaborator at each scope. The greater id is newer.
fn replayed<'a>(
    events: impl IntoIterator<Item = &'a Value>,
) -> BTreeSet<(String, String, String, String)> {
    let mut known: BTreeMap<(String, String), (String, Value)> = BTreeMap::new();
    for event in events {
        let data = &event["data"];
        let Some(collaborator) = data["collaborator"].as_str() else { continue };
        let id = event["id"].as_str().unwrap();
        for (scope, change) in data["changes"].as_object().unwrap() {
            let newest = known.entry((collaborator.to_owned(), scope.clone())).or_default();
            if newest.0.as_str() < id {
                *newest = (id.to_owned(), change["after"].clone());
            }
        }
    }
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let held = known
        .into_iter()
        .filter(|(_, (_, after))| !after.is_null() && after["status"] != "expired");
    held.map(|((collaborator, scope), (_, after))| {
        (collaborator, scope, text(&after["role"]), text(&after["status"]))
    })
    .collect()
}

/// The same as the grid shows it.
async fn granted(world: &World) -> BTreeSet<(String, String, String, String)> {
    let all = "/v1/scopes/acme/collaborators?below=true&limit=1000";
    let grid = world.send(&Principal::platform(), Request::new("GET", all)).await.expect(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut held = BTreeSet::new();
    for row in grid.body["collaborators"].as_array().unwrap() {
        for grant in row["grants"].as_array().unwrap() {
            if row["status"] != "expired" {
                let [id, status] = ["id", "status"].map(|name| text(&row[name]));
                held.insert((id, text(&grant["scope"]), text(&grant["role"]), status));
            }
        }
    }
    held
}

#[tokio::test]
async fn the_bus_and_the_feed_have_the_same_events_one_for_each_entry_of_the_history() {
    let world = eventful().await;
    world.publish_all().await;
    assert!(world.bus.calls().iter().all(|entries| *entries <= 10));
    for it in world.bus.events() {
        let event = it.event();
        assert_eq!((it.source.as_str(), &json!(it.detail_type)), ("coulisses", &event["type"]));
    }
    let on_bus = published(&world);
    world.wait(HELD_BACK + Duration::from_millis(1));
    for limit in [1, 7, 1_000] {
        let (events, _) = feed(&world, String::new(), limit).await;
        assert_eq!(events, on_bus, "by {limit}");
    }
    let ids: BTreeSet<String> = rows(&world, "H#acme").await.into_keys().collect();
    assert_eq!(
        on_bus
            .iter()
            .map(|event| event["id"].as_str().unwrap().to_owned())
            .collect::<BTreeSet<_>>(),
        ids
    );
}

#[tokio::test]
async fn in_any_order_and_more_than_once_the_events_end_at_the_state_of_the_grid() {
    let world = eventful().await;
    // Their versions start anew, so only the ids show which invitation is newer.
    for number in 0..8 {
        let email = format!("again{number}@example.org");
        invited(&world, &email, TECH, "reader").await;
        world.wait(Duration::from_secs(1));
        revoke(&world, OWNER, (TECH, &email)).await.expect(200);
        world.wait(Duration::from_mins(1));
        invited(&world, &email, TECH, "observer").await;
    }
    world.publish_all().await;
    let (events, expected) = (published(&world), granted(&world).await);
    assert!(expected.len() >= 5, "{expected:?}");
    let mut seed = 1_u64;
    for round in 0..50 {
        let mut order: Vec<&Value> = events.iter().chain(&events).collect();
        for last in (1..order.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            order.swap(last, usize::try_from(seed >> 33).unwrap() % (last + 1));
        }
        assert_eq!(replayed(order), expected, "round {round}");
    }
}

#[tokio::test]
async fn every_kind_of_change_is_an_event_that_the_description_has() {
    let text = include_str!("../../infra/asyncapi.yaml").replace("./openapi.yaml#", "#");
    let described: Value = yaml_serde::from_str(&text).unwrap();
    let messages = described["components"]["messages"].as_object().unwrap();
    let names: BTreeSet<String> =
        messages.values().map(|message| message["name"].as_str().unwrap().to_owned()).collect();
    let actions = Action::ALL.iter().map(|action| action.event_type());
    assert_eq!(names, actions.collect());
    let in_channel = described["channels"]["access"]["messages"].as_object().unwrap();
    assert!(in_channel.keys().eq(messages.keys()));

    let world = eventful().await;
    world.publish_all().await;
    let mut seen = BTreeSet::new();
    for event in published(&world) {
        let kind = event["type"].as_str().unwrap().to_owned();
        let message = messages.values().find(|message| message["name"] == kind.as_str()).unwrap();
        let violations = Contract::get().violations(&message["payload"], &event);
        assert_eq!(violations, None, "{event}");
        let other = messages.values().find(|message| message["name"] != kind.as_str()).unwrap();
        assert!(Contract::get().violations(&other["payload"], &event).is_some());
        seen.insert(kind);
    }
    let known = names.into_iter().filter(|name| *name != Action::Unknown.event_type());
    assert_eq!(seen, known.collect());
}

#[tokio::test]
async fn an_event_names_people_by_their_ids_unless_the_deployment_wants_their_names() {
    let mut world = eventful().await;
    world.publish_all().await;
    for it in world.bus.events() {
        assert!(!it.detail.contains('@') && !it.detail.contains("Odile"), "{}", it.detail);
    }
    let invited = published(&world).into_iter().rfind(|it| it["type"] == "collaborator.invited");
    let owner = world.id_of("acme", OWNER);
    assert_eq!(invited.unwrap()["data"]["actor"], json!({ "id": owner }));

    let settings = EventSettings { names_people: true, ..world.publish.settings.clone() };
    world.publish.settings = settings.clone();
    world.app.settings.events = Some(settings);
    invited_with_a_reason(&world).await;
    world.wait(HELD_BACK + Duration::from_millis(1));
    world.publish_all().await;
    let event = published(&world).pop().unwrap();
    assert_eq!(event["data"]["person"]["email"], "max@example.org");
    assert_eq!(event["data"]["actor"]["person"]["email"], OWNER);
    assert_eq!(event["data"]["reason"], "because");
    let (events, _) = feed(&world, String::new(), 1_000).await;
    assert_eq!(events.last(), Some(&event));
}

async fn invited_with_a_reason(world: &World) {
    invited(world, MAX, TECH, "reader").await;
    world.wait(Duration::from_mins(1));
    let body = json!({ "role": "observer", "reason": "because" });
    assign(world, OWNER, (TECH, MAX), &body).await.expect(200);
}

#[tokio::test]
async fn an_event_has_the_version_and_the_seats_right_after_the_change() {
    let world = acme().await;
    world.wait(Duration::from_mins(1));
    let answer = active(&world, LEA, TECH, "reader").await;
    world.wait(Duration::from_mins(1));
    let changed = assign(&world, OWNER, (TECH, LEA), &json!({ "role": "manager" })).await;
    world.wait(Duration::from_mins(1));
    revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
    world.publish_all().await;
    let lea = world.id_of("acme", LEA);
    let of_lea =
        published(&world).into_iter().filter(|it| it["data"]["collaborator"] == lea.as_str());
    let [invited, activated, role_changed, revoked] =
        of_lea.map(|event| event["data"].clone()).collect::<Vec<_>>().try_into().unwrap();
    let version = |data: &Value| data["version"].as_i64().unwrap();
    let shown = |answer: &Answer| answer.body["version"].as_i64().unwrap();
    assert_eq!(version(&activated), shown(&answer));
    assert_eq!(version(&invited) + 1, version(&activated));
    assert_eq!(version(&role_changed), shown(&changed.expect(200)));
    assert_eq!(version(&revoked), version(&role_changed) + 1);
    let seats = |used: u32| json!({ "limit": null, "used": used });
    let counted = [&invited, &activated, &role_changed, &revoked].map(|data| data["seats"].clone());
    assert_eq!(counted, [seats(2), Value::Null, seats(2), seats(1)]);
}

#[tokio::test]
async fn an_entry_of_the_version_before_is_an_event_without_version_and_seats() {
    let world = acme().await;
    for (sk, _) in rows(&world, "H#acme").await {
        let update = world.dynamodb().update_item().table_name("coulisses");
        let update = update.key("pk", coulisses_tests::text("H#acme".into()));
        let update =
            update.key("sk", coulisses_tests::text(sk)).update_expression("REMOVE #v, seats");
        update.expression_attribute_names("#v", "version").send().await.unwrap();
    }
    world.publish_all().await;
    let events = published(&world);
    assert!(!events.is_empty());
    for event in events {
        assert_eq!([&event["data"]["version"], &event["data"]["seats"]], [&Value::Null; 2]);
    }
}

#[tokio::test]
async fn an_event_that_the_bus_refuses_is_put_again_alone() {
    let world = eventful().await;
    let history = rows(&world, "H#acme").await.len();
    assert!(history > 20, "{history}");
    // The second entry of all is refused once.
    world.bus.refuse(Some(|index, _| (index == 1).then_some("InternalFailure")));
    assert!(world.publish().await.unwrap());
    assert_eq!(world.bus.events().len(), history);
    assert_eq!(world.bus.calls().pop(), Some(1));
}

#[tokio::test]
async fn records_that_cannot_be_published_fail_alone_and_nothing_of_them_is_logged() {
    let mut world = acme().await;
    world.publish.settings.names_people = true;
    invited(&world, LEA, TECH, "reader").await;
    invited(&world, MAX, TECH, "reader").await;
    let keys: Vec<String> = rows(&world, "H#acme").await.into_keys().collect();
    let event = world.history_event().await;
    let logs = Logs::keep();
    world.bus.refuse(Some(|_, entry| {
        entry["Detail"].as_str().unwrap().contains(LEA).then_some("MalformedDetail")
    }));
    let response = world.invoke_publish(event.clone()).await.unwrap();
    let response = serde_json::to_value(response).unwrap();
    let failures = response["batchItemFailures"].as_array().unwrap();
    assert_eq!(failures.len(), 1, "{response}");
    assert_eq!(world.bus.events().len(), keys.len() - 1);
    let lines = logs.take();
    let line = lines.iter().find(|line| line["fields"]["cause"].is_string()).unwrap();
    assert!(line["fields"]["cause"].as_str().unwrap().contains("MalformedDetail"), "{line}");

    // An entry that this version cannot read.
    world.bus.refuse(None);
    let update = world.dynamodb().update_item().table_name("coulisses");
    let update = update.key("pk", coulisses_tests::text("H#acme".into()));
    let update = update.key("sk", coulisses_tests::text(keys[0].clone()));
    let two = aws_sdk_dynamodb::types::AttributeValue::N("2".into());
    let update = update.update_expression("SET v = :two").expression_attribute_values(":two", two);
    update.send().await.unwrap();
    let before = world.bus.events().len();
    let response = serde_json::to_value(world.invoke_publish(event).await.unwrap()).unwrap();
    assert_eq!(response["batchItemFailures"], json!([{ "itemIdentifier": "0" }]));
    assert_eq!(world.bus.events().len(), before + keys.len() - 1);
    let [line] = &world.metrics()[1..] else { panic!() };
    assert_eq!(
        [&line["EventsPublished"], &line["EventsFailed"]],
        [&json!(keys.len() - 1), &json!(1)]
    );
}

#[tokio::test]
async fn while_the_bus_is_down_every_record_fails_and_is_published_later() {
    let world = acme().await;
    world.bus.set_down(true);
    assert!(!world.publish().await.unwrap());
    assert!(world.bus.events().is_empty());
    world.bus.set_down(false);
    world.publish_all().await;
    assert_eq!(world.bus.events().len(), rows(&world, "H#acme").await.len());
}

#[test]
fn only_publish_puts_events_and_only_on_the_bus_of_the_stack() {
    let template = Template::read();
    for function in template.functions().keys() {
        let puts = template.actions(function).iter().any(|action| action.starts_with("events:"));
        assert_eq!(puts, function == "publish", "{function}");
    }
    let expected = BTreeSet::from(["dynamodb:BatchGetItem", "events:PutEvents"].map(str::to_owned));
    assert_eq!(template.actions("publish"), expected);
    let policy = format!("{:?}", template.functions()["publish"]["Policies"]);
    let statement = policy.split("events:PutEvents").nth(1).unwrap();
    assert!(statement.contains("EventBus.Arn"), "{statement}");
    assert!(!statement.contains('*'), "{statement}");
}
