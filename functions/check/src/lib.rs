//! `POST /v1/checks`: whether somebody may do something, and why. `GET /v1/me/access`: where oneself has access.

mod body;

use std::collections::BTreeMap;

use body::Checks;
use coulisses_aws::{
    app::{self, App},
    http::{
        self, Body, Failure, Principal, Reply, Request, Response,
        view::{ClientLabel, ScopeRole},
    },
    table::{Found, Part},
};
use coulisses_domain::{
    access::{DeterminingGrant, Holding},
    check::{self, CheckFacts, Question},
    collaborator::{Account, CollaboratorId},
    refusal::Refusal,
    scope::ClientId,
    time::Timestamp,
};
use serde::Serialize;

/// Answers one request: the method says which of the two it is.
pub async fn handle(app: &App, request: &Request) -> Response {
    let result = match request.method().as_str() {
        "GET" => own_access(app, request).await,
        _ => respond(app, request).await,
    };
    http::answer(app, request, result)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Principal::from_request(request, &app.settings)?;
    let questions = Body::read::<Checks>(request)?.into_questions(app, &caller)?;
    let now = app.clock.now();
    let facts = load(app, &caller, &questions, now).await?;
    let answer = |question: &Question| {
        let facts = facts.get(&question.scope.client());
        Answer::from(facts.and_then(|facts| check::answer(facts, question, now)))
    };
    let answers = Answers { results: questions.iter().map(answer).collect() };
    app.count("DeniedChecks", answers.results.iter().filter(|answer| !answer.allowed).count());
    Ok(Reply::ok(&answers))
}

/// Reads whom the questions are about and who asks, in each client that they name, all at once.
async fn load(
    app: &App,
    caller: &Principal,
    questions: &[Question],
    now: Timestamp,
) -> Result<BTreeMap<ClientId, CheckFacts>, Failure> {
    let mut callers = BTreeMap::new();
    for question in questions {
        let client = question.scope.client();
        let known = app.known_in(&client, caller)?;
        callers.insert(client, known);
    }
    let mut parts: BTreeMap<ClientId, Part<'_>> = BTreeMap::new();
    for question in questions {
        let part = parts.entry(question.scope.client()).or_default();
        part.settings |= question.needs_granting();
        part.collaborators.extend(&question.about);
    }
    for (client, known) in &callers {
        parts.entry(client.clone()).or_default().collaborators.extend(known.id());
    }
    let mut found = app.table.read_across(&parts, now).await?;
    let facts = callers.iter().map(|(client, known)| {
        let there = found.remove(client).unwrap_or_default();
        let facts = CheckFacts {
            caller: app::with_record(known, &there.collaborators),
            collaborators: there.collaborators,
            granting: there.client.map(|client| client.granting),
        };
        (client.clone(), facts)
    });
    Ok(facts.collect())
}

async fn own_access(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Principal::from_request(request, &app.settings)?;
    let identity = caller.collaborator().ok_or(Refusal::Forbidden)?;
    let ids = &app.settings.ids;
    let mut collaborators = BTreeMap::new();
    for client in app.table.clients_of(&ids.address(&identity.email)).await? {
        let id = ids.collaborator(&client, &identity.email).map_err(Failure::internal)?;
        collaborators.insert(client, id);
    }
    // The index decides nothing: whatever it finds is read.
    let part = |id| Part { settings: true, collaborators: vec![id] };
    let parts = collaborators.iter().map(|(client, id)| (client.clone(), part(id))).collect();
    let now = app.clock.now();
    let found = app.table.read_across(&parts, now).await?;
    let held = |(client, id)| held(found.get(client)?, id, &identity.account, now);
    Ok(Reply::ok(&OwnAccess { access: collaborators.iter().filter_map(held).collect() }))
}

/// What is held in one client by the collaborator `id` under `account`, if anything is.
fn held<'a>(
    there: &'a Found,
    id: &CollaboratorId,
    account: &Account,
    now: Timestamp,
) -> Option<Held<'a>> {
    let (client, collaborator) = (there.client.as_ref()?, there.collaborators.get(id)?);
    let holdings = check::holdings(collaborator, account, client.granting, now);
    let scopes: Vec<HeldScope<'_>> = holdings.into_iter().map(Into::into).collect();
    let collaborator = collaborator.id.as_str();
    (!scopes.is_empty()).then(|| Held { client: client.into(), collaborator, scopes })
}

/// The answer to checks.
#[derive(Debug, Serialize)]
struct Answers<'a> {
    results: Vec<Answer<'a>>,
}

/// The answer to one question.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    allowed: bool,
    because: Option<ScopeRole<'a>>,
}

impl<'a> From<Option<DeterminingGrant<'a>>> for Answer<'a> {
    fn from(because: Option<DeterminingGrant<'a>>) -> Self {
        Self { allowed: because.is_some(), because: because.map(Into::into) }
    }
}

/// Where the caller has access.
#[derive(Debug, Serialize)]
struct OwnAccess<'a> {
    access: Vec<Held<'a>>,
}

/// What the caller holds in one client.
#[derive(Debug, Serialize)]
struct Held<'a> {
    client: ClientLabel<'a>,
    collaborator: &'a str,
    scopes: Vec<HeldScope<'a>>,
}

/// What the caller holds at one scope.
#[derive(Debug, Serialize)]
struct HeldScope<'a> {
    scope: &'a str,
    role: &'static str,
    permissions: Vec<&'static str>,
}

impl<'a> From<Holding<'a>> for HeldScope<'a> {
    fn from(holding: Holding<'a>) -> Self {
        Self {
            scope: holding.scope.as_str(),
            role: holding.role.name(),
            permissions: holding.permissions.names(),
        }
    }
}
