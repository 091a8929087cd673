//! A message to everybody who works at a scope, which whoever may give access there sends.
//!
// seed 000: "Impossibilité de notifier tous les utilisateurs en cas de mise à jour, nouvelle fonctionnalité ou
// avertissement technique"

use std::{
    collections::BTreeMap,
    ops::Bound::{Excluded, Unbounded},
};

use crate::{
    client::Locale,
    collaborator::{Collaborator, CollaboratorId, Sending, Sight, Status},
    decision::{Decision, Outcome},
    facts::Facts,
    history::Actor,
    notice::{Notice, NoticeKind},
    refusal::Refusal,
    scope::{ClientId, ScopeId},
    text::{Name, Paragraphs, Subject},
    time::Timestamp,
};

/// What is said to everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The subject.
    pub subject: Subject,
    /// The text.
    pub text: Paragraphs,
}

/// A message to everybody, as it is written into the outbox before its mails are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// The sending, from which those of its mails derive.
    pub sending: Sending,
    /// The client.
    pub client: ClientId,
    /// What people call the client.
    pub client_name: Name,
    /// The language of those who chose none.
    pub locale: Locale,
    /// The scope of which everybody is told.
    pub scope: ScopeId,
    /// What people call that scope.
    pub scope_name: Name,
    /// Who says it.
    pub by: Actor,
    /// What is said.
    pub words: Words,
}

/// Decides whether `facts` allow a message to everybody among the client's `people`; the answer is how many that are.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `MailLimit`.
pub fn decide(
    facts: &Facts,
    people: &[Collaborator],
    words: &Words,
    sending: Sending,
    now: Timestamp,
) -> Result<Outcome<usize>, Refusal> {
    let giver = facts.giver(now)?;
    let mut client = giver.site.client.clone();
    client.count_notice(facts.limits, now)?;
    let mut decision = Decision::at(now);
    decision.announce(Announcement {
        sending,
        client: client.id.clone(),
        client_name: client.name.clone(),
        locale: client.locale,
        scope: facts.at.clone(),
        scope_name: giver.site.name.clone(),
        by: giver.actor,
        words: words.clone(),
    });
    decision.client_becomes(giver.site.client, client);
    decision.hold(Some(giver.record));
    let answer = people.iter().filter(|person| reaches(&facts.at, person, now)).count();
    Ok(Outcome { decision, answer })
}

/// Whether a message at `at` is for `person`: whoever is active, and whose access counts there or further down.
/// The sender is one of them. Decision 0012 says why.
#[must_use]
pub fn reaches(at: &ScopeId, person: &Collaborator, now: Timestamp) -> bool {
    let mut grants = person.grants_seen_from(at, Sight::PathAndBelow);
    person.status(now) == Status::Active && grants.any(|(_, grant)| grant.is_live(now))
}

impl Announcement {
    /// How many mails are written at once (`storage.md`, "Mail").
    pub const STEP: usize = 25;

    /// The next mails: to those of `people` who come after `after` in the order of ids, [`Self::STEP`] at most.
    #[must_use]
    pub fn next(
        &self,
        people: &BTreeMap<CollaboratorId, Collaborator>,
        after: Option<&CollaboratorId>,
        now: Timestamp,
    ) -> Vec<Notice> {
        let rest = people.range((after.map_or(Unbounded, Excluded), Unbounded));
        let told = rest.filter(|(_, person)| reaches(&self.scope, person, now));
        told.take(Self::STEP).map(|(_, person)| self.to(person)).collect()
    }

    fn to(&self, person: &Collaborator) -> Notice {
        Notice {
            sending: self.sending.copy_to(&person.id),
            kind: NoticeKind::Announcement,
            client: self.client.clone(),
            client_name: self.client_name.clone(),
            collaborator: person.id.clone(),
            locale: person.locale.unwrap_or(self.locale),
            scope: self.scope.clone(),
            scope_name: self.scope_name.clone(),
            also: Vec::new(),
            role: None,
            access_until: None,
            by: self.by.clone(),
            message: None,
            removed: None,
            announced: Some(self.words.clone()),
        }
    }
}
