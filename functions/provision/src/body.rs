//! The request bodies: each is the full representation of a scope.

use std::collections::BTreeSet;

use coulisses_aws::{
    app::App,
    http::{Checked, Code, Failure, FieldErrors, Object, Rejected, whole_number},
};
use coulisses_domain::{
    client::{Granting, OfferedRoles},
    dates::{Dates, MAX_DAYS_AFTER},
    locale::Locale,
    look::Look,
    provision::{ClientSettings, Owner, ProvisionCommand},
    role::RoleName,
    scope::{ClientId, Level},
};
use serde::{Deserialize, Deserializer};

/// A client.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ClientBody {
    name: String,
    #[serde(deserialize_with = "required")]
    seat_limit: Option<serde_json::Number>,
    granting: String,
    roles: Option<Vec<String>>,
    invitation_days: Option<serde_json::Number>,
    reminders: Option<bool>,
    locale: Option<String>,
    logo_url: Option<String>,
    accent_color: Option<String>,
    time_zone: Option<String>,
    starts_at: Option<String>,
    ends_at: Option<String>,
    access_ends_after_days: Option<serde_json::Number>,
    platform_url: Option<String>,
    owner: Option<Object<OwnerBody>>,
}

/// An audience.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AudienceBody {
    name: String,
    platform_url: Option<String>,
    starts_at: Option<String>,
    ends_at: Option<String>,
    time_zone: Option<String>,
    access_ends_after_days: Option<serde_json::Number>,
}

/// An event or a community.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct LeafBody {
    name: String,
    kind: String,
    platform_url: Option<String>,
    starts_at: Option<String>,
    ends_at: Option<String>,
    time_zone: Option<String>,
    access_ends_after_days: Option<serde_json::Number>,
    owner: Option<Object<OwnerBody>>,
}

/// The owner.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnerBody {
    email: String,
    name: Option<String>,
}

/// A required field that may be `null`: omitting the limit must not mean unlimited.
fn required<'de, D: Deserializer<'de>>(field: D) -> Result<Option<serde_json::Number>, D::Error> {
    Option::deserialize(field)
}

impl ClientBody {
    pub(crate) fn into_command(
        self,
        app: &App,
        client: &ClientId,
    ) -> Result<ProvisionCommand, Failure> {
        let mut errors = FieldErrors::default();
        let name = errors.name("/name", &self.name);
        let seat_limit =
            errors.check("/seatLimit", Code::InvalidSeatLimit, whole(self.seat_limit.as_ref()));
        let granting = errors.check(
            "/granting",
            Code::InvalidField,
            Granting::parse(&self.granting).ok_or(()),
        );
        let roles = roles(&mut errors, self.roles.as_deref());
        let days = days(&mut errors, self.invitation_days.as_ref());
        let locale = errors.locale("/locale", self.locale.as_deref());
        let logo_url = errors.web_url("/logoUrl", self.logo_url.as_deref());
        let accent_color = errors.accent_color("/accentColor", self.accent_color.as_deref());
        let time_zone = errors.time_zone("/timeZone", self.time_zone.as_deref());
        let platform_url = errors.web_url("/platformUrl", self.platform_url.as_deref());
        let days_after = days_after(&mut errors, self.access_ends_after_days.as_ref());
        let owner = OwnerBody::read(self.owner, &mut errors, app, client);
        let undated = without(
            &mut errors,
            &[("/startsAt", self.starts_at.is_some()), ("/endsAt", self.ends_at.is_some())],
        );
        let settings = || {
            undated?;
            Ok::<_, Rejected>(ClientSettings {
                name: name?,
                seat_limit: seat_limit?,
                granting: granting?,
                roles: roles?,
                invitation_days: days?,
                reminders: self.reminders.unwrap_or(true),
                locale: locale?.unwrap_or(Locale::Fr),
                look: Look {
                    logo_url: logo_url?,
                    accent_color: accent_color?,
                    time_zone: time_zone?,
                },
                platform_url: platform_url?,
                access_ends_after_days: days_after?,
                owner: owner?,
            })
        };
        settings().map(ProvisionCommand::Client).map_err(|_| errors.into())
    }
}

impl AudienceBody {
    pub(crate) fn into_command(self) -> Result<ProvisionCommand, Failure> {
        let mut errors = FieldErrors::default();
        let name = errors.name("/name", &self.name);
        let platform_url = errors.web_url("/platformUrl", self.platform_url.as_deref());
        let undated = without(
            &mut errors,
            &[
                ("/startsAt", self.starts_at.is_some()),
                ("/endsAt", self.ends_at.is_some()),
                ("/timeZone", self.time_zone.is_some()),
                ("/accessEndsAfterDays", self.access_ends_after_days.is_some()),
            ],
        );
        let (Ok(name), Ok(platform_url), Ok(())) = (name, platform_url, undated) else {
            return Err(errors.into());
        };
        Ok(ProvisionCommand::Audience { name, platform_url })
    }
}

impl LeafBody {
    pub(crate) fn into_command(
        self,
        app: &App,
        client: &ClientId,
    ) -> Result<ProvisionCommand, Failure> {
        let parsed = match Level::parse(&self.kind) {
            Some(level @ (Level::Event | Level::Community)) => Ok(level),
            Some(Level::Client | Level::Audience) | None => Err(()),
        };
        let mut errors = FieldErrors::default();
        let name = errors.name("/name", &self.name);
        let level = errors.check("/kind", Code::InvalidField, parsed);
        let owner = OwnerBody::read(self.owner, &mut errors, app, client);
        let platform_url = errors.web_url("/platformUrl", self.platform_url.as_deref());
        let starts_at = errors.time("/startsAt", self.starts_at.as_deref());
        let ends_at = errors.time("/endsAt", self.ends_at.as_deref());
        let time_zone = errors.time_zone("/timeZone", self.time_zone.as_deref());
        let days_after = days_after(&mut errors, self.access_ends_after_days.as_ref());
        let command = || {
            let dates = Dates {
                starts_at: starts_at?,
                ends_at: ends_at?,
                time_zone: time_zone?,
                access_ends_after_days: days_after?,
            };
            Ok::<_, Rejected>(ProvisionCommand::Leaf {
                name: name?,
                level: level?,
                owner: owner?,
                platform_url: platform_url?,
                dates,
            })
        };
        command().map_err(|_| errors.into())
    }
}

impl OwnerBody {
    fn read(
        owner: Option<Object<Self>>,
        errors: &mut FieldErrors,
        app: &App,
        client: &ClientId,
    ) -> Checked<Option<Owner>> {
        let Some(Object(owner)) = owner else { return Ok(None) };
        let email = errors.email("/owner/email", &owner.email);
        let name = errors.optional_name("/owner/name", owner.name.as_deref());
        let (email, name) = (email?, name?);
        let id = app.settings.ids.collaborator(client, &email);
        Ok(Some(Owner { email, id, name }))
    }
}

/// Rejects each of these fields that is there: other levels have them.
fn without(errors: &mut FieldErrors, fields: &[(&str, bool)]) -> Checked<()> {
    let mut checked = Ok(());
    for (pointer, _) in fields.iter().filter(|(_, is_there)| *is_there) {
        checked = errors.reject(pointer, Code::InvalidField);
    }
    checked
}

/// The roles that a client offers; by default all but the owner.
fn roles(errors: &mut FieldErrors, named: Option<&[String]>) -> Checked<OfferedRoles> {
    let Some(named) = named else {
        return Ok(OfferedRoles::All);
    };
    let mut roles = BTreeSet::new();
    for (index, name) in named.iter().enumerate() {
        let pointer = format!("/roles/{index}");
        match RoleName::parse(name) {
            // Ownership is provisioned and transferred, never offered.
            Some(RoleName::Owner) => return errors.reject(&pointer, Code::RoleNotAllowedHere),
            Some(role) => roles.insert(role),
            None => return errors.reject(&pointer, Code::InvalidRole),
        };
    }
    if roles.is_empty() {
        errors.reject("/roles", Code::InvalidField)
    } else {
        Ok(OfferedRoles::of(roles))
    }
}

/// 1 to 90 days; 14 by default.
fn days(errors: &mut FieldErrors, days: Option<&serde_json::Number>) -> Checked<u8> {
    let in_range =
        |days: u32| u8::try_from(days).ok().filter(|days| (1..=90).contains(days)).ok_or(());
    let parsed = whole(days).and_then(|days| in_range(days.unwrap_or(14)));
    errors.check("/invitationDays", Code::InvalidField, parsed)
}

/// How many days access outlasts an event, [`MAX_DAYS_AFTER`] at most; none by default.
fn days_after(errors: &mut FieldErrors, days: Option<&serde_json::Number>) -> Checked<Option<u16>> {
    let in_range =
        |days: u32| u16::try_from(days).ok().filter(|days| *days <= MAX_DAYS_AFTER).ok_or(());
    let parsed = whole(days).and_then(|days| days.map(in_range).transpose());
    errors.check("/accessEndsAfterDays", Code::InvalidField, parsed)
}

/// A whole number that fits in a `u32`, or none.
fn whole(number: Option<&serde_json::Number>) -> Result<Option<u32>, ()> {
    number
        .map(|number| whole_number(number).and_then(|it| u32::try_from(it).ok()).ok_or(()))
        .transpose()
}
