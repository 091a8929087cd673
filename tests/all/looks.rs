//! How a client looks, and the pages of the platform's back-office.

use coulisses_tests::{Answer, Principal, Request, World, text};
use serde_json::{Value, json};

use crate::support::{
    LEA, MEETUP, OWNER, SUMMIT, TECH, accept, acme, get, invited, preview, put_scope, token_of,
};

const LOGO: &str = "https://cdn.acme.example/logo.png";

async fn read(world: &World, scope: &str) -> Answer {
    world.send(&Principal::platform(), Request::new("GET", &format!("/v1/scopes/{scope}"))).await
}

/// The body that provisions `scope`, with more fields.
fn body(scope: &str, more: &Value) -> Value {
    let mut body = match scope.split(':').count() {
        1 => json!({ "name": "Acme", "seatLimit": null, "granting": "administrators" }),
        2 => json!({ "name": "Tech" }),
        _ => json!({ "name": "Summit", "kind": "event" }),
    };
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

async fn put(world: &World, scope: &str, more: &Value) -> Answer {
    put_scope(world, scope, &body(scope, more)).await
}

/// These fields of an object.
fn some(object: &Value, fields: &[&str]) -> Value {
    fields.iter().map(|field| ((*field).to_owned(), object[*field].clone())).collect()
}

#[tokio::test]
async fn a_look_and_a_page_stay_until_a_body_omits_them() {
    let world = acme().await;
    let look = ["logoUrl", "accentColor", "timeZone", "platformUrl"];
    let page = "https://backoffice.example/acme";
    let chosen = json!({
        "logoUrl": LOGO, "accentColor": "#0B6E4F", "timeZone": "europe/paris", "platformUrl": page,
    });
    let stored = json!({
        "logoUrl": LOGO, "accentColor": "#0b6e4f", "timeZone": "Europe/Paris", "platformUrl": page,
    });
    let before = read(&world, "acme").await.body;
    let answer = put(&world, "acme", &chosen).await.expect(200);
    assert_eq!(some(&answer.body, &look), stored);
    assert!(answer.body["version"].as_i64() > before["version"].as_i64());
    assert_eq!(put(&world, "acme", &stored).await.etag(), answer.etag(), "nothing changed");
    for (scope, page) in [(TECH, "https://tech.example/"), (SUMMIT, "https://summit.example")] {
        let inner = put(&world, scope, &json!({ "platformUrl": page })).await.expect(200);
        assert_eq!(inner.text("/platformUrl"), page);
        assert_eq!(read(&world, scope).await.body, inner.body);
    }
    let own = get(&world, OWNER, "/v1/me/access").await.expect(200);
    assert_eq!(some(&own.body["access"][0]["client"], &look), stored);
    // The version before sends none of them.
    for scope in ["acme", TECH, SUMMIT] {
        let plain = put(&world, scope, &json!({})).await.expect(200);
        let read = read(&world, scope).await;
        assert_eq!((&read.body, read.etag()), (&plain.body, plain.etag()));
        assert_eq!(read.body["platformUrl"], Value::Null);
    }
    let nothing =
        json!({ "logoUrl": null, "accentColor": null, "timeZone": null, "platformUrl": null });
    assert_eq!(some(&read(&world, "acme").await.body, &look), nothing);
    let item = world.item("acme", "#").await;
    assert!(look.iter().all(|name| !item.contains_key(*name)));
}

#[tokio::test]
async fn an_invalid_look_is_refused_with_its_fields_and_changes_nothing() {
    let world = acme().await;
    let too_long = format!("{LOGO}?{}", "x".repeat(500));
    for scope in ["acme", TECH, SUMMIT, "acme:tech:new"] {
        let before = world.dump().await;
        for page in ["http://a.example", "https://odile@a.example", "https://", "", &too_long] {
            let refused = put(&world, scope, &json!({ "platformUrl": page })).await;
            assert_eq!(refused.outcome(), "422 invalid-field", "{scope} {page}");
            assert_eq!(refused.text("/errors/0/pointer"), "/platformUrl");
        }
        assert_eq!(world.dump().await, before);
    }
    let before = world.dump().await;
    let wrong = json!({ "logoUrl": "data:image/png,", "accentColor": "red", "timeZone": "Paris" });
    let refused = put(&world, "acme", &wrong).await;
    assert_eq!(refused.outcome(), "422 invalid-field");
    insta::assert_json_snapshot!(refused.body["errors"]);
    // Only a client has a look.
    for scope in [TECH, SUMMIT] {
        let refused = put(&world, scope, &json!({ "logoUrl": LOGO })).await;
        assert_eq!(refused.outcome(), "400 malformed", "{scope}");
    }
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn a_scope_without_its_own_page_has_that_of_the_nearest_scope_above() {
    let world = acme().await;
    invited(&world, LEA, SUMMIT, "observer").await;
    invited(&world, LEA, MEETUP, "observer").await;
    invited(&world, LEA, "acme:rh", "observer").await;
    let token = token_of(&world, LEA).await;
    let shown = async || {
        let seen = preview(&world, &token).await.expect(200);
        let pages = seen.body["grants"].as_array().unwrap().iter();
        pages.map(|grant| grant["platformUrl"].clone()).collect::<Vec<Value>>()
    };
    assert_eq!(shown().await, [Value::Null, Value::Null, Value::Null]);
    let (acme, tech, summit) = ("https://a.example/", "https://t.example/", "https://s.example/");
    for (scope, page) in [("acme", acme), (TECH, tech), (SUMMIT, summit)] {
        let look = if scope == "acme" { json!({ "logoUrl": LOGO }) } else { json!({}) };
        let mut more = look;
        more["platformUrl"] = json!(page);
        put(&world, scope, &more).await.expect(200);
    }
    assert_eq!(shown().await, [acme, tech, summit], "RH, Meetup, Summit");
    let seen = preview(&world, &token).await.expect(200);
    let client = json!({
        "id": "acme", "name": "Acme", "logoUrl": LOGO, "accentColor": null, "timeZone": null,
        "platformUrl": acme,
    });
    assert_eq!(seen.body["client"], client);
    for _ in ["first", "again"] {
        let accepted = accept(&world, &Principal::user(LEA), &token).await.expect(200);
        let pages = accepted.body["scopes"].as_array().unwrap().iter();
        let pages: Vec<Value> =
            pages.map(|scope| json!([scope["scope"], scope["platformUrl"]])).collect();
        let expected = [json!(["acme:rh", acme]), json!([MEETUP, tech]), json!([SUMMIT, summit])];
        assert_eq!(pages, expected);
        assert_eq!(accepted.body["client"], client);
    }
    let tree = get(&world, LEA, "/v1/me/access?tree=true").await.expect(200);
    let pages = tree.body["access"][0]["tree"].as_array().unwrap().iter();
    let pages: Vec<Value> = pages.map(|it| json!([it["id"], it["platformUrl"]])).collect();
    let expected = [
        json!(["acme:rh", acme]),
        json!([TECH, tech]),
        json!([MEETUP, tech]),
        json!([SUMMIT, summit]),
    ];
    assert_eq!(pages, expected);
    let below = get(&world, OWNER, "/v1/scopes/acme:tech?below=true").await.expect(200);
    let pages = below.body["below"].as_array().unwrap().iter();
    let pages: Vec<&Value> = pages.map(|scope| &scope["platformUrl"]).collect();
    assert_eq!(pages, [tech, tech, summit], "Alumni, Meetup, Summit");
}

#[tokio::test]
async fn a_time_zone_of_a_newer_database_is_kept_and_an_unreadable_look_is_503() {
    for (attribute, value, outcome) in [
        ("timeZone", "Europe/Later", "200"),
        ("accentColor", "red", "503 try-again"),
        ("platformUrl", "javascript:alert(1)", "503 try-again"),
    ] {
        let world = acme().await;
        let mut item = world.item("acme", "#").await;
        item.insert(attribute.to_owned(), text(value.to_owned()));
        world.write(std::iter::once(item)).await;
        let seen = get(&world, OWNER, "/v1/scopes/acme").await;
        assert_eq!(seen.outcome(), outcome, "{attribute}");
        if outcome == "200" {
            assert_eq!(seen.body[attribute], value);
            // A change of something else keeps it.
            invited(&world, LEA, TECH, "reader").await;
            assert_eq!(world.item("acme", "#").await[attribute], text(value.to_owned()));
        }
    }
}
