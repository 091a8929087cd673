//! What is logged and counted of each request: enough to find it and to see that something is wrong, and nobody in it.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::time::DAY;
use coulisses_tests::{Fault, Logs, Who};
use serde_json::{Value, json};

use crate::support::{accept, acme, acme_with, active, assign, get, invite, post, token_of};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";

/// The fields of a line, but for the sentence.
fn fields(line: &Value) -> Value {
    let mut fields = line["fields"].clone();
    assert_eq!(fields["message"], "request", "{line}");
    fields.as_object_mut().unwrap().remove("message");
    fields
}

fn counted(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
    counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

#[tokio::test]
async fn each_request_is_one_line_with_its_id_its_client_its_action_its_outcome_and_its_code() {
    let world = acme().await;
    let logs = Logs::keep();
    let body = json!({ "email": LEA, "role": "reader" });
    let mut told = Vec::new();
    for who in [OWNER, OWNER, "nobody@example.org"] {
        let answer = invite(&world, who, "acme:tech", &body).await;
        let lines = logs.take();
        assert_eq!(lines.len(), 1, "{lines:?}");
        let mut line = fields(&lines[0]);
        assert_eq!(line["request_id"], answer.header("x-request-id"));
        line["request_id"] = json!("…");
        told.push((lines[0]["level"].clone(), line));
    }
    let line = |outcome: &str, code: Option<&str>| {
        let mut line = json!({
            "request_id": "…", "client": "acme", "outcome": outcome,
            "action": "POST /v1/scopes/{scope}/collaborators",
        });
        if let Some(code) = code {
            line["code"] = json!(code);
        }
        (json!("INFO"), line)
    };
    let expected = [
        line("done", None),
        line("refused", Some("already-has-access")),
        line("refused", Some("scope-not-found")),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn what_nobody_expected_is_logged_with_its_cause() {
    let world = acme().await.impatient();
    world.set_table_down(true);
    let logs = Logs::keep();
    get(&world, OWNER, "/v1/scopes/acme").await.expect(503);
    let lines = logs.take();
    assert_eq!((lines.len(), &lines[0]["level"]), (1, &json!("ERROR")));
    let line = fields(&lines[0]);
    assert_eq!((&line["outcome"], &line["code"]), (&json!("failed"), &json!("try-again")));
    let cause = line["cause"].as_str().unwrap();
    assert!(cause.starts_with("the table did not do "), "{cause}");
}

#[tokio::test]
async fn an_item_that_cannot_be_read_is_named_by_its_key_and_no_value_of_it_is_told() {
    let world = acme().await;
    let id = active(&world, LEA, "acme:tech", "reader").await.text("/id").to_owned();
    let logs = Logs::keep();
    // A text in the place of a number, of a list and of a map.
    for attribute in ["version", "lastLoginAt", "grants", "account"] {
        let update = world.dynamodb().update_item().table_name("coulisses");
        let update = update.key("pk", AttributeValue::S("C#acme".into()));
        let update = update.key("sk", AttributeValue::S(format!("P#{id}")));
        let update = update.update_expression("SET #wrong = :wrong");
        let update = update.expression_attribute_names("#wrong", attribute);
        let update = update.expression_attribute_values(":wrong", AttributeValue::S(LEA.into()));
        let kept = world.keep();
        update.send().await.unwrap();
        get(&world, OWNER, "/v1/scopes/acme:tech/collaborators").await.expect(503);
        let line = fields(&logs.take()[0]);
        let expected = format!(
            "the item P#{id} of C#acme cannot be read: its attributes are of another shape"
        );
        assert_eq!(line["cause"], expected, "{attribute}");
        world.restore(&kept);
    }
}

/// What a caller says and is called, on each route; none of it is in a line.
#[tokio::test]
async fn nothing_that_anybody_says_or_is_called_is_logged() {
    const WORDS: [&str; 6] = ["Zoë", "Tintagel", "Excalibur", "Mordred", "Nimue", "Camlann"];
    let world = acme().await;
    let logs = Logs::keep();
    let owner =
        Who::person(OWNER).with("name", "Mordred").with("sub", "account of owner@acme.test");
    let lea = json!({
        "email": LEA, "name": "Zoë", "role": "reader", "message": "Tintagel",
    });
    let collaborators = "/v1/scopes/acme:tech/collaborators";
    post(&world, &owner, collaborators, &lea).await.expect(201);
    let token = token_of(&world, LEA).await;
    accept(&world, &Who::person(LEA).with("name", "Nimue"), &token).await.expect(200);
    let announced = json!({ "subject": "Excalibur", "text": "Excalibur" });
    post(&world, &owner, "/v1/scopes/acme/announcements", &announced).await.expect(202);
    world.deliver().await;
    let unknown = json!({ "email": LEA, "role": "reader", "Camlann": "Camlann" });
    post(&world, &owner, collaborators, &unknown).await.expect(400);
    post(&world, &owner, collaborators, &json!("Camlann")).await.expect(400);
    let manager = json!({ "role": "manager", "reason": "Camlann" });
    assign(&world, OWNER, ("acme:tech", LEA), &manager).await.expect(200);
    world.deliver().await;
    world.audit().await;
    let lines: Vec<String> = logs.take().iter().map(ToString::to_string).collect();
    assert!(lines.len() > 10, "{lines:?}");
    for line in lines {
        assert!(!WORDS.iter().any(|word| line.contains(word)), "{line}");
    }
}

#[tokio::test]
async fn invitations_refusals_full_contracts_and_denied_checks_are_counted() {
    let world = acme_with(&json!({ "seatLimit": 2 })).await;
    drop(world.counts());
    let body = |email: &str| json!({ "email": email, "role": "reader" });
    invite(&world, OWNER, "acme:tech", &body(LEA)).await.expect(201);
    assert_eq!(world.counts(), counted(&[("Invitations", 1)]));
    invite(&world, OWNER, "acme:tech", &body("max@example.org")).await.expect(409);
    let full = [("Refusals seat-limit-reached", 1), ("SeatLimitReached", 1)];
    assert_eq!(world.counts(), counted(&full));
    let both =
        json!({ "invitations": [body("max@example.org"), body("eve@example.org"), body(LEA)] });
    invite(&world, OWNER, "acme:tech", &both).await.expect(200);
    let each = [
        ("Refusals already-has-access", 1),
        ("Refusals seat-limit-reached", 2),
        ("SeatLimitReached", 2),
    ];
    assert_eq!(world.counts(), counted(&each));
    let question = |permission: &str| json!({ "scope": "acme:tech", "permission": permission });
    let checks = json!({ "checks": [question("access:view"), question("contacts:view")] });
    post(&world, &Who::person(OWNER), "/v1/checks", &checks).await.expect(200);
    assert_eq!(world.counts(), counted(&[]));
    post(&world, &Who::person("nobody@example.org"), "/v1/checks", &checks).await.expect(200);
    assert_eq!(world.counts(), counted(&[("DeniedChecks", 2)]));
    world.wait(DAY);
    get(&world, OWNER, "/v1/scopes/acme").await.expect(200);
    assert_eq!(world.counts(), counted(&[]), "what went well is not counted");
}

#[tokio::test]
async fn a_decision_that_is_made_again_is_counted() {
    let world = acme().await;
    drop(world.counts());
    let mut left = 2;
    world.break_calls(move |trip| {
        let writes = trip.operation == "TransactWriteItems" && left > 0;
        left -= u32::from(writes);
        writes.then_some(Fault::ConflictAndCondition)
    });
    let body = json!({ "email": LEA, "role": "reader" });
    invite(&world, OWNER, "acme:tech", &body).await.expect(201);
    assert_eq!(world.counts(), counted(&[("ConflictsRetried", 2), ("Invitations", 1)]));
}
