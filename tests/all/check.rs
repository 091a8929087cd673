//! `POST /v1/checks`: whether a collaborator has a permission, and the grant that allows it.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::{Value, json};

use crate::support::{
    EVE, LEA, MEETUP, OWNER, SUMMIT, TECH, acme, acme_with, active, assign, invite, named, post,
    put_scope, revoke, seen,
};

pub async fn ask(world: &World, who: &Principal, checks: &Value) -> Answer {
    post(world, who, "/v1/checks", &json!({ "checks": checks })).await
}

/// The grant that allows each check, as `scope role`, or `no`.
pub fn granted_by(answer: Answer) -> Vec<String> {
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

/// The result of a check of `who` about themselves.
pub async fn own(world: &World, who: &Principal, scope: &str, permission: &str) -> String {
    let answer = ask(world, who, &json!([{ "scope": scope, "permission": permission }])).await;
    granted_by(answer).remove(0)
}

/// The result of a check of `who` about another collaborator.
pub async fn about(
    world: &World,
    who: &Principal,
    email: &str,
    (scope, permission): (&str, &str),
) -> String {
    let check = json!({ "email": email, "scope": scope, "permission": permission });
    granted_by(ask(world, who, &json!([check])).await).remove(0)
}

#[tokio::test]
async fn each_check_is_answered_in_order_with_the_grant_that_allows_it() {
    let world = acme().await;
    active(&world, LEA, TECH, "supervisor").await;
    active(&world, LEA, SUMMIT, "manager").await;
    let question =
        |scope: &str, permission: &str| json!({ "scope": scope, "permission": permission });
    let answer = ask(
        &world,
        &Principal::user(LEA),
        &json!([
            question(SUMMIT, "contacts:export"),
            question(SUMMIT, "campaigns:send"),
            question(MEETUP, "campaigns:send"),
            question("acme:rh", "contacts:view"),
            question(TECH, "dashboard:view"),
            question(SUMMIT, "dashboard:view"),
            question("acme:tech:not-there-yet", "dashboard:view"),
            question("other:tech", "dashboard:view"),
        ]),
    )
    .await;
    assert_eq!(answer.header("content-type"), "application/json");
    let mut results = answer.body["results"].clone();
    let own = seen(&world, "acme", LEA).await.body["version"].clone();
    for result in results.as_array_mut().unwrap() {
        // The caller is no collaborator of the last client.
        let version = result.as_object_mut().unwrap().remove("version").unwrap();
        assert!(version == own || version.is_null(), "{version}");
    }
    insta::assert_json_snapshot!(results);
}

#[tokio::test]
async fn the_named_grant_is_the_one_that_allows_the_action() {
    let world = acme().await;
    let lea = Principal::user(LEA);
    for (scope, role, named) in [
        ("acme", "reader", "acme reader"),
        (SUMMIT, "manager", "acme:tech:summit manager"),
        (TECH, "observer", "acme:tech:summit manager"),
        (MEETUP, "administrator", "acme:tech:summit manager"),
        ("acme:rh", "administrator", "acme:tech:summit manager"),
    ] {
        active(&world, LEA, scope, role).await;
        assert_eq!(own(&world, &lea, SUMMIT, "contacts:view").await, named);
    }
    for (scope, permission, named) in [
        (SUMMIT, "contacts:manage", "acme:tech:summit manager"),
        (SUMMIT, "content:view", "acme reader"),
        ("acme:tech:alumni", "contacts:view", "acme:tech observer"),
        (MEETUP, "contacts:view", "acme:tech:meetup administrator"),
        (MEETUP, "content:view", "acme:tech:meetup administrator"),
        ("acme", "contacts:view", "acme reader"),
    ] {
        assert_eq!(own(&world, &lea, scope, permission).await, named, "{permission} at {scope}");
    }
    assign(&world, OWNER, (TECH, LEA), &json!({ "role": "administrator" })).await.expect(200);
    let named = own(&world, &lea, SUMMIT, "contacts:view").await;
    assert_eq!(named, "acme:tech administrator", "an administrator grant precedes a nearer one");
    revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
    let named = own(&world, &lea, SUMMIT, "contacts:view").await;
    assert_eq!(named, "acme:tech:summit manager");
}

#[tokio::test]
async fn the_end_of_one_grant_leaves_the_others_in_effect() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "observer").await;
    let ending = json!({
        "email": LEA, "role": "administrator", "expiresAt": "2026-11-23T12:00:00Z",
    });
    invite(&world, OWNER, TECH, &ending).await.expect(201);
    let lea = Principal::user(LEA);
    let summit = SUMMIT;
    assert_eq!(own(&world, &lea, summit, "contacts:view").await, "acme:tech administrator");
    world.wait(DAY - Duration::from_millis(1));
    assert_eq!(own(&world, &lea, summit, "contacts:view").await, "acme:tech administrator");
    world.wait(Duration::from_millis(1));
    assert_eq!(own(&world, &lea, summit, "contacts:view").await, "acme:tech:summit observer");
    assert_eq!(own(&world, &lea, summit, "contacts:manage").await, "no");
    assert_eq!(own(&world, &lea, TECH, "contacts:view").await, "no");
}

#[tokio::test]
async fn only_callers_who_see_access_at_the_scope_and_the_platform_check_others() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "observer").await;
    active(&world, EVE, SUMMIT, "administrator").await;
    active(&world, "rita@example.org", "acme", "reader").await;
    let summit = (SUMMIT, "contacts:view");
    for (who, answer) in [
        (Principal::platform(), "acme:tech:summit observer"),
        (Principal::user(OWNER), "acme:tech:summit observer"),
        (Principal::user(EVE), "acme:tech:summit observer"),
        (Principal::user(LEA), "acme:tech:summit observer"),
        (Principal::user("rita@example.org"), "no"),
        (Principal::user("stranger@example.org"), "no"),
        (Principal::user(EVE).with("sub", "another account"), "no"),
    ] {
        assert_eq!(about(&world, &who, LEA, summit).await, answer, "{who:?}");
    }
    // The same address in another spelling.
    assert_eq!(
        about(&world, &Principal::user(EVE), "  LEA@Example.ORG ", summit).await,
        "acme:tech:summit observer"
    );
    for place in [TECH, MEETUP, "acme"] {
        let question = (place, "content:view");
        assert_eq!(about(&world, &Principal::user(EVE), "rita@example.org", question).await, "no");
        assert_eq!(
            about(&world, &Principal::user(OWNER), "rita@example.org", question).await,
            "acme reader"
        );
    }
}

#[tokio::test]
async fn where_only_owners_grant_only_they_have_access_manage() {
    let world = acme_with(&json!({ "granting": "owner" })).await;
    active(&world, EVE, "acme", "administrator").await;
    let (eve, owner) = (Principal::user(EVE), Principal::user(OWNER));
    assert_eq!(own(&world, &eve, TECH, "access:manage").await, "no");
    assert_eq!(own(&world, &eve, TECH, "access:view").await, "acme administrator");
    assert_eq!(own(&world, &owner, TECH, "access:manage").await, "acme owner");
    let manage = (TECH, "access:manage");
    assert_eq!(about(&world, &Principal::platform(), EVE, manage).await, "no");
    assert_eq!(about(&world, &eve, OWNER, manage).await, "acme owner");
    let client = json!({ "name": "Acme", "seatLimit": null, "granting": "administrators" });
    put_scope(&world, "acme", &client).await.expect(200);
    assert_eq!(own(&world, &eve, TECH, "access:manage").await, "acme administrator");
}

#[tokio::test]
async fn an_invalid_check_is_reported_by_its_index() {
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
    let refused = ask(&world, &Principal::user(OWNER), &checks).await;
    assert_eq!(refused.outcome(), "422 invalid-email");
    let wrong = [
        ("/checks/1/email", "invalid-email"),
        ("/checks/2/scope", "invalid-scope"),
        ("/checks/3/permission", "invalid-permission"),
        ("/checks/4/scope", "invalid-scope"),
        ("/checks/5/permission", "invalid-permission"),
    ];
    assert_eq!(named(&refused), wrong);
    let refused = ask(&world, &Principal::platform(), &json!([with("email", OWNER), right])).await;
    assert_eq!(refused.outcome(), "422 invalid-field");
    let errors = json!([{ "pointer": "/checks/1/email", "code": "invalid-field" }]);
    assert_eq!(refused.body["errors"], errors, "the platform must name an address");
}

#[tokio::test]
async fn a_request_has_one_to_a_hundred_checks() {
    let world = acme().await;
    let owner = Principal::user(OWNER);
    let right = json!({ "scope": "acme", "permission": "contacts:view" });
    let refused = ask(&world, &owner, &json!([])).await;
    assert_eq!(refused.outcome(), "422 invalid-field");
    assert_eq!(refused.text("/errors/0/pointer"), "/checks");
    drop(world.trips());
    let wrong = json!({ "scope": "", "permission": "" });
    for checks in [vec![right.clone(); 101], vec![wrong; 1_000]] {
        let refused = ask(&world, &owner, &json!(checks)).await;
        assert_eq!(refused.outcome(), "422 too-many-items");
        assert_eq!(refused.text("/errors/0/pointer"), "/checks");
        assert!(refused.text("/detail").contains("100"), "{}", refused.text("/detail"));
        assert_eq!(refused.body["errors"].as_array().unwrap().len(), 1);
    }
    assert_eq!(world.trips().len(), 0);
    let answers = granted_by(ask(&world, &owner, &json!(vec![right; 100])).await);
    assert_eq!(answers, vec!["acme owner"; 100]);
}

#[tokio::test]
async fn line_19_a_check_with_an_unknown_repeated_or_missing_field_is_refused() {
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
        let refused = world.send(&Principal::user(OWNER), request).await;
        assert_eq!(refused.outcome(), "400 malformed", "{check}");
    }
}
