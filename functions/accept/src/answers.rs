//! `POST /v1/invitations/decline` and `/renewal`: the answers of a recipient who has not logged in.

use coulisses_aws::{
    app::App,
    command::RequestContext,
    http::{self, Body, Failure, FieldErrors, Parameters, Reply, Request},
    random,
    table::{Reading, StoreError},
};
use coulisses_domain::{
    accept::AcceptFacts,
    answer::{self, AnswerFacts},
    collaborator::Collaborator,
    scope::ScopeId,
    text::Reason,
    time::Timestamp,
    token::Token,
};
use serde::{Deserialize, Serialize};

use crate::{TokenBody, parsed};

/// Declines an invitation.
pub(crate) async fn decline(app: &App, request: &Request) -> Result<Reply, Failure> {
    http::check_origin(request, &app.settings)?;
    Parameters::read(request, &[])?;
    let body = Body::read::<DeclineBody>(request)?;
    let mut errors = FieldErrors::default();
    let reason: Result<Option<Reason>, _> = errors.reason("/reason", body.reason.as_deref());
    let reason = reason.map_err(|_| errors)?;
    let token = parsed(&body.token)?;
    let decide = |facts: &AnswerFacts, now| {
        Ok(answer::decline(facts, &token, reason.as_ref(), random::mail_id(now)?, now)?)
    };
    let reply = |_: &AnswerFacts, &(): &(), _| Reply::ok(&DeclineReply { declined: true });
    let load = async |now| load(app, &token, now).await;
    Ok(app.change(context(&token, request), load, decide, reply).await?)
}

/// Asks the inviter for a new link.
pub(crate) async fn renew(app: &App, request: &Request) -> Result<Reply, Failure> {
    http::check_origin(request, &app.settings)?;
    Parameters::read(request, &[])?;
    let token = Body::read::<TokenBody>(request)?.token()?;
    let decide =
        |facts: &AnswerFacts, now| Ok(answer::renewal(facts, &token, random::mail_id(now)?, now)?);
    let reply = |_: &AnswerFacts, &(): &(), _| Reply::accepted(&RenewalReply {});
    let load = async |now| load(app, &token, now).await;
    Ok(app.change(context(&token, request), load, decide, reply).await?)
}

fn context<'a>(token: &'a Token, request: &'a Request) -> RequestContext<'a> {
    RequestContext {
        client: token.client(),
        id: http::request_id(request),
        key: None,
        dry_run: false,
    }
}

/// Reads what an answer is decided on. A token that is refused costs one trip, whatever is wrong with it; any other costs a second
/// one, for the inviter and the names of the scopes.
async fn load(app: &App, token: &Token, now: Timestamp) -> Result<AnswerFacts, StoreError> {
    let client = token.client();
    let reading = Reading {
        client,
        scopes: vec![],
        collaborators: vec![token.collaborator()],
        counters: vec![],
    };
    let found = app.table.read_without_events(reading, now).await?;
    let invited = found.collaborators.get(token.collaborator()).cloned();
    let first = AcceptFacts { client: found.client, invited };
    let named = first.named_by(token).filter(|person| person.invitation().is_some());
    let Some(person) = named else {
        return Ok(AnswerFacts { invitation: first, inviter: None, scopes: found.scopes });
    };
    let sender = app.inviter(client, person);
    let lineages: Vec<ScopeId> = person.grants.keys().flat_map(ScopeId::up_to_client).collect();
    let reading = Reading {
        client,
        scopes: lineages.iter().filter(|scope| !scope.is_client()).collect(),
        collaborators: sender.iter().chain([token.collaborator()]).collect(),
        counters: vec![],
    };
    let mut found = app.table.read(reading, now).await?;
    let person: Option<Collaborator> = found.collaborators.remove(token.collaborator());
    Ok(AnswerFacts {
        invitation: AcceptFacts { client: found.client, invited: person },
        inviter: sender.and_then(|id| found.collaborators.remove(&id)),
        scopes: found.scopes,
    })
}

/// The body of a request to decline.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeclineBody {
    token: String,
    reason: Option<String>,
}

#[derive(Debug, Serialize)]
struct DeclineReply {
    declined: bool,
}

#[derive(Debug, Serialize)]
struct RenewalReply {}
