//! Sending an announcement to the people who work at a scope, or to some of them.
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
    recipients::RecipientFilter,
    refusal::Refusal,
    text::AnnouncementText,
    time::Timestamp,
};

/// The announcement that the caller sends.
#[derive(Clone, Debug)]
pub struct AnnounceCommand {
    /// Subject and text.
    pub content: AnnouncementText,
    /// Who receives it.
    pub to: To,
}

/// Who receives an announcement.
#[derive(Clone, Debug)]
pub enum To {
    /// The people of the filter.
    People(RecipientFilter),
    /// The caller alone, who sees what it looks like.
    Caller,
}

/// Decides whether `facts` allow an announcement to the client's `collaborators`. The answer is the number of recipients.
///
/// # Errors
/// `ScopeNotFound`, `Forbidden`, `InvalidField` for the platform alone, `NoRecipients` if a filter leaves no one,
/// `MailLimit`.
pub fn decide(
    facts: &Facts,
    collaborators: &[Collaborator],
    command: &AnnounceCommand,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<usize>, Refusal> {
    let grantor = facts.grantor(now)?;
    let recipients = recipients(facts, &command.to)?;
    let is_recipient = |it: &&Collaborator| recipients.includes(it, &facts.at, now);
    let answer = collaborators.iter().filter(is_recipient).count();
    if answer == 0 && !recipients.is_everyone() {
        return Err(Refusal::NoRecipients);
    }
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
        content: command.content.clone(),
        recipients,
    });
    decision.update_client(grantor.context.client, client);
    decision.check_unchanged(grantor.record);
    Ok(Outcome { decision, answer })
}

/// The platform as itself has no mailbox.
fn recipients(facts: &Facts, to: &To) -> Result<RecipientFilter, Refusal> {
    match to {
        To::People(filter) => Ok(filter.clone()),
        To::Caller => {
            let caller =
                facts.caller.id().ok_or(Refusal::InvalidField { pointer: "/to/onlyMe" })?;
            Ok(RecipientFilter { only: Some(caller.clone()), ..RecipientFilter::default() })
        }
    }
}
