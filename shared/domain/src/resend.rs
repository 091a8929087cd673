//! Resending an invitation: a new link replaces the old ones. A collaborator whose invitation expired, or who declined it, takes
//! a seat again.

use crate::{
    collaborator::{Collaborator, Invitation, Membership, Status, Visibility},
    decision::{Decision, Outcome},
    facts::{Facts, ScopeContext},
    grantor::Grantor,
    history::{Action, AuditEvent},
    ids::MailId,
    mail::MailKind,
    mail_budget::Counted,
    mail_quota::{Addressee, MailCounter},
    refusal::Refusal,
    scope::ScopeId,
    time::Timestamp,
};

/// Decides whether `facts` allow another invitation mail; `mail_id` is a new id for it.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `CollaboratorNotFound`, `NotPending`, `SeatLimitReached`, `ResendTooSoon`,
/// `ResendLimit`, `MailLimit`.
pub fn decide(
    facts: &Facts,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<Collaborator>, Refusal> {
    let Grantor { context, actor, record: sender, .. } = facts.grantor(now)?;
    let target = facts.visible_target(Visibility::Path)?;
    let starts_again = [Status::Expired, Status::Declined].contains(&target.status(now));
    if !may_resend(facts, context, target, now) {
        return Err(Refusal::Forbidden);
    }
    // Access that has ended needs a new invitation.
    let declined = target.declined();
    let former = target.invitation().or(declined.map(|declined| &declined.invitation));
    let former = former.filter(|_| !target.has_ended(now));
    let former = former.ok_or(Refusal::NotPending)?;

    let mut client = context.client.clone();
    if !target.seat {
        client.take_seat()?;
    }
    let addressee = Addressee { client: &context.client.id, collaborator: &target.id };
    let known = MailCounter::known(facts.counter.as_ref(), Some(target));
    let counter = match declined {
        Some(declined) => MailCounter::invited_again(known.as_ref(), addressee, declined, now)?,
        None => MailCounter::resent(known.as_ref(), addressee, now)?,
    };
    client.mails.count(Counted::Invitation, facts.cause(&actor), facts.limits, now)?;

    let mut after = if starts_again { target.clone().advanced(now) } else { target.clone() };
    after.membership = Membership::Pending(Invitation {
        was_active: target.was_active(),
        ..Invitation::queued(mail_id.clone(), actor.clone(), client.invitation_expiry(now))
    });
    after.seat = true;
    after.forget_at = None;

    let mut decision = Decision::at(now);
    decision.update_client(context.client, client);
    decision.update_counter(facts.counter.as_ref(), counter);
    let mail = context.mail(&actor, MailKind::Invitation, &after, mail_id);
    decision.mail(mail.replacing(former));
    let event = AuditEvent::new(actor, Action::Resent);
    decision.change(event, Some(target), Some(after.clone()));
    decision.check_unchanged(sender);
    Ok(Outcome { decision, answer: after })
}

/// The link gives access to every scope of the recipient, and the former link stops working. So the caller must be allowed
/// to give each grant, and an owner's only an owner above can give (docs/domain.md#rule-9).
fn may_resend(
    facts: &Facts,
    context: ScopeContext<'_>,
    target: &Collaborator,
    now: Timestamp,
) -> bool {
    let Ok(user) = facts.caller.user() else { return true };
    let owns_above = |scope: &ScopeId| {
        let record = user.bound().into_iter();
        record.flat_map(Collaborator::owned).any(|owned| owned != scope && owned.reaches(scope))
    };
    user.can_give_all(target, context.client.granting, now) && target.owned().all(owns_above)
}
