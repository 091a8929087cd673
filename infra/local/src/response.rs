//! HTTP responses: those of the functions, converted as API Gateway's HTTP API does, and the gateway's own.

use crate::values::text;
use anyhow::Result;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionResponse {
    status_code: u16,
    headers: Option<BTreeMap<String, Value>>,
    multi_value_headers: Option<BTreeMap<String, Vec<String>>>,
    cookies: Option<Vec<String>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

/// Converts a function's result into a response.
pub fn from_result(result: Value) -> Result<Response<Body>> {
    // API Gateway treats a result without a status code as the body of a 200 response.
    if result.get("statusCode").is_none() {
        return Ok(from_json(StatusCode::OK, &result));
    }
    let function: FunctionResponse = serde_json::from_value(result)?;
    let mut body = function.body.unwrap_or_default().into_bytes();
    if function.is_base64_encoded.unwrap_or_default() {
        body = BASE64.decode(&body)?;
    }
    let mut response = Response::builder().status(function.status_code).body(Body::from(body))?;
    let headers = response.headers_mut();
    for (name, value) in function.headers.unwrap_or_default() {
        headers.insert(HeaderName::try_from(name)?, HeaderValue::try_from(text(&value))?);
    }
    for (name, values) in function.multi_value_headers.unwrap_or_default() {
        let name = HeaderName::try_from(name)?;
        // The multi-value map has all the values of a name that is in both maps.
        headers.remove(&name);
        for value in values {
            headers.append(&name, HeaderValue::try_from(value)?);
        }
    }
    for cookie in function.cookies.unwrap_or_default() {
        headers.append(SET_COOKIE, HeaderValue::try_from(cookie)?);
    }
    Ok(response)
}

/// A JSON response.
pub fn from_json(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A JSON response with only a message, as API Gateway sends it.
pub fn message(status: StatusCode, text: &str) -> Response<Body> {
    from_json(status, &json!({ "message": text }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_headers_and_cookies_are_copied() {
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
    fn an_invalid_result_is_an_error() {
        let error = |result| from_result(result).unwrap_err();
        assert!(error(json!({"statusCode": "no"})).is::<serde_json::Error>());
        assert!(error(json!({"statusCode": 99})).is::<axum::http::Error>());
        let body = json!({"statusCode": 200, "body": "é", "isBase64Encoded": true});
        assert!(error(body).is::<data_encoding::DecodeError>());
    }
}
