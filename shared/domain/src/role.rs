//! Roles: named sets of permissions (docs/domain.md#roles).

use std::{borrow::Cow, fmt};

use crate::{
    catalogue::Label,
    permission::{Permission, PermissionSet},
    scope::{Level, Levels},
};

// `CatalogueRole`, its entries, `ROLES` and a constant for each in `RoleName` and `Role`.
include!(concat!(env!("OUT_DIR"), "/roles.rs"));

/// A role of the catalogue, with its words.
#[derive(Clone, Copy, Debug)]
pub struct CatalogueEntry {
    /// The role.
    pub role: RoleName,
    /// What the API and the store call it.
    pub key: &'static str,
    /// Its name for people.
    pub name: Label,
    /// What it allows, in a sentence.
    pub description: Label,
    /// Its permissions, with the implied `view`s. Empty for `custom`, whose permissions are chosen for each grant.
    pub permissions: PermissionSet,
    /// The levels at which it can be given.
    pub levels: Levels,
}

/// The key of a role that a client defines: `[a-z0-9-]{1,32}`. Stored inline, so that a role can be copied.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleKey([u8; Self::LONGEST]);

/// Not a key of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a role key has 1 to 32 characters: a to z, 0 to 9 and hyphens")]
pub struct NotAKey;

impl RoleKey {
    const LONGEST: usize = 32;

    /// Reads a key.
    ///
    /// # Errors
    /// [`NotAKey`].
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let mut bytes = [0; Self::LONGEST];
        match bytes.get_mut(..text.len()) {
            Some(start) if !start.is_empty() && text.bytes().all(valid) => {
                start.copy_from_slice(text.as_bytes());
                Ok(Self(bytes))
            }
            Some(_) | None => Err(NotAKey),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default().trim_end_matches('\0')
    }
}

impl fmt::Debug for RoleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RoleKey({})", self.as_str())
    }
}

/// The name of a role, without its permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleName {
    /// All permissions on a scope and below; assigned only by provisioning and transfer.
    Owner,
    /// All permissions; can be changed and revoked.
    Administrator,
    /// Another role of the catalogue.
    Catalogue(CatalogueRole),
    /// "Personnalisé": a set that is chosen for one grant.
    Custom,
    /// A role that the client defines.
    Named(RoleKey),
    /// A stored role that this version does not know, written by the version after it. It gives nothing, and cannot be
    /// given.
    Unknown,
}

impl RoleName {
    /// What the API shows in place of a role that this version does not know.
    const UNKNOWN: &str = "unknown";

    /// The word that the API and the store use.
    #[must_use]
    pub fn name(self) -> Cow<'static, str> {
        match self {
            Self::Named(key) => Cow::Owned(key.as_str().to_owned()),
            Self::Owner
            | Self::Administrator
            | Self::Catalogue(_)
            | Self::Custom
            | Self::Unknown => Cow::Borrowed(self.entry().map_or(Self::UNKNOWN, |entry| entry.key)),
        }
    }

    /// Reads a role of the catalogue, by its key or a former one; `None` for any other text.
    #[must_use]
    pub fn of_catalogue(text: &str) -> Option<Self> {
        let present = ROLES.iter().find(|entry| entry.key == text).map(|entry| entry.role);
        let renamed = || RENAMED_ROLES.iter().find(|(old, _)| *old == text).map(|(_, role)| *role);
        present.or_else(renamed)
    }

    /// Reads a role of the catalogue or the key of one that a client may define; `None` for any other text and `unknown`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text == Self::UNKNOWN {
            return None;
        }
        Self::of_catalogue(text).or_else(|| RoleKey::parse(text).ok().map(Self::Named))
    }

    /// The entry of the role in the catalogue; `None` for a client's own and an unknown one.
    #[must_use]
    pub fn entry(self) -> Option<&'static CatalogueEntry> {
        match self {
            Self::Catalogue(role) => Some(role.entry()),
            Self::Named(_) | Self::Unknown => None,
            Self::Owner | Self::Administrator | Self::Custom => {
                ROLES.into_iter().find(|entry| entry.role == self)
            }
        }
    }

    /// The roles of the catalogue that a client can offer: all but owner, which is transferred.
    pub fn offerable() -> impl Iterator<Item = Self> {
        ROLES.iter().map(|entry| entry.role).filter(|role| *role != Self::Owner)
    }
}

/// A role with its permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the variants are those of RoleName")]
pub enum Role {
    Owner,
    Administrator,
    Catalogue(CatalogueRole),
    Custom(CustomSet),
    Named(NamedRole),
    Unknown,
}

/// A role that a client defines, as a grant refers to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NamedRole {
    /// The key.
    pub key: RoleKey,
    /// Which role of this key: the number that the client's role got when it was made. A role that is deleted and made
    /// again under the same key gives nothing to those who held the former one.
    pub made: u32,
    /// The permissions that the client's role has now; none until [`ClientRules::resolve`] has looked them up, and none
    /// if the role is deleted.
    ///
    /// [`ClientRules::resolve`]: crate::client_rules::ClientRules::resolve
    pub permissions: PermissionSet,
}

impl NamedRole {
    /// The role `key` as a request names it, before it is looked up.
    #[must_use]
    pub const fn asked(key: RoleKey) -> Self {
        Self::stored(key, 0)
    }

    /// The role as a grant stores it, before it is looked up.
    #[must_use]
    pub const fn stored(key: RoleKey, made: u32) -> Self {
        Self { key, made, permissions: PermissionSet::EMPTY }
    }
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
            RoleName::Catalogue(role) => Self::Catalogue(role),
            RoleName::Named(key) => Self::Named(NamedRole::asked(key)),
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
            Self::Catalogue(role) => RoleName::Catalogue(role),
            Self::Custom(_) => RoleName::Custom,
            Self::Named(role) => RoleName::Named(role.key),
            Self::Unknown => RoleName::Unknown,
        }
    }

    /// The permissions of the role.
    #[must_use]
    pub const fn permissions(self) -> PermissionSet {
        match self {
            Self::Owner | Self::Administrator => PermissionSet::ALL,
            Self::Catalogue(role) => role.entry().permissions,
            Self::Custom(CustomSet(set)) => set,
            Self::Named(role) => role.permissions,
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

    /// Whether an owner or administrator grant on the same path overrides the role: a custom one, or a client's own.
    #[must_use]
    pub const fn is_overridable(self) -> bool {
        matches!(self, Self::Custom(_) | Self::Named(_))
    }

    /// The permissions of a role that others could understand differently: those of a custom one, and of a client's own.
    #[must_use]
    pub const fn own_permissions(self) -> Option<PermissionSet> {
        match self {
            Self::Custom(CustomSet(set)) => Some(set),
            Self::Named(role) => Some(role.permissions),
            Self::Owner | Self::Administrator | Self::Catalogue(_) | Self::Unknown => None,
        }
    }
}

/// The permissions of a custom role, or of a client's own: not empty, with the implied views, without `access:*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CustomSet(PermissionSet);

impl CustomSet {
    /// Takes the chosen permissions and adds the implied views.
    ///
    /// # Errors
    /// [`NotARole`] if nothing is chosen, or a permission of the entity `access`.
    pub fn new(chosen: PermissionSet) -> Result<Self, NotARole> {
        // inwink (docs/domain.md#sources): "ne permet pas d'accéder à la configuration des droits d'accès"
        if chosen.iter().any(Permission::is_on_access) {
            Err(NotARole::CustomNeverManagesAccess)
        } else if chosen.is_empty() {
            Err(NotARole::NothingChosen)
        } else {
            Ok(Self(chosen.completed()))
        }
    }

    /// The permissions.
    #[must_use]
    pub const fn permissions(self) -> PermissionSet {
        self.0
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
        let others = [RoleName::Named(RoleKey::parse("press").unwrap()), RoleName::Unknown];
        for name in ROLES.into_iter().map(|entry| entry.role).chain(others) {
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
            [Role::CONTRIBUTOR, Role::READER, Role::MANAGER, Role::SUPERVISOR, Role::OBSERVER]
        {
            assert_eq!(role.permissions().completed(), role.permissions(), "{role:?}");
        }
    }

    #[test]
    fn manager_and_supervisor_each_have_a_permission_that_the_other_lacks() {
        let (manager, supervisor) = (Role::MANAGER.permissions(), Role::SUPERVISOR.permissions());
        assert!(!manager.includes(supervisor) && !supervisor.includes(manager));
    }

    /// The matrix of docs/domain.md#roles.
    #[test]
    fn the_matrix_of_roles_and_permissions_is_as_agreed() {
        let roles = [
            Role::Owner,
            Role::Administrator,
            Role::CONTRIBUTOR,
            Role::READER,
            Role::MANAGER,
            Role::SUPERVISOR,
            Role::OBSERVER,
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
