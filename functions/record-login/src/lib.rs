//! `POST /v1/scopes/{scope}/logins`: records a login to a client; the first one makes a pending collaborator active.

use coulisses_aws::{
    app::{App, Target},
    change::RequestScope,
    http::{
        self, Caller, Failure, Reply, Request, Response,
        view::{self, ScopeRole},
    },
};
use coulisses_domain::{facts::Facts, login, scope::ScopeId};
use serde::{Deserialize, Serialize};

/// Answers one request.
pub async fn handle(app: &App, request: &Request) -> Response {
    http::answer(app, request, respond(app, request).await)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Caller::from_request(request, &app.settings)?;
    let client = http::client_of(request)?;
    let Nothing {} = http::read_empty_or(request)?;
    let scope = ScopeId::from(&client);
    let caller = app.known_in(&client, &caller)?;
    let load = |now| app.facts(&caller, &scope, Target::Nobody, now);
    let decide = |facts: &Facts, now| Ok(login::decide(&facts.caller, now)?);
    let reply = |_: &Facts, login: &login::LoggedIn, now| {
        let active = login.person.invitation().is_none();
        Reply::ok(&LoggedIn {
            activated: login.activated,
            last_login_at: login.person.last_login_at.map(|at| at.to_string()),
            scopes: if active { view::scope_roles(&login.person, now) } else { vec![] },
        })
    };
    app.change(RequestScope::new(&client, request), load, decide, reply).await
}

/// The body, which may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// The answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LoggedIn<'a> {
    activated: bool,
    last_login_at: Option<String>,
    scopes: Vec<ScopeRole<'a>>,
}
