//! `POST /v1/scopes/{scope}/mails`: sends a message to everybody who works at a scope.

use coulisses_aws::{
    app::App,
    change::RequestContext,
    http::{
        self, Body, Code, Failure, FieldErrors, IdempotencyKey, Principal, Reply, Request, Response,
    },
    random,
    table::StoreError,
};
use coulisses_domain::{
    announce::{self, AnnouncementText},
    collaborator::Collaborator,
    facts::{Caller, Facts},
    scope::ScopeId,
    text::{MailSubject, Paragraphs},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Answers one request.
pub async fn handle(app: &App, request: &Request) -> Response {
    http::answer(app, request, respond(app, request).await)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Principal::from_request(request, &app.settings)?;
    let scope = http::scope_id(request)?;
    let words = Body::read::<Message>(request)?.into_words()?;
    let key = IdempotencyKey::read(request, &caller)?;
    let client = scope.client();
    let caller = app.known_in(&client, &caller)?;
    let load = |now| load(app, &caller, &scope, now);
    let decide = |(facts, collaborators): &(Facts, Vec<Collaborator>), now| {
        Ok(announce::decide(facts, collaborators, &words, random::mail_id(now)?, now)?)
    };
    let reply =
        |_: &_, recipients: &usize, _| Reply::accepted(&Accepted { recipients: *recipients });
    let about = RequestContext::new(&client, request).once(key.as_ref());
    app.change(about, load, decide, reply).await
}

/// Reads the whole client, to tell how many people the message goes to.
async fn load(
    app: &App,
    caller: &Caller,
    scope: &ScopeId,
    now: Timestamp,
) -> Result<(Facts, Vec<Collaborator>), StoreError> {
    let all = app.table.read_partition(&scope.client(), now).await?;
    Ok(app.facts_of(all, caller, scope))
}

/// The body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    subject: String,
    text: String,
}

impl Message {
    fn into_words(self) -> Result<AnnouncementText, Failure> {
        let mut errors = FieldErrors::default();
        let subject =
            errors.check("/subject", Code::InvalidField, MailSubject::parse(&self.subject));
        let text = errors.check("/text", Code::InvalidField, Paragraphs::parse(&self.text));
        let valid = errors.finish()?;
        Ok(AnnouncementText { subject: subject.get(valid)?, text: text.get(valid)? })
    }
}

/// The answer.
#[derive(Debug, Serialize)]
struct Accepted {
    recipients: usize,
}
