//! A request to the API, or an event of another source, as tests give them.

use std::time::Duration;

use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::{Value, json};

/// A request to the API, or an event of another source.
#[derive(Clone, Debug)]
pub enum Invocation {
    Request(Box<(Principal, Request)>),
    /// The stream passes the rows of the outbox to `deliver`.
    Deliver,
    /// The schedule starts a sweep of the outbox.
    Sweep,
    /// The schedule starts an audit of all clients.
    Audit,
    /// The schedule passes free seats on to people who wait.
    PassSeats,
    /// The stream passes new entries of the history to `publish`.
    Publish,
    /// SES reports the delivery of a mail.
    SesEvent(Value),
}

impl Invocation {
    pub fn request(who: Principal, request: Request) -> Self {
        Self::Request(Box::new((who, request)))
    }

    /// Returns the outcome: the status and the code of a problem, or `done` or `failed`.
    pub async fn run(&self, world: &World) -> String {
        let ended = |well: bool| if well { "done" } else { "failed" }.to_owned();
        match self {
            Self::Request(request) => outcome(&world.send(&request.0, request.1.clone()).await),
            Self::Deliver => ended(world.deliver().await.batch_item_failures.is_empty()),
            Self::Sweep => ended(world.invoke_deliver(json!({ "detail": {} })).await.is_ok()),
            Self::Audit => {
                let run = world.invoke_audit(Duration::from_mins(5), json!({})).await;
                ended(run.is_ok_and(|summary| summary.failed == 0))
            }
            Self::PassSeats => {
                let detail = json!({ "waiting": true });
                let run = world.invoke_audit(Duration::from_mins(5), detail).await;
                ended(run.is_ok_and(|summary| summary.failed == 0))
            }
            Self::Publish => ended(world.publish().await.unwrap_or(false)),
            Self::SesEvent(event) => ended(world.ses_event(event.clone()).await.is_ok()),
        }
    }
}

/// The outcome; for a batch, with the statuses of its items.
fn outcome(answer: &Answer) -> String {
    let items = answer.body["results"].as_array().into_iter().flatten();
    let statuses = items.map(|item| &item["status"]).filter(|status| !status.is_null());
    statuses.fold(answer.outcome(), |outcome, status| format!("{outcome} {status}"))
}

pub fn post(by: &str, target: &str, body: &Value) -> Invocation {
    Invocation::request(Principal::user(by), Request::new("POST", target).json(body))
}

/// A `POST` with an idempotency key.
pub fn keyed(by: &Principal, target: &str, body: &Value) -> Invocation {
    let request = Request::new("POST", target).json(body);
    Invocation::request(by.clone(), request.header("idempotency-key", "once"))
}

pub fn put(by: &Principal, target: &str, body: &Value) -> Invocation {
    Invocation::request(by.clone(), Request::new("PUT", target).json(body))
}
