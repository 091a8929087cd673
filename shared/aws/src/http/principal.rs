//! The principal of a request, from the claims that API Gateway's authorizer verified and from nothing else
//! (docs/security.md).

use std::collections::HashMap;

use coulisses_domain::{
    collaborator::Account,
    email::Email,
    facts::{Caller, User},
    scope::ClientId,
    text::Name,
};
use lambda_http::{RequestExt, request::RequestContext};

use super::{Code, Failure, Request};
use crate::config::Settings;

/// The event platform or a user, as the token's claims name them. Only [`Principal::from_request`] makes one.
#[derive(Debug)]
pub struct Principal {
    account: Account,
    /// `None` for the platform.
    identity: Option<Identity>,
}

/// A user with a verified e-mail address.
#[derive(Debug)]
pub struct Identity {
    /// The account.
    pub account: Account,
    /// The verified address.
    pub email: Email,
    /// The name in the account, if it is a valid one.
    pub name: Option<Name>,
}

impl Principal {
    /// Reads the verified claims; never a header or the body.
    ///
    /// # Errors
    /// `unauthenticated` without claims, `email-not-verified` for a user without a verified address.
    pub fn from_request(request: &Request, settings: &Settings) -> Result<Self, Failure> {
        let claims = claims(request).ok_or(Code::Unauthenticated)?;
        let claim =
            |name: &str| claims.get(name).map(String::as_str).filter(|value| !value.is_empty());
        if let Some(oauth_client) = platform(&claim, settings) {
            let iss = claim("iss").unwrap_or_default().to_owned();
            let sub = claim("sub").unwrap_or(oauth_client).to_owned();
            return Ok(Self { account: Account { iss, sub }, identity: None });
        }
        let (Some(iss), Some(sub)) = (claim("iss"), claim("sub")) else {
            return Err(Code::Unauthenticated.into());
        };
        // API Gateway passes claims as strings, so only this string means that the address is verified.
        if claim("email_verified") != Some("true") {
            return Err(Code::EmailNotVerified.into());
        }
        let email = claim("email")
            .and_then(|email| Email::parse(email).ok())
            .ok_or(Code::EmailNotVerified)?;
        let account = Account { iss: iss.to_owned(), sub: sub.to_owned() };
        let name = claim("name").and_then(|name| Name::parse(name).ok());
        let identity = Some(Identity { account: account.clone(), email, name });
        Ok(Self { account, identity })
    }

    /// The account, a user's or the platform's. Idempotency keys belong to an account.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// The user; `None` for the platform.
    #[must_use]
    pub const fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// The principal as they are known in `client`, still without their record.
    #[must_use]
    pub fn caller_in(&self, client: &ClientId, settings: &Settings) -> Caller {
        match &self.identity {
            None => Caller::Platform,
            Some(identity) => Caller::User(Box::new(User {
                id: settings.ids.collaborator(client, &identity.email),
                account: identity.account.clone(),
                email: identity.email.clone(),
                name: identity.name.clone(),
                record: None,
            })),
        }
    }
}

/// The OAuth client, if the request is the platform's: the exact word in `scope`, a listed OAuth client, and no user's
/// address.
fn platform<'a>(claim: &impl Fn(&str) -> Option<&'a str>, settings: &Settings) -> Option<&'a str> {
    let scopes = claim("scope").unwrap_or_default();
    let listed = |oauth_client: &&str| {
        settings.platform_oauth_clients.iter().any(|known| known == oauth_client)
    };
    let oauth_client = [claim("client_id"), claim("azp")].into_iter().flatten().find(listed)?;
    let is_platform = scopes.split(' ').any(|scope| scope == "coulisses/platform");
    (is_platform && claim("email").is_none()).then_some(oauth_client)
}

fn claims(request: &Request) -> Option<&HashMap<String, String>> {
    let RequestContext::ApiGatewayV2(context) = request.request_context_ref()? else { return None };
    let jwt = context.authorizer.as_ref()?.jwt.as_ref()?;
    (!jwt.claims.is_empty()).then_some(&jwt.claims)
}
