//! The collaborator: one person in one client, with all their grants there.

mod invitation;
mod waiting;

use std::{collections::BTreeMap, time::Duration};

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{
    actor::Actor,
    dates::EventEnd,
    email::Email,
    ids::CollaboratorId,
    locale::Locale,
    role::{Role, RoleName},
    scope::{ClientId, Level, ScopeId},
    text::Name,
    time::{DAY, Timestamp, Version},
    token::TokenHash,
};

pub use invitation::{Declined, Invitation, InvitationIssue};
pub use waiting::{Admission, Waiting};

/// How long an expired or declined invitation stays visible (docs/domain.md#rule-9).
pub const EXPIRED_SHOWN_FOR: Duration = DAY.saturating_mul(30);

/// The most grants of one collaborator.
pub const MAX_GRANTS: usize = 200;

/// A person in one client: one record and one seat, whatever the number of grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collaborator {
    /// The client.
    pub client: ClientId,
    /// The id in that client.
    pub id: CollaboratorId,
    /// The address, which identifies the person.
    pub email: Email,
    /// The name.
    pub name: Option<Name>,
    /// The language of mails; `None` for the client's.
    pub locale: Option<Locale>,
    /// Pending, active, suspended, declined or waiting for a seat.
    pub membership: Membership,
    /// Whether the record occupies a seat of the contract.
    pub seat: bool,
    /// The last recorded login in this client.
    pub last_login_at: Option<Timestamp>,
    /// The last login that was refused since the activation, because it was of another account.
    pub refused_login_at: Option<Timestamp>,
    /// The grants, by their scope.
    pub grants: BTreeMap<ScopeId, Grant>,
    /// Grows with grants, membership and account; not with a login, a resend or a delivery.
    pub version: Version,
    /// When this version began; later than that of the version before it, whatever the clock. It is never shown: the
    /// change can be at a scope that the reader cannot see.
    pub changed_at: Timestamp,
    /// When the record is deleted: set when an expired or declined invitation has released its seat.
    pub forget_at: Option<Timestamp>,
}

/// Whether a collaborator is pending, active, suspended, declined or waiting for a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Membership {
    /// Invited, without permissions yet.
    Pending(Invitation),
    /// Bound to an account.
    Active(Binding),
    /// Without permissions and without a seat until they are restored.
    Suspended(Former),
    /// Without permissions and without a seat until they are invited again.
    Declined(Declined),
    /// Without permissions and without a seat until one is free (docs/domain.md#rule-21).
    Waiting(Waiting),
}

/// What a suspended collaborator was, and is again once restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Former {
    /// Pending.
    Pending(Invitation),
    /// Active.
    Active(Binding),
}

/// The account that the first activation binds a collaborator to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The account.
    pub account: Account,
    /// The hash of the invitation's token, so that using the link again returns the same response.
    pub accepted: Option<TokenHash>,
    /// When the last invitation mail was queued, which the limits on these mails count.
    pub mailed_at: Option<Timestamp>,
}

/// An account at an OpenID Connect issuer.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The issuer, claim `iss`.
    pub iss: String,
    /// The subject, claim `sub`.
    pub sub: String,
}

/// One role on one scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The level of its scope, which never changes.
    pub level: Level,
    /// The role.
    pub role: Role,
    /// Who gave it.
    pub granted_by: Actor,
    /// When.
    pub granted_at: Timestamp,
    /// Its own end.
    pub expires_at: Option<Timestamp>,
    /// Whether it does not end with its event.
    pub outlives_event: bool,
    /// What is known of the end of its event.
    pub event: EventEnd,
}

impl Grant {
    /// What is known of the end of its event when the grant alone was read.
    #[must_use]
    pub const fn unread_event(level: Level, role: Role, outlives_event: bool) -> EventEnd {
        if level.is_leaf() && !outlives_event && !matches!(role, Role::Owner) {
            EventEnd::Unread
        } else {
            EventEnd::None
        }
    }

    /// How long it was given for.
    #[must_use]
    pub const fn lifetime(&self) -> Lifetime {
        Lifetime { expires_at: self.expires_at, outlives_event: self.outlives_event }
    }

    /// Its end: its own, or that of its event if that is earlier.
    #[must_use]
    pub fn ends_at(&self) -> Option<Timestamp> {
        self.expires_at.into_iter().chain(self.event.ends_at()).min()
    }

    /// Whether the grant has not ended at `now`. Without its event, whether it has not reached its own end: so nothing is
    /// removed because of an event that was not read.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ends_at().is_none_or(|end| now < end)
    }

    /// Whether the grant can give permissions at `now`: it is live, and its event was read.
    #[must_use]
    pub fn is_effective(&self, now: Timestamp) -> bool {
        self.event != EventEnd::Unread && self.is_live(now)
    }

    /// Whether the grant has ended, and if only with its event, at least `grace` ago.
    pub(crate) fn is_over(&self, grace: Duration, now: Timestamp) -> bool {
        self.is_past(now) || self.event.ends_at().is_some_and(|end| end.after(grace) <= now)
    }

    /// The version of the event that ends it, if it has not reached its own end.
    pub(crate) fn ended_by(&self, now: Timestamp) -> Option<Version> {
        match self.event {
            EventEnd::Read { ends_at: Some(end), version } if end <= now && !self.is_past(now) => {
                Some(version)
            }
            EventEnd::Read { .. } | EventEnd::None | EventEnd::Unread => None,
        }
    }

    fn is_past(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// How long a grant lasts, apart from its event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lifetime {
    /// Its own end.
    pub expires_at: Option<Timestamp>,
    /// Whether it does not end with its event.
    pub outlives_event: bool,
}

/// The status of a collaborator.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum Status {
    /// Invited.
    Pending,
    /// Bound to an account, with a live grant.
    Active,
    /// The invitation, or the last grant, has ended.
    Expired,
    /// Without permissions until restored.
    Suspended,
    /// The recipient declined the invitation.
    Declined,
    /// No seat was free.
    Waiting,
}

words!(Status);

/// Which grants are visible from a scope. Those on sister scopes never are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// Those on the scope and its ancestors.
    Path,
    /// Those below it too.
    PathAndBelow,
}

impl Collaborator {
    /// The status at `now`, by the clock: it does not depend on a sweep.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> Status {
        self.status_by(self.grants.values(), now)
    }

    /// The status as far as it is visible from `at`: access elsewhere does not count.
    #[must_use]
    pub fn status_seen_from(&self, at: &ScopeId, visibility: Visibility, now: Timestamp) -> Status {
        self.status_by(self.grants_visible_from(at, visibility).map(|(_, grant)| grant), now)
    }

    fn status_by<'a>(&self, mut grants: impl Iterator<Item = &'a Grant>, now: Timestamp) -> Status {
        let ended = !grants.any(|grant| grant.is_live(now));
        match &self.membership {
            Membership::Suspended(_) => Status::Suspended,
            Membership::Declined(_) => Status::Declined,
            Membership::Waiting(_) => Status::Waiting,
            _ if ended => Status::Expired,
            Membership::Pending(invitation) if invitation.expires_at <= now => Status::Expired,
            Membership::Pending(_) => Status::Pending,
            Membership::Active(_) => Status::Active,
        }
    }

    /// Whether all access has ended at `now`, whatever the membership.
    #[must_use]
    pub fn has_ended(&self, now: Timestamp) -> bool {
        !self.grants.values().any(|grant| grant.is_live(now))
    }

    /// Whether the collaborator has an owner grant.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.owned().next().is_some()
    }

    /// The scopes of the owner grants.
    pub fn owned(&self) -> impl Iterator<Item = &ScopeId> {
        let owned = self.grants.iter().filter(|(_, grant)| grant.role.name() == RoleName::Owner);
        owned.map(|(scope, _)| scope)
    }

    /// The invitation of a pending collaborator.
    #[must_use]
    pub const fn invitation(&self) -> Option<&Invitation> {
        match &self.membership {
            Membership::Pending(invitation) => Some(invitation),
            Membership::Active(_)
            | Membership::Suspended(_)
            | Membership::Declined(_)
            | Membership::Waiting(_) => None,
        }
    }

    /// What a collaborator declined; `None` if they did not.
    #[must_use]
    pub const fn declined(&self) -> Option<&Declined> {
        match &self.membership {
            Membership::Declined(declined) => Some(declined),
            Membership::Pending(_)
            | Membership::Active(_)
            | Membership::Suspended(_)
            | Membership::Waiting(_) => None,
        }
    }

    /// What a collaborator waits for; `None` if they have a seat, or do not wait for one.
    #[must_use]
    pub const fn waiting(&self) -> Option<&Waiting> {
        match &self.membership {
            Membership::Waiting(waiting) => Some(waiting),
            Membership::Pending(_)
            | Membership::Active(_)
            | Membership::Suspended(_)
            | Membership::Declined(_) => None,
        }
    }

    /// Whether an invitation starts again from nothing: the former one has expired or was declined. An expired owner keeps
    /// their grants (docs/domain.md#rule-9).
    #[must_use]
    pub fn is_former(&self, now: Timestamp) -> bool {
        match self.status(now) {
            Status::Expired => !self.is_owner(),
            Status::Declined => true,
            Status::Pending | Status::Active | Status::Suspended | Status::Waiting => false,
        }
    }

    /// The last login. A collaborator without any counts from the latest of these grants.
    pub(crate) fn last_seen<'a>(
        &self,
        grants: impl Iterator<Item = &'a Grant>,
    ) -> Option<Timestamp> {
        self.last_login_at.or_else(|| grants.map(|grant| grant.granted_at).max())
    }

    /// When the last invitation mail was queued. `None` if there was none.
    #[must_use]
    pub fn last_mail_at(&self) -> Option<Timestamp> {
        match &self.membership {
            Membership::Pending(invitation)
            | Membership::Suspended(Former::Pending(invitation))
            | Membership::Declined(Declined { invitation, .. }) => invitation.mail_id.queued_at(),
            Membership::Active(binding) | Membership::Suspended(Former::Active(binding)) => {
                binding.mailed_at
            }
            Membership::Waiting(_) => None,
        }
    }

    /// Whether the collaborator is active, or was before an owner was unbound from their account.
    #[must_use]
    pub const fn was_active(&self) -> bool {
        match &self.membership {
            Membership::Pending(invitation)
            | Membership::Suspended(Former::Pending(invitation))
            | Membership::Declined(Declined { invitation, .. }) => invitation.was_active,
            Membership::Active(_) | Membership::Suspended(Former::Active(_)) => true,
            Membership::Waiting(_) => false,
        }
    }

    /// Whether the collaborator is active and bound to `account`.
    #[must_use]
    pub fn is_bound_to(&self, account: &Account) -> bool {
        match &self.membership {
            Membership::Pending(_)
            | Membership::Suspended(_)
            | Membership::Declined(_)
            | Membership::Waiting(_) => false,
            Membership::Active(binding) => binding.account == *account,
        }
    }

    /// Whether the grant on `event` ends at `ends_at`, which is to come. Someone suspended has no access that could end.
    pub(crate) fn loses(&self, event: &ScopeId, ends_at: Timestamp, now: Timestamp) -> bool {
        let ends = self.grants.get(event).is_some_and(|grant| grant.ends_at() == Some(ends_at));
        ends && now < ends_at && [Status::Active, Status::Pending].contains(&self.status(now))
    }

    /// The grants that are visible from `at`.
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

    /// The events that grants can end with and that were not read.
    pub fn unread_events(&self) -> impl Iterator<Item = &ScopeId> {
        let unread = self.grants.iter().filter(|(_, grant)| grant.event == EventEnd::Unread);
        unread.map(|(event, _)| event)
    }

    /// The record with its next version.
    #[must_use]
    pub(crate) fn advanced(mut self, now: Timestamp) -> Self {
        self.version = self.version.successor();
        self.changed_at = self.next_change(now);
        self
    }

    /// The time of a change at `now`: later than the one before it, even if the clock is behind.
    #[must_use]
    pub(crate) fn next_change(&self, now: Timestamp) -> Timestamp {
        now.max(self.changed_at.after(Duration::from_millis(1)))
    }
}

redacted_debug!(Account);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_does_not_show_an_account() {
        let account = Account { iss: "https://issuer.example".into(), sub: "42".into() };
        assert_eq!(format!("{account:?}"), "Account(..)");
    }
}
