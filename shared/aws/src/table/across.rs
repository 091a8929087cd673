//! Reads several clients at once, for permission checks.

use std::collections::{BTreeMap, HashMap};

use coulisses_domain::{
    ids::CollaboratorId,
    scope::{ClientId, ScopeId},
    time::Timestamp,
};
use futures_util::future::try_join_all;

use super::{
    ClientRecords, StoreError, Table,
    key::{self, Key},
    load::Named,
};

/// The records of one client that are read along with those of others.
#[derive(Clone, Debug, Default)]
pub struct Part<'a> {
    /// Whether the client's own item is read.
    pub settings: bool,
    /// Audiences, events and communities.
    pub scopes: Vec<&'a ScopeId>,
    /// Collaborators.
    pub collaborators: Vec<&'a CollaboratorId>,
}

impl Table {
    /// Reads these records of each client, consistently and in parallel. A key that is named twice is read once.
    ///
    /// A client without any record is absent from the result.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, stays busy, or holds an unreadable record.
    pub async fn read_across(
        &self,
        parts: &BTreeMap<ClientId, Part<'_>>,
        now: Timestamp,
    ) -> Result<BTreeMap<ClientId, ClientRecords>, StoreError> {
        let mut wanted: HashMap<Key, (&ClientId, Named)> = HashMap::new();
        for (client, part) in parts {
            if part.settings {
                wanted.insert(key::client(client), (client, Named::Client));
            }
            for scope in &part.scopes {
                wanted.insert(key::scope(scope), (client, Named::Scope((*scope).clone())));
            }
            if !part.collaborators.is_empty() {
                wanted.insert(key::client_rules(client), (client, Named::Rules));
            }
            for id in &part.collaborators {
                let named = Named::Collaborator((*id).clone());
                wanted.insert(key::collaborator(client, id), (client, named));
            }
        }
        let items = self.batch_get(wanted.keys()).await?;
        let mut found: BTreeMap<ClientId, ClientRecords> = BTreeMap::new();
        for (key, item) in items {
            if let Some((client, named)) = wanted.get(&key) {
                let there = found.entry((*client).clone()).or_default();
                there.take(client, named, &key, item, now)?;
            }
        }
        Ok(found.into_iter().map(|(client, records)| (client, records.resolved())).collect())
    }

    /// Reads these records as [`Table::read_across`] does, and the events that the collaborators have grants on: in a second trip,
    /// for clients where access to events can end.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, stays busy, or holds an unreadable record.
    pub async fn read_across_with_events(
        &self,
        parts: &BTreeMap<ClientId, Part<'_>>,
        now: Timestamp,
    ) -> Result<BTreeMap<ClientId, ClientRecords>, StoreError> {
        let mut found = self.read_across(parts, now).await?;
        try_join_all(found.values_mut().map(|records| self.read_events(records, now))).await?;
        Ok(found)
    }

    /// Lists the clients with a record of an address, by its index key. The index is eventually consistent, so the caller
    /// reads each record again.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, or holds an unreadable record.
    pub async fn clients_of(&self, address: &str) -> Result<Vec<ClientId>, StoreError> {
        let keys = self.query_index(&key::address(address)).await?;
        keys.iter().map(key::client_of).collect()
    }
}
