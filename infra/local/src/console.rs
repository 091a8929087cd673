//! The console at `/`, on the same port as the HTTP API.

mod build;
#[cfg(test)]
mod tests;

use crate::gateway::Gateway;
use crate::issuer::CONSOLE;
use crate::origins::Origins;
use crate::pages;
use crate::routes::decoded;
use crate::sign_in::SCOPES;
use askama::Template;
use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use tower_http::services::ServeDir;

pub use build::{Missing, build};

/// What the console may do: what its own files hold, and to ask this server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// The headers of each of its answers.
const HEADERS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

/// Everything that is answered at `/`: the console, and the gateway behind it.
pub struct Site {
    /// The console's files, or why there are none.
    pub console: Result<Files, Missing>,
    /// The HTTP API.
    pub gateway: Gateway,
    /// Where the stack is reached.
    pub origins: Origins,
    /// Whether mail comes to the stack's own inbox.
    pub with_inbox: bool,
}

/// The console's files.
pub struct Files {
    served: ServeDir,
}

#[derive(Template)]
#[template(path = "no-console.html")]
struct NoConsole<'m> {
    reason: &'m Missing,
}

/// The routes of the console; whatever is neither its own nor a page of it goes to the gateway.
pub fn router(site: Site) -> Router {
    Router::new().route("/config.json", get(config)).fallback(handle).with_state(Arc::new(site))
}

/// What the console reads before anything else.
async fn config(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let mut config = json!({
        "authority": format!("{}/_local", site.origins.of(&headers)),
        "clientId": CONSOLE,
        "scope": SCOPES.join(" "),
    });
    if let (true, Some(config)) = (site.with_inbox, config.as_object_mut()) {
        config.insert("inbox".to_owned(), "/_local/inbox".into());
    }
    (HEADERS, [(header::CACHE_CONTROL, "no-store")], Json(config)).into_response()
}

async fn handle(State(site): State<Arc<Site>>, request: Request<Body>) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) || is_the_apis(request.uri()) {
        return site.gateway.handle(request).await;
    }
    match (&site.console, request.uri().path()) {
        (Ok(files), _) => files.answer(&request.into_parts().0).await,
        (Err(reason), "/") => {
            let page = NoConsole { reason }.render();
            pages::plain(StatusCode::OK, page, "form-action 'none'")
        }
        // The links in the mails are the same with and without the console.
        (Err(_), "/invitation") => pages::invitation(),
        (Err(_), _) => site.gateway.handle(request).await,
    }
}

/// Whether a path is the API's or the stack's own, decoded as the gateway decodes it.
fn is_the_apis(uri: &Uri) -> bool {
    let first = uri.path().split('/').nth(1).unwrap_or_default();
    matches!(decoded(first).as_str(), "v1" | "_local")
}

impl Files {
    /// The files in a directory, and nothing outside it.
    pub fn new(directory: PathBuf) -> Self {
        // Without its index, no directory is answered, nor redirected to.
        Self { served: ServeDir::new(directory).append_index_html_on_directories(false) }
    }

    /// Answers a page of the console with its index, and anything else with the file of that name.
    async fn answer(&self, request: &Parts) -> Response {
        let path = request.uri.path();
        let is_asset = path.starts_with("/assets/");
        let (found, caching) = match self.file(request, request.uri.clone()).await {
            Some(found) if is_asset => (Some(found), "public, max-age=31536000, immutable"),
            Some(found) if path == "/index.html" => (Some(found), "no-store"),
            Some(found) => (Some(found), "no-cache"),
            None if path == "/" || (!is_asset && wants_html(&request.headers)) => {
                (self.file(request, Uri::from_static("/index.html")).await, "no-store")
            }
            None => (None, "no-store"),
        };
        let mut answer =
            found.unwrap_or_else(|| (StatusCode::NOT_FOUND, "Not Found").into_response());
        let caching = (header::CACHE_CONTROL, caching);
        let headers = HEADERS.into_iter().chain([caching, (header::VARY, "accept")]);
        let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
        answer.headers_mut().extend(headers);
        answer
    }

    /// A file, if it is there and can be read; as whole or as little of it as the request wants.
    async fn file(&self, request: &Parts, uri: Uri) -> Option<Response> {
        let mut wanted = Request::new(Body::empty());
        wanted.method_mut().clone_from(&request.method);
        wanted.headers_mut().clone_from(&request.headers);
        *wanted.uri_mut() = uri;
        let answer = self.served.clone().try_call(wanted).await.ok()?;
        (answer.status() != StatusCode::NOT_FOUND).then(|| answer.map(Body::new))
    }
}

/// Whether a browser wants a page, rather than a script or a picture of one that is gone.
fn wants_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}
