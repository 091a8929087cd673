//! `GET /v1/scopes/{scope}/history`: who did what to whom at a scope and below it, the newest first.

mod cursor;

use std::collections::BTreeMap;

use coulisses_aws::{
    app::{App, Target},
    http::{self, Failure, Parameters, Principal, Reply, Request, Response, view::ActorView},
    table::HistoryReading,
};
use coulisses_domain::{
    collaborator::CollaboratorId,
    history::{
        BeforeAfter, GrantState, Label,
        view::{self, HistoryQuery, Recorded},
    },
    role::Role,
    scope::ScopeId,
    text::{Name, Reason},
};
use cursor::Cursors;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// The entries of a page, unless the query says otherwise.
const PAGE: usize = 50;

/// The most bytes of one page, well below what a Lambda function may answer (6 MB): an entry about somebody with many
/// grants is large.
const LARGEST_PAGE: usize = 4_000_000;

/// Answers one request.
pub async fn handle(app: &App, request: &Request) -> Response {
    http::answer(app, request, respond(app, request).await)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let caller = Principal::from_request(request, &app.settings)?;
    let scope = http::scope_id(request)?;
    let query = query(app, request, &scope)?;
    let client = scope.client();
    let caller = app.known_in(&client, &caller)?;
    let now = app.clock.now();
    let reading = HistoryReading {
        client: &client,
        collaborator: query.collaborator.as_ref(),
        after: query.after.as_ref(),
        // At a client everything shows; further down, how much of what is read does is not known before.
        most: scope.is_client().then_some(query.limit),
    };
    let facts = app.facts(&caller, &scope, Target::Nobody, now);
    let (facts, read) = tokio::try_join!(facts, app.table.read_history(reading))?;
    let mut page = view::view(&facts, now)?.page(read, &query);
    let entries = written(&page.entries)?;
    page.shorten(entries.len());
    let cursors = cursors(app, &scope, query.collaborator.as_ref());
    let next_cursor = page.end.as_ref().map(|end| cursors.write(end));
    Ok(Reply::ok(&History { entries, next_cursor }))
}

fn query(app: &App, request: &Request, scope: &ScopeId) -> Result<HistoryQuery, Failure> {
    let parameters = Parameters::read(request, &["cursor", "limit", "collaborator"])?;
    let in_range = |text: &str| text.parse().ok().filter(|limit| (1..=100).contains(limit));
    let collaborator = parameters.get("collaborator", |id| CollaboratorId::parse(id).ok())?;
    let cursors = cursors(app, scope, collaborator.as_ref());
    Ok(HistoryQuery {
        after: parameters.get("cursor", |cursor| cursors.read(cursor))?,
        limit: parameters.get("limit", in_range)?.unwrap_or(PAGE),
        collaborator,
    })
}

fn cursors<'a>(
    app: &'a App,
    scope: &'a ScopeId,
    collaborator: Option<&'a CollaboratorId>,
) -> Cursors<'a> {
    Cursors { ids: &app.settings.ids, scope, collaborator }
}

/// As many entries as fit one page, at least one.
fn written(entries: &[Recorded]) -> Result<Vec<Box<RawValue>>, Failure> {
    let mut written: Vec<Box<RawValue>> = Vec::new();
    let mut size = 0;
    for recorded in entries {
        let text = to_raw_value(&EntryView::from(recorded)).map_err(Failure::internal)?;
        size += text.get().len();
        if size > LARGEST_PAGE && !written.is_empty() {
            break;
        }
        written.push(text);
    }
    Ok(written)
}

/// The answer.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct History {
    entries: Vec<Box<RawValue>>,
    next_cursor: Option<String>,
}

/// One change of one collaborator.
#[derive(Serialize)]
struct EntryView<'a> {
    id: &'a str,
    at: String,
    actor: ActorView<'a>,
    action: &'static str,
    collaborator: LabelView<'a>,
    changes: BTreeMap<&'a str, ChangeView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
}

/// A collaborator as named then.
#[derive(Serialize)]
struct LabelView<'a> {
    id: &'a str,
    email: &'a str,
    name: Option<&'a str>,
}

/// A grant before and after.
#[derive(Serialize)]
struct ChangeView {
    before: Option<StateView>,
    after: Option<StateView>,
}

/// A grant as it was; with its permissions where they were chosen.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StateView {
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<Vec<&'static str>>,
    status: &'static str,
    expires_at: Option<String>,
}

impl<'a> From<&'a Recorded> for EntryView<'a> {
    fn from(Recorded { id, entry }: &'a Recorded) -> Self {
        let changes = entry.changes.iter();
        Self {
            id: id.as_str(),
            at: entry.at.to_string(),
            actor: ActorView(&entry.actor),
            action: entry.action.name(),
            collaborator: (&entry.collaborator).into(),
            changes: changes.map(|(scope, change)| (scope.as_str(), change.into())).collect(),
            reason: entry.reason.as_ref().map(Reason::as_str),
        }
    }
}

impl<'a> From<&'a Label> for LabelView<'a> {
    fn from(label: &'a Label) -> Self {
        Self {
            id: label.id.as_str(),
            email: label.email.original(),
            name: label.name.as_ref().map(Name::as_str),
        }
    }
}

impl From<&BeforeAfter> for ChangeView {
    fn from(change: &BeforeAfter) -> Self {
        let state = |state: &Option<GrantState>| state.as_ref().map(Into::into);
        Self { before: state(&change.before), after: state(&change.after) }
    }
}

impl From<&GrantState> for StateView {
    fn from(state: &GrantState) -> Self {
        let chosen = match state.role {
            Role::Custom(_) => Some(state.role.permissions().names()),
            Role::Owner
            | Role::Administrator
            | Role::Contributor
            | Role::Reader
            | Role::Manager
            | Role::Supervisor
            | Role::Observer => None,
        };
        Self {
            role: state.role.name().name(),
            permissions: chosen,
            status: state.status.name(),
            expires_at: state.expires_at.map(|end| end.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use coulisses_domain::{
        collaborator::{MOST_GRANTS, Status},
        email::Email,
        history::{Action, Actor, Entry, view::EntryId},
        permission::{Permission, PermissionSet},
        role::RoleName,
        time::Timestamp,
    };

    use super::*;

    #[test]
    fn a_page_ends_before_it_is_larger_than_a_function_may_answer() {
        let chosen = Permission::ALL.into_iter().filter(|it| !it.name().starts_with("access:"));
        let chosen = chosen.collect::<PermissionSet>();
        let role = Role::new(RoleName::Custom, Some(chosen)).unwrap();
        let state = Some(GrantState { role, status: Status::Active, expires_at: None });
        let change = |number| {
            let scope = ScopeId::parse(&format!("acme:tech:event-{number}")).unwrap();
            (scope, BeforeAfter { before: state.clone(), after: state.clone() })
        };
        let entry = Entry {
            at: Timestamp::from_millis(0),
            actor: Actor::Platform,
            action: Action::Resent,
            collaborator: Label {
                id: CollaboratorId::parse("abcdefghijklmnopqrstuvwxyz").unwrap(),
                email: Email::parse("lea@example.org").unwrap(),
                name: None,
            },
            changes: (0..MOST_GRANTS).map(change).collect(),
            reason: None,
        };
        let id = EntryId::parse("01KBPK3Y00ABCDEFGHJKMNPQRS").unwrap();
        let page = written(&vec![Recorded { id, entry }; 100]).unwrap();
        let size: usize = page.iter().map(|entry| entry.get().len()).sum();
        assert!(size <= LARGEST_PAGE, "{size}");
        let one = page.first().unwrap().get().len();
        assert!(size + one > LARGEST_PAGE, "a page of {size} had room for another {one}");
    }
}
