//! Answers that are kept for a day, so that whoever asks the same again gets the same, and nothing is done twice.

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::{scope::ClientId, time::DAY, time::Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    StoreError, Table,
    key::{self, Key},
    load::{is_past, key_of, parse},
};

/// How long an answer is kept (`api.md`, `Idempotency-Key`).
const KEPT_FOR: Duration = DAY;

/// An answer that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedResponse {
    /// The hash of what was asked.
    pub payload: String,
    /// What was answered, as whoever keeps it wrote it.
    pub answer: String,
}

/// Which part of a request an answer is to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// All of it.
    Whole,
    /// One item of a batch, counted from 0.
    Item(usize),
}

/// An answer to be kept in the very transaction that it tells of.
#[derive(Clone, Debug)]
pub struct ResponseToSave<'a> {
    /// The client.
    pub client: &'a ClientId,
    /// The hash of who asked what under which key.
    pub digest: &'a str,
    /// Which part of the request it answers.
    pub slot: Slot,
    /// The answer.
    pub kept: SavedResponse,
}

impl ResponseToSave<'_> {
    pub(super) fn key(&self) -> Key {
        key::answer(self.client, self.digest, self.slot)
    }
}

/// A kept answer, as it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredAnswer {
    v: u8,
    payload: String,
    answer: String,
    ttl: i64,
}

impl StoredAnswer {
    pub(super) fn new(kept: &SavedResponse, now: Timestamp) -> Self {
        let SavedResponse { payload, answer } = kept.clone();
        Self { v: 1, payload, answer, ttl: now.after(KEPT_FOR).seconds() }
    }
}

impl Table {
    /// The answers that are kept under `digest`, read consistently in one trip; those past a day are absent.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer, or holds what cannot be read.
    pub async fn saved_responses(
        &self,
        client: &ClientId,
        digest: &str,
        now: Timestamp,
    ) -> Result<BTreeMap<Slot, SavedResponse>, StoreError> {
        let query = self
            .client
            .query()
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(key::answers(client, digest)));
        let mut answers = BTreeMap::new();
        for item in self.query_all(query).await? {
            if is_past(&item, now) {
                continue;
            }
            let key = key_of(&item)?;
            let StoredAnswer { payload, answer, .. } = parse(&key, item)?;
            answers.insert(key::slot(&key)?, SavedResponse { payload, answer });
        }
        Ok(answers)
    }
}
