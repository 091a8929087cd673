//! The test harness: runs the functions in-process on a DynamoDB emulator, behind the routes of the template.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::panic,
    clippy::return_self_not_must_use,
    clippy::string_slice,
    reason = "a test that cannot be set up must fail at once, and only tests use this crate"
)]

mod answer;
mod bus;
mod contract;
mod event;
mod faults;
mod limited;
mod logs;
mod mails;
mod policy;
mod principal;
mod process;
mod recorder;
mod request;
mod seed;
mod stopwatch;
mod table;
mod template;
mod timed;
mod weakness;
mod world;

pub use answer::Answer;
pub use bus::{EventBus, PublishedEvent};
pub use contract::{Contract, Operation};
pub use faults::Fault;
pub use limited::ReadLimits;
pub use logs::Logs;
pub use mails::{SentMail, Ses};
pub use policy::{TablePermission, unused_permissions};
pub use principal::Principal;
pub use recorder::{Gate, ItemAccess, Trip};
pub use request::Request;
pub use seed::{Item, grant_row, text};
pub use table::{TABLE, age_last_mail};
pub use template::{Route, Template};
pub use timed::{TimedWorld, Timing};
pub use weakness::conditions;
pub use world::{CONSOLE_URL, ID_KEY, Snapshot, World};

/// Locks a mutex even if a test panicked meanwhile.
pub(crate) fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
