//! The lines of the security design about what a request looks like, where it holds a list or names the platform; each
//! by its number, over HTTP.

use std::collections::BTreeSet;

use coulisses_tests::{Request, Who};
use serde_json::{Value, json};

use crate::{
    escalation::{shape, two_clients},
    problems::assert_is_a_problem,
    routes::{About, calls},
    support::{acme, active, id_of, post},
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";
const EVE: &str = "eve@example.org";

/// The right bodies that hold objects in objects, each with who sends it where, and where those objects are.
fn nested() -> Vec<(Who, Request, Value, &'static str)> {
    let owner = || Who::person(OWNER);
    let invitations = json!({ "invitations": [{ "email": "new@example.org", "role": "reader" }] });
    let account = json!({ "iss": "https://issuer.test", "sub": "x" });
    let check =
        json!({ "email": LEA, "account": account, "scope": "acme", "permission": "contacts:view" });
    let checks = json!({ "checks": [check] });
    let boss = json!({ "email": "boss@example.org" });
    let event = json!({ "name": "Expo", "kind": "event", "owner": boss });
    let client = json!({ "name": "Expo", "seatLimit": 5, "granting": "owner", "owner": boss });
    let invite = Request::new("POST", "/v1/scopes/acme:tech/collaborators");
    let ask = || Request::new("POST", "/v1/checks");
    vec![
        (owner(), invite, invitations, "/invitations/0"),
        (owner(), ask(), checks.clone(), "/checks/0"),
        (owner(), ask(), checks, "/checks/0/account"),
        (Who::platform(), Request::new("PUT", "/v1/scopes/acme:tech:expo"), event, "/owner"),
        (Who::platform(), Request::new("PUT", "/v1/scopes/expo"), client, "/owner"),
    ]
}

/// Security, line 19.
#[tokio::test]
async fn line_19_an_unknown_or_privileged_field_is_refused_however_deep_it_stands() {
    let world = acme().await;
    let before = world.everything().await;
    for (who, request, right, pointer) in nested() {
        for field in [
            "status",
            "version",
            "sub",
            "id",
            "seat",
            "grants",
            "standing",
            "client",
            "grantedBy",
            "__proto__",
            "",
        ] {
            let mut body = right.clone();
            let inner = body.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
            if inner.contains_key(field) {
                continue;
            }
            inner.insert(field.to_owned(), json!("active"));
            let refused = world.send(&who, request.clone().json(&body)).await;
            assert_eq!(refused.told(), "400 malformed", "{body}");
        }
        let text = right.to_string();
        let inner = right.pointer(pointer).unwrap().to_string();
        let (name, value) =
            right.pointer(pointer).unwrap().as_object().unwrap().iter().next().unwrap();
        let twice = inner.replacen('{', &format!("{{\"{name}\":{value},"), 1);
        let request = request.header("content-type", "application/json");
        let refused = world.send(&who, request.body(&text.replacen(&inner, &twice, 1))).await;
        assert_eq!(refused.told(), "400 malformed", "{twice}");
    }
    assert_eq!(world.everything().await, before);
}

/// Security, line 26.
#[tokio::test]
async fn line_26_a_list_that_is_deep_broken_or_of_other_things_is_malformed() {
    let world = acme().await;
    let before = world.everything().await;
    let deep =
        |open: &str, close: &str| format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
    for (path, field) in [
        ("/v1/scopes/acme:tech/collaborators", "invitations"),
        ("/v1/scopes/acme:tech/revocations", "ids"),
        ("/v1/checks", "checks"),
    ] {
        for list in [
            deep("[", "]"),
            deep("[{\"email\":", "}]"),
            "[".to_owned(),
            "[,]".to_owned(),
            "[{}]".to_owned(),
            "[null]".to_owned(),
            "[1]".to_owned(),
            "[[]]".to_owned(),
            "{\"0\":\"x\"}".to_owned(),
            "null".to_owned(),
            "\"x\"".to_owned(),
            "[\"\\ud800\"]".to_owned(),
        ] {
            let body = format!("{{\"{field}\":{list}}}");
            let request = Request::new("POST", path).header("content-type", "application/json");
            let refused = world.send(&Who::person(OWNER), request.body(&body)).await;
            let what: String = body.chars().take(60).collect();
            assert_eq!(refused.told(), "400 malformed", "{path} {what}");
            assert_is_a_problem(&refused);
        }
        let large = format!("{{\"{field}\":[{}]}}", "\"x\",".repeat(70_000));
        let request = Request::new("POST", path).header("content-type", "application/json");
        let refused = world.send(&Who::person(OWNER), request.body(&large)).await;
        assert_eq!(refused.told(), "413 too-large", "{path}");
        let text = Request::new("POST", path).header("content-type", "text/plain");
        let refused =
            world.send(&Who::person(OWNER), text.body(&format!("{{\"{field}\":[]}}"))).await;
        assert_eq!(refused.told(), "415 unsupported-media-type", "{path}");
    }
    assert_eq!(world.everything().await, before);
}

/// Security, line 20.
#[tokio::test]
async fn line_20_a_batch_tells_nothing_about_whether_there_is_an_account() {
    let world = two_clients().await;
    let owner = Who::person("owner@expo.test");
    let one = |email: &str| json!({ "email": email, "role": "observer" });
    let body = json!({ "invitations": [one(OWNER), one("nobody@example.org")] });
    let target = "/v1/scopes/expo:tech:summit/collaborators";
    let answer = post(&world, &owner, target, &body).await.expect(200);
    let results = answer.body["results"].as_array().unwrap();
    let without_index = |result: &Value| shape(&result["collaborator"]);
    assert_eq!((&results[0]["status"], &results[1]["status"]), (&json!(201), &json!(201)));
    assert_eq!(without_index(&results[0]), without_index(&results[1]));
}

/// Security, line 22.
#[tokio::test]
async fn line_22_whoever_only_says_that_he_is_the_platform_gets_no_further_on_any_route() {
    let world = acme().await;
    active(&world, EVE, "acme:tech", "reader").await;
    let before = world.everything().await;
    let id = id_of(&world, OWNER);
    let (eve, platform) = (Who::person(EVE), Who::platform());
    let alike = [
        eve.clone().with("scope", "coulisses/platform"),
        eve.clone().with("scope", "openid coulisses/platform").with("client_id", "platform"),
        eve.clone().with("scope", "coulisses/platform").with("azp", "platform"),
    ];
    let pretenders = [
        platform.clone().with("scope", "coulisses/platforms"),
        platform.clone().with("scope", "not-coulisses/platform"),
        platform.clone().with("client_id", "another"),
        platform.clone().without("client_id"),
        platform.with("email", EVE),
    ];
    let mut routes = BTreeSet::new();
    for call in calls().into_iter().filter(|call| !call.open && !call.path.ends_with("/logins")) {
        let scope = if call.fits("acme:tech:summit") { "acme:tech:summit" } else { "acme" };
        let request = call.request(About { scope, id: &id, token: "" });
        let plain = world.send(&eve, request.clone()).await;
        for who in &alike {
            let told = world.send(who, request.clone()).await;
            assert_eq!((told.status, &told.body), (plain.status, &plain.body), "{}", call.name());
        }
        for who in &pretenders {
            let told = world.send(who, request.clone()).await.told();
            assert_eq!(told, "403 email-not-verified", "{} {who:?}", call.name());
        }
        routes.insert(call.name());
    }
    assert_eq!(routes.len(), calls().len() - 2, "all but the preview and logins");
    assert_eq!(world.everything().await, before);
}
