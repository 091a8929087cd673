//! The token of an invitation, as a caller may send it.

use coulisses_domain::{
    ids::CollaboratorId,
    scope::ClientId,
    token::{Token, TokenHash},
};

use crate::hunt::{Met, hunt};

/// Parses a text as a token, and asserts that the token is written as the same text.
fn reads_as_it_is_written(text: &str) -> Option<TokenHash> {
    let token = Token::parse(text).ok()?;
    assert_eq!(token.reveal(), text);
    assert_eq!(format!("{token:?} {:?}", token.hash()), "Token(..) TokenHash(..)");
    let hash = token.hash();
    assert_eq!(TokenHash::parse(&hash.to_hex()), Ok(hash));
    Some(hash)
}

#[test]
fn a_token_is_written_as_it_was_read_and_any_changed_byte_changes_or_invalidates_it() {
    hunt("token", 1_000, |bytes| {
        let Ok(text) = str::from_utf8(bytes) else { return Met::Refused };
        let Some(hash) = reads_as_it_is_written(text) else { return Met::Refused };
        for at in 0..bytes.len() {
            for bit in 0..7 {
                let mut changed = bytes.to_vec();
                changed[at] ^= 1 << bit;
                let other = reads_as_it_is_written(str::from_utf8(&changed).unwrap());
                assert_ne!(other, Some(hash), "byte {at} of {text}");
            }
        }
        for other in [
            format!("{text}="),
            format!("{text}A"),
            format!(" {text}"),
            format!("{text}."),
            text[1..].to_owned(),
        ] {
            assert_ne!(reads_as_it_is_written(&other), Some(hash), "{other}");
        }
        Met::Taken
    });
}

#[test]
fn a_token_of_any_secret_can_be_parsed() {
    let (client, id) = ("acme", "abcdefghijklmnopqrstuvwxyz");
    hunt("secret", 2_000, |bytes| {
        let mut secret = [0; 32];
        for (place, byte) in secret.iter_mut().zip(bytes) {
            *place = *byte;
        }
        let (client, id) = (ClientId::parse(client).unwrap(), CollaboratorId::parse(id).unwrap());
        let token = Token::new(client, id, secret);
        assert_eq!(Token::parse(&token.reveal()), Ok(token));
        Met::Taken
    });
}
