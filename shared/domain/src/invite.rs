//! Inviting somebody to a scope: somebody new, somebody expired, or one more grant for somebody who is there.

use std::collections::BTreeMap;

use crate::{
    client::{Addressee, Client, Locale, MailCounter},
    collaborator::{
        Collaborator, CollaboratorId, Grant, Invitation, MOST_GRANTS, Sending, Standing, Status,
    },
    decision::{Change, Decision, Outcome},
    email::Email,
    facts::{Facts, Site},
    history::{Action, Actor, Deed, Entry},
    notice::NoticeKind,
    refusal::Refusal,
    role::Role,
    text::{Message, Name},
    time::{Timestamp, Version},
};

/// Who is to be invited, as what.
#[derive(Clone, Debug)]
pub struct Wanted {
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

/// Decides whether `facts` allow this invitation at `now`; `sending` is a fresh id for the mail.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `OwnRole`, `RoleNotAllowedHere`, `RoleNotOffered`, `InvalidExpiry`,
/// `AlreadyHasAccess`, `TooManyGrants`, `SeatLimitReached`, `ResendTooSoon`, `ResendLimit`, `MailLimit`.
pub fn decide(
    facts: &Facts,
    wanted: &Wanted,
    sending: Sending,
    now: Timestamp,
) -> Result<Outcome<Collaborator>, Refusal> {
    let giver = facts.giver(now)?;
    if giver.record.id == wanted.id {
        return Err(Refusal::OwnRole);
    }
    let grant = giver.may_give(wanted.role, wanted.expires_at, now)?;
    let newcomer = Newcomer {
        id: &wanted.id,
        email: &wanted.email,
        name: &wanted.name,
        locale: wanted.locale,
    };
    let giving = Giving { facts, site: giver.site, actor: &giver.actor, sending, now };
    let mut outcome = giving.give(newcomer, grant, wanted.message.clone())?;
    outcome.decision.hold(Some(giver.record));
    Ok(outcome)
}

/// Who gets the grant, as he is called if he is new.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Newcomer<'a> {
    pub id: &'a CollaboratorId,
    pub email: &'a Email,
    pub name: &'a Option<Name>,
    pub locale: Option<Locale>,
}

/// A grant in the making, once it is clear that the actor may give it.
#[derive(Debug)]
pub(crate) struct Giving<'a> {
    pub facts: &'a Facts,
    pub site: Site<'a>,
    pub actor: &'a Actor,
    pub sending: Sending,
    pub now: Timestamp,
}

impl<'a> Giving<'a> {
    /// Gives `grant` to whomever `facts` know under the newcomer's id, or to the newcomer.
    pub(crate) fn give(
        self,
        newcomer: Newcomer<'_>,
        grant: Grant,
        message: Option<Message>,
    ) -> Result<Outcome<Collaborator>, Refusal> {
        let live = |person: &Collaborator| {
            person.grants.get(self.site.at).is_some_and(|present| present.is_live(self.now))
        };
        match self.present() {
            Some(person) if live(person) => Err(Refusal::AlreadyHasAccess(person.id.clone())),
            Some(_) | None => self.give_over(newcomer, grant, message),
        }
    }

    /// Gives `grant` likewise, and whatever role stood here before gives way to it, as to ownership.
    pub(crate) fn give_over(
        self,
        newcomer: Newcomer<'_>,
        grant: Grant,
        message: Option<Message>,
    ) -> Result<Outcome<Collaborator>, Refusal> {
        match self.present() {
            Some(person) => self.join(person, grant, message),
            None => self.begin(newcomer, grant, message),
        }
    }

    /// The person who is there already: somebody expired starts anew.
    fn present(&self) -> Option<&'a Collaborator> {
        // An owner is never swept, so nothing of his is lost: the grant joins (rule 9).
        let stays = |person: &&Collaborator| {
            person.status(self.now) != Status::Expired || person.is_owner()
        };
        self.facts.target.as_ref().filter(stays)
    }

    /// Somebody new, or somebody expired who starts anew: only the grant given now survives.
    fn begin(
        self,
        newcomer: Newcomer<'_>,
        grant: Grant,
        message: Option<Message>,
    ) -> Result<Outcome<Collaborator>, Refusal> {
        let (now, former) = (self.now, self.facts.target.as_ref());
        let mut client = self.site.client.clone();
        if !former.is_some_and(|former| former.seat) {
            client.take_seat()?;
        }
        let counter = self.count_mail(&mut client, newcomer.id)?;
        let expires_at = client.invitation_expiry(now);
        let person = Collaborator {
            client: client.id.clone(),
            id: newcomer.id.clone(),
            email: former.map_or(newcomer.email, |former| &former.email).clone(),
            name: former.and_then(|former| former.name.clone()).or_else(|| newcomer.name.clone()),
            locale: former.and_then(|former| former.locale).or(newcomer.locale),
            standing: Standing::Pending(Invitation::queued(
                self.sending.clone(),
                self.actor.clone(),
                expires_at,
            )),
            seat: true,
            last_login_at: None,
            grants: BTreeMap::from([(self.site.at.clone(), grant)]),
            version: former.map_or(Version::first(now), |former| former.version.next(now)),
            forget_at: None,
        };
        let mut decision = Decision::at(now);
        decision.client_becomes(self.site.client, client);
        decision.counter_becomes(self.facts.counter.as_ref(), counter);
        let deed = (Action::Invited, Some(NoticeKind::Invitation));
        Ok(self.write(decision, former, person, deed, message))
    }

    /// One more grant for somebody who is there: no seat, and no second invitation (rules 6 and 7).
    fn join(
        self,
        person: &Collaborator,
        grant: Grant,
        message: Option<Message>,
    ) -> Result<Outcome<Collaborator>, Refusal> {
        let mut after = person.clone().advanced(self.now);
        after.grants.insert(self.site.at.clone(), grant);
        if after.grants.len() > MOST_GRANTS {
            return Err(Refusal::TooManyGrants);
        }
        let told = match person.standing {
            Standing::Pending(_) => None,
            Standing::Active(_) => Some(NoticeKind::Granted),
        };
        let mut decision = Decision::at(self.now);
        decision.client_becomes(self.site.client, self.site.client.clone());
        Ok(self.write(decision, Some(person), after, (Action::Granted, told), message))
    }

    fn write(
        self,
        mut decision: Decision,
        before: Option<&Collaborator>,
        after: Collaborator,
        (action, told): (Action, Option<NoticeKind>),
        message: Option<Message>,
    ) -> Outcome<Collaborator> {
        let deed = Deed::new(self.actor.clone(), action);
        decision.record(Entry::of(deed, before, Some(&after), self.now));
        if let Some(kind) = told {
            let occasion = self.site.occasion(self.actor);
            decision.mail(occasion.notice(kind, &after, self.sending.clone()).saying(message));
        }
        decision.collaborator(match before {
            None => Change::Create(after.clone()),
            Some(before) => Change::Update { before: before.clone(), after: after.clone() },
        });
        Outcome { decision, answer: after }
    }

    fn count_mail(&self, client: &mut Client, id: &CollaboratorId) -> Result<MailCounter, Refusal> {
        let who = Addressee { client: &self.site.client.id, collaborator: id };
        let counter = MailCounter::invited(self.facts.counter.as_ref(), who, self.now)?;
        client.count_invitation(self.facts.limits, self.now)?;
        Ok(counter)
    }
}
