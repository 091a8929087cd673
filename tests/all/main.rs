//! The tests of the functions, on the real emulator.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unchecked_time_subtraction,
    clippy::unwrap_used,
    reason = "a helper of these tests fails a test by panicking, as the tests themselves do"
)]

mod accept;
mod anything;
mod assign_role;
mod bodies;
mod check;
mod check_reads;
mod check_security;
mod concurrency;
mod contract;
mod deliver;
mod escalation;
mod history;
mod history_pages;
mod invite;
mod invite_again;
mod invite_refusals;
mod invite_seats;
mod journey;
mod list_access;
mod list_pages;
mod mails;
mod me_access;
mod problems;
mod provision;
mod record_login;
mod resend;
mod revoke;
mod routes;
mod security;
mod support;
mod tidy;
mod trips;
