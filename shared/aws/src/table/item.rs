//! Stored clients, scopes and mail counters, and their conversion from and to the domain.
//!
//! Times are in milliseconds; `ttl` is in seconds, as DynamoDB requires. The prefix of the key shows the kind of an item,
//! and `v` the version of its shape.

use std::collections::{BTreeMap, BTreeSet};

use coulisses_domain::{
    client::{Client, Granting, OfferedRoles, Seats},
    client_rules::ClientRules,
    dates::Dates,
    email::Email,
    ids::CollaboratorId,
    locale::Locale,
    look::{AccentColor, Look, TimeZoneName, WebUrl},
    mail_budget::{MailCounts, Share},
    mail_quota::{MailCounter, Notices},
    permission::{Permission, PermissionSet},
    role::RoleName,
    scope::{ClientId, Level, OwnerLabel, Scope, ScopeId},
    text::Name,
    time::{Day, Timestamp, Version},
};
use serde::{Deserialize, Serialize};

/// An attribute has a value that this service does not write.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the attribute {0} has an unknown value")]
pub struct Unreadable(pub(super) &'static str);

/// The parsed value of an attribute.
pub(super) fn read<T, E>(attribute: &'static str, parsed: Result<T, E>) -> Result<T, Unreadable> {
    parsed.map_err(|_| Unreadable(attribute))
}

/// The names of permissions, as every item stores them.
pub(super) fn permission_names(permissions: PermissionSet) -> Vec<String> {
    permissions.names().into_iter().map(Into::into).collect()
}

/// The permissions that this version knows.
pub(super) fn known_permissions(names: &[String]) -> PermissionSet {
    names.iter().filter_map(|name| Permission::parse(name)).collect()
}

/// Like [`read`], for parsers that return an `Option`.
pub(super) fn known<T>(attribute: &'static str, parsed: Option<T>) -> Result<T, Unreadable> {
    parsed.ok_or(Unreadable(attribute))
}

/// The parsed value of an optional attribute.
pub(super) fn optional<T, E>(
    attribute: &'static str,
    stored: Option<&str>,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, Unreadable> {
    stored.map(|text| read(attribute, parse(text))).transpose()
}

/// A client.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredClient {
    pub v: u8,
    pub name: String,
    pub seats: StoredSeats,
    pub mails: StoredMailCounts,
    pub owner: StoredOwner,
    pub granting: String,
    /// The names of the roles that the client offers.
    pub roles: Vec<String>,
    /// All roles of the catalogue when `roles` was written. If both are equal, the client offers all, also later ones. The
    /// version before this one writes only `roles`, where all roles of the catalogue mean the same.
    pub all_roles: Option<Vec<String>>,
    pub invitation_days: u8,
    /// `false` if off; the version before this one does not know reminders.
    pub reminders: Option<bool>,
    /// The ids of the people who wait for a seat, in order; none for the version before this one.
    pub waiting: Option<Vec<String>>,
    pub locale: String,
    pub logo_url: Option<String>,
    pub accent_color: Option<String>,
    pub time_zone: Option<String>,
    pub platform_url: Option<String>,
    pub version: i64,
}

/// The seats of a client: unlimited without `limit`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredSeats {
    pub limit: Option<u32>,
    pub used: u32,
    pub seq: u64,
}

/// How many mails a client sent on one day.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredMailCounts {
    pub day: i64,
    pub invitations: u32,
    /// The first release's name (docs/storage.md#migrations).
    #[serde(rename = "notices")]
    pub announcements: u32,
    pub platform: Option<u32>,
    #[serde(default)]
    pub shares: Option<BTreeMap<String, u32>>,
}

/// The owner of a client or an event.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredOwner {
    pub id: String,
    pub email: String,
}

impl StoredOwner {
    pub(super) fn new(owner: &OwnerLabel) -> Self {
        Self { id: owner.id.to_string(), email: owner.email.original().to_owned() }
    }

    pub(super) fn into_domain(self) -> Result<OwnerLabel, Unreadable> {
        Ok(OwnerLabel {
            id: read("owner.id", CollaboratorId::parse(&self.id))?,
            email: read("owner.email", Email::parse(&self.email))?,
        })
    }
}

impl From<&Client> for StoredClient {
    fn from(client: &Client) -> Self {
        Self {
            v: 1,
            name: client.name.to_string(),
            seats: StoredSeats {
                limit: client.seats.limit,
                used: client.seats.used,
                seq: client.seats.seq,
            },
            mails: StoredMailCounts {
                day: client.mails.day.number(),
                invitations: client.mails.invitations,
                announcements: client.mails.announcements,
                platform: Some(client.mails.platform),
                shares: Some(
                    client
                        .mails
                        .shares
                        .iter()
                        .map(|(share, count)| (share.as_str().to_owned(), *count))
                        .collect(),
                ),
            },
            owner: StoredOwner::new(&client.owner),
            granting: client.granting.name().into(),
            roles: offered(&client.roles),
            all_roles: Some(offered(&OfferedRoles::All)),
            invitation_days: client.invitation_days,
            reminders: (!client.reminders).then_some(false),
            waiting: (!client.waiting.is_empty())
                .then(|| client.waiting.iter().map(ToString::to_string).collect()),
            locale: client.locale.name().into(),
            logo_url: client.look.logo_url.as_ref().map(stored_url),
            accent_color: client.look.accent_color.map(|color| color.to_string()),
            time_zone: client.look.time_zone.as_ref().map(|zone| zone.as_str().to_owned()),
            platform_url: client.platform_url.as_ref().map(stored_url),
            version: client.version.number(),
        }
    }
}

impl StoredClient {
    pub(super) fn into_domain(self, id: ClientId) -> Result<Client, Unreadable> {
        // A role that this version does not know cannot be given by it, and stays in the item.
        let roles: BTreeSet<_> =
            self.roles.iter().filter_map(|role| RoleName::parse(role)).collect();
        let is_all = self.all_roles.is_some_and(|all| all == self.roles);
        let StoredMailCounts { day, invitations, announcements, platform, shares } = self.mails;
        let shares = shares.unwrap_or_default().into_iter();
        let mails = MailCounts {
            day: Day::from_number(day),
            invitations,
            announcements,
            platform: platform.unwrap_or_default(),
            shares: shares.map(|(share, count)| (Share::from_text(share), count)).collect(),
        };
        let waiting = self.waiting.unwrap_or_default();
        let waiting = waiting.iter().map(|id| CollaboratorId::parse(id));
        Ok(Client {
            id,
            name: read("name", Name::parse(&self.name))?,
            seats: Seats { limit: self.seats.limit, used: self.seats.used, seq: self.seats.seq },
            waiting: read("waiting", waiting.collect())?,
            mails,
            owner: self.owner.into_domain()?,
            granting: Granting::parse(&self.granting).unwrap_or(Granting::Owner),
            roles: if is_all { OfferedRoles::All } else { OfferedRoles::of(roles) },
            // Another item, which is read along with this one.
            rules: ClientRules::default(),
            invitation_days: self.invitation_days,
            reminders: self.reminders.unwrap_or(true),
            locale: known("locale", Locale::parse(&self.locale))?,
            look: Look {
                logo_url: optional("logoUrl", self.logo_url.as_deref(), WebUrl::parse)?,
                accent_color: optional(
                    "accentColor",
                    self.accent_color.as_deref(),
                    AccentColor::parse,
                )?,
                time_zone: optional("timeZone", self.time_zone.as_deref(), TimeZoneName::parse)?,
            },
            platform_url: optional("platformUrl", self.platform_url.as_deref(), WebUrl::parse)?,
            version: Version::from_number(self.version),
        })
    }
}

/// The names of the roles that a client offers, of those that exist now.
fn offered(roles: &OfferedRoles) -> Vec<String> {
    match roles {
        OfferedRoles::All => RoleName::offerable().map(|role| role.name().into_owned()).collect(),
        OfferedRoles::Only(roles) => roles.iter().map(|role| role.name().into_owned()).collect(),
    }
}

fn stored_url(url: &WebUrl) -> String {
    url.as_str().to_owned()
}

/// An audience, an event or a community.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredScope {
    pub v: u8,
    pub level: String,
    pub name: String,
    pub owner: Option<StoredOwner>,
    pub platform_url: Option<String>,
    pub starts_at: Option<i64>,
    pub ends_at: Option<i64>,
    pub time_zone: Option<String>,
    pub access_ends_after_days: Option<u16>,
    pub archived_at: Option<i64>,
    pub version: i64,
}

impl From<&Scope> for StoredScope {
    fn from(scope: &Scope) -> Self {
        Self {
            v: 1,
            level: scope.level.name().into(),
            name: scope.name.to_string(),
            owner: scope.owner.as_ref().map(StoredOwner::new),
            platform_url: scope.platform_url.as_ref().map(stored_url),
            starts_at: scope.dates.starts_at.map(Timestamp::millis),
            ends_at: scope.dates.ends_at.map(Timestamp::millis),
            time_zone: scope.dates.time_zone.as_ref().map(|zone| zone.as_str().to_owned()),
            access_ends_after_days: scope.dates.access_ends_after_days,
            archived_at: scope.archived_at.map(Timestamp::millis),
            version: scope.version.number(),
        }
    }
}

impl StoredScope {
    pub(super) fn into_domain(self, id: ScopeId) -> Result<Scope, Unreadable> {
        Ok(Scope {
            id,
            level: known("level", Level::parse(&self.level))?,
            name: read("name", Name::parse(&self.name))?,
            owner: self.owner.map(StoredOwner::into_domain).transpose()?,
            platform_url: optional("platformUrl", self.platform_url.as_deref(), WebUrl::parse)?,
            dates: Dates {
                starts_at: self.starts_at.map(Timestamp::from_millis),
                ends_at: self.ends_at.map(Timestamp::from_millis),
                time_zone: optional("timeZone", self.time_zone.as_deref(), TimeZoneName::parse)?,
                access_ends_after_days: self.access_ends_after_days,
            },
            archived_at: self.archived_at.map(Timestamp::from_millis),
            version: Version::from_number(self.version),
        })
    }
}

/// The mail counter of a collaborator.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredCounter {
    pub v: u8,
    pub day: i64,
    pub resends: u32,
    pub last_mail_at: i64,
    #[serde(rename = "endingTold")]
    pub ending_notified: Option<i64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub teams_notified: BTreeMap<String, i64>,
    pub digest_at: Option<i64>,
    pub notices_since: Option<i64>,
    pub notices: Option<u32>,
    pub ttl: i64,
}

impl From<&MailCounter> for StoredCounter {
    fn from(counter: &MailCounter) -> Self {
        Self {
            v: 1,
            day: counter.day.number(),
            resends: counter.resends,
            last_mail_at: counter.last_mail_at.millis(),
            ending_notified: counter.ending_notified.map(Timestamp::millis),
            teams_notified: counter
                .teams_notified
                .iter()
                .map(|(event, end)| (event.to_string(), end.millis()))
                .collect(),
            digest_at: counter.digest_at.map(Timestamp::millis),
            notices_since: Some(counter.notices.since.millis()),
            notices: Some(counter.notices.count),
            ttl: counter.forget_at().seconds(),
        }
    }
}

impl StoredCounter {
    pub(super) fn into_domain(
        self,
        client: ClientId,
        collaborator: CollaboratorId,
    ) -> Result<MailCounter, Unreadable> {
        let teams = self.teams_notified.iter().map(|(event, end)| {
            let event = read("teamsNotified", ScopeId::parse(event))?;
            Ok((event, Timestamp::from_millis(*end)))
        });
        Ok(MailCounter {
            client,
            collaborator,
            day: Day::from_number(self.day),
            resends: self.resends,
            last_mail_at: Timestamp::from_millis(self.last_mail_at),
            ending_notified: self.ending_notified.map(Timestamp::from_millis),
            teams_notified: teams.collect::<Result<_, _>>()?,
            digest_at: self.digest_at.map(Timestamp::from_millis),
            notices: Notices {
                since: Timestamp::from_millis(self.notices_since.unwrap_or_default()),
                count: self.notices.unwrap_or_default(),
            },
        })
    }
}
