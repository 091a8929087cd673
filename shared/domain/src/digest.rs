//! The mail to inviters about what became of their invitations, once a day at most (docs/domain.md#rule-20).

use std::collections::BTreeMap;

use crate::{
    access::Subject,
    actor::{Actor, SystemActor},
    client::Client,
    collaborator::Collaborator,
    decision::{Decision, Outcome},
    grid::sort_name,
    ids::{CollaboratorId, MailId},
    mail::{DigestInMail, DigestLine, MailContext, MailKind},
    mail_quota::{Addressee, MailCounter},
    time::Timestamp,
};

/// The invitations of one inviter that need them.
#[derive(Clone, Debug)]
pub struct InviterIssues<'a> {
    /// The inviter.
    pub inviter: &'a Collaborator,
    /// The people whose invitation needs them, by their name or address.
    people: Vec<&'a Collaborator>,
}

/// The inviters of a client who have something to look at since the time that a digest covers, notified or not.
#[must_use]
pub fn inviters(
    collaborators: &BTreeMap<CollaboratorId, Collaborator>,
    now: Timestamp,
) -> Vec<InviterIssues<'_>> {
    let by_address: BTreeMap<&str, &Collaborator> =
        collaborators.values().map(|person| (person.email.key(), person)).collect();
    let mut found: BTreeMap<&CollaboratorId, InviterIssues<'_>> = BTreeMap::new();
    for person in collaborators.values().filter(|it| it.invitation_issue(now).is_some()) {
        let Some(Actor::User { email, .. }) = person.invited_by() else { continue };
        let Some(&inviter) = by_address.get(email.key()) else { continue };
        let issues = found.entry(&inviter.id);
        issues.or_insert(InviterIssues { inviter, people: Vec::new() }).people.push(person);
    }
    for issues in found.values_mut() {
        issues.people.sort_by_cached_key(|person| sort_name(person));
    }
    found.into_values().collect()
}

/// Decides the digest of one inviter; `None` if there is nothing new that they may see, or if they had one today. `mail_id` is a
/// new id.
#[must_use]
pub fn decide(
    client: &Client,
    issues: &InviterIssues<'_>,
    counter: Option<&MailCounter>,
    mail_id: MailId,
    now: Timestamp,
) -> Option<Outcome<MailCounter>> {
    let InviterIssues { inviter, people } = issues;
    let last = counter.and_then(|counter| counter.digest_at);
    if last.is_some_and(|last| last.day() >= now.day()) {
        return None;
    }
    let since = last.unwrap_or_else(|| now.before(MailCounter::DIGEST_COVERS));
    let reader = Subject { collaborator: inviter, granting: client.granting };
    let line = |person: &&Collaborator| {
        let (issue, at) = person.invitation_issue(now).filter(|(_, at)| *at > since)?;
        let scope = reader.seen_scopes(person, now).next()?.clone();
        (at <= now).then(|| DigestLine { person: person.id.clone(), scope, issue })
    };
    let lines: Vec<DigestLine> = people.iter().filter_map(line).collect();
    if lines.is_empty() {
        return None;
    }
    let (scope, actor) = (client.scope(), Actor::System(SystemActor::AuditSeats));
    let context = MailContext { client, scope: &scope, scope_name: &client.name, actor: &actor };
    let mut decision = Decision::at(now);
    let addressee = Addressee { client: &client.id, collaborator: &inviter.id };
    let after = MailCounter::digested(counter, addressee, now);
    decision.update_counter(counter, after.clone());
    let mail = context.mail(MailKind::InvitationDigest, inviter, mail_id);
    decision.mail(mail.listing(DigestInMail::of(lines)));
    decision.check_unchanged(*inviter);
    Some(Outcome { decision, answer: after })
}
