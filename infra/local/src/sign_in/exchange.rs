//! The token endpoint: a code becomes tokens.

use super::codes::Codes;
use super::parameters::Parameters;
use crate::issuer::{CONSOLE, Issuer, NoKey, TOKEN_SECONDS, Wanted};
use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;
use serde_json::{Value, json};
use thiserror::Error;

/// Why there are no tokens (RFC 6749, 5.2).
#[derive(Debug, Error)]
pub enum Refused {
    /// The request is none.
    #[error("{0}")]
    Request(&'static str),
    /// The client is not known.
    #[error("client_id is not known")]
    Client,
    /// The code does not count.
    #[error("{0}")]
    Grant(&'static str),
    /// Something else than a code is offered.
    #[error("grant_type is authorization_code")]
    GrantType,
    /// The issuer cannot sign.
    #[error("the token cannot be signed")]
    NoKey(#[from] NoKey),
}

impl Refused {
    /// The error's code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Request(_) => "invalid_request",
            Self::Client => "invalid_client",
            Self::Grant(_) => "invalid_grant",
            Self::GrantType => "unsupported_grant_type",
            Self::NoKey(_) => "server_error",
        }
    }
}

/// Exchanges a code at `now`.
///
/// # Errors
/// When the request or the code does not count.
pub fn exchange(
    issuer: &Issuer,
    codes: &Codes,
    given: &Parameters,
    now: Timestamp,
) -> Result<Value, Refused> {
    if given.are_repeated() {
        return Err(Refused::Request("a parameter is there more than once"));
    }
    match given.get("grant_type") {
        Some("authorization_code") => {}
        Some(_) => return Err(Refused::GrantType),
        None => return Err(Refused::Request("grant_type is missing")),
    }
    let must = |name, missing| given.get(name).ok_or(Refused::Request(missing));
    let client = must("client_id", "client_id is missing")?;
    let code = must("code", "code is missing")?;
    let redirect_uri = must("redirect_uri", "redirect_uri is missing")?;
    let verifier = must("code_verifier", "code_verifier is missing")?;
    if client != CONSOLE {
        return Err(Refused::Client);
    }
    let granted =
        codes.take(code, now).ok_or(Refused::Grant("the code is unknown, used or old"))?;
    if granted.redirect_uri != redirect_uri {
        return Err(Refused::Grant("the code was sent to another redirect_uri"));
    }
    if digest(&SHA256, verifier.as_bytes()).as_ref() != granted.challenge {
        return Err(Refused::Grant("code_verifier does not match"));
    }
    let wanted = Wanted {
        email: Some(granted.email),
        name: granted.name,
        scope: Some(granted.scope.clone()),
        client_id: Some(client.to_owned()),
        ..Wanted::default()
    };
    Ok(json!({
        "access_token": issuer.token(&wanted)?,
        "id_token": issuer.id_token(&wanted, granted.nonce, granted.at.as_second(), now.as_second())?,
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
        "scope": granted.scope,
    }))
}
