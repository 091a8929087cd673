//! Deleting a role that a client defines, and what two requests at once do to it.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_tests::{Principal, Request};
use serde_json::{Value, json};

use crate::{
    history::lines,
    named_roles::{defined, delete, desk, may, put},
    scenes::{Invocation, post},
    support::{
        LEA, MAX, OWNER, SUMMIT, TECH, acme, active, assign, get, invite, invited, named, rows,
        seen,
    },
    turns::overtaken,
};

#[tokio::test]
async fn a_role_under_a_former_key_gives_former_holders_nothing() {
    let world = acme().await;
    defined(&world, "front-desk", &["checkin:scan"]).await;
    active(&world, LEA, SUMMIT, "front-desk").await;
    // A grant that outlives its role, as the version before this one can write it.
    let stored =
        world.item("acme", &format!("P#{}", world.id_of("acme", LEA))).await["grants"].clone();
    assign(&world, OWNER, (SUMMIT, LEA), &json!({ "role": "observer" })).await.expect(200);
    delete(&world, OWNER, "front-desk", "").await.expect(200);
    let key = format!("P#{}", world.id_of("acme", LEA));
    world.update(("C#acme", &key), "SET grants = :value", stored).await;
    assert_eq!(may(&world, LEA, "checkin:scan").await, "no", "deleted");
    defined(&world, "front-desk", &["checkin:scan", "contacts:export"]).await;
    assert_eq!(may(&world, LEA, "checkin:scan").await, "no", "another role of that key");
    let row = seen(&world, SUMMIT, LEA).await.expect(200);
    assert_eq!([&row.body["role"], &row.body["permissions"]], [&json!("front-desk"), &json!([])]);
    assign(&world, OWNER, (SUMMIT, LEA), &json!({ "role": "front-desk" })).await.expect(200);
    assert_eq!(
        may(&world, LEA, "contacts:export").await,
        "acme:tech:summit front-desk",
        "given anew"
    );
}

#[tokio::test]
async fn a_role_that_someone_holds_is_not_deleted_and_the_refusal_says_who() {
    let world = acme().await;
    defined(&world, "front-desk", &["checkin:scan"]).await;
    for number in 0..12 {
        invited(&world, &format!("p{number}@example.org"), SUMMIT, "front-desk").await;
    }
    let refused = delete(&world, OWNER, "front-desk", "").await;
    assert_eq!(refused.outcome(), "409 role-in-use");
    assert_eq!(refused.body["holders"], 12);
    assert_eq!(refused.body["collaborators"].as_array().unwrap().len(), 10, "some of them");
    invited(&world, "p12@example.org", SUMMIT, "front-desk").await;
}

#[tokio::test]
async fn all_holders_get_another_role_together_with_the_deletion() {
    let world = acme().await;
    defined(&world, "front-desk", &["checkin:scan"]).await;
    active(&world, LEA, SUMMIT, "observer").await;
    assign(&world, OWNER, (SUMMIT, LEA), &json!({ "role": "front-desk" })).await.expect(200);
    invited(&world, MAX, TECH, "front-desk").await;
    world.deliver().await;
    world.wait(Duration::from_secs(1));
    let preview =
        delete(&world, OWNER, "front-desk", "?reassign=observer&dryRun=true").await.expect(200);
    assert_eq!(preview.body["body"], json!({ "deleted": true, "reassigned": 2, "remaining": 0 }));
    assert_eq!(preview.body["effects"]["people"].as_array().unwrap().len(), 2);
    assert_eq!(may(&world, LEA, "checkin:scan").await, "acme:tech:summit front-desk");
    let done = delete(&world, OWNER, "front-desk", "?reassign=observer").await.expect(200);
    assert_eq!(done.body, json!({ "deleted": true, "reassigned": 2, "remaining": 0 }));
    assert_eq!(may(&world, LEA, "contacts:view").await, "acme:tech:summit observer");
    assert_eq!(seen(&world, TECH, MAX).await.body["role"], "observer");
    world.deliver().await;
    let mail = world.ses.mails_to(LEA).pop().unwrap();
    assert!(mail.text.contains("observateur"), "{}", mail.text);
    assert_eq!(delete(&world, OWNER, "front-desk", "").await.outcome(), "404 role-not-found");
    let page = get(&world, OWNER, "/v1/scopes/acme/history").await.expect(200);
    let actions: Vec<&Value> =
        page.body["entries"].as_array().unwrap().iter().map(|it| &it["action"]).take(3).collect();
    assert!(actions.contains(&&json!("role-deleted")), "{actions:?}");
    assert_eq!(actions.iter().filter(|it| **it == "role-changed").count(), 2, "{:?}", lines(&page));
}

#[tokio::test]
async fn a_reassignment_that_one_holder_cannot_get_changes_no_one() {
    let world = acme().await;
    defined(&world, "front-desk", &["checkin:scan"]).await;
    let here = json!({ "name": { "fr": "Ici", "en": "Here" }, "permissions": ["checkin:scan"], "levels": ["event"] });
    put(&world, &Principal::user(OWNER), "here", &here, None).await.expect(201);
    active(&world, LEA, SUMMIT, "front-desk").await;
    active(&world, MAX, TECH, "front-desk").await;
    for (other, outcome) in [
        ("here", "422 role-not-allowed-here"),
        ("nowhere", "422 invalid-role"),
        ("front-desk", "422 invalid-role"),
        ("owner", "422 role-not-allowed-here"),
        ("custom", "400 malformed"),
    ] {
        let refused = delete(&world, OWNER, "front-desk", &format!("?reassign={other}")).await;
        assert_eq!(refused.outcome(), outcome, "{other}");
    }
    assert_eq!(may(&world, LEA, "checkin:scan").await, "acme:tech:summit front-desk");
    // Nothing is half done: the role can still be given.
    invited(&world, "eve@example.org", SUMMIT, "front-desk").await;
}

#[tokio::test]
async fn many_holders_are_reassigned_in_steps_that_the_same_request_continues() {
    let world = acme().await;
    defined(&world, "front-desk", &["checkin:scan"]).await;
    for number in 0..60 {
        invited(&world, &format!("p{number}@example.org"), SUMMIT, "front-desk").await;
    }
    let done = delete(&world, OWNER, "front-desk", "?reassign=observer").await.expect(200);
    assert_eq!(done.body, json!({ "deleted": true, "reassigned": 60, "remaining": 0 }));
    let list =
        get(&world, OWNER, &format!("/v1/scopes/{SUMMIT}/collaborators?role=observer&limit=100"))
            .await;
    assert_eq!(list.expect(200).body["collaborators"].as_array().unwrap().len(), 60);
}

#[tokio::test]
async fn a_caller_cannot_reassign_their_own_role() {
    let world = acme().await;
    defined(&world, "front-desk", &["checkin:scan"]).await;
    let ada = "ada@example.org";
    active(&world, ada, "acme", "administrator").await;
    invite(&world, OWNER, SUMMIT, &json!({ "email": ada, "role": "front-desk" })).await.expect(201);
    let refused = delete(&world, ada, "front-desk", "?reassign=administrator").await;
    assert_eq!(refused.outcome(), "403 own-role");
    delete(&world, OWNER, "front-desk", "?reassign=observer").await.expect(200);
}

#[tokio::test]
async fn a_role_that_is_being_deleted_cannot_be_given_and_an_edit_keeps_it() {
    let world = acme().await;
    let etag = defined(&world, "front-desk", &["checkin:scan"]).await;
    active(&world, LEA, SUMMIT, "front-desk").await;
    // As a request that was cut off leaves it.
    let (_, mut stored) = rows(&world, "D#acme").await.into_iter().next().unwrap();
    let AttributeValue::M(roles) = stored.get_mut("roles").unwrap() else { panic!("no map") };
    let AttributeValue::M(role) = roles.get_mut("front-desk").unwrap() else { panic!("no map") };
    role.insert("retiring".to_owned(), AttributeValue::Bool(true));
    world.write(std::iter::once(stored)).await;
    let body = json!({ "email": MAX, "role": "front-desk" });
    assert_eq!(
        named(&invite(&world, OWNER, SUMMIT, &body).await.expect(422)),
        [("/role", "invalid-role")]
    );
    assert_eq!(
        may(&world, LEA, "checkin:scan").await,
        "acme:tech:summit front-desk",
        "holders keep it"
    );
    put(&world, &Principal::user(OWNER), "front-desk", &desk(&["checkin:scan"]), Some(&etag))
        .await
        .expect(200);
    invite(&world, OWNER, SUMMIT, &body).await.expect(201);
}

fn requesting(
    method: &'static str,
    key: &str,
    body: Option<&Value>,
    condition: (&str, &str),
) -> Invocation {
    let request = Request::new(method, &format!("/v1/scopes/acme/roles/{key}"));
    let request = request.header(condition.0, condition.1);
    let request = match body {
        Some(body) => request.json(body),
        None => request,
    };
    Invocation::request(Principal::user(OWNER), request)
}

#[tokio::test]
async fn the_first_two_roles_of_a_client_are_both_kept() {
    let world = acme().await;
    let new =
        |key: &str| requesting("PUT", key, Some(&desk(&["checkin:scan"])), ("if-none-match", "*"));
    assert_eq!(overtaken(&world, new("front-desk"), new("press")).await, ["201", "201"]);
    for key in ["front-desk", "press"] {
        invited(&world, &format!("{key}@example.org"), SUMMIT, key).await;
        active(&world, &format!("{key}@example.com"), SUMMIT, key).await;
        assert_eq!(
            may(&world, &format!("{key}@example.com"), "checkin:scan").await,
            format!("{SUMMIT} {key}")
        );
    }
}

#[tokio::test]
async fn of_two_edits_on_one_version_one_is_refused() {
    let world = acme().await;
    let etag = defined(&world, "front-desk", &["checkin:scan"]).await;
    let edit = |permission: &str| {
        requesting("PUT", "front-desk", Some(&desk(&[permission])), ("if-match", &etag))
    };
    let outcomes = overtaken(&world, edit("contacts:view"), edit("orders:view")).await;
    assert_eq!(outcomes, ["412 stale-version", "200"]);
    active(&world, LEA, SUMMIT, "front-desk").await;
    assert_eq!(may(&world, LEA, "orders:view").await, format!("{SUMMIT} front-desk"));
}

#[tokio::test]
async fn a_role_that_is_deleted_meanwhile_is_not_given() {
    let world = acme().await;
    defined(&world, "front-desk", &["checkin:scan"]).await;
    let invitation = json!({ "email": LEA, "role": "front-desk" });
    let giving = post(OWNER, &format!("/v1/scopes/{SUMMIT}/collaborators"), &invitation);
    let deleting = requesting("DELETE", "front-desk", None, ("accept", "*/*"));
    assert_eq!(overtaken(&world, giving, deleting).await, ["422 invalid-role", "200"]);
}

#[tokio::test]
async fn a_role_that_is_given_meanwhile_is_not_deleted() {
    let world = acme().await;
    defined(&world, "front-desk", &["checkin:scan"]).await;
    let invitation = json!({ "email": LEA, "role": "front-desk" });
    let giving = post(OWNER, &format!("/v1/scopes/{SUMMIT}/collaborators"), &invitation);
    let deleting = requesting("DELETE", "front-desk", None, ("accept", "*/*"));
    assert_eq!(overtaken(&world, deleting, giving).await, ["409 role-in-use", "201"]);
    invited(&world, MAX, SUMMIT, "front-desk").await;
}
