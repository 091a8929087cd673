//! Recording a login: it is shown to the team, and the first one makes a pending collaborator active.

use crate::{
    accept::{activated, activation},
    collaborator::{Collaborator, Membership, Status},
    decision::{Change, Decision, Outcome},
    facts::{Caller, User},
    refusal::Refusal,
    time::Timestamp,
};

/// What a login found.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// Whether this login made the collaborator active.
    pub activated: bool,
    /// The collaborator after it.
    pub collaborator: Collaborator,
}

/// Decides what the login of `caller` at `now` changes in the client whose record of him it carries.
///
/// # Errors
/// `Forbidden` for the platform; `ScopeNotFound` for somebody the client does not know, or knows under another account.
pub fn decide(caller: &Caller, now: Timestamp) -> Result<Outcome<LoggedIn>, Refusal> {
    let collaborator = match caller {
        Caller::Platform => return Err(Refusal::Forbidden),
        Caller::User(collaborator) => collaborator,
    };
    let record = collaborator.record.as_ref().ok_or(Refusal::ScopeNotFound)?;
    match &record.membership {
        Membership::Active(binding) if binding.account != collaborator.account => {
            Err(Refusal::ScopeNotFound)
        }
        Membership::Active(_) => Ok(recorded(record, now)),
        // An expired invitation is not activated by a login; neither is access that ended before it began.
        Membership::Pending(_) if record.status(now) == Status::Expired => {
            let answer = LoggedIn { activated: false, collaborator: record.clone() };
            Ok(Outcome { decision: Decision::at(now), answer })
        }
        Membership::Pending(_) => Ok(first(record, collaborator, now)),
    }
}

/// A login never goes backwards (`domain.md`, rule 13).
fn recorded(record: &Collaborator, now: Timestamp) -> Outcome<LoggedIn> {
    let mut decision = Decision::at(now);
    let mut after = record.clone();
    if record.last_login_at.is_none_or(|last| last < now) {
        after.last_login_at = Some(now);
        decision.collaborator(Change::Update { before: record.clone(), after: after.clone() });
    }
    Outcome { decision, answer: LoggedIn { activated: false, collaborator: after } }
}

fn first(record: &Collaborator, collaborator: &User, now: Timestamp) -> Outcome<LoggedIn> {
    // An owner who was unbound has a login already, maybe of a clock that is ahead.
    let last_login_at = record.last_login_at.max(Some(now));
    let active = Collaborator { last_login_at, ..activated(record, collaborator, now) };
    let decision = activation(record, &active, now);
    Outcome { decision, answer: LoggedIn { activated: true, collaborator: active } }
}
