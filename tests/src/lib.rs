//! What the tests of Coulisses share: the functions in-process, on the real emulator, behind the template's own routes.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::string_slice,
    reason = "a test that cannot be set up must fail at once"
)]

mod answer;
mod apart;
mod caller;
mod contract;
mod counting;
mod crowd;
mod event;
mod faults;
mod logs;
mod mails;
mod policy;
mod request;
mod stopwatch;
mod table;
mod template;
mod timed;
mod weakness;
mod world;

pub use answer::Answer;
pub use caller::Who;
pub use contract::{Contract, Operation};
pub use counting::{Gate, Touch, Trip};
pub use crowd::{Item, text};
pub use faults::Fault;
pub use logs::Logs;
pub use mails::{SentMail, Ses};
pub use policy::{Leave, never_done};
pub use request::Request;
pub use table::forget_last_mail;
pub use template::{Route, Template};
pub use timed::{Lap, Timed};
pub use weakness::conditions;
pub use world::{Kept, World};
