//! The tests that drive the whole stack. They run apart from the others, since they need both cores.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of these tests fails a test by panicking, as the tests themselves do"
)]

mod clients;
mod contract;
mod import;
mod journey;
mod python;
mod stack;
