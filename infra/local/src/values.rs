//! Small values that many modules need: JSON, ids and the time.

use aws_lc_rs::rand;
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde_json::Value;

/// Removes the entries of an object that are null.
pub fn without_nulls(mut object: Value) -> Value {
    if let Some(entries) = object.as_object_mut() {
        entries.retain(|_, value| !value.is_null());
    }
    object
}

/// A string as it is, and any other value as JSON.
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// An unguessable id of 32 hexadecimal digits.
#[expect(
    clippy::expect_used,
    reason = "AWS-LC aborts the process when the system has no randomness"
)]
pub fn random_id() -> String {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).expect("randomness");
    HEXLOWER.encode(&bytes)
}

/// The current time. No other part of this crate reads the clock.
#[expect(clippy::disallowed_methods, reason = "the local stack runs in real time")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
