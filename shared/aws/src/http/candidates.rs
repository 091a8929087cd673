//! The records that a page of the list can show. With the rows of grants, a page costs what it shows
//! (docs/storage.md#rows-of-grants); without them, every page reads the whole client.

use std::collections::BTreeSet;

use coulisses_domain::{
    caller::Caller,
    collaborator::{Collaborator, Visibility},
    facts::Facts,
    grid::{self, GridQuery},
    ids::CollaboratorId,
    scope::{ClientId, ScopeId},
    time::Timestamp,
};

use super::Failure;
use crate::{
    app::App,
    table::{ClientRecords, GrantRow, Reading},
};

/// Whose list it is: who asks, and at which scope.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The caller, still without their record.
    pub caller: &'a Caller,
    /// The client.
    pub client: &'a ClientId,
    /// The scope.
    pub scope: &'a ScopeId,
}

impl<'a> Place<'a> {
    /// The records that every request at this scope reads: the client, the scope and the caller.
    #[must_use]
    pub fn reading(self) -> Reading<'a> {
        Reading {
            client: self.client,
            scopes: Some(self.scope).into_iter().filter(|scope| !scope.is_client()).collect(),
            collaborators: self.caller.id().into_iter().collect(),
            counters: vec![],
        }
    }
}

/// The facts of the request, and the collaborators that its page can show.
pub type Candidates = (Facts, Vec<Collaborator>);

/// Reads the collaborators that the page of `query` can show, and one more if others follow.
///
/// # Errors
/// `scope-not-found`, `forbidden`, and those of the table.
pub async fn read(
    app: &App,
    place: Place<'_>,
    query: &GridQuery,
    now: Timestamp,
) -> Result<Candidates, Failure> {
    if app.settings.lists_by_grant {
        read_by_grant(app, place, query, now).await
    } else {
        read_client(app, place, now).await
    }
}

/// The same, by the rows of grants whatever the setting, if the client has them.
///
/// # Errors
/// Those of [`read`].
pub async fn read_by_grant(
    app: &App,
    place: Place<'_>,
    query: &GridQuery,
    now: Timestamp,
) -> Result<Candidates, Failure> {
    let below = query.visibility == Visibility::PathAndBelow;
    let whole_client = below && place.scope.is_client();
    if whole_client && !query.is_plain() {
        return read_client(app, place, now).await;
    }
    let records = app.table.read(place.reading(), now);
    let after = query.after.as_ref().map(|after| after.address.as_str());
    let (records, rows) = if whole_client {
        let rows = app.table.rows_in_order(place.client, after, rows_for(query.limit + 1));
        let (records, rows) = tokio::try_join!(records, rows)?;
        (records, Rows::Ordered(rows))
    } else {
        let rows = app.table.read_rows(place.scope, below);
        let (records, rows) = tokio::try_join!(records, rows)?;
        (records, Rows::All(rows))
    };
    if !records.listed {
        return read_client(app, place, now).await;
    }
    let facts = app.facts_from(&records, place.caller, place.scope, None);
    // A caller who may not read the list costs no more than this.
    grid::list(&facts, &[], query, now)?;
    let mut collaborators = match rows {
        Rows::All(rows) => of_rows(app, &facts, rows, query, now).await?,
        Rows::Ordered(rows) => in_order(app, &facts, rows, query, now).await?,
    };
    app.table.resolve(&facts, &mut collaborators, now).await?;
    Ok((facts, collaborators))
}

/// Reads these collaborators of the client, consistently: what a caller who shows them asks for again.
///
/// # Errors
/// `scope-not-found`, `forbidden`, and those of the table.
pub async fn named(
    app: &App,
    place: Place<'_>,
    ids: &BTreeSet<CollaboratorId>,
    now: Timestamp,
) -> Result<Candidates, Failure> {
    let mut reading = place.reading();
    reading.collaborators.extend(ids);
    let mut records = app.table.read(reading, now).await?;
    let facts = app.facts_from(&records, place.caller, place.scope, None);
    records.collaborators.retain(|id, _| ids.contains(id));
    Ok((facts, records.collaborators.into_values().collect()))
}

enum Rows {
    /// All rows that the list can show.
    All(BTreeSet<GrantRow>),
    /// The first rows of the page, in the order of addresses.
    Ordered(Vec<GrantRow>),
}

/// Reads all collaborators of the client.
///
/// # Errors
/// Those of the table.
pub async fn read_client(
    app: &App,
    place: Place<'_>,
    now: Timestamp,
) -> Result<Candidates, Failure> {
    let records: ClientRecords = app.table.read_client(place.client, now).await?;
    Ok(app.facts_of_all(records, place.caller, place.scope))
}

/// How many rows name this many people, at one and a half grants each.
const fn rows_for(people: usize) -> usize {
    people + people / 2 + 8
}

/// The page from all rows: only the records of the page, if it is in the order of the rows and without filters.
async fn of_rows(
    app: &App,
    facts: &Facts,
    rows: BTreeSet<GrantRow>,
    query: &GridQuery,
    now: Timestamp,
) -> Result<Vec<Collaborator>, Failure> {
    let rows: Vec<GrantRow> = rows.into_iter().collect();
    if !query.is_plain() {
        return records_of(app, facts, &rows, now).await;
    }
    let after = query.after.as_ref().map_or("", |after| after.address.as_str());
    let mut people = by_person(rows).filter(|rows| address(rows) > after).peekable();
    let mut page = Vec::new();
    while people.peek().is_some() {
        let Some(missing) = missing(facts, &page, query) else { break };
        let some: Vec<GrantRow> = people.by_ref().take(missing).flatten().collect();
        page.extend(records_of(app, facts, &some, now).await?);
    }
    Ok(page)
}

/// The records of these rows.
async fn records_of(
    app: &App,
    facts: &Facts,
    rows: &[GrantRow],
    now: Timestamp,
) -> Result<Vec<Collaborator>, Failure> {
    let seats = facts.client.as_ref().map_or(u32::MAX, |client| client.seats.used);
    let read = app.table.read_listed(&facts.at.client(), rows, seats, now).await?;
    Ok(read.into_values().collect())
}

/// The page from rows in order, with more of them if some have lost their grants.
async fn in_order(
    app: &App,
    facts: &Facts,
    mut rows: Vec<GrantRow>,
    query: &GridQuery,
    now: Timestamp,
) -> Result<Vec<Collaborator>, Failure> {
    let client = facts.at.client();
    let mut asked = rows_for(query.limit + 1);
    let mut page = Vec::new();
    while let Some(last) = rows.last().map(|row| row.address.clone()) {
        let is_last = rows.len() < asked;
        let mut people = by_person(rows);
        while let Some(missing) = missing(facts, &page, query) {
            let some: Vec<GrantRow> = people.by_ref().take(missing).flatten().collect();
            if some.is_empty() {
                break;
            }
            page.extend(records_of(app, facts, &some, now).await?);
        }
        let Some(missing) = missing(facts, &page, query).filter(|_| !is_last) else { break };
        asked = rows_for(missing);
        rows = app.table.rows_in_order(&client, Some(&last), asked).await?;
    }
    Ok(page)
}

/// How many more people complete the page, one beyond its limit included; `None` if it is complete.
fn missing(facts: &Facts, page: &[Collaborator], query: &GridQuery) -> Option<usize> {
    let is_shown = |collaborator: &&Collaborator| {
        collaborator.grants_visible_from(&facts.at, query.visibility).next().is_some()
    };
    let shown = page.iter().filter(is_shown).count();
    (query.limit + 1).checked_sub(shown).filter(|missing| *missing > 0)
}

/// The rows of each person, in the order of addresses.
fn by_person(rows: Vec<GrantRow>) -> impl Iterator<Item = Vec<GrantRow>> {
    let mut rows = rows.into_iter().peekable();
    std::iter::from_fn(move || {
        let first = rows.next()?;
        let id = first.id.clone();
        let mut of_one = vec![first];
        while let Some(next) = rows.next_if(|row| row.id == id) {
            of_one.push(next);
        }
        Some(of_one)
    })
}

fn address(rows: &[GrantRow]) -> &str {
    rows.first().map_or("", |row| row.address.as_str())
}
