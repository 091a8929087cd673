//! Defining a role of a client's own, and changing it (docs/domain.md#named-roles).

use crate::{
    actor::Actor,
    client::Client,
    client_rules::ClientRules,
    decision::{Decision, Outcome},
    facts::Facts,
    grantor::Grantor,
    history::{Action, Entry, RoleChange, RoleState},
    named_role::{LocalizedText, MAX_ROLES, RoleDefinition},
    precondition::Precondition,
    refusal::Refusal,
    role::{CustomSet, RoleKey, RoleName},
    scope::Levels,
    text::{Description, Name},
    time::{Timestamp, Version},
};

/// A role as the client wants it.
#[derive(Clone, Debug)]
pub struct DefineRoleCommand {
    /// The key.
    pub key: RoleKey,
    /// The name.
    pub name: LocalizedText<Name>,
    /// What it allows, in a sentence.
    pub description: Option<LocalizedText<Description>>,
    /// The permissions.
    pub permissions: CustomSet,
    /// The levels at which it can be given.
    pub levels: Levels,
    /// The version that the caller read, or that there is no such role.
    pub version: Precondition,
}

/// A role after it was defined or changed.
#[derive(Clone, Debug)]
pub struct Defined {
    /// The client, with its roles.
    pub client: Client,
    /// The key.
    pub key: RoleKey,
    /// Whether it is new.
    pub created: bool,
}

impl Defined {
    /// The role.
    #[must_use]
    pub fn definition(&self) -> Option<&RoleDefinition> {
        self.client.rules.roles.get(&self.key)
    }
}

/// Decides whether `facts.at`, a client, gets this role.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden` without `access:manage` and for a role with a permission that the caller lacks, before or
/// after the change; `VersionRequired`, `StaleVersion`, `RoleExists` for a key of the catalogue, `TooManyRoles`.
pub fn decide(
    facts: &Facts,
    command: &DefineRoleCommand,
    now: Timestamp,
) -> Result<Outcome<Defined>, Refusal> {
    let (grantor, present) = permitted(facts, command.key, command.version, now)?;
    let client = grantor.context.client;
    grantor.check_covers_set(command.permissions.permissions())?;
    let mut roles = client.rules.clone();
    if present.is_none() {
        if roles.roles.len() >= MAX_ROLES {
            return Err(Refusal::TooManyRoles);
        }
        roles.made += 1;
    }
    let definition = RoleDefinition {
        made: present.map_or(roles.made, |role| role.made),
        name: command.name.clone(),
        description: command.description.clone(),
        permissions: command.permissions,
        levels: command.levels,
        // An edit ends a deletion that was begun.
        retiring: false,
        version: present.map_or_else(|| Version::first(now), |role| role.version),
    };
    let created = present.is_none();
    let mut decision = Decision::at(now);
    if present != Some(&definition) {
        let version = present.map_or(definition.version, |role| role.version.next(now));
        let definition = RoleDefinition { version, ..definition };
        let action = if created { Action::RoleDefined } else { Action::RoleEdited };
        let change = RoleChange {
            key: command.key,
            before: present.map(RoleState::from),
            after: Some(RoleState::from(&definition)),
        };
        roles.roles.insert(command.key, definition);
        write(&mut decision, &grantor, &mut roles);
        decision.record(Some(Entry::of_role(grantor.actor, action, change, now)));
    }
    let client = Client { rules: roles, ..client.clone() };
    Ok(Outcome { decision, answer: Defined { client, key: command.key, created } })
}

/// Whether the caller can change this role at all. It comes before the fields of the request.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `VersionRequired`, `StaleVersion`, `RoleExists`.
pub fn check_permitted(
    facts: &Facts,
    key: RoleKey,
    version: Precondition,
    now: Timestamp,
) -> Result<(), Refusal> {
    permitted(facts, key, version, now).map(drop)
}

/// The caller, who may define roles of the client, and the present role of this key.
pub(crate) fn permitted(
    facts: &Facts,
    key: RoleKey,
    version: Precondition,
    now: Timestamp,
) -> Result<(Grantor<'_>, Option<&RoleDefinition>), Refusal> {
    let grantor = facts.grantor(now)?;
    let present = facts.client.as_ref().and_then(|client| client.rules.roles.get(&key));
    // The catalogue can get a key that a client had defined before: that role can still be changed and deleted.
    if present.is_none() && RoleName::of_catalogue(key.as_str()).is_some() {
        return Err(Refusal::RoleExists);
    }
    version.check(present.map(|role| role.version))?;
    if let Some(role) = present {
        grantor.check_covers_set(role.permissions.permissions())?;
    }
    Ok((grantor, present))
}

/// Writes the roles of the client, on the condition that the rights of the caller are unchanged.
pub(crate) fn write(decision: &mut Decision, grantor: &Grantor<'_>, roles: &mut ClientRules) {
    let client = grantor.context.client;
    roles.version = client.rules.version + 1;
    decision.update_client(client, client.clone());
    decision.update_rules(&client.rules, roles.clone());
    decision.check_unchanged(grantor.record);
}

/// The entry for the deletion of a role.
pub(crate) fn deleted(actor: Actor, key: RoleKey, role: &RoleDefinition, now: Timestamp) -> Entry {
    let change = RoleChange { key, before: Some(RoleState::from(role)), after: None };
    Entry::of_role(actor, Action::RoleDeleted, change, now)
}
