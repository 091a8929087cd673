//! Stored actors, and their conversion from and to the domain.

use coulisses_domain::{
    actor::{Actor, OauthClient, SystemActor},
    email::Email,
    text::Name,
};
use serde::{Deserialize, Serialize};

use super::item::{Unreadable, optional, read};

/// The author of a change.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum StoredActor {
    #[serde(rename = "person")]
    User {
        email: String,
        name: Option<String>,
        /// The OAuth client of the platform that acted on their behalf.
        via: Option<String>,
    },
    /// Its OAuth client is beside it ([`platform_client`]), because the version before this one reads nothing else here.
    Platform(bool),
    System(String),
}

impl StoredActor {
    pub(super) fn new(actor: &Actor) -> Self {
        match actor {
            Actor::User { email, name, via } => Self::User {
                email: email.original().into(),
                name: name.as_ref().map(ToString::to_string),
                via: via.as_ref().map(|client| client.as_str().into()),
            },
            Actor::Platform(_) => Self::Platform(true),
            Actor::System(system) => Self::System(system.name().into()),
        }
    }

    /// Reads the actor; `client` is what [`platform_client`] stored beside it.
    pub(super) fn into_domain(self, client: Option<String>) -> Result<Actor, Unreadable> {
        match self {
            Self::User { email, name, via } => Ok(Actor::User {
                email: read("actor.email", Email::parse(&email))?,
                name: optional("actor.name", name.as_deref(), Name::parse)?,
                via: via.map(OauthClient::new),
            }),
            Self::Platform(_) => Ok(Actor::Platform(client.map(OauthClient::new))),
            Self::System(name) => {
                Ok(Actor::System(SystemActor::parse(&name).unwrap_or(SystemActor::Unknown)))
            }
        }
    }
}

/// The OAuth client of the platform, if it is the actor, as it is stored beside the actor.
pub(super) fn platform_client(actor: &Actor) -> Option<String> {
    match actor {
        Actor::Platform(client) => client.as_ref().map(|client| client.as_str().into()),
        Actor::User { .. } | Actor::System(_) => None,
    }
}
