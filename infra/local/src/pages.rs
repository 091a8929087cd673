//! The stack's own pages: the inbox, the events, the invitation page that replaces the console, and pages without a script.

use askama::Template;
use axum::Router;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;

/// A page may run its own script and call this server; a mail inside it may do nothing.
const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; \
    img-src data: http: https:; connect-src 'self'; base-uri 'none'; form-action 'none'";

#[derive(Template)]
#[template(path = "inbox.html")]
struct Inbox;

#[derive(Template)]
#[template(path = "bus.html")]
struct Bus;

#[derive(Template)]
#[template(path = "invitation.html")]
struct Invitation;

pub fn router() -> Router {
    Router::new()
        .route("/_local/inbox", get(|| async { rendered(Inbox.render()) }))
        .route("/_local/bus", get(|| async { rendered(Bus.render()) }))
        .route("/_local/invitation", get(|| async { invitation() }))
        .route("/_local/plain.css", get(style))
}

/// The page behind an invitation's link when there is no console.
pub fn invitation() -> Response {
    rendered(Invitation.render())
}

/// A page without a script. `forms` is the `form-action` directive of its policy.
pub fn plain(status: StatusCode, html: askama::Result<String>, forms: &str) -> Response {
    let Ok(html) = html else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let policy = format!(
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; {forms}"
    );
    let headers: [(HeaderName, &str); 5] = [
        (header::CONTENT_SECURITY_POLICY, &policy),
        // With `no-referrer`, a browser hides the origin of a form's request.
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
        (header::VARY, "accept-language"),
    ];
    (status, headers, Html(html)).into_response()
}

fn rendered(html: askama::Result<String>) -> Response {
    let Ok(html) = html else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, Html(html)).into_response()
}

/// The style of the pages without a script: a separate file, so that their policy allows no inline style.
async fn style() -> Response {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, include_str!("pages/plain.css")).into_response()
}
