//! Handing over ownership: in one transaction, after which the former owner is administrator.

use crate::{
    actor::Actor,
    collaborator::{Collaborator, Grant, Invitation, Membership, Status, Visibility},
    decision::{Change, Decision, Outcome},
    email::Email,
    facts::{Caller, Facts, ScopeContext},
    history::{Action, AuditEvent, Entry},
    ids::{CollaboratorId, MailId},
    invite::{ApprovedGrant, NewCollaborator},
    mail::MailKind,
    mail_quota::{Addressee, MailCounter},
    provision::Provisioned,
    refusal::Refusal,
    role::Role,
    scope::{Level, OwnerLabel, Scope},
    text::Name,
    time::{Timestamp, Version},
};

/// A transfer as it is asked for.
#[derive(Clone, Debug)]
pub struct TransferCommand {
    /// To whom ownership goes; `facts.target` is that person's record.
    pub successor: Successor,
    /// The version of the scope that it was decided on; the platform may name none (`domain.md`, rule 11).
    pub version: Option<Version>,
}

/// To whom ownership goes.
#[derive(Clone, Debug)]
pub enum Successor {
    /// An active collaborator.
    Collaborator(CollaboratorId),
    /// An address, which only the platform may name (`domain.md`, rule 5).
    Email {
        /// The address.
        email: Email,
        /// The id that this address has in the client.
        id: CollaboratorId,
        /// What people call the person.
        name: Option<Name>,
    },
}

impl Successor {
    /// The id of that person in the client.
    #[must_use]
    pub const fn id(&self) -> &CollaboratorId {
        match self {
            Self::Collaborator(id) | Self::Email { id, .. } => id,
        }
    }
}

/// The ids of the mails to the new owner and to the former one.
#[derive(Clone, Debug)]
pub struct MailIds {
    /// To the new owner.
    pub to_new: MailId,
    /// To the former owner.
    pub to_former: MailId,
}

/// The present owner of `facts.at` where his record is still to be read: whoever hands over as a person is the owner
/// himself, whose record the facts hold; the platform hands over what it does not own.
#[must_use]
pub fn owner_to_read(facts: &Facts) -> Option<&CollaboratorId> {
    match facts.caller {
        Caller::User(_) => None,
        Caller::Platform => facts.context().ok()?.owner.map(|owner| &owner.id),
    }
}

/// Decides whether ownership of `facts.at` goes to `facts.target`; `owner` is the record that [`owner_to_read`] names.
///
/// # Errors
/// `ScopeNotFound`, `RoleNotAllowedHere` where no scope of its kind has an owner, `StaleVersion`, `Forbidden`,
/// `VersionRequired`, `CollaboratorNotFound`, `NotActive`, `OwnerMustTransfer` where the target owns the scope already,
/// and what an invitation may be refused for.
pub fn decide(
    facts: &Facts,
    owner: Option<&Collaborator>,
    command: &TransferCommand,
    mail_ids: MailIds,
    now: Timestamp,
) -> Result<Outcome<Provisioned>, Refusal> {
    let (context, former) = permitted(facts, owner, command, now)?;
    let transfer = Transfer { facts, context, actor: facts.caller.actor(), former, mail_ids, now };
    match &command.successor {
        Successor::Collaborator(_) => {
            let target = match facts.caller {
                Caller::Platform => facts.target.as_ref().ok_or(Refusal::CollaboratorNotFound)?,
                // An event's owner learns nothing of those who are only at a sister event.
                Caller::User(_) => facts.visible_target(Visibility::PathAndBelow)?,
            };
            if former.is_some_and(|former| former.id == target.id) {
                return Err(Refusal::OwnerMustTransfer);
            }
            if target.status(now) != Status::Active {
                return Err(Refusal::NotActive);
            }
            transfer.hand_over(NewCollaborator {
                id: &target.id,
                email: &target.email,
                name: &None,
                locale: None,
            })
        }
        Successor::Email { email, id, name } => {
            let new_collaborator = NewCollaborator { id, email, name, locale: None };
            match former.filter(|former| former.id == *id) {
                Some(owner) => transfer.unbind(owner),
                None => transfer.hand_over(new_collaborator),
            }
        }
    }
}

/// Its owner, or the platform; with the record of the present owner.
fn permitted<'a>(
    facts: &'a Facts,
    owner: Option<&'a Collaborator>,
    command: &TransferCommand,
    now: Timestamp,
) -> Result<(ScopeContext<'a>, Option<&'a Collaborator>), Refusal> {
    // Who owns a scope is part of its version: of two transfers at once, the later one is told that this has changed.
    let stale = |context: ScopeContext<'_>| {
        command.version.is_some_and(|version| version != context.version)
    };
    match facts.caller {
        Caller::Platform => {
            let context = facts.context()?;
            match context.level {
                Level::Client | Level::Event if stale(context) => Err(Refusal::StaleVersion),
                Level::Client | Level::Event => Ok((context, owner)),
                // Only a client and an event have an owner (rule 5).
                Level::Audience | Level::Community => Err(Refusal::RoleNotAllowedHere),
            }
        }
        Caller::User(_) => {
            let (context, _, record) = facts.viewer(now)?;
            if stale(context) {
                return Err(Refusal::StaleVersion);
            }
            let owns = context.owner.is_some_and(|owner| owner.id == record.id);
            match &command.successor {
                Successor::Collaborator(_) if owns => {
                    command.version.ok_or(Refusal::VersionRequired)?;
                    Ok((context, Some(record)))
                }
                Successor::Collaborator(_) | Successor::Email { .. } => Err(Refusal::Forbidden),
            }
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
        let granted_by = self.actor.clone();
        Grant {
            level: self.context.level,
            role,
            granted_by,
            granted_at: self.now,
            expires_at: None,
        }
    }

    /// The new owner first, as by an invitation, then the former one.
    fn hand_over(
        self,
        new_collaborator: NewCollaborator<'_>,
    ) -> Result<Outcome<Provisioned>, Refusal> {
        let now = self.now;
        let never_active =
            self.former.filter(|former| matches!(former.membership, Membership::Pending(_)));
        let mut client = self.context.client.clone();
        // An owner who was never active is replaced: his seat is free before the new one is taken.
        let replaced = never_active.filter(|former| former.grants.len() == 1);
        client.return_seats(u32::from(replaced.is_some_and(|former| former.seat)));
        let context = ScopeContext { client: &client, ..self.context };
        let approved = ApprovedGrant {
            facts: self.facts,
            context,
            actor: &self.actor,
            mail_id: self.mail_ids.to_new.clone(),
            now,
        };
        let given = approved.give_over(new_collaborator, self.grant(Role::Owner), None)?;
        let owner = OwnerLabel { id: given.answer.id, email: given.answer.email };
        let mut decision =
            given.decision.relabel(Action::OwnershipReceived, MailKind::OwnershipReceived);
        self.write_former(&mut decision, never_active.is_some());
        let answer = self.write_scope(&mut decision, owner);
        Ok(Outcome { decision, answer })
    }

    /// The former owner becomes administrator; one who was never active gives up this grant altogether.
    fn write_former(&self, decision: &mut Decision, never_active: bool) {
        let Some(former) = self.former else { return };
        let mut after = former.clone().advanced(self.now);
        if never_active {
            after.grants.remove(self.context.at);
        } else {
            after.grants.insert(self.context.at.clone(), self.grant(Role::Administrator));
        }
        let remains = (!after.grants.is_empty()).then_some(after);
        let event = AuditEvent::new(self.actor.clone(), Action::OwnershipHandedOver);
        decision.record(Entry::of(event, Some(former), remains.as_ref(), self.now));
        if !never_active {
            let mail_context = self.context.mail_context(&self.actor);
            let collaborator = remains.as_ref().unwrap_or(former);
            decision.mail(mail_context.mail(
                MailKind::OwnershipHandedOver,
                collaborator,
                self.mail_ids.to_former.clone(),
            ));
        }
        decision.collaborator(match remains {
            None => Change::Delete(former.clone()),
            Some(after) => Change::Update { before: former.clone(), after },
        });
    }

    /// The owner of an event stands in its record, that of a client in the client's; both grow a version.
    fn write_scope(&self, decision: &mut Decision, owner: OwnerLabel) -> Provisioned {
        let mut client = match decision.client() {
            Some(Change::Check(client) | Change::Update { after: client, .. }) => client.clone(),
            Some(Change::Create(_) | Change::Delete(_)) | None => self.context.client.clone(),
        };
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

    /// The present owner lost the account, or never had one: he is unbound and invited again.
    fn unbind(self, owner: &Collaborator) -> Result<Outcome<Provisioned>, Refusal> {
        let now = self.now;
        let mut client = self.context.client.clone();
        let who = Addressee { client: &self.context.client.id, collaborator: &owner.id };
        let counter = MailCounter::resent(self.facts.counter.as_ref(), who, now)?;
        client.mails.count_invitation(self.facts.limits, now)?;
        let mut after = owner.clone().advanced(now);
        let expires_at = client.invitation_expiry(now);
        after.membership = Membership::Pending(Invitation::queued(
            self.mail_ids.to_new.clone(),
            self.actor.clone(),
            expires_at,
        ));
        let mut decision = Decision::at(now);
        decision.update_client(self.context.client, client.clone());
        decision.update_counter(self.facts.counter.as_ref(), counter);
        let event = AuditEvent::new(self.actor.clone(), Action::AccountUnbound);
        decision.record(Entry::of(event, Some(owner), Some(&after), now));
        let mail_context = self.context.mail_context(&self.actor);
        decision.mail(mail_context.mail(
            MailKind::Invitation,
            &after,
            self.mail_ids.to_new.clone(),
        ));
        decision.collaborator(Change::Update { before: owner.clone(), after });
        // That he owns an event stands in its record, which he may have handed over meanwhile.
        let scope = self.facts.scope.clone();
        if let Some(scope) = &scope {
            decision.scope(Change::Check(scope.clone()));
        }
        let answer = Provisioned { client, scope, created: false };
        Ok(Outcome { decision, answer })
    }
}
