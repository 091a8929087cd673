//! Effective permissions, with their explanation: the decision that the whole service exists for.
//!
//! Any Rust service that has read a [`Collaborator`] asks here, without another call: this crate reads nothing, waits for
//! nothing and keeps nothing. What it asks with is the person's one record in the client, which holds all the grants
//! there; the account of whoever is logged in; the scope, which need not be read; and the time. Who may give access in
//! the client ([`Granting`]) matters for `access:manage` alone.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use coulisses_domain::{
//!     access::{DeterminingGrant, Subject},
//!     actor::Actor,
//!     client::Granting,
//!     collaborator::{Account, Binding, Collaborator, Grant, Membership},
//!     email::Email,
//!     ids::CollaboratorId,
//!     permission::Permission,
//!     role::{Role, RoleName},
//!     scope::{ClientId, Level, ScopeId},
//!     time::{DAY, Timestamp, Version},
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Léa supervises the audience `acme:tech` for a week, and has accepted under her account.
//! let given_at = Timestamp::parse("2026-11-22T12:00:00Z")?;
//! let (audience, leas) = (
//!     ScopeId::parse("acme:tech")?,
//!     Account { iss: "https://id.example.org".into(), sub: "lea".into() },
//! );
//! let grant = Grant {
//!     level: Level::Audience,
//!     role: Role::Supervisor,
//!     granted_by: Actor::Platform,
//!     granted_at: given_at,
//!     expires_at: Some(given_at.after(7 * DAY)),
//! };
//! let lea = Collaborator {
//!     client: ClientId::parse("acme")?,
//!     id: CollaboratorId::parse("nf2kqtz6sx4m7wdj3hvb5yacre")?,
//!     email: Email::parse("lea@example.org")?,
//!     name: None,
//!     locale: None,
//!     membership: Membership::Active(Binding { account: leas.clone(), accepted: None }),
//!     seat: true,
//!     last_login_at: None,
//!     grants: BTreeMap::from([(audience.clone(), grant)]),
//!     version: Version::first(given_at),
//!     forget_at: None,
//! };
//!
//! // A request comes in, under an account that was verified.
//! let may = |account: &Account, scope: &ScopeId, permission, now| {
//!     let subject = Subject { collaborator: &lea, granting: Granting::Administrators };
//!     subject.determining_grant_for(account, scope, permission, now)
//! };
//! let event = ScopeId::parse("acme:tech:summit-2027")?;
//! let tomorrow = given_at.after(DAY);
//!
//! // She exports the contacts of an event of that audience, and it is known why.
//! let why = may(&leas, &event, Permission::ContactsExport, tomorrow);
//! assert_eq!(why, Some(DeterminingGrant { scope: &audience, role: RoleName::Supervisor }));
//!
//! // Not what her role does not hold, not elsewhere, not after its end, and nobody under another account.
//! assert_eq!(may(&leas, &event, Permission::ContactsImport, tomorrow), None);
//! let sister = ScopeId::parse("acme:hr:gala")?;
//! assert_eq!(may(&leas, &sister, Permission::ContactsExport, tomorrow), None);
//! assert_eq!(may(&leas, &event, Permission::ContactsExport, given_at.after(7 * DAY)), None);
//! let twin = Account { sub: "somebody else".into(), ..leas };
//! assert_eq!(may(&twin, &event, Permission::ContactsExport, tomorrow), None);
//! # Ok(())
//! # }
//! ```
//!
//! Who may ask about whom is another question, which [`check`](crate::check) answers.

use crate::{
    client::Granting,
    collaborator::{Account, Collaborator, Grant, Membership, Status, Visibility},
    permission::{Permission, PermissionSet},
    role::{Role, RoleName},
    scope::ScopeId,
    time::Timestamp,
};

/// A collaborator, under the client's policy of granting.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The person's record.
    pub collaborator: &'a Collaborator,
    /// Who may give access in that client.
    pub granting: Granting,
}

/// Which grant allows something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeterminingGrant<'a> {
    /// The scope on which the grant stands.
    pub scope: &'a ScopeId,
    /// Its role.
    pub role: RoleName,
}

/// A grant as it is shown at a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VisibleGrant<'a> {
    /// The scope on which the grant stands.
    pub scope: &'a ScopeId,
    /// The grant.
    pub grant: &'a Grant,
    /// Whether it stands further up than the scope that was asked.
    pub inherited: bool,
    /// What it holds under the client's policy of granting.
    pub permissions: PermissionSet,
    /// Whether an administrator or owner grant on the same path prevails over this custom one.
    pub overridden: bool,
}

/// What somebody holds at a scope where a grant of theirs stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding<'a> {
    /// The scope.
    pub scope: &'a ScopeId,
    /// The role given on it.
    pub role: RoleName,
    /// What is effectively held there, by this grant and those above it.
    pub permissions: PermissionSet,
}

/// A grant, and the scope on which it stands.
type GrantAt<'a> = (&'a ScopeId, &'a Grant);

impl<'a> Subject<'a> {
    /// What the person effectively holds at `at`: the union of the unexpired grants on it and on its ancestors
    /// (`domain.md`, rules 1, 2 and 3). Nothing as long as the person is not active (rule 7).
    #[must_use]
    pub fn permissions(self, at: &ScopeId, now: Timestamp) -> PermissionSet {
        self.reaching(at, now).fold(PermissionSet::EMPTY, |set, (_, grant)| {
            set.union(self.permissions_of(grant.role))
        })
    }

    /// Which grant allows `permission` at `at`, or `None` if it is not allowed.
    ///
    /// Where several do, an owner's is named before an administrator's, these before any other,
    /// and of the others the nearest one.
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

    /// Which grant allows `permission` at `at` to whoever is logged in under `account`, or `None` if it is not allowed:
    /// never to another account than the one that the person is bound to (`domain.md`, rule 8).
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

    /// What the person effectively holds at each scope on which a grant of theirs counts; nothing of somebody who is not
    /// active.
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

    /// What a grant of `role` holds in this client: without `access:manage` where only owners grant.
    #[must_use]
    pub const fn permissions_of(self, role: Role) -> PermissionSet {
        permissions_under(self.granting, role)
    }

    /// The grants that are seen from `at`, each with its explanation.
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

    /// The role to show at `at`: that of the grant on it, as long as it counts or as nothing else does either.
    #[must_use]
    pub fn direct_role(self, at: &ScopeId, now: Timestamp) -> Option<Role> {
        let counts =
            |grant: &&Grant| grant.is_live(now) || self.collaborator.status(now) == Status::Expired;
        self.collaborator.grants.get(at).filter(counts).map(|grant| grant.role)
    }

    /// The grants that count at `at`; none of somebody who is not active.
    ///
    /// Looked up on the path of `at`, which is short, so that it costs no more where somebody has many grants elsewhere.
    fn reaching(self, at: &ScopeId, now: Timestamp) -> impl Iterator<Item = GrantAt<'a>> {
        let grants = &self.collaborator.grants;
        let on_path = at.lineage().filter_map(|path| grants.get_key_value(path));
        on_path.filter(move |(_, grant)| self.counts(grant, now))
    }

    /// The grants that count somewhere; none of somebody who is not active.
    fn live(self, now: Timestamp) -> impl Iterator<Item = GrantAt<'a>> {
        self.collaborator.grants.iter().filter(move |(_, grant)| self.counts(grant, now))
    }

    /// Whether a grant of this person gives anything yet, and still.
    fn counts(self, grant: &Grant, now: Timestamp) -> bool {
        match self.collaborator.membership {
            Membership::Pending(_) => false,
            Membership::Active(_) => grant.is_live(now),
        }
    }

    // seed 003: "si un utilisateur à un droit personnalisé pour un événement, mais a aussi un rôle administrateur, y
    // compris au niveau de l'audience ou du back-office client, alors les droits personnalisés ne s'appliqueront pas"
    fn is_overridden(self, scope: &ScopeId, grant: &Grant, now: Timestamp) -> bool {
        grant.role.name() == RoleName::Custom
            && self.collaborator.grants.iter().any(|(above, other)| {
                above.reaches(scope) && other.is_live(now) && other.role.prevails_over_custom()
            })
    }
}

/// What `role` holds under `granting`: `access:manage` is taken out of all but the owner's where only owners grant.
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
        Role::Contributor
        | Role::Reader
        | Role::Manager
        | Role::Supervisor
        | Role::Observer
        | Role::Custom(_) => 0,
    }
}
