//! The events that wake `deliver`: a batch of the table's stream, or EventBridge's schedule.

use coulisses_aws::table::key::{self, Key};
use serde::{Deserialize, Serialize};

/// What woke the function.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Event {
    /// New rows, by the table's stream.
    Stream {
        /// The records.
        #[serde(rename = "Records")]
        records: Vec<Record>,
    },
    /// The sweep.
    Schedule {
        /// What is to be swept.
        #[serde(default)]
        detail: Detail,
    },
}

/// What is to be swept.
#[derive(Debug, Default, Deserialize)]
pub struct Detail {
    /// How old a row must be; two minutes if it is not said.
    #[serde(rename = "olderThanSeconds")]
    pub older_than_seconds: Option<u64>,
}

/// A record of the stream: the keys alone, as the stream holds no images.
#[derive(Debug, Deserialize)]
pub struct Record {
    #[serde(rename = "eventName")]
    event_name: String,
    dynamodb: Changed,
}

#[derive(Debug, Deserialize)]
struct Changed {
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
    /// The new row of the outbox; `None` for anything else.
    #[must_use]
    pub fn outbox_row(&self) -> Option<Key> {
        let Keys { pk, sk } = &self.dynamodb.keys;
        let is_new_row = self.event_name == "INSERT" && key::is_outbox(&pk.text);
        is_new_row.then(|| Key { pk: pk.text.clone(), sk: sk.text.clone() })
    }
}

/// Which records of a batch failed: only these are handed over again.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchAnswer {
    /// The failed records.
    pub batch_item_failures: Vec<Failed>,
}

/// A record that failed.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failed {
    item_identifier: String,
}

impl From<Record> for Failed {
    fn from(record: Record) -> Self {
        Self { item_identifier: record.dynamodb.sequence_number }
    }
}
