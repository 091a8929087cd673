//! The events of `deliver`: a batch of the table's stream, or the schedule of the sweep.

use coulisses_aws::stream::Record;
use serde::Deserialize;

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
