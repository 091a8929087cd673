//! The records that a command is decided on, and the checks that all commands share.

use crate::{
    actor::Actor,
    caller::Caller,
    client::Client,
    collaborator::{Collaborator, Grant, Lifetime, Visibility},
    dates::EventEnd,
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
    /// Whether the seats that have expired were swept, so that a person waits only if no seat is free.
    pub swept: bool,
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
    /// The end of access to it, for grants that end with it.
    pub end: EventEnd,
    pub is_archived: bool,
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

impl Facts {
    /// The scope, without a check of the caller.
    ///
    /// # Errors
    /// [`Refusal::ScopeNotFound`] if it or its client does not exist.
    pub(crate) fn context(&self) -> Result<ScopeContext<'_>, Refusal> {
        let client = self.client.as_ref().ok_or(Refusal::ScopeNotFound)?;
        if self.at.is_client() {
            return Ok(ScopeContext::of_client(&self.at, client));
        }
        let scope = self.scope.as_ref().ok_or(Refusal::ScopeNotFound)?;
        Ok(ScopeContext::of_scope(scope, client))
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

impl<'a> ScopeContext<'a> {
    pub(crate) const fn of_client(at: &'a ScopeId, client: &'a Client) -> Self {
        Self {
            at,
            client,
            level: Level::Client,
            name: &client.name,
            owner: Some(&client.owner),
            end: EventEnd::None,
            is_archived: false,
            version: client.version,
        }
    }

    pub(crate) fn of_scope(scope: &'a Scope, client: &'a Client) -> Self {
        Self {
            at: &scope.id,
            client,
            level: scope.level,
            name: &scope.name,
            owner: scope.owner.as_ref(),
            end: client.rules.end_of(scope),
            is_archived: scope.archived_at.is_some(),
            version: scope.version,
        }
    }

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

    /// A grant of `role` on this scope, without an end of its own.
    pub(crate) fn grant(self, role: Role, granted_by: Actor, granted_at: Timestamp) -> Grant {
        let grant = Grant {
            level: self.level,
            role,
            granted_by,
            granted_at,
            expires_at: None,
            outlives_event: false,
            event: EventEnd::None,
        };
        self.with_lifetime(grant, Lifetime::default())
    }

    /// The grant on this scope with another lifetime, as it is given.
    ///
    /// # Errors
    /// [`Refusal::ScopeArchived`]; [`Refusal::AccessEnded`] if it would give nothing from the start.
    pub(crate) fn lasting(
        self,
        grant: Grant,
        lifetime: Lifetime,
        now: Timestamp,
    ) -> Result<Grant, Refusal> {
        if self.is_archived {
            return Err(Refusal::ScopeArchived);
        }
        let grant = self.with_lifetime(grant, lifetime);
        match grant.event.ends_at() {
            Some(ended_at) if ended_at <= now => Err(Refusal::AccessEnded { ended_at }),
            Some(_) | None => Ok(grant),
        }
    }

    fn with_lifetime(self, grant: Grant, lifetime: Lifetime) -> Grant {
        let Lifetime { expires_at, outlives_event } = lifetime;
        let unread = Grant::unread_event(grant.level, grant.role, outlives_event);
        let event = if unread == EventEnd::Unread { self.end } else { unread };
        Grant { expires_at, outlives_event, event, ..grant }
    }
}

impl Viewer<'_> {
    /// # Errors
    /// [`Refusal::Forbidden`] without `permission`.
    pub(crate) fn require(self, permission: Permission) -> Result<Self, Refusal> {
        if self.permissions.contains(permission) { Ok(self) } else { Err(Refusal::Forbidden) }
    }
}
