//! Taking access at a scope, or at it and below; leaving is taking one's own.

use std::collections::BTreeMap;

use crate::{
    actor::Actor,
    collaborator::{Collaborator, Grant, Membership, Visibility},
    decision::{Change, Decision, Outcome},
    facts::{Facts, Grantor, ScopeContext},
    history::{Action, AuditEvent, Entry},
    ids::MailId,
    mail::MailKind,
    refusal::Refusal,
    role::RoleName,
    scope::ScopeId,
    text::Reason,
    time::{Timestamp, Version},
};

/// What is to be taken.
#[derive(Clone, Debug)]
pub struct RevokeCommand {
    /// The grant on the scope alone, or all those further down too.
    pub extent: Extent,
    /// The version that this was decided on; bulk revocations name none.
    pub version: Option<Version>,
    /// Why.
    pub reason: Option<Reason>,
}

/// How far down access is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The grant on this scope.
    Here,
    /// The grant on this scope and all under it: one call for somebody who leaves.
    HereAndBelow,
}

/// What was taken, and what remains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// The collaborator as he was.
    pub before: Collaborator,
    /// The grants taken.
    pub removed: BTreeMap<ScopeId, Grant>,
    /// The grants that still give access at this scope.
    pub residual: BTreeMap<ScopeId, Grant>,
    /// Whether the last grant went, and the seat with it.
    pub seat_released: bool,
}

/// Decides whether `facts` allow taking this at `now`; `mail_id` is a fresh id for the mail.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `CollaboratorNotFound`, `StaleVersion`, `InheritedAccess`, `OwnerMustTransfer`.
pub fn decide(
    facts: &Facts,
    command: &RevokeCommand,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<Revoked>, Refusal> {
    let (context, collaborator, record) = facts.viewer(now)?;
    let visibility = match command.extent {
        Extent::Here => Visibility::Path,
        Extent::HereAndBelow => Visibility::PathAndBelow,
    };
    let leaves = facts.target.as_ref().is_some_and(|target| target.id == record.id);
    let grantor = if leaves { None } else { Some(facts.grantor(now)?) };
    let target = facts.visible_target(visibility)?;
    if command.version.is_some_and(|version| version != target.version) {
        return Err(Refusal::StaleVersion);
    }
    let (removed, kept) = split(target, &context, command.extent);
    if removed.is_empty() {
        let sources = target
            .grants_visible_from(context.at, Visibility::Path)
            .map(|(scope, _)| scope.clone());
        return Err(Refusal::InheritedAccess(sources.collect()));
    }
    removed.values().try_for_each(|grant| may_take(grantor.as_ref(), grant))?;
    let approved = ApprovedRevocation {
        context,
        actor: collaborator.actor(),
        by: record,
        reason: command.reason.clone(),
        mail_id,
        now,
    };
    Ok(approved.take(target, removed, kept, leaves))
}

/// Anybody but an owner may leave; what others take is included in what they hold (rules 3, 4 and 5).
fn may_take(grantor: Option<&Grantor<'_>>, grant: &Grant) -> Result<(), Refusal> {
    match grantor {
        Some(grantor) => grantor.may_take(grant.role),
        None if grant.role.name() == RoleName::Owner => Err(Refusal::OwnerMustTransfer),
        None => Ok(()),
    }
}

fn split(
    target: &Collaborator,
    context: &ScopeContext<'_>,
    extent: Extent,
) -> (BTreeMap<ScopeId, Grant>, BTreeMap<ScopeId, Grant>) {
    target.grants.clone().into_iter().partition(|(scope, _)| match extent {
        Extent::Here => scope == context.at,
        Extent::HereAndBelow => context.at.reaches(scope),
    })
}

/// A taking in the making, once it is clear that it may be.
struct ApprovedRevocation<'a> {
    context: ScopeContext<'a>,
    actor: Actor,
    by: &'a Collaborator,
    reason: Option<Reason>,
    mail_id: MailId,
    now: Timestamp,
}

impl ApprovedRevocation<'_> {
    fn take(
        self,
        target: &Collaborator,
        removed: BTreeMap<ScopeId, Grant>,
        kept: BTreeMap<ScopeId, Grant>,
        leaves: bool,
    ) -> Outcome<Revoked> {
        let mut decision = Decision::at(self.now);
        let mut client = self.context.client.clone();
        let after = (!kept.is_empty())
            .then(|| Collaborator { grants: kept.clone(), ..target.clone().advanced(self.now) });
        let seat_released = after.is_none() && target.seat;
        client.return_seats(u32::from(seat_released));
        decision.update_client(self.context.client, client);

        let action = if leaves { Action::Left } else { Action::Revoked };
        let event = AuditEvent { actor: self.actor.clone(), action, reason: self.reason };
        decision.record(Entry::of(event, Some(target), after.as_ref(), self.now));
        // Somebody pending never had this access, and whoever leaves knows it.
        if !leaves && matches!(target.membership, Membership::Active(_)) {
            let mail_context = self.context.mail_context(&self.actor);
            decision.mail(
                mail_context.mail(MailKind::AccessTaken, target, self.mail_id).to_removed(target),
            );
        }
        decision.collaborator(match after {
            None => Change::Delete(target.clone()),
            Some(after) => Change::Update { before: target.clone(), after },
        });
        decision.check_unchanged(Some(self.by));
        let gives_access = |(scope, grant): &(ScopeId, Grant)| {
            scope.reaches(self.context.at) && grant.is_live(self.now)
        };
        let residual = kept.into_iter().filter(gives_access).collect();
        Outcome {
            decision,
            answer: Revoked { before: target.clone(), removed, residual, seat_released },
        }
    }
}
