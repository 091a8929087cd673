//! Reading pages of the history, and single entries.

use std::collections::{HashMap, HashSet};

use aws_sdk_dynamodb::operation::query::QueryOutput;
use coulisses_domain::{
    history::view::{EntryId, HistoryPage, RecordedEntry},
    ids::CollaboratorId,
    scope::ClientId,
};

use super::{
    StoreError, Table,
    any_item::{Item, as_item, key_of, parse, readable},
    key::{self, Key},
    query::first_page,
    record::StoredEntry,
    update::text,
};

/// Selects a page of the history.
#[derive(Clone, Copy, Debug)]
pub struct HistoryReading<'a> {
    /// The client.
    pub client: &'a ClientId,
    /// Only entries about this collaborator.
    pub collaborator: Option<&'a CollaboratorId>,
    /// Only entries older than this one.
    pub after: Option<&'a EntryId>,
    /// The most entries; if absent, as many as one call returns.
    pub most: Option<usize>,
}

/// Selects a page of a client's history, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct FeedReading<'a> {
    /// The client.
    pub client: &'a ClientId,
    /// Only entries newer than this one.
    pub after: Option<&'a EntryId>,
    /// Only entries older than this one.
    pub until: &'a EntryId,
    /// The most entries.
    pub most: usize,
}

/// A history entry, with its client.
pub type ClientEntry = (ClientId, RecordedEntry);

/// The most entries about one collaborator in a page.
const MOST_OF_ONE: usize = 100;

impl Table {
    /// Reads a page of a client's history: one consistent call, of at most a megabyte. For one collaborator, the index
    /// returns the keys of at most 100 entries, and a second call reads the entries.
    ///
    /// # Errors
    /// [`StoreError`] if a call fails, the table stays busy or an entry cannot be read.
    pub async fn read_history(
        &self,
        reading: HistoryReading<'_>,
    ) -> Result<HistoryPage, StoreError> {
        match reading.collaborator {
            None => self.read_all_history(reading).await,
            Some(id) => self.read_history_of(id, reading).await,
        }
    }

    /// Reads a page of a client's history, oldest first: one consistent call, of at most a megabyte.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails, the table stays busy or an entry cannot be read.
    pub async fn read_feed(&self, reading: FeedReading<'_>) -> Result<HistoryPage, StoreError> {
        let FeedReading { client, after, until, most } = reading;
        if after.is_some_and(|after| after >= until) {
            // DynamoDB refuses a start outside the range.
            return Ok(HistoryPage { entries: Vec::new(), end: None });
        }
        let start = after.map(|id| as_item(&key::history(client, id.as_str())));
        let query = self
            .partition_query(&key::histories(client))
            .key_condition_expression("pk = :pk AND sk < :until")
            .expression_attribute_values(":until", text(until.as_str()))
            .limit(as_limit(most))
            .set_exclusive_start_key(start);
        history_page(first_page(query).await?)
    }

    /// Reads history entries by their keys, consistently: a call for each 100. An entry that cannot be read is an error of
    /// its own; one that does not exist is absent.
    ///
    /// # Errors
    /// [`StoreError`] if a call fails or the table stays busy.
    pub async fn read_entries(
        &self,
        keys: &[Key],
    ) -> Result<HashMap<Key, Result<ClientEntry, StoreError>>, StoreError> {
        let keys: HashSet<&Key> = keys.iter().collect();
        let items = self.batch_get(keys.into_iter()).await?.into_iter();
        let entry = |(key, item): (Key, Item)| {
            let entry =
                key::client_of_history(&key).and_then(|client| Ok((client, recorded(&key, item)?)));
            (key, entry)
        };
        Ok(items.map(entry).collect())
    }

    async fn read_all_history(
        &self,
        reading: HistoryReading<'_>,
    ) -> Result<HistoryPage, StoreError> {
        let start = reading.after.map(|id| as_item(&key::history(reading.client, id.as_str())));
        let query = self
            .partition_query(&key::histories(reading.client))
            .scan_index_forward(false)
            .set_limit(reading.most.map(as_limit))
            .set_exclusive_start_key(start);
        history_page(first_page(query).await?)
    }

    async fn read_history_of(
        &self,
        id: &CollaboratorId,
        reading: HistoryReading<'_>,
    ) -> Result<HistoryPage, StoreError> {
        let partition = key::history_of(reading.client, id);
        let start = reading.after.map(|id| {
            let mut start = as_item(&key::history(reading.client, id.as_str()));
            start.insert("gsi1pk".into(), text(&partition));
            start.insert("gsi1sk".into(), text(id.as_str()));
            start
        });
        let most = reading.most.map_or(MOST_OF_ONE, |most| most.min(MOST_OF_ONE));
        let query = self
            .index_query(&partition)
            .scan_index_forward(false)
            .limit(as_limit(most))
            .set_exclusive_start_key(start);
        let page = first_page(query).await?;
        let keys = page.items().iter().map(key_of).collect::<Result<Vec<Key>, _>>()?;
        let items = self.batch_get(keys.iter()).await?.into_iter();
        let mut entries =
            items.map(|(key, item)| recorded(&key, item)).collect::<Result<Vec<_>, _>>()?;
        entries.sort_by(|left, right| right.id.cmp(&left.id));
        Ok(HistoryPage { entries, end: ended_at(page.last_evaluated_key)? })
    }
}

pub(super) fn as_limit(most: usize) -> i32 {
    i32::try_from(most).unwrap_or(i32::MAX)
}

/// The entries that one call returned, in its order.
pub(super) fn history_page(page: QueryOutput) -> Result<HistoryPage, StoreError> {
    let items = page.items.unwrap_or_default().into_iter();
    let entries = items.map(|item| recorded(&key_of(&item)?, item)).collect::<Result<_, _>>()?;
    Ok(HistoryPage { entries, end: ended_at(page.last_evaluated_key)? })
}

pub(super) fn recorded(key: &Key, item: Item) -> Result<RecordedEntry, StoreError> {
    let stored: StoredEntry = parse(key, item)?;
    Ok(RecordedEntry { id: entry_id(key)?, entry: readable(key, stored.into_domain())? })
}

fn ended_at(last: Option<Item>) -> Result<Option<EntryId>, StoreError> {
    last.map(|item| entry_id(&key_of(&item)?)).transpose()
}

pub(super) fn entry_id(key: &Key) -> Result<EntryId, StoreError> {
    EntryId::parse(&key.sk).ok_or_else(|| key::unknown(key))
}
