//! The audit: which clients there are, which were audited today, what was found, and the repair of a count.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::{
    audit::{Figures, Repair},
    scope::ClientId,
    time::{Day, Timestamp},
};
use serde::{Deserialize, Serialize};

use super::{
    StoreError, Table,
    key::{self, Key, SHARDS},
    load::{Item, key_of, parse},
    update::{Expression, number},
};

/// How many items one trip gets.
const MOST_KEYS: usize = 100;

/// The figures of a day, with when they were last found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audited {
    /// The last audit of the day.
    pub at: Timestamp,
    /// What it found; what was swept and repaired, on the whole day.
    pub figures: Figures,
}

/// The figures of a day as they are stored.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredAudit {
    v: u8,
    at: i64,
    counted: u32,
    drift: i64,
    repaired: u32,
    expired_invitations: u32,
    expired_grants: u32,
    over_limit: bool,
    dormant: u32,
    undeliverable: u32,
}

impl From<StoredAudit> for Audited {
    fn from(stored: StoredAudit) -> Self {
        Self {
            at: Timestamp::from_millis(stored.at),
            figures: Figures {
                counted: stored.counted,
                drift: stored.drift,
                repaired: stored.repaired,
                expired_invitations: stored.expired_invitations,
                expired_grants: stored.expired_grants,
                over_limit: stored.over_limit,
                dormant: stored.dormant,
                undeliverable: stored.undeliverable,
            },
        }
    }
}

impl Table {
    /// The clients of the deployment, by the registry in the index, a trip a shard and megabyte.
    ///
    /// The index only names them, and may be late by a moment: what is decided on is read again. A name that cannot be
    /// read is an error in its place, so that it hides no other.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn clients(&self) -> Result<Vec<Result<ClientId, StoreError>>, StoreError> {
        let mut clients = Vec::new();
        for shard in 0..SHARDS {
            let shard = AttributeValue::S(key::registry_shard(shard));
            let pages = self.index_query(shard).into_paginator();
            let items = pages.items().send().collect::<Result<Vec<Item>, _>>().await;
            let items = items.map_err(|error| StoreError::request("Query", error))?;
            clients.extend(items.iter().map(client_of));
        }
        Ok(clients)
    }

    /// Those of `clients` that were audited on `day`, a trip for each hundred.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, or stays busy.
    pub async fn audited_on(
        &self,
        day: Day,
        clients: &[ClientId],
    ) -> Result<BTreeSet<ClientId>, StoreError> {
        let mut audited = BTreeSet::new();
        for some in clients.chunks(MOST_KEYS) {
            let keys: Vec<Key> = some.iter().map(|client| key::audit(client, day)).collect();
            let found: BTreeSet<String> =
                self.batch_get(keys.iter()).await?.into_iter().map(|(key, _)| key.pk).collect();
            let done = some.iter().filter(|client| found.contains(&key::audits(client)));
            audited.extend(done.cloned());
        }
        Ok(audited)
    }

    /// Puts `used` right; `false` if a seat was taken or given back since it was counted.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn repair(&self, repair: &Repair) -> Result<bool, StoreError> {
        let mut expression = Expression::default();
        // `used` may be again what it was, `seq` never is.
        let seq = AttributeValue::N(repair.seq().to_string());
        expression.require("seats.seq", seq);
        expression.set("seats.used", number(repair.counted().into()));
        expression.add("seats.seq", 1);
        Ok(self.update_if(&key::client(repair.client()), expression).await?.is_done())
    }

    /// Adds an audit of `client` to the figures of its day: what was found takes the place of what was found before,
    /// what was done is added up. An older audit than the last one, or the same one again, changes nothing.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer.
    pub async fn write_audit(
        &self,
        client: &ClientId,
        Audited { at, figures }: Audited,
    ) -> Result<(), StoreError> {
        let mut expression = Expression::default();
        expression.require_before("at", at);
        expression.set("v", number(1));
        expression.set("at", number(at.millis()));
        expression.set("counted", number(figures.counted.into()));
        expression.set("overLimit", AttributeValue::Bool(figures.over_limit));
        expression.set("dormant", number(figures.dormant.into()));
        expression.set("undeliverable", number(figures.undeliverable.into()));
        if figures.drift == 0 {
            // What was found wrong earlier in the day is not forgotten.
            expression.add_from_none("drift", 0);
        } else {
            expression.set("drift", number(figures.drift));
        }
        expression.add_from_none("repaired", figures.repaired.into());
        expression.add_from_none("expiredInvitations", figures.expired_invitations.into());
        expression.add_from_none("expiredGrants", figures.expired_grants.into());
        self.update_if(&key::audit(client, at.day()), expression).await.map(drop)
    }

    /// The figures of the last day on which `client` was audited.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, or holds what cannot be read.
    pub async fn last_audit(&self, client: &ClientId) -> Result<Option<Audited>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(key::audits(client)))
            .scan_index_forward(false)
            .limit(1);
        let answer = query.send().await.map_err(|error| StoreError::request("Query", error))?;
        let last = answer.items.into_iter().flatten().next();
        let read = |item: Item| Ok(parse::<StoredAudit>(&key_of(&item)?, item)?.into());
        last.map(read).transpose()
    }
}

fn client_of(item: &Item) -> Result<ClientId, StoreError> {
    let key = key_of(item)?;
    let client = key.pk.strip_prefix("C#").and_then(|client| ClientId::parse(client).ok());
    client.ok_or_else(|| StoreError::Corrupt {
        pk: key.pk,
        sk: key.sk,
        source: "the registry names what is no client".into(),
    })
}
