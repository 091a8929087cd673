//! The refusals of an invitation.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::mail_budget::MailLimits;
use coulisses_tests::{Principal, Request, World};
use serde_json::{Value, json};

use crate::support::{
    LEA, OWNER, SUMMIT, TECH, acme, acme_with, active, assign, furnished, get, id_of, invite,
    log_in, named, put_scope, queued, revoke,
};

const PEOPLE: &str = "/v1/scopes/acme:tech:summit/collaborators";

fn lea(role: &str) -> Value {
    json!({ "email": LEA, "role": role })
}

/// docs/security.md#line-9 and `tests/matrix.md` cover the other callers without access.
#[tokio::test]
async fn an_invisible_scope_gets_the_response_of_an_unknown_one() {
    let world = acme().await;
    let unseen = invite(&world, "stranger@example.org", "acme", &lea("observer")).await;
    assert_eq!(unseen.outcome(), "404 scope-not-found");
    for scope in ["acme:nothing", "acme:tech:nothing", "nothing", "Not-A-Scope"] {
        let absent = invite(&world, OWNER, scope, &lea("observer")).await;
        assert_eq!((absent.status, &absent.body), (404, &unseen.body), "{scope}");
    }
}

#[tokio::test]
async fn no_caller_invites_themselves() {
    let world = acme().await;
    for (scope, role) in [("acme", "observer"), (TECH, "administrator")] {
        let own = json!({ "email": "Owner@acme.test", "role": role });
        let refused = invite(&world, OWNER, scope, &own).await;
        assert_eq!(refused.outcome(), "403 own-role");
    }
}

#[tokio::test]
async fn each_invalid_field_is_named_with_its_code() {
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
        let refused = invite(&world, OWNER, SUMMIT, &body).await;
        assert_eq!(refused.outcome(), format!("422 {code}"), "{change}");
        assert_eq!(named(&refused), [(pointer, code)], "{change}");
        let explained = ["/email", "/name", "/message"].contains(&pointer);
        assert_eq!(refused.body["errors"][0]["detail"].is_string(), explained, "{change}");
    }
}

fn custom(permissions: &[&str]) -> Value {
    json!({ "role": "custom", "permissions": permissions })
}

#[tokio::test]
async fn one_response_names_all_invalid_fields() {
    let world = acme().await;
    let body = json!({ "email": "lea", "role": "king", "locale": "de" });
    let request = Request::new("POST", PEOPLE).json(&body).header("accept-language", "fr-FR");
    let refused = world.send(&Principal::user(OWNER), request).await;
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_eq!(refused.header("cache-control"), "no-store");
    assert_eq!(refused.header("x-request-id"), "request-1");
    insta::assert_json_snapshot!(refused.body);
}

#[tokio::test]
async fn a_role_must_be_allowed_at_the_scope_and_offered_by_the_client() {
    let world = acme_with(&json!({ "roles": ["administrator", "observer", "custom"] })).await;
    let mut flags = custom(&["checkin:scan"]);
    flags["email"] = LEA.into();
    for (scope, body, outcome) in [
        ("acme", lea("owner"), "422 role-not-allowed-here"),
        (TECH, lea("owner"), "422 role-not-allowed-here"),
        (SUMMIT, lea("owner"), "422 role-not-allowed-here"),
        ("acme", flags.clone(), "422 role-not-allowed-here"),
        (TECH, flags.clone(), "422 role-not-allowed-here"),
        ("acme:tech:alumni", flags.clone(), "422 role-not-allowed-here"),
        ("acme", lea("reader"), "422 role-not-offered"),
        ("acme", lea("observer"), "201"),
    ] {
        assert_eq!(invite(&world, OWNER, scope, &body).await.outcome(), outcome, "{scope} {body}");
    }
    let given = invite(&world, OWNER, SUMMIT, &flags).await.expect(201);
    assert_eq!(given.body["grants"][1]["permissions"], json!(["checkin:scan", "checkin:view"]));
}

#[tokio::test]
async fn access_cannot_end_before_it_begins() {
    let world = acme().await;
    for (end, status) in [("2026-11-22T12:00:00Z", 422), ("2026-11-22T12:00:00.001Z", 201)] {
        let mut body = lea("observer");
        body["expiresAt"] = end.into();
        let answer = invite(&world, OWNER, "acme", &body).await.expect(status);
        assert_eq!(answer.outcome(), if status == 422 { "422 invalid-expiry" } else { "201" });
    }
}

#[tokio::test]
async fn a_second_invitation_at_the_same_scope_names_the_collaborator() {
    let world = acme().await;
    invite(&world, OWNER, TECH, &lea("observer")).await.expect(201);
    for email in [LEA, "LEA@Example.org"] {
        let again = json!({ "email": email, "role": "reader" });
        let refused = invite(&world, OWNER, TECH, &again).await;
        assert_eq!(refused.outcome(), "409 already-has-access");
        assert_eq!(refused.text("/collaborator"), id_of(&world, LEA));
    }
}

#[tokio::test]
async fn a_collaborator_has_at_most_two_hundred_grants() {
    let world = acme().await;
    active(&world, LEA, TECH, "observer").await;
    let key = [("pk", "C#acme".to_owned()), ("sk", format!("P#{}", id_of(&world, LEA)))]
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
    invite(&world, OWNER, "acme:rh", &lea("reader")).await.expect(201);
    let refused = invite(&world, OWNER, SUMMIT, &lea("reader")).await;
    assert_eq!(refused.outcome(), "409 too-many-grants");
}

#[tokio::test]
async fn a_revoked_and_invited_collaborator_gets_at_most_one_mail_a_minute() {
    let world = acme().await;
    invite(&world, OWNER, TECH, &lea("observer")).await.expect(201);
    revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
    world.wait(Duration::from_millis(44_500));
    let soon = invite(&world, OWNER, TECH, &lea("observer")).await;
    assert_eq!(soon.outcome(), "429 resend-too-soon");
    assert_eq!((soon.header("retry-after"), &soon.body["retryAfter"]), ("16", &json!(16)));
    world.wait(Duration::from_millis(15_500));
    invite(&world, OWNER, TECH, &lea("observer")).await.expect(201);
}

#[tokio::test]
async fn revocations_and_invitations_in_turn_send_at_most_six_mails_a_day() {
    let world = acme().await;
    for _ in 0..6 {
        invite(&world, OWNER, TECH, &lea("observer")).await.expect(201);
        revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
        world.wait(Duration::from_mins(1));
    }
    let refused = invite(&world, OWNER, TECH, &lea("observer")).await;
    assert_eq!(refused.outcome(), "429 resend-limit");
    let until_midnight = 12 * 3_600 - 6 * 60;
    assert_eq!(refused.header("retry-after"), until_midnight.to_string());
    assert_eq!(refused.body["retryAfter"], until_midnight);
    world.wait(Duration::from_secs(until_midnight));
    invite(&world, OWNER, TECH, &lea("observer")).await.expect(201);
}

#[tokio::test]
async fn a_client_has_a_daily_limit_of_invitations_and_further_grants_do_not_count() {
    let limits = MailLimits { invitations: 3, announcements: 20 };
    let world = furnished(World::with_limits(limits).await, &json!({})).await;
    let person =
        |number: u8| json!({ "email": format!("p{number}@example.org"), "role": "reader" });
    // The owner's invitation was the first.
    for number in [1, 2] {
        invite(&world, OWNER, TECH, &person(number)).await.expect(201);
    }
    invite(&world, OWNER, "acme:rh", &person(1)).await.expect(201);
    let refused = invite(&world, OWNER, TECH, &person(3)).await;
    assert_eq!(refused.outcome(), "429 mail-limit");
    assert_eq!(refused.header("retry-after"), (12 * 3_600).to_string());
    assert_eq!(queued(&world, "p3@example.org").await, [""; 0]);
    world.wait(Duration::from_hours(12));
    invite(&world, OWNER, TECH, &person(3)).await.expect(201);
}

#[tokio::test]
async fn a_message_in_a_grant_to_an_active_person_counts_as_an_announcement() {
    let limits = MailLimits { invitations: 20, announcements: 1 };
    let world = furnished(World::with_limits(limits).await, &json!({})).await;
    active(&world, LEA, TECH, "reader").await;
    let with_message = json!({ "email": LEA, "role": "reader", "message": "Bienvenue" });
    invite(&world, OWNER, "acme:rh", &with_message).await.expect(201);
    let refused = invite(&world, OWNER, SUMMIT, &with_message).await;
    assert_eq!(refused.outcome(), "429 mail-limit");
    invite(&world, OWNER, SUMMIT, &json!({ "email": LEA, "role": "reader" })).await.expect(201);
}

#[tokio::test]
async fn where_only_owners_grant_an_administrator_cannot_and_an_event_owner_can() {
    let world = acme_with(&json!({ "granting": "owner" })).await;
    let gala = json!({
        "name": "Gala", "kind": "event", "owner": { "email": "gala@example.org" },
    });
    put_scope(&world, "acme:tech:gala", &gala).await.expect(201);
    log_in(&world, "gala@example.org").await;
    let admin = active(&world, "admin@example.org", "acme", "administrator").await;
    let shown = |list: &Value| list.as_array().unwrap().iter().any(|p| p == "access:manage");
    assert!(!shown(&admin.body["permissions"]));
    assert!(!shown(&admin.body["grants"][0]["permissions"]));
    get(&world, "admin@example.org", "/v1/scopes/acme/collaborators").await.expect(200);
    for scope in ["acme", TECH, "acme:tech:gala"] {
        let refused = invite(&world, "admin@example.org", scope, &lea("observer")).await;
        assert_eq!(refused.outcome(), "403 forbidden", "{scope}");
    }
    let gala = ("acme:tech:gala", LEA);
    invite(&world, "gala@example.org", gala.0, &lea("observer")).await.expect(201);
    assign(&world, "gala@example.org", gala, &json!({ "role": "manager" })).await.expect(200);
    let elsewhere = invite(&world, "gala@example.org", SUMMIT, &lea("reader")).await;
    assert_eq!(elsewhere.outcome(), "404 scope-not-found");
}
