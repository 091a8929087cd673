//! The JSON of scopes: clients with their settings and look, audiences, events and communities.

use std::{borrow::Cow, collections::BTreeMap};

use coulisses_domain::{
    client::Client,
    dates::Dates,
    look::{Look, TimeZoneName, WebUrl},
    provision::Provisioned,
    role::RoleName,
    scope::{Level, Scope, ScopeId},
    time::Timestamp,
};
use serde::Serialize;

use super::SeatsView;

/// A client, by id and name, with its look.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClientLabel<'a> {
    id: &'a str,
    name: &'a str,
    #[serde(flatten)]
    look: LookView<'a>,
    platform_url: Option<&'a str>,
}

impl<'a> From<&'a Client> for ClientLabel<'a> {
    fn from(client: &'a Client) -> Self {
        Self {
            id: client.id.as_str(),
            name: client.name.as_str(),
            look: (&client.look).into(),
            platform_url: client.platform_url.as_ref().map(WebUrl::as_str),
        }
    }
}

/// How a client looks.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct LookView<'a> {
    logo_url: Option<&'a str>,
    accent_color: Option<String>,
    time_zone: Option<&'a str>,
}

impl<'a> From<&'a Look> for LookView<'a> {
    fn from(look: &'a Look) -> Self {
        Self {
            logo_url: look.logo_url.as_ref().map(WebUrl::as_str),
            accent_color: look.accent_color.map(|color| color.to_string()),
            time_zone: look.time_zone.as_ref().map(TimeZoneName::as_str),
        }
    }
}

/// A scope with its roles; a client also with its settings.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScopeView<'a> {
    id: &'a str,
    level: &'static str,
    name: &'a str,
    owner: Option<OwnerView<'a>>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    client: Option<ClientView<'a>>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    dates: Option<DatesView<'a>>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    days_after: Option<DaysAfter>,
    platform_url: Option<&'a str>,
    roles: Vec<Cow<'static, str>>,
    version: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    below: Option<Vec<ScopeLabel<'a>>>,
}

/// The setting of when access ends; an audience has none.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DaysAfter {
    access_ends_after_days: Option<u16>,
}

impl<'a> ScopeView<'a> {
    /// Adds the scopes below it.
    #[must_use]
    pub fn with_below(self, scopes: Vec<ScopeLabel<'a>>) -> Self {
        Self { below: Some(scopes), ..self }
    }
}

/// A scope, by id, level and name, with the page of the platform's back-office that it has or inherits.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScopeLabel<'a> {
    id: &'a str,
    level: &'static str,
    name: &'a str,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    dates: Option<DatesView<'a>>,
    platform_url: Option<&'a str>,
}

/// When an event or a community takes place, and when access to it ends.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DatesView<'a> {
    starts_at: Option<String>,
    ends_at: Option<String>,
    time_zone: Option<&'a str>,
    access_ends_at: Option<String>,
    archived_at: Option<String>,
}

impl<'a> DatesView<'a> {
    /// `None` for an audience, which has no dates.
    fn of(scope: &'a Scope, client: &Client) -> Option<Self> {
        let Dates { starts_at, ends_at, time_zone, access_ends_after_days: _ } = &scope.dates;
        let access_ends_at = scope.access_ends_at(&client.rules.access_ends);
        let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
        scope.level.is_leaf().then(|| Self {
            starts_at: text(*starts_at),
            ends_at: text(*ends_at),
            time_zone: time_zone.as_ref().map(TimeZoneName::as_str),
            access_ends_at: text(access_ends_at),
            archived_at: text(scope.archived_at),
        })
    }
}

impl<'a> ScopeLabel<'a> {
    /// One of the `scopes` of a client, which contain those above it too.
    #[must_use]
    pub fn of(scope: &'a Scope, client: &'a Client, scopes: &'a BTreeMap<ScopeId, Scope>) -> Self {
        Self {
            id: scope.id.as_str(),
            level: scope.level.name(),
            name: scope.name.as_str(),
            dates: DatesView::of(scope, client),
            platform_url: client.platform_url_at(&scope.id, scopes).map(WebUrl::as_str),
        }
    }
}

/// The owner of a scope.
#[derive(Debug, Serialize)]
struct OwnerView<'a> {
    id: &'a str,
    email: &'a str,
}

/// The settings of a client.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ClientView<'a> {
    seats: SeatsView,
    granting: &'static str,
    invitation_days: u8,
    reminders: bool,
    locale: &'static str,
    #[serde(flatten)]
    look: LookView<'a>,
}

impl<'a> From<&'a Provisioned> for ScopeView<'a> {
    fn from(provisioned: &'a Provisioned) -> Self {
        let Provisioned { client, scope, .. } = provisioned;
        let (id, level, name, owner, version) = match scope {
            None => (
                client.id.as_str(),
                Level::Client,
                &client.name,
                Some(&client.owner),
                client.version,
            ),
            Some(scope) => {
                (scope.id.as_str(), scope.level, &scope.name, scope.owner.as_ref(), scope.version)
            }
        };
        let settings = || ClientView {
            seats: seats(client),
            granting: client.granting.name(),
            invitation_days: client.invitation_days,
            reminders: client.reminders,
            locale: client.locale.name(),
            look: (&client.look).into(),
        };
        let platform_url = match scope {
            None => &client.platform_url,
            Some(scope) => &scope.platform_url,
        };
        Self {
            id,
            level: level.name(),
            name: name.as_str(),
            owner: owner
                .map(|owner| OwnerView { id: owner.id.as_str(), email: owner.email.original() }),
            client: scope.is_none().then(settings),
            dates: scope.as_ref().and_then(|scope| DatesView::of(scope, client)),
            days_after: match scope {
                None => Some(client.rules.access_ends.after_days),
                Some(scope) if scope.level.is_leaf() => Some(scope.dates.access_ends_after_days),
                Some(_) => None,
            }
            .map(|access_ends_after_days| DaysAfter { access_ends_after_days }),
            platform_url: platform_url.as_ref().map(WebUrl::as_str),
            roles: provisioned.roles().into_iter().map(RoleName::name).collect(),
            version: version.number(),
            below: None,
        }
    }
}

/// The seats of a client.
#[must_use]
pub const fn seats(client: &Client) -> SeatsView {
    SeatsView { limit: client.seats.limit, used: client.seats.used }
}
