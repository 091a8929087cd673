//! Answers of a recipient who has not logged in: declining an invitation, and asking for a new link once it has expired.
//!
//! The token is the only proof. A wrong, replaced, revoked or used one gets the same refusal, so that no one can find out
//! which of them it is.

use std::collections::BTreeMap;

use crate::{
    accept::{self, AcceptFacts},
    access::Subject,
    actor::Actor,
    client::Client,
    collaborator::{
        Collaborator, Declined, EXPIRED_SHOWN_FOR, Invitation, InvitationIssue, Membership,
    },
    decision::{Change, Decision, Outcome},
    history::{Action, AuditEvent},
    ids::MailId,
    mail::{DigestLine, Mail, MailContext, MailKind},
    refusal::Refusal,
    scope::{Scope, ScopeId},
    text::{Message, Name, Reason},
    time::Timestamp,
    token::Token,
};

/// What was read for an answer.
#[derive(Clone, Debug)]
pub struct AnswerFacts {
    /// The records that the token names.
    pub invitation: AcceptFacts,
    /// The inviter, if they are a collaborator.
    pub inviter: Option<Collaborator>,
    /// The scopes of the invitation's grants, with those above them.
    pub scopes: BTreeMap<ScopeId, Scope>,
}

/// Decides whether `token` declines its invitation; `mail_id` is a new id for the mail to the inviter.
///
/// All grants of the invitation are declined, and the seat is free at once. Declining again changes nothing.
///
/// # Errors
/// `InvitationNotFound`; for the right token `InvitationExpired`, `InvitationEnded`, and `OwnerMustTransfer` for an owner, whose
/// scope would have none.
pub fn decline(
    facts: &AnswerFacts,
    token: &Token,
    reason: Option<&Reason>,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<()>, Refusal> {
    let has_declined = facts.invited().is_some_and(|invited| {
        invited.declined().is_some_and(|declined| declined.invitation.has_token(token.hash()))
    });
    let mut decision = Decision::at(now);
    if has_declined {
        return Ok(Outcome { decision, answer: () });
    }
    let (client, invited, invitation) =
        accept::preview(&facts.invitation, token, now).map_err(without_use)?;
    if invited.is_owner() {
        return Err(Refusal::OwnerMustTransfer);
    }
    let mut after = invited.clone().advanced(now);
    after.membership = Membership::Declined(Declined {
        invitation: invitation.clone(),
        at: now,
        reason: reason.cloned(),
    });
    after.seat = false;
    after.forget_at = Some(now.after(EXPIRED_SHOWN_FOR));
    let mut client_after = client.clone();
    client_after.return_seats(u32::from(invited.seat));
    decision.update_client(client, client_after);
    let about = (MailKind::Declined, InvitationIssue::Declined);
    if let Some(mail) = facts.mail(about, (client, invited), mail_id, now) {
        let message = reason.and_then(|reason| Message::parse(reason.as_str()).ok().flatten());
        decision.mail(mail.with_message(message));
    }
    let event =
        AuditEvent { actor: person(invited), action: Action::Declined, reason: reason.cloned() };
    decision.change(event, Some(invited), Some(after));
    Ok(Outcome { decision, answer: () })
}

/// Decides whether `token` asks for a new link; `mail_id` is a new id for the mail to the inviter, who is asked once.
///
/// # Errors
/// `InvitationNotFound`; for the right token `InvitationStillValid` and `InvitationEnded`.
pub fn renewal(
    facts: &AnswerFacts,
    token: &Token,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<()>, Refusal> {
    match accept::preview(&facts.invitation, token, now).map_err(without_use) {
        Err(Refusal::InvitationExpired) => {}
        Ok(_) => return Err(Refusal::InvitationStillValid),
        Err(refusal) => return Err(refusal),
    }
    let (client, invited) = facts.invitation.records()?;
    let invitation = invited.invitation().ok_or(Refusal::InvitationNotFound)?;
    let mut decision = Decision::at(now);
    if invitation.renewal_requested_at.is_none() {
        let mut after = invited.clone();
        let renewal_requested_at = Some(now);
        after.membership =
            Membership::Pending(Invitation { renewal_requested_at, ..invitation.clone() });
        decision.collaborator(Change::Update { before: invited.clone(), after });
        let about = (MailKind::RenewalRequested, InvitationIssue::RenewalRequested);
        if let Some(mail) = facts.mail(about, (client, invited), mail_id, now) {
            decision.mail(mail);
        }
    }
    Ok(Outcome { decision, answer: () })
}

/// Only the preview and the acceptance say that a token was used.
fn without_use(refusal: Refusal) -> Refusal {
    if refusal == Refusal::InvitationUsed { Refusal::InvitationNotFound } else { refusal }
}

fn person(invited: &Collaborator) -> Actor {
    Actor::User { email: invited.email.clone(), name: invited.name.clone(), via: None }
}

impl AnswerFacts {
    fn invited(&self) -> Option<&Collaborator> {
        self.invitation.invited.as_ref()
    }

    /// A mail to the inviter about the scopes where they still see who has access; `None` if there are none.
    fn mail(
        &self,
        (kind, issue): (MailKind, InvitationIssue),
        (client, invited): (&Client, &Collaborator),
        mail_id: MailId,
        now: Timestamp,
    ) -> Option<Mail> {
        let to = self.inviter.as_ref()?;
        let reader = Subject { collaborator: to, granting: client.granting };
        let name_of = |at: &ScopeId| self.scopes.get(at).map_or(&client.name, |it| &it.name);
        let mut shown = reader.seen_scopes(invited, now);
        let scope = shown.next()?;
        let also: Vec<Name> = shown.map(|at| name_of(at).clone()).collect();
        let actor = person(invited);
        let context = MailContext { client, scope, scope_name: name_of(scope), actor: &actor };
        let line = DigestLine { person: invited.id.clone(), scope: scope.clone(), issue };
        Some(context.mail(kind, to, mail_id).about_an_invitee(line, also))
    }
}
