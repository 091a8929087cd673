//! Each function's policy allows what the function does, and nothing else.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Principal, Request, World, text, unused_permissions};
use serde_json::json;

use crate::{
    named_roles::{defined, delete},
    scenes::{CHANGES, Invocation, WOKEN, new_collaborator, post, put, waiting},
    support::{
        LEA, MAX, MEETUP, OWNER, SUMMIT, acme, acme_with, active, answer, assign, etag_of, get,
        id_of, invite, invited, log_in, path_of, put_scope, queued, revoke, rows, token_of,
    },
};

/// All seats are taken, one of them by Léa, whose access has ended. A command that needs a seat sweeps hers.
async fn full() -> World {
    let world = acme_with(&json!({ "seatLimit": 2, "accessEndsAfterDays": 0 })).await;
    invited(&world, MAX, "acme:tech", "reader").await;
    world.wait(DAY * 15);
    let event = json!({ "name": "Summit 2027", "kind": "event", "endsAt": "2026-12-17T12:00:00Z" });
    put_scope(&world, SUMMIT, &event).await.expect(200);
    let lea = json!({ "email": LEA, "role": "reader" });
    invite(&world, OWNER, SUMMIT, &lea).await.expect(201);
    log_in(&world, LEA).await;
    world.wait(DAY * 15);
    world
}

/// The commands that take a seat.
async fn seat_takers(world: &World) -> [Invocation; 5] {
    let owner = json!({ "email": "new@example.org" });
    let event = json!({ "name": "E", "kind": "event", "owner": owner });
    let transfer = Request::new("POST", "/v1/scopes/acme/owner").json(&owner);
    let moving = Request::new("PUT", &format!("{}/email", path_of(world, "acme", MAX)));
    let moving = moving.json(&owner).if_match(&etag_of(world, MAX).await);
    [
        post(OWNER, "/v1/scopes/acme:tech/collaborators", &new_collaborator()),
        post(OWNER, &format!("{}/resend", path_of(world, "acme:tech", MAX)), &json!({})),
        put(&Principal::platform(), "/v1/scopes/acme:tech:e", &event),
        Invocation::request(Principal::platform(), transfer),
        Invocation::request(Principal::user(OWNER), moving),
    ]
}

/// A declined and an erased person's seat goes to someone who was invited before on the same day.
async fn seats_are_passed_on() {
    let world = acme_with(&json!({ "seatLimit": 3 })).await;
    for email in [LEA, MAX] {
        invited(&world, email, "acme:tech", "reader").await;
        revoke(&world, OWNER, ("acme:tech", email)).await.expect(200);
    }
    let seated = ["a@example.org", "b@example.org"];
    for email in seated {
        invited(&world, email, "acme:tech", "reader").await;
    }
    for email in [LEA, MAX] {
        invite(&world, OWNER, "acme:tech", &waiting(email)).await.expect(202);
    }
    world.wait(Duration::from_mins(2));
    let token = token_of(&world, seated[0]).await;
    answer(&world, "decline", &token).await.expect(200);
    world.erase(json!({ "client": "acme", "email": seated[1], "erase": true })).await.unwrap();
    assert_eq!(queued(&world, LEA).await, ["seat-free"]);
    assert_eq!(queued(&world, MAX).await, ["seat-free"]);
    world.audit_within(Duration::from_mins(5), json!({ "waiting": true })).await;
}

/// `World` checks every call of every test against the policy of the function that makes it. This test makes every kind of
/// call, then looks for permissions that no function used.
#[tokio::test]
async fn no_policy_allows_what_its_function_never_does() {
    for scene in CHANGES.iter().chain(WOKEN) {
        let (world, invocation) = (scene.prepare)().await;
        invocation.run(&world).await;
    }
    let world = acme().await;
    // The audit looks for the mail of an invitation that has been queued for an hour.
    invited(&world, MAX, "acme:tech", "reader").await;
    world.wait(Duration::from_hours(1));
    world.audit().await;
    // An audit writes a row that is missing, and the owner of a new event was invited today already.
    for sk in rows(&world, "G#acme").await.into_keys() {
        let delete = world.dynamodb().delete_item().table_name("coulisses");
        let delete = delete.key("pk", text("G#acme".into())).key("sk", text(sk));
        delete.send().await.unwrap();
    }
    world.wait(DAY);
    world.audit().await;
    invited(&world, LEA, "acme:tech", "reader").await;
    revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    world.wait(Duration::from_mins(1));
    let owned = json!({ "name": "E", "kind": "event", "owner": { "email": LEA } });
    put_scope(&world, "acme:tech:owned", &owned).await.expect(201);
    let world = acme().await;
    // A role at a scope where the person has none yet.
    active(&world, LEA, "acme:tech:summit", "reader").await;
    let reader = json!({ "role": "reader" });
    assign(&world, OWNER, ("acme", LEA), &reader).await.expect(200);
    let world = acme().await;
    // Roles of the client: the second change of a person's role within an hour counts in their mail counter.
    defined(&world, "front-desk", &["checkin:scan"]).await;
    active(&world, LEA, "acme:tech:summit", "reader").await;
    let front_desk = json!({ "role": "front-desk" });
    assign(&world, OWNER, ("acme:tech:summit", LEA), &front_desk).await.expect(200);
    log_in(&world, LEA).await;
    delete(&world, OWNER, "front-desk", "?reassign=observer").await.expect(200);
    defined(&world, "front-desk", &["checkin:scan"]).await;
    invited(&world, MAX, "acme:tech:summit", "front-desk").await;
    let target = format!("{}/email", path_of(&world, "acme", MAX));
    let moved = Request::new("PUT", &target).json(&json!({ "email": "moved@example.org" }));
    let moved = moved.if_match(&etag_of(&world, MAX).await);
    world.send(&Principal::platform(), moved).await.expect(200);
    let world = acme().await;
    // Unbinding an event's owner, and erasing a collaborator who sent a mail that is still queued.
    let boss = json!({ "email": MAX });
    let event = json!({ "name": "E", "kind": "event", "owner": boss });
    put_scope(&world, "acme:tech:e", &event).await.expect(201);
    log_in(&world, MAX).await;
    world.wait(DAY);
    let unbound = Request::new("POST", "/v1/scopes/acme:tech:e/owner").json(&boss);
    world.send(&Principal::platform(), unbound).await.expect(200);
    active(&world, LEA, "acme", "administrator").await;
    invite(&world, LEA, "acme", &new_collaborator()).await.expect(201);
    world.erase(json!({ "client": "acme", "email": LEA, "erase": true })).await.unwrap();
    let clients = Request::new("GET", "/v1/scopes");
    world.send(&Principal::platform(), clients).await.expect(200);
    // Of an announcement with wrong fields, the function reads only what the caller may do.
    let wrong = json!({ "subject": "", "text": "" });
    post(OWNER, "/v1/scopes/acme/announcements", &wrong).run(&world).await;
    // The audit sweeps Léa a week after the event, and writes pointers to the history. A copy finds her there.
    let world = full().await;
    world.wait(DAY * 3);
    world.audit().await;
    world.wait(Duration::from_hours(1));
    world.audit().await;
    get(&world, OWNER, "/v1/scopes/acme:tech/history").await.expect(200);
    let team = json!({ "from": SUMMIT, "asOf": "end" });
    let copied = post(OWNER, &format!("/v1/scopes/{MEETUP}/copies"), &team).run(&world).await;
    assert_eq!(copied, "200 201");
    seats_are_passed_on().await;
    for place in 0..5 {
        let world = full().await;
        let outcome = seat_takers(&world).await[place].run(&world).await;
        assert!(outcome.starts_with('2'), "{outcome}");
        assert_eq!(
            get(&world, OWNER, &path_of(&world, "acme", LEA)).await.status,
            404,
            "{outcome}"
        );
        for target in
            ["/v1/me/access?tree=true", "/v1/scopes/acme/history", "/v1/scopes/acme/seats"]
        {
            get(&world, OWNER, target).await;
        }
        for query in ["", "?below=true"] {
            get(&world, OWNER, &format!("/v1/scopes/acme/collaborators{query}")).await;
        }
        let of_one = format!("/v1/scopes/acme/history?collaborator={}", id_of(&world, OWNER));
        get(&world, OWNER, &of_one).await.expect(200);
        let question = json!({ "checks": [{ "scope": "acme", "permission": "access:manage" }] });
        post(OWNER, "/v1/checks", &question).run(&world).await;
        let erased = json!({ "client": "acme", "email": MAX, "erase": true });
        world.erase(erased).await.unwrap();
    }
    assert_eq!(unused_permissions(), [""; 0]);
}
