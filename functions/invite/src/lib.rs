//! `POST /v1/scopes/{scope}/collaborators`: invites somebody to a scope, or up to 50 people at once.

mod body;

use body::{Bulk, Invitation, Shape};
use coulisses_aws::{
    app::{App, Target},
    batch::Batch,
    change::RequestContext,
    http::{self, Body, Failure, IdempotencyKey, Principal, Reply, Request, Response, view},
    random,
};
use coulisses_domain::{
    collaborator::Collaborator,
    decision::Outcome,
    facts::{Caller, Facts},
    invite::{self, InviteCommand},
    scope::ScopeId,
    time::Timestamp,
};

/// Answers one request: the body says whether it is about one person or several.
pub async fn handle(app: &App, request: &Request) -> Response {
    http::answer(app, request, respond(app, request).await)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Principal::from_request(request, &app.settings)?;
    let scope = http::scope_id(request)?;
    let shape = Body::read::<Shape>(request)?;
    let key = IdempotencyKey::read(request, &caller)?;
    let client = scope.client();
    let known = app.known_in(&client, &caller)?;
    let about = RequestContext::new(&client, request).once(key.as_ref());
    let here = Here { app, scope: &scope, caller: &known, about };
    if shape.is_bulk() { here.invite_each(request).await } else { here.invite(request).await }
}

/// Where somebody is invited, and by whom.
#[derive(Clone, Copy)]
struct Here<'a> {
    app: &'a App,
    scope: &'a ScopeId,
    caller: &'a Caller,
    about: RequestContext<'a>,
}

impl Here<'_> {
    async fn invite(self, request: &Request) -> Result<Reply, Failure> {
        let command =
            Body::read::<Invitation>(request)?.into_command(self.app, self.about.client)?;
        let load = |now| self.app.facts(self.caller, self.scope, Target::Mailed(&command.id), now);
        let decide = |facts: &_, now| decide(facts, &command, now);
        let reply = |facts: &_, invited: &_, now| reply(facts, invited, now);
        self.app.change(self.about, load, decide, reply).await
    }

    async fn invite_each(self, request: &Request) -> Result<Reply, Failure> {
        let items = Body::read::<Bulk>(request)?.into_items(self.app, self.about.client)?;
        let batch = Batch { request: self.about, caller: self.caller, at: self.scope, mails: true };
        let results = self.app.change_each(batch, items, decide, reply).await?;
        http::results(self.app, request, "collaborator", results)
    }
}

fn decide(
    facts: &Facts,
    command: &InviteCommand,
    now: Timestamp,
) -> Result<Outcome<Collaborator>, Failure> {
    Ok(invite::decide(facts, command, random::mail_id(now)?, now)?)
}

fn reply(facts: &Facts, invited: &Collaborator, now: Timestamp) -> Reply {
    let location = format!("/v1/scopes/{}/collaborators/{}", facts.at, invited.id);
    let seen = view::collaborator(invited, facts, now);
    Reply::created(&seen).with_version(invited.version).with_location(&location)
}
