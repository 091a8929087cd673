//! The events of a client, in the order of its history: what the event bus carries, to be read again.

use std::time::Duration;

use super::{Action, view::EntryId};
use crate::{caller::Caller, facts::Facts, refusal::Refusal, time::Timestamp};

/// How long the feed holds an entry back. The id of an entry begins with the time of its decision, and the entry becomes
/// visible later: a request writes for 28 seconds at most. The rest is for clocks that differ.
pub const HELD_BACK: Duration = Duration::from_secs(40);

/// The feed of one client, for a caller who may read it. Only [`open`] makes one.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Only entries before this one can be read. No entry becomes visible before it any more.
    pub until: EntryId,
}

/// Opens the feed of the client of `facts`.
///
/// # Errors
/// For a user: `ScopeNotFound`, `Forbidden`. `ScopeNotFound` if there is no such client.
pub fn open(facts: &Facts, now: Timestamp) -> Result<Feed, Refusal> {
    facts.viewer(now)?;
    match facts.caller {
        Caller::Platform(_) => Ok(Feed { until: EntryId::before(now.before(HELD_BACK)) }),
        Caller::User(_) => Err(Refusal::Forbidden),
    }
}

impl Action {
    /// The type of the event about such a change, such as `collaborator.role-changed`.
    #[must_use]
    pub fn event_type(self) -> String {
        let name = self.name();
        match self {
            Self::OwnershipReceived
            | Self::OwnershipHandedOver
            | Self::ScopeArchived
            | Self::ScopeUnarchived => name.replacen('-', ".", 1),
            Self::RoleDefined
            | Self::RoleEdited
            | Self::RoleDeleted
            | Self::WaitingListReordered => format!("client.{name}"),
            Self::Invited
            | Self::Granted
            | Self::RoleChanged
            | Self::Resent
            | Self::Activated
            | Self::Revoked
            | Self::Left
            | Self::InvitationExpired
            | Self::AccessExpired
            | Self::Imported
            | Self::Suspended
            | Self::Restored
            | Self::AccountUnbound
            | Self::EmailChanged
            | Self::Erased
            | Self::Copied
            | Self::Declined
            | Self::Waiting
            | Self::SeatPassed
            | Self::Unknown => format!("collaborator.{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_of_an_event_is_the_action_below_what_it_is_about() {
        for (action, name) in [
            (Action::Invited, "collaborator.invited"),
            (Action::RoleChanged, "collaborator.role-changed"),
            (Action::OwnershipReceived, "ownership.received"),
            (Action::OwnershipHandedOver, "ownership.handed-over"),
            (Action::RoleDefined, "client.role-defined"),
            (Action::ScopeArchived, "scope.archived"),
        ] {
            assert_eq!(action.event_type(), name);
        }
    }
}
