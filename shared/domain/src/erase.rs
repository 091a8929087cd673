//! Erasing a person from a client (GDPR, articles 15 and 17): the record goes and its seat is given back, and wherever
//! else an address, a name or a reason stands, a pseudonym takes its place.
//!
//! Decision 0016 says in which order, and what is kept.

use std::collections::BTreeMap;

use crate::{
    actor::{Actor, SystemActor},
    client::Client,
    collaborator::{Collaborator, Invitation, Membership},
    decision::{Change, Decision},
    email::Email,
    history::{Action, AuditEvent, Entry, view::RecordedEntry},
    ids::CollaboratorId,
    mail::Mail,
    refusal::Refusal,
    scope::{OwnerLabel, Scope, ScopeId},
    time::Timestamp,
};

/// The most people whose records are rewritten at once, so that they fit one transaction.
pub const MAX_REWRITTEN: usize = 40;

/// How much of the id stands in a pseudonym: 50 bits, so that no two people of a client share one.
const SHORT: usize = 10;

/// The domain of pseudonyms, which no mail can ever reach (RFC 2606).
const NOWHERE: &str = "@erased.invalid";

/// Whether an address is the pseudonym of somebody who was erased.
#[must_use]
pub fn is_pseudonym(email: &Email) -> bool {
    email.key().ends_with(NOWHERE)
}

/// Whom an erasure is about.
#[derive(Clone, Debug)]
pub struct ErasureSubject {
    id: CollaboratorId,
    email: Email,
    pseudonym: Email,
}

/// What becomes of a mail that is still to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailDisposition {
    /// It is sent as it is.
    Keep,
    /// It is for the person, and is not sent.
    Discard,
    /// The person caused it; it is sent without what the person adds, and names this one instead.
    Reattribute(Actor),
}

/// An entry of the history in which the person stands, and what it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RewrittenEntry {
    before: RecordedEntry,
    after: RecordedEntry,
}

impl RewrittenEntry {
    /// The entry as it was read.
    #[must_use]
    pub const fn before(&self) -> &RecordedEntry {
        &self.before
    }

    /// The entry as it is to be.
    #[must_use]
    pub const fn after(&self) -> &RecordedEntry {
        &self.after
    }
}

impl ErasureSubject {
    /// The collaborator with this address and this id in the client.
    #[must_use]
    pub fn new(id: CollaboratorId, email: Email) -> Self {
        let pseudonym =
            Email::canonical(format!("erased-{}{NOWHERE}", id.as_str().split_at(SHORT).0));
        Self { id, email, pseudonym }
    }

    /// The id in the client.
    #[must_use]
    pub const fn id(&self) -> &CollaboratorId {
        &self.id
    }

    /// The address that takes the place of the person's: always the same one in a client.
    #[must_use]
    pub const fn pseudonym(&self) -> &Email {
        &self.pseudonym
    }

    /// Whether `actor` is the person.
    #[must_use]
    pub fn is_actor(&self, actor: &Actor) -> bool {
        match actor {
            Actor::User { email, .. } => *email == self.email,
            Actor::Platform | Actor::System(_) => false,
        }
    }

    /// Whether the entry names the person, as whom it is about or as who did it.
    #[must_use]
    pub fn is_named_in(&self, entry: &Entry) -> bool {
        entry.collaborator.email == self.email || self.is_actor(&entry.actor)
    }

    /// The scopes that the person owns, by their own records or by his.
    #[must_use]
    pub fn owned_scopes(
        &self,
        client: &Client,
        scopes: &BTreeMap<ScopeId, Scope>,
        collaborator: Option<&Collaborator>,
    ) -> Vec<ScopeId> {
        let named = |owner: &OwnerLabel| owner.id == self.id;
        let of_client = named(&client.owner).then(|| client.scope());
        let of_scopes = scopes.values().filter(|scope| scope.owner.as_ref().is_some_and(named));
        let mut owned: Vec<ScopeId> =
            of_client.into_iter().chain(of_scopes.map(|scope| scope.id.clone())).collect();
        let grants = collaborator.into_iter().flat_map(Collaborator::owned);
        owned.extend(grants.cloned());
        owned.sort();
        owned.dedup();
        owned
    }

    /// Decides on the removal of the person's record, if there is one: it goes, and its seat is given back with it.
    ///
    /// From then on nobody acts under it, so that nothing new can name the person.
    ///
    /// # Errors
    /// [`Refusal::OwnerMustTransfer`] as long as the person owns the client or an event: each has an owner at any moment
    /// (`domain.md`, rule 5).
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
        decision.update_client(client, after);
        let event = AuditEvent::new(Actor::System(SystemActor::Erase), Action::Erased);
        let entry = Entry::of(event, Some(collaborator), None, now);
        decision.record(entry.map(|entry| self.unnamed(entry)));
        decision.collaborator(Change::Delete(collaborator.clone()));
        Ok(Some(decision))
    }

    /// Decides which records of others no longer name the person as who gave or invited, of [`MAX_REWRITTEN`] at most;
    /// `None` if there are none.
    ///
    /// Their versions grow: whoever changes one of them at this very moment must not write the address back.
    #[must_use]
    pub fn rewrite_others<'a>(
        &self,
        collaborators: impl IntoIterator<Item = &'a Collaborator>,
        now: Timestamp,
    ) -> Option<Decision> {
        let mut decision = Decision::at(now);
        let others = collaborators.into_iter().filter(|collaborator| collaborator.id != self.id);
        let rewritten =
            others.filter_map(|collaborator| Some((collaborator, self.left(collaborator, now)?)));
        for (collaborator, after) in rewritten.take(MAX_REWRITTEN) {
            decision.collaborator(Change::Update { before: collaborator.clone(), after });
        }
        (!decision.is_empty()).then_some(decision)
    }

    /// The record of somebody else without the person; `None` if it names him nowhere.
    fn left(&self, other: &Collaborator, now: Timestamp) -> Option<Collaborator> {
        let mut after = other.clone();
        for grant in after.grants.values_mut().filter(|grant| self.is_actor(&grant.granted_by)) {
            grant.granted_by = self.nobody();
        }
        after.membership = match after.membership {
            Membership::Pending(invitation) if self.is_actor(&invitation.invited_by) => {
                Membership::Pending(Invitation { invited_by: self.nobody(), ..invitation })
            }
            same @ (Membership::Pending(_) | Membership::Active(_)) => same,
        };
        (after != *other).then(|| after.advanced(now))
    }

    /// What an entry of the history is to be; `None` if the person does not stand in it.
    #[must_use]
    pub fn rewrite(&self, recorded: &RecordedEntry) -> Option<RewrittenEntry> {
        self.is_named_in(&recorded.entry).then(|| {
            let entry = self.unnamed(recorded.entry.clone());
            let after = RecordedEntry { id: recorded.id.clone(), entry };
            RewrittenEntry { before: recorded.clone(), after }
        })
    }

    /// The entry under the pseudonym. The reason goes, as it is in somebody's own words.
    fn unnamed(&self, mut entry: Entry) -> Entry {
        if entry.collaborator.email == self.email {
            entry.collaborator.email = self.pseudonym.clone();
            entry.collaborator.name = None;
        }
        if self.is_actor(&entry.actor) {
            entry.actor = self.nobody();
        }
        entry.reason = None;
        entry
    }

    /// What becomes of a mail.
    #[must_use]
    pub fn disposition(&self, mail: &Mail) -> MailDisposition {
        if self.receives(mail) {
            MailDisposition::Discard
        } else {
            self.disposition_by(&mail.actor)
        }
    }

    /// Whether a mail is for the person.
    #[must_use]
    pub fn receives(&self, mail: &Mail) -> bool {
        mail.collaborator == self.id
    }

    /// What becomes of a mail to others that `by` caused: they are told by the team of the client.
    #[must_use]
    pub fn disposition_by(&self, by: &Actor) -> MailDisposition {
        if self.is_actor(by) {
            MailDisposition::Reattribute(Actor::Platform)
        } else {
            MailDisposition::Keep
        }
    }

    fn nobody(&self) -> Actor {
        Actor::User { email: self.pseudonym.clone(), name: None }
    }
}
