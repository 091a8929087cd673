//! Responses saved under an idempotency key for 24 hours (docs/storage.md#idempotency).

use std::{collections::BTreeMap, time::Duration};

use coulisses_domain::{scope::ClientId, time::DAY, time::Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    StoreError, Table,
    any_item::{is_past, key_of, parse},
    key::{self, Key},
    query::all_pages,
};

/// How long a response is saved (infra/openapi.yaml, `Idempotency-Key`).
const SAVED_FOR: Duration = DAY;

/// A saved response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedResponse {
    /// The hash of the request's body.
    pub payload: String,
    /// The response as text.
    pub response: String,
    /// Whether the request changed the caller's own access, so that they get the response even without access.
    pub own: bool,
}

/// The part of a request that a response is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// The whole request.
    Whole,
    /// An item of a batch, by its index.
    Item(usize),
}

/// A response to save in the transaction that makes the change.
#[derive(Clone, Debug)]
pub struct ResponseToSave<'a> {
    /// The client.
    pub client: &'a ClientId,
    /// The hashes of the caller, the route and the idempotency key under which it is found.
    pub digests: Vec<&'a str>,
    /// The part of the request that it is for.
    pub slot: Slot,
    /// The response.
    pub saved: SavedResponse,
}

impl ResponseToSave<'_> {
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        self.digests.iter().map(|digest| key::saved_response(self.client, digest, self.slot))
    }
}

/// A saved response, as stored.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredResponse {
    v: u8,
    payload: String,
    /// The first release's name (docs/storage.md#migrations).
    #[serde(rename = "answer")]
    response: String,
    own: Option<bool>,
    ttl: i64,
}

impl StoredResponse {
    pub(super) fn new(saved: &SavedResponse, now: Timestamp) -> Self {
        let SavedResponse { payload, response, own } = saved.clone();
        let own = own.then_some(true);
        Self { v: 1, payload, response, own, ttl: now.after(SAVED_FOR).seconds() }
    }
}

impl Table {
    /// Reads the responses saved under `digest`, consistently in one call. Expired ones are absent.
    ///
    /// # Errors
    /// [`StoreError`] if the call fails or an item cannot be read.
    pub async fn saved_responses(
        &self,
        client: &ClientId,
        digest: &str,
        now: Timestamp,
    ) -> Result<BTreeMap<Slot, SavedResponse>, StoreError> {
        let mut responses = BTreeMap::new();
        let query = self.partition_query(&key::saved_responses(client, digest));
        for item in all_pages(query).await? {
            if is_past(&item, now) {
                continue;
            }
            let key = key_of(&item)?;
            let StoredResponse { payload, response, own, .. } = parse(&key, item)?;
            let own = own.unwrap_or_default();
            responses.insert(key::slot(&key)?, SavedResponse { payload, response, own });
        }
        Ok(responses)
    }
}
