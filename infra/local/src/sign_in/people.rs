//! The people of the demonstration, as they are offered on the page: who they are, and what they hold at first.

use super::words::Words;
use crate::demo::cast::{CLIENTS, Client, Then};

/// Somebody whom one can sign in as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Somebody {
    /// The address.
    pub email: String,
    /// The name, if it is known.
    pub name: Option<&'static str>,
    /// What they hold and where, a line each.
    pub holds: Vec<String>,
}

/// People under a heading.
#[derive(Debug)]
pub struct Group {
    /// The heading.
    pub title: &'static str,
    /// The people.
    pub people: Vec<Somebody>,
}

/// Everybody: the owners of the clients first, then each client's people.
pub fn groups(words: &Words) -> Vec<Group> {
    let owners = CLIENTS.iter().flat_map(|client| {
        everybody(client, words).into_iter().filter(|person| person.email == client.owner.0)
    });
    let owners = Group { title: words.owners, people: owners.collect() };
    let others = CLIENTS.iter().map(|client| Group {
        title: client.name,
        people: everybody(client, words)
            .into_iter()
            .filter(|person| person.email != client.owner.0)
            .collect(),
    });
    std::iter::once(owners).chain(others).collect()
}

/// The name of somebody of the demonstration.
pub fn name_of(email: &str) -> Option<&'static str> {
    let all = CLIENTS.iter().flat_map(|client| {
        let owners = client.scopes.iter().filter_map(|scope| scope.owner);
        let people = client.people.iter().map(|person| (person.email, person.name));
        std::iter::once(client.owner).chain(owners).chain(people)
    });
    all.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(email)).map(|(_, name)| name)
}

/// The people of a client, each once, in the order in which they came.
fn everybody(client: &Client, words: &Words) -> Vec<Somebody> {
    let mut all: Vec<Somebody> = Vec::new();
    let mut add = |(email, name): (&str, &'static str), held: String| match all
        .iter_mut()
        .find(|person| person.email == email)
    {
        Some(person) => person.holds.push(held),
        None => {
            all.push(Somebody { email: email.to_owned(), name: Some(name), holds: vec![held] });
        }
    };
    add(client.owner, words.held("owner", client.name));
    for scope in client.scopes {
        if let Some(owner) = scope.owner {
            add(owner, words.held("owner", scope.name));
        }
    }
    for person in client.people {
        let scope = client.scopes.iter().find(|scope| scope.id == person.scope);
        let mut held = words.held(person.role, scope.map_or(client.name, |scope| scope.name));
        if person.then == Then::Waits {
            held = format!("{held} ({})", words.waits);
        }
        add((person.email, person.name), held);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn the_owners_of_the_clients_come_first_and_everybody_is_there_once() {
        let groups = groups(Words::of(Language::English));
        let emails = |group: &Group| -> Vec<String> {
            group.people.iter().map(|person| person.email.clone()).collect()
        };
        assert_eq!(emails(&groups[0]), ["claire.martin@example.org", "sophie.bernard@example.com"]);
        let mut all: Vec<String> = groups.iter().flat_map(emails).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
        for person in CLIENTS.iter().flat_map(|client| client.people) {
            assert!(all.iter().any(|email| email == person.email), "{}", person.email);
        }
    }

    #[test]
    fn whoever_holds_two_roles_shows_both() {
        let groups = groups(Words::of(Language::English));
        let all = groups.iter().flat_map(|group| &group.people);
        let marc = all.into_iter().find(|person| person.email == "marc.leroy@example.com").unwrap();
        let holds = [
            "administrator – Technologie",
            "custom – Sommet Tech 2027 (invited, not accepted yet)",
        ];
        assert_eq!(marc.holds, holds);
        assert_eq!(name_of("Marc.Leroy@example.com"), Some("Marc Leroy"));
        assert_eq!(name_of("nobody@example.com"), None);
    }
}
