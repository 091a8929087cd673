//! The event that API Gateway's HTTP API makes of a request, payload version 2.0.

use crate::routes::{Taken, decoded};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Version};
use data_encoding::BASE64;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What the gateway itself knows of a request.
pub struct Context {
    /// The name and port under which the gateway is reached.
    pub host: String,
    /// The request's id.
    pub request_id: String,
    /// When the request came.
    pub time: Timestamp,
    /// The claims, if the route asks for a token.
    pub claims: Option<Map<String, Value>>,
}

/// Makes the event of a request on the route that it took.
pub fn http(parts: &Parts, body: &[u8], taken: &Taken<'_>, context: &Context) -> Value {
    let raw_query = parts.uri.query().unwrap_or_default();
    let (body, is_base64) = match std::str::from_utf8(body) {
        Ok("") => (Value::Null, false),
        Ok(text) => (Value::from(text), false),
        Err(_) => (Value::from(BASE64.encode(body)), true),
    };
    let mut event = json!({
        "version": "2.0",
        "routeKey": taken.route.key(),
        "rawPath": decoded(parts.uri.path()),
        "rawQueryString": raw_query,
        "headers": headers(&parts.headers, &context.host),
        "requestContext": request_context(parts, taken, context),
        "isBase64Encoded": is_base64,
    });
    for (name, value) in [
        ("cookies", cookies(&parts.headers)),
        ("queryStringParameters", query(raw_query)),
        ("pathParameters", (!taken.parameters.is_empty()).then(|| json!(taken.parameters))),
        ("body", (!body.is_null()).then_some(body)),
    ] {
        if let (Some(value), Some(event)) = (value, event.as_object_mut()) {
            event.insert(name.to_owned(), value);
        }
    }
    event
}

fn request_context(parts: &Parts, taken: &Taken<'_>, context: &Context) -> Value {
    let user_agent = parts.headers.get("user-agent").and_then(|value| value.to_str().ok());
    let protocol = if parts.version == Version::HTTP_10 { "HTTP/1.0" } else { "HTTP/1.1" };
    let mut request = json!({
        "accountId": "000000000000",
        "apiId": "local",
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
        "routeKey": taken.route.key(),
        "stage": "$default",
        "time": context.time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "timeEpoch": context.time.as_millisecond(),
    });
    if let (Some(claims), Some(request)) = (&context.claims, request.as_object_mut()) {
        let jwt = json!({"jwt": {"claims": claims, "scopes": null}});
        request.insert("authorizer".to_owned(), jwt);
    }
    request
}

/// The headers by lower-case name, with the gateway's own ones in place of what a caller may forge.
fn headers(given: &HeaderMap, host: &str) -> BTreeMap<String, String> {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in given {
        let name = name.as_str();
        if name == "host" || name == "cookie" || name.starts_with("x-forwarded-") {
            continue;
        }
        let value = String::from_utf8_lossy(value.as_bytes());
        headers
            .entry(name.to_owned())
            .and_modify(|all| {
                all.push(',');
                all.push_str(&value);
            })
            .or_insert_with(|| value.clone().into_owned());
    }
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

fn cookies(headers: &HeaderMap) -> Option<Value> {
    let cookies: Vec<Value> = headers
        .get_all("cookie")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .map(|cookie| Value::from(cookie.trim()))
        .collect();
    (!cookies.is_empty()).then_some(Value::Array(cookies))
}

fn query(raw: &str) -> Option<Value> {
    let mut parameters: BTreeMap<String, String> = BTreeMap::new();
    for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let form = |text: &str| decoded(&text.replace('+', " "));
        let value = form(value);
        parameters
            .entry(form(name))
            .and_modify(|all| {
                all.push(',');
                all.push_str(&value);
            })
            .or_insert_with(|| value.clone());
    }
    (!parameters.is_empty()).then(|| json!(parameters))
}

/// What a schedule says, unless somebody says otherwise: a sweep takes all rows, however young, as nobody else is at
/// work here.
pub fn detail() -> Value {
    json!({ "olderThanSeconds": 0 })
}

/// The event of a schedule, as `EventBridge` sends it.
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
        let taken = Taken { route: &route, parameters };
        let context = Context {
            host: "127.0.0.1:8080".to_owned(),
            request_id: "request".to_owned(),
            time: Timestamp::from_second(1_795_323_303).unwrap(),
            claims: Some(Map::from_iter([("sub".to_owned(), Value::from("x"))])),
        };
        let (parts, ()) = request.method("PUT").body(()).unwrap().into_parts();
        http(&parts, body, &taken, &context)
    }

    #[test]
    fn what_a_caller_may_forge_is_the_gateways_own() {
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
    fn the_path_is_decoded_once_and_the_query_is_raw() {
        let request = Request::builder().uri("/v1/scopes/acme%3Atech?q=a%20b&q=c+d&x");
        let event = event(request, b"");
        assert_eq!(event["rawPath"], "/v1/scopes/acme:tech");
        assert_eq!(event["rawQueryString"], "q=a%20b&q=c+d&x");
        assert_eq!(event["queryStringParameters"], json!({"q": "a b,c d", "x": ""}));
        assert_eq!(event["pathParameters"], json!({"scope": "acme:tech"}));
        assert_eq!(event.get("body"), None);
    }

    #[test]
    fn text_stays_text_and_the_rest_is_base64() {
        let request = || Request::builder().uri("/v1/scopes/acme");
        let text = event(request(), "é".as_bytes());
        assert_eq!((&text["body"], &text["isBase64Encoded"]), (&json!("é"), &json!(false)));
        let bytes = event(request(), &[0xff]);
        assert_eq!((&bytes["body"], &bytes["isBase64Encoded"]), (&json!("/w=="), &json!(true)));
    }

    #[test]
    fn the_context_is_api_gateways() {
        let event = event(Request::builder().uri("/v1/scopes/acme"), b"");
        let context = &event["requestContext"];
        assert_eq!(context["routeKey"], "PUT /v1/scopes/{scope}");
        assert_eq!(context["time"], "22/Nov/2026:04:55:03 +0000");
        assert_eq!(context["timeEpoch"], 1_795_323_303_000_i64);
        assert_eq!(context["authorizer"], json!({"jwt": {"claims": {"sub": "x"}, "scopes": null}}));
    }
}
