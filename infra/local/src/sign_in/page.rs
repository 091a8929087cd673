//! The sign-in's pages, made here without any script.

use super::people::{Group, Somebody};
use super::words::Words;
use crate::origins::Origins;
use askama::Template;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// What was typed and is no address.
pub struct Typed<'t> {
    /// The address.
    pub email: &'t str,
    /// The name.
    pub name: &'t str,
}

#[derive(Template)]
#[template(path = "sign-in.html")]
struct Choice<'c> {
    words: &'c Words,
    handed_on: &'c [(&'static str, &'c str)],
    groups: &'c [Group],
    wrong: bool,
    email: &'c str,
    name: &'c str,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct Notice<'n> {
    words: &'n Words,
    title: &'n str,
    text: &'n str,
}

/// The page on which one chooses who to be; with something mistyped, it is told there.
///
/// Chromium holds `form-action` against where a form's answer redirects to as well, and the address to go back to may lie
/// at the other one of the stack's two origins: both are named.
pub fn choice(
    (words, origins): (&Words, &Origins),
    handed_on: &[(&'static str, &str)],
    groups: &[Group],
    typed: Option<&Typed<'_>>,
) -> Response {
    let status = if typed.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let (email, name) = typed.map_or(("", ""), |typed| (typed.email, typed.name));
    let page = Choice { words, handed_on, groups, wrong: typed.is_some(), email, name };
    answer(status, page.render(), &format!("form-action {}", origins.all().join(" ")))
}

/// A page that only says something.
pub fn notice(status: StatusCode, words: &Words, (title, text): (&str, &str)) -> Response {
    answer(status, Notice { words, title, text }.render(), "form-action 'none'")
}

/// Puts whom the client suggests first, as `login_hint` is meant.
pub fn hinted_first(mut groups: Vec<Group>, hint: Option<&str>, words: &Words) -> Vec<Group> {
    if let Some(hint) = hint {
        let mut everybody = groups.iter().flat_map(|group| &group.people);
        let known = everybody.find(|person| person.email.eq_ignore_ascii_case(hint)).cloned();
        let person = known.unwrap_or_else(|| Somebody {
            email: hint.to_owned(),
            name: None,
            holds: Vec::new(),
        });
        groups.insert(0, Group { title: words.hinted, people: vec![person] });
    }
    groups
}

/// The pages' style, in a file of its own, so that none need be allowed inside them.
pub async fn style() -> impl IntoResponse {
    let headers =
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, include_str!("../pages/sign-in.css"))
}

fn answer(status: StatusCode, page: askama::Result<String>, forms: &str) -> Response {
    let Ok(page) = page else {
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
    (status, headers, Html(page)).into_response()
}
