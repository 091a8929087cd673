//! Logs and metrics of each request. They contain what operators need and no personal data.

use std::collections::BTreeMap;

use coulisses_domain::time::DAY;
use coulisses_tests::{Fault, Logs, Principal, text};
use serde_json::{Value, json};

use crate::support::{
    LEA, OWNER, accept, acme, acme_with, active, assign, get, invite, invited, post, token_of,
};

/// The fields of a line without its message.
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
async fn each_request_logs_one_line_with_id_client_action_outcome_and_code() {
    let world = acme().await;
    let logs = Logs::keep();
    let body = json!({ "email": LEA, "role": "reader" });
    let mut logged = Vec::new();
    for who in [OWNER, OWNER, "nobody@example.org"] {
        let answer = invite(&world, who, "acme:tech", &body).await;
        let lines = logs.take();
        assert_eq!(lines.len(), 1, "{lines:?}");
        let mut line = fields(&lines[0]);
        assert_eq!(line["request_id"], answer.header("x-request-id"));
        line["request_id"] = json!("…");
        logged.push((lines[0]["level"].clone(), line));
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
    assert_eq!(logged, expected);
}

#[tokio::test]
async fn an_unexpected_failure_is_logged_with_its_cause() {
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
async fn an_unreadable_item_is_logged_by_its_key_without_its_values() {
    let world = acme().await;
    let id = active(&world, LEA, "acme:tech", "reader").await.text("/id").to_owned();
    let logs = Logs::keep();
    let item = world.item("acme", &format!("P#{id}")).await;
    // A text instead of a number, a list or a map.
    for attribute in ["version", "lastLoginAt", "grants", "account"] {
        let mut wrong = item.clone();
        wrong.insert(attribute.to_owned(), text(LEA.to_owned()));
        world.write([wrong].into_iter()).await;
        get(&world, OWNER, "/v1/scopes/acme:tech/collaborators").await.expect(503);
        let line = fields(&logs.take()[0]);
        let expected = format!(
            "the item P#{id} of C#acme cannot be read: its attributes are of another shape"
        );
        assert_eq!(line["cause"], expected, "{attribute}");
    }
}

/// Names and texts of callers on every route; no log line contains them.
#[tokio::test]
async fn no_name_and_no_text_of_a_caller_is_logged() {
    const WORDS: [&str; 6] = ["Zoë", "Tintagel", "Excalibur", "Mordred", "Nimue", "Camlann"];
    let world = acme().await;
    let logs = Logs::keep();
    let owner =
        Principal::user(OWNER).with("name", "Mordred").with("sub", "account of owner@acme.test");
    let lea = json!({
        "email": LEA, "name": "Zoë", "role": "reader", "message": "Tintagel",
    });
    let collaborators = "/v1/scopes/acme:tech/collaborators";
    post(&world, &owner, collaborators, &lea).await.expect(201);
    let token = token_of(&world, LEA).await;
    accept(&world, &Principal::user(LEA).with("name", "Nimue"), &token).await.expect(200);
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
    post(&world, &Principal::user(OWNER), "/v1/checks", &checks).await.expect(200);
    assert_eq!(world.counts(), counted(&[]));
    post(&world, &Principal::user("nobody@example.org"), "/v1/checks", &checks).await.expect(200);
    assert_eq!(world.counts(), counted(&[("DeniedChecks", 2)]));
    world.wait(DAY);
    get(&world, OWNER, "/v1/scopes/acme").await.expect(200);
    assert_eq!(world.counts(), counted(&[]), "successful reads are not counted");
}

#[tokio::test]
async fn a_retried_decision_is_counted() {
    let world = acme().await;
    drop(world.counts());
    let mut left = 2;
    world.break_calls(move |trip| {
        let writes = trip.operation == "TransactWriteItems" && left > 0;
        left -= u32::from(writes);
        writes.then_some(Fault::ConflictAndCondition)
    });
    invited(&world, LEA, "acme:tech", "reader").await;
    assert_eq!(world.counts(), counted(&[("ConflictsRetried", 2), ("Invitations", 1)]));
}
