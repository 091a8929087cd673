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
    collaborator::{Collaborator, CollaboratorId, MailId, Status, Visibility},
    decision::{Decision, Outcome},
    facts::Facts,
    history::Actor,
    mail::{Mail, MailKind},
    refusal::Refusal,
    scope::{ClientId, ScopeId},
    text::{MailSubject, Name, Paragraphs},
    time::Timestamp,
};

/// What is said to everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnnouncementText {
    /// The subject.
    pub subject: MailSubject,
    /// The text.
    pub text: Paragraphs,
}

/// A message to everybody, as it is written into the outbox before its mails are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// The sending, from which those of its mails derive.
    pub mail_id: MailId,
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
    pub words: AnnouncementText,
}

/// Decides whether `facts` allow a message to everybody among the client's `collaborators`; the answer is how many that are.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `MailLimit`.
pub fn decide(
    facts: &Facts,
    collaborators: &[Collaborator],
    words: &AnnouncementText,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<usize>, Refusal> {
    let grantor = facts.grantor(now)?;
    let mut client = grantor.context.client.clone();
    client.count_announcement(facts.limits, now)?;
    let mut decision = Decision::at(now);
    decision.announce(Announcement {
        mail_id,
        client: client.id.clone(),
        client_name: client.name.clone(),
        locale: client.locale,
        scope: facts.at.clone(),
        scope_name: grantor.context.name.clone(),
        by: grantor.actor,
        words: words.clone(),
    });
    decision.update_client(grantor.context.client, client);
    decision.hold(Some(grantor.record));
    let answer =
        collaborators.iter().filter(|collaborator| reaches(&facts.at, collaborator, now)).count();
    Ok(Outcome { decision, answer })
}

/// Whether a message at `at` is for `collaborator`: whoever is active, and whose access counts there or further down.
/// The sender is one of them. Decision 0012 says why.
#[must_use]
pub fn reaches(at: &ScopeId, collaborator: &Collaborator, now: Timestamp) -> bool {
    let mut grants = collaborator.grants_visible_from(at, Visibility::PathAndBelow);
    collaborator.status(now) == Status::Active && grants.any(|(_, grant)| grant.is_live(now))
}

impl Announcement {
    /// How many mails are written at once (`storage.md`, "Mail").
    pub const STEP: usize = 25;

    /// The next mails: to those of `collaborators` who come after `after` in the order of ids, [`Self::STEP`] at most.
    #[must_use]
    pub fn next(
        &self,
        collaborators: &BTreeMap<CollaboratorId, Collaborator>,
        after: Option<&CollaboratorId>,
        now: Timestamp,
    ) -> Vec<Mail> {
        let rest = collaborators.range((after.map_or(Unbounded, Excluded), Unbounded));
        let told = rest.filter(|(_, collaborator)| reaches(&self.scope, collaborator, now));
        told.take(Self::STEP).map(|(_, collaborator)| self.to(collaborator)).collect()
    }

    fn to(&self, collaborator: &Collaborator) -> Mail {
        Mail {
            mail_id: self.mail_id.copy_to(&collaborator.id),
            kind: MailKind::Announcement,
            client: self.client.clone(),
            client_name: self.client_name.clone(),
            collaborator: collaborator.id.clone(),
            locale: collaborator.locale.unwrap_or(self.locale),
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
