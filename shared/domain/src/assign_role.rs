//! Changing somebody's role at a scope, or giving a role of their own to somebody whose access is inherited.

use crate::{
    collaborator::{Collaborator, Grant, MAX_GRANTS, Status, Visibility},
    decision::{Change, Decision, Outcome},
    facts::{Facts, Grantor},
    history::{Action, AuditEvent, Entry},
    ids::MailId,
    mail::MailKind,
    refusal::Refusal,
    role::{Role, RoleName},
    text::Reason,
    time::{Timestamp, Version},
};

/// The grant as it is to be.
#[derive(Clone, Debug)]
pub struct AssignRoleCommand {
    /// The role.
    pub role: Role,
    /// When it is to end by itself.
    pub expires_at: Option<Timestamp>,
    /// Why.
    pub reason: Option<Reason>,
    /// The version that this was decided on.
    pub version: Version,
}

/// Decides whether `facts` allow this role at `now`; `mail_id` is a fresh id for the mail.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `CollaboratorNotFound`, `OwnerMustTransfer`, `OwnRole`, `StaleVersion`,
/// `RoleNotAllowedHere`, `RoleNotOffered`, `InvalidExpiry`, `TooManyGrants`.
pub fn decide(
    facts: &Facts,
    command: &AssignRoleCommand,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<Collaborator>, Refusal> {
    let grantor = facts.grantor(now)?;
    let target = facts.visible_target(Visibility::Path)?;
    let present = target.grants.get(&facts.at);
    let own = grantor.record.id == target.id;
    match present.map(|grant| grant.role.name()) {
        Some(RoleName::Owner) => return Err(Refusal::OwnerMustTransfer),
        Some(_) | None if own => return Err(Refusal::OwnRole),
        Some(_) | None => {}
    }
    if command.version != target.version {
        return Err(Refusal::StaleVersion);
    }
    if let Some(grant) = present {
        grantor.may_take(grant.role)?;
    }
    let grant = grantor.may_give(command.role, command.expires_at, now)?;
    let is_the_same =
        |present: &Grant| present.role == grant.role && present.expires_at == grant.expires_at;
    if present.is_some_and(is_the_same) {
        return Ok(Outcome { decision: Decision::at(now), answer: target.clone() });
    }
    assign(facts, &grantor, target, grant, (command.reason.clone(), mail_id), now)
}

fn assign(
    facts: &Facts,
    grantor: &Grantor<'_>,
    target: &Collaborator,
    grant: Grant,
    (reason, mail_id): (Option<Reason>, MailId),
    now: Timestamp,
) -> Result<Outcome<Collaborator>, Refusal> {
    let mut after = target.clone().advanced(now);
    after.grants.insert(facts.at.clone(), grant);
    if after.grants.len() > MAX_GRANTS {
        return Err(Refusal::TooManyGrants);
    }
    let mut decision = Decision::at(now);
    decision.update_client(grantor.context.client, grantor.context.client.clone());
    let event = AuditEvent { actor: grantor.actor.clone(), action: Action::RoleChanged, reason };
    decision.record(Entry::of(event, Some(target), Some(&after), now));
    if after.status(now) == Status::Active {
        let mail_context = grantor.context.mail_context(&grantor.actor);
        decision.mail(mail_context.mail(MailKind::RoleChanged, &after, mail_id));
    }
    decision.collaborator(Change::Update { before: target.clone(), after: after.clone() });
    decision.check_unchanged(Some(grantor.record));
    Ok(Outcome { decision, answer: after })
}
