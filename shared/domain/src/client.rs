//! The client: the contract holder, with its seats and settings.

use std::collections::{BTreeMap, BTreeSet};

use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::{
    client_rules::ClientRules,
    ids::CollaboratorId,
    locale::Locale,
    look::{Look, WebUrl},
    mail_budget::MailCounts,
    refusal::Refusal,
    role::{Role, RoleName},
    scope::{ClientId, Level, Levels, OwnerLabel, Scope, ScopeId},
    text::Name,
    time::{DAY, Timestamp, Version},
};

/// The most people on a waiting list: their ids are a part of the client's record, 2.8 KB at most.
pub const MAX_WAITING: usize = 100;

/// A client, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The id, the first segment of all its scopes.
    pub id: ClientId,
    /// The name.
    pub name: Name,
    /// The seats of the contract.
    pub seats: Seats,
    /// The people who wait for a seat, the next one first.
    pub waiting: Vec<CollaboratorId>,
    /// The mails of its last day with mails.
    pub mails: MailCounts,
    /// Its one owner, active or pending (docs/domain.md#rule-5).
    pub owner: OwnerLabel,
    /// Who can grant access.
    pub granting: Granting,
    /// The roles that it offers. A restriction does not change existing grants.
    pub roles: OfferedRoles,
    /// The roles that it defines itself. They are a record of their own, which is read with the client.
    pub rules: ClientRules,
    /// The lifetime of an invitation in days, 1 to 90.
    pub invitation_days: u8,
    /// Whether people are reminded of an invitation that they have not accepted.
    pub reminders: bool,
    /// The language for recipients who chose none.
    pub locale: Locale,
    /// How it looks.
    pub look: Look,
    /// The page of the platform's back-office; scopes below have it unless they have their own.
    pub platform_url: Option<WebUrl>,
    /// Grows with provisioning and transfer.
    pub version: Version,
}

impl Client {
    /// The scope of this client.
    #[must_use]
    pub fn scope(&self) -> ScopeId {
        ScopeId::from(&self.id)
    }

    /// The page of the platform's back-office for the scope `at`: its own, or that of the nearest scope above it.
    /// `scopes` contains the scope and those above it.
    #[must_use]
    pub fn platform_url_at<'a>(
        &'a self,
        at: &ScopeId,
        scopes: &'a BTreeMap<ScopeId, Scope>,
    ) -> Option<&'a WebUrl> {
        let own = at.lineage().find_map(|path| scopes.get(path)?.platform_url.as_ref());
        own.or(self.platform_url.as_ref())
    }

    /// The role that a request names: of the client's own, the present one of its key.
    pub(crate) fn named(&self, role: Role) -> Role {
        let Role::Named(asked) = role else { return role };
        self.rules.get(asked.key).map_or(role, |(found, _)| Role::Named(found))
    }

    /// Whether `role` can be granted at a scope of this `level`.
    ///
    /// # Errors
    /// [`Refusal::UnknownRole`] for a role that the client does not define, [`Refusal::RoleNotAllowedHere`] for owner, and
    /// for a role that is not made for the level; [`Refusal::RoleNotOffered`].
    pub(crate) fn offers(&self, role: RoleName, level: Level) -> Result<(), Refusal> {
        let levels = self.levels_of(role).ok_or(Refusal::UnknownRole)?;
        if role == RoleName::Owner || !levels.contains(level) {
            Err(Refusal::RoleNotAllowedHere)
        } else if self.roles.contains(role) {
            Ok(())
        } else {
            Err(Refusal::RoleNotOffered)
        }
    }

    /// The levels at which a role can be given; `None` if the client does not know it.
    fn levels_of(&self, role: RoleName) -> Option<Levels> {
        match role {
            RoleName::Named(key) => Some(self.rules.get(key)?.1.levels),
            RoleName::Owner
            | RoleName::Administrator
            | RoleName::Catalogue(_)
            | RoleName::Custom
            | RoleName::Unknown => Some(role.entry()?.levels),
        }
    }

    /// The roles that can be granted at a scope of this `level`.
    #[must_use]
    pub fn roles_at(&self, level: Level) -> BTreeSet<RoleName> {
        let made_for =
            |role: &RoleName| self.levels_of(*role).is_some_and(|levels| levels.contains(level));
        self.offered_roles().filter(made_for).collect()
    }

    /// The roles that the client offers at any level.
    pub fn offered_roles(&self) -> impl Iterator<Item = RoleName> {
        let own = self.rules.present().map(|(key, _)| RoleName::Named(key));
        RoleName::offerable().chain(own).filter(|role| self.roles.contains(*role))
    }

    /// When an invitation that is sent at `now` expires.
    #[must_use]
    pub fn invitation_expiry(&self, now: Timestamp) -> Timestamp {
        now.after(DAY * u32::from(self.invitation_days))
    }

    /// Takes a seat for one more collaborator (docs/domain.md#rule-6).
    ///
    /// # Errors
    /// [`Refusal::SeatLimitReached`] if none is free, or only those of people who wait.
    // Digitevent (docs/domain.md#sources): "Le nombre de collaborateurs est limité à la limite fixée dans votre contrat"
    pub(crate) fn take_seat(&mut self) -> Result<(), Refusal> {
        let Seats { limit, used, .. } = self.seats;
        if limit.is_some_and(|limit| used.saturating_add(self.waiting_count()) >= limit) {
            return Err(Refusal::SeatLimitReached { limit, used });
        }
        self.seats.change(1);
        Ok(())
    }

    /// Gives a free seat to someone who waits. Returns `false` if none is free.
    pub(crate) fn pass_seat(&mut self, to: &CollaboratorId) -> bool {
        let Seats { limit, used, .. } = self.seats;
        let is_free = limit.is_none_or(|limit| used < limit);
        if is_free {
            self.waiting.retain(|id| id != to);
            self.seats.change(1);
        }
        is_free
    }

    /// Adds a person to the end of the waiting list.
    ///
    /// # Errors
    /// [`Refusal::WaitingListFull`].
    pub(crate) fn enter_list(&mut self, id: &CollaboratorId) -> Result<(), Refusal> {
        if self.waiting.len() >= MAX_WAITING {
            return Err(Refusal::WaitingListFull);
        }
        self.waiting.push(id.clone());
        self.seats.seq += 1;
        Ok(())
    }

    /// Removes a person from the waiting list.
    pub(crate) fn leave_list(&mut self, id: &CollaboratorId) {
        self.set_list(self.waiting.iter().filter(|other| *other != id).cloned().collect());
    }

    /// Replaces the waiting list.
    pub(crate) fn set_list(&mut self, waiting: Vec<CollaboratorId>) {
        if waiting != self.waiting {
            self.waiting = waiting;
            self.seats.seq += 1;
        }
    }

    /// The position in the waiting list: 1 is next. A person who is about to enter it comes last.
    #[must_use]
    pub fn position(&self, id: &CollaboratorId) -> usize {
        self.waiting.iter().position(|other| other == id).unwrap_or(self.waiting.len()) + 1
    }

    /// How many free seats belong to people who wait.
    #[must_use]
    pub fn promised(&self) -> u32 {
        let free = self.seats.limit.map(|limit| limit.saturating_sub(self.seats.used));
        free.map_or(self.waiting_count(), |free| free.min(self.waiting_count()))
    }

    fn waiting_count(&self) -> u32 {
        u32::try_from(self.waiting.len()).unwrap_or(u32::MAX)
    }

    /// Moves a seat from one record to another. The seat audit can have read only one of the two, so it must start again.
    pub(crate) const fn move_seat(&mut self) {
        self.seats.seq += 1;
    }

    /// Releases `count` seats.
    pub(crate) fn return_seats(&mut self, count: u32) {
        if count > 0 {
            self.seats.change(-i64::from(count));
        }
    }
}

/// The roles that a client offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OfferedRoles {
    /// All roles of the catalogue, also those that are added later, and all of its own.
    All,
    /// Of the catalogue only these; and all of its own, as the client defines them to give them.
    Only(BTreeSet<RoleName>),
}

impl OfferedRoles {
    /// Only these roles; all, if the catalogue's roles are among them.
    #[must_use]
    pub fn of(roles: BTreeSet<RoleName>) -> Self {
        if RoleName::offerable().all(|role| roles.contains(&role)) {
            Self::All
        } else {
            Self::Only(roles)
        }
    }

    /// Whether each of them is one of the catalogue or of `own`.
    pub(crate) fn are_known(&self, own: &ClientRules) -> bool {
        let is_known = |role: &RoleName| match role {
            RoleName::Named(key) => own.get(*key).is_some(),
            RoleName::Owner
            | RoleName::Administrator
            | RoleName::Catalogue(_)
            | RoleName::Custom
            | RoleName::Unknown => role.entry().is_some(),
        };
        match self {
            Self::All => true,
            Self::Only(roles) => roles.iter().all(is_known),
        }
    }

    /// Whether `role` is among them. The owner's never is.
    #[must_use]
    pub fn contains(&self, role: RoleName) -> bool {
        match self {
            Self::All => !matches!(role, RoleName::Owner | RoleName::Unknown),
            Self::Only(roles) => matches!(role, RoleName::Named(_)) || roles.contains(&role),
        }
    }
}

/// The seats of a contract. `used` always equals the number of records with a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seats {
    /// How many collaborators the contract allows; `None` is unlimited.
    pub limit: Option<u32>,
    /// How many seats are taken.
    pub used: u32,
    /// How often a seat was taken, released or moved, or the waiting list changed. A repair by the seat audit checks it.
    pub seq: u64,
}

impl Seats {
    fn change(&mut self, by: i64) {
        self.used = u32::try_from(i64::from(self.used) + by).unwrap_or(0);
        self.seq += 1;
    }
}

/// Who can grant, change and revoke access in a client (docs/domain.md#rule-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Granting {
    /// Administrators and owners.
    Administrators,
    /// Owners only: `access:manage` is removed from every other effective set.
    // Digitevent (docs/domain.md#sources): "Seul le propriétaire de l'événement peut accorder des permissions"
    Owner,
}

words!(Granting);
