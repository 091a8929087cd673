//! Which requests below `/_local` are answered: those from this machine, and not from another web page.
//!
//! These routes give tokens to any caller and erase people. A page on the Internet can reach a server on this machine:
//! directly, or under a name that it makes point to 127.0.0.1 (DNS rebinding).

use crate::response::message;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, HOST, HeaderName, ORIGIN};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::middleware::Next;

/// Refuses a request under another name than a loopback one, and a request of a page from another origin.
pub async fn only(request: Request, next: Next) -> Response<Body> {
    match refusal(request.headers()) {
        Some(reason) => message(StatusCode::FORBIDDEN, reason),
        None => next.run(request).await,
    }
}

/// Refuses a body that is not said to be JSON. A page can send any other one to another origin without asking.
pub async fn only_json(request: Request, next: Next) -> Response<Body> {
    if is_json(request.headers()) {
        next.run(request).await
    } else {
        message(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send Content-Type: application/json")
    }
}

/// Why a request with these headers is refused.
fn refusal(headers: &HeaderMap) -> Option<&'static str> {
    let Some(host) = one(headers, &HOST).filter(|host| is_loopback(host)) else {
        return Some("use 127.0.0.1 or localhost");
    };
    if headers.contains_key(ORIGIN) {
        let origin = one(headers, &ORIGIN).and_then(|origin| origin.strip_prefix("http://"));
        if !origin.is_some_and(|origin| origin.eq_ignore_ascii_case(host)) {
            return Some("requests of other pages are not answered");
        }
    }
    None
}

/// The value of a header that is sent once.
fn one<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Whether a host, with its port if there is one, is a loopback name.
fn is_loopback(host: &str) -> bool {
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| {
        let rest = host.get(..name.len()).filter(|start| start.eq_ignore_ascii_case(name));
        let port = rest.and(host.get(name.len()..));
        port.is_some_and(|port| {
            port.is_empty()
                || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok())
        })
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let essence = one(headers, &CONTENT_TYPE).and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::{self, Bus};
    use crate::functions::Functions;
    use crate::inbox::{self, Inbox};
    use crate::invocations::{self, Invoker};
    use crate::issuer::{self, Issuer};
    use crate::stack::own_routes;
    use axum::Router;
    use reqwest::{Client, Method};
    use std::sync::Arc;
    use tokio::net::TcpListener;

    fn headers(pairs: &[(HeaderName, &str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
        let mut headers = HeaderMap::new();
        pairs.for_each(|(name, value)| {
            headers.append(name, value);
        });
        headers
    }

    #[test]
    fn only_loopback_names_are_answered() {
        for host in ["localhost:8080", "LOCALHOST", "127.0.0.1:8080", "127.0.0.1", "[::1]:8080"] {
            assert_eq!(refusal(&headers(&[(HOST, host)])), None, "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "localhost:8080.evil.example",
            "localhost:",
            "localhost:99999",
            "127.0.0.1.nip.io:8080",
            "127.0.0.10",
            "[::1",
            "[::2]:8080",
            "192.168.1.2:8080",
            "0.0.0.0:8080",
            "user@localhost",
            "",
        ] {
            assert!(refusal(&headers(&[(HOST, host)])).is_some(), "{host}");
        }
        assert!(refusal(&HeaderMap::new()).is_some());
        let twice = headers(&[(HOST, "localhost"), (HOST, "evil.example")]);
        assert!(refusal(&twice).is_some());
    }

    #[test]
    fn no_page_of_another_origin_is_answered() {
        let from = |origin| refusal(&headers(&[(HOST, "localhost:8080"), (ORIGIN, origin)]));
        assert_eq!(from("http://localhost:8080"), None);
        for foreign in [
            "null",
            "",
            "https://evil.example",
            "http://evil.example:8080",
            "http://localhost",
            "http://localhost:3000",
            "http://127.0.0.1:8080",
            "https://localhost:8080",
            "http://localhost:8080.evil.example",
        ] {
            assert!(from(foreign).is_some(), "{foreign}");
        }
    }

    #[test]
    fn json_is_named_as_such() {
        for json in ["application/json", "Application/JSON; charset=utf-8"] {
            assert!(is_json(&headers(&[(CONTENT_TYPE, json)])), "{json}");
        }
        for other in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
            assert!(!is_json(&headers(&[(CONTENT_TYPE, other)])), "{other}");
        }
        assert!(!is_json(&HeaderMap::new()));
    }

    /// Serves the stack's own routes; the functions are not there.
    async fn served() -> String {
        let functions = Functions::new(Client::new(), "http://127.0.0.1:1".to_owned(), None);
        let router = Router::new()
            .merge(issuer::router(Arc::new(Issuer::new("audience").unwrap())))
            .merge(inbox::router(Arc::new(Inbox::default())))
            .merge(bus::router(Arc::new(Bus::default())))
            .merge(invocations::router(Arc::new(Invoker::new(functions, &[]))));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, own_routes(router)).await });
        base
    }

    #[tokio::test]
    async fn every_own_route_is_guarded() {
        let base = served().await;
        let http = Client::builder().no_proxy().build().unwrap();
        let send = |method: Method, path: &str, headers: &[(HeaderName, &str)]| {
            let mut request = http.request(method, format!("{base}{path}")).body("{}");
            for (name, value) in headers {
                request = request.header(name, *value);
            }
            async { request.send().await.unwrap().status().as_u16() }
        };
        let json = (CONTENT_TYPE, "application/json");
        for (method, path, answered) in [
            (Method::POST, "/_local/tokens", 200),
            (Method::POST, "/_local/functions/erase", 404),
            (Method::POST, "/_local/schedules/audit-seats", 404),
            (Method::POST, "/v2/email/outbound-emails", 400),
            (Method::GET, "/_local/mails", 200),
            (Method::POST, "/_local/eventbridge/", 400),
            (Method::GET, "/_local/events", 200),
            (Method::GET, "/_local/.well-known/jwks.json", 200),
        ] {
            let send = |headers: &[(HeaderName, &str)]| send(method.clone(), path, headers);
            assert_eq!(send(std::slice::from_ref(&json)).await, answered, "{path}");
            assert_eq!(send(&[json.clone(), (HOST, "evil.example")]).await, 403, "{path}");
            assert_eq!(send(&[json.clone(), (ORIGIN, "http://evil.example")]).await, 403, "{path}");
        }
        for path in ["/_local/tokens", "/_local/functions/erase", "/_local/schedules/audit-seats"] {
            for other in [&[][..], &[(CONTENT_TYPE, "text/plain")]] {
                assert_eq!(send(Method::POST, path, other).await, 415, "{path}");
            }
        }
    }
}
