//! Sweeping what has expired by the clock: expired invitations release their seat, ended access is deleted.
//!
//! If a command needs a seat, [`decide`] removes whatever has ended. The seat audit also removes single grants, with [`ended`],
//! and leaves access that ended with its event for [`GRACE`](crate::dates::GRACE).

use std::{collections::BTreeSet, time::Duration};

use crate::{
    actor::{Actor, SystemActor},
    client::Client,
    collaborator::{Collaborator, EXPIRED_SHOWN_FOR, Membership, Status},
    decision::{self, Decision},
    history::{Action, AuditEvent},
    scope::ScopeId,
    time::Timestamp,
};

/// The most collaborators that are swept at once, so that two items each and the client fit one transaction.
pub const MAX_SWEPT: usize = 40;

/// How many more items fit a transaction of a sweep beside its records, the client and its rules: the events that ended access.
const SPARE_ITEMS: usize = 15;

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

/// The first of those to be swept whose records, with the events that ended their access, fit one transaction.
fn swept_together<'a>(
    collaborators: impl Iterator<Item = &'a Collaborator>,
    now: Timestamp,
) -> impl Iterator<Item = &'a Collaborator> {
    let mut events = BTreeSet::<&ScopeId>::new();
    let mut items = 0;
    that_fit(collaborators, MAX_SWEPT).take_while(move |collaborator| {
        events.extend(decision::ended_events(collaborator, now).map(|(event, _)| event));
        items += 2;
        items == 2 || items + events.len() <= 2 * MAX_SWEPT + SPARE_ITEMS
    })
}

/// Decides which of `collaborators` are swept, [`MAX_SWEPT`] at most; `None` if there are none. Access that ended with its event
/// is removed after `grace`.
///
/// Owners are never swept (docs/domain.md#rule-5). A person who waits for a seat leaves the list when all their access has
/// ended.
#[must_use]
pub fn decide<'a>(
    client: &Client,
    collaborators: impl IntoIterator<Item = &'a Collaborator>,
    grace: Duration,
    now: Timestamp,
) -> Option<Decision> {
    let mut decision = Decision::at(now);
    let expired = |collaborator: &&Collaborator| {
        let is_over = is_over(collaborator, grace, now);
        let is_seated = collaborator.seat
            && !collaborator.is_owner()
            && collaborator.status(now) == Status::Expired;
        (is_seated && (is_over || has_lapsed(collaborator, now)))
            || (is_over && collaborator.waiting().is_some())
    };
    let mut after = client.clone();
    let mut seats = 0;
    for collaborator in swept_together(collaborators.into_iter().filter(expired), now) {
        sweep(&mut decision, collaborator, grace);
        seats += u32::from(collaborator.seat);
        after.leave_list(&collaborator.id);
    }
    after.return_seats(seats);
    decision.update_client(client, after);
    (!decision.is_empty()).then_some(decision)
}

/// Decides which ended grants are removed, from [`MAX_SWEPT`] of `collaborators` at most; `None` if there are none. Grants that
/// ended with their event are removed after `grace`.
///
/// The other grants of each collaborator stay (docs/domain.md#rule-10). Collaborators without a live grant are left to
/// [`decide`]. Those whose seat was released are shown unchanged until their record is deleted.
#[must_use]
pub fn ended<'a>(
    client: &Client,
    collaborators: impl IntoIterator<Item = &'a Collaborator>,
    grace: Duration,
    now: Timestamp,
) -> Option<Decision> {
    let mut decision = Decision::at(now);
    let some_ended = |collaborator: &&Collaborator| {
        let any_over = collaborator.grants.values().any(|grant| grant.is_over(grace, now));
        collaborator.seat && any_over && !collaborator.has_ended(now)
    };
    for collaborator in swept_together(collaborators.into_iter().filter(some_ended), now) {
        let mut after = collaborator.clone().advanced(now);
        after.grants.retain(|_, grant| !grant.is_over(grace, now));
        decision.check_ended_events(collaborator);
        decision.change(event(Action::AccessExpired), Some(collaborator), Some(after));
    }
    if !decision.ended_events().is_empty() {
        // The rules of the client say when access ends.
        decision.update_client(client, client.clone());
    }
    (!decision.is_empty()).then_some(decision)
}

/// Whether all grants have ended, those that ended with an event at least `grace` ago.
fn is_over(collaborator: &Collaborator, grace: Duration, now: Timestamp) -> bool {
    collaborator.grants.values().all(|grant| grant.is_over(grace, now))
}

/// Whether the invitation of a pending collaborator has expired.
fn has_lapsed(collaborator: &Collaborator, now: Timestamp) -> bool {
    collaborator.invitation().is_some_and(|invitation| invitation.expires_at <= now)
}

fn sweep(decision: &mut Decision, collaborator: &Collaborator, grace: Duration) {
    let now = decision.now();
    match &collaborator.membership {
        Membership::Pending(invitation) if !is_over(collaborator, grace, now) => {
            let mut after = collaborator.clone().advanced(now);
            after.seat = false;
            after.forget_at = Some(invitation.expires_at.after(EXPIRED_SHOWN_FOR));
            decision.change(event(Action::InvitationExpired), Some(collaborator), Some(after));
        }
        Membership::Pending(_)
        | Membership::Active(_)
        | Membership::Suspended(_)
        | Membership::Declined(_)
        | Membership::Waiting(_) => {
            decision.check_ended_events(collaborator);
            decision.change(event(Action::AccessExpired), Some(collaborator), None);
        }
    }
}

const fn event(action: Action) -> AuditEvent {
    AuditEvent::new(Actor::System(SystemActor::AuditSeats), action)
}
