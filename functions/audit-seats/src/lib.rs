//! `GET /v1/scopes/{scope}/seats`: returns the seats of a client. A schedule runs the audit that keeps them correct.
//! `GET`, `PUT /v1/scopes/{scope}/waiting-list`: returns the people who wait for a seat, and puts them in another order. A
//! schedule passes free seats on to them.

mod audit;
mod endings;
mod invitations;
mod waiting;

pub use audit::{Audit, Event, Summary};
use coulisses_aws::{
    app::App,
    http::{self, Call, Failure, Reply, Request, Response, Route},
    table::Audited,
};
use coulisses_domain::{
    audit::{self as rules, Team},
    scope::ScopeId,
};
use serde::Serialize;

/// Handles a request on any of the routes.
pub async fn handle(app: &App, request: &Request) -> Response {
    let result = match Route::of(request) {
        Some(Route::GetSeats) => seats(app, request).await,
        Some(Route::GetWaitingList) => waiting::list(app, request).await,
        Some(Route::ReorderWaitingList) => Box::pin(waiting::reorder(app, request)).await,
        Some(_) | None => Err(Failure::no_route()),
    };
    http::answer(app, request, result)
}

async fn seats(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_client(app, request)?;
    let now = app.clock.now();
    let records = app.table.read_client(&call.client, now);
    let (records, last) = tokio::try_join!(records, app.table.last_audit(&call.client))?;
    let (facts, collaborators) = app.facts_of_all(records, &call.caller, &call.scope);
    let usage = rules::seat_usage(&facts, &collaborators, now)?;
    Ok(Reply::ok(&Seats {
        limit: usage.limit,
        used: usage.used,
        active: usage.active,
        pending: usage.pending,
        waiting: usage.waiting,
        promised: usage.promised,
        declined: usage.declined,
        renewals_requested: usage.renewals_requested,
        teams: usage.teams.iter().map(team).collect(),
        last_audit: last.map(Into::into),
    }))
}

/// The response.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Seats<'a> {
    limit: Option<u32>,
    used: u32,
    active: u32,
    pending: u32,
    waiting: u32,
    promised: u32,
    declined: u32,
    renewals_requested: u32,
    teams: Vec<TeamView<'a>>,
    last_audit: Option<LastAudit>,
}

/// The people with a grant on one scope itself.
#[derive(Debug, Serialize)]
struct TeamView<'a> {
    scope: &'a str,
    active: u32,
    pending: u32,
}

fn team<'a>((scope, team): (&'a ScopeId, &Team)) -> TeamView<'a> {
    TeamView { scope: scope.as_str(), active: team.active, pending: team.pending }
}

/// The figures of the last audit.
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
