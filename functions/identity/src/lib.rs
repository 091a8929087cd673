//! `DELETE /v1/scopes/{scope}/collaborators/{id}/account`: unbinds a collaborator from their account and invites them again.
//! `PUT /v1/scopes/{scope}/collaborators/{id}/email`: moves a collaborator to a new address.
//! `POST` and `DELETE /v1/scopes/{scope}/collaborators/{id}/suspension`: suspends and restores a collaborator.

use std::collections::BTreeMap;

use coulisses_aws::{
    app::{App, Target},
    http::{
        self, Body, Call, Failure, FieldErrors, IfMatch, Reply, Request, Response, Route, view,
    },
    random,
    table::{Reading, StoreError},
};
use coulisses_domain::{
    change_email::{self, ChangeEmailCommand, MoveFacts},
    collaborator::{Collaborator, Visibility},
    email::Email,
    facts::Facts,
    ids::CollaboratorId,
    suspend::{self, Wanted},
    text::Reason,
    time::Timestamp,
    unbind,
};
use serde::Deserialize;

/// Handles a request on any of the routes.
pub async fn handle(app: &App, request: &Request) -> Response {
    let result = match Route::of(request) {
        Some(Route::UnbindAccount) => unbind_account(app, request).await,
        Some(Route::ChangeEmail) => change_email(app, request).await,
        Some(Route::Suspend) => suspend(app, request).await,
        Some(Route::Restore) => restore(app, request).await,
        Some(_) | None => Err(Failure::no_route()),
    };
    http::answer(app, request, result)
}

async fn unbind_account(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_client(app, request)?;
    let id = http::collaborator_id(request)?;
    Body::refuse(request)?;
    let version = IfMatch::required(request)?;
    let load = |now| call.facts(app, Target::Recipient(&id), now);
    let decide = |facts: &_, now| Ok(unbind::decide(facts, version, random::mail_id(now)?, now)?);
    Ok(app.change(call.context(None), load, decide, reply).await?)
}

async fn change_email(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_client(app, request)?;
    let id = http::collaborator_id(request)?;
    let body: NewEmail = Body::read(request)?;
    let version = IfMatch::required(request)?;
    let check = |facts: &_, now| change_email::check_permitted(facts, version, now);
    let email = call.valid(app, Target::Collaborator(&id), check, body.into_email()).await?;
    let new_id = app.settings.ids.collaborator(&call.client, &email);
    let command = ChangeEmailCommand { email, id: new_id, version };
    let load = |now| load(app, &call, (&id, &command.id), now);
    let decide =
        |facts: &_, now| Ok(change_email::decide(facts, &command, random::mail_ids(now)?, now)?);
    let reply = |facts: &MoveFacts, changed: &_, now| reply(&facts.facts, changed, now);
    Ok(app.change(call.context(None), load, decide, reply).await?)
}

async fn suspend(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_client(app, request)?;
    let id = http::collaborator_id(request)?;
    let reason = Body::read_or_default::<Suspension>(request)?.into_reason();
    let target = Target::Collaborator(&id);
    let reason = call.valid(app, target, suspend::check_permitted, reason).await?;
    change_suspension(app, &call, &id, (Wanted::Suspended, reason)).await
}

async fn restore(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_client(app, request)?;
    let id = http::collaborator_id(request)?;
    Body::refuse(request)?;
    change_suspension(app, &call, &id, (Wanted::Restored, None)).await
}

async fn change_suspension(
    app: &App,
    call: &Call<'_>,
    id: &CollaboratorId,
    (wanted, reason): (Wanted, Option<Reason>),
) -> Result<Reply, Failure> {
    let load = |now| call.facts(app, Target::Collaborator(id), now);
    let decide = |facts: &_, now| Ok(suspend::decide(facts, wanted, reason.as_ref(), now)?);
    Ok(app.change(call.context(None), load, decide, reply).await?)
}

/// Reads the facts in one trip. If the platform moves the owner of events, a second trip reads these. The transaction checks
/// the person's version, so that they own no other scopes meanwhile.
async fn load(
    app: &App,
    call: &Call<'_>,
    (id, new_id): (&CollaboratorId, &CollaboratorId),
    now: Timestamp,
) -> Result<MoveFacts, StoreError> {
    let client = &call.client;
    let reading = Reading {
        client,
        scopes: Vec::new(),
        collaborators: call.caller.id().into_iter().chain([id, new_id]).collect(),
        counters: vec![new_id],
    };
    let records = app.table.read(reading, now).await?;
    let facts = app.facts_from(&records, &call.caller, &call.scope, Some(id));
    let scopes = change_email::scopes_to_read(&facts);
    let owned = if scopes.is_empty() {
        BTreeMap::new()
    } else {
        let (collaborators, counters) = (Vec::new(), Vec::new());
        app.table.read(Reading { client, scopes, collaborators, counters }, now).await?.scopes
    };
    let present = records.collaborators.get(new_id).cloned();
    Ok(MoveFacts { facts, present, counter: records.counters.get(new_id).cloned(), owned })
}

/// The collaborator with all their grants, which the caller may give.
fn reply(facts: &Facts, changed: &Collaborator, now: Timestamp) -> Reply {
    Reply::ok(&view::collaborator(changed, facts, Visibility::PathAndBelow, now))
        .with_version(changed.version)
}

/// The request body of a suspension.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Suspension {
    reason: Option<String>,
}

impl Suspension {
    fn into_reason(self) -> Result<Option<Reason>, Failure> {
        let mut errors = FieldErrors::default();
        errors.reason("/reason", self.reason.as_deref()).map_err(|_| errors.into())
    }
}

/// The request body of a change of address.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewEmail {
    email: String,
}

impl NewEmail {
    fn into_email(self) -> Result<Email, Failure> {
        let mut errors = FieldErrors::default();
        errors.email("/email", &self.email).map_err(|_| errors.into())
    }
}
