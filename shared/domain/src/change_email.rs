//! Moving a person to a new address, with their grants, seat and history (docs/domain.md#rule-14).

use std::collections::BTreeMap;

use crate::{
    caller::Caller,
    collaborator::{Collaborator, Invitation, Membership, Status},
    decision::{Change, Decision, Outcome},
    email::Email,
    facts::Facts,
    ids::{CollaboratorId, MailIds},
    mail::MailKind,
    mail_budget::Counted,
    mail_quota::{Addressee, MailCounter},
    precondition::Precondition,
    refusal::Refusal,
    scope::{OwnerLabel, Scope, ScopeId},
    time::Timestamp,
    unbind::IdentityChange,
};

/// The most scopes of an owner who moves, because one transaction names the owner in all of them.
pub const MAX_OWNED: usize = 80;

/// What was read for a move. A record that does not exist is `None`.
#[derive(Clone, Debug)]
pub struct MoveFacts {
    /// The facts of the command; the target is the person.
    pub facts: Facts,
    /// The collaborator with the new address.
    pub present: Option<Collaborator>,
    /// The mail counter of the new address.
    pub counter: Option<MailCounter>,
    /// The scopes that [`scopes_to_read`] names.
    pub owned: BTreeMap<ScopeId, Scope>,
}

/// The new address.
#[derive(Clone, Debug)]
pub struct ChangeEmailCommand {
    /// The address.
    pub email: Email,
    /// The id of this address in the client.
    pub id: CollaboratorId,
    /// The version of the person that the caller read.
    pub version: Precondition,
}

/// The scopes below the client that name the target as their owner. Only the platform moves an owner.
#[must_use]
pub fn scopes_to_read(facts: &Facts) -> Vec<&ScopeId> {
    match facts.caller {
        Caller::User(_) => Vec::new(),
        Caller::Platform(_) => {
            let owned = facts.target.iter().flat_map(Collaborator::owned);
            owned.filter(|scope| !scope.is_client()).collect()
        }
    }
}

/// Whether the caller can move the target of `facts` at all. It comes before the fields of the request.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `CollaboratorNotFound`, `VersionRequired`, `StaleVersion`.
pub fn check_permitted(
    facts: &Facts,
    version: Precondition,
    now: Timestamp,
) -> Result<(), Refusal> {
    IdentityChange::permitted(facts, version, now).map(drop)
}

/// Decides whether the target of `facts` moves to a new address.
///
/// An active person whom a user moves is unbound from their account, so that the new address is verified before it gives
/// access. The platform vouches for the address, so an account that it moves stays bound.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `CollaboratorNotFound`, `VersionRequired`, `StaleVersion`, `AlreadyHasAccess` if the new
/// address is a collaborator, `NotPending` if the access has ended, `NotActive` for a suspended person and one who declined, `TooManyGrants` for an owner of too many scopes,
/// `SeatLimitReached`, `ResendTooSoon`, `ResendLimit`, `MailLimit`.
pub fn decide(
    facts: &MoveFacts,
    command: &ChangeEmailCommand,
    mail_ids: MailIds,
    now: Timestamp,
) -> Result<Outcome<Collaborator>, Refusal> {
    let MoveFacts { facts, present, counter, owned } = facts;
    let change = IdentityChange::permitted(facts, command.version, now)?;
    let (context, actor, person) = (change.context, &change.actor, change.person);
    if let Some(present) = present {
        return Err(Refusal::AlreadyHasAccess(present.id.clone()));
    }
    // Access that has ended needs a new invitation.
    if person.has_ended(now) {
        return Err(Refusal::NotPending);
    }
    if [Status::Suspended, Status::Declined, Status::Waiting].contains(&person.status(now)) {
        return Err(Refusal::NotActive);
    }
    if owned.len() > MAX_OWNED {
        return Err(Refusal::TooManyGrants);
    }

    let mut client = context.client.clone();
    if person.seat {
        client.move_seat();
    } else {
        client.take_seat()?;
    }
    let addressee = Addressee { client: &context.client.id, collaborator: &command.id };
    let after_mail = MailCounter::invited(counter.as_ref(), addressee, now)?;
    client.mails.count(Counted::Invitation, facts.cause(actor), facts.limits, now)?;

    let after = Collaborator {
        id: command.id.clone(),
        email: command.email.clone(),
        membership: match (&facts.caller, &person.membership) {
            (Caller::Platform(_), Membership::Active(binding)) => {
                Membership::Active(binding.clone())
            }
            (_, _) => Membership::Pending(Invitation {
                was_active: person.was_active(),
                ..Invitation::queued(
                    mail_ids.to_new.clone(),
                    actor.clone(),
                    client.invitation_expiry(now),
                )
            }),
        },
        seat: true,
        refused_login_at: None,
        forget_at: None,
        ..person.clone().advanced(now)
    };

    let mut decision = Decision::at(now);
    let label = OwnerLabel { id: after.id.clone(), email: after.email.clone() };
    if client.owner.id == person.id {
        client.owner = label.clone();
        client.version = client.version.next(now);
    }
    for before in owned.values() {
        let (owner, version) = (Some(label.clone()), before.version.next(now));
        let after = Scope { owner, version, ..before.clone() };
        decision.scope(Change::Update { before: before.clone(), after });
    }
    decision.update_client(context.client, client);
    decision.update_counter(counter.as_ref(), after_mail);
    let to_new = match after.membership {
        Membership::Pending(_) => {
            context.mail(actor, MailKind::Invitation, &after, mail_ids.to_new)
        }
        // The version before this one reads the kind, so it is one that it knows.
        Membership::Active(_)
        | Membership::Suspended(_)
        | Membership::Declined(_)
        | Membership::Waiting(_) => {
            context.mail(actor, MailKind::RoleChanged, &after, mail_ids.to_new).about_a_move()
        }
    };
    decision.mail(to_new);
    let to_former = context.mail(actor, MailKind::AccessTaken, person, mail_ids.to_former);
    decision.mail(to_former.addressed_to_removed(person).about_a_move());
    decision.relocate(actor, person, after.clone());
    decision.check_unchanged(change.grantor);
    Ok(Outcome { decision, answer: after })
}
