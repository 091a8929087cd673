//! How the claims of a deployment's issuer differ from those of OpenID Connect (docs/identity-providers.md).

/// The value that means "this issuer verifies every address before it issues a token".
const ALWAYS: &str = "always";

/// The names of the claims that the API reads, and the scopes that it requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The claim with the account's identifier, unique below the issuer and never reused.
    pub subject: String,
    /// The claim with the e-mail address.
    pub email: String,
    /// The claim that says whether the address is verified; `None` if the issuer verifies every address.
    pub email_verified: Option<String>,
    /// The claim with the user's name.
    pub name: String,
    /// The scope or app role of the platform's own tokens.
    pub platform_scope: String,
    /// The scope that a user's token must have; `None` if every access token is accepted.
    pub required_scope: Option<String>,
    /// The claim with the roles of the user, beside `groups` and `cognito:groups`.
    pub roles: String,
    /// The claim with the time of the login, in seconds since 1970.
    pub auth_time: String,
    /// The role or group of the users who are the platform's support.
    pub support: String,
}

/// A pair that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("CLAIMS has `{0}`, which is not a pair such as `email=mail`")]
pub struct InvalidClaims(String);

impl Default for Claims {
    fn default() -> Self {
        Self {
            subject: "sub".to_owned(),
            email: "email".to_owned(),
            email_verified: Some("email_verified".to_owned()),
            name: "name".to_owned(),
            platform_scope: "coulisses/platform".to_owned(),
            required_scope: None,
            roles: "roles".to_owned(),
            auth_time: "auth_time".to_owned(),
            support: "coulisses-support".to_owned(),
        }
    }
}

impl Claims {
    /// Reads pairs separated by commas, such as `email=mail,email_verified=always`. What is not named keeps its default.
    ///
    /// # Errors
    /// [`InvalidClaims`] with the first pair that has no value or an unknown name.
    pub fn parse(pairs: &str) -> Result<Self, InvalidClaims> {
        let mut claims = Self::default();
        for pair in pairs.split(',').filter(|pair| !pair.is_empty()) {
            let invalid = || InvalidClaims(pair.to_owned());
            let (name, value) = pair.split_once('=').ok_or_else(invalid)?;
            if value.is_empty() {
                return Err(invalid());
            }
            let value = value.to_owned();
            match name {
                "subject" => claims.subject = value,
                "email" => claims.email = value,
                "email_verified" => {
                    claims.email_verified = (value != ALWAYS).then_some(value);
                }
                "name" => claims.name = value,
                "platform_scope" => claims.platform_scope = value,
                "required_scope" => claims.required_scope = Some(value),
                "roles" => claims.roles = value,
                "auth_time" => claims.auth_time = value,
                "support" => claims.support = value,
                _ => return Err(invalid()),
            }
        }
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_keeps_its_default() {
        assert_eq!(Claims::parse("").unwrap(), Claims::default());
        let claims = Claims::parse("email=https://acme.example/email,required_scope=a").unwrap();
        let expected = Claims {
            email: "https://acme.example/email".to_owned(),
            required_scope: Some("a".to_owned()),
            ..Claims::default()
        };
        assert_eq!(claims, expected);
        assert_eq!(Claims::parse("email_verified=always").unwrap().email_verified, None);
    }

    #[test]
    fn an_unknown_name_or_a_missing_value_is_an_error() {
        for pairs in ["mail=x", "email", "email=", "email=a,=b", "email=a,aud=b"] {
            assert!(Claims::parse(pairs).is_err(), "{pairs}");
        }
    }
}
