//! Changing a collaborator's role at a scope, or giving one to a collaborator who has access only above or below it.

use crate::{
    collaborator::{
        Collaborator, Grant, Invitation, Lifetime, MAX_GRANTS, Membership, Status, Visibility,
    },
    decision::{Decision, Outcome},
    facts::Facts,
    grantor::Grantor,
    history::{Action, AuditEvent},
    ids::MailId,
    mail::MailKind,
    mail_budget::Counted,
    mail_quota::{Addressee, MailCounter},
    precondition::Precondition,
    refusal::Refusal,
    role::Role,
    text::Reason,
    time::Timestamp,
};

/// The change of a grant.
#[derive(Clone, Debug)]
pub struct AssignRoleCommand {
    /// The role; `None` leaves the present one.
    pub role: Option<Role>,
    /// The end of the access; `None` leaves the present one.
    pub expires_at: Option<Option<Timestamp>>,
    /// Whether the access outlives its event; `None` leaves it as it is.
    pub outlives_event: Option<bool>,
    /// The reason for the history.
    pub reason: Option<Reason>,
    /// The version that the caller read.
    pub version: Precondition,
}

/// Decides whether `facts` allow this role; `mail_id` is a new id for the mail.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `CollaboratorNotFound`, `OwnRole`, `VersionRequired`, `StaleVersion`, `OwnerMustTransfer`,
/// `RoleNotAllowedHere`, `RoleNotOffered`, `InvalidExpiry`, `InvalidField` without a role where there is none,
/// `ScopeArchived`, `AccessEnded`, `TooManyGrants`; `ResendLimit` and `MailLimit` if an invitation that was never sent must be.
pub fn decide(
    facts: &Facts,
    command: &AssignRoleCommand,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<Collaborator>, Refusal> {
    let (grantor, target) = permitted(facts, command.version, now)?;
    let present = target.grants.get(&facts.at);
    if let Some(grant) = present {
        grantor.check_can_revoke(grant.role)?;
    }
    let before = present.map(Grant::lifetime).unwrap_or_default();
    let lifetime = Lifetime {
        expires_at: command.expires_at.unwrap_or(before.expires_at),
        outlives_event: command.outlives_event.unwrap_or(before.outlives_event),
    };
    let grant = match (command.role, present) {
        (Some(role), _) => grantor.new_grant(role, lifetime, now)?,
        // The role stays, even if the client does not offer it any more.
        (None, Some(present)) if lifetime == before => present.clone(),
        (None, Some(present)) => grantor.extended(present, lifetime, now)?,
        (None, None) => return Err(Refusal::InvalidField { pointer: "/role" }),
    };
    let is_same =
        |present: &Grant| present.role == grant.role && present.lifetime() == grant.lifetime();
    let mut decision = Decision::at(now);
    if present.is_some_and(is_same) {
        return Ok(Outcome { decision, answer: target.clone() });
    }

    let mut after = target.clone().advanced(now);
    after.grants.insert(facts.at.clone(), grant);
    if after.grants.len() > MAX_GRANTS {
        return Err(Refusal::TooManyGrants);
    }
    let (context, actor) = (grantor.context, grantor.actor);
    let mut client = context.client.clone();
    if after.status(now) == Status::Active {
        let mail = context.mail(&actor, MailKind::RoleChanged, &after, mail_id);
        decision.notify(facts.counter.as_ref(), target, mail.changed_from(present));
    } else if let Some(invitation) = unsent_and_revived(target, &after, now) {
        let addressee = Addressee { client: &client.id, collaborator: &after.id };
        let known = MailCounter::known(facts.counter.as_ref(), Some(target));
        let counter = MailCounter::revived(known.as_ref(), addressee, now)?;
        client.mails.count(Counted::Invitation, facts.cause(&actor), facts.limits, now)?;
        decision.update_counter(facts.counter.as_ref(), counter);
        after.membership = Membership::Pending(Invitation {
            was_active: invitation.was_active,
            ..Invitation::queued(mail_id.clone(), actor.clone(), client.invitation_expiry(now))
        });
        decision.mail(context.mail(&actor, MailKind::Invitation, &after, mail_id));
    }
    decision.update_client(context.client, client);
    let reason = command.reason.clone();
    let event = AuditEvent { actor, action: Action::RoleChanged, reason };
    decision.change(event, Some(target), Some(after.clone()));
    decision.check_unchanged(grantor.record);
    Ok(Outcome { decision, answer: after })
}

/// Whether the caller can change this collaborator's role at all. It comes before the fields of the request.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `CollaboratorNotFound`, `OwnRole`, `VersionRequired`, `StaleVersion`.
pub fn check_permitted(
    facts: &Facts,
    version: Precondition,
    now: Timestamp,
) -> Result<(), Refusal> {
    permitted(facts, version, now).map(drop)
}

fn permitted(
    facts: &Facts,
    version: Precondition,
    now: Timestamp,
) -> Result<(Grantor<'_>, &Collaborator), Refusal> {
    let grantor = facts.grantor(now)?;
    let target = facts.visible_target(Visibility::PathAndBelow)?;
    if facts.caller.is(&target.id) {
        return Err(Refusal::OwnRole);
    }
    version.check(Some(target.version))?;
    Ok((grantor, target))
}

/// The invitation of `before`, if its mail was dropped because all access had ended, and `after` has access again.
fn unsent_and_revived<'a>(
    before: &'a Collaborator,
    after: &Collaborator,
    now: Timestamp,
) -> Option<&'a Invitation> {
    let unsent = before.invitation().filter(|invitation| invitation.sent_at.is_none());
    unsent.filter(|_| before.has_ended(now) && after.status(now) == Status::Pending)
}
