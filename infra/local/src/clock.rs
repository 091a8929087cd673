//! The one place of this crate where time is read.

use jiff::Timestamp;

/// The present moment.
#[expect(
    clippy::disallowed_methods,
    reason = "the stack on one machine lives in real time; nothing here is a rule"
)]
pub fn now() -> Timestamp {
    Timestamp::now()
}
