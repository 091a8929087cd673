//! Suspending a collaborator, and restoring them. A suspended collaborator keeps grants, name and history, holds nothing,
//! and gives their seat back (docs/domain.md#rule-16).

use crate::{
    collaborator::{Collaborator, Former, Membership, Status, Visibility},
    decision::{Decision, Outcome},
    facts::Facts,
    grantor::Grantor,
    history::{Action, AuditEvent},
    refusal::Refusal,
    text::Reason,
    time::Timestamp,
};

/// The state that the caller asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Suspended.
    Suspended,
    /// Not suspended.
    Restored,
}

/// Decides whether the target of `facts` is suspended or restored. If they are already, nothing changes.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `CollaboratorNotFound`, `OwnRole` for the caller's own suspension, `OwnerMustTransfer` for an
/// owner, `NotActive` if their access has expired, they declined it or they wait for a seat, `SeatLimitReached` if no seat is free for a restored collaborator.
pub fn decide(
    facts: &Facts,
    wanted: Wanted,
    reason: Option<&Reason>,
    now: Timestamp,
) -> Result<Outcome<Collaborator>, Refusal> {
    let (grantor, target) = permitted(facts, now)?;
    let mut client = grantor.context.client.clone();
    let mut after = target.clone().advanced(now);
    let action = match (wanted, target.membership.clone()) {
        (Wanted::Suspended, Membership::Suspended(_))
        | (
            Wanted::Restored,
            Membership::Pending(_)
            | Membership::Active(_)
            | Membership::Declined(_)
            | Membership::Waiting(_),
        ) => {
            return Ok(Outcome { decision: Decision::at(now), answer: target.clone() });
        }
        (Wanted::Suspended, _) if target.is_owner() => return Err(Refusal::OwnerMustTransfer),
        (Wanted::Suspended, _) if target.status(now) == Status::Expired => {
            return Err(Refusal::NotActive);
        }
        (Wanted::Suspended, Membership::Declined(_) | Membership::Waiting(_)) => {
            return Err(Refusal::NotActive);
        }
        (Wanted::Suspended, Membership::Pending(invitation)) => {
            after.membership = Membership::Suspended(Former::Pending(invitation));
            Action::Suspended
        }
        (Wanted::Suspended, Membership::Active(binding)) => {
            after.membership = Membership::Suspended(Former::Active(binding));
            Action::Suspended
        }
        (Wanted::Restored, Membership::Suspended(Former::Pending(invitation))) => {
            after.membership = Membership::Pending(invitation);
            Action::Restored
        }
        (Wanted::Restored, Membership::Suspended(Former::Active(binding))) => {
            after.membership = Membership::Active(binding);
            Action::Restored
        }
    };
    if action == Action::Restored {
        client.take_seat()?;
    } else {
        client.return_seats(u32::from(target.seat));
    }
    after.seat = action == Action::Restored;
    let mut decision = Decision::at(now);
    decision.update_client(grantor.context.client, client);
    let event = AuditEvent { actor: grantor.actor, action, reason: reason.cloned() };
    decision.change(event, Some(target), Some(after.clone()));
    decision.check_unchanged(grantor.record);
    Ok(Outcome { decision, answer: after })
}

/// Whether the caller can suspend the target of `facts` at all. It comes before the fields of the request.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `CollaboratorNotFound`, `OwnRole`.
pub fn check_permitted(facts: &Facts, now: Timestamp) -> Result<(), Refusal> {
    permitted(facts, now).map(drop)
}

/// A caller who can revoke all access of a collaborator can also suspend them.
fn permitted(facts: &Facts, now: Timestamp) -> Result<(Grantor<'_>, &Collaborator), Refusal> {
    let grantor = facts.grantor(now)?;
    let target = facts.visible_target(Visibility::PathAndBelow)?;
    if facts.caller.is(&target.id) {
        return Err(Refusal::OwnRole);
    }
    for grant in target.grants.values() {
        match grantor.check_can_revoke(grant.role) {
            Ok(()) | Err(Refusal::OwnerMustTransfer) => {}
            Err(refusal) => return Err(refusal),
        }
    }
    Ok((grantor, target))
}
