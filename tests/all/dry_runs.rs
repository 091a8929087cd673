//! Dry runs: the same decision as the request, without a write.

use coulisses_tests::{Principal, Request, World};
use serde_json::{Value, json};

use crate::support::{
    EVE, LEA, MAX, OWNER, SUMMIT, TECH, acme_with, active, id_of, invite, invited, seen, token_of,
};

type Row = (&'static str, &'static str, String, Value, Option<String>);

/// Requests that succeed and requests that are refused: caller, method, path, body and version.
#[rustfmt::skip]
async fn rows(world: &World) -> Vec<Row> {
    let version = async |email: &str| seen(world, "acme", email).await.expect(200).etag().to_owned();
    let (of_lea, of_max) = (version(LEA).await, version(MAX).await);
    let (lea, max, old) = (id_of(world, LEA), id_of(world, MAX), "\"1\"".to_owned());
    let at = |scope: &str, rest: &str| format!("/v1/scopes/{scope}/{rest}");
    let (here, people) = (at(SUMMIT, "collaborators"), at("acme", "collaborators"));
    let new = |email: &str, role: &str| json!({ "email": email, "role": role });
    let anew = || new("new@example.org", "reader");
    let several = json!({ "invitations": [
        anew(), new("bad", "reader"), new("two@example.org", "manager"), new("three@example.org", "reader"),
    ] });
    let person = |email: &str| json!({ "email": email, "grants": [{ "scope": TECH, "role": "reader" }] });
    let imported = json!({ "people": [person("new@example.org"), person(LEA)] });
    let observer = || json!({ "role": "observer" });
    let change = |id: &str, version: &str| json!({ "id": id, "version": version.trim_matches('"').parse::<i64>().unwrap(), "role": "observer" });
    let changes = json!({ "changes": [change(&lea, &of_lea), change(&max, &old)] });
    let gala = json!({ "name": "Gala", "kind": "event", "owner": { "email": "gala@example.org" } });
    vec![
        (OWNER, "POST", here.clone(), anew(), None),
        (EVE, "POST", here.clone(), anew(), None),
        (EVE, "POST", here.clone(), new(LEA, "reader"), None),
        (EVE, "POST", people.clone(), anew(), None),
        (OWNER, "POST", here.clone(), several, None),
        ("platform", "POST", at("acme", "imports"), imported, None),
        (OWNER, "PUT", format!("{here}/{lea}/role"), observer(), Some(of_lea.clone())),
        (OWNER, "PUT", format!("{here}/{lea}/role"), observer(), Some(old)),
        (OWNER, "DELETE", format!("{here}/{max}"), Value::Null, Some(of_max.clone())),
        (EVE, "DELETE", format!("{here}/{max}?below=true"), Value::Null, Some(of_max)),
        (OWNER, "POST", at(SUMMIT, "revocations"), json!({ "ids": [lea, max, "nobody"] }), None),
        (OWNER, "POST", at(SUMMIT, "changes"), changes, None),
        (OWNER, "POST", format!("{people}/{lea}/suspension"), json!({}), None),
        (OWNER, "DELETE", format!("{people}/{lea}/suspension"), Value::Null, None),
        (OWNER, "PUT", format!("{people}/{lea}/email"), json!({ "email": "moved@example.org" }), Some(of_lea.clone())),
        (OWNER, "DELETE", format!("{people}/{lea}/account"), Value::Null, Some(of_lea)),
        (OWNER, "POST", format!("{here}/{max}/resend"), json!({}), None),
        ("platform", "POST", at("acme", "owner"), json!({ "collaborator": lea }), None),
        ("platform", "PUT", "/v1/scopes/acme:tech:gala".to_owned(), gala.clone(), None),
        ("platform", "PUT", "/v1/scopes/acme:none:gala".to_owned(), gala, None),
        (OWNER, "POST", at("acme", "announcements"), json!({ "subject": "Hello", "text": "All" }), None),
    ]
}

fn request((who, method, path, body, version): Row) -> (Principal, Request) {
    let mut request = Request::new(method, &path);
    if !body.is_null() {
        request = request.json(&body);
    }
    if let Some(version) = version {
        request = request.if_match(&version);
    }
    let caller = if who == "platform" { Principal::platform() } else { Principal::user(who) };
    (caller, request)
}

/// `acme` with one free seat, and one more that an expired invitation still has.
async fn world() -> World {
    let world = acme_with(&json!({ "seatLimit": 6 })).await;
    let short = json!({ "email": "gone@example.org", "role": "reader", "expiresAt": "2026-11-25T12:00:00Z" });
    invite(&world, OWNER, TECH, &short).await.expect(201);
    active(&world, EVE, SUMMIT, "administrator").await;
    active(&world, LEA, SUMMIT, "reader").await;
    invited(&world, MAX, SUMMIT, "reader").await;
    world.deliver().await;
    world.wait(coulisses_domain::time::DAY * 4);
    world
}

/// Status, and the codes of what is refused.
fn refusals(status: u64, body: &Value) -> String {
    let codes = body["results"].as_array().into_iter().flatten().map(|it| &it["problem"]["code"]);
    let codes: Vec<String> = codes.chain([&body["code"]]).map(ToString::to_string).collect();
    format!("{status} {}", codes.join(" "))
}

#[tokio::test]
async fn a_dry_run_writes_nothing_and_the_request_then_does_what_it_said() {
    let first = world().await;
    let all = rows(&first).await;
    let snapshot = first.snapshot();
    for (who, request) in all.into_iter().map(request) {
        first.restore(&snapshot);
        let before = first.dump().await;
        first.measure();
        drop(first.trips());
        let name = format!("{request:?}");
        let dry = first.send(&who, request.clone().parameter("dryRun=true")).await;
        let writes = |it: &&coulisses_tests::Trip| {
            !["BatchGetItem", "Query"].contains(&it.operation.as_str())
        };
        assert_eq!(first.trips().iter().filter(writes).count(), 0, "{name}");
        assert_eq!(first.dump().await, before, "{name}");
        let real = first.send(&who, request.parameter("dryRun=false")).await;
        if dry.status >= 400 {
            assert_eq!(dry.outcome(), real.outcome(), "{name}");
            continue;
        }
        let said = refusals(dry.body["status"].as_u64().unwrap(), &dry.body["body"]);
        assert_eq!(said, refusals(real.status.into(), &real.body), "{name}");
        if !dry.body["effects"]["seats"].is_null() {
            let used = first.item("acme", "#").await["seats"].as_m().unwrap()["used"]
                .as_n()
                .unwrap()
                .clone();
            assert_eq!(dry.body["effects"]["seats"]["after"].to_string(), used, "{name}");
        }
        let mails = first.outbox_rows().await;
        assert_eq!(dry.body["effects"]["mails"], json!(mails), "{name}");
    }
}

#[tokio::test]
async fn a_dry_run_says_who_gains_and_loses_what() {
    let world = world().await;
    let path = format!("/v1/scopes/{SUMMIT}/collaborators?dryRun=true");
    let body = json!({ "email": "new@example.org", "role": "observer" });
    let request = Request::new("POST", &path).json(&body);
    let answer = world.send(&Principal::user(OWNER), request).await.expect(200);
    assert_eq!((&answer.body["dryRun"], &answer.body["status"]), (&json!(true), &json!(201)));
    assert_eq!(answer.body["body"]["status"], "pending");
    assert_eq!(answer.body["effects"]["seats"], json!({ "before": 5, "after": 6 }));
    let person = &answer.body["effects"]["people"][0];
    assert_eq!(
        person["gains"],
        json!([{ "scope": SUMMIT, "permissions": ["contacts:view", "dashboard:view"] }])
    );
    assert_eq!((&person["loses"], &person["losesAllAccess"]), (&json!([]), &json!(false)));
    for bad in ["dryRun=yes", "dryRun=", "dryRun=true&dryRun=true"] {
        let request =
            Request::new("POST", &format!("/v1/scopes/{SUMMIT}/collaborators?{bad}")).json(&body);
        assert_eq!(
            world.send(&Principal::user(OWNER), request).await.outcome(),
            "400 malformed",
            "{bad}"
        );
    }
    let accept = Request::new("POST", "/v1/invitations/accept?dryRun=true");
    let accept = accept.json(&json!({ "token": token_of(&world, MAX).await }));
    let invited = Principal::user(MAX);
    assert_eq!(world.send(&invited, accept).await.outcome(), "400 malformed");
    let login = Request::new("POST", "/v1/scopes/acme/logins?dryRun=true");
    assert_eq!(world.send(&Principal::user(OWNER), login).await.outcome(), "400 malformed");
}
