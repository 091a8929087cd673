//! Checks of the promises of `docs/promises.md` against the table itself, and a summary of what it holds.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_tests::{Item, Principal, Request, World, grant_row};
use serde_json::json;

/// A summary of the table, without random and momentary values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Each client with its seats, its owner and its settings.
    pub clients: BTreeMap<String, String>,
    /// Each scope with its owner.
    pub scopes: BTreeMap<String, String>,
    /// Each collaborator with membership, seat and grants.
    pub collaborators: BTreeMap<String, String>,
    /// Each change in the history with its count.
    pub history: BTreeMap<String, usize>,
    /// The number of queued mails.
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

fn has_seat(item: &Item) -> bool {
    item.get("seat").is_some_and(|seat| seat.as_bool().copied().unwrap_or(false))
}

/// A grant without its times, or the state of one in the history.
fn granted(grant: &Item) -> String {
    let status = text(grant, "status");
    format!("{} {status}", text(grant, "role")).trim().to_owned()
}

fn grants(collaborator: &Item) -> String {
    let grants: BTreeMap<_, _> = map(collaborator, "grants").into_iter().flatten().collect();
    let line = |(scope, grant): (&String, &AttributeValue)| {
        format!("{scope}={}", granted(grant.as_m().unwrap()))
    };
    grants.into_iter().map(line).collect::<Vec<_>>().join(" ")
}

fn change(entry: &Item) -> String {
    let changes: BTreeMap<_, _> = map(entry, "changes").into_iter().flatten().collect();
    let state = |change: &Item, when: &str| map(change, when).map_or("-".to_owned(), granted);
    let line = |(scope, change): (&String, &AttributeValue)| {
        let change = change.as_m().unwrap();
        format!("{scope}: {} > {}", state(change, "before"), state(change, "after"))
    };
    let changes: Vec<String> = changes.into_iter().map(line).collect();
    let whom = map(entry, "collaborator").map(|label| text(label, "email")).unwrap_or_default();
    format!("{} {} {whom} {}", text(entry, "pk"), text(entry, "action"), changes.join(", "))
}

/// All items of the table.
async fn items(world: &World) -> Vec<Item> {
    let all = world.dynamodb().scan().table_name("coulisses").send().await.unwrap();
    assert!(all.last_evaluated_key.is_none(), "one page is everything");
    all.items.unwrap_or_default()
}

/// The current summary.
pub async fn state(world: &World) -> State {
    let mut state = State::default();
    for item in items(world).await {
        let (pk, sk) = (text(&item, "pk"), text(&item, "sk"));
        let owner = || map(&item, "owner").map(|owner| text(owner, "email")).unwrap_or_default();
        match (pk.split_once('#').unwrap().0, sk.split_once('#')) {
            ("C", Some(("", _))) => {
                let seats = map(&item, "seats").unwrap();
                let (used, limit) = (number(seats, "used").unwrap(), number(seats, "limit"));
                state.clients.insert(pk, format!("{used} of {limit:?}, owner {}", owner()));
            }
            ("C", Some(("S", _))) => {
                state.scopes.insert(format!("{pk} {sk}"), owner());
            }
            ("C", _) => {
                let membership = match map(&item, "invitation") {
                    Some(_) if item.contains_key("suspended") => "suspended",
                    Some(invitation) => match text(invitation, "delivery").as_str() {
                        "bounced" => "pending, bounced",
                        "failed" => "pending, failed",
                        _ => "pending",
                    },
                    None => "active",
                };
                let seat = if has_seat(&item) { "seated" } else { "without a seat" };
                let shown = format!("{membership}, {seat}: {}", grants(&item));
                state.collaborators.insert(format!("{pk} {}", text(&item, "email")), shown);
            }
            ("H", _) => *state.history.entry(change(&item)).or_default() += 1,
            ("O", _) => state.outbox += 1,
            _ => {}
        }
    }
    state
}

/// Asserts the promises that hold at any time: on seats (1, 2) and on owners (7).
///
/// `lowered` permits more seats than the limit, for a limit that was lowered below the seats in use.
pub async fn assert_invariants(world: &World, lowered: bool, recipe: &str) {
    let items = items(world).await;
    for client in items.iter().filter(|item| text(item, "sk") == "#" && item.contains_key("seats"))
    {
        let pk = text(client, "pk");
        let collaborators = || {
            let here = items.iter().filter(|item| text(item, "pk") == pk);
            here.filter(|item| text(item, "sk").starts_with("P#"))
        };
        let client_id = pk.trim_start_matches("C#");
        for collaborator in collaborators() {
            let id = text(collaborator, "sk").split_off(2);
            for scope in map(collaborator, "grants").unwrap().keys() {
                let row = grant_row(client_id, scope, (&id, &text(collaborator, "email")));
                let is_row = |item: &&Item| item["pk"] == row["pk"] && item["sk"] == row["sk"];
                assert!(items.iter().any(|item| is_row(&item)), "no row for {scope}: {recipe}");
            }
        }
        let seats = map(client, "seats").unwrap();
        let used = number(seats, "used").unwrap();
        let seats_held =
            i64::try_from(collaborators().filter(|collaborator| has_seat(collaborator)).count())
                .unwrap();
        assert_eq!(used, seats_held, "promise 2 of {pk}: {recipe}");
        let listed = client.get("waiting").and_then(|list| list.as_l().ok());
        let listed: Vec<&str> =
            listed.into_iter().flatten().map(|id| id.as_s().unwrap().as_str()).collect();
        let waits = collaborators().filter(|it| it.contains_key("waiting") && !has_seat(it));
        let waits: BTreeSet<String> = waits.map(|it| text(it, "sk").split_off(2)).collect();
        let named: BTreeSet<String> = listed.iter().map(ToString::to_string).collect();
        assert_eq!(named, waits, "promise 11 of {pk}: {recipe}");
        assert_eq!(listed.len(), named.len(), "promise 11 of {pk}, once: {recipe}");
        let within = number(seats, "limit").is_none_or(|limit| used <= limit);
        assert!(within || lowered, "promise 1 of {pk}: {recipe}");
        let id = pk.trim_start_matches("C#");
        let owns = |collaborator: &&Item| {
            let grant = map(collaborator, "grants").and_then(|grants| map(grants, id));
            grant.is_some_and(|grant| text(grant, "role") == "owner")
        };
        let owners: Vec<String> =
            collaborators().filter(owns).map(|collaborator| text(collaborator, "sk")).collect();
        let named = map(client, "owner").map(|owner| format!("P#{}", text(owner, "id"))).unwrap();
        assert_eq!(owners, [named], "promise 7 of {pk}: {recipe}");
    }
}

/// Asserts that no seat is free while someone waits (11), after the schedule ran. Everyone on the list can have a seat.
pub async fn assert_no_one_waits_beside_a_free_seat(world: &World, recipe: &str) {
    for client in items(world).await.iter().filter(|item| item.contains_key("waiting")) {
        let Some(list) = client["waiting"].as_l().ok().filter(|list| !list.is_empty()) else {
            continue;
        };
        let seats = map(client, "seats").unwrap();
        let is_full = number(seats, "limit") <= number(seats, "used");
        assert!(is_full, "promise 11: {} wait beside a free seat: {recipe}", list.len());
    }
}

/// Asserts the promise on the history (9): for each collaborator and scope, its entries add up to the current grants.
pub async fn assert_history(world: &World, recipe: &str) {
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

/// Asserts that the bus has an event for each entry of the history, and no other, once nothing is in progress (10).
pub async fn assert_published(world: &World, recipe: &str) {
    let entries = items(world).await;
    let entries = entries.iter().filter(|item| text(item, "pk").starts_with("H#"));
    let entries: BTreeSet<String> = entries.map(|item| text(item, "sk")).collect();
    let events = world.bus.events().into_iter().map(|it| it.event());
    let events: BTreeSet<String> =
        events.map(|event| event["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(events, entries, "promise 10: {recipe}");
}

/// Asserts the promise on mail once nothing is in progress (6): every pending collaborator has a working link, or their
/// mail is shown as failed.
pub async fn assert_mails(world: &World, recipe: &str) {
    for collaborator in items(world).await {
        let Some(invitation) = map(&collaborator, "invitation") else { continue };
        let now = world.now().millis();
        // Those who were imported have no mail, and the invitation of those who are suspended has expired.
        let without_mail = text(invitation, "sending").starts_with("none-");
        if number(invitation, "expiresAt").unwrap() <= now || without_mail {
            continue;
        }
        let (email, delivery) = (text(&collaborator, "email"), text(invitation, "delivery"));
        if ["failed", "bounced"].contains(&delivery.as_str()) {
            continue;
        }
        let mails = world.ses.mails_to(&email);
        let last = mails.iter().rfind(|mail| mail.text.contains('#'));
        let last = last.unwrap_or_else(|| panic!("promise 6, no mail to {email}: {recipe}"));
        let body = json!({ "token": last.token() });
        let preview = Request::new("POST", "/v1/invitations/preview").json(&body);
        let seen = world.send(&Principal::anonymous(), preview).await;
        assert_eq!(seen.outcome(), "200", "promise 6, the last link of {email}: {recipe}");
        assert_ne!(delivery, "queued", "promise 6, {email}: {recipe}");
    }
}
