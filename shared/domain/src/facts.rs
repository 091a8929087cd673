//! The records that a command is decided on, and the checks that all commands share.

use crate::{
    actor::Actor,
    caller::Caller,
    client::Client,
    collaborator::{Collaborator, Grant, Visibility},
    ids::MailId,
    mail::{Mail, MailContext, MailKind},
    mail_budget::{Cause, MailLimits},
    mail_quota::MailCounter,
    permission::{Permission, PermissionSet},
    refusal::Refusal,
    role::Role,
    scope::{Level, OwnerLabel, Scope, ScopeId},
    text::Name,
    time::{Timestamp, Version},
};

/// What was read for a command at a scope. A record that does not exist is `None`.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The scope that the request names.
    pub at: ScopeId,
    /// Its client.
    pub client: Option<Client>,
    /// Its own record; always `None` for a client.
    pub scope: Option<Scope>,
    /// The caller.
    pub caller: Caller,
    /// The collaborator that the command is about.
    pub target: Option<Collaborator>,
    /// The target's mail counter.
    pub counter: Option<MailCounter>,
    /// The deployment's mail limits.
    pub limits: MailLimits,
}

/// A scope that exists, with its client. Whether the caller can see it is decided elsewhere ([`Facts::viewer`]).
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScopeContext<'a> {
    pub at: &'a ScopeId,
    pub client: &'a Client,
    pub level: Level,
    pub name: &'a Name,
    /// The scope's own owner.
    pub owner: Option<&'a OwnerLabel>,
    pub version: Version,
}

/// A caller who has at least one permission at a scope.
#[derive(Debug)]
pub(crate) struct Viewer<'a> {
    pub context: ScopeContext<'a>,
    /// The record of a user; `None` for the platform, and for support without access of their own. So it says nothing about
    /// what the caller may do.
    pub record: Option<&'a Collaborator>,
    /// The caller's effective permissions at the scope.
    pub permissions: PermissionSet,
}

/// A caller who has `access:manage` at a scope. Only [`Facts::grantor`] makes one.
#[derive(Debug)]
pub(crate) struct Grantor<'a> {
    pub context: ScopeContext<'a>,
    /// The record of a user, which must be unchanged when the decision is written; `None` for the platform.
    pub record: Option<&'a Collaborator>,
    /// The grantor as the history names them.
    pub actor: Actor,
    permissions: PermissionSet,
}

impl Facts {
    /// The scope, without a check of the caller.
    ///
    /// # Errors
    /// [`Refusal::ScopeNotFound`] if it or its client does not exist.
    pub(crate) fn context(&self) -> Result<ScopeContext<'_>, Refusal> {
        let client = self.client.as_ref().ok_or(Refusal::ScopeNotFound)?;
        let (level, name, owner, version) = if self.at.is_client() {
            (Level::Client, &client.name, Some(&client.owner), client.version)
        } else {
            let scope = self.scope.as_ref().ok_or(Refusal::ScopeNotFound)?;
            (scope.level, &scope.name, scope.owner.as_ref(), scope.version)
        };
        Ok(ScopeContext { at: &self.at, client, level, name, owner, version })
    }

    /// The caller, who can see the scope.
    ///
    /// # Errors
    /// [`Refusal::ScopeNotFound`] if there is no such scope for the caller.
    pub(crate) fn viewer(&self, now: Timestamp) -> Result<Viewer<'_>, Refusal> {
        let context = self.context()?;
        let permissions = self.caller.permissions(&self.at, context.client.granting, now);
        if permissions.is_empty() {
            return Err(Refusal::ScopeNotFound);
        }
        Ok(Viewer { context, record: self.caller.bound(), permissions })
    }

    /// The caller, who has `access:manage` at the scope (docs/domain.md#rule-3).
    ///
    /// # Errors
    /// [`Refusal::ScopeNotFound`] if there is no such scope for the caller, [`Refusal::Forbidden`] without the permission.
    pub(crate) fn grantor(&self, now: Timestamp) -> Result<Grantor<'_>, Refusal> {
        let Viewer { context, record, .. } = self.viewer(now)?;
        // The role of support gives nothing to grant (docs/domain.md#rule-17).
        let permissions = self.caller.own_permissions(&self.at, context.client.granting, now);
        if !permissions.contains(Permission::AccessManage) {
            return Err(Refusal::Forbidden);
        }
        Ok(Grantor { context, record, actor: self.caller.actor(), permissions })
    }

    /// Whether the caller can grant access at the scope. Checked before the items of a batch are read.
    ///
    /// # Errors
    /// As for every command that grants: [`Refusal::ScopeNotFound`], [`Refusal::Forbidden`].
    pub fn check_may_manage_access(&self, now: Timestamp) -> Result<(), Refusal> {
        self.grantor(now).map(drop)
    }

    /// The cause of a mail of this command; `actor` is its author in the history.
    pub(crate) fn cause(&self, actor: &Actor) -> Cause<'_> {
        let giver = match actor {
            Actor::User { .. } => self.caller.id(),
            Actor::Platform(_) | Actor::System(_) => None,
        };
        Cause { giver, at: &self.at }
    }

    /// The target, if one of its grants is visible from the scope.
    ///
    /// # Errors
    /// [`Refusal::CollaboratorNotFound`] otherwise, so that callers cannot find out who has access at a sister scope.
    pub(crate) fn visible_target(&self, visibility: Visibility) -> Result<&Collaborator, Refusal> {
        let is_visible = |target: &&Collaborator| {
            target.grants_visible_from(&self.at, visibility).next().is_some()
        };
        self.target.as_ref().filter(is_visible).ok_or(Refusal::CollaboratorNotFound)
    }
}

impl ScopeContext<'_> {
    /// A mail about a change that `actor` made at this scope.
    pub(crate) fn mail(
        self,
        actor: &Actor,
        kind: MailKind,
        to: &Collaborator,
        mail_id: MailId,
    ) -> Mail {
        let (client, scope, scope_name) = (self.client, self.at, self.name);
        MailContext { client, scope, scope_name, actor }.mail(kind, to, mail_id)
    }

    /// A grant of `role` on this scope, without an end.
    pub(crate) const fn grant(self, role: Role, granted_by: Actor, granted_at: Timestamp) -> Grant {
        Grant { level: self.level, role, granted_by, granted_at, expires_at: None }
    }
}

impl Viewer<'_> {
    /// # Errors
    /// [`Refusal::Forbidden`] without `permission`.
    pub(crate) fn require(self, permission: Permission) -> Result<Self, Refusal> {
        if self.permissions.contains(permission) { Ok(self) } else { Err(Refusal::Forbidden) }
    }
}

impl Grantor<'_> {
    /// The grant of `role` on the scope, if this grantor can give it.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] if the role has a permission that the grantor lacks, [`Refusal::RoleNotAllowedHere`],
    /// [`Refusal::RoleNotOffered`], [`Refusal::InvalidExpiry`], [`Refusal::Several`].
    pub(crate) fn new_grant(
        &self,
        role: Role,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Grant, Refusal> {
        let client = self.context.client;
        let role = client.named(role);
        self.check_covers(role)?;
        let has_ended = expires_at.is_some_and(|end| end <= now);
        match (client.offers(role.name(), self.context.level), has_ended) {
            (Ok(()), false) => {}
            (Ok(()), true) => return Err(Refusal::InvalidExpiry),
            (Err(refusal), false) => return Err(refusal),
            (Err(refusal), true) => {
                return Err(Refusal::Several(vec![refusal, Refusal::InvalidExpiry]));
            }
        }
        Ok(Grant { expires_at, ..self.context.grant(role, self.actor.clone(), now) })
    }

    /// The grant with another end.
    ///
    /// # Errors
    /// [`Refusal::InvalidExpiry`].
    pub(crate) fn extended(
        &self,
        grant: &Grant,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Grant, Refusal> {
        if expires_at.is_some_and(|end| end <= now) {
            return Err(Refusal::InvalidExpiry);
        }
        let (granted_by, granted_at) = (self.actor.clone(), now);
        Ok(Grant { granted_by, granted_at, expires_at, ..grant.clone() })
    }

    /// Whether the grantor can change or revoke a grant of `role`.
    ///
    /// # Errors
    /// [`Refusal::OwnerMustTransfer`] for an owner grant, [`Refusal::Forbidden`] if the role has a permission that the
    /// grantor lacks.
    pub(crate) fn check_can_revoke(&self, role: Role) -> Result<(), Refusal> {
        if role == Role::Owner {
            return Err(Refusal::OwnerMustTransfer);
        }
        self.check_covers(role)
    }

    fn check_covers(&self, role: Role) -> Result<(), Refusal> {
        self.check_covers_set(role.to_handle())
    }

    /// No escalation (docs/domain.md#rule-4): whether the grantor has all of `permissions`.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`].
    pub(crate) fn check_covers_set(&self, permissions: PermissionSet) -> Result<(), Refusal> {
        if self.permissions.includes(permissions) { Ok(()) } else { Err(Refusal::Forbidden) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{
        client::OfferedRoles,
        client::{Granting, Seats},
        collaborator::{Account, Binding, Membership},
        email::Email,
        ids::CollaboratorId,
        locale::Locale,
        look::Look,
        mail_budget::MailCounts,
        named_role::NamedRoles,
        role::RoleName,
        scope::ClientId,
    };

    // Every present role with `access:manage` has all permissions, so only a role that is added later can reach this.
    #[test]
    fn a_grantor_cannot_grant_or_revoke_permissions_that_they_lack() {
        let (now, at) = (Timestamp::from_millis(0), ScopeId::parse("acme:tech:summit").unwrap());
        let owner = OwnerLabel {
            id: CollaboratorId::parse("abcdefghijklmnopqrstuvwxyz").unwrap(),
            email: Email::parse("olga@example.org").unwrap(),
        };
        let client = Client {
            id: ClientId::parse("acme").unwrap(),
            name: Name::parse("Acme").unwrap(),
            seats: Seats { limit: None, used: 1, seq: 1 },
            mails: MailCounts::none(now.day()),
            owner: owner.clone(),
            granting: Granting::Administrators,
            roles: OfferedRoles::All,
            named_roles: NamedRoles::default(),
            invitation_days: 14,
            locale: Locale::Fr,
            look: Look::default(),
            platform_url: None,
            version: Version::first(now),
        };
        let account = Account { iss: String::new(), sub: String::new() };
        let record = Collaborator {
            client: client.id.clone(),
            id: owner.id,
            email: owner.email,
            name: None,
            locale: None,
            membership: Membership::Active(Binding { account, accepted: None, mailed_at: None }),
            seat: true,
            last_login_at: None,
            refused_login_at: None,
            grants: BTreeMap::new(),
            version: client.version,
            changed_at: now,
            forget_at: None,
        };
        let (level, name, version) = (Level::Event, &client.name, client.version);
        let manage = PermissionSet::of(&[Permission::AccessManage]);
        let grantor = Grantor {
            context: ScopeContext { at: &at, client: &client, level, name, owner: None, version },
            permissions: Role::OBSERVER.permissions().union(manage),
            record: Some(&record),
            actor: Actor::Platform(None),
        };
        let export = PermissionSet::of(&[Permission::ContactsExport]);
        let custom = Role::new(RoleName::Custom, Some(export)).unwrap();
        for role in [Role::Administrator, Role::MANAGER, Role::SUPERVISOR, custom] {
            assert_eq!(grantor.new_grant(role, None, now), Err(Refusal::Forbidden), "{role:?}");
            assert_eq!(grantor.check_can_revoke(role), Err(Refusal::Forbidden), "{role:?}");
        }
        assert_eq!(grantor.check_can_revoke(Role::Unknown), Err(Refusal::Forbidden));
        assert!(grantor.new_grant(Role::OBSERVER, None, now).is_ok());
        assert_eq!(grantor.check_can_revoke(Role::OBSERVER), Ok(()));
    }
}
