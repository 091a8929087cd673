//! The authorization request: what a client asks for, and how it is refused.

use super::parameters::Parameters;
use crate::issuer::CONSOLE;
use crate::origins::Origins;
use data_encoding::BASE64URL_NOPAD;
use reqwest::Url;

/// The scopes that a person's token may have; what else is asked for is left out of it.
pub const SCOPES: [&str; 3] = ["openid", "email", "profile"];

/// The parameters that a page hands on to the choice that is made on it.
const HANDED_ON: [&str; 9] = [
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

/// A request that may be answered with a code.
#[derive(Debug)]
pub struct Asked {
    /// Where the answer goes.
    pub answer_to: Answer,
    /// The redirection address, letter by letter: the code's exchange must name the same.
    pub redirect_uri: String,
    /// The scopes, separated by spaces.
    pub scope: String,
    /// What the ID token repeats.
    pub nonce: Option<String>,
    /// The hash of the verifier that the code's exchange must show (RFC 7636).
    pub challenge: Vec<u8>,
}

/// Where an answer goes, and what goes back with it.
#[derive(Debug)]
pub struct Answer {
    address: Url,
    state: Option<String>,
}

/// Why a request is not answered with a code.
#[derive(Debug)]
pub enum Refused {
    /// The client is not known: only the person is told.
    Client,
    /// The redirection address is not the stack's own: only the person is told.
    Redirect,
    /// The client is told (RFC 6749, 4.1.2.1).
    Told {
        /// Where.
        to: Box<Answer>,
        /// The error's code.
        error: &'static str,
        /// What is wrong, for who develops the client.
        description: &'static str,
    },
}

impl Answer {
    /// The address with these parameters, those that it had, and the state.
    pub fn with(mut self, parameters: &[(&str, &str)]) -> Url {
        {
            let mut pairs = self.address.query_pairs_mut();
            pairs.extend_pairs(parameters);
            pairs.extend_pairs(self.state.iter().map(|state| ("state", state)));
        }
        self.address
    }
}

impl Asked {
    /// Reads a request.
    ///
    /// # Errors
    /// When it may not be answered with a code.
    pub fn read(given: &Parameters, origins: &Origins) -> Result<Self, Refused> {
        if given.get("client_id") != Some(CONSOLE) {
            return Err(Refused::Client);
        }
        let redirect_uri = given.get("redirect_uri").ok_or(Refused::Redirect)?;
        let address = origins.own(redirect_uri).ok_or(Refused::Redirect)?;
        let to = Answer { address, state: given.get("state").map(ToOwned::to_owned) };
        match checked(given) {
            Ok((scope, challenge)) => Ok(Self {
                answer_to: to,
                redirect_uri: redirect_uri.to_owned(),
                scope,
                nonce: given.get("nonce").map(ToOwned::to_owned),
                challenge,
            }),
            Err((error, description)) => {
                Err(Refused::Told { to: Box::new(to), error, description })
            }
        }
    }
}

/// The scope that is given and the challenge, or the error's code and what is wrong.
fn checked(given: &Parameters) -> Result<(String, Vec<u8>), (&'static str, &'static str)> {
    let invalid = |description| Err(("invalid_request", description));
    if given.are_repeated() {
        return invalid("a parameter is there more than once");
    }
    match given.get("response_type") {
        Some("code") => {}
        Some(_) => return Err(("unsupported_response_type", "response_type is code")),
        None => return invalid("response_type is missing"),
    }
    if given.get("response_mode").is_some_and(|mode| mode != "query") {
        return invalid("response_mode is query");
    }
    if given.get("request").is_some() {
        return Err(("request_not_supported", "request is not supported"));
    }
    if given.get("request_uri").is_some() {
        return Err(("request_uri_not_supported", "request_uri is not supported"));
    }
    if given.get("code_challenge_method") != Some("S256") {
        return invalid("code_challenge_method is S256");
    }
    let challenge = given.get("code_challenge").unwrap_or_default();
    let challenge = BASE64URL_NOPAD.decode(challenge.as_bytes()).unwrap_or_default();
    if challenge.len() != 32 {
        return invalid("code_challenge is the base64url of a SHA-256");
    }
    let wanted: Vec<_> = given.get("scope").unwrap_or_default().split(' ').collect();
    if !wanted.contains(&"openid") {
        return Err(("invalid_scope", "scope holds openid"));
    }
    // Nobody is signed in here: every sign-in asks who one is.
    if given.get("prompt").is_some_and(|prompt| prompt.split(' ').any(|word| word == "none")) {
        return Err(("login_required", "nobody is signed in: each sign-in shows the page"));
    }
    let scope: Vec<_> = SCOPES.into_iter().filter(|scope| wanted.contains(scope)).collect();
    Ok((scope.join(" "), challenge))
}

/// What the page hands on: the request's own parameters.
pub fn handed_on(given: &Parameters) -> Vec<(&'static str, &str)> {
    HANDED_ON.into_iter().filter_map(|name| Some((name, given.get(name)?))).collect()
}
