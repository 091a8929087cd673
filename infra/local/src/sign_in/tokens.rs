//! Authorization codes, and their exchange for tokens.

use super::request::{OAuthError, Parameters};
use crate::demo::data::SUPPORT;
use crate::issuer::{CONSOLE, Issuer, TOKEN_SECONDS, TokenRequest};
use crate::values::random_id;
use anyhow::Result;
use aws_lc_rs::digest::{SHA256, digest};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How long a code is valid.
const LIFETIME: SignedDuration = SignedDuration::from_secs(60);

/// The sign-in that a code stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The redirection address as it was sent.
    pub redirect_uri: String,
    /// The hash of the code verifier.
    pub challenge: Vec<u8>,
    /// The scopes, separated by spaces.
    pub scope: String,
    pub nonce: Option<String>,
    pub email: String,
    pub name: Option<String>,
    pub at: Timestamp,
}

/// The codes that were issued and not exchanged yet.
#[derive(Default)]
pub struct Codes {
    issued: Mutex<BTreeMap<String, SignedIn>>,
}

impl Codes {
    pub fn issue(&self, signed_in: SignedIn) -> String {
        let code = random_id();
        let mut issued = self.issued.lock().unwrap_or_else(PoisonError::into_inner);
        issued.retain(|_, other| is_valid(other, signed_in.at));
        issued.insert(code.clone(), signed_in);
        code
    }

    /// Takes the sign-in of a code. The code is used up, even if the exchange then fails.
    fn take(&self, code: &str, now: Timestamp) -> Option<SignedIn> {
        let signed_in = self.issued.lock().unwrap_or_else(PoisonError::into_inner).remove(code);
        signed_in.filter(|signed_in| is_valid(signed_in, now))
    }

    /// Exchanges a code for tokens at `now`.
    ///
    /// # Errors
    /// When the request or the code is invalid (RFC 6749, 5.2).
    pub fn exchange(
        &self,
        issuer: &Issuer,
        parameters: &Parameters,
        now: Timestamp,
    ) -> Result<Value, OAuthError> {
        parameters.check_unique()?;
        let required = |name, missing| parameters.get(name).ok_or(("invalid_request", missing));
        if required("grant_type", "grant_type is missing")? != "authorization_code" {
            return Err(("unsupported_grant_type", "grant_type must be authorization_code"));
        }
        let client = required("client_id", "client_id is missing")?;
        let code = required("code", "code is missing")?;
        let redirect_uri = required("redirect_uri", "redirect_uri is missing")?;
        let verifier = required("code_verifier", "code_verifier is missing")?;
        if client != CONSOLE {
            return Err(("invalid_client", "client_id is unknown"));
        }
        let signed_in = self.take(code, now);
        let signed_in =
            signed_in.ok_or(("invalid_grant", "the code is unknown, used or expired"))?;
        if signed_in.redirect_uri != redirect_uri {
            return Err(("invalid_grant", "the code was sent to another redirect_uri"));
        }
        if digest(&SHA256, verifier.as_bytes()).as_ref() != signed_in.challenge {
            return Err(("invalid_grant", "code_verifier does not match"));
        }
        tokens(issuer, signed_in, now).map_err(|_| ("server_error", "the tokens cannot be signed"))
    }
}

fn tokens(issuer: &Issuer, signed_in: SignedIn, now: Timestamp) -> Result<Value> {
    let SignedIn { scope, nonce, email, name, at, .. } = signed_in;
    let request = TokenRequest {
        name,
        scope: Some(scope.clone()),
        client_id: Some(CONSOLE.to_owned()),
        groups: groups_of(&email),
        auth_time: Some(at.as_second()),
        ..TokenRequest::for_email(&email)
    };
    let id_token = issuer.id_token(&request, nonce.as_deref(), at.as_second(), now.as_second())?;
    Ok(json!({
        "access_token": issuer.token(&request)?,
        "id_token": id_token,
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
        "scope": scope,
    }))
}

/// The groups of a person of the demonstration.
fn groups_of(email: &str) -> Option<Vec<String>> {
    email.eq_ignore_ascii_case(SUPPORT.0).then(|| vec!["coulisses-support".to_owned()])
}

fn is_valid(signed_in: &SignedIn, now: Timestamp) -> bool {
    now.duration_since(signed_in.at) < LIFETIME
}
