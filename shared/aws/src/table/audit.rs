//! The seat audit: the registry of clients, the figures of each day and the repair of the seat count.

use std::{collections::BTreeSet, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::{
    audit::{Figures, Repair},
    scope::ClientId,
    time::{Day, Timestamp},
};
use serde::{Deserialize, Serialize};

use futures_util::future::try_join_all;

use super::{
    StoreError, Table,
    any_item::{Item, key_of, parse},
    history::as_limit,
    key::{self, Key, SHARDS},
    query::first_page,
    update::{Expression, number, text},
};

/// How many clients are looked up in a second. Each is a read unit of the table, and checks need the table too.
const A_SECOND: usize = 1_000;

/// The figures of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Audited {
    /// When the last audit of the day ran.
    pub at: Timestamp,
    /// What that audit found, and what was swept and repaired on the whole day.
    pub figures: Figures,
}

/// The figures of a day, as stored.
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
    /// Lists the clients of the deployment from the index: one call for each shard and megabyte.
    ///
    /// The index is eventually consistent and only lists them. An entry that cannot be read is an error in the list, so
    /// that the others are still audited.
    ///
    /// # Errors
    /// [`StoreError`] if a call fails.
    pub async fn clients(&self) -> Result<Vec<Result<ClientId, StoreError>>, StoreError> {
        let mut clients = Vec::new();
        for shard in 0..SHARDS {
            let keys = self.query_index(&key::registry_shard(shard)).await?;
            clients.extend(keys.iter().map(key::client_of));
        }
        Ok(clients)
    }

    /// A page of the clients of the deployment, in the order of the registry, after the client `after`: one call for each
    /// shard that is left, side by side. Some 20 read units for a page of 100.
    ///
    /// The index is eventually consistent: a client of the last moments may be missing.
    ///
    /// # Errors
    /// [`StoreError`] if a call fails or an entry cannot be read.
    pub async fn clients_after(
        &self,
        after: Option<&ClientId>,
        most: usize,
    ) -> Result<Vec<ClientId>, StoreError> {
        let first = after.map_or(0, key::shard_of);
        let reads = (first..SHARDS).map(|shard| {
            let mut query = self.index_query(&key::registry_shard(shard)).limit(as_limit(most));
            if let Some(after) = after.filter(|_| shard == first) {
                query = query
                    .key_condition_expression("gsi1pk = :pk AND gsi1sk > :after")
                    .expression_attribute_values(":after", text(after.as_str()));
            }
            first_page(query)
        });
        let mut clients = Vec::new();
        for page in try_join_all(reads).await? {
            for item in page.items() {
                clients.push(key::client_of(&key_of(item)?)?);
            }
        }
        clients.truncate(most);
        Ok(clients)
    }

    /// Returns those of `clients` that were audited on `day`: one call for each hundred, ten side by side each second.
    ///
    /// # Errors
    /// [`StoreError`] if a call fails or the table stays busy.
    pub async fn audited_on(
        &self,
        day: Day,
        clients: &[ClientId],
    ) -> Result<BTreeSet<ClientId>, StoreError> {
        let mut found = BTreeSet::new();
        for (second, some) in clients.chunks(A_SECOND).enumerate() {
            if second > 0 {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            let keys: Vec<Key> = some.iter().map(|client| key::audit(client, day)).collect();
            found.extend(self.batch_get(keys.iter()).await?.into_iter().map(|(key, _)| key.pk));
        }
        Ok(clients.iter().filter(|client| found.contains(&key::audits(client))).cloned().collect())
    }

    /// Corrects `seats.used`. Returns `false` if a seat was taken or released after the count.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails.
    pub async fn repair(&self, repair: &Repair) -> Result<bool, StoreError> {
        let mut expression = Expression::default();
        // `used` may have changed and changed back; `seq` only grows.
        expression.require("seats.seq", AttributeValue::N(repair.seq().to_string()));
        expression.set("seats.used", number(repair.counted().into()));
        expression.add("seats.seq", 1);
        Ok(self.update_if(&key::client(repair.client()), expression).await?.is_done())
    }

    /// Adds an audit of `client` to the figures of its day. Counts that were found replace the earlier ones; sweeps and
    /// repairs are added up. Nothing changes if this audit, or a later one, is already included.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails.
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
            // Keeps the drift that an earlier audit of the day found.
            expression.add_from_none("drift", 0);
        } else {
            expression.set("drift", number(figures.drift));
        }
        expression.add_from_none("repaired", figures.repaired.into());
        expression.add_from_none("expiredInvitations", figures.expired_invitations.into());
        expression.add_from_none("expiredGrants", figures.expired_grants.into());
        self.update_if(&key::audit(client, at.day()), expression).await.map(drop)
    }

    /// Reads the figures of the last day on which `client` was audited.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails or the item cannot be read.
    pub async fn last_audit(&self, client: &ClientId) -> Result<Option<Audited>, StoreError> {
        let query = self.partition_query(&key::audits(client)).scan_index_forward(false).limit(1);
        let last = first_page(query).await?.items.into_iter().flatten().next();
        let read = |item: Item| Ok(parse::<StoredAudit>(&key_of(&item)?, item)?.into());
        last.map(read).transpose()
    }
}
