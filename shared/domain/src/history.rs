//! The history, which is the audit log: who changed whose access, from what to what, when and why. It is append-only.

pub mod feed;
pub mod view;

use std::collections::BTreeMap;

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{
    actor::Actor,
    client::Seats,
    collaborator::{Collaborator, Status},
    email::Email,
    ids::CollaboratorId,
    named_role::{LocalizedText, RoleDefinition},
    permission::PermissionSet,
    role::{Role, RoleKey},
    scope::{Levels, ScopeId},
    text::{Name, Reason},
    time::{Timestamp, Version},
};

/// The kind of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Action {
    /// A new or expired collaborator was invited.
    Invited,
    /// A present collaborator got one more grant.
    Granted,
    /// A role, or the end of a grant, was changed.
    RoleChanged,
    /// The invitation was sent again.
    Resent,
    /// The invitation was accepted, or the first login recorded.
    Activated,
    /// Access was revoked by someone else.
    Revoked,
    /// The collaborator left.
    Left,
    /// The invitation expired and released its seat.
    InvitationExpired,
    /// Grants ended. The last one released the seat.
    AccessExpired,
    /// The collaborator became the owner.
    OwnershipReceived,
    /// The collaborator is not the owner any more.
    OwnershipHandedOver,
    /// The platform imported the collaborator, or some of their grants.
    Imported,
    /// The collaborator was suspended.
    Suspended,
    /// The suspension ended.
    Restored,
    /// A person was unbound from their account and invited again.
    AccountUnbound,
    /// The person moved to a new address. There is an entry under each of the two.
    EmailChanged,
    /// The person was erased, with all their access.
    Erased,
    /// The client defined a role.
    RoleDefined,
    /// The client changed a role that it defines.
    RoleEdited,
    /// The client deleted a role that it defined.
    RoleDeleted,
    /// The event or community was archived.
    ScopeArchived,
    /// The event or community was taken out of the archive.
    ScopeUnarchived,
    /// The collaborator got the role that they have, or had, on another scope.
    Copied,
    /// The recipient declined the invitation, which released its seat.
    Declined,
    /// No seat was free, so the collaborator waits for one.
    Waiting,
    /// A collaborator who waited got a seat.
    SeatPassed,
    /// The people who wait for a seat were put in another order.
    WaitingListReordered,
    /// A change that this version does not know, written by the version after it.
    Unknown,
}

words!(Action);

/// One change of one collaborator, of one role that the client defines, or of one event or community. The store adds an id that sorts by time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The time.
    pub at: Timestamp,
    /// Who made the change.
    pub actor: Actor,
    /// The kind of the change.
    pub action: Action,
    /// Whose access changed; `None` for a change of a role that the client defines, or of a scope.
    pub collaborator: Option<CollaboratorLabel>,
    /// The role that was changed.
    pub role: Option<RoleChange>,
    /// The event or community that was archived, or taken out of the archive.
    pub scope: Option<ScopeId>,
    /// The scope whose team was copied.
    pub source: Option<ScopeId>,
    /// The grants before and after, by their scope.
    pub changes: BTreeMap<ScopeId, GrantChange>,
    /// The reason, if one was given.
    pub reason: Option<Reason>,
    /// The other id of a person who moved to a new address.
    pub moved: Option<Moved>,
    /// The version of the collaborator after the change, or the next one if their record was removed. `None` for a change
    /// of a role or a scope, and in an entry that an earlier version wrote.
    pub version: Option<Version>,
    /// The seats of the client after the change. `None` if it was decided without them, as an activation is, and in an
    /// entry that an earlier version wrote.
    pub seats: Option<SeatCount>,
}

/// The seats of a client right after a change, as the decision counted them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatCount {
    /// How many collaborators the contract allows; `None` is unlimited.
    pub limit: Option<u32>,
    /// How many seats are taken. Two concurrent changes can each count without the other.
    pub used: u32,
}

impl From<Seats> for SeatCount {
    fn from(Seats { limit, used, .. }: Seats) -> Self {
        Self { limit, used }
    }
}

/// A role that the client defines, before and after a change; `None` if there was none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleChange {
    /// The key.
    pub key: RoleKey,
    /// Before.
    pub before: Option<RoleState>,
    /// After.
    pub after: Option<RoleState>,
}

/// What the history stores of a role that the client defines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleState {
    /// The name.
    pub name: LocalizedText<Name>,
    /// The permissions.
    pub permissions: PermissionSet,
    /// Where it could be given.
    pub levels: Levels,
}

impl From<&RoleDefinition> for RoleState {
    fn from(role: &RoleDefinition) -> Self {
        let permissions = role.permissions.permissions();
        Self { name: role.name.clone(), permissions, levels: role.levels }
    }
}

/// The other id of a person who moved to a new address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved {
    /// The id of the new address.
    To(CollaboratorId),
    /// The id of the former address.
    From(CollaboratorId),
}

/// A collaborator as the history shows them, even after their record is deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollaboratorLabel {
    /// The id.
    pub id: CollaboratorId,
    /// The address.
    pub email: Email,
    /// The name.
    pub name: Option<Name>,
}

/// A grant before and after a change; `None` if there was none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantChange {
    /// Before.
    pub before: Option<GrantState>,
    /// After.
    pub after: Option<GrantState>,
}

/// What the history stores of a grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantState {
    /// The role, with its permissions.
    pub role: Role,
    /// The status: of its collaborator, or expired if the grant has ended. `None` if this version does not know it.
    pub status: Option<Status>,
    /// Its own end.
    pub expires_at: Option<Timestamp>,
    /// Whether it does not end with its event.
    pub outlives_event: bool,
}

/// The part of an entry that does not follow from the records.
#[derive(Clone, Debug)]
pub(crate) struct AuditEvent {
    pub actor: Actor,
    pub action: Action,
    pub reason: Option<Reason>,
}

impl AuditEvent {
    /// An event without a reason.
    pub(crate) const fn new(actor: Actor, action: Action) -> Self {
        Self { actor, action, reason: None }
    }
}

impl Entry {
    /// Whether the actor changed their own access.
    #[must_use]
    pub fn is_own(&self) -> bool {
        let about = self.collaborator.as_ref().map(|label| &label.email);
        matches!(&self.actor, Actor::User { email, .. } if Some(email) == about)
    }

    /// The entry for the difference between two states of a collaborator; `None` if neither exists.
    ///
    /// A change of the invitation or the account, and a suspension, shows at every scope where the collaborator has a
    /// grant. Every other change shows only where it took place.
    pub(crate) fn of(
        event: AuditEvent,
        before: Option<&Collaborator>,
        after: Option<&Collaborator>,
        now: Timestamp,
    ) -> Option<Self> {
        let AuditEvent { actor, action, reason } = event;
        let Collaborator { id, email, name, .. } = after.or(before)?.clone();
        let everywhere = matches!(
            action,
            Action::Resent
                | Action::InvitationExpired
                | Action::AccountUnbound
                | Action::Suspended
                | Action::Restored
                | Action::SeatPassed
        );
        let state = |collaborator: Option<&Collaborator>, scope: &ScopeId| {
            let collaborator = collaborator?;
            let grant = collaborator.grants.get(scope)?;
            let is_live = grant.is_live(now);
            let status = if is_live { collaborator.status(now) } else { Status::Expired };
            Some(GrantState {
                role: grant.role,
                status: Some(status),
                expires_at: grant.expires_at,
                outlives_event: grant.outlives_event,
            })
        };
        let grants = before.iter().chain(after.iter()).map(|collaborator| &collaborator.grants);
        let changes = grants
            .flat_map(BTreeMap::keys)
            .map(|scope| {
                let (before, after) = (state(before, scope), state(after, scope));
                (scope.clone(), GrantChange { before, after })
            })
            .filter(|(_, change)| everywhere || change.before != change.after)
            .collect();
        let collaborator = Some(CollaboratorLabel { id, email, name });
        // Entries of one collaborator are in the order of the versions, whatever the clocks of their writers.
        let at = after.map(|after| after.changed_at);
        let at = at.or_else(|| before.map(|before| before.next_change(now)))?.max(now);
        let version = after.map(|after| after.version);
        let version = version.or_else(|| before.map(|before| before.version.successor()));
        Some(Self {
            at,
            collaborator,
            changes,
            reason,
            version,
            ..Self::of_no_one(actor, action, now)
        })
    }

    /// The entry for a change of a role that the client defines. It shows at the client.
    pub(crate) fn of_role(actor: Actor, action: Action, role: RoleChange, now: Timestamp) -> Self {
        Self { role: Some(role), ..Self::of_no_one(actor, action, now) }
    }

    /// The entry for a change of an event or a community. It shows there and above.
    pub(crate) fn of_scope(actor: Actor, action: Action, scope: ScopeId, now: Timestamp) -> Self {
        Self { scope: Some(scope), ..Self::of_no_one(actor, action, now) }
    }

    const fn of_no_one(actor: Actor, action: Action, now: Timestamp) -> Self {
        Self {
            at: now,
            actor,
            action,
            collaborator: None,
            role: None,
            scope: None,
            source: None,
            changes: BTreeMap::new(),
            reason: None,
            moved: None,
            version: None,
            seats: None,
        }
    }
}
