//! `POST /v1/scopes/{scope}/announcements`: sends a message to everyone who works at a scope.

use coulisses_aws::{
    app::{App, Target},
    http::{self, Body, Call, Code, Failure, FieldErrors, Reply, Request, Response},
    random,
    table::StoreError,
};
use coulisses_domain::{
    announce,
    collaborator::Collaborator,
    facts::Facts,
    text::{AnnouncementText, MailSubject, Paragraphs},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Handles one request.
pub async fn handle(app: &App, request: &Request) -> Response {
    http::answer(app, request, respond(app, request).await)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_scope(app, request)?;
    let text = Body::read::<AnnouncementBody>(request)?.into_text();
    let text = call.valid(app, Target::None, Facts::check_may_manage_access, text).await?;
    let key = call.idempotency_key()?;
    let load = |now| load(app, &call, now);
    let decide = |(facts, collaborators): &(Facts, Vec<Collaborator>), now| {
        Ok(announce::decide(facts, collaborators, &text, random::mail_id(now)?, now)?)
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

/// The request body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AnnouncementBody {
    subject: String,
    text: String,
}

impl AnnouncementBody {
    fn into_text(self) -> Result<AnnouncementText, Failure> {
        let mut errors = FieldErrors::default();
        let subject =
            errors.explain("/subject", Code::InvalidField, MailSubject::parse(&self.subject));
        let text = errors.explain("/text", Code::InvalidField, Paragraphs::parse(&self.text));
        let (Ok(subject), Ok(text)) = (subject, text) else { return Err(errors.into()) };
        Ok(AnnouncementText { subject, text })
    }
}

/// The response.
#[derive(Debug, Serialize)]
struct Accepted {
    recipients: usize,
}
