//! The local OpenID issuer, which gives every caller the token that they ask for.

use crate::loopback::only_json;
use crate::values::{now, random_id, without_nulls};
use anyhow::{Context, Result};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use axum::{Json, Router};
use data_encoding::HEXLOWER;
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, encode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// How long a token is valid, in seconds.
pub const TOKEN_SECONDS: i64 = 12 * 3_600;

/// The client id of the console, the only client that people use to sign in.
pub const CONSOLE: &str = "console";

/// The client id of the platform's own backend, listed in the template's parameter.
pub const PLATFORM: &str = "platform";

/// The issuer's name, `iss`. It has no port: with `--data`, accounts must stay the same on another one.
pub const ISSUER: &str = "https://accounts.coulisses.test";

/// The scope that marks the platform's own backend.
pub const PLATFORM_SCOPE: &str = "coulisses/platform";

/// The length of the header before the PKCS #1 key in the PKCS #8 form of a 2048-bit RSA key.
const PKCS8_PREFIX: usize = 26;

/// An OpenID issuer with one key, generated at its start.
pub struct Issuer {
    audience: String,
    key: EncodingKey,
    public_key: Jwk,
}

/// The body of `POST /_local/tokens`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TokenRequest {
    /// The person's address. Without it, the token is for a program.
    pub email: Option<String>,
    /// The account; by default derived from the address.
    pub sub: Option<String>,
    pub name: Option<String>,
    /// Whether the address is verified; true by default.
    pub email_verified: Option<bool>,
    /// The scopes, separated by spaces.
    pub scope: Option<String>,
    /// The groups of the person, such as `coulisses-support`.
    pub groups: Option<Vec<String>>,
    /// When the person signed in, in seconds since 1970; now by default.
    pub auth_time: Option<i64>,
    /// The OAuth client; by default the platform's for a program.
    pub client_id: Option<String>,
}

impl TokenRequest {
    pub fn for_email(email: &str) -> Self {
        Self { email: Some(email.to_owned()), ..Self::default() }
    }
}

impl Issuer {
    pub fn new(audience: &str) -> Result<Self> {
        let pkcs8: Pkcs8V1Der<'_> = KeyPair::generate(KeySize::Rsa2048)?.as_der()?;
        let pkcs1 = pkcs8.as_ref().get(PKCS8_PREFIX..).context("the key is too short")?;
        let key = EncodingKey::from_rsa_der(pkcs1);
        let mut public_key = Jwk::from_encoding_key(&key, Algorithm::RS256)?;
        public_key.common.public_key_use = Some(PublicKeyUse::Signature);
        public_key.common.key_id = Some(random_id());
        Ok(Self { audience: audience.to_owned(), key, public_key })
    }

    /// The key that verifies this issuer's tokens.
    pub fn decoding_key(&self) -> Result<DecodingKey> {
        Ok(DecodingKey::from_jwk(&self.public_key)?)
    }

    /// Creates an access token.
    pub fn token(&self, request: &TokenRequest) -> Result<String> {
        self.sign(&self.claims(request, now().as_second()))
    }

    /// Creates the ID token of a person who signed in to the console at `auth_time`, in seconds since 1970 like `now`.
    pub fn id_token(
        &self,
        request: &TokenRequest,
        nonce: Option<&str>,
        auth_time: i64,
        now: i64,
    ) -> Result<String> {
        let mut claims = self.claims(request, now);
        if let Some(claims) = claims.as_object_mut() {
            claims.remove("scope");
            claims.remove("client_id");
            // For the console alone: no API accepts this token.
            claims.insert("aud".to_owned(), CONSOLE.into());
            claims.insert("token_use".to_owned(), "id".into());
            claims.insert("auth_time".to_owned(), auth_time.into());
            claims.insert("nonce".to_owned(), nonce.into());
        }
        self.sign(&without_nulls(claims))
    }

    fn claims(&self, request: &TokenRequest, now: i64) -> Value {
        let client = request.client_id.clone().or(request.email.is_none().then(|| PLATFORM.into()));
        let account = request.email.as_deref().map(account_of).or_else(|| client.clone());
        without_nulls(json!({
            "iss": ISSUER,
            "aud": self.audience,
            "sub": request.sub.clone().or(account),
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "token_use": "access",
            "email": request.email,
            "email_verified": request.email.as_ref().map(|_| request.email_verified.unwrap_or(true)),
            "name": request.name,
            "scope": request.scope,
            "groups": request.groups,
            "auth_time": request.email.as_ref().map(|_| request.auth_time.unwrap_or(now)),
            "client_id": client,
        }))
    }

    /// Signs any claims.
    pub fn sign(&self, claims: &Value) -> Result<String> {
        let mut header = Header::new(Algorithm::RS256);
        header.kid.clone_from(&self.public_key.common.key_id);
        Ok(encode(&header, claims, &self.key)?)
    }
}

/// The default account of an address: always the same.
fn account_of(email: &str) -> String {
    let email = email.trim().to_lowercase();
    let hash = HEXLOWER.encode(digest(&SHA256, email.as_bytes()).as_ref());
    format!("local|{}", hash.get(..20).unwrap_or(&hash))
}

/// The issuer's routes, below `/_local`.
pub fn router(issuer: Arc<Issuer>) -> Router {
    Router::new()
        .route("/_local/tokens", post(tokens))
        .layer(from_fn(only_json))
        .route("/_local/.well-known/jwks.json", get(keys))
        .with_state(issuer)
}

async fn keys(State(issuer): State<Arc<Issuer>>) -> Json<JwkSet> {
    Json(JwkSet { keys: vec![issuer.public_key.clone()] })
}

async fn tokens(
    State(issuer): State<Arc<Issuer>>,
    body: Bytes,
) -> Result<Json<Value>, (StatusCode, String)> {
    let request = serde_json::from_slice(&body);
    let request = request.map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?;
    match issuer.token(&request) {
        Ok(token) => Ok(Json(json!({ "accessToken": token }))),
        Err(error) => Err((StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}"))),
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
        let issuer = Issuer::new("audience").unwrap();
        let claims = issuer.claims(&TokenRequest::for_email("lea@example.org"), 1_000);
        assert_eq!(claims["email_verified"], true);
        assert_eq!(claims["exp"], 1_000 + TOKEN_SECONDS);
        assert_eq!(claims.get("client_id"), None);

        let scope = Some(PLATFORM_SCOPE.to_owned());
        let claims = issuer.claims(&TokenRequest { scope, ..TokenRequest::default() }, 1_000);
        assert_eq!(claims["client_id"], PLATFORM);
        assert_eq!(claims["sub"], PLATFORM);
        assert_eq!(claims.get("email"), None);
        assert_eq!(claims.get("email_verified"), None);
    }

    #[test]
    fn the_published_key_is_the_one_that_tokens_name() {
        let issuer = Issuer::new("audience").unwrap();
        let token = issuer.token(&TokenRequest::for_email("lea@example.org")).unwrap();
        let key = serde_json::to_value(&issuer.public_key).unwrap();
        let header = jsonwebtoken::decode_header(&token).unwrap();
        assert_eq!(key["kid"], *header.kid.unwrap());
        assert_eq!(
            (&key["kty"], &key["use"], &key["alg"]),
            (&json!("RSA"), &json!("sig"), &json!("RS256"))
        );
        assert_eq!(key.get("d"), None, "the private key stays here");
    }
}
