//! An operator's request.

use coulisses_domain::{email::Email, history::view::EntryId, scope::ClientId};
use serde::Deserialize;
use serde_json::Value;

/// The usage, as the response to an invalid event.
pub const USAGE: &str = concat!(
    r#"{"client":"acme"} lists the known addresses, "#,
    r#"{"client":"acme","email":"lea@example.org"} exports a person's data. "#,
    r#"Add "erase":true to erase it too, or "after" to continue a long export. Nothing was changed."#
);

/// An operator's request.
#[derive(Clone, Debug)]
pub struct ErasureRequest {
    /// The client.
    pub client: ClientId,
    /// The address of the person; if none, the known addresses are listed.
    pub email: Option<Email>,
    /// Whether to erase the data after the export.
    pub erase: bool,
    /// The history entry after which the export continues.
    pub after: Option<EntryId>,
}

/// The event is invalid. The reason is not kept, because the parser may quote the event.
#[derive(Clone, Copy, Debug)]
pub struct InvalidEvent;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    client: String,
    email: Option<String>,
    #[serde(default)]
    erase: bool,
    after: Option<String>,
}

impl ErasureRequest {
    /// Reads the event.
    ///
    /// # Errors
    /// [`InvalidEvent`] if a field is unknown or invalid.
    pub fn read(event: Value) -> Result<Self, InvalidEvent> {
        let event: Event = serde_json::from_value(event).map_err(|_| InvalidEvent)?;
        let email = event.email.map(|email| Email::parse(&email).map_err(|_| InvalidEvent));
        let after = event.after.map(|after| EntryId::parse(&after).ok_or(InvalidEvent));
        let request = Self {
            client: ClientId::parse(&event.client).map_err(|_| InvalidEvent)?,
            email: email.transpose()?,
            erase: event.erase,
            after: after.transpose()?,
        };
        let needs_email = request.erase || request.after.is_some();
        if needs_email && request.email.is_none() { Err(InvalidEvent) } else { Ok(request) }
    }

    /// The action, for the log.
    pub const fn action(&self) -> &'static str {
        match (&self.email, self.erase) {
            (None, _) => "list",
            (Some(_), false) => "export",
            (Some(_), true) => "erase",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_erasure_needs_the_flag_and_an_address() {
        let read = |event: Value| ErasureRequest::read(event).map(|request| request.action());
        let (acme, lea) = ("acme", "lea@example.org");
        assert_eq!(read(json!({ "client": acme })).unwrap(), "list");
        assert_eq!(read(json!({ "client": acme, "email": lea })).unwrap(), "export");
        assert_eq!(
            read(json!({ "client": acme, "email": lea, "erase": false })).unwrap(),
            "export"
        );
        assert_eq!(read(json!({ "client": acme, "email": lea, "erase": true })).unwrap(), "erase");
        for invalid in [
            json!({}),
            json!(null),
            json!({ "client": "Acme Ltd", "email": lea }),
            json!({ "client": acme, "erase": true }),
            json!({ "client": acme, "email": "lea", "erase": true }),
            json!({ "client": acme, "email": lea, "erase": "true" }),
            json!({ "client": acme, "email": lea, "Erase": true }),
            json!({ "client": acme, "email": lea, "after": "x" }),
            json!({ "client": acme, "after": "01KBPK3Y00ABCDEFGHJKMNPQRS" }),
            json!({ "source": "aws.events", "detail": {} }),
        ] {
            assert!(read(invalid.clone()).is_err(), "{invalid}");
        }
    }
}
