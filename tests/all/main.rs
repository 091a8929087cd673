//! The tests of the functions, on the real emulator.

mod accept;
mod assign_role;
mod invite;
mod invite_again;
mod invite_refusals;
mod invite_seats;
mod journey;
mod list_access;
mod list_pages;
mod record_login;
mod resend;
mod support;
