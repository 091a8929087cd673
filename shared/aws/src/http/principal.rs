//! Who calls: made of the claims that API Gateway's authorizer verified, and of nothing else.

use std::collections::HashMap;

use coulisses_domain::{collaborator::Account, email::Email, text::Name};
use lambda_http::{RequestExt, request::RequestContext};

use super::{Code, Failure, Request};
use crate::app::Settings;

/// Who calls. Only [`Principal::from_request`] makes one.
#[derive(Debug)]
pub struct Principal {
    who: Who,
    /// The account that the claims name, a person's or the platform's.
    account: Account,
}

#[derive(Debug)]
enum Who {
    Platform,
    User(Identity),
}

/// A person with a verified address, as the claims say.
#[derive(Debug)]
pub struct Identity {
    /// The account.
    pub account: Account,
    /// The verified address.
    pub email: Email,
    /// What the account says the person is called.
    pub name: Option<Name>,
}

impl Principal {
    /// Reads the claims that the authorizer verified; never a header or the body.
    ///
    /// # Errors
    /// `unauthenticated` without claims, `email-not-verified` for a person without a verified address.
    pub fn from_request(request: &Request, settings: &Settings) -> Result<Self, Failure> {
        let claims = claims(request).ok_or(Code::Unauthenticated)?;
        let claim =
            |name: &str| claims.get(name).map(String::as_str).filter(|value| !value.is_empty());
        if let Some(client) = platform(&claim, settings) {
            let (iss, sub) = (claim("iss").unwrap_or_default(), claim("sub").unwrap_or(client));
            let account = Account { iss: iss.to_owned(), sub: sub.to_owned() };
            return Ok(Self { who: Who::Platform, account });
        }
        let (Some(iss), Some(sub)) = (claim("iss"), claim("sub")) else {
            return Err(Code::Unauthenticated.into());
        };
        // API Gateway hands claims over as strings: only this one says that the address is the caller's.
        if claim("email_verified") != Some("true") {
            return Err(Code::EmailNotVerified.into());
        }
        let email = claim("email")
            .and_then(|email| Email::parse(email).ok())
            .ok_or(Code::EmailNotVerified)?;
        let account = Account { iss: iss.to_owned(), sub: sub.to_owned() };
        let name = claim("name").and_then(|name| Name::parse(name).ok());
        let identity = Identity { account: account.clone(), email, name };
        Ok(Self { who: Who::User(identity), account })
    }

    /// The account that calls, a person's or the platform's: what it asked once is not another's.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// The person who calls; `None` if it is the event platform.
    #[must_use]
    pub const fn collaborator(&self) -> Option<&Identity> {
        match &self.who {
            Who::Platform => None,
            Who::User(identity) => Some(identity),
        }
    }
}

/// The event platform's own backend, by its client: the exact word in `scope`, from a listed client, and no person's
/// address.
fn platform<'a>(claim: &impl Fn(&str) -> Option<&'a str>, settings: &Settings) -> Option<&'a str> {
    let scopes = claim("scope").unwrap_or_default();
    let listed =
        |client: &&str| settings.platform_oauth_clients.iter().any(|known| known == client);
    let client = [claim("client_id"), claim("azp")].into_iter().flatten().find(listed)?;
    let is_platform = scopes.split(' ').any(|scope| scope == "coulisses/platform");
    (is_platform && claim("email").is_none()).then_some(client)
}

fn claims(request: &Request) -> Option<&HashMap<String, String>> {
    let RequestContext::ApiGatewayV2(context) = request.request_context_ref()? else { return None };
    let jwt = context.authorizer.as_ref()?.jwt.as_ref()?;
    (!jwt.claims.is_empty()).then_some(&jwt.claims)
}
