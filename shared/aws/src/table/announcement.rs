//! The stored content of an announcement and of its mails, and whom it is for.

use coulisses_domain::{
    ids::CollaboratorId,
    recipients::RecipientFilter,
    role::RoleName,
    text::{AnnouncementText, MailSubject, Paragraphs},
};
use serde::{Deserialize, Serialize};

use super::item::{Unreadable, known, optional, read};

/// The subject and text of an announcement.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredAnnouncementText {
    pub subject: String,
    pub text: String,
}

impl StoredAnnouncementText {
    pub(super) fn new(words: &AnnouncementText) -> Self {
        Self { subject: words.subject.as_str().into(), text: words.text.as_str().into() }
    }

    pub(super) fn into_domain(self) -> Result<AnnouncementText, Unreadable> {
        Ok(AnnouncementText {
            subject: read("announced.subject", MailSubject::parse(&self.subject))?,
            text: read("announced.text", Paragraphs::parse(&self.text))?,
        })
    }
}

/// The recipients of an announcement.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredFilter {
    pub roles: Option<Vec<String>>,
    pub here: Option<bool>,
    pub only: Option<String>,
}

impl StoredFilter {
    /// `None` for everyone.
    pub(super) fn new(filter: &RecipientFilter) -> Option<Self> {
        let RecipientFilter { roles, here, only } = filter;
        let names = || roles.iter().map(|role| role.name().into()).collect();
        (!filter.is_everyone()).then(|| Self {
            roles: (!roles.is_empty()).then(names),
            here: here.then_some(true),
            only: only.as_ref().map(ToString::to_string),
        })
    }

    pub(super) fn into_domain(self) -> Result<RecipientFilter, Unreadable> {
        let roles = self.roles.unwrap_or_default();
        let role = |role: &String| known("recipients.roles", RoleName::parse(role));
        Ok(RecipientFilter {
            roles: roles.iter().map(role).collect::<Result<_, Unreadable>>()?,
            here: self.here.unwrap_or_default(),
            only: optional("recipients.only", self.only.as_deref(), CollaboratorId::parse)?,
        })
    }
}
