//! Every command in a scene of its own: a prepared deployment and the invocation. The fault sweep and the policy test run
//! all of them.

use std::{pin::Pin, time::Duration};

use coulisses_domain::time::DAY;
use coulisses_tests::{Principal, Request, World};
use serde_json::{Value, json};

pub use crate::invocation::{Invocation, keyed, post, put};
use crate::named_roles::{defined, desk};
use crate::support::{
    self, LEA, MAX, MEETUP, OWNER, SUMMIT, acme_with, active, etag_of, get, id_of, invite, invited,
    path_of, put_scope, token_of,
};
use crate::transfer::version_of;

type Prepared = Pin<Box<dyn Future<Output = (World, Invocation)> + Send>>;

/// A command in a scene.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    pub name: &'static str,
    /// The deployment before the command, and the command.
    pub prepare: fn() -> Prepared,
    /// The possible outcomes of a retry after the command was done, besides the first outcome.
    pub again: &'static [&'static str],
}

/// A scene: its name, the outcomes of a retry, and a block that prepares it.
macro_rules! scene {
    ($name:literal, $again:expr, $prepare:block) => {
        Scene { name: $name, again: &$again, prepare: || Box::pin(async $prepare) }
    };
}

/// The client `acme` with an active and a pending collaborator whose mail was sent, and another client.
pub async fn team(settings: &Value) -> World {
    let world = acme_with(settings).await;
    let other = json!({
        "name": "Expo", "seatLimit": 2, "granting": "owner", "owner": { "email": "eve@expo.test" },
    });
    put_scope(&world, "expo", &other).await.expect(201);
    active(&world, LEA, "acme:tech", "reader").await;
    invited(&world, MAX, "acme:tech:summit", "manager").await;
    world.deliver().await;
    world.publish_all().await;
    world.wait(Duration::from_mins(5));
    world
}

const INVITE: &str = "/v1/scopes/acme:tech/collaborators";

pub fn new_collaborator() -> Value {
    json!({ "email": "new@example.org", "role": "reader" })
}

const WAITING_LIST: &str = "/v1/scopes/acme/waiting-list";

/// An invitation of a person who waits if no seat is free.
pub fn waiting(email: &str) -> Value {
    json!({ "email": email, "role": "reader", "ifFull": "wait" })
}

/// The client whose seats are taken, with two people who wait.
async fn waited_for() -> World {
    let world = team(&json!({ "seatLimit": 3 })).await;
    for email in ["new@example.org", "other@example.org"] {
        invite(&world, OWNER, "acme:tech", &waiting(email)).await.expect(202);
    }
    world
}

fn owner() -> Principal {
    Principal::user(OWNER)
}

/// A request about Léa at the audience, on her current version.
async fn versioned(world: &World, by: &str, request: Request) -> Invocation {
    Invocation::request(Principal::user(by), request.if_match(&etag_of(world, LEA).await))
}

/// A request of the owner about a role of the client.
pub fn role_request(method: &'static str, key: &str, condition: (&str, &str)) -> Invocation {
    let request = Request::new(method, &format!("/v1/scopes/acme/roles/{key}"));
    let request = request.header(condition.0, condition.1);
    let defines = method == "PUT";
    Invocation::request(
        owner(),
        if defines { request.json(&desk(&["checkin:scan"])) } else { request },
    )
}

fn without_login(answer: &str, body: &Value) -> Invocation {
    let request = Request::new("POST", &format!("/v1/invitations/{answer}")).json(body);
    Invocation::request(Principal::anonymous(), request)
}

/// The scenes of requests that change something.
pub const CHANGES: &[Scene] = &[
    scene!("provision a client", ["200"], {
        let world = team(&json!({})).await;
        let body = json!({
            "name": "Nova", "seatLimit": 1, "granting": "owner", "owner": { "email": "nora@nova.test" },
        });
        (world, put(&Principal::platform(), "/v1/scopes/nova", &body))
    }),
    scene!("lower a limit", [], {
        let world = team(&json!({ "seatLimit": 9 })).await;
        let body = json!({ "name": "Acme", "seatLimit": 1, "granting": "administrators" });
        (world, put(&Principal::platform(), "/v1/scopes/acme", &body))
    }),
    scene!("provision an event with an owner", ["200"], {
        let world = team(&json!({ "seatLimit": 4 })).await;
        let body =
            json!({ "name": "S", "kind": "event", "owner": { "email": "boss@example.org" } });
        (world, put(&Principal::platform(), "/v1/scopes/acme:tech:autumn", &body))
    }),
    scene!("invite a new collaborator", ["409 already-has-access"], {
        (team(&json!({ "seatLimit": 4 })).await, post(OWNER, INVITE, &new_collaborator()))
    }),
    scene!("invite a new collaborator, with a key", [], {
        (team(&json!({ "seatLimit": 4 })).await, keyed(&owner(), INVITE, &new_collaborator()))
    }),
    scene!("grant an active collaborator one more role", ["409 already-has-access"], {
        let lea = json!({ "email": LEA, "role": "manager" });
        let world = team(&json!({ "seatLimit": 3 })).await;
        (world, post(OWNER, "/v1/scopes/acme:rh/collaborators", &lea))
    }),
    scene!("invite where a seat has expired", [], {
        let world = team(&json!({ "seatLimit": 3 })).await;
        world.wait(DAY * 14);
        (world, keyed(&owner(), INVITE, &new_collaborator()))
    }),
    scene!("invite three at once", [], {
        let [lea, new] = [LEA, "b@example.org"].map(|it| json!({ "email": it, "role": "reader" }));
        let three = json!({ "invitations": [new_collaborator(), lea, new] });
        (team(&json!({ "seatLimit": 5 })).await, keyed(&owner(), INVITE, &three))
    }),
    scene!("change a role", ["412 stale-version"], {
        let world = team(&json!({})).await;
        let target = format!("{}/role", path_of(&world, "acme:tech", LEA));
        let request = Request::new("PUT", &target).json(&json!({ "role": "manager" }));
        let change = versioned(&world, OWNER, request).await;
        (world, change)
    }),
    scene!("change two people at once, with a key", [], {
        let world = team(&json!({})).await;
        let version = |etag: &str| etag.trim_matches('"').parse::<i64>().unwrap();
        let (lea, max) = (etag_of(&world, LEA).await, etag_of(&world, MAX).await);
        let changes = json!({ "changes": [
            { "id": id_of(&world, LEA), "version": version(&lea), "role": "manager" },
            { "id": id_of(&world, MAX), "version": version(&max), "role": "reader", "expiresAt": "2027-06-30T18:00:00Z" },
        ] });
        (world, keyed(&owner(), "/v1/scopes/acme:tech/changes", &changes))
    }),
    scene!("import two people, one of them new", [], {
        let grant = |role: &str| json!([{ "scope": "acme:rh", "role": role }]);
        let people = json!({ "people": [
            { "email": "new@example.org", "grants": grant("reader") },
            { "email": LEA, "grants": grant("manager"), "lastLoginAt": "2026-11-22T12:04:00Z" },
        ] });
        let world = team(&json!({ "seatLimit": 4 })).await;
        (world, keyed(&Principal::platform(), "/v1/scopes/acme/imports", &people))
    }),
    scene!("copy the team of an event that ended, with a key", [], {
        let world = team(&json!({ "seatLimit": 3, "accessEndsAfterDays": 0 })).await;
        active(&world, LEA, SUMMIT, "manager").await;
        let ended = json!({ "name": "S", "kind": "event", "endsAt": "2026-11-23T12:00:00Z" });
        put_scope(&world, SUMMIT, &ended).await.expect(200);
        world.wait(DAY * 2);
        let team = json!({ "from": SUMMIT, "asOf": "end" });
        (world, keyed(&owner(), &format!("/v1/scopes/{MEETUP}/copies"), &team))
    }),
    scene!("archive an event", ["412 stale-version"], {
        let world = team(&json!({})).await;
        let request = Request::new("POST", &format!("/v1/scopes/{MEETUP}/archive"));
        let request = request.if_match(&version_of(&world, MEETUP).await);
        (world, Invocation::request(owner(), request))
    }),
    scene!("suspend", [], {
        let world = team(&json!({})).await;
        let target = format!("{}/suspension", path_of(&world, "acme", LEA));
        (world, post(OWNER, &target, &json!({})))
    }),
    scene!("restore a pending person to the last seat", [], {
        let world = team(&json!({ "seatLimit": 3 })).await;
        let target = format!("{}/suspension", path_of(&world, "acme", MAX));
        world.send(&owner(), Request::new("POST", &target)).await.expect(200);
        (world, Invocation::request(owner(), Request::new("DELETE", &target)))
    }),
    scene!("unbind an account", ["412 stale-version"], {
        let world = team(&json!({})).await;
        let target = format!("{}/account", path_of(&world, "acme", LEA));
        let change = versioned(&world, OWNER, Request::new("DELETE", &target)).await;
        (world, change)
    }),
    scene!("move a person to a new address", ["404 collaborator-not-found"], {
        let world = team(&json!({})).await;
        let target = format!("{}/email", path_of(&world, "acme", LEA));
        let request = Request::new("PUT", &target).json(&json!({ "email": "new@example.org" }));
        let change = versioned(&world, OWNER, request).await;
        (world, change)
    }),
    scene!("resend", ["429 resend-too-soon"], {
        let world = team(&json!({})).await;
        let target = format!("{}/resend", path_of(&world, "acme:tech:summit", MAX));
        (world, post(OWNER, &target, &json!({})))
    }),
    scene!("revive an expired collaborator, with a key", [], {
        let world = team(&json!({ "seatLimit": 3 })).await;
        world.wait(DAY * 14);
        let target = format!("{}/resend", path_of(&world, "acme:tech:summit", MAX));
        (world, keyed(&owner(), &target, &json!({})))
    }),
    scene!("revoke the last access", ["404 collaborator-not-found"], {
        let world = team(&json!({})).await;
        let request = Request::new("DELETE", &path_of(&world, "acme:tech", LEA));
        let removal = versioned(&world, OWNER, request).await;
        (world, removal)
    }),
    scene!("leave", ["404 scope-not-found"], {
        let world = team(&json!({})).await;
        let request = Request::new("DELETE", &path_of(&world, "acme:tech", LEA));
        let removal = versioned(&world, LEA, request).await;
        (world, removal)
    }),
    scene!("revoke two collaborators at once, with all below", [], {
        let world = team(&json!({})).await;
        let ids = json!({ "ids": [id_of(&world, LEA), id_of(&world, MAX)], "below": true });
        (world, keyed(&owner(), "/v1/scopes/acme:tech/revocations", &ids))
    }),
    scene!("accept", [], {
        let world = team(&json!({})).await;
        let token = token_of(&world, MAX).await;
        (world, post(MAX, "/v1/invitations/accept", &json!({ "token": token })))
    }),
    scene!("decline", [], {
        let world = team(&json!({ "seatLimit": 3 })).await;
        let body = json!({ "token": token_of(&world, MAX).await, "reason": "On leave" });
        (world, without_login("decline", &body))
    }),
    scene!("ask for a new link", [], {
        let world = team(&json!({})).await;
        let body = json!({ "token": token_of(&world, MAX).await });
        world.wait(DAY * 14);
        (world, without_login("renewal", &body))
    }),
    scene!("log in for the first time", [], {
        (team(&json!({})).await, post(MAX, "/v1/scopes/acme/logins", &json!({})))
    }),
    scene!("log in again", [], {
        (team(&json!({})).await, post(LEA, "/v1/scopes/acme/logins", &json!({})))
    }),
    scene!("transfer ownership", [], {
        let world = team(&json!({})).await;
        let acme = get(&world, OWNER, "/v1/scopes/acme").await;
        let body = json!({ "collaborator": id_of(&world, LEA) });
        let request = Request::new("POST", "/v1/scopes/acme/owner").json(&body);
        let request = request.if_match(acme.etag()).header("idempotency-key", "once");
        (world, Invocation::request(owner(), request))
    }),
    scene!("transfer a client to an address", [], {
        let world = team(&json!({ "seatLimit": 4 })).await;
        let heir = json!({ "email": "new@example.org" });
        (world, keyed(&Principal::platform(), "/v1/scopes/acme/owner", &heir))
    }),
    scene!("unbind an owner's account", [], {
        let world = team(&json!({})).await;
        world.wait(Duration::from_mins(5));
        let owner = json!({ "email": OWNER });
        (world, keyed(&Principal::platform(), "/v1/scopes/acme/owner", &owner))
    }),
    scene!("define a role", ["412 stale-version"], {
        (team(&json!({})).await, role_request("PUT", "front-desk", ("if-none-match", "*")))
    }),
    scene!("change a role of the client", ["412 stale-version"], {
        let world = team(&json!({})).await;
        let etag = defined(&world, "front-desk", &["contacts:view"]).await;
        invited(&world, LEA, "acme:rh", "front-desk").await;
        (world, role_request("PUT", "front-desk", ("if-match", &etag)))
    }),
    scene!("delete a role that two people hold", ["404 role-not-found"], {
        let world = team(&json!({})).await;
        defined(&world, "front-desk", &["contacts:view"]).await;
        invited(&world, LEA, "acme:rh", "front-desk").await;
        invited(&world, MAX, "acme:rh", "front-desk").await;
        (world, role_request("DELETE", "front-desk?reassign=observer", ("accept", "*/*")))
    }),
    scene!("wait for a seat", ["409 already-has-access"], {
        (team(&json!({ "seatLimit": 3 })).await, post(OWNER, INVITE, &waiting("new@example.org")))
    }),
    scene!("revoke where someone waits for the seat", ["200 200 404"], {
        let world = waited_for().await;
        let body = json!({ "ids": [id_of(&world, LEA)] });
        (world, keyed(&owner(), "/v1/scopes/acme:tech/revocations", &body))
    }),
    scene!("put the waiting list in another order", ["412 stale-version"], {
        let world = waited_for().await;
        let list = get(&world, OWNER, WAITING_LIST).await.expect(200);
        let ids = ["other@example.org", "new@example.org"].map(|email| id_of(&world, email));
        let request = Request::new("PUT", WAITING_LIST).json(&json!({ "ids": ids }));
        (world, Invocation::request(owner(), request.if_match(list.etag())))
    }),
    scene!("announce", [], {
        let body = json!({ "subject": "Tonight", "text": "Closed from 8 to 9." });
        (team(&json!({})).await, keyed(&owner(), "/v1/scopes/acme/announcements", &body))
    }),
];

/// The scenes of functions that the stream, a schedule or SES starts.
pub const WOKEN: &[Scene] = &[
    scene!("deliver an invitation", ["done"], {
        let world = team(&json!({})).await;
        invite(&world, OWNER, "acme:tech", &new_collaborator()).await.expect(201);
        (world, Invocation::Deliver)
    }),
    scene!("deliver another mail", ["done"], {
        let world = team(&json!({})).await;
        invited(&world, LEA, "acme:rh", "manager").await;
        (world, Invocation::Deliver)
    }),
    scene!("queue the mails of an announcement", ["done"], {
        let world = team(&json!({})).await;
        let body = json!({ "subject": "Tonight", "text": "Closed from 8 to 9." });
        support::post(&world, &owner(), "/v1/scopes/acme/announcements", &body).await.expect(202);
        (world, Invocation::Deliver)
    }),
    scene!("sweep the outbox", ["done"], {
        let world = team(&json!({})).await;
        invite(&world, OWNER, "acme:tech", &new_collaborator()).await.expect(201);
        world.wait(Duration::from_mins(3));
        (world, Invocation::Sweep)
    }),
    scene!("audit where an invitation expired, access ends and one is reminded", ["done"], {
        let world = team(&json!({ "seatLimit": 9 })).await;
        let soon = |days: u32| world.now().after(DAY * days).to_string();
        for (email, days) in [("a@example.org", 14), ("b@example.org", 20)] {
            let body = json!({ "email": email, "role": "reader", "expiresAt": soon(days) });
            invite(&world, OWNER, "acme:tech", &body).await.expect(201);
            support::log_in(&world, email).await;
        }
        world.deliver().await;
        world.wait(DAY * 11);
        invited(&world, "c@example.org", "acme:tech", "reader").await;
        world.deliver().await;
        world.wait(DAY * 3);
        (world, Invocation::Audit)
    }),
    scene!("pass the seats of a raised limit on", ["done"], {
        let world = waited_for().await;
        let body = json!({ "name": "Acme", "seatLimit": 6, "granting": "administrators" });
        put_scope(&world, "acme", &body).await.expect(200);
        (world, Invocation::PassSeats)
    }),
    scene!("publish the history", ["done"], {
        let world = team(&json!({ "seatLimit": 20 })).await;
        for number in 0..12 {
            let body = json!({ "email": format!("p{number}@example.org"), "role": "reader" });
            invite(&world, OWNER, "acme:tech", &body).await.expect(201);
        }
        (world, Invocation::Publish)
    }),
    scene!("record that a mail bounced", ["done"], {
        let world = team(&json!({})).await;
        let (mail, id) = (world.ses.mails_to(MAX).remove(0), id_of(&world, MAX));
        let mut tags = mail.request["EmailTags"].as_array().unwrap().iter();
        let mail_id = &tags.find(|tag| tag["Name"] == "sending").unwrap()["Value"];
        let tags = json!({ "client": ["acme"], "collaborator": [id], "sending": [mail_id] });
        let bounce = json!({ "bounceType": "Permanent" });
        let detail = json!({ "eventType": "Bounce", "bounce": bounce, "mail": { "tags": tags } });
        (world, Invocation::SesEvent(json!({ "source": "aws.ses", "detail": detail })))
    }),
];
