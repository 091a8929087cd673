//! How often each command goes to the table, and that it reads what is there now.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::time::DAY;
use coulisses_tests::{Fault, Request, Trip, Who, World};
use serde_json::{Value, json};

use crate::ledger::Ledger;
use crate::support::{
    accept, acme, acme_with, active, etag_of, get, history, id_of, invite, log_in, path_of, post,
    preview, put_scope, resend, seats, token_of,
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";

#[expect(clippy::too_many_lines, reason = "it is one table")]
#[tokio::test]
async fn what_each_command_costs() {
    let world = World::new().await;
    let mut ledger = Ledger::of(&world);
    let client = json!({
        "name": "Acme", "seatLimit": 9, "granting": "administrators", "owner": { "email": OWNER },
    });
    drop(world.trips());
    ledger.note(
        &world,
        ("provision", "provision a client"),
        &put_scope(&world, "acme", &client).await,
    );
    let mut again = client.clone();
    again["seatLimit"] = json!(3);
    ledger.note(
        &world,
        ("provision", "provision it again, with a limit"),
        &put_scope(&world, "acme", &again).await,
    );
    let named = |name: &str| json!({ "name": name });
    ledger.note(
        &world,
        ("provision", "provision an audience"),
        &put_scope(&world, "acme:tech", &named("T")).await,
    );
    let event = json!({ "name": "S", "kind": "event", "owner": { "email": "boss@example.org" } });
    let answer = put_scope(&world, "acme:tech:summit", &event).await;
    ledger.note(&world, ("provision", "provision an event with an owner"), &answer);
    ledger.note(&world, ("record-login", "record a first login"), &log_in(&world, OWNER).await);
    world.wait(Duration::from_secs(1));
    ledger.note(&world, ("record-login", "record a login"), &log_in(&world, OWNER).await);
    ledger.note(
        &world,
        ("provision", "look at a scope"),
        &get(&world, OWNER, "/v1/scopes/acme:tech").await,
    );

    let lea = json!({ "email": LEA, "role": "observer" });
    ledger.note(
        &world,
        ("invite", "invite somebody new"),
        &invite(&world, OWNER, "acme:tech", &lea).await,
    );
    ledger.note(
        &world,
        ("invite", "invite the same again"),
        &invite(&world, OWNER, "acme:tech", &lea).await,
    );
    let answer = invite(&world, OWNER, "acme:tech:summit", &lea).await;
    ledger.note(&world, ("invite", "invite the same to one more scope"), &answer);
    let max = json!({ "email": "max@example.org", "role": "observer" });
    let answer = invite(&world, OWNER, "acme:tech", &max).await;
    ledger.note(&world, ("invite", "invite where no seat is free"), &answer);
    let answer = invite(&world, "max@example.org", "acme:tech", &max).await;
    ledger.note(&world, ("invite", "invite as a stranger"), &answer);
    let list = get(&world, OWNER, "/v1/scopes/acme:tech/collaborators").await;
    ledger.note(&world, ("list-access", "list who has access"), &list);
    let path = path_of(&world, "acme:tech", LEA);
    ledger.note(&world, ("list-access", "look at one of them"), &get(&world, OWNER, &path).await);

    world.wait(Duration::from_mins(1));
    let answer = resend(&world, &Who::person(OWNER), ("acme:tech", LEA)).await;
    ledger.note(&world, ("resend", "resend"), &answer);
    let answer = resend(&world, &Who::person(OWNER), ("acme:tech", LEA)).await;
    ledger.note(&world, ("resend", "resend too soon"), &answer);
    let token = token_of(&world, LEA).await;
    drop(world.trips());
    ledger.note(&world, ("accept", "preview"), &preview(&world, &token).await);
    ledger.note(&world, ("accept", "preview with a wrong token"), &preview(&world, "wrong").await);
    let lea = Who::person(LEA);
    ledger.note(&world, ("accept", "accept"), &accept(&world, &lea, &token).await);
    ledger.note(&world, ("accept", "accept again"), &accept(&world, &lea, &token).await);
    let stranger = Who::person("max@example.org");
    ledger.note(
        &world,
        ("accept", "accept what another accepted"),
        &accept(&world, &stranger, &token).await,
    );

    let send = async |method: &'static str, target: &str, etag: &str, body: Option<Value>| {
        let request = Request::new(method, target).if_match(etag);
        let request = body.map_or(request.clone(), |body| request.json(&body));
        world.send(&Who::person(OWNER), request).await
    };
    let role = format!("{path}/role");
    let etag = etag_of(&world, LEA).await;
    drop(world.trips());
    let manager = || Some(json!({ "role": "manager" }));
    ledger.note(
        &world,
        ("assign-role", "change a role"),
        &send("PUT", &role, &etag, manager()).await,
    );
    ledger.note(
        &world,
        ("assign-role", "change it on an old version"),
        &send("PUT", &role, &etag, manager()).await,
    );
    let etag = etag_of(&world, LEA).await;
    drop(world.trips());
    ledger.note(
        &world,
        ("assign-role", "change it to what it is"),
        &send("PUT", &role, &etag, manager()).await,
    );
    let answer = send("DELETE", &path, "\"1\"", None).await;
    ledger.note(&world, ("revoke", "revoke on an old version"), &answer);
    let below = format!("{path}?below=true");
    ledger.note(
        &world,
        ("revoke", "revoke, with all below"),
        &send("DELETE", &below, &etag, None).await,
    );
    insta::assert_snapshot!(ledger.told());
}

#[tokio::test]
async fn what_looking_costs() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "administrator").await;
    let mut ledger = Ledger::of(&world);
    let lea = Who::person(LEA);
    let ask = async |who: &Who, checks: Value| {
        post(&world, who, "/v1/checks", &json!({ "checks": checks })).await
    };
    let question = |permission: &str| json!({ "scope": "acme:tech", "permission": permission });
    drop(world.trips());
    let answer = ask(&lea, json!([question("contacts:view")])).await;
    ledger.note(&world, ("check", "check oneself"), &answer);
    let answer = ask(&lea, json!([question("access:manage")])).await;
    ledger.note(&world, ("check", "check whether one gives access"), &answer);
    let others: Vec<Value> = (0..100)
        .map(|number| {
            let mut other = question("contacts:view");
            other["email"] = json!(format!("p{number}@example.org"));
            other
        })
        .collect();
    let answer = ask(&lea, json!(others)).await;
    ledger.note(&world, ("check", "check a hundred others"), &answer);
    let answer = ask(&Who::platform(), json!(others)).await;
    ledger.note(&world, ("check", "check them as the platform"), &answer);
    let answer = get(&world, LEA, "/v1/me/access").await;
    ledger.note(&world, ("check", "list one's own access"), &answer);
    let answer = get(&world, LEA, "/v1/scopes/acme:tech/history").await;
    ledger.note(&world, ("history", "read the history"), &answer);
    let of_lea = format!("/v1/scopes/acme:tech/history?collaborator={}", id_of(&world, LEA));
    let answer = get(&world, LEA, &of_lea).await;
    ledger.note(&world, ("history", "read that of one person"), &answer);
    let answer = get(&world, "stranger@example.org", "/v1/scopes/acme:tech/history").await;
    ledger.note(&world, ("history", "read it as a stranger"), &answer);
    let below = "/v1/scopes/acme:tech?below=true";
    let answer = get(&world, LEA, below).await;
    ledger.note(&world, ("provision", "look at all below it too"), &answer);
    let answer = get(&world, "stranger@example.org", below).await;
    ledger.note(&world, ("provision", "look at it as a stranger"), &answer);
    insta::assert_snapshot!(ledger.told());
}

#[tokio::test]
async fn what_the_mail_costs() {
    let world = acme().await;
    let mut ledger = Ledger::of(&world);
    let lea = json!({ "email": LEA, "role": "observer" });
    invite(&world, OWNER, "acme:tech", &lea).await.expect(201);
    drop(world.trips());
    world.deliver().await;
    ledger.trips(&world, ("deliver", "deliver an invitation"), "");
    log_in(&world, LEA).await;
    invite(&world, OWNER, "acme:rh", &lea).await.expect(201);
    drop(world.trips());
    world.deliver().await;
    ledger.trips(&world, ("deliver", "deliver other news"), "");
    world.sweep().await;
    ledger.trips(&world, ("deliver", "sweep an empty outbox"), "");
    insta::assert_snapshot!(ledger.told());
}

#[tokio::test]
async fn what_the_audit_costs() {
    let world = acme().await;
    let mut ledger = Ledger::of(&world);
    drop(world.trips());
    let seats = get(&world, OWNER, "/v1/scopes/acme/seats").await;
    ledger.note(&world, ("audit-seats", "look at the seats"), &seats);
    world.audit_client("acme").await;
    ledger.trips(&world, ("audit-seats", "audit a client"), "");
    let lea = json!({ "email": LEA, "role": "observer", "expiresAt": "2026-12-12T12:00:00Z" });
    invite(&world, OWNER, "acme:tech", &lea).await.expect(201);
    log_in(&world, LEA).await;
    world.wait(DAY * 14);
    drop(world.trips());
    world.audit_client("acme").await;
    ledger.trips(&world, ("audit-seats", "where access ends soon"), "");
    world.wait(DAY * 6);
    world.audit_client("acme").await;
    ledger.trips(&world, ("audit-seats", "where access has ended"), "");
    world.audit().await;
    ledger.trips(&world, ("audit-seats", "where all was audited today"), "");
    let body = json!({ "email": LEA, "role": "observer" });
    let mail_id = invite(&world, OWNER, "acme:tech", &body).await.expect(201);
    drop(world.trips());
    let tags =
        json!({ "client": ["acme"], "collaborator": [mail_id.text("/id")], "sending": ["1"] });
    let detail = json!({ "eventType": "Delivery", "mail": { "tags": tags } });
    world.ses_event(json!({ "source": "aws.ses", "detail": detail })).await.unwrap();
    ledger.trips(&world, ("delivery-status", "news of a mail"), "");
    insta::assert_snapshot!(ledger.told());
}

#[tokio::test]
async fn what_an_erasure_costs() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "administrator").await;
    world.wait(Duration::from_secs(1));
    let max = json!({ "email": "max@example.org", "role": "observer" });
    invite(&world, LEA, "acme:tech", &max).await.expect(201);
    drop(world.trips());
    let mut ledger = Ledger::of(&world);
    let asked = [
        ("tell who is known", json!({ "client": "acme" })),
        ("export a person", json!({ "client": "acme", "email": LEA })),
        ("erase a person", json!({ "client": "acme", "email": LEA, "erase": true })),
        ("erase nobody", json!({ "client": "acme", "email": LEA, "erase": true })),
    ];
    for (what, event) in asked {
        world.erase(event).await.unwrap();
        ledger.trips(&world, ("erase", what), "");
    }
    insta::assert_snapshot!(ledger.told());
}

#[tokio::test]
async fn where_seats_have_expired_they_are_swept_in_one_more_trip_each_way() {
    let world = acme_with(&json!({ "seatLimit": 3 })).await;
    let body = |email: &str| json!({ "email": email, "role": "observer" });
    for email in [LEA, "max@example.org"] {
        invite(&world, OWNER, "acme:tech", &body(email)).await.expect(201);
    }
    world.wait(DAY * 14);
    drop(world.trips());
    let mut ledger = Ledger::of(&world);
    let answer = invite(&world, OWNER, "acme:tech", &body("new@example.org")).await.expect(201);
    ledger.note(&world, ("invite", "invite where expired people sit"), &answer);
    insta::assert_snapshot!(ledger.told());
    assert_eq!(seats(&world).await, json!([3, 2]));
}

#[tokio::test]
async fn a_change_of_which_the_answer_is_lost_is_asked_for_again_and_done_once() {
    let world = acme().await;
    let mut lost = 0;
    world.break_calls(move |trip| {
        lost += u32::from(trip.operation == "TransactWriteItems");
        (trip.operation == "TransactWriteItems" && lost <= 6).then_some(Fault::AnswerLost)
    });
    drop(world.trips());
    let body = json!({ "email": LEA, "role": "observer" });
    invite(&world, OWNER, "acme:tech", &body).await.expect(201);
    let mut writes = world.trips();
    writes.retain(|trip| trip.operation == "TransactWriteItems");
    assert_eq!(writes.len(), 7);
    let same = |trip: &Trip| trip.request == writes[0].request;
    assert!(writes.iter().all(same), "the same bytes, the same token");
    assert_eq!(history(&world, LEA).await.len(), 1);
    assert_eq!(seats(&world).await, json!([null, 2]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_that_changed_meanwhile_is_read_and_decided_again_three_times() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "administrator").await;
    let etag = etag_of(&world, LEA).await;
    drop(world.trips());
    // The client is provisioned anew between each reading and each writing.
    let dynamodb = world.dynamodb();
    world.break_calls(move |trip| {
        if trip.operation == "TransactWriteItems" {
            let update = dynamodb.update_item().table_name("coulisses");
            let update = update.key("pk", AttributeValue::S("C#acme".into()));
            let update = update.key("sk", AttributeValue::S("#".into()));
            let update = update.update_expression("SET version = version + :one");
            let update = update.expression_attribute_values(":one", AttributeValue::N("1".into()));
            tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current().block_on(update.send()).unwrap();
            });
        }
        None
    });
    let path = format!("{}/role", path_of(&world, "acme:tech", LEA));
    let change = Request::new("PUT", &path).json(&json!({ "role": "reader" })).if_match(&etag);
    let answer = world.send(&Who::person(OWNER), change).await;
    assert_eq!(answer.told(), "503 try-again");
    let trips: Vec<String> = world.trips().into_iter().map(|trip| trip.operation).collect();
    assert_eq!(trips, ["BatchGetItem", "TransactWriteItems"].repeat(3));
}

#[tokio::test]
async fn what_a_transfer_and_a_message_to_everybody_cost() {
    let world = acme().await;
    let id = active(&world, LEA, "acme:tech:summit", "reader").await.text("/id").to_owned();
    world.deliver().await;
    let mut ledger = Ledger::of(&world);
    let summit = "/v1/scopes/acme:tech:summit";
    let (to_lea, owner) = (json!({ "collaborator": id }), Who::person(OWNER));
    let current = get(&world, OWNER, "/v1/scopes/acme").await.etag().to_owned();
    drop(world.trips());
    for (what, version) in [("hand over on an old version", "\"1\""), ("hand over", &current)] {
        let request = Request::new("POST", "/v1/scopes/acme/owner").json(&to_lea);
        let answer = world.send(&owner, request.if_match(version)).await;
        ledger.note(&world, ("transfer-ownership", what), &answer);
    }
    for (what, path, body) in [
        ("hand over, by the platform", "/v1/scopes/acme", json!({ "email": OWNER })),
        ("give an event its first owner", summit, json!({ "email": "new@example.org" })),
        ("replace one who was never active", summit, to_lea.clone()),
    ] {
        let request = Request::new("POST", &format!("{path}/owner")).json(&body);
        let answer = world.send(&Who::platform(), request).await;
        ledger.note(&world, ("transfer-ownership", what), &answer);
    }
    world.deliver().await;
    drop(world.trips());
    let message = json!({ "subject": "Maintenance", "text": "Ce soir." });
    let mails = "/v1/scopes/acme/announcements";
    let answer = world.send(&owner, Request::new("POST", mails).json(&message)).await;
    ledger.note(&world, ("announce", "write to everybody"), &answer);
    let answer = world.send(&Who::platform(), Request::new("POST", mails).json(&message)).await;
    ledger.note(&world, ("announce", "write as somebody who may not"), &answer);
    world.deliver().await;
    ledger.trips(&world, ("deliver", "write its mails down"), "");
    world.deliver().await;
    ledger.trips(&world, ("deliver", "deliver both of them"), "");
    insta::assert_snapshot!(ledger.told());
}
