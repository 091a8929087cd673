//! Provisioning: the platform writes clients, audiences, events and communities as they are in its own records.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    actor::Actor,
    client::{Client, Granting, Seats},
    collaborator::{Collaborator, Grant},
    decision::{Change, Decision, Outcome},
    email::Email,
    facts::{Caller, Facts, ScopeContext},
    ids::{CollaboratorId, MailId},
    invite::{ApprovedGrant, NewCollaborator},
    locale::Locale,
    mail_quota::MailCounts,
    refusal::Refusal,
    role::{Role, RoleName},
    scope::{Level, OwnerLabel, Scope, ScopeId},
    text::Name,
    time::{Timestamp, Version},
};

/// What is to be written; each is the full representation.
#[derive(Clone, Debug)]
pub enum ProvisionCommand {
    /// A client.
    Client(ClientSettings),
    /// An audience.
    Audience {
        /// What people call it.
        name: Name,
    },
    /// An event or a community.
    Leaf {
        /// What people call it.
        name: Name,
        /// Which of the two; it never changes.
        level: Level,
        /// Its own owner, which only an event may have.
        owner: Option<Owner>,
    },
}

/// The settings of a client.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// What people call it.
    pub name: Name,
    /// The seats of the contract; `None` is unlimited.
    pub seat_limit: Option<u32>,
    /// Who may give access.
    pub granting: Granting,
    /// The roles that it offers.
    pub roles: BTreeSet<RoleName>,
    /// How many days an invitation may be accepted.
    pub invitation_days: u8,
    /// The language of mails to people who chose none.
    pub locale: Locale,
    /// Its owner: given at creation, left out or the same afterwards.
    pub owner: Option<Owner>,
}

/// Who is to own a scope.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The address.
    pub email: Email,
    /// The id that this address has in the client.
    pub id: CollaboratorId,
    /// What people call the person.
    pub name: Option<Name>,
}

/// A scope as it is after provisioning, or after a transfer.
#[derive(Clone, Debug)]
pub struct Provisioned {
    /// Its client.
    pub client: Client,
    /// Its own record, which a client does not have.
    pub scope: Option<Scope>,
    /// Whether it is new.
    pub created: bool,
}

impl Provisioned {
    /// The version of the scope, for `If-Match`.
    #[must_use]
    pub fn version(&self) -> Version {
        self.scope.as_ref().map_or(self.client.version, |scope| scope.version)
    }

    /// The roles that can be given there; of a client all that it offers, which is its setting.
    #[must_use]
    pub fn roles(&self) -> BTreeSet<RoleName> {
        match &self.scope {
            None => self.client.roles.clone(),
            Some(scope) => self.client.roles_at(scope.level),
        }
    }
}

impl ProvisionCommand {
    /// The owner that is named.
    #[must_use]
    pub const fn owner(&self) -> Option<&Owner> {
        match self {
            Self::Client(settings) => settings.owner.as_ref(),
            Self::Audience { .. } => None,
            Self::Leaf { owner, .. } => owner.as_ref(),
        }
    }
}

/// Decides what provisioning `command` changes; `facts.target` is the owner that it names, and `parent_exists` says
/// whether the scope above is there.
///
/// # Errors
/// For a person: `ScopeNotFound`, `Forbidden`. For the platform: `ScopeNotFound` without a parent, `InvalidField`,
/// `InvalidSeatLimit`, `OwnerMustTransfer`, `TooManyGrants`, `SeatLimitReached`, `ResendTooSoon`, `ResendLimit`,
/// `MailLimit`.
pub fn decide(
    facts: &Facts,
    parent_exists: bool,
    command: &ProvisionCommand,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<Provisioned>, Refusal> {
    match facts.caller {
        Caller::User(_) => return Err(facts.viewer(now).err().unwrap_or(Refusal::Forbidden)),
        Caller::Platform => {}
    }
    match (command, &facts.client) {
        (ProvisionCommand::Client(settings), None) => create_client(facts, settings, mail_id, now),
        (ProvisionCommand::Client(settings), Some(client)) => update_client(client, settings, now),
        (_, Some(client)) if parent_exists => {
            let provisioning = ScopeProvisioning { facts, client, mail_id, now };
            match command {
                ProvisionCommand::Client(_) => Err(Refusal::ScopeNotFound),
                ProvisionCommand::Audience { name } => {
                    provisioning.write(Level::Audience, name, None)
                }
                ProvisionCommand::Leaf { name, level, owner } => {
                    provisioning.write(*level, name, owner.as_ref())
                }
            }
        }
        (_, _) => Err(Refusal::ScopeNotFound),
    }
}

/// Looks at a scope: any collaborator of it may, and the platform.
///
/// # Errors
/// `ScopeNotFound` if there is no such scope for the caller.
pub fn view(facts: &Facts, now: Timestamp) -> Result<Provisioned, Refusal> {
    let context = match facts.caller {
        Caller::Platform => facts.context()?,
        Caller::User(_) => facts.viewer(now)?.0,
    };
    Ok(Provisioned { client: context.client.clone(), scope: facts.scope.clone(), created: false })
}

/// Looks at a scope and at all of `scopes` that are strictly below it, in the order of their ids: each comes after the one
/// that it is in.
///
/// Whoever sees a scope holds something on it or above it, which reaches all that is below (`domain.md`, rule 1); a grant
/// further down shows nothing above itself, and sister scopes never show (`security.md`, line 25).
///
/// # Errors
/// `ScopeNotFound` if there is no such scope for the caller.
pub fn view_below<'a>(
    facts: &Facts,
    scopes: &'a BTreeMap<ScopeId, Scope>,
    now: Timestamp,
) -> Result<(Provisioned, Vec<&'a Scope>), Refusal> {
    let seen = view(facts, now)?;
    let is_below = |scope: &&Scope| scope.id != facts.at && facts.at.reaches(&scope.id);
    Ok((seen, scopes.values().filter(is_below).collect()))
}

fn create_client(
    facts: &Facts,
    settings: &ClientSettings,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<Provisioned>, Refusal> {
    let owner = settings.owner.as_ref().ok_or(Refusal::InvalidField { pointer: "/owner" })?;
    if settings.seat_limit == Some(0) {
        return Err(Refusal::InvalidSeatLimit);
    }
    let empty = Client {
        id: facts.at.client(),
        name: settings.name.clone(),
        seats: Seats { limit: settings.seat_limit, used: 0, seq: 0 },
        mails: MailCounts { day: now.day(), invitations: 0, announcements: 0 },
        owner: OwnerLabel { id: owner.id.clone(), email: owner.email.clone() },
        granting: settings.granting,
        roles: settings.roles.clone(),
        invitation_days: settings.invitation_days,
        locale: settings.locale,
        version: Version::first(now),
    };
    let context = ScopeContext {
        at: &facts.at,
        client: &empty,
        level: Level::Client,
        name: &empty.name,
        owner: None,
        version: empty.version,
    };
    let given = give_ownership(facts, context, owner, mail_id, now)?;
    let mut decision = given.decision;
    let client = match decision.client() {
        Some(Change::Update { after, .. }) => after.clone(),
        Some(Change::Check(_) | Change::Create(_) | Change::Delete(_)) | None => empty.clone(),
    };
    decision.create_client(client.clone());
    Ok(Outcome { decision, answer: Provisioned { client, scope: None, created: true } })
}

fn update_client(
    client: &Client,
    settings: &ClientSettings,
    now: Timestamp,
) -> Result<Outcome<Provisioned>, Refusal> {
    if settings.owner.as_ref().is_some_and(|owner| owner.id != client.owner.id) {
        return Err(Refusal::OwnerMustTransfer);
    }
    let mut after = client.clone();
    after.name = settings.name.clone();
    // Lowered, even to 0, it keeps everybody and refuses newcomers (rule 6).
    after.seats.limit = settings.seat_limit;
    after.granting = settings.granting;
    after.roles.clone_from(&settings.roles);
    after.invitation_days = settings.invitation_days;
    after.locale = settings.locale;
    if after != *client {
        after.version = client.version.next(now);
    }
    let mut decision = Decision::at(now);
    decision.update_client(client, after.clone());
    Ok(Outcome { decision, answer: Provisioned { client: after, scope: None, created: false } })
}

/// The writing of an audience, an event or a community below an existing parent.
struct ScopeProvisioning<'a> {
    facts: &'a Facts,
    client: &'a Client,
    mail_id: MailId,
    now: Timestamp,
}

impl ScopeProvisioning<'_> {
    fn write(
        self,
        level: Level,
        name: &Name,
        owner: Option<&Owner>,
    ) -> Result<Outcome<Provisioned>, Refusal> {
        let before = self.facts.scope.as_ref();
        if before.is_some_and(|scope| scope.level != level) {
            return Err(Refusal::InvalidField { pointer: "/kind" });
        }
        if owner.is_some() && level != Level::Event {
            return Err(Refusal::InvalidField { pointer: "/owner" });
        }
        let present = before.and_then(|scope| scope.owner.as_ref());
        let newly_named = match (present, owner) {
            (Some(present), Some(owner)) if present.id != owner.id => {
                return Err(Refusal::OwnerMustTransfer);
            }
            (None, Some(owner)) => Some(owner),
            (Some(_), Some(_)) | (_, None) => None,
        };
        let label = |owner: &Owner| OwnerLabel { id: owner.id.clone(), email: owner.email.clone() };
        let mut after = Scope {
            id: self.facts.at.clone(),
            level,
            name: name.clone(),
            owner: newly_named.map(label).or_else(|| present.cloned()),
            version: before.map_or(Version::first(self.now), |scope| scope.version),
        };
        let mut decision = Decision::at(self.now);
        decision.update_client(self.client, self.client.clone());
        if let Some(owner) = newly_named {
            let context = ScopeContext {
                at: &after.id,
                client: self.client,
                level,
                name,
                owner: None,
                version: after.version,
            };
            decision = give_ownership(self.facts, context, owner, self.mail_id, self.now)?.decision;
        }
        match before {
            None => decision.scope(Change::Create(after.clone())),
            Some(before) if *before == after => {}
            Some(before) => {
                after.version = before.version.next(self.now);
                decision.scope(Change::Update { before: before.clone(), after: after.clone() });
            }
        }
        // A new owner may have taken a seat.
        let client = match decision.client() {
            Some(Change::Update { after, .. }) => after.clone(),
            Some(Change::Check(_) | Change::Create(_) | Change::Delete(_)) | None => {
                self.client.clone()
            }
        };
        Ok(Outcome {
            decision,
            answer: Provisioned { client, scope: Some(after), created: before.is_none() },
        })
    }
}

/// Gives the owner grant of a scope that has no owner: a seat is taken only by somebody new to the client.
fn give_ownership(
    facts: &Facts,
    context: ScopeContext<'_>,
    owner: &Owner,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<Collaborator>, Refusal> {
    let grant = Grant {
        level: context.level,
        role: Role::Owner,
        granted_by: Actor::Platform,
        granted_at: now,
        expires_at: None,
    };
    let new_collaborator =
        NewCollaborator { id: &owner.id, email: &owner.email, name: &owner.name, locale: None };
    let approved = ApprovedGrant { facts, context, actor: &Actor::Platform, mail_id, now };
    approved.give_over(new_collaborator, grant, None)
}
