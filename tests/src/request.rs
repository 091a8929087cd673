//! Requests, and the events that API Gateway makes of them.

use std::sync::LazyLock;

use coulisses_aws::http;
use serde_json::{Value, json};

use crate::{Principal, Route, Template};

pub(crate) static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| Template::read().routes());

/// A request to the HTTP API.
#[derive(Clone, Debug)]
pub struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
    base64: bool,
}

impl Request {
    /// A request without a body; `target` may have a query.
    pub fn new(method: &'static str, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let (path, query) = (path.to_owned(), query.to_owned());
        Self { method, path, query, headers: vec![], body: None, base64: false }
    }

    /// Sets a JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(&body.to_string())
    }

    /// Sets the body.
    pub fn body(self, body: &str) -> Self {
        Self { body: Some(body.to_owned()), ..self }
    }

    /// Sets the body in base64, as API Gateway encodes a body that is not text.
    pub fn base64(self, body: &str) -> Self {
        Self { base64: true, ..self.body(body) }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a parameter to the query, such as `dryRun=true`.
    pub fn parameter(mut self, parameter: &str) -> Self {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        self.query.push_str(parameter);
        self
    }

    /// Adds `If-Match`.
    pub fn if_match(self, etag: &str) -> Self {
        self.header("if-match", etag)
    }
}

/// The function that the template routes `request` to, and the request as that function receives it.
pub(crate) fn routed(who: &Principal, request: &Request) -> (&'static str, http::Request) {
    let (function, event) = routed_event(who, request);
    let event = serde_json::from_str(&event.to_string()).expect("an event of API Gateway");
    (function, http::sanitized(event).into())
}

/// The function that the template routes `request` to, and the event that API Gateway makes of it.
pub(crate) fn routed_event(who: &Principal, request: &Request) -> (&'static str, Value) {
    let Some((route, parameters)) = ROUTES.iter().find_map(|route| {
        matching(route, request.method, &request.path).map(|parameters| (route, parameters))
    }) else {
        panic!("no route for {} {}", request.method, request.path);
    };
    (&route.function, event(route, who, request, &parameters))
}

/// The decoded path parameters if the request matches `route`.
fn matching(route: &Route, method: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (wanted, given): (Vec<_>, Vec<_>) =
        (route.path.split('/').collect(), path.split('/').collect());
    if route.method != method || wanted.len() != given.len() {
        return None;
    }
    let mut parameters = Vec::new();
    for (wanted, given) in wanted.into_iter().zip(given) {
        match wanted.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => parameters.push((name.to_owned(), decoded(given))),
            None if wanted == given => {}
            None => return None,
        }
    }
    Some(parameters)
}

/// Decodes percent-encoding.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let hex = tail.get(..2).and_then(|hex| str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| *first == b'%');
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The event of API Gateway, payload format 2.0.
fn event(
    route: &Route,
    who: &Principal,
    request: &Request,
    parameters: &[(String, String)],
) -> Value {
    let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let headers: serde_json::Map<String, Value> =
        headers.chain(who.header()).map(|(name, value)| (name.to_owned(), json!(value))).collect();
    let parameters: serde_json::Map<String, Value> =
        parameters.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let mut context = json!({
        "accountId": "123456789012", "apiId": "api", "domainName": "api.test", "stage": "$default",
        "requestId": "request-1", "routeKey": format!("{} {}", route.method, route.path),
        "time": "22/Nov/2026:12:00:00 +0000", "timeEpoch": 1_795_348_800_000_i64,
        "http": {
            "method": request.method, "path": request.path, "protocol": "HTTP/1.1",
            "sourceIp": "192.0.2.1", "userAgent": "test",
        },
    });
    if let (Some(authorizer), false) = (who.authorizer(), route.open) {
        context["authorizer"] = authorizer;
    }
    json!({
        "version": "2.0", "routeKey": format!("{} {}", route.method, route.path), "rawPath": request.path,
        "rawQueryString": request.query, "headers": headers, "pathParameters": parameters,
        "requestContext": context, "body": request.body, "isBase64Encoded": request.base64,
    })
}
