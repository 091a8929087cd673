//! The deployment that receives the events.

use coulisses_tests::{Principal, Request, World};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// Has a pending invitation.
pub const LEA: &str = "lea@example.org";

/// A client `acme` with an active owner, and Léa, whose invitation to the event was sent.
pub struct Scene {
    runtime: Runtime,
    pub world: World,
}

impl Scene {
    pub fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let world = runtime.block_on(async {
            let world = World::new().await;
            let owner = json!({ "email": "owner@acme.test" });
            let client = json!({ "name": "Acme", "seatLimit": null, "granting": "administrators", "owner": owner });
            let platform = Principal::platform();
            send(&world, &platform, ("PUT", "/v1/scopes/acme"), &client).await;
            send(&world, &platform, ("PUT", "/v1/scopes/acme:tech"), &json!({ "name": "Tech" })).await;
            let summit = json!({ "name": "Summit", "kind": "event" });
            send(&world, &platform, ("PUT", "/v1/scopes/acme:tech:summit"), &summit).await;
            let owner = Principal::user("owner@acme.test");
            send(&world, &owner, ("POST", "/v1/scopes/acme/logins"), &json!({})).await;
            let lea = json!({ "email": LEA, "role": "observer" });
            let invite = ("POST", "/v1/scopes/acme:tech:summit/collaborators");
            send(&world, &owner, invite, &lea).await;
            world.deliver().await;
            world
        });
        Self { runtime, world }
    }

    /// Runs a future to its end.
    pub fn wait<T>(&self, done: impl Future<Output = T>) -> T {
        self.runtime.block_on(done)
    }

    /// Léa's id.
    pub fn lea(&self) -> String {
        self.world.id_of("acme", LEA)
    }

    /// The whole table as text.
    pub fn dump(&self) -> String {
        self.wait(self.world.dump())
    }
}

async fn send(
    world: &World,
    who: &Principal,
    (method, target): (&'static str, &str),
    body: &Value,
) {
    let answer = world.send(who, Request::new(method, target).json(body)).await;
    assert!(answer.status < 300, "{}", answer.body);
}
