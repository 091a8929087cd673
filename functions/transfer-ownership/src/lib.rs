//! `POST /v1/scopes/{scope}/owner`: transfers ownership.

use coulisses_aws::{
    app::{App, Target},
    http::{
        self, Body, Call, Code, Failure, FieldError, FieldErrors, IfMatch, Reply, Request,
        Response, view::ScopeView,
    },
    random,
    table::StoreError,
};
use coulisses_domain::{
    collaborator::Collaborator,
    facts::Facts,
    ids::CollaboratorId,
    provision::Provisioned,
    scope::ClientId,
    time::Timestamp,
    transfer::{self, Successor, TransferCommand},
};
use serde::Deserialize;

/// Handles one request.
pub async fn handle(app: &App, request: &Request) -> Response {
    http::answer(app, request, respond(app, request).await)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_scope(app, request)?;
    let body: Transfer = Body::read(request)?;
    let version = IfMatch::read_if_there(request)?.map(|IfMatch(version)| version);
    let check = |facts: &_, now| transfer::check_permitted(facts, version, now);
    let successor = body.into_successor(app, &call.client);
    let successor = call.valid(app, Target::None, check, successor).await?;
    let fresh_login = app.settings.fresh_login.filter(|_| !call.dry_run);
    let command = TransferCommand { successor, version, fresh_login };
    let key = call.idempotency_key()?;
    let load = |now| load(app, &call, command.successor.id(), now);
    let decide = |(facts, owner): &(Facts, Option<Collaborator>), now| {
        Ok(transfer::decide(facts, owner.as_ref(), &command, random::mail_ids(now)?, now)?)
    };
    let reply = |_: &_, written: &Provisioned, _| {
        Reply::ok(&ScopeView::from(written)).with_version(written.version())
    };
    Ok(app.change(call.context(key.as_ref()), load, decide, reply).await?)
}

/// Reads the facts in one trip. If the platform transfers, a second trip reads the owner that the first one found. The
/// transaction checks the scope's version, so the owner has not changed in between.
async fn load(
    app: &App,
    call: &Call<'_>,
    successor: &CollaboratorId,
    now: Timestamp,
) -> Result<(Facts, Option<Collaborator>), StoreError> {
    let facts = call.facts(app, Target::Recipient(successor), now).await?;
    let owner = match transfer::owner_to_read(&facts) {
        Some(owner) => call.facts(app, Target::Collaborator(owner), now).await?.target,
        None => None,
    };
    Ok((facts, owner))
}

/// The request body.
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
            // An existing collaborator already has a name.
            (Some(_), None) if self.name.is_some() => Err(invalid(&["/name"])),
            (Some(id), None) => Ok(Successor::Collaborator(id.map_err(|_| errors)?)),
            (None, Some(email)) => {
                let (Ok(email), Ok(name)) = (email, name) else { return Err(errors.into()) };
                let id = app.settings.ids.collaborator(client, &email);
                Ok(Successor::Email { id, email, name })
            }
            // Exactly one of the two names the successor.
            (Some(_), Some(_)) | (None, None) => Err(invalid(&["/collaborator", "/email"])),
        }
    }
}

fn invalid(pointers: &[&str]) -> Failure {
    let code = Code::InvalidField;
    let error = |pointer: &&str| FieldError::new((*pointer).to_owned(), code);
    Failure::fields(code, pointers.iter().map(error).collect())
}
