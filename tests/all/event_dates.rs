//! Events and communities have dates, in a time zone of their own.

use coulisses_tests::World;
use serde_json::{Value, json};

use crate::support::{LEA, OWNER, SUMMIT, acme, active, get, put_scope};

/// An event with these fields.
fn summit(fields: &Value) -> Value {
    let mut body = json!({ "name": "Summit 2027", "kind": "event" });
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    body
}

async fn read(world: &World, email: &str, target: &str) -> Value {
    get(world, email, target).await.expect(200).body
}

/// The start, the end and the time zone in a scope.
fn dates(scope: &Value) -> [&Value; 3] {
    ["startsAt", "endsAt", "timeZone"].map(|field| &scope[field])
}

#[tokio::test]
async fn dates_are_stored_and_shown_with_the_event_wherever_it_is_shown() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "reader").await;
    let body = summit(&json!({
        "startsAt": "2027-03-12T09:00:00+01:00", "endsAt": "2027-03-14T18:00:00+01:00",
        "timeZone": "europe/paris",
    }));
    let written = put_scope(&world, SUMMIT, &body).await.expect(200);
    let expected = json!(["2027-03-12T08:00:00.000Z", "2027-03-14T17:00:00.000Z", "Europe/Paris"]);
    assert_eq!(json!(dates(&written.body)), expected);
    let again = put_scope(&world, SUMMIT, &body).await.expect(200);
    assert_eq!(again.body["version"], written.body["version"], "nothing changed");
    assert_eq!(json!(dates(&read(&world, LEA, "/v1/scopes/acme:tech:summit").await)), expected);
    let below = read(&world, OWNER, "/v1/scopes/acme?below=true").await;
    let found = below["below"].as_array().unwrap().iter().find(|scope| scope["id"] == SUMMIT);
    assert_eq!(json!(dates(found.unwrap())), expected);
    let own = read(&world, LEA, "/v1/me/access?tree=true").await;
    let tree = own["access"][0]["tree"].as_array().unwrap();
    let found = tree.iter().find(|scope| scope["id"] == SUMMIT);
    assert_eq!(json!(dates(found.unwrap())), expected);

    // The body is the whole event: what it leaves out is removed.
    let removed = put_scope(&world, SUMMIT, &summit(&json!({}))).await.expect(200);
    assert_eq!(json!(dates(&removed.body)), json!([null, null, null]));
    assert!(removed.body["version"].as_i64() > written.body["version"].as_i64());
}

#[tokio::test]
async fn an_end_is_after_the_start_and_a_time_zone_is_known() {
    let world = acme().await;
    let noon = "2027-03-12T12:00:00+01:00";
    for (fields, pointer) in [
        (json!({ "startsAt": noon, "endsAt": noon }), "/endsAt"),
        (json!({ "startsAt": noon, "endsAt": "2027-03-12T11:59:59+01:00" }), "/endsAt"),
        (json!({ "startsAt": "12 mars 2027" }), "/startsAt"),
        // The offset is missing.
        (json!({ "endsAt": "2027-03-12T12:00:00" }), "/endsAt"),
        (json!({ "timeZone": "Europe/Grenoble" }), "/timeZone"),
    ] {
        let refused = put_scope(&world, SUMMIT, &summit(&fields)).await.expect(422);
        assert_eq!(refused.text("/errors/0/pointer"), pointer, "{fields}");
        assert_eq!(refused.text("/errors/0/code"), "invalid-field", "{fields}");
    }
    let kept = read(&world, OWNER, "/v1/scopes/acme:tech:summit").await;
    assert_eq!(json!(dates(&kept)), json!([null, null, null]), "nothing changed");
    for fields in [json!({ "startsAt": noon }), json!({ "endsAt": noon })] {
        put_scope(&world, SUMMIT, &summit(&fields)).await.expect(200);
    }
}

#[tokio::test]
async fn clients_and_audiences_have_no_dates() {
    let world = acme().await;
    let client = json!({ "name": "Acme", "seatLimit": null, "granting": "administrators" });
    for (scope, body, fields) in [
        ("acme", client, &["startsAt", "endsAt"][..]),
        ("acme:tech", json!({ "name": "Tech" }), &["startsAt", "endsAt", "timeZone"]),
    ] {
        for field in fields {
            let mut dated = body.clone();
            let is_zone = *field == "timeZone";
            dated[*field] = json!(if is_zone { "Europe/Paris" } else { "2027-03-12T12:00:00Z" });
            let refused = put_scope(&world, scope, &dated).await.expect(422);
            assert_eq!(refused.text("/errors/0/pointer"), format!("/{field}"));
        }
        put_scope(&world, scope, &body).await.expect(200);
        let shown = read(&world, OWNER, &format!("/v1/scopes/{scope}")).await;
        assert!(shown.get("startsAt").is_none() && shown.get("endsAt").is_none());
    }
}
