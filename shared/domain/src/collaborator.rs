//! The collaborator: one person in one client, with all the grants there.

use std::{collections::BTreeMap, fmt, time::Duration};

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{
    actor::Actor,
    delivery::Delivery,
    email::Email,
    ids::{CollaboratorId, MailId},
    locale::Locale,
    role::{Role, RoleName},
    scope::{ClientId, Level, ScopeId},
    text::Name,
    time::{DAY, Timestamp, Version},
    token::TokenHash,
};

/// How long an expired invitation stays visible (`domain.md`, rule 9).
pub const EXPIRED_SHOWN_FOR: Duration = DAY.saturating_mul(30);

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

/// What a collaborator is shown as.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum Status {
    /// Invited.
    Pending,
    /// There.
    Active,
    /// The invitation, or the last grant, has ended.
    Expired,
}

words!(Status);

/// The most grants that one person may hold in one client.
pub const MAX_GRANTS: usize = 200;

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

    /// Whether this collaborator gets the announcements of `at`: active, with an unexpired grant on it, above it or
    /// below it. docs/decisions/0012-who-receives-an-announcement.md says why.
    #[must_use]
    pub fn receives_announcements(&self, at: &ScopeId, now: Timestamp) -> bool {
        let mut grants = self.grants_visible_from(at, Visibility::PathAndBelow);
        self.status(now) == Status::Active && grants.any(|(_, grant)| grant.is_live(now))
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
