//! The client: the contract holder, with its seats, its limits on mail and its policy of granting.

use std::{collections::BTreeSet, time::Duration};

use crate::{
    collaborator::{CollaboratorId, OwnerLabel},
    refusal::Refusal,
    role::RoleName,
    scope::{ClientId, Level, ScopeId},
    text::Name,
    time::{DAY, Day, Timestamp, Version},
};

/// A client, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its id, the first segment of all its scopes.
    pub id: ClientId,
    /// What people call it.
    pub name: Name,
    /// The seats of the contract.
    pub seats: Seats,
    /// How many mails it caused on its last day of mailing.
    pub mails: MailCounts,
    /// Its one owner, active or pending (`domain.md`, rule 5).
    pub owner: OwnerLabel,
    /// Who may give access.
    pub granting: Granting,
    /// The roles that it offers; restricting them touches no grant that exists.
    pub roles: BTreeSet<RoleName>,
    /// How many days an invitation may be accepted, 1 to 90.
    pub invitation_days: u8,
    /// The language of mails to people who chose none.
    pub locale: Locale,
    /// Grows with provisioning and transfer.
    pub version: Version,
}

impl Client {
    /// The scope that this client is.
    #[must_use]
    pub fn scope(&self) -> ScopeId {
        ScopeId::from(&self.id)
    }

    /// Whether `role` can be given at a scope of the kind `level`, whoever gives it.
    ///
    /// # Errors
    /// [`Refusal::RoleNotAllowedHere`] for the owner's, and for the custom one elsewhere than on an event;
    /// [`Refusal::RoleNotOffered`].
    pub(crate) fn offers(&self, role: RoleName, level: Level) -> Result<(), Refusal> {
        // seed 003: "1 rôle à personnaliser (sur événement)"
        let out_of_place = role == RoleName::Custom && level != Level::Event;
        if role == RoleName::Owner || out_of_place {
            Err(Refusal::RoleNotAllowedHere)
        } else if self.roles.contains(&role) {
            Ok(())
        } else {
            Err(Refusal::RoleNotOffered)
        }
    }

    /// The roles that can be given at a scope of the kind `level`.
    #[must_use]
    pub fn roles_at(&self, level: Level) -> BTreeSet<RoleName> {
        self.roles.iter().copied().filter(|role| self.offers(*role, level).is_ok()).collect()
    }

    /// When an invitation that is sent at `now` expires.
    #[must_use]
    pub fn invitation_expiry(&self, now: Timestamp) -> Timestamp {
        now.after(DAY * u32::from(self.invitation_days))
    }

    /// Takes a seat for one more collaborator.
    ///
    /// # Errors
    /// [`Refusal::SeatLimitReached`] if none is free.
    // seed 000: "Le nombre de collaborateurs est limité à la limite fixée dans votre contrat"
    pub(crate) fn take_seat(&mut self) -> Result<(), Refusal> {
        if self.seats.limit.is_some_and(|limit| self.seats.used >= limit) {
            return Err(Refusal::SeatLimitReached {
                limit: self.seats.limit,
                used: self.seats.used,
            });
        }
        self.seats.change(1);
        Ok(())
    }

    /// Gives back `count` seats.
    pub(crate) fn return_seats(&mut self, count: u32) {
        if count > 0 {
            self.seats.change(-i64::from(count));
        }
    }

    /// Counts one more invitation mail of this client today.
    ///
    /// # Errors
    /// [`Refusal::MailLimit`] past `limits.invitations`, until the end of the day.
    pub(crate) fn count_invitation(
        &mut self,
        limits: MailLimits,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.mails = self.mails.on(now.day());
        counted(&mut self.mails.invitations, limits.invitations, now)
    }

    /// Counts one more message to everybody of this client today, of which each is one however many it reaches.
    ///
    /// # Errors
    /// [`Refusal::MailLimit`] past `limits.announcements`, until the end of the day.
    pub fn count_announcement(
        &mut self,
        limits: MailLimits,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.mails = self.mails.on(now.day());
        counted(&mut self.mails.announcements, limits.announcements, now)
    }
}

fn counted(count: &mut u32, limit: u32, now: Timestamp) -> Result<(), Refusal> {
    if *count >= limit {
        return Err(Refusal::MailLimit { retry_after: now.day().end().since(now) });
    }
    *count += 1;
    Ok(())
}

/// The seats of a contract. `used` is the number of collaborators whose record holds a seat, always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seats {
    /// How many collaborators the contract allows; `None` is unlimited, 0 lets nobody new in.
    pub limit: Option<u32>,
    /// How many are taken.
    pub used: u32,
    /// How often `used` was changed, which an audit repairs against.
    pub seq: u64,
}

impl Seats {
    fn change(&mut self, by: i64) {
        self.used = u32::try_from(i64::from(self.used) + by).unwrap_or(0);
        self.seq += 1;
    }
}

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

/// Who may give, change or take access in a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granting {
    /// Whoever holds `access:manage`: administrators and owners.
    Administrators,
    /// Owners only: `access:manage` is taken out of every other effective set.
    // seed 000: "Seul le propriétaire de l'événement peut accorder des permissions"
    Owner,
}

impl Granting {
    /// The word of the API and of the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Administrators => "administrators",
            Self::Owner => "owner",
        }
    }

    /// Reads the word of the API; `None` for an unknown one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Administrators, Self::Owner].into_iter().find(|granting| granting.name() == text)
    }
}

/// The languages of mails and problems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    /// French.
    Fr,
    /// English.
    En,
}

impl Locale {
    /// The word of the API and of the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// Reads the word of the API; `None` for an unknown one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Fr, Self::En].into_iter().find(|locale| locale.name() == text)
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

    #[test]
    fn words_are_read_as_they_are_written() {
        for granting in [Granting::Administrators, Granting::Owner] {
            assert_eq!(Granting::parse(granting.name()), Some(granting));
        }
        for locale in [Locale::Fr, Locale::En] {
            assert_eq!(Locale::parse(locale.name()), Some(locale));
        }
        assert_eq!((Granting::parse("nobody"), Locale::parse("de")), (None, None));
    }
}
