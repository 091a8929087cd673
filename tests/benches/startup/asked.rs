//! The event of each function, in a client with an owner, a reader and a pending collaborator.

use coulisses_aws::clock::Clock;
use coulisses_tests::{Principal, Request, World};
use serde_json::{Value, json};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";
const MAX: &str = "max@example.org";

/// A function and its event.
pub struct Asked {
    pub function: &'static str,
    pub event: Value,
}

/// A deployment at the current time of the functions: Léa is active, Max is pending, a mail is queued.
pub async fn world() -> World {
    let world = World::new().await;
    world.set_clock(Clock::system().now());
    let client = json!({
        "name": "Acme", "seatLimit": 9, "granting": "administrators", "owner": { "email": OWNER },
    });
    for (scope, body) in [
        ("acme", client),
        ("acme:tech", json!({ "name": "Tech" })),
        ("acme:tech:summit", json!({ "name": "Summit", "kind": "event" })),
    ] {
        let request = Request::new("PUT", &format!("/v1/scopes/{scope}")).json(&body);
        world.send(&Principal::platform(), request).await.expect(201);
    }
    log_in(&world, OWNER).await;
    invite(&world, LEA).await;
    log_in(&world, LEA).await;
    invite(&world, MAX).await;
    world.deliver().await;
    coulisses_tests::age_last_mail(world.endpoint(), "acme", &world.id_of("acme", MAX)).await;
    invite(&world, "new@example.org").await;
    world
}

/// The events of all functions, sorted by function.
pub async fn all(world: &World) -> Vec<Asked> {
    let (lea, max) = (world.id_of("acme", LEA), world.id_of("acme", MAX));
    let of = |id: &str| format!("/v1/scopes/acme:tech/collaborators/{id}");
    let seen =
        world.send(&Principal::user(OWNER), Request::new("GET", &of(&lea))).await.expect(200);
    let acme = world.send(&Principal::user(OWNER), Request::new("GET", "/v1/scopes/acme")).await;
    let [owner, of_max] = [OWNER, MAX].map(Principal::user);
    let mail = world.ses.mails_to(MAX).remove(0);
    let post = |target: &str, body: &Value| Request::new("POST", target).json(body);
    let checks = json!({ "checks": [{ "email": LEA, "scope": "acme:tech:summit", "permission": "contacts:view" }] });
    let summit = json!({ "name": "Autumn", "kind": "event" });
    let announcement = json!({ "subject": "Tonight", "text": "Closed from 8 to 9." });
    let new_collaborator = json!({ "email": "ann@example.org", "role": "reader" });
    let requests = [
        (&of_max, post("/v1/invitations/accept", &json!({ "token": mail.token() }))),
        (
            &owner,
            Request::new("PUT", &format!("{}/role", of(&lea)))
                .json(&json!({ "role": "manager" }))
                .if_match(seen.etag()),
        ),
        (&owner, Request::new("GET", "/v1/scopes/acme/seats")),
        (&Principal::platform(), post("/v1/checks", &checks)),
        (&owner, Request::new("GET", "/v1/scopes/acme/history")),
        (&owner, post("/v1/scopes/acme:tech/collaborators", &new_collaborator)),
        (&owner, Request::new("GET", "/v1/scopes/acme:tech/collaborators")),
        (&owner, post("/v1/scopes/acme/announcements", &announcement)),
        (&Principal::platform(), Request::new("PUT", "/v1/scopes/acme:tech:autumn").json(&summit)),
        (&Principal::user(LEA), Request::new("POST", "/v1/scopes/acme/logins")),
        (&owner, Request::new("POST", &format!("{}/resend", of(&max)))),
        (&owner, Request::new("DELETE", &of(&lea)).if_match(seen.etag())),
        (
            &owner,
            post("/v1/scopes/acme/owner", &json!({ "collaborator": lea })).if_match(acme.etag()),
        ),
    ];
    let mut all = woken(world, &max, &mail.request).await;
    for (who, request) in &requests {
        let (function, event) = World::event(who, request);
        all.push(Asked { function, event });
    }
    all.sort_by_key(|asked| asked.function);
    all
}

/// The events of the stream, of SES and of an operator.
async fn woken(world: &World, max: &str, mail: &Value) -> Vec<Asked> {
    let mut waiting = world.stream_event().await;
    waiting["Records"].as_array_mut().expect("records").truncate(1);
    let tags = mail["EmailTags"].as_array().expect("tags").iter();
    let mail_id = tags.filter(|tag| tag["Name"] == "sending").map(|tag| &tag["Value"]);
    let mail_id: Vec<&Value> = mail_id.collect();
    let tags = json!({ "client": ["acme"], "collaborator": [max], "sending": mail_id });
    let bounce = json!({ "bounceType": "Permanent" });
    let detail = json!({ "eventType": "Bounce", "bounce": bounce, "mail": { "tags": tags } });
    vec![
        Asked { function: "deliver", event: waiting },
        Asked {
            function: "delivery-status",
            event: json!({ "source": "aws.ses", "detail": detail }),
        },
        Asked { function: "erase", event: json!({ "client": "acme", "email": LEA }) },
    ]
}

async fn invite(world: &World, email: &str) {
    let body = json!({ "email": email, "role": "reader" });
    let request = Request::new("POST", "/v1/scopes/acme:tech/collaborators").json(&body);
    world.send(&Principal::user(OWNER), request).await.expect(201);
}

async fn log_in(world: &World, email: &str) {
    let request = Request::new("POST", "/v1/scopes/acme/logins");
    world.send(&Principal::user(email), request).await.expect(200);
}
