//! `GET /v1/catalogue`: returns the permissions and roles of the deployment.
//! `GET /v1/scopes/{scope}/roles`: lists the roles of a scope.
//! `PUT` and `DELETE /v1/scopes/{scope}/roles/{key}`: defines, changes and deletes a role of a client's own.

mod body;
mod delete;
mod view;

use body::RoleBody;
use coulisses_aws::{
    app::{App, Target},
    command::CommandError,
    http::{
        self, Body, Call, Failure, IfMatch, Parameters, Principal, Reply, Request, Response, Route,
    },
    idempotency::Storable,
};
use coulisses_domain::{
    define_role::{self, DefineRoleCommand, Defined},
    effects::Effects,
    facts::Facts,
    precondition::Precondition,
    provision,
    time::Timestamp,
};
use view::{CatalogueView, RoleView, Roles};

/// Handles a request on any of the routes.
pub async fn handle(app: &App, request: &Request) -> Response {
    let result = match Route::of(request) {
        Some(Route::GetCatalogue) => catalogue(app, request),
        Some(Route::ListRoles) => list(app, request).await,
        Some(Route::PutRole) => put(app, request).await,
        Some(Route::DeleteRole) => delete::respond(app, request).await,
        Some(_) | None => Err(Failure::no_route()),
    };
    http::answer(app, request, result)
}

/// The catalogue, for every caller with a token. It changes with a deployment only.
fn catalogue(app: &App, request: &Request) -> Result<Reply, Failure> {
    Principal::from_request(request, &app.settings)?;
    Parameters::read(request, &[])?;
    Reply::ok(&CatalogueView::new()).unless_unchanged(request)
}

async fn list(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_scope(app, request)?;
    Parameters::read(request, &[])?;
    let now = app.clock.now();
    let facts = call.facts(app, Target::None, now).await?;
    let seen = provision::view(&facts, now)?;
    Reply::ok(&Roles::at(&seen)).unless_unchanged(request)
}

async fn put(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_client(app, request)?;
    let key = http::role_key(request)?;
    let version = precondition(request)?;
    let body = Body::read::<RoleBody>(request)?;
    let check = |facts: &Facts, now| define_role::check_permitted(facts, key, version, now);
    let command = body.into_command(key, version);
    let command = call.valid(app, Target::None, check, command).await?;
    let load = |now| call.facts(app, Target::None, now);
    let decide = |facts: &Facts, now| Ok(define_role::decide(facts, &command, now)?);
    if call.dry_run {
        return preview(app, &call, &command).await;
    }
    let reply = |_: &_, defined: &Defined, _| reply(defined);
    Ok(app.change(call.context(None), load, decide, reply).await?)
}

/// The role as it would be, and what everyone who holds it would gain and lose.
async fn preview(
    app: &App,
    call: &Call<'_>,
    command: &DefineRoleCommand,
) -> Result<Reply, Failure> {
    let now: Timestamp = app.clock.now();
    let records = app.table.read_client(&call.client, now).await?;
    let facts = app.facts_from(&records, &call.caller, &call.scope, None);
    let outcome = define_role::decide(&facts, command, now).map_err(CommandError::from)?;
    let mut effects = Effects::default();
    effects.add(&facts, &outcome.decision);
    let edited = (&outcome.answer.client.rules, &records.scopes);
    effects.add_edit(&facts, records.collaborators.values(), edited, now);
    Ok(reply(&outcome.answer).into_preview(&effects))
}

fn reply(defined: &Defined) -> Reply {
    let view = RoleView::defined(defined);
    let reply = if defined.created {
        let path = format!("/v1/scopes/{}/roles/{}", defined.client.id, defined.key.as_str());
        Reply::created(&view).with_location(&path)
    } else {
        Reply::ok(&view)
    };
    match defined.definition() {
        Some(definition) => reply.with_version(definition.version),
        None => reply,
    }
}

/// `If-Match` with the version that the caller read, or `If-None-Match: *` for a new role.
fn precondition(request: &Request) -> Result<Precondition, Failure> {
    if http::requires_absence(request)? && IfMatch::read_if_there(request)?.is_none() {
        return Ok(Precondition::Absent);
    }
    IfMatch::required(request)
}
