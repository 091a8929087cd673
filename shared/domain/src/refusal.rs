//! Why a command is refused. One closed list for all commands, since their codes are one closed list of the API.

use std::time::Duration;

use crate::{ids::CollaboratorId, scope::ScopeId};

/// Why something was not done, with the values that a reader needs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The scope does not exist, or the caller holds nothing on it: the two cannot be told apart.
    #[error("there is no such scope for this caller")]
    ScopeNotFound,
    /// The collaborator does not exist, or holds nothing that is seen from this scope.
    #[error("there is no such collaborator here")]
    CollaboratorNotFound,
    /// The token is wrong, replaced, revoked, or was used by another account.
    #[error("there is no such invitation")]
    InvitationNotFound,
    /// The caller sees the scope, but may not do this.
    #[error("the caller may not do this here")]
    Forbidden,
    /// Nobody edits their own role.
    #[error("nobody changes their own role")]
    OwnRole,
    /// The token is right, but belongs to somebody else's address.
    #[error("the invitation is for another address")]
    EmailMismatch,
    /// There is a grant on this very scope already.
    #[error("the collaborator has access here already")]
    AlreadyHasAccess(CollaboratorId),
    /// No seat of the contract is free.
    #[error("a seat is not free: {used} of {limit:?} are taken")]
    SeatLimitReached {
        /// How many the contract allows.
        limit: Option<u32>,
        /// How many are taken.
        used: u32,
    },
    /// An owner grant is transferred, never taken, changed or left.
    #[error("an owner grant is transferred, not changed")]
    OwnerMustTransfer,
    /// The collaborator has no invitation that could be sent again.
    #[error("the collaborator is not pending")]
    NotPending,
    /// The collaborator is not active yet.
    #[error("the collaborator is not active")]
    NotActive,
    /// One person holds at most 200 grants.
    #[error("the collaborator holds as many grants as one person may")]
    TooManyGrants,
    /// There is nothing to take here: the access comes from these scopes.
    #[error("the access is inherited")]
    InheritedAccess(Vec<ScopeId>),
    /// The token is right, but the invitation has ended.
    #[error("the invitation has expired")]
    InvitationExpired,
    /// What was decided on is no longer what there is.
    #[error("the version is not the present one")]
    StaleVersion,
    /// Whoever is not the platform names the version that the transfer was decided on.
    #[error("the version is not named")]
    VersionRequired,
    /// The client does not offer this role.
    #[error("the client does not offer this role")]
    RoleNotOffered,
    /// The role is never given in this way, or not on this kind of scope.
    #[error("the role cannot be given here")]
    RoleNotAllowedHere,
    /// The end of the access is not in the future.
    #[error("the access would end in the past")]
    InvalidExpiry,
    /// A contract begins with one seat at least: its owner sits.
    #[error("a contract begins with one seat at least")]
    InvalidSeatLimit,
    /// A field contradicts what is stored or another field.
    #[error("the field {pointer} does not fit")]
    InvalidField {
        /// Which field, as a JSON pointer.
        pointer: &'static str,
    },
    /// One invitation mail to one person a minute.
    #[error("the last mail was sent less than a minute ago")]
    ResendTooSoon {
        /// How long to wait.
        retry_after: Duration,
    },
    /// Five resends to one person a day.
    #[error("the invitation was sent as often as it may be today")]
    ResendLimit {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The client's invitations of a day.
    #[error("the client sent as many mails as it may today")]
    MailLimit {
        /// How long to wait.
        retry_after: Duration,
    },
}
