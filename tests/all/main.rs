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
mod announce;
mod announce_steps;
mod announce_to;
mod announce_words;
mod anything;
mod assign_role;
mod audit_endings;
mod audit_live;
mod audit_seats;
mod audit_walk;
mod authzen;
mod authzen_interop;
mod authzen_search;
mod bodies;
mod budgets;
mod bulk_invite;
mod bulk_revoke;
mod changes;
mod check;
mod check_reads;
mod check_security;
mod citations;
mod complaints;
mod concurrency;
mod console;
mod console_published;
mod contract;
mod copies;
mod declined;
mod deliver;
mod delivery_status;
mod digests;
mod dry_runs;
mod erase;
mod erase_broken_off;
mod escalation;
mod event_dates;
mod event_ends;
mod event_feed;
mod events;
mod exports;
mod fault_sweep;
mod fixtures;
mod fresh_login;
mod history;
mod history_pages;
mod idempotency;
mod identity;
mod identity_providers;
mod imports;
mod interleavings;
mod invite;
mod invite_again;
mod invite_refusals;
mod invite_seats;
mod invocation;
mod ledger;
mod library;
mod list_access;
mod list_pages;
mod listing;
mod listing_budgets;
mod logs;
mod looks;
mod mail_changes;
mod mail_frames;
mod mail_kinds;
mod mails;
mod matrix;
mod me_access;
mod named_roles;
mod neighbours;
mod operations;
mod platform;
mod policies;
mod problems;
mod promises;
mod provision;
mod races;
mod record_login;
mod refusal_order;

mod reminders;
mod resend;
mod revoke;
mod role_deletion;
mod routes;
mod scenes;
mod scope_roles;
mod scopes_below;
mod security;
mod security_paths;
mod security_shapes;
mod store_answers;
mod support;
mod support_reads;
mod template_properties;
mod texts;
mod tidy;
mod transfer;
mod transfer_refusals;
mod trips;
mod trust;
mod turns;
mod two_versions;
mod waiting_cost;
mod waiting_list;
mod waiting_races;
mod weaknesses;
