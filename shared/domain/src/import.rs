//! Importing people who work with the platform already: declaratively, and without mails unless they are asked for.

use std::collections::BTreeMap;

use crate::{
    actor::Actor,
    caller::Caller,
    collaborator::{
        Account, Admission, Binding, Collaborator, Grant, Invitation, Lifetime, MAX_GRANTS,
        Membership, Status, Waiting,
    },
    decision::{Change, Decision, Outcome},
    delivery::Delivery,
    email::Email,
    facts::{Facts, ScopeContext},
    history::{Action, AuditEvent},
    ids::{CollaboratorId, MailId},
    locale::Locale,
    mail::{Mail, MailContext, MailKind},
    mail_budget::Counted,
    mail_quota::{Addressee, MailCounter},
    refusal::Refusal,
    role::Role,
    scope::{Scope, ScopeId},
    text::Name,
    time::{DAY, Timestamp},
    waiting::IfFull,
};

/// A person to import.
#[derive(Clone, Debug)]
pub struct ImportCommand {
    /// The address.
    pub email: Email,
    /// The id of this address in the client.
    pub id: CollaboratorId,
    /// The name of a new collaborator.
    pub name: Option<Name>,
    /// The language of a new collaborator.
    pub locale: Option<Locale>,
    /// The grants that the person has afterwards at these scopes. Grants at other scopes stay.
    pub grants: Vec<ImportedGrant>,
    /// The account of a new collaborator, who is active at once; without it, they are pending.
    pub account: Option<Account>,
    /// The last login, unless a later one is recorded.
    pub last_login_at: Option<Timestamp>,
    /// Whether the usual mails are sent.
    pub notify: bool,
    /// How many days a new pending collaborator has to log in.
    pub pending_days: u16,
    /// Whether they wait if no seat is free.
    pub if_full: IfFull,
}

/// A grant to import.
#[derive(Clone, Debug)]
pub struct ImportedGrant {
    /// The scope.
    pub scope: ScopeId,
    /// The role.
    pub role: Role,
    /// The end of the access.
    pub expires_at: Option<Timestamp>,
    /// Whether it does not end with its event; `None` leaves that as it is.
    pub outlives_event: Option<bool>,
}

impl ImportedGrant {
    fn lifetime(&self, before: Option<&Grant>) -> Lifetime {
        let kept = || before.is_some_and(|before| before.outlives_event);
        Lifetime {
            expires_at: self.expires_at,
            outlives_event: self.outlives_event.unwrap_or_else(kept),
        }
    }
}

/// The response to an import.
#[derive(Clone, Debug)]
pub struct Imported {
    /// What was done.
    pub outcome: ImportOutcome,
    /// The collaborator after it.
    pub collaborator: Collaborator,
}

/// What an import did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportOutcome {
    /// The collaborator is new.
    Created,
    /// Some of their grants, or their last login, changed.
    Changed,
    /// Everything was so already.
    Unchanged,
}

/// Whether the caller imports at all.
///
/// # Errors
/// For a user: `ScopeNotFound`, `Forbidden`.
pub fn check_caller(facts: &Facts, now: Timestamp) -> Result<(), Refusal> {
    facts.viewer(now)?;
    match facts.caller {
        Caller::Platform(_) => Ok(()),
        Caller::User(_) => Err(Refusal::Forbidden),
    }
}

/// Decides whether the person is imported to the client of `facts`. `scopes` has those of the grants, and `mail_id` is a new
/// id for a mail.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `SeatLimitReached`, `WaitingListFull`, `TooManyGrants`; `InGrant` with `InvalidField` for an unknown scope, `OwnerMustTransfer`,
/// `RoleNotAllowedHere`, `RoleNotOffered`, `InvalidExpiry`, `ScopeArchived` or `AccessEnded`; with mails also `ResendTooSoon`, `ResendLimit`, `MailLimit`.
pub fn decide(
    facts: &Facts,
    scopes: &BTreeMap<ScopeId, Scope>,
    command: &ImportCommand,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<Imported>, Refusal> {
    check_caller(facts, now)?;
    let import = Import {
        facts,
        scopes,
        command,
        context: facts.context()?,
        mail_id,
        now,
        actor: facts.caller.actor(),
    };
    let present = facts.target.as_ref();
    match present.filter(|it| !it.is_former(now)) {
        Some(present) => import.change(present),
        None => import.create(),
    }
}

struct Import<'a> {
    facts: &'a Facts,
    scopes: &'a BTreeMap<ScopeId, Scope>,
    command: &'a ImportCommand,
    context: ScopeContext<'a>,
    actor: Actor,
    mail_id: MailId,
    now: Timestamp,
}

impl Import<'_> {
    /// The grants that `present` does not have so.
    fn new_grants(
        &self,
        present: Option<&Collaborator>,
    ) -> Result<BTreeMap<ScopeId, Grant>, Refusal> {
        let mut new = BTreeMap::new();
        for (index, wanted) in self.command.grants.iter().enumerate() {
            let before = present.and_then(|it| it.grants.get(&wanted.scope));
            let role = self.context.client.named(wanted.role);
            let is_same = |it: &Grant| it.role == role && it.lifetime() == wanted.lifetime(before);
            if before.is_some_and(is_same) {
                continue;
            }
            let grant = self.new_grant((wanted, role), before);
            let in_grant = |refusal| Refusal::InGrant { index, refusal: Box::new(refusal) };
            new.insert(wanted.scope.clone(), grant.map_err(in_grant)?);
        }
        Ok(new)
    }

    fn new_grant(
        &self,
        (wanted, role): (&ImportedGrant, Role),
        before: Option<&Grant>,
    ) -> Result<Grant, Refusal> {
        let context = if wanted.scope.is_client() {
            self.context
        } else {
            let unknown = Refusal::InvalidField { pointer: "/scope" };
            let scope = self.scopes.get(&wanted.scope).ok_or(unknown)?;
            ScopeContext::of_scope(scope, self.context.client)
        };
        if before.is_some_and(|grant| grant.role == Role::Owner) {
            return Err(Refusal::OwnerMustTransfer);
        }
        context.client.offers(role.name(), context.level)?;
        if wanted.expires_at.is_some_and(|end| end <= self.now) {
            return Err(Refusal::InvalidExpiry);
        }
        let grant = context.grant(role, self.actor.clone(), self.now);
        context.lasting(grant, wanted.lifetime(before), self.now)
    }

    /// A new collaborator, or an expired one who starts again.
    fn create(self) -> Result<Outcome<Imported>, Refusal> {
        let (now, command) = (self.now, self.command);
        let former = self.facts.target.as_ref();
        let grants = self.new_grants(None)?;
        let mut client = self.context.client.clone();
        let seat = if former.is_some_and(|former| former.seat) {
            true
        } else {
            match client.take_seat() {
                Ok(()) => true,
                Err(refusal) if self.facts.may_wait(command.if_full, &refusal) => {
                    client.enter_list(&command.id)?;
                    false
                }
                Err(refusal) => return Err(refusal),
            }
        };
        let mut decision = Decision::at(now);
        let pending = command.account.is_none();
        if seat && command.notify && pending {
            let known = MailCounter::known(self.facts.counter.as_ref(), former);
            let addressee = Addressee { client: &client.id, collaborator: &command.id };
            let counter = MailCounter::invited(known.as_ref(), addressee, now)?;
            let cause = self.facts.cause(&self.actor);
            client.mails.count(Counted::Invitation, cause, self.facts.limits, now)?;
            if self.facts.counter.is_some() || counter.has_resends() {
                decision.update_counter(self.facts.counter.as_ref(), counter);
            }
        }
        let name = former.and_then(|former| former.name.as_ref()).or(command.name.as_ref());
        let after = Collaborator {
            client: client.id.clone(),
            id: command.id.clone(),
            email: former.map_or(&command.email, |former| &former.email).clone(),
            name: name.cloned(),
            locale: former.and_then(|former| former.locale).or(command.locale),
            membership: if seat { self.membership() } else { self.waiting() },
            seat,
            last_login_at: former.and_then(|it| it.last_login_at).max(command.last_login_at),
            refused_login_at: None,
            grants,
            version: former
                .map_or_else(|| self.mail_id.first_version(), |former| former.version.successor()),
            changed_at: former.map_or(now, |former| former.next_change(now)),
            forget_at: None,
        };
        if let Some(former) = former {
            decision.keep_counter(self.facts.counter.as_ref(), former);
            decision.check_ended_events(former);
        }
        decision.update_client(self.context.client, client);
        if seat && command.notify {
            let kind = if pending { MailKind::Invitation } else { MailKind::Granted };
            let names: Vec<&ScopeId> = after.grants.keys().collect();
            decision.mail(self.mail(kind, &after, &names));
        }
        Ok(self.done(decision, former, after, ImportOutcome::Created))
    }

    /// The grants of a present collaborator, whose name, language and account stay.
    fn change(self, present: &Collaborator) -> Result<Outcome<Imported>, Refusal> {
        let grants = self.new_grants(Some(present))?;
        let login = present.last_login_at.max(self.command.last_login_at);
        let mut decision = Decision::at(self.now);
        if grants.is_empty() {
            let mut after = present.clone();
            after.last_login_at = login;
            let outcome = if after == *present {
                ImportOutcome::Unchanged
            } else {
                let change = Change::Update { before: present.clone(), after: after.clone() };
                decision.collaborator(change);
                ImportOutcome::Changed
            };
            return Ok(Outcome { decision, answer: Imported { outcome, collaborator: after } });
        }
        let mut after = present.clone().advanced(self.now);
        after.last_login_at = login;
        let names: Vec<&ScopeId> = grants.keys().collect();
        after.grants.extend(grants.clone());
        if after.grants.len() > MAX_GRANTS {
            return Err(Refusal::TooManyGrants);
        }
        decision.update_client(self.context.client, self.context.client.clone());
        if self.command.notify && after.status(self.now) == Status::Active {
            let before = names.first().and_then(|scope| present.grants.get(*scope));
            let mail = self.mail(MailKind::RoleChanged, &after, &names);
            let mail = if names.len() == 1 { mail.changed_from(before) } else { mail };
            decision.notify(self.facts.counter.as_ref(), present, mail);
        }
        Ok(self.done(decision, Some(present), after, ImportOutcome::Changed))
    }

    fn membership(&self) -> Membership {
        if let Some(account) = &self.command.account {
            return Membership::Active(Binding {
                account: account.clone(),
                accepted: None,
                mailed_at: None,
            });
        }
        let end = self.now.after(DAY * u32::from(self.command.pending_days));
        let (mail_id, delivery) = if self.command.notify {
            (self.mail_id.clone(), Delivery::Queued)
        } else {
            (self.mail_id.of_no_mail(), Delivery::None)
        };
        let invitation = Invitation::queued(mail_id, self.actor.clone(), end);
        Membership::Pending(Invitation { delivery, ..invitation })
    }

    fn waiting(&self) -> Membership {
        let ImportCommand { account, pending_days, notify, .. } = self.command;
        let admission = Admission::Import {
            account: account.clone(),
            pending_days: *pending_days,
            notify: *notify,
        };
        Membership::Waiting(Waiting { by: self.actor.clone(), since: self.now, admission })
    }

    /// A mail about the grants on `scopes`.
    fn mail(&self, kind: MailKind, to: &Collaborator, scopes: &[&ScopeId]) -> Mail {
        let client = self.context.client;
        let name = |scope: &ScopeId| self.scopes.get(scope).map_or(&client.name, |it| &it.name);
        let scope = scopes.first().copied().unwrap_or(self.context.at);
        let context = MailContext { client, scope, scope_name: name(scope), actor: &self.actor };
        let others = scopes.iter().skip(1).map(|scope| name(scope).clone()).collect();
        context.mail(kind, to, self.mail_id.clone()).also_about(others)
    }

    fn done(
        &self,
        mut decision: Decision,
        before: Option<&Collaborator>,
        after: Collaborator,
        outcome: ImportOutcome,
    ) -> Outcome<Imported> {
        let event = AuditEvent::new(self.actor.clone(), Action::Imported);
        decision.change(event, before, Some(after.clone()));
        Outcome { decision, answer: Imported { outcome, collaborator: after } }
    }
}
