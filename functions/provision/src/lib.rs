//! `PUT /v1/scopes/{scope}` by the event platform, and `GET` by any collaborator of the scope.

mod body;

use body::{AudienceBody, ClientBody, LeafBody};
use coulisses_aws::{
    app::{App, Target},
    change::RequestContext,
    http::{self, Body, Failure, Parameters, Principal, Reply, Request, Response, view::ScopeView},
    random,
    table::StoreError,
};
use coulisses_domain::{
    facts::{Caller, Facts},
    provision::{self, Owner, ProvisionCommand, Provisioned},
    scope::ScopeId,
    time::Timestamp,
};

/// Answers one request: the method says which of the two it is.
pub async fn handle(app: &App, request: &Request) -> Response {
    let result = match request.method().as_str() {
        "GET" => look(app, request).await,
        _ => respond(app, request).await,
    };
    http::answer(app, request, result)
}

async fn look(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Principal::from_request(request, &app.settings)?;
    let scope = http::scope_id(request)?;
    let below = Parameters::read(request, &["below"])?.parse("below")?;
    let caller = app.known_in(&scope.client(), &caller)?;
    let now = app.clock.now();
    let facts = app.facts(&caller, &scope, Target::Nobody, now);
    if below != Some(true) {
        let seen = provision::view(&facts.await?, now)?;
        return Ok(Reply::ok(&ScopeView::from(&seen)).with_version(seen.version()));
    }
    let (facts, scopes) = tokio::try_join!(facts, app.table.read_below(&scope, now))?;
    let (seen, below) = provision::look_below(&facts, &scopes, now)?;
    Ok(Reply::ok(&ScopeView::from(&seen).with_below(&below)).with_version(seen.version()))
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Principal::from_request(request, &app.settings)?;
    let scope = http::scope_to_write(request)?;
    let client = scope.client();
    let command = read(app, request, &scope)?;
    let caller = app.known_in(&client, &caller)?;
    let load = |now| load(app, &caller, &scope, command.owner(), now);
    let decide = |(facts, parent_exists): &(Facts, bool), now| {
        Ok(provision::decide(facts, *parent_exists, &command, random::mail_id(now)?, now)?)
    };
    let reply = |_: &_, written: &Provisioned, _| {
        let (view, version) = (ScopeView::from(written), written.version());
        if written.created {
            let location = format!("/v1/scopes/{scope}");
            Reply::created(&view).with_version(version).with_location(&location)
        } else {
            Reply::ok(&view).with_version(version)
        }
    };
    app.change(RequestContext::new(&client, request), load, decide, reply).await
}

/// Reads the scope, the one above it and the owner that is named, in one trip.
async fn load(
    app: &App,
    caller: &Caller,
    scope: &ScopeId,
    owner: Option<&Owner>,
    now: Timestamp,
) -> Result<(Facts, bool), StoreError> {
    let target = owner.map_or(Target::Nobody, |owner| Target::Mailed(&owner.id));
    app.facts_and(scope.parent().as_ref(), caller, scope, (target, now)).await
}

fn read(app: &App, request: &Request, scope: &ScopeId) -> Result<ProvisionCommand, Failure> {
    match scope.depth() {
        1 => Body::read::<ClientBody>(request)?.into_command(app, &scope.client()),
        2 => Body::read::<AudienceBody>(request)?.into_command(),
        _ => Body::read::<LeafBody>(request)?.into_command(app, &scope.client()),
    }
}
