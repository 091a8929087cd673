//! The reminders of an invitation that no one has accepted.

use std::time::Duration;

use coulisses_domain::{mail_budget::MailLimits, time::DAY};
use coulisses_tests::{Principal, Trip, World};
use serde_json::json;

use crate::{
    delivery_status::send_event,
    scenes::Invocation,
    support::{
        LEA, MAX, OWNER, SUMMIT, TECH, accept, acme, acme_with, active, answer, furnished, id_of,
        invite, invited, preview, queued, resend, revoke, seen, token_of,
    },
    turns::overtaken_at,
};

const HOUR: Duration = Duration::from_hours(1);

/// Audits and delivers once a day; returns the days of the mails to Léa.
async fn days(world: &World, days: u32) -> Vec<u32> {
    let mut found = Vec::new();
    for day in 0..days {
        let before = world.ses.mails_to(LEA).len();
        world.audit().await;
        world.deliver().await;
        let more = world.ses.mails_to(LEA).len() - before;
        found.extend((0..more).map(|_| day));
        world.wait(DAY);
    }
    found
}

#[tokio::test]
async fn a_reminder_three_days_after_the_mail_and_two_days_before_the_end() {
    for (days_valid, expected) in [(14, vec![3, 12]), (5, vec![3]), (4, vec![2]), (2, vec![])] {
        let world = acme_with(&json!({ "invitationDays": days_valid })).await;
        invited(&world, LEA, TECH, "observer").await;
        world.deliver().await;
        assert_eq!(days(&world, 16).await, expected, "{days_valid}");
    }
    let off = acme_with(&json!({ "reminders": false })).await;
    invited(&off, LEA, TECH, "observer").await;
    off.deliver().await;
    assert_eq!(days(&off, 16).await, [0; 0]);
}

#[tokio::test]
async fn two_reminders_are_a_day_apart_even_if_the_first_was_late() {
    let world = acme_with(&json!({ "invitationDays": 6 })).await;
    invited(&world, LEA, TECH, "observer").await;
    world.deliver().await;
    let reminded = async |wait| {
        world.wait(wait);
        world.audit_client("acme").await;
        world.deliver().await;
        world.ses.mails_to(LEA).len() - 1
    };
    assert_eq!(reminded(DAY * 3 + HOUR * 20).await, 1, "due a day ago");
    assert_eq!(reminded(HOUR * 5).await, 1, "two days before the end, but too soon");
    assert_eq!(reminded(HOUR * 19).await, 2);
}

#[tokio::test]
async fn a_reminder_has_a_link_of_its_own_and_the_one_before_stays_good() {
    let world = acme().await;
    invited(&world, LEA, TECH, "observer").await;
    let first = token_of(&world, LEA).await;
    assert_eq!(days(&world, 4).await, [3]);
    let second = token_of(&world, LEA).await;
    let mail = world.ses.mails_to(LEA).pop().unwrap();
    assert_eq!(mail.subject, "Rappel\u{a0}: Odile vous invite à rejoindre Tech");
    assert_ne!(first, second);
    for token in [&first, &second] {
        preview(&world, token).await.expect(200);
    }
    let row = seen(&world, TECH, LEA).await.expect(200);
    assert_eq!(row.text("/invitation/remindedAt"), "2026-11-25T12:00:00.000Z");
    assert_eq!(row.text("/invitation/expiresAt"), "2026-12-06T12:00:00.000Z", "it stays");

    let used = world.copy().await;
    accept(&used, &Principal::user(LEA), &first).await.expect(200);
    accept(&used, &Principal::user(LEA), &first).await.expect(200);
    assert_eq!(preview(&used, &second).await.outcome(), "404 invitation-not-found");

    let resent = world.copy().await;
    resend(&resent, &Principal::user(OWNER), (TECH, LEA)).await.expect(202);
    for token in [&first, &second] {
        assert_eq!(preview(&resent, token).await.outcome(), "404 invitation-not-found");
    }

    assert_eq!(days(&world, 9).await, [8]);
    let third = token_of(&world, LEA).await;
    for (token, status) in [(&first, 404), (&second, 200), (&third, 200)] {
        assert_eq!(preview(&world, token).await.status, status, "at most two links");
    }
    let id = id_of(&world, LEA);
    let record = world.item("acme", &format!("P#{id}")).await;
    let invitation = record["invitation"].as_m().unwrap();
    let hashes = invitation.keys().filter(|name| name.ends_with("Hash"));
    assert_eq!(hashes.count(), 2);
}

#[tokio::test]
async fn no_reminder_after_an_answer_a_bounce_or_a_recent_resend() {
    let world = acme().await;
    invited(&world, LEA, TECH, "observer").await;
    let token = token_of(&world, LEA).await;

    let accepted = world.copy().await;
    accept(&accepted, &Principal::user(LEA), &token).await.expect(200);
    assert_eq!(days(&accepted, 14).await, [0; 0]);

    let declined = world.copy().await;
    answer(&declined, "decline", &token).await.expect(200);
    assert_eq!(days(&declined, 14).await, [0; 0]);

    let revoked = world.copy().await;
    revoke(&revoked, OWNER, (TECH, LEA)).await.expect(200);
    assert_eq!(days(&revoked, 14).await, [0; 0]);

    let bounced = world.copy().await;
    send_event(&bounced, LEA, "bounce").await;
    assert_eq!(days(&bounced, 14).await, [0; 0]);

    // A resend starts again: three days after it, and two days before its own end.
    world.wait(DAY * 2 + HOUR);
    resend(&world, &Principal::user(OWNER), (TECH, LEA)).await.expect(202);
    world.deliver().await;
    assert_eq!(days(&world, 14).await, [3, 12]);
}

#[tokio::test]
async fn reminders_leave_half_of_the_days_invitations_to_people_and_go_on_the_next_day() {
    let limits = MailLimits { invitations: 4, ..MailLimits::default() };
    let world = furnished(World::with_limits(limits).await, &json!({})).await;
    world.wait(DAY);
    for email in [LEA, MAX] {
        invite(&world, OWNER, TECH, &json!({ "email": email, "role": "observer" })).await;
    }
    world.wait(DAY);
    invite(&world, OWNER, SUMMIT, &json!({ "email": "ivo@example.org", "role": "reader" })).await;
    world.deliver().await;
    let reminded = async || {
        world.audit().await;
        world.deliver().await;
        let mails = world.ses.mails().into_iter();
        mails.filter(|mail| mail.subject.starts_with("Rappel")).count()
    };
    world.wait(DAY * 4);
    assert_eq!(reminded().await, 2, "half of four");
    invite(&world, OWNER, TECH, &json!({ "email": "new@example.org", "role": "observer" }))
        .await
        .expect(201);
    world.wait(DAY);
    assert_eq!(reminded().await, 3);
}

#[tokio::test]
async fn an_invitation_whose_inviter_left_is_reminded_in_the_name_of_the_client() {
    let world = acme().await;
    active(&world, MAX, TECH, "administrator").await;
    invite(&world, MAX, TECH, &json!({ "email": LEA, "role": "observer" })).await.expect(201);
    world.deliver().await;
    revoke(&world, OWNER, (TECH, MAX)).await.expect(200);
    assert_eq!(days(&world, 4).await, [3]);
    let mail = world.ses.mails_to(LEA).pop().unwrap();
    assert_eq!(mail.subject, "Rappel\u{a0}: votre accès à Tech vous attend");
    assert_eq!(mail.request.get("ReplyToAddresses"), None);
}

#[tokio::test]
async fn a_bounce_that_is_reported_meanwhile_stops_the_reminder() {
    let world = acme().await;
    invited(&world, LEA, TECH, "observer").await;
    world.deliver().await;
    world.wait(DAY * 3);
    let queues = |trip: &Trip| trip.request.to_string().contains("reminded");
    let bounce = async {
        send_event(&world, LEA, "bounce").await;
        "done".to_owned()
    };
    overtaken_at(&world, Invocation::Audit, queues, bounce).await;
    assert_eq!(seen(&world, TECH, LEA).await.expect(200).text("/invitation/delivery"), "bounced");
    assert_eq!(queued(&world, LEA).await, [""; 0]);
}
