//! `POST /v1/scopes/{scope}/collaborators`: invites a collaborator to a scope, or up to 50 at once.
//! `POST /v1/scopes/{scope}/copies`: gives the team of another scope access to this one, 200 people at once.
//! `POST /v1/scopes/{scope}/imports`: imports up to 100 people who work with the platform already.

mod body;
mod copy;
mod import;

use body::{BodyKind, Bulk, Invitation};
use coulisses_aws::{
    app::{App, Target},
    command::CommandError,
    http::{self, Body, Call, Failure, Reply, Request, Response, Route, view},
    random,
};
use coulisses_domain::{
    collaborator::{Collaborator, Visibility},
    decision::Outcome,
    facts::Facts,
    invite::{self as rules, InviteCommand},
    time::Timestamp,
};

/// Handles a request on any of the routes.
pub async fn handle(app: &App, request: &Request) -> Response {
    let result = match Route::of(request) {
        Some(Route::Invite) => Box::pin(invite(app, request)).await,
        Some(Route::CopyTeam) => Box::pin(copy::respond(app, request)).await,
        Some(Route::Import) => Box::pin(import::respond(app, request)).await,
        Some(_) | None => Err(Failure::no_route()),
    };
    http::answer(app, request, result)
}

/// Invites by a body that is one invitation or a list.
async fn invite(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_scope(app, request)?;
    let kind = Body::read::<BodyKind>(request)?;
    let key = call.idempotency_key()?;
    let check = Facts::check_may_manage_access;
    if kind.is_bulk() {
        let items = Body::read::<Bulk>(request)?.into_items(app, &call.client);
        let items = call.valid(app, Target::None, check, items).await?;
        let results = app.change_each(call.batch(key.as_ref(), true), items, decide, reply).await?;
        return http::results(app, request, ("collaborator", "/invitations"), results);
    }
    let invitation = Body::read::<Invitation>(request)?.complete()?;
    let command = invitation.into_command(app, &call.client);
    let command = call.valid(app, Target::None, check, command).await?;
    let load = |now| call.facts(app, Target::Recipient(&command.id), now);
    let decide = |facts: &_, now| decide(facts, &command, now);
    Ok(app.change(call.context(key.as_ref()), load, decide, reply).await?)
}

fn decide(
    facts: &Facts,
    command: &InviteCommand,
    now: Timestamp,
) -> Result<Outcome<Collaborator>, CommandError> {
    Ok(rules::decide(facts, command, random::mail_id(now)?, now)?)
}

fn reply(facts: &Facts, invited: &Collaborator, now: Timestamp) -> Reply {
    let location = format!("/v1/scopes/{}/collaborators/{}", facts.at, invited.id);
    let seen = view::collaborator(invited, facts, Visibility::Path, now);
    let reply =
        if invited.waiting().is_some() { Reply::accepted(&seen) } else { Reply::created(&seen) };
    reply.with_version(invited.version).with_location(&location)
}
