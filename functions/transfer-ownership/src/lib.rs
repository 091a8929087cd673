//! `POST /v1/scopes/{scope}/owner`: hands ownership over.

use coulisses_aws::{
    app::{App, Target},
    change::RequestContext,
    http::{
        self, Body, Code, Failure, FieldError, FieldErrors, IdempotencyKey, IfMatch, Principal,
        Reply, Request, Response, view::ScopeView,
    },
    random,
    table::StoreError,
};
use coulisses_domain::{
    collaborator::{Collaborator, CollaboratorId},
    facts::{Caller, Facts},
    provision::Provisioned,
    scope::{ClientId, ScopeId},
    time::Timestamp,
    transfer::{self, MailIds, Successor, TransferCommand},
};
use serde::Deserialize;

/// Answers one request.
pub async fn handle(app: &App, request: &Request) -> Response {
    http::answer(app, request, respond(app, request).await)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Principal::from_request(request, &app.settings)?;
    let scope = http::scope_id(request)?;
    let client = scope.client();
    let body: Transfer = Body::read(request)?;
    let version = IfMatch::read_if_there(request)?.map(|IfMatch(version)| version);
    let command = TransferCommand { successor: body.into_successor(app, &client)?, version };
    let key = IdempotencyKey::read(request, &caller)?;
    let caller = app.known_in(&client, &caller)?;
    let load = |now| load(app, &caller, &scope, command.successor.id(), now);
    let decide = |(facts, owner): &(Facts, Option<Collaborator>), now| {
        let mail_ids = MailIds { to_new: random::mail_id(now)?, to_former: random::mail_id(now)? };
        Ok(transfer::decide(facts, owner.as_ref(), &command, mail_ids, now)?)
    };
    let reply = |_: &_, written: &Provisioned, _| {
        Reply::ok(&ScopeView::from(written)).with_version(written.version())
    };
    let about = RequestContext::new(&client, request).once(key.as_ref());
    app.change(about, load, decide, reply).await
}

/// Reads the facts in one trip. Where the platform hands over, the record of the present owner takes a second one, since
/// who that is stands in the first; that both are of one moment is held by the version of the scope.
async fn load(
    app: &App,
    caller: &Caller,
    scope: &ScopeId,
    successor: &CollaboratorId,
    now: Timestamp,
) -> Result<(Facts, Option<Collaborator>), StoreError> {
    let facts = app.facts(caller, scope, Target::Mailed(successor), now).await?;
    let owner = match transfer::owner_to_read(&facts) {
        Some(owner) => app.facts(caller, scope, Target::User(owner), now).await?.target,
        None => None,
    };
    Ok((facts, owner))
}

/// The body.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Transfer {
    collaborator: Option<String>,
    email: Option<String>,
    name: Option<String>,
}

impl Transfer {
    fn into_successor(self, app: &App, client: &ClientId) -> Result<Successor, Failure> {
        let mut errors = FieldErrors::default();
        let parse = |id: &str| CollaboratorId::parse(id);
        let id = self.collaborator.as_deref();
        let id = id.map(|id| errors.check("/collaborator", Code::InvalidField, parse(id)));
        let email = self.email.as_deref().map(|email| errors.email("/email", email));
        let name = errors.optional_name("/name", self.name.as_deref());
        match (id, email) {
            // Somebody who is there already is called something already.
            (Some(_), None) if self.name.is_some() => Err(wrong(&["/name"])),
            (Some(id), None) => Ok(Successor::Collaborator(id.get(errors.finish()?)?)),
            (None, Some(email)) => {
                let valid = errors.finish()?;
                let (email, name) = (email.get(valid)?, name.get(valid)?);
                let id = app.settings.ids.collaborator(client, &email);
                Ok(Successor::Email { id: id.map_err(Failure::internal)?, email, name })
            }
            // Exactly one of the two says who.
            (Some(_), Some(_)) | (None, None) => Err(wrong(&["/collaborator", "/email"])),
        }
    }
}

fn wrong(pointers: &[&str]) -> Failure {
    let code = Code::InvalidField;
    let error = |pointer: &&str| FieldError { pointer: (*pointer).to_owned(), code };
    Failure::fields(code, pointers.iter().map(error).collect())
}
