//! Who calls: the claims that API Gateway would hand over.

use serde_json::{Map, Value, json};

/// Who calls.
#[derive(Clone, Debug)]
pub struct Who(Option<Map<String, Value>>);

impl Who {
    /// Nobody: no claims at all.
    #[must_use]
    pub const fn nobody() -> Self {
        Self(None)
    }

    /// The event platform's own backend.
    #[must_use]
    pub fn platform() -> Self {
        Self::nobody()
            .with("iss", "https://issuer.test")
            .with("sub", "platform")
            .with("scope", "openid coulisses/platform")
            .with("client_id", "platform")
    }

    /// A person with this verified address, and an account of the same name.
    #[must_use]
    pub fn person(email: &str) -> Self {
        Self::nobody()
            .with("iss", "https://issuer.test")
            .with("sub", &format!("account of {email}"))
            .with("email", email)
            .with("email_verified", "true")
    }

    /// The same with another claim, or another value of one.
    #[must_use]
    pub fn with(self, claim: &str, value: &str) -> Self {
        let mut claims = self.0.unwrap_or_default();
        claims.insert(claim.to_owned(), value.into());
        Self(Some(claims))
    }

    /// The same without a claim.
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
