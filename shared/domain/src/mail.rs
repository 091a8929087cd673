//! Mails as data. The adapters render and send them.

mod listed;

use std::collections::BTreeMap;

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{
    actor::Actor,
    check::topmost,
    client::Client,
    collaborator::{Collaborator, Grant, Invitation, Membership, Status},
    delivery::Delivery,
    email::Email,
    ids::{CollaboratorId, MailId},
    locale::Locale,
    permission::PermissionSet,
    recipients::RecipientFilter,
    role::RoleName,
    scope::{ClientId, ScopeId},
    text::{AnnouncementText, Message, Name},
    time::Timestamp,
};

pub use listed::{DigestInMail, DigestLine, TeamInMail};

/// The kind of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum MailKind {
    /// The invitation, with the link.
    Invitation,
    /// An active collaborator got one more grant.
    Granted,
    /// A role, or the end of a grant, was changed.
    RoleChanged,
    /// Access was revoked.
    AccessTaken,
    /// The recipient is the new owner.
    OwnershipReceived,
    /// The recipient is the former owner.
    OwnershipHandedOver,
    /// An announcement.
    Announcement,
    /// Access ends within a few days.
    AccessEnding,
    /// The access of the team of an event ends within a few days. The version before cannot read it.
    TeamEnding,
    /// A reminder of an invitation, with a link of its own. The version before cannot read it.
    Reminder,
    /// Someone declined the recipient's invitation. The version before cannot read it.
    Declined,
    /// Someone whose invitation has expired asks the recipient for a new link. The version before cannot read it.
    RenewalRequested,
    /// What became of the recipient's invitations. The version before cannot read it.
    InvitationDigest,
    /// A seat is free for someone who waited, and they are invited, with the link. The version before cannot read it.
    SeatFree,
}

words!(MailKind);

impl MailKind {
    /// Whether the mail has the link of an invitation.
    #[must_use]
    pub const fn has_link(self) -> bool {
        matches!(self, Self::Invitation | Self::SeatFree | Self::Reminder)
    }
}

/// A mail to one recipient, queued in the outbox by the transaction of the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The id of the mail and of its outbox row.
    pub mail_id: MailId,
    /// The kind.
    pub kind: MailKind,
    /// The client.
    pub client: ClientId,
    /// The client's name.
    pub client_name: Name,
    /// The recipient.
    pub collaborator: CollaboratorId,
    /// The language.
    pub locale: Locale,
    /// The scope.
    pub scope: ScopeId,
    /// The scope's name.
    pub scope_name: Name,
    /// The names of the other scopes that the mail is about.
    pub also: Vec<Name>,
    /// The role of the recipient.
    pub role: Option<RoleName>,
    /// The chosen permissions of a custom role. The version before does not store them.
    pub rights: Option<PermissionSet>,
    /// The end of that grant.
    pub access_until: Option<Timestamp>,
    /// What a changed grant was before. The version before does not store it.
    pub before: Option<GrantTerms>,
    /// The scopes of the grants that were revoked, if none of them is that of `scope`. Those below another are left out.
    pub taken_from: Vec<ScopeId>,
    /// Whether the link of an invitation replaces one that was mailed earlier.
    pub replaces_link: bool,
    /// Who made the change.
    pub actor: Actor,
    /// The inviter's message.
    pub message: Option<Message>,
    /// The recipient's address, if their record can be deleted before the mail is sent.
    pub removed: Option<Recipient>,
    /// The content of an announcement.
    pub announced: Option<AnnouncementText>,
    /// The recipients of an announcement. This one must still be among them when it is sent.
    pub recipients: RecipientFilter,
    /// When the mail is sent, if it sums up several changes of access.
    pub sums_up: Option<Timestamp>,
    /// Whether the mail is about a new address.
    pub moved: bool,
    /// The team whose access ends at `access_until`.
    pub team: Option<TeamInMail>,
    /// The invitations of a digest; the one that a mail about an answer is about.
    pub digest: Option<DigestInMail>,
}

/// What a grant gives, as a mail describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantTerms {
    /// The role.
    pub role: RoleName,
    /// The chosen permissions of a custom role.
    pub rights: Option<PermissionSet>,
    /// The end.
    pub access_until: Option<Timestamp>,
}

impl From<&Grant> for GrantTerms {
    fn from(grant: &Grant) -> Self {
        let role = grant.role.name();
        let rights = (role == RoleName::Custom).then(|| grant.role.permissions());
        Self { role, rights, access_until: grant.ends_at() }
    }
}

/// The address and name that a mail is sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The address.
    pub email: Email,
    /// The name.
    pub name: Option<Name>,
}

impl Recipient {
    fn of(collaborator: &Collaborator) -> Self {
        Self { email: collaborator.email.clone(), name: collaborator.name.clone() }
    }
}

/// The part that all mails about a change share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MailContext<'a> {
    pub client: &'a Client,
    pub scope: &'a ScopeId,
    pub scope_name: &'a Name,
    pub actor: &'a Actor,
}

impl MailContext<'_> {
    /// A mail to `collaborator`, with their role at the scope: from the grant on it, or else from the nearest above.
    pub(crate) fn mail(self, kind: MailKind, collaborator: &Collaborator, mail_id: MailId) -> Mail {
        let grant = collaborator.grants.get(self.scope);
        let inherited = collaborator.grants.iter().rfind(|(scope, _)| scope.reaches(self.scope));
        let terms = grant.or_else(|| inherited.map(|(_, grant)| grant)).map(GrantTerms::from);
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
            role: terms.map(|terms| terms.role),
            rights: terms.and_then(|terms| terms.rights),
            access_until: terms.and_then(|terms| terms.access_until),
            before: None,
            taken_from: Vec::new(),
            replaces_link: false,
            actor: self.actor.clone(),
            message: None,
            removed: None,
            announced: None,
            recipients: RecipientFilter::default(),
            sums_up: None,
            moved: false,
            team: None,
            digest: None,
        }
    }
}

impl Mail {
    /// The recipient; `None` if the mail is obsolete and must not be sent. `collaborator` is the record at `now`.
    ///
    /// An invitation is obsolete once it is replaced, accepted, revoked or expired. Other mails are obsolete once the
    /// access that they are about is gone.
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
        let is_current = match (self.kind, &collaborator.membership) {
            (
                MailKind::Invitation | MailKind::SeatFree | MailKind::Reminder,
                Membership::Pending(invitation),
            ) => {
                invitation.mail_id == self.mail_id && collaborator.status(now) == Status::Pending
            }
            (
                MailKind::Invitation | MailKind::SeatFree | MailKind::Reminder,
                Membership::Active(_)
                | Membership::Suspended(_)
                | Membership::Declined(_)
                | Membership::Waiting(_),
            ) => false,
            (
                MailKind::Granted
                | MailKind::RoleChanged
                | MailKind::AccessTaken
                | MailKind::OwnershipReceived
                | MailKind::OwnershipHandedOver
                // `named_people` decides whether the team's access still ends.
                | MailKind::TeamEnding
                // `named_people` decides whether there is still anything to look at.
                | MailKind::InvitationDigest
                | MailKind::Declined
                | MailKind::RenewalRequested,
                _,
            ) => collaborator.status(now) == Status::Active,
            (MailKind::Announcement, _) => self.recipients.includes(collaborator, &self.scope, now),
            // The end can have been changed since.
            (MailKind::AccessEnding, _) => {
                let end = collaborator.grants.get(&self.scope).and_then(Grant::ends_at);
                collaborator.status(now) == Status::Active && end == self.access_until
            }
        };
        is_current.then(|| Recipient::of(collaborator))
    }

    /// The people whom the mail names: of a team, those whose access still ends then; of a digest, those whose invitation still
    /// needs the inviter for the same reason.
    ///
    /// `None` if the mail is obsolete, because it is about such people and no one is left. `found` has the records at `now`.
    #[must_use]
    pub fn named_people<'a>(
        &self,
        found: &'a BTreeMap<CollaboratorId, Collaborator>,
        now: Timestamp,
    ) -> Option<Vec<&'a Collaborator>> {
        let mut people = Vec::new();
        if let Some(digest) = &self.digest {
            people.extend(digest.lines.iter().filter_map(|line| {
                let has_issue = |person: &&Collaborator| {
                    person.invitation_issue(now).is_some_and(|(issue, _)| issue == line.issue)
                };
                found.get(&line.person).filter(has_issue)
            }));
        } else if let Some((team, end)) = self.team.as_ref().zip(self.access_until) {
            let named = team.named.iter().filter_map(|id| found.get(id));
            people.extend(named.filter(|person| person.loses(&self.scope, end, now)));
        } else {
            return Some(people);
        }
        (!people.is_empty()).then_some(people)
    }

    /// The people whose records the mail needs.
    pub fn people_to_read(&self) -> impl Iterator<Item = &CollaboratorId> {
        let team = self.team.iter().flat_map(|team| &team.named);
        let digest = self.digest.iter().flat_map(|digest| &digest.lines);
        team.chain(digest.map(|line| &line.person))
    }

    /// Whether an obsolete mail is the current one of an invitation that has never been sent: the invitation expired first.
    #[must_use]
    pub fn expired_unsent(&self, collaborator: Option<&Collaborator>) -> bool {
        let invitation = collaborator.and_then(Collaborator::invitation);
        self.kind.has_link()
            && invitation
                .is_some_and(|it| it.mail_id == self.mail_id && it.delivery == Delivery::Queued)
    }

    /// How many scopes a mail names at most.
    pub const MOST_NAMED: usize = 10;

    /// The scopes whose names the mail needs: of the grants that were revoked, the first [`Self::MOST_NAMED`]; those of a digest.
    pub fn named_scopes(&self) -> impl Iterator<Item = &ScopeId> {
        let digest = self.digest.iter().flat_map(|digest| &digest.lines);
        let of_digest = digest.map(|line| &line.scope).filter(|scope| !scope.is_client());
        self.taken_from.iter().take(Self::MOST_NAMED).chain(of_digest)
    }

    /// The person who acts and can answer the recipient; `None` if the platform, this service or the recipient acts,
    /// and for a summary of several changes.
    #[must_use]
    pub fn person(&self, to: &Recipient) -> Option<(&Email, Option<&Name>)> {
        let is_someone = |email: &Email| !email.is_pseudonym() && *email != to.email;
        match &self.actor {
            Actor::User { email, name, .. } if self.sums_up.is_none() && is_someone(email) => {
                Some((email, name.as_ref()))
            }
            Actor::User { .. } | Actor::Platform(_) | Actor::System(_) => None,
        }
    }

    /// The same mail about other scopes too. It then names no role, because there can be several.
    pub(crate) fn also_about(self, also: Vec<Name>) -> Self {
        if also.is_empty() { self } else { Self { also, ..self.without_role() } }
    }

    fn without_role(self) -> Self {
        Self { role: None, rights: None, before: None, ..self }
    }

    /// The same mail about a change of the grant `before`.
    pub(crate) fn changed_from(self, before: Option<&Grant>) -> Self {
        Self { before: before.map(GrantTerms::from), ..self }
    }

    /// The same mail about these grants, which were revoked.
    pub(crate) fn about_revoked(self, grants: &BTreeMap<ScopeId, Grant>) -> Self {
        if grants.contains_key(&self.scope) {
            return self;
        }
        Self { taken_from: topmost(grants.keys()).cloned().collect(), ..self }
    }

    /// The same invitation, which may replace a link that was mailed earlier.
    pub(crate) fn replacing(self, former: &Invitation) -> Self {
        Self { replaces_link: former.token_hash.is_some(), ..self }
    }

    /// The same mail in place of several, sent at `at`. It names no role and no author, because there can be several.
    pub(crate) fn summing_up(self, at: Timestamp) -> Self {
        Self { sums_up: Some(at), access_until: None, message: None, ..self.without_role() }
    }

    /// The same mail about a new address. It names no role.
    pub(crate) fn about_a_move(self) -> Self {
        Self { moved: true, access_until: None, ..self.without_role() }
    }

    /// The same mail about a team whose access ends at `end`. It names no role, since the recipient keeps theirs.
    pub(crate) fn about_a_team(self, team: TeamInMail, end: Timestamp) -> Self {
        Self { team: Some(team), access_until: Some(end), ..self.without_role() }
    }

    /// The same mail about these invitations.
    pub(crate) fn listing(self, digest: DigestInMail) -> Self {
        Self { digest: Some(digest), access_until: None, ..self.without_role() }
    }

    /// The same mail about someone whom the recipient invited, also to these scopes. It names no role, since the recipient has
    /// another.
    pub(crate) fn about_an_invitee(self, line: DigestLine, also: Vec<Name>) -> Self {
        Self { also, ..self.listing(DigestInMail::of(vec![line])) }
    }

    /// The same mail with the inviter's message.
    pub(crate) fn with_message(self, message: Option<Message>) -> Self {
        Self { message, ..self }
    }

    /// The same mail, sent even after the record of `collaborator` is deleted. It names no role.
    pub(crate) fn addressed_to_removed(self, collaborator: &Collaborator) -> Self {
        let removed = Some(Recipient::of(collaborator));
        Self { removed, access_until: None, ..self.without_role() }
    }
}
