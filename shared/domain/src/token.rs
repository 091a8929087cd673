//! Invitation tokens: 256 random bits, with the id of their record (docs/security.md#invitation-tokens).

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{ids::CollaboratorId, scope::ClientId};

/// The token of an invitation: `client.collaborator.secret`, the secret in base64url.
///
/// The ids make an index of tokens unnecessary. Only the mail contains the token, and only its hash is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    client: ClientId,
    collaborator: CollaboratorId,
    secret: [u8; 32],
}

impl Token {
    /// Makes a token from 256 new random bits.
    #[must_use]
    pub const fn new(client: ClientId, collaborator: CollaboratorId, secret: [u8; 32]) -> Self {
        Self { client, collaborator, secret }
    }

    /// Reads a token from a link.
    ///
    /// # Errors
    /// [`NotAToken`] for any text that [`Token::reveal`] does not produce.
    pub fn parse(text: &str) -> Result<Self, NotAToken> {
        let mut parts = text.split('.');
        let (Some(client), Some(collaborator), Some(secret), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(NotAToken);
        };
        Ok(Self {
            client: ClientId::parse(client).map_err(|_| NotAToken)?,
            collaborator: CollaboratorId::parse(collaborator).map_err(|_| NotAToken)?,
            secret: BASE64URL_NOPAD
                .decode(secret.as_bytes())
                .ok()
                .and_then(|bytes| bytes.try_into().ok())
                .ok_or(NotAToken)?,
        })
    }

    /// The token as text, for the link in the mail.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{}.{}.{}", self.client, self.collaborator, BASE64URL_NOPAD.encode(&self.secret))
    }

    /// The client of the record.
    #[must_use]
    pub const fn client(&self) -> &ClientId {
        &self.client
    }

    /// The id of the record.
    #[must_use]
    pub const fn collaborator(&self) -> &CollaboratorId {
        &self.collaborator
    }

    /// The SHA-256 of the whole token, which is stored.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(self.reveal()).into())
    }
}

/// The SHA-256 of a token, compared in constant time.
#[derive(Clone, Copy, Eq)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Reads the 64 lower-case hexadecimal digits that are stored.
    ///
    /// # Errors
    /// [`NotAToken`] for anything else.
    pub fn parse(text: &str) -> Result<Self, NotAToken> {
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| NotAToken)?;
        bytes.try_into().map(Self).map_err(|_| NotAToken)
    }

    /// The 64 lower-case hexadecimal digits that are stored.
    #[must_use]
    pub fn to_hex(self) -> String {
        HEXLOWER.encode(&self.0)
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// The text is not a token, or not a hash of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an invitation token")]
pub struct NotAToken;

redacted_debug!(Token, TokenHash);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token(secret: [u8; 32]) -> Token {
        let id = CollaboratorId::parse("abcdefghijklmnopqrstuvwxyz").unwrap();
        Token::new(ClientId::parse("acme").unwrap(), id, secret)
    }

    #[test]
    fn a_token_is_parsed_as_it_was_formatted_and_debug_output_does_not_show_it() {
        let token = token([7; 32]);
        assert_eq!(Token::parse(&token.reveal()), Ok(token.clone()));
        assert_eq!(format!("{token:?} {:?}", token.hash()), "Token(..) TokenHash(..)");
        assert_eq!(TokenHash::parse(&token.hash().to_hex()), Ok(token.hash()));
    }

    proptest! {
        #[test]
        fn changing_a_byte_of_a_token_gives_another_token_or_none(
            secret in any::<[u8; 32]>(), at in any::<prop::sample::Index>(), byte in 0_u8..128,
        ) {
            let right = token(secret);
            let mut text = right.reveal().into_bytes();
            let at = at.index(text.len());
            prop_assume!(text[at] != byte);
            text[at] = byte;
            if let Ok(wrong) = Token::parse(&String::from_utf8(text).unwrap()) {
                prop_assert_ne!(wrong.hash(), right.hash());
            }
        }

        #[test]
        fn what_is_read_is_written_the_same(text in "\\PC{0,80}|[a-z]{1,4}\\.[a-z2-7]{26}\\.[A-Za-z0-9_-]{43}") {
            if let Ok(token) = Token::parse(&text) {
                prop_assert_eq!(token.reveal(), text);
            }
        }
    }
}
