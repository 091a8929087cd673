//! `DELETE /v1/scopes/{scope}/collaborators/{id}`: takes access back, or gives one's own back.

use coulisses_aws::{
    app::{App, RequestScope, Target},
    http::{
        self, Caller, Failure, IfMatch, Parameters, Reply, Request, Response,
        view::{self, GrantView},
    },
    random,
};
use coulisses_domain::revoke::{self, Extent, Wanted};
use serde::Serialize;

/// Answers one request.
pub async fn handle(app: &App, request: &Request) -> Response {
    http::answer(request, respond(app, request).await)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Caller::from_request(request, &app.settings)?;
    let scope = http::scope_id(request)?;
    let id = http::collaborator_id(request)?;
    http::refuse_body(request)?;
    let wanted = wanted(request)?;
    let client = scope.client();
    let caller = app.known_in(&client, &caller)?;
    let load = |now| app.facts(&caller, &scope, Target::Person(&id), now);
    let decide = |facts: &_, now| Ok(revoke::decide(facts, &wanted, random::sending(now)?, now)?);
    let about = RequestScope { client: &client, id: http::request_id(request) };
    let (facts, revoked) = app.change(about, load, decide).await?;
    let now = app.clock.now();
    Ok(Reply::ok(&Revoked {
        removed: view::grants(&revoked.before, &revoked.removed, &facts, now),
        residual: view::grants(&revoked.before, &revoked.residual, &facts, now),
        seat_released: revoked.seat_released,
    }))
}

fn wanted(request: &Request) -> Result<Wanted, Failure> {
    let below = Parameters::read(request, &["below"])?.parse("below")?;
    let IfMatch(version) = IfMatch::read(request)?;
    let extent = if below == Some(true) { Extent::HereAndBelow } else { Extent::Here };
    Ok(Wanted { extent, version: Some(version), reason: None })
}

/// The answer.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Revoked<'a> {
    removed: Vec<GrantView<'a>>,
    residual: Vec<GrantView<'a>>,
    seat_released: bool,
}
