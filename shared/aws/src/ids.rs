//! The ids of collaborators, derived from the deployment's key so that an id in a log names nobody.

use std::fmt;

use coulisses_domain::{
    collaborator::{CollaboratorId, NotAnId},
    email::Email,
    scope::ClientId,
};
use data_encoding::{BASE32_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The deployment's key of the ids: made once, never rotated, and no credential.
#[derive(Clone)]
pub struct IdKey(Hmac<Sha256>);

/// The id could not be derived, which no input can cause.
#[derive(Debug, thiserror::Error)]
#[error("an id could not be derived")]
pub struct NoId(#[from] NotAnId);

impl IdKey {
    /// Takes the key's text.
    ///
    /// # Errors
    /// [`TooShort`] under 32 bytes, which could be guessed.
    pub fn new(key: &str) -> Result<Self, TooShort> {
        if key.len() < 32 {
            return Err(TooShort);
        }
        Hmac::new_from_slice(key.as_bytes()).map(Self).map_err(|_| TooShort)
    }

    /// The id that an address has in a client: an invitation finds its twin by it.
    ///
    /// # Errors
    /// [`NoId`] never, as 26 characters of lower-case base32 are an id.
    pub fn collaborator(&self, client: &ClientId, email: &Email) -> Result<CollaboratorId, NoId> {
        let digest = self.digest(&["collaborator", client.as_str(), email.key()]);
        let text: String =
            BASE32_NOPAD.encode(&digest).to_ascii_lowercase().chars().take(26).collect();
        Ok(CollaboratorId::parse(&text)?)
    }

    /// The key of an address in the index over all clients, in hexadecimal.
    #[must_use]
    pub fn address(&self, email: &Email) -> String {
        HEXLOWER.encode(&self.digest(&["address", email.key()]))
    }

    /// The mark of a text that was handed out for a purpose, both in `parts`: by it this deployment knows the text again.
    #[must_use]
    pub fn mark(&self, parts: &[&str]) -> [u8; 32] {
        self.digest(&[&["mark"], parts].concat())
    }

    /// No part can hold the separator, so no two lists of parts give the same bytes.
    fn digest(&self, parts: &[&str]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        mac.finalize().into_bytes().into()
    }
}

/// A key of ids that could be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the key of the ids has fewer than 32 bytes")]
pub struct TooShort;

/// A key is not for a log.
impl fmt::Debug for IdKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(text: &str) -> Email {
        Email::parse(text).unwrap()
    }

    #[test]
    fn one_person_has_one_id_a_client_and_another_in_another_client() {
        let key = IdKey::new(&"k".repeat(32)).unwrap();
        let (acme, expo) = (ClientId::parse("acme").unwrap(), ClientId::parse("expo").unwrap());
        let id = key.collaborator(&acme, &email("Lea@Example.org")).unwrap();
        assert_eq!(id, key.collaborator(&acme, &email("lea@example.ORG")).unwrap());
        assert_ne!(id, key.collaborator(&expo, &email("lea@example.org")).unwrap());
        assert_ne!(id, key.collaborator(&acme, &email("leo@example.org")).unwrap());
        let other = IdKey::new(&"o".repeat(32)).unwrap();
        assert_ne!(id, other.collaborator(&acme, &email("lea@example.org")).unwrap());
        assert_eq!(key.address(&email("Lea@Example.org")), key.address(&email("lea@example.org")));
        assert_eq!(key.mark(&["a", "b"]), key.mark(&["a", "b"]));
        assert_ne!(key.mark(&["a", "b"]), key.mark(&["ab"]));
        assert_ne!(key.mark(&["a", "b"]), other.mark(&["a", "b"]));
    }

    #[test]
    fn a_key_that_could_be_guessed_is_refused_and_none_is_shown() {
        assert_eq!(IdKey::new("short").err(), Some(TooShort));
        assert_eq!(format!("{:?}", IdKey::new(&"k".repeat(32)).unwrap()), "IdKey(..)");
    }
}
