//! What a page of a list costs in a client of a hundred, a thousand and ten thousand collaborators: what it shows, not
//! what the client has (docs/performance.md).

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_tests::{Answer, Item, World, grant_row, text};

use crate::{
    ledger::Cost,
    support::{LEA, OWNER, TECH, acme, active, get, id_of},
};

/// How many people have access to all of the client.
const ON_CLIENT: usize = 50;

/// `acme` with `count` collaborators, 30 on each event and 50 on the client.
async fn large(count: usize) -> World {
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
