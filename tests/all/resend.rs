//! `POST /v1/scopes/{scope}/collaborators/{id}/resend`: the invitation once more, with a new link.

use std::time::Duration;

use coulisses_domain::{client::MailLimits, time::DAY};
use coulisses_tests::{Request, Who, World};
use serde_json::{Value, json};

use crate::support::{
    accept, acme, acme_with, active, etag_of, furnished, history, invite, log_in, path_of, preview,
    put_scope, queued, resend, revoke, seats, seen, token_of,
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";
const AT: (&str, &str) = ("acme:tech", LEA);
const MINUTE: Duration = Duration::from_mins(1);

fn owner() -> Who {
    Who::person(OWNER)
}

async fn invited(world: &World) {
    invite(world, OWNER, "acme:tech", &json!({ "email": LEA, "role": "observer" }))
        .await
        .expect(201);
}

#[tokio::test]
async fn a_resend_renews_the_invitation_and_no_version() {
    let world = acme().await;
    invited(&world).await;
    let old = token_of(&world, LEA).await;
    let etag = etag_of(&world, LEA).await;
    world.wait(DAY * 10);
    let resent = resend(&world, &owner(), AT).await.expect(202);
    insta::assert_json_snapshot!(resent.body, @r#"
    {
      "invitation": {
        "delivery": "queued",
        "expiresAt": "2026-12-16T12:00:00Z",
        "sentAt": null
      }
    }
    "#);
    assert_eq!(resent.header("cache-control"), "no-store");
    assert_eq!(resent.header("x-request-id"), "request-1");
    assert_eq!(etag_of(&world, LEA).await, etag);
    assert_eq!(seats(&world).await, json!([null, 2]));
    let new = token_of(&world, LEA).await;
    assert_eq!(world.ses.mails_to(LEA).len(), 2);
    assert_eq!(preview(&world, &old).await.told(), "404 invitation-not-found");
    world.wait(DAY * 13);
    accept(&world, &Who::person(LEA), &new).await.expect(200);
    assert_eq!(
        history(&world, LEA).await[1],
        "resent by owner@acme.test: acme:tech observer pending > observer pending"
    );
}

#[tokio::test]
async fn one_mail_a_minute_and_the_first_one_counts() {
    let world = acme().await;
    invited(&world).await;
    world.wait(Duration::from_secs(59));
    let soon = resend(&world, &owner(), AT).await;
    assert_eq!(soon.told(), "429 resend-too-soon");
    assert_eq!((soon.header("retry-after"), &soon.body["retryAfter"]), ("1", &json!(1)));
    assert_eq!(queued(&world, LEA).await.len(), 1);
    world.wait(Duration::from_secs(1));
    resend(&world, &owner(), AT).await.expect(202);
    let soon = resend(&world, &owner(), AT).await;
    assert_eq!(soon.header("retry-after"), "60");
}

#[tokio::test]
async fn five_resends_to_one_person_a_day() {
    let world = acme().await;
    invited(&world).await;
    for _ in 0..5 {
        world.wait(MINUTE);
        resend(&world, &owner(), AT).await.expect(202);
    }
    world.wait(MINUTE);
    let refused = resend(&world, &owner(), AT).await;
    assert_eq!(refused.told(), "429 resend-limit");
    let until_midnight = 12 * 3_600 - 6 * 60;
    assert_eq!(refused.header("retry-after"), until_midnight.to_string());
    assert_eq!(refused.body["retryAfter"], until_midnight);
    // A further grant sends nothing, so it is not refused.
    let further = json!({ "email": LEA, "role": "reader" });
    invite(&world, OWNER, "acme:rh", &further).await.expect(201);
    world.wait(Duration::from_secs(until_midnight));
    resend(&world, &owner(), AT).await.expect(202);
}

#[tokio::test]
async fn a_client_sends_so_many_invitations_a_day_resends_included() {
    let limits = MailLimits { invitations: 3, announcements: 20 };
    let world = furnished(World::with_limits(limits).await, &json!({})).await;
    invited(&world).await;
    world.wait(MINUTE);
    resend(&world, &owner(), AT).await.expect(202);
    world.wait(MINUTE);
    let refused = resend(&world, &owner(), AT).await;
    assert_eq!(refused.told(), "429 mail-limit");
    assert_eq!(refused.header("retry-after"), (12 * 3_600 - 120).to_string());
    world.wait(Duration::from_hours(12));
    resend(&world, &owner(), AT).await.expect(202);
}

#[tokio::test]
async fn somebody_expired_is_revived_with_a_seat_and_a_new_version() {
    let world = acme_with(&json!({ "seatLimit": 2 })).await;
    invited(&world).await;
    let etag = etag_of(&world, LEA).await;
    world.wait(DAY * 14);
    let new_collaborator = json!({ "email": "noe@example.org", "role": "reader" });
    invite(&world, OWNER, "acme:tech", &new_collaborator).await.expect(201);
    world.wait(MINUTE);
    let full = resend(&world, &owner(), AT).await;
    assert_eq!(full.told(), "409 seat-limit-reached");
    assert_eq!(full.body["seats"], json!({ "limit": 2, "used": 2 }));
    revoke(&world, OWNER, ("acme:tech", "noe@example.org")).await.expect(200);
    let resent = resend(&world, &owner(), AT).await.expect(202);
    assert_eq!(resent.text("/invitation/expiresAt"), "2026-12-20T12:01:00Z");
    assert_eq!(seats(&world).await, json!([2, 2]));
    let revived = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!(revived.text("/status"), "pending");
    assert_ne!(revived.etag(), etag);
    world.wait(DAY * 13);
    let token = token_of(&world, LEA).await;
    accept(&world, &Who::person(LEA), &token).await.expect(200);
    world.wait(DAY * 40);
    let status = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!(status.text("/status"), "active", "whoever was revived is not forgotten");
}

#[tokio::test]
async fn a_resend_frees_the_seats_of_those_who_expired() {
    let world = acme_with(&json!({ "seatLimit": 2 })).await;
    invited(&world).await;
    world.wait(DAY * 14);
    let noe = json!({ "email": "noe@example.org", "role": "reader" });
    invite(&world, OWNER, "acme:tech", &noe).await.expect(201);
    world.wait(DAY * 14);
    resend(&world, &owner(), AT).await.expect(202);
    assert_eq!(seats(&world).await, json!([2, 2]));
    let swept = seen(&world, "acme:tech", "noe@example.org").await.expect(200);
    assert_eq!(swept.text("/status"), "expired");
}

#[tokio::test]
async fn whoever_expired_comes_back_by_somebody_who_manages_all_that_he_had() {
    let world = acme().await;
    let event = "event@example.org";
    active(&world, event, "acme:tech:summit", "administrator").await;
    for (scope, role) in [("acme", "administrator"), ("acme:tech:summit", "reader")] {
        invite(&world, OWNER, scope, &json!({ "email": LEA, "role": role })).await.expect(201);
    }
    let here = ("acme:tech:summit", LEA);
    world.wait(MINUTE);
    resend(&world, &Who::person(event), here).await.expect(202);
    world.wait(DAY * 15);
    let refused = resend(&world, &Who::person(event), here).await;
    assert_eq!(refused.told(), "403 forbidden");
    resend(&world, &owner(), here).await.expect(202);
}

#[tokio::test]
async fn there_is_nothing_to_send_to_whoever_is_active_or_whose_access_has_ended() {
    let world = acme().await;
    active(&world, "active@example.org", "acme:tech", "observer").await;
    let ends = json!({ "email": LEA, "role": "reader", "expiresAt": "2026-11-22T12:30:00Z" });
    invite(&world, OWNER, "acme:tech", &ends).await.expect(201);
    world.wait(Duration::from_hours(1));
    for email in ["active@example.org", OWNER, LEA] {
        let refused = resend(&world, &owner(), ("acme:tech", email)).await;
        assert_eq!(refused.told(), "409 not-pending", "{email}");
    }
}

#[tokio::test]
async fn the_platform_reaches_an_owner_and_nobody_else() {
    let world = acme_with(&json!({ "seatLimit": 3 })).await;
    let gala = json!({ "name": "Gala", "kind": "event", "owner": { "email": "gala@example.org" } });
    put_scope(&world, "acme:tech:gala", &gala).await.expect(201);
    invited(&world).await;
    world.wait(DAY * 15);
    let platform = Who::platform();
    for (at, told) in [
        (("acme:tech:gala", "gala@example.org"), "202"),
        (("acme", OWNER), "409 not-pending"),
        (AT, "403 forbidden"),
        (("acme:tech:summit", "gala@example.org"), "404 collaborator-not-found"),
        (("acme", "gala@example.org"), "404 collaborator-not-found"),
        (("acme", "nobody@example.org"), "404 collaborator-not-found"),
        (("acme:nothing", OWNER), "404 scope-not-found"),
    ] {
        assert_eq!(resend(&world, &platform, at).await.told(), told, "{at:?}");
    }
    assert_eq!(seats(&world).await, json!([3, 3]), "an owner kept his seat");
    let token = token_of(&world, "gala@example.org").await;
    accept(&world, &Who::person("gala@example.org"), &token).await.expect(200);
}

#[tokio::test]
async fn whoever_may_not_is_told_no_more_than_he_sees() {
    let world = acme().await;
    invited(&world).await;
    active(&world, "reader@example.org", "acme:tech", "reader").await;
    active(&world, "sister@example.org", "acme:tech:meetup", "administrator").await;
    let admin = json!({ "email": "pending@example.org", "role": "administrator" });
    invite(&world, OWNER, "acme", &admin).await.expect(201);
    world.deliver().await;
    world.wait(MINUTE);
    for (who, at, told) in [
        (Who::nobody(), AT, "401 unauthenticated"),
        (owner().with("email_verified", "false"), AT, "403 email-not-verified"),
        (Who::person("reader@example.org"), AT, "403 forbidden"),
        (Who::person("sister@example.org"), AT, "404 scope-not-found"),
        (Who::person("pending@example.org"), AT, "404 scope-not-found"),
        (Who::person(LEA), AT, "404 scope-not-found"),
        (owner(), ("acme:rh", LEA), "404 collaborator-not-found"),
        (owner(), ("acme", LEA), "404 collaborator-not-found"),
        (owner(), ("acme:tech", "nobody@example.org"), "404 collaborator-not-found"),
        (owner(), ("acme:nothing", LEA), "404 scope-not-found"),
    ] {
        assert_eq!(resend(&world, &who, at).await.told(), told, "{who:?} {at:?}");
    }
    assert_eq!(queued(&world, LEA).await, [""; 0]);
}

#[tokio::test]
async fn the_body_is_empty_or_an_empty_object() {
    let world = acme().await;
    invited(&world).await;
    let target = format!("{}/resend", path_of(&world, "acme:tech", LEA));
    let request = || Request::new("POST", &target);
    for (request, told) in [
        (request().json(&json!({ "email": "thief@example.org" })), "400 malformed"),
        (request().json(&json!([])), "400 malformed"),
        (request().body("{}"), "415 unsupported-media-type"),
        (request().json(&json!({})), "202"),
        (request(), "202"),
    ] {
        world.wait(MINUTE);
        assert_eq!(world.send(&owner(), request).await.told(), told);
    }
}

#[tokio::test]
async fn where_only_owners_grant_an_administrator_resends_nothing() {
    let world = acme_with(&json!({ "granting": "owner" })).await;
    invited(&world).await;
    active(&world, "admin@example.org", "acme", "administrator").await;
    world.wait(MINUTE);
    let refused = resend(&world, &Who::person("admin@example.org"), AT).await;
    assert_eq!(refused.told(), "403 forbidden");
    resend(&world, &owner(), AT).await.expect(202);
}

#[tokio::test]
async fn a_resend_goes_to_whoever_was_invited_by_somebody_else_and_names_the_sender() {
    let world = acme().await;
    invited(&world).await;
    active(&world, "admin@example.org", "acme:tech", "administrator").await;
    world.wait(MINUTE);
    resend(&world, &Who::person("admin@example.org"), AT).await.expect(202);
    let token = token_of(&world, LEA).await;
    let seen = preview(&world, &token).await.expect(200);
    let admin = json!({ "email": "admin@example.org", "name": Value::Null });
    assert_eq!(seen.body["invitedBy"], admin);
    log_in(&world, LEA).await;
    assert_eq!(resend(&world, &owner(), AT).await.told(), "409 not-pending");
}
