//! The codes that were given and not exchanged yet.

use crate::random;
use aws_lc_rs::error::Unspecified;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How long a code lives.
const LIFE: SignedDuration = SignedDuration::from_secs(60);

/// What a code stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The redirection address that it was sent to, letter by letter.
    pub redirect_uri: String,
    /// The hash of the verifier.
    pub challenge: Vec<u8>,
    /// The scopes, separated by spaces.
    pub scope: String,
    /// What the ID token repeats.
    pub nonce: Option<String>,
    /// The address of who signed in.
    pub email: String,
    /// The name.
    pub name: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// The codes.
#[derive(Default)]
pub struct Codes {
    given: Mutex<BTreeMap<String, Granted>>,
}

impl Codes {
    /// Gives a code.
    ///
    /// # Errors
    /// When there is no randomness for it.
    pub fn give(&self, granted: Granted) -> Result<String, Unspecified> {
        let code = random::id()?;
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        given.retain(|_, other| is_alive(other, granted.at));
        given.insert(code.clone(), granted);
        Ok(code)
    }

    /// Takes a code: whoever shows it, rightly or not, has used it up.
    pub fn take(&self, code: &str, now: Timestamp) -> Option<Granted> {
        let granted = self.given.lock().unwrap_or_else(PoisonError::into_inner).remove(code);
        granted.filter(|granted| is_alive(granted, now))
    }
}

fn is_alive(granted: &Granted, now: Timestamp) -> bool {
    now.duration_since(granted.at) < LIFE
}
