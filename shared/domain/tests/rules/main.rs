//! The rules of access, tested from outside the crate: one module for each command, and properties of all.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a helper of these tests fails a test by panicking, as the tests themselves do"
)]
#![cfg_attr(
    not(shipped_catalogue),
    expect(
        dead_code,
        unused_imports,
        reason = "the tests that need them name the shipped catalogue"
    )
)]

mod agreement;
mod collaborators;
mod commands;
mod ends;
mod escalation;
mod laws;
mod passing;
mod prelude;
mod world;

// Tests that name roles and permissions of the shipped catalogue.
#[cfg(shipped_catalogue)]
mod accept;
#[cfg(shipped_catalogue)]
mod access;
#[cfg(shipped_catalogue)]
mod announce;
#[cfg(shipped_catalogue)]
mod assign_role;
#[cfg(shipped_catalogue)]
mod audit;
#[cfg(shipped_catalogue)]
mod callers;
#[cfg(shipped_catalogue)]
mod change_email;
#[cfg(shipped_catalogue)]
mod check;
#[cfg(shipped_catalogue)]
mod effects;
#[cfg(shipped_catalogue)]
mod ending_team;
#[cfg(shipped_catalogue)]
mod erase;
#[cfg(shipped_catalogue)]
mod event_ends;
#[cfg(shipped_catalogue)]
mod expire;
#[cfg(shipped_catalogue)]
mod grid;
#[cfg(shipped_catalogue)]
mod grid_order;
#[cfg(shipped_catalogue)]
mod history;
#[cfg(shipped_catalogue)]
mod history_view;
#[cfg(shipped_catalogue)]
mod import;
#[cfg(shipped_catalogue)]
mod invite;
#[cfg(shipped_catalogue)]
mod login;
#[cfg(shipped_catalogue)]
mod mail_retry;
#[cfg(shipped_catalogue)]
mod mails;
#[cfg(shipped_catalogue)]
mod provision;
#[cfg(shipped_catalogue)]
mod recipients;
#[cfg(shipped_catalogue)]
mod resend;
#[cfg(shipped_catalogue)]
mod revoke;
#[cfg(shipped_catalogue)]
mod suspend;
#[cfg(shipped_catalogue)]
mod transfer;
#[cfg(shipped_catalogue)]
mod unbind;
#[cfg(shipped_catalogue)]
mod waiting;
#[cfg(shipped_catalogue)]
mod words;
