//! `PUT /v1/scopes/{scope}`: creates or updates a scope for the event platform. `GET`: returns it to a collaborator.
//! `GET /v1/scopes`: lists all clients for the event platform and its support.
//! `POST` and `DELETE /v1/scopes/{scope}/archive`: archives an event or a community, and takes it out of the archive.

mod body;
mod clients;

use body::{AudienceBody, ClientBody, LeafBody};
use coulisses_aws::{
    app::{App, Target},
    command::CommandError,
    http::{
        self, Body, Call, Failure, IfMatch, Parameters, Reply, Request, Response, Route,
        view::{ScopeLabel, ScopeView},
    },
    idempotency::Storable,
    random,
    table::StoreError,
};
use coulisses_domain::{
    archive::{self, Wanted},
    decision::Outcome,
    effects::Effects,
    facts::Facts,
    precondition::Precondition,
    provision::{self, Owner, ProvisionCommand, Provisioned},
    scope::ScopeId,
    time::Timestamp,
};

/// Handles a request on any of the routes.
pub async fn handle(app: &App, request: &Request) -> Response {
    let result = match Route::of(request) {
        Some(Route::ListClients) => clients::list(app, request).await,
        Some(Route::GetScope) => get(app, request).await,
        Some(Route::PutScope) => respond(app, request).await,
        Some(Route::ArchiveScope) => archive(app, request, Wanted::Archived).await,
        Some(Route::UnarchiveScope) => archive(app, request, Wanted::Live).await,
        Some(_) | None => Err(Failure::no_route()),
    };
    http::answer(app, request, result)
}

async fn get(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_scope(app, request)?;
    let below = Parameters::read(request, &["below"])?.parse("below")?;
    let now = app.clock.now();
    let facts = call.facts(app, Target::None, now);
    if below != Some(true) {
        let seen = provision::view(&facts.await?, now)?;
        return Ok(Reply::ok(&ScopeView::from(&seen)).with_version(seen.version()));
    }
    let (facts, mut scopes) = tokio::try_join!(facts, app.table.read_below(&call.scope, now))?;
    scopes.extend(facts.scope.clone().map(|scope| (scope.id.clone(), scope)));
    let (seen, below) = provision::view_below(&facts, &scopes, now)?;
    let below = below.into_iter().map(|scope| ScopeLabel::of(scope, &seen.client, &scopes));
    let view = ScopeView::from(&seen).with_below(below.collect());
    Ok(Reply::ok(&view).with_version(seen.version()))
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_new_scope(app, request)?;
    let precondition = precondition(request)?;
    let command = read_command(app, request, &call.scope)?;
    let command = call.valid(app, Target::None, provision::check_caller, command).await?;
    let load = |now| load(app, &call, command.owner(), now);
    let decide = |(facts, parent_exists): &(Facts, bool), now| {
        Ok(provision::decide(
            facts,
            *parent_exists,
            (&command, precondition),
            random::mail_id(now)?,
            now,
        )?)
    };
    let reply = |_: &_, written: &Provisioned, _| {
        let (view, version) = (ScopeView::from(written), written.version());
        if written.created {
            let location = format!("/v1/scopes/{}", call.scope);
            Reply::created(&view).with_version(version).with_location(&location)
        } else {
            Reply::ok(&view).with_version(version)
        }
    };
    Ok(app.change(call.context(None), load, decide, reply).await?)
}

async fn archive(app: &App, request: &Request, wanted: Wanted) -> Result<Reply, Failure> {
    let call = Call::at_scope(app, request)?;
    if wanted == Wanted::Archived {
        Body::read_empty(request)?;
    }
    let version = IfMatch::required(request)?;
    let load = |now| call.facts(app, Target::None, now);
    let decide =
        |facts: &Facts, now| Ok::<_, CommandError>(archive::decide(facts, wanted, version, now)?);
    let reply = |archived: &Provisioned| {
        Reply::ok(&ScopeView::from(archived)).with_version(archived.version())
    };
    if call.dry_run {
        let now = app.clock.now();
        let mut records = app.table.read_client(&call.client, now).await?;
        let facts = app.facts_from(&records, &call.caller, &call.scope, None);
        let Outcome { answer, .. } = decide(&facts, now)?;
        records.scopes.extend(answer.scope.clone().map(|scope| (scope.id.clone(), scope)));
        let edited = (&answer.client.rules, &records.scopes);
        let mut effects = Effects::default();
        effects.add_edit(&facts, records.collaborators.values(), edited, now);
        return Ok(reply(&answer).into_preview(&effects));
    }
    let reply = |_: &_, archived: &Provisioned, _| reply(archived);
    Ok(app.change(call.context(None), load, decide, reply).await?)
}

/// The state that the caller expects: `If-Match` with the `ETag` that they read, or `If-None-Match: *` for a new scope.
fn precondition(request: &Request) -> Result<Precondition, Failure> {
    let version = IfMatch::read_if_there(request)?.map(|IfMatch(version)| version);
    match (version, http::requires_absence(request)?) {
        (Some(version), _) => Ok(Precondition::Version(version)),
        (None, true) => Ok(Precondition::Absent),
        (None, false) => Ok(Precondition::None),
    }
}

/// Reads the scope, its parent and the named owner, in one trip.
async fn load(
    app: &App,
    call: &Call<'_>,
    owner: Option<&Owner>,
    now: Timestamp,
) -> Result<(Facts, bool), StoreError> {
    let target = owner.map_or(Target::None, |owner| Target::Recipient(&owner.id));
    let parent = call.scope.parent();
    app.facts_and_parent(parent.as_ref(), &call.caller, &call.scope, (target, now)).await
}

/// Reads the body. The outer error is about its form, the inner one about its fields.
fn read_command(
    app: &App,
    request: &Request,
    scope: &ScopeId,
) -> Result<Result<ProvisionCommand, Failure>, Failure> {
    Ok(match scope.depth() {
        1 => Body::read::<ClientBody>(request)?.into_command(app, &scope.client()),
        2 => Body::read::<AudienceBody>(request)?.into_command(),
        _ => Body::read::<LeafBody>(request)?.into_command(app, &scope.client()),
    })
}
