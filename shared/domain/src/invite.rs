//! Inviting to a scope: a new collaborator, an expired one, or one more grant for a present one.

use std::collections::BTreeMap;

use crate::{
    actor::Actor,
    collaborator::{
        Admission, Collaborator, Grant, Invitation, Lifetime, MAX_GRANTS, Membership, Status,
        Waiting,
    },
    decision::{Decision, Outcome},
    email::Email,
    facts::{Facts, ScopeContext},
    history::{Action, AuditEvent},
    ids::{CollaboratorId, MailId},
    locale::Locale,
    mail::MailKind,
    mail_budget::Counted,
    mail_quota::{Addressee, MailCounter},
    refusal::Refusal,
    role::Role,
    text::{Message, Name},
    time::Timestamp,
    waiting::IfFull,
};

/// The invitation.
#[derive(Clone, Debug)]
pub struct InviteCommand {
    /// The address.
    pub email: Email,
    /// The id of this address in the client.
    pub id: CollaboratorId,
    /// The role.
    pub role: Role,
    /// The name of a new collaborator.
    pub name: Option<Name>,
    /// The language of a new collaborator.
    pub locale: Option<Locale>,
    /// The inviter's message in the mail.
    pub message: Option<Message>,
    /// How long the access lasts.
    pub lifetime: Lifetime,
    /// Whether they wait if no seat is free.
    pub if_full: IfFull,
}

/// Decides whether `facts` allow this invitation; `mail_id` is a new id for the mail.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `OwnRole`, `RoleNotAllowedHere`, `RoleNotOffered`, `InvalidExpiry`, `InvalidField`,
/// `ScopeArchived`, `AccessEnded`, `AlreadyHasAccess`, `TooManyGrants`, `SeatLimitReached`, `WaitingListFull`, `ResendTooSoon`,
/// `ResendLimit`, `MailLimit`.
pub fn decide(
    facts: &Facts,
    command: &InviteCommand,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<Collaborator>, Refusal> {
    let grantor = facts.grantor(now)?;
    if facts.caller.is(&command.id) {
        return Err(Refusal::OwnRole);
    }
    let grant = grantor.new_grant(command.role, command.lifetime, now)?;
    let new_collaborator = NewCollaborator {
        id: &command.id,
        email: &command.email,
        name: &command.name,
        locale: command.locale,
    };
    let approved = ApprovedGrant {
        facts,
        context: grantor.context,
        actor: &grantor.actor,
        mail_id,
        if_full: command.if_full,
        now,
    };
    let mut outcome = approved.add(new_collaborator, grant, command.message.clone())?;
    outcome.decision.check_unchanged(grantor.record);
    Ok(outcome)
}

/// The recipient of a grant; name and language apply only if they are new.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewCollaborator<'a> {
    pub id: &'a CollaboratorId,
    pub email: &'a Email,
    pub name: &'a Option<Name>,
    pub locale: Option<Locale>,
}

/// A grant that the actor is allowed to give to `facts.target`, or to a new collaborator.
#[derive(Debug)]
pub(crate) struct ApprovedGrant<'a> {
    pub facts: &'a Facts,
    pub context: ScopeContext<'a>,
    pub actor: &'a Actor,
    pub mail_id: MailId,
    pub if_full: IfFull,
    pub now: Timestamp,
}

impl<'a> ApprovedGrant<'a> {
    /// Adds the grant, unless there is a live one on the same scope.
    pub(crate) fn add(
        self,
        new_collaborator: NewCollaborator<'_>,
        grant: Grant,
        message: Option<Message>,
    ) -> Result<Outcome<Collaborator>, Refusal> {
        let has_access = |collaborator: &&Collaborator| {
            let present = collaborator.grants.get(self.context.at);
            present.is_some_and(|present| present.is_live(self.now))
        };
        match self.present().filter(has_access) {
            Some(collaborator) => Err(Refusal::AlreadyHasAccess(collaborator.id.clone())),
            None => self.add_or_replace(new_collaborator, grant, message),
        }
    }

    /// Adds the grant, in place of one on the same scope.
    pub(crate) fn add_or_replace(
        self,
        new_collaborator: NewCollaborator<'_>,
        grant: Grant,
        message: Option<Message>,
    ) -> Result<Outcome<Collaborator>, Refusal> {
        match self.present() {
            Some(collaborator) => self.join(collaborator, grant, message),
            None => self.begin(new_collaborator, grant, message),
        }
    }

    /// The target, unless an invitation of theirs starts again.
    fn present(&self) -> Option<&'a Collaborator> {
        self.facts.target.as_ref().filter(|collaborator| !collaborator.is_former(self.now))
    }

    /// A new collaborator, or one whose invitation expired or was declined, who starts again with this grant only.
    fn begin(
        self,
        new: NewCollaborator<'_>,
        grant: Grant,
        message: Option<Message>,
    ) -> Result<Outcome<Collaborator>, Refusal> {
        let (now, former) = (self.now, self.facts.target.as_ref());
        let is_owner = grant.role == Role::Owner;
        let mut client = self.context.client.clone();
        if !former.is_some_and(|former| former.seat) {
            match client.take_seat() {
                Err(refusal) if self.facts.may_wait(self.if_full, &refusal) => {
                    return self.wait(new, grant, message);
                }
                taken => taken?,
            }
        }
        let addressee = Addressee { client: &self.context.client.id, collaborator: new.id };
        let stored = self.facts.counter.as_ref();
        let known = MailCounter::known(stored, former);
        let counter = match former.and_then(Collaborator::declined) {
            Some(declined) => MailCounter::invited_again(known.as_ref(), addressee, declined, now)?,
            None => MailCounter::invited(known.as_ref(), addressee, now)?,
        };
        let cause = self.facts.cause(self.actor);
        client.mails.count(Counted::Invitation, cause, self.facts.limits, now)?;
        let invitation = Invitation::queued(
            self.mail_id.clone(),
            self.actor.clone(),
            client.invitation_expiry(now),
        );
        let membership = Membership::Pending(invitation);
        let collaborator = Collaborator { seat: true, ..self.starting(new, grant, membership) };
        let mut decision = Decision::at(now);
        decision.update_client(self.context.client, client);
        if let Some(former) = former {
            decision.check_ended_events(former);
        }
        if stored.is_some() || counter.has_resends() || is_owner {
            decision.update_counter(stored, counter);
        }
        let event = (Action::Invited, Some(MailKind::Invitation));
        Ok(self.write(decision, former, collaborator, event, message))
    }

    /// A new collaborator, or one who starts again, waits for a seat. They get no mail until then.
    fn wait(
        self,
        new: NewCollaborator<'_>,
        grant: Grant,
        message: Option<Message>,
    ) -> Result<Outcome<Collaborator>, Refusal> {
        let former = self.facts.target.as_ref();
        if let Some(declined) = former.and_then(Collaborator::declined) {
            declined.check_may_invite_again(self.now)?;
        }
        let mut client = self.context.client.clone();
        client.enter_list(new.id)?;
        let (by, admission) = (self.actor.clone(), Admission::Invitation(message));
        let membership = Membership::Waiting(Waiting { by, since: self.now, admission });
        let collaborator = self.starting(new, grant, membership);
        let mut decision = Decision::at(self.now);
        decision.update_client(self.context.client, client);
        if let Some(former) = former {
            // Their record does not show the former invitation any more.
            decision.keep_counter(self.facts.counter.as_ref(), former);
            decision.check_ended_events(former);
        }
        Ok(self.write(decision, former, collaborator, (Action::Waiting, None), None))
    }

    /// The record of a collaborator who starts with this grant, still without a seat.
    fn starting(
        &self,
        new: NewCollaborator<'_>,
        grant: Grant,
        membership: Membership,
    ) -> Collaborator {
        let former = self.facts.target.as_ref();
        let name = former.and_then(|former| former.name.as_ref()).or(new.name.as_ref());
        Collaborator {
            client: self.context.client.id.clone(),
            id: new.id.clone(),
            email: former.map_or(new.email, |former| &former.email).clone(),
            name: name.cloned(),
            locale: former.and_then(|former| former.locale).or(new.locale),
            membership,
            seat: false,
            last_login_at: None,
            refused_login_at: None,
            grants: BTreeMap::from([(self.context.at.clone(), grant)]),
            version: former
                .map_or_else(|| self.mail_id.first_version(), |former| former.version.successor()),
            changed_at: former.map_or(self.now, |former| former.next_change(self.now)),
            forget_at: None,
        }
    }

    /// One more grant for a present collaborator, without a seat or a second invitation (docs/domain.md#rule-7).
    fn join(
        self,
        collaborator: &Collaborator,
        grant: Grant,
        message: Option<Message>,
    ) -> Result<Outcome<Collaborator>, Refusal> {
        let shown = MailCounter::known(None, Some(collaborator)).filter(|it| it.matters(self.now));
        let shown = shown.filter(|_| {
            let is_pending = collaborator.invitation().is_some();
            is_pending && grant.role == Role::Owner && self.facts.counter.is_none()
        });
        let has_none =
            [Status::Suspended, Status::Waiting].contains(&collaborator.status(self.now));
        if grant.role == Role::Owner && has_none {
            // An owner has a seat.
            return Err(Refusal::NotActive);
        }
        let mut after = collaborator.clone().advanced(self.now);
        after.grants.insert(self.context.at.clone(), grant);
        if after.grants.len() > MAX_GRANTS {
            return Err(Refusal::TooManyGrants);
        }
        let mut client = self.context.client.clone();
        let mail = match collaborator.membership {
            Membership::Pending(_)
            | Membership::Suspended(_)
            | Membership::Declined(_)
            | Membership::Waiting(_) => None,
            Membership::Active(_) => Some(MailKind::Granted),
        };
        if mail.is_some() && message.is_some() {
            // Otherwise grants would send messages that the limit of announcements forbids.
            let cause = self.facts.cause(self.actor);
            client.mails.count(Counted::Announcement, cause, self.facts.limits, self.now)?;
        }
        let mut decision = Decision::at(self.now);
        decision.update_client(self.context.client, client);
        if let Some(counter) = shown {
            // A transfer can remove an owner whom it does not read the counter of.
            decision.update_counter(None, counter);
        }
        Ok(self.write(decision, Some(collaborator), after, (Action::Granted, mail), message))
    }

    fn write(
        self,
        mut decision: Decision,
        before: Option<&Collaborator>,
        after: Collaborator,
        (action, mail): (Action, Option<MailKind>),
        message: Option<Message>,
    ) -> Outcome<Collaborator> {
        if let Some(kind) = mail {
            let mail = self.context.mail(self.actor, kind, &after, self.mail_id);
            let mail = mail.with_message(message);
            match before {
                Some(before) if kind == MailKind::Granted => {
                    decision.notify(self.facts.counter.as_ref(), before, mail);
                }
                Some(_) | None => decision.mail(mail),
            }
        }
        let event = AuditEvent::new(self.actor.clone(), action);
        decision.change(event, before, Some(after.clone()));
        Outcome { decision, answer: after }
    }
}
