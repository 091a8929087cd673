//! Checks: whether somebody may do something at a scope, and because of which grant.
//!
//! Who may ask about whom is decided here. A question that may not be asked is answered as if nothing were allowed, so
//! that an answer never tells what is held where the asker sees nothing.

use std::collections::BTreeMap;

use crate::{
    access::{Because, Holder, Holding},
    client::Granting,
    collaborator::{Account, Collaborator, CollaboratorId},
    facts::Caller,
    permission::Permission,
    scope::ScopeId,
    time::Timestamp,
};

/// Whether somebody may do something at a scope.
#[derive(Clone, Debug)]
pub struct Question {
    /// Whom it is about, by the id in the scope's client; `None` is whoever asks.
    pub about: Option<CollaboratorId>,
    /// The account under which that person is logged in, if it is to count.
    pub account: Option<Account>,
    /// Where. Whether there is such a scope is not asked: what does not exist has nothing to protect.
    pub scope: ScopeId,
    /// What.
    pub permission: Permission,
}

/// What was read of one client to answer questions about it.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Who asks, with his record in that client.
    pub caller: Caller,
    /// Whom he asks about.
    pub people: BTreeMap<CollaboratorId, Collaborator>,
    /// Who may give access in that client; `None` if it was not read, or there is no such client.
    pub granting: Option<Granting>,
}

impl Question {
    /// Whether the answer depends on who may give access in the client (`domain.md`, rule 3).
    #[must_use]
    pub fn needs_granting(&self) -> bool {
        self.permission == Permission::AccessManage
    }
}

/// Answers a question about the client of `facts`: which grant allows it, or `None` if it is not allowed.
#[must_use]
pub fn answer<'a>(facts: &'a Facts, question: &Question, now: Timestamp) -> Option<Because<'a>> {
    let person = facts.asked_about(question, now)?;
    let granting = match facts.granting {
        Some(granting) => granting,
        None if question.needs_granting() => return None,
        None => ANY_GRANTING,
    };
    let holder = Holder { person, granting };
    let Question { scope, permission, .. } = question;
    match &question.account {
        Some(account) => holder.because_under(account, scope, *permission, now),
        None => holder.because(scope, *permission, now),
    }
}

/// What whoever is logged in under `account` holds by the record `person`: nothing under another account than its own.
#[must_use]
pub fn holdings<'a>(
    person: &'a Collaborator,
    account: &Account,
    granting: Granting,
    now: Timestamp,
) -> Vec<Holding<'a>> {
    if person.is_bound_to(account) { Holder { person, granting }.holdings(now) } else { Vec::new() }
}

/// Where the question is not about `access:manage`, either policy gives the same answer.
const ANY_GRANTING: Granting = Granting::Owner;

impl Facts {
    /// The person whom the question is about, if it may be asked: about oneself always, about others with `access:view`
    /// at the scope or as the platform. Under another account than the bound one nobody asks, not even about oneself.
    fn asked_about(&self, question: &Question, now: Timestamp) -> Option<&Collaborator> {
        match (&self.caller, &question.about) {
            // The platform is nobody, so it has no self to ask about.
            (Caller::Platform, about) => self.people.get(about.as_ref()?),
            (Caller::Person(asker), about) => {
                let himself = asker.bound()?;
                let other = about.as_ref().filter(|id| **id != asker.id);
                let Some(id) = other else { return Some(himself) };
                let held = asker.permissions(&question.scope, ANY_GRANTING, now);
                if held.contains(Permission::AccessView) { self.people.get(id) } else { None }
            }
        }
    }
}
