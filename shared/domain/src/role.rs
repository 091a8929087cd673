//! Roles: named sets of permissions, the four of seed 000 and the three and the custom one of seed 003.

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::permission::{Permission, PermissionSet};

/// The name of a role, without the set that a custom one carries.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumString, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum RoleName {
    /// Holds everything on a scope and below; given by provisioning and transfer only.
    Owner,
    /// Holds everything, but may be changed and taken.
    Administrator,
    /// Manages the content, configures nothing.
    Contributor,
    /// Reads the content.
    Reader,
    /// "Gestionnaire": contacts without import and export, campaigns, settings.
    Manager,
    /// "Superviseur": reads the contacts and exports them.
    Supervisor,
    /// "Observateur": reads the dashboard and the contacts.
    Observer,
    /// "Personnalisé": a chosen set, on events only.
    Custom,
}

words!(RoleName);

/// A role with what it holds.
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
}

impl Role {
    /// Makes a role of its name and, for a custom one, of the permissions chosen.
    ///
    /// # Errors
    /// [`NotARole`] if permissions come without `custom`, or `custom` without permissions, or with some that it may not hold.
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
        }
    }

    /// What the role holds, wherever it is given.
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
        }
    }

    /// Whether the role prevails over a custom one on the same path.
    // seed 003: "Dans la hiérarchie des droits, le rôle administrateur prime sur le droit personnalisé"
    #[must_use]
    pub const fn prevails_over_custom(self) -> bool {
        matches!(self, Self::Owner | Self::Administrator)
    }
}

/// The permissions chosen for a custom role: not empty, completed by the implied views, never any `access:*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CustomSet(PermissionSet);

impl CustomSet {
    /// Takes what was chosen and completes it.
    ///
    /// # Errors
    /// [`NotARole`] if nothing was chosen, or something that would manage or show access.
    pub fn new(chosen: PermissionSet) -> Result<Self, NotARole> {
        // seed 003: "Personnaliser (événement) : [...] ne permet pas d'accéder à la configuration des droits d'accès"
        if chosen.contains(Permission::AccessView) || chosen.contains(Permission::AccessManage) {
            Err(NotARole::CustomNeverManagesAccess)
        } else if chosen.is_empty() {
            Err(NotARole::NothingChosen)
        } else {
            Ok(Self(chosen.completed()))
        }
    }
}

/// Why a name and a choice of permissions make no role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotARole {
    /// A custom role without permissions.
    #[error("a custom role needs at least one permission")]
    NothingChosen,
    /// Permissions beside a role that is not custom.
    #[error("permissions are chosen for a custom role only")]
    ChosenWithoutCustom,
    /// A custom role with a permission of the entity `access`.
    #[error("a custom role never holds a permission on access")]
    CustomNeverManagesAccess,
}

// seed 003: "Contributeur : [...] accès à la gestion du contenu, mais [pas] à la configuration des droits d'accès"
const CONTRIBUTOR: PermissionSet = content();
// seed 003: "Lecteur : ce rôle donne uniquement accès à la lecture du contenu"
const READER: PermissionSet = views_of_content();
// seed 000: "Gestionnaire : Peut afficher le tableau de bord, gérer les contacts (hors imports et exports),
// configurer l'événement et envoyer des campagnes"
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
// seed 000: "Superviseur : Peut afficher le tableau de bord et les contacts, ainsi que faire des exports"
const SUPERVISOR: PermissionSet = PermissionSet::of(&[
    Permission::DashboardView,
    Permission::ContactsView,
    Permission::ContactsExport,
]);
// seed 000: "Observateur : Peut afficher le tableau de bord et les contacts"
const OBSERVER: PermissionSet =
    PermissionSet::of(&[Permission::DashboardView, Permission::ContactsView]);

/// All the permissions on content.
const fn content() -> PermissionSet {
    let mut set = PermissionSet::EMPTY;
    let catalogue = Permission::ALL;
    let mut rest: &[Permission] = &catalogue;
    while let [permission, others @ ..] = rest {
        if !permission.is_configuration() {
            set = set.union(PermissionSet::of(&[*permission]));
        }
        rest = others;
    }
    set
}

/// The `view`s among the permissions on content.
const fn views_of_content() -> PermissionSet {
    let mut set = PermissionSet::EMPTY;
    let catalogue = Permission::ALL;
    let mut rest: &[Permission] = &catalogue;
    while let [permission, others @ ..] = rest {
        if content().contains(*permission) {
            set = set.union(PermissionSet::of(&[permission.view()]));
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
    fn the_sizes_of_the_roles_are_those_of_the_catalogue() {
        let size = |role: Role| role.permissions().iter().count();
        assert_eq!(size(Role::Owner), 30);
        assert_eq!(size(Role::Administrator), 30);
        assert_eq!(size(Role::Contributor), 25);
        assert_eq!(size(Role::Reader), 11);
        assert_eq!(size(Role::Manager), 8);
        assert_eq!(size(Role::Supervisor), 3);
        assert_eq!(size(Role::Observer), 2);
    }

    #[test]
    fn a_custom_role_never_manages_access() {
        for permission in [Permission::AccessView, Permission::AccessManage] {
            let chosen = PermissionSet::of(&[Permission::ContactsView, permission]);
            assert_eq!(
                Role::new(RoleName::Custom, Some(chosen)),
                Err(NotARole::CustomNeverManagesAccess)
            );
        }
    }

    #[test]
    fn permissions_are_chosen_for_a_custom_role_and_only_for_it() {
        let chosen = Some(PermissionSet::of(&[Permission::CheckinScan]));
        for name in RoleName::ALL {
            assert_eq!(Role::new(name, chosen).is_ok(), name == RoleName::Custom, "{name:?}");
            assert_eq!(Role::new(name, None).is_ok(), name != RoleName::Custom, "{name:?}");
        }
        assert_eq!(
            Role::new(RoleName::Custom, Some(PermissionSet::EMPTY)),
            Err(NotARole::NothingChosen)
        );
    }

    #[test]
    fn a_custom_role_is_completed_by_the_views_that_it_implies() {
        let role = Role::new(RoleName::Custom, Some(PermissionSet::of(&[Permission::CheckinScan])))
            .unwrap();
        assert_eq!(role.permissions().names(), ["checkin:scan", "checkin:view"]);
    }

    #[test]
    fn every_role_holds_the_view_of_whatever_it_acts_on() {
        for role in
            [Role::Contributor, Role::Reader, Role::Manager, Role::Supervisor, Role::Observer]
        {
            assert_eq!(role.permissions().completed(), role.permissions(), "{role:?}");
        }
    }

    #[test]
    fn manager_and_supervisor_cannot_be_compared() {
        let (manager, supervisor) = (Role::Manager.permissions(), Role::Supervisor.permissions());
        assert!(!manager.includes(supervisor) && !supervisor.includes(manager));
    }

    /// The matrix that a product person reads.
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
