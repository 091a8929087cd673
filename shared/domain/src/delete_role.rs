//! Deleting a role of a client's own, after its holders have got another one (docs/domain.md#named-roles).
//!
//! A role is deleted in steps, each decided on all collaborators as they are then. First it is marked, so that no one can
//! give it any more. Then its holders get the other role: all of them with the deletion in one transaction, or, if there are
//! too many, some at a time. A request that is cut off is continued by the same request.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    collaborator::{Collaborator, Grant, Status},
    decision::{Decision, Outcome},
    define_role,
    facts::{Facts, ScopeContext},
    grantor::Grantor,
    history::{Action, AuditEvent},
    ids::{CollaboratorId, MailId},
    mail::MailKind,
    mail_quota::MailCounter,
    named_role::RoleDefinition,
    precondition::Precondition,
    refusal::Refusal,
    role::{Role, RoleKey},
    scope::{Level, Scope, ScopeId},
    time::Timestamp,
};

/// The most holders in one transaction of 100 actions: a record, a history entry, a mail and a counter each.
pub const MOST_AT_ONCE: usize = 24;

/// The deletion of a role.
#[derive(Clone, Debug)]
pub struct DeleteRoleCommand {
    /// The key.
    pub key: RoleKey,
    /// The role that its holders get; without one, a role that someone holds is not deleted.
    pub reassign: Option<Role>,
    /// The version that the caller read, if they name one.
    pub version: Precondition,
}

/// What a step did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The role is marked, and cannot be given any more.
    Retired,
    /// Some holders have the other role now.
    Reassigned {
        /// How many of them.
        holders: usize,
        /// How many are left.
        left: usize,
    },
    /// The role is deleted.
    Deleted {
        /// How many holders got the other role in this step.
        holders: usize,
    },
    /// The role was given before it was marked, so it stays, and can be given again.
    Kept(Refusal),
}

/// What was read for a step: all records of the client, and the mail counters of the holders.
#[derive(Clone, Copy, Debug)]
pub struct Holders<'a> {
    /// All collaborators.
    pub everyone: &'a BTreeMap<CollaboratorId, Collaborator>,
    /// All scopes below the client.
    pub scopes: &'a BTreeMap<ScopeId, Scope>,
    /// The mail counters of those of the next step.
    pub counters: &'a BTreeMap<CollaboratorId, MailCounter>,
}

impl<'a> Holders<'a> {
    /// The collaborators with a grant of the role, in the order of their ids.
    #[must_use]
    pub fn of(self, key: RoleKey, role: &RoleDefinition) -> Vec<&'a Collaborator> {
        let holds = |it: &&Collaborator| it.grants.values().any(|grant| is(grant, key, role));
        self.everyone.values().filter(holds).collect()
    }

    /// The holders whose counters the next step needs.
    #[must_use]
    pub fn next(self, facts: &Facts, key: RoleKey) -> Vec<&'a CollaboratorId> {
        let role = facts.client.as_ref().and_then(|client| client.rules.roles.get(&key));
        let holders = role.map(|role| self.of(key, role)).unwrap_or_default();
        holders.into_iter().take(MOST_AT_ONCE).map(|holder| &holder.id).collect()
    }
}

fn is(grant: &Grant, key: RoleKey, role: &RoleDefinition) -> bool {
    matches!(grant.role, Role::Named(held) if held.key == key && held.made == role.made)
}

/// Decides the next step; `mail_ids` are [`MOST_AT_ONCE`] new ids.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `StaleVersion`, `RoleNotFound`, `RoleInUse` if someone holds it and no other role is named,
/// `OwnRole` if the caller holds it; of the other role `UnknownRole`, `RoleNotOffered`, `RoleNotAllowedHere`, if it cannot be
/// given at a scope where the role is held.
pub fn decide(
    facts: &Facts,
    holders: Holders<'_>,
    command: &DeleteRoleCommand,
    mail_ids: Vec<MailId>,
    now: Timestamp,
) -> Result<Outcome<Step>, Refusal> {
    let (grantor, role) = permitted(facts, command, now)?;
    let found = holders.of(command.key, role);
    let mut decision = Decision::at(now);
    let mut roles = grantor.context.client.rules.clone();
    let other = match command.reassign {
        Some(other) => grantor.context.client.named(other),
        None if found.is_empty() => Role::Unknown,
        None if role.retiring => {
            roles.roles.entry(command.key).and_modify(|role| role.retiring = false);
            define_role::write(&mut decision, &grantor, &mut roles);
            return Ok(Outcome { decision, answer: Step::Kept(in_use(&found)) });
        }
        None => return Err(in_use(&found)),
    };
    let reassignment = Reassignment { facts, grantor: &grantor, command, role, other };
    for holder in &found {
        reassignment.check(holder, holders.scopes)?;
    }
    let answer = if role.retiring {
        let all = found.len();
        for (holder, mail_id) in found.into_iter().take(MOST_AT_ONCE).zip(mail_ids) {
            reassignment.change(&mut decision, (holder, holders), mail_id, now);
        }
        if let Some(left) = all.checked_sub(MOST_AT_ONCE).filter(|left| *left > 0) {
            Step::Reassigned { holders: MOST_AT_ONCE, left }
        } else {
            let entry = define_role::deleted(grantor.actor.clone(), command.key, role, now);
            decision.record(Some(entry));
            roles.roles.remove(&command.key);
            Step::Deleted { holders: all }
        }
    } else {
        roles.roles.entry(command.key).and_modify(|role| role.retiring = true);
        Step::Retired
    };
    define_role::write(&mut decision, &grantor, &mut roles);
    Ok(Outcome { decision, answer })
}

fn in_use(holders: &[&Collaborator]) -> Refusal {
    let some = holders.iter().take(Refusal::MOST_HOLDERS).map(|holder| holder.id.clone());
    Refusal::RoleInUse { holders: holders.len(), some: some.collect() }
}

/// The caller, who may delete the role, and the role.
fn permitted<'a>(
    facts: &'a Facts,
    command: &DeleteRoleCommand,
    now: Timestamp,
) -> Result<(Grantor<'a>, &'a RoleDefinition), Refusal> {
    match define_role::permitted(facts, command.key, Precondition::None, now)? {
        (_, None) => Err(Refusal::RoleNotFound),
        (grantor, Some(role)) => {
            command.version.check(Some(role.version))?;
            Ok((grantor, role))
        }
    }
}

/// The change of all grants of a role to another one.
struct Reassignment<'a> {
    facts: &'a Facts,
    grantor: &'a Grantor<'a>,
    command: &'a DeleteRoleCommand,
    role: &'a RoleDefinition,
    other: Role,
}

impl Reassignment<'_> {
    fn grants<'b>(&self, of: &'b Collaborator) -> impl Iterator<Item = (&'b ScopeId, &'b Grant)> {
        of.grants.iter().filter(|(_, grant)| is(grant, self.command.key, self.role))
    }

    /// Whether each grant of the holder can become the other role.
    fn check(
        &self,
        holder: &Collaborator,
        scopes: &BTreeMap<ScopeId, Scope>,
    ) -> Result<(), Refusal> {
        if self.facts.caller.is(&holder.id) {
            return Err(Refusal::OwnRole);
        }
        if matches!(self.other, Role::Named(role) if role.key == self.command.key) {
            return Err(Refusal::UnknownRole);
        }
        self.grantor.check_covers_set(self.other.permissions())?;
        let levels: BTreeSet<Level> = self
            .grants(holder)
            .map(|(at, grant)| scopes.get(at).map_or(grant.level, |scope| scope.level))
            .collect();
        levels
            .into_iter()
            .try_for_each(|level| self.grantor.context.client.offers(self.other.name(), level))
    }

    /// The record of the holder with the other role. They are notified as of any change of a role.
    fn change(
        &self,
        decision: &mut Decision,
        (holder, read): (&Collaborator, Holders<'_>),
        mail_id: MailId,
        now: Timestamp,
    ) {
        let mut after = holder.clone().advanced(now);
        for (at, grant) in self.grants(holder) {
            let actor = self.grantor.actor.clone();
            let changed =
                Grant { role: self.other, granted_by: actor, granted_at: now, ..grant.clone() };
            after.grants.insert(at.clone(), changed);
        }
        let first = self.grants(holder).next();
        if after.status(now) == Status::Active
            && let Some((at, grant)) = first
        {
            let name = read.scopes.get(at).map_or(self.grantor.context.name, |scope| &scope.name);
            let context = ScopeContext { at, name, ..self.grantor.context };
            let mail = context.mail(&self.grantor.actor, MailKind::RoleChanged, &after, mail_id);
            let others = self.grants(holder).skip(1).filter_map(|(at, _)| read.scopes.get(at));
            let others = others.map(|scope| scope.name.clone()).collect();
            let mail = mail.changed_from(Some(grant)).also_about(others);
            decision.notify(read.counters.get(&holder.id), holder, mail);
        }
        let event = AuditEvent::new(self.grantor.actor.clone(), Action::RoleChanged);
        decision.change(event, Some(holder), Some(after));
    }
}
