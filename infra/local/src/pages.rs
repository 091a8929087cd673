//! The stack's own two pages: the inbox and what an invitation's link opens.

use axum::Router;
use axum::http::HeaderName;
use axum::response::Html;
use axum::routing::get;

/// A page may run its own script and ask this server; a mail in it may do nothing.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
    img-src data: http: https:; connect-src 'self'; base-uri 'none'; form-action 'none'";

type Page = ([(HeaderName, &'static str); 3], Html<&'static str>);

/// The routes of the pages.
pub fn router() -> Router {
    Router::new()
        .route("/_local/inbox", get(|| async { page(include_str!("pages/inbox.html")) }))
        .route("/_local/invitation", get(|| async { page(include_str!("pages/invitation.html")) }))
}

fn page(html: &'static str) -> Page {
    let headers = [
        (HeaderName::from_static("content-security-policy"), POLICY),
        (HeaderName::from_static("referrer-policy"), "no-referrer"),
        (HeaderName::from_static("cache-control"), "no-store"),
    ];
    (headers, Html(html))
}
