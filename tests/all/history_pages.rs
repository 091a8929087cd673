//! The history's pages: their sizes, their cursors, what they read, and what becomes of faults.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_tests::{Answer, Fault, World};
use serde_json::json;

use crate::{
    history::{lines, read},
    support::{acme, active, assign, id_of, invite, log_in, rows},
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";
const EVE: &str = "eve@example.org";

/// `acme` with a history at two sister events in turn, at the audience, and about Léa in between.
async fn busy() -> World {
    let world = acme().await;
    active(&world, EVE, "acme:tech:summit", "administrator").await;
    for number in 0..6 {
        let scopes = ["acme:tech:summit", "acme:tech:meetup", "acme:tech"];
        let body = json!({ "email": format!("p{number}@example.org"), "role": "observer" });
        for scope in scopes.iter().take(1 + number % 3) {
            world.wait(Duration::from_secs(1));
            invite(&world, OWNER, scope, &body).await.expect(201);
        }
        if let Some(scope) = scopes.get(number) {
            world.wait(Duration::from_secs(1));
            invite(&world, OWNER, scope, &json!({ "email": LEA, "role": "reader" }))
                .await
                .expect(201);
        }
    }
    world.wait(Duration::from_secs(1));
    log_in(&world, LEA).await;
    world
}

/// All pages of this query, by `limit`.
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
async fn pages_of_any_size_show_every_entry_exactly_once_and_in_order() {
    let world = busy().await;
    let of_lea = format!("collaborator={}", id_of(&world, LEA));
    for (who, scope, query, expected) in [
        (OWNER, "acme", "", 20),
        (OWNER, "acme:tech", "", 18),
        (EVE, "acme:tech:summit", "", 10),
        (OWNER, "acme", of_lea.as_str(), 4),
        (EVE, "acme:tech:summit", of_lea.as_str(), 2),
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
async fn what_comes_new_between_two_pages_is_before_the_first_and_repeats_nothing() {
    let world = busy().await;
    let all = all_lines(&pages(&world, (OWNER, "acme"), "", 100).await);
    let first = read(&world, OWNER, "acme", "limit=5").await.expect(200);
    world.wait(Duration::from_secs(1));
    invite(&world, OWNER, "acme:rh", &json!({ "email": LEA, "role": "reader" })).await.expect(201);
    let cursor = first.text("/nextCursor");
    let rest = read(&world, OWNER, "acme", &format!("limit=100&cursor={cursor}")).await.expect(200);
    assert_eq!([lines(&first), lines(&rest)].concat(), all);
}

#[tokio::test]
async fn a_query_that_is_not_understood_is_refused() {
    let world = busy().await;
    let summit = read(&world, EVE, "acme:tech:summit", "limit=1").await.expect(200);
    let cursor = summit.text("/nextCursor").to_owned();
    let (lea, p0) = (id_of(&world, LEA), id_of(&world, "p0@example.org"));
    read(&world, EVE, "acme:tech:summit", &format!("cursor={cursor}")).await.expect(200);
    let (short, long) = (&cursor[1..], format!("{cursor}A"));
    let turned: String = cursor.chars().rev().collect();
    for query in [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=ten",
        "limit=",
        "limit=1&limit=2",
        "page=2",
        "collaborator=",
        "collaborator=lea@example.org",
        "collaborator=*",
        &format!("collaborator={}", lea.to_uppercase()),
        &format!("collaborator={lea}a"),
        "cursor=",
        "cursor=nonsense",
        "cursor=e30",
        // A real id of an entry, which nobody handed out as a cursor.
        &format!("cursor={}", summit.text("/entries/0/id")),
        &format!("cursor={short}"),
        &format!("cursor={long}"),
        &format!("cursor={turned}"),
        // A cursor of all the history is none of one person's.
        &format!("cursor={cursor}&collaborator={lea}"),
    ] {
        let refused = read(&world, EVE, "acme:tech:summit", query).await;
        assert_eq!(refused.told(), "400 malformed", "{query}");
    }
    // Nor is one of a scope that of another, nor that of a person another's.
    let elsewhere = read(&world, OWNER, "acme:tech", &format!("cursor={cursor}")).await;
    assert_eq!(elsewhere.told(), "400 malformed");
    let of_lea = format!("collaborator={lea}");
    let page = read(&world, OWNER, "acme", &format!("{of_lea}&limit=1")).await.expect(200);
    let cursor = page.text("/nextCursor");
    read(&world, OWNER, "acme", &format!("{of_lea}&cursor={cursor}")).await.expect(200);
    for query in [format!("cursor={cursor}"), format!("cursor={cursor}&collaborator={p0}")] {
        assert_eq!(read(&world, OWNER, "acme", &query).await.told(), "400 malformed", "{query}");
    }
    for query in ["limit=1", "limit=100", "collaborator=abcdefghijklmnopqrstuvwxyz"] {
        read(&world, OWNER, "acme", query).await.expect(200);
    }
}

#[tokio::test]
async fn a_page_has_fifty_entries_unless_the_query_says_otherwise() {
    let world = acme().await;
    for number in 0..51 {
        world.wait(Duration::from_secs(1));
        let body = json!({ "email": format!("p{number}@example.org"), "role": "observer" });
        invite(&world, OWNER, "acme:tech", &body).await.expect(201);
    }
    for scope in ["acme", "acme:tech"] {
        let page = read(&world, OWNER, scope, "").await.expect(200);
        assert_eq!(lines(&page).len(), 50);
        assert!(lines(&page)[0].contains("p50@example.org"), "the newest first");
        assert!(page.body["nextCursor"].is_string());
    }
}

/// Makes each entry of the history as large as `bytes`.
async fn pad(world: &World, bytes: usize) {
    for id in rows(world, "H#acme").await.into_keys() {
        let update = world.dynamodb().update_item().table_name("coulisses");
        let update = update.key("pk", AttributeValue::S("H#acme".into()));
        let update = update.key("sk", AttributeValue::S(id));
        let update = update.update_expression("SET padding = :padding");
        let padding = AttributeValue::S("x".repeat(bytes));
        update.expression_attribute_values(":padding", padding).send().await.unwrap();
    }
}

#[tokio::test]
async fn a_page_reads_a_megabyte_at_most_and_may_be_empty_although_more_follows() {
    let world = acme().await;
    active(&world, EVE, "acme:tech:summit", "administrator").await;
    for number in 0..8 {
        world.wait(Duration::from_secs(1));
        let body = json!({ "email": format!("p{number}@example.org"), "role": "observer" });
        invite(&world, OWNER, "acme:tech:meetup", &body).await.expect(201);
    }
    pad(&world, 300_000).await;
    drop(world.trips());
    let first = read(&world, EVE, "acme:tech:summit", "").await.expect(200);
    assert_eq!(first.body["entries"], json!([]), "all of it happened at a sister");
    assert!(first.body["nextCursor"].is_string());
    let queries = world.trips().into_iter().filter(|trip| trip.operation == "Query");
    assert_eq!(queries.count(), 1);
    let all = pages(&world, (EVE, "acme:tech:summit"), "", 50).await;
    assert!(all.len() > 2, "{}", all.len());
    let told = all_lines(&all);
    assert_eq!(told.len(), 2, "{told:?}");
}

#[tokio::test]
async fn of_one_person_a_hundred_entries_at_most_are_read_at_once() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "observer").await;
    active(&world, EVE, "acme:tech:summit", "administrator").await;
    for number in 0..110 {
        world.wait(Duration::from_secs(1));
        let role = if number % 2 == 0 { "reader" } else { "observer" };
        let change = json!({ "role": role });
        assign(&world, OWNER, ("acme:tech", LEA), &change).await.expect(200);
    }
    world.wait(Duration::from_secs(1));
    let of_lea = format!("collaborator={}", id_of(&world, LEA));
    for (scope, limit, shown) in [("acme:tech", 100, 100), ("acme", 100, 100), ("acme", 7, 7)] {
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
        // The client, the scope and the caller; then the entries.
        assert_eq!(read, [2 + usize::from(scope != "acme"), shown], "{scope}");
        let all = all_lines(&pages(&world, (OWNER, scope), &of_lea, limit).await);
        assert_eq!(all.len(), 112, "invited, activated, and each change");
    }
    // At an event nothing of all that shows, however much of it there is.
    let at_summit = pages(&world, (EVE, "acme:tech:summit"), &of_lea, 100).await;
    assert_eq!(all_lines(&at_summit), [""; 0]);
    world.break_calls(|trip| (trip.operation == "BatchGetItem").then_some(Fault::HalfDone));
    let page = read(&world, OWNER, "acme:tech", &format!("{of_lea}&limit=100")).await.expect(200);
    assert_eq!(lines(&page).len(), 100, "what the table leaves out is asked for again");
}

#[tokio::test]
async fn what_cannot_be_read_is_told_as_that() {
    let world = busy().await;
    let of_lea = format!("collaborator={}", id_of(&world, LEA));
    for operation in ["Query", "BatchGetItem"] {
        world.break_calls(move |trip| (trip.operation == operation).then_some(Fault::Unreachable));
        for query in ["", &of_lea] {
            let answer = read(&world, OWNER, "acme", query).await;
            assert_eq!(answer.told(), "503 try-again", "{operation} {query}");
        }
    }
    world.set_table_down(false);
    let newest = rows(&world, "H#acme").await.into_keys().next_back().unwrap();
    let update = world.dynamodb().update_item().table_name("coulisses");
    let update = update.key("pk", AttributeValue::S("H#acme".into()));
    let update = update.key("sk", AttributeValue::S(newest));
    let update = update.update_expression("SET #action = :unknown");
    let update = update.expression_attribute_names("#action", "action");
    let update = update.expression_attribute_values(":unknown", AttributeValue::S("sung".into()));
    update.send().await.unwrap();
    for query in ["", &of_lea] {
        assert_eq!(read(&world, OWNER, "acme", query).await.told(), "503 try-again", "{query}");
    }
}
