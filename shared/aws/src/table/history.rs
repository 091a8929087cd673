//! Reading the history: a stretch of it, the newest first, as it was stored.

use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::AttributeValue};
use coulisses_domain::{
    collaborator::CollaboratorId,
    history::view::{EntryId, HistoryPage, Recorded},
    scope::ClientId,
};

use super::{
    StoreError, Table,
    key::{self, Key},
    load::{Item, as_item, corrupt, key_of, parse, readable},
    record::StoredEntry,
    update::text,
};

/// Which stretch of the history is to be read.
#[derive(Clone, Copy, Debug)]
pub struct HistoryReading<'a> {
    /// Of which client.
    pub client: &'a ClientId,
    /// About this collaborator only.
    pub collaborator: Option<&'a CollaboratorId>,
    /// Older than this entry only.
    pub after: Option<&'a EntryId>,
    /// The most entries; otherwise as many as one trip gives.
    pub most: Option<usize>,
}

/// The most entries about one person that are read at once.
const MOST_OF_ONE: usize = 100;

impl Table {
    /// Reads a stretch of a client's history, consistently: one trip, a megabyte at most. About one collaborator the index
    /// says which entries, as of a moment ago and a hundred at most, and these are read.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, stays busy, or holds what cannot be read.
    pub async fn read_history(
        &self,
        reading: HistoryReading<'_>,
    ) -> Result<HistoryPage, StoreError> {
        match reading.collaborator {
            None => self.read_all_history(reading).await,
            Some(id) => self.read_history_of(id, reading).await,
        }
    }

    async fn read_all_history(
        &self,
        reading: HistoryReading<'_>,
    ) -> Result<HistoryPage, StoreError> {
        let start = reading.after.map(|id| as_item(&key::history(reading.client, id.as_str())));
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(&key::histories(reading.client)))
            .scan_index_forward(false)
            .set_limit(reading.most.map(as_limit))
            .set_exclusive_start_key(start);
        let answer = query.send().await.map_err(|error| StoreError::request("Query", error))?;
        let items = answer.items.unwrap_or_default().into_iter();
        let entries =
            items.map(|item| recorded(&key_of(&item)?, item)).collect::<Result<_, _>>()?;
        Ok(HistoryPage { entries, end: ended_at(answer.last_evaluated_key)? })
    }

    async fn read_history_of(
        &self,
        id: &CollaboratorId,
        reading: HistoryReading<'_>,
    ) -> Result<HistoryPage, StoreError> {
        let partition = text(&key::history_of(reading.client, id));
        let most = reading.most.map_or(MOST_OF_ONE, |most| most.min(MOST_OF_ONE));
        let query = self
            .index_query(partition.clone())
            .scan_index_forward(false)
            .limit(as_limit(most))
            .set_exclusive_start_key(reading.after.map(|id| {
                let mut start = as_item(&key::history(reading.client, id.as_str()));
                start.insert("gsi1pk".into(), partition);
                start.insert("gsi1sk".into(), text(id.as_str()));
                start
            }));
        let answer = query.send().await.map_err(|error| StoreError::request("Query", error))?;
        let keys = answer.items().iter().map(key_of).collect::<Result<Vec<Key>, _>>()?;
        let items = self.batch_get(keys.iter()).await?.into_iter();
        let mut entries =
            items.map(|(key, item)| recorded(&key, item)).collect::<Result<Vec<_>, _>>()?;
        entries.sort_by(|left, right| right.id.cmp(&left.id));
        Ok(HistoryPage { entries, end: ended_at(answer.last_evaluated_key)? })
    }

    /// A query of one partition of the index, which gives keys alone, as of a moment ago.
    pub(super) fn index_query(&self, partition: AttributeValue) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.name)
            .index_name("gsi1")
            .key_condition_expression("gsi1pk = :pk")
            .expression_attribute_values(":pk", partition)
    }
}

fn as_limit(most: usize) -> i32 {
    i32::try_from(most).unwrap_or(i32::MAX)
}

fn recorded(key: &Key, item: Item) -> Result<Recorded, StoreError> {
    let stored: StoredEntry = parse(key, item)?;
    Ok(Recorded { id: entry_id(key)?, entry: readable(key, stored.into_domain())? })
}

fn ended_at(last: Option<Item>) -> Result<Option<EntryId>, StoreError> {
    last.map(|item| entry_id(&key_of(&item)?)).transpose()
}

fn entry_id(key: &Key) -> Result<EntryId, StoreError> {
    EntryId::parse(&key.sk).ok_or_else(|| corrupt(key, "a key that this service does not write"))
}
