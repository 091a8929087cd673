//! `GET /v1/scopes/{scope}/history`: returns the history of access at a scope and below it, newest first.
//! `GET /v1/scopes/{scope}/events`: returns the history of a client as events, oldest first.

mod cursor;
mod events;
mod export;

use std::collections::BTreeMap;

use coulisses_aws::{
    app::App,
    http::{
        self, Call, Failure, Parameters, Reply, Request, Response, Route, fit_page,
        view::{ActorView, GrantChangeView, MovedView, RoleChangeView},
    },
    table::{HistoryReading, ScopeHistory, StoreError},
};
use coulisses_domain::{
    email::Email,
    history::{
        Action, CollaboratorLabel,
        view::{self, EntryId, HistoryPage, HistoryQuery, RecordedEntry},
    },
    ids::CollaboratorId,
    scope::ScopeId,
    text::{Name, Reason},
    time::Timestamp,
};
use cursor::Cursors;
use serde::Serialize;
use serde_json::value::RawValue;

/// The query parameters.
const PARAMETERS: [&str; 7] =
    ["from", "until", "action", "actor", "collaborator", "limit", "cursor"];

/// The default number of entries on a page.
const PAGE: usize = 50;

/// How many reads of a megabyte one request makes to find an entry. A scope whose history has pointers needs one.
const MOST_READS: usize = 8;

/// How many reads make up a table.
const MOST_CSV_READS: usize = 100;

/// How many entries are read at once if a filter leaves some out: as many as one call gets by their keys.
const MOST_SELECTED: usize = 100;

/// Handles a request on either route.
pub async fn handle(app: &App, request: &Request) -> Response {
    let result = match Route::of(request) {
        Some(Route::GetHistory) => respond(app, request).await,
        Some(Route::ListEvents) => events::list(app, request).await,
        Some(_) | None => Err(Failure::no_route()),
    };
    http::answer(app, request, result)
}

async fn respond(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_scope(app, request)?;
    let as_csv = http::wants_csv(request);
    let (scope, mut query) = (&call.scope, query(app, request, &call.scope)?);
    let cursors_of = query.collaborator.clone();
    let cursors = Cursors::of_history(&app.settings.ids, scope, cursors_of.as_ref());
    let now = app.clock.now();
    let records = app.table.read(call.reading(), now);
    // The client shows whether its history has pointers, which only a scope below it needs.
    let (records, first) = if scope.is_client() || query.collaborator.is_some() {
        let first = Box::pin(read(app, &call, &query, None));
        let (records, first) = tokio::try_join!(records, first)?;
        (records, Some(first))
    } else {
        (records.await?, None)
    };
    let facts = app.facts_from(&records, &call.caller, scope, None);
    let view = view::view(&facts, now)?;
    let mut page = HistoryPage { entries: Vec::new(), end: None };
    let mut next = first;
    // A read can return entries of other scopes only, or none that the filters let through.
    for _ in 0..if as_csv { MOST_CSV_READS } else { MOST_READS } {
        let found = match next.take() {
            Some(first) => first,
            None => Box::pin(read(app, &call, &query, records.indexed.as_ref())).await?,
        };
        let found = view.page(found, &query);
        page.entries.extend(found.entries);
        page.end = found.end;
        if page.end.is_none() || (!as_csv && !page.entries.is_empty()) {
            break;
        }
        query.after.clone_from(&page.end);
    }
    if as_csv {
        return export::table(request, &page);
    }
    let entries = fit_page(&page.entries, EntryView::from)?;
    page.shorten(entries.len());
    let next_cursor = page.end.as_ref().map(|end| cursors.write(end)).transpose();
    let next_cursor = next_cursor.map_err(Failure::internal)?;
    Ok(Reply::ok(&History { entries, next_cursor }))
}

/// Reads the next entries that can be on the page.
async fn read(
    app: &App,
    call: &Call<'_>,
    query: &HistoryQuery,
    indexed: Option<&EntryId>,
) -> Result<HistoryPage, StoreError> {
    let after = query.after.as_ref();
    match (&query.collaborator, indexed) {
        (None, Some(indexed)) if !call.scope.is_client() => {
            let limit = query.limit.min(MOST_SELECTED);
            let most = if query.is_selective() { MOST_SELECTED } else { limit };
            let reading = ScopeHistory { scope: &call.scope, indexed, after, most };
            app.table.read_scope_history(reading).await
        }
        (collaborator, _) => {
            let reading = HistoryReading {
                client: &call.client,
                collaborator: collaborator.as_ref(),
                after,
                // At a client every entry is visible. Below it, and with filters, how many are is not known in advance.
                most: (call.scope.is_client() && !query.is_selective()).then_some(query.limit),
            };
            app.table.read_history(reading).await
        }
    }
}

fn query(app: &App, request: &Request, scope: &ScopeId) -> Result<HistoryQuery, Failure> {
    let parameters = Parameters::read(request, &PARAMETERS)?;
    let in_range = |text: &str| text.parse().ok().filter(|limit| (1..=100).contains(limit));
    let collaborator = parameters.get("collaborator", |id| CollaboratorId::parse(id).ok())?;
    let cursors = Cursors::of_history(&app.settings.ids, scope, collaborator.as_ref());
    let time = |text: &str| Timestamp::parse(text).ok();
    let until = parameters.get("until", time)?.map(EntryId::before);
    let as_csv = http::wants_csv(request);
    let limit = parameters.get("limit", in_range)?.unwrap_or(PAGE);
    Ok(HistoryQuery {
        after: parameters
            .get("cursor", |cursor| cursors.read(cursor))?
            .filter(|_| !as_csv)
            .or(until),
        limit: if as_csv { usize::MAX } else { limit },
        collaborator,
        from: parameters.get("from", time)?,
        action: parameters.get("action", Action::parse)?,
        actor: parameters.get("actor", |email| Email::claimed(email).ok())?,
    })
}

/// The response.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct History {
    entries: Vec<Box<RawValue>>,
    next_cursor: Option<String>,
}

/// One change of one collaborator, of one role that the client defines, or of one event or community.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EntryView<'a> {
    id: &'a str,
    at: String,
    actor: ActorView<'a>,
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    collaborator: Option<LabelView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<RoleChangeView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    changes: BTreeMap<&'a str, GrantChangeView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(flatten)]
    moved: MovedView<'a>,
}

/// A collaborator as they were named then.
#[derive(Serialize)]
struct LabelView<'a> {
    id: &'a str,
    email: &'a str,
    name: Option<&'a str>,
}

impl<'a> From<&'a RecordedEntry> for EntryView<'a> {
    fn from(RecordedEntry { id, entry }: &'a RecordedEntry) -> Self {
        let changes = entry.changes.iter();
        Self {
            id: id.as_str(),
            at: entry.at.to_string(),
            actor: ActorView(&entry.actor),
            action: entry.action.name(),
            collaborator: entry.collaborator.as_ref().map(Into::into),
            role: entry.role.as_ref().map(Into::into),
            scope: entry.scope.as_ref().map(ScopeId::as_str),
            source: entry.source.as_ref().map(ScopeId::as_str),
            changes: changes.map(|(scope, change)| (scope.as_str(), change.into())).collect(),
            reason: entry.reason.as_ref().map(Reason::as_str),
            moved: MovedView::of(entry.moved.as_ref()),
        }
    }
}

impl<'a> From<&'a CollaboratorLabel> for LabelView<'a> {
    fn from(label: &'a CollaboratorLabel) -> Self {
        Self {
            id: label.id.as_str(),
            email: label.email.original(),
            name: label.name.as_ref().map(Name::as_str),
        }
    }
}
