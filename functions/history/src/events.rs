//! The events of a client, as its history has them: to read them again, and to find those that the bus lost.

use coulisses_aws::{
    app::App,
    http::{Call, EventWriter, Failure, Parameters, Reply, Request, fit_page},
    table::FeedReading,
};
use coulisses_domain::{
    history::{
        feed,
        view::{EntryId, HistoryPage},
    },
    refusal::Refusal,
    time::Timestamp,
};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::cursor::Cursors;

/// The query parameters.
const PARAMETERS: [&str; 2] = ["after", "limit"];

/// The default number of events on a page.
const PAGE: usize = 100;

/// The most events on a page.
const MOST: usize = 1_000;

/// Lists the events after a cursor, oldest first. The last seconds are held back ([`feed::HELD_BACK`]).
///
/// # Errors
/// `scope-not-found` and `forbidden` for everyone but the platform as itself, `scope-not-found` for a scope that is not a
/// client, `malformed` for a cursor of another client.
pub(crate) async fn list(app: &App, request: &Request) -> Result<Reply, Failure> {
    let call = Call::at_scope(app, request)?;
    if !call.scope.is_client() {
        return Err(Refusal::ScopeNotFound.into());
    }
    let parameters = Parameters::read(request, &PARAMETERS)?;
    let cursors = Cursors::of_events(&app.settings.ids, &call.client);
    let after = parameters.get("after", |cursor| cursors.read(cursor))?;
    let in_range = |text: &str| text.parse().ok().filter(|limit| (1..=MOST).contains(limit));
    let most = parameters.get("limit", in_range)?.unwrap_or(PAGE);
    let settings =
        app.settings.events.as_ref().ok_or_else(|| Failure::internal("EVENT_SOURCE is not set"))?;

    let now = app.clock.now();
    let records = app.table.read(call.reading(), now).await?;
    let facts = app.facts_from(&records, &call.caller, &call.scope, None);
    let feed = feed::open(&facts, now)?;
    let (after, client) = (after.as_ref(), &call.client);
    let page = app.table.read_feed(FeedReading { client, after, until: &feed.until, most }).await?;
    let HistoryPage { entries, .. } = page;
    let writer = EventWriter { settings, ids: &app.settings.ids };
    let events = fit_page(&entries, |entry| writer.event(client, entry))?;
    // The position stays where it is without a new event, so a cursor never passes one that is held back.
    let last = events.len().checked_sub(1).and_then(|last| entries.get(last)).map(|it| &it.id);
    let first = EntryId::before(Timestamp::from_millis(0));
    let next_cursor = cursors.write(last.or(after).unwrap_or(&first)).map_err(Failure::internal)?;
    Ok(Reply::ok(&Events { events, next_cursor }))
}

/// The response.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Events {
    events: Vec<Box<RawValue>>,
    next_cursor: String,
}
