//! Checks: whether somebody may do something at a scope, and because of which grant.
//!
//! Who may ask about whom is decided here. A question that may not be asked is answered as if nothing were allowed, so
//! that an answer never tells what is held where the asker sees nothing.

use std::collections::BTreeMap;

use crate::{
    access::{DeterminingGrant, Holding, Subject},
    client::Granting,
    collaborator::{Account, Collaborator},
    facts::Caller,
    ids::CollaboratorId,
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
pub struct CheckFacts {
    /// Who asks, with his record in that client.
    pub caller: Caller,
    /// Whom he asks about.
    pub collaborators: BTreeMap<CollaboratorId, Collaborator>,
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
pub fn answer<'a>(
    facts: &'a CheckFacts,
    question: &Question,
    now: Timestamp,
) -> Option<DeterminingGrant<'a>> {
    let collaborator = facts.asked_about(question, now)?;
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

/// What whoever is logged in under `account` holds by the record `collaborator`: nothing under another account than its own.
#[must_use]
pub fn holdings<'a>(
    collaborator: &'a Collaborator,
    account: &Account,
    granting: Granting,
    now: Timestamp,
) -> Vec<Holding<'a>> {
    if collaborator.is_bound_to(account) {
        Subject { collaborator, granting }.holdings(now)
    } else {
        Vec::new()
    }
}

/// Where the question is not about `access:manage`, either policy gives the same answer.
const ANY_GRANTING: Granting = Granting::Owner;

impl CheckFacts {
    /// The person whom the question is about, if it may be asked: about oneself always, about others with `access:view`
    /// at the scope or as the platform. Under another account than the bound one nobody asks, not even about oneself.
    fn asked_about(&self, question: &Question, now: Timestamp) -> Option<&Collaborator> {
        match (&self.caller, &question.about) {
            // The platform is nobody, so it has no self to ask about.
            (Caller::Platform, about) => self.collaborators.get(about.as_ref()?),
            (Caller::User(asker), about) => {
                let himself = asker.bound()?;
                let other = about.as_ref().filter(|id| **id != asker.id);
                let Some(id) = other else { return Some(himself) };
                let held = asker.permissions(&question.scope, ANY_GRANTING, now);
                if held.contains(Permission::AccessView) {
                    self.collaborators.get(id)
                } else {
                    None
                }
            }
        }
    }
}
