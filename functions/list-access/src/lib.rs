//! `GET /v1/scopes/{scope}/collaborators` and `/{id}`: who has access here, direct and inherited.

mod cursor;

use coulisses_aws::{
    app::{App, Target},
    http::{
        self, Failure, Parameters, Principal, Reply, Request, Response,
        view::{self, CollaboratorView, SeatsView},
    },
};
use coulisses_domain::{
    collaborator::{Status, Visibility},
    grid::{self, GridRow, Query, Sort},
    role::RoleName,
};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// The most bytes of one page, well below what a Lambda function may answer (6 MB).
const LARGEST_PAGE: usize = 4_000_000;

/// The rows of a page, unless the query says otherwise.
const PAGE: usize = 100;

/// Answers one request: the path says whether it is about one collaborator or all.
pub async fn handle(app: &App, request: &Request) -> Response {
    let result = if http::names_a_collaborator(request) {
        one(app, request).await
    } else {
        list(app, request).await
    };
    http::answer(app, request, result)
}

async fn one(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Principal::from_request(request, &app.settings)?;
    let scope = http::scope_id(request)?;
    let id = http::collaborator_id(request)?;
    let visibility = visibility(Parameters::read(request, &["below"])?.parse("below")?);
    let caller = app.known_in(&scope.client(), &caller)?;
    let now = app.clock.now();
    let facts = app.facts(&caller, &scope, Target::User(&id), now).await?;
    let row = grid::one(&facts, visibility, now)?;
    Ok(Reply::ok(&CollaboratorView::from(&row)).with_version(row.collaborator.version))
}

async fn list(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Principal::from_request(request, &app.settings)?;
    let scope = http::scope_id(request)?;
    let query = query(request)?;
    let client = scope.client();
    let caller = app.known_in(&client, &caller)?;
    let now = app.clock.now();
    let partition = app.table.read_partition(&client, now).await?;
    let (facts, collaborators) = app.facts_of(partition, &caller, &scope);
    let mut page = grid::list(&facts, &collaborators, &query, now)?;
    let rows = written(&page.rows)?;
    page.shorten(rows.len());
    Ok(Reply::ok(&List {
        collaborators: rows,
        next_cursor: page.next().as_ref().map(cursor::write),
        seats: facts.client.as_ref().map(view::seats),
    }))
}

/// As many rows as fit one page, at least one.
fn written(rows: &[GridRow<'_>]) -> Result<Vec<Box<RawValue>>, Failure> {
    let mut written: Vec<Box<RawValue>> = Vec::new();
    let mut size = 0;
    for row in rows {
        let text = to_raw_value(&CollaboratorView::from(row)).map_err(Failure::internal)?;
        size += text.get().len();
        if size > LARGEST_PAGE && !written.is_empty() {
            break;
        }
        written.push(text);
    }
    Ok(written)
}

fn query(request: &Request) -> Result<Query, Failure> {
    let known = ["status", "role", "inherited", "below", "q", "sort", "limit", "cursor"];
    let parameters = Parameters::read(request, &known)?;
    let in_range = |text: &str| text.parse().ok().filter(|limit| (1..=1_000).contains(limit));
    Ok(Query {
        status: parameters.get("status", Status::parse)?,
        role: parameters.get("role", RoleName::parse)?,
        inherited: parameters.parse("inherited")?,
        visibility: visibility(parameters.parse("below")?),
        text: parameters
            .get("q", |text| Some(text.trim().to_owned()))?
            .filter(|text| !text.is_empty()),
        sort: parameters.get("sort", Sort::parse)?.unwrap_or(Sort::Email),
        after: parameters.get("cursor", cursor::read)?,
        limit: parameters.get("limit", in_range)?.unwrap_or(PAGE),
    })
}

fn visibility(below: Option<bool>) -> Visibility {
    if below == Some(true) { Visibility::PathAndBelow } else { Visibility::Path }
}

/// The answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct List {
    collaborators: Vec<Box<RawValue>>,
    next_cursor: Option<String>,
    seats: Option<SeatsView>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use coulisses_domain::{
        access::Subject,
        client::Granting,
        collaborator::{
            Account, Binding, Collaborator, CollaboratorId, Grant, MOST_GRANTS, Membership,
        },
        email::Email,
        history::Actor,
        role::Role,
        scope::{ClientId, Level, ScopeId},
        time::{Timestamp, Version},
    };

    use super::*;

    #[test]
    fn a_page_ends_before_it_is_larger_than_a_function_may_answer() {
        let now = Timestamp::from_millis(0);
        let grant = |number| {
            let grant = Grant {
                level: Level::Event,
                role: Role::Administrator,
                granted_by: Actor::Platform,
                granted_at: now,
                expires_at: None,
            };
            (ScopeId::parse(&format!("acme:tech:event-{number}")).unwrap(), grant)
        };
        let account = Account { iss: String::new(), sub: String::new() };
        let collaborator = Collaborator {
            client: ClientId::parse("acme").unwrap(),
            id: CollaboratorId::parse("abcdefghijklmnopqrstuvwxyz").unwrap(),
            email: Email::parse("lea@example.org").unwrap(),
            name: None,
            locale: None,
            membership: Membership::Active(Binding { account, accepted: None }),
            seat: true,
            last_login_at: None,
            grants: (0..MOST_GRANTS).map(grant).collect::<BTreeMap<_, _>>(),
            version: Version::first(now),
            forget_at: None,
        };
        let subject = Subject { collaborator: &collaborator, granting: Granting::Administrators };
        let at = ScopeId::parse("acme").unwrap();
        let row = grid::row(subject, &at, Visibility::PathAndBelow, now).unwrap();
        let page = written(&vec![row.clone(); 60]).unwrap();
        let size: usize = page.iter().map(|row| row.get().len()).sum();
        assert!(size <= LARGEST_PAGE, "{size}");
        let one = page.first().unwrap().get().len();
        assert!(size + one > LARGEST_PAGE, "a page of {size} had room for another {one}");
    }
}
