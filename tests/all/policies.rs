//! Each function may do what it does, and nothing else.

use coulisses_domain::time::DAY;
use coulisses_tests::{Request, Who, World, never_done};
use serde_json::json;

use crate::{
    scenes::{Ask, CHANGES, new_collaborator, post, put},
    scenes_woken::WOKEN,
    support::{acme, acme_with, active, get, id_of, invite, log_in, path_of, put_scope},
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";
const MAX: &str = "max@example.org";

/// All seats are taken, one of them by somebody whose access has ended, so that whoever wants a seat has her swept.
async fn full() -> World {
    let world = acme_with(&json!({ "seatLimit": 2 })).await;
    let max = json!({ "email": MAX, "role": "reader" });
    invite(&world, OWNER, "acme:tech", &max).await.expect(201);
    world.wait(DAY * 15);
    let lea = json!({ "email": LEA, "role": "reader", "expiresAt": "2026-12-17T12:00:00Z" });
    invite(&world, OWNER, "acme:tech", &lea).await.expect(201);
    log_in(&world, LEA).await;
    world.wait(DAY * 15);
    world
}

/// Whatever takes a seat.
fn usage(world: &World) -> [Ask; 4] {
    let new = json!({ "email": "new@example.org", "role": "reader" });
    let event = json!({ "name": "E", "kind": "event", "owner": { "email": "new@example.org" } });
    let owner = Request::new("POST", "/v1/scopes/acme/owner");
    let owner = owner.json(&json!({ "email": "new@example.org" }));
    [
        post(OWNER, "/v1/scopes/acme:tech/collaborators", &new),
        post(OWNER, &format!("{}/resend", path_of(world, "acme:tech", MAX)), &json!({})),
        put(&Who::platform(), "/v1/scopes/acme:tech:e", &event),
        Ask::Request(Box::new((Who::platform(), owner))),
    ]
}

/// Every call of every test is held against the policy of the function that makes it. So this does all that is ever done,
/// and then looks for what no function did.
#[tokio::test]
async fn no_policy_allows_what_its_function_never_does() {
    for scene in CHANGES.iter().chain(WOKEN) {
        let (world, ask) = (scene.prepare)().await;
        ask.of(&world).await;
    }
    let world = acme().await;
    // An event's owner is unbound, and somebody is erased by whom a mail is that waits.
    let boss = json!({ "email": MAX });
    let event = json!({ "name": "E", "kind": "event", "owner": boss });
    put_scope(&world, "acme:tech:e", &event).await.expect(201);
    log_in(&world, MAX).await;
    world.wait(DAY);
    let unbound = Request::new("POST", "/v1/scopes/acme:tech:e/owner").json(&boss);
    world.send(&Who::platform(), unbound).await.expect(200);
    active(&world, LEA, "acme", "administrator").await;
    invite(&world, LEA, "acme", &new_collaborator()).await.expect(201);
    world.erase(json!({ "client": "acme", "email": LEA, "erase": true })).await.unwrap();
    for place in 0..4 {
        let world = full().await;
        let told = usage(&world)[place].of(&world).await;
        assert!(told.starts_with('2'), "{told}");
        assert_eq!(get(&world, OWNER, &path_of(&world, "acme", LEA)).await.status, 404, "{told}");
        for target in ["/v1/me/access", "/v1/scopes/acme/history", "/v1/scopes/acme/seats"] {
            get(&world, OWNER, target).await;
        }
        for query in ["", "?below=true"] {
            get(&world, OWNER, &format!("/v1/scopes/acme/collaborators{query}")).await;
        }
        let of_one = format!("/v1/scopes/acme/history?collaborator={}", id_of(&world, OWNER));
        get(&world, OWNER, &of_one).await.expect(200);
        let question = json!({ "checks": [{ "scope": "acme", "permission": "access:manage" }] });
        post(OWNER, "/v1/checks", &question).of(&world).await;
        let erased = json!({ "client": "acme", "email": MAX, "erase": true });
        world.erase(erased).await.unwrap();
    }
    assert_eq!(never_done(), [""; 0]);
}
