//! Every command, each in a scene of its own: what was there before, and what is asked. The sweep of faults, the
//! interleavings and the mutation of conditions run all of them.

use std::{pin::Pin, time::Duration};

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Request, Who, World};
use serde_json::{Value, json};

use crate::support::{
    acme_with, active, etag_of, get, id_of, invite, path_of, put_scope, token_of,
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";
const MAX: &str = "max@example.org";

/// What is asked: of the HTTP API, or of a function that something else wakes.
#[derive(Clone, Debug)]
pub enum Ask {
    /// A request.
    Request(Box<(Who, Request)>),
    /// The rows of the outbox are handed to `deliver`, as the stream does.
    Deliver,
    /// The outbox is swept.
    Sweep,
    /// All clients are audited.
    Audit,
    /// SES tells what became of a mail.
    News(Value),
}

impl Ask {
    /// Asks, and says what was answered: a status with the code of a problem, or `failed` and `done`.
    pub async fn of(&self, world: &World) -> String {
        let ended = |well: bool| if well { "done" } else { "failed" }.to_owned();
        match self {
            Self::Request(request) => told(&world.send(&request.0, request.1.clone()).await),
            Self::Deliver => ended(world.deliver().await.batch_item_failures.is_empty()),
            Self::Sweep => ended(world.wake_deliver(json!({ "detail": {} })).await.is_ok()),
            Self::Audit => {
                let run = world.wake_audit(Duration::from_mins(5), json!({})).await;
                ended(run.is_ok_and(|summary| summary.failed == 0))
            }
            Self::News(event) => ended(world.ses_event(event.clone()).await.is_ok()),
        }
    }
}

/// The answer, and of a batch those of its items.
fn told(answer: &Answer) -> String {
    let items = answer.body["results"].as_array().into_iter().flatten();
    let items: Vec<String> = items
        .filter(|item| !item["status"].is_null())
        .map(|item| item["status"].to_string())
        .collect();
    if items.is_empty() { answer.told() } else { format!("{} {}", answer.told(), items.join(" ")) }
}

type Prepared = Pin<Box<dyn Future<Output = (World, Ask)> + Send>>;

/// A command in a scene.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// What it does.
    pub name: &'static str,
    /// The world as it is before, and what is asked.
    pub prepare: fn() -> Prepared,
    /// What may be told when the same is asked again although it was done, but for the first answer.
    pub again: &'static [&'static str],
}

/// Posts a body.
pub fn post(by: &str, target: &str, body: &Value) -> Ask {
    Ask::Request(Box::new((Who::person(by), Request::new("POST", target).json(body))))
}

/// The same under an idempotency key.
pub fn keyed(ask: Ask) -> Ask {
    match ask {
        Ask::Request(request) => {
            let (who, request) = *request;
            Ask::Request(Box::new((who, request.header("idempotency-key", "once"))))
        }
        other @ (Ask::Deliver | Ask::Sweep | Ask::Audit | Ask::News(_)) => other,
    }
}

/// Puts a body.
pub fn put(by: &Who, target: &str, body: &Value) -> Ask {
    Ask::Request(Box::new((by.clone(), Request::new("PUT", target).json(body))))
}

/// A client with an administrator, somebody pending whose mail was sent, and somebody else's client beside it.
pub async fn team(settings: &Value) -> World {
    let world = acme_with(settings).await;
    let other = json!({
        "name": "Expo", "seatLimit": 2, "granting": "owner", "owner": { "email": "eve@expo.test" },
    });
    put_scope(&world, "expo", &other).await.expect(201);
    active(&world, LEA, "acme:tech", "reader").await;
    let max = json!({ "email": MAX, "role": "manager" });
    invite(&world, OWNER, "acme:tech:summit", &max).await.expect(201);
    world.deliver().await;
    world.wait(Duration::from_mins(5));
    world
}

const INVITE: &str = "/v1/scopes/acme:tech/collaborators";

pub fn new_collaborator() -> Value {
    json!({ "email": "new@example.org", "role": "reader" })
}

fn two() -> Value {
    json!({ "invitations": [new_collaborator(), { "email": LEA, "role": "reader" }, { "email": "b@example.org", "role": "reader" }] })
}

async fn version_of_acme(world: &World) -> String {
    get(world, OWNER, "/v1/scopes/acme").await.etag().to_owned()
}

/// The scenes that change something by a request.
pub const CHANGES: &[Scene] = &[
    Scene {
        name: "provision a client",
        prepare: || {
            Box::pin(async {
                let world = team(&json!({})).await;
                let body = json!({
                    "name": "Nova", "seatLimit": 1, "granting": "owner", "owner": { "email": "nora@nova.test" },
                });
                (world, put(&Who::platform(), "/v1/scopes/nova", &body))
            })
        },
        again: &["200"],
    },
    Scene {
        name: "lower a limit",
        prepare: || {
            Box::pin(async {
                let world = team(&json!({ "seatLimit": 9 })).await;
                let body = json!({ "name": "Acme", "seatLimit": 1, "granting": "administrators" });
                (world, put(&Who::platform(), "/v1/scopes/acme", &body))
            })
        },
        again: &[],
    },
    Scene {
        name: "provision an event with an owner",
        prepare: || {
            Box::pin(async {
                let world = team(&json!({ "seatLimit": 4 })).await;
                let body = json!({ "name": "S", "kind": "event", "owner": { "email": "boss@example.org" } });
                (world, put(&Who::platform(), "/v1/scopes/acme:tech:autumn", &body))
            })
        },
        again: &["200"],
    },
    Scene {
        name: "invite somebody new",
        prepare: || {
            Box::pin(async {
                (team(&json!({ "seatLimit": 4 })).await, post(OWNER, INVITE, &new_collaborator()))
            })
        },
        again: &["409 already-has-access"],
    },
    Scene {
        name: "invite somebody new, with a key",
        prepare: || {
            Box::pin(async {
                (
                    team(&json!({ "seatLimit": 4 })).await,
                    keyed(post(OWNER, INVITE, &new_collaborator())),
                )
            })
        },
        again: &[],
    },
    Scene {
        name: "give somebody active one more grant",
        prepare: || {
            Box::pin(async {
                let lea = json!({ "email": LEA, "role": "manager" });
                let world = team(&json!({ "seatLimit": 3 })).await;
                (world, post(OWNER, "/v1/scopes/acme:rh/collaborators", &lea))
            })
        },
        again: &["409 already-has-access"],
    },
    Scene {
        name: "invite where somebody expired sits",
        prepare: || {
            Box::pin(async {
                let world = team(&json!({ "seatLimit": 3 })).await;
                world.wait(DAY * 14);
                (world, keyed(post(OWNER, INVITE, &new_collaborator())))
            })
        },
        again: &[],
    },
    Scene {
        name: "invite three at once",
        prepare: || {
            Box::pin(async {
                (team(&json!({ "seatLimit": 5 })).await, keyed(post(OWNER, INVITE, &two())))
            })
        },
        again: &[],
    },
    Scene {
        name: "change a role",
        prepare: || {
            Box::pin(async {
                let world = team(&json!({})).await;
                let etag = etag_of(&world, LEA).await;
                let target = format!("{}/role", path_of(&world, "acme:tech", LEA));
                let request = Request::new("PUT", &target).json(&json!({ "role": "manager" }));
                (world, Ask::Request(Box::new((Who::person(OWNER), request.if_match(&etag)))))
            })
        },
        again: &["412 stale-version"],
    },
    Scene {
        name: "resend",
        prepare: || {
            Box::pin(async {
                let world = team(&json!({})).await;
                let target = format!("{}/resend", path_of(&world, "acme:tech:summit", MAX));
                (world, post(OWNER, &target, &json!({})))
            })
        },
        again: &["429 resend-too-soon"],
    },
    Scene {
        name: "revive somebody expired, with a key",
        prepare: || {
            Box::pin(async {
                let world = team(&json!({ "seatLimit": 3 })).await;
                world.wait(DAY * 14);
                let target = format!("{}/resend", path_of(&world, "acme:tech:summit", MAX));
                (world, keyed(post(OWNER, &target, &json!({}))))
            })
        },
        again: &[],
    },
    Scene {
        name: "take somebody's last access",
        prepare: || {
            Box::pin(async {
                let world = team(&json!({})).await;
                let etag = etag_of(&world, LEA).await;
                let request = Request::new("DELETE", &path_of(&world, "acme:tech", LEA));
                (world, Ask::Request(Box::new((Who::person(OWNER), request.if_match(&etag)))))
            })
        },
        again: &["404 collaborator-not-found"],
    },
    Scene {
        name: "leave",
        prepare: || {
            Box::pin(async {
                let world = team(&json!({})).await;
                let etag = etag_of(&world, LEA).await;
                let request = Request::new("DELETE", &path_of(&world, "acme:tech", LEA));
                (world, Ask::Request(Box::new((Who::person(LEA), request.if_match(&etag)))))
            })
        },
        again: &["404 scope-not-found"],
    },
    Scene {
        name: "take the access of two at once, with all below",
        prepare: || {
            Box::pin(async {
                let world = team(&json!({})).await;
                let ids = json!({ "ids": [id_of(&world, LEA), id_of(&world, MAX)], "below": true });
                (world, keyed(post(OWNER, "/v1/scopes/acme:tech/revocations", &ids)))
            })
        },
        again: &[],
    },
    Scene {
        name: "accept",
        prepare: || {
            Box::pin(async {
                let world = team(&json!({})).await;
                let token = token_of(&world, MAX).await;
                (world, post(MAX, "/v1/invitations/accept", &json!({ "token": token })))
            })
        },
        again: &[],
    },
    Scene {
        name: "log in for the first time",
        prepare: || {
            Box::pin(async {
                (team(&json!({})).await, post(MAX, "/v1/scopes/acme/logins", &json!({})))
            })
        },
        again: &[],
    },
    Scene {
        name: "log in again",
        prepare: || {
            Box::pin(async {
                (team(&json!({})).await, post(LEA, "/v1/scopes/acme/logins", &json!({})))
            })
        },
        again: &[],
    },
    Scene {
        name: "hand ownership over",
        prepare: || {
            Box::pin(async {
                let world = team(&json!({})).await;
                let etag = version_of_acme(&world).await;
                let body = json!({ "collaborator": id_of(&world, LEA) });
                let request = Request::new("POST", "/v1/scopes/acme/owner").json(&body);
                let request = request.if_match(&etag).header("idempotency-key", "once");
                (world, Ask::Request(Box::new((Who::person(OWNER), request))))
            })
        },
        again: &[],
    },
    Scene {
        name: "hand a client over to an address",
        prepare: || {
            Box::pin(async {
                let world = team(&json!({ "seatLimit": 4 })).await;
                let request = Request::new("POST", "/v1/scopes/acme/owner")
                    .json(&json!({ "email": "new@example.org" }))
                    .header("idempotency-key", "once");
                (world, Ask::Request(Box::new((Who::platform(), request))))
            })
        },
        again: &[],
    },
    Scene {
        name: "unbind an owner's account",
        prepare: || {
            Box::pin(async {
                let world = team(&json!({})).await;
                world.wait(Duration::from_mins(5));
                let request = Request::new("POST", "/v1/scopes/acme/owner")
                    .json(&json!({ "email": OWNER }))
                    .header("idempotency-key", "once");
                (world, Ask::Request(Box::new((Who::platform(), request))))
            })
        },
        again: &[],
    },
    Scene {
        name: "write to everybody",
        prepare: || {
            Box::pin(async {
                let body = json!({ "subject": "Tonight", "text": "Closed from 8 to 9." });
                let ask = keyed(post(OWNER, "/v1/scopes/acme/announcements", &body));
                (team(&json!({})).await, ask)
            })
        },
        again: &[],
    },
];
