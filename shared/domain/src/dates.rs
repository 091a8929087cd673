//! When events and communities take place.

use crate::{look::TimeZoneName, time::Timestamp};

/// When an event or a community takes place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dates {
    /// Its start.
    pub starts_at: Option<Timestamp>,
    /// Its end, after its start.
    pub ends_at: Option<Timestamp>,
    /// The time zone of its place; `None` for that of the client.
    pub time_zone: Option<TimeZoneName>,
}

impl Dates {
    /// Whether it ends after it starts, as far as both are known.
    #[must_use]
    pub fn are_in_order(&self) -> bool {
        self.starts_at.zip(self.ends_at).is_none_or(|(starts_at, ends_at)| starts_at < ends_at)
    }
}
