//! Fuzzing: untrusted bytes, checked against properties.
//!
//! Each target has a corpus below `__fuzz__`, with descriptive file names. `cargo test` replays the corpus, then tries a
//! bounded number of other inputs; `CONTRIBUTING.md` has the command for longer runs.
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
