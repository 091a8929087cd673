//! Stored invitations, and their conversion from and to the domain.

use coulisses_domain::{
    collaborator::{Declined, Invitation},
    delivery::Delivery,
    ids::MailId,
    text::Reason,
    time::Timestamp,
    token::TokenHash,
};
use serde::{Deserialize, Serialize};

use super::{
    actor::StoredActor,
    item::{Unreadable, known, optional},
};

/// An invitation.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredInvitation {
    #[serde(rename = "sending")]
    pub mail_id: String,
    pub token_hash: Option<String>,
    pub earlier_hash: Option<String>,
    pub reminded: Option<bool>,
    pub by: StoredActor,
    pub sent_at: Option<i64>,
    pub expires_at: i64,
    pub delivery: String,
    pub suppressed: Option<bool>,
    pub undelivered_at: Option<i64>,
    pub renewal_requested_at: Option<i64>,
    pub was_active: Option<bool>,
}

/// What a collaborator declined.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredDeclined {
    pub invitation: StoredInvitation,
    pub at: i64,
    pub reason: Option<String>,
}

impl StoredDeclined {
    pub(super) fn new(declined: &Declined) -> Self {
        Self {
            invitation: StoredInvitation::new(&declined.invitation),
            at: declined.at.millis(),
            reason: declined.reason.as_ref().map(|reason| reason.as_str().into()),
        }
    }

    pub(super) fn into_domain(self) -> Result<Declined, Unreadable> {
        let reason = optional("declined.reason", self.reason.as_deref(), Reason::parse)?;
        Ok(Declined {
            invitation: self.invitation.into_domain()?,
            at: Timestamp::from_millis(self.at),
            reason: reason.flatten(),
        })
    }
}

impl StoredInvitation {
    /// The invitation of a collaborator who is suspended, has declined or waits for a seat. A version that does not know these
    /// reads an invitation that has expired, and so gives them nothing.
    pub(super) fn of_no_one() -> Self {
        Self {
            mail_id: String::new(),
            token_hash: None,
            earlier_hash: None,
            reminded: None,
            by: StoredActor::Platform(true),
            sent_at: None,
            expires_at: 0,
            delivery: Delivery::Sent.name().into(),
            suppressed: None,
            undelivered_at: None,
            renewal_requested_at: None,
            was_active: None,
        }
    }

    pub(super) fn is_of_no_one(&self) -> bool {
        self.mail_id.is_empty()
    }

    pub(super) fn new(invitation: &Invitation) -> Self {
        Self {
            mail_id: invitation.mail_id.as_str().into(),
            token_hash: invitation.token_hash.map(TokenHash::to_hex),
            earlier_hash: invitation.earlier_hash.map(TokenHash::to_hex),
            reminded: invitation.reminded.then_some(true),
            by: StoredActor::new(&invitation.invited_by),
            sent_at: invitation.sent_at.map(Timestamp::millis),
            expires_at: invitation.expires_at.millis(),
            // The version before this one does not know an invitation without a mail.
            delivery: if invitation.delivery == Delivery::None {
                Delivery::Sent.name().into()
            } else {
                invitation.delivery.name().into()
            },
            suppressed: invitation.suppressed.then_some(true),
            undelivered_at: invitation.undelivered_at.map(Timestamp::millis),
            renewal_requested_at: invitation.renewal_requested_at.map(Timestamp::millis),
            was_active: invitation.was_active.then_some(true),
        }
    }

    pub(super) fn into_domain(self) -> Result<Invitation, Unreadable> {
        let mail_id = MailId::new(self.mail_id);
        let delivery = known("invitation.delivery", Delivery::parse(&self.delivery))?;
        let hash = |name, text: Option<String>| optional(name, text.as_deref(), TokenHash::parse);
        Ok(Invitation {
            token_hash: hash("invitation.tokenHash", self.token_hash)?,
            earlier_hash: hash("invitation.earlierHash", self.earlier_hash)?,
            reminded: self.reminded.unwrap_or_default(),
            invited_by: self.by.into_domain(None)?,
            sent_at: self.sent_at.map(Timestamp::from_millis),
            expires_at: Timestamp::from_millis(self.expires_at),
            delivery: if mail_id.is_of_no_mail() { Delivery::None } else { delivery },
            mail_id,
            suppressed: self.suppressed.unwrap_or_default(),
            undelivered_at: self.undelivered_at.map(Timestamp::from_millis),
            renewal_requested_at: self.renewal_requested_at.map(Timestamp::from_millis),
            was_active: self.was_active.unwrap_or_default(),
        })
    }
}
