//! Races of two commands: the second runs completely between the read and the write of the first.
//!
//! Each test is the race that a condition in `tests/conditions.md` prevents.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use coulisses_domain::{mail_budget::MailLimits, time::DAY};
use coulisses_tests::{Fault, Principal, Request, Trip, World};
use serde_json::{Value, json};

use crate::{
    promises::{assert_history, assert_invariants},
    scenes::{Invocation, keyed, post, put},
    support::{
        ADA, LEA, MAX, OWNER, accept, acme, acme_with, active, etag_of, furnished, gala, id_of,
        invite, invited, last_event, log_in, path_of, put_scope, queued, resend, revoke, rows,
        seats, seen, token_of,
    },
    turns::{overtaken, overtaken_at, reads},
};

fn inviting(scope: &str, email: &str) -> Invocation {
    let body = json!({ "email": email, "role": "reader" });
    post(OWNER, &format!("/v1/scopes/{scope}/collaborators"), &body)
}

/// The write of a first login; every login is recorded before, by an update.
fn activates(trip: &Trip) -> bool {
    trip.operation == "TransactWriteItems"
}

fn logging_in(email: &str) -> Invocation {
    post(email, "/v1/scopes/acme/logins", &json!({}))
}

fn resending(world: &World, email: &str) -> Invocation {
    let target = format!("{}/resend", path_of(world, "acme:tech", email));
    post(OWNER, &target, &json!({}))
}

fn by_the_platform(target: &str, body: &Value) -> Invocation {
    put(&Principal::platform(), &format!("/v1/scopes/{target}"), body)
}

/// `acme` where Max is invited to the audience and the mail is sent.
async fn with_max() -> World {
    let world = acme().await;
    invited(&world, MAX, "acme:tech", "reader").await;
    world.deliver().await;
    world.wait(Duration::from_mins(5));
    world
}

async fn assert_promises(world: &World) {
    assert_invariants(world, false, "a race").await;
    assert_history(world, "a race").await;
}

#[tokio::test]
async fn two_concurrent_creations_of_a_client_make_one() {
    let world = World::new().await;
    let client = |owner: &str| {
        let owner = json!({ "email": owner });
        let body = json!({ "name": "Nova", "seatLimit": 2, "granting": "owner", "owner": owner });
        by_the_platform("nova", &body)
    };
    let outcomes = overtaken(&world, client("ada@nova.test"), client("bob@nova.test")).await;
    assert_eq!(outcomes, ["409 owner-must-transfer", "201"]);
    assert_promises(&world).await;
}

#[tokio::test]
async fn two_concurrent_creations_of_an_event_make_one() {
    let world = acme().await;
    let event = |owner: &str| by_the_platform("acme:tech:autumn", &gala(owner));
    assert_eq!(overtaken(&world, event(ADA), event(MAX)).await, ["409 owner-must-transfer", "201"]);
    assert_eq!(seats(&world).await, json!([null, 2]), "the other owner has no seat");
    assert_promises(&world).await;
}

#[tokio::test]
async fn two_concurrent_invitations_of_one_address_keep_both_grants() {
    let world = acme().await;
    invited(&world, ADA, "acme:tech", "reader").await;
    let outcomes = overtaken(&world, inviting("acme:tech", MAX), inviting("acme:rh", MAX)).await;
    assert_eq!(outcomes, ["201", "201"]);
    for scope in ["acme:tech", "acme:rh"] {
        seen(&world, scope, MAX).await.expect(200);
    }
    assert_promises(&world).await;
}

#[tokio::test]
async fn of_two_concurrent_invitations_to_the_last_seat_one_succeeds() {
    let world = acme_with(&json!({ "seatLimit": 3 })).await;
    invited(&world, ADA, "acme:tech", "reader").await;
    let outcomes = overtaken(&world, inviting("acme:tech", MAX), inviting("acme:tech", LEA)).await;
    assert_eq!(outcomes, ["409 seat-limit-reached", "201"]);
    assert_eq!(seats(&world).await, json!([3, 3]));
    assert_promises(&world).await;
}

#[tokio::test]
async fn a_just_removed_administrator_removes_no_one() {
    let world = acme().await;
    for email in [ADA, LEA] {
        active(&world, email, "acme:tech", "administrator").await;
    }
    let (ada, lea) = (etag_of(&world, ADA).await, etag_of(&world, LEA).await);
    let removing = |by: &str, email: &str, etag: &str| {
        let request = Request::new("DELETE", &path_of(&world, "acme:tech", email)).if_match(etag);
        Invocation::request(Principal::user(by), request)
    };
    let outcomes = overtaken(&world, removing(ADA, LEA, &lea), removing(LEA, ADA, &ada)).await;
    assert_eq!(outcomes, ["404 scope-not-found", "200"]);
    seen(&world, "acme:tech", LEA).await.expect(200);
}

#[tokio::test]
async fn a_concurrent_grant_survives_a_revocation() {
    let world = with_max().await;
    let revocation =
        post(OWNER, "/v1/scopes/acme:tech/revocations", &json!({ "ids": [id_of(&world, MAX)] }));
    assert_eq!(overtaken(&world, revocation, inviting("acme:rh", MAX)).await, ["200 200", "201"]);
    assert_eq!(seen(&world, "acme:tech", MAX).await.status, 404);
    seen(&world, "acme:rh", MAX).await.expect(200);
    assert_promises(&world).await;
}

#[tokio::test]
async fn an_administrator_who_may_no_longer_grant_neither_grants_nor_revokes() {
    for change in ["grant", "assign a role", "revoke"] {
        let world = with_max().await;
        active(&world, ADA, "acme:tech", "administrator").await;
        active(&world, LEA, "acme:tech", "reader").await;
        let etag = etag_of(&world, LEA).await;
        let path = path_of(&world, "acme:tech", LEA);
        let request = match change {
            "grant" => Request::new("POST", "/v1/scopes/acme:tech/collaborators")
                .json(&json!({ "email": "new@example.org", "role": "reader" })),
            "assign a role" => Request::new("PUT", &format!("{path}/role"))
                .json(&json!({ "role": "manager" }))
                .if_match(&etag),
            _ => Request::new("DELETE", &path).if_match(&etag),
        };
        let command = Invocation::request(Principal::user(ADA), request);
        let rule = json!({ "name": "Acme", "seatLimit": null, "granting": "owner" });
        let outcomes = overtaken(&world, command, by_the_platform("acme", &rule)).await;
        assert_eq!(outcomes, ["403 forbidden", "200"], "{change}");
        assert_eq!(etag_of(&world, LEA).await, etag, "{change}");
    }
}

#[tokio::test]
async fn a_former_event_owner_is_not_unbound() {
    let world = acme().await;
    put_scope(&world, "acme:tech:autumn", &gala(ADA)).await.expect(201);
    log_in(&world, ADA).await;
    active(&world, LEA, "acme:tech", "reader").await;
    world.wait(Duration::from_mins(5));
    let target = "/v1/scopes/acme:tech:autumn/owner";
    let to = |email: &str| {
        let request = Request::new("POST", target).json(&json!({ "email": email }));
        Invocation::request(Principal::platform(), request)
    };
    // Ada is no owner any more, so she gets the event back and stays active.
    assert_eq!(overtaken(&world, to(ADA), to(LEA)).await, ["200", "200"]);
    let ada = seen(&world, "acme:tech:autumn", ADA).await;
    assert_eq!((ada.text("/status"), ada.text("/role")), ("active", "owner"));
    assert_promises(&world).await;
}

#[tokio::test]
async fn a_platform_transfer_overtaken_between_its_reads_is_stale() {
    let world = acme().await;
    let made = put_scope(&world, "acme:tech:autumn", &gala(ADA)).await.expect(201);
    log_in(&world, ADA).await;
    active(&world, LEA, "acme:tech", "reader").await;
    active(&world, MAX, "acme:tech", "reader").await;
    let to = |email: &str| {
        let body = json!({ "collaborator": id_of(&world, email) });
        let request = Request::new("POST", "/v1/scopes/acme:tech:autumn/owner").json(&body);
        Invocation::request(Principal::platform(), request.if_match(made.etag()))
    };
    // The first read returns the owner's id, the second the owner's record.
    let reads = AtomicUsize::new(0);
    let at_the_second = move |_: &Trip| reads.fetch_add(1, Ordering::SeqCst) == 1;
    let other = to(MAX);
    let outcomes = overtaken_at(&world, to(LEA), at_the_second, other.run(&world)).await;
    assert_eq!(outcomes, ["412 stale-version", "200"]);
    assert_eq!(seen(&world, "acme:tech:autumn", MAX).await.text("/role"), "owner");
    assert_eq!(seen(&world, "acme:tech:autumn", LEA).await.body["role"], Value::Null);
    assert_promises(&world).await;
}

#[tokio::test]
async fn two_concurrent_announcements_with_one_key_are_one() {
    let world = acme().await;
    let body = json!({ "subject": "Tonight", "text": "Closed from 8 to 9." });
    assert_eq!(post(OWNER, "/v1/scopes/acme/announcements", &body).run(&world).await, "202");
    let announce = || keyed(&Principal::user(OWNER), "/v1/scopes/acme/announcements", &body);
    assert_eq!(overtaken(&world, announce(), announce()).await, ["202", "202"]);
    assert_eq!(rows(&world, "O#").await.len(), 2);
}

/// `acme` with a daily limit of invitations: a giver has two of five and of three.
async fn with_invitations(invitations: u32) -> World {
    let limits = MailLimits { invitations, announcements: 3 };
    furnished(World::with_limits(limits).await, &json!({})).await
}

#[tokio::test]
async fn the_first_two_mails_of_a_day_are_both_counted() {
    let world = with_invitations(5).await;
    world.wait(DAY);
    let outcomes = overtaken(&world, inviting("acme", ADA), inviting("acme", LEA)).await;
    assert_eq!(outcomes, ["201", "201"]);
    let third = invite(&world, OWNER, "acme", &json!({ "email": MAX, "role": "reader" })).await;
    assert_eq!(third.outcome(), "429 mail-limit");
}

#[tokio::test]
async fn the_first_two_mails_of_a_client_are_both_counted() {
    let world = with_invitations(5).await;
    let outcomes = overtaken(&world, inviting("acme", ADA), inviting("acme", LEA)).await;
    assert_eq!(outcomes, ["201", "201"]);
    let third = invite(&world, OWNER, "acme", &json!({ "email": MAX, "role": "reader" })).await;
    assert_eq!(
        (third.outcome().as_str(), &third.body["budget"]),
        ("429 mail-limit", &json!("giver"))
    );
}

#[tokio::test]
async fn of_two_concurrent_mails_at_a_givers_limit_one_is_queued() {
    let world = with_invitations(5).await;
    invited(&world, MAX, "acme", "reader").await;
    let outcomes = overtaken(&world, inviting("acme", ADA), inviting("acme", LEA)).await;
    assert_eq!(outcomes, ["429 mail-limit", "201"]);
}

#[tokio::test]
async fn of_two_concurrent_mails_at_the_platforms_limit_one_is_queued() {
    // The owner of the client had the first mail.
    let world = with_invitations(2).await;
    let gala = |name: &str| {
        by_the_platform(&format!("acme:tech:{name}"), &gala(&format!("{name}@example.org")))
    };
    assert_eq!(overtaken(&world, gala("one"), gala("two")).await, ["429 mail-limit", "201"]);
}

#[tokio::test]
async fn of_two_concurrent_mails_at_the_daily_limit_one_is_queued() {
    let world = with_invitations(3).await;
    active(&world, LEA, "acme", "administrator").await;
    let body = json!({ "subject": "Tonight", "text": "Closed from 8 to 9." });
    let by = |who: &str| post(who, "/v1/scopes/acme/announcements", &body);
    let inviting = |who: &str, email: &str| {
        post(who, "/v1/scopes/acme/collaborators", &json!({ "email": email, "role": "reader" }))
    };
    assert_eq!(inviting(LEA, MAX).run(&world).await, "201");
    let outcomes = overtaken(&world, inviting(OWNER, ADA), inviting(LEA, "new@example.org")).await;
    assert_eq!(outcomes, ["429 mail-limit", "201"]);
    for who in [OWNER, LEA] {
        assert_eq!(by(who).run(&world).await, "202");
    }
    assert_eq!(overtaken(&world, by(OWNER), by(LEA)).await, ["429 mail-limit", "202"]);
}

#[tokio::test]
async fn two_concurrent_resends_send_one_mail() {
    let world = with_max().await;
    // The first resend of a day stores the counter.
    resending(&world, MAX).run(&world).await;
    world.deliver().await;
    world.wait(Duration::from_mins(5));
    let outcomes = overtaken(&world, resending(&world, MAX), resending(&world, MAX)).await;
    assert_eq!(outcomes, ["429 resend-too-soon", "202"]);
    assert_eq!(queued(&world, MAX).await.len(), 1);
}

#[tokio::test]
async fn a_just_replaced_link_is_refused() {
    let world = with_max().await;
    let token = token_of(&world, MAX).await;
    let accepting = post(MAX, "/v1/invitations/accept", &json!({ "token": token }));
    let outcomes = overtaken(&world, accepting, resending(&world, MAX)).await;
    assert_eq!(outcomes, ["404 invitation-not-found", "202"]);
    assert_eq!(seen(&world, "acme", MAX).await.text("/status"), "pending");
}

#[tokio::test]
async fn a_link_sent_during_the_first_login_works() {
    let world = acme().await;
    invited(&world, MAX, "acme:tech", "reader").await;
    let sent = Box::pin(Invocation::Deliver.run(&world));
    assert_eq!(overtaken_at(&world, logging_in(MAX), activates, sent).await, ["200", "done"]);
    let token = world.ses.mails_to(MAX)[0].token();
    accept(&world, &Principal::user(MAX), &token).await.expect(200);
}

#[tokio::test]
async fn a_link_sent_again_during_the_first_login_works() {
    let world = acme().await;
    invited(&world, MAX, "acme:tech", "reader").await;
    world.break_calls(|trip| (trip.operation == "DeleteItem").then_some(Fault::Unreachable));
    world.deliver().await;
    world.break_calls(|_| None);
    world.wait(Duration::from_mins(5));
    let sent = Box::pin(Invocation::Sweep.run(&world));
    assert_eq!(overtaken_at(&world, logging_in(MAX), activates, sent).await, ["200", "done"]);
    let mails = world.ses.mails_to(MAX);
    assert_eq!(mails.len(), 2);
    accept(&world, &Principal::user(MAX), &mails[1].token()).await.expect(200);
}

#[tokio::test]
async fn the_newest_entry_of_a_history_is_the_last_change() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "reader").await;
    world.wait(Duration::from_mins(5));
    world.advance_with_each_call(Duration::from_mins(1));
    let revoked = async { revoke(&world, OWNER, ("acme:tech", LEA)).await.outcome() };
    let inviting = inviting("acme:tech", LEA);
    let outcomes = overtaken_at(&world, inviting, reads, Box::pin(revoked)).await;
    assert_eq!(outcomes, ["201", "200"]);
    world.break_calls(|_| None);
    let last = last_event(&world, LEA).await;
    assert!(last.starts_with("invited by"), "{last}");
}

#[tokio::test]
async fn the_last_login_never_goes_back() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "reader").await;
    world.wait(Duration::from_mins(5));
    world.advance_with_each_call(Duration::from_mins(1));
    assert_eq!(overtaken(&world, logging_in(LEA), logging_in(LEA)).await, ["200", "200"]);
    world.break_calls(|_| None);
    // The second login started one call later and was written first.
    let lea = seen(&world, "acme", LEA).await;
    assert_eq!(lea.text("/lastLoginAt"), "2026-11-22T12:06:00.000Z", "{lea:?}");
}

#[tokio::test]
async fn two_concurrent_audits_announce_ending_access_once() {
    let world = acme().await;
    let until =
        |email: &str, end: &str| json!({ "email": email, "role": "reader", "expiresAt": end });
    let ending = |email: &str| until(email, "2026-12-02T12:00:00Z");
    invite(&world, OWNER, "acme:tech", &ending(LEA)).await.expect(201);
    let later = until(LEA, "2026-12-05T12:00:00Z");
    invite(&world, OWNER, "acme:rh", &later).await.expect(201);
    world.wait(Duration::from_mins(1));
    resending(&world, LEA).run(&world).await;
    log_in(&world, LEA).await;
    world.deliver().await;
    // Léa's mail counter is of a past day, Max's of today.
    world.wait(DAY * 4);
    invite(&world, OWNER, "acme:tech", &ending(MAX)).await.expect(201);
    world.wait(Duration::from_mins(1));
    resending(&world, MAX).run(&world).await;
    log_in(&world, MAX).await;
    world.deliver().await;
    assert_eq!(overtaken(&world, Invocation::Audit, Invocation::Audit).await, ["done", "done"]);
    for email in [LEA, MAX] {
        assert_eq!(queued(&world, email).await, ["access-ending"], "{email}");
    }
    world.deliver().await;
    world.wait(DAY * 3);
    assert_eq!(overtaken(&world, Invocation::Audit, Invocation::Audit).await, ["done", "done"]);
    assert_eq!(queued(&world, LEA).await, ["access-ending"], "about the other grant");
}

#[tokio::test]
async fn two_concurrent_audits_announce_the_end_of_a_team_once() {
    // A reminder would make the overtaken audit read everything again.
    let world = acme_with(&json!({ "accessEndsAfterDays": 0, "reminders": false })).await;
    let gala = "acme:tech:gala";
    let event = |end: &str| {
        let owner = json!({ "email": MAX, "name": "Max" });
        json!({ "name": "Gala", "kind": "event", "endsAt": end, "owner": owner })
    };
    put_scope(&world, gala, &event("2026-12-01T12:00:00Z")).await.expect(201);
    invite(&world, OWNER, gala, &json!({ "email": LEA, "role": "reader" })).await.expect(201);
    // The mail counter is of today.
    world.wait(DAY * 2);
    resend(&world, &Principal::platform(), (gala, MAX)).await.expect(202);
    log_in(&world, MAX).await.expect(200);
    for end in ["2026-12-01T12:00:00Z", "2026-12-04T12:00:00Z"] {
        put_scope(&world, gala, &event(end)).await.expect(200);
        world.deliver().await;
        assert_eq!(overtaken(&world, Invocation::Audit, Invocation::Audit).await, ["done", "done"]);
        assert_eq!(queued(&world, MAX).await, ["team-ending"], "{end}");
        world.wait(DAY * 3);
    }
}

#[tokio::test]
async fn a_mail_released_too_late_is_not_queued_again() {
    let world = acme().await;
    invited(&world, MAX, "acme:tech", "reader").await;
    world.ses.refuse(Some((429, "TooManyRequestsException")));
    let release = |trip: &Trip| trip.request["UpdateExpression"].to_string().contains("nextA");
    let another = async {
        world.ses.refuse(None);
        world.wait(Duration::from_mins(2));
        Invocation::Sweep.run(&world).await
    };
    assert_eq!(overtaken_at(&world, Invocation::Deliver, release, another).await, ["done", "done"]);
    assert_eq!(world.ses.mails_to(MAX).len(), 1);
    assert!(rows(&world, "O#").await.is_empty());
}
