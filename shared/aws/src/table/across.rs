//! Reading several clients at once: what questions about people need, and nothing else.

use std::collections::{BTreeMap, HashMap};

use coulisses_domain::{collaborator::CollaboratorId, scope::ClientId, time::Timestamp};

use super::{
    Found, StoreError, Table,
    key::{self, Key},
    load::{Named, corrupt, key_of},
    update::text,
};

/// What is to be read of one client among several.
#[derive(Clone, Debug, Default)]
pub struct Part<'a> {
    /// Whether the client's own item is wanted.
    pub settings: bool,
    /// Collaborators.
    pub collaborators: Vec<&'a CollaboratorId>,
}

impl Table {
    /// Reads what is named of each client, consistently and side by side; keys named twice are read once.
    ///
    /// A client of which nothing is there is not among those found.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, stays busy, or holds what cannot be read.
    pub async fn read_across(
        &self,
        parts: &BTreeMap<ClientId, Part<'_>>,
        now: Timestamp,
    ) -> Result<BTreeMap<ClientId, Found>, StoreError> {
        let mut wanted: HashMap<Key, (&ClientId, Named)> = HashMap::new();
        for (client, part) in parts {
            if part.settings {
                wanted.insert(key::client(client), (client, Named::Client));
            }
            for id in &part.collaborators {
                let named = Named::User((*id).clone());
                wanted.insert(key::collaborator(client, id), (client, named));
            }
        }
        let items = self.batch_get(wanted.keys()).await?;
        let mut found: BTreeMap<ClientId, Found> = BTreeMap::new();
        for (key, item) in items {
            if let Some((client, named)) = wanted.get(&key) {
                let there = found.entry((*client).clone()).or_default();
                there.take(client, named, &key, item, now)?;
            }
        }
        Ok(found)
    }

    /// The clients that know an address, by its key of the index, as of a moment ago: what there is in each must be read.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, or holds what cannot be read.
    pub async fn clients_of(&self, address: &str) -> Result<Vec<ClientId>, StoreError> {
        let query = self.index_query(text(&key::address(address)));
        let pages = query.into_paginator().items().send();
        let items = pages.collect::<Result<Vec<_>, _>>().await;
        let items = items.map_err(|error| StoreError::request("Query", error))?;
        let client = |item| {
            let key = key_of(item)?;
            key::client_of(&key.pk).ok_or_else(|| corrupt(&key, "a key without its client"))
        };
        items.iter().map(client).collect()
    }
}
