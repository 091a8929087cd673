//! `DELETE /v1/scopes/{scope}/collaborators/{id}`: takes access back, or gives one's own back; and
//! `POST /v1/scopes/{scope}/revocations`: takes that of up to 100 people at once.

mod body;

use body::Revocations;
use coulisses_aws::{
    app::{App, Target},
    batch::Batch,
    change::RequestContext,
    http::{
        self, Body, Failure, IdempotencyKey, IfMatch, Parameters, Principal, Reply, Request,
        Response,
        view::{self, GrantView},
    },
    random,
};
use coulisses_domain::{
    decision::Outcome,
    facts::Facts,
    revoke::{self, Extent, RevokeCommand},
    time::Timestamp,
};
use serde::Serialize;

/// Answers one request: the method says whether it is about one person or several.
pub async fn handle(app: &App, request: &Request) -> Response {
    let result = match request.method().as_str() {
        "POST" => revoke_each(app, request).await,
        _ => revoke_one(app, request).await,
    };
    http::answer(app, request, result)
}

async fn revoke_one(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Principal::from_request(request, &app.settings)?;
    let scope = http::scope_id(request)?;
    let id = http::collaborator_id(request)?;
    http::refuse_body(request)?;
    let command = command(request)?;
    let client = scope.client();
    let caller = app.known_in(&client, &caller)?;
    let load = |now| app.facts(&caller, &scope, Target::User(&id), now);
    let decide = |facts: &_, now| decide(facts, &command, now);
    app.change(RequestContext::new(&client, request), load, decide, reply).await
}

async fn revoke_each(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Principal::from_request(request, &app.settings)?;
    let scope = http::scope_id(request)?;
    let items = Body::read::<Revocations>(request)?.into_items()?;
    let key = IdempotencyKey::read(request, &caller)?;
    let client = scope.client();
    let caller = &app.known_in(&client, &caller)?;
    let about = RequestContext::new(&client, request).once(key.as_ref());
    let batch = Batch { request: about, caller, at: &scope, mails: false };
    let results = app.change_each(batch, items, decide, reply).await?;
    http::results(app, request, "revocation", results)
}

fn command(request: &Request) -> Result<RevokeCommand, Failure> {
    let below = Parameters::read(request, &["below"])?.parse("below")?;
    let IfMatch(version) = IfMatch::read(request)?;
    Ok(RevokeCommand { extent: extent(below), version: Some(version), reason: None })
}

fn extent(below: Option<bool>) -> Extent {
    if below == Some(true) { Extent::HereAndBelow } else { Extent::Here }
}

fn decide(
    facts: &Facts,
    command: &RevokeCommand,
    now: Timestamp,
) -> Result<Outcome<revoke::Revoked>, Failure> {
    Ok(revoke::decide(facts, command, random::mail_id(now)?, now)?)
}

fn reply(facts: &Facts, revoked: &revoke::Revoked, now: Timestamp) -> Reply {
    Reply::ok(&Revoked {
        removed: view::grants(&revoked.before, &revoked.removed, facts, now),
        residual: view::grants(&revoked.before, &revoked.residual, facts, now),
        seat_released: revoked.seat_released,
    })
}

/// What was taken, and what remains.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Revoked<'a> {
    removed: Vec<GrantView<'a>>,
    residual: Vec<GrantView<'a>>,
    seat_released: bool,
}
