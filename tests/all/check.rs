//! `POST /v1/checks`: whether somebody may do something, and because of which grant.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Request, Who, World};
use serde_json::{Value, json};

use crate::support::{acme, acme_with, active, assign, invite, post, put_scope, revoke};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";
const EVE: &str = "eve@example.org";

pub async fn ask(world: &World, who: &Who, checks: &Value) -> Answer {
    post(world, who, "/v1/checks", &json!({ "checks": checks })).await
}

/// The answers as `[scope role]`, or `no`.
pub fn told(answer: Answer) -> Vec<String> {
    let answer = answer.expect(200);
    let results = answer.body["results"].as_array().unwrap().iter();
    results
        .map(|result| {
            let because = &result["because"];
            if because.is_null() {
                return "no".to_owned();
            }
            format!("{} {}", because["scope"], because["role"]).replace('"', "")
        })
        .collect()
}

/// What `who` is answered about himself.
pub async fn own(world: &World, who: &Who, scope: &str, permission: &str) -> String {
    let answer = ask(world, who, &json!([{ "scope": scope, "permission": permission }])).await;
    told(answer).remove(0)
}

/// What `who` is answered about the person with this address.
pub async fn about(
    world: &World,
    who: &Who,
    email: &str,
    (scope, permission): (&str, &str),
) -> String {
    let check = json!({ "email": email, "scope": scope, "permission": permission });
    told(ask(world, who, &json!([check])).await).remove(0)
}

#[tokio::test]
async fn each_question_is_answered_in_its_place_with_the_grant_that_allows_it() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "supervisor").await;
    active(&world, LEA, "acme:tech:summit", "manager").await;
    let question =
        |scope: &str, permission: &str| json!({ "scope": scope, "permission": permission });
    let answer = ask(
        &world,
        &Who::person(LEA),
        &json!([
            question("acme:tech:summit", "contacts:export"),
            question("acme:tech:summit", "campaigns:send"),
            question("acme:tech:meetup", "campaigns:send"),
            question("acme:rh", "contacts:view"),
            question("acme:tech", "dashboard:view"),
            question("acme:tech:summit", "dashboard:view"),
            question("acme:tech:not-there-yet", "dashboard:view"),
            question("other:tech", "dashboard:view"),
        ]),
    )
    .await;
    insta::assert_json_snapshot!(answer.body);
    assert_eq!(answer.header("content-type"), "application/json");
}

/// A complaint about others: the source of an inherited right is shown wrong.
#[tokio::test]
async fn the_source_that_is_named_is_the_grant_that_allows_it() {
    let world = acme().await;
    let lea = Who::person(LEA);
    for (scope, role, named) in [
        ("acme", "reader", "acme reader"),
        ("acme:tech:summit", "manager", "acme:tech:summit manager"),
        ("acme:tech", "observer", "acme:tech:summit manager"),
        ("acme:tech:meetup", "administrator", "acme:tech:summit manager"),
        ("acme:rh", "administrator", "acme:tech:summit manager"),
    ] {
        active(&world, LEA, scope, role).await;
        assert_eq!(own(&world, &lea, "acme:tech:summit", "contacts:view").await, named);
    }
    for (scope, permission, named) in [
        ("acme:tech:summit", "contacts:manage", "acme:tech:summit manager"),
        ("acme:tech:summit", "content:view", "acme reader"),
        ("acme:tech:alumni", "contacts:view", "acme:tech observer"),
        ("acme:tech:meetup", "contacts:view", "acme:tech:meetup administrator"),
        ("acme:tech:meetup", "content:view", "acme:tech:meetup administrator"),
        ("acme", "contacts:view", "acme reader"),
    ] {
        assert_eq!(own(&world, &lea, scope, permission).await, named, "{permission} at {scope}");
    }
    assign(&world, OWNER, ("acme:tech", LEA), &json!({ "role": "administrator" }))
        .await
        .expect(200);
    let named = own(&world, &lea, "acme:tech:summit", "contacts:view").await;
    assert_eq!(named, "acme:tech administrator", "an administrator's prevails over a nearer one");
    revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    let named = own(&world, &lea, "acme:tech:summit", "contacts:view").await;
    assert_eq!(named, "acme:tech:summit manager");
}

/// A complaint about others: the expiry of one grant wiped others.
#[tokio::test]
async fn the_end_of_one_grant_leaves_the_others() {
    let world = acme().await;
    active(&world, LEA, "acme:tech:summit", "observer").await;
    let ending = json!({
        "email": LEA, "role": "administrator", "expiresAt": "2026-11-23T12:00:00Z",
    });
    invite(&world, OWNER, "acme:tech", &ending).await.expect(201);
    let lea = Who::person(LEA);
    let summit = "acme:tech:summit";
    assert_eq!(own(&world, &lea, summit, "contacts:view").await, "acme:tech administrator");
    world.wait(DAY - Duration::from_millis(1));
    assert_eq!(own(&world, &lea, summit, "contacts:view").await, "acme:tech administrator");
    world.wait(Duration::from_millis(1));
    assert_eq!(own(&world, &lea, summit, "contacts:view").await, "acme:tech:summit observer");
    assert_eq!(own(&world, &lea, summit, "contacts:manage").await, "no");
    assert_eq!(own(&world, &lea, "acme:tech", "contacts:view").await, "no");
}

#[tokio::test]
async fn about_others_asks_whoever_sees_the_access_at_that_scope_and_the_platform() {
    let world = acme().await;
    active(&world, LEA, "acme:tech:summit", "observer").await;
    active(&world, EVE, "acme:tech:summit", "administrator").await;
    active(&world, "rita@example.org", "acme", "reader").await;
    let summit = ("acme:tech:summit", "contacts:view");
    for (who, answer) in [
        (Who::platform(), "acme:tech:summit observer"),
        (Who::person(OWNER), "acme:tech:summit observer"),
        (Who::person(EVE), "acme:tech:summit observer"),
        (Who::person(LEA), "acme:tech:summit observer"),
        (Who::person("rita@example.org"), "no"),
        (Who::person("stranger@example.org"), "no"),
        (Who::person(EVE).with("sub", "another account"), "no"),
    ] {
        assert_eq!(about(&world, &who, LEA, summit).await, answer, "{who:?}");
    }
    // The same person in another spelling.
    assert_eq!(
        about(&world, &Who::person(EVE), "  LEA@Example.ORG ", summit).await,
        "acme:tech:summit observer"
    );
    for place in ["acme:tech", "acme:tech:meetup", "acme"] {
        let question = (place, "content:view");
        assert_eq!(about(&world, &Who::person(EVE), "rita@example.org", question).await, "no");
        assert_eq!(
            about(&world, &Who::person(OWNER), "rita@example.org", question).await,
            "acme reader"
        );
    }
}

#[tokio::test]
async fn where_only_owners_grant_it_is_theirs_alone_to_manage_access() {
    let world = acme_with(&json!({ "granting": "owner" })).await;
    active(&world, EVE, "acme", "administrator").await;
    let (eve, owner) = (Who::person(EVE), Who::person(OWNER));
    assert_eq!(own(&world, &eve, "acme:tech", "access:manage").await, "no");
    assert_eq!(own(&world, &eve, "acme:tech", "access:view").await, "acme administrator");
    assert_eq!(own(&world, &owner, "acme:tech", "access:manage").await, "acme owner");
    let manage = ("acme:tech", "access:manage");
    assert_eq!(about(&world, &Who::platform(), EVE, manage).await, "no");
    assert_eq!(about(&world, &eve, OWNER, manage).await, "acme owner");
    let client = json!({ "name": "Acme", "seatLimit": null, "granting": "administrators" });
    put_scope(&world, "acme", &client).await.expect(200);
    assert_eq!(own(&world, &eve, "acme:tech", "access:manage").await, "acme administrator");
}

#[tokio::test]
async fn what_is_wrong_with_a_question_is_told_by_its_place() {
    let world = acme().await;
    let right = json!({ "scope": "acme", "permission": "contacts:view" });
    let with = |field: &str, value: &str| {
        let mut check = right.clone();
        check[field] = json!(value);
        check
    };
    let checks = json!([
        right,
        with("email", "no address"),
        with("scope", "Acme"),
        with("permission", "contacts:delete"),
        with("scope", ""),
        with("permission", ""),
    ]);
    let refused = ask(&world, &Who::person(OWNER), &checks).await;
    assert_eq!(refused.told(), "422 invalid-email");
    let wrong = |pointer: &str, code: &str| json!({ "pointer": pointer, "code": code });
    let wrong = [
        wrong("/checks/1/email", "invalid-email"),
        wrong("/checks/2/scope", "invalid-scope"),
        wrong("/checks/3/permission", "invalid-permission"),
        wrong("/checks/4/scope", "invalid-scope"),
        wrong("/checks/5/permission", "invalid-permission"),
    ];
    assert_eq!(refused.body["errors"], json!(wrong));
    let refused = ask(&world, &Who::platform(), &json!([with("email", OWNER), right])).await;
    assert_eq!(refused.told(), "422 invalid-field");
    let nobody = json!([{ "pointer": "/checks/1/email", "code": "invalid-field" }]);
    assert_eq!(refused.body["errors"], nobody, "the platform has no self to ask about");
}

#[tokio::test]
async fn a_call_has_one_to_a_hundred_questions() {
    let world = acme().await;
    let owner = Who::person(OWNER);
    let right = json!({ "scope": "acme", "permission": "contacts:view" });
    let refused = ask(&world, &owner, &json!([])).await;
    assert_eq!(refused.told(), "422 invalid-field");
    assert_eq!(refused.text("/errors/0/pointer"), "/checks");
    drop(world.trips());
    let wrong = json!({ "scope": "", "permission": "" });
    for checks in [vec![right.clone(); 101], vec![wrong; 1_000]] {
        let refused = ask(&world, &owner, &json!(checks)).await;
        assert_eq!(refused.told(), "422 too-many-items");
        assert_eq!(refused.text("/errors/0/pointer"), "/checks");
        assert!(refused.text("/detail").contains("100"), "{}", refused.text("/detail"));
        assert_eq!(refused.body["errors"].as_array().unwrap().len(), 1);
    }
    assert_eq!(world.trips().len(), 0);
    let answers = told(ask(&world, &owner, &json!(vec![right; 100])).await);
    assert_eq!(answers, vec!["acme owner"; 100]);
}

/// Security, line 19.
#[tokio::test]
async fn line_19_a_question_is_an_object_with_its_fields_named_once() {
    let world = acme().await;
    for check in [
        r#"["owner@acme.test",null,"acme","contacts:view"]"#,
        r#"{"scope":"acme","permission":"contacts:view","role":"owner"}"#,
        r#"{"scope":"acme","scope":"acme","permission":"contacts:view"}"#,
        r#"{"scope":"acme","permission":"contacts:view","account":["a","b"]}"#,
        r#"{"scope":"acme","permission":"contacts:view","account":{"iss":"a"}}"#,
        r#"{"scope":"acme","permission":"contacts:view","account":{"iss":"a","sub":"b","email":"c"}}"#,
        r#"{"scope":"acme","permission":"contacts:view","account":{"iss":"a","iss":"b","sub":"b"}}"#,
        r#"{"scope":"acme"}"#,
        r#"{"scope":null,"permission":"contacts:view"}"#,
        "null",
        "1",
    ] {
        let request = Request::new("POST", "/v1/checks").header("content-type", "application/json");
        let request = request.body(&format!("{{\"checks\":[{check}]}}"));
        let refused = world.send(&Who::person(OWNER), request).await;
        assert_eq!(refused.told(), "400 malformed", "{check}");
    }
}
