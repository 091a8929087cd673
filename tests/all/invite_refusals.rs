//! What an invitation is refused for, and what the refusal says.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::client::MailLimits;
use coulisses_tests::{Request, Who, World};
use serde_json::{Value, json};

use crate::support::{
    acme, acme_with, active, furnished, get, history, id_of, invite, log_in, post, put_scope,
    queued, revoke,
};

const PEOPLE: &str = "/v1/scopes/acme:tech:summit/collaborators";

fn lea(role: &str) -> Value {
    json!({ "email": "lea@example.org", "role": role })
}

#[tokio::test]
async fn only_somebody_with_a_verified_address_is_heard() {
    let world = acme().await;
    let person = Who::person("owner@acme.test");
    for (who, told) in [
        (Who::nobody(), "401 unauthenticated"),
        (person.clone().without("sub"), "401 unauthenticated"),
        (person.clone().with("email_verified", "false"), "403 email-not-verified"),
        (person.clone().without("email_verified"), "403 email-not-verified"),
        (person.clone().without("email"), "403 email-not-verified"),
        (Who::platform(), "403 forbidden"),
    ] {
        assert_eq!(post(&world, &who, PEOPLE, &lea("observer")).await.told(), told, "{who:?}");
    }
    assert_eq!(history(&world, "lea@example.org").await, [""; 0]);
}

#[tokio::test]
async fn a_scope_on_which_one_holds_nothing_is_as_good_as_none() {
    let world = acme().await;
    let by = "owner@acme.test";
    active(&world, "sister@example.org", "acme:tech:meetup", "administrator").await;
    active(&world, "below@example.org", "acme:tech:summit", "administrator").await;
    active(&world, "gone@example.org", "acme", "administrator").await;
    revoke(&world, by, ("acme", "gone@example.org")).await.expect(200);
    let admin = json!({ "email": "pending@example.org", "role": "administrator" });
    invite(&world, by, "acme", &admin).await.expect(201);
    for (who, scope) in [
        ("stranger@example.org", "acme:tech"),
        ("sister@example.org", "acme:tech"),
        ("sister@example.org", "acme:tech:summit"),
        ("below@example.org", "acme:tech"),
        ("below@example.org", "acme"),
        ("gone@example.org", "acme:tech"),
        ("pending@example.org", "acme:tech"),
        (by, "acme:nothing"),
        (by, "acme:tech:nothing"),
        (by, "nothing"),
        (by, "Not-A-Scope"),
    ] {
        let refused = invite(&world, who, scope, &lea("observer")).await;
        assert_eq!(refused.told(), "404 scope-not-found", "{who} at {scope}");
    }
    let absent = invite(&world, by, "acme:nothing", &lea("observer")).await;
    let unseen = invite(&world, "stranger@example.org", "acme", &lea("observer")).await;
    assert_eq!(absent.body, unseen.body, "the two cannot be told apart");
}

#[tokio::test]
async fn whoever_sees_a_scope_without_managing_access_invites_nobody() {
    let world = acme().await;
    for role in ["contributor", "reader", "manager", "supervisor", "observer"] {
        let email = format!("{role}@example.org");
        active(&world, &email, "acme:tech", role).await;
        let refused = invite(&world, &email, "acme:tech:summit", &lea("observer")).await;
        assert_eq!(refused.told(), "403 forbidden", "{role}");
    }
}

#[tokio::test]
async fn nobody_invites_himself() {
    let world = acme().await;
    for (scope, role) in [("acme", "observer"), ("acme:tech", "administrator")] {
        let own = json!({ "email": "Owner@acme.test", "role": role });
        let refused = invite(&world, "owner@acme.test", scope, &own).await;
        assert_eq!(refused.told(), "403 own-role");
    }
}

#[tokio::test]
async fn each_wrong_field_is_named_with_its_code() {
    let world = acme().await;
    for (change, pointer, code) in [
        (json!({ "email": "lea" }), "/email", "invalid-email"),
        (json!({ "email": "mıke@example.org" }), "/email", "invalid-email"),
        (json!({ "role": "king" }), "/role", "invalid-role"),
        (json!({ "permissions": ["contacts:view"] }), "/permissions", "invalid-permission"),
        (json!({ "role": "custom" }), "/permissions", "invalid-permission"),
        (custom(&[]), "/permissions", "invalid-permission"),
        (custom(&["access:view"]), "/permissions", "invalid-permission"),
        (custom(&["contacts:view", "access:manage"]), "/permissions", "invalid-permission"),
        (custom(&["contacts:view", "fly"]), "/permissions/1", "invalid-permission"),
        (json!({ "name": " " }), "/name", "invalid-field"),
        (json!({ "name": "a\r\nBcc: b" }), "/name", "invalid-field"),
        (json!({ "locale": "de" }), "/locale", "invalid-field"),
        (json!({ "message": "a".repeat(501) }), "/message", "invalid-field"),
        (json!({ "expiresAt": "tomorrow" }), "/expiresAt", "invalid-expiry"),
    ] {
        let mut body = lea("observer");
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let refused = invite(&world, "owner@acme.test", "acme:tech:summit", &body).await;
        assert_eq!(refused.told(), format!("422 {code}"), "{change}");
        assert_eq!(refused.body["errors"], json!([{ "pointer": pointer, "code": code }]));
    }
}

fn custom(permissions: &[&str]) -> Value {
    json!({ "role": "custom", "permissions": permissions })
}

#[tokio::test]
async fn one_answer_names_all_that_is_wrong() {
    let world = acme().await;
    let body = json!({ "email": "lea", "role": "king", "locale": "de" });
    let request = Request::new("POST", PEOPLE).json(&body).header("accept-language", "fr-FR");
    let refused = world.send(&Who::person("owner@acme.test"), request).await;
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(refused.header("cache-control"), "no-store");
    assert_eq!(refused.header("x-request-id"), "request-1");
    insta::assert_json_snapshot!(refused.body);
}

#[tokio::test]
async fn a_body_of_another_form_is_refused_before_anything_is_read() {
    let world = acme().await;
    let owner = Who::person("owner@acme.test");
    drop(world.trips());
    let request = || Request::new("POST", PEOPLE);
    let json = || request().header("content-type", "application/json; charset=utf-8");
    let mut privileged = lea("observer");
    privileged["status"] = "active".into();
    let as_an_array = json!(["lea@example.org", "observer", null, null, null, null, null]);
    for (request, told) in [
        (request().json(&privileged), "400 malformed"),
        (request().json(&json!({ "email": "lea@example.org" })), "400 malformed"),
        (request().json(&json!([])), "400 malformed"),
        (request().json(&as_an_array), "400 malformed"),
        (json().body("{"), "400 malformed"),
        (json(), "400 malformed"),
        (request().body("{}"), "415 unsupported-media-type"),
        (request().header("content-type", "text/plain").body("{}"), "415 unsupported-media-type"),
        (json().body(&" ".repeat(256 * 1024 + 1)), "413 too-large"),
    ] {
        assert_eq!(world.send(&owner, request).await.told(), told);
    }
    assert_eq!(world.trips().len(), 0);
}

#[tokio::test]
async fn ownership_is_never_given_by_an_invitation() {
    let world = acme().await;
    for scope in ["acme", "acme:tech", "acme:tech:summit"] {
        let refused = invite(&world, "owner@acme.test", scope, &lea("owner")).await;
        assert_eq!(refused.told(), "422 role-not-allowed-here", "{scope}");
    }
}

#[tokio::test]
async fn a_custom_role_is_given_on_events_only() {
    let world = acme().await;
    let mut body = custom(&["checkin:scan"]);
    body["email"] = "lea@example.org".into();
    for scope in ["acme", "acme:tech", "acme:tech:alumni"] {
        let refused = invite(&world, "owner@acme.test", scope, &body).await;
        assert_eq!(refused.told(), "422 role-not-allowed-here", "{scope}");
    }
    let given = invite(&world, "owner@acme.test", "acme:tech:summit", &body).await.expect(201);
    assert_eq!(given.body["grants"][0]["permissions"], json!(["checkin:scan", "checkin:view"]));
}

#[tokio::test]
async fn a_client_gives_the_roles_that_it_offers() {
    let world = acme_with(&json!({ "roles": ["administrator", "observer"] })).await;
    let refused = invite(&world, "owner@acme.test", "acme", &lea("reader")).await;
    assert_eq!(refused.told(), "422 role-not-offered");
    invite(&world, "owner@acme.test", "acme", &lea("observer")).await.expect(201);
}

#[tokio::test]
async fn access_cannot_end_before_it_begins() {
    let world = acme().await;
    for (end, status) in [("2026-11-22T12:00:00Z", 422), ("2026-11-22T12:00:00.001Z", 201)] {
        let mut body = lea("observer");
        body["expiresAt"] = end.into();
        let answer = invite(&world, "owner@acme.test", "acme", &body).await.expect(status);
        assert_eq!(answer.told(), if status == 422 { "422 invalid-expiry" } else { "201" });
    }
}

#[tokio::test]
async fn a_second_invitation_at_the_same_scope_names_who_is_there() {
    let world = acme().await;
    invite(&world, "owner@acme.test", "acme:tech", &lea("observer")).await.expect(201);
    for email in ["lea@example.org", "LEA@Example.org"] {
        let again = json!({ "email": email, "role": "reader" });
        let refused = invite(&world, "owner@acme.test", "acme:tech", &again).await;
        assert_eq!(refused.told(), "409 already-has-access");
        assert_eq!(refused.text("/collaborator"), id_of(&world, "lea@example.org"));
    }
}

#[tokio::test]
async fn one_person_holds_two_hundred_grants_at_most() {
    let world = acme().await;
    active(&world, "lea@example.org", "acme:tech", "observer").await;
    let key =
        [("pk", "C#acme".to_owned()), ("sk", format!("P#{}", id_of(&world, "lea@example.org")))]
            .map(|(name, value)| (name.to_owned(), AttributeValue::S(value)));
    let table = world.dynamodb();
    let got = table.get_item().table_name("coulisses").set_key(Some(key.into())).send().await;
    let mut item = got.unwrap().item.unwrap();
    let mut grants = item["grants"].as_m().unwrap().clone();
    let grant = grants.values().next().unwrap().clone();
    grants.extend((1..199).map(|number| (format!("acme:tech:event-{number}"), grant.clone())));
    assert_eq!(grants.len(), 199);
    item.insert("grants".into(), AttributeValue::M(grants));
    table.put_item().table_name("coulisses").set_item(Some(item)).send().await.unwrap();
    let by = "owner@acme.test";
    invite(&world, by, "acme:rh", &lea("reader")).await.expect(201);
    let refused = invite(&world, by, "acme:tech:summit", &lea("reader")).await;
    assert_eq!(refused.told(), "409 too-many-grants");
}

#[tokio::test]
async fn whoever_is_removed_and_invited_again_is_mailed_once_a_minute() {
    let world = acme().await;
    let by = "owner@acme.test";
    invite(&world, by, "acme:tech", &lea("observer")).await.expect(201);
    revoke(&world, by, ("acme:tech", "lea@example.org")).await.expect(200);
    world.wait(Duration::from_millis(44_500));
    let soon = invite(&world, by, "acme:tech", &lea("observer")).await;
    assert_eq!(soon.told(), "429 resend-too-soon");
    assert_eq!((soon.header("retry-after"), &soon.body["retryAfter"]), ("16", &json!(16)));
    world.wait(Duration::from_millis(15_500));
    invite(&world, by, "acme:tech", &lea("observer")).await.expect(201);
}

#[tokio::test]
async fn removal_and_invitation_in_turn_mail_nobody_more_than_six_times_a_day() {
    let world = acme().await;
    let by = "owner@acme.test";
    for _ in 0..6 {
        invite(&world, by, "acme:tech", &lea("observer")).await.expect(201);
        revoke(&world, by, ("acme:tech", "lea@example.org")).await.expect(200);
        world.wait(Duration::from_mins(1));
    }
    let refused = invite(&world, by, "acme:tech", &lea("observer")).await;
    assert_eq!(refused.told(), "429 resend-limit");
    let until_midnight = 12 * 3_600 - 6 * 60;
    assert_eq!(refused.header("retry-after"), until_midnight.to_string());
    assert_eq!(refused.body["retryAfter"], until_midnight);
    world.wait(Duration::from_secs(until_midnight));
    invite(&world, by, "acme:tech", &lea("observer")).await.expect(201);
}

#[tokio::test]
async fn a_client_sends_so_many_invitations_a_day_and_further_grants_cost_none() {
    let limits = MailLimits { invitations: 3, announcements: 20 };
    let world = furnished(World::with_limits(limits).await, &json!({})).await;
    let by = "owner@acme.test";
    let person =
        |number: u8| json!({ "email": format!("p{number}@example.org"), "role": "reader" });
    // The owner's own was the first.
    for number in [1, 2] {
        invite(&world, by, "acme:tech", &person(number)).await.expect(201);
    }
    invite(&world, by, "acme:rh", &person(1)).await.expect(201);
    let refused = invite(&world, by, "acme:tech", &person(3)).await;
    assert_eq!(refused.told(), "429 mail-limit");
    assert_eq!(refused.header("retry-after"), (12 * 3_600).to_string());
    assert_eq!(queued(&world, "p3@example.org").await, [""; 0]);
    world.wait(Duration::from_hours(12));
    invite(&world, by, "acme:tech", &person(3)).await.expect(201);
}

#[tokio::test]
async fn a_table_that_does_not_answer_is_no_allow() {
    let world = acme().await;
    world.set_table_down(true);
    let refused = invite(&world, "owner@acme.test", "acme", &lea("observer")).await;
    assert_eq!(refused.told(), "503 try-again");
    assert_eq!((refused.header("retry-after"), &refused.body["retryAfter"]), ("1", &json!(1)));
    world.set_table_down(false);
    invite(&world, "owner@acme.test", "acme", &lea("observer")).await.expect(201);
}

#[tokio::test]
async fn where_only_owners_grant_an_administrator_invites_nobody() {
    let world = acme_with(&json!({ "granting": "owner" })).await;
    let gala = json!({
        "name": "Gala", "kind": "event", "owner": { "email": "gala@example.org" },
    });
    put_scope(&world, "acme:tech:gala", &gala).await.expect(201);
    log_in(&world, "gala@example.org").await;
    let admin = active(&world, "admin@example.org", "acme", "administrator").await;
    let shown = |held: &Value| held.as_array().unwrap().iter().any(|p| p == "access:manage");
    assert!(!shown(&admin.body["permissions"]));
    assert!(!shown(&admin.body["grants"][0]["permissions"]));
    get(&world, "admin@example.org", "/v1/scopes/acme/collaborators").await.expect(200);
    for scope in ["acme", "acme:tech", "acme:tech:gala"] {
        let refused = invite(&world, "admin@example.org", scope, &lea("observer")).await;
        assert_eq!(refused.told(), "403 forbidden", "{scope}");
    }
    let at_home = invite(&world, "gala@example.org", "acme:tech:gala", &lea("observer")).await;
    assert_eq!(at_home.told(), "201");
    let elsewhere = invite(&world, "gala@example.org", "acme:tech:summit", &lea("reader")).await;
    assert_eq!(elsewhere.told(), "404 scope-not-found");
}
