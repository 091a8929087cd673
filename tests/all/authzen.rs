//! OpenID AuthZEN Authorization API 1.0: evaluations, errors and discovery, with the cases of its certification scenario
//! for the levels Basic Core, Batch Core and Discovery (docs/authzen.md).

use coulisses_aws::config::Settings;
use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::{Value, json};

use crate::support::{EVE, LEA, MAX, OWNER, SUMMIT, TECH, acme, active, invite, post, revoke};

const ONE: &str = "/access/v1/evaluation";
const EACH: &str = "/access/v1/evaluations";

pub fn user(email: &str) -> Value {
    json!({ "type": "user", "id": email })
}

pub fn event(scope: &str) -> Value {
    json!({ "type": "event", "id": scope })
}

/// The platform's question: whether Léa may do this at the event.
fn question(action: &str) -> Value {
    json!({ "subject": user(LEA), "action": { "name": action }, "resource": event(SUMMIT) })
}

/// `body` with the field at `path`, such as `subject.id`, replaced; `null` removes it.
fn with(mut body: Value, path: &str, value: Value) -> Value {
    let (parent, field) = path.rsplit_once('.').unwrap_or(("", path));
    let object =
        parent.split('.').filter(|it| !it.is_empty()).fold(&mut body, |at, key| &mut at[key]);
    if value.is_null() {
        object.as_object_mut().unwrap().remove(field);
    } else {
        object[field] = value;
    }
    body
}

async fn ask(world: &World, path: &str, body: &Value) -> Answer {
    post(world, &Principal::platform(), path, body).await
}

async fn decides(world: &World, who: &Principal, body: &Value) -> bool {
    let answer = post(world, who, ONE, body).await.expect(200);
    answer.body["decision"].as_bool().unwrap()
}

fn decisions(answer: Answer) -> Vec<bool> {
    let answer = answer.expect(200);
    let each = answer.body["evaluations"].as_array().unwrap().iter();
    each.map(|it| it["decision"].as_bool().unwrap()).collect()
}

/// Léa supervises the event's audience: she views and exports its contacts, and does not import them.
async fn world() -> World {
    let world = acme().await;
    active(&world, LEA, TECH, "supervisor").await;
    world
}

#[tokio::test]
async fn an_evaluation_permits_with_its_reason_or_denies_without_one() {
    let world = world().await;
    let permitted = ask(&world, ONE, &question("contacts:export")).await.expect(200);
    assert_eq!(permitted.body["decision"], true);
    assert_eq!(
        permitted.body["context"]["because"],
        json!({ "scope": TECH, "role": "supervisor" })
    );
    assert_eq!(permitted.header("content-type"), "application/json");
    let denied = ask(&world, ONE, &question("contacts:import")).await.expect(200);
    let reason = json!({ "decision": false, "context": { "reason": "no grant allows this" } });
    assert_eq!(denied.body, reason);

    // The version and the end are those of a check, so that a permission can be kept as long.
    let end = world.now().after(DAY).to_string();
    let body = json!({ "email": MAX, "role": "reader", "expiresAt": end });
    invite(&world, OWNER, SUMMIT, &body).await.expect(201);
    crate::support::log_in(&world, MAX).await.expect(200);
    let asked = with(question("content:view"), "subject.id", json!(MAX));
    let context = ask(&world, ONE, &asked).await.expect(200).body["context"].clone();
    let check =
        json!({ "checks": [{ "email": MAX, "scope": SUMMIT, "permission": "content:view" }] });
    let check = ask(&world, "/v1/checks", &check).await.expect(200).body["results"][0].clone();
    assert_eq!(
        (&context["validUntil"], &context["version"]),
        (&check["validUntil"], &check["version"])
    );
    assert_eq!(context["validUntil"], end);
}

#[tokio::test]
async fn everything_unknown_is_a_denial_and_everything_that_does_not_matter_is_ignored() {
    let world = world().await;
    let platform = Principal::platform();
    let base = || question("contacts:export");
    for (path, value) in [
        ("context", json!({ "time": "2025-06-27T18:03-07:00", "ip": "192.168.1.1" })),
        ("subject.properties", json!({ "department": "Sales", "role": "manager" })),
        ("action.properties", json!({ "method": "GET" })),
        ("resource.properties", json!({ "status": "active" })),
        ("futureField", json!({ "nested": true })),
        ("resource.type", json!("scope")),
        ("subject.id", json!("LEA@Example.org")),
    ] {
        assert!(decides(&world, &platform, &with(base(), path, value)).await, "{path}");
    }
    for (path, value) in [
        ("subject.id", json!("alice")),
        ("subject.id", json!(EVE)),
        ("subject.type", json!("spaceship")),
        ("action.name", json!("contacts:teleport")),
        ("resource.type", json!("record")),
        ("resource.type", json!("community")),
        ("resource.type", json!("audience")),
        ("resource.id", json!("record-1")),
        ("resource.id", json!("Not A Scope")),
        ("resource.id", json!("acme:tech:not-there-yet")),
        ("resource.id", json!("nowhere:tech:summit")),
    ] {
        assert!(
            !decides(&world, &platform, &with(base(), path, value.clone())).await,
            "{path} {value}"
        );
    }
    // With the type `scope`, only the id matters, as in a check.
    let later = with(
        with(base(), "resource.type", json!("scope")),
        "resource.id",
        json!("acme:tech:later"),
    );
    assert!(decides(&world, &platform, &later).await);
    for (kind, id) in [("client", "acme"), ("audience", TECH), ("event", SUMMIT)] {
        let owners = json!({ "subject": user(OWNER), "action": { "name": "access:manage" }, "resource": { "type": kind, "id": id } });
        assert!(decides(&world, &platform, &owners).await, "{kind}");
    }
}

#[tokio::test]
async fn callers_are_answered_what_a_check_would_answer_them() {
    let world = world().await;
    active(&world, MAX, SUMMIT, "reader").await;
    let of_lea = question("contacts:export");
    for (who, expected) in [
        (Principal::platform(), true),
        (Principal::user(LEA), true),
        (Principal::user(OWNER), true),
        (Principal::user(MAX), false),
        (Principal::user(EVE), false),
        (Principal::platform().on_behalf_of(OWNER), true),
        (Principal::platform().on_behalf_of(MAX), false),
    ] {
        assert_eq!(decides(&world, &who, &of_lea).await, expected, "{who:?}");
    }
    // An account that did not accept the invitation is allowed nothing.
    let account = |sub: &str| json!({ "iss": "https://issuer.test", "sub": sub });
    let bound = format!("account of {LEA}");
    for (sub, expected) in [(bound.as_str(), true), ("another", false)] {
        let asked = with(question("contacts:export"), "subject.properties", account(sub));
        assert_eq!(decides(&world, &Principal::platform(), &asked).await, expected, "{sub}");
    }
    revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
    assert!(!decides(&world, &Principal::platform(), &of_lea).await, "at once");
}

#[tokio::test]
async fn what_is_missing_or_of_another_type_is_a_400_and_never_a_failure() {
    let world = world().await;
    for path in [
        "subject",
        "action",
        "resource",
        "subject.type",
        "subject.id",
        "action.name",
        "resource.type",
        "resource.id",
    ] {
        for value in [Value::Null, json!(123), json!([]), json!(true)] {
            let body = with(question("contacts:export"), path, value.clone());
            for endpoint in [ONE, EACH] {
                let answer = ask(&world, endpoint, &body).await;
                assert_eq!(answer.outcome(), "400 malformed", "{endpoint} {path} {value}");
            }
        }
    }
    for (path, value) in [
        ("subject", json!("alice")),
        ("context", json!("now")),
        ("subject.properties", json!([])),
        ("subject.properties", json!({ "iss": 1, "sub": "x" })),
        ("subject.properties", json!({ "sub": "half an account" })),
        ("evaluations", json!({})),
        ("options", json!([])),
        ("options", json!({ "evaluations_semantic": "majority" })),
    ] {
        let answer =
            ask(&world, EACH, &with(question("contacts:export"), path, value.clone())).await;
        assert_eq!(answer.outcome(), "400 malformed", "{path} {value}");
    }
    let send = async |request: Request| world.send(&Principal::platform(), request).await.outcome();
    let request = || Request::new("POST", ONE);
    let valid = question("contacts:export").to_string();
    for (request, expected) in [
        (request().header("content-type", "text/plain").body(&valid), "400 malformed"),
        (request().body(&valid), "400 malformed"),
        (request().header("content-type", "application/json").body(""), "400 malformed"),
        (
            request().header("content-type", "application/json").body("{\"subject\":"),
            "400 malformed",
        ),
        (
            request().header("content-type", "application/json").body(&format!("[{valid}]")),
            "400 malformed",
        ),
        (
            request().header("content-type", "application/json").body(&"[".repeat(100_000)),
            "400 malformed",
        ),
        (request().json(&json!({ "pad": "x".repeat(256 * 1024) })), "413 too-large"),
        (request().header("content-type", "application/json; charset=utf-8").body(&valid), "200"),
    ] {
        assert_eq!(send(request).await, expected);
    }
    let none =
        world.send(&Principal::anonymous(), request().json(&question("contacts:export"))).await;
    assert_eq!(none.status, 401);
}

#[tokio::test]
async fn a_batch_has_defaults_that_are_replaced_as_a_whole_and_keeps_its_order() {
    let world = world().await;
    let action = |name: &str| json!({ "action": { "name": name } });
    let three = [action("contacts:view"), action("contacts:import"), action("contacts:export")];
    let batch = |semantic: Option<&str>| {
        let mut body =
            json!({ "subject": user(LEA), "resource": event(SUMMIT), "evaluations": three });
        if let Some(semantic) = semantic {
            body["options"] = json!({ "evaluations_semantic": semantic });
        }
        body
    };
    for (semantic, expected) in [
        (None, &[true, false, true][..]),
        (Some("execute_all"), &[true, false, true]),
        (Some("deny_on_first_deny"), &[true, false]),
        (Some("permit_on_first_permit"), &[true]),
    ] {
        assert_eq!(decisions(ask(&world, EACH, &batch(semantic)).await), expected, "{semantic:?}");
    }
    // Without defaults, and with an empty item that has all of them.
    let full = [question("contacts:view"), question("contacts:import")];
    assert_eq!(decisions(ask(&world, EACH, &json!({ "evaluations": full })).await), [true, false]);
    let mut defaults = question("contacts:view");
    defaults["evaluations"] =
        json!([{}, { "subject": user(EVE) }, { "context": { "source": "other" } }]);
    assert_eq!(decisions(ask(&world, EACH, &defaults).await), [true, false, true]);
    // An entity of an item is not completed from the default.
    defaults["evaluations"] =
        json!([{ "resource": { "type": "event" } }, { "subject": "alice" }, 5, {}]);
    // The contract does not allow them, so the request is not checked against it.
    let request = Request::new("POST", EACH).json(&defaults);
    let answer = world.send_with(&world.app, &Principal::platform(), &request).await.expect(200);
    assert_eq!(answer.body["evaluations"][0]["context"]["error"]["status"], 400);
    assert_eq!(decisions(answer), [false, false, false, true]);
    // No evaluations at all: the single one.
    for evaluations in [Value::Null, json!([])] {
        let single = with(question("contacts:view"), "evaluations", evaluations);
        assert_eq!(ask(&world, EACH, &single).await.expect(200).body["decision"], true);
    }
    let many = |count: usize| {
        with(question("contacts:view"), "evaluations", json!(vec![json!({}); count]))
    };
    assert_eq!(decisions(ask(&world, EACH, &many(100)).await).len(), 100);
    assert_eq!(ask(&world, EACH, &many(101)).await.outcome(), "400 malformed");
}

#[tokio::test]
async fn the_id_of_a_request_comes_back_if_it_is_short_and_visible() {
    let world = world().await;
    let with_id = |id: &str| {
        Request::new("POST", ONE).json(&question("contacts:view")).header("x-request-id", id)
    };
    let longest = "x".repeat(128);
    for id in ["bfe9eb29-ab87-4ca3-be83-a1d5d8305716", "a b", "é", "", &"x".repeat(129), &longest]
    {
        // Invalid ids are not in the contract.
        let answer = world.send_with(&world.app, &Principal::platform(), &with_id(id)).await;
        let answer = answer.expect(200);
        let is_valid =
            (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        let expected = if is_valid { id } else { "request-1" };
        assert_eq!(answer.header("x-request-id"), expected);
    }
    let refused = Request::new("POST", ONE).json(&json!({})).header("x-request-id", "mine");
    assert_eq!(world.send(&Principal::platform(), refused).await.header("x-request-id"), "mine");
}

#[tokio::test]
async fn the_metadata_names_the_host_that_was_asked_and_none_that_a_caller_made_up() {
    const PATH: &str = "/.well-known/authzen-configuration";
    let world = world().await;
    let forged = Request::new("GET", PATH)
        .header("host", "evil.test")
        .header("x-forwarded-host", "evil.test")
        .header("x-viewer-host", "evil.test");
    let answer = world.send(&Principal::anonymous(), forged.clone()).await.expect(200);
    assert_eq!(
        answer.body,
        json!({
            "policy_decision_point": "https://api.test",
            "access_evaluation_endpoint": "https://api.test/access/v1/evaluation",
            "access_evaluations_endpoint": "https://api.test/access/v1/evaluations",
            "search_subject_endpoint": "https://api.test/access/v1/search/subject",
            "search_resource_endpoint": "https://api.test/access/v1/search/resource",
            "search_action_endpoint": "https://api.test/access/v1/search/action",
        })
    );
    assert_eq!(answer.header("cache-control"), "public, max-age=3600");

    // Behind CloudFront, the host is the one that the distribution passes on.
    let mut app = world.app.clone();
    app.settings = Settings { origin_secret: Some("secret".into()), ..app.settings };
    let proven = |host: &str| {
        Request::new("GET", PATH).header("x-origin-secret", "secret").header("x-viewer-host", host)
    };
    let nobody = &Principal::anonymous();
    let answer = world.send_with(&app, nobody, &proven("console.example.org")).await.expect(200);
    assert_eq!(answer.body["policy_decision_point"], "https://console.example.org");
    assert_eq!(world.send_with(&app, nobody, &forged).await.status, 403);
    let local = world.send_with(&app, nobody, &proven("127.0.0.1:9180")).await.expect(200);
    assert_eq!(local.body["policy_decision_point"], "http://127.0.0.1:9180");
}
