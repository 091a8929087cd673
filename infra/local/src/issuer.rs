//! The local issuer of accounts: it gives whoever asks the token that he asks for.

use crate::clock;
use crate::random;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use thiserror::Error;

/// How long a token counts, in seconds.
pub const TOKEN_SECONDS: i64 = 12 * 3_600;

/// The client id of the console, the one client in which people sign in.
pub const CONSOLE: &str = "console";

/// The client id of the platform's own backend, listed in the template's parameter.
pub const PLATFORM: &str = "platform";

/// The issuer's name, `iss`. It does not hold the port: with `--data`, the accounts must stay the same on another one.
pub const ISSUER: &str = "https://accounts.coulisses.test";

/// The scope that marks the platform's own backend.
pub const PLATFORM_SCOPE: &str = "coulisses/platform";

/// The cryptographic library refused; it gives no reason.
#[derive(Debug, Error)]
#[error("a key could not be made or used")]
pub struct NoKey(#[from] aws_lc_rs::error::Unspecified);

/// An OpenID issuer with one key, made when it starts.
pub struct Issuer {
    audience: String,
    key: KeyPair,
    key_id: String,
}

/// What somebody asks a token for.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Wanted {
    /// The person's address; without it, the token is a program's.
    pub email: Option<String>,
    /// The account; by default it follows from the address.
    pub sub: Option<String>,
    /// The person's name.
    pub name: Option<String>,
    /// Whether the address counts as verified; by default it does.
    pub email_verified: Option<bool>,
    /// The scopes, separated by spaces.
    pub scope: Option<String>,
    /// The client; by default the platform's for a program.
    pub client_id: Option<String>,
}

impl Issuer {
    /// Makes an issuer and its key.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn new(audience: String) -> Result<Self, NoKey> {
        let key = KeyPair::generate(KeySize::Rsa2048)?;
        Ok(Self { audience, key, key_id: random::id()? })
    }

    /// The key that verifies this issuer's tokens.
    pub fn decoding_key(&self) -> DecodingKey {
        let public = self.key.public_key();
        DecodingKey::from_rsa_raw_components(
            public.modulus().big_endian_without_leading_zero(),
            public.exponent().big_endian_without_leading_zero(),
        )
    }

    /// Makes a token.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn token(&self, wanted: &Wanted) -> Result<String, NoKey> {
        self.signed(&self.claims(wanted, clock::now().as_second()))
    }

    /// Makes the ID token of somebody who signed in in the console, `since` then; both times in seconds since 1970.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn id_token(
        &self,
        wanted: &Wanted,
        nonce: Option<String>,
        since: i64,
        now: i64,
    ) -> Result<String, NoKey> {
        let mut claims = self.claims(wanted, now);
        if let Some(claims) = claims.as_object_mut() {
            claims.remove("scope");
            claims.remove("client_id");
            // No API takes it: it is for the console alone.
            claims.insert("aud".to_owned(), CONSOLE.into());
            claims.insert("token_use".to_owned(), "id".into());
            claims.insert("auth_time".to_owned(), since.into());
            claims.extend(nonce.map(|nonce| ("nonce".to_owned(), nonce.into())));
        }
        self.signed(&claims)
    }

    fn claims(&self, wanted: &Wanted, now: i64) -> Value {
        let client = wanted.client_id.clone().or(wanted.email.is_none().then(|| PLATFORM.into()));
        let account = match (&wanted.sub, &wanted.email) {
            (Some(sub), _) => Some(sub.clone()),
            (None, Some(email)) => Some(account_of(email)),
            (None, None) => client.clone(),
        };
        let mut claims = json!({
            "iss": ISSUER,
            "aud": self.audience,
            "sub": account,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "token_use": "access",
        });
        let verified = wanted.email.is_some().then(|| wanted.email_verified.unwrap_or(true));
        for (name, value) in [
            ("email", wanted.email.clone().map(Value::from)),
            ("email_verified", verified.map(Value::from)),
            ("name", wanted.name.clone().map(Value::from)),
            ("scope", wanted.scope.clone().map(Value::from)),
            ("client_id", client.map(Value::from)),
        ] {
            if let (Some(value), Some(claims)) = (value, claims.as_object_mut()) {
                claims.insert(name.to_owned(), value);
            }
        }
        claims
    }

    fn signed(&self, claims: &Value) -> Result<String, NoKey> {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": self.key_id});
        let encoded = |part: &Value| BASE64URL_NOPAD.encode(part.to_string().as_bytes());
        let message = format!("{}.{}", encoded(&header), encoded(claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        let random = SystemRandom::new();
        self.key.sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut signature)?;
        Ok(format!("{message}.{}", BASE64URL_NOPAD.encode(&signature)))
    }

    /// Signs any claims at all, for tests of whoever must refuse them.
    #[cfg(test)]
    pub fn sign_for_test(&self, claims: &Value) -> String {
        self.signed(claims).unwrap()
    }

    fn keys(&self) -> Value {
        let public = self.key.public_key();
        json!({"keys": [{
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.key_id,
            "n": BASE64URL_NOPAD.encode(public.modulus().big_endian_without_leading_zero()),
            "e": BASE64URL_NOPAD.encode(public.exponent().big_endian_without_leading_zero()),
        }]})
    }
}

/// The account that an address has here when nobody says otherwise: always the same.
fn account_of(email: &str) -> String {
    let email = email.trim().to_lowercase();
    let hash = HEXLOWER.encode(digest(&SHA256, email.as_bytes()).as_ref());
    format!("local|{}", hash.get(..20).unwrap_or(&hash))
}

/// The issuer's routes, below `/_local`.
pub fn router(issuer: Arc<Issuer>) -> Router {
    Router::new()
        .route("/_local/.well-known/jwks.json", get(keys))
        .route("/_local/tokens", post(tokens))
        .with_state(issuer)
}

async fn keys(State(issuer): State<Arc<Issuer>>) -> Json<Value> {
    Json(issuer.keys())
}

/// The content type is not looked at, so that `curl -d` is enough.
async fn tokens(
    State(issuer): State<Arc<Issuer>>,
    body: Bytes,
) -> Result<Json<Value>, (StatusCode, String)> {
    let wanted: Wanted = serde_json::from_slice(&body)
        .map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?;
    match issuer.token(&wanted) {
        Ok(token) => Ok(Json(json!({"accessToken": token}))),
        Err(error) => Err((StatusCode::INTERNAL_SERVER_ERROR, error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_account() {
        assert_eq!(account_of("Lea@Example.org "), account_of("lea@example.org"));
        assert_ne!(account_of("lea@example.org"), account_of("leo@example.org"));
    }

    #[test]
    fn a_person_is_verified_and_a_program_has_no_address() {
        let issuer = Issuer::new("audience".to_owned()).unwrap();
        let person = Wanted { email: Some("lea@example.org".to_owned()), ..Wanted::default() };
        let claims = issuer.claims(&person, 1_000);
        assert_eq!(claims["email_verified"], true);
        assert_eq!(claims["exp"], 1_000 + TOKEN_SECONDS);
        assert_eq!(claims.get("client_id"), None);

        let program = Wanted { scope: Some(PLATFORM_SCOPE.to_owned()), ..Wanted::default() };
        let claims = issuer.claims(&program, 1_000);
        assert_eq!(claims["client_id"], PLATFORM);
        assert_eq!(claims.get("email"), None);
        assert_eq!(claims.get("email_verified"), None);
    }
}
