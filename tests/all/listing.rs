//! The rows of grants, which lists read (docs/storage.md#rows-of-grants).

use std::{collections::BTreeSet, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Item, World, grant_row};
use serde_json::json;

use crate::scenes::CHANGES;
use crate::support::{
    LEA, MAX, MEETUP, OWNER, SUMMIT, TECH, acme, active, get, id_of, invite, invited, revoke, rows,
};

/// The rows of Léa's grants in `acme`, as `scope#id`.
async fn rows_of(world: &World, email: &str) -> BTreeSet<String> {
    let id = id_of(world, email);
    let all = rows(world, "G#acme").await.into_keys();
    all.filter_map(|sk| Some(sk.strip_suffix(&id)?.trim_end_matches('#').to_owned())).collect()
}

async fn delete(world: &World, row: &Item) {
    let delete = world.dynamodb().delete_item().table_name("coulisses");
    let delete = delete.key("pk", row["pk"].clone()).key("sk", row["sk"].clone());
    delete.send().await.unwrap();
}

pub fn emails(list: &Answer) -> Vec<String> {
    let rows = list.body["collaborators"].as_array().unwrap().iter();
    rows.map(|row| row["email"].as_str().unwrap().to_owned()).collect()
}

/// Who is on each list: of the event, of the audience and below it, and of the client and below it.
async fn lists(world: &World) -> [Vec<String>; 3] {
    let mut all = [const { Vec::new() }; 3];
    for (list, target) in all.iter_mut().zip([
        format!("/v1/scopes/{SUMMIT}/collaborators"),
        format!("/v1/scopes/{TECH}/collaborators?below=true"),
        "/v1/scopes/acme/collaborators?below=true".to_owned(),
    ]) {
        *list = emails(&get(world, OWNER, &target).await.expect(200));
    }
    all
}

#[tokio::test]
async fn a_grant_has_a_row_that_stays_until_the_audit_of_the_next_day() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "observer").await;
    invite(&world, OWNER, "acme", &json!({ "email": LEA, "role": "reader" })).await.expect(201);
    assert_eq!(rows_of(&world, LEA).await, [String::new(), "tech:summit".to_owned()].into());
    revoke(&world, OWNER, (SUMMIT, LEA)).await.expect(200);
    assert!(rows_of(&world, LEA).await.contains("tech:summit"), "it decides nothing");
    assert_eq!(lists(&world).await, [[LEA, OWNER]; 3], "by the grant on the client");
    revoke(&world, OWNER, ("acme", LEA)).await.expect(200);
    assert_eq!(lists(&world).await, [[OWNER]; 3]);
    world.audit().await;
    assert_eq!(rows_of(&world, LEA).await, [].into());
    assert_eq!(rows_of(&world, OWNER).await, [String::new()].into());
}

#[tokio::test]
async fn the_audit_writes_the_rows_that_the_version_before_did_not_write() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "observer").await;
    let of_client = "REMOVE listed";
    let client = world.dynamodb().update_item().table_name("coulisses");
    let client = client.key("pk", AttributeValue::S("C#acme".into()));
    let client = client.key("sk", AttributeValue::S("#".into())).update_expression(of_client);
    client.send().await.unwrap();
    for row in rows(&world, "G#acme").await.into_values() {
        delete(&world, &row).await;
    }
    assert_eq!(lists(&world).await, [[LEA, OWNER], [LEA, OWNER], [LEA, OWNER]], "by the client");
    world.audit().await;
    assert_eq!(rows_of(&world, LEA).await, ["tech:summit".to_owned()].into());
    assert!(world.item("acme", "#").await.contains_key("listed"));
    assert_eq!(lists(&world).await, [[LEA, OWNER], [LEA, OWNER], [LEA, OWNER]], "by the rows");
    let before = world.dump().await;
    world.wait(DAY);
    world.audit().await;
    assert_eq!(rows(&world, "G#acme").await.len(), 2, "a second audit changes nothing");
    assert_ne!(world.dump().await, before, "but it has run");
}

#[tokio::test]
async fn a_row_whose_grant_is_given_again_meanwhile_stays() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "observer").await;
    let row = coulisses_aws::table::GrantRow {
        address: LEA.to_owned(),
        id: coulisses_domain::ids::CollaboratorId::parse(&id_of(&world, LEA)).unwrap(),
        scope: coulisses_domain::scope::ScopeId::parse(SUMMIT).unwrap(),
    };
    // The audit read the record before the grant was given.
    world.app.table.remove_rows(std::slice::from_ref(&row)).await.unwrap();
    assert_eq!(rows_of(&world, LEA).await, ["tech:summit".to_owned()].into());
    revoke(&world, OWNER, (SUMMIT, LEA)).await.expect(200);
    world.app.table.remove_rows(&[row]).await.unwrap();
    assert_eq!(rows_of(&world, LEA).await, [].into());
}

#[tokio::test]
async fn rows_without_grants_hide_no_one_and_shorten_no_page() {
    let world = acme().await;
    for number in 0..6 {
        active(&world, &format!("p{number}@example.org"), MEETUP, "reader").await;
    }
    // Rows of people who are gone, between the others.
    let gone = (0..30).map(|number| {
        let email = format!("p{}{number}@example.org", number % 6);
        grant_row("acme", MEETUP, (&id_of(&world, &email), &email))
    });
    world.write(gone).await;
    for base in [
        format!("/v1/scopes/{MEETUP}/collaborators?limit=2"),
        "/v1/scopes/acme/collaborators?below=true&limit=2".to_owned(),
        format!("/v1/scopes/{TECH}/collaborators?below=true&limit=2"),
    ] {
        let (mut found, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let next = cursor.map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
            let page = get(&world, OWNER, &format!("{base}{next}")).await.expect(200);
            let some = emails(&page);
            cursor = page.body["nextCursor"].as_str().map(str::to_owned);
            assert!(some.len() == 2 || cursor.is_none(), "{base}: {some:?}");
            found.extend(some);
            if cursor.is_none() {
                break;
            }
        }
        let all: Vec<String> = std::iter::once(OWNER.to_owned())
            .chain((0..6).map(|number| format!("p{number}@example.org")))
            .collect();
        assert_eq!(found, all, "{base}");
    }
}

#[tokio::test]
async fn an_erasure_removes_the_rows_with_the_address() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "observer").await;
    invited(&world, MAX, SUMMIT, "observer").await;
    revoke(&world, OWNER, (SUMMIT, LEA)).await.expect(200);
    world.wait(Duration::from_mins(1));
    invited(&world, LEA, MEETUP, "observer").await;
    world.erase(json!({ "client": "acme", "email": LEA, "erase": true })).await.unwrap();
    assert_eq!(rows_of(&world, LEA).await, [].into());
    assert_eq!(rows_of(&world, MAX).await, ["tech:summit".to_owned()].into());
}

#[tokio::test]
async fn named_collaborators_are_read_again_without_the_list() {
    let world = acme().await;
    for email in [LEA, MAX] {
        invited(&world, email, SUMMIT, "observer").await;
    }
    invited(&world, "rhea@example.org", "acme:rh", "observer").await;
    let [lea, max, rhea] = [LEA, MAX, "rhea@example.org"].map(|email| id_of(&world, email));
    let list = format!("/v1/scopes/{SUMMIT}/collaborators");
    drop(world.trips());
    let some = get(&world, OWNER, &format!("{list}?ids={max},{lea},{rhea}")).await.expect(200);
    assert_eq!(emails(&some), [LEA, MAX], "those who are visible here, in the order of the list");
    assert_eq!(world.trips().len(), 1);
    let pending = format!("{list}?ids={lea}&status=active");
    assert_eq!(emails(&get(&world, OWNER, &pending).await.expect(200)), [""; 0]);
    let stranger = get(&world, "stranger@example.org", &format!("{list}?ids={lea}")).await;
    assert_eq!(stranger.outcome(), "404 scope-not-found");
    for malformed in ["", "lea", &[lea.as_str(); 2].join(";")] {
        let refused = get(&world, OWNER, &format!("{list}?ids={malformed}")).await;
        assert_eq!(refused.outcome(), "400 malformed", "{malformed}");
    }
}

#[tokio::test]
async fn a_list_shows_each_person_as_they_are_shown_alone() {
    let mut compared = 0;
    for scene in CHANGES {
        let (world, change) = (scene.prepare)().await;
        change.run(&world).await;
        let path = "/v1/scopes/acme/collaborators";
        let list = get(&world, OWNER, &format!("{path}?below=true&limit=1000")).await;
        for row in list.body["collaborators"].as_array().into_iter().flatten() {
            let id = row["id"].as_str().unwrap();
            let alone = get(&world, OWNER, &format!("{path}/{id}?below=true")).await.expect(200);
            assert_eq!(*row, alone.body, "{}", scene.name);
            compared += 1;
        }
    }
    assert!(compared > CHANGES.len(), "{compared}");
}
