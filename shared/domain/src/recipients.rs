//! Who receives an announcement.

use std::collections::BTreeSet;

use crate::{
    collaborator::{Collaborator, Grant, Status, Visibility},
    ids::CollaboratorId,
    role::RoleName,
    scope::ScopeId,
    time::Timestamp,
};

/// Which of the people with access at a scope receive an announcement; by default all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecipientFilter {
    /// With a grant of one of these roles only; empty for any role.
    pub roles: BTreeSet<RoleName>,
    /// With a grant on the scope itself only, not above or below it.
    pub here: bool,
    /// This collaborator only.
    pub only: Option<CollaboratorId>,
}

impl RecipientFilter {
    /// Whether it leaves no one out.
    #[must_use]
    pub fn is_everyone(&self) -> bool {
        *self == Self::default()
    }

    /// Whether `collaborator` receives an announcement at `at`: active, with a live grant of the filter on it, above it or
    /// below it (docs/decisions/0012-who-receives-an-announcement.md).
    #[must_use]
    pub fn includes(&self, collaborator: &Collaborator, at: &ScopeId, now: Timestamp) -> bool {
        let counts = |(scope, grant): (&ScopeId, &Grant)| {
            grant.is_live(now)
                && (!self.here || scope == at)
                && (self.roles.is_empty() || self.roles.contains(&grant.role.name()))
        };
        collaborator.status(now) == Status::Active
            && self.only.as_ref().is_none_or(|only| *only == collaborator.id)
            && collaborator.grants_visible_from(at, Visibility::PathAndBelow).any(counts)
    }
}
