//! `POST /v1/scopes/{scope}/logins`: records a login to a client; the first one makes a pending collaborator active.

use coulisses_aws::{
    app::{App, with_record},
    http::{
        self, Body, Call, Failure, Reply, Request, Response,
        view::{self, ScopeRole},
    },
    table::StoreError,
};
use coulisses_domain::{caller::Caller, login, time::Timestamp};
use serde::Serialize;

/// Handles one request.
pub async fn handle(app: &App, request: &Request) -> Response {
    http::answer(app, request, respond(app, request).await)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_client(app, request)?;
    call.refuse_dry_run()?;
    Body::read_empty(request)?;
    // The call that reads the record of an active collaborator also writes the login, so the decision is empty.
    let load = |now| logged_in(app, &call, now);
    // It is decided at the time of that login: a later time would be another login.
    let decide = |(caller, at): &(Caller, Timestamp), _| Ok(login::decide(caller, *at)?);
    let reply = |_: &_, login: &login::LoggedIn, now| {
        let active = login.collaborator.invitation().is_none();
        Reply::ok(&LoggedIn {
            activated: login.activated,
            last_login_at: login.collaborator.last_login_at.map(|at| at.to_string()),
            scopes: if active { view::scope_roles(&login.collaborator, now) } else { vec![] },
        })
    };
    Ok(app.change(call.context(None), load, decide, reply).await?)
}

/// Reads the caller's record; if they are active, this also writes their login at `now`, or that another account's was refused.
/// Returns the caller and the time.
async fn logged_in(
    app: &App,
    call: &Call<'_>,
    now: Timestamp,
) -> Result<(Caller, Timestamp), StoreError> {
    let Some((id, account)) = call.caller.logged_in() else {
        return Ok((call.caller.clone(), now));
    };
    let records = app.table.log_in(&call.client, (id, account), now).await?;
    let caller = with_record(&call.caller, &records.collaborators);
    if let Some(record) = login::refused(&caller, now) {
        app.table.refuse_login(record, now).await?;
    }
    Ok((caller, now))
}

/// The response.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LoggedIn<'a> {
    activated: bool,
    last_login_at: Option<String>,
    scopes: Vec<ScopeRole<'a>>,
}
