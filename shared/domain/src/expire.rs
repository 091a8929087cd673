//! Sweeping what has expired by the clock: invitations give their seat back, ended access goes as if revoked.
//!
//! Where a seat is wanting, only what frees one is swept ([`decide`]); the audit sweeps single grants too ([`ended`]).

use crate::{
    client::Client,
    collaborator::{Collaborator, EXPIRED_SHOWN_FOR, Standing, Status},
    decision::{Change, Decision},
    history::{Action, Actor, Deed, Entry, SystemActor},
    time::Timestamp,
};

/// The most people that are swept at once: two items each, beside the client, fit one transaction.
pub const MOST_SWEPT: usize = 40;

/// Decides what is swept in `client` at `now`, of at most [`MOST_SWEPT`] of `people`; `None` if there is nothing.
///
/// Owners are never swept (`domain.md`, rule 5).
#[must_use]
pub fn decide<'a>(
    client: &Client,
    people: impl IntoIterator<Item = &'a Collaborator>,
    now: Timestamp,
) -> Option<Decision> {
    let mut decision = Decision::at(now);
    let expired = |person: &&Collaborator| {
        person.seat && !person.is_owner() && person.status(now) == Status::Expired
    };
    let mut seats = 0;
    for person in people.into_iter().filter(expired).take(MOST_SWEPT) {
        sweep(&mut decision, person, now);
        seats += 1;
    }
    let mut after = client.clone();
    after.return_seats(seats);
    decision.client_becomes(client, after);
    (seats > 0).then_some(decision)
}

/// Decides which ended grants go at `now`, of at most [`MOST_SWEPT`] of `people`; `None` if there are none.
///
/// Each grant is swept (`domain.md`, rule 10), and the others of its holder stay: that one ended is no matter of theirs.
/// Whoever holds nothing any more is swept by [`decide`], and whose seat was given back is left as he is shown.
#[must_use]
pub fn ended<'a>(
    people: impl IntoIterator<Item = &'a Collaborator>,
    now: Timestamp,
) -> Option<Decision> {
    let mut decision = Decision::at(now);
    let some_ended = |person: &&Collaborator| {
        let live = person.grants.values().filter(|grant| grant.is_live(now)).count();
        person.seat && live > 0 && live < person.grants.len()
    };
    for person in people.into_iter().filter(some_ended).take(MOST_SWEPT) {
        let mut after = person.clone().advanced(now);
        after.grants.retain(|_, grant| grant.is_live(now));
        let deed = Deed::new(Actor::System(SystemActor::AuditSeats), Action::AccessExpired);
        decision.record(Entry::of(deed, Some(person), Some(&after), now));
        decision.collaborator(Change::Update { before: person.clone(), after });
    }
    (!decision.is_nothing()).then_some(decision)
}

fn sweep(decision: &mut Decision, person: &Collaborator, now: Timestamp) {
    let has_ended = !person.grants.values().any(|grant| grant.is_live(now));
    let remains = match &person.standing {
        Standing::Pending(invitation) if !has_ended => {
            let mut after = person.clone().advanced(now);
            after.seat = false;
            after.forget_at = Some(invitation.expires_at.after(EXPIRED_SHOWN_FOR));
            Some(after)
        }
        Standing::Pending(_) | Standing::Active(_) => None,
    };
    let action = if remains.is_some() { Action::InvitationExpired } else { Action::AccessExpired };
    let deed = Deed::new(Actor::System(SystemActor::AuditSeats), action);
    // An invitation that ends changes no grant: it shows wherever one stands.
    decision.record(Entry::of(deed, Some(person), remains.as_ref(), now));
    decision.collaborator(match remains {
        None => Change::Delete(person.clone()),
        Some(after) => Change::Update { before: person.clone(), after },
    });
}
