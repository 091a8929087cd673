//! The demonstration data, from `data.yaml`.

use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Client {
    pub id: String,
    pub name: String,
    pub seat_limit: u32,
    pub granting: String,
    pub roles: Vec<String>,
    pub accent_color: Option<String>,
    pub time_zone: Option<String>,
    pub access_ends_after_days: Option<u16>,
    pub platform_url: Option<String>,
    pub owner: Identity,
    pub scopes: Vec<Scope>,
    pub collaborators: Vec<Collaborator>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    pub email: String,
    pub name: String,
}

/// An audience, event or community.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scope {
    pub id: String,
    pub name: String,
    pub kind: Option<String>,
    pub owner: Option<Identity>,
    pub ends_in: Option<i64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Collaborator {
    pub email: String,
    pub name: String,
    pub scope: String,
    pub role: String,
    /// The permissions of a custom role.
    pub permissions: Option<Vec<String>>,
    pub expires_in: Option<i64>,
    #[serde(default)]
    pub then: Vec<Action>,
}

/// An action of a collaborator after the invitation.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    Accept,
    LogIn,
}

/// One role of one person.
pub struct Grant<'d> {
    pub email: &'d str,
    pub name: &'d str,
    pub role: &'d str,
    pub scope_name: &'d str,
    pub is_pending: bool,
}

/// The person of the platform's support, who has no access of their own.
pub const SUPPORT: (&str, &str) = ("nora.blanc@coulisses.example", "Nora Blanc");

/// The clients of the demonstration.
#[expect(clippy::expect_used, reason = "the file is compiled in, and a test reads it")]
pub fn clients() -> &'static [Client] {
    static CLIENTS: LazyLock<Vec<Client>> =
        LazyLock::new(|| yaml_serde::from_str(include_str!("data.yaml")).expect("valid data"));
    &CLIENTS
}

impl Client {
    /// All grants: those of the owners first, then those of the collaborators.
    pub fn grants(&self) -> impl Iterator<Item = Grant<'_>> {
        fn owned<'d>(owner: &'d Identity, scope_name: &'d str) -> Grant<'d> {
            let Identity { email, name } = owner;
            Grant { email, name, role: "owner", scope_name, is_pending: false }
        }
        let owners =
            self.scopes.iter().filter_map(|scope| Some(owned(scope.owner.as_ref()?, &scope.name)));
        let others = self.collaborators.iter().map(|collaborator| Grant {
            email: &collaborator.email,
            name: &collaborator.name,
            role: &collaborator.role,
            scope_name: self
                .scopes
                .iter()
                .find(|scope| scope.id == collaborator.scope)
                .map_or(&self.name, |scope| &scope.name),
            is_pending: collaborator.then.is_empty(),
        });
        std::iter::once(owned(&self.owner, &self.name)).chain(owners).chain(others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_collaborator_has_a_seat_a_scope_and_a_role_of_the_client() {
        for client in clients() {
            let mut scopes: BTreeSet<_> = client.scopes.iter().map(|scope| &scope.id).collect();
            scopes.insert(&client.id);
            let emails: BTreeSet<_> = client.grants().map(|grant| grant.email).collect();
            assert!(u32::try_from(emails.len()).unwrap() <= client.seat_limit);
            for collaborator in &client.collaborators {
                let email = &collaborator.email;
                assert!(scopes.contains(&collaborator.scope), "{email}");
                assert!(client.roles.contains(&collaborator.role), "{email}");
                assert_eq!(collaborator.role == "custom", collaborator.permissions.is_some());
            }
        }
    }
}
