//! The cost of each command: its trips to the table and their units, as snapshots.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Fault, Principal, Request, Trip, World};
use serde_json::{Value, json};

use crate::{
    ledger::Ledger,
    support::{
        LEA, MAX, OWNER, accept, acme, acme_with, active, etag_of, gala, get, history, id_of,
        invite, invited, log_in, path_of, post, preview, put_scope, resend, seats, token_of,
    },
};

const COLLABORATORS: &str = "/v1/scopes/acme:tech/collaborators";

#[tokio::test]
async fn the_cost_of_commands() {
    let world = World::new().await;
    let mut ledger = Ledger::of(&world);
    let client = |limit: u32| json!({ "name": "Acme", "seatLimit": limit, "granting": "administrators", "owner": { "email": OWNER } });
    let event = json!({ "name": "S", "kind": "event", "owner": { "email": "boss@example.org" } });
    for (command, scope, body) in [
        ("provision a client", "acme", client(9)),
        ("provision it again, with a limit", "acme", client(3)),
        ("provision an audience", "acme:tech", json!({ "name": "T" })),
        ("provision an event with an owner", "acme:tech:summit", event),
    ] {
        ledger.note(("provision", command), &put_scope(&world, scope, &body).await);
    }
    ledger.note(("record-login", "record a first login"), &log_in(&world, OWNER).await);
    world.wait(Duration::from_secs(1));
    ledger.note(("record-login", "record a login"), &log_in(&world, OWNER).await);
    ledger.note(("provision", "read a scope"), &get(&world, OWNER, "/v1/scopes/acme:tech").await);

    for (command, by, scope, email) in [
        ("invite a new collaborator", OWNER, "acme:tech", LEA),
        ("invite the same again", OWNER, "acme:tech", LEA),
        ("invite the same to one more scope", OWNER, "acme:tech:summit", LEA),
        ("invite where no seat is free", OWNER, "acme:tech", MAX),
        ("invite as a stranger", MAX, "acme:tech", MAX),
    ] {
        let body = json!({ "email": email, "role": "observer" });
        ledger.note(("invite", command), &invite(&world, by, scope, &body).await);
    }
    ledger.note(("list-access", "list who has access"), &get(&world, OWNER, COLLABORATORS).await);
    let path = path_of(&world, "acme:tech", LEA);
    ledger.note(("list-access", "read one of them"), &get(&world, OWNER, &path).await);

    world.wait(Duration::from_mins(1));
    for command in ["resend", "resend too soon"] {
        let answer = resend(&world, &Principal::user(OWNER), ("acme:tech", LEA)).await;
        ledger.note(("resend", command), &answer);
    }
    let token = token_of(&world, LEA).await;
    drop(world.trips());
    ledger.note(("accept", "preview"), &preview(&world, &token).await);
    ledger.note(("accept", "preview with a wrong token"), &preview(&world, "wrong").await);
    for (command, email) in
        [("accept", LEA), ("accept again", LEA), ("accept what another accepted", MAX)]
    {
        let answer = accept(&world, &Principal::user(email), &token).await;
        ledger.note(("accept", command), &answer);
    }

    let send = async |request: Request, etag: &str| {
        world.send(&Principal::user(OWNER), request.if_match(etag)).await
    };
    let role = || Request::new("PUT", &format!("{path}/role")).json(&json!({ "role": "manager" }));
    // More than one change within an hour is counted.
    world.wait(Duration::from_hours(1));
    let etag = etag_of(&world, LEA).await;
    drop(world.trips());
    ledger.note(("assign-role", "change a role"), &send(role(), &etag).await);
    ledger.note(("assign-role", "change it on an old version"), &send(role(), &etag).await);
    let etag = etag_of(&world, LEA).await;
    drop(world.trips());
    ledger.note(("assign-role", "change it to what it is"), &send(role(), &etag).await);
    let answer = send(Request::new("DELETE", &path), "\"1\"").await;
    ledger.note(("revoke", "revoke on an old version"), &answer);
    world.wait(Duration::from_hours(1));
    let answer = send(Request::new("DELETE", &format!("{path}?below=true")), &etag).await;
    ledger.note(("revoke", "revoke, with all below"), &answer);

    for (command, path, days) in [("decline", "decline", 0), ("ask for a new link", "renewal", 14)]
    {
        invited(&world, MAX, "acme:tech", "observer").await;
        let body = json!({ "token": token_of(&world, MAX).await });
        world.wait(DAY * days);
        drop(world.trips());
        let path = format!("/v1/invitations/{path}");
        ledger
            .note(("accept", command), &post(&world, &Principal::anonymous(), &path, &body).await);
        world.wait(DAY);
    }
    insta::assert_snapshot!(ledger.table());
}

#[tokio::test]
async fn the_cost_of_reads() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "administrator").await;
    let mut ledger = Ledger::of(&world);
    let lea = Principal::user(LEA);
    let question = |permission: &str| json!({ "scope": "acme:tech", "permission": permission });
    let other = |number: u32| {
        let mut other = question("contacts:view");
        other["email"] = json!(format!("p{number}@example.org"));
        other
    };
    let others: Vec<Value> = (0..100).map(other).collect();
    let at_event = json!({ "scope": "acme:tech:summit", "permission": "contacts:view" });
    for (command, who, checks) in [
        ("check oneself", &lea, vec![question("contacts:view")]),
        ("check at an event", &lea, vec![at_event]),
        ("check for access:manage", &lea, vec![question("access:manage")]),
        ("check a hundred others", &lea, others.clone()),
        ("check them as the platform", &Principal::platform(), others),
    ] {
        let answer = post(&world, who, "/v1/checks", &json!({ "checks": checks })).await;
        ledger.note(("check", command), &answer);
    }
    let history = "/v1/scopes/acme:tech/history";
    let of_lea = format!("{history}?collaborator={}", id_of(&world, LEA));
    let below = "/v1/scopes/acme:tech?below=true";
    let stranger = "stranger@example.org";
    for (command, who, target) in [
        (("check", "list one's own access"), LEA, "/v1/me/access"),
        (("check", "list it with the tree"), LEA, "/v1/me/access?tree=true"),
        (("history", "read the history"), LEA, history),
        (("history", "read it for one collaborator"), LEA, of_lea.as_str()),
        (("history", "read it as a stranger"), stranger, history),
        (("provision", "read a scope with all below"), LEA, below),
        (("provision", "read it as a stranger"), stranger, below),
    ] {
        ledger.note(command, &get(&world, who, target).await);
    }
    let find = Request::new("GET", "/v1/people?email=lea@example.org");
    let found = world.send(&Principal::platform(), find).await;
    ledger.note(("check", "find a person in all clients"), &found);
    insta::assert_snapshot!(ledger.table());
}

#[tokio::test]
async fn the_cost_of_a_history_with_pointers() {
    let world = acme().await;
    invited(&world, LEA, "acme:tech", "observer").await;
    world.wait(Duration::from_hours(1));
    world.audit().await;
    invited(&world, LEA, "acme:tech:summit", "observer").await;
    let mut ledger = Ledger::of(&world);
    let history = get(&world, OWNER, "/v1/scopes/acme:tech/history").await;
    ledger.note(("history", "read the history of an audience"), &history);
    assert_eq!(history.expect(200).body["entries"].as_array().unwrap().len(), 2);
    insta::assert_snapshot!(ledger.table());
}

#[tokio::test]
async fn the_cost_of_mail() {
    let world = acme().await;
    let mut ledger = Ledger::of(&world);
    invited(&world, LEA, "acme:tech", "observer").await;
    drop(world.trips());
    world.deliver().await;
    ledger.trips(("deliver", "deliver an invitation"), "");
    log_in(&world, LEA).await;
    invited(&world, LEA, "acme:rh", "observer").await;
    drop(world.trips());
    world.deliver().await;
    ledger.trips(("deliver", "deliver another mail"), "");
    world.sweep().await;
    ledger.trips(("deliver", "sweep an empty outbox"), "");
    insta::assert_snapshot!(ledger.table());
}

#[tokio::test]
async fn the_cost_of_the_audit() {
    let world = acme().await;
    let mut ledger = Ledger::of(&world);
    let seats = get(&world, OWNER, "/v1/scopes/acme/seats").await;
    ledger.note(("audit-seats", "read the seats"), &seats);
    world.audit_client("acme").await;
    ledger.trips(("audit-seats", "audit a client"), "");
    let lea = json!({ "email": LEA, "role": "observer", "expiresAt": "2026-12-12T12:00:00Z" });
    invite(&world, OWNER, "acme:tech", &lea).await.expect(201);
    log_in(&world, LEA).await;
    world.wait(DAY * 14);
    drop(world.trips());
    world.audit_client("acme").await;
    ledger.trips(("audit-seats", "where access ends soon"), "");
    world.wait(DAY * 6);
    world.audit_client("acme").await;
    ledger.trips(("audit-seats", "where access has ended"), "");
    world.audit().await;
    ledger.trips(("audit-seats", "where all was audited today"), "");
    let lea = invited(&world, LEA, "acme:tech", "observer").await;
    drop(world.trips());
    let tags = json!({ "client": ["acme"], "collaborator": [lea.text("/id")], "sending": ["1"] });
    let detail = json!({ "eventType": "Delivery", "mail": { "tags": tags } });
    world.ses_event(json!({ "source": "aws.ses", "detail": detail })).await.unwrap();
    ledger.trips(("delivery-status", "an event of a mail"), "");
    insta::assert_snapshot!(ledger.table());
}

#[tokio::test]
async fn the_cost_of_an_erasure() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "administrator").await;
    world.wait(Duration::from_secs(1));
    let max = json!({ "email": MAX, "role": "observer" });
    invite(&world, LEA, "acme:tech", &max).await.expect(201);
    let mut ledger = Ledger::of(&world);
    for (command, event) in [
        ("list all collaborators", json!({ "client": "acme" })),
        ("export a collaborator", json!({ "client": "acme", "email": LEA })),
        ("erase a collaborator", json!({ "client": "acme", "email": LEA, "erase": true })),
        ("erase an unknown address", json!({ "client": "acme", "email": LEA, "erase": true })),
    ] {
        world.erase(event).await.unwrap();
        ledger.trips(("erase", command), "");
    }
    insta::assert_snapshot!(ledger.table());
}

#[tokio::test]
async fn sweeping_expired_seats_costs_one_more_read_and_write() {
    let world = acme_with(&json!({ "seatLimit": 3 })).await;
    for email in [LEA, MAX] {
        invited(&world, email, "acme:tech", "observer").await;
    }
    world.wait(DAY * 14);
    let mut ledger = Ledger::of(&world);
    let answer = invited(&world, "new@example.org", "acme:tech", "observer").await;
    ledger.note(("invite", "invite where seats have expired"), &answer);
    insta::assert_snapshot!(ledger.table());
    assert_eq!(seats(&world).await, json!([3, 2]));
}

#[tokio::test]
async fn a_change_whose_response_is_lost_is_retried_and_made_once() {
    let world = acme().await;
    let mut lost = 0;
    world.break_calls(move |trip| {
        lost += u32::from(trip.operation == "TransactWriteItems");
        (trip.operation == "TransactWriteItems" && lost <= 6).then_some(Fault::AnswerLost)
    });
    drop(world.trips());
    invited(&world, LEA, "acme:tech", "observer").await;
    let mut writes = world.trips();
    writes.retain(|trip| trip.operation == "TransactWriteItems");
    assert_eq!(writes.len(), 7);
    let same = |trip: &Trip| trip.request == writes[0].request;
    assert!(writes.iter().all(same), "the same bytes, the same token");
    assert_eq!(history(&world, LEA).await.len(), 1);
    assert_eq!(seats(&world).await, json!([null, 2]));
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_changed_meanwhile_are_decided_again_three_times() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "administrator").await;
    let etag = etag_of(&world, LEA).await;
    drop(world.trips());
    // The version of the client grows between each read and each write.
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
    let answer = world.send(&Principal::user(OWNER), change).await;
    assert_eq!(answer.outcome(), "503 try-again");
    let trips: Vec<String> = world.trips().into_iter().map(|trip| trip.operation).collect();
    assert_eq!(trips, ["BatchGetItem", "TransactWriteItems"].repeat(3));
}

#[tokio::test]
async fn the_cost_of_transfers_and_announcements() {
    let world = acme().await;
    let id = active(&world, LEA, "acme:tech:summit", "reader").await.text("/id").to_owned();
    world.deliver().await;
    let mut ledger = Ledger::of(&world);
    let (owner, platform) = (Principal::user(OWNER), Principal::platform());
    let current = get(&world, OWNER, "/v1/scopes/acme").await.etag().to_owned();
    drop(world.trips());
    let (client, summit) = ("/v1/scopes/acme/owner", "/v1/scopes/acme:tech:summit/owner");
    let to_lea = json!({ "collaborator": id });
    for (command, who, target, version, body) in [
        ("transfer on an old version", &owner, client, Some("\"1\""), to_lea.clone()),
        ("transfer", &owner, client, Some(&*current), to_lea.clone()),
        ("transfer, by the platform", &platform, client, None, json!({ "email": OWNER })),
        (
            "name an event's first owner",
            &platform,
            summit,
            None,
            json!({ "email": "new@example.org" }),
        ),
        ("replace an inactive owner", &platform, summit, None, to_lea),
    ] {
        let request = Request::new("POST", target).json(&body);
        let request = version.map_or(request.clone(), |version| request.if_match(version));
        ledger.note(("transfer-ownership", command), &world.send(who, request).await);
    }
    world.deliver().await;
    drop(world.trips());
    let announcement = json!({ "subject": "Maintenance", "text": "Ce soir." });
    let announce = async |who: &Principal| -> Answer {
        post(&world, who, "/v1/scopes/acme/announcements", &announcement).await
    };
    ledger.note(("announce", "announce"), &announce(&owner).await);
    ledger.note(("announce", "announce without access"), &announce(&Principal::user(MAX)).await);
    world.deliver().await;
    ledger.trips(("deliver", "queue its mails"), "");
    world.deliver().await;
    ledger.trips(("deliver", "deliver both of them"), "");
    insta::assert_snapshot!(ledger.table());
}

#[tokio::test]
async fn the_cost_of_changes_of_identity() {
    let world = acme().await;
    active(&world, LEA, "acme:tech:summit", "reader").await;
    put_scope(&world, "acme:tech:gala", &gala(OWNER)).await.expect(201);
    world.wait(Duration::from_mins(5));
    let mut ledger = Ledger::of(&world);
    let (owner, platform) = (Principal::user(OWNER), Principal::platform());
    for (command, who, route, email, to) in [
        ("unbind an account", &owner, "account", LEA, None),
        ("unbind an account again", &owner, "account", LEA, None),
        ("move to a present address", &owner, "email", LEA, Some(OWNER)),
        ("move to a new address", &owner, "email", LEA, Some(MAX)),
        ("move an owner, by the platform", &platform, "email", OWNER, Some("new@example.org")),
    ] {
        let (target, etag) = (path_of(&world, "acme", email), etag_of(&world, email).await);
        let method = if to.is_some() { "PUT" } else { "DELETE" };
        let request = Request::new(method, &format!("{target}/{route}")).if_match(&etag);
        let request = to.map_or(request.clone(), |to| request.json(&json!({ "email": to })));
        drop(world.trips());
        ledger.note(("identity", command), &world.send(who, request).await);
    }
    insta::assert_snapshot!(ledger.table());
}

#[tokio::test]
async fn the_cost_of_imports_changes_and_suspensions() {
    let world = acme().await;
    let mut ledger = Ledger::of(&world);
    let (owner, platform) = (Principal::user(OWNER), Principal::platform());
    let new = json!({ "email": MAX, "role": "observer" });
    let dry = post(&world, &owner, &format!("{COLLABORATORS}?dryRun=true"), &new).await;
    ledger.note(("invite", "invite, as a dry run"), &dry);
    let grants = |role: &str| json!([{ "scope": "acme:tech", "role": role }]);
    for (command, role) in [
        ("import a new person", "reader"),
        ("import the same again", "reader"),
        ("import a change", "manager"),
    ] {
        let body = json!({ "people": [{ "email": LEA, "grants": grants(role) }] });
        let answer = post(&world, &platform, "/v1/scopes/acme/imports", &body).await;
        assert_eq!(answer.body["results"][0]["problem"], Value::Null);
        ledger.note(("invite", command), &answer);
    }
    let version: i64 = etag_of(&world, LEA).await.trim_matches('"').parse().unwrap();
    let change = json!({ "id": id_of(&world, LEA), "version": version, "role": "observer" });
    let suspension = format!("{}/suspension", path_of(&world, "acme", LEA));
    drop(world.trips());
    let body = json!({ "changes": [change] });
    let changed = post(&world, &owner, "/v1/scopes/acme:tech/changes", &body).await;
    ledger.note(("assign-role", "change a role among many"), &changed);
    for (method, command) in [("POST", "suspend"), ("DELETE", "restore")] {
        let answer = world.send(&owner, Request::new(method, &suspension)).await;
        ledger.note(("identity", command), &answer);
    }
    insta::assert_snapshot!(ledger.table());
}

#[tokio::test]
async fn the_cost_of_events() {
    let world = acme().await;
    world.publish_all().await;
    invited(&world, LEA, "acme:tech", "reader").await;
    let mut ledger = Ledger::of(&world);
    world.publish_all().await;
    ledger.trips(("publish", "publish a change"), "");
    for number in 0..9 {
        invited(&world, &format!("p{number}@example.org"), "acme:tech", "reader").await;
    }
    drop(world.trips());
    world.publish_all().await;
    ledger.trips(("publish", "publish nine changes"), "");
    world.wait(Duration::from_mins(1));
    let feed = Request::new("GET", "/v1/scopes/acme/events");
    let events = world.send(&Principal::platform(), feed).await;
    ledger.note(("history", "read the events"), &events);
    insta::assert_snapshot!(ledger.table());
}
