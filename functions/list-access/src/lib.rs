//! `GET /v1/scopes/{scope}/collaborators` and `/{id}`: returns who has access at a scope, direct or inherited.

mod cursor;
mod export;

use std::collections::BTreeSet;

use coulisses_aws::{
    app::{App, Target},
    http::{
        self, Call, Failure, Parameters, Reply, Request, Response, Route, candidates, fit_page,
        view::{self, CollaboratorView, SeatsView},
    },
};
use coulisses_domain::{
    audit,
    collaborator::{Status, Visibility},
    grid::{self, DeliveryFilter, GridQuery, Order},
    ids::CollaboratorId,
    permission::Permission,
    refusal::Refusal,
    role::RoleName,
    time::Timestamp,
};
use cursor::Cursors;
use serde::Serialize;
use serde_json::value::RawValue;

/// The query parameters of a list.
const PARAMETERS: [&str; 14] = [
    "status",
    "role",
    "inherited",
    "permission",
    "inactiveSince",
    "dormant",
    "expiresBefore",
    "delivery",
    "below",
    "q",
    "sort",
    "limit",
    "cursor",
    "ids",
];

/// The most ids in one request.
const MOST_IDS: usize = 100;

/// The default number of rows on a page.
const PAGE: usize = 100;

/// Handles a request on either route.
pub async fn handle(app: &App, request: &Request) -> Response {
    let result = match Route::of(request) {
        Some(Route::GetCollaborator) => get(app, request).await,
        Some(Route::ListCollaborators) => list(app, request).await,
        Some(_) | None => Err(Failure::no_route()),
    };
    http::answer(app, request, result)
}

async fn get(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_scope(app, request)?;
    let id = http::collaborator_id(request)?;
    let visibility = visibility(Parameters::read(request, &["below"])?.parse("below")?);
    let now = app.clock.now();
    let facts = call.facts(app, Target::Collaborator(&id), now).await?;
    let row = grid::one(&facts, visibility, now)?;
    let client = facts.client.as_ref().ok_or(Refusal::ScopeNotFound)?;
    Ok(Reply::ok(&CollaboratorView::of(client, &row)).with_version(row.collaborator.version))
}

async fn list(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_scope(app, request)?;
    let parameters = Parameters::read(request, &PARAMETERS)?;
    let list = parameters.canonical(&call.scope, &["cursor", "limit"]);
    let cursors = Cursors { ids: &app.settings.ids, list: &list };
    let now = app.clock.now();
    let mut query = query(&parameters, cursors, now)?;
    let as_csv = http::wants_csv(request);
    if as_csv {
        (query.limit, query.after) = (usize::MAX, None);
    }
    let ids = parameters.get("ids", ids)?;
    let (facts, collaborators) = match &ids {
        Some(ids) => candidates::named(app, call.place(), ids, now).await?,
        None if as_csv => candidates::read_client(app, call.place(), now).await?,
        None => candidates::read(app, call.place(), &query, now).await?,
    };
    let mut page = grid::list(&facts, &collaborators, &query, now)?;
    if as_csv {
        return export::table(request, &page.rows);
    }
    let client = facts.client.as_ref().ok_or(Refusal::ScopeNotFound)?;
    let rows = fit_page(&page.rows, |row| CollaboratorView::of(client, row))?;
    page.shorten(rows.len());
    let next = page.next().map(|position| cursors.write(&position)).transpose();
    Ok(Reply::ok(&List {
        collaborators: rows,
        next_cursor: next.map_err(Failure::internal)?,
        seats: Some(view::seats(client)),
    }))
}

fn query(
    parameters: &Parameters,
    cursors: Cursors<'_>,
    now: Timestamp,
) -> Result<GridQuery, Failure> {
    let in_range = |text: &str| text.parse().ok().filter(|limit| (1..=1_000).contains(limit));
    Ok(GridQuery {
        status: parameters.get("status", Status::parse)?,
        role: parameters.get("role", RoleName::parse)?,
        inherited: parameters.parse("inherited")?,
        permission: parameters.get("permission", Permission::parse)?,
        inactive_since: match parameters.parse("dormant")? {
            Some(true) => Some(audit::dormant_since(now)),
            Some(false) | None => parameters.get("inactiveSince", time)?,
        },
        expires_before: parameters.get("expiresBefore", time)?,
        delivery: parameters.get("delivery", DeliveryFilter::parse)?,
        visibility: visibility(parameters.parse("below")?),
        text: parameters
            .get("q", |text| Some(text.trim().to_owned()))?
            .filter(|text| !text.is_empty()),
        order: parameters.get("sort", Order::parse)?.unwrap_or(Order::DEFAULT),
        after: parameters.get("cursor", |text| cursors.read(text))?,
        limit: parameters.get("limit", in_range)?.unwrap_or(PAGE),
    })
}

fn time(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text).ok()
}

/// Up to a hundred ids, separated by commas.
fn ids(text: &str) -> Option<BTreeSet<CollaboratorId>> {
    let ids: Option<BTreeSet<_>> =
        text.split(',').map(|id| CollaboratorId::parse(id).ok()).collect();
    ids.filter(|ids| ids.len() <= MOST_IDS)
}

fn visibility(below: Option<bool>) -> Visibility {
    if below == Some(true) { Visibility::PathAndBelow } else { Visibility::Path }
}

/// The response.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct List {
    collaborators: Vec<Box<RawValue>>,
    next_cursor: Option<String>,
    seats: Option<SeatsView>,
}
