//! The principal of a request, from the claims that API Gateway's authorizer verified and from nothing else
//! (docs/security.md).

use std::collections::HashMap;

use coulisses_domain::{
    actor::OauthClient,
    caller::{Caller, Login, Standing, User},
    collaborator::Account,
    email::Email,
    scope::ClientId,
    text::Name,
    time::Timestamp,
};
use lambda_http::{RequestExt, request::RequestContext};
use subtle::ConstantTimeEq;

use super::{Code, Explained, Failure, Request};
use crate::{claims::Claims, config::Settings};

/// The platform names the collaborator on whose behalf it acts in this header.
const ON_BEHALF_OF: &str = "on-behalf-of";

/// The event platform or a user, as the token's claims name them. Only [`Principal::from_request`] makes one.
#[derive(Debug)]
pub struct Principal {
    account: Account,
    acting: Acting,
}

/// Whose rights apply.
#[derive(Debug)]
enum Acting {
    Platform(OauthClient),
    User(Identity),
}

/// A user with a verified e-mail address.
#[derive(Debug)]
pub struct Identity {
    /// How the user is known.
    pub login: Login,
    /// The verified address.
    pub email: Email,
    /// The name in the account, if it is a valid one.
    pub name: Option<Name>,
    /// Whether they have the role of support.
    pub support: bool,
    /// When they logged in, if the token says so.
    pub logged_in_at: Option<Timestamp>,
}

impl Principal {
    /// Reads the verified claims; never the body. Only the platform names someone else in a header, `On-Behalf-Of`.
    ///
    /// # Errors
    /// `unauthenticated` without claims, with those of an ID token or without the required scope, `email-not-verified`
    /// for a user without a verified address, `email-not-supported` for one whose address no invitation can have,
    /// `forbidden` for a user who acts on someone's behalf, `malformed` for a header that is not one address, and those of
    /// [`check_origin`].
    pub fn from_request(request: &Request, settings: &Settings) -> Result<Self, Failure> {
        check_origin(request, settings)?;
        let found = claims(request).ok_or(Code::Unauthenticated)?;
        let claim =
            |name: &str| found.get(name).map(String::as_str).filter(|value| !value.is_empty());
        if is_id_token(&claim) {
            return Err(Code::Unauthenticated.into());
        }
        let claims = &settings.claims;
        if let Some(oauth_client) = platform(&claim, settings) {
            let iss = claim("iss").unwrap_or_default().to_owned();
            let sub = claim("sub").unwrap_or(oauth_client).to_owned();
            let oauth_client = OauthClient::new(oauth_client.to_owned());
            let acting = match on_behalf_of(request)? {
                None => Acting::Platform(oauth_client),
                Some(email) => {
                    let login = Login::OnBehalf(oauth_client);
                    let (support, logged_in_at) = (false, None);
                    Acting::User(Identity { login, email, name: None, support, logged_in_at })
                }
            };
            return Ok(Self { account: Account { iss, sub }, acting });
        }
        if request.headers().contains_key(ON_BEHALF_OF) {
            return Err(Code::Forbidden.into());
        }
        let (Some(iss), Some(sub)) = (claim("iss"), claim(&claims.subject)) else {
            return Err(Code::Unauthenticated.into());
        };
        if claims.required_scope.as_deref().is_some_and(|scope| !has_scope(&claim, scope)) {
            return Err(Code::Unauthenticated.into());
        }
        // API Gateway passes claims as strings, so only this string means that the address is verified.
        let is_verified = |name: &String| claim(name) == Some("true");
        if !claims.email_verified.as_ref().is_none_or(is_verified) {
            return Err(Code::EmailNotVerified.into());
        }
        let email = claim(&claims.email).ok_or(Code::EmailNotVerified)?;
        let email = Email::claimed(email)
            .map_err(|error| Failure::because(Code::EmailNotSupported, error.reason()))?;
        let account = Account { iss: iss.to_owned(), sub: sub.to_owned() };
        let name = claim(&claims.name).and_then(|name| Name::entered(name).ok());
        let login = Login::Account(account.clone());
        let support = has_role(&claim, claims);
        let logged_in_at = claim(&claims.auth_time).and_then(time);
        let identity = Identity { login, email, name, support, logged_in_at };
        Ok(Self { account, acting: Acting::User(identity) })
    }

    /// The account of the token, a user's or the platform's.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// The user; `None` for the platform as itself.
    #[must_use]
    pub const fn identity(&self) -> Option<&Identity> {
        match &self.acting {
            Acting::Platform(_) => None,
            Acting::User(identity) => Some(identity),
        }
    }

    /// The place of the principal in the deployment.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        match &self.acting {
            Acting::Platform(_) => Standing::Platform,
            Acting::User(Identity { support: true, .. }) => Standing::Support,
            Acting::User(Identity { support: false, .. }) => Standing::User,
        }
    }

    /// The address of the user on whose behalf the platform acts.
    #[must_use]
    pub fn on_behalf_of(&self) -> Option<&Email> {
        let identity = self.identity()?;
        matches!(identity.login, Login::OnBehalf(_)).then_some(&identity.email)
    }

    /// The principal as they are known in `client`, still without their record.
    #[must_use]
    pub fn caller_in(&self, client: &ClientId, settings: &Settings) -> Caller {
        match &self.acting {
            Acting::Platform(oauth_client) => Caller::Platform(oauth_client.clone()),
            Acting::User(identity) => Caller::User(Box::new(User {
                id: settings.ids.collaborator(client, &identity.email),
                login: identity.login.clone(),
                email: identity.email.clone(),
                name: identity.name.clone(),
                record: None,
                support: identity.support,
                logged_in_at: identity.logged_in_at,
            })),
        }
    }
}

/// Refuses a request that did not come through the deployment's `CloudFront` distribution, if it must, and would so bypass
/// the web application firewall.
///
/// # Errors
/// `forbidden`.
pub fn check_origin(request: &Request, settings: &Settings) -> Result<(), Failure> {
    let Some(expected) = &settings.origin_secret else { return Ok(()) };
    let sent = request.headers().get("x-origin-secret").map_or(&b""[..], |sent| sent.as_bytes());
    if bool::from(sent.ct_eq(expected.as_bytes())) { Ok(()) } else { Err(Code::Forbidden.into()) }
}

/// The address in `On-Behalf-Of`, if the header is there.
fn on_behalf_of(request: &Request) -> Result<Option<Email>, Failure> {
    let mut values = request.headers().get_all(ON_BEHALF_OF).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let email = value.to_str().ok().and_then(|email| Email::claimed(email).ok());
    match (email, values.next()) {
        (Some(email), None) => Ok(Some(email)),
        (_, _) => Err(Failure::malformed(
            "On-Behalf-Of n’est pas une seule adresse e-mail",
            "On-Behalf-Of is not one e-mail address",
        )),
    }
}

/// The OAuth client, if the request is the platform's: its scope or app role, a listed OAuth client, and no user's address.
fn platform<'a>(claim: &impl Fn(&str) -> Option<&'a str>, settings: &Settings) -> Option<&'a str> {
    let listed = |oauth_client: &&str| {
        settings.platform_oauth_clients.iter().any(|known| known == oauth_client)
    };
    // The claim of OAuth 2.0, of OpenID Connect, of Okta, and of Entra ID's first version.
    let oauth_clients = ["client_id", "azp", "cid", "appid"];
    let oauth_client = oauth_clients.into_iter().filter_map(claim).find(listed)?;
    let is_platform = has_scope(claim, &settings.claims.platform_scope);
    let has_address = ["email", &settings.claims.email].into_iter().any(|it| claim(it).is_some());
    (is_platform && !has_address).then_some(oauth_client)
}

/// Whether a token has this scope, or this app role of Entra ID. Okta and Entra ID name scopes `scp`. API Gateway passes a
/// list as `[a b]`.
fn has_scope<'a>(claim: &impl Fn(&str) -> Option<&'a str>, scope: &str) -> bool {
    let claims = ["scope", "scp", "roles"].into_iter().filter_map(claim);
    claims.flat_map(words).any(|word| word == scope)
}

/// Whether a user has the role of support, as an app role or as a group, which Cognito names `cognito:groups`. A scope says
/// what an OAuth client may ask for, not who the user is, so it gives no role.
fn has_role<'a>(claim: &impl Fn(&str) -> Option<&'a str>, claims: &Claims) -> bool {
    let roles = [&*claims.roles, "groups", "cognito:groups"].into_iter().filter_map(claim);
    roles.flat_map(words).any(|word| word == claims.support)
}

/// A time in seconds since 1970. API Gateway passes numbers as text, which can be `1.7953488e+09`.
fn time(seconds: &str) -> Option<Timestamp> {
    /// In the year 5138: a claim beyond it is none.
    const LAST: f64 = 1e11;
    let seconds = seconds.parse::<f64>().ok().filter(|seconds| (0.0..=LAST).contains(seconds))?;
    let seconds: i64 = format!("{seconds:.0}").parse().ok()?;
    Some(Timestamp::from_millis(seconds.saturating_mul(1_000)))
}

/// The words of a claim with a list.
fn words(value: &str) -> impl Iterator<Item = &str> {
    value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(value).split(' ')
}

/// Whether a token is an ID token, which is for the OAuth client alone and ends up in front-ends and logs. Cognito and
/// Keycloak mark it.
fn is_id_token<'a>(claim: &impl Fn(&str) -> Option<&'a str>) -> bool {
    claim("token_use") == Some("id") || claim("typ") == Some("ID")
}

fn claims(request: &Request) -> Option<&HashMap<String, String>> {
    let RequestContext::ApiGatewayV2(context) = request.request_context_ref()? else { return None };
    let jwt = context.authorizer.as_ref()?.jwt.as_ref()?;
    (!jwt.claims.is_empty()).then_some(&jwt.claims)
}
