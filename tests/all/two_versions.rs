//! Records of the version after this one: this one reads them, gives nothing for unknown values, and keeps them
//! (docs/storage.md#migrations).

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_tests::{Item, Principal, World};
use serde_json::{Value, json};

use crate::{
    check::own,
    history::lines,
    support::{
        LEA, MAX, MEETUP, OWNER, SUMMIT, TECH, acme, active, assign, get, id_of, invite, named,
        revoke, rows, seen,
    },
};

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// A grant of the version after this one.
fn later_grant(level: &str, role: &str, permissions: Option<&[&str]>) -> AttributeValue {
    let platform = HashMap::from([("platform".to_owned(), AttributeValue::Bool(true))]);
    let mut grant = HashMap::from([
        ("level".to_owned(), text(level)),
        ("role".to_owned(), text(role)),
        ("by".to_owned(), AttributeValue::M(platform)),
        ("at".to_owned(), AttributeValue::N("1795323303000".to_owned())),
        ("roleNumber".to_owned(), AttributeValue::N("7".to_owned())),
    ]);
    if let Some(permissions) = permissions {
        let permissions = permissions.iter().map(|name| text(name)).collect();
        grant.insert("permissions".to_owned(), AttributeValue::L(permissions));
    }
    AttributeValue::M(grant)
}

/// The grants of Léa that the later version wrote, by scope.
const LATER: [&str; 3] = ["acme:rh", SUMMIT, MEETUP];

/// Léa is an observer of the audience, and has three grants of the version after this one.
async fn later() -> (World, String) {
    let world = acme().await;
    active(&world, LEA, TECH, "observer").await;
    active(&world, MAX, "acme", "administrator").await;
    let key = format!("P#{}", id_of(&world, LEA));
    let mut grants = grants(&world, &key).await;
    let some = ["badges:print", "checkin:scan"];
    grants.insert(LATER[0].to_owned(), later_grant("audience", "curator", None));
    grants.insert(LATER[1].to_owned(), later_grant("event", "custom", Some(&some)));
    grants.insert(LATER[2].to_owned(), later_grant("track", "administrator", None));
    world.update(("C#acme", &key), "SET grants = :value", AttributeValue::M(grants)).await;
    (world, key)
}

async fn grants(world: &World, key: &str) -> Item {
    world.item("acme", key).await["grants"].as_m().unwrap().clone()
}

#[tokio::test]
async fn an_unknown_role_permission_or_level_gives_nothing_and_hides_no_one() {
    let (world, _) = later().await;
    for (scope, permission, expected) in [
        ("acme:rh", "contacts:view", "no"),
        (SUMMIT, "checkin:scan", "acme:tech:summit custom"),
        (SUMMIT, "contacts:view", "acme:tech observer"),
        (SUMMIT, "contacts:manage", "no"),
        (MEETUP, "contacts:view", "acme:tech observer"),
        (MEETUP, "settings:manage", "no"),
    ] {
        let because = own(&world, &Principal::user(LEA), scope, permission).await;
        assert_eq!(because, expected, "{scope} {permission}");
    }
    let grid = get(&world, OWNER, "/v1/scopes/acme/collaborators?below=true").await.expect(200);
    assert_eq!(grid.body["collaborators"].as_array().unwrap().len(), 3);
    let lea = seen(&world, "acme", LEA).await.expect(200);
    let shown: Vec<&Value> = lea.body["grants"].as_array().unwrap().iter().collect();
    let of = |scope: &str| shown.iter().find(|grant| grant["scope"] == scope).unwrap();
    assert_eq!(
        [&of("acme:rh")["role"], &of("acme:rh")["permissions"]],
        [&json!("unknown"), &json!([])]
    );
    assert_eq!([&of(MEETUP)["role"], &of(MEETUP)["level"]], ["unknown", "event"]);
    assert_eq!(of(SUMMIT)["permissions"], json!(["checkin:scan", "checkin:view"]));
}

#[tokio::test]
async fn a_write_leaves_what_the_later_version_stored() {
    let (world, key) = later().await;
    let stored = grants(&world, &key).await;
    let later = |grants: &Item| LATER.map(|scope| grants.get(scope).cloned());
    assign(&world, OWNER, (TECH, LEA), &json!({ "role": "manager" })).await.expect(200);
    assert_eq!(later(&grants(&world, &key).await), later(&stored), "a role change");
    invite(&world, OWNER, "acme", &json!({ "email": LEA, "role": "reader" })).await.expect(201);
    assert_eq!(later(&grants(&world, &key).await), later(&stored), "one more grant");
    for scope in ["acme", TECH] {
        revoke(&world, OWNER, (scope, LEA)).await.expect(200);
    }
    assert_eq!(later(&grants(&world, &key).await), later(&stored), "the last known grants");
    revoke(&world, MAX, ("acme:rh", LEA)).await.expect(200);
    let left = grants(&world, &key).await;
    assert_eq!([left.get("acme:rh"), left.get(SUMMIT)], [None, stored.get(SUMMIT)], "by hand");
}

#[tokio::test]
async fn an_unknown_role_cannot_be_given() {
    let world = acme().await;
    let body = json!({ "email": LEA, "role": "unknown" });
    let refused = invite(&world, OWNER, TECH, &body).await.expect(422);
    assert_eq!(named(&refused), [("/role", "invalid-role")]);
}

#[tokio::test]
async fn a_history_shows_changes_that_only_the_later_version_makes() {
    let world = acme().await;
    world.wait(Duration::from_secs(1));
    active(&world, LEA, TECH, "observer").await;
    let (_, mut newest) = rows(&world, "H#acme").await.into_iter().next_back().unwrap();
    let state = [("role", text("curator")), ("status", text("frozen"))];
    let state = AttributeValue::M(state.map(|(name, value)| (name.to_owned(), value)).into());
    let change = AttributeValue::M(HashMap::from([("after".to_owned(), state)]));
    let system = HashMap::from([("system".to_owned(), text("renew"))]);
    newest.extend([
        ("action".to_owned(), text("frozen")),
        ("actor".to_owned(), AttributeValue::M(system)),
        ("changes".to_owned(), AttributeValue::M(HashMap::from([(TECH.to_owned(), change)]))),
    ]);
    world.write(std::iter::once(newest)).await;
    let page = get(&world, OWNER, "/v1/scopes/acme/history").await.expect(200);
    let first = lines(&page).into_iter().next().unwrap();
    assert_eq!(
        first,
        r#"unknown lea@example.org by {"system":"unknown"}: acme:tech - > unknown unknown"#
    );
}

#[tokio::test]
async fn an_item_of_another_shape_is_not_read() {
    let world = acme().await;
    active(&world, LEA, TECH, "observer").await;
    let key = format!("P#{}", id_of(&world, LEA));
    world.update(("C#acme", &key), "SET v = :value", AttributeValue::N("2".to_owned())).await;
    assert_eq!(seen(&world, "acme", LEA).await.outcome(), "503 try-again");
}
