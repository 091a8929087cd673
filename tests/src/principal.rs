//! The caller of a request, as claims that API Gateway has verified.

use serde_json::{Map, Value, json};

/// The verified claims of the caller, if any, and the address in `On-Behalf-Of`.
#[derive(Clone, Debug)]
pub struct Principal(Option<Map<String, Value>>, Option<String>);

impl Principal {
    /// No claims: a request without a login.
    pub const fn anonymous() -> Self {
        Self(None, None)
    }

    /// The backend of the event platform.
    pub fn platform() -> Self {
        Self::anonymous()
            .with("iss", "https://issuer.test")
            .with("sub", "platform")
            .with("scope", "openid coulisses/platform")
            .with("client_id", "platform")
    }

    /// A user with this verified address and an account named after it.
    pub fn user(email: &str) -> Self {
        Self::anonymous()
            .with("iss", "https://issuer.test")
            .with("sub", &format!("account of {email}"))
            .with("email", email)
            .with("email_verified", "true")
    }

    /// A user of the platform's support.
    pub fn support(email: &str) -> Self {
        Self::user(email).with("roles", "[staff coulisses-support]")
    }

    /// Adds or replaces a claim.
    pub fn with(self, claim: &str, value: &str) -> Self {
        let mut claims = self.0.unwrap_or_default();
        claims.insert(claim.to_owned(), value.into());
        Self(Some(claims), self.1)
    }

    /// Removes a claim.
    pub fn without(self, claim: &str) -> Self {
        let mut claims = self.0.unwrap_or_default();
        claims.remove(claim);
        Self(Some(claims), self.1)
    }

    /// The same caller on behalf of a user.
    pub fn on_behalf_of(self, email: &str) -> Self {
        Self(self.0, Some(email.to_owned()))
    }

    /// The header that names the user on whose behalf the caller acts.
    pub(crate) fn header(&self) -> Option<(&'static str, &str)> {
        self.1.as_deref().map(|email| ("on-behalf-of", email))
    }

    pub(crate) fn authorizer(&self) -> Option<Value> {
        self.0.as_ref().map(|claims| json!({ "jwt": { "claims": claims, "scopes": null } }))
    }
}
