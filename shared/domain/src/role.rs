//! Roles: named sets of permissions (docs/domain.md#roles).

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::permission::{Permission, PermissionSet};

/// The name of a role, without the set of a custom one.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum RoleName {
    /// All permissions on a scope and below; assigned only by provisioning and transfer.
    Owner,
    /// All permissions; can be changed and revoked.
    Administrator,
    /// All content permissions, no configuration.
    Contributor,
    /// `view` of the content.
    Reader,
    /// "Gestionnaire": contacts without import and export, campaigns, settings.
    Manager,
    /// "Superviseur": views and exports contacts.
    Supervisor,
    /// "Observateur": views the dashboard and the contacts.
    Observer,
    /// "Personnalisé": a chosen set, on events only.
    Custom,
    /// A stored role that this version does not know, written by the version after it. It gives nothing, and cannot be
    /// given.
    Unknown,
}

words!(RoleName);

impl RoleName {
    /// The roles that a client can offer.
    pub const OFFERED: [Self; 7] = [
        Self::Administrator,
        Self::Contributor,
        Self::Reader,
        Self::Manager,
        Self::Supervisor,
        Self::Observer,
        Self::Custom,
    ];
}

/// A role with its permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are those of RoleName")]
pub enum Role {
    Owner,
    Administrator,
    Contributor,
    Reader,
    Manager,
    Supervisor,
    Observer,
    Custom(CustomSet),
    Unknown,
}

impl Role {
    /// The role of this name; `chosen` is the set of a custom one.
    ///
    /// # Errors
    /// [`NotARole`] if permissions come without `custom`, if `custom` comes without permissions, or with `access:*`, and
    /// for `unknown`.
    pub fn new(name: RoleName, chosen: Option<PermissionSet>) -> Result<Self, NotARole> {
        let named = match name {
            RoleName::Owner => Self::Owner,
            RoleName::Administrator => Self::Administrator,
            RoleName::Contributor => Self::Contributor,
            RoleName::Reader => Self::Reader,
            RoleName::Manager => Self::Manager,
            RoleName::Supervisor => Self::Supervisor,
            RoleName::Observer => Self::Observer,
            RoleName::Custom => {
                return CustomSet::new(chosen.ok_or(NotARole::NothingChosen)?).map(Self::Custom);
            }
            RoleName::Unknown => return Err(NotARole::Unknown),
        };
        if chosen.is_some() { Err(NotARole::ChosenWithoutCustom) } else { Ok(named) }
    }

    /// The role's name.
    #[must_use]
    pub const fn name(self) -> RoleName {
        match self {
            Self::Owner => RoleName::Owner,
            Self::Administrator => RoleName::Administrator,
            Self::Contributor => RoleName::Contributor,
            Self::Reader => RoleName::Reader,
            Self::Manager => RoleName::Manager,
            Self::Supervisor => RoleName::Supervisor,
            Self::Observer => RoleName::Observer,
            Self::Custom(_) => RoleName::Custom,
            Self::Unknown => RoleName::Unknown,
        }
    }

    /// The permissions of the role.
    #[must_use]
    pub const fn permissions(self) -> PermissionSet {
        match self {
            Self::Owner | Self::Administrator => PermissionSet::ALL,
            Self::Contributor => CONTRIBUTOR,
            Self::Reader => READER,
            Self::Manager => MANAGER,
            Self::Supervisor => SUPERVISOR,
            Self::Observer => OBSERVER,
            Self::Custom(CustomSet(set)) => set,
            Self::Unknown => PermissionSet::EMPTY,
        }
    }

    /// The permissions that a grantor needs to give, resend or revoke the role. What the version after this one allows with
    /// an unknown role can be everything.
    #[must_use]
    pub(crate) const fn to_handle(self) -> PermissionSet {
        if matches!(self, Self::Unknown) { PermissionSet::ALL } else { self.permissions() }
    }

    /// Whether the role overrides a custom one on the same path (docs/domain.md#rule-2).
    // inwink (docs/domain.md#sources): "Dans la hiérarchie des droits, le rôle administrateur prime sur le droit personnalisé."
    #[must_use]
    pub const fn prevails_over_custom(self) -> bool {
        matches!(self, Self::Owner | Self::Administrator)
    }
}

/// The permissions of a custom role: not empty, with the implied views, without `access:*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CustomSet(PermissionSet);

impl CustomSet {
    /// Takes the chosen permissions and adds the implied views.
    ///
    /// # Errors
    /// [`NotARole`] if nothing is chosen, or a permission of the entity `access`.
    pub fn new(chosen: PermissionSet) -> Result<Self, NotARole> {
        // inwink (docs/domain.md#sources): "ne permet pas d'accéder à la configuration des droits d'accès"
        if chosen.contains(Permission::AccessView) || chosen.contains(Permission::AccessManage) {
            Err(NotARole::CustomNeverManagesAccess)
        } else if chosen.is_empty() {
            Err(NotARole::NothingChosen)
        } else {
            Ok(Self(chosen.completed()))
        }
    }
}

/// Why a name and permissions are not a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotARole {
    /// Custom, without permissions.
    #[error("a custom role needs at least one permission")]
    NothingChosen,
    /// Permissions with a role that is not custom.
    #[error("permissions are chosen for a custom role only")]
    ChosenWithoutCustom,
    /// Custom, with a permission of the entity `access`.
    #[error("a custom role cannot have a permission of access")]
    CustomNeverManagesAccess,
    /// The name of what is not known.
    #[error("an unknown role cannot be given")]
    Unknown,
}

// The quotations are in docs/domain.md#roles.
const CONTRIBUTOR: PermissionSet = content(false);
const READER: PermissionSet = content(true);
const MANAGER: PermissionSet = PermissionSet::of(&[
    Permission::DashboardView,
    Permission::ContactsView,
    Permission::ContactsManage,
    Permission::CampaignsView,
    Permission::CampaignsManage,
    Permission::CampaignsSend,
    Permission::SettingsView,
    Permission::SettingsManage,
]);
const SUPERVISOR: PermissionSet = PermissionSet::of(&[
    Permission::DashboardView,
    Permission::ContactsView,
    Permission::ContactsExport,
]);
const OBSERVER: PermissionSet =
    PermissionSet::of(&[Permission::DashboardView, Permission::ContactsView]);

/// The content permissions, or only their `view`s.
const fn content(views_only: bool) -> PermissionSet {
    let mut set = PermissionSet::EMPTY;
    let catalogue = Permission::ALL;
    let mut rest: &[Permission] = &catalogue;
    while let [permission, others @ ..] = rest {
        if !permission.is_configuration() {
            let chosen = if views_only { permission.view() } else { *permission };
            set = set.union(PermissionSet::of(&[chosen]));
        }
        rest = others;
    }
    set
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    #[test]
    fn a_custom_role_never_contains_a_permission_of_access() {
        for permission in [Permission::AccessView, Permission::AccessManage] {
            let chosen = PermissionSet::of(&[Permission::ContactsView, permission]);
            assert_eq!(
                Role::new(RoleName::Custom, Some(chosen)),
                Err(NotARole::CustomNeverManagesAccess)
            );
        }
    }

    #[test]
    fn only_a_custom_role_has_chosen_permissions() {
        let chosen = Some(PermissionSet::of(&[Permission::CheckinScan]));
        for name in RoleName::ALL {
            assert_eq!(Role::new(name, chosen).is_ok(), name == RoleName::Custom, "{name:?}");
            let stands_alone = !matches!(name, RoleName::Custom | RoleName::Unknown);
            assert_eq!(Role::new(name, None).is_ok(), stands_alone, "{name:?}");
        }
        assert_eq!(
            Role::new(RoleName::Custom, Some(PermissionSet::EMPTY)),
            Err(NotARole::NothingChosen)
        );
    }

    #[test]
    fn every_role_contains_the_views_that_it_implies() {
        for role in
            [Role::Contributor, Role::Reader, Role::Manager, Role::Supervisor, Role::Observer]
        {
            assert_eq!(role.permissions().completed(), role.permissions(), "{role:?}");
        }
    }

    #[test]
    fn manager_and_supervisor_each_have_a_permission_that_the_other_lacks() {
        let (manager, supervisor) = (Role::Manager.permissions(), Role::Supervisor.permissions());
        assert!(!manager.includes(supervisor) && !supervisor.includes(manager));
    }

    /// The matrix of docs/domain.md#roles.
    #[test]
    fn the_matrix_of_roles_and_permissions_is_as_agreed() {
        let roles = [
            Role::Owner,
            Role::Administrator,
            Role::Contributor,
            Role::Reader,
            Role::Manager,
            Role::Supervisor,
            Role::Observer,
        ];
        let mut matrix = format!("{:<18}", "permission");
        for role in roles {
            write!(matrix, " {:<13}", role.name().name()).unwrap();
        }
        for permission in Permission::ALL {
            matrix = format!("{}\n{:<18}", matrix.trim_end(), permission.name());
            for role in roles {
                let holds = if role.permissions().contains(permission) { "yes" } else { "-" };
                write!(matrix, " {holds:<13}").unwrap();
            }
        }
        insta::assert_snapshot!(matrix.trim_end());
    }
}
