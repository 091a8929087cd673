//! `PUT /v1/scopes/{scope}` and `GET`: the platform provisions scopes, collaborators read them.

use std::time::Duration;

use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::{Value, json};

use crate::support::{
    LEA, OWNER, acme, acme_with, active, gala, get, history, invite, invited, log_in, named,
    put_scope, queued, seats, seen, token_of,
};

fn client() -> Value {
    json!({
        "name": "Acme", "seatLimit": 25, "granting": "administrators", "owner": { "email": OWNER, "name": "Odile" },
    })
}

/// `body` with changed fields; `null` is set, not removed.
fn with(mut body: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn without(mut body: Value, name: &str) -> Value {
    body.as_object_mut().unwrap().remove(name);
    body
}

async fn read(world: &World, scope: &str) -> Answer {
    world.send(&Principal::platform(), Request::new("GET", &format!("/v1/scopes/{scope}"))).await
}

#[tokio::test]
async fn a_new_client_is_returned_in_full_and_its_owner_invited() {
    let world = World::new().await;
    let created = put_scope(&world, "acme", &client()).await.expect(201);
    insta::assert_json_snapshot!(created.body);
    assert_eq!(created.etag(), format!("\"{}\"", created.body["version"]));
    assert_eq!(created.header("location"), "/v1/scopes/acme");
    assert_eq!(queued(&world, OWNER).await, ["invitation"]);
    assert_eq!(history(&world, OWNER).await, ["invited by platform: acme - > owner pending"]);
    token_of(&world, OWNER).await;
    let read_back = read(&world, "acme").await.expect(200);
    assert_eq!((&read_back.body, read_back.etag()), (&created.body, created.etag()));
    assert_eq!(get(&world, OWNER, "/v1/scopes/acme").await.outcome(), "404 scope-not-found");
    log_in(&world, OWNER).await;
    get(&world, OWNER, "/v1/scopes/acme").await.expect(200);
}

#[tokio::test]
async fn audiences_events_and_communities_are_returned_in_full() {
    let world = World::new().await;
    put_scope(&world, "acme", &client()).await.expect(201);
    let mut answers = Vec::new();
    for (scope, body) in [
        ("acme:tech", json!({ "name": "Tech" })),
        ("acme:tech:summit", json!({ "name": "Summit", "kind": "event" })),
        ("acme:tech:gala", gala("gala@example.org")),
        ("acme:tech:alumni", json!({ "name": "Alumni", "kind": "community" })),
    ] {
        let created = put_scope(&world, scope, &body).await.expect(201);
        assert_eq!(created.header("location"), format!("/v1/scopes/{scope}"));
        let read_back = read(&world, scope).await.expect(200);
        assert_eq!((&read_back.body, read_back.etag()), (&created.body, created.etag()));
        answers.push(created.body);
    }
    insta::assert_json_snapshot!(answers);
}

#[tokio::test]
async fn a_repeated_put_changes_nothing() {
    let world = acme().await;
    let bodies = [
        ("acme", with(client(), &json!({ "seatLimit": null }))),
        ("acme:tech", json!({ "name": "Tech" })),
        ("acme:tech:summit", json!({ "name": "Summit 2027", "kind": "event" })),
        ("acme:tech:gala", gala("gala@example.org")),
    ];
    put_scope(&world, "acme:tech:gala", &bodies[3].1).await.expect(201);
    world.deliver().await;
    for (scope, body) in &bodies {
        let before = read(&world, scope).await.expect(200);
        world.wait(Duration::from_hours(1));
        let again = put_scope(&world, scope, body).await.expect(200);
        assert_eq!((&again.body, again.etag()), (&before.body, before.etag()));
        assert_eq!(again.header("location"), "");
    }
    for email in [OWNER, "gala@example.org"] {
        assert_eq!(queued(&world, email).await, [""; 0]);
    }
    assert_eq!(seats(&world).await, json!([null, 2]));
}

#[tokio::test]
async fn a_precondition_that_is_sent_must_hold() {
    let world = acme().await;
    let put = |name: &str, header: &str, value: &str| {
        let request = Request::new("PUT", "/v1/scopes/acme:tech");
        let request = request.json(&json!({ "name": name })).header(header, value);
        let world = &world;
        async move { world.send(&Principal::platform(), request).await.outcome() }
    };
    let etag = read(&world, "acme:tech").await.etag().to_owned();
    assert_eq!(put("One", "if-none-match", "*").await, "412 stale-version");
    assert_eq!(put("One", "if-match", &etag).await, "200");
    assert_eq!(put("Two", "if-match", &etag).await, "412 stale-version");
    assert_eq!(read(&world, "acme:tech").await.text("/name"), "One");
    for (header, value) in [("if-match", "One"), ("if-none-match", &etag)] {
        assert_eq!(put("Two", header, value).await, "400 malformed", "{header}");
    }
    for (header, value, outcome) in
        [("if-match", etag.as_str(), "412 stale-version"), ("if-none-match", "*", "201")]
    {
        let new = Request::new("PUT", "/v1/scopes/acme:new").json(&json!({ "name": "New" }));
        let answer = world.send(&Principal::platform(), new.header(header, value)).await;
        assert_eq!(answer.outcome(), outcome);
    }
}

#[tokio::test]
async fn a_precondition_also_holds_for_a_new_client_and_comes_after_the_parent() {
    let world = World::new().await;
    let put = |scope: &str, body: Value, header: &str, value: &str| {
        let request = Request::new("PUT", &format!("/v1/scopes/{scope}")).json(&body);
        let (request, world) = (request.header(header, value), &world);
        async move { world.send(&Principal::platform(), request).await.outcome() }
    };
    assert_eq!(put("acme", client(), "if-match", "\"1\"").await, "412 stale-version");
    assert_eq!(put("acme", client(), "if-none-match", "*").await, "201");
    assert_eq!(put("acme", client(), "if-none-match", "*").await, "412 stale-version");
    let event = json!({ "name": "Gala", "kind": "event" });
    let orphan = put("acme:none:gala", event, "if-match", "\"1\"").await;
    assert_eq!(orphan, "404 scope-not-found");
}

#[tokio::test]
async fn a_body_is_the_full_representation() {
    let world = World::new().await;
    let full = with(
        client(),
        &json!({ "roles": ["observer"], "invitationDays": 90, "locale": "en", "granting": "owner" }),
    );
    let created = put_scope(&world, "acme", &full).await.expect(201);
    assert_eq!(created.body["roles"], json!(["observer"]));
    world.wait(Duration::from_secs(1));
    let plain = json!({ "name": "Acme 2", "seatLimit": null, "granting": "administrators" });
    let updated = put_scope(&world, "acme", &plain).await.expect(200);
    assert!(updated.body["version"].as_i64() > created.body["version"].as_i64());
    assert_eq!(updated.body["roles"].as_array().unwrap().len(), 7, "all but the owner's");
    assert_eq!((&updated.body["invitationDays"], updated.text("/locale")), (&json!(14), "fr"));
    assert_eq!(updated.body["seats"], json!({ "limit": null, "used": 1 }));
    assert_eq!(updated.text("/name"), "Acme 2");
    assert_eq!(updated.text("/owner/email"), OWNER);
    assert_eq!(read(&world, "acme").await.body, updated.body);
}

#[tokio::test]
async fn an_update_never_replaces_an_owner() {
    let world = acme().await;
    put_scope(&world, "acme:tech:gala", &gala("gala@example.org")).await.expect(201);
    let before = read(&world, "acme:tech:gala").await.body;
    let other = json!({ "email": "other@example.org" });
    for (scope, body) in [
        ("acme", with(client(), &json!({ "name": "Stolen", "owner": other }))),
        ("acme:tech:gala", gala("other@example.org")),
    ] {
        let refused = put_scope(&world, scope, &body).await;
        assert_eq!(refused.outcome(), "409 owner-must-transfer", "{scope}");
    }
    assert_eq!(read(&world, "acme:tech:gala").await.body, before);
    assert_eq!(read(&world, "acme").await.text("/name"), "Acme");
    let same = with(client(), &json!({ "owner": { "email": "OWNER@acme.test" } }));
    put_scope(&world, "acme", &same).await.expect(200);
    let unnamed = json!({ "name": "Gala 2", "kind": "event" });
    let kept = put_scope(&world, "acme:tech:gala", &unnamed).await.expect(200);
    assert_eq!((kept.text("/name"), kept.text("/owner/email")), ("Gala 2", "gala@example.org"));
}

#[tokio::test]
async fn an_update_sets_an_events_first_owner_and_takes_a_seat_only_for_a_new_collaborator() {
    let world = acme_with(&json!({ "seatLimit": 2 })).await;
    active(&world, LEA, "acme:tech:summit", "observer").await;
    world.deliver().await;
    let full = put_scope(&world, "acme:tech:summit", &gala("new@example.org")).await;
    assert_eq!(full.outcome(), "409 seat-limit-reached");
    assert_eq!(full.body["seats"], json!({ "limit": 2, "used": 2 }));
    assert_eq!(read(&world, "acme:tech:summit").await.body["owner"], Value::Null);
    let owned = put_scope(&world, "acme:tech:summit", &gala(LEA)).await.expect(200);
    assert_eq!(owned.text("/owner/email"), LEA);
    assert_eq!(seats(&world).await, json!([2, 2]));
    let lea = seen(&world, "acme:tech:summit", LEA).await.expect(200);
    assert_eq!((lea.text("/status"), lea.text("/role")), ("active", "owner"));
    assert_eq!(queued(&world, LEA).await, ["granted"]);
    let further = json!({ "email": OWNER, "role": "reader" });
    invite(&world, LEA, "acme:tech:summit", &further).await.expect(201);
}

#[tokio::test]
async fn setting_an_event_owner_sweeps_expired_seats() {
    let world = acme_with(&json!({ "seatLimit": 2 })).await;
    invited(&world, LEA, "acme:tech", "reader").await;
    world.wait(Duration::from_hours(24 * 14));
    put_scope(&world, "acme:tech:gala", &gala("gala@example.org")).await.expect(201);
    assert_eq!(seats(&world).await, json!([2, 2]));
    let events = history(&world, "gala@example.org").await;
    assert_eq!(events, ["invited by platform: acme:tech:gala - > owner pending"]);
}

#[tokio::test]
async fn a_kind_never_changes_and_only_an_event_has_an_owner() {
    let world = acme().await;
    let owner = json!({ "email": "gala@example.org" });
    for (scope, body, pointer) in [
        ("acme:tech:summit", json!({ "name": "S", "kind": "community" }), "/kind"),
        ("acme:tech:alumni", json!({ "name": "A", "kind": "event" }), "/kind"),
        ("acme:tech:club", json!({ "name": "C", "kind": "community", "owner": owner }), "/owner"),
        ("acme:tech:club", json!({ "name": "C", "kind": "audience" }), "/kind"),
        ("acme:tech:club", json!({ "name": "C", "kind": "Event" }), "/kind"),
    ] {
        let refused = put_scope(&world, scope, &body).await;
        assert_eq!(refused.outcome(), "422 invalid-field", "{body}");
        let errors = json!([{ "pointer": pointer, "code": "invalid-field" }]);
        assert_eq!(refused.body["errors"], errors, "{body}");
    }
    assert_eq!(read(&world, "acme:tech:club").await.outcome(), "404 scope-not-found");
}

#[tokio::test]
async fn a_scope_requires_an_existing_parent() {
    let world = acme().await;
    let event = json!({ "name": "E", "kind": "event" });
    for (scope, body, expected) in [
        ("acme:nothing:event", &event, "404 scope-not-found"),
        ("nothing:tech:event", &event, "404 scope-not-found"),
        ("nothing:tech", &json!({ "name": "T" }), "404 scope-not-found"),
        ("acme:tech:event:more", &event, "422 invalid-scope"),
        ("Acme", &client(), "422 invalid-scope"),
        ("acme:", &json!({ "name": "T" }), "422 invalid-scope"),
        ("acme::event", &event, "422 invalid-scope"),
        ("acme:te_ch", &json!({ "name": "T" }), "422 invalid-scope"),
    ] {
        assert_eq!(put_scope(&world, scope, body).await.outcome(), expected, "{scope}");
    }
}

#[tokio::test]
async fn each_invalid_field_of_a_client_is_named_with_its_code() {
    let world = World::new().await;
    for (change, pointer, code) in [
        (json!({ "name": "" }), "/name", "invalid-field"),
        (json!({ "seatLimit": -1 }), "/seatLimit", "invalid-seat-limit"),
        (json!({ "seatLimit": 1.5 }), "/seatLimit", "invalid-seat-limit"),
        (json!({ "seatLimit": 4_294_967_296_u64 }), "/seatLimit", "invalid-seat-limit"),
        (json!({ "granting": "everyone" }), "/granting", "invalid-field"),
        (json!({ "roles": [] }), "/roles", "invalid-field"),
        (json!({ "roles": ["reader", "King"] }), "/roles/1", "invalid-role"),
        (json!({ "roles": ["reader", "king"] }), "/roles", "invalid-role"),
        (json!({ "roles": ["owner"] }), "/roles/0", "role-not-allowed-here"),
        (json!({ "invitationDays": 0 }), "/invitationDays", "invalid-field"),
        (json!({ "invitationDays": 91 }), "/invitationDays", "invalid-field"),
        (json!({ "locale": "de" }), "/locale", "invalid-field"),
        (json!({ "owner": { "email": "owner" } }), "/owner/email", "invalid-email"),
        (json!({ "owner": { "email": OWNER, "name": "\u{7}" } }), "/owner/name", "invalid-field"),
        (json!({ "owner": null }), "/owner", "invalid-field"),
    ] {
        let refused = put_scope(&world, "acme", &with(client(), &change)).await;
        assert_eq!(refused.outcome(), format!("422 {code}"), "{change}");
        assert_eq!(named(&refused), [(pointer, code)], "{change}");
    }
    let no_seats = put_scope(&world, "acme", &with(client(), &json!({ "seatLimit": 0 }))).await;
    assert_eq!(no_seats.outcome(), "422 invalid-seat-limit");
    for body in [
        without(client(), "seatLimit"),
        without(client(), "name"),
        without(client(), "granting"),
        with(client(), &json!({ "seatLimit": "25" })),
        with(client(), &json!({ "version": 1 })),
        with(client(), &json!({ "owner": { "email": OWNER, "sub": "me" } })),
    ] {
        assert_eq!(put_scope(&world, "acme", &body).await.outcome(), "400 malformed", "{body}");
    }
    assert_eq!(read(&world, "acme").await.outcome(), "404 scope-not-found");
    put_scope(&world, "acme", &with(client(), &json!({ "seatLimit": 1 }))).await.expect(201);
}

#[tokio::test]
async fn only_the_platform_provisions() {
    let world = acme().await;
    for (who, scope, expected) in [
        (Principal::user(OWNER), "acme", "403 forbidden"),
        (Principal::user(OWNER), "expo", "404 scope-not-found"),
        (Principal::user("stranger@example.org"), "acme", "404 scope-not-found"),
        (Principal::platform().without("client_id").with("azp", "platform"), "acme", "200"),
    ] {
        let put = Request::new("PUT", &format!("/v1/scopes/{scope}"));
        let put = put.json(&with(client(), &json!({ "seatLimit": null })));
        assert_eq!(world.send(&who, put).await.outcome(), expected, "{who:?}");
    }
}

#[tokio::test]
async fn collaborators_read_their_own_scopes_and_no_others() {
    let world = acme().await;
    active(&world, "tech@example.org", "acme:tech", "observer").await;
    let custom = json!({
        "email": "custom@example.org", "role": "custom", "permissions": ["checkin:scan"],
    });
    invite(&world, OWNER, "acme:tech:summit", &custom).await.expect(201);
    log_in(&world, "custom@example.org").await;
    for (who, scope, status) in [
        ("tech@example.org", "acme:tech", 200),
        ("tech@example.org", "acme:tech:summit", 200),
        ("tech@example.org", "acme", 404),
        ("tech@example.org", "acme:rh", 404),
        ("custom@example.org", "acme:tech:summit", 200),
        ("custom@example.org", "acme:tech:meetup", 404),
        ("custom@example.org", "acme:tech", 404),
        (OWNER, "acme", 200),
        (OWNER, "acme:tech:nothing", 404),
        ("stranger@example.org", "acme", 404),
        ("stranger@example.org", "nothing", 404),
    ] {
        let read_back = get(&world, who, &format!("/v1/scopes/{scope}")).await;
        assert_eq!(read_back.status, status, "{who} at {scope}");
        if status == 404 {
            assert_eq!(read_back.outcome(), "404 scope-not-found");
        }
    }
}

#[tokio::test]
async fn roles_no_longer_offered_stay_where_they_were_granted() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "contributor").await;
    let fewer = with(client(), &json!({ "roles": ["observer"] }));
    put_scope(&world, "acme", &fewer).await.expect(200);
    let lea = seen(&world, "acme:tech", LEA).await.expect(200);
    assert_eq!(lea.text("/role"), "contributor");
    assert_eq!(lea.body["permissions"].as_array().unwrap().len(), 25);
}
