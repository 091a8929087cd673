//! Stored history entries and queued mails, and their conversion from and to the domain.

use std::collections::BTreeMap;

use coulisses_domain::{
    announcement::Announcement,
    collaborator::Status,
    email::Email,
    history::{Action, CollaboratorLabel, Entry, GrantChange, GrantState, Moved},
    ids::{CollaboratorId, MailId},
    locale::Locale,
    mail::{Mail, MailKind, Recipient},
    recipients::RecipientFilter,
    role::RoleName,
    scope::{ClientId, ScopeId},
    text::{Message, Name, Reason},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{
    announcement::{StoredAnnouncementText, StoredFilter},
    collaborator::{StoredActor, chosen_permissions, platform_client, role},
    item::{Unreadable, known, optional, read},
    outbox::QueuedContent,
};

/// A history entry.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredEntry {
    pub v: u8,
    pub at: i64,
    pub actor: StoredActor,
    pub actor_client: Option<String>,
    pub action: String,
    pub collaborator: StoredLabel,
    pub changes: BTreeMap<String, StoredChange>,
    pub reason: Option<String>,
    pub moved: Option<StoredMove>,
    pub request_id: Option<String>,
}

/// The other id of a person who moved to a new address.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum StoredMove {
    To(String),
    From(String),
}

/// A collaborator, as the history names them.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredLabel {
    pub id: String,
    pub email: String,
    pub name: Option<String>,
}

/// A grant before and after.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredChange {
    pub before: Option<StoredState>,
    pub after: Option<StoredState>,
}

/// A grant, as the history records it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredState {
    pub role: String,
    /// Those chosen for a custom role.
    pub permissions: Option<Vec<String>>,
    pub status: String,
    pub expires_at: Option<i64>,
}

impl StoredEntry {
    pub(super) fn new(entry: &Entry, request_id: Option<&str>) -> Self {
        let change = |(scope, change): (&ScopeId, &GrantChange)| {
            (scope.to_string(), StoredChange::new(change))
        };
        Self {
            v: 1,
            at: entry.at.millis(),
            actor: StoredActor::new(&entry.actor),
            actor_client: platform_client(&entry.actor),
            action: stored_action(entry.action).name().into(),
            collaborator: StoredLabel {
                id: entry.collaborator.id.to_string(),
                email: entry.collaborator.email.original().into(),
                name: entry.collaborator.name.as_ref().map(ToString::to_string),
            },
            changes: entry.changes.iter().map(change).collect(),
            reason: entry.reason.as_ref().map(|reason| reason.as_str().into()),
            moved: entry.moved.as_ref().map(|moved| match moved {
                Moved::To(id) => StoredMove::To(id.to_string()),
                Moved::From(id) => StoredMove::From(id.to_string()),
            }),
            request_id: request_id.map(Into::into),
        }
    }

    pub(super) fn into_domain(self) -> Result<Entry, Unreadable> {
        let change = |(scope, change): (String, StoredChange)| {
            Ok((read("changes", ScopeId::parse(&scope))?, change.into_domain()))
        };
        let action = Action::parse(&self.action).unwrap_or(Action::Unknown);
        Ok(Entry {
            at: Timestamp::from_millis(self.at),
            actor: self.actor.into_domain(self.actor_client)?,
            action: if self.moved.is_some() { Action::EmailChanged } else { action },
            collaborator: CollaboratorLabel {
                id: read("collaborator.id", CollaboratorId::parse(&self.collaborator.id))?,
                email: read("collaborator.email", Email::parse(&self.collaborator.email))?,
                name: optional(
                    "collaborator.name",
                    self.collaborator.name.as_deref(),
                    Name::parse,
                )?,
            },
            changes: self.changes.into_iter().map(change).collect::<Result<_, Unreadable>>()?,
            reason: optional("reason", self.reason.as_deref(), Reason::parse)?.flatten(),
            moved: self.moved.map(StoredMove::into_domain).transpose()?,
        })
    }
}

/// The version before this one does not know [`Action::EmailChanged`], and ignores `moved`
/// (docs/decisions/0044-identities-that-move.md).
fn stored_action(action: Action) -> Action {
    if action == Action::EmailChanged { Action::AccountUnbound } else { action }
}

impl StoredMove {
    fn into_domain(self) -> Result<Moved, Unreadable> {
        let id = |id: &str| read("moved", CollaboratorId::parse(id));
        Ok(match self {
            Self::To(other) => Moved::To(id(&other)?),
            Self::From(other) => Moved::From(id(&other)?),
        })
    }
}

impl StoredChange {
    pub(super) fn new(change: &GrantChange) -> Self {
        Self {
            before: change.before.as_ref().map(StoredState::new),
            after: change.after.as_ref().map(StoredState::new),
        }
    }

    pub(super) fn into_domain(self) -> GrantChange {
        GrantChange {
            before: self.before.map(StoredState::into_domain),
            after: self.after.map(StoredState::into_domain),
        }
    }
}

impl StoredState {
    pub(super) fn new(state: &GrantState) -> Self {
        Self {
            role: state.role.name().name().into(),
            permissions: chosen_permissions(state.role),
            status: state.status.map_or("unknown", Status::name).into(),
            expires_at: state.expires_at.map(Timestamp::millis),
        }
    }

    pub(super) fn into_domain(self) -> GrantState {
        GrantState {
            role: role(&self.role, self.permissions.as_deref()),
            status: Status::parse(&self.status),
            expires_at: self.expires_at.map(Timestamp::from_millis),
        }
    }
}

/// A row of the outbox: a mail, or an announcement whose mails are not all queued yet. `deliver` changes `leaseUntil`,
/// `attempts`, `nextAttemptAt` and `cursor`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredMail {
    pub v: u8,
    pub kind: String,
    pub client: String,
    pub client_name: String,
    /// The recipient of a mail.
    pub collaborator: Option<String>,
    pub locale: String,
    pub scope: String,
    pub scope_name: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    pub role: Option<String>,
    pub access_until: Option<i64>,
    pub by: StoredActor,
    pub message: Option<String>,
    pub to: Option<StoredRecipient>,
    pub announced: Option<StoredAnnouncementText>,
    /// The recipients of an announcement to some.
    pub recipients: Option<StoredFilter>,
    pub sums_up: Option<bool>,
    pub moved: Option<bool>,
    /// The last recipient whose copy of an announcement is queued.
    pub cursor: Option<String>,
    pub queued_at: i64,
    pub lease_until: i64,
    pub attempts: u32,
    pub next_attempt_at: i64,
}

/// The address of a removed collaborator.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredRecipient {
    pub email: String,
    pub name: Option<String>,
}

impl StoredMail {
    /// The kind of an announcement to everyone; no mail has it (docs/storage.md#migrations).
    const TO_EVERYONE: &str = "everybody";

    /// The kind of an announcement with `recipients`. The version before cannot read it, so it sends such an announcement to
    /// no one, and leaves it to this version.
    const TO_SOME: &str = "some";

    pub(super) fn new(mail: &Mail, queued_at: Timestamp) -> Self {
        // A summary counts as queued when it is due, so that it is not reported as delayed.
        let queued_at = mail.sums_up.unwrap_or(queued_at);
        Self {
            v: 1,
            kind: mail.kind.name().into(),
            client: mail.client.to_string(),
            client_name: mail.client_name.to_string(),
            collaborator: Some(mail.collaborator.to_string()),
            locale: mail.locale.name().into(),
            scope: mail.scope.to_string(),
            scope_name: mail.scope_name.to_string(),
            also: mail.also.iter().map(ToString::to_string).collect(),
            role: mail.role.map(|role| role.name().into()),
            access_until: mail.access_until.map(Timestamp::millis),
            by: StoredActor::new(&mail.actor),
            message: mail.message.as_ref().map(|message| message.as_str().into()),
            to: mail.removed.as_ref().map(|to| StoredRecipient {
                email: to.email.original().into(),
                name: to.name.as_ref().map(ToString::to_string),
            }),
            announced: mail.announced.as_ref().map(StoredAnnouncementText::new),
            recipients: StoredFilter::new(&mail.recipients),
            sums_up: mail.sums_up.map(|_| true),
            moved: mail.moved.then_some(true),
            cursor: None,
            queued_at: queued_at.millis(),
            lease_until: 0,
            attempts: 0,
            next_attempt_at: mail.sums_up.map_or(0, Timestamp::millis),
        }
    }

    pub(super) fn announcement(announcement: &Announcement, queued_at: Timestamp) -> Self {
        let recipients = StoredFilter::new(&announcement.recipients);
        Self {
            v: 1,
            kind: if recipients.is_some() { Self::TO_SOME } else { Self::TO_EVERYONE }.into(),
            client: announcement.client.to_string(),
            client_name: announcement.client_name.to_string(),
            collaborator: None,
            locale: announcement.locale.name().into(),
            scope: announcement.scope.to_string(),
            scope_name: announcement.scope_name.to_string(),
            also: Vec::new(),
            role: None,
            access_until: None,
            by: StoredActor::new(&announcement.actor),
            message: None,
            to: None,
            announced: Some(StoredAnnouncementText::new(&announcement.content)),
            recipients,
            sums_up: None,
            moved: None,
            cursor: None,
            queued_at: queued_at.millis(),
            lease_until: 0,
            attempts: 0,
            next_attempt_at: 0,
        }
    }

    pub(super) fn into_domain(self, mail_id: MailId) -> Result<QueuedContent, Unreadable> {
        let client = read("client", ClientId::parse(&self.client))?;
        let client_name = read("clientName", Name::parse(&self.client_name))?;
        let locale = known("locale", Locale::parse(&self.locale))?;
        let scope = read("scope", ScopeId::parse(&self.scope))?;
        let scope_name = read("scopeName", Name::parse(&self.scope_name))?;
        let actor = self.by.into_domain(None)?;
        let announced = self.announced.map(StoredAnnouncementText::into_domain).transpose()?;
        let recipients = self.recipients.map(StoredFilter::into_domain).transpose()?;
        let recipients = recipients.filter(|filter| !filter.is_everyone());
        if [Self::TO_EVERYONE, Self::TO_SOME].contains(&self.kind.as_str()) {
            let content = known("announced", announced)?;
            let recipients = match (self.kind == Self::TO_SOME, recipients) {
                (false, None) => RecipientFilter::default(),
                (_, filter) => known("recipients", filter)?,
            };
            let announcement = Announcement {
                mail_id,
                client,
                client_name,
                locale,
                scope,
                scope_name,
                actor,
                content,
                recipients,
            };
            let after = optional("cursor", self.cursor.as_deref(), CollaboratorId::parse)?;
            return Ok(QueuedContent::Announcement { announcement: Box::new(announcement), after });
        }
        let recipient = |to: StoredRecipient| {
            Ok(Recipient {
                email: read("to.email", Email::parse(&to.email))?,
                name: optional("to.name", to.name.as_deref(), Name::parse)?,
            })
        };
        let collaborator =
            optional("collaborator", self.collaborator.as_deref(), CollaboratorId::parse)?;
        Ok(QueuedContent::Mail(Box::new(Mail {
            mail_id,
            kind: known("kind", MailKind::parse(&self.kind))?,
            client,
            client_name,
            collaborator: known("collaborator", collaborator)?,
            locale,
            scope,
            scope_name,
            also: read("also", self.also.iter().map(|name| Name::parse(name)).collect())?,
            role: self.role.map(|role| known("role", RoleName::parse(&role))).transpose()?,
            access_until: self.access_until.map(Timestamp::from_millis),
            actor,
            message: optional("message", self.message.as_deref(), Message::parse)?.flatten(),
            removed: self.to.map(recipient).transpose()?,
            announced,
            recipients: recipients.unwrap_or_default(),
            sums_up: self.sums_up.map(|_| Timestamp::from_millis(self.queued_at)),
            moved: self.moved.unwrap_or_default(),
        })))
    }
}
