//! Ids of collaborators, derived with the deployment key, so that an id in a log does not identify a person
//! (docs/storage.md#ids).

use std::fmt;

use chacha20poly1305::{
    XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use coulisses_domain::{email::Email, ids::CollaboratorId, scope::ClientId};
use data_encoding::{BASE32_NOPAD, BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::random::{self, NoRandomness};

/// The bytes of a nonce: so many that random ones never repeat.
const NONCE: usize = 24;

/// The deployment key: created once, never rotated, and not a credential.
#[derive(Clone)]
pub struct IdKey(Hmac<Sha256>);

impl IdKey {
    /// Reads the key.
    ///
    /// # Errors
    /// [`TooShort`] under 32 bytes.
    pub fn new(key: &str) -> Result<Self, TooShort> {
        if key.len() < 32 {
            return Err(TooShort);
        }
        Hmac::new_from_slice(key.as_bytes()).map(Self).map_err(|_| TooShort)
    }

    /// The id of an address in a client. The same address always has the same id, so an invitation finds an existing
    /// record by its key.
    #[must_use]
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "26 characters of lower-case base32 are always an id"
    )]
    pub fn collaborator(&self, client: &ClientId, email: &Email) -> CollaboratorId {
        let digest = self.digest(&["collaborator", client.as_str(), email.key()]);
        let text: String =
            BASE32_NOPAD.encode(&digest).to_ascii_lowercase().chars().take(26).collect();
        CollaboratorId::parse(&text).expect("an id")
    }

    /// The key of an address in the index of all clients, in hexadecimal.
    #[must_use]
    pub fn address(&self, email: &Email) -> String {
        HEXLOWER.encode(&self.digest(&["address", email.key()]))
    }

    /// Encrypts `plain`, which can be opened only with the same `context` and by this deployment. Returns base64url.
    ///
    /// # Errors
    /// [`NoRandomness`] if there is no nonce.
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "only a plain text of more than 256 gigabytes cannot be encrypted"
    )]
    pub fn seal(&self, context: &str, plain: &[u8]) -> Result<String, NoRandomness> {
        let nonce: [u8; NONCE] = random::bytes()?;
        let payload = Payload { msg: plain, aad: context.as_bytes() };
        let sealed = self.cipher().encrypt(&nonce.into(), payload).expect("a short text");
        Ok(BASE64URL_NOPAD.encode(&[&nonce[..], &sealed].concat()))
    }

    /// Decrypts what [`IdKey::seal`] returned; `None` for anything else, and for another context.
    #[must_use]
    pub fn open(&self, context: &str, sealed: &str) -> Option<Vec<u8>> {
        let sealed = BASE64URL_NOPAD.decode(sealed.as_bytes()).ok()?;
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
        let payload = Payload { msg: sealed, aad: context.as_bytes() };
        self.cipher().decrypt(&(*nonce).into(), payload).ok()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.digest(&["seal"]).into())
    }

    /// No part can contain the separator, so different lists of parts never give the same bytes.
    fn digest(&self, parts: &[&str]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for part in parts {
            mac.update(part.as_bytes());
            mac.update(&[0]);
        }
        mac.finalize().into_bytes().into()
    }
}

/// The key is so short that it could be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the deployment key has fewer than 32 bytes")]
pub struct TooShort;

/// Keeps the key out of logs.
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
        let id = key.collaborator(&acme, &email("Lea@Example.org"));
        assert_eq!(id, key.collaborator(&acme, &email("lea@example.ORG")));
        assert_ne!(id, key.collaborator(&expo, &email("lea@example.org")));
        assert_ne!(id, key.collaborator(&acme, &email("leo@example.org")));
        let other = IdKey::new(&"o".repeat(32)).unwrap();
        assert_ne!(id, other.collaborator(&acme, &email("lea@example.org")));
        assert_eq!(key.address(&email("Lea@Example.org")), key.address(&email("lea@example.org")));
    }

    #[test]
    fn a_key_that_could_be_guessed_is_refused_and_none_is_shown() {
        assert_eq!(IdKey::new("short").err(), Some(TooShort));
        assert_eq!(format!("{:?}", IdKey::new(&"k".repeat(32)).unwrap()), "IdKey(..)");
    }
}
