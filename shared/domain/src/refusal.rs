//! Why a command is refused: one list for all commands (docs/decisions/0004-one-enum-of-refusals.md).

use std::time::Duration;

use crate::{
    ids::CollaboratorId,
    mail_budget::{MailBudget, SpentBudget},
    scope::ScopeId,
    time::Timestamp,
};

/// Why a command is refused, with the values for the response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The scope does not exist, or the caller has no access to it. The response does not distinguish the two.
    #[error("there is no such scope for this caller")]
    ScopeNotFound,
    /// The collaborator does not exist, or has no grant that is visible from this scope.
    #[error("there is no such collaborator here")]
    CollaboratorNotFound,
    /// The token is wrong, replaced or revoked.
    #[error("there is no such invitation")]
    InvitationNotFound,
    /// The caller can see the scope, but lacks the permission.
    #[error("the caller may not do this here")]
    Forbidden,
    /// Collaborators cannot change their own role.
    #[error("collaborators cannot change their own role")]
    OwnRole,
    /// The token is right, but belongs to another address.
    #[error("the invitation is for another address")]
    EmailMismatch,
    /// The collaborator has a grant on this scope.
    #[error("the collaborator has access here already")]
    AlreadyHasAccess(CollaboratorId),
    /// No seat is free.
    #[error("no seat is free: {used} of {limit:?} are taken")]
    SeatLimitReached {
        /// How many seats the contract allows.
        limit: Option<u32>,
        /// How many are taken.
        used: u32,
    },
    /// No seat is free, and no one more can wait for one.
    #[error("no seat is free, and the waiting list is full")]
    WaitingListFull,
    /// An owner grant is transferred, never revoked, changed or left.
    #[error("an owner grant is transferred, not changed")]
    OwnerMustTransfer,
    /// The collaborator has no invitation that can be resent.
    #[error("the collaborator is not pending")]
    NotPending,
    /// The collaborator is not active.
    #[error("the collaborator is not active")]
    NotActive,
    /// The event or community is archived, so access to it is neither given nor changed.
    #[error("the scope is archived")]
    ScopeArchived,
    /// The team of a scope is copied to another scope of its level and client, below the client.
    #[error("the two scopes are not of one level and client")]
    NotCopyable,
    /// Only events and communities are archived.
    #[error("only events and communities are archived")]
    NotArchivable,
    /// Access to the event or community has ended, so a grant that ends with it would give nothing.
    #[error("access to the scope ended at {ended_at}")]
    AccessEnded {
        /// When.
        ended_at: Timestamp,
    },
    /// A collaborator has at most 200 grants.
    #[error("the collaborator has the maximum number of grants")]
    TooManyGrants,
    /// There is no grant to revoke here: the access comes from these scopes.
    #[error("the access is inherited")]
    InheritedAccess(Vec<ScopeId>),
    /// The token is right, but the invitation has expired. It can be sent again.
    #[error("the invitation has expired")]
    InvitationExpired,
    /// The token is right, but all the access of the invitation has ended. Only a new invitation helps.
    #[error("the access of the invitation has ended")]
    InvitationEnded,
    /// The token is right, and the invitation was accepted.
    #[error("the invitation was accepted")]
    InvitationUsed,
    /// The caller read an older version.
    #[error("the version is not the current one")]
    StaleVersion,
    /// The invitation has not expired, so its link can be used.
    #[error("the invitation is still valid")]
    InvitationStillValid,
    /// A user must name the version of the scope to transfer it.
    #[error("the version is missing")]
    VersionRequired,
    /// The user must have logged in at most this long ago.
    #[error("the user logged in too long ago")]
    FreshLoginRequired {
        /// The age that a login may have.
        max_age: Duration,
    },
    /// Neither the catalogue nor the client has this role.
    #[error("there is no such role")]
    UnknownRole,
    /// The client would offer a role that neither the catalogue nor the client has.
    #[error("an offered role is unknown")]
    UnknownOfferedRole,
    /// The client defines no such role.
    #[error("the client defines no such role")]
    RoleNotFound,
    /// The key is that of a role of the catalogue.
    #[error("the catalogue has a role of this key")]
    RoleExists,
    /// The client defines as many roles as it can.
    #[error("the client defines the maximum number of roles")]
    TooManyRoles,
    /// Someone holds the role.
    #[error("{holders} collaborators hold the role")]
    RoleInUse {
        /// How many.
        holders: usize,
        /// The first of them, [`Refusal::MOST_HOLDERS`] at most.
        some: Vec<CollaboratorId>,
    },
    /// The client does not offer this role.
    #[error("the client does not offer this role")]
    RoleNotOffered,
    /// The role is never granted this way, or not at this level.
    #[error("the role cannot be granted here")]
    RoleNotAllowedHere,
    /// Audiences and communities have no owner of their own.
    #[error("the scope has no owner")]
    NoOwnerHere,
    /// What refuses one of the grants of a person who is imported.
    #[error("grant {index}: {refusal}")]
    InGrant {
        /// The position of the grant.
        index: usize,
        /// Why it is refused.
        refusal: Box<Refusal>,
    },
    /// Several fields are wrong.
    #[error("several fields are wrong")]
    Several(Vec<Refusal>),
    /// The end of the access is not in the future.
    #[error("the access would end in the past")]
    InvalidExpiry,
    /// A new client needs a seat for its owner.
    #[error("a new client needs at least one seat")]
    InvalidSeatLimit,
    /// A field contradicts the stored record or another field.
    #[error("the field {pointer} does not fit")]
    InvalidField {
        /// The field, as a JSON pointer.
        pointer: &'static str,
    },
    /// An announcement to some of the people at a scope, when none of them is there.
    #[error("no one would receive the announcement")]
    NoRecipients,
    /// One invitation mail to a collaborator a minute.
    #[error("the last mail was sent less than a minute ago")]
    ResendTooSoon {
        /// How long to wait.
        retry_after: Duration,
    },
    /// A person who declined is invited again a day later at the earliest.
    #[error("the person declined less than a day ago")]
    DeclinedToday {
        /// How long to wait.
        retry_after: Duration,
    },
    /// Five resends to a collaborator a day.
    #[error("the invitation was resent as often as a day allows")]
    ResendLimit {
        /// How long to wait.
        retry_after: Duration,
    },
    /// A budget of mails for today.
    #[error("as many mails were sent as a day allows")]
    MailLimit {
        /// The budget that is spent.
        budget: MailBudget,
        /// How long to wait.
        retry_after: Duration,
    },
}

impl From<SpentBudget> for Refusal {
    fn from(SpentBudget { budget, retry_after }: SpentBudget) -> Self {
        Self::MailLimit { budget, retry_after }
    }
}

impl Refusal {
    /// The most holders of a role that a refusal names.
    pub const MOST_HOLDERS: usize = 10;

    /// Whether the refusal comes before the rest of the request is looked at: what the caller may see and do, and whether
    /// they named a version.
    #[must_use]
    pub const fn precedes_the_request(&self) -> bool {
        matches!(self, Self::ScopeNotFound | Self::Forbidden | Self::VersionRequired)
    }
}
