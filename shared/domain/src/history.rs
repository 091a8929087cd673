//! History: who did what to whom, from what to what, when, and why if said. It is append-only.

pub mod view;

use std::collections::BTreeMap;

use crate::{
    collaborator::{Collaborator, CollaboratorId, Grant, Status},
    email::Email,
    role::Role,
    scope::ScopeId,
    text::{Name, Reason},
    time::Timestamp,
};

/// Who did something, as they were then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A collaborator.
    User {
        /// The address.
        email: Email,
        /// What people call the person.
        name: Option<Name>,
    },
    /// The event platform's own backend.
    Platform,
    /// A part of this service, named like its function.
    System(SystemActor),
}

/// The parts of this service that change access by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemActor {
    /// The audit of the seats, which also sweeps what has expired.
    AuditSeats,
    /// The erasure of a person, which an operator asks for.
    Erase,
}

impl SystemActor {
    /// Every part.
    pub const ALL: [Self; 2] = [Self::AuditSeats, Self::Erase];

    /// The word of the API and of the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuditSeats => "audit-seats",
            Self::Erase => "erase",
        }
    }

    /// Reads the word of the store; `None` for an unknown one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|system| system.name() == text)
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl Action {
    /// Every action.
    pub const ALL: [Self; 13] = [
        Self::Invited,
        Self::Granted,
        Self::RoleChanged,
        Self::Resent,
        Self::Activated,
        Self::Revoked,
        Self::Left,
        Self::InvitationExpired,
        Self::AccessExpired,
        Self::OwnershipReceived,
        Self::OwnershipHandedOver,
        Self::AccountUnbound,
        Self::Erased,
    ];

    /// The word of the API and of the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Granted => "granted",
            Self::RoleChanged => "role-changed",
            Self::Resent => "resent",
            Self::Activated => "activated",
            Self::Revoked => "revoked",
            Self::Left => "left",
            Self::InvitationExpired => "invitation-expired",
            Self::AccessExpired => "access-expired",
            Self::OwnershipReceived => "ownership-received",
            Self::OwnershipHandedOver => "ownership-handed-over",
            Self::AccountUnbound => "account-unbound",
            Self::Erased => "erased",
        }
    }

    /// Reads the word of the store; `None` for an unknown one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == text)
    }
}

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
    pub collaborator: Label,
    /// What changed, by the scope on which the grant stands.
    pub changes: BTreeMap<ScopeId, BeforeAfter>,
    /// Why, if it was said.
    pub reason: Option<Reason>,
}

/// A collaborator as shown after he is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The id.
    pub id: CollaboratorId,
    /// The address.
    pub email: Email,
    /// What people call the person.
    pub name: Option<Name>,
}

/// A grant before and after a change; `None` where there was none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BeforeAfter {
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
                (scope, BeforeAfter { before: state(before, scope), after: state(after, scope) })
            })
            .filter(|(_, change)| everywhere || change.before != change.after)
            .map(|(scope, change)| (scope.clone(), change))
            .collect();
        Some(Self {
            at: now,
            actor: event.actor,
            action: event.action,
            collaborator: Label {
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
