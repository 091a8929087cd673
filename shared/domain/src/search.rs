//! Searches: the permissions, the scopes or the people that checks would allow.
//!
//! A search returns exactly what [`check::answer`] allows to the same caller, so it shows nothing that they could not ask.

use crate::{
    check::{self, CheckFacts, Question},
    collaborator::Collaborator,
    facts::Facts,
    grid::{self, GridPage, GridPosition, GridQuery},
    permission::Permission,
    refusal::Refusal,
    scope::{Level, ScopeId},
    time::Timestamp,
};

/// The permissions that `question` is allowed with, instead of its own.
pub fn permissions(
    facts: &CheckFacts,
    question: &Question,
    now: Timestamp,
) -> impl Iterator<Item = Permission> {
    let is_allowed = move |permission: &Permission| {
        let question = Question { permission: *permission, ..question.clone() };
        check::answer(facts, &question, now).is_some()
    };
    Permission::ALL.into_iter().filter(is_allowed)
}

/// The scopes that were read and at which `question` is allowed, whatever its own, in the order of their ids.
pub fn scopes<'a>(
    facts: &'a CheckFacts,
    question: &Question,
    now: Timestamp,
) -> impl Iterator<Item = &'a ScopeId> {
    facts.levels.keys().filter(move |scope| {
        let question = Question { scope: (*scope).clone(), ..question.clone() };
        check::answer(facts, &question, now).is_some()
    })
}

/// The list of the people who hold a permission at a scope, in the order of their addresses.
#[must_use]
pub fn query(permission: Permission, after: Option<GridPosition>, limit: usize) -> GridQuery {
    GridQuery { permission: Some(permission), after, limit, ..GridQuery::EVERYONE }
}

/// The page of `query` at `facts.at`, for a caller who can list the people there.
///
/// # Errors
/// `ScopeNotFound` if there is no such scope of that level for the caller, `Forbidden` without `access:view`. Such a caller
/// can still ask about themselves.
pub fn people<'a>(
    facts: &'a Facts,
    level: Option<Level>,
    collaborators: &'a [Collaborator],
    query: &'a GridQuery,
    now: Timestamp,
) -> Result<GridPage<'a>, Refusal> {
    let found = facts.context()?.level;
    if level.is_some_and(|level| level != found) {
        return Err(Refusal::ScopeNotFound);
    }
    grid::list(facts, collaborators, query, now)
}

/// The caller, if `question`, asked about themselves, is allowed.
#[must_use]
pub fn oneself<'a>(
    facts: &'a CheckFacts,
    question: &Question,
    now: Timestamp,
) -> Option<&'a Collaborator> {
    let question = Question { about: None, ..question.clone() };
    check::answer(facts, &question, now)?;
    facts.caller.bound()
}
