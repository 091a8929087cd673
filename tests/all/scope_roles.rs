//! The roles that a scope tells: those that can be given there.

use coulisses_tests::{Answer, Request, Who, World};
use serde_json::{Value, json};

use crate::{
    support::{acme_with, active, get, invite, put_scope},
    transfer::{hand_over, with_an_events_owner},
};

const OWNER: &str = "owner@acme.test";
const EVE: &str = "eve@example.org";
const SUMMIT: &str = "acme:tech:summit";

/// Of each level one, with what the platform writes of it.
fn inner() -> [(&'static str, Value); 3] {
    [
        ("acme:tech", json!({ "name": "Tech" })),
        (SUMMIT, json!({ "name": "Summit 2027", "kind": "event" })),
        ("acme:tech:alumni", json!({ "name": "Alumni", "kind": "community" })),
    ]
}

/// The client offers these from now on.
async fn offer(world: &World, roles: &Value) -> Answer {
    let client = json!({
        "name": "Acme", "seatLimit": null, "granting": "administrators", "roles": roles,
    });
    put_scope(world, "acme", &client).await.expect(200)
}

async fn look(world: &World, scope: &str) -> Answer {
    get(world, OWNER, &format!("/v1/scopes/{scope}")).await.expect(200)
}

#[tokio::test]
async fn a_client_tells_what_it_offers_and_each_scope_in_it_what_can_be_given_there() {
    let offered = json!(["administrator", "contributor", "reader", "custom"]);
    let world = acme_with(&json!({ "roles": offered })).await;
    assert_eq!(look(&world, "acme").await.body["roles"], offered, "as it was set");
    for (scope, body) in inner() {
        let here = if scope == SUMMIT {
            offered.clone()
        } else {
            json!(["administrator", "contributor", "reader"])
        };
        let seen = look(&world, scope).await;
        assert_eq!(seen.body["roles"], here, "{scope}");
        let again = put_scope(&world, scope, &body).await.expect(200);
        assert_eq!(again.body, seen.body, "{scope}");
        let new = put_scope(&world, &format!("{scope}-2"), &body).await.expect(201);
        assert_eq!(new.body["roles"], here, "{scope}");
        let tree = get(&world, OWNER, &format!("/v1/scopes/{scope}?below=true")).await.expect(200);
        assert_eq!(tree.body["roles"], here, "{scope}");
        for below in tree.body["below"].as_array().unwrap() {
            assert_eq!(below.get("roles"), None, "whoever opens it asks for it: {below}");
        }
    }
}

#[tokio::test]
async fn what_a_scope_tells_can_be_given_there_and_nothing_else() {
    let world = acme_with(&json!({ "roles": ["administrator", "observer", "custom"] })).await;
    for (scope, _) in inner() {
        let told = look(&world, scope).await.body["roles"].clone();
        for role in [
            "owner",
            "administrator",
            "contributor",
            "reader",
            "manager",
            "supervisor",
            "observer",
            "custom",
        ] {
            let mut body = json!({ "email": format!("{role}@example.org"), "role": role });
            if role == "custom" {
                body["permissions"] = json!(["checkin:scan"]);
            }
            let given = invite(&world, OWNER, scope, &body).await;
            let is_told = told.as_array().unwrap().contains(&json!(role));
            assert_eq!(given.status == 201, is_told, "{role} at {scope}: {}", given.told());
        }
    }
}

#[tokio::test]
async fn an_events_owner_who_sees_nothing_of_the_client_learns_what_he_may_give() {
    let world = with_an_events_owner().await;
    let offered = json!(["administrator", "manager", "supervisor", "observer"]);
    offer(&world, &offered).await;
    for hidden in ["acme", "acme:tech", "acme:tech:meetup"] {
        let refused = get(&world, EVE, &format!("/v1/scopes/{hidden}")).await;
        assert_eq!(refused.told(), "404 scope-not-found", "{hidden}");
        assert!(!refused.body.to_string().contains("supervisor"), "{}", refused.body);
    }
    let seen = get(&world, EVE, &format!("/v1/scopes/{SUMMIT}")).await.expect(200);
    assert_eq!(seen.body["roles"], offered);
    for setting in ["seats", "granting", "invitationDays", "locale"] {
        assert_eq!(seen.body.get(setting), None, "and no other setting of the client");
    }
    let body = json!({ "email": "sam@example.org", "role": "supervisor" });
    invite(&world, EVE, SUMMIT, &body).await.expect(201);
    active(&world, "new@example.org", SUMMIT, "manager").await;
    let handed = hand_over(&world, EVE, SUMMIT, "new@example.org").await.expect(200);
    assert_eq!(handed.body["roles"], offered, "an event that is handed over tells them too");
    assert_eq!(get(&world, EVE, &format!("/v1/scopes/{SUMMIT}")).await.body, handed.body);
}

#[tokio::test]
async fn what_the_client_offers_from_now_on_shows_at_once_and_leaves_the_versions_of_its_scopes() {
    let world = acme_with(&json!({})).await;
    for (offered, elsewhere) in [
        (json!(["observer", "custom"]), json!(["observer"])),
        (json!(["custom"]), json!([])),
        (json!(["reader", "custom"]), json!(["reader"])),
    ] {
        let mut before = Vec::new();
        for (scope, _) in inner() {
            before.push((scope, look(&world, scope).await));
        }
        let client = look(&world, "acme").await;
        assert_ne!(offer(&world, &offered).await.etag(), client.etag());
        for (scope, before) in before {
            let after = look(&world, scope).await;
            let here = if scope == SUMMIT { &offered } else { &elsewhere };
            assert_eq!(&after.body["roles"], here, "{scope}");
            assert_ne!(after.body["roles"], before.body["roles"], "{scope}");
            assert_eq!(after.etag(), before.etag(), "{scope}");
        }
    }
    let target = Request::new("GET", &format!("/v1/scopes/{SUMMIT}"));
    let platform = world.send(&Who::platform(), target).await.expect(200);
    assert_eq!(platform.body["roles"], json!(["reader", "custom"]));
}
