//! The tests of the functions, on the real emulator.

mod invite;
mod support;
