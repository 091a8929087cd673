//! The part of what a command reads that dry runs need.

use coulisses_domain::{
    accept::AcceptFacts, answer::AnswerFacts, caller::Caller, change_email::MoveFacts,
    facts::Facts, time::Timestamp,
};

use crate::table::ClientRecords;

/// The records that a command reads.
pub trait Basis {
    /// The facts of a command at a scope.
    fn facts(&self) -> Option<&Facts>;

    /// The same, to be changed.
    fn facts_mut(&mut self) -> Option<&mut Facts>;
}

impl Basis for Facts {
    fn facts(&self) -> Option<&Facts> {
        Some(self)
    }

    fn facts_mut(&mut self) -> Option<&mut Facts> {
        Some(self)
    }
}

impl<T> Basis for (Facts, T) {
    fn facts(&self) -> Option<&Facts> {
        Some(&self.0)
    }

    fn facts_mut(&mut self) -> Option<&mut Facts> {
        Some(&mut self.0)
    }
}

impl Basis for MoveFacts {
    fn facts(&self) -> Option<&Facts> {
        Some(&self.facts)
    }

    fn facts_mut(&mut self) -> Option<&mut Facts> {
        Some(&mut self.facts)
    }
}

/// An acceptance, which has no dry run.
impl Basis for (AcceptFacts, ClientRecords) {
    fn facts(&self) -> Option<&Facts> {
        None
    }

    fn facts_mut(&mut self) -> Option<&mut Facts> {
        None
    }
}

/// An answer without a login, which has no dry run.
impl Basis for AnswerFacts {
    fn facts(&self) -> Option<&Facts> {
        None
    }

    fn facts_mut(&mut self) -> Option<&mut Facts> {
        None
    }
}

/// A login, which has no dry run.
impl Basis for (Caller, Timestamp) {
    fn facts(&self) -> Option<&Facts> {
        None
    }

    fn facts_mut(&mut self) -> Option<&mut Facts> {
        None
    }
}
