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
    refusal::Refusal,
    role::Role,
    scope::Level,
    text::Name,
    time::{Timestamp, Version},
};

/// To whom ownership goes; `facts.target` is that person's record.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// To an active collaborator, on the version of the scope that it was decided on.
    Collaborator {
        /// The version of the scope; the platform names none.
        version: Option<Version>,
    },
    /// To an address, which only the platform may name (`domain.md`, rule 5).
    Email {
        /// The address.
        email: Email,
        /// The id that this address has in the client.
        id: CollaboratorId,
        /// What people call the person.
        name: Option<Name>,
    },
}

/// The ids of the mails to the new owner and to the former one.
#[derive(Clone, Debug)]
pub struct Sendings {
    /// To the new owner.
    pub to_new: Sending,
    /// To the former owner.
    pub to_former: Sending,
}

/// Decides whether ownership of `facts.at` goes from `owner`, the present owner's record, to `facts.target`.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `RoleNotAllowedHere` where no scope of its kind has an owner, `StaleVersion`,
/// `CollaboratorNotFound`, `NotActive`, `OwnerMustTransfer` where the target owns the scope already, and what an
/// invitation may be refused for.
pub fn decide(
    facts: &Facts,
    owner: Option<&Collaborator>,
    wanted: &Wanted,
    sendings: Sendings,
    now: Timestamp,
) -> Result<Outcome<OwnerLabel>, Refusal> {
    let site = permitted(facts, wanted, now)?;
    let transfer =
        Transfer { facts, site, actor: facts.caller.actor(), former: owner, sendings, now };
    match wanted {
        Wanted::Collaborator { version } => {
            if version.is_some_and(|version| version != site.version) {
                return Err(Refusal::StaleVersion);
            }
            let target = match facts.caller {
                Caller::Platform => facts.target.as_ref().ok_or(Refusal::CollaboratorNotFound)?,
                // An event's owner learns nothing of those who are only at a sister event.
                Caller::Person(_) => facts.seen_target(Sight::PathAndBelow)?,
            };
            if owner.is_some_and(|owner| owner.id == target.id) {
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
        Wanted::Email { email, id, name } => {
            let newcomer = Newcomer { id, email, name, locale: None };
            match owner.filter(|owner| owner.id == *id) {
                Some(owner) => transfer.unbind(owner),
                None => transfer.hand_over(newcomer),
            }
        }
    }
}

/// Its owner, or the platform.
fn permitted<'a>(facts: &'a Facts, wanted: &Wanted, now: Timestamp) -> Result<Site<'a>, Refusal> {
    match (&facts.caller, wanted) {
        (Caller::Platform, _) => {
            let site = facts.site()?;
            match site.level {
                Level::Client | Level::Event => Ok(site),
                // Only a client and an event have an owner (rule 5).
                Level::Audience | Level::Community => Err(Refusal::RoleNotAllowedHere),
            }
        }
        (Caller::Person(_), wanted) => {
            let (site, _, record) = facts.visitor(now)?;
            let owns = site.owner.is_some_and(|owner| owner.id == record.id);
            match wanted {
                Wanted::Collaborator { .. } if owns => Ok(site),
                Wanted::Collaborator { .. } | Wanted::Email { .. } => Err(Refusal::Forbidden),
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
    fn hand_over(self, newcomer: Newcomer<'_>) -> Result<Outcome<OwnerLabel>, Refusal> {
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
        let mut decision = Decision::at(now);
        self.write_new(&mut decision, &given);
        self.write_former(&mut decision, never_active.is_some());
        let label = OwnerLabel { id: given.answer.id.clone(), email: given.answer.email.clone() };
        self.write_scope(&mut decision, &given.decision, &label);
        Ok(Outcome { decision, answer: label })
    }

    fn write_new(&self, decision: &mut Decision, given: &Outcome<Collaborator>) {
        let (after, before) = (&given.answer, self.facts.target.as_ref());
        let deed = Deed::new(self.actor.clone(), Action::OwnershipReceived);
        decision.record(Entry::of(deed, before, Some(after), self.now));
        decision.collaborator(match before {
            None => Change::Create(after.clone()),
            Some(before) => Change::Update { before: before.clone(), after: after.clone() },
        });
        if let Some(Change::Create(counter) | Change::Update { after: counter, .. }) =
            given.decision.counter()
        {
            decision.counter_becomes(self.facts.counter.as_ref(), counter.clone());
        }
        let kind = match after.status(self.now) {
            Status::Active => NoticeKind::OwnershipReceived,
            Status::Pending | Status::Expired => NoticeKind::Invitation,
        };
        let invited =
            given.decision.notices().iter().any(|notice| notice.kind == NoticeKind::Invitation);
        if invited || kind == NoticeKind::OwnershipReceived {
            let occasion = self.site.occasion(&self.actor);
            decision.mail(occasion.notice(kind, after, self.sendings.to_new.clone()));
        }
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
    fn write_scope(&self, decision: &mut Decision, given: &Decision, owner: &OwnerLabel) {
        let mut client = match given.client() {
            Some(Change::Hold(client) | Change::Update { after: client, .. }) => client.clone(),
            Some(Change::Create(_) | Change::Delete(_)) | None => self.site.client.clone(),
        };
        if let Some(scope) = &self.facts.scope {
            let version = scope.version.next(self.now);
            let after =
                crate::scope::Scope { owner: Some(owner.clone()), version, ..scope.clone() };
            decision.scope(Change::Update { before: scope.clone(), after });
        } else {
            client.owner = owner.clone();
            client.version = client.version.next(self.now);
        }
        decision.client_becomes(self.site.client, client);
    }

    /// The present owner lost the account, or never had one: he is unbound and invited again.
    fn unbind(self, owner: &Collaborator) -> Result<Outcome<OwnerLabel>, Refusal> {
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
        decision.client_becomes(self.site.client, client);
        decision.counter_becomes(self.facts.counter.as_ref(), counter);
        let deed = Deed::new(self.actor.clone(), Action::AccountUnbound);
        decision.record(Entry::of(deed, Some(owner), Some(&after), now));
        let occasion = self.site.occasion(&self.actor);
        decision.mail(occasion.notice(
            NoticeKind::Invitation,
            &after,
            self.sendings.to_new.clone(),
        ));
        decision.collaborator(Change::Update { before: owner.clone(), after: after.clone() });
        Ok(Outcome { decision, answer: OwnerLabel { id: after.id, email: after.email } })
    }
}
