//! `POST /v1/scopes/{scope}/logins`: records a login to a client; the first one makes a pending collaborator active.

use coulisses_aws::{
    app::{App, with_record},
    change::RequestContext,
    http::{
        self, Failure, Principal, Reply, Request, Response,
        view::{self, ScopeRole},
    },
    table::StoreError,
};
use coulisses_domain::{facts, login, scope::ClientId, time::Timestamp};
use serde::{Deserialize, Serialize};

/// Answers one request.
pub async fn handle(app: &App, request: &Request) -> Response {
    http::answer(app, request, respond(app, request).await)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Principal::from_request(request, &app.settings)?;
    let client = http::client_of(request)?;
    let EmptyBody {} = http::read_empty_or(request)?;
    let caller = app.known_in(&client, &caller)?;
    // Whoever is active is written down in the very trip that reads his record: nothing is left to be written.
    let load = |now| logged_in(app, &client, &caller, now);
    let decide = |caller: &_, now| Ok(login::decide(caller, now)?);
    let reply = |_: &_, login: &login::LoggedIn, now| {
        let active = login.collaborator.invitation().is_none();
        Reply::ok(&LoggedIn {
            activated: login.activated,
            last_login_at: login.collaborator.last_login_at.map(|at| at.to_string()),
            scopes: if active { view::scope_roles(&login.collaborator, now) } else { vec![] },
        })
    };
    app.change(RequestContext::new(&client, request), load, decide, reply).await
}

/// The caller with his record, in which his login at `now` is written if he is active.
async fn logged_in(
    app: &App,
    client: &ClientId,
    caller: &facts::Caller,
    now: Timestamp,
) -> Result<facts::Caller, StoreError> {
    let facts::Caller::User(collaborator) = caller else { return Ok(caller.clone()) };
    let found = app.table.log_in(client, (&collaborator.id, &collaborator.account), now).await?;
    Ok(with_record(caller, &found.collaborators))
}

/// The body, which may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct EmptyBody {}

/// The answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LoggedIn<'a> {
    activated: bool,
    last_login_at: Option<String>,
    scopes: Vec<ScopeRole<'a>>,
}
