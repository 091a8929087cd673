//! The team of one event gets access to another: now, or as it was when access to it ended.

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::{Value, json};

use crate::support::{
    ADA, EVE, LEA, MAX, MEETUP, OWNER, SUMMIT, TECH, acme, acme_with, active, get, history,
    invited, named, path_of, post, put_scope, queued, revoke, seats, seen,
};

async fn copy(world: &World, who: &Principal, body: &Value) -> Answer {
    post(world, who, &format!("/v1/scopes/{MEETUP}/copies"), body).await
}

async fn copied(world: &World, body: &Value) -> Value {
    copy(world, &Principal::user(OWNER), body).await.expect(200).body
}

/// The status of each result, with the address and role or the code of the problem.
fn outcomes(body: &Value) -> Vec<String> {
    let results = body["results"].as_array().unwrap().iter().enumerate();
    results
        .map(|(index, result)| {
            assert_eq!(result["index"], index);
            let (one, problem) = (&result["collaborator"], result["problem"]["code"].as_str());
            let given = || format!("{} {}", one["email"], one["role"]).replace('"', "");
            format!("{} {}", result["status"], problem.map_or_else(given, ToOwned::to_owned))
        })
        .collect()
}

/// The summit has a team of four: Ada manages, Léa and Max read, and Max is pending; Eve has access to the whole audience.
async fn team() -> World {
    let world = acme().await;
    active(&world, ADA, SUMMIT, "manager").await;
    active(&world, LEA, SUMMIT, "reader").await;
    invited(&world, MAX, SUMMIT, "reader").await;
    active(&world, EVE, TECH, "reader").await;
    world.deliver().await;
    world.wait(DAY);
    world
}

#[tokio::test]
async fn the_team_of_an_event_gets_its_roles_on_another() {
    let world = team().await;
    let before = seats(&world).await;
    let body = copied(&world, &json!({ "from": SUMMIT })).await;
    assert_eq!(
        outcomes(&body),
        ["201 ada@example.org manager", "201 lea@example.org reader", "201 max@example.org reader"]
    );
    assert_eq!(body["nextCursor"], Value::Null);
    assert_eq!(seats(&world).await, before, "no one is new to the client");
    // One who waits for their invitation gets no second mail, one who is active gets a notice (nextcloud/calendar 7619).
    assert_eq!(queued(&world, MAX).await, [""; 0]);
    assert_eq!(queued(&world, LEA).await, ["granted"]);
    let entry = history(&world, LEA).await.pop().unwrap();
    assert_eq!(entry, "copied by owner@acme.test: acme:tech:meetup - > reader active");
    let of_the_client = get(&world, OWNER, "/v1/scopes/acme/history").await.expect(200).body;
    assert_eq!(of_the_client["entries"][0]["source"], SUMMIT);
    let of_the_event = format!("/v1/scopes/{MEETUP}/history");
    let of_the_event = get(&world, OWNER, &of_the_event).await.expect(200).body;
    assert!(of_the_event["entries"][0].get("source").is_none(), "a sister does not show");

    let again = copied(&world, &json!({ "from": SUMMIT })).await;
    assert_eq!(outcomes(&again), ["409 already-has-access"; 3]);
}

#[tokio::test]
async fn some_are_chosen_by_role_and_by_id_and_all_get_an_end() {
    let world = team().await;
    let end = world.now().after(DAY * 30).to_string();
    let lea = seen(&world, "acme", LEA).await.body["id"].clone();
    let body =
        json!({ "from": SUMMIT, "roles": ["reader"], "collaborators": [lea], "expiresAt": end });
    assert_eq!(outcomes(&copied(&world, &body).await), ["201 lea@example.org reader"]);
    let grants = seen(&world, MEETUP, LEA).await.body["grants"].clone();
    let there = grants.as_array().unwrap().iter().find(|grant| grant["scope"] == MEETUP).unwrap();
    assert_eq!(there["expiresAt"], json!(end));
    let none = json!({ "from": SUMMIT, "collaborators": [] });
    assert_eq!(outcomes(&copied(&world, &none).await), [""; 0]);
}

#[tokio::test]
async fn own_ends_and_owners_are_not_copied_and_ended_grants_neither() {
    let world = acme().await;
    let owned = json!({ "name": "Summit 2027", "kind": "event", "owner": { "email": ADA } });
    put_scope(&world, SUMMIT, &owned).await.expect(200);
    for (email, days) in [(LEA, 10), (EVE, 1)] {
        let end = world.now().after(DAY * days).to_string();
        let body = json!({ "email": email, "role": "reader", "expiresAt": end });
        post(&world, &Principal::user(OWNER), &format!("/v1/scopes/{SUMMIT}/collaborators"), &body)
            .await
            .expect(201);
    }
    world.wait(DAY * 2);
    let body = copied(&world, &json!({ "from": SUMMIT })).await;
    assert_eq!(outcomes(&body), ["201 lea@example.org reader"]);
    assert_eq!(body["results"][0]["collaborator"]["grants"][0]["expiresAt"], Value::Null);
}

// Cloning bypassed rights (indico 1556), and a copy pointed at the source's roles (indico PR 4090).
#[tokio::test]
async fn a_copy_needs_the_rights_at_both_scopes() {
    let world = team().await;
    active(&world, "admin@example.org", MEETUP, "administrator").await;
    active(&world, "tech@example.org", TECH, "administrator").await;
    let body = json!({ "from": SUMMIT });
    let refused = copy(&world, &Principal::user("admin@example.org"), &body).await;
    assert_eq!(refused.outcome(), "404 scope-not-found", "the source is a sister");
    let refused = copy(&world, &Principal::user(EVE), &body).await;
    assert_eq!(refused.outcome(), "403 forbidden");
    let done = copy(&world, &Principal::user("tech@example.org"), &body).await.expect(200).body;
    assert_eq!(outcomes(&done).len(), 3);
}

#[tokio::test]
async fn both_scopes_are_of_one_level_and_client() {
    let world = team().await;
    for from in [TECH, "acme", MEETUP, "acme:tech:alumni", "other:tech:summit"] {
        let refused = copy(&world, &Principal::platform(), &json!({ "from": from })).await;
        let expected =
            if from.starts_with("other") { "404 scope-not-found" } else { "422 invalid-scope" };
        assert_eq!(refused.outcome(), expected, "{from}");
    }
    let wrong = json!({ "from": "Summit!", "asOf": "yesterday", "roles": ["Emperor!"] });
    let refused = copy(&world, &Principal::platform(), &wrong).await;
    let fields =
        [("/from", "invalid-scope"), ("/asOf", "invalid-field"), ("/roles/0", "invalid-role")];
    assert_eq!(named(&refused), fields);
    let cursor = json!({ "from": SUMMIT, "cursor": "e30" });
    assert_eq!(copy(&world, &Principal::platform(), &cursor).await.outcome(), "400 malformed");
    let audience = json!({ "from": TECH });
    let done = post(&world, &Principal::user(OWNER), "/v1/scopes/acme:rh/copies", &audience).await;
    assert_eq!(outcomes(&done.expect(200).body), ["201 eve@example.org reader"]);
}

#[tokio::test]
async fn seats_are_exact_and_a_dry_run_says_what_would_happen() {
    let world = acme_with(&json!({ "accessEndsAfterDays": 0, "seatLimit": 3 })).await;
    active(&world, LEA, SUMMIT, "reader").await;
    active(&world, MAX, SUMMIT, "reader").await;
    let ended = json!({ "name": "S", "kind": "event", "endsAt": world.now().to_string() });
    put_scope(&world, SUMMIT, &ended).await.expect(200);
    world.wait(DAY * 8);
    world.audit().await;
    assert_eq!(seats(&world).await, json!([3, 1]), "last year's team is gone");
    invited(&world, EVE, TECH, "reader").await;
    assert_eq!(outcomes(&copied(&world, &json!({ "from": SUMMIT })).await), [""; 0]);

    let at_end = json!({ "from": SUMMIT, "asOf": "end" });
    let expected = ["201 lea@example.org reader", "409 seat-limit-reached"];
    let dry = format!("/v1/scopes/{MEETUP}/copies?dryRun=true");
    let dry = post(&world, &Principal::user(OWNER), &dry, &at_end).await.expect(200).body;
    assert_eq!(outcomes(&dry["body"]), expected);
    assert_eq!(dry["effects"]["seats"], json!({ "before": 2, "after": 3 }));
    assert_eq!(seats(&world).await, json!([3, 2]));
    world.deliver().await;
    assert_eq!(outcomes(&copied(&world, &at_end).await), expected);
    assert_eq!(seats(&world).await, json!([3, 3]));
    assert_eq!(queued(&world, LEA).await, ["invitation"]);
}

#[tokio::test]
async fn the_team_at_the_end_is_that_of_the_end_whatever_happened_since() {
    let world = acme_with(&json!({ "accessEndsAfterDays": 5 })).await;
    for (email, role) in [(ADA, "manager"), (LEA, "reader"), (MAX, "reader"), (EVE, "reader")] {
        active(&world, email, SUMMIT, role).await;
    }
    let event = json!({ "name": "S", "kind": "event", "endsAt": world.now().to_string() });
    put_scope(&world, SUMMIT, &event).await.expect(200);
    // Eve left before the end, and the grant of Max ended by itself.
    revoke(&world, OWNER, (SUMMIT, EVE)).await.expect(200);
    let soon = json!({ "role": "reader", "expiresAt": world.now().after(DAY).to_string() });
    let target = format!("{}/role", path_of(&world, SUMMIT, MAX));
    let version = seen(&world, SUMMIT, MAX).await.etag().to_owned();
    let request = Request::new("PUT", &target).json(&soon).if_match(&version);
    world.send(&Principal::user(OWNER), request).await.expect(200);
    world.wait(DAY * 6);
    // Léa is revoked by hand after the end, Ada by the audit, and both histories have pointers.
    revoke(&world, OWNER, (SUMMIT, LEA)).await.expect(200);
    let at_end = json!({ "from": SUMMIT, "asOf": "end" });
    let expected = ["201 ada@example.org manager", "201 lea@example.org reader"];
    let dry = format!("/v1/scopes/{MEETUP}/copies?dryRun=true");
    let dry = post(&world, &Principal::user(OWNER), &dry, &at_end).await.expect(200).body;
    assert_eq!(outcomes(&dry["body"]), expected, "before the sweep");
    for _ in 0..8 {
        world.audit().await;
        world.wait(DAY);
    }
    assert_eq!(outcomes(&copied(&world, &at_end).await), expected, "after it");
}

#[tokio::test]
async fn a_copy_under_a_key_is_done_once_and_a_long_one_goes_on() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "reader").await;
    world.add_collaborators(("acme", LEA), 200, 0).await;
    let owner = Principal::user(OWNER);
    let first = json!({ "from": SUMMIT });
    let request = |body: &Value| {
        let target = format!("/v1/scopes/{MEETUP}/copies");
        Request::new("POST", &target).json(body).header("idempotency-key", "once")
    };
    let done = world.send(&owner, request(&first)).await.expect(200).body;
    assert_eq!(done["results"].as_array().unwrap().len(), 200);
    assert_eq!(
        world.send(&owner, request(&first)).await.expect(200).body["results"],
        done["results"]
    );
    let rest = json!({ "from": SUMMIT, "cursor": done["nextCursor"] });
    let rest = copied(&world, &rest).await;
    assert!(!rest["results"].as_array().unwrap().is_empty());
    assert_eq!(rest["nextCursor"], Value::Null);
}
