//! Sending an invitation again: a new link, which kills the old one and, of somebody expired, takes a seat again.

use crate::{
    access::Holder,
    client::{Addressee, MailCounter},
    collaborator::{Collaborator, Invitation, Sending, Sight, Standing, Status},
    decision::{Change, Decision, Outcome},
    facts::{Caller, Facts, Site},
    history::{Action, Actor, Deed, Entry},
    notice::NoticeKind,
    permission::Permission,
    refusal::Refusal,
    role::RoleName,
    time::Timestamp,
};

/// Decides whether `facts` allow another mail at `now`; `sending` is a fresh id for it.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `CollaboratorNotFound`, `NotPending`, `SeatLimitReached`, `ResendTooSoon`,
/// `ResendLimit`, `MailLimit`.
pub fn decide(
    facts: &Facts,
    sending: Sending,
    now: Timestamp,
) -> Result<Outcome<Collaborator>, Refusal> {
    let (site, actor, by) = sender(facts, now)?;
    let target = facts.seen_target(Sight::Path)?;
    let expired = target.status(now) == Status::Expired;
    let lapsed = !target.grants.values().any(|grant| grant.is_live(now));
    match target.standing {
        Standing::Active(_) => return Err(Refusal::NotPending),
        // Access that has ended is given anew, by an invitation.
        Standing::Pending(_) if lapsed => return Err(Refusal::NotPending),
        Standing::Pending(_) => {}
    }
    if expired && !may_revive(facts, site, target, now) {
        return Err(Refusal::Forbidden);
    }

    let mut client = site.client.clone();
    if !target.seat {
        client.take_seat()?;
    }
    let who = Addressee { client: &client.id.clone(), collaborator: &target.id };
    let counter = MailCounter::resent(facts.counter.as_ref(), who, now)?;
    client.count_invitation(facts.limits, now)?;

    let mut after = if expired { target.clone().advanced(now) } else { target.clone() };
    after.standing = Standing::Pending(Invitation::queued(
        sending.clone(),
        actor.clone(),
        client.invitation_expiry(now),
    ));
    after.seat = true;
    after.forget_at = None;

    let mut decision = Decision::at(now);
    decision.client_becomes(site.client, client);
    decision.counter_becomes(facts.counter.as_ref(), counter);
    let deed = Deed::new(actor.clone(), Action::Resent);
    decision.record(Entry::of(deed, Some(target), Some(&after), now));
    decision.mail(site.occasion(&actor).notice(NoticeKind::Invitation, &after, sending));
    decision.collaborator(Change::Update { before: target.clone(), after: after.clone() });
    decision.hold(by);
    Ok(Outcome { decision, answer: after })
}

/// Whoever may give access here; and the platform, so that an owner can always be reached again (rule 5).
fn sender(
    facts: &Facts,
    now: Timestamp,
) -> Result<(Site<'_>, Actor, Option<&Collaborator>), Refusal> {
    match &facts.caller {
        Caller::Person(_) => {
            let giver = facts.giver(now)?;
            Ok((giver.site, giver.actor, Some(giver.record)))
        }
        Caller::Platform => {
            let site = facts.site()?;
            let owns_this = |target: &Collaborator| {
                target
                    .grants
                    .get(&facts.at)
                    .is_some_and(|grant| grant.role.name() == RoleName::Owner)
            };
            if facts.target.as_ref().is_some_and(owns_this) {
                Ok((site, Actor::Platform, None))
            } else if facts.seen_target(Sight::Path).is_ok() {
                Err(Refusal::Forbidden)
            } else {
                Err(Refusal::CollaboratorNotFound)
            }
        }
    }
}

/// Somebody expired comes back with all his grants, so each of them must be one that the caller could give (rule 9).
fn may_revive(facts: &Facts, site: Site<'_>, target: &Collaborator, now: Timestamp) -> bool {
    match &facts.caller {
        Caller::Platform => true,
        Caller::Person(person) => person.bound().is_some_and(|record| {
            let holder = Holder { person: record, granting: site.client.granting };
            target.grants.iter().all(|(scope, grant)| {
                let held = holder.permissions(scope, now);
                held.contains(Permission::AccessManage) && held.includes(grant.role.permissions())
            })
        }),
    }
}
