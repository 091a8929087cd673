//! `POST /v1/scopes/{scope}/collaborators/{id}/resend`: resends an invitation with a new link.

use coulisses_aws::{
    app::{App, Target},
    http::{self, Body, Call, Failure, Reply, Request, Response, view::InvitationView},
    random,
};
use coulisses_domain::{collaborator::Collaborator, resend};
use serde::Serialize;

/// Handles one request.
pub async fn handle(app: &App, request: &Request) -> Response {
    http::answer(app, request, respond(app, request).await)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_scope(app, request)?;
    let id = http::collaborator_id(request)?;
    Body::read_empty(request)?;
    let key = call.idempotency_key()?;
    let load = |now| call.facts(app, Target::Recipient(&id), now);
    let decide = |facts: &_, now| Ok(resend::decide(facts, random::mail_id(now)?, now)?);
    let reply = |_: &_, resent: &Collaborator, _| {
        Reply::accepted(&Resent { invitation: resent.invitation().map(Into::into) })
    };
    Ok(app.change(call.context(key.as_ref()), load, decide, reply).await?)
}

/// The response.
#[derive(Debug, Serialize)]
struct Resent {
    invitation: Option<InvitationView>,
}
