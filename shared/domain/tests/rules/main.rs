//! The rules of access, tested from outside the crate: one module for each command, and properties of all.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a helper of these tests fails a test by panicking, as the tests themselves do"
)]

mod accept;
mod access;
mod announce;
mod assign_role;
mod audit;
mod callers;
mod change_email;
mod check;
mod collaborators;
mod effects;
mod erase;
mod escalation;
mod expire;
mod grid;
mod grid_order;
mod history;
mod history_view;
mod import;
mod invite;
mod laws;
mod login;
mod mail_retry;
mod mails;
mod prelude;
mod provision;
mod recipients;
mod resend;
mod revoke;
mod suspend;
mod transfer;
mod unbind;
mod words;
mod world;
