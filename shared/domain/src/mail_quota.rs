//! The mail limits of a collaborator (docs/domain.md#rule-9).

use std::{collections::BTreeMap, time::Duration};

use crate::{
    collaborator::{Collaborator, Declined},
    ids::CollaboratorId,
    refusal::Refusal,
    scope::{ClientId, ScopeId},
    time::{DAY, Day, Timestamp},
};

/// Counts the invitation mails to one collaborator. It survives the removal of their record.
///
/// A first mail is not stored, since the record shows it: the first invitation of a day by its mail id, the first notice of
/// an hour by the time of the change. Only a further one, or the removal of a record that shows one, stores the counter.
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
    /// The events whose team's end they were notified of, with that end.
    pub teams_notified: BTreeMap<ScopeId, Timestamp>,
    /// When the last digest of their invitations was queued.
    pub digest_at: Option<Timestamp>,
    /// The mails about changes of access in the present hour.
    pub notices: Notices,
}

/// The mails about changes of access to one active collaborator within an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notices {
    /// When the hour began: with the first of these mails.
    pub since: Timestamp,
    /// How many changes there were.
    pub count: u32,
}

impl Notices {
    /// No mails.
    pub const NONE: Self = Self { since: Timestamp::from_millis(0), count: 0 };
    /// The most mails of an hour that are about one change each.
    const MOST: u32 = 5;
    const HOUR: Duration = Duration::from_hours(1);

    /// The end of the hour, when the changes after the fifth are summed up.
    #[must_use]
    pub fn end(self) -> Timestamp {
        self.since.after(Self::HOUR)
    }

    fn counted(self, now: Timestamp) -> Self {
        if now < self.end() {
            Self { count: self.count.saturating_add(1), ..self }
        } else {
            Self { since: now, count: 1 }
        }
    }
}

/// How an active collaborator is notified of a change of their access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// By a mail about this change.
    Single,
    /// By a mail at this time, which sums up the changes after the fifth.
    SumUp(Timestamp),
    /// By the summary that is queued already.
    InSummary,
}

impl MailCounter {
    /// At most one invitation mail to a collaborator in this time.
    const INTERVAL: Duration = Duration::from_mins(1);
    /// How far back a digest looks if none is known.
    pub(crate) const DIGEST_COVERS: Duration = DAY.saturating_mul(2);
    /// Resends to a collaborator a day.
    const RESENDS: u32 = 5;

    /// The counter that was read, with the mail that the record of the `invited` collaborator shows: the first one of a
    /// day is not stored in a counter.
    pub(crate) fn known(stored: Option<&Self>, invited: Option<&Collaborator>) -> Option<Self> {
        let shown = invited.and_then(|it| Some((it, it.last_mail_at()?)));
        let Some((invited, last_mail_at)) =
            shown.filter(|(_, at)| stored.is_none_or(|stored| stored.last_mail_at < *at))
        else {
            return stored.cloned();
        };
        let addressee = Addressee { client: &invited.client, collaborator: &invited.id };
        let (counter, day) = (stored.cloned(), last_mail_at.day());
        let counter = counter.unwrap_or_else(|| Self::unused(addressee));
        let resends = if counter.day == day { counter.resends } else { 0 };
        Some(Self { day, resends, last_mail_at, ..counter })
    }

    /// Whether the counter matters at `now`, for an invitation of the same person.
    pub(crate) fn matters(&self, now: Timestamp) -> bool {
        self.day == now.day() || now.since(self.last_mail_at) < Self::INTERVAL
    }

    /// Whether the counter has more than what the record shows.
    pub(crate) const fn has_resends(&self) -> bool {
        self.resends > 0
    }

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

    /// The counter after an invitation of a person who declined the former one. It counts as a resend.
    ///
    /// # Errors
    /// [`Refusal::DeclinedToday`]; those of a resend.
    pub(crate) fn invited_again(
        before: Option<&Self>,
        addressee: Addressee<'_>,
        declined: &Declined,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        declined.check_may_invite_again(now)?;
        Self::resent(before, addressee, now)
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
            teams_notified: before.map(|it| it.teams_notified.clone()).unwrap_or_default(),
            digest_at: before.and_then(|counter| counter.digest_at),
            notices: before.map_or(Notices::NONE, |counter| counter.notices),
        })
    }

    /// How the collaborator is notified of a change at `now`, and the counter after it; `None` if it stays the same.
    /// `changed_at` is the time of the change before, which counts as a notice.
    pub(crate) fn notice(
        before: Option<&Self>,
        addressee: Addressee<'_>,
        changed_at: Timestamp,
        now: Timestamp,
    ) -> (Notice, Option<Self>) {
        let stored = before.map_or(Notices::NONE, |counter| counter.notices);
        let shown = Notices { since: changed_at, count: 1 };
        let present = if now < stored.end() { stored } else { shown };
        let notices = present.counted(now);
        let notice = match notices.count {
            ..=1 => return (Notice::Single, None),
            2..=Notices::MOST => Notice::Single,
            count if count == Notices::MOST + 1 => Notice::SumUp(notices.end()),
            _ => return (Notice::InSummary, None),
        };
        let counter = before.cloned().unwrap_or_else(|| Self::unused(addressee));
        (notice, Some(Self { notices, ..counter }))
    }

    /// A counter that counts no mail, so that the first invitation of a day is still not a resend.
    fn unused(addressee: Addressee<'_>) -> Self {
        Self {
            client: addressee.client.clone(),
            collaborator: addressee.collaborator.clone(),
            day: Day::from_number(0),
            resends: 0,
            last_mail_at: Timestamp::from_millis(0),
            ending_notified: None,
            teams_notified: BTreeMap::new(),
            digest_at: None,
            notices: Notices::NONE,
        }
    }

    /// The counter after the collaborator was notified that access ends at `end`. This is not an invitation mail.
    pub(crate) fn notified_of(
        before: Option<&Self>,
        addressee: Addressee<'_>,
        end: Timestamp,
    ) -> Self {
        let counter = before.cloned().unwrap_or_else(|| Self::unused(addressee));
        Self { ending_notified: Some(end), ..counter }
    }

    /// The counter after the collaborator was notified that the access of a team ends. Ends that have passed are dropped.
    pub(crate) fn notified_of_team(
        before: Option<&Self>,
        addressee: Addressee<'_>,
        (event, end): (ScopeId, Timestamp),
        now: Timestamp,
    ) -> Self {
        let mut counter = before.cloned().unwrap_or_else(|| Self::unused(addressee));
        counter.teams_notified.retain(|_, end| now < *end);
        counter.teams_notified.insert(event, end);
        counter
    }

    /// The counter after a digest of the collaborator's invitations.
    pub(crate) fn digested(
        before: Option<&Self>,
        addressee: Addressee<'_>,
        now: Timestamp,
    ) -> Self {
        let counter = before.cloned().unwrap_or_else(|| Self::unused(addressee));
        Self { digest_at: Some(now), ..counter }
    }

    /// When the counter can be deleted: a day after its day has ended, after the ends that it stores, and after the time that
    /// the next digest covers.
    #[must_use]
    pub fn forget_at(&self) -> Timestamp {
        let digest = self.digest_at.map(|at| at.after(Self::DIGEST_COVERS));
        let ends = self.ending_notified.into_iter().chain(self.teams_notified.values().copied());
        let ends = ends.chain(digest);
        ends.fold(self.day.end().max(self.notices.end()), Timestamp::max).after(DAY)
    }
}

/// The collaborator whose mails are counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Addressee<'a> {
    pub client: &'a ClientId,
    pub collaborator: &'a CollaboratorId,
}
