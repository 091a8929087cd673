//! The roles that a client defines itself (docs/domain.md#named-roles).

use std::collections::BTreeMap;

use crate::{
    collaborator::Collaborator,
    locale::Locale,
    permission::PermissionSet,
    role::{CustomSet, NamedRole, Role, RoleKey},
    scope::Levels,
    text::{Description, Name},
    time::Version,
};

/// The most roles that a client can define.
pub const MAX_ROLES: usize = 50;

/// A role that a client defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleDefinition {
    /// The number that it got when it was made, which its grants carry.
    pub made: u32,
    /// Its name.
    pub name: LocalizedText<Name>,
    /// What it allows, in a sentence.
    pub description: Option<LocalizedText<Description>>,
    /// Its permissions.
    pub permissions: CustomSet,
    /// The levels at which it can be given.
    pub levels: Levels,
    /// Whether it is being deleted, so that it cannot be given any more. Its holders keep it until it is.
    pub retiring: bool,
    /// Grows with each edit.
    pub version: Version,
}

/// A text in each language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalizedText<T> {
    /// In French.
    pub fr: T,
    /// In English.
    pub en: T,
}

impl<T> LocalizedText<T> {
    /// The text in `locale`.
    #[must_use]
    pub const fn in_locale(&self, locale: Locale) -> &T {
        match locale {
            Locale::Fr => &self.fr,
            Locale::En => &self.en,
        }
    }
}

/// The roles that a client defines: one record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedRoles {
    /// The roles, by their key.
    pub roles: BTreeMap<RoleKey, RoleDefinition>,
    /// How many were ever made.
    pub made: u32,
    /// Grows with each change of any role; 0 if the client has never defined one.
    pub version: u32,
}

impl NamedRoles {
    /// The role of this key, to be given; `None` if there is none, or if it is being deleted.
    #[must_use]
    pub fn get(&self, key: RoleKey) -> Option<(NamedRole, &RoleDefinition)> {
        let definition = self.roles.get(&key).filter(|role| !role.retiring)?;
        Some((definition.role(key), definition))
    }

    /// The roles that can be given, by their key.
    pub fn present(&self) -> impl Iterator<Item = (RoleKey, &RoleDefinition)> {
        let present = self.roles.iter().filter(|(_, role)| !role.retiring);
        present.map(|(key, role)| (*key, role))
    }

    /// Looks up the permissions of these roles in the grants of a collaborator. Until then such a grant gives nothing; it
    /// also gives nothing if its role is deleted, even if another one was made under its key.
    pub fn resolve(&self, collaborator: &mut Collaborator) {
        for grant in collaborator.grants.values_mut() {
            if let Role::Named(role) = &mut grant.role {
                let found = self.roles.get(&role.key).filter(|found| found.made == role.made);
                role.permissions =
                    found.map_or(PermissionSet::EMPTY, |found| found.permissions.permissions());
            }
        }
    }
}

impl RoleDefinition {
    /// The role as a grant refers to it.
    #[must_use]
    pub const fn role(&self, key: RoleKey) -> NamedRole {
        NamedRole { key, made: self.made, permissions: self.permissions.permissions() }
    }
}
