//! Who made a change, as the history names them.

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{email::Email, text::Name};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum SystemActor {
    /// The audit of the seats, which also sweeps what has expired.
    AuditSeats,
    /// The erasure of a person, which an operator asks for.
    Erase,
}

words!(SystemActor);
