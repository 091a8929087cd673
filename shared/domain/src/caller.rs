//! Who makes a request: the platform, as itself or on behalf of a collaborator, or a user.

use std::time::Duration;

use crate::{
    access::Subject,
    actor::{Actor, OauthClient},
    client::Granting,
    collaborator::{Account, Collaborator, Membership},
    email::Email,
    ids::CollaboratorId,
    permission::{Permission, PermissionSet},
    refusal::Refusal,
    scope::ScopeId,
    text::Name,
    time::Timestamp,
};

/// The caller, with their record in the client.
#[derive(Clone, Debug)]
pub enum Caller {
    /// The backend of the event platform. It may do what an owner may.
    Platform(OauthClient),
    /// A user.
    User(Box<User>),
}

/// What the role of support adds to a user's own permissions, at every scope of every client. No write rests on it.
pub const OF_SUPPORT: PermissionSet =
    PermissionSet::of(&[Permission::AccessView, Permission::HistoryView]);

/// The place of a caller in the deployment, whatever their access in its clients (docs/domain.md#rule-17).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The backend of the event platform.
    Platform,
    /// A user with the role of support.
    Support,
    /// Any other user.
    User,
}

impl Standing {
    /// Whether they see all clients, and find a person in all of them.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for a user without the role of support.
    pub const fn check_sees_all_clients(self) -> Result<(), Refusal> {
        match self {
            Self::Platform | Self::Support => Ok(()),
            Self::User => Err(Refusal::Forbidden),
        }
    }
}

/// How the caller knows that a user may act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// The user is logged in to this account.
    Account(Account),
    /// The platform acts on behalf of the user, with this OAuth client. The rights of the user apply, never its own.
    OnBehalf(OauthClient),
}

impl Login {
    /// Whether `record` is active and bound to the account. The platform vouches for those on whose behalf it acts, so
    /// their account does not matter.
    pub(crate) fn is_of(&self, record: &Collaborator) -> bool {
        match self {
            Self::Account(account) => record.is_bound_to(account),
            Self::OnBehalf(_) => matches!(record.membership, Membership::Active(_)),
        }
    }
}

/// A user with a verified address.
#[derive(Clone, Debug)]
pub struct User {
    /// How they are known.
    pub login: Login,
    /// The verified address.
    pub email: Email,
    /// The name that the account claims.
    pub name: Option<Name>,
    /// The id of the address in the client.
    pub id: CollaboratorId,
    /// The record in that client.
    pub record: Option<Collaborator>,
    /// Whether they have the role of support (docs/domain.md#rule-17).
    pub support: bool,
    /// When they logged in at the identity provider, if it says so.
    pub logged_in_at: Option<Timestamp>,
}

/// How far the clock of the identity provider may be ahead.
const SKEW: Duration = Duration::from_mins(1);

impl User {
    /// The record, if it is active and bound to their account (docs/domain.md#rule-8).
    #[must_use]
    pub fn bound(&self) -> Option<&Collaborator> {
        self.record.as_ref().filter(|record| self.login.is_of(record))
    }

    /// The account that the user is logged in to.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] if the platform acts on their behalf: it can neither accept an invitation nor log in.
    pub(crate) const fn account(&self) -> Result<&Account, Refusal> {
        match &self.login {
            Login::Account(account) => Ok(account),
            Login::OnBehalf(_) => Err(Refusal::Forbidden),
        }
    }

    /// Whether the user logged in at most `max_age` ago. Without a time, or with one that is yet to come, they did not. The
    /// platform vouches for those on whose behalf it acts.
    ///
    /// # Errors
    /// [`Refusal::FreshLoginRequired`] (docs/domain.md#rule-5).
    pub(crate) fn check_fresh_login(
        &self,
        max_age: Duration,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let is_fresh = match &self.login {
            Login::Account(_) => self
                .logged_in_at
                .is_some_and(|at| at <= now.after(SKEW) && now <= at.after(max_age)),
            Login::OnBehalf(_) => true,
        };
        if is_fresh { Ok(()) } else { Err(Refusal::FreshLoginRequired { max_age }) }
    }

    /// The user's effective permissions at `at`, with those of support.
    #[must_use]
    pub fn permissions(&self, at: &ScopeId, granting: Granting, now: Timestamp) -> PermissionSet {
        let own = self.own_permissions(at, granting, now);
        if self.support { own.union(OF_SUPPORT) } else { own }
    }

    /// The permissions that the user's own access gives at `at`.
    fn own_permissions(&self, at: &ScopeId, granting: Granting, now: Timestamp) -> PermissionSet {
        self.bound().map_or(PermissionSet::EMPTY, |collaborator| {
            Subject { collaborator, granting }.permissions(at, now)
        })
    }

    /// Whether the user can give each grant of `target` on its own scope (docs/domain.md#rule-4).
    pub(crate) fn can_give_all(
        &self,
        target: &Collaborator,
        granting: Granting,
        now: Timestamp,
    ) -> bool {
        target.grants.iter().all(|(scope, grant)| {
            let held = self.own_permissions(scope, granting, now);
            held.contains(Permission::AccessManage) && held.includes(grant.role.to_handle())
        })
    }

    /// The user as the history names them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let recorded = self.record.as_ref().and_then(|record| record.name.clone());
        let via = match &self.login {
            Login::Account(_) => None,
            Login::OnBehalf(client) => Some(client.clone()),
        };
        Actor::User { email: self.email.clone(), name: recorded.or_else(|| self.name.clone()), via }
    }
}

impl Caller {
    /// The user.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for the platform.
    pub(crate) fn user(&self) -> Result<&User, Refusal> {
        match self {
            Self::Platform(_) => Err(Refusal::Forbidden),
            Self::User(user) => Ok(user),
        }
    }

    /// The id and the account of a user who is logged in; `None` for the platform, also on behalf of a user.
    #[must_use]
    pub fn logged_in(&self) -> Option<(&CollaboratorId, &Account)> {
        let user = self.user().ok()?;
        Some((&user.id, user.account().ok()?))
    }

    /// The user's id in the client; `None` for the platform.
    #[must_use]
    pub fn id(&self) -> Option<&CollaboratorId> {
        self.user().ok().map(|user| &user.id)
    }

    /// Whether the caller is this collaborator.
    pub(crate) fn is(&self, id: &CollaboratorId) -> bool {
        self.id() == Some(id)
    }

    /// The caller as the history names them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Platform(client) => Actor::Platform(Some(client.clone())),
            Self::User(user) => user.actor(),
        }
    }

    /// The record of a user, if it is active and bound to their account; `None` for the platform, and for support where
    /// they have no access of their own.
    pub(crate) fn bound(&self) -> Option<&Collaborator> {
        self.user().ok()?.bound()
    }

    /// The caller's effective permissions at `at`: what they may read.
    pub(crate) fn permissions(
        &self,
        at: &ScopeId,
        granting: Granting,
        now: Timestamp,
    ) -> PermissionSet {
        match self {
            Self::Platform(_) => PermissionSet::ALL,
            Self::User(user) => user.permissions(at, granting, now),
        }
    }

    /// The permissions that the caller's own access gives at `at`: what they may change.
    pub(crate) fn own_permissions(
        &self,
        at: &ScopeId,
        granting: Granting,
        now: Timestamp,
    ) -> PermissionSet {
        match self {
            Self::Platform(_) => PermissionSet::ALL,
            Self::User(user) => user.own_permissions(at, granting, now),
        }
    }

    /// Whether what the caller reads at `at` can rest on the role of support alone, so that operators count it.
    #[must_use]
    pub fn reads_as_support(&self, at: &ScopeId, now: Timestamp) -> bool {
        let Self::User(user) = self else { return false };
        // Who can grant access changes neither of the two permissions.
        let own = user.own_permissions(at, Granting::Owner, now);
        user.support && !own.includes(OF_SUPPORT)
    }
}
