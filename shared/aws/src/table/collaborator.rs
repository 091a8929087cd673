//! Stored collaborators and grants, and their conversion from and to the domain.

use std::collections::BTreeMap;

use coulisses_domain::{
    actor::{Actor, OauthClient, SystemActor},
    collaborator::{Account, Binding, Collaborator, Former, Grant, Invitation, Membership},
    delivery::Delivery,
    email::Email,
    ids::{CollaboratorId, MailId},
    locale::Locale,
    role::{NamedRole, Role, RoleKey, RoleName},
    scope::{ClientId, Level, ScopeId},
    text::Name,
    time::{Timestamp, Version},
    token::TokenHash,
};
use serde::{Deserialize, Serialize};

use super::item::{Unreadable, known, known_permissions, optional, permission_names, read};

/// A collaborator: pending if they have an `invitation`, active if they have an `account`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredCollaborator {
    pub v: u8,
    pub email: String,
    pub name: Option<String>,
    pub locale: Option<String>,
    pub invitation: Option<StoredInvitation>,
    pub account: Option<StoredAccount>,
    /// What a suspended collaborator was. Their `invitation` is then [`StoredInvitation::of_no_one`].
    pub suspended: Option<StoredFormer>,
    pub seat: bool,
    pub last_login_at: Option<i64>,
    pub refused_login_at: Option<i64>,
    pub grants: BTreeMap<String, StoredGrant>,
    pub version: i64,
    pub changed_at: Option<i64>,
    pub ttl: Option<i64>,
}

/// What a suspended collaborator was.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredFormer {
    pub invitation: Option<StoredInvitation>,
    pub account: Option<StoredAccount>,
}

/// An invitation.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredInvitation {
    #[serde(rename = "sending")]
    pub mail_id: String,
    pub token_hash: Option<String>,
    pub by: StoredActor,
    pub sent_at: Option<i64>,
    pub expires_at: i64,
    pub delivery: String,
    pub suppressed: Option<bool>,
    pub was_active: Option<bool>,
}

/// The account of an active collaborator; `accepted` is the hash of the link that they accepted.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredAccount {
    pub iss: String,
    pub sub: String,
    pub accepted: Option<String>,
    pub mailed_at: Option<i64>,
}

/// A grant.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredGrant {
    pub level: String,
    pub role: String,
    /// The number of a role that the client defines.
    pub made: Option<u32>,
    /// Those chosen for a custom role.
    pub permissions: Option<Vec<String>>,
    pub by: StoredActor,
    pub by_client: Option<String>,
    pub at: i64,
    pub expires_at: Option<i64>,
    pub outlives_event: Option<bool>,
}

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

/// The permissions chosen for a custom role, as they are stored. Those of a client's own role are in its item.
pub(super) fn chosen_permissions(role: Role) -> Option<Vec<String>> {
    (role.name() == RoleName::Custom).then(|| permission_names(role.permissions()))
}

/// The permissions of a role when a history entry is written.
pub(super) fn permissions_then(role: Role) -> Option<Vec<String>> {
    role.own_permissions().map(permission_names)
}

/// The number of a role that the client defines.
pub(super) fn made(role: Role) -> Option<u32> {
    if let Role::Named(role) = role { Some(role.made) } else { None }
}

/// A stored role. Unknown names give nothing: a role of the version after this one, or single permissions of a custom one.
pub(super) fn role(name: &str, made: Option<u32>, permissions: Option<&[String]>) -> Role {
    let permissions = permissions.map(known_permissions);
    if let Some(made) = made {
        let stored = RoleKey::parse(name).map(|key| NamedRole::stored(key, made));
        return stored.map_or(Role::Unknown, |role| {
            Role::Named(NamedRole { permissions: permissions.unwrap_or_default(), ..role })
        });
    }
    let name = RoleName::of_catalogue(name).unwrap_or(RoleName::Unknown);
    Role::new(name, permissions).unwrap_or(Role::Unknown)
}

impl From<&Collaborator> for StoredCollaborator {
    fn from(collaborator: &Collaborator) -> Self {
        let (invitation, account, suspended) = match &collaborator.membership {
            Membership::Pending(invitation) => {
                (Some(StoredInvitation::new(invitation)), None, None)
            }
            Membership::Active(binding) => (None, Some(StoredAccount::new(binding)), None),
            Membership::Suspended(former) => {
                (Some(StoredInvitation::of_no_one()), None, Some(StoredFormer::new(former)))
            }
        };
        Self {
            v: 1,
            email: collaborator.email.original().into(),
            name: collaborator.name.as_ref().map(ToString::to_string),
            locale: collaborator.locale.map(|locale| locale.name().into()),
            invitation,
            account,
            suspended,
            seat: collaborator.seat,
            last_login_at: collaborator.last_login_at.map(Timestamp::millis),
            refused_login_at: collaborator.refused_login_at.map(Timestamp::millis),
            grants: collaborator
                .grants
                .iter()
                .map(|(scope, grant)| (scope.to_string(), StoredGrant::new(grant)))
                .collect(),
            version: collaborator.version.number(),
            changed_at: Some(collaborator.changed_at.millis()),
            ttl: collaborator.forget_at.map(Timestamp::seconds),
        }
    }
}

impl StoredCollaborator {
    pub(super) fn into_domain(
        self,
        client: ClientId,
        id: CollaboratorId,
    ) -> Result<Collaborator, Unreadable> {
        let membership = match (self.invitation, self.account) {
            (Some(invitation), None) => match self.suspended {
                Some(former) if invitation.is_of_no_one() => {
                    Membership::Suspended(former.into_domain()?)
                }
                // The version before this one invited them again.
                Some(_) | None => Membership::Pending(invitation.into_domain()?),
            },
            (None, Some(account)) => Membership::Active(account.into_domain()?),
            (Some(_), Some(_)) | (None, None) => return Err(Unreadable("account")),
        };
        let grant = |(scope, stored): (String, StoredGrant)| {
            let scope = read("grants", ScopeId::parse(&scope))?;
            let grant = stored.into_domain(&scope)?;
            Ok((scope, grant))
        };
        Ok(Collaborator {
            client,
            id,
            email: read("email", Email::parse(&self.email))?,
            name: optional("name", self.name.as_deref(), Name::parse)?,
            locale: optional("locale", self.locale.as_deref(), |name| {
                Locale::parse(name).ok_or(())
            })?,
            membership,
            seat: self.seat,
            last_login_at: self.last_login_at.map(Timestamp::from_millis),
            refused_login_at: self.refused_login_at.map(Timestamp::from_millis),
            grants: self.grants.into_iter().map(grant).collect::<Result<_, Unreadable>>()?,
            version: Version::from_number(self.version),
            // The version of a record that the version before this one wrote last is its time.
            changed_at: Timestamp::from_millis(
                self.version.max(self.changed_at.unwrap_or_default()),
            ),
            forget_at: self.ttl.map(Timestamp::from_seconds),
        })
    }
}

impl StoredFormer {
    fn new(former: &Former) -> Self {
        match former {
            Former::Pending(invitation) => {
                Self { invitation: Some(StoredInvitation::new(invitation)), account: None }
            }
            Former::Active(binding) => {
                Self { invitation: None, account: Some(StoredAccount::new(binding)) }
            }
        }
    }

    fn into_domain(self) -> Result<Former, Unreadable> {
        match (self.invitation, self.account) {
            (Some(invitation), None) => Ok(Former::Pending(invitation.into_domain()?)),
            (None, Some(account)) => Ok(Former::Active(account.into_domain()?)),
            (Some(_), Some(_)) | (None, None) => Err(Unreadable("suspended")),
        }
    }
}

impl StoredInvitation {
    /// The invitation of a suspended collaborator. The version before this one does not know suspensions: it reads an
    /// invitation that has expired, and so gives them nothing.
    fn of_no_one() -> Self {
        Self {
            mail_id: String::new(),
            token_hash: None,
            by: StoredActor::Platform(true),
            sent_at: None,
            expires_at: 0,
            delivery: Delivery::Sent.name().into(),
            suppressed: None,
            was_active: None,
        }
    }

    fn is_of_no_one(&self) -> bool {
        self.mail_id.is_empty()
    }

    pub(super) fn new(invitation: &Invitation) -> Self {
        Self {
            mail_id: invitation.mail_id.as_str().into(),
            token_hash: invitation.token_hash.map(TokenHash::to_hex),
            by: StoredActor::new(&invitation.invited_by),
            sent_at: invitation.sent_at.map(Timestamp::millis),
            expires_at: invitation.expires_at.millis(),
            // The version before this one does not know an invitation without a mail.
            delivery: if invitation.delivery == Delivery::None {
                Delivery::Sent.name().into()
            } else {
                invitation.delivery.name().into()
            },
            suppressed: invitation.suppressed.then_some(true),
            was_active: invitation.was_active.then_some(true),
        }
    }

    pub(super) fn into_domain(self) -> Result<Invitation, Unreadable> {
        let mail_id = MailId::new(self.mail_id);
        let delivery = known("invitation.delivery", Delivery::parse(&self.delivery))?;
        Ok(Invitation {
            token_hash: optional(
                "invitation.tokenHash",
                self.token_hash.as_deref(),
                TokenHash::parse,
            )?,
            invited_by: self.by.into_domain(None)?,
            sent_at: self.sent_at.map(Timestamp::from_millis),
            expires_at: Timestamp::from_millis(self.expires_at),
            delivery: if mail_id.is_of_no_mail() { Delivery::None } else { delivery },
            mail_id,
            suppressed: self.suppressed.unwrap_or_default(),
            was_active: self.was_active.unwrap_or_default(),
        })
    }
}

impl StoredAccount {
    pub(super) fn new(binding: &Binding) -> Self {
        Self {
            iss: binding.account.iss.clone(),
            sub: binding.account.sub.clone(),
            accepted: binding.accepted.map(TokenHash::to_hex),
            mailed_at: binding.mailed_at.map(Timestamp::millis),
        }
    }

    pub(super) fn into_domain(self) -> Result<Binding, Unreadable> {
        Ok(Binding {
            accepted: optional("account.accepted", self.accepted.as_deref(), TokenHash::parse)?,
            account: Account { iss: self.iss, sub: self.sub },
            mailed_at: self.mailed_at.map(Timestamp::from_millis),
        })
    }
}

impl StoredGrant {
    pub(super) fn new(grant: &Grant) -> Self {
        Self {
            level: grant.level.name().into(),
            role: grant.role.name().name().into_owned(),
            made: made(grant.role),
            permissions: chosen_permissions(grant.role),
            by: StoredActor::new(&grant.granted_by),
            by_client: platform_client(&grant.granted_by),
            at: grant.granted_at.millis(),
            expires_at: grant.expires_at.map(Timestamp::millis),
            outlives_event: grant.outlives_event.then_some(true),
        }
    }

    pub(super) fn into_domain(self, at: &ScopeId) -> Result<Grant, Unreadable> {
        let known = Level::parse(&self.level);
        let level = known.unwrap_or(match at.depth() {
            1 => Level::Client,
            2 => Level::Audience,
            _ => Level::Event,
        });
        let role = known
            .map_or(Role::Unknown, |_| role(&self.role, self.made, self.permissions.as_deref()));
        let outlives_event = self.outlives_event.unwrap_or_default();
        Ok(Grant {
            event: Grant::unread_event(level, role, outlives_event),
            role,
            level,
            granted_by: self.by.into_domain(self.by_client)?,
            granted_at: Timestamp::from_millis(self.at),
            expires_at: self.expires_at.map(Timestamp::from_millis),
            outlives_event,
        })
    }
}
