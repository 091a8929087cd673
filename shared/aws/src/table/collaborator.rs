//! Stored collaborators and grants, and their conversion from and to the domain.

use std::collections::BTreeMap;

use coulisses_domain::{
    collaborator::{Account, Binding, Collaborator, Former, Grant, Membership},
    email::Email,
    ids::CollaboratorId,
    locale::Locale,
    role::{NamedRole, Role, RoleKey, RoleName},
    scope::{ClientId, Level, ScopeId},
    text::Name,
    time::{Timestamp, Version},
    token::TokenHash,
};
use serde::{Deserialize, Serialize};

use super::{
    actor::{StoredActor, platform_client},
    invitation::{StoredDeclined, StoredInvitation},
    item::{Unreadable, known_permissions, optional, permission_names, read},
    waiting::StoredWaiting,
};

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
    /// What a collaborator declined. Their `invitation` is then [`StoredInvitation::of_no_one`].
    pub declined: Option<StoredDeclined>,
    /// What a collaborator waits for. Their `invitation` is then [`StoredInvitation::of_no_one`].
    pub waiting: Option<StoredWaiting>,
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
        let of_no_one = || Some(StoredInvitation::of_no_one());
        let (invitation, account) = match &collaborator.membership {
            Membership::Pending(invitation) => (Some(StoredInvitation::new(invitation)), None),
            Membership::Active(binding) => (None, Some(StoredAccount::new(binding))),
            Membership::Suspended(_) | Membership::Declined(_) | Membership::Waiting(_) => {
                (of_no_one(), None)
            }
        };
        let suspended = match &collaborator.membership {
            Membership::Suspended(former) => Some(StoredFormer::new(former)),
            Membership::Pending(_)
            | Membership::Active(_)
            | Membership::Declined(_)
            | Membership::Waiting(_) => None,
        };
        Self {
            v: 1,
            email: collaborator.email.original().into(),
            name: collaborator.name.as_ref().map(ToString::to_string),
            locale: collaborator.locale.map(|locale| locale.name().into()),
            invitation,
            account,
            suspended,
            declined: collaborator.declined().map(StoredDeclined::new),
            waiting: collaborator.waiting().map(StoredWaiting::new),
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
            (Some(invitation), None) if invitation.is_of_no_one() => {
                match (self.suspended, self.declined, self.waiting) {
                    (Some(former), _, _) => Membership::Suspended(former.into_domain()?),
                    (None, Some(declined), _) => Membership::Declined(declined.into_domain()?),
                    (None, None, Some(waiting)) => Membership::Waiting(waiting.into_domain()?),
                    // This version knows no such state.
                    (None, None, None) => Membership::Pending(invitation.into_domain()?),
                }
            }
            // If there is a state beside it, the version before this one invited them again.
            (Some(invitation), None) => Membership::Pending(invitation.into_domain()?),
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

impl StoredAccount {
    pub(super) fn new(binding: &Binding) -> Self {
        Self {
            iss: binding.account.iss.clone(),
            sub: binding.account.sub.clone(),
            accepted: binding.accepted.map(TokenHash::to_hex),
            mailed_at: binding.mailed_at.map(Timestamp::millis),
        }
    }

    pub(super) fn of_account(account: &Account) -> Self {
        Self { iss: account.iss.clone(), sub: account.sub.clone(), accepted: None, mailed_at: None }
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
