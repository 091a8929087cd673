//! The caller of a request, as claims that API Gateway has verified.

use serde_json::{Map, Value, json};

/// The verified claims of the caller, if any.
#[derive(Clone, Debug)]
pub struct Principal(Option<Map<String, Value>>);

impl Principal {
    /// No claims: a request without a login.
    #[must_use]
    pub const fn nobody() -> Self {
        Self(None)
    }

    /// The backend of the event platform.
    #[must_use]
    pub fn platform() -> Self {
        Self::nobody()
            .with("iss", "https://issuer.test")
            .with("sub", "platform")
            .with("scope", "openid coulisses/platform")
            .with("client_id", "platform")
    }

    /// A user with this verified address and an account named after it.
    #[must_use]
    pub fn person(email: &str) -> Self {
        Self::nobody()
            .with("iss", "https://issuer.test")
            .with("sub", &format!("account of {email}"))
            .with("email", email)
            .with("email_verified", "true")
    }

    /// Adds or replaces a claim.
    #[must_use]
    pub fn with(self, claim: &str, value: &str) -> Self {
        let mut claims = self.0.unwrap_or_default();
        claims.insert(claim.to_owned(), value.into());
        Self(Some(claims))
    }

    /// Removes a claim.
    #[must_use]
    pub fn without(self, claim: &str) -> Self {
        let mut claims = self.0.unwrap_or_default();
        claims.remove(claim);
        Self(Some(claims))
    }

    pub(crate) fn authorizer(&self) -> Option<Value> {
        self.0.as_ref().map(|claims| json!({ "jwt": { "claims": claims, "scopes": null } }))
    }
}
