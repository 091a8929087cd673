//! Accepting an invitation, and looking at it before.

use crate::{
    actor::Actor,
    client::Client,
    collaborator::{Binding, Collaborator, Invitation, Membership, Status},
    decision::{Change, Decision, Outcome},
    facts::{Caller, User},
    history::{Action, AuditEvent, Entry},
    refusal::Refusal,
    time::Timestamp,
    token::Token,
};

/// What the token names, and who bears it; whatever was not found is `None`.
#[derive(Clone, Debug)]
pub struct AcceptFacts {
    /// The client that the token names.
    pub client: Option<Client>,
    /// The collaborator that the token names.
    pub invited: Option<Collaborator>,
}

/// What accepting gave access to.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The client.
    pub client: Client,
    /// The collaborator, who is active now.
    pub collaborator: Collaborator,
}

/// Looks at the invitation behind `token`, without any effect; anybody who bears the token may.
///
/// # Errors
/// `InvitationNotFound` for a wrong, replaced or used token; `InvitationExpired` for the right one, too late.
pub fn preview<'a>(
    facts: &'a AcceptFacts,
    token: &Token,
    now: Timestamp,
) -> Result<(&'a Client, &'a Collaborator, &'a Invitation), Refusal> {
    let (client, invited) = named(facts)?;
    let invitation = invited.invitation().ok_or(Refusal::InvitationNotFound)?;
    if invitation.token_hash != Some(token.hash()) {
        return Err(Refusal::InvitationNotFound);
    }
    if invited.status(now) == Status::Expired {
        return Err(Refusal::InvitationExpired);
    }
    Ok((client, invited, invitation))
}

/// Decides whether `caller` becomes active by `token` at `now`.
///
/// # Errors
/// `Forbidden` for the platform; `InvitationNotFound` for a wrong or replaced token, or one that another account used;
/// `InvitationExpired` for the right one, too late; `EmailMismatch` for the right one of somebody else.
pub fn decide(
    facts: &AcceptFacts,
    token: &Token,
    caller: &Caller,
    now: Timestamp,
) -> Result<Outcome<Accepted>, Refusal> {
    let collaborator = match caller {
        Caller::Platform => return Err(Refusal::Forbidden),
        Caller::User(collaborator) => collaborator,
    };
    let (client, invited) = named(facts)?;
    if let Membership::Active(binding) = &invited.membership {
        // The account that used the link gets its first answer again.
        let again =
            binding.account == collaborator.account && binding.accepted == Some(token.hash());
        let answer = Accepted { client: client.clone(), collaborator: invited.clone() };
        return if again {
            Ok(Outcome { decision: Decision::at(now), answer })
        } else {
            Err(Refusal::InvitationNotFound)
        };
    }
    preview(facts, token, now)?;
    if collaborator.id != invited.id {
        return Err(Refusal::EmailMismatch);
    }
    let active = activated(invited, collaborator, now);
    let decision = activation(invited, &active, now);
    Ok(Outcome { decision, answer: Accepted { client: client.clone(), collaborator: active } })
}

/// A pending collaborator made active, bound to the account of `collaborator` (`domain.md`, rule 8).
pub(crate) fn activated(
    invited: &Collaborator,
    collaborator: &User,
    now: Timestamp,
) -> Collaborator {
    let mut active = invited.clone().advanced(now);
    let accepted = invited.invitation().and_then(|invitation| invitation.token_hash);
    active.membership =
        Membership::Active(Binding { account: collaborator.account.clone(), accepted });
    active.name = active.name.or_else(|| collaborator.name.clone());
    active
}

/// The decision that `invited` becomes `active`, by his own doing.
pub(crate) fn activation(
    invited: &Collaborator,
    active: &Collaborator,
    now: Timestamp,
) -> Decision {
    let mut decision = Decision::at(now);
    let himself = Actor::User { email: active.email.clone(), name: active.name.clone() };
    decision.record(Entry::of(
        AuditEvent::new(himself, Action::Activated),
        Some(invited),
        Some(active),
        now,
    ));
    decision.collaborator(Change::Update { before: invited.clone(), after: active.clone() });
    decision
}

fn named(facts: &AcceptFacts) -> Result<(&Client, &Collaborator), Refusal> {
    facts.client.as_ref().zip(facts.invited.as_ref()).ok_or(Refusal::InvitationNotFound)
}
