//! Who made a change, as the history names them.

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{email::Email, text::Name};

/// Who made a change, with the address and name of that time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A user.
    User {
        /// The address.
        email: Email,
        /// The name.
        name: Option<Name>,
    },
    /// The backend of the event platform.
    Platform,
    /// A function of this service.
    System(SystemActor),
}

/// The functions of this service that change access without a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum SystemActor {
    /// The seat audit, which also sweeps.
    AuditSeats,
    /// An erasure, which an operator requests.
    Erase,
    /// A function that this version does not know, of the version after it.
    Unknown,
}

words!(SystemActor);
