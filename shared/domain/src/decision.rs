//! What a command decided: the records that change and those that must hold, the history, and the mail.
//!
//! Only the commands of this crate make a [`Decision`], so what was not decided cannot be written.

use crate::{
    announcement::Announcement,
    client::Client,
    collaborator::Collaborator,
    history::{Action, Entry},
    ids::CollaboratorId,
    mail::{Mail, MailKind},
    mail_quota::MailCounter,
    scope::Scope,
    time::Timestamp,
};

/// What becomes of one record that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<T> {
    /// It must still be as it was read.
    Check(T),
    /// It must not be there, and is written.
    Create(T),
    /// It must still be as it was read, and becomes something else.
    Update {
        /// As it was read.
        before: T,
        /// As it is to be.
        after: T,
    },
    /// It must still be as it was read, and goes.
    Delete(T),
}

impl<T> Change<T> {
    /// The record as it was read, or as it is to be where there was none.
    #[must_use]
    pub const fn record(&self) -> &T {
        match self {
            Self::Check(record)
            | Self::Create(record)
            | Self::Delete(record)
            | Self::Update { before: record, .. } => record,
        }
    }

    /// The record as it is once this is written; `None` if it goes.
    #[must_use]
    pub const fn outcome(&self) -> Option<&T> {
        match self {
            Self::Check(record) | Self::Create(record) | Self::Update { after: record, .. } => {
                Some(record)
            }
            Self::Delete(_) => None,
        }
    }

    fn is_check(&self) -> bool {
        matches!(self, Self::Check(_))
    }
}

/// A set of changes that happen together, or not at all.
#[derive(Clone, Debug)]
pub struct Decision {
    now: Timestamp,
    client: Option<Change<Client>>,
    scopes: Vec<Change<Scope>>,
    collaborators: Vec<Change<Collaborator>>,
    counter: Option<Change<MailCounter>>,
    history: Vec<Entry>,
    mails: Vec<Mail>,
    announcement: Option<Announcement>,
}

impl Decision {
    /// A decision that changes nothing yet.
    pub(crate) const fn at(now: Timestamp) -> Self {
        Self {
            now,
            client: None,
            scopes: Vec::new(),
            collaborators: Vec::new(),
            counter: None,
            history: Vec::new(),
            mails: Vec::new(),
            announcement: None,
        }
    }

    /// Whether there is nothing to write: whatever must hold needs no writing by itself.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.client.as_ref().is_none_or(Change::is_check)
            && self.scopes.iter().all(Change::is_check)
            && self.collaborators.iter().all(Change::is_check)
            && self.counter.is_none()
    }

    /// When it was decided.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// What becomes of the client; `None` if the decision does not depend on it.
    #[must_use]
    pub const fn client(&self) -> Option<&Change<Client>> {
        self.client.as_ref()
    }

    /// What becomes of audiences, events and communities.
    #[must_use]
    pub fn scopes(&self) -> &[Change<Scope>] {
        &self.scopes
    }

    /// What becomes of collaborators, each of whom is named once.
    #[must_use]
    pub fn collaborators(&self) -> &[Change<Collaborator>] {
        &self.collaborators
    }

    /// What becomes of the count of somebody's mails.
    #[must_use]
    pub const fn counter(&self) -> Option<&Change<MailCounter>> {
        self.counter.as_ref()
    }

    /// What is written into the history.
    #[must_use]
    pub fn history(&self) -> &[Entry] {
        &self.history
    }

    /// What is to be mailed.
    #[must_use]
    pub fn mails(&self) -> &[Mail] {
        &self.mails
    }

    /// What is to be mailed to everybody.
    #[must_use]
    pub const fn announcement(&self) -> Option<&Announcement> {
        self.announcement.as_ref()
    }

    /// The client becomes `after`; it must hold if that is what it was.
    pub(crate) fn update_client(&mut self, before: &Client, after: Client) {
        self.client = Some(if *before == after {
            Change::Check(after)
        } else {
            Change::Update { before: before.clone(), after }
        });
    }

    /// There is a client where there was none.
    pub(crate) fn create_client(&mut self, client: Client) {
        self.client = Some(Change::Create(client));
    }

    /// A scope changes.
    pub(crate) fn scope(&mut self, change: Change<Scope>) {
        self.scopes.push(change);
    }

    /// A collaborator changes.
    pub(crate) fn collaborator(&mut self, change: Change<Collaborator>) {
        self.collaborators.push(change);
    }

    /// A collaborator must still be as he was read, unless the decision changes him anyway.
    pub(crate) fn check_unchanged(&mut self, collaborator: Option<&Collaborator>) {
        if let Some(held) = collaborator
            && !self.names(&held.id)
        {
            self.collaborators.push(Change::Check(held.clone()));
        }
    }

    /// The count of somebody's mails becomes `after`.
    pub(crate) fn update_counter(&mut self, before: Option<&MailCounter>, after: MailCounter) {
        self.counter = Some(match before {
            None => Change::Create(after),
            Some(before) => Change::Update { before: before.clone(), after },
        });
    }

    /// Something is written into the history.
    pub(crate) fn record(&mut self, entry: Option<Entry>) {
        self.history.extend(entry);
    }

    /// Something is to be mailed.
    pub(crate) fn mail(&mut self, mail: Mail) {
        self.mails.push(mail);
    }

    /// Something is to be mailed to everybody.
    pub(crate) fn announce(&mut self, announcement: Announcement) {
        self.announcement = Some(announcement);
    }

    /// The same under another name: what was done, in the history, and what somebody active is told.
    pub(crate) fn relabel(mut self, action: Action, kind: MailKind) -> Self {
        self.history.iter_mut().for_each(|entry| entry.action = action);
        let told = self.mails.iter_mut().filter(|mail| mail.kind == MailKind::Granted);
        told.for_each(|mail| mail.kind = kind);
        self
    }

    fn names(&self, id: &CollaboratorId) -> bool {
        self.collaborators.iter().any(|change| change.record().id == *id)
    }
}

/// A decision with what the caller is answered.
#[derive(Clone, Debug)]
pub struct Outcome<T> {
    /// What is to be written.
    pub decision: Decision,
    /// What is answered once it is.
    pub answer: T,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_tells_what_there_is_once_it_is_written() {
        assert_eq!(Change::Check("as it was").outcome(), Some(&"as it was"));
        assert_eq!(Change::Create("new").outcome(), Some(&"new"));
        assert_eq!(Change::Update { before: "old", after: "new" }.outcome(), Some(&"new"));
        assert_eq!(Change::Delete("old").outcome(), None);
    }
}
