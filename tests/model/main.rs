//! A Stateright model of the protocol, checked exhaustively, and random histories replayed against the code.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of these tests fails a test by panicking, as the tests themselves do"
)]

mod canonical;
mod checks;
mod guards;
mod histories;
mod machine;
mod mail;
mod plan;
mod properties;
mod real;
mod refusal;
mod rules;
mod table;
mod waiting;
