//! The stack's own pages: the inbox, what an invitation's link opens without the console, and plain ones without a script.

use axum::Router;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

/// A page may run its own script and ask this server; a mail in it may do nothing.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
    img-src data: http: https:; connect-src 'self'; base-uri 'none'; form-action 'none'";

/// The routes of the pages.
pub fn router() -> Router {
    Router::new()
        .route("/_local/inbox", get(|| async { page(include_str!("pages/inbox.html")) }))
        .route("/_local/invitation", get(|| async { invitation() }))
        .route("/_local/plain.css", get(style))
}

/// What an invitation's link opens when the console is not there.
pub fn invitation() -> Response {
    page(include_str!("pages/invitation.html"))
}

/// A page that has no script, with what it may send its forms to, as a policy says it.
pub fn plain(status: StatusCode, html: askama::Result<String>, forms: &str) -> Response {
    let Ok(html) = html else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let policy = format!(
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; {forms}"
    );
    let headers: [(HeaderName, &str); 5] = [
        (header::CONTENT_SECURITY_POLICY, &policy),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "accept-language"),
    ];
    (status, headers, Html(html)).into_response()
}

fn page(html: &'static str) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, Html(html)).into_response()
}

/// The style of the plain pages, in a file of its own, so that none need be allowed inside them.
async fn style() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, include_str!("pages/plain.css")).into_response()
}
