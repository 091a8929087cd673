//! The catalogue of permissions and roles: one TOML file, which the build of `coulisses-domain` turns into constants
//! (docs/catalogue.md).

mod code;
mod file;
mod read;

use std::{collections::BTreeMap, path::PathBuf};

pub use code::{permissions, roles};
pub use read::read;

/// The most permissions: one bit each in a set of 128.
pub const MOST_PERMISSIONS: usize = 128;

/// A catalogue that is complete and consistent. Only [`read()`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    /// The entities, in display order.
    pub entities: Vec<Entity>,
    /// The roles, in display order. `owner`, `administrator` and `custom` are among them.
    pub roles: Vec<Role>,
    /// Former names of permissions, and the present ones.
    pub renamed_permissions: BTreeMap<String, String>,
    /// Former keys of roles, and the present ones.
    pub renamed_roles: BTreeMap<String, String>,
}

/// A text in the languages of the product.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// In French.
    pub fr: String,
    /// In English.
    pub en: String,
}

/// A kind of entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A part of the event.
    Content,
    /// A setting of the back office.
    Configuration,
}

/// Something that the back office manages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// The part of a permission before the colon.
    pub name: String,
    /// Its kind.
    pub kind: Kind,
    /// Its name for people.
    pub label: Label,
    /// The actions on it, `view` first.
    pub actions: Vec<Action>,
}

/// An action on an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The part of a permission after the colon.
    pub name: String,
    /// Its name for people, as it is read after the entity: "Contacts (view, export)".
    pub label: Label,
}

/// A level of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "docs/domain.md#terms has the levels")]
pub enum Level {
    Client,
    Audience,
    Event,
    Community,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// What the API and the store call it.
    pub key: String,
    /// Its name for people.
    pub name: Label,
    /// What it allows, in a sentence.
    pub description: Label,
    /// Its permissions as `entity:action`, with the implied `view`s, in the order of the catalogue. Empty for `custom`.
    pub permissions: Vec<String>,
    /// The levels at which it can be given.
    pub levels: Vec<Level>,
}

impl Catalogue {
    /// All permissions, as `entity:action`.
    pub fn permissions(&self) -> impl Iterator<Item = String> {
        self.entities.iter().flat_map(|entity| {
            entity.actions.iter().map(|action| format!("{}:{}", entity.name, action.name))
        })
    }
}

/// Why a file is not a catalogue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}: {reason}", file.display())]
pub struct Invalid {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what to do.
    pub reason: String,
}
