//! Callers who give, change and revoke access at a scope, without more than they have themselves.

use crate::{
    actor::Actor,
    collaborator::{Collaborator, Grant, Lifetime},
    facts::{Facts, ScopeContext, Viewer},
    permission::{Permission, PermissionSet},
    refusal::Refusal,
    role::Role,
    time::Timestamp,
};

/// A caller who has `access:manage` at a scope. Only [`Facts::grantor`] makes one.
#[derive(Debug)]
pub(crate) struct Grantor<'a> {
    pub context: ScopeContext<'a>,
    /// The record of a user, which must be unchanged when the decision is written; `None` for the platform.
    pub record: Option<&'a Collaborator>,
    /// The grantor as the history names them.
    pub actor: Actor,
    permissions: PermissionSet,
    /// Whether they have `access:manage` at the client.
    manages_client: bool,
}

impl Facts {
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
        let client = context.client.scope();
        let at_client = self.caller.own_permissions(&client, context.client.granting, now);
        let manages_client = at_client.contains(Permission::AccessManage);
        Ok(Grantor { context, record, actor: self.caller.actor(), permissions, manages_client })
    }
}

impl Grantor<'_> {
    /// The grant of `role` on the scope, if this grantor can give it.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] if the role has a permission that the grantor lacks, [`Refusal::RoleNotAllowedHere`],
    /// [`Refusal::RoleNotOffered`], [`Refusal::InvalidExpiry`], [`Refusal::InvalidField`], those of [`ScopeContext::lasting`], [`Refusal::Several`].
    pub(crate) fn new_grant(
        &self,
        role: Role,
        lifetime: Lifetime,
        now: Timestamp,
    ) -> Result<Grant, Refusal> {
        let client = self.context.client;
        let role = client.named(role);
        self.check_covers(role)?;
        self.check_may_outlive(lifetime)?;
        let wrong = [client.offers(role.name(), self.context.level), self.fits(lifetime, now)];
        let mut wrong: Vec<Refusal> = wrong.into_iter().filter_map(Result::err).collect();
        match (wrong.pop(), wrong.is_empty()) {
            (None, _) => {}
            (Some(refusal), true) => return Err(refusal),
            (Some(last), false) => {
                wrong.push(last);
                return Err(Refusal::Several(wrong));
            }
        }
        let grant = self.context.grant(role, self.actor.clone(), now);
        self.context.lasting(grant, lifetime, now)
    }

    /// The grant with another lifetime.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] if it would outlive its event and the grantor does not manage the client,
    /// [`Refusal::InvalidExpiry`], [`Refusal::InvalidField`], those of [`ScopeContext::lasting`].
    pub(crate) fn extended(
        &self,
        grant: &Grant,
        lifetime: Lifetime,
        now: Timestamp,
    ) -> Result<Grant, Refusal> {
        self.check_may_outlive(lifetime)?;
        self.fits(lifetime, now)?;
        let (granted_by, granted_at) = (self.actor.clone(), now);
        let grant = Grant { granted_by, granted_at, ..grant.clone() };
        self.context.lasting(grant, lifetime, now)
    }

    /// A grant that outlives its event is given only by those who manage access to the whole client.
    fn check_may_outlive(&self, lifetime: Lifetime) -> Result<(), Refusal> {
        if lifetime.outlives_event && !self.manages_client {
            Err(Refusal::Forbidden)
        } else {
            Ok(())
        }
    }

    fn fits(&self, lifetime: Lifetime, now: Timestamp) -> Result<(), Refusal> {
        if lifetime.expires_at.is_some_and(|end| end <= now) {
            Err(Refusal::InvalidExpiry)
        } else if lifetime.outlives_event && !self.context.level.is_leaf() {
            Err(Refusal::InvalidField { pointer: "/outlivesEvent" })
        } else {
            Ok(())
        }
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
        client::Client,
        client::OfferedRoles,
        client::{Granting, Seats},
        client_rules::ClientRules,
        collaborator::{Account, Binding, Membership},
        dates::EventEnd,
        email::Email,
        ids::CollaboratorId,
        locale::Locale,
        look::Look,
        mail_budget::MailCounts,
        role::RoleName,
        scope::{ClientId, Level, OwnerLabel, ScopeId},
        text::Name,
        time::Version,
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
            waiting: vec![],
            mails: MailCounts::none(now.day()),
            owner: owner.clone(),
            granting: Granting::Administrators,
            roles: OfferedRoles::All,
            rules: ClientRules::default(),
            invitation_days: 14,
            reminders: true,
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
            context: ScopeContext {
                at: &at,
                client: &client,
                level,
                name,
                owner: None,
                end: EventEnd::None,
                is_archived: false,
                version,
            },
            permissions: Role::OBSERVER.permissions().union(manage),
            record: Some(&record),
            actor: Actor::Platform(None),
            manages_client: false,
        };
        let export = PermissionSet::of(&[Permission::ContactsExport]);
        let custom = Role::new(RoleName::Custom, Some(export)).unwrap();
        for role in [Role::Administrator, Role::MANAGER, Role::SUPERVISOR, custom] {
            assert_eq!(
                grantor.new_grant(role, Lifetime::default(), now),
                Err(Refusal::Forbidden),
                "{role:?}"
            );
            assert_eq!(grantor.check_can_revoke(role), Err(Refusal::Forbidden), "{role:?}");
        }
        assert_eq!(grantor.check_can_revoke(Role::Unknown), Err(Refusal::Forbidden));
        assert!(grantor.new_grant(Role::OBSERVER, Lifetime::default(), now).is_ok());
        assert_eq!(grantor.check_can_revoke(Role::OBSERVER), Ok(()));
    }
}
