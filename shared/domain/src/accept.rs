//! Accepting an invitation, and viewing it first.

use crate::{
    actor::Actor,
    caller::{Caller, User},
    client::Client,
    collaborator::{Account, Binding, Collaborator, Invitation, Membership, Status},
    decision::{Decision, Outcome},
    history::{Action, AuditEvent},
    refusal::Refusal,
    time::Timestamp,
    token::{Token, TokenHash},
};

/// The records that the token names; `None` if there is no such record.
#[derive(Clone, Debug)]
pub struct AcceptFacts {
    /// The client.
    pub client: Option<Client>,
    /// The invited collaborator.
    pub invited: Option<Collaborator>,
}

/// The response to an accepted invitation.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The client.
    pub client: Client,
    /// The collaborator, now active.
    pub collaborator: Collaborator,
}

/// Returns the invitation that `token` belongs to, without an effect. Everyone who has the token can view it.
///
/// # Errors
/// `InvitationNotFound` for a wrong or replaced token. For the right one: `InvitationUsed` once it was accepted,
/// `InvitationEnded` if all its access has ended, `InvitationExpired` if it can be sent again.
pub fn preview<'a>(
    facts: &'a AcceptFacts,
    token: &Token,
    now: Timestamp,
) -> Result<(&'a Client, &'a Collaborator, &'a Invitation), Refusal> {
    let (client, invited) = facts.records()?;
    facts.named_by(token).ok_or(Refusal::InvitationNotFound)?;
    // A resend cannot bring back access that has ended (docs/domain.md#rule-9).
    if invited.has_ended(now) {
        return Err(Refusal::InvitationEnded);
    }
    let invitation = invited.invitation().ok_or(Refusal::InvitationUsed)?;
    if invited.status(now) == Status::Expired {
        return Err(Refusal::InvitationExpired);
    }
    Ok((client, invited, invitation))
}

/// Decides whether `token` makes the caller active.
///
/// # Errors
/// `Forbidden` for the platform; those of [`preview`], `InvitationUsed` for a token that another account used;
/// `EmailMismatch` for the right one of another address.
pub fn decide(
    facts: &AcceptFacts,
    token: &Token,
    caller: &Caller,
    now: Timestamp,
) -> Result<Outcome<Accepted>, Refusal> {
    let user = caller.user()?;
    let account = user.account()?;
    let (client, invited) = facts.records()?;
    if let Membership::Active(binding) = &invited.membership
        && binding.account == *account
        && binding.accepted == Some(token.hash())
    {
        // The account that used the link gets the first response again.
        let answer = Accepted { client: client.clone(), collaborator: invited.clone() };
        return Ok(Outcome { decision: Decision::at(now), answer });
    }
    preview(facts, token, now)?;
    if user.id != invited.id {
        return Err(Refusal::EmailMismatch);
    }
    let active = activated(invited, Some(token.hash()), (user, account), now);
    let decision = activation(invited, &active, now);
    Ok(Outcome { decision, answer: Accepted { client: client.clone(), collaborator: active } })
}

/// The pending collaborator `invited`, made active and bound to the account of the user (docs/domain.md#rule-8). `accepted` is
/// the hash of the token that they used, or else of the last one.
pub(crate) fn activated(
    invited: &Collaborator,
    accepted: Option<TokenHash>,
    (user, account): (&User, &Account),
    now: Timestamp,
) -> Collaborator {
    let mut active = invited.clone().advanced(now);
    let mailed_at = invited.last_mail_at();
    active.membership =
        Membership::Active(Binding { account: account.clone(), accepted, mailed_at });
    active.name = active.name.or_else(|| user.name.clone());
    active
}

/// The decision that `invited` becomes `active`. The collaborator is the actor.
pub(crate) fn activation(
    invited: &Collaborator,
    active: &Collaborator,
    now: Timestamp,
) -> Decision {
    let mut decision = Decision::at(now);
    let actor = Actor::User { email: active.email.clone(), name: active.name.clone(), via: None };
    let event = AuditEvent::new(actor, Action::Activated);
    decision.change(event, Some(invited), Some(active.clone()));
    decision
}

impl AcceptFacts {
    /// The invited collaborator, if `token` is that of their invitation. Only the right token learns more.
    #[must_use]
    pub fn named_by(&self, token: &Token) -> Option<&Collaborator> {
        let invited = self.invited.as_ref()?;
        let hash = token.hash();
        let is_known = match &invited.membership {
            Membership::Pending(invitation) => invitation.has_token(hash),
            Membership::Active(binding) => binding.accepted == Some(hash),
            Membership::Suspended(_) | Membership::Declined(_) | Membership::Waiting(_) => false,
        };
        is_known.then_some(invited)
    }

    pub(crate) fn records(&self) -> Result<(&Client, &Collaborator), Refusal> {
        self.client.as_ref().zip(self.invited.as_ref()).ok_or(Refusal::InvitationNotFound)
    }
}
