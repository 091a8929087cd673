//! The interoperability data of the AuthZEN working group: all 198 searches, with exactly the expected results.

use std::{collections::BTreeSet, fs, path::PathBuf};

use coulisses_tests::{Principal, World};
use serde_json::{Value, json};

use crate::support::{log_in, post, put_scope};

/// The actions of the data, as permissions.
const ACTIONS: [(&str, &str); 3] =
    [("view", "contacts:view"), ("edit", "contacts:export"), ("delete", "checkin:scan")];

fn email(user: &str) -> String {
    format!("{user}@example.org")
}

fn scope(department: &str, record: u64) -> String {
    format!("acme:{}:{record}", department.to_lowercase())
}

/// Someone's access: where, and the invitation.
fn grant(to: &str, scope: &str, role: &Value) -> (String, Value) {
    let mut body = json!({ "email": email(to) });
    body.as_object_mut().unwrap().extend(role.as_object().unwrap().clone());
    (scope.to_owned(), body)
}

/// Members observe their department, its managers also supervise it and observe all others, and owners of a record can do
/// all three there.
async fn furnish(world: &World, users: &[Value], records: &[Value]) {
    // A client has an owner, who may do everything once they have logged in. This one has not.
    let owner = json!({ "email": "owner@acme.test" });
    let acme =
        json!({ "name": "Acme", "seatLimit": 50, "granting": "administrators", "owner": owner });
    put_scope(world, "acme", &acme).await.expect(201);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut grants = Vec::new();
    let mut departments = BTreeSet::new();
    for user in users {
        let (id, department) = (text(&user["id"]), text(&user["department"]).to_lowercase());
        let audience = format!("acme:{department}");
        departments.insert(department);
        if user["role"] == "manager" {
            grants.push(grant(&id, &audience, &json!({ "role": "supervisor" })));
            grants.push(grant(&id, "acme", &json!({ "role": "observer" })));
        } else {
            grants.push(grant(&id, &audience, &json!({ "role": "observer" })));
        }
    }
    let mut events = Vec::new();
    for record in records {
        let at = scope(&text(&record["department"]), record["id"].as_u64().unwrap());
        departments.insert(text(&record["department"]).to_lowercase());
        let all =
            json!({ "role": "custom", "permissions": ACTIONS.map(|(_, permission)| permission) });
        grants.push(grant(&text(&record["owner"]), &at, &all));
        events.push((at, record["title"].clone()));
    }
    for department in departments {
        put_scope(world, &format!("acme:{department}"), &json!({ "name": department }))
            .await
            .expect(201);
    }
    for (at, title) in events {
        put_scope(world, &at, &json!({ "name": title, "kind": "event" })).await.expect(201);
    }
    for (at, body) in grants {
        let given =
            post(world, &Principal::platform(), &format!("/v1/scopes/{at}/collaborators"), &body)
                .await;
        assert!([200, 201].contains(&given.status), "{at} {body}: {}", given.body);
    }
    for user in users {
        log_in(world, &email(&text(&user["id"]))).await.expect(200);
    }
}

/// The request in our names.
fn translated(request: &Value, records: &[Value]) -> Value {
    let mut request = request.clone();
    if let Some(id) = request["subject"]["id"].as_str().map(email) {
        request["subject"]["id"] = json!(id);
    }
    if let Some(name) = request["action"]["name"].as_str() {
        let (_, permission) = ACTIONS.into_iter().find(|(theirs, _)| *theirs == name).unwrap();
        request["action"]["name"] = json!(permission);
    }
    request["resource"]["type"] = json!("event");
    if let Some(id) = request["resource"]["id"].as_str().map(ToOwned::to_owned) {
        let record =
            records.iter().find(|record| record["id"].as_u64() == id.parse().ok()).unwrap();
        let at = scope(record["department"].as_str().unwrap(), record["id"].as_u64().unwrap());
        request["resource"]["id"] = json!(at);
    }
    request
}

/// The results as a set, in the names of the data. Actions that it does not know are left out.
fn names(results: &Value) -> BTreeSet<String> {
    let name = |result: &Value| {
        if let Some(permission) = result["name"].as_str() {
            let theirs = ACTIONS.iter().find(|(_, ours)| *ours == permission);
            return theirs.map(|(theirs, _)| (*theirs).to_owned());
        }
        let id = result["id"].as_str().unwrap();
        Some(id.rsplit(':').next().unwrap().trim_end_matches("@example.org").to_owned())
    };
    results.as_array().unwrap().iter().filter_map(name).collect()
}

fn expected(results: &Value) -> BTreeSet<String> {
    let name =
        |result: &Value| result["name"].as_str().or(result["id"].as_str()).unwrap().to_owned();
    results.as_array().unwrap().iter().map(name).collect()
}

#[tokio::test]
async fn all_searches_of_the_interoperability_data_have_exactly_the_expected_results() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/authzen");
    let read = |file: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(folder.join(file)).unwrap()).unwrap()
    };
    if !folder.is_dir() {
        eprintln!("SKIPPED: the interoperability data of AuthZEN is not at {}", folder.display());
        return;
    }
    let (users, records) = (read("users.json"), read("records.json"));
    let (users, records) = (users.as_array().unwrap(), records.as_array().unwrap());
    let world = World::new().await;
    furnish(&world, users, records).await;
    let mut asked = 0;
    for searched in ["subject", "resource", "action"] {
        let cases = read(&format!("{searched}-results.json"));
        for case in cases["evaluation"].as_array().unwrap() {
            let body = translated(&case["request"], records);
            let path = format!("/access/v1/search/{searched}");
            let found = post(&world, &Principal::platform(), &path, &body).await.expect(200);
            assert_eq!(found.body["page"]["next_token"], "");
            let expected = expected(&case["expected"]["results"]);
            assert_eq!(names(&found.body["results"]), expected, "{}", case["request"]);
            asked += 1;
        }
    }
    assert_eq!(asked, 198);
}
