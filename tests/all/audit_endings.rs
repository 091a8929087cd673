//! The mail that tells somebody, seven days before, that access ends.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Who, World};
use serde_json::json;

use crate::support::{acme, active, assign, id_of, invite, log_in, queued, resend, revoke, rows};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";

async fn until(world: &World, scope: &str, days: u32) {
    let end = world.now().after(DAY * days).to_string();
    let body = json!({ "email": LEA, "role": "observer", "expiresAt": end });
    invite(world, OWNER, scope, &body).await.expect(201);
}

/// Audits day by day, delivers, and gives the subjects of the mails of each day to Léa.
async fn told(world: &World, days: usize) -> Vec<String> {
    let mut subjects = Vec::new();
    for day in 0..days {
        let before = world.ses.mails_to(LEA).len();
        world.audit().await;
        world.deliver().await;
        let mails = world.ses.mails_to(LEA);
        subjects.extend(mails[before..].iter().map(|mail| format!("{day}: {}", mail.subject)));
        world.wait(DAY);
    }
    subjects
}

#[tokio::test]
async fn access_that_ends_is_told_once_seven_days_before() {
    let world = acme().await;
    until(&world, "acme:tech:summit", 10).await;
    log_in(&world, LEA).await;
    world.deliver().await;
    assert_eq!(told(&world, 12).await, ["3: Votre accès à Summit 2027 prend bientôt fin"]);
    let mail = world.ses.mails_to(LEA).pop().unwrap();
    for part in [
        "Votre accès à Summit 2027 (Acme) prend bientôt fin.",
        "Rôle\u{a0}: observateur",
        "Accès jusqu’au\u{a0}: 2 décembre 2026 à 12\u{a0}h\u{a0}00 (UTC)",
        "de le prolonger.",
    ] {
        assert!(mail.text.contains(part), "{part} in {}", mail.text);
    }
}

#[tokio::test]
async fn one_mail_names_all_that_ends_at_once_and_a_later_end_gets_another() {
    let world = acme().await;
    active(&world, LEA, "acme:rh", "reader").await;
    for scope in ["acme:tech:summit", "acme:tech:meetup", "acme:tech:alumni"] {
        until(&world, scope, 7).await;
    }
    until(&world, "acme:tech", 9).await;
    world.deliver().await;
    assert_eq!(
        told(&world, 9).await,
        ["0: Votre accès à Alumni prend bientôt fin", "2: Votre accès à Tech prend bientôt fin"]
    );
    let mails = world.ses.mails_to(LEA);
    let first = &mails[mails.len() - 2].text;
    assert!(first.contains("Concerne aussi\u{a0}: Meetup, Summit 2027"), "{first}");
    assert!(!first.contains("Rôle"), "{first}");
}

#[tokio::test]
async fn access_that_was_prolonged_is_told_of_its_new_end_and_the_old_news_is_not_sent() {
    let world = acme().await;
    until(&world, "acme:tech:summit", 5).await;
    log_in(&world, LEA).await;
    world.deliver().await;
    let before = world.ses.mails_to(LEA).len();
    world.audit().await;
    assert_eq!(queued(&world, LEA).await, ["access-ending"]);
    let end = world.now().after(DAY * 20).to_string();
    let body = json!({ "role": "observer", "expiresAt": end });
    assign(&world, OWNER, ("acme:tech:summit", LEA), &body).await.expect(200);
    world.deliver().await;
    let subjects: Vec<String> =
        world.ses.mails_to(LEA)[before..].iter().map(|mail| mail.subject.clone()).collect();
    assert_eq!(subjects, ["Votre rôle sur Summit 2027 a changé"]);
    world.wait(DAY * 10);
    assert_eq!(told(&world, 6).await, ["3: Votre accès à Summit 2027 prend bientôt fin"]);
}

#[tokio::test]
async fn somebody_pending_is_not_told() {
    let world = acme().await;
    until(&world, "acme:tech:summit", 3).await;
    world.audit().await;
    assert_eq!(queued(&world, LEA).await, ["invitation"]);
}

#[tokio::test]
async fn what_was_told_outlives_the_day_of_the_count_and_ends_with_the_access() {
    let world = acme().await;
    until(&world, "acme:tech:summit", 7).await;
    log_in(&world, LEA).await;
    world.audit().await;
    let key = format!("M#acme#{}", id_of(&world, LEA));
    let counter = rows(&world, &key).await.remove("#").unwrap();
    let ttl: i64 = counter["ttl"].as_n().unwrap().parse().unwrap();
    let end = world.now().after(DAY * 7);
    assert_eq!(ttl, end.after(DAY).seconds());
}

/// The count of mails is one record: neither a resend nor the audit forgets what the other wrote meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_resend_and_the_audit_at_the_same_time_forget_nothing_of_each_other() {
    let world = acme().await;
    let who = Who::person(OWNER);
    until(&world, "acme:tech:summit", 30).await;
    log_in(&world, LEA).await;
    // Taken and invited again: the count survives, and the invitation of today is in it.
    revoke(&world, OWNER, ("acme:tech:summit", LEA)).await.expect(200);
    world.wait(Duration::from_mins(1));
    until(&world, "acme:tech:summit", 3).await;
    world.wait(Duration::from_mins(1));

    // She logs in and the audit tells her, between the reading and the writing of a resend.
    let beside = world.beside();
    let mut calls = 0;
    world.break_calls(move |trip| {
        calls += u32::from(trip.operation == "TransactWriteItems");
        if calls == 1 && trip.operation == "TransactWriteItems" {
            tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current().block_on(async {
                    log_in(&beside, LEA).await;
                    beside.audit().await;
                });
            });
        }
        None
    });
    let answer = resend(&world, &who, ("acme:tech:summit", LEA)).await;
    assert_eq!(answer.told(), "409 not-pending");
    assert_eq!(queued(&world, LEA).await.last().unwrap(), "access-ending");
    let key = format!("M#acme#{}", id_of(&world, LEA));
    let counter = rows(&world, &key).await.remove("#").unwrap();
    assert_eq!(counter["resends"].as_n().unwrap(), "1");
    assert!(counter.contains_key("endingTold"));
}

/// An audit that tells while she is removed and invited again: the newer count stays, and nothing is told twice.
#[tokio::test(flavor = "multi_thread")]
async fn an_audit_that_read_an_older_count_of_mails_writes_nothing_over_the_newer_one() {
    let world = acme().await;
    until(&world, "acme:tech:summit", 5).await;
    log_in(&world, LEA).await;
    world.wait(Duration::from_mins(1));
    let beside = world.beside();
    let mut done = false;
    world.break_calls(move |trip| {
        if trip.operation == "TransactWriteItems" && !done {
            done = true;
            tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current().block_on(async {
                    revoke(&beside, OWNER, ("acme:tech:summit", LEA)).await.expect(200);
                    until(&beside, "acme:tech:summit", 5).await;
                });
            });
        }
        None
    });
    assert_eq!(world.audit().await.audited, 1);
    let key = format!("M#acme#{}", id_of(&world, LEA));
    let counter = rows(&world, &key).await.remove("#").unwrap();
    assert_eq!(counter["resends"].as_n().unwrap(), "1", "the second invitation of the day");
    assert!(!counter.contains_key("endingTold"));
    assert!(!queued(&world, LEA).await.contains(&"access-ending".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_audits_at_the_same_time_one_tells() {
    let world = acme().await;
    until(&world, "acme:tech:summit", 5).await;
    log_in(&world, LEA).await;
    world.deliver().await;
    let (beside, mut done) = (world.beside(), false);
    world.break_calls(move |trip| {
        if trip.operation == "TransactWriteItems" && !done {
            done = true;
            tokio::task::block_in_place(|| {
                tokio::runtime::Handle::current().block_on(beside.audit());
            });
        }
        None
    });
    assert_eq!(world.audit().await.audited, 1);
    assert_eq!(queued(&world, LEA).await, ["access-ending"]);
}
