//! The invitation of a collaborator.

use std::time::Duration;

use strum::{EnumString, IntoStaticStr, VariantArray};

use super::{Collaborator, Membership};
use crate::{
    actor::Actor,
    delivery::Delivery,
    ids::MailId,
    refusal::Refusal,
    text::Reason,
    time::{DAY, Timestamp},
    token::TokenHash,
};

/// Makes a pending collaborator active. Each has one, whatever the number of grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The id of the last invitation mail. Earlier ones are not sent any more.
    pub mail_id: MailId,
    /// The hash of the token in that mail; `None` until the mail is rendered.
    pub token_hash: Option<TokenHash>,
    /// The hash of the token in the mail before a reminder, whose link stays good.
    pub earlier_hash: Option<TokenHash>,
    /// Whether the last mail is a reminder.
    pub reminded: bool,
    /// The inviter.
    pub invited_by: Actor,
    /// When the mail service accepted the mail.
    pub sent_at: Option<Timestamp>,
    /// When the invitation expires.
    pub expires_at: Timestamp,
    /// What happened to the mail.
    pub delivery: Delivery,
    /// Whether the mail bounced because the mail service suppresses the address after an earlier bounce or complaint.
    pub suppressed: bool,
    /// When the mail bounced or failed; `None` for one that did not, or that the version before this one recorded.
    pub undelivered_at: Option<Timestamp>,
    /// When the recipient asked for a new link, after this one had expired.
    pub renewal_requested_at: Option<Timestamp>,
    /// Whether the collaborator was active before: an owner who was unbound from their account.
    pub was_active: bool,
}

impl Invitation {
    /// An invitation whose mail is not sent yet.
    #[must_use]
    pub const fn queued(mail_id: MailId, invited_by: Actor, expires_at: Timestamp) -> Self {
        Self {
            mail_id,
            token_hash: None,
            earlier_hash: None,
            reminded: false,
            invited_by,
            sent_at: None,
            expires_at,
            delivery: Delivery::Queued,
            suppressed: false,
            undelivered_at: None,
            renewal_requested_at: None,
            was_active: false,
        }
    }

    /// Whether its link has this token.
    pub(crate) fn has_token(&self, hash: TokenHash) -> bool {
        [self.token_hash, self.earlier_hash].into_iter().flatten().any(|known| known == hash)
    }

    /// When the last reminder was queued; `None` if there was none.
    #[must_use]
    pub fn reminded_at(&self) -> Option<Timestamp> {
        self.mail_id.queued_at().filter(|_| self.reminded)
    }
}

/// An invitation that the recipient declined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declined {
    /// The invitation.
    pub invitation: Invitation,
    /// When.
    pub at: Timestamp,
    /// Why, if they said so.
    pub reason: Option<Reason>,
}

impl Declined {
    /// Whether the person can be invited again: a day later.
    ///
    /// # Errors
    /// [`Refusal::DeclinedToday`].
    pub(crate) fn check_may_invite_again(&self, now: Timestamp) -> Result<(), Refusal> {
        let retry_after = self.at.after(DAY).since(now);
        if retry_after > Duration::ZERO {
            return Err(Refusal::DeclinedToday { retry_after });
        }
        Ok(())
    }
}

/// Why the inviter should look at an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum InvitationIssue {
    /// The receiving server refused the mail.
    Bounced,
    /// The mail was given up.
    Failed,
    /// The recipient declined.
    Declined,
    /// The invitation expired.
    Expired,
    /// The invitation expired, and the recipient asks for a new link.
    RenewalRequested,
}

words!(InvitationIssue);

impl Collaborator {
    /// Why the inviter should look at the invitation, and since when. `None` if it is accepted, or is on its way, or if all its
    /// access has ended.
    #[must_use]
    pub fn invitation_issue(&self, now: Timestamp) -> Option<(InvitationIssue, Timestamp)> {
        let invitation = match &self.membership {
            Membership::Declined(declined) => {
                return Some((InvitationIssue::Declined, declined.at));
            }
            Membership::Pending(invitation) if !self.has_ended(now) => invitation,
            Membership::Pending(_)
            | Membership::Active(_)
            | Membership::Suspended(_)
            | Membership::Waiting(_) => return None,
        };
        if let Some(at) = invitation.renewal_requested_at {
            return Some((InvitationIssue::RenewalRequested, at));
        }
        if invitation.expires_at <= now {
            return Some((InvitationIssue::Expired, invitation.expires_at));
        }
        let issue = match invitation.delivery {
            Delivery::Bounced => InvitationIssue::Bounced,
            Delivery::Failed => InvitationIssue::Failed,
            Delivery::None | Delivery::Queued | Delivery::Sent | Delivery::Delivered => {
                return None;
            }
        };
        let at = invitation.undelivered_at.or(invitation.sent_at);
        Some((issue, at.or_else(|| invitation.mail_id.queued_at())?))
    }

    /// The inviter of someone who has not accepted.
    #[must_use]
    pub const fn invited_by(&self) -> Option<&Actor> {
        match &self.membership {
            Membership::Pending(invitation) | Membership::Declined(Declined { invitation, .. }) => {
                Some(&invitation.invited_by)
            }
            Membership::Waiting(waiting) => Some(&waiting.by),
            Membership::Active(_) | Membership::Suspended(_) => None,
        }
    }
}
