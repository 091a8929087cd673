//! The scenes of what is not asked by a request: what the stream, the schedules and SES wake.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::Who;
use serde_json::{Value, json};

use crate::{
    scenes::{Ask, Scene, new_collaborator, team},
    support::{id_of, invite, post as posted},
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";
const MAX: &str = "max@example.org";

/// The scenes of what is not asked by a request.
pub const WOKEN: &[Scene] = &[
    Scene {
        name: "deliver an invitation",
        prepare: || {
            Box::pin(async {
                let world = team(&json!({})).await;
                invite(&world, OWNER, "acme:tech", &new_collaborator()).await.expect(201);
                (world, Ask::Deliver)
            })
        },
        again: &["done"],
    },
    Scene {
        name: "deliver other news",
        prepare: || {
            Box::pin(async {
                let world = team(&json!({})).await;
                let lea = json!({ "email": LEA, "role": "manager" });
                invite(&world, OWNER, "acme:rh", &lea).await.expect(201);
                (world, Ask::Deliver)
            })
        },
        again: &["done"],
    },
    Scene {
        name: "write out a message to everybody",
        prepare: || {
            Box::pin(async {
                let world = team(&json!({})).await;
                let body = json!({ "subject": "Tonight", "text": "Closed from 8 to 9." });
                let owner = Who::person(OWNER);
                posted(&world, &owner, "/v1/scopes/acme/announcements", &body).await.expect(202);
                (world, Ask::Deliver)
            })
        },
        again: &["done"],
    },
    Scene {
        name: "sweep the outbox",
        prepare: || {
            Box::pin(async {
                let world = team(&json!({})).await;
                invite(&world, OWNER, "acme:tech", &new_collaborator()).await.expect(201);
                world.wait(Duration::from_mins(3));
                (world, Ask::Sweep)
            })
        },
        again: &["done"],
    },
    Scene {
        name: "audit where an invitation expired and access ends",
        prepare: || {
            Box::pin(async {
                let world = team(&json!({ "seatLimit": 9 })).await;
                let soon = |days: u32| world.now().after(DAY * days).to_string();
                for (email, days) in [("a@example.org", 14), ("b@example.org", 20)] {
                    let body = json!({ "email": email, "role": "reader", "expiresAt": soon(days) });
                    invite(&world, OWNER, "acme:tech", &body).await.expect(201);
                    crate::support::log_in(&world, email).await;
                }
                world.deliver().await;
                world.wait(DAY * 14);
                (world, Ask::Audit)
            })
        },
        again: &["done"],
    },
    Scene {
        name: "hear that a mail bounced",
        prepare: || {
            Box::pin(async {
                let world = team(&json!({})).await;
                let (mail, id) = (world.ses.mails_to(MAX).remove(0), id_of(&world, MAX));
                let mail_id = mail.request["EmailTags"].as_array().unwrap().iter();
                let mail_id =
                    mail_id.filter(|tag| tag["Name"] == "sending").map(|tag| &tag["Value"]);
                let mail_id: Vec<&Value> = mail_id.collect();
                let tags = json!({ "client": ["acme"], "collaborator": [id], "sending": mail_id });
                let bounce = json!({ "bounceType": "Permanent" });
                let detail =
                    json!({ "eventType": "Bounce", "bounce": bounce, "mail": { "tags": tags } });
                (world, Ask::News(json!({ "source": "aws.ses", "detail": detail })))
            })
        },
        again: &["done"],
    },
];
