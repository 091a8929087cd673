//! Inviting somebody to a scope: somebody new, somebody expired, or one more grant for somebody who is there.

use std::collections::BTreeMap;

use crate::{
    actor::Actor,
    client::Client,
    collaborator::{Collaborator, Grant, Invitation, MAX_GRANTS, Membership, Status},
    decision::{Change, Decision, Outcome},
    email::Email,
    facts::{Facts, ScopeContext},
    history::{Action, AuditEvent, Entry},
    ids::{CollaboratorId, MailId},
    locale::Locale,
    mail::MailKind,
    mail_quota::{Addressee, MailCounter},
    refusal::Refusal,
    role::Role,
    text::{Message, Name},
    time::{Timestamp, Version},
};

/// Who is to be invited, as what.
#[derive(Clone, Debug)]
pub struct InviteCommand {
    /// The address.
    pub email: Email,
    /// The id that this address has in the client.
    pub id: CollaboratorId,
    /// The role to give.
    pub role: Role,
    /// What people call the person.
    pub name: Option<Name>,
    /// The language of the mails.
    pub locale: Option<Locale>,
    /// What the inviter adds to the mail.
    pub message: Option<Message>,
    /// When the access is to end by itself.
    pub expires_at: Option<Timestamp>,
}

/// Decides whether `facts` allow this invitation at `now`; `mail_id` is a fresh id for the mail.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `OwnRole`, `RoleNotAllowedHere`, `RoleNotOffered`, `InvalidExpiry`,
/// `AlreadyHasAccess`, `TooManyGrants`, `SeatLimitReached`, `ResendTooSoon`, `ResendLimit`, `MailLimit`.
pub fn decide(
    facts: &Facts,
    command: &InviteCommand,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<Collaborator>, Refusal> {
    let grantor = facts.grantor(now)?;
    if grantor.record.id == command.id {
        return Err(Refusal::OwnRole);
    }
    let grant = grantor.may_give(command.role, command.expires_at, now)?;
    let new_collaborator = NewCollaborator {
        id: &command.id,
        email: &command.email,
        name: &command.name,
        locale: command.locale,
    };
    let approved =
        ApprovedGrant { facts, context: grantor.context, actor: &grantor.actor, mail_id, now };
    let mut outcome = approved.give(new_collaborator, grant, command.message.clone())?;
    outcome.decision.check_unchanged(Some(grantor.record));
    Ok(outcome)
}

/// Who gets the grant, as he is called if he is new.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewCollaborator<'a> {
    pub id: &'a CollaboratorId,
    pub email: &'a Email,
    pub name: &'a Option<Name>,
    pub locale: Option<Locale>,
}

/// A grant in the making, once it is clear that the actor may give it.
#[derive(Debug)]
pub(crate) struct ApprovedGrant<'a> {
    pub facts: &'a Facts,
    pub context: ScopeContext<'a>,
    pub actor: &'a Actor,
    pub mail_id: MailId,
    pub now: Timestamp,
}

impl<'a> ApprovedGrant<'a> {
    /// Gives `grant` to whomever `facts` know under the newcomer's id, or to the newcomer.
    pub(crate) fn give(
        self,
        new_collaborator: NewCollaborator<'_>,
        grant: Grant,
        message: Option<Message>,
    ) -> Result<Outcome<Collaborator>, Refusal> {
        let live = |collaborator: &Collaborator| {
            collaborator
                .grants
                .get(self.context.at)
                .is_some_and(|present| present.is_live(self.now))
        };
        match self.present() {
            Some(collaborator) if live(collaborator) => {
                Err(Refusal::AlreadyHasAccess(collaborator.id.clone()))
            }
            Some(_) | None => self.give_over(new_collaborator, grant, message),
        }
    }

    /// Gives `grant` likewise, and whatever role stood here before gives way to it, as to ownership.
    pub(crate) fn give_over(
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

    /// The person who is there already: somebody expired starts anew.
    fn present(&self) -> Option<&'a Collaborator> {
        // An owner is never swept, so nothing of his is lost: the grant joins (rule 9).
        let stays = |collaborator: &&Collaborator| {
            collaborator.status(self.now) != Status::Expired || collaborator.is_owner()
        };
        self.facts.target.as_ref().filter(stays)
    }

    /// Somebody new, or somebody expired who starts anew: only the grant given now survives.
    fn begin(
        self,
        new_collaborator: NewCollaborator<'_>,
        grant: Grant,
        message: Option<Message>,
    ) -> Result<Outcome<Collaborator>, Refusal> {
        let (now, former) = (self.now, self.facts.target.as_ref());
        let mut client = self.context.client.clone();
        if !former.is_some_and(|former| former.seat) {
            client.take_seat()?;
        }
        let counter = self.count_mail(&mut client, new_collaborator.id)?;
        let expires_at = client.invitation_expiry(now);
        let collaborator = Collaborator {
            client: client.id.clone(),
            id: new_collaborator.id.clone(),
            email: former.map_or(new_collaborator.email, |former| &former.email).clone(),
            name: former
                .and_then(|former| former.name.clone())
                .or_else(|| new_collaborator.name.clone()),
            locale: former.and_then(|former| former.locale).or(new_collaborator.locale),
            membership: Membership::Pending(Invitation::queued(
                self.mail_id.clone(),
                self.actor.clone(),
                expires_at,
            )),
            seat: true,
            last_login_at: None,
            grants: BTreeMap::from([(self.context.at.clone(), grant)]),
            version: former.map_or(Version::first(now), |former| former.version.next(now)),
            forget_at: None,
        };
        let mut decision = Decision::at(now);
        decision.update_client(self.context.client, client);
        decision.update_counter(self.facts.counter.as_ref(), counter);
        let event = (Action::Invited, Some(MailKind::Invitation));
        Ok(self.write(decision, former, collaborator, event, message))
    }

    /// One more grant for somebody who is there: no seat, and no second invitation (rules 6 and 7).
    fn join(
        self,
        collaborator: &Collaborator,
        grant: Grant,
        message: Option<Message>,
    ) -> Result<Outcome<Collaborator>, Refusal> {
        let mut after = collaborator.clone().advanced(self.now);
        after.grants.insert(self.context.at.clone(), grant);
        if after.grants.len() > MAX_GRANTS {
            return Err(Refusal::TooManyGrants);
        }
        let told = match collaborator.membership {
            Membership::Pending(_) => None,
            Membership::Active(_) => Some(MailKind::Granted),
        };
        let mut decision = Decision::at(self.now);
        decision.update_client(self.context.client, self.context.client.clone());
        Ok(self.write(decision, Some(collaborator), after, (Action::Granted, told), message))
    }

    fn write(
        self,
        mut decision: Decision,
        before: Option<&Collaborator>,
        after: Collaborator,
        (action, told): (Action, Option<MailKind>),
        message: Option<Message>,
    ) -> Outcome<Collaborator> {
        let event = AuditEvent::new(self.actor.clone(), action);
        decision.record(Entry::of(event, before, Some(&after), self.now));
        if let Some(kind) = told {
            let mail_context = self.context.mail_context(self.actor);
            decision
                .mail(mail_context.mail(kind, &after, self.mail_id.clone()).with_message(message));
        }
        decision.collaborator(match before {
            None => Change::Create(after.clone()),
            Some(before) => Change::Update { before: before.clone(), after: after.clone() },
        });
        Outcome { decision, answer: after }
    }

    fn count_mail(&self, client: &mut Client, id: &CollaboratorId) -> Result<MailCounter, Refusal> {
        let who = Addressee { client: &self.context.client.id, collaborator: id };
        let counter = MailCounter::invited(self.facts.counter.as_ref(), who, self.now)?;
        client.mails.count_invitation(self.facts.limits, self.now)?;
        Ok(counter)
    }
}
