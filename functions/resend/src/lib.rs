//! `POST /v1/scopes/{scope}/collaborators/{id}/resend`: sends an invitation again, with a new link.

use coulisses_aws::{
    app::{App, Target},
    change::RequestContext,
    http::{
        self, Failure, IdempotencyKey, Principal, Reply, Request, Response, view::InvitationView,
    },
    random,
};
use coulisses_domain::{collaborator::Collaborator, resend};
use serde::{Deserialize, Serialize};

/// Answers one request.
pub async fn handle(app: &App, request: &Request) -> Response {
    http::answer(app, request, respond(app, request).await)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Principal::from_request(request, &app.settings)?;
    let scope = http::scope_id(request)?;
    let id = http::collaborator_id(request)?;
    let EmptyBody {} = http::read_empty_or(request)?;
    let key = IdempotencyKey::read(request, &caller)?;
    let client = scope.client();
    let caller = app.known_in(&client, &caller)?;
    let load = |now| app.facts(&caller, &scope, Target::Mailed(&id), now);
    let decide = |facts: &_, now| Ok(resend::decide(facts, random::mail_id(now)?, now)?);
    let reply = |_: &_, resent: &Collaborator, _| {
        Reply::accepted(&Resent { invitation: resent.invitation().map(Into::into) })
    };
    let about = RequestContext::new(&client, request).once(key.as_ref());
    app.change(about, load, decide, reply).await
}

/// The body, which may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct EmptyBody {}

/// The answer.
#[derive(Debug, Serialize)]
struct Resent {
    invitation: Option<InvitationView>,
}
