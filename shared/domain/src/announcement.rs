//! The message to the people who work at a scope, and its mails.

use std::{
    collections::BTreeMap,
    ops::Bound::{Excluded, Unbounded},
};

use crate::{
    actor::Actor,
    collaborator::Collaborator,
    ids::{CollaboratorId, MailId},
    locale::Locale,
    mail::{Mail, MailKind},
    recipients::RecipientFilter,
    scope::{ClientId, ScopeId},
    text::{AnnouncementText, Name},
    time::Timestamp,
};

/// An announcement, as it is stored in the outbox before its mails are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// The id; the ids of its mails are derived from it.
    pub mail_id: MailId,
    /// The client.
    pub client: ClientId,
    /// The client's name.
    pub client_name: Name,
    /// The language for recipients who chose none.
    pub locale: Locale,
    /// The scope.
    pub scope: ScopeId,
    /// The scope's name.
    pub scope_name: Name,
    /// The sender.
    pub actor: Actor,
    /// Subject and text.
    pub content: AnnouncementText,
    /// Who receives it.
    pub recipients: RecipientFilter,
}

impl Announcement {
    /// How many mails are written in one transaction (docs/storage.md#mail).
    pub const STEP: usize = 25;

    /// The next mails, [`Self::STEP`] at most: to recipients whose id comes after `after`, in the order of ids.
    #[must_use]
    pub fn next(
        &self,
        collaborators: &BTreeMap<CollaboratorId, Collaborator>,
        after: Option<&CollaboratorId>,
        now: Timestamp,
    ) -> Vec<Mail> {
        collaborators
            .range((after.map_or(Unbounded, Excluded), Unbounded))
            .map(|(_, collaborator)| collaborator)
            .filter(|collaborator| self.recipients.includes(collaborator, &self.scope, now))
            .take(Self::STEP)
            .map(|collaborator| self.mail_to(collaborator))
            .collect()
    }

    fn mail_to(&self, collaborator: &Collaborator) -> Mail {
        Mail {
            mail_id: self.mail_id.copy_to(&collaborator.id),
            kind: MailKind::Announcement,
            client: self.client.clone(),
            client_name: self.client_name.clone(),
            collaborator: collaborator.id.clone(),
            locale: collaborator.locale.unwrap_or(self.locale),
            scope: self.scope.clone(),
            scope_name: self.scope_name.clone(),
            also: Vec::new(),
            role: None,
            rights: None,
            access_until: None,
            before: None,
            taken_from: Vec::new(),
            replaces_link: false,
            actor: self.actor.clone(),
            message: None,
            removed: None,
            announced: Some(self.content.clone()),
            recipients: self.recipients.clone(),
            sums_up: None,
            moved: false,
            team: None,
            digest: None,
        }
    }
}
