//! When a mail that could not be sent is retried, and when it is given up.

use std::time::Duration;

use crate::time::DAY;

/// The first wait. Each further wait is twice as long.
const FIRST_WAIT: Duration = Duration::from_secs(30);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_mins(30);
/// A mail of this age is not retried.
const GIVE_UP_AFTER: Duration = DAY;

/// Why a mail was not accepted by the mail service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailFailure {
    /// This mail is never going to be accepted.
    Permanent,
    /// A later attempt may succeed.
    Transient,
}

/// What happens after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextAttempt {
    /// The mail is sent again after this wait.
    RetryAfter(Duration),
    /// The mail is not sent again.
    GiveUp,
}

/// Decides what happens to a mail after its failed attempt number `attempts`; `age` is the time since it was queued.
#[must_use]
pub fn after_failure(failure: MailFailure, attempts: u32, age: Duration) -> NextAttempt {
    match failure {
        MailFailure::Transient if age < GIVE_UP_AFTER => NextAttempt::RetryAfter(wait(attempts)),
        MailFailure::Transient | MailFailure::Permanent => NextAttempt::GiveUp,
    }
}

fn wait(attempts: u32) -> Duration {
    let factor = 1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
    FIRST_WAIT.saturating_mul(factor).min(LONGEST_WAIT)
}
