//! What an operator asks for.

use coulisses_domain::{email::Email, history::view::EntryId, scope::ClientId};
use serde::Deserialize;
use serde_json::Value;

/// How the event is to be.
pub const USAGE: &str = concat!(
    r#"{"client":"acme"} tells who is known there, {"client":"acme","email":"lea@example.org"} exports a person, "#,
    r#"with "erase":true the person is erased too, with "after" a long export goes on. Nothing was changed."#
);

/// What an operator asks for.
#[derive(Clone, Debug)]
pub struct ErasureRequest {
    /// In which client.
    pub client: ClientId,
    /// About whom; who is known there if nobody is named.
    pub email: Option<Email>,
    /// Whether to erase what was exported.
    pub erase: bool,
    /// After which entry of the history an export goes on.
    pub after: Option<EntryId>,
}

/// An event that says something else. What is wrong with it is not told, as the parser may quote it.
#[derive(Clone, Copy, Debug)]
pub struct NotUnderstood;

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
    /// [`NotUnderstood`] if there is anything in it that is not known, or not readable.
    pub fn read(event: Value) -> Result<Self, NotUnderstood> {
        let event: Event = serde_json::from_value(event).map_err(|_| NotUnderstood)?;
        let email = event.email.map(|email| Email::parse(&email).map_err(|_| NotUnderstood));
        let after = event.after.map(|after| EntryId::parse(&after).ok_or(NotUnderstood));
        let request = Self {
            client: ClientId::parse(&event.client).map_err(|_| NotUnderstood)?,
            email: email.transpose()?,
            erase: event.erase,
            after: after.transpose()?,
        };
        let of_a_person = request.erase || request.after.is_some();
        if of_a_person && request.email.is_none() { Err(NotUnderstood) } else { Ok(request) }
    }

    /// What is asked for, for the log.
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
    fn nothing_is_erased_unless_it_is_said_and_of_whom() {
        let read = |event: Value| ErasureRequest::read(event).map(|request| request.action());
        let (acme, lea) = ("acme", "lea@example.org");
        assert_eq!(read(json!({ "client": acme })).unwrap(), "list");
        assert_eq!(read(json!({ "client": acme, "email": lea })).unwrap(), "export");
        assert_eq!(
            read(json!({ "client": acme, "email": lea, "erase": false })).unwrap(),
            "export"
        );
        assert_eq!(read(json!({ "client": acme, "email": lea, "erase": true })).unwrap(), "erase");
        for foreign in [
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
            assert!(read(foreign.clone()).is_err(), "{foreign}");
        }
    }
}
