//! `DELETE /v1/scopes/{scope}/collaborators/{id}`: revokes a collaborator's access, or the caller's own.
//! `POST /v1/scopes/{scope}/revocations`: revokes the access of up to 100 collaborators at once.

mod body;

use body::Revocations;
use coulisses_aws::{
    app::{App, Target},
    command::CommandError,
    http::{
        self, Body, Call, Failure, IfMatch, Parameters, Reply, Request, Response, Route,
        view::{self, GrantView},
    },
    random,
};
use coulisses_domain::{
    decision::Outcome,
    facts::Facts,
    revoke::{self, Extent, RevokeCommand},
    time::Timestamp,
};
use serde::Serialize;

/// Handles a request on either route.
pub async fn handle(app: &App, request: &Request) -> Response {
    let result = match Route::of(request) {
        Some(Route::RevokeEach) => revoke_each(app, request).await,
        Some(Route::Revoke) => revoke_one(app, request).await,
        Some(_) | None => Err(Failure::no_route()),
    };
    http::answer(app, request, result)
}

async fn revoke_one(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_scope(app, request)?;
    let id = http::collaborator_id(request)?;
    Body::refuse(request)?;
    let command = command(request)?;
    let load = |now| call.facts(app, Target::Recipient(&id), now);
    let decide = |facts: &_, now| decide(facts, &command, now);
    Ok(app.change(call.context(None), load, decide, reply).await?)
}

async fn revoke_each(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_scope(app, request)?;
    let items = Body::read::<Revocations>(request)?.into_items();
    let items = call.valid(app, Target::None, Facts::check_may_manage_access, items).await?;
    let key = call.idempotency_key()?;
    let results = app.change_each(call.batch(key.as_ref(), true), items, decide, reply).await?;
    http::results(app, request, ("revocation", "/ids"), results)
}

fn command(request: &Request) -> Result<RevokeCommand, Failure> {
    let below = Parameters::read(request, &["below", "dryRun"])?.parse("below")?;
    let version = IfMatch::required(request)?;
    Ok(RevokeCommand { extent: extent(below), version, reason: None })
}

fn extent(below: Option<bool>) -> Extent {
    if below == Some(true) { Extent::HereAndBelow } else { Extent::Here }
}

fn decide(
    facts: &Facts,
    command: &RevokeCommand,
    now: Timestamp,
) -> Result<Outcome<revoke::Revoked>, CommandError> {
    Ok(revoke::decide(facts, command, random::mail_id(now)?, now)?)
}

fn reply(facts: &Facts, revoked: &revoke::Revoked, now: Timestamp) -> Reply {
    Reply::ok(&Revoked {
        removed: view::grants(&revoked.before, &revoked.removed, facts, now),
        residual: view::grants(&revoked.before, &revoked.residual, facts, now),
        seat_released: revoked.seat_released,
    })
}

/// The grants that were removed, and those that remain.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Revoked<'a> {
    removed: Vec<GrantView<'a>>,
    residual: Vec<GrantView<'a>>,
    seat_released: Option<bool>,
}
