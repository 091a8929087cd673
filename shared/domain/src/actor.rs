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
        /// The OAuth client of the platform, if it made the change on behalf of the user.
        via: Option<OauthClient>,
    },
    /// The backend of the event platform. Changes that an earlier version recorded have no OAuth client.
    Platform(Option<OauthClient>),
    /// A function of this service.
    System(SystemActor),
}

/// An OAuth client of the event platform, as its tokens name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OauthClient(String);

impl OauthClient {
    /// Takes the name from a verified token or from the table.
    #[must_use]
    pub const fn new(name: String) -> Self {
        Self(name)
    }
}

as_str!(OauthClient);

/// The functions of this service that change access without a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum SystemActor {
    /// The seat audit, which also sweeps.
    AuditSeats,
    /// An erasure, which an operator requests.
    Erase,
    /// The waiting list for seats.
    WaitingList,
    /// A function that this version does not know, of the version after it.
    Unknown,
}

words!(SystemActor);
