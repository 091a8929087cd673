//! The table's stream, as Lambda passes it to a function.

use serde::{Deserialize, Serialize};

use crate::table::key::Key;

/// A record of the stream. It has only keys, because the stream contains no images.
#[derive(Debug, Deserialize)]
pub struct Record {
    #[serde(rename = "eventName")]
    event_name: String,
    dynamodb: StreamRecord,
}

#[derive(Debug, Deserialize)]
struct StreamRecord {
    #[serde(rename = "Keys")]
    keys: Keys,
    #[serde(rename = "SequenceNumber")]
    sequence_number: String,
}

#[derive(Debug, Deserialize)]
struct Keys {
    pk: Text,
    sk: Text,
}

#[derive(Debug, Deserialize)]
struct Text {
    #[serde(rename = "S")]
    text: String,
}

impl Record {
    /// The key of a new item whose partition key `is_wanted`; `None` for any other change.
    #[must_use]
    pub fn inserted(&self, is_wanted: impl FnOnce(&str) -> bool) -> Option<Key> {
        let Keys { pk, sk } = &self.dynamodb.keys;
        let is_new = self.event_name == "INSERT" && is_wanted(&pk.text);
        is_new.then(|| Key { pk: pk.text.clone(), sk: sk.text.clone() })
    }
}

/// The response to a batch. Lambda retries the batch from the first failed record.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    /// The failed records.
    pub batch_item_failures: Vec<BatchItemFailure>,
}

/// A record that failed.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchItemFailure {
    item_identifier: String,
}

impl From<Record> for BatchItemFailure {
    fn from(record: Record) -> Self {
        Self { item_identifier: record.dynamodb.sequence_number }
    }
}
