//! The authorization request: its parameters, and how it is rejected.

use crate::issuer::CONSOLE;
use crate::origins::Origins;
use data_encoding::BASE64URL_NOPAD;
use reqwest::Url;
use std::collections::{BTreeMap, BTreeSet};

/// The scopes that a person's token may have. Others in a request are ignored.
pub const SCOPES: [&str; 3] = ["openid", "email", "profile"];

/// The parameters that the sign-in page repeats in its form.
const REPEATED_IN_FORM: [&str; 9] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "ui_locales",
];

/// An error code of OAuth 2.0, and a description for the client's developer.
pub type OAuthError = (&'static str, &'static str);

/// The parameters of a query or form, with the rules of RFC 6749.
#[derive(Default)]
pub struct Parameters {
    values: BTreeMap<String, String>,
    repeated: BTreeSet<String>,
}

impl Parameters {
    pub fn parse(form: &[u8]) -> Self {
        let mut parameters = Self::default();
        // A parameter without a value counts as missing (RFC 6749, 3.1).
        for (name, value) in form_urlencoded::parse(form).filter(|(_, value)| !value.is_empty()) {
            if parameters.values.insert(name.to_string(), value.into_owned()).is_some() {
                parameters.repeated.insert(name.into_owned());
            }
        }
        parameters
    }

    /// The value of a parameter, unless it is repeated.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).filter(|_| !self.repeated.contains(name)).map(String::as_str)
    }

    /// # Errors
    /// When a parameter is repeated, which no request may do (RFC 6749, 3.1 and 3.2).
    pub fn check_unique(&self) -> Result<(), OAuthError> {
        let unique = self.repeated.is_empty();
        unique.then_some(()).ok_or(("invalid_request", "a parameter is repeated"))
    }

    /// The parameters of an authorization request for the form of the sign-in page.
    pub fn for_form(&self) -> Vec<(&'static str, &str)> {
        REPEATED_IN_FORM.into_iter().filter_map(|name| Some((name, self.get(name)?))).collect()
    }
}

/// A valid request, to be answered with a code.
#[derive(Debug)]
pub struct AuthorizationRequest {
    pub reply_to: ReplyTo,
    /// The redirection address as it was sent: the code's exchange must repeat it exactly.
    pub redirect_uri: String,
    /// The scopes, separated by spaces.
    pub scope: String,
    pub nonce: Option<String>,
    /// The hash of the code verifier (RFC 7636).
    pub challenge: Vec<u8>,
}

/// The address of a reply to the client, and the state to send back.
#[derive(Debug)]
pub struct ReplyTo {
    address: Url,
    state: Option<String>,
}

/// Why a request is not answered with a code.
#[derive(Debug)]
pub enum Rejection {
    /// The client is unknown. Only the user sees this.
    Client,
    /// The redirection address is not the stack's own. Only the user sees this.
    RedirectUri,
    /// The client receives this error (RFC 6749, 4.1.2.1).
    Error(Box<ReplyTo>, OAuthError),
}

impl ReplyTo {
    /// The address with its own parameters, these, and the state.
    pub fn with(mut self, parameters: &[(&str, &str)]) -> Url {
        let state = self.state.iter().map(|state| ("state", state));
        self.address.query_pairs_mut().extend_pairs(parameters).extend_pairs(state);
        self.address
    }
}

impl AuthorizationRequest {
    pub fn parse(parameters: &Parameters, origins: &Origins) -> Result<Self, Rejection> {
        if parameters.get("client_id") != Some(CONSOLE) {
            return Err(Rejection::Client);
        }
        let redirect_uri = parameters.get("redirect_uri").ok_or(Rejection::RedirectUri)?;
        let address = origins.own(redirect_uri).ok_or(Rejection::RedirectUri)?;
        let reply_to = ReplyTo { address, state: parameters.get("state").map(ToOwned::to_owned) };
        match scope_and_challenge(parameters) {
            Ok((scope, challenge)) => Ok(Self {
                reply_to,
                redirect_uri: redirect_uri.to_owned(),
                scope,
                nonce: parameters.get("nonce").map(ToOwned::to_owned),
                challenge,
            }),
            Err(error) => Err(Rejection::Error(Box::new(reply_to), error)),
        }
    }
}

/// The granted scopes and the challenge of a request whose client and redirection address are valid.
fn scope_and_challenge(parameters: &Parameters) -> Result<(String, Vec<u8>), OAuthError> {
    let invalid = |description| Err(("invalid_request", description));
    parameters.check_unique()?;
    match parameters.get("response_type") {
        Some("code") => {}
        Some(_) => return Err(("unsupported_response_type", "response_type must be code")),
        None => return invalid("response_type is missing"),
    }
    if parameters.get("response_mode").is_some_and(|mode| mode != "query") {
        return invalid("response_mode must be query");
    }
    if parameters.get("request").is_some() {
        return Err(("request_not_supported", "request is not supported"));
    }
    if parameters.get("request_uri").is_some() {
        return Err(("request_uri_not_supported", "request_uri is not supported"));
    }
    if parameters.get("code_challenge_method") != Some("S256") {
        return invalid("code_challenge_method must be S256");
    }
    let challenge = parameters.get("code_challenge").unwrap_or_default();
    let challenge = BASE64URL_NOPAD.decode(challenge.as_bytes()).unwrap_or_default();
    if challenge.len() != 32 {
        return invalid("code_challenge must be a SHA-256 hash in base64url");
    }
    let scopes: Vec<_> = parameters.get("scope").unwrap_or_default().split(' ').collect();
    if !scopes.contains(&"openid") {
        return Err(("invalid_scope", "scope must include openid"));
    }
    // There is no session: each sign-in shows the page.
    let prompt = parameters.get("prompt").unwrap_or_default();
    if prompt.split(' ').any(|word| word == "none") {
        return Err(("login_required", "no user is signed in: each sign-in shows the page"));
    }
    let scopes: Vec<_> = SCOPES.into_iter().filter(|scope| scopes.contains(scope)).collect();
    Ok((scopes.join(" "), challenge))
}
