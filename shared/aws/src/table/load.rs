//! Reads everything that a decision needs in one consistent trip.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::KeysAndAttributes;
use coulisses_domain::{
    client::Client,
    client_rules::ClientRules,
    collaborator::Collaborator,
    decision::Decision,
    history::view::EntryId,
    ids::CollaboratorId,
    mail_quota::MailCounter,
    scope::{ClientId, Scope, ScopeId},
    time::Timestamp,
};
use futures_util::future::try_join_all;
use tokio::time::Instant;

use super::{
    StoreError, Table,
    any_item::{AnyItem, Item, as_item, is_past, key_of, parse, readable},
    client_rules::StoredRules,
    collaborator::StoredCollaborator,
    item::{StoredClient, StoredCounter, StoredScope},
    key::{self, Key},
    wait_before_retry,
};

/// The most keys in one `BatchGetItem`.
const MOST_KEYS: usize = 100;

/// The records of one client that are read together.
#[derive(Clone, Debug)]
pub struct Reading<'a> {
    /// The client, whose own item is always read.
    pub client: &'a ClientId,
    /// Audiences, events and communities.
    pub scopes: Vec<&'a ScopeId>,
    /// Collaborators.
    pub collaborators: Vec<&'a CollaboratorId>,
    /// Collaborators whose mail counters are read.
    pub counters: Vec<&'a CollaboratorId>,
}

/// The records of one client. A record past its time to live is absent.
#[derive(Clone, Debug, Default)]
pub struct ClientRecords {
    /// The client.
    pub client: Option<Client>,
    /// Whether each grant of the client has its row. Always true of a client that this version created.
    pub listed: bool,
    /// The last history entry with pointers. All earlier entries have them too.
    pub indexed: Option<EntryId>,
    /// Its rules, also in `client`.
    pub rules: ClientRules,
    /// Audiences, events and communities.
    pub scopes: BTreeMap<ScopeId, Scope>,
    /// Collaborators.
    pub collaborators: BTreeMap<CollaboratorId, Collaborator>,
    /// Mail counters.
    pub counters: BTreeMap<CollaboratorId, MailCounter>,
}

impl Table {
    /// Reads these records consistently, in one trip. A key that is named twice is read once.
    ///
    /// If access to events of the client can end, a second trip reads the other events that the collaborators have grants on.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, stays busy, or holds an unreadable record.
    pub async fn read(
        &self,
        reading: Reading<'_>,
        now: Timestamp,
    ) -> Result<ClientRecords, StoreError> {
        let mut found = self.read_without_events(reading, now).await?;
        self.read_events(&mut found, now).await?;
        Ok(found)
    }

    /// Reads these records consistently, always in one trip. Grants on events that are not among them give nothing, if access to
    /// events of the client can end.
    ///
    /// # Errors
    /// Those of [`Table::read`].
    pub async fn read_without_events(
        &self,
        reading: Reading<'_>,
        now: Timestamp,
    ) -> Result<ClientRecords, StoreError> {
        let client = reading.client;
        let collaborators = |id: &&CollaboratorId| {
            (key::collaborator(client, id), Named::Collaborator((*id).clone()))
        };
        let counter =
            |id: &&CollaboratorId| (key::counter(client, id), Named::Counter((*id).clone()));
        let own = [(key::client(client), Named::Client), (key::client_rules(client), Named::Rules)];
        let wanted: HashMap<Key, Named> = own
            .into_iter()
            .chain(
                reading
                    .scopes
                    .iter()
                    .map(|scope| (key::scope(scope), Named::Scope((*scope).clone()))),
            )
            .chain(reading.collaborators.iter().map(collaborators))
            .chain(reading.counters.iter().map(counter))
            .collect();
        let items = self.batch_get(wanted.keys()).await?;
        let mut found = ClientRecords::default();
        for (key, item) in items {
            if let Some(named) = wanted.get(&key) {
                found.take(client, named, &key, item, now)?;
            }
        }
        Ok(found.resolved())
    }

    /// Reads the events that grants of the collaborators can end with and that were not read, in one trip; without any, it
    /// makes no call.
    pub(super) async fn read_events(
        &self,
        found: &mut ClientRecords,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let unread = found.collaborators.values().flat_map(Collaborator::unread_events);
        let unread: BTreeSet<ScopeId> = unread.cloned().collect();
        let Some(client) = unread.first().map(ScopeId::client) else { return Ok(()) };
        let wanted: HashMap<Key, ScopeId> =
            unread.into_iter().map(|event| (key::scope(&event), event)).collect();
        for (key, item) in self.batch_get(wanted.keys()).await? {
            if let Some(event) = wanted.get(&key) {
                found.take(&client, &Named::Scope(event.clone()), &key, item, now)?;
            }
        }
        found.resolve();
        Ok(())
    }

    /// Reads collaborators of a client: in parallel calls of 100, consistently or for half the price.
    pub(super) async fn read_collaborators(
        &self,
        client: &ClientId,
        ids: &BTreeSet<&CollaboratorId>,
        consistently: bool,
        now: Timestamp,
    ) -> Result<BTreeMap<CollaboratorId, Collaborator>, StoreError> {
        let wanted: HashMap<Key, &CollaboratorId> =
            ids.iter().map(|id| (key::collaborator(client, id), *id)).collect();
        let mut found = ClientRecords::default();
        for (key, item) in self.batch_get_as(wanted.keys(), consistently).await? {
            if let Some(id) = wanted.get(&key) {
                found.take(client, &Named::Collaborator((*id).clone()), &key, item, now)?;
            }
        }
        Ok(found.collaborators)
    }

    /// Gets items by distinct keys, consistently, in parallel calls of 100 keys each.
    pub(super) async fn batch_get<'a>(
        &self,
        keys: impl Iterator<Item = &'a Key>,
    ) -> Result<Vec<(Key, Item)>, StoreError> {
        self.batch_get_as(keys, true).await
    }

    pub(super) async fn batch_get_as<'a>(
        &self,
        keys: impl Iterator<Item = &'a Key>,
        consistently: bool,
    ) -> Result<Vec<(Key, Item)>, StoreError> {
        let keys: Vec<Item> = keys.map(as_item).collect();
        let deadline = self.deadline();
        let calls = keys.chunks(MOST_KEYS);
        let calls = calls.map(|some| self.batch_get_some(some.to_vec(), consistently, deadline));
        Ok(try_join_all(calls).await?.into_iter().flatten().collect())
    }

    /// Gets items by key in one call. Unprocessed keys are requested again until the deadline; they never count as absent.
    async fn batch_get_some(
        &self,
        mut wanted: Vec<Item>,
        consistently: bool,
        deadline: Instant,
    ) -> Result<Vec<(Key, Item)>, StoreError> {
        let mut got = Vec::new();
        for tries in 0.. {
            let request = KeysAndAttributes::builder()
                .set_keys(Some(std::mem::take(&mut wanted)))
                .consistent_read(consistently)
                .build()
                .map_err(|error| StoreError::request("BatchGetItem", error))?;
            let answer = self
                .dynamodb
                .batch_get_item()
                .request_items(&self.name, request)
                .send()
                .await
                .map_err(|error| StoreError::request("BatchGetItem", error))?;
            for item in answer.responses.into_iter().flat_map(HashMap::into_values).flatten() {
                got.push((key_of(&item)?, item));
            }
            let left = answer.unprocessed_keys.unwrap_or_default();
            wanted.extend(left.into_values().flat_map(|left| left.keys));
            if wanted.is_empty() {
                break;
            }
            wait_before_retry(tries, deadline).await?;
        }
        Ok(got)
    }
}

/// The kind of an item, by its key.
pub(super) enum Named {
    Client,
    Rules,
    Scope(ScopeId),
    Collaborator(CollaboratorId),
    Counter(CollaboratorId),
}

impl ClientRecords {
    /// Replaces the client, the scopes, and the records of the collaborators `read` with those that were read `again`.
    pub fn replace<'a>(&mut self, again: Self, read: impl IntoIterator<Item = &'a CollaboratorId>) {
        for id in read {
            self.collaborators.remove(id);
            self.counters.remove(id);
        }
        self.client = again.client;
        self.rules = again.rules;
        self.scopes = again.scopes;
        self.collaborators.extend(again.collaborators);
        self.counters.extend(again.counters);
    }

    /// Adds the client's rules to the client, and what they say to the grants that were read with them. Every reading of
    /// collaborators ends with this; a grant of a role of the client, or one that ends with an event, gives nothing until then.
    pub(super) fn resolved(mut self) -> Self {
        if let Some(client) = &mut self.client {
            client.rules = self.rules.clone();
        }
        self.resolve();
        self
    }

    fn resolve(&mut self) {
        let (rules, scopes) = (&self.rules, &self.scopes);
        self.collaborators.values_mut().for_each(|it| rules.resolve(it, scopes));
    }

    /// Applies a decision that was written to the records that were read.
    pub fn apply(&mut self, decision: &Decision) {
        if let Some(change) = decision.client() {
            self.client = change.outcome().cloned();
        }
        if let Some(change) = decision.rules() {
            self.rules = change.outcome().cloned().unwrap_or_default();
            if let Some(client) = &mut self.client {
                client.rules.clone_from(&self.rules);
            }
        }
        for change in decision.scopes() {
            note(&mut self.scopes, change.record().id.clone(), change.outcome());
        }
        for change in decision.collaborators() {
            note(&mut self.collaborators, change.record().id.clone(), change.outcome());
        }
        for change in decision.counters() {
            let id = change.record().collaborator.clone();
            note(&mut self.counters, id, change.outcome());
        }
    }

    pub(super) fn take(
        &mut self,
        client: &ClientId,
        named: &Named,
        key: &Key,
        item: impl AnyItem,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if is_past(&item, now) {
            return Ok(());
        }
        match named {
            Named::Client => {
                self.listed = item.is_listed();
                self.indexed = item.indexed().and_then(EntryId::parse);
                let stored: StoredClient = parse(key, item)?;
                self.client = Some(readable(key, stored.into_domain(client.clone()))?);
            }
            Named::Rules => {
                let stored: StoredRules = parse(key, item)?;
                self.rules = readable(key, stored.into_domain())?;
            }
            Named::Scope(id) => {
                let stored: StoredScope = parse(key, item)?;
                self.scopes.insert(id.clone(), readable(key, stored.into_domain(id.clone()))?);
            }
            Named::Collaborator(id) => {
                let stored: StoredCollaborator = parse(key, item)?;
                self.collaborators.insert(
                    id.clone(),
                    readable(key, stored.into_domain(client.clone(), id.clone()))?,
                );
            }
            Named::Counter(id) => {
                let stored: StoredCounter = parse(key, item)?;
                let counter = stored.into_domain(client.clone(), id.clone());
                self.counters.insert(id.clone(), readable(key, counter)?);
            }
        }
        Ok(())
    }
}

fn note<K: Ord, V: Clone>(map: &mut BTreeMap<K, V>, key: K, record: Option<&V>) {
    match record {
        Some(record) => map.insert(key, record.clone()),
        None => map.remove(&key),
    };
}
