//! The roles that a client defines: one item for each client that has any.
//!
//! They are not in the client's own item, since each change of access checks that one, at the price of its size.

use std::collections::BTreeMap;

use coulisses_domain::{
    history::{RoleChange, RoleState},
    named_role::{LocalizedText, NamedRoles, RoleDefinition},
    role::{CustomSet, RoleKey},
    scope::{Level, Levels},
    text::{Description, Name},
    time::Version,
};
use serde::{Deserialize, Serialize};

use super::item::{Unreadable, known_permissions, permission_names, read};

/// The roles that a client defines.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredRoles {
    pub v: u8,
    /// How many roles were ever made.
    pub made: u32,
    /// Grows with each change of any role.
    pub version: u32,
    pub roles: BTreeMap<String, StoredRole>,
}

/// A role.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredRole {
    pub made: u32,
    pub name: StoredText,
    pub description: Option<StoredText>,
    pub permissions: Vec<String>,
    pub levels: Vec<String>,
    pub retiring: Option<bool>,
    pub version: i64,
}

/// A text in each language.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredText {
    pub fr: String,
    pub en: String,
}

impl StoredText {
    fn new<T: ToString>(text: &LocalizedText<T>) -> Self {
        Self { fr: text.fr.to_string(), en: text.en.to_string() }
    }

    fn read<T, E>(
        &self,
        attribute: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<LocalizedText<T>, Unreadable> {
        let text = |text: &str| read(attribute, parse(text));
        Ok(LocalizedText { fr: text(&self.fr)?, en: text(&self.en)? })
    }
}

impl From<&NamedRoles> for StoredRoles {
    fn from(roles: &NamedRoles) -> Self {
        let stored = |(key, role): (&RoleKey, &RoleDefinition)| {
            (key.as_str().to_owned(), StoredRole::from(role))
        };
        Self {
            v: 1,
            made: roles.made,
            version: roles.version,
            roles: roles.roles.iter().map(stored).collect(),
        }
    }
}

impl From<&RoleDefinition> for StoredRole {
    fn from(role: &RoleDefinition) -> Self {
        Self {
            made: role.made,
            name: StoredText::new(&role.name),
            description: role.description.as_ref().map(StoredText::new),
            permissions: permission_names(role.permissions.permissions()),
            levels: role.levels.iter().map(|level| level.name().into()).collect(),
            retiring: role.retiring.then_some(true),
            version: role.version.number(),
        }
    }
}

impl StoredRoles {
    /// Reads the roles. A role whose permissions are all unknown to this version gives nothing, and stays in the item.
    pub(super) fn into_domain(self) -> Result<NamedRoles, Unreadable> {
        let mut roles = BTreeMap::new();
        for (key, role) in self.roles {
            let Ok(permissions) = CustomSet::new(known_permissions(&role.permissions)) else {
                continue;
            };
            let description = |it: &StoredText| it.read("roles.description", Description::parse);
            let definition = RoleDefinition {
                made: role.made,
                name: role.name.read("role.name", Name::parse)?,
                description: role.description.as_ref().map(description).transpose()?,
                permissions,
                levels: levels(&role.levels),
                retiring: role.retiring.unwrap_or_default(),
                version: Version::from_number(role.version),
            };
            roles.insert(read("roles", RoleKey::parse(&key))?, definition);
        }
        Ok(NamedRoles { roles, made: self.made, version: self.version })
    }
}

/// A role before and after a change, as the history stores it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredRoleChange {
    pub key: String,
    pub before: Option<StoredRoleState>,
    pub after: Option<StoredRoleState>,
}

/// A role, as the history stores it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredRoleState {
    pub name: StoredText,
    pub permissions: Vec<String>,
    pub levels: Vec<String>,
}

impl StoredRoleChange {
    pub(super) fn new(change: &RoleChange) -> Self {
        Self {
            key: change.key.as_str().into(),
            before: change.before.as_ref().map(StoredRoleState::new),
            after: change.after.as_ref().map(StoredRoleState::new),
        }
    }

    pub(super) fn into_domain(self) -> Result<RoleChange, Unreadable> {
        Ok(RoleChange {
            key: read("role.key", RoleKey::parse(&self.key))?,
            before: self.before.map(StoredRoleState::into_domain).transpose()?,
            after: self.after.map(StoredRoleState::into_domain).transpose()?,
        })
    }
}

impl StoredRoleState {
    fn new(state: &RoleState) -> Self {
        Self {
            name: StoredText::new(&state.name),
            permissions: permission_names(state.permissions),
            levels: state.levels.iter().map(|level| level.name().into()).collect(),
        }
    }

    fn into_domain(self) -> Result<RoleState, Unreadable> {
        Ok(RoleState {
            name: self.name.read("role.name", Name::parse)?,
            permissions: known_permissions(&self.permissions),
            levels: levels(&self.levels),
        })
    }
}

fn levels(names: &[String]) -> Levels {
    Levels::of(&names.iter().filter_map(|level| Level::parse(level)).collect::<Vec<_>>())
}
