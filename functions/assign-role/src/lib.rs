//! `PUT /v1/scopes/{scope}/collaborators/{id}/role`: changes a collaborator's role at a scope.

use coulisses_aws::{
    app::{App, Target},
    http::{self, Body, Call, Failure, FieldErrors, IfMatch, Reply, Request, Response, view},
    random,
};
use coulisses_domain::{
    assign_role::{self, AssignRoleCommand},
    collaborator::{Collaborator, Visibility},
    precondition::Precondition,
};
use serde::Deserialize;

/// Handles one request.
pub async fn handle(app: &App, request: &Request) -> Response {
    http::answer(app, request, respond(app, request).await)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_scope(app, request)?;
    let id = http::collaborator_id(request)?;
    let body = Body::read::<Assignment>(request)?;
    let version = IfMatch::required(request)?;
    let check = |facts: &_, now| assign_role::check_permitted(facts, version, now);
    let command = body.into_command(version);
    let command = call.valid(app, Target::Collaborator(&id), check, command).await?;
    let load = |now| call.facts(app, Target::Recipient(&id), now);
    let decide =
        |facts: &_, now| Ok(assign_role::decide(facts, &command, random::mail_id(now)?, now)?);
    let reply = |facts: &_, assigned: &Collaborator, now| {
        Reply::ok(&view::collaborator(assigned, facts, Visibility::Path, now))
            .with_version(assigned.version)
    };
    Ok(app.change(call.context(None), load, decide, reply).await?)
}

/// The request body.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Assignment {
    role: String,
    permissions: Option<Vec<String>>,
    expires_at: Option<String>,
    reason: Option<String>,
}

impl Assignment {
    fn into_command(self, version: Precondition) -> Result<AssignRoleCommand, Failure> {
        let mut errors = FieldErrors::default();
        let role = errors.role(&self.role, self.permissions.as_deref());
        let expires_at = errors.expiry("/expiresAt", self.expires_at.as_deref());
        let reason = errors.reason("/reason", self.reason.as_deref());
        let (Ok(role), Ok(expires_at), Ok(reason)) = (role, expires_at, reason) else {
            return Err(errors.into());
        };
        Ok(AssignRoleCommand { role, expires_at, reason, version })
    }
}
