//! Effective permissions, with their explanation: the decision that the whole service exists for.
//!
//! A Rust service that has read a [`Collaborator`] asks here, without another call:
//!
//! ```
//! use coulisses_domain::{access, client::Granting, collaborator::Collaborator, permission::Permission};
//! use coulisses_domain::{collaborator::Account, scope::ScopeId, time::Timestamp};
//!
//! fn may_export(person: &Collaborator, account: &Account, event: &ScopeId, now: Timestamp) -> bool {
//!     let holder = access::Holder { person, granting: Granting::Administrators };
//!     person.is_bound_to(account) && holder.because(event, Permission::ContactsExport, now).is_some()
//! }
//! ```

use crate::{
    client::Granting,
    collaborator::{Collaborator, Grant, Sight, Standing, Status},
    permission::{Permission, PermissionSet},
    role::{Role, RoleName},
    scope::ScopeId,
    time::Timestamp,
};

/// A collaborator, under the client's policy of granting.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// The person's record.
    pub person: &'a Collaborator,
    /// Who may give access in that client.
    pub granting: Granting,
}

/// Which grant allows something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Because<'a> {
    /// The scope on which the grant stands.
    pub scope: &'a ScopeId,
    /// Its role.
    pub role: RoleName,
}

/// A grant as it is shown at a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenGrant<'a> {
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

impl<'a> Holder<'a> {
    /// What the person effectively holds at `at`: the union of the unexpired grants on it and on its ancestors
    /// (`domain.md`, rules 1, 2 and 3). Nothing as long as the person is not active (rule 7).
    #[must_use]
    pub fn permissions(self, at: &ScopeId, now: Timestamp) -> PermissionSet {
        self.live(at, now).fold(PermissionSet::EMPTY, |set, (_, grant)| {
            set.union(self.permissions_of(grant.role))
        })
    }

    /// Which grant allows `permission` at `at`, or `None` if it is not allowed.
    ///
    /// Where several do, an owner's is named before an administrator's, these before any other,
    /// and of the others the nearest one.
    #[must_use]
    pub fn because(
        self,
        at: &ScopeId,
        permission: Permission,
        now: Timestamp,
    ) -> Option<Because<'a>> {
        self.live(at, now)
            .filter(|(_, grant)| self.permissions_of(grant.role).contains(permission))
            .max_by_key(|(scope, grant)| (precedence(grant.role), scope.as_str().len()))
            .map(|(scope, grant)| Because { scope, role: grant.role.name() })
    }

    /// What a grant of `role` holds in this client: without `access:manage` where only owners grant.
    #[must_use]
    pub const fn permissions_of(self, role: Role) -> PermissionSet {
        permissions_under(self.granting, role)
    }

    /// The grants that are seen from `at`, each with its explanation.
    #[must_use]
    pub fn explain(self, at: &'a ScopeId, sight: Sight, now: Timestamp) -> Vec<SeenGrant<'a>> {
        self.person
            .grants_seen_from(at, sight)
            .map(|(scope, grant)| SeenGrant {
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
            |grant: &&Grant| grant.is_live(now) || self.person.status(now) == Status::Expired;
        self.person.grants.get(at).filter(counts).map(|grant| grant.role)
    }

    /// The grants that count at `at`; none of somebody who is not active.
    fn live(self, at: &ScopeId, now: Timestamp) -> impl Iterator<Item = (&'a ScopeId, &'a Grant)> {
        let active = match self.person.standing {
            Standing::Pending(_) => false,
            Standing::Active(_) => true,
        };
        self.person
            .grants
            .iter()
            .filter(move |(scope, grant)| active && scope.reaches(at) && grant.is_live(now))
    }

    // seed 003: "si un utilisateur à un droit personnalisé pour un événement, mais a aussi un rôle administrateur, y
    // compris au niveau de l'audience ou du back-office client, alors les droits personnalisés ne s'appliqueront pas"
    fn is_overridden(self, scope: &ScopeId, grant: &Grant, now: Timestamp) -> bool {
        grant.role.name() == RoleName::Custom
            && self.person.grants.iter().any(|(above, other)| {
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
