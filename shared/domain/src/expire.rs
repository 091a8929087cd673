//! Sweeping what has expired by the clock: invitations give their seat back, ended access goes as if revoked.
//!
//! Where a seat is wanting, only what frees one is swept ([`decide`]); the audit sweeps single grants too ([`ended`]).

use crate::{
    actor::{Actor, SystemActor},
    client::Client,
    collaborator::{Collaborator, EXPIRED_SHOWN_FOR, Membership, Status},
    decision::{Change, Decision},
    history::{Action, AuditEvent, Entry},
    time::Timestamp,
};

/// The most people that are swept at once: two items each, beside the client, fit one transaction.
pub const MAX_SWEPT: usize = 40;

/// Decides what is swept in `client` at `now`, of at most [`MAX_SWEPT`] of `collaborators`; `None` if there is nothing.
///
/// Owners are never swept (`domain.md`, rule 5).
#[must_use]
pub fn decide<'a>(
    client: &Client,
    collaborators: impl IntoIterator<Item = &'a Collaborator>,
    now: Timestamp,
) -> Option<Decision> {
    let mut decision = Decision::at(now);
    let expired = |collaborator: &&Collaborator| {
        collaborator.seat && !collaborator.is_owner() && collaborator.status(now) == Status::Expired
    };
    let mut seats = 0;
    for collaborator in collaborators.into_iter().filter(expired).take(MAX_SWEPT) {
        sweep(&mut decision, collaborator, now);
        seats += 1;
    }
    let mut after = client.clone();
    after.return_seats(seats);
    decision.update_client(client, after);
    (seats > 0).then_some(decision)
}

/// Decides which ended grants go at `now`, of at most [`MAX_SWEPT`] of `collaborators`; `None` if there are none.
///
/// Each grant is swept (`domain.md`, rule 10), and the others of its holder stay: that one ended is no matter of theirs.
/// Whoever holds nothing any more is swept by [`decide`], and whose seat was given back is left as he is shown.
#[must_use]
pub fn ended<'a>(
    collaborators: impl IntoIterator<Item = &'a Collaborator>,
    now: Timestamp,
) -> Option<Decision> {
    let mut decision = Decision::at(now);
    let some_ended = |collaborator: &&Collaborator| {
        let live = collaborator.grants.values().filter(|grant| grant.is_live(now)).count();
        collaborator.seat && live > 0 && live < collaborator.grants.len()
    };
    for collaborator in collaborators.into_iter().filter(some_ended).take(MAX_SWEPT) {
        let mut after = collaborator.clone().advanced(now);
        after.grants.retain(|_, grant| grant.is_live(now));
        let event = AuditEvent::new(Actor::System(SystemActor::AuditSeats), Action::AccessExpired);
        decision.record(Entry::of(event, Some(collaborator), Some(&after), now));
        decision.collaborator(Change::Update { before: collaborator.clone(), after });
    }
    (!decision.is_empty()).then_some(decision)
}

fn sweep(decision: &mut Decision, collaborator: &Collaborator, now: Timestamp) {
    let has_ended = !collaborator.grants.values().any(|grant| grant.is_live(now));
    let remains = match &collaborator.membership {
        Membership::Pending(invitation) if !has_ended => {
            let mut after = collaborator.clone().advanced(now);
            after.seat = false;
            after.forget_at = Some(invitation.expires_at.after(EXPIRED_SHOWN_FOR));
            Some(after)
        }
        Membership::Pending(_) | Membership::Active(_) => None,
    };
    let action = if remains.is_some() { Action::InvitationExpired } else { Action::AccessExpired };
    let event = AuditEvent::new(Actor::System(SystemActor::AuditSeats), action);
    // An invitation that ends changes no grant: it shows wherever one stands.
    decision.record(Entry::of(event, Some(collaborator), remains.as_ref(), now));
    decision.collaborator(match remains {
        None => Change::Delete(collaborator.clone()),
        Some(after) => Change::Update { before: collaborator.clone(), after },
    });
}
