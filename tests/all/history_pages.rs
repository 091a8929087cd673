//! The pages of the history: size, cursors, reads and faults.

use std::time::Duration;

use coulisses_domain::{history::view::EntryId, scope::ClientId, time::DAY};
use coulisses_tests::{Answer, Fault, World, text};
use serde_json::json;

use crate::{
    history::{lines, read},
    support::{
        EVE, LEA, MEETUP, OWNER, SUMMIT, TECH, acme, active, assign, id_of, invite, invited,
        log_in, rows,
    },
};

/// `acme` with entries at two sister events, at the audience, and about Léa in between.
async fn busy() -> World {
    let world = acme().await;
    active(&world, EVE, SUMMIT, "administrator").await;
    for number in 0..6 {
        let scopes = [SUMMIT, MEETUP, TECH];
        let body = json!({ "email": format!("p{number}@example.org"), "role": "observer" });
        for scope in scopes.iter().take(1 + number % 3) {
            world.wait(Duration::from_secs(1));
            invite(&world, OWNER, scope, &body).await.expect(201);
        }
        if let Some(scope) = scopes.get(number) {
            world.wait(Duration::from_secs(1));
            invited(&world, LEA, scope, "reader").await;
        }
    }
    world.wait(Duration::from_secs(1));
    log_in(&world, LEA).await;
    world
}

/// All pages of a query with this `limit`.
async fn pages(
    world: &World,
    (who, scope): (&str, &str),
    query: &str,
    limit: usize,
) -> Vec<Answer> {
    let mut pages = Vec::new();
    let mut next = String::new();
    loop {
        let page =
            read(world, who, scope, &format!("{query}&limit={limit}{next}")).await.expect(200);
        let cursor = page.body["nextCursor"].as_str().map(|cursor| format!("&cursor={cursor}"));
        pages.push(page);
        assert!(pages.len() < 100, "it ends");
        let Some(cursor) = cursor else { return pages };
        next = cursor;
    }
}

fn all_lines(pages: &[Answer]) -> Vec<String> {
    pages.iter().flat_map(lines).collect()
}

#[tokio::test]
async fn pages_of_any_size_contain_each_entry_once_and_in_order() {
    let world = busy().await;
    let of_lea = format!("collaborator={}", id_of(&world, LEA));
    for (who, scope, query, expected) in [
        (OWNER, "acme", "", 20),
        (OWNER, TECH, "", 18),
        (EVE, SUMMIT, "", 10),
        (OWNER, "acme", of_lea.as_str(), 4),
        (EVE, SUMMIT, of_lea.as_str(), 2),
    ] {
        let all = all_lines(&pages(&world, (who, scope), query, 100).await);
        assert_eq!(all.len(), expected, "{scope} {query}: {all:#?}");
        for limit in 1..=all.len() + 1 {
            let pages = pages(&world, (who, scope), query, limit).await;
            assert!(pages.iter().all(|page| lines(page).len() <= limit));
            assert_eq!(all_lines(&pages), all, "{scope} {query} by {limit}");
        }
    }
}

#[tokio::test]
async fn an_entry_written_between_two_pages_is_not_in_the_second() {
    let world = busy().await;
    let all = all_lines(&pages(&world, (OWNER, "acme"), "", 100).await);
    let first = read(&world, OWNER, "acme", "limit=5").await.expect(200);
    world.wait(Duration::from_secs(1));
    invited(&world, LEA, "acme:rh", "reader").await;
    let cursor = first.text("/nextCursor");
    let rest = read(&world, OWNER, "acme", &format!("limit=100&cursor={cursor}")).await.expect(200);
    assert_eq!([lines(&first), lines(&rest)].concat(), all);
}

#[tokio::test]
async fn an_invalid_query_is_refused() {
    let world = busy().await;
    let summit = read(&world, EVE, SUMMIT, "limit=1").await.expect(200);
    let cursor = summit.text("/nextCursor").to_owned();
    let (lea, p0) = (id_of(&world, LEA), id_of(&world, "p0@example.org"));
    read(&world, EVE, SUMMIT, &format!("cursor={cursor}")).await.expect(200);
    let (short, long) = (&cursor[1..], format!("{cursor}A"));
    let turned: String = cursor.chars().rev().collect();
    let invalid = "limit=0 limit=101 limit=-1 limit=ten limit= limit=1&limit=2 page=2 collaborator= \
        collaborator=lea@example.org collaborator=* cursor= cursor=nonsense cursor=e30";
    for query in invalid.split(' ').chain([
        &*format!("collaborator={}", lea.to_uppercase()),
        &format!("collaborator={lea}a"),
        // The id of an entry is not a cursor.
        &format!("cursor={}", summit.text("/entries/0/id")),
        &format!("cursor={short}"),
        &format!("cursor={long}"),
        &format!("cursor={turned}"),
        // A cursor of the whole history is not valid for one collaborator.
        &format!("cursor={cursor}&collaborator={lea}"),
    ]) {
        let refused = read(&world, EVE, SUMMIT, query).await;
        assert_eq!(refused.outcome(), "400 malformed", "{query}");
    }
    // A cursor is valid only for its scope and its collaborator.
    let elsewhere = read(&world, OWNER, TECH, &format!("cursor={cursor}")).await;
    assert_eq!(elsewhere.outcome(), "400 malformed");
    let of_lea = format!("collaborator={lea}");
    let page = read(&world, OWNER, "acme", &format!("{of_lea}&limit=1")).await.expect(200);
    let cursor = page.text("/nextCursor");
    read(&world, OWNER, "acme", &format!("{of_lea}&cursor={cursor}")).await.expect(200);
    for query in [format!("cursor={cursor}"), format!("cursor={cursor}&collaborator={p0}")] {
        assert_eq!(read(&world, OWNER, "acme", &query).await.outcome(), "400 malformed", "{query}");
    }
    for query in ["limit=1", "limit=100", "collaborator=abcdefghijklmnopqrstuvwxyz"] {
        read(&world, OWNER, "acme", query).await.expect(200);
    }
}

#[tokio::test]
async fn a_page_has_fifty_entries_by_default() {
    let world = acme().await;
    for number in 0..51 {
        world.wait(Duration::from_secs(1));
        invited(&world, &format!("p{number}@example.org"), TECH, "observer").await;
    }
    for scope in ["acme", TECH] {
        let page = read(&world, OWNER, scope, "").await.expect(200);
        assert_eq!(lines(&page).len(), 50);
        assert!(lines(&page)[0].contains("p50@example.org"), "newest first");
        assert!(page.body["nextCursor"].is_string());
    }
}

/// Makes each entry of the history larger by `bytes`.
async fn pad(world: &World, bytes: usize) {
    for id in rows(world, "H#acme").await.into_keys() {
        world.update(("H#acme", &id), "SET padding = :value", text("x".repeat(bytes))).await;
    }
}

#[tokio::test]
async fn a_page_is_not_empty_while_entries_follow() {
    let world = acme().await;
    active(&world, EVE, SUMMIT, "administrator").await;
    for number in 0..8 {
        world.wait(Duration::from_secs(1));
        invited(&world, &format!("p{number}@example.org"), MEETUP, "observer").await;
    }
    pad(&world, 300_000).await;
    drop(world.trips());
    let first = read(&world, EVE, SUMMIT, "").await.expect(200);
    assert_ne!(lines(&first), [""; 0], "what is before three megabytes about a sister");
    assert!(world.operations().iter().filter(|it| *it == "Query").count() >= 3);
    let all = pages(&world, (EVE, SUMMIT), "", 50).await;
    assert_eq!(all_lines(&all).len(), 2);
}

#[tokio::test]
async fn the_history_of_a_scope_is_the_same_with_and_without_pointers() {
    let world = busy().await;
    let readers = [(OWNER, "acme"), (OWNER, TECH), (OWNER, SUMMIT), (EVE, SUMMIT), (OWNER, MEETUP)];
    let mut before = Vec::new();
    for at in readers {
        before.push(all_lines(&pages(&world, at, "", 100).await));
    }
    world.wait(Duration::from_mins(10));
    invited(&world, "late@example.org", SUMMIT, "observer").await;
    world.wait(Duration::from_mins(10));
    world.audit().await;
    let pointers = rows(&world, "K#acme:tech:summit").await;
    assert_eq!(pointers.len(), before[2].len(), "the latest entry is not settled yet");
    for (at, before) in readers.into_iter().zip(before) {
        let late = usize::from(at.1 != MEETUP);
        for limit in [1, 2, 3, 100] {
            let all = all_lines(&pages(&world, at, "", limit).await);
            assert_eq!(all[late..], before, "{at:?} by {limit}");
            assert_eq!(all[..late].iter().filter(|it| it.contains("late@")).count(), late);
        }
    }
    let again = rows(&world, "K#acme").await;
    world.wait(DAY);
    world.audit().await;
    let settled = rows(&world, "K#acme:tech:summit").await.len();
    assert_eq!(settled, pointers.len() + 1);
    assert_eq!(rows(&world, "K#acme").await.len(), again.len() + 1, "by id: one more entry");
}

#[tokio::test]
async fn a_slower_audit_does_not_move_the_mark_back() {
    let world = acme().await;
    let [older, newer] = ["01KBPK3Y00ABCDEFGHJKMNPQRS", "01KBPK3Y01ABCDEFGHJKMNPQRS"];
    let client = ClientId::parse("acme").unwrap();
    for id in [newer, older] {
        let id = EntryId::parse(id).unwrap();
        world.app.table.mark_indexed(&client, &id).await.unwrap();
    }
    assert_eq!(world.item("acme", "#").await["indexed"].as_s().unwrap(), newer);
}

#[tokio::test]
async fn at_most_a_hundred_entries_of_one_collaborator_are_read_at_once() {
    let world = acme().await;
    active(&world, LEA, TECH, "observer").await;
    active(&world, EVE, SUMMIT, "administrator").await;
    for number in 0..110 {
        world.wait(Duration::from_secs(1));
        let role = if number % 2 == 0 { "reader" } else { "observer" };
        let change = json!({ "role": role });
        assign(&world, OWNER, (TECH, LEA), &change).await.expect(200);
    }
    world.wait(Duration::from_secs(1));
    let of_lea = format!("collaborator={}", id_of(&world, LEA));
    for (scope, limit, shown) in [(TECH, 100, 100), ("acme", 100, 100), ("acme", 7, 7)] {
        drop(world.trips());
        let query = format!("{of_lea}&limit={limit}");
        let page = read(&world, OWNER, scope, &query).await.expect(200);
        assert_eq!(lines(&page).len(), shown);
        assert!(page.body["nextCursor"].is_string());
        let mut read: Vec<usize> = world
            .trips()
            .iter()
            .filter(|trip| trip.operation == "BatchGetItem")
            .map(|trip| trip.request["RequestItems"]["coulisses"]["Keys"].as_array().unwrap().len())
            .collect();
        read.sort_unstable();
        // The client, its roles, the scope and the caller; then the entries.
        assert_eq!(read, [3 + usize::from(scope != "acme"), shown], "{scope}");
        let all = all_lines(&pages(&world, (OWNER, scope), &of_lea, limit).await);
        assert_eq!(all.len(), 112, "the invitation, the activation and each change");
    }
    // An event shows none of these entries.
    let at_summit = pages(&world, (EVE, SUMMIT), &of_lea, 100).await;
    assert_eq!(all_lines(&at_summit), [""; 0]);
    world.break_calls(|trip| (trip.operation == "BatchGetItem").then_some(Fault::HalfDone));
    let page = read(&world, OWNER, TECH, &format!("{of_lea}&limit=100")).await.expect(200);
    assert_eq!(lines(&page).len(), 100, "unprocessed keys are read again");
}

#[tokio::test]
async fn a_failed_read_is_an_error() {
    let world = busy().await;
    let of_lea = format!("collaborator={}", id_of(&world, LEA));
    for operation in ["Query", "BatchGetItem"] {
        world.break_calls(move |trip| (trip.operation == operation).then_some(Fault::Unreachable));
        for query in ["", &of_lea] {
            let answer = read(&world, OWNER, "acme", query).await;
            assert_eq!(answer.outcome(), "503 try-again", "{operation} {query}");
        }
    }
    world.set_table_down(false);
    let newest = rows(&world, "H#acme").await.into_keys().next_back().unwrap();
    world.update(("H#acme", &newest), "SET changes = :value", text("corrupt".into())).await;
    for query in ["", &of_lea] {
        assert_eq!(read(&world, OWNER, "acme", query).await.outcome(), "503 try-again", "{query}");
    }
}
