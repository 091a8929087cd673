//! People sign in at the local issuer: OpenID Connect's authorization code flow with PKCE.
//!
//! There is no password and no session: each sign-in shows the page on which one chooses who to be.

mod asked;
mod codes;
mod exchange;
mod page;
mod parameters;
mod people;
#[cfg(test)]
mod tests;
mod words;

use crate::clock;
use crate::issuer::{ISSUER, Issuer};
use crate::language::Language;
use crate::origins::Origins;
use asked::{Asked, Refused};
use axum::extract::{RawForm, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use codes::{Codes, Granted};
use jiff::Timestamp;
use parameters::Parameters;
use serde_json::{Value, json};
use std::sync::Arc;
use words::Words;

pub use asked::SCOPES;

/// What the sign-in needs.
pub struct SignIn {
    issuer: Arc<Issuer>,
    origins: Origins,
    codes: Codes,
    with_demo: bool,
}

impl SignIn {
    /// The sign-in at `issuer`, which sends nobody but to `origins`; it offers the people of the demonstration, if there
    /// is one.
    pub fn new(issuer: Arc<Issuer>, origins: Origins, with_demo: bool) -> Self {
        Self { issuer, origins, codes: Codes::default(), with_demo }
    }

    /// What a client needs to know, with addresses at `origin`.
    fn configuration(origin: &str) -> Value {
        let at = |path: &str| format!("{origin}/_local/{path}");
        json!({
            "issuer": ISSUER,
            "authorization_endpoint": at("authorize"),
            "token_endpoint": at("token"),
            "end_session_endpoint": at("logout"),
            "jwks_uri": at(".well-known/jwks.json"),
            "scopes_supported": SCOPES,
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "claims_supported":
                ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "email", "email_verified", "name"],
            "ui_locales_supported": ["fr", "en"],
            "authorization_response_iss_parameter_supported": true,
            "request_parameter_supported": false,
            "request_uri_parameter_supported": false,
        })
    }

    /// Answers an authorization request: with the page, or with why not.
    fn ask(&self, given: &Parameters, words: &Words) -> Response {
        match Asked::read(given, &self.origins) {
            Ok(_) => self.page(given, words, None),
            Err(refused) => told(refused, words),
        }
    }

    fn page(&self, given: &Parameters, words: &Words, typed: Option<&page::Typed<'_>>) -> Response {
        let groups = if self.with_demo { people::groups(words) } else { Vec::new() };
        let hint = given.get("login_hint").and_then(address);
        let groups = page::hinted_first(groups, hint, words);
        page::choice((words, &self.origins), &asked::handed_on(given), &groups, typed)
    }

    /// Answers the choice that was made on the page, at `now`.
    fn choose(&self, given: &Parameters, words: &Words, now: Timestamp) -> Response {
        let asked = match Asked::read(given, &self.origins) {
            Ok(asked) => asked,
            Err(refused) => return told(refused, words),
        };
        let typed = given.get("email").unwrap_or_default();
        let name = given.get("name").map(str::trim).filter(|name| !name.is_empty());
        let Some(email) = address(typed) else {
            let typed = page::Typed { email: typed, name: name.unwrap_or_default() };
            return self.page(given, words, Some(&typed));
        };
        let granted = Granted {
            redirect_uri: asked.redirect_uri,
            challenge: asked.challenge,
            scope: asked.scope,
            nonce: asked.nonce,
            email: email.to_owned(),
            name: name.or_else(|| people::name_of(email)).map(ToOwned::to_owned),
            at: now,
        };
        match self.codes.give(granted) {
            // RFC 9207: the answer says who gives it.
            Ok(code) => away(asked.answer_to.with(&[("code", &code), ("iss", ISSUER)]).as_str()),
            Err(_) => page::notice(
                StatusCode::INTERNAL_SERVER_ERROR,
                words,
                (words.refused, words.broken),
            ),
        }
    }

    /// Answers whoever shows a code, at `now`.
    fn tokens(&self, given: &Parameters, now: Timestamp) -> Response {
        let (status, body) = match exchange::exchange(&self.issuer, &self.codes, given, now) {
            Ok(tokens) => (StatusCode::OK, tokens),
            Err(refused) => {
                let status = match &refused {
                    exchange::Refused::NoKey(_) => StatusCode::INTERNAL_SERVER_ERROR,
                    exchange::Refused::Request(_)
                    | exchange::Refused::Client
                    | exchange::Refused::Grant(_)
                    | exchange::Refused::GrantType => StatusCode::BAD_REQUEST,
                };
                let told =
                    json!({"error": refused.code(), "error_description": refused.to_string()});
                (status, told)
            }
        };
        (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
    }

    /// Answers whoever signs out: there is no session to end.
    fn leave(&self, given: &Parameters, words: &Words) -> Response {
        let Some(address) = given.get("post_logout_redirect_uri") else {
            let said = (words.signed_out, words.signed_out_lead);
            return page::notice(StatusCode::OK, words, said);
        };
        let Some(mut address) = self.origins.own(address) else {
            return page::notice(
                StatusCode::BAD_REQUEST,
                words,
                (words.refused, words.bad_redirect),
            );
        };
        if let Some(state) = given.get("state") {
            address.query_pairs_mut().append_pair("state", state);
        }
        away(address.as_str())
    }
}

fn told(refused: Refused, words: &Words) -> Response {
    let said = match refused {
        Refused::Client => words.bad_client,
        Refused::Redirect => words.bad_redirect,
        Refused::Told { to, error, description } => {
            let parameters =
                [("error", error), ("error_description", description), ("iss", ISSUER)];
            return away(to.with(&parameters).as_str());
        }
    };
    page::notice(StatusCode::BAD_REQUEST, words, (words.refused, said))
}

/// Sends the browser on, by GET, and lets nobody keep the answer.
fn away(address: &str) -> Response {
    let headers = [(header::CACHE_CONTROL, "no-store"), (header::REFERRER_POLICY, "no-referrer")];
    (headers, Redirect::to(address)).into_response()
}

/// What was typed, if it can be an address; the functions look at it closely.
fn address(typed: &str) -> Option<&str> {
    let typed = typed.trim();
    let (local, domain) = typed.split_once('@')?;
    let plain =
        !typed.contains(|character: char| character.is_whitespace() || character.is_control());
    let whole = !local.is_empty() && !domain.is_empty() && !domain.contains('@');
    (plain && whole && typed.len() <= 254).then_some(typed)
}

/// The words of the language that the client asks for, else of the browser's.
fn words(given: &Parameters, headers: &HeaderMap) -> &'static Words {
    let wanted = given.get("ui_locales").unwrap_or_default();
    let wanted = wanted.split(' ').find_map(Language::tagged);
    Words::of(wanted.unwrap_or_else(|| Language::of(headers)))
}

/// The routes of the sign-in, below `/_local`.
pub fn router(sign_in: SignIn) -> Router {
    // A client may send its requests by GET or by POST (OpenID Connect, 3.1.2.1).
    Router::new()
        .route("/_local/.well-known/openid-configuration", get(configuration))
        .route("/_local/authorize", get(authorize).post(authorize))
        .route("/_local/sign-in", post(choose))
        .route("/_local/token", post(token))
        .route("/_local/logout", get(leave).post(leave))
        .with_state(Arc::new(sign_in))
}

type Here = State<Arc<SignIn>>;

async fn configuration(State(sign_in): Here, headers: HeaderMap) -> Json<Value> {
    Json(SignIn::configuration(sign_in.origins.of(&headers)))
}

async fn authorize(State(sign_in): Here, headers: HeaderMap, RawForm(form): RawForm) -> Response {
    let given = Parameters::parse(&form);
    sign_in.ask(&given, words(&given, &headers))
}

async fn choose(State(sign_in): Here, headers: HeaderMap, RawForm(form): RawForm) -> Response {
    let given = Parameters::parse(&form);
    sign_in.choose(&given, words(&given, &headers), clock::now())
}

async fn token(State(sign_in): Here, RawForm(form): RawForm) -> Response {
    sign_in.tokens(&Parameters::parse(&form), clock::now())
}

async fn leave(State(sign_in): Here, headers: HeaderMap, RawForm(form): RawForm) -> Response {
    let given = Parameters::parse(&form);
    sign_in.leave(&given, words(&given, &headers))
}
