//! What a page of a list costs in a client of a hundred, a thousand and ten thousand collaborators: what it shows, not
//! what the client has (docs/performance.md).

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_aws::random;
use coulisses_domain::{history::view::EntryId, scope::ClientId, time::Timestamp};
use coulisses_tests::{Answer, Item, World, grant_row, text};

use crate::{
    ledger::Cost,
    listing::emails,
    support::{LEA, OWNER, TECH, acme, active, get, id_of},
};

/// How many people have access to all of the client.
const ON_CLIENT: usize = 50;

/// `acme` with `count` collaborators, 30 on each event and 50 on the client.
pub async fn large(count: usize) -> World {
    large_with_seats(count, count + 2).await
}

/// The same, where only so many of them have a seat.
async fn large_with_seats(count: usize, used: usize) -> World {
    let world = acme().await;
    active(&world, LEA, TECH, "reader").await;
    let record = world.item("acme", &format!("P#{}", id_of(&world, LEA))).await;
    let grant = record["grants"].as_m().unwrap()[TECH].clone();
    let events = count / 20;
    let people = (0..count).flat_map(|number| {
        let event = |number: usize| format!("acme:tech:event-{}", number % events);
        let mut scopes = vec![event(number)];
        if number % 2 == 0 {
            scopes.push(event(number + 1 + number / events % (events - 1)));
        }
        if number < ON_CLIENT {
            scopes = vec!["acme".to_owned()];
        }
        person(&world, &record, &grant, &format!("p{number:05}@example.org"), &scopes)
    });
    let people: Vec<Item> = people.collect();
    let scopes = (0..events).map(|number| scope(&format!("S#tech#event-{number}")));
    world.write(scopes.chain(people)).await;
    world.set_used_seats("acme", used).await;
    world
}

fn person(
    world: &World,
    record: &Item,
    grant: &AttributeValue,
    email: &str,
    scopes: &[String],
) -> Vec<Item> {
    let id = id_of(world, email);
    let grants = scopes.iter().map(|scope| (scope.clone(), grant.clone())).collect();
    let mut copy = record.clone();
    copy.extend([
        ("sk".to_owned(), text(format!("P#{id}"))),
        ("gsi1pk".to_owned(), text(format!("E#{id}"))),
        ("email".to_owned(), text(email.to_owned())),
        ("grants".to_owned(), AttributeValue::M(grants)),
    ]);
    let rows = scopes.iter().map(|scope| grant_row("acme", scope, (&id, email)));
    std::iter::once(copy).chain(rows).collect()
}

fn scope(sk: &str) -> Item {
    HashMap::from([
        ("pk".to_owned(), text("C#acme".to_owned())),
        ("sk".to_owned(), text(sk.to_owned())),
        ("v".to_owned(), AttributeValue::N("1".to_owned())),
        ("level".to_owned(), text("event".to_owned())),
        ("name".to_owned(), text("Event".to_owned())),
        ("version".to_owned(), AttributeValue::N("1".to_owned())),
    ])
}

/// A page of a list, and what it costs.
async fn page(world: &World, target: &str) -> (Answer, Cost) {
    world.measure();
    drop(world.trips());
    let page = get(world, OWNER, target).await.expect(200);
    (page, Cost::of(&world.trips()))
}

fn shown(page: &Answer) -> usize {
    page.body["collaborators"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_page_costs_what_it_shows_whatever_the_size_of_the_client() {
    for count in [100, 1_000, 10_000] {
        let world = large(count).await;
        let (event, cost) = page(&world, "/v1/scopes/acme:tech:event-1/collaborators").await;
        assert!((60..=90).contains(&shown(&event)), "{count}: {}", shown(&event));
        assert!(cost.read <= 60.0 && cost.depth <= 3, "an event of {count}: {cost}");

        let below = "/v1/scopes/acme/collaborators?below=true&limit=100";
        let (mut all, cost) = page(&world, below).await;
        assert!(cost.read <= 600.0 && cost.depth <= 3, "the first page of {count}: {cost}");
        let (mut people, mut pages) = (shown(&all), 1);
        while let Some(cursor) = all.body["nextCursor"].as_str().map(str::to_owned) {
            let (next, cost) = page(&world, &format!("{below}&cursor={cursor}")).await;
            assert!(cost.read <= 100.0 && cost.depth <= 3, "page {pages} of {count}: {cost}");
            (people, pages, all) = (people + shown(&next), pages + 1, next);
            if pages == 12 {
                break;
            }
        }
        assert_eq!(people, (count + 2).min(1_200), "each once");
    }
}

#[tokio::test]
async fn a_list_of_half_of_the_client_or_more_reads_it_in_one_query() {
    let world = large(100).await;
    let (list, cost) = page(&world, "/v1/scopes/acme/collaborators").await;
    let keys = 0.5 * f64::from(u32::try_from(shown(&list)).unwrap());
    assert!(cost.read < keys && cost.depth == 2, "{cost}, and the keys alone would take {keys}");
}

#[tokio::test]
async fn people_without_a_seat_hide_no_one_and_at_most_double_the_cost() {
    let world = large_with_seats(1_000, 100).await;
    let path = "/v1/scopes/acme:tech:event-1/collaborators";
    let (list, cost) = page(&world, path).await;
    assert!(cost.depth <= 3 && cost.read <= 90.0, "{cost}");
    let by_key = large(1_000).await;
    assert_eq!(emails(&list), emails(&page(&by_key, path).await.0));
}

#[tokio::test]
async fn an_unreadable_record_fails_the_lists_that_show_it_and_no_other() {
    let world = acme().await;
    active(&world, LEA, TECH, "reader").await;
    let mut record = world.item("acme", &format!("P#{}", id_of(&world, LEA))).await;
    record.insert("v".to_owned(), AttributeValue::N("2".to_owned()));
    world.write([record].into_iter()).await;
    get(&world, OWNER, "/v1/scopes/acme/collaborators").await.expect(200);
    get(&world, OWNER, &format!("/v1/scopes/{TECH}/collaborators")).await.expect(503);
}

/// Adds a history entry for each collaborator, one a second, over the events, with the pointers that audits write.
async fn with_history(count: usize) -> World {
    let world = large(count).await;
    let query = world.dynamodb().query().table_name("coulisses");
    let query = query.key_condition_expression("pk = :pk");
    let query = query.expression_attribute_values(":pk", text("H#acme".to_owned()));
    let mut entries = query.send().await.unwrap().items.unwrap().into_iter();
    let entry = entries.find(|it| it["changes"].as_m().unwrap().contains_key(TECH)).unwrap();
    let change = entry["changes"].as_m().unwrap()[TECH].clone();
    let events = count / 20;
    let seconds = |number: usize| Duration::from_secs(u64::try_from(number).unwrap());
    let begun: Timestamp = world.now();
    let ids: Vec<String> =
        (0..count).map(|number| random::ulid(begun.after(seconds(number))).unwrap()).collect();
    let entries = ids.iter().cloned().enumerate().flat_map(|(number, id)| {
        let scope = format!("acme:tech:event-{}", number % events);
        let pointer = |scope: &str| {
            let key = [("pk", format!("K#{scope}")), ("sk", id.clone())];
            Item::from(key.map(|(name, value)| (name.to_owned(), text(value))))
        };
        let pointers = [pointer(&scope), pointer(TECH)];
        let mut copy = entry.clone();
        copy.extend([
            ("sk".to_owned(), text(id.clone())),
            ("gsi1sk".to_owned(), text(id)),
            ("changes".to_owned(), AttributeValue::M([(scope, change.clone())].into())),
        ]);
        std::iter::once(copy).chain(pointers)
    });
    world.write(entries).await;
    let last = EntryId::parse(ids.last().unwrap()).unwrap();
    world.app.table.mark_indexed(&ClientId::parse("acme").unwrap(), &last).await.unwrap();
    world
}

#[tokio::test]
async fn a_page_of_the_history_of_an_event_costs_what_it_shows() {
    for count in [100, 1_000, 10_000] {
        let world = with_history(count).await;
        let (history, cost) = page(&world, "/v1/scopes/acme:tech:event-1/history?limit=15").await;
        assert_eq!(history.body["entries"].as_array().unwrap().len(), 15, "{count}");
        assert!(cost.read <= 15.0 && cost.depth <= 3, "an event of {count}: {cost}");
        let cursor = history.body["nextCursor"].as_str().expect("five more").to_owned();
        let next = format!("/v1/scopes/acme:tech:event-1/history?limit=15&cursor={cursor}");
        let (next, cost) = page(&world, &next).await;
        assert_eq!(next.body["entries"].as_array().unwrap().len(), 5, "{count}");
        assert_eq!(next.body["nextCursor"], serde_json::Value::Null);
        assert!(cost.read <= 10.0, "the next page of {count}: {cost}");
    }
}
