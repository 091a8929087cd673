//! The problems of refused commands.

/// The problem of a refused command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Only where events end, which histories do not replay.
    AccessEnded,
    AlreadyHasAccess,
    CollaboratorNotFound,
    InvitationExpired,
    InvitationNotFound,
    NotActive,
    NotPending,
    OwnerMustTransfer,
    ResendLimit,
    ResendTooSoon,
    ScopeNotFound,
    SeatLimitReached,
}

impl Refusal {
    pub const ALL: [Self; 11] = [
        Self::AlreadyHasAccess,
        Self::CollaboratorNotFound,
        Self::InvitationExpired,
        Self::InvitationNotFound,
        Self::NotActive,
        Self::NotPending,
        Self::OwnerMustTransfer,
        Self::ResendLimit,
        Self::ResendTooSoon,
        Self::ScopeNotFound,
        Self::SeatLimitReached,
    ];

    /// The status and the code of the answer.
    pub const fn outcome(self) -> &'static str {
        match self {
            Self::AccessEnded => "409 access-ended",
            Self::AlreadyHasAccess => "409 already-has-access",
            Self::CollaboratorNotFound => "404 collaborator-not-found",
            Self::InvitationExpired => "410 invitation-expired",
            Self::InvitationNotFound => "404 invitation-not-found",
            Self::NotActive => "409 not-active",
            Self::NotPending => "409 not-pending",
            Self::OwnerMustTransfer => "409 owner-must-transfer",
            Self::ResendLimit => "429 resend-limit",
            Self::ResendTooSoon => "429 resend-too-soon",
            Self::ScopeNotFound => "404 scope-not-found",
            Self::SeatLimitReached => "409 seat-limit-reached",
        }
    }
}
