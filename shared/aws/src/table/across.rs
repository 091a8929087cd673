//! Reading several clients at once: what questions about people need, and nothing else.

use std::collections::{BTreeMap, HashMap};

use coulisses_domain::{ids::CollaboratorId, scope::ClientId, time::Timestamp};

use super::{
    ClientRecords, StoreError, Table,
    key::{self, Key},
    load::Named,
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
    /// A client without any record is absent from the result.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, stays busy, or holds what cannot be read.
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
        Ok(found)
    }

    /// The clients that know an address, by its key of the index, as of a moment ago: what there is in each must be read.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, or holds what cannot be read.
    pub async fn clients_of(&self, address: &str) -> Result<Vec<ClientId>, StoreError> {
        let keys = self.query_index(&key::address(address)).await?;
        keys.iter().map(key::client_of).collect()
    }
}
