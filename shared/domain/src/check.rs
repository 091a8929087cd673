//! Checks: whether someone may do something at a scope, and which grant allows it.
//!
//! This module decides who can ask about whom. A question that the caller cannot ask is answered with a denial, so the
//! answer does not show what others hold.

use std::collections::BTreeMap;

use crate::{
    access::{DeterminingGrant, Holding, Subject},
    caller::{Caller, Login},
    client::Granting,
    collaborator::{Account, Collaborator},
    ids::CollaboratorId,
    permission::Permission,
    scope::{Level, ScopeId},
    time::{Timestamp, Version},
};

/// The question of a check.
#[derive(Clone, Debug)]
pub struct Question {
    /// The person, by the id in the scope's client; `None` for the caller.
    pub about: Option<CollaboratorId>,
    /// The account that the person must be bound to, if it matters.
    pub account: Option<Account>,
    /// The scope. It need not exist, unless it must have a level.
    pub scope: ScopeId,
    /// The level that the scope must have, if it matters.
    pub level: Option<Level>,
    /// The permission.
    pub permission: Permission,
}

/// What was read of one client for questions about it.
#[derive(Clone, Debug)]
pub struct CheckFacts {
    /// The caller, with their record in that client.
    pub caller: Caller,
    /// The collaborators in the questions.
    pub collaborators: BTreeMap<CollaboratorId, Collaborator>,
    /// Who can grant access in that client; `None` if it was not read, or there is no such client.
    pub granting: Option<Granting>,
    /// The levels of the scopes that were read, the client included.
    pub levels: BTreeMap<ScopeId, Level>,
}

impl Question {
    /// Whether the answer depends on who can grant access in the client (docs/domain.md#rule-3).
    #[must_use]
    pub fn needs_granting(&self) -> bool {
        self.permission == Permission::AccessManage
    }
}

/// How long an answer can be kept: what it rests on, and when it may change by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The version of the collaborator.
    pub version: Version,
    /// The next end of a grant that can change the answer.
    pub valid_until: Option<Timestamp>,
}

/// The answer to a question, with what it rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explained<'a> {
    /// The grant that allows it, or `None` for a denial.
    pub because: Option<DeterminingGrant<'a>>,
    /// What the answer rests on; `None` if the caller cannot ask the question, or if the person has no grant on the scope or
    /// above it, so that no one finds out who has access elsewhere.
    pub basis: Option<Basis>,
}

/// Answers a question as [`answer`] does, with what the answer rests on.
#[must_use]
pub fn explain<'a>(facts: &'a CheckFacts, question: &Question, now: Timestamp) -> Explained<'a> {
    let because = answer(facts, question, now);
    Explained { because, basis: basis(facts, question, because.is_some(), now) }
}

fn basis(facts: &CheckFacts, question: &Question, allowed: bool, now: Timestamp) -> Option<Basis> {
    let collaborator = facts.person(question, now)?;
    let reaching = question.scope.lineage().filter_map(|path| collaborator.grants.get(path));
    let is_own = question.about.as_ref().is_none_or(|id| facts.caller.is(id));
    let mut grants = reaching.peekable();
    if grants.peek().is_none() && !is_own {
        return None;
    }
    // An ended grant can turn an allowance into a denial, never the other way round.
    let ends = grants.filter_map(|grant| grant.ends_at().filter(|end| allowed && now < *end));
    Some(Basis { version: collaborator.version, valid_until: ends.min() })
}

/// Answers a question about the client of `facts`: the grant that allows it, or `None` for a denial.
#[must_use]
pub fn answer<'a>(
    facts: &'a CheckFacts,
    question: &Question,
    now: Timestamp,
) -> Option<DeterminingGrant<'a>> {
    let collaborator = facts.person(question, now)?;
    let granting = match facts.granting {
        Some(granting) => granting,
        None if question.needs_granting() => return None,
        None => ANY_GRANTING,
    };
    let subject = Subject { collaborator, granting };
    let Question { scope, permission, .. } = question;
    match &question.account {
        Some(account) => subject.determining_grant_for(account, scope, *permission, now),
        None => subject.determining_grant(scope, *permission, now),
    }
}

/// What `collaborator` holds, for a user who is known by `login`; nothing if their account is not the bound one.
#[must_use]
pub fn holdings<'a>(
    collaborator: &'a Collaborator,
    login: &Login,
    granting: Granting,
    now: Timestamp,
) -> Vec<Holding<'a>> {
    if login.is_of(collaborator) {
        Subject { collaborator, granting }.holdings(now)
    } else {
        Vec::new()
    }
}

/// The scopes that are below none of the others, in the same order.
pub fn topmost<'a>(
    scopes: impl Iterator<Item = &'a ScopeId> + Clone,
) -> impl Iterator<Item = &'a ScopeId> {
    let all = scopes.clone();
    let below_another =
        move |scope: &ScopeId| all.clone().any(|above| above != scope && above.reaches(scope));
    scopes.filter(move |scope| !below_another(scope))
}

/// The setting matters only for `access:manage`.
const ANY_GRANTING: Granting = Granting::Owner;

impl CheckFacts {
    /// The person in the question, if the caller can ask it and the scope has the level in it. Users can ask about themselves, and about others with
    /// `access:view` at the scope; the platform can ask about everyone. A user whose account is not the bound one learns
    /// nothing about themselves, and about others only as support.
    fn person(&self, question: &Question, now: Timestamp) -> Option<&Collaborator> {
        let level = self.levels.get(&question.scope);
        if question.level.is_some_and(|expected| level != Some(&expected)) {
            return None;
        }
        let about = question.about.as_ref();
        match &self.caller {
            Caller::Platform(_) => self.collaborators.get(about?),
            Caller::User(user) => {
                let Some(id) = about.filter(|id| **id != user.id) else { return user.bound() };
                let held = user.permissions(&question.scope, ANY_GRANTING, now);
                let may_ask = held.contains(Permission::AccessView);
                if may_ask { self.collaborators.get(id) } else { None }
            }
        }
    }
}
