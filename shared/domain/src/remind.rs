//! Reminding people of an invitation that they have not accepted (docs/domain.md#rule-20).

use std::{collections::BTreeMap, time::Duration};

use crate::{
    actor::Actor,
    client::Client,
    collaborator::{Collaborator, Invitation, Membership, Status},
    decision::{Change, Decision},
    delivery::Delivery,
    email::Email,
    expire::that_fit,
    ids::{CollaboratorId, MailId},
    mail::{Mail, MailContext, MailKind},
    mail_budget::MailLimits,
    scope::{Scope, ScopeId},
    text::Name,
    time::{DAY, Timestamp},
};

/// How long after the mail the first reminder is sent.
pub const REMINDED_AFTER: Duration = DAY.saturating_mul(3);

/// How long before the end of the invitation the last reminder is sent.
pub const REMINDED_BEFORE: Duration = DAY.saturating_mul(2);

/// No reminder follows another mail within this time.
const APART: Duration = DAY;

/// The most reminders that are queued at once, so that two items each and the client fit one transaction.
pub const MOST_AT_ONCE: usize = 40;

/// Whether a pending collaborator is to be reminded: three days after the mail and two days before the invitation expires,
/// once each, if the mail arrived as far as is known.
fn is_due(collaborator: &Collaborator, now: Timestamp) -> bool {
    let pending = collaborator.invitation().filter(|_| collaborator.status(now) == Status::Pending);
    let Some(invitation) = pending else { return false };
    let arrived = matches!(invitation.delivery, Delivery::Sent | Delivery::Delivered);
    let mailed = invitation.sent_at.zip(invitation.mail_id.queued_at());
    let Some((sent_at, queued_at)) = mailed.filter(|_| arrived) else { return false };
    let last = invitation.expires_at.before(REMINDED_BEFORE);
    let first = sent_at.after(REMINDED_AFTER);
    let first = (!invitation.reminded && first < last).then_some(first);
    let is_new = |time: Timestamp| queued_at < time && time <= now;
    now.since(queued_at) >= APART && first.into_iter().chain([last]).any(is_new)
}

/// Decides which reminders are queued, as many as one transaction and the day's mails of the client allow; `None` if there are
/// none. `collaborators` are all of the client, and `mail_ids` new ids, one for each reminder.
///
/// The link of the mail before stays good beside the new one, until one of them is used.
#[must_use]
pub fn decide(
    (client, scopes): (&Client, &BTreeMap<ScopeId, Scope>),
    collaborators: &BTreeMap<CollaboratorId, Collaborator>,
    limits: MailLimits,
    mail_ids: Vec<MailId>,
    now: Timestamp,
) -> Option<Decision> {
    let mut decision = Decision::at(now);
    let mut after = client.clone();
    let due = collaborators.values().filter(|it| client.reminders && is_due(it, now));
    for (collaborator, mail_id) in that_fit(due, MOST_AT_ONCE).zip(mail_ids) {
        let Some(invitation) = collaborator.invitation() else { continue };
        if !after.mails.count_reminder(limits, now) {
            break;
        }
        let is_active = |email: &Email| {
            let inviter = collaborators.values().find(|it| it.email == *email);
            inviter.is_some_and(|inviter| inviter.status(now) == Status::Active)
        };
        let actor = match &invitation.invited_by {
            Actor::User { email, .. } if !is_active(email) => Actor::Platform(None),
            Actor::User { .. } | Actor::Platform(_) | Actor::System(_) => {
                invitation.invited_by.clone()
            }
        };
        decision.mail(mail((client, scopes), &actor, collaborator, mail_id.clone(), now)?);
        let mut reminded = collaborator.clone();
        reminded.membership = Membership::Pending(invitation.clone().reminded_by(mail_id));
        decision.collaborator(Change::Update { before: collaborator.clone(), after: reminded });
    }
    if decision.mails().is_empty() {
        return None;
    }
    decision.update_client(client, after);
    Some(decision)
}

/// A reminder of all access that the invitation gives.
fn mail(
    (client, scopes): (&Client, &BTreeMap<ScopeId, Scope>),
    actor: &Actor,
    to: &Collaborator,
    mail_id: MailId,
    now: Timestamp,
) -> Option<Mail> {
    let name = |scope: &ScopeId| scopes.get(scope).map_or(&client.name, |scope| &scope.name);
    let live = to.grants.iter().filter(|(_, grant)| grant.is_live(now));
    let mut live = live.map(|(scope, _)| scope);
    let scope = live.next()?;
    let also: Vec<Name> = live.map(|scope| name(scope).clone()).collect();
    let context = MailContext { client, scope, scope_name: name(scope), actor };
    Some(context.mail(MailKind::Reminder, to, mail_id).also_about(also))
}

impl Invitation {
    /// The same invitation with a reminder that is not sent yet.
    fn reminded_by(self, mail_id: MailId) -> Self {
        Self {
            mail_id,
            token_hash: None,
            earlier_hash: self.token_hash.or(self.earlier_hash),
            reminded: true,
            delivery: Delivery::Queued,
            ..self
        }
    }
}
