//! The mail to inviters about what became of their invitations.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Principal, SentMail, World};
use serde_json::json;

use crate::{
    delivery_status::send_event,
    scenes::Invocation,
    support::{
        ADA, LEA, MAX, MEETUP, OWNER, SUMMIT, TECH, acme, acme_with, active, answer, assign,
        invite, invited, log_in, post, queued, resend, token_of,
    },
    turns::overtaken,
};

/// Audits and delivers; returns the digests to `who` that this sent.
async fn digests(world: &World, who: &str) -> Vec<SentMail> {
    let before = world.ses.mails_to(who).len();
    world.audit().await;
    world.deliver().await;
    let mails = world.ses.mails_to(who).split_off(before);
    let is_digest =
        |mail: &SentMail| mail.subject.contains("à suivre") || mail.subject.contains("attention");
    mails.into_iter().filter(is_digest).collect()
}

/// An event's administrator has invited five people, each with another outcome.
async fn five_outcomes(locale: &str) -> World {
    let world = acme_with(&json!({ "locale": locale, "invitationDays": 7 })).await;
    active(&world, ADA, SUMMIT, "administrator").await;
    let by_ada = async |email: &str| {
        let body = json!({ "email": email, "role": "reader", "name": null });
        invite(&world, ADA, SUMMIT, &body).await.expect(201);
    };
    for email in ["expired@example.org", "asks@example.org"] {
        by_ada(email).await;
    }
    let asks = token_of(&world, "asks@example.org").await;
    world.wait(DAY * 7);
    answer(&world, "renewal", &asks).await;
    by_ada("declines@example.org").await;
    let declines = token_of(&world, "declines@example.org").await;
    answer(&world, "decline", &declines).await;
    by_ada("bounces@example.org").await;
    world.deliver().await;
    send_event(&world, "bounces@example.org", "bounce").await;
    world.ses.refuse(Some((400, "BadRequestException")));
    by_ada("fails@example.org").await;
    world.deliver().await;
    world.ses.refuse(None);
    world
}

#[tokio::test]
async fn one_mail_says_what_became_of_each_invitation_with_a_link_to_its_row() {
    let (french, english) = (five_outcomes("fr").await, five_outcomes("en").await);
    let mut texts = Vec::new();
    for world in [&french, &english] {
        let [digest] = &digests(world, ADA).await[..] else { panic!("one digest") };
        texts.push(format!("{}\n\n{}", digest.subject, digest.text));
        let rows = digest.html.matches("https://console.test/scopes/acme:tech:summit/people/");
        assert_eq!(rows.count(), 5, "{}", digest.html);
    }
    let ids = without_ids(&texts.join("\n\n==\n\n"));
    insta::assert_snapshot!(ids);
    assert_eq!(digests(&french, ADA).await.len(), 0, "one a day");
    french.wait(DAY);
    assert_eq!(digests(&french, ADA).await.len(), 0, "nothing is new");
}

/// The text without the ids of people.
fn without_ids(text: &str) -> String {
    let line = |line: &str| match line.split_once("/people/") {
        Some((start, _)) => format!("{start}/people/<id>"),
        None => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_digest_has_only_what_is_new_and_still_so_when_it_is_sent() {
    let world = acme_with(&json!({ "invitationDays": 3 })).await;
    for email in [LEA, MAX] {
        invited(&world, email, TECH, "observer").await;
    }
    world.deliver().await;
    world.wait(DAY * 3);
    world.audit().await;
    resend(&world, &Principal::user(OWNER), (TECH, LEA)).await.expect(202);
    world.deliver().await;
    let mails = world.ses.mails_to(OWNER);
    let digest = mails.last().unwrap();
    assert!(digest.text.contains(MAX) && !digest.text.contains(LEA), "{}", digest.text);

    world.wait(DAY * 3);
    let [next] = &digests(&world, OWNER).await[..] else { panic!("one digest") };
    assert!(next.text.contains(LEA) && !next.text.contains(MAX), "{}", next.text);
}

#[tokio::test]
async fn an_inviter_hears_of_no_one_whom_they_cannot_see_any_more() {
    let world = acme_with(&json!({ "invitationDays": 3 })).await;
    active(&world, ADA, TECH, "administrator").await;
    for (email, scope) in [(LEA, SUMMIT), (MAX, MEETUP)] {
        invite(&world, ADA, scope, &json!({ "email": email, "role": "reader" })).await.expect(201);
    }
    world.deliver().await;
    invite(&world, OWNER, SUMMIT, &json!({ "email": ADA, "role": "administrator" }))
        .await
        .expect(201);
    assign(&world, OWNER, (TECH, ADA), &json!({ "role": "contributor" })).await.expect(200);
    world.wait(DAY * 3);
    let [digest] = &digests(&world, ADA).await[..] else { panic!("one digest") };
    assert!(digest.text.contains(LEA) && !digest.text.contains(MAX), "{}", digest.text);
}

#[tokio::test]
async fn what_the_platform_sent_is_in_no_digest() {
    let world = acme().await;
    let body = json!({ "email": LEA, "role": "observer" });
    let path = format!("/v1/scopes/{TECH}/collaborators");
    post(&world, &Principal::platform(), &path, &body).await.expect(201);
    world.deliver().await;
    world.wait(DAY * 15);
    assert_eq!(digests(&world, OWNER).await.len(), 0);
}

#[tokio::test]
async fn two_concurrent_audits_queue_one_digest() {
    let world = acme().await;
    invited(&world, MAX, "acme:tech", "administrator").await;
    world.wait(Duration::from_mins(2));
    resend(&world, &Principal::platform(), ("acme:tech", MAX)).await.expect(202);
    log_in(&world, MAX).await.expect(200);
    for email in [LEA, "ivo@example.org"] {
        let body = json!({ "email": email, "role": "reader" });
        invite(&world, MAX, "acme:tech", &body).await.expect(201);
        world.deliver().await;
        send_event(&world, email, "bounce").await;
        assert_eq!(overtaken(&world, Invocation::Audit, Invocation::Audit).await, ["done", "done"]);
        assert_eq!(queued(&world, MAX).await, ["invitation-digest"], "{email}");
        world.wait(DAY);
    }
}
