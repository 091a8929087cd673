//! What the grants of a client depend on: the roles that it defines, and when access to its events ends. One item for each
//! client that has any.
//!
//! They are not in the client's own item, since each change of access checks that one, at the price of its size, and since a
//! check reads this one only.

use std::collections::BTreeMap;

use coulisses_domain::{
    client_rules::ClientRules,
    dates::AccessEnds,
    history::{RoleChange, RoleState},
    look::TimeZoneName,
    named_role::{LocalizedText, RoleDefinition},
    role::{CustomSet, RoleKey},
    scope::{Level, Levels},
    text::{Description, Name},
    time::Version,
};
use serde::{Deserialize, Serialize};

use super::item::{Unreadable, known_permissions, optional, permission_names, read};

/// The rules of a client. The version before this one knows the roles only, and keeps the rest.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredRules {
    pub v: u8,
    /// How many roles were ever made.
    pub made: u32,
    /// Grows with each change.
    pub version: u32,
    pub roles: BTreeMap<String, StoredRole>,
    pub access_ends_after_days: Option<u16>,
    /// The client's time zone, if access to its events can end.
    pub time_zone: Option<String>,
    /// Whether some event has, or had, an end of its own.
    pub ends_of_events: Option<bool>,
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

impl From<&ClientRules> for StoredRules {
    fn from(rules: &ClientRules) -> Self {
        let ends = &rules.access_ends;
        let stored = |(key, role): (&RoleKey, &RoleDefinition)| {
            (key.as_str().to_owned(), StoredRole::from(role))
        };
        Self {
            v: 1,
            made: rules.made,
            version: rules.version,
            roles: rules.roles.iter().map(stored).collect(),
            access_ends_after_days: ends.after_days,
            time_zone: ends.time_zone.as_ref().map(|zone| zone.as_str().to_owned()),
            ends_of_events: ends.of_events.then_some(true),
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

impl StoredRules {
    /// Reads the rules. A role whose permissions are all unknown to this version gives nothing, and stays in the item.
    pub(super) fn into_domain(self) -> Result<ClientRules, Unreadable> {
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
        let access_ends = AccessEnds {
            after_days: self.access_ends_after_days,
            time_zone: optional("timeZone", self.time_zone.as_deref(), TimeZoneName::parse)?,
            of_events: self.ends_of_events.unwrap_or_default(),
        };
        Ok(ClientRules { roles, made: self.made, access_ends, version: self.version })
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
