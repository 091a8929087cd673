//! The file as it is written. Names keep their place, so that an error can show the line.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::{Kind, Label, Level};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub actions: BTreeMap<Spanned<String>, Label>,
    pub entities: Vec<Entity>,
    pub roles: Vec<Role>,
    #[serde(default)]
    pub renames: Renames,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    pub name: Spanned<String>,
    pub kind: Kind,
    pub label: Label,
    pub actions: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    pub key: Spanned<String>,
    pub name: Label,
    pub description: Label,
    pub permissions: Vec<Spanned<String>>,
    pub levels: Option<Spanned<Vec<Level>>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Renames {
    #[serde(default)]
    pub permissions: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    pub roles: BTreeMap<Spanned<String>, Spanned<String>>,
}
