//! History: who did what to whom, from what to what, when, and why if said. It is append-only.

pub mod view;

use std::collections::BTreeMap;

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{
    actor::Actor,
    collaborator::{Collaborator, Grant, Status},
    email::Email,
    ids::CollaboratorId,
    role::Role,
    scope::ScopeId,
    text::{Name, Reason},
    time::Timestamp,
};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Action {
    /// Somebody new was invited, or somebody expired anew.
    Invited,
    /// Somebody who was there already got one more grant.
    Granted,
    /// A role, or the end of a grant, was changed.
    RoleChanged,
    /// The invitation was sent again.
    Resent,
    /// The invitation was accepted, or the first login recorded.
    Activated,
    /// Access was taken by somebody else.
    Revoked,
    /// Somebody gave back access of their own.
    Left,
    /// The invitation ended, and gave its seat back.
    InvitationExpired,
    /// Grants ended; with the last one went the seat.
    AccessExpired,
    /// Ownership was received.
    OwnershipReceived,
    /// Ownership was handed over.
    OwnershipHandedOver,
    /// The account of an owner was unbound, and the owner invited again.
    AccountUnbound,
    /// The person was erased, and all access with them.
    Erased,
}

words!(Action);

/// One change of one collaborator. The store adds the id, which sorts by time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub action: Action,
    /// To whom: the label stays readable after the collaborator is gone.
    pub collaborator: CollaboratorLabel,
    /// What changed, by the scope on which the grant stands.
    pub changes: BTreeMap<ScopeId, GrantChange>,
    /// Why, if it was said.
    pub reason: Option<Reason>,
}

/// A collaborator as shown after he is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollaboratorLabel {
    /// The id.
    pub id: CollaboratorId,
    /// The address.
    pub email: Email,
    /// What people call the person.
    pub name: Option<Name>,
}

/// A grant before and after a change; `None` where there was none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantChange {
    /// What it was.
    pub before: Option<GrantState>,
    /// What it is.
    pub after: Option<GrantState>,
}

/// What the history keeps of a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantState {
    /// The role with what it holds.
    pub role: Role,
    /// Whether its holder was pending, active or expired.
    pub status: Status,
    /// When it ends by itself, if it does.
    pub expires_at: Option<Timestamp>,
}

/// What was done by whom and why, the part of an entry that is not derived from the records.
#[derive(Clone, Debug)]
pub(crate) struct AuditEvent {
    /// Who did it.
    pub actor: Actor,
    /// What was done.
    pub action: Action,
    /// Why, if it was said.
    pub reason: Option<Reason>,
}

impl AuditEvent {
    /// Something done without a reason given.
    pub(crate) const fn new(actor: Actor, action: Action) -> Self {
        Self { actor, action, reason: None }
    }
}

impl Entry {
    /// Writes down the difference between two states of one collaborator, at least one of which exists.
    ///
    /// A change of standing shows at every scope where the person holds a grant; any other one only where it took place.
    pub(crate) fn of(
        event: AuditEvent,
        before: Option<&Collaborator>,
        after: Option<&Collaborator>,
        now: Timestamp,
    ) -> Option<Self> {
        let collaborator = after.or(before)?;
        let state = |collaborator: Option<&Collaborator>, scope: &ScopeId| {
            collaborator
                .and_then(|collaborator| Some((collaborator, collaborator.grants.get(scope)?)))
                .map(|(collaborator, grant)| GrantState {
                    role: grant.role,
                    status: shown_status(collaborator, grant, now),
                    expires_at: grant.expires_at,
                })
        };
        let everywhere = matches!(
            event.action,
            Action::Resent | Action::InvitationExpired | Action::AccountUnbound
        );
        let scopes =
            before.iter().chain(after.iter()).flat_map(|collaborator| collaborator.grants.keys());
        let changes = scopes
            .map(|scope| {
                (scope, GrantChange { before: state(before, scope), after: state(after, scope) })
            })
            .filter(|(_, change)| everywhere || change.before != change.after)
            .map(|(scope, change)| (scope.clone(), change))
            .collect();
        Some(Self {
            at: now,
            actor: event.actor,
            action: event.action,
            collaborator: CollaboratorLabel {
                id: collaborator.id.clone(),
                email: collaborator.email.clone(),
                name: collaborator.name.clone(),
            },
            changes,
            reason: event.reason,
        })
    }
}

/// A grant that has ended shows as expired, whatever its holder is.
fn shown_status(collaborator: &Collaborator, grant: &Grant, now: Timestamp) -> Status {
    if grant.is_live(now) { collaborator.status(now) } else { Status::Expired }
}
