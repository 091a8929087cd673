//! Sending an invitation again: a new link, which kills the old one and, of somebody expired, takes a seat again.

use crate::{
    access::Subject,
    actor::Actor,
    collaborator::{Collaborator, Invitation, Membership, Status, Visibility},
    decision::{Change, Decision, Outcome},
    facts::{Caller, Facts, ScopeContext},
    history::{Action, AuditEvent, Entry},
    ids::MailId,
    mail::MailKind,
    mail_quota::{Addressee, MailCounter},
    permission::Permission,
    refusal::Refusal,
    role::RoleName,
    time::Timestamp,
};

/// Decides whether `facts` allow another mail at `now`; `mail_id` is a fresh id for it.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `CollaboratorNotFound`, `NotPending`, `SeatLimitReached`, `ResendTooSoon`,
/// `ResendLimit`, `MailLimit`.
pub fn decide(
    facts: &Facts,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<Collaborator>, Refusal> {
    let (context, actor, by) = sender(facts, now)?;
    let target = facts.visible_target(Visibility::Path)?;
    let expired = target.status(now) == Status::Expired;
    let lapsed = !target.grants.values().any(|grant| grant.is_live(now));
    match target.membership {
        Membership::Active(_) => return Err(Refusal::NotPending),
        // Access that has ended is given anew, by an invitation.
        Membership::Pending(_) if lapsed => return Err(Refusal::NotPending),
        Membership::Pending(_) => {}
    }
    if expired && !may_revive(facts, context, target, now) {
        return Err(Refusal::Forbidden);
    }

    let mut client = context.client.clone();
    if !target.seat {
        client.take_seat()?;
    }
    let who = Addressee { client: &client.id.clone(), collaborator: &target.id };
    let counter = MailCounter::resent(facts.counter.as_ref(), who, now)?;
    client.mails.count_invitation(facts.limits, now)?;

    let mut after = if expired { target.clone().advanced(now) } else { target.clone() };
    after.membership = Membership::Pending(Invitation::queued(
        mail_id.clone(),
        actor.clone(),
        client.invitation_expiry(now),
    ));
    after.seat = true;
    after.forget_at = None;

    let mut decision = Decision::at(now);
    decision.update_client(context.client, client);
    decision.update_counter(facts.counter.as_ref(), counter);
    let event = AuditEvent::new(actor.clone(), Action::Resent);
    decision.record(Entry::of(event, Some(target), Some(&after), now));
    decision.mail(context.mail_context(&actor).mail(MailKind::Invitation, &after, mail_id));
    decision.collaborator(Change::Update { before: target.clone(), after: after.clone() });
    decision.check_unchanged(by);
    Ok(Outcome { decision, answer: after })
}

/// Whoever may give access here; and the platform, so that an owner can always be reached again (rule 5).
fn sender(
    facts: &Facts,
    now: Timestamp,
) -> Result<(ScopeContext<'_>, Actor, Option<&Collaborator>), Refusal> {
    match &facts.caller {
        Caller::User(_) => {
            let grantor = facts.grantor(now)?;
            Ok((grantor.context, grantor.actor, Some(grantor.record)))
        }
        Caller::Platform => {
            let context = facts.context()?;
            let owns_this = |target: &Collaborator| {
                target
                    .grants
                    .get(&facts.at)
                    .is_some_and(|grant| grant.role.name() == RoleName::Owner)
            };
            if facts.target.as_ref().is_some_and(owns_this) {
                Ok((context, Actor::Platform, None))
            } else if facts.visible_target(Visibility::Path).is_ok() {
                Err(Refusal::Forbidden)
            } else {
                Err(Refusal::CollaboratorNotFound)
            }
        }
    }
}

/// Somebody expired comes back with all his grants, so each of them must be one that the caller could give (rule 9).
fn may_revive(
    facts: &Facts,
    context: ScopeContext<'_>,
    target: &Collaborator,
    now: Timestamp,
) -> bool {
    match &facts.caller {
        Caller::Platform => true,
        Caller::User(collaborator) => collaborator.bound().is_some_and(|record| {
            let subject = Subject { collaborator: record, granting: context.client.granting };
            target.grants.iter().all(|(scope, grant)| {
                let held = subject.permissions(scope, now);
                held.contains(Permission::AccessManage) && held.includes(grant.role.permissions())
            })
        }),
    }
}
