//! The catalogue as constants of Rust, for `coulisses_domain`.

use std::{fmt::Write, iter};

use crate::{Catalogue, Entity, Kind, Label, Level, Role};

/// The enum `Permission` and the entities: the text that `coulisses_domain::permission` includes.
#[must_use]
pub fn permissions(catalogue: &Catalogue) -> String {
    let mut code = Code(String::new());
    code.permissions(catalogue);
    code.0
}

/// The enum `CatalogueRole` and the roles: the text that `coulisses_domain::role` includes.
#[must_use]
pub fn roles(catalogue: &Catalogue) -> String {
    let mut code = Code(String::new());
    code.roles(catalogue);
    code.0
}

struct Code(String);

impl Code {
    fn add(&mut self, text: impl AsRef<str>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "{}", text.as_ref());
    }

    fn permissions(&mut self, catalogue: &Catalogue) {
        let names: Vec<String> = catalogue.permissions().collect();
        let variants = || names.iter().map(|name| camel(name));
        let documented = names.iter().map(|name| format!("/// `{name}`.\n{}", camel(name)));
        self.add(
            "/// An action on an entity of the back office, the unit that is checked.\n///\n\
             /// In the order of the catalogue; the number is the bit in a [`PermissionSet`].\n\
             #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]\n#[repr(u8)]",
        );
        self.add(format!("pub enum Permission {{\n{}\n}}", list(documented)));
        let all = list(variants().map(|it| format!("Self::{it}")));
        let count = names.len();
        self.add("impl Permission {");
        self.add(format!("/// All permissions.\npub const ALL: [Self; {count}] = [{all}];"));
        let arms = names.iter().map(|name| format!("Self::{} => {name:?}", camel(name)));
        self.add("/// The word that the API and the store use.\n#[must_use]");
        self.add(matching("pub const fn name(self) -> &'static str", "self", arms));
        let views = catalogue.entities.iter().map(|entity| {
            let of_entity =
                |action: &str| format!("Self::{}", camel(&format!("{}:{action}", entity.name)));
            let all: Vec<String> =
                entity.actions.iter().map(|action| of_entity(&action.name)).collect();
            format!("{} => {}", all.join(" | "), of_entity("view"))
        });
        self.add(
            "/// The `view` of the same entity, which every other action implies.\n#[must_use]",
        );
        self.add(matching("pub const fn view(self) -> Self", "self", views));
        let parsed = names.iter().map(|name| {
            let former = catalogue.renamed_permissions.iter().filter(|(_, new)| *new == name);
            let all = iter::once(name).chain(former.map(|(old, _)| old));
            let all: Vec<String> = all.map(|name| format!("{name:?}")).collect();
            format!("{} => Some(Self::{})", all.join(" | "), camel(name))
        });
        self.add("/// Reads such a word, or a former one; `None` for any other text.\n#[must_use]");
        let parsed = parsed.chain(["_ => None".to_owned()]);
        self.add(matching("pub fn parse(text: &str) -> Option<Self>", "text", parsed));
        self.add("}");
        let entities = list(catalogue.entities.iter().map(entity));
        self.add(format!(
            "/// The entities, in display order.\npub static ENTITIES: &[Entity] = &[{entities}];"
        ));
    }

    fn roles(&mut self, catalogue: &Catalogue) {
        let free: Vec<&Role> = catalogue.roles.iter().filter(|role| !is_reserved(role)).collect();
        let documented =
            free.iter().map(|role| format!("/// `{}`.\n{}", role.key, camel(&role.key)));
        self.add(
            "/// A role of the catalogue that the rules do not name.\n\
             #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]",
        );
        self.add(format!("pub enum CatalogueRole {{\n{}\n}}", list(documented)));
        for role in &catalogue.roles {
            self.add(format!("static {}: CatalogueEntry = {};", upper(&role.key), entry(role)));
        }
        let entries =
            free.iter().map(|it| format!("Self::{} => &{}", camel(&it.key), upper(&it.key)));
        self.add("impl CatalogueRole {\n/// The entry of the role in the catalogue.\n#[must_use]");
        self.add(matching("pub const fn entry(self) -> &'static CatalogueEntry", "self", entries));
        self.add("}");
        let shared = free.iter().map(|role| {
            let (name, variant) = (upper(&role.key), camel(&role.key));
            let key = &role.key;
            format!("/// `{key}`.\npub const {name}: Self = Self::Catalogue(CatalogueRole::{variant});\n")
        });
        let shared: String = shared.collect();
        self.add(format!("impl RoleName {{\n{shared}\n}}\nimpl Role {{\n{shared}\n}}"));
        let renamed = catalogue.renamed_roles.iter().map(|(old, new)| {
            format!("({old:?}, RoleName::Catalogue(CatalogueRole::{}))", camel(new))
        });
        self.add(format!(
            "/// Former keys of roles.\n\
             static RENAMED_ROLES: &[(&str, RoleName)] = &[{}];",
            list(renamed)
        ));
        let (count, all) = (
            catalogue.roles.len(),
            list(catalogue.roles.iter().map(|role| format!("&{}", upper(&role.key)))),
        );
        self.add(format!(
            "/// All roles of the catalogue, in display order.\n\
             pub static ROLES: [&CatalogueEntry; {count}] = [{all}];"
        ));
    }
}

fn is_reserved(role: &Role) -> bool {
    ["owner", "administrator", "custom"].contains(&role.key.as_str())
}

fn entity(entity: &Entity) -> String {
    let actions = entity.actions.iter().map(|action| {
        let permission = camel(&format!("{}:{}", entity.name, action.name));
        let (name, label) = (&action.name, label(&action.label));
        format!("Action {{ name: {name:?}, label: {label}, permission: Permission::{permission} }}")
    });
    let kind = match entity.kind {
        Kind::Content => "Content",
        Kind::Configuration => "Configuration",
    };
    let (name, label, actions) = (&entity.name, label(&entity.label), list(actions));
    format!(
        "Entity {{ name: {name:?}, kind: Kind::{kind}, label: {label}, actions: &[{actions}] }}"
    )
}

fn entry(role: &Role) -> String {
    let name = if is_reserved(role) {
        camel(&role.key)
    } else {
        format!("Catalogue(CatalogueRole::{})", camel(&role.key))
    };
    let permissions = role.permissions.iter().map(|it| format!("Permission::{}", camel(it)));
    let levels = role.levels.iter().map(|level| {
        let level = match level {
            Level::Client => "Client",
            Level::Audience => "Audience",
            Level::Event => "Event",
            Level::Community => "Community",
        };
        format!("Level::{level}")
    });
    format!(
        "CatalogueEntry {{ role: RoleName::{name}, key: {:?}, name: {}, description: {}, \
         permissions: PermissionSet::of(&[{}]), levels: Levels::of(&[{}]) }}",
        role.key,
        label(&role.name),
        label(&role.description),
        list(permissions),
        list(levels),
    )
}

fn label(Label { fr, en }: &Label) -> String {
    format!("Label {{ fr: {fr:?}, en: {en:?} }}")
}

fn matching(signature: &str, on: &str, arms: impl Iterator<Item = String>) -> String {
    format!("{signature} {{\nmatch {on} {{\n{}\n}}\n}}", list(arms))
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(",\n")
}

/// `ContactsExport` for `contacts:export`.
pub fn camel(name: &str) -> String {
    name.split([':', '-'])
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters)
        })
        .collect()
}

fn upper(key: &str) -> String {
    key.replace('-', "_").to_uppercase()
}
