//! Unbinding a person from their account and inviting them again, because their address has a new account
//! (docs/domain.md#rule-14).

use crate::{
    actor::Actor,
    caller::Caller,
    collaborator::{Collaborator, Invitation, Membership, Status, Visibility},
    decision::{Decision, Outcome},
    facts::{Facts, ScopeContext},
    grantor::Grantor,
    history::{Action, AuditEvent},
    ids::MailId,
    mail::MailKind,
    mail_budget::Counted,
    mail_quota::{Addressee, MailCounter},
    precondition::Precondition,
    refusal::Refusal,
    time::Timestamp,
};

/// Decides whether `facts` allow that the target is unbound from their account; `version` is the one that the caller read,
/// and `mail_id` a new id for the invitation.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `CollaboratorNotFound`, `VersionRequired`, `StaleVersion`, `NotActive`, `ResendTooSoon`,
/// `ResendLimit`, `MailLimit`.
pub fn decide(
    facts: &Facts,
    version: Precondition,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<Collaborator>, Refusal> {
    let change = IdentityChange::permitted(facts, version, now)?;
    if change.person.status(now) != Status::Active {
        return Err(Refusal::NotActive);
    }
    let mut outcome = unbound(facts, change.context, (&change.actor, change.person), mail_id, now)?;
    outcome.decision.check_unchanged(change.grantor);
    Ok(outcome)
}

/// The decision that `person` is unbound by `actor`, who may do so, and invited again.
pub(crate) fn unbound(
    facts: &Facts,
    context: ScopeContext<'_>,
    (actor, person): (&Actor, &Collaborator),
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<Collaborator>, Refusal> {
    let mut client = context.client.clone();
    let addressee = Addressee { client: &context.client.id, collaborator: &person.id };
    let known = MailCounter::known(facts.counter.as_ref(), Some(person));
    let counter = MailCounter::resent(known.as_ref(), addressee, now)?;
    client.mails.count(Counted::Invitation, facts.cause(actor), facts.limits, now)?;
    let mut after = person.clone().advanced(now);
    after.refused_login_at = None;
    after.membership = Membership::Pending(Invitation {
        was_active: person.was_active(),
        ..Invitation::queued(mail_id.clone(), actor.clone(), client.invitation_expiry(now))
    });
    let mut decision = Decision::at(now);
    decision.update_client(context.client, client);
    decision.update_counter(facts.counter.as_ref(), counter);
    decision.mail(context.mail(actor, MailKind::Invitation, &after, mail_id));
    let event = AuditEvent::new(actor.clone(), Action::AccountUnbound);
    decision.change(event, Some(person), Some(after.clone()));
    Ok(Outcome { decision, answer: after })
}

/// A change of a person's address or account that the caller may make.
#[derive(Debug)]
pub(crate) struct IdentityChange<'a> {
    pub context: ScopeContext<'a>,
    pub actor: Actor,
    /// The person.
    pub person: &'a Collaborator,
    /// The record of a user, which must be unchanged when the decision is written; `None` for the platform.
    pub grantor: Option<&'a Collaborator>,
}

impl<'a> IdentityChange<'a> {
    /// The change of `facts.target`, on the version that the caller read.
    ///
    /// An account or address decides who can use all the access of a person. So a user must be able to give each of their
    /// grants, and can change neither their own identity nor that of an owner.
    ///
    /// # Errors
    /// `ScopeNotFound`, `Forbidden`, `CollaboratorNotFound`, `VersionRequired`, `StaleVersion`.
    pub(crate) fn permitted(
        facts: &'a Facts,
        version: Precondition,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let Grantor { context, actor, record: grantor, .. } = facts.grantor(now)?;
        let person = facts.visible_target(Visibility::PathAndBelow)?;
        if let Caller::User(user) = &facts.caller {
            let covers = user.can_give_all(person, context.client.granting, now);
            if user.id == person.id || person.is_owner() || !covers {
                return Err(Refusal::Forbidden);
            }
        }
        version.check(Some(person.version))?;
        Ok(Self { context, actor, person, grantor })
    }
}
