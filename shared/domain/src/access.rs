//! Effective permissions, with their explanation: the decision that the whole service exists for.
//!
//! Any Rust service that has read a [`Collaborator`] can decide here, without another call: this crate does no I/O. It needs
//! the person's one record in the client, which contains all their grants there; the account of the user; the scope, which
//! need not be read; and the time. The client's setting [`Granting`] matters only for `access:manage`.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use coulisses_domain::{
//!     access::{DeterminingGrant, Subject},
//!     actor::Actor,
//!     client::Granting,
//!     collaborator::{Account, Binding, Collaborator, Grant, Membership},
//!     dates::EventEnd,
//!     email::Email,
//!     ids::CollaboratorId,
//!     permission::Permission,
//!     role::{Role, RoleName},
//!     scope::{ClientId, Level, ScopeId},
//!     time::{DAY, Timestamp, Version},
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Léa supervises the audience `acme:tech` for a week, and accepted the invitation with her account.
//! let given_at = Timestamp::parse("2026-11-22T12:00:00Z")?;
//! let (audience, leas) = (
//!     ScopeId::parse("acme:tech")?,
//!     Account { iss: "https://id.example.org".into(), sub: "lea".into() },
//! );
//! let grant = Grant {
//!     level: Level::Audience,
//!     role: Role::SUPERVISOR,
//!     granted_by: Actor::Platform(None),
//!     granted_at: given_at,
//!     expires_at: Some(given_at.after(7 * DAY)),
//!     outlives_event: false,
//!     event: EventEnd::None,
//! };
//! let lea = Collaborator {
//!     client: ClientId::parse("acme")?,
//!     id: CollaboratorId::parse("nf2kqtz6sx4m7wdj3hvb5yacre")?,
//!     email: Email::parse("lea@example.org")?,
//!     name: None,
//!     locale: None,
//!     membership: Membership::Active(Binding { account: leas.clone(), accepted: None, mailed_at: None }),
//!     seat: true,
//!     last_login_at: None,
//!     refused_login_at: None,
//!     grants: BTreeMap::from([(audience.clone(), grant)]),
//!     version: Version::from_number(1),
//!     changed_at: given_at,
//!     forget_at: None,
//! };
//!
//! // A request under a verified account.
//! let may = |account: &Account, scope: &ScopeId, permission, now| {
//!     let subject = Subject { collaborator: &lea, granting: Granting::Administrators };
//!     subject.determining_grant_for(account, scope, permission, now)
//! };
//! let event = ScopeId::parse("acme:tech:summit-2027")?;
//! let tomorrow = given_at.after(DAY);
//!
//! // She can export the contacts of an event of that audience, and the answer says why.
//! let why = may(&leas, &event, Permission::ContactsExport, tomorrow);
//! assert_eq!(why, Some(DeterminingGrant { scope: &audience, role: RoleName::SUPERVISOR }));
//!
//! // Nothing that her role does not include, nothing elsewhere, nothing after its end, nothing under another account.
//! assert_eq!(may(&leas, &event, Permission::ContactsImport, tomorrow), None);
//! let sister = ScopeId::parse("acme:hr:gala")?;
//! assert_eq!(may(&leas, &sister, Permission::ContactsExport, tomorrow), None);
//! assert_eq!(may(&leas, &event, Permission::ContactsExport, given_at.after(7 * DAY)), None);
//! let twin = Account { sub: "another account".into(), ..leas };
//! assert_eq!(may(&twin, &event, Permission::ContactsExport, tomorrow), None);
//! # Ok(())
//! # }
//! ```
//!
//! [`check`](crate::check) decides who can ask about whom.

use crate::{
    client::Granting,
    collaborator::{Account, Collaborator, Grant, Membership, Status, Visibility},
    permission::{Permission, PermissionSet},
    role::{Role, RoleName},
    scope::ScopeId,
    time::Timestamp,
};

/// A collaborator, under their client's setting.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The record.
    pub collaborator: &'a Collaborator,
    /// Who can grant access in the client.
    pub granting: Granting,
}

/// The grant that allows something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeterminingGrant<'a> {
    /// The scope of the grant.
    pub scope: &'a ScopeId,
    /// Its role.
    pub role: RoleName,
}

/// A grant that is visible at a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisibleGrant<'a> {
    /// The scope of the grant.
    pub scope: &'a ScopeId,
    /// The grant.
    pub grant: &'a Grant,
    /// Whether it is on an ancestor of the scope at hand.
    pub inherited: bool,
    /// Its permissions under the client's setting.
    pub permissions: PermissionSet,
    /// Whether an administrator or owner grant on the path overrides this one, which is custom or a role of the client's own.
    pub overridden: bool,
}

/// What a collaborator holds at a scope where they have a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding<'a> {
    /// The scope.
    pub scope: &'a ScopeId,
    /// The role on it.
    pub role: RoleName,
    /// The effective permissions there, from this grant and those above it.
    pub permissions: PermissionSet,
}

/// A grant and its scope.
type GrantAt<'a> = (&'a ScopeId, &'a Grant);

impl<'a> Subject<'a> {
    /// The effective permissions at `at`: the union of the live grants on it and on its ancestors
    /// (docs/domain.md#rule-2). Empty unless the collaborator is active.
    #[must_use]
    pub fn permissions(self, at: &ScopeId, now: Timestamp) -> PermissionSet {
        self.reaching(at, now).fold(PermissionSet::EMPTY, |set, (_, grant)| {
            set.union(self.permissions_of(grant.role))
        })
    }

    /// The grant that allows `permission` at `at`; `None` if it is not allowed.
    ///
    /// If several do, an owner grant comes first, then an administrator grant, then the nearest of the others.
    #[must_use]
    pub fn determining_grant(
        self,
        at: &ScopeId,
        permission: Permission,
        now: Timestamp,
    ) -> Option<DeterminingGrant<'a>> {
        self.reaching(at, now)
            .filter(|(_, grant)| self.permissions_of(grant.role).contains(permission))
            .max_by_key(|(scope, grant)| (precedence(grant.role), scope.as_str().len()))
            .map(|(scope, grant)| DeterminingGrant { scope, role: grant.role.name() })
    }

    /// The same, for a user who is logged in under `account`: `None` unless the collaborator is bound to it
    /// (docs/domain.md#rule-8).
    #[must_use]
    pub fn determining_grant_for(
        self,
        account: &Account,
        at: &ScopeId,
        permission: Permission,
        now: Timestamp,
    ) -> Option<DeterminingGrant<'a>> {
        if self.collaborator.is_bound_to(account) {
            self.determining_grant(at, permission, now)
        } else {
            None
        }
    }

    /// What the collaborator holds at each scope with a live grant; nothing unless they are active.
    #[must_use]
    pub fn holdings(self, now: Timestamp) -> Vec<Holding<'a>> {
        self.live(now)
            .map(|(scope, grant)| Holding {
                scope,
                role: grant.role.name(),
                permissions: self.permissions(scope, now),
            })
            .collect()
    }

    /// The permissions of a grant of `role` in this client.
    #[must_use]
    pub const fn permissions_of(self, role: Role) -> PermissionSet {
        permissions_under(self.granting, role)
    }

    /// The grants that are visible from `at`, each with its explanation.
    #[must_use]
    pub fn explain(
        self,
        at: &'a ScopeId,
        visibility: Visibility,
        now: Timestamp,
    ) -> Vec<VisibleGrant<'a>> {
        self.collaborator
            .grants_visible_from(at, visibility)
            .map(|(scope, grant)| VisibleGrant {
                scope,
                grant,
                inherited: scope != at && scope.reaches(at),
                permissions: self.permissions_of(grant.role),
                overridden: self.is_overridden(scope, grant, now),
            })
            .collect()
    }

    /// The role of the grant on `at`. An ended grant is shown only if the collaborator has no live one.
    #[must_use]
    pub fn direct_role(self, at: &ScopeId, now: Timestamp) -> Option<Role> {
        let counts =
            |grant: &&Grant| grant.is_live(now) || self.collaborator.status(now) == Status::Expired;
        self.collaborator.grants.get(at).filter(counts).map(|grant| grant.role)
    }

    /// The scopes of the grants of `person` where this collaborator sees who has access.
    pub(crate) fn seen_scopes(
        self,
        person: &Collaborator,
        now: Timestamp,
    ) -> impl Iterator<Item = &ScopeId> {
        let may_see =
            move |at: &&ScopeId| self.permissions(at, now).contains(Permission::AccessView);
        person.grants.keys().filter(may_see)
    }

    /// The grants that count at `at`.
    ///
    /// Each scope on the short path of `at` is looked up, so the cost does not depend on the number of other grants.
    fn reaching(self, at: &ScopeId, now: Timestamp) -> impl Iterator<Item = GrantAt<'a>> {
        let grants = &self.collaborator.grants;
        let on_path = at.lineage().filter_map(|path| grants.get_key_value(path));
        on_path.filter(move |(_, grant)| self.counts(grant, now))
    }

    /// The grants that count anywhere.
    fn live(self, now: Timestamp) -> impl Iterator<Item = GrantAt<'a>> {
        self.collaborator.grants.iter().filter(move |(_, grant)| self.counts(grant, now))
    }

    /// Whether a grant gives permissions now.
    fn counts(self, grant: &Grant, now: Timestamp) -> bool {
        match self.collaborator.membership {
            Membership::Pending(_)
            | Membership::Suspended(_)
            | Membership::Declined(_)
            | Membership::Waiting(_) => false,
            Membership::Active(_) => grant.is_effective(now),
        }
    }

    // inwink (docs/domain.md#sources): "Si un utilisateur à un droit personnalisé pour un événement, mais a aussi un rôle
    // administrateur, y compris au niveau de l'audience ou du back-office client, alors les droits personnalisés ne
    // s'appliqueront pas."
    fn is_overridden(self, scope: &ScopeId, grant: &Grant, now: Timestamp) -> bool {
        grant.role.is_overridable()
            && self.collaborator.grants.iter().any(|(above, other)| {
                above.reaches(scope) && other.is_effective(now) && other.role.prevails_over_custom()
            })
    }
}

/// The permissions of `role` under `granting`: if only owners grant, no other role includes `access:manage`.
#[must_use]
pub const fn permissions_under(granting: Granting, role: Role) -> PermissionSet {
    match (granting, role) {
        (Granting::Administrators, _) | (Granting::Owner, Role::Owner) => role.permissions(),
        (Granting::Owner, _) => role.permissions().without(Permission::AccessManage),
    }
}

const fn precedence(role: Role) -> u8 {
    match role {
        Role::Owner => 2,
        Role::Administrator => 1,
        Role::Catalogue(_) | Role::Custom(_) | Role::Named(_) | Role::Unknown => 0,
    }
}
