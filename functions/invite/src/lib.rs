//! `POST /v1/scopes/{scope}/collaborators`: invites somebody to a scope.

use coulisses_aws::{
    app::{App, RequestScope, Target},
    http::{self, Body, Caller, Failure, FieldErrors, Reply, Request, Response, view},
    random,
};
use coulisses_domain::{
    invite::{self, Wanted},
    scope::ClientId,
};
use serde::Deserialize;

/// Answers one request.
pub async fn handle(app: &App, request: &Request) -> Response {
    http::answer(request, respond(app, request).await)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Caller::from_request(request, &app.settings)?;
    let scope = http::scope_id(request)?;
    let client = scope.client();
    let wanted = Body::read::<Invitation>(request)?.into_wanted(app, &client)?;
    let caller = app.known_in(&client, &caller)?;
    let load = |now| app.facts(&caller, &scope, Target::Mailed(&wanted.id), now);
    let decide = |facts: &_, now| Ok(invite::decide(facts, &wanted, random::sending(now)?, now)?);
    let about = RequestScope { client: &client, id: http::request_id(request) };
    let (facts, invited) = app.change(about, load, decide).await?;
    let location = format!("/v1/scopes/{scope}/collaborators/{}", invited.id);
    let seen = view::collaborator(&invited, &facts, app.clock.now());
    Ok(Reply::created(&seen).with_version(invited.version).with_location(&location))
}

/// The body.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Invitation {
    email: String,
    role: String,
    permissions: Option<Vec<String>>,
    name: Option<String>,
    locale: Option<String>,
    message: Option<String>,
    expires_at: Option<String>,
}

impl Invitation {
    fn into_wanted(self, app: &App, client: &ClientId) -> Result<Wanted, Failure> {
        let mut errors = FieldErrors::default();
        let email = errors.email("/email", &self.email);
        let role = errors.role(&self.role, self.permissions.as_deref());
        let name = errors.optional_name("/name", self.name.as_deref());
        let locale = errors.locale("/locale", self.locale.as_deref());
        let message = errors.message("/message", self.message.as_deref());
        let expires_at = errors.expiry("/expiresAt", self.expires_at.as_deref());
        let valid = errors.finish()?;
        let email = email.get(valid)?;
        Ok(Wanted {
            id: app.settings.ids.collaborator(client, &email).map_err(Failure::internal)?,
            email,
            role: role.get(valid)?,
            name: name.get(valid)?,
            locale: locale.get(valid)?,
            message: message.get(valid)?,
            expires_at: expires_at.get(valid)?,
        })
    }
}
