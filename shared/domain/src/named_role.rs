//! The roles that a client defines itself (docs/domain.md#named-roles).

use crate::{
    locale::Locale,
    role::{CustomSet, NamedRole, RoleKey},
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

impl RoleDefinition {
    /// The role as a grant refers to it.
    #[must_use]
    pub const fn role(&self, key: RoleKey) -> NamedRole {
        NamedRole { key, made: self.made, permissions: self.permissions.permissions() }
    }
}
