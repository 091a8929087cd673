//! `POST /v1/checks`: checks permissions, and names the determining grants.
//! `GET /v1/me/access`: returns where the caller has access.
//! `GET /v1/people`: finds a person in all clients, for the event platform and its support.

mod body;
mod people;

use std::borrow::Cow;
use std::{collections::BTreeMap, time::Duration};

use body::Checks;
use coulisses_aws::{
    app::{self, App},
    http::{
        self, Body, Failure, Parameters, Principal, Reply, Request, Response, Route,
        view::{ClientLabel, ScopeLabel, ScopeRole},
    },
    table::{Part, StoreError},
};
use coulisses_domain::{
    access::{DeterminingGrant, Holding},
    caller::{Login, Standing},
    check::{self, CheckFacts, Question},
    client::Client,
    collaborator::Collaborator,
    refusal::Refusal,
    scope::{ClientId, Scope, ScopeId},
    time::Timestamp,
};
use serde::{Serialize, Serializer};

/// How long a check waits for the table. A back-end asks before it acts, so a late answer is worth less than a prompt 503,
/// and a function that waits is not there for the checks of other clients.
const PATIENCE: Duration = Duration::from_secs(1);

/// Handles a request on any of the routes.
pub async fn handle(app: &App, request: &Request) -> Response {
    let result = match Route::of(request) {
        Some(Route::GetOwnAccess) => own_access(app, request).await,
        Some(Route::Check) => respond(app, request).await,
        Some(Route::FindPeople) => people::find(app, request).await,
        Some(_) | None => Err(Failure::no_route()),
    };
    http::answer(app, request, result)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let principal = Principal::from_request(request, &app.settings)?;
    let questions = Body::read::<Checks>(request)?.into_questions(app, &principal)?;
    let now = app.clock.now();
    let facts = tokio::time::timeout(PATIENCE, load(app, &principal, &questions, now)).await;
    let facts = facts.map_err(|_| StoreError::Busy)??;
    let result = |question: &Question| {
        let facts = facts.get(&question.scope.client());
        let because = facts.and_then(|facts| check::answer(facts, question, now));
        CheckResult::of(because, facts.and_then(|facts| check::basis(facts, question, now)))
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
        let scope = ScopeId::from(&client);
        let facts = CheckFacts {
            caller: app.noted(app::with_record(&caller, &records.collaborators), &scope),
            collaborators: records.collaborators,
            granting: records.client.map(|client| client.granting),
        };
        (client, facts)
    });
    Ok(facts.collect())
}

async fn own_access(app: &App, request: &Request) -> Result<Reply, Failure> {
    let principal = Principal::from_request(request, &app.settings)?;
    let tree = Parameters::read(request, &["tree"])?.parse("tree")?;
    let identity = principal.identity().ok_or(Refusal::Forbidden)?;
    let login = &identity.login;
    let now = app.clock.now();
    let found = people::records(app, &identity.email, now).await?;
    let access = |(client, record)| ClientAccess::of(client, record, login, now);
    let mut access: Vec<ClientAccess<'_>> = people::each(&found).filter_map(access).collect();
    if tree == Some(true) {
        let tops: Vec<Vec<_>> = access
            .iter()
            .map(|client| check::topmost(client.scopes.iter().map(|held| held.scope)).collect())
            .collect();
        let trees = app.table.read_around(&tops, now).await?;
        for (client, tree) in access.iter_mut().zip(trees) {
            client.tree = Some(Tree { client: client.record, scopes: tree });
        }
    }
    let support = principal.standing() == Standing::Support;
    Reply::ok(&OwnAccess { access, support }).unless_unchanged(request)
}

/// The response to checks.
#[derive(Debug, Serialize)]
struct CheckResults<'a> {
    results: Vec<CheckResult<'a>>,
}

/// The result of one check.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckResult<'a> {
    allowed: bool,
    because: Option<ScopeRole<'a>>,
    valid_until: Option<String>,
    version: Option<i64>,
}

impl<'a> CheckResult<'a> {
    fn of(because: Option<DeterminingGrant<'a>>, basis: Option<check::Basis>) -> Self {
        let valid_until = basis.and_then(|basis| basis.valid_until);
        Self {
            allowed: because.is_some(),
            because: because.map(Into::into),
            valid_until: valid_until.map(|at| at.to_string()),
            version: basis.map(|basis| basis.version.number()),
        }
    }
}

/// The places where the caller has access.
#[derive(Debug, Serialize)]
struct OwnAccess<'a> {
    access: Vec<ClientAccess<'a>>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    support: bool,
}

/// The caller's access in one client.
#[derive(Debug, Serialize)]
struct ClientAccess<'a> {
    client: ClientLabel<'a>,
    collaborator: &'a str,
    #[serde(serialize_with = "scopes")]
    scopes: Vec<Holding<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tree: Option<Tree<'a>>,
    #[serde(skip)]
    record: &'a Client,
}

/// The scopes with access, those above them and those below them.
#[derive(Debug)]
struct Tree<'a> {
    client: &'a Client,
    scopes: BTreeMap<ScopeId, Scope>,
}

impl Serialize for Tree<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let label = |scope| ScopeLabel::of(scope, self.client, &self.scopes);
        serializer.collect_seq(self.scopes.values().map(label))
    }
}

impl<'a> ClientAccess<'a> {
    /// The access of a user who is known by `login`; `None` if there is none.
    fn of(
        client: &'a Client,
        collaborator: &'a Collaborator,
        login: &Login,
        now: Timestamp,
    ) -> Option<Self> {
        let scopes = check::holdings(collaborator, login, client.granting, now);
        let collaborator = collaborator.id.as_str();
        (!scopes.is_empty()).then(|| Self {
            client: client.into(),
            collaborator,
            scopes,
            tree: None,
            record: client,
        })
    }
}

/// The caller's role and permissions at one scope.
#[derive(Debug, Serialize)]
struct ScopeAccess<'a> {
    scope: &'a str,
    role: Cow<'static, str>,
    permissions: Vec<&'static str>,
}

impl<'a> From<&Holding<'a>> for ScopeAccess<'a> {
    fn from(holding: &Holding<'a>) -> Self {
        Self {
            scope: holding.scope.as_str(),
            role: holding.role.name(),
            permissions: holding.permissions.names(),
        }
    }
}

fn scopes<S: Serializer>(holdings: &[Holding<'_>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(holdings.iter().map(ScopeAccess::from))
}
