//! Archiving an event or a community, and taking it out of the archive (docs/domain.md#rule-18).

use crate::{
    decision::{Change, Decision, Outcome},
    facts::Facts,
    grantor::Grantor,
    history::{Action, Entry},
    precondition::Precondition,
    provision::Provisioned,
    refusal::Refusal,
    scope::Scope,
    time::Timestamp,
};

/// The state that the caller asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Archived: access to it ends now.
    Archived,
    /// Not archived: those whose seat is still theirs have access again, unless it ended with the event.
    Live,
}

/// Decides whether the event or community is archived or taken out of the archive. If it is so already, nothing changes.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden` without `access:manage`, `VersionRequired`, `StaleVersion`, `NotArchivable`.
pub fn decide(
    facts: &Facts,
    wanted: Wanted,
    version: Precondition,
    now: Timestamp,
) -> Result<Outcome<Provisioned>, Refusal> {
    let (grantor, before) = permitted(facts, version, now)?;
    let client = grantor.context.client;
    let mut decision = Decision::at(now);
    let (archived_at, action) = match wanted {
        Wanted::Archived => (before.archived_at.or(Some(now)), Action::ScopeArchived),
        Wanted::Live => (None, Action::ScopeUnarchived),
    };
    let mut after = Scope { archived_at, ..before.clone() };
    let mut answer = Provisioned { client: client.clone(), scope: None, created: false };
    if after != *before {
        after.version = before.version.next(now);
        decision.update_client(client, client.clone());
        decision.scope(Change::Update { before: before.clone(), after: after.clone() });
        answer.client.rules = decision.ends_by_event(client);
        decision.record(Some(Entry::of_scope(grantor.actor, action, after.id.clone(), now)));
        decision.check_unchanged(grantor.record);
    }
    answer.scope = Some(after);
    Ok(Outcome { decision, answer })
}

fn permitted(
    facts: &Facts,
    version: Precondition,
    now: Timestamp,
) -> Result<(Grantor<'_>, &Scope), Refusal> {
    let grantor = facts.grantor(now)?;
    version.check(Some(grantor.context.version))?;
    let scope = facts.scope.as_ref().filter(|scope| scope.level.is_leaf());
    Ok((grantor, scope.ok_or(Refusal::NotArchivable)?))
}
