//! Reads a catalogue, and refuses one that could give a wrong right.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    path::Path,
};

use toml::Spanned;

use crate::{
    Action, Catalogue, Entity, Invalid, Kind, Label, Level, MOST_PERMISSIONS, Role,
    code::camel,
    file::{self, File},
};

/// Roles that the rules name.
const RESERVED_ROLES: [&str; 3] = ["owner", "administrator", "custom"];
/// Permissions that the rules name.
const RESERVED_PERMISSIONS: [&str; 3] = ["access:view", "access:manage", "history:view"];
/// What the API shows in place of a role that this version does not know.
const UNKNOWN: &str = "unknown";

/// Reads the catalogue `text`; errors name `path` as its file.
///
/// # Errors
/// [`Invalid`] with the first line that is wrong.
pub fn read(path: &Path, text: &str) -> Result<Catalogue, Invalid> {
    parse(text).map_err(|Wrong { at, reason }| Invalid {
        file: path.to_owned(),
        line: text.get(..at).unwrap_or(text).matches('\n').count() + 1,
        reason,
    })
}

/// A reason, and the byte where it applies.
struct Wrong {
    at: usize,
    reason: String,
}

type Checked<T> = Result<T, Wrong>;

fn wrong<T>(at: &Range<usize>, reason: impl Into<String>) -> Checked<T> {
    Err(Wrong { at: at.start, reason: reason.into() })
}

fn parse(text: &str) -> Checked<Catalogue> {
    let file: File = toml::from_str(text).map_err(|error| Wrong {
        at: error.span().map_or(0, |span| span.start),
        reason: error.message().to_owned(),
    })?;
    let entities = entities(&file)?;
    let mut catalogue = Catalogue {
        entities,
        roles: vec![],
        renamed_permissions: BTreeMap::new(),
        renamed_roles: BTreeMap::new(),
    };
    let permissions: Vec<String> = catalogue.permissions().collect();
    if permissions.len() > MOST_PERMISSIONS {
        let count = permissions.len();
        let reason = format!("{count} permissions; {MOST_PERMISSIONS} are the most");
        return Err(Wrong { at: 0, reason });
    }
    distinct(permissions.iter())?;
    for reserved in RESERVED_PERMISSIONS {
        if !permissions.iter().any(|known| known == reserved) {
            let reason = format!("`{reserved}` is missing: the rules of access need it");
            return Err(Wrong { at: 0, reason });
        }
    }
    catalogue.roles = roles(&file, &catalogue)?;
    distinct(catalogue.roles.iter().map(|role| &role.key))?;
    catalogue.renamed_permissions =
        renames(&file.renames.permissions, &permissions.iter().map(String::as_str).collect())?;
    let keys = catalogue.roles.iter().map(|role| role.key.as_str()).collect();
    catalogue.renamed_roles = renames(&file.renames.roles, &keys)?;
    Ok(catalogue)
}

fn entities(file: &File) -> Checked<Vec<Entity>> {
    let mut known = BTreeSet::new();
    file.entities
        .iter()
        .map(|entity| {
            let name = name(&entity.name, "an entity")?;
            if !known.insert(name) {
                return wrong(&entity.name.span(), format!("the entity `{name}` is there twice"));
            }
            let label = labelled(&entity.label, &entity.name)?;
            if entity.actions.first().is_none_or(|first| first.get_ref() != "view") {
                let reason = format!("the first action on `{name}` must be `view`");
                return wrong(&entity.name.span(), reason);
            }
            let actions = actions(file, entity)?;
            let is_reserved = ["access", "history"].contains(&name);
            if is_reserved && entity.kind != Kind::Configuration {
                return wrong(&entity.name.span(), format!("`{name}` must be `configuration`"));
            }
            Ok(Entity { name: name.to_owned(), kind: entity.kind, label, actions })
        })
        .collect()
}

fn actions(file: &File, entity: &file::Entity) -> Checked<Vec<Action>> {
    let mut known = BTreeSet::new();
    entity
        .actions
        .iter()
        .map(|action| {
            let name = name(action, "an action")?;
            if !known.insert(name) {
                return wrong(&action.span(), format!("the action `{name}` is there twice"));
            }
            let Some((key, label)) = file.actions.get_key_value(action) else {
                let reason = format!("the action `{name}` has no label in [actions]");
                return wrong(&action.span(), reason);
            };
            Ok(Action { name: name.to_owned(), label: labelled(label, key)? })
        })
        .collect()
}

fn roles(file: &File, catalogue: &Catalogue) -> Checked<Vec<Role>> {
    let mut known = BTreeSet::new();
    let roles: Vec<Role> = file
        .roles
        .iter()
        .map(|role| {
            let key = key(&role.key)?;
            if !known.insert(key) {
                return wrong(&role.key.span(), format!("the role `{key}` is there twice"));
            }
            let permissions = permissions(catalogue, &role.permissions)?;
            let is_all = permissions.len() == catalogue.permissions().count();
            match (key, permissions.is_empty()) {
                ("owner" | "administrator", _) if !is_all => {
                    return wrong(&role.key.span(), format!("`{key}` must have all: [\"*\"]"));
                }
                ("custom", false) => {
                    let reason = "the permissions of `custom` are chosen for each person: []";
                    return wrong(&role.key.span(), reason);
                }
                ("custom", true) | (_, false) => {}
                (_, true) => {
                    return wrong(&role.key.span(), format!("the role `{key}` has no permission"));
                }
            }
            Ok(Role {
                key: key.to_owned(),
                name: labelled(&role.name, &role.key)?,
                description: labelled(&role.description, &role.key)?,
                permissions,
                levels: levels(role)?,
            })
        })
        .collect::<Checked<_>>()?;
    for reserved in RESERVED_ROLES {
        if !known.contains(reserved) {
            let reason = format!("the role `{reserved}` is missing: the rules of access need it");
            return Err(Wrong { at: 0, reason });
        }
    }
    Ok(roles)
}

fn levels(role: &file::Role) -> Checked<Vec<Level>> {
    let every = vec![Level::Client, Level::Audience, Level::Event, Level::Community];
    let Some(levels) = &role.levels else { return Ok(every) };
    let given = levels.get_ref();
    if given.is_empty() {
        return wrong(&levels.span(), "a role needs at least one level");
    }
    if ["owner", "administrator"].contains(&role.key.get_ref().as_str()) {
        return wrong(&levels.span(), "owners and administrators exist at every level");
    }
    Ok(every.into_iter().filter(|level| given.contains(level)).collect())
}

/// The permissions that the patterns name, with the implied `view`s, in the order of the catalogue.
///
/// `*` is every permission, `contacts:*` all on an entity, `@content:*` all on the entities of a kind, and
/// `@content:view` the `view` of each of them.
fn permissions(catalogue: &Catalogue, patterns: &[Spanned<String>]) -> Checked<Vec<String>> {
    let mut chosen = BTreeSet::new();
    for pattern in patterns {
        let matches = |entity: &Entity, action: &Action| {
            let Some((of, to)) = pattern.get_ref().split_once(':') else {
                return pattern.get_ref() == "*";
            };
            let is_of = match of.strip_prefix('@') {
                Some("content") => entity.kind == Kind::Content,
                Some("configuration") => entity.kind == Kind::Configuration,
                Some(_) => false,
                None => entity.name == of,
            };
            is_of && (to == "*" || action.name == to)
        };
        let before = chosen.len();
        let mut found = false;
        for entity in &catalogue.entities {
            for action in entity.actions.iter().filter(|action| matches(entity, action)) {
                found = true;
                chosen.insert(format!("{}:view", entity.name));
                chosen.insert(format!("{}:{}", entity.name, action.name));
            }
        }
        let text = pattern.get_ref();
        if !found {
            return wrong(&pattern.span(), format!("`{text}` is no permission of this catalogue"));
        }
        if chosen.len() == before {
            let reason = format!("`{text}` adds nothing to the permissions before it");
            return wrong(&pattern.span(), reason);
        }
    }
    Ok(catalogue.permissions().filter(|known| chosen.contains(known)).collect())
}

fn renames(
    given: &BTreeMap<Spanned<String>, Spanned<String>>,
    present: &BTreeSet<&str>,
) -> Checked<BTreeMap<String, String>> {
    given
        .iter()
        .map(|(from, to)| {
            let (old, new) = (from.get_ref(), to.get_ref());
            if present.contains(old.as_str()) {
                return wrong(&from.span(), format!("`{old}` still exists, so it is not renamed"));
            }
            if !present.contains(new.as_str()) || RESERVED_ROLES.contains(&new.as_str()) {
                let reason = format!("`{new}` is no name that another can map to");
                return wrong(&to.span(), reason);
            }
            Ok((old.clone(), new.clone()))
        })
        .collect()
}

/// Names that differ only in hyphens and colons would be one name in the code.
fn distinct<'a>(names: impl Iterator<Item = &'a String>) -> Checked<()> {
    let mut known = BTreeMap::new();
    for name in names {
        if let Some(other) = known.insert(camel(name), name) {
            let reason = format!("`{other}` and `{name}` are too similar");
            return Err(Wrong { at: 0, reason });
        }
    }
    Ok(())
}

/// The name of an entity or an action.
fn name<'a>(text: &'a Spanned<String>, what: &str) -> Checked<&'a str> {
    let name = text.get_ref();
    let starts = name.starts_with(|first: char| first.is_ascii_lowercase());
    let valid = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
    if starts && name.len() <= 32 && name.chars().all(valid) {
        Ok(name)
    } else {
        wrong(&text.span(), format!("`{name}` is no name of {what}: [a-z][a-z0-9-]{{0,31}}"))
    }
}

fn key(text: &Spanned<String>) -> Checked<&str> {
    match name(text, "a role")? {
        UNKNOWN => wrong(&text.span(), "`unknown` stands for roles of another version"),
        key => Ok(key),
    }
}

fn labelled(label: &Label, of: &Spanned<String>) -> Checked<Label> {
    if [&label.fr, &label.en].into_iter().any(|text| text.trim().is_empty()) {
        return wrong(&of.span(), format!("a label of `{}` is empty", of.get_ref()));
    }
    Ok(label.clone())
}
