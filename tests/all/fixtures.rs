//! Records that the version before this one wrote, one of each kind: this version reads them and answers the same.
//!
//! `COULISSES_FIXTURE=tests/fixtures/before.json cargo test --test all fixtures::writes` writes the records of the version
//! that runs it. After a release, write them with the released version.

use std::{collections::BTreeSet, fs};

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::time::DAY;
use coulisses_tests::{Item, Principal, Request, World};
use serde_json::{Map, Value, json};

use crate::support::{
    LEA, MAX, OWNER, SUMMIT, TECH, acme, active, assign, get, invite, invited, log_in, path_of,
    seats, token_of,
};

const KINDS: [&str; 11] = ["A", "C #", "C P", "C S", "G", "H", "I", "K", "M", "O", "R"];

/// The kind of an item: its partition, and for a client's own the start of the sort key.
fn kinds(item: &Item) -> Vec<String> {
    let text = |name: &str| item.get(name).and_then(|it| it.as_s().ok()).cloned();
    let (pk, sk) = (text("pk").unwrap(), text("sk").unwrap());
    let kind = pk.split('#').next().unwrap().to_owned();
    let registered = text("gsi1pk").filter(|pk| pk.starts_with("R#")).map(|_| "R".to_owned());
    let own = if kind == "C" { format!("C {}", &sk[..1]) } else { kind };
    [Some(own), registered].into_iter().flatten().collect()
}

fn to_json(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::Bool(value) => json!({ "BOOL": value }),
        AttributeValue::Null(_) => json!({ "NULL": true }),
        AttributeValue::L(list) => json!({ "L": list.iter().map(to_json).collect::<Vec<_>>() }),
        AttributeValue::M(map) => {
            let map = map.iter().map(|(name, value)| (name.clone(), to_json(value)));
            json!({ "M": map.collect::<Map<String, Value>>() })
        }
        AttributeValue::B(_)
        | AttributeValue::Bs(_)
        | AttributeValue::Ns(_)
        | AttributeValue::Ss(_)
        | _ => panic!("no attribute is of this type: {value:?}"),
    }
}

fn from_json(value: &Value) -> AttributeValue {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        "S" => AttributeValue::S(value.as_str().unwrap().to_owned()),
        "N" => AttributeValue::N(value.as_str().unwrap().to_owned()),
        "BOOL" => AttributeValue::Bool(value.as_bool().unwrap()),
        "NULL" => AttributeValue::Null(true),
        "L" => AttributeValue::L(value.as_array().unwrap().iter().map(from_json).collect()),
        "M" => AttributeValue::M(item(value)),
        other => panic!("no attribute is of this type: {other}"),
    }
}

fn item(map: &Value) -> Item {
    let map = map.as_object().unwrap().iter();
    map.map(|(name, value)| (name.clone(), from_json(value))).collect()
}

/// A client with a record of each kind.
async fn scene() -> World {
    let world = acme().await;
    active(&world, LEA, TECH, "observer").await;
    let custom = json!({ "email": MAX, "role": "custom", "permissions": ["checkin:scan"] });
    invite(&world, OWNER, SUMMIT, &custom).await.expect(201);
    world.deliver().await;
    log_in(&world, MAX).await;
    for email in ["suspended@example.org", "pending@example.org"] {
        invited(&world, email, SUMMIT, "reader").await;
    }
    let suspension = format!("{}/suspension", path_of(&world, "acme", "suspended@example.org"));
    world.send(&Principal::user(OWNER), Request::new("POST", &suspension)).await.expect(200);
    world.wait(DAY);
    world.audit().await;
    assign(&world, OWNER, (TECH, LEA), &json!({ "role": "manager" })).await.expect(200);
    assign(&world, OWNER, (TECH, LEA), &json!({ "role": "supervisor" })).await.expect(200);
    let announcement = json!({ "subject": "Tonight", "text": "Closed from 8 to 9." });
    let announcement = Request::new("POST", "/v1/scopes/acme/announcements").json(&announcement);
    let announcement = announcement.header("idempotency-key", "once");
    world.send(&Principal::user(OWNER), announcement).await.expect(202);
    world
}

#[tokio::test]
async fn writes_the_records_of_this_version_if_asked() {
    let world = scene().await;
    let items = world.dynamodb().scan().table_name("coulisses").send().await.unwrap();
    let found: BTreeSet<String> = items.items().iter().flat_map(kinds).collect();
    assert_eq!(found, KINDS.map(str::to_owned).into(), "a record of each kind");
    #[expect(clippy::disallowed_methods, reason = "the environment names the file to write")]
    if let Ok(path) = std::env::var("COULISSES_FIXTURE") {
        let mut lines: Vec<String> = items
            .items()
            .iter()
            .map(|item| to_json(&AttributeValue::M(item.clone()))["M"].to_string())
            .collect();
        lines.sort();
        fs::write(path, format!("[\n{}\n]\n", lines.join(",\n"))).unwrap();
    }
}

#[tokio::test]
async fn the_records_of_the_version_before_are_read_whole_and_can_be_changed() {
    let text = include_str!("../fixtures/before.json");
    let items: Vec<Value> = serde_json::from_str(text).unwrap();
    let items: Vec<Item> = items.iter().map(item).collect();
    let found: BTreeSet<String> = items.iter().flat_map(kinds).collect();
    assert_eq!(found, KINDS.map(str::to_owned).into(), "a record of each kind");
    let world = World::new().await;
    world.write(items.into_iter()).await;
    world.wait(DAY);

    let list = get(&world, OWNER, "/v1/scopes/acme/collaborators?below=true").await.expect(200);
    let rows = list.body["collaborators"].as_array().unwrap().iter();
    let rows: Vec<String> = rows
        .map(|row| {
            let roles: Vec<&str> = row["grants"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["role"].as_str().unwrap())
                .collect();
            format!(
                "{} {} {}",
                row["email"].as_str().unwrap(),
                row["status"].as_str().unwrap(),
                roles.join(" ")
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            "lea@example.org active supervisor",
            "max@example.org active custom",
            "owner@acme.test active owner",
            "pending@example.org pending reader",
            "suspended@example.org suspended reader",
        ]
    );
    let client = get(&world, OWNER, "/v1/scopes/acme").await.expect(200);
    assert_eq!(client.body["roles"].as_array().unwrap().len(), 7, "it offers all roles");
    let history = get(&world, OWNER, &format!("/v1/scopes/{TECH}/history")).await.expect(200);
    assert!(history.body["entries"].as_array().unwrap().len() >= 8, "{}", history.body);
    assert_eq!(seats(&world).await, json!([null, 4]));
    get(&world, OWNER, "/v1/scopes/acme/seats").await.expect(200);
    let own = get(&world, LEA, "/v1/me/access").await.expect(200);
    assert!(own.body.to_string().contains(r#""role":"supervisor""#), "{}", own.body);

    // Each kind of record can be changed.
    assign(&world, OWNER, (TECH, LEA), &json!({ "role": "reader" })).await.expect(200);
    let target = format!("{}/suspension", path_of(&world, "acme", "suspended@example.org"));
    world.send(&Principal::user(OWNER), Request::new("DELETE", &target)).await.expect(200);
    let token = token_of(&world, "pending@example.org").await;
    let accepting = json!({ "token": token });
    let accepting = Request::new("POST", "/v1/invitations/accept").json(&accepting);
    world.send(&Principal::user("pending@example.org"), accepting).await.expect(200);
    world.audit().await;
    // The first delivery queues the mails of the announcement.
    world.deliver().await;
    world.deliver().await;
    assert!(!world.ses.mails_to(MAX).is_empty(), "the announcement is sent");
}
