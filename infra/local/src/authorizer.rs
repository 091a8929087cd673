//! The JWT authorizer in front of the routes, as API Gateway has it.

use crate::template::Jwt;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Map, Value};
use thiserror::Error;

/// Why a request is not let through.
#[derive(Debug, Error)]
pub enum Unauthorized {
    /// There is no bearer token.
    #[error("there is no bearer token")]
    NoToken,
    /// The token is none of the issuer's, for this audience and this time.
    #[error("the token does not count")]
    BadToken(#[from] jsonwebtoken::errors::Error),
}

/// Verifies tokens: signature, issuer, audience, time.
pub struct Authorizer {
    key: DecodingKey,
    validation: Validation,
}

impl Authorizer {
    /// An authorizer for what the template accepts, with the issuer's key.
    pub fn new(jwt: &Jwt, key: DecodingKey) -> Self {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[&jwt.issuer]);
        validation.set_audience(&jwt.audience);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        validation.validate_nbf = true;
        // Issuer and authorizer share this machine's clock.
        validation.leeway = 0;
        Self { key, validation }
    }

    /// The claims of the request's token, as API Gateway hands them over.
    ///
    /// # Errors
    /// When there is no token, or it does not count.
    pub fn claims(&self, headers: &HeaderMap) -> Result<Map<String, Value>, Unauthorized> {
        let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(bearer).ok_or(Unauthorized::NoToken)?;
        let verified = decode::<Map<String, Value>>(token, &self.key, &self.validation)?;
        Ok(handed_over(&verified.claims))
    }
}

fn bearer(header: &str) -> Option<&str> {
    match header.split_once(' ') {
        Some((scheme, token)) => scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()),
        // API Gateway takes a token without a scheme as well.
        None => Some(header),
    }
}

/// Claims as strings; null ones are left out.
fn handed_over(claims: &Map<String, Value>) -> Map<String, Value> {
    claims
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), Value::String(written(value))))
        .collect()
}

fn written(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (None, Some(float)) => format!("{float}"),
            (Some(_) | None, _) => number.to_string(),
        },
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(" "))
        }
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{key}:{}", written(value)));
            format!("map[{}]", entries.collect::<Vec<_>>().join(" "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issuer::{ISSUER, Issuer, Wanted};
    use axum::http::HeaderValue;
    use data_encoding::BASE64URL_NOPAD;
    use serde_json::json;

    fn issuer_for(audience: &str) -> Issuer {
        Issuer::new(audience.to_owned()).unwrap()
    }

    fn authorizer(issuer: &Issuer) -> Authorizer {
        let jwt = Jwt { issuer: ISSUER.to_owned(), audience: vec!["here".to_owned()] };
        Authorizer::new(&jwt, issuer.decoding_key())
    }

    fn lea() -> Wanted {
        Wanted { email: Some("lea@example.org".to_owned()), ..Wanted::default() }
    }

    fn with_token(token: &str) -> HeaderMap {
        let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
        HeaderMap::from_iter([(AUTHORIZATION, value)])
    }

    #[test]
    fn a_good_token_hands_its_claims_over_as_strings() {
        let issuer = issuer_for("here");
        let headers = with_token(&issuer.token(&lea()).unwrap());
        let claims = authorizer(&issuer).claims(&headers).unwrap();
        assert_eq!(claims["email"], "lea@example.org");
        assert_eq!(claims["email_verified"], "true");
        assert!(claims["exp"].as_str().unwrap().bytes().all(|digit| digit.is_ascii_digit()));
    }

    #[test]
    fn another_audience_key_or_issuer_is_refused() {
        let issuer = issuer_for("here");
        let authorizer = authorizer(&issuer);
        let elsewhere = issuer_for("elsewhere");
        assert!(authorizer.claims(&with_token(&elsewhere.token(&lea()).unwrap())).is_err());
        let other_key = issuer_for("here");
        assert!(authorizer.claims(&with_token(&other_key.token(&lea()).unwrap())).is_err());
        let jwt = Jwt { issuer: "http://other".to_owned(), audience: vec!["here".to_owned()] };
        let other_issuer = Authorizer::new(&jwt, issuer.decoding_key());
        assert!(other_issuer.claims(&with_token(&issuer.token(&lea()).unwrap())).is_err());
    }

    #[test]
    fn an_expired_token_is_refused_to_the_second() {
        let issuer = issuer_for("here");
        let now = crate::clock::now().as_second();
        let at = |exp: i64| json!({"iss": ISSUER, "aud": "here", "sub": "x", "exp": exp});
        let headers = |exp| with_token(&issuer.sign_for_test(&at(exp)));
        assert!(authorizer(&issuer).claims(&headers(now + 60)).is_ok());
        assert!(authorizer(&issuer).claims(&headers(now - 1)).is_err());
    }

    #[test]
    fn no_signature_and_no_token_are_refused() {
        let issuer = issuer_for("here");
        let authorizer = authorizer(&issuer);
        let token = issuer.token(&lea()).unwrap();
        let claims = token.split('.').nth(1).unwrap();
        let none = BASE64URL_NOPAD.encode(br#"{"alg":"none","typ":"JWT"}"#);
        assert!(authorizer.claims(&with_token(&format!("{none}.{claims}."))).is_err());
        assert!(matches!(authorizer.claims(&HeaderMap::new()), Err(Unauthorized::NoToken)));
        let basic = HeaderValue::from_static("Basic bGVhOmxlYQ==");
        let headers = HeaderMap::from_iter([(AUTHORIZATION, basic)]);
        assert!(matches!(authorizer.claims(&headers), Err(Unauthorized::NoToken)));
    }

    #[test]
    fn claims_are_written_as_api_gateway_writes_them() {
        let claims = json!({
            "flag": true, "number": 1_795_323_303, "list": ["a", "b", 3], "nothing": null,
            "object": {"a": "b"}, "text": "as it is", "empty": []
        });
        let written = handed_over(claims.as_object().unwrap());
        assert_eq!(
            Value::Object(written),
            json!({
                "flag": "true", "number": "1795323303", "list": "[a b 3]",
                "object": "map[a:b]", "text": "as it is", "empty": "[]"
            })
        );
    }
}
