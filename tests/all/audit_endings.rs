//! The mail that announces the end of access seven days before.

use std::time::Duration;

use coulisses_domain::time::{DAY, Timestamp};
use coulisses_tests::{Item, Principal, World};
use serde_json::json;

use crate::support::{
    LEA, MAX, MEETUP, OWNER, SUMMIT, TECH, acme, acme_with, active, assign, id_of, invite, log_in,
    put_scope, queued, resend, revoke, rows,
};

const MINUTE: Duration = Duration::from_mins(1);

async fn until(world: &World, scope: &str, days: u32) {
    let end = world.now().after(DAY * days).to_string();
    let body = json!({ "email": LEA, "role": "observer", "expiresAt": end });
    invite(world, OWNER, scope, &body).await.expect(201);
}

/// The mail counter of Léa.
async fn counter(world: &World) -> Item {
    rows(world, &format!("M#acme#{}", id_of(world, LEA))).await.remove("#").unwrap()
}

/// Audits and delivers once a day; returns the day and subject of each mail to Léa.
async fn subjects(world: &World, days: usize) -> Vec<String> {
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
async fn one_mail_seven_days_before_access_ends() {
    let world = acme().await;
    until(&world, SUMMIT, 10).await;
    log_in(&world, LEA).await;
    world.deliver().await;
    assert_eq!(subjects(&world, 12).await, ["3: Votre accès à Summit 2027 prend bientôt fin"]);
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
async fn one_mail_names_all_access_that_ends_together_and_a_later_end_gets_another() {
    let world = acme().await;
    active(&world, LEA, "acme:rh", "reader").await;
    for scope in [SUMMIT, MEETUP, "acme:tech:alumni"] {
        until(&world, scope, 7).await;
    }
    until(&world, TECH, 9).await;
    world.deliver().await;
    assert_eq!(
        subjects(&world, 9).await,
        ["0: Votre accès à Alumni prend bientôt fin", "2: Votre accès à Tech prend bientôt fin"]
    );
    let mails = world.ses.mails_to(LEA);
    let first = &mails[mails.len() - 2].text;
    assert!(first.contains("Concerne aussi\u{a0}: Meetup et Summit 2027"), "{first}");
    assert!(!first.contains("Rôle"), "{first}");
}

#[tokio::test]
async fn prolonged_access_gets_a_mail_before_its_new_end_only() {
    let world = acme().await;
    until(&world, SUMMIT, 5).await;
    log_in(&world, LEA).await;
    world.deliver().await;
    let before = world.ses.mails_to(LEA).len();
    world.audit().await;
    assert_eq!(queued(&world, LEA).await, ["access-ending"]);
    let end = world.now().after(DAY * 20).to_string();
    let body = json!({ "role": "observer", "expiresAt": end });
    assign(&world, OWNER, (SUMMIT, LEA), &body).await.expect(200);
    world.deliver().await;
    let mails = world.ses.mails_to(LEA).split_off(before);
    assert_eq!(mails.len(), 1);
    let longer = "Votre accès à Summit 2027 est prolongé jusqu’au 12 décembre 2026";
    assert_eq!(mails[0].subject, longer);
    world.wait(DAY * 10);
    assert_eq!(subjects(&world, 6).await, ["3: Votre accès à Summit 2027 prend bientôt fin"]);
}

#[tokio::test]
async fn a_pending_collaborator_gets_no_mail_about_the_end() {
    let world = acme().await;
    until(&world, SUMMIT, 3).await;
    world.audit().await;
    assert_eq!(queued(&world, LEA).await, ["invitation"]);
}

#[tokio::test]
async fn the_mail_counter_is_kept_until_a_day_after_the_end_of_the_access() {
    let world = acme().await;
    until(&world, SUMMIT, 7).await;
    log_in(&world, LEA).await;
    world.audit().await;
    let ttl: i64 = counter(&world).await["ttl"].as_n().unwrap().parse().unwrap();
    let end = world.now().after(DAY * 7);
    assert_eq!(ttl, end.after(DAY).seconds());
}

/// A revoked and invited collaborator, whose mail counter has today's invitation, logs in and gets the mail of the audit
/// between the read and the write of a resend.
#[tokio::test(flavor = "multi_thread")]
async fn a_resend_and_a_concurrent_audit_keep_each_others_counts() {
    let world = acme().await;
    until(&world, SUMMIT, 30).await;
    revoke(&world, OWNER, (SUMMIT, LEA)).await.expect(200);
    world.wait(MINUTE);
    until(&world, SUMMIT, 3).await;
    world.wait(MINUTE);
    let other = world.second_instance();
    world.before_first("TransactWriteItems", async move || {
        log_in(&other, LEA).await;
        other.audit().await;
    });
    let answer = resend(&world, &Principal::user(OWNER), (SUMMIT, LEA)).await;
    assert_eq!(answer.outcome(), "409 not-pending");
    assert_eq!(queued(&world, LEA).await.last().unwrap(), "access-ending");
    let counter = counter(&world).await;
    assert_eq!(counter["resends"].as_n().unwrap(), "1");
    assert!(counter.contains_key("endingTold"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_with_an_outdated_mail_counter_does_not_overwrite_the_newer_one() {
    let world = acme().await;
    until(&world, SUMMIT, 5).await;
    world.wait(MINUTE);
    resend(&world, &Principal::user(OWNER), (SUMMIT, LEA)).await.expect(202);
    log_in(&world, LEA).await;
    world.wait(MINUTE);
    let other = world.second_instance();
    world.before_first("TransactWriteItems", async move || {
        revoke(&other, OWNER, (SUMMIT, LEA)).await.expect(200);
        until(&other, SUMMIT, 5).await;
    });
    assert_eq!(world.audit().await.audited, 1);
    let counter = counter(&world).await;
    assert_eq!(counter["resends"].as_n().unwrap(), "2", "the resend and the second invitation");
    assert!(!counter.contains_key("endingTold"));
    assert!(!queued(&world, LEA).await.contains(&"access-ending".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_concurrent_audits_one_sends_the_mail() {
    let world = acme().await;
    until(&world, SUMMIT, 5).await;
    log_in(&world, LEA).await;
    world.deliver().await;
    let other = world.second_instance();
    world.before_first("TransactWriteItems", async move || {
        other.audit().await;
    });
    assert_eq!(world.audit().await.audited, 1);
    assert_eq!(queued(&world, LEA).await, ["access-ending"]);
}
/// The owner of an event is notified of the end of their team, once.
#[tokio::test]
async fn the_owner_of_an_event_gets_one_mail_before_their_team_loses_its_access() {
    let world = acme_with(&json!({ "accessEndsAfterDays": 0 })).await;
    let gala = "acme:tech:gala";
    let event = |end: Timestamp| {
        json!({
            "name": "Gala", "kind": "event", "endsAt": end.to_string(), "timeZone": "Europe/Paris",
            "owner": { "email": MAX, "name": "Max" },
        })
    };
    put_scope(&world, gala, &event(world.now().after(DAY * 9))).await.expect(201);
    log_in(&world, MAX).await.expect(200);
    let invited = json!({ "email": LEA, "name": "Léa Martin", "role": "reader" });
    invite(&world, OWNER, gala, &invited).await.expect(201);
    log_in(&world, LEA).await.expect(200);
    let body = json!({ "email": "nina@example.org", "role": "reader" });
    invite(&world, OWNER, gala, &body).await.expect(201);
    world.deliver().await;
    let before = world.ses.mails_to(MAX).len();
    for _ in 0..4 {
        world.audit().await;
        world.deliver().await;
        world.wait(DAY);
    }
    let mails = world.ses.mails_to(MAX).split_off(before);
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    assert_eq!(mail.subject, "L’accès de l’équipe à Gala prend bientôt fin");
    for part in [
        "L’accès de 2 personnes à Gala (Acme) prend fin dans quelques jours.",
        "Personnes concernées\u{a0}: Léa Martin et nina@example.org",
    ] {
        assert!(mail.text.contains(part), "{part} in {}", mail.text);
    }
    // Postponed after the mail was queued for the new end.
    put_scope(&world, gala, &event(world.now().after(DAY * 6))).await.expect(200);
    world.audit().await;
    assert_eq!(queued(&world, MAX).await, ["team-ending"]);
    put_scope(&world, gala, &event(world.now().after(DAY * 30))).await.expect(200);
    world.deliver().await;
    assert_eq!(world.ses.mails_to(MAX).len(), before + 1, "the end has moved");
}
