//! What was read before a command is decided, and what all commands ask of it first.

use crate::{
    access::Subject,
    actor::Actor,
    client::{Client, Granting},
    collaborator::{Account, Collaborator, Grant, Visibility},
    email::Email,
    ids::CollaboratorId,
    mail::MailContext,
    mail_quota::{MailCounter, MailLimits},
    permission::{Permission, PermissionSet},
    refusal::Refusal,
    role::{Role, RoleName},
    scope::{Level, OwnerLabel, Scope, ScopeId},
    text::Name,
    time::{Timestamp, Version},
};

/// What a command at a scope is decided on; whatever was not found is `None`.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The scope that was named.
    pub at: ScopeId,
    /// Its client.
    pub client: Option<Client>,
    /// Its own record, which a client does not have.
    pub scope: Option<Scope>,
    /// Who calls.
    pub caller: Caller,
    /// Whom the command is about.
    pub target: Option<Collaborator>,
    /// The count of that person's invitation mails.
    pub counter: Option<MailCounter>,
    /// The deployment's limits on mail.
    pub limits: MailLimits,
}

/// Who calls, with the record that was read of him.
#[derive(Clone, Debug)]
pub enum Caller {
    /// The event platform's own backend.
    Platform,
    /// A person.
    User(Box<User>),
}

/// A person who is logged in with a verified address.
#[derive(Clone, Debug)]
pub struct User {
    /// The account.
    pub account: Account,
    /// The verified address.
    pub email: Email,
    /// What the account says the person is called.
    pub name: Option<Name>,
    /// The id that the address has in the client.
    pub id: CollaboratorId,
    /// The record in that client.
    pub record: Option<Collaborator>,
}

impl User {
    /// The record, if it is active and bound to this very account (`domain.md`, rule 8).
    #[must_use]
    pub fn bound(&self) -> Option<&Collaborator> {
        self.record.as_ref().filter(|record| record.is_bound_to(&self.account))
    }

    /// What the person effectively holds at `at`.
    #[must_use]
    pub fn permissions(&self, at: &ScopeId, granting: Granting, now: Timestamp) -> PermissionSet {
        self.bound().map_or(PermissionSet::EMPTY, |collaborator| {
            Subject { collaborator, granting }.permissions(at, now)
        })
    }

    /// The person as the history names him.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let recorded = self.record.as_ref().and_then(|record| record.name.clone());
        Actor::User { email: self.email.clone(), name: recorded.or_else(|| self.name.clone()) }
    }
}

impl Caller {
    /// The id that the person has in the client; `None` for the platform.
    #[must_use]
    pub const fn id(&self) -> Option<&CollaboratorId> {
        match self {
            Self::Platform => None,
            Self::User(collaborator) => Some(&collaborator.id),
        }
    }

    /// The caller as the history names him.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Platform => Actor::Platform,
            Self::User(collaborator) => collaborator.actor(),
        }
    }
}

/// A scope that exists and that the caller sees.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScopeContext<'a> {
    /// The scope.
    pub at: &'a ScopeId,
    /// Its client.
    pub client: &'a Client,
    /// What kind of scope it is.
    pub level: Level,
    /// What people call it.
    pub name: &'a Name,
    /// Its own owner.
    pub owner: Option<&'a OwnerLabel>,
    /// Its version.
    pub version: Version,
}

/// Somebody who may give access at a scope.
#[derive(Debug)]
pub(crate) struct Grantor<'a> {
    /// The scope.
    pub context: ScopeContext<'a>,
    /// What the giver effectively holds there.
    pub held: PermissionSet,
    /// The giver's record, which must hold while the decision is written.
    pub record: &'a Collaborator,
    /// The giver as the history names him.
    pub actor: Actor,
}

impl Facts {
    /// The scope, whoever asks.
    ///
    /// # Errors
    /// [`Refusal::ScopeNotFound`] if it or its client does not exist.
    pub(crate) fn context(&self) -> Result<ScopeContext<'_>, Refusal> {
        let client = self.client.as_ref().ok_or(Refusal::ScopeNotFound)?;
        if self.at.is_client() {
            let (name, owner) = (&client.name, Some(&client.owner));
            return Ok(ScopeContext {
                at: &self.at,
                client,
                level: Level::Client,
                name,
                owner,
                version: client.version,
            });
        }
        let scope = self.scope.as_ref().ok_or(Refusal::ScopeNotFound)?;
        let (name, owner) = (&scope.name, scope.owner.as_ref());
        Ok(ScopeContext {
            at: &self.at,
            client,
            level: scope.level,
            name,
            owner,
            version: scope.version,
        })
    }

    /// The scope and the person who calls, who holds something on it.
    ///
    /// # Errors
    /// [`Refusal::ScopeNotFound`] if there is no such scope for the caller; [`Refusal::Forbidden`] for the platform.
    pub(crate) fn viewer(
        &self,
        now: Timestamp,
    ) -> Result<(ScopeContext<'_>, &User, &Collaborator), Refusal> {
        let context = self.context()?;
        let collaborator = match &self.caller {
            Caller::Platform => return Err(Refusal::Forbidden),
            Caller::User(collaborator) => collaborator,
        };
        let record = collaborator.bound().ok_or(Refusal::ScopeNotFound)?;
        if collaborator.permissions(&self.at, context.client.granting, now).is_empty() {
            return Err(Refusal::ScopeNotFound);
        }
        Ok((context, collaborator, record))
    }

    /// The caller, who effectively holds `access:manage` at the scope (`domain.md`, rule 3).
    ///
    /// # Errors
    /// [`Refusal::ScopeNotFound`] if there is no such scope for the caller, [`Refusal::Forbidden`] if he may not give.
    pub(crate) fn grantor(&self, now: Timestamp) -> Result<Grantor<'_>, Refusal> {
        let (context, collaborator, record) = self.viewer(now)?;
        let held = collaborator.permissions(&self.at, context.client.granting, now);
        if held.contains(Permission::AccessManage) {
            Ok(Grantor { context, held, record, actor: collaborator.actor() })
        } else {
            Err(Refusal::Forbidden)
        }
    }

    /// Whether the caller may give access at the scope at all, before the items of a batch are looked at.
    ///
    /// # Errors
    /// [`Refusal::ScopeNotFound`] if there is no such scope for the caller, [`Refusal::Forbidden`] if he may not give.
    pub fn check_may_grant(&self, now: Timestamp) -> Result<(), Refusal> {
        self.grantor(now).map(drop)
    }

    /// Whom the command is about, who holds a grant that is seen from the scope.
    ///
    /// # Errors
    /// [`Refusal::CollaboratorNotFound`] otherwise: nobody learns of what is held at a sister scope.
    pub(crate) fn visible_target(&self, visibility: Visibility) -> Result<&Collaborator, Refusal> {
        let seen = |target: &&Collaborator| {
            target.grants_visible_from(&self.at, visibility).next().is_some()
        };
        self.target.as_ref().filter(seen).ok_or(Refusal::CollaboratorNotFound)
    }
}

impl<'a> ScopeContext<'a> {
    /// Where it happened and who did it, for the notices.
    pub(crate) const fn mail_context(self, actor: &'a Actor) -> MailContext<'a> {
        MailContext { client: self.client, scope: self.at, scope_name: self.name, actor }
    }
}

impl Grantor<'_> {
    /// Whether `role` may be given here by this giver, to end at `expires_at`.
    ///
    /// # Errors
    /// [`Refusal::RoleNotAllowedHere`], [`Refusal::RoleNotOffered`], [`Refusal::Forbidden`] where the role holds more
    /// than the giver, [`Refusal::InvalidExpiry`].
    pub(crate) fn may_give(
        &self,
        role: Role,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Grant, Refusal> {
        self.context.client.offers(role.name(), self.context.level)?;
        self.covers(role)?;
        if expires_at.is_some_and(|end| end <= now) {
            return Err(Refusal::InvalidExpiry);
        }
        let granted_by = self.actor.clone();
        Ok(Grant { level: self.context.level, role, granted_by, granted_at: now, expires_at })
    }

    /// Whether the giver may change or take a grant of `role`.
    ///
    /// # Errors
    /// [`Refusal::OwnerMustTransfer`] for an owner's, [`Refusal::Forbidden`] where it holds more than the giver.
    pub(crate) fn may_take(&self, role: Role) -> Result<(), Refusal> {
        if role.name() == RoleName::Owner {
            Err(Refusal::OwnerMustTransfer)
        } else {
            self.covers(role)
        }
    }

    /// No escalation: what is given or taken is included in what the giver holds (`domain.md`, rule 4).
    fn covers(&self, role: Role) -> Result<(), Refusal> {
        if self.held.includes(role.permissions()) { Ok(()) } else { Err(Refusal::Forbidden) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::{
        client::Seats,
        collaborator::{Binding, Membership},
        locale::Locale,
        mail_quota::MailCounts,
        scope::ClientId,
    };

    fn client() -> Client {
        let now = Timestamp::from_millis(0);
        let id = CollaboratorId::parse("abcdefghijklmnopqrstuvwxyz").unwrap();
        Client {
            id: ClientId::parse("acme").unwrap(),
            name: Name::parse("Acme").unwrap(),
            seats: Seats { limit: None, used: 1, seq: 1 },
            mails: MailCounts { day: now.day(), invitations: 0, announcements: 0 },
            owner: OwnerLabel { id, email: Email::parse("olga@example.org").unwrap() },
            granting: Granting::Administrators,
            roles: BTreeSet::from(RoleName::ALL),
            invitation_days: 14,
            locale: Locale::Fr,
            version: Version::first(now),
        }
    }

    // No role of today manages access without holding everything: this is for a role to come (rule 4).
    #[test]
    fn whoever_manages_access_gives_and_takes_no_more_than_he_holds() {
        let (client, at) = (client(), ScopeId::parse("acme:tech:summit").unwrap());
        let now = Timestamp::from_millis(0);
        let account = Account { iss: String::new(), sub: String::new() };
        let record = Collaborator {
            client: client.id.clone(),
            id: client.owner.id.clone(),
            email: client.owner.email.clone(),
            name: None,
            locale: None,
            membership: Membership::Active(Binding { account, accepted: None }),
            seat: true,
            last_login_at: None,
            grants: BTreeMap::new(),
            version: client.version,
            forget_at: None,
        };
        let (level, name, version) = (Level::Event, &client.name, client.version);
        let grantor = Grantor {
            context: ScopeContext { at: &at, client: &client, level, name, owner: None, version },
            held: Role::Observer
                .permissions()
                .union(PermissionSet::of(&[Permission::AccessManage])),
            record: &record,
            actor: Actor::Platform,
        };
        let forbidden = Err(Refusal::Forbidden);
        for role in [Role::Administrator, Role::Manager, Role::Supervisor] {
            assert_eq!(grantor.may_give(role, None, now).map(|_| ()), forbidden, "{role:?}");
            assert_eq!(grantor.may_take(role), forbidden, "{role:?}");
        }
        let export = PermissionSet::of(&[Permission::ContactsExport]);
        let custom = Role::new(RoleName::Custom, Some(export)).unwrap();
        assert_eq!(grantor.may_give(custom, None, now).map(|_| ()), forbidden);
        assert!(grantor.may_give(Role::Observer, None, now).is_ok());
        assert_eq!(grantor.may_take(Role::Observer), Ok(()));
    }
}
