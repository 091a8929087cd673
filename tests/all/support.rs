//! Scenes that many tests begin with.

use coulisses_tests::{Answer, Request, Who, World};
use serde_json::{Value, json};

/// A client `acme` with its owner `owner@acme.test` active, an audience, two events, a community; unlimited seats.
pub async fn acme() -> World {
    acme_with(&json!({})).await
}

/// The same with other settings of the client.
pub async fn acme_with(settings: &Value) -> World {
    let world = World::new().await;
    let mut client = json!({
        "name": "Acme", "seatLimit": null, "granting": "administrators", "owner": { "email": "owner@acme.test", "name": "Odile" },
    });
    for (name, value) in settings.as_object().unwrap() {
        client[name] = value.clone();
    }
    for (scope, body) in [
        ("acme", client),
        ("acme:tech", json!({ "name": "Tech" })),
        ("acme:tech:summit", json!({ "name": "Summit 2027", "kind": "event" })),
        ("acme:tech:meetup", json!({ "name": "Meetup", "kind": "event" })),
        ("acme:tech:alumni", json!({ "name": "Alumni", "kind": "community" })),
        ("acme:rh", json!({ "name": "RH" })),
    ] {
        put_scope(&world, scope, &body).await;
    }
    log_in(&world, "owner@acme.test").await;
    world.deliver().await;
    world
}

/// Writes a scope as the platform.
pub async fn put_scope(world: &World, scope: &str, body: &Value) -> Answer {
    let request = Request::new("PUT", &format!("/v1/scopes/{scope}")).json(body);
    world.send(&Who::platform(), request).await
}

/// Records a login to `acme`, which activates whoever is pending.
pub async fn log_in(world: &World, email: &str) -> Answer {
    world
        .send(&Who::person(email), Request::new("POST", "/v1/scopes/acme/logins"))
        .await
        .expect(200)
}

/// Invites as `by`.
pub async fn invite(world: &World, by: &str, scope: &str, body: &Value) -> Answer {
    let request = Request::new("POST", &format!("/v1/scopes/{scope}/collaborators")).json(body);
    world.send(&Who::person(by), request).await
}

/// Invites as the owner of `acme`, and makes active.
pub async fn active(world: &World, email: &str, scope: &str, role: &str) -> Answer {
    let invited = invite(world, "owner@acme.test", scope, &json!({ "email": email, "role": role }))
        .await
        .expect(201);
    log_in(world, email).await;
    let id = invited.text("/id");
    get(world, "owner@acme.test", &format!("/v1/scopes/{scope}/collaborators/{id}"))
        .await
        .expect(200)
}

/// Gets as `who`.
pub async fn get(world: &World, who: &str, target: &str) -> Answer {
    world.send(&Who::person(who), Request::new("GET", target)).await
}
