//! Stored collaborators and grants, and their conversion from and to the domain.

use std::collections::BTreeMap;

use coulisses_domain::{
    actor::{Actor, SystemActor},
    collaborator::{Account, Binding, Collaborator, Grant, Invitation, Membership},
    delivery::Delivery,
    email::Email,
    ids::{CollaboratorId, MailId},
    locale::Locale,
    permission::{Permission, PermissionSet},
    role::{Role, RoleName},
    scope::{ClientId, Level, ScopeId},
    text::Name,
    time::{Timestamp, Version},
    token::TokenHash,
};
use serde::{Deserialize, Serialize};

use super::item::{Unreadable, known, optional, read};

/// A collaborator: pending if they have an `invitation`, active if they have an `account`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredCollaborator {
    pub v: u8,
    pub email: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitation: Option<StoredInvitation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<StoredAccount>,
    pub seat: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_login_at: Option<i64>,
    pub grants: BTreeMap<String, StoredGrant>,
    pub version: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<i64>,
}

/// An invitation.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredInvitation {
    #[serde(rename = "sending")]
    pub mail_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_hash: Option<String>,
    pub by: StoredActor,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<i64>,
    pub expires_at: i64,
    pub delivery: String,
}

/// The account of an active collaborator; `accepted` is the hash of the link that they accepted.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredAccount {
    pub iss: String,
    pub sub: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<String>,
}

/// A grant.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredGrant {
    pub level: String,
    #[serde(flatten)]
    pub role: StoredRole,
    pub by: StoredActor,
    pub at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

/// A role, with the permissions chosen for a custom one.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredRole {
    pub role: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<String>>,
}

/// The author of a change.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum StoredActor {
    #[serde(rename = "person")]
    User {
        email: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
    Platform(bool),
    System(String),
}

impl From<&Actor> for StoredActor {
    fn from(actor: &Actor) -> Self {
        match actor {
            Actor::User { email, name } => Self::User {
                email: email.original().into(),
                name: name.as_ref().map(ToString::to_string),
            },
            Actor::Platform => Self::Platform(true),
            Actor::System(system) => Self::System(system.name().into()),
        }
    }
}

impl TryFrom<StoredActor> for Actor {
    type Error = Unreadable;

    fn try_from(stored: StoredActor) -> Result<Self, Unreadable> {
        match stored {
            StoredActor::User { email, name } => Ok(Self::User {
                email: read("actor.email", Email::parse(&email))?,
                name: optional("actor.name", name.as_deref(), Name::parse)?,
            }),
            StoredActor::Platform(_) => Ok(Self::Platform),
            StoredActor::System(name) => {
                Ok(Self::System(known("actor.system", SystemActor::parse(&name))?))
            }
        }
    }
}

impl From<Role> for StoredRole {
    fn from(role: Role) -> Self {
        let names = || role.permissions().names().into_iter().map(Into::into).collect();
        let permissions = (role.name() == RoleName::Custom).then(names);
        Self { role: role.name().name().into(), permissions }
    }
}

impl TryFrom<StoredRole> for Role {
    type Error = Unreadable;

    fn try_from(stored: StoredRole) -> Result<Self, Unreadable> {
        let name = known("role", RoleName::parse(&stored.role))?;
        let parse = |names: Vec<String>| {
            names.iter().map(|name| Permission::parse(name)).collect::<Option<PermissionSet>>()
        };
        let chosen =
            stored.permissions.map(|names| known("permissions", parse(names))).transpose()?;
        read("permissions", Self::new(name, chosen))
    }
}

impl From<&Collaborator> for StoredCollaborator {
    fn from(collaborator: &Collaborator) -> Self {
        let (invitation, account) = match &collaborator.membership {
            Membership::Pending(invitation) => (Some(invitation.into()), None),
            Membership::Active(binding) => (None, Some(binding.into())),
        };
        Self {
            v: 1,
            email: collaborator.email.original().into(),
            name: collaborator.name.as_ref().map(ToString::to_string),
            locale: collaborator.locale.map(|locale| locale.name().into()),
            invitation,
            account,
            seat: collaborator.seat,
            last_login_at: collaborator.last_login_at.map(Timestamp::millis),
            grants: collaborator
                .grants
                .iter()
                .map(|(scope, grant)| (scope.to_string(), grant.into()))
                .collect(),
            version: collaborator.version.number(),
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
            (Some(invitation), None) => Membership::Pending(invitation.try_into()?),
            (None, Some(account)) => Membership::Active(account.try_into()?),
            (Some(_), Some(_)) | (None, None) => return Err(Unreadable("account")),
        };
        let grant = |(scope, stored): (String, StoredGrant)| {
            Ok((read("grants", ScopeId::parse(&scope))?, stored.try_into()?))
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
            grants: self.grants.into_iter().map(grant).collect::<Result<_, Unreadable>>()?,
            version: Version::from_number(self.version),
            forget_at: self.ttl.map(Timestamp::from_seconds),
        })
    }
}

impl From<&Invitation> for StoredInvitation {
    fn from(invitation: &Invitation) -> Self {
        Self {
            mail_id: invitation.mail_id.as_str().into(),
            token_hash: invitation.token_hash.map(TokenHash::to_hex),
            by: (&invitation.invited_by).into(),
            sent_at: invitation.sent_at.map(Timestamp::millis),
            expires_at: invitation.expires_at.millis(),
            delivery: invitation.delivery.name().into(),
        }
    }
}

impl TryFrom<StoredInvitation> for Invitation {
    type Error = Unreadable;

    fn try_from(stored: StoredInvitation) -> Result<Self, Unreadable> {
        Ok(Self {
            mail_id: MailId::new(stored.mail_id),
            token_hash: optional(
                "invitation.tokenHash",
                stored.token_hash.as_deref(),
                TokenHash::parse,
            )?,
            invited_by: stored.by.try_into()?,
            sent_at: stored.sent_at.map(Timestamp::from_millis),
            expires_at: Timestamp::from_millis(stored.expires_at),
            delivery: known("invitation.delivery", Delivery::parse(&stored.delivery))?,
        })
    }
}

impl From<&Binding> for StoredAccount {
    fn from(binding: &Binding) -> Self {
        Self {
            iss: binding.account.iss.clone(),
            sub: binding.account.sub.clone(),
            accepted: binding.accepted.map(TokenHash::to_hex),
        }
    }
}

impl TryFrom<StoredAccount> for Binding {
    type Error = Unreadable;

    fn try_from(stored: StoredAccount) -> Result<Self, Unreadable> {
        Ok(Self {
            accepted: optional("account.accepted", stored.accepted.as_deref(), TokenHash::parse)?,
            account: Account { iss: stored.iss, sub: stored.sub },
        })
    }
}

impl From<&Grant> for StoredGrant {
    fn from(grant: &Grant) -> Self {
        Self {
            level: grant.level.name().into(),
            role: grant.role.into(),
            by: (&grant.granted_by).into(),
            at: grant.granted_at.millis(),
            expires_at: grant.expires_at.map(Timestamp::millis),
        }
    }
}

impl TryFrom<StoredGrant> for Grant {
    type Error = Unreadable;

    fn try_from(stored: StoredGrant) -> Result<Self, Unreadable> {
        Ok(Self {
            level: known("grant.level", Level::parse(&stored.level))?,
            role: stored.role.try_into()?,
            granted_by: stored.by.try_into()?,
            granted_at: Timestamp::from_millis(stored.at),
            expires_at: stored.expires_at.map(Timestamp::from_millis),
        })
    }
}
