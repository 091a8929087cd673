//! `GET /v1/scopes/{scope}/seats`: the seats of a client; and by schedule, the audit that keeps them right.

mod audit;

pub use audit::{Audit, Event, Summary};
use coulisses_aws::{
    app::App,
    http::{self, Failure, Principal, Reply, Request, Response},
    table::Audited,
};
use coulisses_domain::{audit as rules, scope::ScopeId};
use serde::Serialize;

/// Answers one request.
pub async fn handle(app: &App, request: &Request) -> Response {
    http::answer(app, request, respond(app, request).await)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Principal::from_request(request, &app.settings)?;
    let client = http::client_of(request)?;
    let scope = ScopeId::from(&client);
    let caller = app.known_in(&client, &caller)?;
    let now = app.clock.now();
    let (all, last) =
        tokio::try_join!(app.table.read_partition(&client, now), app.table.last_audit(&client))?;
    let (facts, collaborators) = app.facts_of(all, &caller, &scope);
    let usage = rules::seat_usage(&facts, &collaborators, now)?;
    Ok(Reply::ok(&Seats {
        limit: usage.limit,
        used: usage.used,
        active: usage.active,
        pending: usage.pending,
        last_audit: last.map(Into::into),
    }))
}

/// The answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Seats {
    limit: Option<u32>,
    used: u32,
    active: u32,
    pending: u32,
    last_audit: Option<LastAudit>,
}

/// The figures of the last day on which the seats were audited.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LastAudit {
    at: String,
    counted: u32,
    drift: i64,
    repaired: u32,
    expired_invitations: u32,
    expired_grants: u32,
    over_limit: bool,
    dormant: u32,
    undeliverable: u32,
}

impl From<Audited> for LastAudit {
    fn from(Audited { at, figures }: Audited) -> Self {
        Self {
            at: at.to_string(),
            counted: figures.counted,
            drift: figures.drift,
            repaired: figures.repaired,
            expired_invitations: figures.expired_invitations,
            expired_grants: figures.expired_grants,
            over_limit: figures.over_limit,
            dormant: figures.dormant,
            undeliverable: figures.undeliverable,
        }
    }
}
