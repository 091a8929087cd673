//! Lines of docs/security.md over HTTP, on bodies with lists and nested objects and on claims of the platform.

use std::collections::BTreeSet;

use coulisses_tests::{Principal, Request};
use serde_json::{Value, json};

use crate::{
    escalation::{shape, two_clients},
    problems::assert_is_a_problem,
    routes::{About, calls},
    support::{EVE, LEA, OWNER, acme, active, id_of, post},
};

/// Valid requests with nested objects: the caller, the request, the body, and the pointer to the nested object.
fn nested() -> Vec<(Principal, Request, Value, &'static str)> {
    let owner = || Principal::user(OWNER);
    let invitations = json!({ "invitations": [{ "email": "new@example.org", "role": "reader" }] });
    let account = json!({ "iss": "https://issuer.test", "sub": "x" });
    let check =
        json!({ "email": LEA, "account": account, "scope": "acme", "permission": "contacts:view" });
    let checks = json!({ "checks": [check] });
    let boss = json!({ "email": "boss@example.org" });
    let event = json!({ "name": "Expo", "kind": "event", "owner": boss });
    let client = json!({ "name": "Expo", "seatLimit": 5, "granting": "owner", "owner": boss });
    let invite = Request::new("POST", "/v1/scopes/acme:tech/collaborators");
    let announcements = Request::new("POST", "/v1/scopes/acme/announcements");
    let announcement = json!({ "subject": "S", "text": "T", "to": { "below": false } });
    let ask = || Request::new("POST", "/v1/checks");
    vec![
        (owner(), invite, invitations, "/invitations/0"),
        (owner(), announcements, announcement, "/to"),
        (owner(), ask(), checks.clone(), "/checks/0"),
        (owner(), ask(), checks, "/checks/0/account"),
        (Principal::platform(), Request::new("PUT", "/v1/scopes/acme:tech:expo"), event, "/owner"),
        (Principal::platform(), Request::new("PUT", "/v1/scopes/expo"), client, "/owner"),
    ]
}

#[tokio::test]
async fn line_19_an_unknown_or_privileged_field_is_refused_at_any_depth() {
    let world = acme().await;
    let before = world.dump().await;
    for (who, request, right, pointer) in nested() {
        let fields = "status version sub id seat grants standing client grantedBy __proto__ ";
        for field in fields.split(' ') {
            let mut body = right.clone();
            let inner = body.pointer_mut(pointer).unwrap().as_object_mut().unwrap();
            if inner.contains_key(field) {
                continue;
            }
            inner.insert(field.to_owned(), json!("active"));
            let refused = world.send(&who, request.clone().json(&body)).await;
            assert_eq!(refused.outcome(), "400 malformed", "{body}");
        }
        let text = right.to_string();
        let inner = right.pointer(pointer).unwrap().to_string();
        let (name, value) =
            right.pointer(pointer).unwrap().as_object().unwrap().iter().next().unwrap();
        let twice = inner.replacen('{', &format!("{{\"{name}\":{value},"), 1);
        let request = request.header("content-type", "application/json");
        let refused = world.send(&who, request.body(&text.replacen(&inner, &twice, 1))).await;
        assert_eq!(refused.outcome(), "400 malformed", "{twice}");
    }
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn line_26_a_deep_or_malformed_list_is_refused() {
    let world = acme().await;
    let before = world.dump().await;
    let deep =
        |open: &str, close: &str| format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
    for (path, field) in [
        ("/v1/scopes/acme:tech/collaborators", "invitations"),
        ("/v1/scopes/acme:tech/revocations", "ids"),
        ("/v1/checks", "checks"),
    ] {
        let lists = r#"[ [,] [{}] [null] [1] [[]] {"0":"x"} null "x" ["\ud800"]"#;
        let lists = lists.split(' ').map(ToOwned::to_owned);
        for list in lists.chain([deep("[", "]"), deep("[{\"email\":", "}]")]) {
            let body = format!("{{\"{field}\":{list}}}");
            let request = Request::new("POST", path).header("content-type", "application/json");
            let refused = world.send(&Principal::user(OWNER), request.body(&body)).await;
            let what: String = body.chars().take(60).collect();
            // A missing address is an error of its own item.
            if (field, list.as_str()) == ("invitations", "[{}]") {
                assert_eq!(refused.status, 200, "{}", refused.body);
                continue;
            }
            assert_eq!(refused.outcome(), "400 malformed", "{path} {what}");
            assert_is_a_problem(&refused);
        }
        let large = format!("{{\"{field}\":[{}]}}", "\"x\",".repeat(70_000));
        let request = Request::new("POST", path).header("content-type", "application/json");
        let refused = world.send(&Principal::user(OWNER), request.body(&large)).await;
        assert_eq!(refused.outcome(), "413 too-large", "{path}");
        let text = Request::new("POST", path).header("content-type", "text/plain");
        let refused =
            world.send(&Principal::user(OWNER), text.body(&format!("{{\"{field}\":[]}}"))).await;
        assert_eq!(refused.outcome(), "415 unsupported-media-type", "{path}");
    }
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn line_20_a_batch_does_not_reveal_whether_an_account_exists() {
    let world = two_clients().await;
    let owner = Principal::user("owner@expo.test");
    let one = |email: &str| json!({ "email": email, "role": "observer" });
    let body = json!({ "invitations": [one(OWNER), one("nobody@example.org")] });
    let target = "/v1/scopes/expo:tech:summit/collaborators";
    let answer = post(&world, &owner, target, &body).await.expect(200);
    let results = answer.body["results"].as_array().unwrap();
    let without_values = |result: &Value| shape(&result["collaborator"]);
    assert_eq!((&results[0]["status"], &results[1]["status"]), (&json!(201), &json!(201)));
    assert_eq!(without_values(&results[0]), without_values(&results[1]));
}

#[tokio::test]
async fn line_22_claiming_to_be_the_platform_gains_nothing_on_any_route() {
    let world = acme().await;
    active(&world, EVE, "acme:tech", "reader").await;
    let before = world.dump().await;
    let id = id_of(&world, OWNER);
    let (eve, platform) = (Principal::user(EVE), Principal::platform());
    let alike = [
        eve.clone().with("scope", "coulisses/platform"),
        eve.clone().with("scope", "openid coulisses/platform").with("client_id", "platform"),
        eve.clone().with("scope", "coulisses/platform").with("azp", "platform"),
    ];
    let scopes = [
        "coulisses/platforms",
        "x-coulisses/platform",
        "not-coulisses/platform",
        "coulisses/platform/read,coulisses/platform",
        "COULISSES/PLATFORM",
        "coulisses/platform\topenid",
    ];
    let pretenders = scopes
        .map(|scope| platform.clone().with("scope", scope))
        .into_iter()
        .chain(["another", "platform,another"].map(|id| platform.clone().with("client_id", id)))
        .chain(["scope", "client_id"].map(|claim| platform.clone().without(claim)))
        .chain([platform.clone().with("email", EVE)]);
    let pretenders: Vec<Principal> = pretenders.collect();
    let mut routes = BTreeSet::new();
    for call in calls().into_iter().filter(|call| !call.open && !call.path.ends_with("/logins")) {
        let scope = if call.fits("acme:tech:summit") { "acme:tech:summit" } else { "acme" };
        let request = call.request(About { scope, id: &id, token: "" });
        let plain = world.send(&eve, request.clone()).await;
        for who in &alike {
            let answer = world.send(who, request.clone()).await;
            assert_eq!(
                (answer.status, &answer.body),
                (plain.status, &plain.body),
                "{}",
                call.name()
            );
        }
        for who in &pretenders {
            let outcome = world.send(who, request.clone()).await.outcome();
            assert_eq!(outcome, "403 email-not-verified", "{} {who:?}", call.name());
        }
        routes.insert(call.name());
    }
    assert_eq!(
        routes.len(),
        calls().len() - 5,
        "all but three links of invitations, the metadata of AuthZEN and logins"
    );
    let put = Request::new("PUT", "/v1/scopes/acme:tech").json(&json!({ "name": "T" }));
    for who in [
        platform.clone().with("email", EVE).with("email_verified", "true"),
        Principal::user(OWNER).with("scope", "coulisses/platform").with("client_id", "platform"),
    ] {
        let answer = world.send(&who, put.clone()).await;
        assert!([403, 404].contains(&answer.status), "{who:?} {}", answer.body);
    }
    assert_eq!(world.dump().await, before);
    let by_azp = platform.without("client_id").with("azp", "platform");
    world.send(&by_azp, put).await.expect(200);
}
