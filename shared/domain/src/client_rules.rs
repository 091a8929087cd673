//! What the grants of a client depend on beside themselves: the roles that it defines, and when access to its events ends.
//! It is one record, which is read with every grant.

use std::collections::BTreeMap;

use crate::{
    collaborator::Collaborator,
    dates::{AccessEnds, EventEnd},
    named_role::RoleDefinition,
    permission::PermissionSet,
    role::{NamedRole, Role, RoleKey},
    scope::{Scope, ScopeId},
};

/// The rules of a client for its grants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientRules {
    /// The roles that it defines, by their key.
    pub roles: BTreeMap<RoleKey, RoleDefinition>,
    /// How many roles were ever made.
    pub made: u32,
    /// When access to its events ends.
    pub access_ends: AccessEnds,
    /// Grows with each change; 0 if there never was one.
    pub version: u32,
}

impl ClientRules {
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

    /// Looks up what the grants of a collaborator depend on: the permissions of these roles, and the ends of those of
    /// `scopes` that they are on.
    ///
    /// Until then, a grant of such a role gives nothing. It also gives nothing if its role is deleted, even if another one
    /// was made under its key. A grant on an event gives nothing until the event is among `scopes`, unless access to no
    /// event of the client can end.
    pub fn resolve(&self, collaborator: &mut Collaborator, scopes: &BTreeMap<ScopeId, Scope>) {
        for (at, grant) in &mut collaborator.grants {
            if let Role::Named(role) = &mut grant.role {
                let found = self.roles.get(&role.key).filter(|found| found.made == role.made);
                role.permissions =
                    found.map_or(PermissionSet::EMPTY, |found| found.permissions.permissions());
            }
            if grant.event == EventEnd::None {
                continue;
            }
            if !self.access_ends.are_possible() {
                grant.event = EventEnd::None;
            } else if let Some(event) = scopes.get(at) {
                grant.event = self.end_of(event);
            }
        }
    }

    /// The end of access to an event or a community, for the grants that end with it.
    #[must_use]
    pub fn end_of(&self, event: &Scope) -> EventEnd {
        if self.access_ends.are_possible() {
            let ends_at = event.access_ends_at(&self.access_ends);
            EventEnd::Read { ends_at, version: event.version }
        } else {
            EventEnd::None
        }
    }
}
