//! Items of any kind: their keys, time to live and shape, before their attributes are read.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::time::Timestamp;
use serde::de::DeserializeOwned;

use super::{StoreError, item::Unreadable, key::Key};

/// An item, as the SDK parsed it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// An item, as the SDK parsed it or as text.
pub(super) trait AnyItem {
    /// Its time to live, in seconds.
    fn ttl(&self) -> Option<i64>;

    /// Whether its shape is of a later version.
    fn is_later(&self) -> bool;

    /// Whether it is a client whose grants all have rows.
    fn is_listed(&self) -> bool;

    /// The last history entry with pointers, of a client.
    fn indexed(&self) -> Option<&str>;

    /// Its attributes. The cause of an error is dropped: it may quote a value, which must not be logged.
    fn decode<T: DeserializeOwned>(self) -> Option<T>;
}

impl AnyItem for Item {
    fn ttl(&self) -> Option<i64> {
        self.get("ttl")?.as_n().ok()?.parse().ok()
    }

    fn is_later(&self) -> bool {
        self.get("v").and_then(|shape| shape.as_n().ok()).is_some_and(|shape| shape != "1")
    }

    fn is_listed(&self) -> bool {
        self.contains_key("listed")
    }

    fn indexed(&self) -> Option<&str> {
        self.get("indexed").and_then(|id| id.as_s().ok()).map(String::as_str)
    }

    fn decode<T: DeserializeOwned>(self) -> Option<T> {
        serde_dynamo::from_item(self).ok()
    }
}

/// Whether the item is past its time to live, which DynamoDB may take days to act on.
pub(super) fn is_past(item: &impl AnyItem, now: Timestamp) -> bool {
    item.ttl().is_some_and(|seconds| seconds <= now.seconds())
}

pub(super) fn as_item(key: &Key) -> Item {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    HashMap::from([("pk".into(), text(&key.pk)), ("sk".into(), text(&key.sk))])
}

pub(super) fn key_of(item: &Item) -> Result<Key, StoreError> {
    let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
    match (text("pk"), text("sk")) {
        (Some(pk), Some(sk)) => Ok(Key { pk, sk }),
        (_, _) => Err(StoreError::request("read", "an item came without its key")),
    }
}

pub(super) fn parse<T: DeserializeOwned>(key: &Key, item: impl AnyItem) -> Result<T, StoreError> {
    if item.is_later() {
        return Err(corrupt(key, "its shape is of a later version"));
    }
    item.decode().ok_or_else(|| corrupt(key, "its attributes are of another shape"))
}

pub(super) fn readable<T>(key: &Key, parsed: Result<T, Unreadable>) -> Result<T, StoreError> {
    parsed.map_err(|error| corrupt(key, error))
}

pub(super) fn corrupt(
    key: &Key,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
    StoreError::Corrupt { pk: key.pk.clone(), sk: key.sk.clone(), source: source.into() }
}
