//! Erasing a person from a client (GDPR, articles 15 and 17): their record is deleted and its seat released, and a
//! pseudonym replaces their address and name everywhere else.
//!
//! docs/decisions/0016-erasure-deletes-the-record-first.md explains the order, and what is kept.

use std::collections::BTreeMap;

use crate::{
    actor::{Actor, SystemActor},
    client::Client,
    collaborator::{Admission, Collaborator, Declined, Former, Grant, Invitation, Membership},
    decision::{Change, Decision},
    email::{Email, PSEUDONYMS},
    expire::that_fit,
    history::{Action, AuditEvent, Entry, view::RecordedEntry},
    ids::{CollaboratorId, MailId},
    mail::Mail,
    refusal::Refusal,
    scope::{OwnerLabel, Scope, ScopeId},
    time::Timestamp,
};

/// The most records that are rewritten in one transaction.
pub const MAX_REWRITTEN: usize = 40;

/// How many characters of the id are in a pseudonym: 50 bits, so that two people of a client never share one.
const SHORT: usize = 10;

/// The person to erase. If they were invited again since their removal, what is stored of that time stays.
#[derive(Clone, Debug)]
pub struct ErasureSubject {
    id: CollaboratorId,
    email: Email,
    pseudonym: Email,
    /// The end of the time that is erased; `None` if the person was not invited again.
    until: Option<Timestamp>,
}

/// The effect of an erasure on a queued mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailDisposition {
    /// The mail does not concern the person, and is sent as it is.
    Keep,
    /// The mail is addressed to the person, and is not sent.
    Discard,
    /// The person caused the mail. It is sent without their message, and names this actor instead.
    Reattribute(Actor),
}

/// A history entry that names the person, and its replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RewrittenEntry {
    before: RecordedEntry,
    after: RecordedEntry,
}

impl RewrittenEntry {
    /// The entry that was read.
    #[must_use]
    pub const fn before(&self) -> &RecordedEntry {
        &self.before
    }

    /// The new entry.
    #[must_use]
    pub const fn after(&self) -> &RecordedEntry {
        &self.after
    }
}

impl ErasureSubject {
    /// The person with this address, and the id that it has in the client.
    #[must_use]
    pub fn new(id: CollaboratorId, email: Email) -> Self {
        // A valid address, because a history entry with anything else could not be read.
        let pseudonym = format!("erased-{}{PSEUDONYMS}", id.as_str().split_at(SHORT).0);
        Self { id, email, pseudonym: Email::canonical(pseudonym), until: None }
    }

    /// The person up to the time when they were invited `again`. Read this record after what is to be erased, so that it is
    /// there if any of that belongs to it.
    #[must_use]
    pub fn before(&self, again: Option<&Collaborator>) -> Self {
        let granted = again.into_iter().flat_map(|again| again.grants.values());
        let begin = granted.map(|grant| grant.granted_at.millis()).min();
        let until = begin.map(|begin| Timestamp::from_millis(begin.saturating_sub(1)));
        Self { until, ..self.clone() }
    }

    /// The id in the client.
    #[must_use]
    pub const fn id(&self) -> &CollaboratorId {
        &self.id
    }

    /// The address that replaces the person's; always the same one in a client.
    #[must_use]
    pub const fn pseudonym(&self) -> &Email {
        &self.pseudonym
    }

    /// Whether `actor` is the person.
    #[must_use]
    pub fn is_actor(&self, actor: &Actor) -> bool {
        match actor {
            Actor::User { email, .. } => *email == self.email,
            Actor::Platform(_) | Actor::System(_) => false,
        }
    }

    /// Whether the entry names the person, as its collaborator or its actor.
    #[must_use]
    pub fn is_named_in(&self, entry: &Entry) -> bool {
        let is_about = entry.collaborator.as_ref().is_some_and(|it| it.email == self.email);
        let is_named = is_about || self.is_actor(&entry.actor);
        is_named && self.includes(entry.at)
    }

    /// The scopes that the person owns, by the records of the scopes or by their own.
    #[must_use]
    pub fn owned_scopes(
        &self,
        client: &Client,
        scopes: &BTreeMap<ScopeId, Scope>,
        collaborator: Option<&Collaborator>,
    ) -> Vec<ScopeId> {
        let is_owner = |owner: &OwnerLabel| owner.id == self.id;
        let mut owned: Vec<ScopeId> = collaborator
            .into_iter()
            .flat_map(Collaborator::owned)
            .chain(
                scopes
                    .values()
                    .filter(|scope| scope.owner.as_ref().is_some_and(is_owner))
                    .map(|scope| &scope.id),
            )
            .cloned()
            .chain(is_owner(&client.owner).then(|| client.scope()))
            .collect();
        owned.sort();
        owned.dedup();
        owned
    }

    /// Decides that the person's record is deleted and its seat released; `None` if there is no record.
    ///
    /// Afterwards the person cannot act in the client, so no new entry can name them.
    ///
    /// # Errors
    /// [`Refusal::OwnerMustTransfer`] while the person owns the client or an event (docs/domain.md#rule-5).
    pub fn remove(
        &self,
        client: &Client,
        scopes: &BTreeMap<ScopeId, Scope>,
        collaborator: Option<&Collaborator>,
        now: Timestamp,
    ) -> Result<Option<Decision>, Refusal> {
        if !self.owned_scopes(client, scopes, collaborator).is_empty() {
            return Err(Refusal::OwnerMustTransfer);
        }
        let Some(collaborator) = collaborator else { return Ok(None) };
        let mut decision = Decision::at(now);
        let mut after = client.clone();
        after.return_seats(u32::from(collaborator.seat));
        after.leave_list(&collaborator.id);
        decision.update_client(client, after);
        let event = AuditEvent::new(Actor::System(SystemActor::Erase), Action::Erased);
        let entry = Entry::of(event, Some(collaborator), None, now);
        decision.record(entry.map(|entry| self.pseudonymized(entry)));
        decision.collaborator(Change::Delete(collaborator.clone()));
        Ok(Some(decision))
    }

    /// Decides to replace the person as grantor and inviter in the records of others, of [`MAX_REWRITTEN`] at most;
    /// `None` if there are none.
    ///
    /// The versions of these records grow, so that a concurrent change cannot write the address back.
    #[must_use]
    pub fn rewrite_others<'a>(
        &self,
        collaborators: impl IntoIterator<Item = &'a Collaborator>,
        now: Timestamp,
    ) -> Option<Decision> {
        let mut decision = Decision::at(now);
        let others = collaborators.into_iter().filter(|collaborator| collaborator.id != self.id);
        let rewritten = others.filter(|other| self.rewrite_other(other, now).is_some());
        for before in that_fit(rewritten, MAX_REWRITTEN) {
            if let Some(after) = self.rewrite_other(before, now) {
                decision.collaborator(Change::Update { before: before.clone(), after });
            }
        }
        (!decision.is_empty()).then_some(decision)
    }

    fn rewrite_other(&self, other: &Collaborator, now: Timestamp) -> Option<Collaborator> {
        let mut after = other.clone();
        let is_erased = |grant: &&mut Grant| {
            self.is_actor(&grant.granted_by) && self.includes(grant.granted_at)
        };
        for grant in after.grants.values_mut().filter(is_erased) {
            grant.granted_by = self.pseudonymous_actor();
        }
        let invitation = match &mut after.membership {
            Membership::Pending(invitation)
            | Membership::Suspended(Former::Pending(invitation))
            | Membership::Declined(Declined { invitation, .. }) => Some(invitation),
            Membership::Waiting(waiting) => {
                if self.is_actor(&waiting.by) && self.includes(waiting.since) {
                    waiting.by = self.pseudonymous_actor();
                    if let Admission::Invitation(message) = &mut waiting.admission {
                        *message = None;
                    }
                }
                None
            }
            Membership::Active(_) | Membership::Suspended(Former::Active(_)) => None,
        };
        let is_erased = |invitation: &&mut Invitation| {
            self.is_actor(&invitation.invited_by) && self.is_before(&invitation.mail_id)
        };
        if let Some(invitation) = invitation.filter(is_erased) {
            invitation.invited_by = self.pseudonymous_actor();
        }
        (after != *other).then(|| after.advanced(now))
    }

    /// The replacement of a history entry; `None` if it does not name the person.
    #[must_use]
    pub fn rewrite(&self, recorded: &RecordedEntry) -> Option<RewrittenEntry> {
        self.is_named_in(&recorded.entry).then(|| {
            let entry = self.pseudonymized(recorded.entry.clone());
            let after = RecordedEntry { id: recorded.id.clone(), entry };
            RewrittenEntry { before: recorded.clone(), after }
        })
    }

    /// The entry under the pseudonym. The reason is removed, because its text is free and can name the person.
    fn pseudonymized(&self, mut entry: Entry) -> Entry {
        if let Some(label) = entry.collaborator.as_mut().filter(|it| it.email == self.email) {
            label.email = self.pseudonym.clone();
            label.name = None;
        }
        if self.is_actor(&entry.actor) {
            entry.actor = self.pseudonymous_actor();
        }
        entry.reason = None;
        entry
    }

    /// The effect of the erasure on a mail.
    #[must_use]
    pub fn disposition(&self, mail: &Mail) -> MailDisposition {
        if self.receives(mail) {
            MailDisposition::Discard
        } else {
            self.disposition_by(&mail.actor, &mail.mail_id)
        }
    }

    /// Whether a mail is addressed to the person.
    #[must_use]
    pub fn receives(&self, mail: &Mail) -> bool {
        mail.collaborator == self.id && self.is_before(&mail.mail_id)
    }

    /// The effect of the erasure on a mail to others that `actor` caused.
    #[must_use]
    pub fn disposition_by(&self, actor: &Actor, mail_id: &MailId) -> MailDisposition {
        if self.is_actor(actor) && self.is_before(mail_id) {
            MailDisposition::Reattribute(Actor::Platform(None))
        } else {
            MailDisposition::Keep
        }
    }

    /// Whether a mail was queued in the time that is erased. A mail whose id contains no time was.
    fn is_before(&self, mail_id: &MailId) -> bool {
        mail_id.queued_at().is_none_or(|queued_at| self.includes(queued_at))
    }

    fn includes(&self, time: Timestamp) -> bool {
        self.until.is_none_or(|until| time <= until)
    }

    fn pseudonymous_actor(&self) -> Actor {
        Actor::User { email: self.pseudonym.clone(), name: None, via: None }
    }
}
