//! The response that API Gateway's HTTP API makes of a function's result.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use thiserror::Error;

/// Why a function's result makes no response.
#[derive(Debug, Error)]
pub enum Unusable {
    /// The result is not shaped as a response.
    #[error("the function's result is no response")]
    Shape(#[from] serde_json::Error),
    /// The result's status, or a header's name or value, is none.
    #[error("the function's status or headers are not valid")]
    Http(#[from] axum::http::Error),
    /// The body is said to be base64 and is not.
    #[error("the function's body is not base64")]
    Base64(#[from] data_encoding::DecodeError),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    #[serde(default)]
    headers: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: Option<bool>,
}

/// Makes the response of a function's result.
///
/// # Errors
/// When the result is no response.
pub fn from_result(result: Value) -> Result<Response<Body>, Unusable> {
    // A result without a status is the body of a success, as API Gateway has it.
    if result.get("statusCode").is_none() {
        return Ok(message(StatusCode::OK, &result));
    }
    let answer: Answer = serde_json::from_value(result)?;
    let body = answer.body.unwrap_or_default();
    let body = if answer.is_base64_encoded.unwrap_or_default() {
        BASE64.decode(body.as_bytes())?
    } else {
        body.into_bytes()
    };
    let mut response = Response::builder().status(answer.status_code).body(Body::from(body))?;
    for (name, value) in answer.headers.unwrap_or_default() {
        let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        response.headers_mut().insert(header_name(&name)?, header_value(&value)?);
    }
    for (name, values) in answer.multi_value_headers.unwrap_or_default() {
        // What stands in both maps is in the multi-valued one completely.
        response.headers_mut().remove(header_name(&name)?);
        for value in values {
            response.headers_mut().append(header_name(&name)?, header_value(&value)?);
        }
    }
    for cookie in answer.cookies.unwrap_or_default() {
        response.headers_mut().append("set-cookie", header_value(&cookie)?);
    }
    Ok(response)
}

/// An answer of the gateway itself.
pub fn message(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

/// An answer of the gateway itself that only says a sentence, as API Gateway does.
pub fn said(status: StatusCode, sentence: &str) -> Response<Body> {
    message(status, &json!({"message": sentence}))
}

fn header_name(name: &str) -> Result<HeaderName, axum::http::Error> {
    Ok(HeaderName::from_bytes(name.as_bytes())?)
}

fn header_value(value: &str) -> Result<HeaderValue, axum::http::Error> {
    Ok(HeaderValue::from_bytes(value.as_bytes())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_headers_and_cookies_are_carried_over() {
        let response = from_result(json!({
            "statusCode": 201,
            "headers": {"ETag": "\"1\"", "vary": "a"},
            "multiValueHeaders": {"vary": ["a", "b"]},
            "cookies": ["a=b", "c=d"],
            "body": "e30=",
            "isBase64Encoded": true,
        }))
        .unwrap();
        assert_eq!(response.status(), StatusCode::CREATED);
        assert_eq!(response.headers()["etag"], "\"1\"");
        assert_eq!(response.headers().get_all("vary").iter().count(), 2);
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    }

    #[test]
    fn a_result_without_a_status_is_a_body() {
        let response = from_result(json!({"swept": 3})).unwrap();
        assert_eq!(response.status(), StatusCode::OK);
    }

    #[test]
    fn a_broken_result_is_no_response() {
        assert!(matches!(from_result(json!({"statusCode": "no"})), Err(Unusable::Shape(_))));
        assert!(matches!(from_result(json!({"statusCode": 99})), Err(Unusable::Http(_))));
        let broken = json!({"statusCode": 200, "body": "é", "isBase64Encoded": true});
        assert!(matches!(from_result(broken), Err(Unusable::Base64(_))));
    }
}
