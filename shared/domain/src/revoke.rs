//! Revoking access at a scope, or at it and below. Revoking one's own access is leaving.

use std::collections::BTreeMap;

use crate::{
    collaborator::{Collaborator, Grant, Membership, Visibility},
    decision::{Decision, Outcome},
    facts::Facts,
    grantor::Grantor,
    history::{Action, AuditEvent},
    ids::MailId,
    mail::MailKind,
    precondition::Precondition,
    refusal::Refusal,
    role::RoleName,
    scope::ScopeId,
    text::Reason,
    time::Timestamp,
};

/// The access to revoke.
#[derive(Clone, Debug)]
pub struct RevokeCommand {
    /// The grant on the scope only, or those below it too.
    pub extent: Extent,
    /// The version that the caller read; bulk revocations need none.
    pub version: Precondition,
    /// The reason for the history.
    pub reason: Option<Reason>,
}

/// How far down access is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The grant on this scope.
    Here,
    /// The grants on this scope and everything below it, for a person who leaves.
    HereAndBelow,
}

/// The response to a revocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// The collaborator before it.
    pub before: Collaborator,
    /// The revoked grants.
    pub removed: BTreeMap<ScopeId, Grant>,
    /// The grants that still give access at this scope.
    pub residual: BTreeMap<ScopeId, Grant>,
    /// Whether the last grant was revoked, which releases the seat; `None` for callers who do not see the client.
    pub seat_released: Option<bool>,
}

/// Decides whether `facts` allow this revocation; `mail_id` is a new id for the mail.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `CollaboratorNotFound`, `StaleVersion`, `InheritedAccess`, `OwnerMustTransfer`.
pub fn decide(
    facts: &Facts,
    command: &RevokeCommand,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<Revoked>, Refusal> {
    let viewer = facts.viewer(now)?;
    let context = viewer.context;
    let visibility = match command.extent {
        Extent::Here => Visibility::Path,
        Extent::HereAndBelow => Visibility::PathAndBelow,
    };
    // Support sees the scope, but no one leaves where their own access gives nothing.
    let own = facts.caller.own_permissions(context.at, context.client.granting, now);
    let leaves =
        !own.is_empty() && facts.target.as_ref().is_some_and(|target| facts.caller.is(&target.id));
    let grantor = if leaves { None } else { Some(facts.grantor(now)?) };
    let target = facts.visible_target(visibility)?;
    command.version.check(Some(target.version))?;
    let is_removed = |scope: &ScopeId| match command.extent {
        Extent::Here => scope == context.at,
        Extent::HereAndBelow => context.at.reaches(scope),
    };
    let (removed, kept): (BTreeMap<_, _>, BTreeMap<_, _>) =
        target.grants.clone().into_iter().partition(|(scope, _)| is_removed(scope));
    if removed.is_empty() {
        let inherited = target.grants_visible_from(context.at, Visibility::Path);
        let sources = inherited.map(|(scope, _)| scope.clone());
        return Err(Refusal::InheritedAccess(sources.collect()));
    }
    removed.values().try_for_each(|grant| check_can_revoke(grantor.as_ref(), grant))?;

    let mut decision = Decision::at(now);
    let mut client = context.client.clone();
    let after = (!kept.is_empty())
        .then(|| Collaborator { grants: kept.clone(), ..target.clone().advanced(now) });
    let seat_released = after.is_none() && target.seat;
    client.return_seats(u32::from(seat_released));
    if after.is_none() {
        client.leave_list(&target.id);
    }
    decision.update_client(context.client, client);
    let actor = facts.caller.actor();
    // A pending collaborator never had this access, and one who leaves needs no mail.
    if !leaves && matches!(target.membership, Membership::Active(_)) {
        let mail = context.mail(&actor, MailKind::AccessTaken, target, mail_id);
        let mail = mail.addressed_to_removed(target).about_revoked(&removed);
        decision.notify(facts.counter.as_ref(), target, mail);
    }
    if after.is_none() {
        decision.keep_counter(facts.counter.as_ref(), target);
    }
    let action = if leaves { Action::Left } else { Action::Revoked };
    decision.change(
        AuditEvent { actor, action, reason: command.reason.clone() },
        Some(target),
        after,
    );
    decision.check_unchanged(viewer.record);

    let gives_access =
        |(scope, grant): &(ScopeId, Grant)| scope.reaches(context.at) && grant.is_live(now);
    let residual = kept.into_iter().filter(gives_access).collect();
    // Whether access elsewhere remains is visible only from the client, and to the collaborator.
    let client = context.client;
    let at_client = facts.caller.permissions(&client.scope(), client.granting, now);
    let seat_released = (leaves || !at_client.is_empty()).then_some(seat_released);
    let answer = Revoked { before: target.clone(), removed, residual, seat_released };
    Ok(Outcome { decision, answer })
}

/// Every collaborator except an owner can leave; to revoke the access of others, a grantor must have its permissions
/// (docs/domain.md#rule-4).
fn check_can_revoke(grantor: Option<&Grantor<'_>>, grant: &Grant) -> Result<(), Refusal> {
    match grantor {
        Some(grantor) => grantor.check_can_revoke(grant.role),
        None if grant.role.name() == RoleName::Owner => Err(Refusal::OwnerMustTransfer),
        None => Ok(()),
    }
}
