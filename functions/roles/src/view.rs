//! The catalogue and the roles of a client as JSON.

use coulisses_aws::http::view::TextView;
use coulisses_domain::{
    define_role::Defined,
    named_role::RoleDefinition,
    permission::{Action, ENTITIES, Entity},
    provision::Provisioned,
    role::{CatalogueEntry, ROLES, RoleKey, RoleName},
    scope::Level,
};
use serde::Serialize;

/// The catalogue of the deployment.
#[derive(Serialize)]
pub struct CatalogueView {
    entities: Vec<EntityView>,
    roles: Vec<CatalogueRoleView>,
}

#[derive(Serialize)]
struct EntityView {
    name: &'static str,
    kind: &'static str,
    label: TextView<'static>,
    actions: Vec<ActionView>,
}

#[derive(Serialize)]
struct ActionView {
    name: &'static str,
    label: TextView<'static>,
}

#[derive(Serialize)]
struct CatalogueRoleView {
    key: &'static str,
    name: TextView<'static>,
    description: TextView<'static>,
    permissions: Vec<&'static str>,
    levels: Vec<&'static str>,
}

impl CatalogueView {
    pub fn new() -> Self {
        let action = |action: &Action| ActionView { name: action.name, label: action.label.into() };
        let entity = |entity: &Entity| EntityView {
            name: entity.name,
            kind: entity.kind.name(),
            label: entity.label.into(),
            actions: entity.actions.iter().map(action).collect(),
        };
        let role = |entry: &CatalogueEntry| CatalogueRoleView {
            key: entry.key,
            name: entry.name.into(),
            description: entry.description.into(),
            permissions: entry.permissions.names(),
            levels: entry.levels.iter().map(Level::name).collect(),
        };
        Self {
            entities: ENTITIES.iter().map(entity).collect(),
            roles: ROLES.into_iter().map(role).collect(),
        }
    }
}

/// The roles of a scope.
#[derive(Serialize)]
pub struct Roles<'a> {
    roles: Vec<RoleView<'a>>,
}

/// A role of a scope.
#[derive(Serialize)]
pub struct RoleView<'a> {
    key: &'a str,
    name: TextView<'a>,
    description: Option<TextView<'a>>,
    permissions: Vec<&'static str>,
    levels: Vec<&'static str>,
    source: &'static str,
    offered: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    retiring: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
}

impl<'a> Roles<'a> {
    /// All roles of the catalogue but the owner's, and all that the client defines.
    pub fn at(seen: &'a Provisioned) -> Self {
        let client = &seen.client;
        let here = client.roles_at(seen.scope.as_ref().map_or(Level::Client, |scope| scope.level));
        let catalogue = ROLES.into_iter().filter(|entry| entry.role != RoleName::Owner);
        let catalogue =
            catalogue.map(|entry| RoleView::of_catalogue(entry, here.contains(&entry.role)));
        let own = client.rules.roles.iter();
        let own =
            own.map(|(key, role)| RoleView::own(key, role, here.contains(&RoleName::Named(*key))));
        Self { roles: catalogue.chain(own).collect() }
    }
}

impl<'a> RoleView<'a> {
    fn of_catalogue(entry: &'static CatalogueEntry, offered: bool) -> Self {
        Self {
            key: entry.key,
            name: entry.name.into(),
            description: Some(entry.description.into()),
            permissions: entry.permissions.names(),
            levels: entry.levels.iter().map(Level::name).collect(),
            source: "catalogue",
            offered,
            retiring: false,
            version: None,
        }
    }

    fn own(key: &'a RoleKey, role: &'a RoleDefinition, offered: bool) -> Self {
        Self {
            key: key.as_str(),
            name: (&role.name).into(),
            description: role.description.as_ref().map(Into::into),
            permissions: role.permissions.permissions().names(),
            levels: role.levels.iter().map(Level::name).collect(),
            source: "client",
            offered,
            retiring: role.retiring,
            version: Some(role.version.number()),
        }
    }

    /// A role after it was defined or changed.
    pub fn defined(defined: &'a Defined) -> Option<Self> {
        let role = defined.definition()?;
        let here = defined.client.roles_at(Level::Client);
        Some(Self::own(&defined.key, role, here.contains(&RoleName::Named(defined.key))))
    }
}
