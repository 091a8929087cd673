//! `POST /v1/scopes/{scope}/notices`: sends a message to everybody who works at a scope.

use coulisses_aws::{
    app::App,
    change::RequestScope,
    http::{
        self, Body, Caller, Code, Failure, FieldErrors, IdempotencyKey, Reply, Request, Response,
    },
    random,
    table::StoreError,
};
use coulisses_domain::{
    collaborator::Collaborator,
    facts::{Caller as Known, Facts},
    notify::{self, Words},
    scope::ScopeId,
    text::{Paragraphs, Subject},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Answers one request.
pub async fn handle(app: &App, request: &Request) -> Response {
    http::answer(app, request, respond(app, request).await)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Caller::from_request(request, &app.settings)?;
    let scope = http::scope_id(request)?;
    let words = Body::read::<Message>(request)?.into_words()?;
    let key = IdempotencyKey::read(request, &caller)?;
    let client = scope.client();
    let caller = app.known_in(&client, &caller)?;
    let load = |now| load(app, &caller, &scope, now);
    let decide = |(facts, people): &(Facts, Vec<Collaborator>), now| {
        Ok(notify::decide(facts, people, &words, random::sending(now)?, now)?)
    };
    let reply =
        |_: &_, recipients: &usize, _| Reply::accepted(&Accepted { recipients: *recipients });
    let about = RequestScope::new(&client, request).once(key.as_ref());
    app.change(about, load, decide, reply).await
}

/// Reads the whole client, to tell how many people the message goes to.
async fn load(
    app: &App,
    caller: &Known,
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
    fn into_words(self) -> Result<Words, Failure> {
        let mut errors = FieldErrors::default();
        let subject = errors.check("/subject", Code::InvalidField, Subject::parse(&self.subject));
        let text = errors.check("/text", Code::InvalidField, Paragraphs::parse(&self.text));
        let valid = errors.finish()?;
        Ok(Words { subject: subject.get(valid)?, text: text.get(valid)? })
    }
}

/// The answer.
#[derive(Debug, Serialize)]
struct Accepted {
    recipients: usize,
}
