//! Mail as data: what is to be said to whom. The adapters render and send it.

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{
    actor::Actor,
    client::Client,
    collaborator::{Collaborator, Membership, Status},
    email::Email,
    ids::{CollaboratorId, MailId},
    locale::Locale,
    role::RoleName,
    scope::{ClientId, ScopeId},
    text::{AnnouncementText, Message, Name},
    time::Timestamp,
};

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum MailKind {
    /// The invitation, with the link.
    Invitation,
    /// Somebody active got one more grant.
    Granted,
    /// A role, or the end of a grant, was changed.
    RoleChanged,
    /// Access was taken.
    AccessTaken,
    /// Ownership was received.
    OwnershipReceived,
    /// Ownership was handed over.
    OwnershipHandedOver,
    /// A message to everybody.
    Announcement,
    /// Access ends by itself within a few days.
    AccessEnding,
}

words!(MailKind);

/// A mail to one person, written into the outbox by the transaction that it tells of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The sending, which is the id of the outbox row.
    pub mail_id: MailId,
    /// What it is about.
    pub kind: MailKind,
    /// The client.
    pub client: ClientId,
    /// What people call the client.
    pub client_name: Name,
    /// To whom.
    pub collaborator: CollaboratorId,
    /// In which language.
    pub locale: Locale,
    /// The scope that it is about.
    pub scope: ScopeId,
    /// What people call that scope.
    pub scope_name: Name,
    /// What people call the other scopes that it is about.
    pub also: Vec<Name>,
    /// The role that was given, or is held now.
    pub role: Option<RoleName>,
    /// When that grant ends by itself, if it does.
    pub access_until: Option<Timestamp>,
    /// Who did it.
    pub actor: Actor,
    /// What the inviter adds.
    pub message: Option<Message>,
    /// To whom, where the record may be gone when the mail is sent.
    pub removed: Option<Recipient>,
    /// What a message to everybody says.
    pub announced: Option<AnnouncementText>,
}

/// The address of somebody who was removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The address.
    pub email: Email,
    /// What people call the person.
    pub name: Option<Name>,
}

/// Where something happened and who did it: the part that all notices of a command share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MailContext<'a> {
    /// The client.
    pub client: &'a Client,
    /// The scope.
    pub scope: &'a ScopeId,
    /// What people call the scope.
    pub scope_name: &'a Name,
    /// Who did it.
    pub actor: &'a Actor,
}

impl MailContext<'_> {
    /// A notice to `collaborator` about what happened here, with the role that is held here.
    pub(crate) fn mail(self, kind: MailKind, collaborator: &Collaborator, mail_id: MailId) -> Mail {
        let grant = collaborator.grants.get(self.scope);
        let inherited = collaborator.grants.iter().rfind(|(scope, _)| scope.reaches(self.scope));
        let grant = grant.or_else(|| inherited.map(|(_, grant)| grant));
        Mail {
            mail_id,
            kind,
            client: self.client.id.clone(),
            client_name: self.client.name.clone(),
            collaborator: collaborator.id.clone(),
            locale: collaborator.locale.unwrap_or(self.client.locale),
            scope: self.scope.clone(),
            scope_name: self.scope_name.clone(),
            also: Vec::new(),
            role: grant.map(|grant| grant.role.name()),
            access_until: grant.and_then(|grant| grant.expires_at),
            actor: self.actor.clone(),
            message: None,
            removed: None,
            announced: None,
        }
    }
}

impl Mail {
    /// To whom this is still to be sent; `None` if it is of no use any more.
    ///
    /// An invitation that was replaced, accepted, taken or has expired is not sent, nor is news of access that is gone.
    /// `collaborator` is the record as it is now.
    #[must_use]
    pub fn recipient(
        &self,
        collaborator: Option<&Collaborator>,
        now: Timestamp,
    ) -> Option<Recipient> {
        if let Some(removed) = &self.removed {
            return Some(removed.clone());
        }
        let collaborator = collaborator?;
        let wanted = match (self.kind, &collaborator.membership) {
            (MailKind::Invitation, Membership::Pending(invitation)) => {
                invitation.mail_id == self.mail_id && collaborator.status(now) == Status::Pending
            }
            (MailKind::Invitation, Membership::Active(_)) => false,
            (
                MailKind::Granted
                | MailKind::RoleChanged
                | MailKind::AccessTaken
                | MailKind::OwnershipReceived
                | MailKind::OwnershipHandedOver,
                _,
            ) => collaborator.status(now) == Status::Active,
            (MailKind::Announcement, _) => collaborator.receives_announcements(&self.scope, now),
            // The end may have been moved meanwhile.
            (MailKind::AccessEnding, _) => {
                let end = collaborator.grants.get(&self.scope).and_then(|grant| grant.expires_at);
                collaborator.status(now) == Status::Active && end == self.access_until
            }
        };
        wanted.then(|| Recipient {
            email: collaborator.email.clone(),
            name: collaborator.name.clone(),
        })
    }

    /// The same notice about other scopes too; it names no role then, as there may be several.
    pub(crate) fn also_about(self, also: Vec<Name>) -> Self {
        let role = self.role.filter(|_| also.is_empty());
        Self { also, role, ..self }
    }

    /// The same notice with what the inviter adds.
    pub(crate) fn with_message(self, message: Option<Message>) -> Self {
        Self { message, ..self }
    }

    /// The same notice, which reaches `collaborator` even when the record is gone; it names no role any more.
    pub(crate) fn to_removed(self, collaborator: &Collaborator) -> Self {
        let removed =
            Some(Recipient { email: collaborator.email.clone(), name: collaborator.name.clone() });
        Self { removed, role: None, access_until: None, ..self }
    }
}
