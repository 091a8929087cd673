//! Stored history entries, and their conversion from and to the domain.

use std::collections::BTreeMap;

use coulisses_domain::{
    collaborator::Status,
    email::Email,
    history::{Action, CollaboratorLabel, Entry, GrantChange, GrantState, Moved, SeatCount},
    ids::CollaboratorId,
    scope::ScopeId,
    text::{Name, Reason},
    time::{Timestamp, Version},
};
use serde::{Deserialize, Serialize};

use super::{
    actor::{StoredActor, platform_client},
    client_rules::StoredRoleChange,
    collaborator::{made, permissions_then, role},
    item::{Unreadable, optional, read},
};

/// A history entry.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredEntry {
    pub v: u8,
    pub at: i64,
    pub actor: StoredActor,
    pub actor_client: Option<String>,
    pub action: String,
    /// [`StoredLabel::none`] for a change of a role or a scope.
    pub collaborator: StoredLabel,
    pub role: Option<StoredRoleChange>,
    pub scope: Option<String>,
    pub source: Option<String>,
    pub changes: BTreeMap<String, StoredChange>,
    pub reason: Option<String>,
    pub moved: Option<StoredMove>,
    /// The version before this one writes neither this nor `seats`.
    pub version: Option<i64>,
    pub seats: Option<StoredSeatCount>,
    pub request_id: Option<String>,
}

/// The seats of the client after the change: unlimited without `limit`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredSeatCount {
    pub limit: Option<u32>,
    pub used: u32,
}

/// The other id of a person who moved to a new address.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum StoredMove {
    To(String),
    From(String),
}

/// A collaborator, as the history names them.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredLabel {
    pub id: String,
    pub email: String,
    pub name: Option<String>,
}

impl StoredLabel {
    /// The label of an entry that is about no collaborator. The version before this one requires one; such an entry has no
    /// changes of grants, so it does not show it.
    fn none() -> Self {
        Self { id: "a".repeat(26), email: "role@erased.invalid".into(), name: None }
    }

    fn into_domain(self) -> Result<CollaboratorLabel, Unreadable> {
        Ok(CollaboratorLabel {
            id: read("collaborator.id", CollaboratorId::parse(&self.id))?,
            email: read("collaborator.email", Email::parse(&self.email))?,
            name: optional("collaborator.name", self.name.as_deref(), Name::parse)?,
        })
    }
}

/// A grant before and after.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredChange {
    pub before: Option<StoredState>,
    pub after: Option<StoredState>,
}

/// A grant, as the history records it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredState {
    pub role: String,
    /// The number of a role that the client defines.
    pub made: Option<u32>,
    /// Those chosen for a custom role, and those that a role of the client's own had then.
    pub permissions: Option<Vec<String>>,
    pub status: String,
    pub expires_at: Option<i64>,
    pub outlives_event: Option<bool>,
}

impl StoredEntry {
    pub(super) fn new(entry: &Entry, request_id: Option<&str>) -> Self {
        let change = |(scope, change): (&ScopeId, &GrantChange)| {
            (scope.to_string(), StoredChange::new(change))
        };
        Self {
            v: 1,
            at: entry.at.millis(),
            actor: StoredActor::new(&entry.actor),
            actor_client: platform_client(&entry.actor),
            action: stored_action(entry.action).name().into(),
            collaborator: entry.collaborator.as_ref().map_or_else(StoredLabel::none, |label| {
                StoredLabel {
                    id: label.id.to_string(),
                    email: label.email.original().into(),
                    name: label.name.as_ref().map(ToString::to_string),
                }
            }),
            role: entry.role.as_ref().map(StoredRoleChange::new),
            scope: entry.scope.as_ref().map(ToString::to_string),
            source: entry.source.as_ref().map(ToString::to_string),
            changes: entry.changes.iter().map(change).collect(),
            reason: entry.reason.as_ref().map(|reason| reason.as_str().into()),
            moved: entry.moved.as_ref().map(|moved| match moved {
                Moved::To(id) => StoredMove::To(id.to_string()),
                Moved::From(id) => StoredMove::From(id.to_string()),
            }),
            version: entry.version.map(Version::number),
            seats: entry.seats.map(|SeatCount { limit, used }| StoredSeatCount { limit, used }),
            request_id: request_id.map(Into::into),
        }
    }

    pub(super) fn into_domain(self) -> Result<Entry, Unreadable> {
        let change = |(scope, change): (String, StoredChange)| {
            Ok((read("changes", ScopeId::parse(&scope))?, change.into_domain()))
        };
        let action = Action::parse(&self.action).unwrap_or(Action::Unknown);
        Ok(Entry {
            at: Timestamp::from_millis(self.at),
            actor: self.actor.into_domain(self.actor_client)?,
            action: if self.moved.is_some() { Action::EmailChanged } else { action },
            collaborator: match (&self.role, &self.scope) {
                (None, None) => Some(self.collaborator.into_domain()?),
                (_, _) => None,
            },
            role: self.role.map(StoredRoleChange::into_domain).transpose()?,
            scope: optional("scope", self.scope.as_deref(), ScopeId::parse)?,
            source: optional("source", self.source.as_deref(), ScopeId::parse)?,
            changes: self.changes.into_iter().map(change).collect::<Result<_, Unreadable>>()?,
            reason: optional("reason", self.reason.as_deref(), Reason::parse)?.flatten(),
            moved: self.moved.map(StoredMove::into_domain).transpose()?,
            version: self.version.map(Version::from_number),
            seats: self.seats.map(|StoredSeatCount { limit, used }| SeatCount { limit, used }),
        })
    }
}

/// The version before this one does not know [`Action::EmailChanged`], and ignores `moved`
/// (docs/decisions/0044-identities-that-move.md).
fn stored_action(action: Action) -> Action {
    if action == Action::EmailChanged { Action::AccountUnbound } else { action }
}

impl StoredMove {
    fn into_domain(self) -> Result<Moved, Unreadable> {
        let id = |id: &str| read("moved", CollaboratorId::parse(id));
        Ok(match self {
            Self::To(other) => Moved::To(id(&other)?),
            Self::From(other) => Moved::From(id(&other)?),
        })
    }
}

impl StoredChange {
    pub(super) fn new(change: &GrantChange) -> Self {
        Self {
            before: change.before.as_ref().map(StoredState::new),
            after: change.after.as_ref().map(StoredState::new),
        }
    }

    pub(super) fn into_domain(self) -> GrantChange {
        GrantChange {
            before: self.before.map(StoredState::into_domain),
            after: self.after.map(StoredState::into_domain),
        }
    }
}

impl StoredState {
    pub(super) fn new(state: &GrantState) -> Self {
        Self {
            role: state.role.name().name().into(),
            made: made(state.role),
            permissions: permissions_then(state.role),
            status: state.status.map_or("unknown", Status::name).into(),
            expires_at: state.expires_at.map(Timestamp::millis),
            outlives_event: state.outlives_event.then_some(true),
        }
    }

    pub(super) fn into_domain(self) -> GrantState {
        GrantState {
            role: role(&self.role, self.made, self.permissions.as_deref()),
            status: Status::parse(&self.status),
            expires_at: self.expires_at.map(Timestamp::from_millis),
            outlives_event: self.outlives_event.unwrap_or_default(),
        }
    }
}
