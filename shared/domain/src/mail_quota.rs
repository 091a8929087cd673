//! The mail limits of a client and of a collaborator (docs/domain.md#rule-9).

use std::time::Duration;

use crate::{
    ids::CollaboratorId,
    refusal::Refusal,
    scope::ClientId,
    time::{DAY, Day, Timestamp},
};

/// The mails that a client caused on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailCounts {
    /// The day, in UTC.
    pub day: Day,
    /// Invitations and resends.
    pub invitations: u32,
    /// Announcements.
    pub announcements: u32,
}

impl MailCounts {
    /// No mails on `day`.
    #[must_use]
    pub const fn none(day: Day) -> Self {
        Self { day, invitations: 0, announcements: 0 }
    }

    /// Counts one more invitation mail today.
    ///
    /// # Errors
    /// [`Refusal::MailLimit`] until the end of the day, if `limits.invitations` is reached.
    pub(crate) fn count_invitation(
        &mut self,
        limits: MailLimits,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.start_day(now);
        increment(&mut self.invitations, limits.invitations, now)
    }

    /// Counts one more announcement today, whatever its number of recipients.
    ///
    /// # Errors
    /// [`Refusal::MailLimit`] until the end of the day, if `limits.announcements` is reached.
    pub(crate) fn count_announcement(
        &mut self,
        limits: MailLimits,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.start_day(now);
        increment(&mut self.announcements, limits.announcements, now)
    }

    fn start_day(&mut self, now: Timestamp) {
        if self.day != now.day() {
            *self = Self::none(now.day());
        }
    }
}

fn increment(count: &mut u32, limit: u32, now: Timestamp) -> Result<(), Refusal> {
    if *count >= limit {
        return Err(Refusal::MailLimit { retry_after: now.day().end().since(now) });
    }
    *count += 1;
    Ok(())
}

/// How many mails of each kind a client can cause a day; a setting of the deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailLimits {
    /// Invitations and resends.
    pub invitations: u32,
    /// Announcements.
    pub announcements: u32,
}

impl Default for MailLimits {
    fn default() -> Self {
        Self { invitations: 500, announcements: 20 }
    }
}

/// Counts the invitation mails to one collaborator. It survives the removal of their record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailCounter {
    /// The client.
    pub client: ClientId,
    /// The collaborator.
    pub collaborator: CollaboratorId,
    /// The day, in UTC.
    pub day: Day,
    /// The mails of that day, except the first invitation.
    pub resends: u32,
    /// When the last invitation mail was queued.
    pub last_mail_at: Timestamp,
    /// The latest end of access that the collaborator was notified of.
    pub ending_notified: Option<Timestamp>,
}

impl MailCounter {
    /// At most one invitation mail to a collaborator in this time.
    const INTERVAL: Duration = Duration::from_mins(1);
    /// Resends to a collaborator a day.
    const RESENDS: u32 = 5;

    /// The counter after an invitation of a new or expired collaborator.
    ///
    /// The first invitation of a day is not a resend. A further one is, so that removing and inviting again cannot
    /// circumvent the limit (docs/decisions/0007-inviting-again-counts-as-a-resend.md).
    ///
    /// # Errors
    /// [`Refusal::ResendTooSoon`], [`Refusal::ResendLimit`].
    pub(crate) fn invited(
        before: Option<&Self>,
        addressee: Addressee<'_>,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let first_today = before.is_none_or(|counter| counter.day != now.day());
        Self::counted(before, addressee, now, u32::from(!first_today))
    }

    /// The counter after a resend.
    ///
    /// # Errors
    /// [`Refusal::ResendTooSoon`], [`Refusal::ResendLimit`].
    pub(crate) fn resent(
        before: Option<&Self>,
        addressee: Addressee<'_>,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        Self::counted(before, addressee, now, 1)
    }

    /// The counter after an invitation in place of one that was never sent, whose minute does not count.
    ///
    /// # Errors
    /// [`Refusal::ResendLimit`].
    pub(crate) fn revived(
        before: Option<&Self>,
        addressee: Addressee<'_>,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let last_mail_at = Timestamp::from_millis(0);
        let before = before.map(|counter| Self { last_mail_at, ..counter.clone() });
        Self::counted(before.as_ref(), addressee, now, 1)
    }

    fn counted(
        before: Option<&Self>,
        addressee: Addressee<'_>,
        now: Timestamp,
        more: u32,
    ) -> Result<Self, Refusal> {
        if let Some(counter) = before {
            let waited = now.since(counter.last_mail_at);
            if waited < Self::INTERVAL {
                let retry_after = Self::INTERVAL.saturating_sub(waited);
                return Err(Refusal::ResendTooSoon { retry_after });
            }
        }
        let today = before.filter(|counter| counter.day == now.day());
        let resends = today.map_or(0, |counter| counter.resends) + more;
        if resends > Self::RESENDS {
            return Err(Refusal::ResendLimit { retry_after: now.day().end().since(now) });
        }
        Ok(Self {
            client: addressee.client.clone(),
            collaborator: addressee.collaborator.clone(),
            day: now.day(),
            resends,
            last_mail_at: now,
            ending_notified: before.and_then(|counter| counter.ending_notified),
        })
    }

    /// The counter after the collaborator was notified that access ends at `end`. This is not an invitation mail.
    pub(crate) fn notified_of(
        before: Option<&Self>,
        addressee: Addressee<'_>,
        end: Timestamp,
    ) -> Self {
        // A new counter counts no mail, so the first invitation of a day is still not a resend.
        let new = || Self {
            client: addressee.client.clone(),
            collaborator: addressee.collaborator.clone(),
            day: Day::from_number(0),
            resends: 0,
            last_mail_at: Timestamp::from_millis(0),
            ending_notified: None,
        };
        Self { ending_notified: Some(end), ..before.cloned().unwrap_or_else(new) }
    }

    /// When the counter can be deleted: a day after its day has ended and after the end that it stores.
    #[must_use]
    pub fn forget_at(&self) -> Timestamp {
        let day_end = self.day.end();
        self.ending_notified.map_or(day_end, |end| end.max(day_end)).after(DAY)
    }
}

/// The collaborator whose mails are counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addressee<'a> {
    pub client: &'a ClientId,
    pub collaborator: &'a CollaboratorId,
}
