//! `POST /v1/invitations/…`: previews, accepts and declines an invitation, and asks for a new link.

mod answers;

use std::borrow::Cow;

use coulisses_aws::{
    app::{App, with_record},
    command::RequestContext,
    http::{
        self, Body, Failure, Parameters, Principal, Reply, Request, Response, Route,
        view::{ActorView, ClientLabel, TextView},
    },
    table::{ClientRecords, Reading, StoreError},
};
use coulisses_domain::{
    accept::{self, AcceptFacts},
    client::Client,
    collaborator::Collaborator,
    look::WebUrl,
    refusal::Refusal,
    role::RoleName,
    scope::ScopeId,
    time::Timestamp,
    token::Token,
};
use serde::{Deserialize, Serialize};

/// Handles a request on one of the routes.
pub async fn handle(app: &App, request: &Request) -> Response {
    let result = match Route::of(request) {
        Some(Route::PreviewInvitation) => preview(app, request).await,
        Some(Route::AcceptInvitation) => respond(app, request).await,
        Some(Route::DeclineInvitation) => answers::decline(app, request).await,
        Some(Route::RenewInvitation) => answers::renew(app, request).await,
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
    let scopes = app.table.read_lineages(&client.id, invited.grants.keys(), now).await?;
    let name = |scope: &ScopeId| {
        scopes.get(scope).map_or(client.name.as_str(), |scope| scope.name.as_str())
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
                role_name: role_name(grant.role.name(), client),
                platform_url: client.platform_url_at(scope, &scopes).map(WebUrl::as_str),
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
    let load = async |now| {
        let (facts, mut found) = load(app, &token, now).await?;
        let grants = facts.named_by(&token).into_iter().flat_map(|invited| invited.grants.keys());
        found.scopes = app.table.read_lineages(token.client(), grants, now).await?;
        Ok((facts, found))
    };
    let decide = |(facts, found): &(AcceptFacts, ClientRecords), now| {
        Ok(accept::decide(facts, &token, &with_record(&caller, &found.collaborators), now)?)
    };
    let reply = |(_, found): &(AcceptFacts, ClientRecords), accepted: &accept::Accepted, now| {
        let live = accepted.collaborator.grants.iter().filter(|(_, grant)| grant.is_live(now));
        Reply::ok(&Accepted {
            client: (&accepted.client).into(),
            scopes: live
                .map(|(scope, grant)| AcceptedScope {
                    scope: scope.as_str(),
                    role: grant.role.name().name(),
                    platform_url: accepted
                        .client
                        .platform_url_at(scope, &found.scopes)
                        .map(WebUrl::as_str),
                })
                .collect(),
        })
    };
    let id = http::request_id(request);
    let context = RequestContext { client: token.client(), id, key: None, dry_run: false };
    Ok(app.change(context, load, decide, reply).await?)
}

/// The name of a role for people; `None` for one that is unknown or deleted.
fn role_name(role: RoleName, client: &Client) -> Option<TextView<'_>> {
    match role {
        RoleName::Named(key) => client.rules.roles.get(&key).map(|it| (&it.name).into()),
        RoleName::Owner
        | RoleName::Administrator
        | RoleName::Catalogue(_)
        | RoleName::Custom
        | RoleName::Unknown => role.entry().map(|entry| entry.name.into()),
    }
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
    fn token(&self) -> Result<Token, Failure> {
        parsed(&self.token)
    }
}

/// A malformed token gets the same response as an unknown one.
fn parsed(token: &str) -> Result<Token, Failure> {
    Token::parse(token).map_err(|_| Refusal::InvitationNotFound.into())
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
#[serde(rename_all = "camelCase")]
struct PendingGrant<'a> {
    scope: &'a str,
    name: &'a str,
    role: Cow<'static, str>,
    role_name: Option<TextView<'a>>,
    platform_url: Option<&'a str>,
}

/// The response to an acceptance.
#[derive(Debug, Serialize)]
struct Accepted<'a> {
    client: ClientLabel<'a>,
    scopes: Vec<AcceptedScope<'a>>,
}

/// A grant that is active now.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct AcceptedScope<'a> {
    scope: &'a str,
    role: Cow<'static, str>,
    platform_url: Option<&'a str>,
}
