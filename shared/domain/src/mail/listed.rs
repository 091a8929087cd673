//! The people whom a mail lists.

use crate::{
    collaborator::{Collaborator, InvitationIssue},
    ids::CollaboratorId,
    scope::ScopeId,
};

/// A team whose access ends, as a mail shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamInMail {
    /// The first people of it, as many as the mail names. By id, so that the mail does not name people who are erased before
    /// it is sent.
    pub named: Vec<CollaboratorId>,
    /// How many people there are.
    pub size: usize,
}

impl TeamInMail {
    /// How many people a mail names at most.
    const MOST_NAMED: usize = 10;

    pub(crate) fn of(people: &[&Collaborator]) -> Self {
        let named = people.iter().take(Self::MOST_NAMED).map(|person| person.id.clone()).collect();
        Self { named, size: people.len() }
    }
}

/// The invitations that need their inviter, as a mail lists them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestInMail {
    /// The first of them, as many as the mail lists.
    pub lines: Vec<DigestLine>,
    /// How many there are.
    pub size: usize,
}

/// One invitation. The person is named by id, so that the mail does not name people who are erased before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestLine {
    /// The person.
    pub person: CollaboratorId,
    /// Where the recipient finds them.
    pub scope: ScopeId,
    /// Why the recipient should look at it.
    pub issue: InvitationIssue,
}

impl DigestInMail {
    /// How many invitations a mail lists at most.
    const MOST_LISTED: usize = 20;

    pub(crate) fn of(mut lines: Vec<DigestLine>) -> Self {
        let size = lines.len();
        lines.truncate(Self::MOST_LISTED);
        Self { lines, size }
    }
}
