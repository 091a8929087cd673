//! How an error is told: the sentence and what caused it, in one line.

use std::error::Error;

/// The error and all its sources, joined by colons.
pub fn chain(error: &dyn Error) -> String {
    let mut told = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        told.push_str(": ");
        told.push_str(&cause.to_string());
        source = cause.source();
    }
    told
}
