//! Provisioning: the platform creates and updates clients, audiences, events and communities.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    caller::Caller,
    client::{Client, Granting, OfferedRoles, Seats},
    client_rules::ClientRules,
    collaborator::Collaborator,
    dates::{AccessEnds, Dates},
    decision::{Change, Decision, Outcome},
    email::Email,
    facts::{Facts, ScopeContext},
    ids::{CollaboratorId, MailId},
    invite::{ApprovedGrant, NewCollaborator},
    locale::Locale,
    look::{Look, WebUrl},
    mail_budget::MailCounts,
    precondition::Precondition,
    refusal::Refusal,
    role::{Role, RoleName},
    scope::{Level, OwnerLabel, Scope, ScopeId},
    text::Name,
    time::{Timestamp, Version},
    waiting::IfFull,
};

/// The full representation of a scope.
#[derive(Clone, Debug)]
pub enum ProvisionCommand {
    /// A client.
    Client(ClientSettings),
    /// An audience.
    Audience {
        /// The name.
        name: Name,
        /// Its own page of the platform's back-office.
        platform_url: Option<WebUrl>,
    },
    /// An event or a community.
    Leaf {
        /// The name.
        name: Name,
        /// Event or community; it never changes.
        level: Level,
        /// Its own owner. Only an event can have one.
        owner: Option<Owner>,
        /// Its own page of the platform's back-office.
        platform_url: Option<WebUrl>,
        /// When it takes place.
        dates: Dates,
    },
}

/// The settings of a client.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// The name.
    pub name: Name,
    /// The seats of the contract; `None` is unlimited.
    pub seat_limit: Option<u32>,
    /// Who can grant access.
    pub granting: Granting,
    /// The roles that it offers.
    pub roles: OfferedRoles,
    /// The lifetime of an invitation, in days.
    pub invitation_days: u8,
    /// Whether people are reminded of an invitation that they have not accepted.
    pub reminders: bool,
    /// The language for recipients who chose none.
    pub locale: Locale,
    /// How it looks.
    pub look: Look,
    /// The page of the platform's back-office.
    pub platform_url: Option<WebUrl>,
    /// How many days after an event access to it ends; `None` is never.
    pub access_ends_after_days: Option<u16>,
    /// The owner: required for a new client, otherwise absent or unchanged.
    pub owner: Option<Owner>,
}

impl ClientSettings {
    /// The rules of the client with these settings; `before` are those that it has.
    fn rules(&self, before: &ClientRules) -> ClientRules {
        let time_zone = self.look.time_zone.as_ref();
        let days = self.access_ends_after_days;
        let access_ends = AccessEnds::new(days, time_zone, before.access_ends.of_events);
        let version = before.version + u32::from(access_ends != before.access_ends);
        ClientRules { access_ends, version, ..before.clone() }
    }
}

/// The owner that provisioning names.
#[derive(Clone, Debug)]
pub struct Owner {
    /// The address.
    pub email: Email,
    /// The id of this address in the client.
    pub id: CollaboratorId,
    /// The name of a new collaborator.
    pub name: Option<Name>,
}

impl Owner {
    fn label(&self) -> OwnerLabel {
        OwnerLabel { id: self.id.clone(), email: self.email.clone() }
    }
}

/// A scope after provisioning or a transfer.
#[derive(Clone, Debug)]
pub struct Provisioned {
    /// Its client.
    pub client: Client,
    /// Its own record; always `None` for a client.
    pub scope: Option<Scope>,
    /// Whether it is new.
    pub created: bool,
}

impl Provisioned {
    /// When access to it ends; `None` if it does not.
    #[must_use]
    pub fn access_ends_at(&self) -> Option<Timestamp> {
        self.scope.as_ref()?.access_ends_at(&self.client.rules.access_ends)
    }

    /// The version of the scope, for `If-Match`.
    #[must_use]
    pub fn version(&self) -> Version {
        self.scope.as_ref().map_or(self.client.version, |scope| scope.version)
    }

    /// The roles that can be granted there; for a client, its setting.
    #[must_use]
    pub fn roles(&self) -> BTreeSet<RoleName> {
        match &self.scope {
            None => self.client.offered_roles().collect(),
            Some(scope) => self.client.roles_at(scope.level),
        }
    }
}

impl ProvisionCommand {
    /// The owner that the command names.
    #[must_use]
    pub const fn owner(&self) -> Option<&Owner> {
        match self {
            Self::Client(settings) => settings.owner.as_ref(),
            Self::Audience { .. } => None,
            Self::Leaf { owner, .. } => owner.as_ref(),
        }
    }
}

/// Decides what `command` changes. `facts.target` is the owner that it names; `parent_exists` says whether the scope
/// above exists.
///
/// # Errors
/// For a user: `ScopeNotFound`, `Forbidden`. For the platform: `ScopeNotFound` without a parent, `StaleVersion` if
/// `precondition` does not hold, `InvalidField`, `InvalidSeatLimit`, `OwnerMustTransfer`, `TooManyGrants`,
/// `SeatLimitReached`, `ResendTooSoon`, `ResendLimit`, `MailLimit`.
pub fn decide(
    facts: &Facts,
    parent_exists: bool,
    (command, precondition): (&ProvisionCommand, Precondition),
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<Provisioned>, Refusal> {
    check_caller(facts, now)?;
    // A scope without a parent is not found, whatever version the request names.
    if parent_exists || facts.at.is_client() {
        precondition.check(facts.context().ok().map(|context| context.version))?;
    }
    match (command, &facts.client) {
        (ProvisionCommand::Client(settings), None) => create_client(facts, settings, mail_id, now),
        (ProvisionCommand::Client(settings), Some(client)) => update_client(client, settings, now),
        // The parent of an audience is the client.
        (ProvisionCommand::Audience { name, platform_url }, Some(client)) => {
            let provisioning = ScopeProvisioning { facts, client, mail_id, now };
            let settings = ScopeSettings { name, platform_url, dates: &Dates::default() };
            provisioning.write(Level::Audience, settings, None)
        }
        (ProvisionCommand::Leaf { name, level, owner, platform_url, dates }, Some(client))
            if parent_exists =>
        {
            let provisioning = ScopeProvisioning { facts, client, mail_id, now };
            let settings = ScopeSettings { name, platform_url, dates };
            provisioning.write(*level, settings, owner.as_ref())
        }
        (_, _) => Err(Refusal::ScopeNotFound),
    }
}

/// Whether the caller provisions at all.
///
/// # Errors
/// For a user: `ScopeNotFound`, `Forbidden`.
pub fn check_caller(facts: &Facts, now: Timestamp) -> Result<(), Refusal> {
    match facts.caller {
        Caller::User(_) => Err(facts.viewer(now).err().unwrap_or(Refusal::Forbidden)),
        Caller::Platform(_) => Ok(()),
    }
}

/// Returns a scope, for everyone who has access to it and for the platform.
///
/// # Errors
/// `ScopeNotFound` if there is no such scope for the caller.
pub fn view(facts: &Facts, now: Timestamp) -> Result<Provisioned, Refusal> {
    let context = facts.viewer(now)?.context;
    Ok(Provisioned { client: context.client.clone(), scope: facts.scope.clone(), created: false })
}

/// Returns a scope and all of `scopes` below it, in the order of their ids: each comes after its parent.
///
/// A caller who sees a scope has a grant on it or above it, which applies to everything below (docs/domain.md#rule-1).
/// A grant further down shows nothing above itself, and sister scopes never show (docs/security.md#line-25).
///
/// # Errors
/// `ScopeNotFound` if there is no such scope for the caller.
pub fn view_below<'a>(
    facts: &Facts,
    scopes: &'a BTreeMap<ScopeId, Scope>,
    now: Timestamp,
) -> Result<(Provisioned, Vec<&'a Scope>), Refusal> {
    let scope = view(facts, now)?;
    let is_below = |scope: &&Scope| scope.id != facts.at && facts.at.reaches(&scope.id);
    Ok((scope, scopes.values().filter(is_below).collect()))
}

fn create_client(
    facts: &Facts,
    settings: &ClientSettings,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<Provisioned>, Refusal> {
    let owner = settings.owner.as_ref().ok_or(Refusal::InvalidField { pointer: "/owner" })?;
    if !settings.roles.are_known(&ClientRules::default()) {
        return Err(Refusal::UnknownOfferedRole);
    }
    if settings.seat_limit == Some(0) {
        return Err(Refusal::InvalidSeatLimit);
    }
    let empty = Client {
        id: facts.at.client(),
        name: settings.name.clone(),
        seats: Seats { limit: settings.seat_limit, used: 0, seq: 0 },
        waiting: Vec::new(),
        mails: MailCounts::none(now.day()),
        owner: owner.label(),
        granting: settings.granting,
        roles: settings.roles.clone(),
        rules: settings.rules(&ClientRules::default()),
        invitation_days: settings.invitation_days,
        reminders: settings.reminders,
        locale: settings.locale,
        look: settings.look.clone(),
        platform_url: settings.platform_url.clone(),
        version: Version::first(now),
    };
    let context = ScopeContext { owner: None, ..ScopeContext::of_client(&facts.at, &empty) };
    let mut decision = grant_ownership(facts, context, owner, mail_id, now)?.decision;
    let client = decision.client_after(&empty);
    decision.create_client(client.clone());
    if client.rules != ClientRules::default() {
        decision.update_rules(&ClientRules::default(), client.rules.clone());
    }
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
    if !settings.roles.are_known(&client.rules) {
        return Err(Refusal::UnknownOfferedRole);
    }
    let mut after = client.clone();
    after.name = settings.name.clone();
    // A lower limit, even 0, removes no collaborator (docs/domain.md#rule-6).
    after.seats.limit = settings.seat_limit;
    after.granting = settings.granting;
    after.roles.clone_from(&settings.roles);
    after.invitation_days = settings.invitation_days;
    after.reminders = settings.reminders;
    after.locale = settings.locale;
    after.look.clone_from(&settings.look);
    after.platform_url.clone_from(&settings.platform_url);
    after.rules = settings.rules(&client.rules);
    if after != *client {
        after.version = client.version.next(now);
    }
    let mut decision = Decision::at(now);
    decision.update_client(client, after.clone());
    if after.rules != client.rules {
        decision.update_rules(&client.rules, after.rules.clone());
    }
    Ok(Outcome { decision, answer: Provisioned { client: after, scope: None, created: false } })
}

/// The settings of an audience, an event or a community.
struct ScopeSettings<'a> {
    name: &'a Name,
    platform_url: &'a Option<WebUrl>,
    dates: &'a Dates,
}

/// Writes an audience, an event or a community whose parent exists.
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
        ScopeSettings { name, platform_url, dates }: ScopeSettings<'_>,
        owner: Option<&Owner>,
    ) -> Result<Outcome<Provisioned>, Refusal> {
        let before = self.facts.scope.as_ref();
        if before.is_some_and(|scope| scope.level != level) {
            return Err(Refusal::InvalidField { pointer: "/kind" });
        }
        if owner.is_some() && level != Level::Event {
            return Err(Refusal::InvalidField { pointer: "/owner" });
        }
        if !dates.are_in_order() {
            return Err(Refusal::InvalidField { pointer: "/endsAt" });
        }
        let present = before.and_then(|scope| scope.owner.as_ref());
        let first_owner = match (present, owner) {
            (Some(present), Some(owner)) if present.id != owner.id => {
                return Err(Refusal::OwnerMustTransfer);
            }
            (None, Some(owner)) => Some(owner),
            (Some(_), Some(_)) | (_, None) => None,
        };
        let mut after = Scope {
            id: self.facts.at.clone(),
            level,
            name: name.clone(),
            owner: first_owner.map(Owner::label).or_else(|| present.cloned()),
            platform_url: platform_url.clone(),
            dates: dates.clone(),
            archived_at: before.and_then(|scope| scope.archived_at),
            version: before.map_or(Version::first(self.now), |scope| scope.version),
        };
        let mut decision = Decision::at(self.now);
        decision.update_client(self.client, self.client.clone());
        if let Some(owner) = first_owner {
            let context =
                ScopeContext { owner: None, ..ScopeContext::of_scope(&after, self.client) };
            let granted = grant_ownership(self.facts, context, owner, self.mail_id, self.now)?;
            decision = granted.decision;
        }
        match before {
            None => decision.scope(Change::Create(after.clone())),
            Some(before) if *before == after => {}
            Some(before) => {
                after.version = before.version.next(self.now);
                decision.scope(Change::Update { before: before.clone(), after: after.clone() });
            }
        }
        // A new owner can have taken a seat.
        let mut client = decision.client_after(self.client);
        if after.dates.access_ends_after_days.is_some() {
            client.rules = decision.ends_by_event(self.client);
        }
        let answer = Provisioned { client, scope: Some(after), created: before.is_none() };
        Ok(Outcome { decision, answer })
    }
}

/// Adds the owner grant of a scope that has no owner.
fn grant_ownership(
    facts: &Facts,
    context: ScopeContext<'_>,
    owner: &Owner,
    mail_id: MailId,
    now: Timestamp,
) -> Result<Outcome<Collaborator>, Refusal> {
    let actor = facts.caller.actor();
    let grant = context.grant(Role::Owner, actor.clone(), now);
    let new_collaborator =
        NewCollaborator { id: &owner.id, email: &owner.email, name: &owner.name, locale: None };
    let approved =
        ApprovedGrant { facts, context, actor: &actor, mail_id, if_full: IfFull::Refuse, now };
    approved.add_or_replace(new_collaborator, grant, None)
}
