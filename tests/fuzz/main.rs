//! Fuzzing: what comes from outside as bytes, against laws.
//!
//! Each target has a corpus of its own below `__fuzz__`, whose files say by their names what they are. `cargo test`
//! replays it, then tries a bounded number of inputs beside it; `CONTRIBUTING.md` has the command for a longer hunt.
#![expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a helper of these tests fails a test by panicking, as the tests themselves do"
)]

mod api_event;
mod email;
mod hunt;
mod scene;
mod scope;
mod ses_event;
mod stream_record;
mod token;
