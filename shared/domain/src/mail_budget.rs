//! The mails that a client can cause on one day, and the shares that bound what one giver or one scope takes of them
//! (docs/domain.md#rule-9).

use std::{collections::BTreeMap, time::Duration};

use strum::IntoStaticStr;

use crate::{
    ids::CollaboratorId,
    scope::ScopeId,
    time::{Day, Timestamp},
};

/// The percentage of a day's mails that one collaborator can cause.
const GIVER_SHARE: u32 = 40;

/// The percentage of a day's mails that can be caused at one scope below the client.
const SCOPE_SHARE: u32 = 60;

/// How many characters of a giver's id name their share: 50 bits, so that two people of a client never have one share.
const SHORT: usize = 10;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    /// Invitations and resends.
    Invitation,
    /// Announcements, and messages in mails to active collaborators.
    Announcement,
}

/// The budget that is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum MailBudget {
    /// That of the caller.
    Giver,
    /// That of the scope.
    Scope,
    /// That of the client.
    Client,
    /// That of the platform in this client.
    Platform,
}

/// A budget has no mail left today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpentBudget {
    /// Which.
    pub budget: MailBudget,
    /// How long to wait.
    pub retry_after: Duration,
}

/// The share of one giver or one scope, as it is stored: `i-by-` or `a-by-` and a part of an id, or `i-at-` or `a-at-` and a
/// scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(String);

impl Share {
    /// Takes what was stored.
    #[must_use]
    pub const fn from_text(text: String) -> Self {
        Self(text)
    }

    fn of_giver(counted: Counted, giver: &CollaboratorId) -> Self {
        Self(format!("{}-by-{}", counted.letter(), giver.as_str().split_at(SHORT).0))
    }

    fn of_scope(counted: Counted, scope: &ScopeId) -> Self {
        Self(format!("{}-at-{scope}", counted.letter()))
    }
}

impl Counted {
    const fn letter(self) -> char {
        match self {
            Self::Invitation => 'i',
            Self::Announcement => 'a',
        }
    }
}

/// Who causes a mail, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cause<'a> {
    /// The collaborator; `None` for the platform, whose invitations have a budget of their own.
    pub giver: Option<&'a CollaboratorId>,
    /// The scope.
    pub at: &'a ScopeId,
}

/// The mails that a client caused on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailCounts {
    /// The day, in UTC.
    pub day: Day,
    /// Invitations and resends by collaborators.
    pub invitations: u32,
    /// Announcements, and messages in mails to active collaborators.
    pub announcements: u32,
    /// Invitations and resends by the platform.
    pub platform: u32,
    /// What each giver and each scope below the client had of these.
    pub shares: BTreeMap<Share, u32>,
}

impl MailCounts {
    /// No mails on `day`.
    #[must_use]
    pub const fn none(day: Day) -> Self {
        Self { day, invitations: 0, announcements: 0, platform: 0, shares: BTreeMap::new() }
    }

    /// Counts one more mail today; an announcement is one, whatever its number of recipients.
    ///
    /// # Errors
    /// [`SpentBudget`] until the end of the day.
    pub(crate) fn count(
        &mut self,
        counted: Counted,
        cause: Cause<'_>,
        limits: MailLimits,
        now: Timestamp,
    ) -> Result<(), SpentBudget> {
        if self.day != now.day() {
            *self = Self::none(now.day());
        }
        let retry_after = now.day().end().since(now);
        let spent = |budget| SpentBudget { budget, retry_after };
        let total = limits.of(counted);
        if cause.giver.is_none() && counted == Counted::Invitation {
            return increment(&mut self.platform, total).ok_or(spent(MailBudget::Platform));
        }
        let count = match counted {
            Counted::Invitation => &mut self.invitations,
            Counted::Announcement => &mut self.announcements,
        };
        increment(count, total).ok_or(spent(MailBudget::Client))?;
        let shares = [
            cause.giver.map(|giver| (MailBudget::Giver, Share::of_giver(counted, giver))),
            (!cause.at.is_client())
                .then(|| (MailBudget::Scope, Share::of_scope(counted, cause.at))),
        ];
        for (budget, share) in shares.into_iter().flatten() {
            let limit = limits.of_share(&share);
            increment(self.shares.entry(share).or_default(), limit).ok_or(spent(budget))?;
        }
        Ok(())
    }

    /// Counts a reminder of an invitation; `false` if half of the day's invitations are used, so that reminders leave the other
    /// half to people who invite.
    pub(crate) fn count_reminder(&mut self, limits: MailLimits, now: Timestamp) -> bool {
        if self.day != now.day() {
            *self = Self::none(now.day());
        }
        increment(&mut self.invitations, limits.invitations / 2).is_some()
    }
}

/// Adds one, unless the limit is reached.
const fn increment(count: &mut u32, limit: u32) -> Option<()> {
    if *count >= limit {
        return None;
    }
    *count += 1;
    Some(())
}

/// How many mails of each kind a client can cause a day; a setting of the deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailLimits {
    /// Invitations and resends.
    pub invitations: u32,
    /// Announcements.
    pub announcements: u32,
}

impl MailLimits {
    const fn of(self, counted: Counted) -> u32 {
        match counted {
            Counted::Invitation => self.invitations,
            Counted::Announcement => self.announcements,
        }
    }

    /// How many mails of the day one giver or one scope can have: at least one.
    #[must_use]
    pub fn of_share(self, share: &Share) -> u32 {
        let counted =
            if share.0.starts_with('a') { Counted::Announcement } else { Counted::Invitation };
        let is_scope = share.0.split('-').nth(1) == Some("at");
        let percent = if is_scope { SCOPE_SHARE } else { GIVER_SHARE };
        let share = u64::from(self.of(counted)) * u64::from(percent);
        u32::try_from(share.div_ceil(100)).unwrap_or(u32::MAX)
    }
}

impl Default for MailLimits {
    fn default() -> Self {
        Self { invitations: 500, announcements: 20 }
    }
}

as_str!(Share);
