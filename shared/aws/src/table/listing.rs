//! Who has a grant where: a row for each grant, so that a list reads the rows of its scopes and the records that they
//! name, instead of the whole client (docs/storage.md#rows-of-grants).
//!
//! INVARIANT: no grant without its row. A row is written in the transaction that gives the grant, or before it. It stays
//! when the grant goes, because it decides nothing: a list shows a record only for the grants in it. The daily audit
//! removes such rows.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use coulisses_domain::{
    collaborator::Collaborator,
    decision::Change,
    facts::Facts,
    ids::CollaboratorId,
    scope::{ClientId, ScopeId},
    time::Timestamp,
};
use futures_util::{StreamExt, TryStreamExt, future::try_join_all, stream};

use super::{
    ClientRecords, CommitError, StoreError, Table,
    any_item::{Item, as_item},
    history::as_limit,
    key::{self, Key},
    load::Named,
    raw::{RawItem, all_raw_pages, raw_page},
    update::{Expression, number, text},
};

/// How many items are written or removed at the same time by an audit.
const AT_ONCE: usize = 8;

/// A row: a grant on a scope, whose record may have lost it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GrantRow {
    /// The key of the collaborator's address. Lists are in this order.
    pub address: String,
    /// The collaborator.
    pub id: CollaboratorId,
    /// The scope.
    pub scope: ScopeId,
}

impl GrantRow {
    fn read(client: &ClientId, item: &RawItem) -> Result<Self, StoreError> {
        let key = item.key();
        let (scope, id) = key::granted(client, &key)?;
        let address = item.gsi1sk().ok_or_else(|| key::unknown(&key))?;
        Ok(Self { address: address.to_owned(), id, scope })
    }

    fn key(&self) -> Key {
        key::grant(&self.scope, &self.id)
    }

    /// The attributes, without the key.
    fn item(&self) -> Item {
        Item::from([
            ("v".to_owned(), number(1)),
            ("gsi1pk".to_owned(), text(&key::grants_in_order(&self.scope.client()))),
            ("gsi1sk".to_owned(), text(&self.address)),
        ])
    }
}

/// The rows of the grants of `collaborator`.
pub fn rows_of(collaborator: &Collaborator) -> impl Iterator<Item = GrantRow> {
    collaborator.grants.keys().map(|scope| GrantRow {
        address: collaborator.email.key().to_owned(),
        id: collaborator.id.clone(),
        scope: scope.clone(),
    })
}

/// The rows that a change of a record needs: those of its new grants.
pub(super) fn new_rows(change: &Change<Collaborator>) -> Vec<GrantRow> {
    match change {
        Change::Check(_) | Change::Delete(_) => Vec::new(),
        Change::Create(after) => rows_of(after).collect(),
        Change::Update { before, after } => {
            rows_of(after).filter(|row| !before.grants.contains_key(&row.scope)).collect()
        }
    }
}

impl Table {
    /// Reads the rows at `at` and above it, and with `below` those below it, consistently: one call for each level and
    /// megabyte, in parallel.
    ///
    /// # Errors
    /// [`StoreError`] if a call fails or a row cannot be read.
    pub async fn read_rows(
        &self,
        at: &ScopeId,
        below: bool,
    ) -> Result<BTreeSet<GrantRow>, StoreError> {
        let client = at.client();
        let mut prefixes: Vec<String> = std::iter::successors(Some(at.clone()), ScopeId::parent)
            .map(|scope| key::grants_on(&scope))
            .collect();
        if below {
            prefixes.push(key::grants_below(at));
        }
        let reads = prefixes.iter().map(|prefix| {
            let query = self
                .partition_query(&key::grants(&client))
                .key_condition_expression("pk = :pk AND begins_with(sk, :start)")
                .expression_attribute_values(":start", text(prefix));
            all_raw_pages(query)
        });
        let items = try_join_all(reads).await?.into_iter().flatten();
        items.map(|item| GrantRow::read(&client, &item)).collect()
    }

    /// Reads the first `most` rows of a client in the order of addresses, after the address `after`: one call, of the
    /// index, so a row of the last moments may be missing.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails or a row cannot be read.
    pub async fn rows_in_order(
        &self,
        client: &ClientId,
        after: Option<&str>,
        most: usize,
    ) -> Result<Vec<GrantRow>, StoreError> {
        let mut query = self.index_query(&key::grants_in_order(client)).limit(as_limit(most));
        if let Some(after) = after {
            query = query
                .key_condition_expression("gsi1pk = :pk AND gsi1sk > :after")
                .expression_attribute_values(":after", text(after));
        }
        let page = raw_page(query).await?;
        page.items.iter().map(|item| GrantRow::read(client, item)).collect()
    }

    pub(super) fn grant_action(&self, row: &GrantRow) -> Result<TransactWriteItem, StoreError> {
        self.put(&row.key(), row.item(), Expression::default())
    }

    /// Writes rows outside of a transaction. A row without a grant is harmless, so this may come before the grant.
    ///
    /// # Errors
    /// [`StoreError`] if a call fails.
    pub async fn write_rows(&self, rows: &[GrantRow]) -> Result<(), StoreError> {
        let item = |row: &GrantRow| row.item().into_iter().chain(as_item(&row.key())).collect();
        self.put_all(rows.iter().map(item).collect()).await
    }

    /// Writes items in any order, without a condition.
    pub(super) async fn put_all(&self, items: Vec<Item>) -> Result<(), StoreError> {
        let write = |item: Item| async move {
            let put = self.dynamodb.put_item().table_name(&self.name).set_item(Some(item));
            let written = put.send().await.map(drop);
            written.map_err(|error| StoreError::request("PutItem", error))
        };
        stream::iter(items).map(write).buffer_unordered(AT_ONCE).try_collect().await
    }

    /// Removes rows whose grants are gone. A row whose grant was given again meanwhile stays.
    ///
    /// # Errors
    /// [`StoreError`] if a call fails.
    pub async fn remove_rows(&self, rows: &[GrantRow]) -> Result<(), StoreError> {
        let remove = |row: GrantRow| async move {
            let mut no_grant = Expression::default();
            let path = no_grant.path(&format!("grants.{}", row.scope));
            no_grant.require_that(format!("attribute_not_exists({path})"));
            let record = key::collaborator(&row.scope.client(), &row.id);
            let actions =
                [self.check(&record, no_grant)?, self.delete(&row.key(), Expression::default())?];
            match self.transact(&actions).await {
                Ok(()) | Err(CommitError::ConditionFailed) => Ok(()),
                Err(CommitError::Store(error)) => Err(error),
            }
        };
        stream::iter(rows.to_vec()).map(remove).buffer_unordered(AT_ONCE).try_collect().await
    }

    /// Reads the records of `rows` of a client with `seats` used seats, at the lower price of two ways.
    ///
    /// If they are half of the client or more, one consistent query reads them among its first collaborators: a record takes a
    /// quarter of a unit or less. The records after its page, and those of a smaller part, are read by key and eventually
    /// consistently, for half a unit each. One that lacks the grant of its row is read again, consistently: either the grant is
    /// gone, or the record is older than the row. So a list shows every grant that was given before it was requested.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, stays busy, or holds an unreadable record.
    pub async fn read_listed(
        &self,
        client: &ClientId,
        rows: &[GrantRow],
        seats: u32,
        now: Timestamp,
    ) -> Result<BTreeMap<CollaboratorId, Collaborator>, StoreError> {
        let ids: BTreeSet<&CollaboratorId> = rows.iter().map(|row| &row.id).collect();
        // The query costs no more than the keys would, even where many people without a seat come first.
        let most = ids.len() * 2;
        let (mut found, left) = if most >= usize::try_from(seats).unwrap_or(usize::MAX) {
            self.read_among_first(client, &ids, most, now).await?
        } else {
            (BTreeMap::new(), ids)
        };
        found.extend(self.read_collaborators(client, &left, false, now).await?);
        let has_grant = |row: &GrantRow| {
            found.get(&row.id).is_some_and(|record| record.grants.contains_key(&row.scope))
        };
        let rows = rows.iter().filter(|row| left.contains(&row.id));
        let doubtful: BTreeSet<&CollaboratorId> =
            rows.filter(|row| !has_grant(row)).map(|row| &row.id).collect();
        let again = self.read_collaborators(client, &doubtful, true, now).await?;
        found.retain(|id, _| !doubtful.contains(id));
        found.extend(again);
        Ok(found)
    }

    /// Reads the collaborators `ids` among the first `most` of a client, consistently: one call, of a megabyte at most. Returns
    /// them, and the ids after its page.
    async fn read_among_first<'a>(
        &self,
        client: &ClientId,
        ids: &BTreeSet<&'a CollaboratorId>,
        most: usize,
        now: Timestamp,
    ) -> Result<(BTreeMap<CollaboratorId, Collaborator>, BTreeSet<&'a CollaboratorId>), StoreError>
    {
        let query = self
            .partition_query(&key::partition(client))
            .key_condition_expression("pk = :pk AND begins_with(sk, :start)")
            .expression_attribute_values(":start", text(key::COLLABORATORS))
            .limit(as_limit(most));
        let page = raw_page(query).await?;
        let wanted: HashMap<Key, &CollaboratorId> =
            ids.iter().map(|id| (key::collaborator(client, id), *id)).collect();
        let mut found = ClientRecords::default();
        for item in page.items {
            let key = item.key();
            if let Some(id) = wanted.get(&key) {
                found.take(client, &Named::Collaborator((*id).clone()), &key, item, now)?;
            }
        }
        let last = page.last.as_ref().and_then(|last| last.get("sk"));
        let is_left = |key: &Key| last.is_some_and(|last| key.sk > *last);
        let left = wanted.into_iter().filter(|(key, _)| is_left(key)).map(|(_, id)| id);
        Ok((found.collaborators, left.collect()))
    }

    /// Adds to `collaborators` of the client of `facts` what its rules say, as [`ClientRecords`] are read with it. A second trip
    /// reads the events that they have grants on, if access to events of the client can end.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, stays busy, or holds an unreadable record.
    pub async fn resolve(
        &self,
        facts: &Facts,
        collaborators: &mut Vec<Collaborator>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(client) = &facts.client else { return Ok(()) };
        let scopes = facts.scope.iter().map(|scope| (scope.id.clone(), scope.clone())).collect();
        let all = collaborators.drain(..).map(|it| (it.id.clone(), it)).collect();
        let rules = client.rules.clone();
        let records = ClientRecords { rules, scopes, collaborators: all, ..Default::default() };
        let mut records = records.resolved();
        self.read_events(&mut records, now).await?;
        collaborators.extend(records.collaborators.into_values());
        Ok(())
    }

    /// Marks a client whose grants all have rows.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails.
    pub async fn mark_listed(&self, client: &ClientId) -> Result<(), StoreError> {
        let mut expression = Expression::default();
        expression.set("listed", AttributeValue::Bool(true));
        let path = expression.path("pk");
        expression.require_that(format!("attribute_exists({path})"));
        self.update_if(&key::client(client), expression).await.map(drop)
    }

    /// Reads all rows of a client, consistently: one call a megabyte.
    ///
    /// # Errors
    /// [`StoreError`] if a call fails or a row cannot be read.
    pub async fn read_all_rows(&self, client: &ClientId) -> Result<BTreeSet<GrantRow>, StoreError> {
        let items = all_raw_pages(self.partition_query(&key::grants(client))).await?;
        items.iter().map(|item| GrantRow::read(client, item)).collect()
    }
}
