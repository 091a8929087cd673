//! The request bodies: one invitation, or a list.

use coulisses_aws::{
    app::App,
    batch::Item,
    http::{Failure, FieldErrors, Object},
};
use coulisses_domain::{collaborator::Lifetime, invite::InviteCommand, scope::ClientId};
use serde::{Deserialize, de::IgnoredAny};

/// The most invitations at once.
const MOST: usize = 50;

/// Distinguishes one invitation from a list, whatever else the body contains.
#[derive(Debug, Deserialize)]
pub struct BodyKind {
    invitations: Option<IgnoredAny>,
}

impl BodyKind {
    /// Whether it is a list of invitations.
    pub const fn is_bulk(&self) -> bool {
        self.invitations.is_some()
    }
}

/// Several invitations.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bulk {
    invitations: Vec<Object<Invitation>>,
}

impl Bulk {
    /// The items. A wrong field fails its own invitation only.
    pub fn into_items(
        self,
        app: &App,
        client: &ClientId,
    ) -> Result<Vec<Result<Item<InviteCommand>, Failure>>, Failure> {
        const POINTER: &str = "/invitations";
        Failure::check_count(POINTER, self.invitations.len(), MOST)?;
        let item = |(index, Object(invitation)): (usize, Object<Invitation>)| {
            let errors = FieldErrors::below(format!("{POINTER}/{index}"));
            let command = invitation.checked(errors, app, client)?;
            Ok(Item { id: command.id.clone(), command })
        };
        Ok(self.invitations.into_iter().enumerate().map(item).collect())
    }
}

/// One invitation.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Invitation {
    email: Option<String>,
    role: Option<String>,
    permissions: Option<Vec<String>>,
    name: Option<String>,
    locale: Option<String>,
    message: Option<String>,
    expires_at: Option<String>,
    outlives_event: Option<bool>,
    if_full: Option<String>,
}

impl Invitation {
    /// A single invitation must have an address and a role. In a list, a missing one fails its own item only.
    pub fn complete(self) -> Result<Self, Failure> {
        let missing = match (&self.email, &self.role) {
            (Some(_), Some(_)) => return Ok(self),
            (None, _) => "email",
            (Some(_), None) => "role",
        };
        Err(Failure::malformed(
            format!("champ manquant\u{a0}: {missing}"),
            format!("missing field: {missing}"),
        ))
    }

    /// The command, if every field is valid.
    pub fn into_command(self, app: &App, client: &ClientId) -> Result<InviteCommand, Failure> {
        self.checked(FieldErrors::default(), app, client)
    }

    fn checked(
        self,
        mut errors: FieldErrors,
        app: &App,
        client: &ClientId,
    ) -> Result<InviteCommand, Failure> {
        let email = errors.email("/email", self.email.as_deref().unwrap_or_default());
        let role =
            errors.role(self.role.as_deref().unwrap_or_default(), self.permissions.as_deref());
        let name = errors.optional_name("/name", self.name.as_deref());
        let locale = errors.locale("/locale", self.locale.as_deref());
        let message = errors.message("/message", self.message.as_deref());
        let expires_at = errors.expiry("/expiresAt", self.expires_at.as_deref());
        let if_full = errors.if_full(self.if_full.as_deref());
        let (Ok(email), Ok(role), Ok(name), Ok(locale), Ok(message), Ok(expires_at), Ok(if_full)) =
            (email, role, name, locale, message, expires_at, if_full)
        else {
            return Err(errors.into());
        };
        let id = app.settings.ids.collaborator(client, &email);
        let outlives_event = self.outlives_event.unwrap_or_default();
        let lifetime = Lifetime { expires_at, outlives_event };
        Ok(InviteCommand { id, email, role, name, locale, message, lifetime, if_full })
    }
}
