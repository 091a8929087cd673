//! Sign-in at the local issuer: the authorization code flow of OpenID Connect with PKCE.
//!
//! There is no password and no session: each sign-in shows a page where the user chooses a person.

mod page;
mod request;
#[cfg(test)]
mod tests;
mod tokens;
mod words;

use crate::issuer::{ISSUER, Issuer};
use crate::origins::Origins;
use crate::values::now;
use axum::extract::{RawForm, State};
use axum::http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, REFERRER_POLICY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use page::InvalidInput;
use request::{AuthorizationRequest, Parameters, Rejection};
use serde_json::{Value, json};
use std::sync::Arc;
use tokens::{Codes, SignedIn};
use words::Words;

pub use request::SCOPES;

pub struct SignIn {
    issuer: Arc<Issuer>,
    origins: Origins,
    codes: Codes,
    with_demo: bool,
}

impl SignIn {
    /// A sign-in that redirects only to `origins`. With `with_demo`, its page lists the people of the demonstration.
    pub fn new(issuer: Arc<Issuer>, origins: Origins, with_demo: bool) -> Self {
        Self { issuer, origins, codes: Codes::default(), with_demo }
    }

    /// The discovery document, with addresses at `origin`.
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

    /// Responds to an authorization request with the page, or with its rejection.
    fn authorize(&self, parameters: &Parameters, words: &Words) -> Response {
        match AuthorizationRequest::parse(parameters, &self.origins) {
            Ok(_) => self.page(parameters, words, None),
            Err(rejection) => rejected(rejection, words),
        }
    }

    fn page(
        &self,
        parameters: &Parameters,
        words: &Words,
        invalid: Option<&InvalidInput<'_>>,
    ) -> Response {
        let groups = if self.with_demo { page::groups(words) } else { Vec::new() };
        let suggested = parameters.get("login_hint").and_then(address);
        let groups = page::with_suggestion(groups, suggested, words);
        page::sign_in((words, &self.origins), &parameters.for_form(), &groups, invalid)
    }

    /// Responds to the form of the page at `now`.
    fn choose(&self, parameters: &Parameters, words: &Words, now: Timestamp) -> Response {
        let request = match AuthorizationRequest::parse(parameters, &self.origins) {
            Ok(request) => request,
            Err(rejection) => return rejected(rejection, words),
        };
        let email = parameters.get("email").unwrap_or_default();
        let name = parameters.get("name").map(str::trim).filter(|name| !name.is_empty());
        let Some(valid) = address(email) else {
            let invalid = InvalidInput { email, name: name.unwrap_or_default() };
            return self.page(parameters, words, Some(&invalid));
        };
        let code = self.codes.issue(SignedIn {
            redirect_uri: request.redirect_uri,
            challenge: request.challenge,
            scope: request.scope,
            nonce: request.nonce,
            email: valid.to_owned(),
            name: name.or_else(|| page::name_of(valid)).map(ToOwned::to_owned),
            at: now,
        });
        // RFC 9207: the response names its issuer.
        redirect(request.reply_to.with(&[("code", &code), ("iss", ISSUER)]).as_str())
    }

    /// Responds to a token request at `now`.
    fn token(&self, parameters: &Parameters, now: Timestamp) -> Response {
        let (status, body) = match self.codes.exchange(&self.issuer, parameters, now) {
            Ok(tokens) => (StatusCode::OK, tokens),
            Err((error, description)) => {
                let status = match error {
                    "server_error" => StatusCode::INTERNAL_SERVER_ERROR,
                    _ => StatusCode::BAD_REQUEST,
                };
                (status, json!({"error": error, "error_description": description}))
            }
        };
        (status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
    }

    /// Responds to a logout request. There is no session to end.
    fn log_out(&self, parameters: &Parameters, words: &Words) -> Response {
        let Some(address) = parameters.get("post_logout_redirect_uri") else {
            let text = (words.signed_out, words.signed_out_lead);
            return page::message(StatusCode::OK, words, text);
        };
        let Some(mut address) = self.origins.own(address) else {
            return rejected(Rejection::RedirectUri, words);
        };
        if let Some(state) = parameters.get("state") {
            address.query_pairs_mut().append_pair("state", state);
        }
        redirect(address.as_str())
    }
}

fn rejected(rejection: Rejection, words: &Words) -> Response {
    let text = match rejection {
        Rejection::Client => words.unknown_client,
        Rejection::RedirectUri => words.foreign_redirect,
        Rejection::Error(reply_to, (error, description)) => {
            let parameters =
                [("error", error), ("error_description", description), ("iss", ISSUER)];
            return redirect(reply_to.with(&parameters).as_str());
        }
    };
    page::message(StatusCode::BAD_REQUEST, words, (words.rejected, text))
}

/// Redirects the browser with GET; the response must not be cached.
fn redirect(address: &str) -> Response {
    let headers = [(CACHE_CONTROL, "no-store"), (REFERRER_POLICY, "no-referrer")];
    (headers, Redirect::to(address)).into_response()
}

/// The input, if it looks like an address; the functions validate it fully.
fn address(input: &str) -> Option<&str> {
    let input = input.trim();
    let (local, domain) = input.split_once('@')?;
    let is_printable =
        !input.contains(|character: char| character.is_whitespace() || character.is_control());
    let is_complete = !local.is_empty() && !domain.is_empty() && !domain.contains('@');
    (is_printable && is_complete && input.len() <= 254).then_some(input)
}

/// The texts in the language that the OAuth client asks for, else in the browser's.
fn words(parameters: &Parameters, headers: &HeaderMap) -> &'static Words {
    let header = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    Words::preferred(parameters.get("ui_locales").unwrap_or_default(), header.unwrap_or_default())
}

/// The routes of the sign-in, below `/_local`.
pub fn router(sign_in: SignIn) -> Router {
    // A client may use GET or POST (OpenID Connect, 3.1.2.1).
    Router::new()
        .route("/_local/.well-known/openid-configuration", get(configuration))
        .route("/_local/authorize", get(authorize).post(authorize))
        .route("/_local/sign-in", post(choose))
        .route("/_local/token", post(token))
        .route("/_local/logout", get(log_out).post(log_out))
        .with_state(Arc::new(sign_in))
}

type SignInState = State<Arc<SignIn>>;

async fn configuration(State(sign_in): SignInState, headers: HeaderMap) -> Json<Value> {
    Json(SignIn::configuration(sign_in.origins.of(&headers)))
}

async fn authorize(
    State(sign_in): SignInState,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> Response {
    let parameters = Parameters::parse(&form);
    sign_in.authorize(&parameters, words(&parameters, &headers))
}

async fn choose(
    State(sign_in): SignInState,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> Response {
    let parameters = Parameters::parse(&form);
    sign_in.choose(&parameters, words(&parameters, &headers), now())
}

async fn token(State(sign_in): SignInState, RawForm(form): RawForm) -> Response {
    sign_in.token(&Parameters::parse(&form), now())
}

async fn log_out(
    State(sign_in): SignInState,
    headers: HeaderMap,
    RawForm(form): RawForm,
) -> Response {
    let parameters = Parameters::parse(&form);
    sign_in.log_out(&parameters, words(&parameters, &headers))
}
