//! `POST /v1/invitations/preview` and `/accept`: previews and accepts an invitation.

use coulisses_aws::{
    app::{App, with_record},
    command::RequestContext,
    http::{
        self, Body, Failure, Parameters, Principal, Reply, Request, Response, Route,
        view::{self, ActorView, ClientLabel, ScopeRole},
    },
    table::{ClientRecords, Reading, StoreError},
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

/// Handles a request on either route.
pub async fn handle(app: &App, request: &Request) -> Response {
    let result = match Route::of(request) {
        Some(Route::PreviewInvitation) => preview(app, request).await,
        Some(Route::AcceptInvitation) => respond(app, request).await,
        Some(_) | None => Err(Failure::no_route()),
    };
    http::answer(app, request, result)
}

async fn preview(app: &App, request: &Request) -> Result<Reply, Failure> {
    http::check_origin(request, &app.settings)?;
    let token = Body::read::<TokenBody>(request)?.token()?;
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
            .map(|(scope, grant)| PendingGrant {
                scope: scope.as_str(),
                name: name(scope),
                role: grant.role.name().name(),
            })
            .collect(),
        expires_at: invitation.expires_at.to_string(),
    }))
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let principal = Principal::from_request(request, &app.settings)?;
    // A dry run that is asked for must not accept.
    Parameters::read(request, &[])?;
    let token = Body::read::<TokenBody>(request)?.token()?;
    let caller = principal.caller_in(token.client(), &app.settings);
    let load = |now| load(app, &token, now);
    let decide = |(facts, found): &(AcceptFacts, ClientRecords), now| {
        Ok(accept::decide(facts, &token, &with_record(&caller, &found.collaborators), now)?)
    };
    let reply = |_: &_, accepted: &accept::Accepted, now| {
        Reply::ok(&Accepted {
            client: (&accepted.client).into(),
            scopes: view::scope_roles(&accepted.collaborator, now),
        })
    };
    let id = http::request_id(request);
    let context = RequestContext { client: token.client(), id, key: None, dry_run: false };
    Ok(app.change(context, load, decide, reply).await?)
}

/// Reads the client and the collaborator that the token names, in one trip.
async fn load(
    app: &App,
    token: &Token,
    now: Timestamp,
) -> Result<(AcceptFacts, ClientRecords), StoreError> {
    let collaborators = vec![token.collaborator()];
    let reading =
        Reading { client: token.client(), scopes: vec![], collaborators, counters: vec![] };
    let found = app.table.read(reading, now).await?;
    let invited: Option<Collaborator> = found.collaborators.get(token.collaborator()).cloned();
    Ok((AcceptFacts { client: found.client.clone(), invited }, found))
}

/// The request body.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenBody {
    token: String,
}

impl TokenBody {
    /// A malformed token gets the same response as an unknown one.
    fn token(&self) -> Result<Token, Failure> {
        Token::parse(&self.token).map_err(|_| Refusal::InvitationNotFound.into())
    }
}

/// The response to a preview.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Preview<'a> {
    client: ClientLabel<'a>,
    invited_by: ActorView<'a>,
    email: &'a str,
    grants: Vec<PendingGrant<'a>>,
    expires_at: String,
}

/// A grant that the acceptance activates.
#[derive(Debug, Serialize)]
struct PendingGrant<'a> {
    scope: &'a str,
    name: String,
    role: &'static str,
}

/// The response to an acceptance.
#[derive(Debug, Serialize)]
struct Accepted<'a> {
    client: ClientLabel<'a>,
    scopes: Vec<ScopeRole<'a>>,
}
