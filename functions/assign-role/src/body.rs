//! The request bodies: a new role, or a list of changes.

use coulisses_aws::{
    batch::Item,
    http::{Code, Failure, FieldErrors, Maybe, Object, whole_number},
};
use coulisses_domain::{
    assign_role::AssignRoleCommand, ids::CollaboratorId, precondition::Precondition,
    refusal::Refusal, text::Reason, time::Version,
};
use serde::Deserialize;
use serde_json::Number;

/// The most changes at once.
const MOST: usize = 100;

/// A new role.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Assignment {
    role: String,
    permissions: Option<Vec<String>>,
    expires_at: Option<String>,
    outlives_event: Option<bool>,
    reason: Option<String>,
}

impl Assignment {
    /// The command on the version that the caller read.
    pub fn into_command(self, version: Precondition) -> Result<AssignRoleCommand, Failure> {
        let mut errors = FieldErrors::default();
        let role = errors.role(&self.role, self.permissions.as_deref());
        let expires_at = errors.expiry("/expiresAt", self.expires_at.as_deref());
        let reason = errors.reason("/reason", self.reason.as_deref());
        let (Ok(role), Ok(expires_at), Ok(reason)) = (role, expires_at, reason) else {
            return Err(errors.into());
        };
        let (role, expires_at) = (Some(role), Some(expires_at));
        let outlives_event = self.outlives_event;
        Ok(AssignRoleCommand { role, expires_at, outlives_event, reason, version })
    }
}

/// Changes of several collaborators.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    changes: Vec<Object<Change>>,
    reason: Option<String>,
}

/// The change of one collaborator. What it leaves out stays; an `expiresAt` that is `null` removes the end.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Change {
    id: Option<String>,
    version: Option<Number>,
    role: Option<String>,
    permissions: Option<Vec<String>>,
    #[serde(default)]
    expires_at: Maybe<String>,
    outlives_event: Option<bool>,
}

impl Changes {
    /// The items. A wrong field fails its own change only.
    pub fn into_items(self) -> Result<Vec<Result<Item<AssignRoleCommand>, Failure>>, Failure> {
        const POINTER: &str = "/changes";
        Failure::check_count(POINTER, self.changes.len(), MOST)?;
        let mut errors = FieldErrors::default();
        let Ok(reason) = errors.reason("/reason", self.reason.as_deref()) else {
            return Err(errors.into());
        };
        let item = |(index, Object(change)): (usize, Object<Change>)| {
            change.into_item(FieldErrors::below(format!("{POINTER}/{index}")), reason.clone())
        };
        Ok(self.changes.into_iter().enumerate().map(item).collect())
    }
}

impl Change {
    fn into_item(
        self,
        mut errors: FieldErrors,
        reason: Option<Reason>,
    ) -> Result<Item<AssignRoleCommand>, Failure> {
        let permissions = self.permissions.as_deref();
        let role = match &self.role {
            Some(role) => errors.role(role, permissions).map(Some),
            None if permissions.is_some() => errors.reject("/permissions", Code::InvalidPermission),
            None => Ok(None),
        };
        let expires_at = match &self.expires_at {
            Maybe::Value(end) => errors.expiry("/expiresAt", Some(end)).map(Some),
            Maybe::Null => Ok(Some(None)),
            Maybe::Absent => Ok(None),
        };
        let version = match &self.version {
            Some(number) => {
                let version = whole_number(number).map(Version::from_number).ok_or(());
                errors.check("/version", Code::InvalidField, version).map(Precondition::Version)
            }
            None => Ok(Precondition::Missing),
        };
        let (Ok(role), Ok(expires_at), Ok(version)) = (role, expires_at, version) else {
            return Err(errors.into());
        };
        // A malformed id gets the same response as an unknown one.
        let id = CollaboratorId::parse(self.id.as_deref().unwrap_or_default());
        let id = id.map_err(|_| Refusal::CollaboratorNotFound)?;
        let outlives_event = self.outlives_event;
        let command = AssignRoleCommand { role, expires_at, outlives_event, reason, version };
        Ok(Item { id, command })
    }
}
