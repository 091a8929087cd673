//! The tests of the functions, on the real emulator.

mod invite;
mod invite_again;
mod invite_refusals;
mod invite_seats;
mod journey;
mod support;
