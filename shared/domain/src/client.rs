//! The client: the contract holder, with its seats, its limits on mail and its policy of granting.

use std::collections::BTreeSet;

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{
    locale::Locale,
    mail_quota::MailCounts,
    refusal::Refusal,
    role::RoleName,
    scope::{ClientId, Level, OwnerLabel, ScopeId},
    text::Name,
    time::{DAY, Timestamp, Version},
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

/// Who may give, change or take access in a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Granting {
    /// Whoever holds `access:manage`: administrators and owners.
    Administrators,
    /// Owners only: `access:manage` is taken out of every other effective set.
    // seed 000: "Seul le propriétaire de l'événement peut accorder des permissions"
    Owner,
}

words!(Granting);
