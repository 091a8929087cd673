//! The `roles` of a scope: those that can be granted there.

use coulisses_domain::role::ROLES;
use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::{Value, json};

use crate::{
    support::{EVE, OWNER, SUMMIT, acme_with, active, get, invite, put_scope},
    transfer::{transfer, with_event_owner},
};

/// One scope of each level below the client, with its representation.
fn inner() -> [(&'static str, Value); 3] {
    [
        ("acme:tech", json!({ "name": "Tech" })),
        (SUMMIT, json!({ "name": "Summit 2027", "kind": "event" })),
        ("acme:tech:alumni", json!({ "name": "Alumni", "kind": "community" })),
    ]
}

/// Changes the roles that the client offers.
async fn offer(world: &World, roles: &Value) -> Answer {
    let client = json!({
        "name": "Acme", "seatLimit": null, "granting": "administrators", "roles": roles,
    });
    put_scope(world, "acme", &client).await.expect(200)
}

async fn read(world: &World, scope: &str) -> Answer {
    get(world, OWNER, &format!("/v1/scopes/{scope}")).await.expect(200)
}

#[tokio::test]
async fn a_client_shows_its_roles_and_each_scope_those_that_can_be_granted_there() {
    let offered = json!(["administrator", "contributor", "reader", "custom"]);
    let world = acme_with(&json!({ "roles": offered })).await;
    assert_eq!(read(&world, "acme").await.body["roles"], offered, "as it was set");
    for (scope, body) in inner() {
        let here = if scope == SUMMIT {
            offered.clone()
        } else {
            json!(["administrator", "contributor", "reader"])
        };
        let seen = read(&world, scope).await;
        assert_eq!(seen.body["roles"], here, "{scope}");
        let again = put_scope(&world, scope, &body).await.expect(200);
        assert_eq!(again.body, seen.body, "{scope}");
        let new = put_scope(&world, &format!("{scope}-2"), &body).await.expect(201);
        assert_eq!(new.body["roles"], here, "{scope}");
        let tree = get(&world, OWNER, &format!("/v1/scopes/{scope}?below=true")).await.expect(200);
        assert_eq!(tree.body["roles"], here, "{scope}");
        for below in tree.body["below"].as_array().unwrap() {
            assert_eq!(below.get("roles"), None, "a tree has the roles of its root only: {below}");
        }
    }
}

#[tokio::test]
async fn only_the_roles_that_a_scope_shows_can_be_granted_there() {
    let world = acme_with(&json!({ "roles": ["administrator", "observer", "custom"] })).await;
    for (scope, _) in inner() {
        let shown = read(&world, scope).await.body["roles"].clone();
        for role in ROLES.map(|entry| entry.key) {
            let mut body = json!({ "email": format!("{role}@example.org"), "role": role });
            if role == "custom" {
                body["permissions"] = json!(["checkin:scan"]);
            }
            let given = invite(&world, OWNER, scope, &body).await;
            let is_shown = shown.as_array().unwrap().contains(&json!(role));
            assert_eq!(given.status == 201, is_shown, "{role} at {scope}: {}", given.outcome());
        }
    }
}

#[tokio::test]
async fn an_event_owner_sees_the_roles_to_grant_without_access_to_the_client() {
    let world = with_event_owner().await;
    let offered = json!(["administrator", "manager", "supervisor", "observer"]);
    offer(&world, &offered).await;
    for hidden in ["acme", "acme:tech", "acme:tech:meetup"] {
        let refused = get(&world, EVE, &format!("/v1/scopes/{hidden}")).await;
        assert_eq!(refused.outcome(), "404 scope-not-found", "{hidden}");
        assert!(!refused.body.to_string().contains("supervisor"), "{}", refused.body);
    }
    let seen = get(&world, EVE, &format!("/v1/scopes/{SUMMIT}")).await.expect(200);
    assert_eq!(seen.body["roles"], offered);
    for setting in ["seats", "granting", "invitationDays", "locale"] {
        assert_eq!(seen.body.get(setting), None, "no other setting of the client");
    }
    let body = json!({ "email": "sam@example.org", "role": "supervisor" });
    invite(&world, EVE, SUMMIT, &body).await.expect(201);
    active(&world, "new@example.org", SUMMIT, "manager").await;
    let handed = transfer(&world, EVE, SUMMIT, "new@example.org").await.expect(200);
    assert_eq!(handed.body["roles"], offered, "the response of a transfer has the roles too");
    assert_eq!(get(&world, EVE, &format!("/v1/scopes/{SUMMIT}")).await.body, handed.body);
}

#[tokio::test]
async fn changed_roles_show_at_once_and_keep_the_versions_of_the_scopes() {
    let world = acme_with(&json!({})).await;
    for (offered, elsewhere) in [
        (json!(["observer", "custom"]), json!(["observer"])),
        (json!(["custom"]), json!([])),
        (json!(["reader", "custom"]), json!(["reader"])),
    ] {
        let mut before = Vec::new();
        for (scope, _) in inner() {
            before.push((scope, read(&world, scope).await));
        }
        let client = read(&world, "acme").await;
        assert_ne!(offer(&world, &offered).await.etag(), client.etag());
        for (scope, before) in before {
            let after = read(&world, scope).await;
            let here = if scope == SUMMIT { &offered } else { &elsewhere };
            assert_eq!(&after.body["roles"], here, "{scope}");
            assert_ne!(after.body["roles"], before.body["roles"], "{scope}");
            assert_eq!(after.etag(), before.etag(), "{scope}");
        }
    }
    let target = Request::new("GET", &format!("/v1/scopes/{SUMMIT}"));
    let platform = world.send(&Principal::platform(), target).await.expect(200);
    assert_eq!(platform.body["roles"], json!(["reader", "custom"]));
}
