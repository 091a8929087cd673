//! Sweeping what has expired by the clock: expired invitations release their seat, ended access is deleted.
//!
//! If a command needs a seat, only [`decide`] runs. The seat audit also sweeps single grants, with [`ended`].

use crate::{
    actor::{Actor, SystemActor},
    client::Client,
    collaborator::{Collaborator, EXPIRED_SHOWN_FOR, Membership, Status},
    decision::Decision,
    history::{Action, AuditEvent},
    time::Timestamp,
};

/// The most collaborators that are swept at once, so that two items each and the client fit one transaction.
pub const MAX_SWEPT: usize = 40;

/// The most grants of the records that are written at once: some 1.2 kB each with their history, of the 4 MB that DynamoDB
/// writes in one transaction.
const MAX_GRANTS_AT_ONCE: usize = 2_000;

/// The first of `collaborators` that fit one transaction, `most` at most.
pub(crate) fn that_fit<'a>(
    collaborators: impl Iterator<Item = &'a Collaborator>,
    most: usize,
) -> impl Iterator<Item = &'a Collaborator> {
    let mut grants = 0;
    collaborators.take(most).take_while(move |collaborator| {
        grants += collaborator.grants.len();
        grants <= MAX_GRANTS_AT_ONCE
    })
}

/// Decides which of `collaborators` are swept, [`MAX_SWEPT`] at most; `None` if there are none.
///
/// Owners are never swept (docs/domain.md#rule-5).
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
    for collaborator in that_fit(collaborators.into_iter().filter(expired), MAX_SWEPT) {
        sweep(&mut decision, collaborator, now);
        seats += 1;
    }
    let mut after = client.clone();
    after.return_seats(seats);
    decision.update_client(client, after);
    (seats > 0).then_some(decision)
}

/// Decides which ended grants are removed, from [`MAX_SWEPT`] of `collaborators` at most; `None` if there are none.
///
/// The other grants of each collaborator stay (docs/domain.md#rule-10). Collaborators without a live grant are left to
/// [`decide`]. Those whose seat was released are shown unchanged until their record is deleted.
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
    for collaborator in that_fit(collaborators.into_iter().filter(some_ended), MAX_SWEPT) {
        let mut after = collaborator.clone().advanced(now);
        after.grants.retain(|_, grant| grant.is_live(now));
        decision.change(event(Action::AccessExpired), Some(collaborator), Some(after));
    }
    (!decision.is_empty()).then_some(decision)
}

fn sweep(decision: &mut Decision, collaborator: &Collaborator, now: Timestamp) {
    match &collaborator.membership {
        Membership::Pending(invitation) if !collaborator.has_ended(now) => {
            let mut after = collaborator.clone().advanced(now);
            after.seat = false;
            after.forget_at = Some(invitation.expires_at.after(EXPIRED_SHOWN_FOR));
            decision.change(event(Action::InvitationExpired), Some(collaborator), Some(after));
        }
        Membership::Pending(_) | Membership::Active(_) | Membership::Suspended(_) => {
            decision.change(event(Action::AccessExpired), Some(collaborator), None);
        }
    }
}

const fn event(action: Action) -> AuditEvent {
    AuditEvent::new(Actor::System(SystemActor::AuditSeats), action)
}
