//! The caller of a request, as claims that API Gateway has verified.

use serde_json::{Map, Value, json};

/// The verified claims of the caller, if any.
#[derive(Clone, Debug)]
pub struct Principal(Option<Map<String, Value>>);

impl Principal {
    /// No claims: a request without a login.
    pub const fn anonymous() -> Self {
        Self(None)
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

    /// Adds or replaces a claim.
    pub fn with(self, claim: &str, value: &str) -> Self {
        let mut claims = self.0.unwrap_or_default();
        claims.insert(claim.to_owned(), value.into());
        Self(Some(claims))
    }

    /// Removes a claim.
    pub fn without(self, claim: &str) -> Self {
        let mut claims = self.0.unwrap_or_default();
        claims.remove(claim);
        Self(Some(claims))
    }

    pub(crate) fn authorizer(&self) -> Option<Value> {
        self.0.as_ref().map(|claims| json!({ "jwt": { "claims": claims, "scopes": null } }))
    }
}
