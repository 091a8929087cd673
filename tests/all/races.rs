//! Two who meet: the second goes from end to end between the reading and the writing of the first.
//!
//! Each is the race that one condition of `tests/conditions.md` is for.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use coulisses_domain::{client::MailLimits, time::DAY};
use coulisses_tests::{Fault, Request, Trip, Who, World};
use serde_json::{Value, json};

use crate::{
    promises::{hold_always, hold_history},
    scenes::{Ask, keyed, post, put},
    support::{
        accept, acme, acme_with, active, etag_of, furnished, id_of, invite, log_in, path_of,
        put_scope, queued, rows, seats, seen, token_of,
    },
    turns::{overtaken, overtaken_at},
};

const OWNER: &str = "owner@acme.test";
const ADA: &str = "ada@example.org";
const LEA: &str = "lea@example.org";
const MAX: &str = "max@example.org";

fn inviting(scope: &str, email: &str) -> Ask {
    let body = json!({ "email": email, "role": "reader" });
    post(OWNER, &format!("/v1/scopes/{scope}/collaborators"), &body)
}

/// A login is written before it is known that it is the first one, and that in a transaction.
fn activates(trip: &Trip) -> bool {
    trip.operation == "TransactWriteItems"
}

fn logging_in(email: &str) -> Ask {
    post(email, "/v1/scopes/acme/logins", &json!({}))
}

fn resending(world: &World, email: &str) -> Ask {
    let target = format!("{}/resend", path_of(world, "acme:tech", email));
    post(OWNER, &target, &json!({}))
}

fn by_the_platform(target: &str, body: &Value) -> Ask {
    put(&Who::platform(), &format!("/v1/scopes/{target}"), body)
}

/// Max is invited to `acme:tech`, and his mail is sent.
async fn with_max() -> World {
    let world = acme().await;
    invite(&world, OWNER, "acme:tech", &json!({ "email": MAX, "role": "reader" })).await;
    world.deliver().await;
    world.wait(Duration::from_mins(5));
    world
}

async fn hold(world: &World) {
    hold_always(world, false, "a race").await;
    hold_history(world, "a race").await;
}

#[tokio::test]
async fn of_two_who_create_one_client_one_does_and_the_other_finds_it() {
    let world = World::new().await;
    let client = |owner: &str| {
        by_the_platform(
            "nova",
            &json!({ "name": "Nova", "seatLimit": 2, "granting": "owner", "owner": { "email": owner } }),
        )
    };
    let told = overtaken(&world, client("ada@nova.test"), client("bob@nova.test")).await;
    assert_eq!(told, ["409 owner-must-transfer", "201"]);
    hold(&world).await;
}

#[tokio::test]
async fn of_two_who_create_one_event_one_does_and_the_other_finds_it() {
    let world = acme().await;
    let event = |owner: &str| {
        let body = json!({ "name": "Autumn", "kind": "event", "owner": { "email": owner } });
        by_the_platform("acme:tech:autumn", &body)
    };
    let told = overtaken(&world, event(ADA), event(MAX)).await;
    assert_eq!(told, ["409 owner-must-transfer", "201"]);
    assert_eq!(seats(&world).await, json!([null, 2]), "the other is not seated");
    hold(&world).await;
}

#[tokio::test]
async fn of_two_who_invite_one_person_neither_undoes_what_the_other_gave() {
    let world = acme().await;
    let told = overtaken(&world, inviting("acme:tech", MAX), inviting("acme:rh", MAX)).await;
    assert_eq!(told, ["201", "201"]);
    for scope in ["acme:tech", "acme:rh"] {
        seen(&world, scope, MAX).await.expect(200);
    }
    hold(&world).await;
}

#[tokio::test]
async fn of_two_who_take_the_last_seat_one_gets_it() {
    let world = acme_with(&json!({ "seatLimit": 2 })).await;
    let told = overtaken(&world, inviting("acme:tech", MAX), inviting("acme:tech", LEA)).await;
    assert_eq!(told, ["409 seat-limit-reached", "201"]);
    assert_eq!(seats(&world).await, json!([2, 2]));
    hold(&world).await;
}

#[tokio::test]
async fn whoever_was_just_removed_removes_nobody() {
    let world = acme().await;
    for email in [ADA, LEA] {
        active(&world, email, "acme:tech", "administrator").await;
    }
    let (ada, lea) = (etag_of(&world, ADA).await, etag_of(&world, LEA).await);
    let removing = |by: &str, email: &str, etag: &str| {
        let request = Request::new("DELETE", &path_of(&world, "acme:tech", email)).if_match(etag);
        Ask::Request(Box::new((Who::person(by), request)))
    };
    let told = overtaken(&world, removing(ADA, LEA, &lea), removing(LEA, ADA, &ada)).await;
    assert_eq!(told, ["404 scope-not-found", "200"]);
    seen(&world, "acme:tech", LEA).await.expect(200);
}

#[tokio::test]
async fn what_somebody_was_just_given_is_not_lost_with_what_is_taken() {
    let world = with_max().await;
    let approved =
        post(OWNER, "/v1/scopes/acme:tech/revocations", &json!({ "ids": [id_of(&world, MAX)] }));
    let told = overtaken(&world, approved, inviting("acme:rh", MAX)).await;
    assert_eq!(told, ["200 200", "201"]);
    assert_eq!(seen(&world, "acme:tech", MAX).await.status, 404);
    seen(&world, "acme:rh", MAX).await.expect(200);
    hold(&world).await;
}

#[tokio::test]
async fn whoever_may_no_longer_give_by_the_clients_new_rule_takes_and_gives_nothing_any_more() {
    for event in ["gives", "changes", "takes"] {
        let world = with_max().await;
        active(&world, ADA, "acme:tech", "administrator").await;
        active(&world, LEA, "acme:tech", "reader").await;
        let etag = etag_of(&world, LEA).await;
        let path = path_of(&world, "acme:tech", LEA);
        let request = match event {
            "gives" => Request::new("POST", "/v1/scopes/acme:tech/collaborators")
                .json(&json!({ "email": "new@example.org", "role": "reader" })),
            "changes" => Request::new("PUT", &format!("{path}/role"))
                .json(&json!({ "role": "manager" }))
                .if_match(&etag),
            _ => Request::new("DELETE", &path).if_match(&etag),
        };
        let ask = Ask::Request(Box::new((Who::person(ADA), request)));
        let rule = json!({ "name": "Acme", "seatLimit": null, "granting": "owner" });
        let told = overtaken(&world, ask, by_the_platform("acme", &rule)).await;
        assert_eq!(told, ["403 forbidden", "200"], "{event}");
        assert_eq!(etag_of(&world, LEA).await, etag, "{event}");
    }
}

#[tokio::test]
async fn whoever_handed_his_event_over_is_not_unbound_as_its_owner() {
    let world = acme().await;
    let event = json!({ "name": "Autumn", "kind": "event", "owner": { "email": ADA } });
    put_scope(&world, "acme:tech:autumn", &event).await.expect(201);
    log_in(&world, ADA).await;
    active(&world, LEA, "acme:tech", "reader").await;
    world.wait(Duration::from_mins(5));
    let target = "/v1/scopes/acme:tech:autumn/owner";
    let to = |email: &str| {
        let request = Request::new("POST", target).json(&json!({ "email": email }));
        Ask::Request(Box::new((Who::platform(), request)))
    };
    // Who is no owner any more gets the event back, and stays active.
    assert_eq!(overtaken(&world, to(ADA), to(LEA)).await, ["200", "200"]);
    let ada = seen(&world, "acme:tech:autumn", ADA).await;
    assert_eq!((ada.text("/status"), ada.text("/role")), ("active", "owner"));
    hold(&world).await;
}

#[tokio::test]
async fn a_transfer_by_the_platform_between_whose_reads_another_is_done_is_too_late() {
    let world = acme().await;
    let event = json!({ "name": "Autumn", "kind": "event", "owner": { "email": ADA } });
    let made = put_scope(&world, "acme:tech:autumn", &event).await.expect(201);
    log_in(&world, ADA).await;
    active(&world, LEA, "acme:tech", "reader").await;
    active(&world, MAX, "acme:tech", "reader").await;
    let to = |email: &str| {
        let body = json!({ "collaborator": id_of(&world, email) });
        let request = Request::new("POST", "/v1/scopes/acme:tech:autumn/owner").json(&body);
        Ask::Request(Box::new((Who::platform(), request.if_match(made.etag()))))
    };
    // The first read tells who owns, the second who that is.
    let reads = AtomicUsize::new(0);
    let at_the_second = move |_: &Trip| reads.fetch_add(1, Ordering::SeqCst) == 1;
    let other = to(MAX);
    let told = overtaken_at(&world, to(LEA), at_the_second, other.of(&world)).await;
    assert_eq!(told, ["412 stale-version", "200"]);
    assert_eq!(seen(&world, "acme:tech:autumn", MAX).await.text("/role"), "owner");
    assert_eq!(seen(&world, "acme:tech:autumn", LEA).await.body["role"], Value::Null);
    hold(&world).await;
}

#[tokio::test]
async fn a_message_to_everybody_that_is_sent_twice_at_once_under_one_key_is_one_message() {
    let world = acme().await;
    let body = json!({ "subject": "Tonight", "text": "Closed from 8 to 9." });
    let ask = || keyed(post(OWNER, "/v1/scopes/acme/announcements", &body));
    let told = overtaken(&world, ask(), ask()).await;
    assert_eq!(told, ["202", "202"]);
    assert_eq!(rows(&world, "O#").await.len(), 1);
}

#[tokio::test]
async fn the_first_two_mails_of_a_day_are_both_counted() {
    let limits = MailLimits { invitations: 2, ..MailLimits::default() };
    let world = furnished(World::with_limits(limits).await, &json!({})).await;
    world.wait(DAY);
    let told = overtaken(&world, inviting("acme", ADA), inviting("acme", LEA)).await;
    assert_eq!(told, ["201", "201"]);
    let third = invite(&world, OWNER, "acme", &json!({ "email": MAX, "role": "reader" })).await;
    assert_eq!(third.told(), "429 mail-limit");
}

#[tokio::test]
async fn of_two_who_send_the_last_mail_of_a_day_one_does() {
    let limits = MailLimits { invitations: 2, announcements: 1 };
    let world = furnished(World::with_limits(limits).await, &json!({})).await;
    let told = overtaken(&world, inviting("acme", ADA), inviting("acme", LEA)).await;
    assert_eq!(told, ["429 mail-limit", "201"]);
    let body = json!({ "subject": "Tonight", "text": "Closed from 8 to 9." });
    let ask = || post(OWNER, "/v1/scopes/acme/announcements", &body);
    let told = overtaken(&world, ask(), ask()).await;
    assert_eq!(told, ["429 mail-limit", "202"]);
}

#[tokio::test]
async fn two_who_resend_at_once_send_one_mail() {
    let world = with_max().await;
    let told = overtaken(&world, resending(&world, MAX), resending(&world, MAX)).await;
    assert_eq!(told, ["429 resend-too-soon", "202"]);
    assert_eq!(queued(&world, MAX).await.len(), 1);
}

#[tokio::test]
async fn a_link_that_was_just_replaced_opens_nothing() {
    let world = with_max().await;
    let token = token_of(&world, MAX).await;
    let accepting = post(MAX, "/v1/invitations/accept", &json!({ "token": token }));
    let told = overtaken(&world, accepting, resending(&world, MAX)).await;
    assert_eq!(told, ["404 invitation-not-found", "202"]);
    assert_eq!(seen(&world, "acme", MAX).await.text("/status"), "pending");
}

#[tokio::test]
async fn the_link_of_a_mail_that_was_sent_during_the_first_login_works() {
    let world = acme().await;
    invite(&world, OWNER, "acme:tech", &json!({ "email": MAX, "role": "reader" })).await;
    let sent = Box::pin(Ask::Deliver.of(&world));
    assert_eq!(overtaken_at(&world, logging_in(MAX), activates, sent).await, ["200", "done"]);
    let token = world.ses.mails_to(MAX)[0].token();
    accept(&world, &Who::person(MAX), &token).await.expect(200);
}

#[tokio::test]
async fn the_link_of_a_mail_that_was_sent_again_during_the_first_login_works() {
    let world = acme().await;
    invite(&world, OWNER, "acme:tech", &json!({ "email": MAX, "role": "reader" })).await;
    world.break_calls(|trip| (trip.operation == "DeleteItem").then_some(Fault::Unreachable));
    world.deliver().await;
    world.break_calls(|_| None);
    world.wait(Duration::from_mins(5));
    let sent = Box::pin(Ask::Sweep.of(&world));
    assert_eq!(overtaken_at(&world, logging_in(MAX), activates, sent).await, ["200", "done"]);
    let mails = world.ses.mails_to(MAX);
    assert_eq!(mails.len(), 2);
    accept(&world, &Who::person(MAX), &mails[1].token()).await.expect(200);
}

#[tokio::test]
async fn the_last_login_never_goes_back() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "reader").await;
    world.wait(Duration::from_mins(5));
    world.wait_with_each_call(Duration::from_mins(1));
    assert_eq!(overtaken(&world, logging_in(LEA), logging_in(LEA)).await, ["200", "200"]);
    world.break_calls(|_| None);
    // The second began a call after the first, which was only then written.
    let lea = seen(&world, "acme", LEA).await;
    assert_eq!(lea.text("/lastLoginAt"), "2026-11-22T12:06:00Z", "{lea:?}");
}

#[tokio::test]
async fn two_audits_at_once_tell_of_an_end_once_whatever_was_mailed_before() {
    let world = acme().await;
    let until =
        |email: &str, end: &str| json!({ "email": email, "role": "reader", "expiresAt": end });
    let ending = |email: &str| until(email, "2026-12-02T12:00:00Z");
    invite(&world, OWNER, "acme:tech", &ending(LEA)).await.expect(201);
    let later = until(LEA, "2026-12-05T12:00:00Z");
    invite(&world, OWNER, "acme:rh", &later).await.expect(201);
    log_in(&world, LEA).await;
    world.deliver().await;
    // His counter is of a past day; hers is of today.
    world.wait(DAY * 4);
    invite(&world, OWNER, "acme:tech", &ending(MAX)).await.expect(201);
    log_in(&world, MAX).await;
    world.deliver().await;
    assert_eq!(overtaken(&world, Ask::Audit, Ask::Audit).await, ["done", "done"]);
    for email in [LEA, MAX] {
        assert_eq!(queued(&world, email).await, ["access-ending"], "{email}");
    }
    world.deliver().await;
    world.wait(DAY * 3);
    assert_eq!(overtaken(&world, Ask::Audit, Ask::Audit).await, ["done", "done"]);
    assert_eq!(queued(&world, LEA).await, ["access-ending"], "of the other end");
}

#[tokio::test]
async fn a_delivery_that_gives_a_row_back_too_late_brings_back_no_row_that_another_sent() {
    let world = acme().await;
    invite(&world, OWNER, "acme:tech", &json!({ "email": MAX, "role": "reader" })).await;
    world.ses.refuse(Some((429, "TooManyRequestsException")));
    let giving_back = |trip: &Trip| trip.request["UpdateExpression"].to_string().contains("nextA");
    let another = async {
        world.ses.refuse(None);
        world.wait(Duration::from_mins(2));
        Ask::Sweep.of(&world).await
    };
    let told = overtaken_at(&world, Ask::Deliver, giving_back, another).await;
    assert_eq!(told, ["done", "done"]);
    assert_eq!(world.ses.mails_to(MAX).len(), 1);
    assert!(rows(&world, "O#").await.is_empty());
}
