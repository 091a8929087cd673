//! `POST /v1/scopes/{scope}/announcements`: sends a message to the people who work at a scope, or to some of them.

mod body;

use body::AnnouncementBody;
use coulisses_aws::{
    app::{App, Target},
    http::{self, Body, Call, Failure, Reply, Request, Response},
    random,
    table::StoreError,
};
use coulisses_domain::{announce, collaborator::Collaborator, facts::Facts, time::Timestamp};
use serde::Serialize;

/// Handles one request.
pub async fn handle(app: &App, request: &Request) -> Response {
    http::answer(app, request, respond(app, request).await)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_scope(app, request)?;
    let command = Body::read::<AnnouncementBody>(request)?.into_command();
    let command = call.valid(app, Target::None, Facts::check_may_manage_access, command).await?;
    let key = call.idempotency_key()?;
    let load = |now| load(app, &call, now);
    let decide = |(facts, collaborators): &(Facts, Vec<Collaborator>), now| {
        Ok(announce::decide(facts, collaborators, &command, random::mail_id(now)?, now)?)
    };
    let reply =
        |_: &_, recipients: &usize, _| Reply::accepted(&Accepted { recipients: *recipients });
    Ok(app.change(call.context(key.as_ref()), load, decide, reply).await?)
}

/// Reads all records of the client, to count the recipients.
async fn load(
    app: &App,
    call: &Call<'_>,
    now: Timestamp,
) -> Result<(Facts, Vec<Collaborator>), StoreError> {
    let records = app.table.read_client(&call.client, now).await?;
    Ok(app.facts_of_all(records, &call.caller, &call.scope))
}

/// The response.
#[derive(Debug, Serialize)]
struct Accepted {
    recipients: usize,
}
