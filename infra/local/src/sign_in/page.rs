//! The sign-in's pages, made here without any script.

use super::people::{Group, Somebody};
use super::words::Words;
use crate::origins::Origins;
use crate::pages;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

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
    pages::plain(status, page.render(), &format!("form-action {}", origins.all().join(" ")))
}

/// A page that only says something.
pub fn notice(status: StatusCode, words: &Words, (title, text): (&str, &str)) -> Response {
    pages::plain(status, Notice { words, title, text }.render(), "form-action 'none'")
}

/// Puts whom the client suggests first, and there alone, as `login_hint` is meant.
pub fn hinted_first(mut groups: Vec<Group>, hint: Option<&str>, words: &Words) -> Vec<Group> {
    if let Some(hint) = hint {
        let is_meant = |person: &Somebody| person.email.eq_ignore_ascii_case(hint);
        let mut everybody = groups.iter().flat_map(|group| &group.people);
        let known = everybody.find(|person| is_meant(person)).cloned();
        for group in &mut groups {
            group.people.retain(|person| !is_meant(person));
        }
        let person = known.unwrap_or_else(|| Somebody {
            email: hint.to_owned(),
            name: None,
            holds: Vec::new(),
        });
        groups.insert(0, Group { title: words.hinted, people: vec![person] });
    }
    groups
}
