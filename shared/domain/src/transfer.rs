//! Transferring ownership in one transaction. The former owner becomes administrator.

use std::time::Duration;

use crate::{
    actor::Actor,
    caller::Caller,
    collaborator::{Collaborator, Grant, Status, Visibility},
    decision::{Change, Decision, Outcome},
    email::Email,
    facts::{Facts, ScopeContext},
    history::{Action, AuditEvent},
    ids::{CollaboratorId, MailIds},
    invite::{ApprovedGrant, NewCollaborator},
    mail::MailKind,
    precondition::Precondition,
    provision::Provisioned,
    refusal::Refusal,
    role::Role,
    scope::{Level, OwnerLabel, Scope},
    text::Name,
    time::{Timestamp, Version},
    unbind,
    waiting::IfFull,
};

/// The transfer.
#[derive(Clone, Debug)]
pub struct TransferCommand {
    /// The new owner; `facts.target` is their record.
    pub successor: Successor,
    /// The version of the scope that the caller read. Optional for the platform (docs/domain.md#rule-11).
    pub version: Option<Version>,
    /// How long ago a user may have logged in; `None` for any time, and in a dry run.
    pub fresh_login: Option<Duration>,
}

/// The new owner.
#[derive(Clone, Debug)]
pub enum Successor {
    /// An active collaborator.
    Collaborator(CollaboratorId),
    /// An address, which only the platform can name (docs/domain.md#rule-5).
    Email {
        /// The address.
        email: Email,
        /// The id of this address in the client.
        id: CollaboratorId,
        /// The name of a new collaborator.
        name: Option<Name>,
    },
}

impl Successor {
    /// The new owner's id in the client.
    #[must_use]
    pub const fn id(&self) -> &CollaboratorId {
        match self {
            Self::Collaborator(id) | Self::Email { id, .. } => id,
        }
    }
}

/// The present owner of `facts.at`, if their record must still be read. A user who transfers ownership is the owner, so
/// the facts contain the record; the platform is not.
#[must_use]
pub fn owner_to_read(facts: &Facts) -> Option<&CollaboratorId> {
    match facts.caller {
        Caller::User(_) => None,
        Caller::Platform(_) => facts.context().ok()?.owner.map(|owner| &owner.id),
    }
}

/// Decides whether `facts.target` becomes the owner of `facts.at`; `owner` is the record that [`owner_to_read`] names.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `VersionRequired`, `StaleVersion`, `NoOwnerHere` at an audience or a community,
/// `CollaboratorNotFound`, `NotActive`, `OwnerMustTransfer` if the target is the owner, the refusals of an invitation, and
/// `FreshLoginRequired` last: no one logs in again for a transfer that is then refused.
pub fn decide(
    facts: &Facts,
    owner: Option<&Collaborator>,
    command: &TransferCommand,
    mail_ids: MailIds,
    now: Timestamp,
) -> Result<Outcome<Provisioned>, Refusal> {
    let outcome = transferred(facts, owner, command, mail_ids, now)?;
    match (&facts.caller, command.fresh_login) {
        (Caller::User(user), Some(max_age)) => user.check_fresh_login(max_age, now)?,
        (Caller::User(_), None) | (Caller::Platform(_), _) => {}
    }
    Ok(outcome)
}

fn transferred(
    facts: &Facts,
    owner: Option<&Collaborator>,
    command: &TransferCommand,
    mail_ids: MailIds,
    now: Timestamp,
) -> Result<Outcome<Provisioned>, Refusal> {
    let named = (Some(&command.successor), command.version);
    let (context, former) = permitted(facts, owner, named, now)?;
    let transfer = Transfer { facts, context, actor: facts.caller.actor(), former, mail_ids, now };
    match &command.successor {
        Successor::Collaborator(_) => {
            let target = match facts.caller {
                Caller::Platform(_) => {
                    facts.target.as_ref().ok_or(Refusal::CollaboratorNotFound)?
                }
                // The owner of an event cannot find out who has access at a sister event.
                Caller::User(_) => facts.visible_target(Visibility::PathAndBelow)?,
            };
            if former.is_some_and(|former| former.id == target.id) {
                return Err(Refusal::OwnerMustTransfer);
            }
            if target.status(now) != Status::Active {
                return Err(Refusal::NotActive);
            }
            let (id, email) = (&target.id, &target.email);
            transfer.hand_over(NewCollaborator { id, email, name: &None, locale: None })
        }
        Successor::Email { email, id, name } => match former.filter(|former| former.id == *id) {
            Some(owner) => transfer.unbind(owner),
            None => transfer.hand_over(NewCollaborator { id, email, name, locale: None }),
        },
    }
}

/// Whether the caller can transfer the scope at all. It comes before the fields of the request.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `VersionRequired`, `StaleVersion`, `NoOwnerHere`.
pub fn check_permitted(
    facts: &Facts,
    version: Option<Version>,
    now: Timestamp,
) -> Result<(), Refusal> {
    permitted(facts, None, (None, version), now).map(drop)
}

/// The scope and its present owner, if the caller can transfer it.
fn permitted<'a>(
    facts: &'a Facts,
    owner: Option<&'a Collaborator>,
    (successor, version): (Option<&Successor>, Option<Version>),
    now: Timestamp,
) -> Result<(ScopeContext<'a>, Option<&'a Collaborator>), Refusal> {
    // A transfer changes the version of the scope, so the later of two concurrent ones is refused as stale.
    let stale =
        |context: ScopeContext<'_>| version.is_some_and(|version| version != context.version);
    match facts.caller {
        Caller::Platform(_) => {
            let context = facts.context()?;
            if stale(context) {
                return Err(Refusal::StaleVersion);
            }
            match context.level {
                Level::Client | Level::Event => Ok((context, owner)),
                Level::Audience | Level::Community => Err(Refusal::NoOwnerHere),
            }
        }
        Caller::User(_) => {
            let viewer = facts.viewer(now)?;
            let context = viewer.context;
            // Support sees the scope even if their own ownership is pending.
            let is_owner =
                |former: &&Collaborator| context.owner.is_some_and(|owner| owner.id == former.id);
            let former = viewer.record.filter(is_owner).ok_or(Refusal::Forbidden)?;
            if let Some(Successor::Email { .. }) = successor {
                return Err(Refusal::Forbidden);
            }
            Precondition::required(version).check(Some(context.version))?;
            Ok((context, Some(former)))
        }
    }
}

struct Transfer<'a> {
    facts: &'a Facts,
    context: ScopeContext<'a>,
    actor: Actor,
    former: Option<&'a Collaborator>,
    mail_ids: MailIds,
    now: Timestamp,
}

impl Transfer<'_> {
    fn grant(&self, role: Role) -> Grant {
        self.context.grant(role, self.actor.clone(), self.now)
    }

    /// Decides as for an invitation of the new owner, then adds the changes of the former one and of the scope.
    fn hand_over(
        self,
        new_collaborator: NewCollaborator<'_>,
    ) -> Result<Outcome<Provisioned>, Refusal> {
        let never_active = self.former.filter(|former| !former.was_active());
        let mut client = self.context.client.clone();
        // An owner who was never active is replaced, so their seat is released before the new owner takes one.
        let replaced = never_active.filter(|former| former.grants.len() == 1);
        if replaced.is_some_and(|former| former.seat) {
            client.return_seats(1);
            // The seat of an owner goes to the next owner, not to someone who waits.
            client.waiting.clear();
        }
        let approved = ApprovedGrant {
            facts: self.facts,
            context: ScopeContext { client: &client, ..self.context },
            actor: &self.actor,
            mail_id: self.mail_ids.to_new.clone(),
            if_full: IfFull::Refuse,
            now: self.now,
        };
        let granted = approved.add_or_replace(new_collaborator, self.grant(Role::Owner), None)?;
        let owner = OwnerLabel { id: granted.answer.id, email: granted.answer.email };
        let mut decision =
            granted.decision.relabel(Action::OwnershipReceived, MailKind::OwnershipReceived);
        self.write_former(&mut decision, never_active.is_some());
        let answer = self.write_scope(&mut decision, owner);
        Ok(Outcome { decision, answer })
    }

    /// The former owner becomes administrator. One who was never active loses the grant instead.
    fn write_former(&self, decision: &mut Decision, never_active: bool) {
        let Some(former) = self.former else { return };
        let mut after = former.clone().advanced(self.now);
        if never_active {
            after.grants.remove(self.context.at);
        } else {
            after.grants.insert(self.context.at.clone(), self.grant(Role::Administrator));
            // An owner who was unbound from their account is pending, and gets no mail but the invitation.
            if former.invitation().is_none() {
                let mail_id = self.mail_ids.to_former.clone();
                let kind = MailKind::OwnershipHandedOver;
                decision.mail(self.context.mail(&self.actor, kind, &after, mail_id));
            }
        }
        let event = AuditEvent::new(self.actor.clone(), Action::OwnershipHandedOver);
        decision.change(event, Some(former), (!after.grants.is_empty()).then_some(after));
    }

    /// Writes the new owner and version into the record of the scope.
    fn write_scope(&self, decision: &mut Decision, owner: OwnerLabel) -> Provisioned {
        let mut client = decision.client_after(self.context.client);
        client.waiting.clone_from(&self.context.client.waiting);
        let scope = self.facts.scope.as_ref().map(|before| {
            let version = before.version.next(self.now);
            Scope { owner: Some(owner.clone()), version, ..before.clone() }
        });
        if let (Some(before), Some(after)) = (&self.facts.scope, &scope) {
            decision.scope(Change::Update { before: before.clone(), after: after.clone() });
        } else {
            client.owner = owner;
            client.version = client.version.next(self.now);
        }
        decision.update_client(self.context.client, client.clone());
        Provisioned { client, scope, created: false }
    }

    /// The present owner lost their account, or never had one: they are unbound from it and invited again.
    fn unbind(self, owner: &Collaborator) -> Result<Outcome<Provisioned>, Refusal> {
        let Self { facts, context, actor, mail_ids, now, .. } = self;
        let unbound = unbind::unbound(facts, context, (&actor, owner), mail_ids.to_new, now)?;
        let mut decision = unbound.decision;
        let client = decision.client_after(context.client);
        // The record of an event must still name this owner, because a concurrent transfer can replace them.
        let scope = facts.scope.clone();
        if let Some(scope) = &scope {
            decision.scope(Change::Check(scope.clone()));
        }
        Ok(Outcome { decision, answer: Provisioned { client, scope, created: false } })
    }
}
