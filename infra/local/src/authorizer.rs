//! The JWT authorizer of API Gateway.

use crate::template::Jwt;
use anyhow::{Context, Result};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Map, Value};

/// Verifies the signature, issuer, audience and times of tokens.
pub struct Authorizer {
    key: DecodingKey,
    validation: Validation,
}

impl Authorizer {
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

    /// Returns the claims of the request's token as API Gateway passes them to a function.
    pub fn claims(&self, headers: &HeaderMap) -> Result<Map<String, Value>> {
        let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(bearer).context("there is no bearer token")?;
        let token = decode::<Map<String, Value>>(token, &self.key, &self.validation)?;
        Ok(as_strings(&token.claims))
    }
}

fn bearer(header: &str) -> Option<&str> {
    match header.split_once(' ') {
        Some((scheme, token)) => scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()),
        // API Gateway also accepts a token without a scheme.
        None => Some(header),
    }
}

/// Claims as strings; null claims are left out.
fn as_strings(claims: &Map<String, Value>) -> Map<String, Value> {
    let claims = claims.iter().filter(|(_, value)| !value.is_null());
    claims.map(|(name, value)| (name.clone(), Value::String(as_string(value)))).collect()
}

/// A claim as Go's `fmt` prints it, like API Gateway: `[a b]`, `map[a:b]`.
fn as_string(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (None, Some(float)) => format!("{float}"),
            (Some(_) | None, _) => number.to_string(),
        },
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(as_string).collect::<Vec<_>>().join(" "))
        }
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{key}:{}", as_string(value)));
            format!("map[{}]", entries.collect::<Vec<_>>().join(" "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issuer::{ISSUER, Issuer, TokenRequest};
    use crate::values::now;
    use axum::http::HeaderValue;
    use data_encoding::BASE64URL_NOPAD;
    use serde_json::json;

    fn issuer_for(audience: &str) -> Issuer {
        Issuer::new(audience).unwrap()
    }

    fn authorizer(issuer: &Issuer) -> Authorizer {
        let jwt = Jwt { issuer: ISSUER.to_owned(), audience: vec!["here".to_owned()] };
        Authorizer::new(&jwt, issuer.decoding_key().unwrap())
    }

    fn lea() -> TokenRequest {
        TokenRequest::for_email("lea@example.org")
    }

    fn with_token(token: &str) -> HeaderMap {
        let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
        HeaderMap::from_iter([(AUTHORIZATION, value)])
    }

    #[test]
    fn the_claims_of_a_valid_token_are_strings() {
        let issuer = issuer_for("here");
        let headers = with_token(&issuer.token(&lea()).unwrap());
        let claims = authorizer(&issuer).claims(&headers).unwrap();
        assert_eq!(claims["email"], "lea@example.org");
        assert_eq!(claims["email_verified"], "true");
        assert!(claims["exp"].as_str().unwrap().bytes().all(|digit| digit.is_ascii_digit()));
    }

    #[test]
    fn a_token_with_another_audience_key_or_issuer_is_rejected() {
        let issuer = issuer_for("here");
        let authorizer = authorizer(&issuer);
        let elsewhere = issuer_for("elsewhere");
        assert!(authorizer.claims(&with_token(&elsewhere.token(&lea()).unwrap())).is_err());
        let other_key = issuer_for("here");
        assert!(authorizer.claims(&with_token(&other_key.token(&lea()).unwrap())).is_err());
        let jwt = Jwt { issuer: "http://other".to_owned(), audience: vec!["here".to_owned()] };
        let other_issuer = Authorizer::new(&jwt, issuer.decoding_key().unwrap());
        assert!(other_issuer.claims(&with_token(&issuer.token(&lea()).unwrap())).is_err());
    }

    #[test]
    fn a_token_is_rejected_from_the_second_it_expires() {
        let issuer = issuer_for("here");
        let now = now().as_second();
        let at = |exp: i64| json!({"iss": ISSUER, "aud": "here", "sub": "x", "exp": exp});
        let headers = |exp| with_token(&issuer.sign(&at(exp)).unwrap());
        assert!(authorizer(&issuer).claims(&headers(now + 60)).is_ok());
        assert!(authorizer(&issuer).claims(&headers(now - 1)).is_err());
    }

    #[test]
    fn a_missing_token_or_signature_is_rejected() {
        let issuer = issuer_for("here");
        let authorizer = authorizer(&issuer);
        let token = issuer.token(&lea()).unwrap();
        let claims = token.split('.').nth(1).unwrap();
        let none = BASE64URL_NOPAD.encode(br#"{"alg":"none","typ":"JWT"}"#);
        assert!(authorizer.claims(&with_token(&format!("{none}.{claims}."))).is_err());
        let error = |headers| authorizer.claims(&headers).unwrap_err().to_string();
        assert_eq!(error(HeaderMap::new()), "there is no bearer token");
        let basic = HeaderValue::from_static("Basic bGVhOmxlYQ==");
        let basic = HeaderMap::from_iter([(AUTHORIZATION, basic)]);
        assert_eq!(error(basic), "there is no bearer token");
    }

    #[test]
    fn claims_are_formatted_as_api_gateway_does() {
        let claims = json!({
            "flag": true, "number": 1_795_323_303, "list": ["a", "b", 3], "nothing": null,
            "object": {"a": "b"}, "text": "as it is", "empty": []
        });
        let written = as_strings(claims.as_object().unwrap());
        assert_eq!(
            Value::Object(written),
            json!({
                "flag": "true", "number": "1795323303", "list": "[a b 3]",
                "object": "map[a:b]", "text": "as it is", "empty": "[]"
            })
        );
    }
}
