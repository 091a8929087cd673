//! The events that API Gateway's HTTP API (payload version 2.0) and `EventBridge` send to functions.

use crate::routes::{RouteMatch, decoded};
use crate::values::without_nulls;
use axum::http::header::{COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Version};
use data_encoding::BASE64;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What the gateway adds to a request.
pub struct Context {
    /// The name and port of the gateway.
    pub host: String,
    pub request_id: String,
    pub time: Timestamp,
    /// The token's claims; `None` on an open route.
    pub claims: Option<Map<String, Value>>,
}

/// The event of a request.
pub fn http(parts: &Parts, body: &[u8], found: &RouteMatch<'_>, context: &Context) -> Value {
    let query = parts.uri.query().unwrap_or_default();
    let (body, is_base64) = match std::str::from_utf8(body) {
        Ok("") => (None, false),
        Ok(text) => (Some(text.to_owned()), false),
        Err(_) => (Some(BASE64.encode(body)), true),
    };
    without_nulls(json!({
        "version": "2.0",
        "routeKey": found.route.key(),
        "rawPath": decoded(parts.uri.path()),
        "rawQueryString": query,
        "headers": headers(&parts.headers, &context.host),
        "cookies": cookies(&parts.headers),
        "queryStringParameters": unless_empty(joined(form_urlencoded::parse(query.as_bytes()))),
        "pathParameters": unless_empty(found.parameters.clone()),
        "requestContext": request_context(parts, found, context),
        "body": body,
        "isBase64Encoded": is_base64,
    }))
}

fn request_context(parts: &Parts, found: &RouteMatch<'_>, context: &Context) -> Value {
    let user_agent = parts.headers.get(USER_AGENT).and_then(|value| value.to_str().ok());
    let protocol = if parts.version == Version::HTTP_10 { "HTTP/1.0" } else { "HTTP/1.1" };
    let claims = context.claims.as_ref();
    without_nulls(json!({
        "accountId": "000000000000",
        "apiId": "local",
        "authorizer": claims.map(|claims| json!({"jwt": {"claims": claims, "scopes": null}})),
        "domainName": context.host,
        "domainPrefix": "local",
        "http": {
            "method": parts.method.as_str(),
            "path": decoded(parts.uri.path()),
            "protocol": protocol,
            "sourceIp": "127.0.0.1",
            "userAgent": user_agent.unwrap_or_default(),
        },
        "requestId": context.request_id,
        "routeKey": found.route.key(),
        "stage": "$default",
        "time": context.time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "timeEpoch": context.time.as_millisecond(),
    }))
}

/// The headers by lower-case name. The gateway sets those that a caller could forge.
fn headers(given: &HeaderMap, host: &str) -> BTreeMap<String, String> {
    let own = |name: &str| name == "host" || name == "cookie" || name.starts_with("x-forwarded-");
    let given = given.iter().filter(|(name, _)| !own(name.as_str()));
    let given = given.map(|(name, value)| (name, String::from_utf8_lossy(value.as_bytes())));
    let mut headers = joined(given);
    let port = host.rsplit(':').next().unwrap_or_default();
    for (name, value) in [
        ("host", host),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-port", port),
        ("x-forwarded-proto", "http"),
    ] {
        headers.insert(name.to_owned(), value.to_owned());
    }
    headers
}

fn cookies(headers: &HeaderMap) -> Option<Vec<&str>> {
    let headers = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let cookies: Vec<_> = headers.flat_map(|value| value.split(';')).map(str::trim).collect();
    (!cookies.is_empty()).then_some(cookies)
}

/// The values by name; those of a repeated name are joined with commas.
fn joined(pairs: impl Iterator<Item = (impl ToString, impl ToString)>) -> BTreeMap<String, String> {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in pairs {
        values.entry(name.to_string()).or_default().push(value.to_string());
    }
    values.into_iter().map(|(name, values)| (name, values.join(","))).collect()
}

fn unless_empty(values: BTreeMap<String, String>) -> Option<BTreeMap<String, String>> {
    (!values.is_empty()).then_some(values)
}

/// The detail of a scheduled event by default: the sweep takes mail of any age, as no other instance is at work.
pub fn default_detail() -> Value {
    json!({ "olderThanSeconds": 0 })
}

/// The event that `EventBridge` sends on a schedule.
pub fn scheduled(function: &str, id: &str, time: Timestamp, detail: &Value) -> Value {
    json!({
        "version": "0",
        "id": id,
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "region": "local",
        "resources": [format!("arn:aws:events:local:000000000000:rule/{function}")],
        "detail": detail,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::Route;
    use axum::http::Request;

    fn event(request: axum::http::request::Builder, body: &[u8]) -> Value {
        let route = Route {
            method: "PUT".to_owned(),
            path: "/v1/scopes/{scope}".to_owned(),
            function: "provision".to_owned(),
            open: false,
        };
        let parameters = BTreeMap::from([("scope".to_owned(), "acme:tech".to_owned())]);
        let found = RouteMatch { route: &route, parameters };
        let context = Context {
            host: "127.0.0.1:8080".to_owned(),
            request_id: "request".to_owned(),
            time: Timestamp::from_second(1_795_323_303).unwrap(),
            claims: Some(Map::from_iter([("sub".to_owned(), Value::from("x"))])),
        };
        let (parts, ()) = request.method("PUT").body(()).unwrap().into_parts();
        http(&parts, body, &found, &context)
    }

    #[test]
    fn the_gateway_sets_headers_that_a_caller_could_forge() {
        let request = Request::builder()
            .uri("/v1/scopes/acme%3Atech")
            .header("host", "evil.example")
            .header("X-Forwarded-Host", "evil.example")
            .header("x-forwarded-proto", "javascript")
            .header("Accept", "a")
            .header("accept", "b")
            .header("cookie", "one=1; two=2");
        let event = event(request, b"{}");
        assert_eq!(
            event["headers"],
            json!({
                "accept": "a,b", "host": "127.0.0.1:8080", "x-forwarded-for": "127.0.0.1",
                "x-forwarded-port": "8080", "x-forwarded-proto": "http"
            })
        );
        assert_eq!(event["cookies"], json!(["one=1", "two=2"]));
    }

    #[test]
    fn the_path_is_decoded_once_and_the_query_stays_raw() {
        let request = Request::builder().uri("/v1/scopes/acme%3Atech?q=a%20b&q=c+d&x");
        let event = event(request, b"");
        assert_eq!(event["rawPath"], "/v1/scopes/acme:tech");
        assert_eq!(event["rawQueryString"], "q=a%20b&q=c+d&x");
        assert_eq!(event["queryStringParameters"], json!({"q": "a b,c d", "x": ""}));
        assert_eq!(event["pathParameters"], json!({"scope": "acme:tech"}));
        assert_eq!(event.get("body"), None);
    }

    #[test]
    fn a_body_that_is_not_text_is_base64() {
        let request = || Request::builder().uri("/v1/scopes/acme");
        let text = event(request(), "é".as_bytes());
        assert_eq!((&text["body"], &text["isBase64Encoded"]), (&json!("é"), &json!(false)));
        let bytes = event(request(), &[0xff]);
        assert_eq!((&bytes["body"], &bytes["isBase64Encoded"]), (&json!("/w=="), &json!(true)));
    }

    #[test]
    fn the_request_context_is_that_of_api_gateway() {
        let event = event(Request::builder().uri("/v1/scopes/acme"), b"");
        let context = &event["requestContext"];
        assert_eq!(context["routeKey"], "PUT /v1/scopes/{scope}");
        assert_eq!(context["time"], "22/Nov/2026:04:55:03 +0000");
        assert_eq!(context["timeEpoch"], 1_795_323_303_000_i64);
        assert_eq!(context["authorizer"], json!({"jwt": {"claims": {"sub": "x"}, "scopes": null}}));
    }
}
