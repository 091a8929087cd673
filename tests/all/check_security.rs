//! The lines of docs/security.md about checks.

use coulisses_domain::time::DAY;
use coulisses_tests::Principal;
use serde_json::{Value, json};

use crate::{
    check::{about, ask, granted_by, own},
    escalation::expo,
    support::{
        EVE, LEA, MEETUP, OWNER, SUMMIT, TECH, accept, acme, active, assign, invited, revoke,
        token_of, without_access,
    },
};

#[tokio::test]
async fn line_4_a_pending_expired_or_revoked_collaborator_is_allowed_nothing() {
    let world = acme().await;
    let names = without_access(&world).await;
    active(&world, LEA, "acme", "reader").await;
    for who in names {
        let email = format!("{who}@example.org");
        let own_account = Principal::user(&email);
        for scope in ["acme", SUMMIT] {
            for permission in ["dashboard:view", "access:view", "access:manage"] {
                let question = (scope, permission);
                assert_eq!(own(&world, &own_account, scope, permission).await, "no", "{who}");
                for asker in [&own_account, &Principal::user(OWNER), &Principal::platform()] {
                    assert_eq!(about(&world, asker, &email, question).await, "no", "{who}");
                }
            }
            let others = about(&world, &own_account, LEA, (scope, "content:view")).await;
            assert_eq!(others, "no", "{who} checks another");
        }
    }
}

#[tokio::test]
async fn line_7_another_account_of_the_same_address_is_allowed_nothing_in_any_check() {
    let world = acme().await;
    active(&world, LEA, "acme", "administrator").await;
    let bound = json!({ "iss": "https://issuer.test", "sub": format!("account of {LEA}") });
    let other = json!({ "iss": "https://issuer.test", "sub": "another account" });
    let elsewhere = json!({ "iss": "https://another.issuer", "sub": bound["sub"] });
    let question = |account: &Value, email: Option<&str>| json!([{ "email": email, "account": account, "scope": TECH, "permission": "content:view" }]);
    for (who, email) in [
        (Principal::platform(), Some(LEA)),
        (Principal::user(OWNER), Some(LEA)),
        (Principal::user(LEA), Some(LEA)),
        (Principal::user(LEA), None),
    ] {
        for (account, answer) in [
            (&bound, "acme administrator"),
            (&Value::Null, "acme administrator"),
            (&other, "no"),
            (&elsewhere, "no"),
        ] {
            let given = granted_by(ask(&world, &who, &question(account, email)).await);
            assert_eq!(given, [answer], "{who:?} about {account}");
        }
    }
    for twin in [
        Principal::user(LEA).with("sub", "another account"),
        Principal::user(LEA).with("iss", "https://another.issuer"),
    ] {
        for account in [&bound, &other, &elsewhere, &Value::Null] {
            for email in [None, Some(LEA), Some(OWNER)] {
                let given = granted_by(ask(&world, &twin, &question(account, email)).await);
                assert_eq!(given, ["no"], "{twin:?} about {email:?} {account}");
            }
        }
    }
}

#[tokio::test]
async fn line_8_the_owner_of_one_client_learns_nothing_of_another() {
    let world = acme().await;
    expo(&world, "owner@expo.test").await;
    for who in [OWNER, "owner@expo.test", "unknown@example.org"] {
        let asked = about(&world, &Principal::user(OWNER), who, ("expo", "dashboard:view")).await;
        assert_eq!(asked, "no", "{who}");
    }
    // One request may be about several clients; each result depends on the caller's access in that client.
    let question = |email: &str, scope: &str| json!({ "email": email, "scope": scope, "permission": "access:manage" });
    let checks = json!([
        question("owner@expo.test", "expo"),
        question(OWNER, "acme"),
        question(OWNER, "expo"),
        question("owner@expo.test", "acme"),
    ]);
    let owner = Principal::user("owner@expo.test");
    assert_eq!(granted_by(ask(&world, &owner, &checks).await), ["expo owner", "no", "no", "no"]);
    assert_eq!(
        granted_by(ask(&world, &Principal::platform(), &checks).await),
        ["expo owner", "acme owner", "no", "no"]
    );
}

#[tokio::test]
async fn line_13_a_collaborator_revoked_and_invited_again_is_allowed_none_of_their_former_access() {
    let world = acme().await;
    active(&world, LEA, TECH, "administrator").await;
    revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
    world.wait(DAY);
    invited(&world, LEA, SUMMIT, "observer").await;
    let (old, new) = (Principal::user(LEA), Principal::user(LEA).with("sub", "a new account"));
    let summit = SUMMIT;
    assert_eq!(own(&world, &old, summit, "contacts:view").await, "no", "pending");
    let token = token_of(&world, LEA).await;
    accept(&world, &new, &token).await.expect(200);
    assert_eq!(own(&world, &new, summit, "contacts:view").await, "acme:tech:summit observer");
    assert_eq!(own(&world, &new, TECH, "contacts:view").await, "no");
    assert_eq!(own(&world, &old, summit, "contacts:view").await, "no", "the old account");
}

#[tokio::test]
async fn line_14_the_next_check_after_a_revocation_denies() {
    let world = acme().await;
    active(&world, LEA, TECH, "administrator").await;
    let lea = Principal::user(LEA);
    let question = (SUMMIT, "contacts:view");
    for _ in 0..3 {
        assert_eq!(own(&world, &lea, question.0, question.1).await, "acme:tech administrator");
        revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
        assert_eq!(own(&world, &lea, question.0, question.1).await, "no");
        assert_eq!(about(&world, &lea, OWNER, question).await, "no");
        assert_eq!(about(&world, &Principal::platform(), LEA, question).await, "no");
        world.wait(DAY);
        active(&world, LEA, TECH, "administrator").await;
    }
    assign(&world, OWNER, (TECH, LEA), &json!({ "role": "observer" })).await.expect(200);
    assert_eq!(own(&world, &lea, TECH, "access:view").await, "no");
}

#[tokio::test]
async fn line_25_a_check_about_a_sister_event_gets_the_result_of_an_unknown_address() {
    let world = acme().await;
    active(&world, EVE, SUMMIT, "administrator").await;
    active(&world, LEA, MEETUP, "administrator").await;
    let eve = Principal::user(EVE);
    for scope in [MEETUP, TECH, "acme", "acme:rh", SUMMIT] {
        let mut answers = Vec::new();
        for email in [LEA, "unknown@example.org"] {
            let check = json!({ "email": email, "scope": scope, "permission": "contacts:view" });
            answers.push(ask(&world, &eve, &json!([check])).await.expect(200).body);
        }
        assert_eq!(answers[0], answers[1], "{scope}");
        let denied =
            json!({ "allowed": false, "because": null, "validUntil": null, "version": null });
        assert_eq!(answers[0]["results"], json!([denied]));
    }
}
