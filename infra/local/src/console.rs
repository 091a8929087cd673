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
use crate::values::without_nulls;
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

/// The console may load its own files and call this server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// The headers of all its responses.
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

/// Everything at `/`: the console, and the gateway behind it.
pub struct Site {
    /// The console's files, or why there are none.
    pub console: Result<Files, Missing>,
    pub gateway: Gateway,
    pub origins: Origins,
    pub with_inbox: bool,
}

pub struct Files {
    served: ServeDir,
}

#[derive(Template)]
#[template(path = "no-console.html")]
struct NoConsole<'m> {
    reason: &'m Missing,
}

/// The routes of the console. Requests for neither its files nor its pages go to the gateway.
pub fn router(site: Site) -> Router {
    Router::new().route("/config.json", get(config)).fallback(handle).with_state(Arc::new(site))
}

/// The settings that the console reads first.
async fn config(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let config = without_nulls(json!({
        "authority": format!("{}/_local", site.origins.of(&headers)),
        "clientId": CONSOLE,
        "scope": SCOPES.join(" "),
        "inbox": site.with_inbox.then_some("/_local/inbox"),
    }));
    (HEADERS, [(header::CACHE_CONTROL, "no-store")], Json(config)).into_response()
}

async fn handle(State(site): State<Arc<Site>>, request: Request<Body>) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) || is_api_path(request.uri()) {
        return site.gateway.handle(request).await;
    }
    match (&site.console, request.uri().path()) {
        (Ok(files), _) => files.respond(&request.into_parts().0).await,
        (Err(reason), "/") => {
            let page = NoConsole { reason }.render();
            pages::plain(StatusCode::OK, page, "form-action 'none'")
        }
        // Links in mails are the same with and without the console.
        (Err(_), "/invitation") => pages::invitation(),
        (Err(_), _) => site.gateway.handle(request).await,
    }
}

/// Whether a path belongs to the API or to the stack's own routes, decoded as the gateway decodes it.
fn is_api_path(uri: &Uri) -> bool {
    let first = uri.path().split('/').nth(1).unwrap_or_default();
    matches!(decoded(first).as_str(), "v1" | "access" | ".well-known" | "_local")
}

impl Files {
    /// Serves the files in a directory, and nothing outside it.
    pub fn new(directory: PathBuf) -> Self {
        // Directories are neither served nor redirected to.
        Self { served: ServeDir::new(directory).append_index_html_on_directories(false) }
    }

    /// Returns the console's index for its pages, and the file of that name otherwise.
    async fn respond(&self, request: &Parts) -> Response {
        let path = request.uri.path();
        let is_asset = path.starts_with("/assets/");
        let (found, caching) = match self.file(request, request.uri.clone()).await {
            Some(found) if is_asset => (Some(found), "public, max-age=31536000, immutable"),
            Some(found) if path == "/index.html" => (Some(found), "no-store"),
            Some(found) => (Some(found), "no-cache"),
            None if path == "/" || (!is_asset && accepts_html(&request.headers)) => {
                (self.file(request, Uri::from_static("/index.html")).await, "no-store")
            }
            None => (None, "no-store"),
        };
        let not_found = || (StatusCode::NOT_FOUND, "Not Found").into_response();
        let mut response = found.unwrap_or_else(not_found);
        let caching = (header::CACHE_CONTROL, caching);
        let headers = HEADERS.into_iter().chain([caching, (header::VARY, "accept")]);
        let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
        response.headers_mut().extend(headers);
        response
    }

    /// A file, if it exists and can be read: all of it, or the range that the request asks for.
    async fn file(&self, request: &Parts, uri: Uri) -> Option<Response> {
        let mut for_file = Request::new(Body::empty());
        for_file.method_mut().clone_from(&request.method);
        for_file.headers_mut().clone_from(&request.headers);
        *for_file.uri_mut() = uri;
        let response = self.served.clone().try_call(for_file).await.ok()?;
        (response.status() != StatusCode::NOT_FOUND).then(|| response.map(Body::new))
    }
}

/// Whether a request asks for a page, not for a script or an image.
fn accepts_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}
