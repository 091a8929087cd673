//! The events of `deliver`: a batch of the table's stream, or the schedule of the sweep.

use coulisses_aws::table::key::{self, Key};
use serde::{Deserialize, Serialize};

/// An event that invokes the function.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// A batch of the table's stream.
    Stream {
        /// The records.
        #[serde(rename = "Records")]
        records: Vec<Record>,
    },
    /// The schedule of the sweep.
    Schedule {
        /// Which rows to sweep.
        #[serde(default)]
        detail: Detail,
    },
}

/// Which rows to sweep.
#[derive(Debug, Default, Deserialize)]
pub struct Detail {
    /// The minimum age of a row; two minutes by default.
    #[serde(rename = "olderThanSeconds")]
    pub older_than_seconds: Option<u64>,
}

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
    /// The key of a new row of the outbox; `None` for any other change.
    #[must_use]
    pub fn outbox_row(&self) -> Option<Key> {
        let Keys { pk, sk } = &self.dynamodb.keys;
        let is_new_row = self.event_name == "INSERT" && key::is_outbox(&pk.text);
        is_new_row.then(|| Key { pk: pk.text.clone(), sk: sk.text.clone() })
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
