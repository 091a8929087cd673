//! `DELETE /v1/scopes/{scope}/collaborators/{id}/account`: unbinds a collaborator from their account and invites them again.

use coulisses_aws::{
    app::{App, Target},
    http::{self, Body, Call, Failure, IfMatch, Reply, Request, Response, Route, view},
    random,
};
use coulisses_domain::{collaborator::Collaborator, facts::Facts, time::Timestamp, unbind};

/// Handles a request on either route.
pub async fn handle(app: &App, request: &Request) -> Response {
    let result = match Route::of(request) {
        Some(Route::UnbindAccount) => unbind_account(app, request).await,
        Some(_) | None => Err(Failure::no_route()),
    };
    http::answer(app, request, result)
}

async fn unbind_account(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_client(app, request)?;
    let id = http::collaborator_id(request)?;
    Body::refuse(request)?;
    let IfMatch(version) = IfMatch::read(request)?;
    let load = |now| call.facts(app, Target::Recipient(&id), now);
    let decide = |facts: &_, now| Ok(unbind::decide(facts, version, random::mail_id(now)?, now)?);
    Ok(app.change(call.context(None), load, decide, reply).await?)
}

/// The collaborator with all their grants, which the caller may give.
fn reply(facts: &Facts, changed: &Collaborator, now: Timestamp) -> Reply {
    Reply::ok(&view::collaborator_below(changed, facts, now)).with_version(changed.version)
}
