//! The seat audit of a client: it sweeps what has expired, repairs the seat count, and reports figures.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    actor::{Actor, SystemActor},
    client::Client,
    collaborator::{Collaborator, Grant, InvitationIssue, Status},
    dates::GRACE,
    decision::{Decision, Outcome},
    delivery::Delivery,
    expire,
    facts::Facts,
    history::Action,
    ids::{CollaboratorId, MailId},
    mail::{MailContext, MailKind},
    mail_quota::{Addressee, MailCounter},
    permission::Permission,
    refusal::Refusal,
    scope::{ClientId, Scope, ScopeId},
    text::Name,
    time::{DAY, Timestamp},
};

/// An active collaborator without a login for this time is dormant.
pub const DORMANT_AFTER: Duration = DAY.saturating_mul(90);

/// How long before the end of access the mail is sent.
pub const NOTIFIED_BEFORE: Duration = DAY.saturating_mul(7);

/// How long an invitation's mail is queued before the audit looks for it in the outbox.
const OVERDUE_AFTER: Duration = Duration::from_hours(1);

/// The next step of an audit. The client is read again after each step except the last.
#[derive(Clone, Debug)]
pub enum Step {
    /// Write this sweep.
    Sweep(Box<Decision>),
    /// Correct `used`.
    Repair(Repair),
    /// Nothing is left to do.
    Done(Findings),
}

/// Sets `used` to the number of seats that was counted, unless `seq` has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repair {
    client: ClientId,
    seq: u64,
    used: u32,
    counted: u32,
}

impl Repair {
    /// The client.
    #[must_use]
    pub const fn client(&self) -> &ClientId {
        &self.client
    }

    /// The `seq` that must be unchanged.
    #[must_use]
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The number of records with a seat.
    #[must_use]
    pub const fn counted(&self) -> u32 {
        self.counted
    }

    /// `used` minus `counted`.
    #[must_use]
    pub fn drift(&self) -> i64 {
        i64::from(self.used) - i64::from(self.counted)
    }
}

/// The figures of a client once nothing is left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Findings {
    /// The number of records with a seat.
    pub counted: u32,
    /// Whether these are more than the contract allows.
    pub over_limit: bool,
    /// Active collaborators without a login for [`DORMANT_AFTER`].
    pub dormant: u32,
    /// Pending collaborators whose invitation mail did not arrive.
    pub undeliverable: u32,
}

/// The figures of an audit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The number of records with a seat.
    pub counted: u32,
    /// `used` minus `counted` before the last repair; 0 if `used` was right.
    pub drift: i64,
    /// The number of repairs.
    pub repaired: u32,
    /// Invitations that expired and released their seat.
    pub expired_invitations: u32,
    /// Grants that ended and were removed.
    pub expired_grants: u32,
    /// Whether more seats are taken than the contract allows.
    pub over_limit: bool,
    /// Active collaborators without a login for [`DORMANT_AFTER`].
    pub dormant: u32,
    /// Pending collaborators whose invitation mail did not arrive.
    pub undeliverable: u32,
}

impl Figures {
    /// Counts what a sweep removed.
    pub fn swept(&mut self, decision: &Decision) {
        for entry in decision.history() {
            if entry.action == Action::InvitationExpired {
                self.expired_invitations += 1;
            } else {
                self.expired_grants += number(entry.changes.len());
            }
        }
    }

    /// The figures with the findings.
    #[must_use]
    pub const fn with(self, found: Findings) -> Self {
        let Findings { counted, over_limit, dormant, undeliverable } = found;
        Self { counted, over_limit, dormant, undeliverable, ..self }
    }
}

/// Decides the next step of the audit of `client`, with all its `collaborators`.
///
/// INVARIANT: `client` was read before `collaborators`. So a change that the count does not contain has another `seq`,
/// and the repair fails.
///
/// The audit never removes an active collaborator because of the seat limit or a missing login.
#[must_use]
pub fn next(client: &Client, collaborators: &[&Collaborator], now: Timestamp) -> Step {
    let all = || collaborators.iter().copied();
    let swept = expire::decide(client, all(), GRACE, now)
        .or_else(|| expire::ended(client, all(), GRACE, now));
    if let Some(decision) = swept {
        return Step::Sweep(Box::new(decision));
    }
    let count = |condition: &dyn Fn(&Collaborator) -> bool| {
        number(all().filter(|it| condition(it)).count())
    };
    let (seats, counted) = (client.seats, count(&|collaborator| collaborator.seat));
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

/// The pending collaborators whose mail has been `queued` for an hour. A mail that is not in the outbox any more will not
/// be sent.
pub fn overdue<'a>(
    collaborators: impl Iterator<Item = &'a Collaborator>,
    now: Timestamp,
) -> impl Iterator<Item = (&'a CollaboratorId, &'a MailId)> {
    collaborators.filter(move |it| it.status(now) == Status::Pending).filter_map(move |it| {
        let invitation = it.invitation()?;
        let queued_at = invitation.mail_id.queued_at()?;
        let overdue = now.since(queued_at) >= OVERDUE_AFTER;
        (invitation.delivery == Delivery::Queued && overdue)
            .then_some((&it.id, &invitation.mail_id))
    })
}

/// Since when a dormant collaborator has not logged in.
#[must_use]
pub fn dormant_since(now: Timestamp) -> Timestamp {
    now.before(DORMANT_AFTER)
}

fn is_dormant(collaborator: &Collaborator, now: Timestamp) -> bool {
    let seen = collaborator.last_seen(collaborator.grants.values());
    collaborator.status(now) == Status::Active
        && seen.is_some_and(|seen| seen <= dormant_since(now))
}

fn is_undeliverable(collaborator: &Collaborator, now: Timestamp) -> bool {
    let refused = collaborator.invitation().is_some_and(|sent| sent.delivery.is_undeliverable());
    refused && collaborator.status(now) == Status::Pending
}

/// The seats of a client, as the API returns them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatUsage {
    /// How many collaborators the contract allows.
    pub limit: Option<u32>,
    /// How many seats are taken.
    pub used: u32,
    /// Active collaborators, by the clock.
    pub active: u32,
    /// Pending collaborators, by the clock.
    pub pending: u32,
    /// People who wait for a seat.
    pub waiting: u32,
    /// Free seats that belong to people who wait.
    pub promised: u32,
    /// Declined invitations that are still in the list.
    pub declined: u32,
    /// Expired invitations whose recipient asked for a new link.
    pub renewals_requested: u32,
    /// The teams of the scopes with a live grant on them, by scope.
    pub teams: BTreeMap<ScopeId, Team>,
}

/// The people with a live grant on one scope itself. Suspended and expired ones do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Team {
    /// Active collaborators, by the clock.
    pub active: u32,
    /// Pending collaborators, by the clock.
    pub pending: u32,
}

/// Returns the seats of the client `facts.at`, with all its `collaborators`.
///
/// # Errors
/// `ScopeNotFound` if there is no such client for the caller, `Forbidden` without `access:view`.
pub fn seat_usage(
    facts: &Facts,
    collaborators: &[Collaborator],
    now: Timestamp,
) -> Result<SeatUsage, Refusal> {
    let viewer = facts.viewer(now)?.require(Permission::AccessView)?;
    let client = viewer.context.client;
    let seats = client.seats;
    let count = |status| number(collaborators.iter().filter(|it| it.status(now) == status).count());
    let asks = |it: &&Collaborator| {
        matches!(it.invitation_issue(now), Some((InvitationIssue::RenewalRequested, _)))
    };
    Ok(SeatUsage {
        limit: seats.limit,
        used: seats.used,
        active: count(Status::Active),
        pending: count(Status::Pending),
        waiting: count(Status::Waiting),
        promised: client.promised(),
        declined: count(Status::Declined),
        renewals_requested: number(collaborators.iter().filter(asks).count()),
        teams: teams(collaborators, now),
    })
}

fn teams(collaborators: &[Collaborator], now: Timestamp) -> BTreeMap<ScopeId, Team> {
    let mut teams = BTreeMap::<_, Team>::new();
    for collaborator in collaborators {
        let status = collaborator.status(now);
        for (scope, _) in collaborator.grants.iter().filter(|(_, grant)| grant.is_live(now)) {
            let team = teams.entry(scope.clone()).or_default();
            match status {
                Status::Active => team.active += 1,
                Status::Pending => team.pending += 1,
                Status::Expired | Status::Suspended | Status::Declined | Status::Waiting => {}
            }
        }
    }
    teams
}

/// The facts for a mail about the end of access.
#[derive(Clone, Copy, Debug)]
pub struct ExpiringAccess<'a> {
    /// The client.
    pub client: &'a Client,
    /// Its audiences, events and communities.
    pub scopes: &'a BTreeMap<ScopeId, Scope>,
    /// The collaborator.
    pub collaborator: &'a Collaborator,
    /// Their mail counter.
    pub counter: Option<&'a MailCounter>,
}

/// Whether some access of `collaborator` ends within [`NOTIFIED_BEFORE`], notified or not.
#[must_use]
pub fn ends_soon(collaborator: &Collaborator, now: Timestamp) -> bool {
    ends(collaborator, now).next().is_some()
}

/// Decides the next mail about the end of access; `None` if all mails were sent. `mail_id` is a new id.
///
/// There is one mail for each end. It names all scopes where access ends at that time.
#[must_use]
pub fn notify_expiry(
    facts: ExpiringAccess<'_>,
    mail_id: MailId,
    now: Timestamp,
) -> Option<Outcome<MailCounter>> {
    let ExpiringAccess { client, scopes, collaborator, counter } = facts;
    let notified = counter.and_then(|counter| counter.ending_notified);
    // An earlier end that was granted after this mail is in the mail about that grant.
    let new = ends(collaborator, now).map(|(_, end)| end).filter(|end| Some(*end) > notified);
    let end = new.min()?;
    let mut ending =
        ends(collaborator, now).filter(|(_, other)| *other == end).map(|(scope, _)| scope);
    let scope = ending.next()?;
    let name = |scope: &ScopeId| scopes.get(scope).map_or(&client.name, |scope| &scope.name);
    let also: Vec<Name> = ending.map(|scope| name(scope).clone()).collect();
    let actor = Actor::System(SystemActor::AuditSeats);
    let context = MailContext { client, scope, scope_name: name(scope), actor: &actor };

    let mut decision = Decision::at(now);
    let addressee = Addressee { client: &client.id, collaborator: &collaborator.id };
    let after = MailCounter::notified_of(counter, addressee, end);
    decision.update_counter(counter, after.clone());
    decision.mail(context.mail(MailKind::AccessEnding, collaborator, mail_id).also_about(also));
    decision.check_unchanged(collaborator);
    Some(Outcome { decision, answer: after })
}

/// The scopes where the access of an active collaborator ends within [`NOTIFIED_BEFORE`], and when.
fn ends(
    collaborator: &Collaborator,
    now: Timestamp,
) -> impl Iterator<Item = (&ScopeId, Timestamp)> {
    let active = collaborator.status(now) == Status::Active;
    let soon = move |grant: &Grant| {
        grant.ends_at().filter(|end| active && now < *end && *end <= now.after(NOTIFIED_BEFORE))
    };
    collaborator.grants.iter().filter_map(move |(scope, grant)| Some((scope, soon(grant)?)))
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
