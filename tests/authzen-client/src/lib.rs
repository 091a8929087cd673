//! Nothing of its own: `tests/client.rs` is the check.
