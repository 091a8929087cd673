//! The result of a command: which records change, which must be unchanged, the history entries and the mails.
//!
//! Only this crate makes a [`Decision`], so nothing can be written that was not decided here.

use std::collections::BTreeMap;

use crate::{
    actor::Actor,
    announcement::Announcement,
    client::Client,
    client_rules::ClientRules,
    collaborator::Collaborator,
    dates::AccessEnds,
    history::{Action, AuditEvent, Entry, Moved, SeatCount},
    mail::{Mail, MailKind},
    mail_quota::{Addressee, MailCounter, Notice},
    role::Role,
    scope::{Scope, ScopeId},
    time::{Timestamp, Version},
};

/// The most events that must be unchanged because they ended access of one person. One transaction has a hundred items.
const MOST_ENDED_EVENTS: usize = 80;

/// The effect of a decision on one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<T> {
    /// The record must be unchanged, and is not written.
    Check(T),
    /// The record must not exist, and is created.
    Create(T),
    /// The record must be unchanged, and is replaced.
    Update {
        /// The record that was read.
        before: T,
        /// The new record.
        after: T,
    },
    /// The record must be unchanged, and is deleted.
    Delete(T),
}

impl<T> Change<T> {
    /// The record that was read, or the new one if there was none.
    #[must_use]
    pub const fn record(&self) -> &T {
        match self {
            Self::Check(record)
            | Self::Create(record)
            | Self::Delete(record)
            | Self::Update { before: record, .. } => record,
        }
    }

    /// The record after the change; `None` if it is deleted.
    #[must_use]
    pub const fn outcome(&self) -> Option<&T> {
        match self {
            Self::Check(record) | Self::Create(record) | Self::Update { after: record, .. } => {
                Some(record)
            }
            Self::Delete(_) => None,
        }
    }

    const fn is_check(&self) -> bool {
        matches!(self, Self::Check(_))
    }
}

/// Changes that are written together, in one transaction.
#[derive(Clone, Debug)]
pub struct Decision {
    now: Timestamp,
    client: Option<Change<Client>>,
    rules: Option<Change<ClientRules>>,
    scopes: Vec<Change<Scope>>,
    ended_events: BTreeMap<ScopeId, Version>,
    collaborators: Vec<Change<Collaborator>>,
    counters: Vec<Change<MailCounter>>,
    history: Vec<Entry>,
    mails: Vec<Mail>,
    announcement: Option<Announcement>,
}

impl Decision {
    /// An empty decision.
    pub(crate) const fn at(now: Timestamp) -> Self {
        Self {
            now,
            client: None,
            rules: None,
            scopes: Vec::new(),
            ended_events: BTreeMap::new(),
            collaborators: Vec::new(),
            counters: Vec::new(),
            history: Vec::new(),
            mails: Vec::new(),
            announcement: None,
        }
    }

    /// Whether there is nothing to write. Checks alone need no transaction.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.client.as_ref().is_none_or(Change::is_check)
            && self.rules.as_ref().is_none_or(Change::is_check)
            && self.scopes.iter().all(Change::is_check)
            && self.collaborators.iter().all(Change::is_check)
            && self.counters.is_empty()
    }

    /// The time of the decision.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// The change of the client; `None` if the decision does not depend on it.
    #[must_use]
    pub const fn client(&self) -> Option<&Change<Client>> {
        self.client.as_ref()
    }

    /// The change of the client's rules. A decision that gives one of its roles checks that they are unchanged, so that no one
    /// gives a role that was extended or deleted meanwhile, and so does one that removes access that ended with an event.
    #[must_use]
    pub fn rules(&self) -> Option<Change<ClientRules>> {
        let gives_one = self.collaborators.iter().any(|change| {
            let before = match change {
                Change::Update { before, .. } => Some(&before.grants),
                Change::Check(_) | Change::Create(_) | Change::Delete(_) => None,
            };
            let after = change.outcome().filter(|_| !change.is_check());
            after.is_some_and(|after| {
                after.grants.iter().any(|(scope, grant)| {
                    let was = before.and_then(|grants| grants.get(scope)).map(|was| was.role);
                    matches!(grant.role, Role::Named(_)) && was != Some(grant.role)
                })
            })
        });
        let read = || self.client.as_ref().map(|client| client.record().rules.clone());
        let depends = gives_one || !self.ended_events.is_empty();
        let checked = || read().filter(|_| depends).map(Change::Check);
        self.rules.clone().or_else(checked)
    }

    /// The changes of audiences, events and communities.
    #[must_use]
    pub fn scopes(&self) -> &[Change<Scope>] {
        &self.scopes
    }

    /// The events whose end removes access, with the version that they must still have, so that access is kept if the event
    /// is moved meanwhile.
    #[must_use]
    pub const fn ended_events(&self) -> &BTreeMap<ScopeId, Version> {
        &self.ended_events
    }

    /// The changes of collaborators, one for each.
    #[must_use]
    pub fn collaborators(&self) -> &[Change<Collaborator>] {
        &self.collaborators
    }

    /// The changes of mail counters, one for each collaborator.
    #[must_use]
    pub fn counters(&self) -> &[Change<MailCounter>] {
        &self.counters
    }

    /// The new history entries.
    #[must_use]
    pub fn history(&self) -> &[Entry] {
        &self.history
    }

    /// The mails to queue.
    #[must_use]
    pub fn mails(&self) -> &[Mail] {
        &self.mails
    }

    /// The announcement to queue.
    #[must_use]
    pub const fn announcement(&self) -> Option<&Announcement> {
        self.announcement.as_ref()
    }

    /// The client becomes `after`, or must be unchanged if the two are equal.
    pub(crate) fn update_client(&mut self, before: &Client, after: Client) {
        self.count_seats(&after);
        self.client = Some(if *before == after {
            Change::Check(after)
        } else {
            Change::Update { before: before.clone(), after }
        });
    }

    /// The client is created.
    pub(crate) fn create_client(&mut self, client: Client) {
        self.count_seats(&client);
        self.client = Some(Change::Create(client));
    }

    /// The history entries show the seats of the client after the decision, in whatever order the two are added.
    fn count_seats(&mut self, client: &Client) {
        let seats = Some(client.seats.into());
        self.history.iter_mut().for_each(|entry| entry.seats = seats);
    }

    fn seats(&self) -> Option<SeatCount> {
        let after = self.client.as_ref().and_then(Change::outcome);
        after.map(|client| client.seats.into())
    }

    /// The client after the decision; `before` if the decision does not change it.
    pub(crate) fn client_after(&self, before: &Client) -> Client {
        self.client.as_ref().and_then(Change::outcome).unwrap_or(before).clone()
    }

    /// From now on, some event of the client has an end of its own, so that events are read with grants. Returns the rules of the
    /// client after the decision.
    pub(crate) fn ends_by_event(&mut self, client: &Client) -> ClientRules {
        let mut rules = client.rules.clone();
        if !rules.access_ends.of_events {
            let time_zone = client.look.time_zone.as_ref();
            rules.access_ends = AccessEnds::new(rules.access_ends.after_days, time_zone, true);
            rules.version += 1;
            self.update_rules(&client.rules, rules.clone());
        }
        rules
    }

    /// The rules of the client become `after`.
    pub(crate) fn update_rules(&mut self, before: &ClientRules, after: ClientRules) {
        self.rules = Some(if before.version == 0 {
            Change::Create(after)
        } else {
            Change::Update { before: before.clone(), after }
        });
    }

    /// A scope changes.
    pub(crate) fn scope(&mut self, change: Change<Scope>) {
        self.scopes.push(change);
    }

    /// A collaborator changes, without a history entry.
    pub(crate) fn collaborator(&mut self, change: Change<Collaborator>) {
        self.collaborators.push(change);
    }

    /// A collaborator is created, updated or deleted, with a history entry.
    pub(crate) fn change(
        &mut self,
        event: AuditEvent,
        before: Option<&Collaborator>,
        after: Option<Collaborator>,
    ) {
        self.record(Entry::of(event, before, after.as_ref(), self.now));
        self.collaborators.extend(match (before.cloned(), after) {
            (None, None) => None,
            (None, Some(after)) => Some(Change::Create(after)),
            (Some(before), Some(after)) => Some(Change::Update { before, after }),
            (Some(before), None) => Some(Change::Delete(before)),
        });
    }

    /// A person moves from one record to another, with a history entry under each.
    pub(crate) fn relocate(&mut self, actor: &Actor, before: &Collaborator, after: Collaborator) {
        let event = || AuditEvent::new(actor.clone(), Action::EmailChanged);
        let left = Entry::of(event(), Some(before), None, self.now);
        let arrived = Entry::of(event(), None, Some(&after), self.now);
        for (entry, moved) in
            [(left, Moved::To(after.id.clone())), (arrived, Moved::From(before.id.clone()))]
        {
            self.record(entry.map(|entry| Entry { moved: Some(moved), ..entry }));
        }
        self.collaborator(Change::Delete(before.clone()));
        self.collaborator(Change::Create(after));
    }

    /// A collaborator must be unchanged, unless the decision changes them anyway; nothing to check for the platform.
    pub(crate) fn check_unchanged<'a>(&mut self, record: impl Into<Option<&'a Collaborator>>) {
        let Some(collaborator) = record.into() else { return };
        if self.collaborators.iter().all(|change| change.record().id != collaborator.id) {
            self.collaborators.push(Change::Check(collaborator.clone()));
        }
    }

    /// The events that ended grants of `collaborator`, which the decision removes, must be unchanged: as many as fit one
    /// transaction with the other changes of one person.
    pub(crate) fn check_ended_events(&mut self, collaborator: &Collaborator) {
        let ended = ended_events(collaborator, self.now).take(MOST_ENDED_EVENTS);
        self.ended_events.extend(ended.map(|(event, version)| (event.clone(), version)));
    }

    /// A mail counter becomes `after`.
    pub(crate) fn update_counter(&mut self, before: Option<&MailCounter>, after: MailCounter) {
        self.counters.retain(|change| change.record().collaborator != after.collaborator);
        self.counters.push(match before {
            None => Change::Create(after),
            Some(before) => Change::Update { before: before.clone(), after },
        });
    }

    /// What the record of a collaborator shows of the mails to them is stored in the counter, since the record is
    /// deleted. `stored` is the counter that was read.
    pub(crate) fn keep_counter(&mut self, stored: Option<&MailCounter>, gone: &Collaborator) {
        let mut counters = self.counters.iter().filter_map(Change::outcome);
        let notified = counters.find(|counter| counter.collaborator == gone.id);
        let known = MailCounter::known(notified.or(stored), Some(gone));
        if let Some(known) = known.filter(|it| it.matters(self.now) && Some(it) != stored) {
            self.update_counter(stored, known);
        }
    }

    /// A history entry is written.
    pub(crate) fn record(&mut self, entry: Option<Entry>) {
        let seats = self.seats();
        self.history.extend(entry.map(|entry| Entry { seats, ..entry }));
    }

    /// A mail is queued.
    pub(crate) fn mail(&mut self, mail: Mail) {
        self.mails.push(mail);
    }

    /// An active collaborator is notified of a change of their access, unless a queued summary covers it
    /// (docs/domain.md#rule-9). `counter` is theirs, and `before` the record before the change.
    pub(crate) fn notify(
        &mut self,
        counter: Option<&MailCounter>,
        before: &Collaborator,
        mail: Mail,
    ) {
        let addressee = Addressee { client: &mail.client, collaborator: &mail.collaborator };
        let (notice, after) = MailCounter::notice(counter, addressee, before.changed_at, self.now);
        if let Some(after) = after {
            self.update_counter(counter, after);
        }
        match notice {
            Notice::Single => self.mail(mail),
            Notice::SumUp(at) => self.mail(mail.summing_up(at)),
            Notice::InSummary => {}
        }
    }

    /// An announcement is queued.
    pub(crate) fn announce(&mut self, announcement: Announcement) {
        self.announcement = Some(announcement);
    }

    /// The same decision, whose history names the scope whose team was copied.
    pub(crate) fn copied_from(mut self, source: &ScopeId) -> Self {
        self.history.iter_mut().for_each(|entry| entry.source = Some(source.clone()));
        self
    }

    /// The same decision with another action in the history, and another kind for the mail to an active collaborator.
    pub(crate) fn relabel(mut self, action: Action, kind: MailKind) -> Self {
        self.history.iter_mut().for_each(|entry| entry.action = action);
        let granted = self.mails.iter_mut().filter(|mail| mail.kind == MailKind::Granted);
        granted.for_each(|mail| mail.kind = kind);
        self
    }
}

/// The events that ended grants of a collaborator, each with its version. Grants that reached their own end are no reason to
/// look at their event.
pub(crate) fn ended_events(
    collaborator: &Collaborator,
    now: Timestamp,
) -> impl Iterator<Item = (&ScopeId, Version)> {
    let grants = collaborator.grants.iter();
    grants.filter_map(move |(event, grant)| Some((event, grant.ended_by(now)?)))
}

/// A decision, with the answer to the caller.
#[derive(Clone, Debug)]
pub struct Outcome<T> {
    /// The changes to write.
    pub decision: Decision,
    /// The answer once they are written.
    pub answer: T,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_has_the_record_that_is_stored_after_it() {
        assert_eq!(Change::Check("same").outcome(), Some(&"same"));
        assert_eq!(Change::Create("new").outcome(), Some(&"new"));
        assert_eq!(Change::Update { before: "old", after: "new" }.outcome(), Some(&"new"));
        assert_eq!(Change::Delete("old").outcome(), None);
    }
}
