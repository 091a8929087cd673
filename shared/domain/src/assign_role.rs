//! Changing somebody's role at a scope, or giving a role of their own to somebody whose access is inherited.

use crate::{
    collaborator::{Collaborator, Grant, MOST_GRANTS, Sending, Sight, Status},
    decision::{Change, Decision, Outcome},
    facts::{Facts, Giver},
    history::{Action, Deed, Entry},
    notice::NoticeKind,
    refusal::Refusal,
    role::{Role, RoleName},
    text::Reason,
    time::{Timestamp, Version},
};

/// The grant as it is to be.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The role.
    pub role: Role,
    /// When it is to end by itself.
    pub expires_at: Option<Timestamp>,
    /// Why.
    pub reason: Option<Reason>,
    /// The version that this was decided on.
    pub version: Version,
}

/// Decides whether `facts` allow this role at `now`; `sending` is a fresh id for the mail.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `CollaboratorNotFound`, `OwnerMustTransfer`, `OwnRole`, `StaleVersion`,
/// `RoleNotAllowedHere`, `RoleNotOffered`, `InvalidExpiry`, `TooManyGrants`.
pub fn decide(
    facts: &Facts,
    wanted: &Wanted,
    sending: Sending,
    now: Timestamp,
) -> Result<Outcome<Collaborator>, Refusal> {
    let giver = facts.giver(now)?;
    let target = facts.seen_target(Sight::Path)?;
    let present = target.grants.get(&facts.at);
    let own = giver.record.id == target.id;
    match present.map(|grant| grant.role.name()) {
        Some(RoleName::Owner) => return Err(Refusal::OwnerMustTransfer),
        Some(_) | None if own => return Err(Refusal::OwnRole),
        Some(_) | None => {}
    }
    if wanted.version != target.version {
        return Err(Refusal::StaleVersion);
    }
    if let Some(grant) = present {
        giver.may_take(grant.role)?;
    }
    let grant = giver.may_give(wanted.role, wanted.expires_at, now)?;
    let is_the_same =
        |present: &Grant| present.role == grant.role && present.expires_at == grant.expires_at;
    if present.is_some_and(is_the_same) {
        return Ok(Outcome { decision: Decision::at(now), answer: target.clone() });
    }
    assign(facts, &giver, target, grant, (wanted.reason.clone(), sending), now)
}

fn assign(
    facts: &Facts,
    giver: &Giver<'_>,
    target: &Collaborator,
    grant: Grant,
    (reason, sending): (Option<Reason>, Sending),
    now: Timestamp,
) -> Result<Outcome<Collaborator>, Refusal> {
    let mut after = target.clone().advanced(now);
    after.grants.insert(facts.at.clone(), grant);
    if after.grants.len() > MOST_GRANTS {
        return Err(Refusal::TooManyGrants);
    }
    let mut decision = Decision::at(now);
    decision.client_becomes(giver.site.client, giver.site.client.clone());
    let deed = Deed { actor: giver.actor.clone(), action: Action::RoleChanged, reason };
    decision.record(Entry::of(deed, Some(target), Some(&after), now));
    if after.status(now) == Status::Active {
        let occasion = giver.site.occasion(&giver.actor);
        decision.mail(occasion.notice(NoticeKind::RoleChanged, &after, sending));
    }
    decision.collaborator(Change::Update { before: target.clone(), after: after.clone() });
    decision.hold(Some(giver.record));
    Ok(Outcome { decision, answer: after })
}
