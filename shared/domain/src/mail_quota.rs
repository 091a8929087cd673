//! How many mails a client and a collaborator may cause (docs/domain.md#rule-9).

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
    /// The day that is counted, in UTC.
    pub day: Day,
    /// Invitations and resends.
    pub invitations: u32,
    /// Messages to everybody.
    pub announcements: u32,
}

impl MailCounts {
    /// The counts of `day`: these, or none yet if they are another day's.
    fn on(self, day: Day) -> Self {
        if self.day == day { self } else { Self { day, invitations: 0, announcements: 0 } }
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
        *self = self.on(now.day());
        increment(&mut self.invitations, limits.invitations, now)
    }

    /// Counts one more announcement today, however many recipients it has.
    ///
    /// # Errors
    /// [`Refusal::MailLimit`] until the end of the day, if `limits.announcements` is reached.
    pub(crate) fn count_announcement(
        &mut self,
        limits: MailLimits,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        *self = self.on(now.day());
        increment(&mut self.announcements, limits.announcements, now)
    }
}

fn increment(count: &mut u32, limit: u32, now: Timestamp) -> Result<(), Refusal> {
    if *count >= limit {
        return Err(Refusal::MailLimit { retry_after: now.day().end().since(now) });
    }
    *count += 1;
    Ok(())
}

/// How many mails of a kind a client may cause a day; a setting of the deployment (`domain.md`, rule 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailLimits {
    /// Invitations and resends a day.
    pub invitations: u32,
    /// Messages to everybody a day.
    pub announcements: u32,
}

impl Default for MailLimits {
    fn default() -> Self {
        Self { invitations: 500, announcements: 20 }
    }
}

/// The invitation mails to one person in one client; it survives a removal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailCounter {
    /// The client.
    pub client: ClientId,
    /// The person.
    pub collaborator: CollaboratorId,
    /// The day that is counted, in UTC.
    pub day: Day,
    /// Mails of that day beyond the first invitation.
    pub resends: u32,
    /// When the last invitation mail was asked for.
    pub last_mail_at: Timestamp,
    /// The latest end of access that the person was told of beforehand.
    pub ending_notified: Option<Timestamp>,
}

impl MailCounter {
    /// One invitation mail to one person a minute.
    const INTERVAL: Duration = Duration::from_mins(1);
    /// Five resends to one person a day.
    const RESENDS: u32 = 5;

    /// The counter after an invitation of somebody new or expired.
    ///
    /// Only the first of a day is free: whoever is removed and invited again is mailed within the limits of a resend.
    ///
    /// # Errors
    /// [`Refusal::ResendTooSoon`] within a minute of the last mail, [`Refusal::ResendLimit`] past five a day.
    pub(crate) fn invited(
        before: Option<&Self>,
        who: Addressee<'_>,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let first_today = before.is_none_or(|counter| counter.day != now.day());
        Self::counted(before, who, now, u32::from(!first_today))
    }

    /// The counter after a resend.
    ///
    /// # Errors
    /// [`Refusal::ResendTooSoon`] within a minute of the last mail, [`Refusal::ResendLimit`] past five a day.
    pub(crate) fn resent(
        before: Option<&Self>,
        who: Addressee<'_>,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        Self::counted(before, who, now, 1)
    }

    fn counted(
        before: Option<&Self>,
        who: Addressee<'_>,
        now: Timestamp,
        more: u32,
    ) -> Result<Self, Refusal> {
        if let Some(counter) = before {
            let waited = now.since(counter.last_mail_at);
            if waited < Self::INTERVAL {
                return Err(Refusal::ResendTooSoon {
                    retry_after: Self::INTERVAL.saturating_sub(waited),
                });
            }
        }
        let resends =
            before.filter(|counter| counter.day == now.day()).map_or(0, |counter| counter.resends)
                + more;
        if resends > Self::RESENDS {
            return Err(Refusal::ResendLimit { retry_after: now.day().end().since(now) });
        }
        Ok(Self {
            client: who.client.clone(),
            collaborator: who.collaborator.clone(),
            day: now.day(),
            resends,
            last_mail_at: now,
            ending_notified: before.and_then(|counter| counter.ending_notified),
        })
    }

    /// The counter after the person was told that access ends at `end`, which is no invitation mail.
    pub(crate) fn notified_of(before: Option<&Self>, who: Addressee<'_>, end: Timestamp) -> Self {
        // Of somebody without a counter no invitation mail is counted: the first of a day is still free.
        let nothing = || Self {
            client: who.client.clone(),
            collaborator: who.collaborator.clone(),
            day: Day::from_number(0),
            resends: 0,
            last_mail_at: Timestamp::from_millis(0),
            ending_notified: None,
        };
        Self { ending_notified: Some(end), ..before.cloned().unwrap_or_else(nothing) }
    }

    /// From when on the counter says nothing any more: a day after the day that it counts, and after the end that was
    /// told.
    #[must_use]
    pub fn forget_at(&self) -> Timestamp {
        let counted = self.day.end();
        self.ending_notified.map_or(counted, |told| told.max(counted)).after(DAY)
    }
}

/// Whose mails are counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addressee<'a> {
    /// In which client.
    pub client: &'a ClientId,
    /// Which person.
    pub collaborator: &'a CollaboratorId,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn counted(
        before: Option<&MailCounter>,
        resend: bool,
        now: &str,
    ) -> Result<MailCounter, Refusal> {
        let client = ClientId::parse("acme").unwrap();
        let collaborator = CollaboratorId::parse("abcdefghijklmnopqrstuvwxyz").unwrap();
        let who = Addressee { client: &client, collaborator: &collaborator };
        if resend {
            MailCounter::resent(before, who, at(now))
        } else {
            MailCounter::invited(before, who, at(now))
        }
    }

    #[test]
    fn one_invitation_mail_a_minute_and_the_first_one_counts() {
        let first = counted(None, false, "2027-01-31T08:00:00Z").unwrap();
        let soon = counted(Some(&first), true, "2027-01-31T08:00:59Z");
        assert_eq!(soon, Err(Refusal::ResendTooSoon { retry_after: Duration::from_secs(1) }));
        assert_eq!(counted(Some(&first), true, "2027-01-31T08:01:00Z").unwrap().resends, 1);
        assert!(
            counted(Some(&first), false, "2027-01-31T08:00:30Z").is_err(),
            "a re-invitation is a mail too"
        );
    }

    #[test]
    fn five_resends_a_day_across_removal_and_invitation_and_again_the_next_day() {
        let mut counter = counted(None, false, "2027-01-31T08:00:00Z").unwrap();
        for minute in 1..=5 {
            let resend = minute % 2 == 0;
            counter =
                counted(Some(&counter), resend, &format!("2027-01-31T08:0{minute}:00Z")).unwrap();
        }
        let retry_after = Duration::from_mins(16 * 60 - 6);
        for resend in [true, false] {
            let sixth = counted(Some(&counter), resend, "2027-01-31T08:06:00Z");
            assert_eq!(sixth, Err(Refusal::ResendLimit { retry_after }));
        }
        assert_eq!(counted(Some(&counter), true, "2027-02-01T00:00:00Z").unwrap().resends, 1);
        assert_eq!(counted(Some(&counter), false, "2027-02-01T00:00:00Z").unwrap().resends, 0);
    }
}
