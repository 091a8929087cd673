//! `POST /v1/invitations/preview` and `/accept`: looks at an invitation, and accepts it.

use coulisses_aws::{
    app::{App, with_record},
    change::RequestContext,
    http::{
        self, Body, Failure, Principal, Reply, Request, Response,
        view::{self, ActorView, ClientLabel, ScopeRole},
    },
    table::{Found, Reading, StoreError},
};
use coulisses_domain::{
    accept::{self, AcceptFacts},
    collaborator::Collaborator,
    refusal::Refusal,
    scope::ScopeId,
    time::Timestamp,
    token::Token,
};
use serde::{Deserialize, Serialize};

/// Answers one request: the route says which of the two it is.
pub async fn handle(app: &App, request: &Request) -> Response {
    let result = match http::route(request) {
        Some("POST /v1/invitations/preview") => preview(app, request).await,
        _ => respond(app, request).await,
    };
    http::answer(app, request, result)
}

async fn preview(app: &App, request: &Request) -> Result<Reply, Failure> {
    let token = Body::read::<Bearer>(request)?.token()?;
    let now = app.clock.now();
    let facts = load(app, &token, now).await?.0;
    let (client, invited, invitation) = accept::preview(&facts, &token, now)?;
    let scopes = invited.grants.keys().filter(|scope| !scope.is_client()).collect();
    let reading = Reading { client: &client.id, scopes, collaborators: vec![], counters: vec![] };
    let found = app.table.read(reading, now).await?;
    let name = |scope: &ScopeId| {
        let named = found.scopes.get(scope).map(|scope| scope.name.as_str());
        named.unwrap_or(client.name.as_str()).to_owned()
    };
    let live = invited.grants.iter().filter(|(_, grant)| grant.is_live(now));
    Ok(Reply::ok(&Preview {
        client: client.into(),
        invited_by: ActorView(&invitation.invited_by),
        email: invited.email.original(),
        grants: live
            .map(|(scope, grant)| Waiting {
                scope: scope.as_str(),
                name: name(scope),
                role: grant.role.name().name(),
            })
            .collect(),
        expires_at: invitation.expires_at.to_string(),
    }))
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Principal::from_request(request, &app.settings)?;
    let token = Body::read::<Bearer>(request)?.token()?;
    let known = app.known_in(token.client(), &caller)?;
    let load = |now| load(app, &token, now);
    let decide = |(facts, found): &(AcceptFacts, Found), now| {
        Ok(accept::decide(facts, &token, &with_record(&known, &found.collaborators), now)?)
    };
    let reply = |_: &_, accepted: &accept::Accepted, now| {
        Reply::ok(&Accepted {
            client: (&accepted.client).into(),
            scopes: view::scope_roles(&accepted.collaborator, now),
        })
    };
    app.change(RequestContext::new(token.client(), request), load, decide, reply).await
}

/// Reads what the token names, in one trip.
async fn load(
    app: &App,
    token: &Token,
    now: Timestamp,
) -> Result<(AcceptFacts, Found), StoreError> {
    let collaborators = vec![token.collaborator()];
    let reading =
        Reading { client: token.client(), scopes: vec![], collaborators, counters: vec![] };
    let found = app.table.read(reading, now).await?;
    let invited: Option<Collaborator> = found.collaborators.get(token.collaborator()).cloned();
    Ok((AcceptFacts { client: found.client.clone(), invited }, found))
}

/// The body.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bearer {
    token: String,
}

impl Bearer {
    /// What is no token is the token of no invitation: one constant answer.
    fn token(&self) -> Result<Token, Failure> {
        Token::parse(&self.token).map_err(|_| Refusal::InvitationNotFound.into())
    }
}

/// The answer to a preview.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Preview<'a> {
    client: ClientLabel<'a>,
    invited_by: ActorView<'a>,
    email: &'a str,
    grants: Vec<Waiting<'a>>,
    expires_at: String,
}

/// A grant that is waiting.
#[derive(Debug, Serialize)]
struct Waiting<'a> {
    scope: &'a str,
    name: String,
    role: &'static str,
}

/// The answer to an acceptance.
#[derive(Debug, Serialize)]
struct Accepted<'a> {
    client: ClientLabel<'a>,
    scopes: Vec<ScopeRole<'a>>,
}
