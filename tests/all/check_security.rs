//! Checks: the lines of the security design about them, each by its number.

use coulisses_domain::time::DAY;
use coulisses_tests::{Request, Who};
use serde_json::{Value, json};

use crate::{
    check::{about, ask, own, told},
    support::{accept, acme, active, assign, invite, put_scope, revoke, token_of, without_access},
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";
const EVE: &str = "eve@example.org";

/// Security, line 4.
#[tokio::test]
async fn line_4_somebody_pending_expired_or_revoked_is_allowed_nothing() {
    let world = acme().await;
    let nobodies = without_access(&world).await;
    active(&world, LEA, "acme", "reader").await;
    for who in nobodies {
        let email = format!("{who}@example.org");
        let himself = Who::person(&email);
        for scope in ["acme", "acme:tech:summit"] {
            for permission in ["dashboard:view", "access:view", "access:manage"] {
                let question = (scope, permission);
                assert_eq!(own(&world, &himself, scope, permission).await, "no", "{who}");
                for asker in [&himself, &Who::person(OWNER), &Who::platform()] {
                    assert_eq!(about(&world, asker, &email, question).await, "no", "{who}");
                }
            }
            let others = about(&world, &himself, LEA, (scope, "content:view")).await;
            assert_eq!(others, "no", "{who} asks about others");
        }
    }
}

/// Security, line 7.
#[tokio::test]
async fn line_7_under_another_account_nobody_is_allowed_anything_in_no_question() {
    let world = acme().await;
    active(&world, LEA, "acme", "administrator").await;
    let bound = json!({ "iss": "https://issuer.test", "sub": format!("account of {LEA}") });
    let other = json!({ "iss": "https://issuer.test", "sub": "another account" });
    let elsewhere = json!({ "iss": "https://another.issuer", "sub": bound["sub"] });
    let question = |account: &Value, email: Option<&str>| json!([{ "email": email, "account": account, "scope": "acme:tech", "permission": "content:view" }]);
    for (who, email) in [
        (Who::platform(), Some(LEA)),
        (Who::person(OWNER), Some(LEA)),
        (Who::person(LEA), Some(LEA)),
        (Who::person(LEA), None),
    ] {
        for (account, answer) in [
            (&bound, "acme administrator"),
            (&Value::Null, "acme administrator"),
            (&other, "no"),
            (&elsewhere, "no"),
        ] {
            let given = told(ask(&world, &who, &question(account, email)).await);
            assert_eq!(given, [answer], "{who:?} about {account}");
        }
    }
    for twin in [
        Who::person(LEA).with("sub", "another account"),
        Who::person(LEA).with("iss", "https://another.issuer"),
    ] {
        for account in [&bound, &other, &elsewhere, &Value::Null] {
            for email in [None, Some(LEA), Some(OWNER)] {
                let given = told(ask(&world, &twin, &question(account, email)).await);
                assert_eq!(given, ["no"], "{twin:?} about {email:?} {account}");
            }
        }
    }
}

/// Security, line 8.
#[tokio::test]
async fn line_8_the_owner_of_one_client_learns_nothing_of_another() {
    let world = acme().await;
    let owner = json!({ "email": "owner@expo.test" });
    let expo =
        json!({ "name": "Expo", "seatLimit": 5, "granting": "administrators", "owner": owner });
    put_scope(&world, "expo", &expo).await.expect(201);
    let expos = Who::person("owner@expo.test");
    world.send(&expos, Request::new("POST", "/v1/scopes/expo/logins")).await.expect(200);
    for who in [OWNER, "owner@expo.test", "nobody@example.org"] {
        let asked = about(&world, &Who::person(OWNER), who, ("expo", "dashboard:view")).await;
        assert_eq!(asked, "no", "{who}");
    }
    // One call may be about several clients: in each the caller is who he is there.
    let question = |email: &str, scope: &str| json!({ "email": email, "scope": scope, "permission": "access:manage" });
    let checks = json!([
        question("owner@expo.test", "expo"),
        question(OWNER, "acme"),
        question(OWNER, "expo"),
        question("owner@expo.test", "acme"),
    ]);
    assert_eq!(told(ask(&world, &expos, &checks).await), ["expo owner", "no", "no", "no"]);
    assert_eq!(
        told(ask(&world, &Who::platform(), &checks).await),
        ["expo owner", "acme owner", "no", "no"]
    );
}

/// Security, line 13.
#[tokio::test]
async fn line_13_somebody_removed_and_invited_again_is_allowed_nothing_of_the_old() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "administrator").await;
    revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    world.wait(DAY);
    let body = json!({ "email": LEA, "role": "observer" });
    invite(&world, OWNER, "acme:tech:summit", &body).await.expect(201);
    let (old, new) = (Who::person(LEA), Who::person(LEA).with("sub", "a new account"));
    let summit = "acme:tech:summit";
    assert_eq!(own(&world, &old, summit, "contacts:view").await, "no", "pending");
    let token = token_of(&world, LEA).await;
    accept(&world, &new, &token).await.expect(200);
    assert_eq!(own(&world, &new, summit, "contacts:view").await, "acme:tech:summit observer");
    assert_eq!(own(&world, &new, "acme:tech", "contacts:view").await, "no");
    assert_eq!(own(&world, &old, summit, "contacts:view").await, "no", "the old account");
}

/// Security, line 14, and a complaint about others: removed people keep a live token.
#[tokio::test]
async fn line_14_the_token_of_somebody_removed_is_worth_nothing_at_the_very_next_question() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "administrator").await;
    let lea = Who::person(LEA);
    let question = ("acme:tech:summit", "contacts:view");
    for _ in 0..3 {
        assert_eq!(own(&world, &lea, question.0, question.1).await, "acme:tech administrator");
        revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
        assert_eq!(own(&world, &lea, question.0, question.1).await, "no");
        assert_eq!(about(&world, &lea, OWNER, question).await, "no");
        assert_eq!(about(&world, &Who::platform(), LEA, question).await, "no");
        world.wait(DAY);
        active(&world, LEA, "acme:tech", "administrator").await;
    }
    assign(&world, OWNER, ("acme:tech", LEA), &json!({ "role": "observer" })).await.expect(200);
    assert_eq!(own(&world, &lea, "acme:tech", "access:view").await, "no");
}

/// Security, line 25.
#[tokio::test]
async fn line_25_a_question_about_a_sister_event_is_answered_as_if_there_were_nobody() {
    let world = acme().await;
    active(&world, EVE, "acme:tech:summit", "administrator").await;
    active(&world, LEA, "acme:tech:meetup", "administrator").await;
    let eve = Who::person(EVE);
    for scope in ["acme:tech:meetup", "acme:tech", "acme", "acme:rh", "acme:tech:summit"] {
        let mut answers = Vec::new();
        for email in [LEA, "nobody@example.org"] {
            let check = json!({ "email": email, "scope": scope, "permission": "contacts:view" });
            answers.push(ask(&world, &eve, &json!([check])).await.expect(200).body);
        }
        assert_eq!(answers[0], answers[1], "{scope}");
        assert_eq!(answers[0]["results"], json!([{ "allowed": false, "because": null }]));
    }
}
