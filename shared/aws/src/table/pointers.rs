//! The history of a scope below a client: a pointer to each entry, which the daily audit writes
//! (docs/storage.md#history).
//!
//! A change writes no pointers, so it costs no more. The entries since the last audit are read from the client's history,
//! and the earlier ones by their pointers, so a page costs what it shows and one day of the client at most.

use std::{collections::BTreeSet, time::Duration};

use coulisses_domain::{
    history::view::{EntryId, HistoryPage},
    scope::{ClientId, ScopeId},
    time::Timestamp,
};
use futures_util::try_join;

use super::{
    StoreError, Table,
    any_item::{Item, as_item, key_of},
    history::{as_limit, entry_id, history_page, recorded},
    key::{self, Key},
    query::first_page,
    update::{Expression, number, text},
};

/// How many entries get their pointers between two marks of the progress.
const STEP: i32 = 250;

/// A change ends within a minute of its entry's time. Younger entries get no pointers yet, because one with an earlier time
/// could follow, whatever the clocks of the functions.
const SETTLED_AFTER: Duration = Duration::from_mins(15);

/// Selects a page of the history of a scope below a client.
#[derive(Clone, Copy, Debug)]
pub struct ScopeHistory<'a> {
    /// The scope.
    pub scope: &'a ScopeId,
    /// The last entry with pointers.
    pub indexed: &'a EntryId,
    /// Only entries older than this one.
    pub after: Option<&'a EntryId>,
    /// The most entries.
    pub most: usize,
}

impl Table {
    /// Reads a page of the history of a scope below a client, newest first: one query of the pointers, one of the entries
    /// that have none yet, and one read of the entries. Entries of other scopes can be among those without pointers.
    ///
    /// # Errors
    /// [`StoreError`] if a call fails, the table stays busy or an entry cannot be read.
    pub async fn read_scope_history(
        &self,
        reading: ScopeHistory<'_>,
    ) -> Result<HistoryPage, StoreError> {
        let (pointers, recent) =
            try_join!(self.read_pointers(reading), self.read_unindexed(reading))?;
        if recent.end.is_some() {
            return Ok(recent);
        }
        let client = reading.scope.client();
        let keys: Vec<Key> = pointers.iter().map(|id| key::history(&client, id.as_str())).collect();
        // An entry changes only when a person is erased, so it need not be read consistently.
        let items = self.batch_get_as(keys.iter(), false).await?.into_iter();
        let mut indexed =
            items.map(|(key, item)| recorded(&key, item)).collect::<Result<Vec<_>, _>>()?;
        indexed.sort_by(|left, right| right.id.cmp(&left.id));
        let more = pointers.len() > reading.most;
        let end = pointers.last().filter(|_| more).cloned();
        Ok(HistoryPage { entries: recent.entries.into_iter().chain(indexed).collect(), end })
    }

    /// The ids of the next entries with pointers, one more than the page has.
    async fn read_pointers(&self, reading: ScopeHistory<'_>) -> Result<Vec<EntryId>, StoreError> {
        let ScopeHistory { scope, indexed, after, most } = reading;
        let query = self
            .partition_query(&key::pointers(scope))
            .scan_index_forward(false)
            .limit(as_limit(most + 1));
        let query = match after.filter(|after| *after <= indexed) {
            Some(after) => query
                .key_condition_expression("pk = :pk AND sk < :end")
                .expression_attribute_values(":end", text(after.as_str())),
            None => query
                .key_condition_expression("pk = :pk AND sk <= :end")
                .expression_attribute_values(":end", text(indexed.as_str())),
        };
        let page = first_page(query).await?;
        page.items().iter().map(|item| entry_id(&key_of(item)?)).collect()
    }

    /// The entries of the client that have no pointers yet: at most a megabyte.
    async fn read_unindexed(&self, reading: ScopeHistory<'_>) -> Result<HistoryPage, StoreError> {
        let ScopeHistory { scope, indexed, after, .. } = reading;
        if after.is_some_and(|after| after <= indexed) {
            return Ok(HistoryPage { entries: Vec::new(), end: None });
        }
        let client = scope.client();
        let start = after.map(|id| as_item(&key::history(&client, id.as_str())));
        let query = self
            .partition_query(&key::histories(&client))
            .key_condition_expression("pk = :pk AND sk > :indexed")
            .expression_attribute_values(":indexed", text(indexed.as_str()))
            .scan_index_forward(false)
            .set_exclusive_start_key(start);
        history_page(first_page(query).await?)
    }

    /// Writes the pointers of the next entries after `indexed`, and marks the progress. Returns the new mark; `None` if no
    /// settled entry is left. Writing the same pointers twice changes nothing.
    ///
    /// # Errors
    /// [`StoreError`] if a call fails or an entry cannot be read.
    pub async fn index_history(
        &self,
        client: &ClientId,
        indexed: Option<&EntryId>,
        now: Timestamp,
    ) -> Result<Option<EntryId>, StoreError> {
        let start = indexed.map(|id| as_item(&key::history(client, id.as_str())));
        let query = self
            .partition_query(&key::histories(client))
            .limit(STEP)
            .set_exclusive_start_key(start);
        let page = first_page(query).await?;
        let is_settled = |id: &EntryId| id.time().is_some_and(|at| now.since(at) >= SETTLED_AFTER);
        let (mut last, mut pointers) = (None, Vec::new());
        for item in page.items.unwrap_or_default() {
            let id = entry_id(&key_of(&item)?)?;
            if !is_settled(&id) {
                break;
            }
            pointers.extend(pointers_to(&id, &item));
            last = Some(id);
        }
        self.put_all(pointers).await?;
        if let Some(last) = &last {
            self.mark_indexed(client, last).await?;
        }
        Ok(last)
    }

    /// Stores that all entries up to `id` have pointers. A slower audit does not move the mark back.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails.
    pub async fn mark_indexed(&self, client: &ClientId, id: &EntryId) -> Result<(), StoreError> {
        let mut expression = Expression::default();
        let (path, mark) = (expression.path("indexed"), expression.value(text(id.as_str())));
        expression.require_that(format!("attribute_not_exists({path}) OR {path} < {mark}"));
        expression.set("indexed", text(id.as_str()));
        self.update_if(&key::client(client), expression).await.map(drop)
    }
}

/// The pointers to an entry: one for each scope below the client at which it shows.
fn pointers_to(id: &EntryId, entry: &Item) -> Vec<Item> {
    let changes = entry.get("changes").and_then(|changes| changes.as_m().ok());
    let scopes = changes.into_iter().flat_map(|changes| changes.keys());
    // A change of an event itself.
    let own = entry.get("scope").and_then(|scope| scope.as_s().ok());
    let lineages = scopes
        .chain(own)
        .filter_map(|scope| ScopeId::parse(scope).ok())
        .flat_map(|scope| scope.up_to_client());
    let shown_at: BTreeSet<ScopeId> = lineages.collect();
    let pointer = |scope: &ScopeId| {
        let key = Key { pk: key::pointers(scope), sk: id.as_str().to_owned() };
        let mut item = as_item(&key);
        item.insert("v".to_owned(), number(1));
        item
    };
    shown_at.iter().map(pointer).collect()
}
