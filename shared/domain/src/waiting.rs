//! The waiting list for seats (docs/domain.md#rule-21): people for whom no seat was free, in order.
//!
//! A seat that one person releases goes to the first who can have it, in the same transaction ([`pass`]). Seats that are
//! released together, or that the contract gained, are passed on one by one by a schedule.

use std::{
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{
    access::Subject,
    actor::{Actor, SystemActor},
    client::{Client, Granting},
    collaborator::{Admission, Binding, Collaborator, Grant, Invitation, Membership, Waiting},
    decision::{Change, Decision, Outcome},
    delivery::Delivery,
    facts::Facts,
    history::{Action, AuditEvent, Entry},
    ids::{CollaboratorId, MailId},
    mail::{Mail, MailContext, MailKind},
    mail_budget::{Cause, Counted, MailLimits},
    mail_quota::{Addressee, MailCounter},
    permission::Permission,
    precondition::Precondition,
    refusal::Refusal,
    scope::{Scope, ScopeId},
    text::Name,
    time::{DAY, Timestamp, Version},
};

/// How many people at the head of the list are looked at when a seat is released. The schedule looks at all of them.
pub const LOOKED_AT: usize = 8;

/// Whether a new collaborator waits if no seat is free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum IfFull {
    /// They are refused.
    #[default]
    Refuse,
    /// They wait for a seat.
    Wait,
}

words!(IfFull);

impl Facts {
    /// Whether a person waits instead of this refusal. Expired seats are swept before anyone waits.
    pub(crate) fn may_wait(&self, if_full: IfFull, refusal: &Refusal) -> bool {
        let no_seat_is_free = matches!(refusal, Refusal::SeatLimitReached { .. });
        no_seat_is_free && self.swept && if_full == IfFull::Wait
    }
}

/// A person who waits, with what decides whether they can have a seat now.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Their record.
    pub record: Collaborator,
    /// Their mail counter.
    pub counter: Option<MailCounter>,
    /// The record of the user who put them on the list; `None` if there is none, or it was not a user.
    pub inviter: Option<Collaborator>,
}

/// The head of a waiting list.
#[derive(Clone, Debug)]
pub struct Head {
    /// The people, in order.
    pub candidates: Vec<Candidate>,
    /// The scopes of their grants.
    pub scopes: BTreeMap<ScopeId, Scope>,
    /// The deployment's mail limits.
    pub limits: MailLimits,
}

/// Whether `decision` releases exactly one seat of a client with people who wait, so that it can be passed on with it.
/// Returns the client as it is afterwards.
#[must_use]
pub fn released_by(decision: &Decision) -> Option<&Client> {
    match decision.client()? {
        Change::Update { before, after } => {
            let is_one = before.seats.used.checked_sub(after.seats.used) == Some(1);
            Some(after).filter(|after| is_one && !after.waiting.is_empty())
        }
        Change::Check(_) | Change::Create(_) | Change::Delete(_) => None,
    }
}

/// The decision with a free seat given to the first of `head` who can have it; `None` if no seat is free, or no one can.
/// `client` is the client as it was read, and `mail_id` a new id for the mail.
///
/// People are passed over, and stay on the list, while all their access has ended or is archived, while the user who put
/// them there may not give that access, and while a limit on mails is reached.
#[must_use]
pub fn pass(
    decision: &Decision,
    client: &Client,
    head: &Head,
    mail_id: &MailId,
) -> Option<Decision> {
    head.candidates.iter().find_map(|candidate| {
        let waiting = candidate.record.waiting()?;
        let pass = Pass { decision, head, candidate, waiting, mail_id };
        pass.decide(client)
    })
}

/// Decides who gets a free seat of `client`; `None` if no seat is free, or no one can have it. It passes people over like
/// [`pass`].
#[must_use]
pub fn pass_free(
    client: &Client,
    head: &Head,
    mail_id: &MailId,
    now: Timestamp,
) -> Option<Decision> {
    pass(&Decision::at(now), client, head, mail_id)
}

/// A seat for one person who waits.
struct Pass<'a> {
    decision: &'a Decision,
    head: &'a Head,
    candidate: &'a Candidate,
    waiting: &'a Waiting,
    mail_id: &'a MailId,
}

impl Pass<'_> {
    fn decide(&self, client: &Client) -> Option<Decision> {
        let (record, now) = (&self.candidate.record, self.decision.now());
        let mut decision = self.decision.clone();
        let mut after = decision.client_after(client);
        let inviter = self.inviter();
        if record.has_ended(now)
            || !self.is_still_given(inviter, after.granting)
            || !after.pass_seat(&record.id)
        {
            return None;
        }
        let (membership, kind) = self.membership(&after);
        if kind == Some(MailKind::SeatFree) {
            let stored = self.candidate.counter.as_ref();
            let addressee = Addressee { client: &after.id, collaborator: &record.id };
            let counter = MailCounter::invited(stored, addressee, now).ok()?;
            let cause = Cause { giver: inviter.map(|it| &it.id), at: self.scopes().next()? };
            after.mails.count(Counted::Invitation, cause, self.head.limits, now).ok()?;
            if stored.is_some() || counter.has_resends() {
                decision.update_counter(stored, counter);
            }
        }
        let seated = Collaborator { membership, seat: true, ..record.clone().advanced(now) };
        let before = match decision.client() {
            Some(Change::Update { before, .. }) => before.clone(),
            Some(_) | None => client.clone(),
        };
        decision.update_client(&before, after.clone());
        decision.check_unchanged(inviter);
        if let Some(kind) = kind {
            decision.mail(self.mail(kind, &after, &seated)?);
        }
        let event = AuditEvent::new(Actor::System(SystemActor::WaitingList), Action::SeatPassed);
        decision.change(event, Some(record), Some(seated));
        Some(decision)
    }

    /// The user who put them on the list, as the decision leaves them.
    fn inviter(&self) -> Option<&Collaborator> {
        let read = self.candidate.inviter.as_ref()?;
        let changed =
            self.decision.collaborators().iter().find(|change| change.record().id == read.id);
        changed.map_or(Some(read), Change::outcome)
    }

    fn live_grants(&self) -> impl Iterator<Item = (&ScopeId, &Grant)> {
        let now = self.decision.now();
        self.candidate.record.grants.iter().filter(move |(_, grant)| grant.is_live(now))
    }

    fn scopes(&self) -> impl Iterator<Item = &ScopeId> {
        self.live_grants().map(|(scope, _)| scope)
    }

    /// Whether the user who put them on the list may still give the grants that they gave.
    fn is_still_given(&self, inviter: Option<&Collaborator>, granting: Granting) -> bool {
        let Actor::User { email, .. } = &self.waiting.by else { return true };
        let now = self.decision.now();
        let by_inviter = |grant: &Grant| matches!(&grant.granted_by, Actor::User { email: by, .. } if by == email);
        self.live_grants().filter(|(_, grant)| by_inviter(grant)).all(|(scope, grant)| {
            let held = inviter
                .map(|collaborator| Subject { collaborator, granting }.permissions(scope, now));
            held.is_some_and(|held| {
                held.contains(Permission::AccessManage) && held.includes(grant.role.to_handle())
            })
        })
    }

    /// What they become, and the kind of the mail.
    fn membership(&self, client: &Client) -> (Membership, Option<MailKind>) {
        let now = self.decision.now();
        let pending = |mail_id: MailId, end: Timestamp| {
            Invitation::queued(mail_id, self.waiting.by.clone(), end)
        };
        let mail_id = self.mail_id.clone();
        match &self.waiting.admission {
            Admission::Invitation(_) => {
                let invitation = pending(mail_id, client.invitation_expiry(now));
                (Membership::Pending(invitation), Some(MailKind::SeatFree))
            }
            Admission::Import { account: Some(account), notify, .. } => {
                let (account, accepted, mailed_at) = (account.clone(), None, None);
                let binding = Binding { account, accepted, mailed_at };
                (Membership::Active(binding), notify.then_some(MailKind::Granted))
            }
            Admission::Import { account: None, pending_days, notify: true } => {
                let invitation = pending(mail_id, now.after(DAY * u32::from(*pending_days)));
                (Membership::Pending(invitation), Some(MailKind::SeatFree))
            }
            Admission::Import { account: None, pending_days, notify: false } => {
                let end = now.after(DAY * u32::from(*pending_days));
                let invitation = pending(mail_id.of_no_mail(), end);
                let invitation = Invitation { delivery: Delivery::None, ..invitation };
                (Membership::Pending(invitation), None)
            }
        }
    }

    fn mail(&self, kind: MailKind, client: &Client, to: &Collaborator) -> Option<Mail> {
        let name = |scope: &ScopeId| -> Name {
            self.head.scopes.get(scope).map_or(&client.name, |it| &it.name).clone()
        };
        let mut scopes = self.scopes();
        let scope = scopes.next()?;
        let (scope_name, also) = (name(scope), scopes.map(name).collect());
        let context =
            MailContext { client, scope, scope_name: &scope_name, actor: &self.waiting.by };
        let message = match &self.waiting.admission {
            Admission::Invitation(message) => message.clone(),
            Admission::Import { .. } => None,
        };
        Some(context.mail(kind, to, self.mail_id.clone()).with_message(message).also_about(also))
    }
}

/// Whether the caller can read the waiting list of the client `facts.at`.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden` without `access:view`.
pub fn check_may_read(facts: &Facts, now: Timestamp) -> Result<(), Refusal> {
    facts.viewer(now)?.require(Permission::AccessView).map(drop)
}

/// Those of `records` who wait, in order.
pub fn in_order<'a>(
    client: &Client,
    records: &'a BTreeMap<CollaboratorId, Collaborator>,
) -> impl Iterator<Item = &'a Collaborator> {
    let found = client.waiting.iter().filter_map(|id| records.get(id));
    found.filter(|record| record.waiting().is_some())
}

/// The version of the order of a waiting list, for `If-Match`.
#[must_use]
pub fn version(client: &Client) -> Version {
    let mut hasher = DefaultHasher::new();
    client.waiting.iter().map(CollaboratorId::as_str).for_each(|id| id.hash(&mut hasher));
    // 52 bits, which every JSON parser reads exactly.
    Version::from_number(i64::try_from(hasher.finish() >> 12).unwrap_or_default())
}

/// Decides whether the people who wait are put in this order.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden` without `access:manage` at the client; `InvalidField` if `ids` are not exactly those who
/// wait; `VersionRequired`, `StaleVersion`.
pub fn reorder(
    facts: &Facts,
    records: &BTreeMap<CollaboratorId, Collaborator>,
    (ids, version): (&[CollaboratorId], Precondition),
    now: Timestamp,
) -> Result<Outcome<Client>, Refusal> {
    let grantor = facts.grantor(now)?;
    let client = grantor.context.client;
    version.check(Some(self::version(client)))?;
    let present: BTreeSet<&CollaboratorId> =
        in_order(client, records).map(|record| &record.id).collect();
    let named: BTreeSet<&CollaboratorId> = ids.iter().collect();
    if named != present || named.len() != ids.len() {
        return Err(Refusal::InvalidField { pointer: "/ids" });
    }
    let mut after = client.clone();
    after.set_list(ids.to_vec());
    let mut decision = Decision::at(now);
    if after != *client {
        decision.update_client(client, after.clone());
        let (action, at) = (Action::WaitingListReordered, client.scope());
        decision.record(Some(Entry::of_scope(grantor.actor, action, at, now)));
        decision.check_unchanged(grantor.record);
    }
    Ok(Outcome { decision, answer: after })
}

/// Makes the list name exactly those who wait, which the version before this one does not; `None` if it does.
#[must_use]
pub fn tidy(
    client: &Client,
    records: &BTreeMap<CollaboratorId, Collaborator>,
    now: Timestamp,
) -> Option<Decision> {
    let mut list: Vec<CollaboratorId> =
        in_order(client, records).map(|record| record.id.clone()).collect();
    let is_missing = |it: &&Collaborator| it.waiting().is_some() && !list.contains(&it.id);
    let missing: Vec<_> = records.values().filter(is_missing).map(|it| it.id.clone()).collect();
    list.extend(missing);
    let mut after = client.clone();
    after.set_list(list);
    let mut decision = Decision::at(now);
    decision.update_client(client, after);
    (!decision.is_empty()).then_some(decision)
}
