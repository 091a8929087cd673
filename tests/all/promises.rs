//! The promises of `docs/promises.md`, looked up in the table itself, and what a world comes to.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_tests::{Request, Who, World};
use serde_json::json;

type Item = HashMap<String, AttributeValue>;

/// What a world comes to: all that matters of it, without what is random or a moment's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Each client with its seats, its owner and its settings.
    pub clients: BTreeMap<String, String>,
    /// Each scope with its owner.
    pub scopes: BTreeMap<String, String>,
    /// Each collaborator with standing, seat and grants.
    pub people: BTreeMap<String, String>,
    /// How often each change stands in the history.
    pub history: BTreeMap<String, usize>,
    /// What is still to be mailed.
    pub outbox: usize,
}

fn text(item: &Item, name: &str) -> String {
    item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
}

fn number(item: &Item, name: &str) -> Option<i64> {
    item.get(name).and_then(|value| value.as_n().ok()).and_then(|number| number.parse().ok())
}

fn map<'a>(item: &'a Item, name: &str) -> Option<&'a Item> {
    item.get(name).and_then(|value| value.as_m().ok())
}

fn usage(item: &Item) -> bool {
    item.get("seat").is_some_and(|seat| seat.as_bool().copied().unwrap_or(false))
}

/// A grant, or a state of one, without when it was given.
fn granted(grant: &Item) -> String {
    let status = text(grant, "status");
    format!("{} {status}", text(grant, "role")).trim().to_owned()
}

fn grants(person: &Item) -> String {
    let grants: BTreeMap<_, _> = map(person, "grants").into_iter().flatten().collect();
    let told = |(scope, grant): (&String, &AttributeValue)| {
        format!("{scope}={}", granted(grant.as_m().unwrap()))
    };
    grants.into_iter().map(told).collect::<Vec<_>>().join(" ")
}

fn change(entry: &Item) -> String {
    let changes: BTreeMap<_, _> = map(entry, "changes").into_iter().flatten().collect();
    let state = |change: &Item, when: &str| map(change, when).map_or("-".to_owned(), granted);
    let told = |(scope, change): (&String, &AttributeValue)| {
        let change = change.as_m().unwrap();
        format!("{scope}: {} > {}", state(change, "before"), state(change, "after"))
    };
    let changes: Vec<String> = changes.into_iter().map(told).collect();
    let whom = map(entry, "collaborator").map(|label| text(label, "email")).unwrap_or_default();
    format!("{} {} {whom} {}", text(entry, "pk"), text(entry, "action"), changes.join(", "))
}

/// All items of the table.
async fn items(world: &World) -> Vec<Item> {
    let all = world.dynamodb().scan().table_name("coulisses").send().await.unwrap();
    assert!(all.last_evaluated_key.is_none(), "one page is everything");
    all.items.unwrap_or_default()
}

/// What a world comes to now.
pub async fn state(world: &World) -> State {
    let mut state = State::default();
    for item in items(world).await {
        let (pk, sk) = (text(&item, "pk"), text(&item, "sk"));
        let owner = || map(&item, "owner").map(|owner| text(owner, "email")).unwrap_or_default();
        match (pk.split_once('#').unwrap().0, sk.split_once('#')) {
            ("C", Some(("", _))) => {
                let seats = map(&item, "seats").unwrap();
                let (used, limit) = (number(seats, "used").unwrap(), number(seats, "limit"));
                let told = format!("{used} of {limit:?}, owner {}", owner());
                state.clients.insert(pk, told);
            }
            ("C", Some(("S", _))) => {
                state.scopes.insert(format!("{pk} {sk}"), owner());
            }
            ("C", _) => {
                let membership = match map(&item, "invitation") {
                    Some(invitation) => match text(invitation, "delivery").as_str() {
                        "bounced" => "pending, bounced",
                        "failed" => "pending, failed",
                        _ => "pending",
                    },
                    None => "active",
                };
                let seat = if usage(&item) { "seated" } else { "without a seat" };
                let told = format!("{membership}, {seat}: {}", grants(&item));
                state.people.insert(format!("{pk} {}", text(&item, "email")), told);
            }
            ("H", _) => *state.history.entry(change(&item)).or_default() += 1,
            ("O", _) => state.outbox += 1,
            _ => {}
        }
    }
    state
}

/// Holds the promises that hold at any moment: the seats (1, 2) and the owners (7).
///
/// `lowered` says whether the limit was set below what is taken, which keeps everybody.
pub async fn hold_always(world: &World, lowered: bool, recipe: &str) {
    let items = items(world).await;
    for client in items.iter().filter(|item| text(item, "sk") == "#" && item.contains_key("seats"))
    {
        let pk = text(client, "pk");
        let people = || {
            let here = items.iter().filter(|item| text(item, "pk") == pk);
            here.filter(|item| text(item, "sk").starts_with("P#"))
        };
        let seats = map(client, "seats").unwrap();
        let used = number(seats, "used").unwrap();
        let sitting = i64::try_from(people().filter(|person| usage(person)).count()).unwrap();
        assert_eq!(used, sitting, "promise 2 of {pk}: {recipe}");
        let within = number(seats, "limit").is_none_or(|limit| used <= limit);
        assert!(within || lowered, "promise 1 of {pk}: {recipe}");
        let id = pk.trim_start_matches("C#");
        let owns = |person: &&Item| {
            let grant = map(person, "grants").and_then(|grants| map(grants, id));
            grant.is_some_and(|grant| text(grant, "role") == "owner")
        };
        let owners: Vec<String> = people().filter(owns).map(|person| text(person, "sk")).collect();
        let named = map(client, "owner").map(|owner| format!("P#{}", text(owner, "id"))).unwrap();
        assert_eq!(owners, [named], "promise 7 of {pk}: {recipe}");
    }
}

/// Holds the promise about the history (9): of each person at each scope, what was given and taken comes to what is there.
pub async fn hold_history(world: &World, recipe: &str) {
    let items = items(world).await;
    let mut held: BTreeMap<(String, String), i32> = BTreeMap::new();
    for item in &items {
        let (pk, sk) = (text(item, "pk"), text(item, "sk"));
        if let (Some(client), Some(id)) = (pk.strip_prefix("C#"), sk.strip_prefix("P#")) {
            for scope in map(item, "grants").into_iter().flatten().map(|(scope, _)| scope) {
                *held.entry((format!("{client} {id}"), scope.clone())).or_default() -= 1;
            }
        }
        let Some(client) = pk.strip_prefix("H#") else { continue };
        let id = map(item, "collaborator").map(|label| text(label, "id")).unwrap_or_default();
        for (scope, change) in map(item, "changes").into_iter().flatten() {
            let change = change.as_m().unwrap();
            let there = |when: &str| i32::from(change.contains_key(when));
            let sum = held.entry((format!("{client} {id}"), scope.clone())).or_default();
            *sum += there("after") - there("before");
        }
    }
    let wrong: Vec<_> = held.into_iter().filter(|(_, sum)| *sum != 0).collect();
    assert!(wrong.is_empty(), "promise 9, {wrong:?}: {recipe}");
}

/// Holds the promise about mail once nothing is under way any more (6): whoever is pending has a link that works, or
/// shows that the mail failed.
pub async fn hold_mails(world: &World, recipe: &str) {
    for person in items(world).await {
        let Some(invitation) = map(&person, "invitation") else { continue };
        let now = world.now().millis();
        if number(invitation, "expiresAt").unwrap() <= now {
            continue;
        }
        let (email, delivery) = (text(&person, "email"), text(invitation, "delivery"));
        if ["failed", "bounced"].contains(&delivery.as_str()) {
            continue;
        }
        let mails = world.ses.mails_to(&email);
        let last = mails.iter().rfind(|mail| mail.text.contains('#'));
        let last = last.unwrap_or_else(|| panic!("promise 6, no mail to {email}: {recipe}"));
        let body = json!({ "token": last.token() });
        let preview = Request::new("POST", "/v1/invitations/preview").json(&body);
        let seen = world.send(&Who::nobody(), preview).await;
        assert_eq!(seen.told(), "200", "promise 6, the last link of {email}: {recipe}");
        assert_ne!(delivery, "queued", "promise 6, {email}: {recipe}");
    }
}
