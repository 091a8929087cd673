//! The bodies: each is the full representation of what it writes.

use std::collections::BTreeSet;

use coulisses_aws::{
    app::App,
    http::{Checked, Code, Failure, FieldErrors, Object},
};
use coulisses_domain::{
    client::{Granting, Locale},
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
    locale: Option<String>,
    owner: Option<Object<OwnerBody>>,
}

/// An audience.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AudienceBody {
    name: String,
}

/// An event or a community.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeafBody {
    name: String,
    kind: String,
    owner: Option<Object<OwnerBody>>,
}

/// Who is to own it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnerBody {
    email: String,
    name: Option<String>,
}

/// A field that may be `null` but must be there: leaving the limit out must not mean unlimited.
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
        let owner = OwnerBody::read(self.owner, &mut errors, app, client)?;
        let valid = errors.finish()?;
        Ok(ProvisionCommand::Client(ClientSettings {
            name: name.get(valid)?,
            seat_limit: seat_limit.get(valid)?,
            granting: granting.get(valid)?,
            roles: roles.get(valid)?,
            invitation_days: days.get(valid)?,
            locale: locale.get(valid)?.unwrap_or(Locale::Fr),
            owner: owner.get(valid)?,
        }))
    }
}

impl AudienceBody {
    pub(crate) fn into_command(self) -> Result<ProvisionCommand, Failure> {
        let mut errors = FieldErrors::default();
        let name = errors.name("/name", &self.name);
        let valid = errors.finish()?;
        Ok(ProvisionCommand::Audience { name: name.get(valid)? })
    }
}

impl LeafBody {
    pub(crate) fn into_command(
        self,
        app: &App,
        client: &ClientId,
    ) -> Result<ProvisionCommand, Failure> {
        let leaf = match Level::parse(&self.kind) {
            Some(level @ (Level::Event | Level::Community)) => Ok(level),
            Some(Level::Client | Level::Audience) | None => Err(()),
        };
        let mut errors = FieldErrors::default();
        let name = errors.name("/name", &self.name);
        let level = errors.check("/kind", Code::InvalidField, leaf);
        let owner = OwnerBody::read(self.owner, &mut errors, app, client)?;
        let valid = errors.finish()?;
        Ok(ProvisionCommand::Leaf {
            name: name.get(valid)?,
            level: level.get(valid)?,
            owner: owner.get(valid)?,
        })
    }
}

impl OwnerBody {
    fn read(
        owner: Option<Object<Self>>,
        errors: &mut FieldErrors,
        app: &App,
        client: &ClientId,
    ) -> Result<Checked<Option<Owner>>, Failure> {
        let Some(Object(owner)) = owner else { return Ok(Checked::right(None)) };
        let email = errors.email("/owner/email", &owner.email);
        let name = errors.optional_name("/owner/name", owner.name.as_deref());
        let (Some(email), Some(name)) = (email.into_option(), name.into_option()) else {
            return Ok(Checked::wrong());
        };
        let id = app.settings.ids.collaborator(client, &email).map_err(Failure::internal)?;
        Ok(Checked::right(Some(Owner { email, id, name })))
    }
}

/// The roles that a client offers: all but the owner's, unless some are named.
fn roles(errors: &mut FieldErrors, named: Option<&[String]>) -> Checked<BTreeSet<RoleName>> {
    let Some(named) = named else {
        return Checked::right(
            RoleName::ALL.into_iter().filter(|role| *role != RoleName::Owner).collect(),
        );
    };
    let mut roles = BTreeSet::new();
    for (index, name) in named.iter().enumerate() {
        let pointer = format!("/roles/{index}");
        match RoleName::parse(name) {
            // Ownership is provisioned and transferred, never offered.
            Some(RoleName::Owner) => return errors.wrong(&pointer, Code::RoleNotAllowedHere),
            Some(role) => roles.insert(role),
            None => return errors.wrong(&pointer, Code::InvalidRole),
        };
    }
    if roles.is_empty() {
        errors.wrong("/roles", Code::InvalidField)
    } else {
        Checked::right(roles)
    }
}

/// 1 to 90 days, 14 unless said otherwise.
fn days(errors: &mut FieldErrors, days: Option<&serde_json::Number>) -> Checked<u8> {
    let in_range =
        |days: u32| u8::try_from(days).ok().filter(|days| (1..=90).contains(days)).ok_or(());
    let parsed = whole(days).and_then(|days| in_range(days.unwrap_or(14)));
    errors.check("/invitationDays", Code::InvalidField, parsed)
}

/// A whole number that fits, or none.
fn whole(number: Option<&serde_json::Number>) -> Result<Option<u32>, ()> {
    let fits = |number: &serde_json::Number| {
        number.as_u64().and_then(|number| u32::try_from(number).ok()).ok_or(())
    };
    number.map(fits).transpose()
}
