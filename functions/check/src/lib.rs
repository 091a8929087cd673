//! `POST /v1/checks`: checks permissions, and names the determining grants.
//! `GET /v1/me/access`: returns where the caller has access.
//! `GET /v1/people`: finds a person in all clients, for the event platform and its support.

mod body;
mod people;

use std::{borrow::Cow, collections::BTreeMap};

use body::Checks;
use coulisses_aws::{
    app::App,
    http::{
        self, Body, Failure, Parameters, Principal, Reply, Request, Response, Route, checks,
        view::{ClientLabel, ScopeLabel, ScopeRole},
    },
};
use coulisses_domain::{
    access::Holding,
    caller::{Login, Standing},
    check::{self, Explained, Question},
    client::Client,
    collaborator::Collaborator,
    refusal::Refusal,
    scope::{Scope, ScopeId},
    time::Timestamp,
};
use serde::{Serialize, Serializer};

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
    let facts = checks::facts(app, &principal, &questions, now).await?;
    let result = |question: &Question| {
        let facts = facts.get(&question.scope.client());
        CheckResult::of(facts.map(|facts| check::explain(facts, question, now)))
    };
    let response = CheckResults { results: questions.iter().map(result).collect() };
    app.count("DeniedChecks", response.results.iter().filter(|result| !result.allowed).count());
    Ok(Reply::ok(&response))
}

async fn own_access(app: &App, request: &Request) -> Result<Reply, Failure> {
    let principal = Principal::from_request(request, &app.settings)?;
    let tree = Parameters::read(request, &["tree"])?.parse("tree")?;
    let identity = principal.identity().ok_or(Refusal::Forbidden)?;
    let login = &identity.login;
    let now = app.clock.now();
    let found = checks::records(app, &identity.email, now).await?;
    let access = |(client, record)| ClientAccess::of(client, record, login, now);
    let mut access: Vec<ClientAccess<'_>> = checks::each(&found).filter_map(access).collect();
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
    fn of(explained: Option<Explained<'a>>) -> Self {
        let because = explained.and_then(|it| it.because);
        let basis = explained.and_then(|it| it.basis);
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
