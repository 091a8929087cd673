//! The message to everyone who works at a scope, and the mails that it becomes.

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
    scope::{ClientId, ScopeId},
    text::{AnnouncementText, Name},
    time::Timestamp,
};

/// A message to everybody, as it is written into the outbox before its mails are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// The sending, from which those of its mails derive.
    pub mail_id: MailId,
    /// The client.
    pub client: ClientId,
    /// What people call the client.
    pub client_name: Name,
    /// The language of those who chose none.
    pub locale: Locale,
    /// The scope of which everybody is told.
    pub scope: ScopeId,
    /// What people call that scope.
    pub scope_name: Name,
    /// Who says it.
    pub actor: Actor,
    /// What is said.
    pub content: AnnouncementText,
}

impl Announcement {
    /// How many mails are written at once (`storage.md`, "Mail").
    pub const STEP: usize = 25;

    /// The next mails: to those of `collaborators` who come after `after` in the order of ids, [`Self::STEP`] at most.
    #[must_use]
    pub fn next(
        &self,
        collaborators: &BTreeMap<CollaboratorId, Collaborator>,
        after: Option<&CollaboratorId>,
        now: Timestamp,
    ) -> Vec<Mail> {
        let rest = collaborators.range((after.map_or(Unbounded, Excluded), Unbounded));
        let told =
            rest.filter(|(_, collaborator)| collaborator.receives_announcements(&self.scope, now));
        told.take(Self::STEP).map(|(_, collaborator)| self.to(collaborator)).collect()
    }

    fn to(&self, collaborator: &Collaborator) -> Mail {
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
            access_until: None,
            actor: self.actor.clone(),
            message: None,
            removed: None,
            announced: Some(self.content.clone()),
        }
    }
}
