//! Stored queued mails and announcements, and their conversion from and to the domain.

use coulisses_domain::{
    announcement::Announcement,
    collaborator::InvitationIssue,
    email::Email,
    ids::{CollaboratorId, MailId},
    locale::Locale,
    mail::{DigestInMail, DigestLine, GrantTerms, Mail, MailKind, Recipient, TeamInMail},
    recipients::RecipientFilter,
    role::RoleName,
    scope::{ClientId, ScopeId},
    text::{Message, Name},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

use super::{
    actor::StoredActor,
    announcement::{StoredAnnouncementText, StoredFilter},
    item::{Unreadable, known, known_permissions, optional, permission_names, read},
    outbox::QueuedContent,
};

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
    /// Those chosen for a custom role.
    pub permissions: Option<Vec<String>>,
    pub access_until: Option<i64>,
    pub before: Option<StoredTerms>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken_from: Vec<String>,
    pub replaces_link: Option<bool>,
    pub by: StoredActor,
    pub message: Option<String>,
    pub to: Option<StoredRecipient>,
    pub announced: Option<StoredAnnouncementText>,
    /// The recipients of an announcement to some.
    pub recipients: Option<StoredFilter>,
    pub sums_up: Option<bool>,
    pub moved: Option<bool>,
    pub team: Option<StoredTeam>,
    pub digest: Option<StoredDigest>,
    /// The last recipient whose copy of an announcement is queued.
    pub cursor: Option<String>,
    pub queued_at: i64,
    pub lease_until: i64,
    pub attempts: u32,
    pub next_attempt_at: i64,
}

/// What a grant gave before a change.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredTerms {
    pub role: String,
    pub permissions: Option<Vec<String>>,
    pub access_until: Option<i64>,
}

impl StoredTerms {
    fn new(terms: &GrantTerms) -> Self {
        Self {
            role: terms.role.name().into(),
            permissions: terms.rights.map(permission_names),
            access_until: terms.access_until.map(Timestamp::millis),
        }
    }

    fn into_domain(self) -> GrantTerms {
        GrantTerms {
            role: RoleName::parse(&self.role).unwrap_or(RoleName::Unknown),
            rights: self.permissions.as_deref().map(known_permissions),
            access_until: self.access_until.map(Timestamp::from_millis),
        }
    }
}

/// A team whose access ends.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredTeam {
    /// The ids of the people whom the mail names.
    pub named: Vec<String>,
    pub size: usize,
}

impl StoredTeam {
    fn new(team: &TeamInMail) -> Self {
        Self { named: team.named.iter().map(ToString::to_string).collect(), size: team.size }
    }

    fn into_domain(self) -> Result<TeamInMail, Unreadable> {
        let named = self.named.iter().map(|id| CollaboratorId::parse(id));
        Ok(TeamInMail { named: read("team.named", named.collect())?, size: self.size })
    }
}

/// The invitations of a digest.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredDigest {
    pub lines: Vec<StoredDigestLine>,
    pub size: usize,
}

/// One invitation of a digest.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredDigestLine {
    pub person: String,
    pub scope: String,
    pub issue: String,
}

impl StoredDigest {
    fn new(digest: &DigestInMail) -> Self {
        let line = |line: &DigestLine| StoredDigestLine {
            person: line.person.to_string(),
            scope: line.scope.to_string(),
            issue: line.issue.name().into(),
        };
        Self { lines: digest.lines.iter().map(line).collect(), size: digest.size }
    }

    fn into_domain(self) -> Result<DigestInMail, Unreadable> {
        let line = |line: StoredDigestLine| {
            Ok(DigestLine {
                person: read("digest.person", CollaboratorId::parse(&line.person))?,
                scope: read("digest.scope", ScopeId::parse(&line.scope))?,
                issue: known("digest.issue", InvitationIssue::parse(&line.issue))?,
            })
        };
        let lines = self.lines.into_iter().map(line).collect::<Result<_, Unreadable>>()?;
        Ok(DigestInMail { lines, size: self.size })
    }
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
            permissions: mail.rights.map(permission_names),
            access_until: mail.access_until.map(Timestamp::millis),
            before: mail.before.as_ref().map(StoredTerms::new),
            taken_from: mail.taken_from.iter().map(ToString::to_string).collect(),
            replaces_link: mail.replaces_link.then_some(true),
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
            team: mail.team.as_ref().map(StoredTeam::new),
            digest: mail.digest.as_ref().map(StoredDigest::new),
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
            permissions: None,
            access_until: None,
            before: None,
            taken_from: Vec::new(),
            replaces_link: None,
            by: StoredActor::new(&announcement.actor),
            message: None,
            to: None,
            announced: Some(StoredAnnouncementText::new(&announcement.content)),
            recipients,
            sums_up: None,
            moved: None,
            team: None,
            digest: None,
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
            rights: self.permissions.as_deref().map(known_permissions),
            access_until: self.access_until.map(Timestamp::from_millis),
            before: self.before.map(StoredTerms::into_domain),
            taken_from: read(
                "takenFrom",
                self.taken_from.iter().map(|scope| ScopeId::parse(scope)).collect(),
            )?,
            replaces_link: self.replaces_link.unwrap_or_default(),
            actor,
            message: optional("message", self.message.as_deref(), Message::parse)?.flatten(),
            removed: self.to.map(recipient).transpose()?,
            announced,
            recipients: recipients.unwrap_or_default(),
            sums_up: self.sums_up.map(|_| Timestamp::from_millis(self.queued_at)),
            moved: self.moved.unwrap_or_default(),
            team: self.team.map(StoredTeam::into_domain).transpose()?,
            digest: self.digest.map(StoredDigest::into_domain).transpose()?,
        })))
    }
}
