//! Handing over ownership: in one transaction, after which the former owner is administrator.

use crate::{
    client::{Addressee, MailCounter},
    collaborator::{
        Collaborator, CollaboratorId, Grant, Invitation, OwnerLabel, Sending, Sight, Standing,
        Status,
    },
    decision::{Change, Decision, Outcome},
    email::Email,
    facts::{Caller, Facts, Site},
    history::{Action, Actor, Deed, Entry},
    invite::{Giving, Newcomer},
    notice::NoticeKind,
    provision::Provisioned,
    refusal::Refusal,
    role::Role,
    scope::{Level, Scope},
    text::Name,
    time::{Timestamp, Version},
};

/// A transfer as it is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
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
pub struct Sendings {
    /// To the new owner.
    pub to_new: Sending,
    /// To the former owner.
    pub to_former: Sending,
}

/// The present owner of `facts.at` where his record is still to be read: whoever hands over as a person is the owner
/// himself, whose record the facts hold; the platform hands over what it does not own.
#[must_use]
pub fn owner_to_read(facts: &Facts) -> Option<&CollaboratorId> {
    match facts.caller {
        Caller::Person(_) => None,
        Caller::Platform => facts.site().ok()?.owner.map(|owner| &owner.id),
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
    wanted: &Wanted,
    sendings: Sendings,
    now: Timestamp,
) -> Result<Outcome<Provisioned>, Refusal> {
    let (site, former) = permitted(facts, owner, wanted, now)?;
    let transfer = Transfer { facts, site, actor: facts.caller.actor(), former, sendings, now };
    match &wanted.successor {
        Successor::Collaborator(_) => {
            let target = match facts.caller {
                Caller::Platform => facts.target.as_ref().ok_or(Refusal::CollaboratorNotFound)?,
                // An event's owner learns nothing of those who are only at a sister event.
                Caller::Person(_) => facts.seen_target(Sight::PathAndBelow)?,
            };
            if former.is_some_and(|former| former.id == target.id) {
                return Err(Refusal::OwnerMustTransfer);
            }
            if target.status(now) != Status::Active {
                return Err(Refusal::NotActive);
            }
            transfer.hand_over(Newcomer {
                id: &target.id,
                email: &target.email,
                name: &None,
                locale: None,
            })
        }
        Successor::Email { email, id, name } => {
            let newcomer = Newcomer { id, email, name, locale: None };
            match former.filter(|former| former.id == *id) {
                Some(owner) => transfer.unbind(owner),
                None => transfer.hand_over(newcomer),
            }
        }
    }
}

/// Its owner, or the platform; with the record of the present owner.
fn permitted<'a>(
    facts: &'a Facts,
    owner: Option<&'a Collaborator>,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<(Site<'a>, Option<&'a Collaborator>), Refusal> {
    // Who owns a scope is part of its version: of two transfers at once, the later one is told that this has changed.
    let stale = |site: Site<'_>| wanted.version.is_some_and(|version| version != site.version);
    match facts.caller {
        Caller::Platform => {
            let site = facts.site()?;
            match site.level {
                Level::Client | Level::Event if stale(site) => Err(Refusal::StaleVersion),
                Level::Client | Level::Event => Ok((site, owner)),
                // Only a client and an event have an owner (rule 5).
                Level::Audience | Level::Community => Err(Refusal::RoleNotAllowedHere),
            }
        }
        Caller::Person(_) => {
            let (site, _, record) = facts.visitor(now)?;
            if stale(site) {
                return Err(Refusal::StaleVersion);
            }
            let owns = site.owner.is_some_and(|owner| owner.id == record.id);
            match &wanted.successor {
                Successor::Collaborator(_) if owns => {
                    wanted.version.ok_or(Refusal::VersionRequired)?;
                    Ok((site, Some(record)))
                }
                Successor::Collaborator(_) | Successor::Email { .. } => Err(Refusal::Forbidden),
            }
        }
    }
}

struct Transfer<'a> {
    facts: &'a Facts,
    site: Site<'a>,
    actor: Actor,
    former: Option<&'a Collaborator>,
    sendings: Sendings,
    now: Timestamp,
}

impl Transfer<'_> {
    fn grant(&self, role: Role) -> Grant {
        let granted_by = self.actor.clone();
        Grant { level: self.site.level, role, granted_by, granted_at: self.now, expires_at: None }
    }

    /// The new owner first, as by an invitation, then the former one.
    fn hand_over(self, newcomer: Newcomer<'_>) -> Result<Outcome<Provisioned>, Refusal> {
        let now = self.now;
        let never_active =
            self.former.filter(|former| matches!(former.standing, Standing::Pending(_)));
        let mut client = self.site.client.clone();
        // An owner who was never active is replaced: his seat is free before the new one is taken.
        let replaced = never_active.filter(|former| former.grants.len() == 1);
        client.return_seats(u32::from(replaced.is_some_and(|former| former.seat)));
        let site = Site { client: &client, ..self.site };
        let giving = Giving {
            facts: self.facts,
            site,
            actor: &self.actor,
            sending: self.sendings.to_new.clone(),
            now,
        };
        let given = giving.give_over(newcomer, self.grant(Role::Owner), None)?;
        let owner = OwnerLabel { id: given.answer.id, email: given.answer.email };
        let mut decision =
            given.decision.told_as(Action::OwnershipReceived, NoticeKind::OwnershipReceived);
        self.write_former(&mut decision, never_active.is_some());
        let answer = self.write_scope(&mut decision, owner);
        Ok(Outcome { decision, answer })
    }

    /// The former owner becomes administrator; one who was never active gives up this grant altogether.
    fn write_former(&self, decision: &mut Decision, never_active: bool) {
        let Some(former) = self.former else { return };
        let mut after = former.clone().advanced(self.now);
        if never_active {
            after.grants.remove(self.site.at);
        } else {
            after.grants.insert(self.site.at.clone(), self.grant(Role::Administrator));
        }
        let remains = (!after.grants.is_empty()).then_some(after);
        let deed = Deed::new(self.actor.clone(), Action::OwnershipHandedOver);
        decision.record(Entry::of(deed, Some(former), remains.as_ref(), self.now));
        if !never_active {
            let occasion = self.site.occasion(&self.actor);
            let person = remains.as_ref().unwrap_or(former);
            decision.mail(occasion.notice(
                NoticeKind::OwnershipHandedOver,
                person,
                self.sendings.to_former.clone(),
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
            Some(Change::Hold(client) | Change::Update { after: client, .. }) => client.clone(),
            Some(Change::Create(_) | Change::Delete(_)) | None => self.site.client.clone(),
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
        decision.client_becomes(self.site.client, client.clone());
        Provisioned { client, scope, created: false }
    }

    /// The present owner lost the account, or never had one: he is unbound and invited again.
    fn unbind(self, owner: &Collaborator) -> Result<Outcome<Provisioned>, Refusal> {
        let now = self.now;
        let mut client = self.site.client.clone();
        let who = Addressee { client: &self.site.client.id, collaborator: &owner.id };
        let counter = MailCounter::resent(self.facts.counter.as_ref(), who, now)?;
        client.count_invitation(self.facts.limits, now)?;
        let mut after = owner.clone().advanced(now);
        let expires_at = client.invitation_expiry(now);
        after.standing = Standing::Pending(Invitation::queued(
            self.sendings.to_new.clone(),
            self.actor.clone(),
            expires_at,
        ));
        let mut decision = Decision::at(now);
        decision.client_becomes(self.site.client, client.clone());
        decision.counter_becomes(self.facts.counter.as_ref(), counter);
        let deed = Deed::new(self.actor.clone(), Action::AccountUnbound);
        decision.record(Entry::of(deed, Some(owner), Some(&after), now));
        let occasion = self.site.occasion(&self.actor);
        decision.mail(occasion.notice(
            NoticeKind::Invitation,
            &after,
            self.sendings.to_new.clone(),
        ));
        decision.collaborator(Change::Update { before: owner.clone(), after });
        // That he owns an event stands in its record, which he may have handed over meanwhile.
        let scope = self.facts.scope.clone();
        if let Some(scope) = &scope {
            decision.scope(Change::Hold(scope.clone()));
        }
        let answer = Provisioned { client, scope, created: false };
        Ok(Outcome { decision, answer })
    }
}
