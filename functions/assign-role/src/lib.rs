//! `PUT /v1/scopes/{scope}/collaborators/{id}/role`: changes somebody's role at a scope.

use coulisses_aws::{
    app::{App, Target},
    change::RequestScope,
    http::{self, Body, Caller, Failure, FieldErrors, IfMatch, Reply, Request, Response, view},
    random,
};
use coulisses_domain::{
    assign_role::{self, Wanted},
    collaborator::Collaborator,
};
use serde::Deserialize;

/// Answers one request.
pub async fn handle(app: &App, request: &Request) -> Response {
    http::answer(app, request, respond(app, request).await)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Caller::from_request(request, &app.settings)?;
    let scope = http::scope_id(request)?;
    let id = http::collaborator_id(request)?;
    let wanted = Body::read::<Assignment>(request)?.into_wanted(IfMatch::read(request)?)?;
    let client = scope.client();
    let caller = app.known_in(&client, &caller)?;
    let load = |now| app.facts(&caller, &scope, Target::Person(&id), now);
    let decide =
        |facts: &_, now| Ok(assign_role::decide(facts, &wanted, random::sending(now)?, now)?);
    let reply = |facts: &_, assigned: &Collaborator, now| {
        Reply::ok(&view::collaborator(assigned, facts, now)).with_version(assigned.version)
    };
    app.change(RequestScope::new(&client, request), load, decide, reply).await
}

/// The body.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Assignment {
    role: String,
    permissions: Option<Vec<String>>,
    expires_at: Option<String>,
    reason: Option<String>,
}

impl Assignment {
    fn into_wanted(self, IfMatch(version): IfMatch) -> Result<Wanted, Failure> {
        let mut errors = FieldErrors::default();
        let role = errors.role(&self.role, self.permissions.as_deref());
        let expires_at = errors.expiry("/expiresAt", self.expires_at.as_deref());
        let reason = errors.reason("/reason", self.reason.as_deref());
        let valid = errors.finish()?;
        Ok(Wanted {
            role: role.get(valid)?,
            expires_at: expires_at.get(valid)?,
            reason: reason.get(valid)?,
            version,
        })
    }
}
