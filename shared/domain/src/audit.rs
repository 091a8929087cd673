//! The audit of a client: what has expired is swept, the count of the seats put right, what needs a look counted.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    actor::{Actor, SystemActor},
    client::Client,
    collaborator::{Collaborator, Grant, Status},
    decision::{Decision, Outcome},
    expire,
    facts::Facts,
    history::Action,
    ids::MailId,
    mail::{MailContext, MailKind},
    mail_quota::{Addressee, MailCounter},
    permission::Permission,
    refusal::Refusal,
    scope::{ClientId, Scope, ScopeId},
    text::Name,
    time::{DAY, Timestamp},
};

/// After how long without a login an active collaborator counts as dormant.
pub const DORMANT_AFTER: Duration = DAY.saturating_mul(90);

/// How long before its end access is told to end.
pub const NOTIFIED_BEFORE: Duration = DAY.saturating_mul(7);

/// What an audit does next. After each step but the last, everything is read again.
#[derive(Clone, Debug)]
pub enum Step {
    /// Something has expired.
    Sweep(Box<Decision>),
    /// `used` is not the number of seats that are held.
    Repair(Repair),
    /// Nothing is left to do.
    Done(Findings),
}

/// `used` is to be what was counted, as long as no seat was taken or given back since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    client: ClientId,
    seq: u64,
    used: u32,
    counted: u32,
}

impl Repair {
    /// Whose seats.
    #[must_use]
    pub const fn client(&self) -> &ClientId {
        &self.client
    }

    /// The `seq` on which this holds.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// How many seats are held.
    #[must_use]
    pub const fn counted(&self) -> u32 {
        self.counted
    }

    /// How many seats too many `used` says; negative if too few.
    #[must_use]
    pub fn drift(&self) -> i64 {
        i64::from(self.used) - i64::from(self.counted)
    }
}

/// What an audit found when nothing was left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Findings {
    /// How many seats are held.
    pub counted: u32,
    /// Whether these are more than the contract allows.
    pub over_limit: bool,
    /// How many are active, but were not seen for [`DORMANT_AFTER`].
    pub dormant: u32,
    /// How many are pending and cannot be reached.
    pub undeliverable: u32,
}

/// The figures of an audit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// How many seats are held.
    pub counted: u32,
    /// How many seats too many `used` said when it was last found wrong, negative if too few; 0 if it was right.
    pub drift: i64,
    /// How often `used` was put right.
    pub repaired: u32,
    /// How many invitations ended and gave their seat back.
    pub expired_invitations: u32,
    /// How many grants ended and were swept.
    pub expired_grants: u32,
    /// Whether more seats are held than the contract allows.
    pub over_limit: bool,
    /// How many are active, but were not seen for [`DORMANT_AFTER`].
    pub dormant: u32,
    /// How many are pending and cannot be reached.
    pub undeliverable: u32,
}

impl Figures {
    /// Counts what a sweep did.
    pub fn swept(&mut self, decision: &Decision) {
        for entry in decision.history() {
            if entry.action == Action::InvitationExpired {
                self.expired_invitations += 1;
            } else {
                self.expired_grants += number(entry.changes.len());
            }
        }
    }

    /// Takes over what was found in the end.
    #[must_use]
    pub const fn with(self, found: Findings) -> Self {
        let Findings { counted, over_limit, dormant, undeliverable } = found;
        Self { counted, over_limit, dormant, undeliverable, ..self }
    }
}

/// Decides what the audit of `client` does next at `now`, with all its `collaborators`.
///
/// INVARIANT: `client` was read before any of `collaborators`, so that its `seq` is not younger than the count.
///
/// Nobody who is active is ever removed for want of a seat, or because he was not seen.
#[must_use]
pub fn next(client: &Client, collaborators: &[&Collaborator], now: Timestamp) -> Step {
    let everybody = || collaborators.iter().copied();
    let swept =
        expire::decide(client, everybody(), now).or_else(|| expire::ended(everybody(), now));
    if let Some(decision) = swept {
        return Step::Sweep(Box::new(decision));
    }
    let (seats, count) = (client.seats, |wanted: &dyn Fn(&Collaborator) -> bool| {
        number(collaborators.iter().filter(|collaborator| wanted(collaborator)).count())
    });
    let counted = count(&|collaborator| collaborator.seat);
    if seats.used != counted {
        let (client, seq, used) = (client.id.clone(), seats.seq, seats.used);
        return Step::Repair(Repair { client, seq, used, counted });
    }
    Step::Done(Findings {
        counted,
        over_limit: seats.limit.is_some_and(|limit| counted > limit),
        dormant: count(&|collaborator| is_dormant(collaborator, now)),
        undeliverable: count(&|collaborator| is_undeliverable(collaborator, now)),
    })
}

/// Active, and not seen since; who never logged in counts from the last access given.
fn is_dormant(collaborator: &Collaborator, now: Timestamp) -> bool {
    let given = || collaborator.grants.values().map(|grant| grant.granted_at).max();
    let seen = collaborator.last_login_at.or_else(given);
    collaborator.status(now) == Status::Active
        && seen.is_some_and(|seen| now.since(seen) >= DORMANT_AFTER)
}

fn is_undeliverable(collaborator: &Collaborator, now: Timestamp) -> bool {
    let refused = collaborator.invitation().is_some_and(|sent| sent.delivery.is_undeliverable());
    refused && collaborator.status(now) == Status::Pending
}

/// The seats of a client, as they are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatUsage {
    /// How many the contract allows.
    pub limit: Option<u32>,
    /// How many are taken.
    pub used: u32,
    /// How many collaborators are active, by the clock.
    pub active: u32,
    /// How many are pending, by the clock.
    pub pending: u32,
}

/// Looks at the seats of the client that `facts` are about, with all its `collaborators`.
///
/// # Errors
/// `ScopeNotFound` if there is no such client for the caller, `Forbidden` without `access:view`.
pub fn seat_usage(
    facts: &Facts,
    collaborators: &[Collaborator],
    now: Timestamp,
) -> Result<SeatUsage, Refusal> {
    let (context, caller, _) = facts.viewer(now)?;
    let granting = context.client.granting;
    if !caller.permissions(&facts.at, granting, now).contains(Permission::AccessView) {
        return Err(Refusal::Forbidden);
    }
    let are = |status| {
        number(
            collaborators.iter().filter(|collaborator| collaborator.status(now) == status).count(),
        )
    };
    let (limit, used) = (context.client.seats.limit, context.client.seats.used);
    Ok(SeatUsage { limit, used, active: are(Status::Active), pending: are(Status::Pending) })
}

/// What is read before somebody is told that access ends.
#[derive(Clone, Copy, Debug)]
pub struct ExpiringAccess<'a> {
    /// The client.
    pub client: &'a Client,
    /// Its audiences, events and communities.
    pub scopes: &'a BTreeMap<ScopeId, Scope>,
    /// Whose access.
    pub collaborator: &'a Collaborator,
    /// What the person was told already.
    pub counter: Option<&'a MailCounter>,
}

/// Whether some access of `collaborator` ends within [`NOTIFIED_BEFORE`], told or not.
#[must_use]
pub fn ends_soon(collaborator: &Collaborator, now: Timestamp) -> bool {
    ends(collaborator, now).next().is_some()
}

/// Decides on the next mail to somebody whose access ends soon; `None` if all was told.
///
/// One mail an end names all scopes where access ends at that very moment, and is sent once. `mail_id` is a fresh id.
#[must_use]
pub fn notify_expiry(
    facts: ExpiringAccess<'_>,
    mail_id: MailId,
    now: Timestamp,
) -> Option<Outcome<MailCounter>> {
    let ExpiringAccess { client, scopes, collaborator, counter } = facts;
    let told = counter.and_then(|counter| counter.ending_notified);
    // Whoever gave an end that is nearer than one told before has told of it by that mail.
    let untold = ends(collaborator, now).map(|(_, end)| end).filter(|end| Some(*end) > told);
    let end = untold.min()?;
    let mut ending =
        ends(collaborator, now).filter(|(_, other)| *other == end).map(|(scope, _)| scope);
    let scope = ending.next()?;
    let name = |scope: &ScopeId| scopes.get(scope).map_or(&client.name, |scope| &scope.name);
    let also: Vec<Name> = ending.map(|scope| name(scope).clone()).collect();
    let actor = Actor::System(SystemActor::AuditSeats);
    let mail_context = MailContext { client, scope, scope_name: name(scope), actor: &actor };

    let mut decision = Decision::at(now);
    let who = Addressee { client: &client.id, collaborator: &collaborator.id };
    let after = MailCounter::notified_of(counter, who, end);
    decision.update_counter(counter, after.clone());
    decision
        .mail(mail_context.mail(MailKind::AccessEnding, collaborator, mail_id).also_about(also));
    decision.check_unchanged(Some(collaborator));
    Some(Outcome { decision, answer: after })
}

/// Where the access of somebody active ends within [`NOTIFIED_BEFORE`], and when.
fn ends(
    collaborator: &Collaborator,
    now: Timestamp,
) -> impl Iterator<Item = (&ScopeId, Timestamp)> {
    let active = collaborator.status(now) == Status::Active;
    let soon = move |grant: &Grant| {
        grant.expires_at.filter(|end| active && now < *end && *end <= now.after(NOTIFIED_BEFORE))
    };
    collaborator.grants.iter().filter_map(move |(scope, grant)| Some((scope, soon(grant)?)))
}

/// As many as a client may have people of.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
