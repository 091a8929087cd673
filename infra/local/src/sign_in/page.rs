//! The pages of the sign-in. They need no script.

use super::words::Words;
use crate::demo::data::{Client, SUPPORT, clients};
use crate::origins::Origins;
use crate::pages;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

/// A person to sign in as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    email: String,
    name: Option<&'static str>,
    /// Their roles with the scopes, in words.
    roles: Vec<String>,
}

/// People under a heading.
#[derive(Debug)]
pub struct Group {
    title: &'static str,
    people: Vec<Person>,
}

/// Input that is not an address.
pub struct InvalidInput<'i> {
    pub email: &'i str,
    pub name: &'i str,
}

#[derive(Template)]
#[template(path = "sign-in.html")]
struct SignInPage<'p> {
    words: &'p Words,
    parameters: &'p [(&'static str, &'p str)],
    groups: &'p [Group],
    is_invalid: bool,
    email: &'p str,
    name: &'p str,
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'p> {
    words: &'p Words,
    title: &'p str,
    text: &'p str,
}

/// The page where the user chooses a person, with an error message after invalid input.
///
/// Chromium also checks `form-action` against the redirection that follows a form, which may go to the stack's other
/// origin: the policy names both.
pub fn sign_in(
    (words, origins): (&Words, &Origins),
    parameters: &[(&'static str, &str)],
    groups: &[Group],
    invalid: Option<&InvalidInput<'_>>,
) -> Response {
    let status = if invalid.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let (email, name) = invalid.map_or(("", ""), |input| (input.email, input.name));
    let page = SignInPage { words, parameters, groups, is_invalid: invalid.is_some(), email, name };
    pages::plain(status, page.render(), &format!("form-action {}", origins.all().join(" ")))
}

/// A page with only a message.
pub fn message(status: StatusCode, words: &Words, (title, text): (&str, &str)) -> Response {
    pages::plain(status, MessagePage { words, title, text }.render(), "form-action 'none'")
}

/// The people of the demonstration: the owners of the clients first, then each client's other people, then support.
pub fn groups(words: &Words) -> Vec<Group> {
    let mut owners = Group { title: words.owners, people: Vec::new() };
    let mut groups = Vec::new();
    for client in clients() {
        let is_owner = |person: &Person| person.email == client.owner.email;
        let (owner, people): (Vec<_>, _) = people_of(client, words).into_iter().partition(is_owner);
        owners.people.extend(owner);
        groups.push(Group { title: &client.name, people });
    }
    groups.insert(0, owners);
    let (email, name) = SUPPORT;
    let roles = vec![words.support_role.to_owned()];
    let person = Person { email: email.to_owned(), name: Some(name), roles };
    groups.push(Group { title: words.support, people: vec![person] });
    groups
}

/// Moves the person that the client suggests (`login_hint`) to the top; an unknown one is added.
pub fn with_suggestion(mut groups: Vec<Group>, email: Option<&str>, words: &Words) -> Vec<Group> {
    if let Some(email) = email {
        let mut person = Person { email: email.to_owned(), name: None, roles: Vec::new() };
        for group in &mut groups {
            let is_suggested = |person: &mut Person| person.email.eq_ignore_ascii_case(email);
            person = group.people.extract_if(.., is_suggested).last().unwrap_or(person);
        }
        groups.insert(0, Group { title: words.suggested, people: vec![person] });
    }
    groups
}

/// The name of a person of the demonstration.
pub fn name_of(email: &str) -> Option<&'static str> {
    let grants = clients().iter().flat_map(Client::grants).map(|grant| (grant.email, grant.name));
    let mut people = grants.chain([SUPPORT]);
    people.find(|(known, _)| known.eq_ignore_ascii_case(email)).map(|(_, name)| name)
}

/// The people of a client, each once.
fn people_of(client: &'static Client, words: &Words) -> Vec<Person> {
    let mut people: Vec<Person> = Vec::new();
    for grant in client.grants() {
        let mut role = format!("{} – {}", words.role(grant.role), grant.scope_name);
        if grant.is_pending {
            role = format!("{role} ({})", words.pending);
        }
        match people.iter_mut().find(|person| person.email == grant.email) {
            Some(person) => person.roles.push(role),
            None => people.push(Person {
                email: grant.email.to_owned(),
                name: Some(grant.name),
                roles: vec![role],
            }),
        }
    }
    people
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owners_of_the_clients_come_first_and_each_person_is_listed_once() {
        let groups = groups(Words::english());
        let emails = |group: &Group| -> Vec<String> {
            group.people.iter().map(|person| person.email.clone()).collect()
        };
        assert_eq!(emails(&groups[0]), ["claire.martin@example.org", "sophie.bernard@example.com"]);
        let mut all: Vec<String> = groups.iter().flat_map(emails).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
        for collaborator in clients().iter().flat_map(|client| &client.collaborators) {
            assert!(all.contains(&collaborator.email), "{}", collaborator.email);
        }
    }

    #[test]
    fn a_person_with_two_roles_shows_both() {
        let groups = groups(Words::english());
        let mut all = groups.iter().flat_map(|group| &group.people);
        let marc = all.find(|person| person.email == "marc.leroy@example.com").unwrap();
        let roles =
            ["administrator – Technologie", "custom – Sommet Tech 2027 (invitation pending)"];
        assert_eq!(marc.roles, roles);
        assert_eq!(name_of("Marc.Leroy@example.com"), Some("Marc Leroy"));
        assert_eq!(name_of("unknown@example.com"), None);
    }
}
