//! The collaborator: one person in one client, with all the grants there.

use std::{collections::BTreeMap, fmt, time::Duration};

use crate::{
    client::Locale,
    email::Email,
    history::Actor,
    role::{Role, RoleName},
    scope::{ClientId, Level, ScopeId},
    text::Name,
    time::{DAY, Timestamp, Version},
    token::TokenHash,
};

/// How long an expired invitation stays visible (`domain.md`, rule 9).
pub const EXPIRED_SHOWN_FOR: Duration = DAY.saturating_mul(30);

/// The id of a collaborator: 26 characters of base32, derived from the client and the e-mail's key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CollaboratorId(String);

impl CollaboratorId {
    /// Reads an id.
    ///
    /// # Errors
    /// [`NotAnId`] if it is not 26 characters `a-z2-7`.
    pub fn parse(text: &str) -> Result<Self, NotAnId> {
        let permitted = |byte: u8| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte);
        if text.len() == 26 && text.bytes().all(permitted) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnId)
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CollaboratorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text that is no collaborator's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a collaborator")]
pub struct NotAnId;

/// A person in one client: one record, one seat, however many grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collaborator {
    /// The client.
    pub client: ClientId,
    /// The id in that client.
    pub id: CollaboratorId,
    /// The address, by which the person is known.
    pub email: Email,
    /// What people call the person.
    pub name: Option<Name>,
    /// The language of the mails; the client's if none.
    pub locale: Option<Locale>,
    /// Invited, or there.
    pub membership: Membership,
    /// Whether the record holds a seat of the contract.
    pub seat: bool,
    /// The last recorded login in this client.
    pub last_login_at: Option<Timestamp>,
    /// The access given, by the scope on which it stands.
    pub grants: BTreeMap<ScopeId, Grant>,
    /// Grows with grants, standing and account; not with a login, a resend or a delivery.
    pub version: Version,
    /// From when on the record is as good as gone: set when an expired invitation gave its seat back.
    pub forget_at: Option<Timestamp>,
}

/// Whether a collaborator is invited or there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Membership {
    /// Invited, and holding nothing yet.
    Pending(Invitation),
    /// There, bound to an account.
    Active(Binding),
}

/// What makes a pending collaborator active. One collaborator has one, whatever the number of grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The sending that is wanted; an older one sends nothing any more.
    pub mail_id: MailId,
    /// The hash of the token in the last mail; none until that mail is made.
    pub token_hash: Option<TokenHash>,
    /// Who invited.
    pub invited_by: Actor,
    /// When the mail was accepted by the mail service.
    pub sent_at: Option<Timestamp>,
    /// Until when it can be accepted.
    pub expires_at: Timestamp,
    /// What became of the mail.
    pub delivery: Delivery,
}

impl Invitation {
    /// An invitation of which the mail is still to be sent.
    #[must_use]
    pub const fn queued(mail_id: MailId, invited_by: Actor, expires_at: Timestamp) -> Self {
        Self {
            mail_id,
            token_hash: None,
            invited_by,
            sent_at: None,
            expires_at,
            delivery: Delivery::Queued,
        }
    }
}

/// The account that a collaborator is bound to by the first activation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The account.
    pub account: Account,
    /// The hash of the link that it used or could have used, so that using it again gives the same answer.
    pub accepted: Option<TokenHash>,
}

/// An account at an OpenID Connect issuer.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The issuer, claim `iss`.
    pub iss: String,
    /// The subject, claim `sub`.
    pub sub: String,
}

/// Claims are not for a log.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Account(..)")
    }
}

/// The id of one sending of mail: that of its row in the outbox.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MailId(String);

impl MailId {
    /// Takes an id that the caller made, unique and sortable by time (a ULID).
    #[must_use]
    pub const fn new(id: String) -> Self {
        Self(id)
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The sending of a message to everybody, as far as it goes to `who`; always the same one.
    #[must_use]
    pub(crate) fn copy_to(&self, who: &CollaboratorId) -> Self {
        Self(format!("{}#{who}", self.0))
    }

    /// The id without whom it goes to: letters and digits alone.
    #[must_use]
    pub fn ulid(&self) -> &str {
        self.0.split_once('#').map_or(&self.0, |(ulid, _)| ulid)
    }
}

/// What became of an invitation's mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Still to be sent.
    Queued,
    /// Accepted by the mail service.
    Sent,
    /// Accepted by the receiving server.
    Delivered,
    /// Refused by the receiving server.
    Bounced,
    /// Given up.
    Failed,
}

impl Delivery {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::Queued, Self::Sent, Self::Delivered, Self::Bounced, Self::Failed];

    /// The word of the API and of the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Bounced => "bounced",
            Self::Failed => "failed",
        }
    }

    /// Reads the word of the store; `None` for an unknown one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|delivery| delivery.name() == text)
    }

    /// What this may take the place of, of one and the same mail.
    ///
    /// News of a mail come late, twice, and in any order. What is known better stays: nothing goes back to `sent`, and
    /// what bounced or was given up stays so. A mail may bounce after the receiving server took it.
    #[must_use]
    pub const fn replaces(self) -> &'static [Self] {
        match self {
            Self::Queued => &[],
            Self::Sent => &[Self::Queued],
            Self::Delivered | Self::Failed => &[Self::Queued, Self::Sent],
            Self::Bounced => &[Self::Queued, Self::Sent, Self::Delivered],
        }
    }

    /// Whether the mail did not arrive, and will not.
    #[must_use]
    pub const fn is_undeliverable(self) -> bool {
        match self {
            Self::Queued | Self::Sent | Self::Delivered => false,
            Self::Bounced | Self::Failed => true,
        }
    }
}

/// One role on one scope, and who said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What kind of scope it stands on; that of a scope never changes.
    pub level: Level,
    /// The role.
    pub role: Role,
    /// Who gave it.
    pub granted_by: Actor,
    /// When.
    pub granted_at: Timestamp,
    /// When it ends by itself, if it does.
    pub expires_at: Option<Timestamp>,
}

impl Grant {
    /// Whether the grant still counts at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// The owner of a client or an event, as the scope's own record names him.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerLabel {
    /// The collaborator.
    pub id: CollaboratorId,
    /// The address.
    pub email: Email,
}

/// What a collaborator is shown as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Invited.
    Pending,
    /// There.
    Active,
    /// The invitation, or the last grant, has ended.
    Expired,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Active, Self::Expired];

    /// The word of the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Expired => "expired",
        }
    }

    /// Reads the word of the API; `None` for an unknown one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == text)
    }
}

/// The most grants that one person may hold in one client.
pub const MOST_GRANTS: usize = 200;

impl Collaborator {
    /// What the collaborator is at `now`: by the clock, not by what was swept.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> Status {
        let lapsed = !self.grants.values().any(|grant| grant.is_live(now));
        match &self.membership {
            _ if lapsed => Status::Expired,
            Membership::Pending(invitation) if invitation.expires_at <= now => Status::Expired,
            Membership::Pending(_) => Status::Pending,
            Membership::Active(_) => Status::Active,
        }
    }

    /// Whether one of the grants is that of an owner, anywhere in the client.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.owned().next().is_some()
    }

    /// The scopes on which one of the grants is that of an owner.
    pub fn owned(&self) -> impl Iterator<Item = &ScopeId> {
        let owned = self.grants.iter().filter(|(_, grant)| grant.role.name() == RoleName::Owner);
        owned.map(|(scope, _)| scope)
    }

    /// The invitation, as long as it is not accepted.
    #[must_use]
    pub const fn invitation(&self) -> Option<&Invitation> {
        match &self.membership {
            Membership::Pending(invitation) => Some(invitation),
            Membership::Active(_) => None,
        }
    }

    /// Whether the collaborator is active and bound to `account`.
    #[must_use]
    pub fn is_bound_to(&self, account: &Account) -> bool {
        match &self.membership {
            Membership::Pending(_) => false,
            Membership::Active(binding) => binding.account == *account,
        }
    }

    /// The grants on the path of `at`, from the client down; with `below` also those further down.
    pub fn grants_visible_from<'a>(
        &'a self,
        at: &'a ScopeId,
        visibility: Visibility,
    ) -> impl Iterator<Item = (&'a ScopeId, &'a Grant)> {
        self.grants.iter().filter(move |(scope, _)| match visibility {
            Visibility::Path => scope.reaches(at),
            Visibility::PathAndBelow => scope.reaches(at) || at.reaches(scope),
        })
    }

    /// The record with the next version of `now`.
    #[must_use]
    pub(crate) fn advanced(mut self, now: Timestamp) -> Self {
        self.version = self.version.next(now);
        self
    }
}

/// Which grants are seen from a scope: sister scopes never show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Those on the scope and its ancestors.
    Path,
    /// Those further down as well.
    PathAndBelow,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_twenty_six_characters_of_base32() {
        assert!(CollaboratorId::parse("abcdefghijklmnopqrstuvw234").is_ok());
        for bad in [
            "",
            "abc",
            "abcdefghijklmnopqrstuvw231",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
            "abcdefghijklmnopqrstuvwxy!",
        ] {
            assert_eq!(CollaboratorId::parse(bad), Err(NotAnId), "{bad}");
        }
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.name()), Some(status));
        }
        for delivery in Delivery::ALL {
            assert_eq!(Delivery::parse(delivery.name()), Some(delivery));
        }
    }

    #[test]
    fn an_account_does_not_show_itself_in_a_log() {
        let account = Account { iss: "https://issuer.example".into(), sub: "42".into() };
        assert_eq!(format!("{account:?}"), "Account(..)");
    }
}
