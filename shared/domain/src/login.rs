//! Recording a login. The first one makes a pending collaborator active.

use std::time::Duration;

use crate::{
    accept::{activated, activation},
    caller::{Caller, User},
    collaborator::{Account, Collaborator, Membership, Status},
    decision::{Change, Decision, Outcome},
    refusal::Refusal,
    time::Timestamp,
};

/// At most one refused login of this time is written.
const MINUTE: Duration = Duration::from_mins(1);

/// The response to a login.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// Whether this login made the collaborator active.
    pub activated: bool,
    /// The collaborator after it.
    pub collaborator: Collaborator,
}

/// Decides what the caller's login changes in the client that their record belongs to.
///
/// # Errors
/// `Forbidden` for the platform; `ScopeNotFound` for a user without a record, or whose record is bound to another account.
pub fn decide(caller: &Caller, now: Timestamp) -> Result<Outcome<LoggedIn>, Refusal> {
    let user = caller.user()?;
    let account = user.account()?;
    let record = user.record.as_ref().ok_or(Refusal::ScopeNotFound)?;
    match &record.membership {
        Membership::Suspended(_) => Err(Refusal::ScopeNotFound),
        Membership::Active(binding) if binding.account != *account => Err(Refusal::ScopeNotFound),
        Membership::Active(_) => Ok(recorded(record, now)),
        // A login does not activate an expired invitation, nor access that ended before it began.
        Membership::Pending(_) if record.status(now) == Status::Expired => Ok(ignored(record, now)),
        // A login accepts neither what was declined nor what waits for a seat.
        Membership::Declined(_) | Membership::Waiting(_) => Ok(ignored(record, now)),
        Membership::Pending(_) => Ok(first(record, (user, account), now)),
    }
}

/// The record that shows a refused login, if the caller's is one: that of an active collaborator who is bound to another
/// account. One a minute is shown, so that repeated logins write nothing.
#[must_use]
pub fn refused(caller: &Caller, now: Timestamp) -> Option<&Collaborator> {
    let user = caller.user().ok()?;
    let account = user.account().ok()?;
    let record = user.record.as_ref()?;
    let is_other = matches!(&record.membership, Membership::Active(it) if it.account != *account);
    let is_new = record.refused_login_at.is_none_or(|last| last.after(MINUTE) <= now);
    (is_other && is_new).then_some(record)
}

fn ignored(record: &Collaborator, now: Timestamp) -> Outcome<LoggedIn> {
    let answer = LoggedIn { activated: false, collaborator: record.clone() };
    Outcome { decision: Decision::at(now), answer }
}

/// The last login never goes backwards (docs/domain.md#rule-13).
fn recorded(record: &Collaborator, now: Timestamp) -> Outcome<LoggedIn> {
    let mut decision = Decision::at(now);
    let mut after = record.clone();
    if record.last_login_at.is_none_or(|last| last < now) {
        after.last_login_at = Some(now);
        decision.collaborator(Change::Update { before: record.clone(), after: after.clone() });
    }
    Outcome { decision, answer: LoggedIn { activated: false, collaborator: after } }
}

fn first(record: &Collaborator, user: (&User, &Account), now: Timestamp) -> Outcome<LoggedIn> {
    // An unbound owner has a last login, possibly from a clock that is ahead.
    let last_login_at = record.last_login_at.max(Some(now));
    let accepted = record.invitation().and_then(|invitation| invitation.token_hash);
    let active = Collaborator { last_login_at, ..activated(record, accepted, user, now) };
    let decision = activation(record, &active, now);
    Outcome { decision, answer: LoggedIn { activated: true, collaborator: active } }
}
