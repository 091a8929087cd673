//! A message to everybody who works at a scope, which whoever may give access there sends.
//!
// seed 000: "Impossibilité de notifier tous les utilisateurs en cas de mise à jour, nouvelle fonctionnalité ou
// avertissement technique"

use crate::{
    announcement::Announcement,
    collaborator::Collaborator,
    decision::{Decision, Outcome},
    facts::Facts,
    ids::MailId,
    refusal::Refusal,
    text::AnnouncementText,
    time::Timestamp,
};

/// Decides whether `facts` allow a message to everybody among the client's `collaborators`; the answer is how many that are.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `MailLimit`.
pub fn decide(
    facts: &Facts,
    collaborators: &[Collaborator],
    content: &AnnouncementText,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<usize>, Refusal> {
    let grantor = facts.grantor(now)?;
    let mut client = grantor.context.client.clone();
    client.mails.count_announcement(facts.limits, now)?;
    let mut decision = Decision::at(now);
    decision.announce(Announcement {
        mail_id,
        client: client.id.clone(),
        client_name: client.name.clone(),
        locale: client.locale,
        scope: facts.at.clone(),
        scope_name: grantor.context.name.clone(),
        actor: grantor.actor,
        content: content.clone(),
    });
    decision.update_client(grantor.context.client, client);
    decision.check_unchanged(Some(grantor.record));
    let answer = collaborators
        .iter()
        .filter(|collaborator| collaborator.receives_announcements(&facts.at, now))
        .count();
    Ok(Outcome { decision, answer })
}
