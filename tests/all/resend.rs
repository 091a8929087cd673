//! `POST /v1/scopes/{scope}/collaborators/{id}/resend`: sends the invitation again, with a new link.

use std::time::Duration;

use coulisses_domain::{mail_budget::MailLimits, time::DAY};
use coulisses_tests::{Principal, World};
use serde_json::{Value, json};

use crate::support::{
    LEA, OWNER, accept, acme, acme_with, active, etag_of, furnished, gala, history, invite,
    invited, log_in, preview, put_scope, queued, resend, revoke, seats, seen, token_of,
};

const AT: (&str, &str) = ("acme:tech", LEA);
const MINUTE: Duration = Duration::from_mins(1);

fn owner() -> Principal {
    Principal::user(OWNER)
}

async fn invite_lea(world: &World) {
    invited(world, LEA, "acme:tech", "observer").await;
}

#[tokio::test]
async fn a_resend_renews_the_invitation_and_keeps_the_version() {
    let world = acme().await;
    invite_lea(&world).await;
    let old = token_of(&world, LEA).await;
    let etag = etag_of(&world, LEA).await;
    world.wait(DAY * 10);
    let resent = resend(&world, &owner(), AT).await.expect(202);
    insta::assert_json_snapshot!(resent.body, @r#"
    {
      "invitation": {
        "delivery": "queued",
        "expiresAt": "2026-12-16T12:00:00.000Z",
        "sentAt": null
      }
    }
    "#);
    assert_eq!(etag_of(&world, LEA).await, etag);
    assert_eq!(seats(&world).await, json!([null, 2]));
    let new = token_of(&world, LEA).await;
    assert_eq!(world.ses.mails_to(LEA).len(), 2);
    assert_eq!(preview(&world, &old).await.outcome(), "404 invitation-not-found");
    world.wait(DAY * 13);
    accept(&world, &Principal::user(LEA), &new).await.expect(200);
    let events = history(&world, LEA).await;
    assert_eq!(
        events[1],
        "resent by owner@acme.test: acme:tech observer pending > observer pending"
    );
}

#[tokio::test]
async fn one_invitation_mail_a_minute_including_the_first() {
    let world = acme().await;
    invite_lea(&world).await;
    world.wait(Duration::from_secs(59));
    let soon = resend(&world, &owner(), AT).await;
    assert_eq!(soon.outcome(), "429 resend-too-soon");
    assert_eq!((soon.header("retry-after"), &soon.body["retryAfter"]), ("1", &json!(1)));
    assert_eq!(queued(&world, LEA).await.len(), 1);
    world.wait(Duration::from_secs(1));
    resend(&world, &owner(), AT).await.expect(202);
    let soon = resend(&world, &owner(), AT).await;
    assert_eq!(soon.header("retry-after"), "60");
}

#[tokio::test]
async fn five_resends_a_day_for_one_collaborator() {
    let world = acme().await;
    invite_lea(&world).await;
    for _ in 0..5 {
        world.wait(MINUTE);
        resend(&world, &owner(), AT).await.expect(202);
    }
    world.wait(MINUTE);
    let refused = resend(&world, &owner(), AT).await;
    assert_eq!(refused.outcome(), "429 resend-limit");
    let until_midnight = 12 * 3_600 - 6 * 60;
    assert_eq!(refused.header("retry-after"), until_midnight.to_string());
    assert_eq!(refused.body["retryAfter"], until_midnight);
    // A further grant sends no mail, so it is not refused.
    invited(&world, LEA, "acme:rh", "reader").await;
    world.wait(Duration::from_secs(until_midnight));
    resend(&world, &owner(), AT).await.expect(202);
}

#[tokio::test]
async fn the_daily_invitation_limit_of_a_client_includes_resends() {
    let limits = MailLimits { invitations: 3, announcements: 20 };
    let world = furnished(World::with_limits(limits).await, &json!({})).await;
    invite_lea(&world).await;
    world.wait(MINUTE);
    resend(&world, &owner(), AT).await.expect(202);
    world.wait(MINUTE);
    let refused = resend(&world, &owner(), AT).await;
    assert_eq!(refused.outcome(), "429 mail-limit");
    assert_eq!(refused.header("retry-after"), (12 * 3_600 - 120).to_string());
    world.wait(Duration::from_hours(12));
    resend(&world, &owner(), AT).await.expect(202);
}

#[tokio::test]
async fn an_expired_collaborator_is_revived_with_a_seat_and_a_new_version() {
    let world = acme_with(&json!({ "seatLimit": 2 })).await;
    invite_lea(&world).await;
    let etag = etag_of(&world, LEA).await;
    world.wait(DAY * 14);
    invited(&world, "noe@example.org", "acme:tech", "reader").await;
    world.wait(MINUTE);
    let full = resend(&world, &owner(), AT).await;
    assert_eq!(full.outcome(), "409 seat-limit-reached");
    assert_eq!(full.body["seats"], json!({ "limit": 2, "used": 2 }));
    revoke(&world, OWNER, ("acme:tech", "noe@example.org")).await.expect(200);
    let resent = resend(&world, &owner(), AT).await.expect(202);
    assert_eq!(resent.text("/invitation/expiresAt"), "2026-12-20T12:01:00.000Z");
    assert_eq!(seats(&world).await, json!([2, 2]));
    let revived = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!(revived.text("/status"), "pending");
    assert_ne!(revived.etag(), etag);
    world.wait(DAY * 13);
    let token = token_of(&world, LEA).await;
    accept(&world, &Principal::user(LEA), &token).await.expect(200);
    world.wait(DAY * 40);
    let status = seen(&world, "acme", LEA).await.expect(200);
    assert_eq!(status.text("/status"), "active", "a revived collaborator is not deleted");
}

#[tokio::test]
async fn a_resend_sweeps_expired_seats() {
    let world = acme_with(&json!({ "seatLimit": 2 })).await;
    invite_lea(&world).await;
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
async fn resending_requires_managing_all_grants_of_the_recipient() {
    let world = acme().await;
    let event = "event@example.org";
    active(&world, event, "acme:tech:summit", "administrator").await;
    for (scope, role) in [("acme", "administrator"), ("acme:tech:summit", "reader")] {
        invited(&world, LEA, scope, role).await;
    }
    let here = ("acme:tech:summit", LEA);
    world.wait(MINUTE);
    for _ in 0..2 {
        let refused = resend(&world, &Principal::user(event), here).await;
        assert_eq!(refused.outcome(), "403 forbidden");
        world.wait(DAY * 15);
    }
    resend(&world, &owner(), here).await.expect(202);
}

#[tokio::test]
async fn only_a_pending_invitation_can_be_resent() {
    let world = acme().await;
    active(&world, "active@example.org", "acme:tech", "observer").await;
    let ends = json!({ "email": LEA, "role": "reader", "expiresAt": "2026-11-22T12:30:00Z" });
    invite(&world, OWNER, "acme:tech", &ends).await.expect(201);
    world.wait(Duration::from_hours(1));
    let of_an_owner = resend(&world, &owner(), ("acme:tech", OWNER)).await;
    assert_eq!(of_an_owner.outcome(), "403 forbidden", "for the platform and owners above");
    for email in ["active@example.org", LEA] {
        let refused = resend(&world, &owner(), ("acme:tech", email)).await;
        assert_eq!(refused.outcome(), "409 not-pending", "{email}");
    }
}

#[tokio::test]
async fn the_platform_resends_to_everyone() {
    let world = acme_with(&json!({ "seatLimit": 3 })).await;
    put_scope(&world, "acme:tech:gala", &gala("gala@example.org")).await.expect(201);
    invite_lea(&world).await;
    world.wait(DAY * 15);
    let platform = Principal::platform();
    for (at, expected) in [
        (("acme:tech:gala", "gala@example.org"), "202"),
        (("acme", OWNER), "409 not-pending"),
        (AT, "202"),
        (("acme:tech:summit", "gala@example.org"), "404 collaborator-not-found"),
        (("acme", "gala@example.org"), "404 collaborator-not-found"),
        (("acme", "nobody@example.org"), "404 collaborator-not-found"),
        (("acme:nothing", OWNER), "404 scope-not-found"),
    ] {
        assert_eq!(resend(&world, &platform, at).await.outcome(), expected, "{at:?}");
    }
    assert_eq!(seats(&world).await, json!([3, 3]), "an expired owner keeps the seat");
    let token = token_of(&world, "gala@example.org").await;
    accept(&world, &Principal::user("gala@example.org"), &token).await.expect(200);
}

#[tokio::test]
async fn a_refusal_reveals_no_more_than_the_caller_can_see() {
    let world = acme().await;
    invite_lea(&world).await;
    active(&world, "sister@example.org", "acme:tech:meetup", "administrator").await;
    world.deliver().await;
    world.wait(MINUTE);
    for (who, at, expected) in [
        (Principal::user("sister@example.org"), AT, "404 scope-not-found"),
        (Principal::user(LEA), AT, "404 scope-not-found"),
        (owner(), ("acme:rh", LEA), "404 collaborator-not-found"),
        (owner(), ("acme", LEA), "404 collaborator-not-found"),
        (owner(), ("acme:tech", "nobody@example.org"), "404 collaborator-not-found"),
        (owner(), ("acme:nothing", LEA), "404 scope-not-found"),
    ] {
        assert_eq!(resend(&world, &who, at).await.outcome(), expected, "{who:?} {at:?}");
    }
    assert_eq!(queued(&world, LEA).await, [""; 0]);
}

#[tokio::test]
async fn where_only_owners_grant_an_administrator_cannot_resend() {
    let world = acme_with(&json!({ "granting": "owner" })).await;
    invite_lea(&world).await;
    active(&world, "admin@example.org", "acme", "administrator").await;
    world.wait(MINUTE);
    for (by, expected) in [("admin@example.org", "403 forbidden"), (OWNER, "202")] {
        assert_eq!(resend(&world, &Principal::user(by), AT).await.outcome(), expected);
    }
}

#[tokio::test]
async fn a_resend_names_its_sender_and_not_the_first_inviter() {
    let world = acme().await;
    invite_lea(&world).await;
    active(&world, "admin@example.org", "acme:tech", "administrator").await;
    world.wait(MINUTE);
    resend(&world, &Principal::user("admin@example.org"), AT).await.expect(202);
    let token = token_of(&world, LEA).await;
    let seen = preview(&world, &token).await.expect(200);
    let admin = json!({ "email": "admin@example.org", "name": Value::Null });
    assert_eq!(seen.body["invitedBy"], admin);
    log_in(&world, LEA).await;
    assert_eq!(resend(&world, &owner(), AT).await.outcome(), "409 not-pending");
}
