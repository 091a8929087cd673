//! Waiting for a seat.

use super::Account;
use crate::{actor::Actor, text::Message, time::Timestamp};

/// A person for whom no seat was free. It has what is needed to give them one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Who put them on the list.
    pub by: Actor,
    /// When.
    pub since: Timestamp,
    /// What a seat makes of them.
    pub admission: Admission,
}

/// What a seat makes of a person who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admission {
    /// They are invited, with the inviter's message.
    Invitation(Option<Message>),
    /// They are imported.
    Import {
        /// Their account: with it they are active at once, without it pending.
        account: Option<Account>,
        /// How many days a pending person has to log in.
        pending_days: u16,
        /// Whether the usual mail is sent.
        notify: bool,
    },
}
