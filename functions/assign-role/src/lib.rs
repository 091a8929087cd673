//! `PUT /v1/scopes/{scope}/collaborators/{id}/role`: changes a collaborator's role at a scope.
//! `POST /v1/scopes/{scope}/changes`: changes the role or the end of up to 100 collaborators.

mod body;

use body::{Assignment, Changes};
use coulisses_aws::{
    app::{App, Target},
    command::CommandError,
    http::{self, Body, Call, Failure, IfMatch, Reply, Request, Response, Route, view},
    random,
};
use coulisses_domain::{
    assign_role::{self, AssignRoleCommand},
    collaborator::{Collaborator, Visibility},
    decision::Outcome,
    facts::Facts,
    time::Timestamp,
};

/// Handles a request on either route.
pub async fn handle(app: &App, request: &Request) -> Response {
    let result = match Route::of(request) {
        Some(Route::AssignRole) => assign(app, request).await,
        Some(Route::ChangeEach) => change_each(app, request).await,
        Some(_) | None => Err(Failure::no_route()),
    };
    http::answer(app, request, result)
}

async fn assign(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_scope(app, request)?;
    let id = http::collaborator_id(request)?;
    let body = Body::read::<Assignment>(request)?;
    let version = IfMatch::required(request)?;
    let check = |facts: &_, now| assign_role::check_permitted(facts, version, now);
    let command = body.into_command(version);
    let command = call.valid(app, Target::Collaborator(&id), check, command).await?;
    let load = |now| call.facts(app, Target::Recipient(&id), now);
    let decide = |facts: &_, now| decide(facts, &command, now);
    Ok(app.change(call.context(None), load, decide, reply).await?)
}

async fn change_each(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_scope(app, request)?;
    let items = Body::read::<Changes>(request)?.into_items();
    let items = call.valid(app, Target::None, Facts::check_may_manage_access, items).await?;
    let key = call.idempotency_key()?;
    let results = app.change_each(call.batch(key.as_ref(), true), items, decide, reply).await?;
    http::results(app, request, ("collaborator", "/changes"), results)
}

fn decide(
    facts: &Facts,
    command: &AssignRoleCommand,
    now: Timestamp,
) -> Result<Outcome<Collaborator>, CommandError> {
    Ok(assign_role::decide(facts, command, random::mail_id(now)?, now)?)
}

fn reply(facts: &Facts, assigned: &Collaborator, now: Timestamp) -> Reply {
    Reply::ok(&view::collaborator(assigned, facts, Visibility::Path, now))
        .with_version(assigned.version)
}
