//! `POST /v1/checks`: checks permissions, and names the determining grants.
//! `GET /v1/me/access`: returns where the caller has access.

mod body;

use std::collections::BTreeMap;

use body::Checks;
use coulisses_aws::{
    app::{self, App},
    http::{
        self, Body, Failure, Principal, Reply, Request, Response, Route,
        view::{ClientLabel, ScopeRole},
    },
    table::{ClientRecords, Part, StoreError},
};
use coulisses_domain::{
    access::{DeterminingGrant, Holding},
    check::{self, CheckFacts, Question},
    collaborator::Account,
    ids::CollaboratorId,
    refusal::Refusal,
    scope::ClientId,
    time::Timestamp,
};
use serde::Serialize;

/// Handles a request on either route.
pub async fn handle(app: &App, request: &Request) -> Response {
    let result = match Route::of(request) {
        Some(Route::GetOwnAccess) => own_access(app, request).await,
        Some(Route::Check) => respond(app, request).await,
        Some(_) | None => Err(Failure::no_route()),
    };
    http::answer(app, request, result)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let principal = Principal::from_request(request, &app.settings)?;
    let questions = Body::read::<Checks>(request)?.into_questions(app, &principal)?;
    let now = app.clock.now();
    let facts = load(app, &principal, &questions, now).await?;
    let result = |question: &Question| {
        let facts = facts.get(&question.scope.client());
        CheckResult::from(facts.and_then(|facts| check::answer(facts, question, now)))
    };
    let response = CheckResults { results: questions.iter().map(result).collect() };
    app.count("DeniedChecks", response.results.iter().filter(|result| !result.allowed).count());
    Ok(Reply::ok(&response))
}

/// Reads the caller and the collaborators of the questions, in all clients that the questions name, at once.
async fn load(
    app: &App,
    principal: &Principal,
    questions: &[Question],
    now: Timestamp,
) -> Result<BTreeMap<ClientId, CheckFacts>, StoreError> {
    let mut callers = BTreeMap::new();
    for question in questions {
        let client = question.scope.client();
        let caller = principal.caller_in(&client, &app.settings);
        callers.insert(client, caller);
    }
    let mut parts: BTreeMap<ClientId, Part<'_>> = BTreeMap::new();
    for question in questions {
        let part = parts.entry(question.scope.client()).or_default();
        part.settings |= question.needs_granting();
        part.collaborators.extend(&question.about);
    }
    for (client, caller) in &callers {
        parts.entry(client.clone()).or_default().collaborators.extend(caller.id());
    }
    let mut read = app.table.read_across(&parts, now).await?;
    let facts = callers.into_iter().map(|(client, caller)| {
        let records = read.remove(&client).unwrap_or_default();
        let facts = CheckFacts {
            caller: app::with_record(&caller, &records.collaborators),
            collaborators: records.collaborators,
            granting: records.client.map(|client| client.granting),
        };
        (client, facts)
    });
    Ok(facts.collect())
}

async fn own_access(app: &App, request: &Request) -> Result<Reply, Failure> {
    let principal = Principal::from_request(request, &app.settings)?;
    let identity = principal.identity().ok_or(Refusal::Forbidden)?;
    let ids = &app.settings.ids;
    let mut collaborators = BTreeMap::new();
    for client in app.table.clients_of(&ids.address(&identity.email)).await? {
        let id = ids.collaborator(&client, &identity.email);
        collaborators.insert(client, id);
    }
    // The index is eventually consistent, so the records it names are read again.
    let part = |id| Part { settings: true, collaborators: vec![id] };
    let parts = collaborators.iter().map(|(client, id)| (client.clone(), part(id))).collect();
    let now = app.clock.now();
    let found = app.table.read_across(&parts, now).await?;
    let access = |(client, id)| client_access(found.get(client)?, id, &identity.account, now);
    Ok(Reply::ok(&OwnAccess { access: collaborators.iter().filter_map(access).collect() }))
}

/// The access of the collaborator `id` under `account` in one client; `None` if there is none.
fn client_access<'a>(
    records: &'a ClientRecords,
    id: &CollaboratorId,
    account: &Account,
    now: Timestamp,
) -> Option<ClientAccess<'a>> {
    let (client, collaborator) = (records.client.as_ref()?, records.collaborators.get(id)?);
    let holdings = check::holdings(collaborator, account, client.granting, now);
    let scopes: Vec<ScopeAccess<'_>> = holdings.into_iter().map(Into::into).collect();
    let collaborator = collaborator.id.as_str();
    (!scopes.is_empty()).then(|| ClientAccess { client: client.into(), collaborator, scopes })
}

/// The response to checks.
#[derive(Debug, Serialize)]
struct CheckResults<'a> {
    results: Vec<CheckResult<'a>>,
}

/// The result of one check.
#[derive(Debug, Serialize)]
struct CheckResult<'a> {
    allowed: bool,
    because: Option<ScopeRole<'a>>,
}

impl<'a> From<Option<DeterminingGrant<'a>>> for CheckResult<'a> {
    fn from(because: Option<DeterminingGrant<'a>>) -> Self {
        Self { allowed: because.is_some(), because: because.map(Into::into) }
    }
}

/// The places where the caller has access.
#[derive(Debug, Serialize)]
struct OwnAccess<'a> {
    access: Vec<ClientAccess<'a>>,
}

/// The caller's access in one client.
#[derive(Debug, Serialize)]
struct ClientAccess<'a> {
    client: ClientLabel<'a>,
    collaborator: &'a str,
    scopes: Vec<ScopeAccess<'a>>,
}

/// The caller's role and permissions at one scope.
#[derive(Debug, Serialize)]
struct ScopeAccess<'a> {
    scope: &'a str,
    role: &'static str,
    permissions: Vec<&'static str>,
}

impl<'a> From<Holding<'a>> for ScopeAccess<'a> {
    fn from(holding: Holding<'a>) -> Self {
        Self {
            scope: holding.scope.as_str(),
            role: holding.role.name(),
            permissions: holding.permissions.names(),
        }
    }
}
