//! Sending an announcement to everyone who works at a scope.
//!
//! Digitevent (docs/domain.md#sources): "Impossibilité de notifier tous les utilisateurs en cas de mise à jour, nouvelle
//! fonctionnalité ou avertissement technique"

use crate::{
    announcement::Announcement,
    collaborator::Collaborator,
    decision::{Decision, Outcome},
    facts::Facts,
    ids::MailId,
    mail_budget::Counted,
    refusal::Refusal,
    text::AnnouncementText,
    time::Timestamp,
};

/// Decides whether `facts` allow an announcement to the client's `collaborators`. The answer is the number of recipients.
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
    let cause = facts.cause(&grantor.actor);
    client.mails.count(Counted::Announcement, cause, facts.limits, now)?;
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
    decision.check_unchanged(grantor.record);
    let is_recipient = |it: &&Collaborator| it.receives_announcements(&facts.at, now);
    Ok(Outcome { decision, answer: collaborators.iter().filter(is_recipient).count() })
}
