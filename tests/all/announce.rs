//! `POST /v1/scopes/{scope}/announcements`: one mail to each collaborator with access at a scope.

use std::time::Duration;

use coulisses_domain::{mail_budget::MailLimits, time::DAY};
use coulisses_tests::{Answer, Principal, SentMail, World};
use serde_json::{Value, json};

use crate::support::{
    LEA, MAX, MEETUP, OWNER, SUMMIT, TECH, acme, acme_with, active, furnished, get, id_of, invite,
    invited, log_in, post, revoke, rows, seats,
};

/// Announces as `by`.
pub async fn announce(world: &World, by: &str, scope: &str) -> Answer {
    let body = json!({ "subject": "Maintenance ce soir", "text": "Fermeture à 20 h.\nMerci." });
    announce_text(world, by, scope, &body).await
}

async fn announce_text(world: &World, by: &str, scope: &str, body: &Value) -> Answer {
    let path = format!("/v1/scopes/{scope}/announcements");
    post(world, &Principal::user(by), &path, body).await
}

/// Delivers the announcement, which queues its mails, then the mails.
pub async fn deliver(world: &World) {
    for _ in 0..2 {
        assert_eq!(world.deliver().await, deliver::BatchResponse::default());
    }
    assert_eq!(rows(world, "O#").await.len(), 0);
}

pub fn recipients(mails: &[SentMail]) -> Vec<String> {
    let mut to: Vec<String> = mails.iter().map(|mail| mail.to.clone()).collect();
    to.sort();
    to
}

/// `acme` with collaborators at each level, and others whose access is pending, expired, ended or revoked.
pub async fn staffed() -> World {
    let world = acme().await;
    for (email, scope, role) in [
        ("client@example.org", "acme", "reader"),
        ("audience@example.org", TECH, "administrator"),
        ("event@example.org", SUMMIT, "observer"),
        ("sister@example.org", MEETUP, "administrator"),
        ("community@example.org", "acme:tech:alumni", "reader"),
        ("rh@example.org", "acme:rh", "reader"),
        ("revoked@example.org", SUMMIT, "reader"),
    ] {
        active(&world, email, scope, role).await;
    }
    revoke(&world, OWNER, (SUMMIT, "revoked@example.org")).await.expect(200);
    let ending = |email: &str| json!({ "email": email, "role": "administrator", "expiresAt": "2026-11-23T12:00:00Z" });
    for email in ["ended@example.org", "ended-here@example.org"] {
        invite(&world, OWNER, SUMMIT, &ending(email)).await.expect(201);
        log_in(&world, email).await;
    }
    invited(&world, "ended-here@example.org", "acme:rh", "reader").await;
    invited(&world, "expired@example.org", "acme", "administrator").await;
    world.wait(DAY * 14);
    invited(&world, "pending@example.org", "acme", "administrator").await;
    world.deliver().await;
    world
}

#[tokio::test]
async fn an_announcement_reaches_exactly_the_collaborators_with_access_at_the_scope_or_below() {
    let world = staffed().await;
    let (client, audience) = (["client@example.org", OWNER], ["audience@example.org"]);
    let tech = ["event@example.org", "sister@example.org", "community@example.org"];
    let rh = ["ended-here@example.org", "rh@example.org"];
    for (scope, right) in [
        ("acme", [&client[..], &audience, &tech, &rh].concat()),
        (TECH, [&client[..], &audience, &tech].concat()),
        ("acme:rh", [&client[..], &rh].concat()),
        (SUMMIT, [&client[..], &audience, &tech[..1]].concat()),
        (MEETUP, [&client[..], &audience, &tech[1..2]].concat()),
        ("acme:tech:alumni", [&client[..], &audience, &tech[2..]].concat()),
    ] {
        let mut right = right;
        right.sort_unstable();
        let before = world.ses.mails().len();
        let answer = announce(&world, OWNER, scope).await.expect(202);
        assert_eq!(answer.body, json!({ "recipients": right.len() }), "{scope}");
        deliver(&world).await;
        assert_eq!(recipients(&world.ses.mails()[before..]), right, "{scope}");
    }
}

#[tokio::test]
async fn where_only_owners_grant_access_only_owners_announce() {
    let world = acme_with(&json!({ "granting": "owner" })).await;
    active(&world, LEA, "acme", "administrator").await;
    assert_eq!(announce(&world, LEA, "acme").await.outcome(), "403 forbidden");
    assert_eq!(announce(&world, OWNER, "acme").await.status, 202);
}

#[tokio::test]
async fn the_mail_names_the_sender_and_the_scope_in_the_language_of_the_recipient() {
    let world = acme().await;
    let body = json!({ "email": LEA, "role": "reader", "name": "Léa", "locale": "en" });
    invite(&world, OWNER, SUMMIT, &body).await.expect(201);
    log_in(&world, LEA).await;
    active(&world, MAX, SUMMIT, "reader").await;
    world.deliver().await;
    announce(&world, OWNER, SUMMIT).await.expect(202);
    deliver(&world).await;
    let (lea, max) = (&world.ses.mails_to(LEA)[0], &world.ses.mails_to(MAX)[0]);
    assert_eq!(
        (lea.subject.as_str(), max.subject.as_str()),
        ("Maintenance ce soir", "Maintenance ce soir")
    );
    let english =
        "Hello Léa,\n\nOdile sent this message to everyone with access to Summit 2027 (Acme).\n";
    assert!(lea.text.starts_with(english), "{}", lea.text);
    let french = "Odile écrit à toutes les personnes qui ont accès à Summit 2027 (Acme).";
    assert!(max.text.contains(french) && max.html.contains(french), "{}", max.text);
    assert!(max.text.contains("\n  Fermeture à 20 h.\n  Merci.\n"), "{}", max.text);
    assert!(max.html.contains("Fermeture à 20 h.<br>Merci."), "{}", max.html);
}

#[tokio::test]
async fn line_17_text_of_an_announcement_never_becomes_a_link_or_an_image_in_the_html() {
    let evil = "<a href=\"https://evil.test\">ici</a> <img src=x> & www.evil.test </title><script>";
    let url = "https://evil.test/?a=1&b=2";
    let world = acme().await;
    let body = json!({ "subject": evil, "text": format!("{evil}\n{url}\nmailto:eve@evil.test") });
    announce_text(&world, OWNER, "acme", &body).await.expect(202);
    deliver(&world).await;
    let mail = world.ses.mails().pop().unwrap();
    for inert in ["<a", "<img", "<script", "href=\"", "src=\""] {
        assert!(!mail.html.contains(inert), "{inert} in {}", mail.html);
    }
    assert_eq!(mail.html.matches("</title>").count(), 1);
    let broken = |text: &str| {
        text.replace("://", ": //").replace("www.", "www. ").replace("evil.", "evil. ")
    };
    assert!(mail.html.contains("https: //evil. test/?a=1&#38;b=2"), "{}", mail.html);
    assert!(mail.text.contains(&broken(evil)), "plain text is not escaped: {}", mail.text);
    assert!(mail.text.contains(&broken(url)), "{}", mail.text);
    assert_eq!(mail.subject, broken(evil));
}

#[tokio::test]
async fn line_17_a_subject_is_one_line_of_120_characters_and_a_text_lines_of_2_000() {
    let world = acme().await;
    let long = |number| "é".repeat(number);
    let lines = "une\r\n\r\ndeux\n\ttrois";
    for (subject, text) in
        [("x".to_owned(), "x".to_owned()), (long(120), long(2_000)), ("x".into(), lines.into())]
    {
        let body = json!({ "subject": subject, "text": text });
        announce_text(&world, OWNER, "acme", &body).await.expect(202);
    }
    deliver(&world).await;
    let before = world.dump().await;
    let mut wrong = vec![
        ("Subject".to_owned(), long(2_001), vec!["/text"]),
        (long(121), "Text".into(), vec!["/subject"]),
        (" ".into(), "\n".into(), vec!["/subject", "/text"]),
        ("a\nb".into(), "Text".into(), vec!["/subject"]),
        ("a\r\nBcc: eve@evil.test".into(), "Text".into(), vec!["/subject"]),
    ];
    for bad in ["a\rb", "a\0b", "a\u{2028}b", "a\u{2029}b", "a\u{85}b", "a\u{202e}b", "a\u{1b}b"] {
        wrong.push((bad.into(), bad.into(), vec!["/subject", "/text"]));
    }
    for (subject, text, right) in wrong {
        let body = json!({ "subject": subject, "text": text });
        let refused = announce_text(&world, OWNER, "acme", &body).await;
        assert_eq!(refused.outcome(), "422 invalid-field", "{subject:?}");
        let errors = refused.body["errors"].as_array().unwrap().iter();
        let pointers: Vec<&str> = errors.map(|error| error["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, right, "{subject:?}");
    }
    for body in
        [json!({ "subject": "x" }), json!({ "text": "x" }), json!({ "subject": null, "text": "x" })]
    {
        let refused = announce_text(&world, OWNER, "acme", &body).await;
        assert_eq!(refused.outcome(), "400 malformed", "{body}");
    }
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn a_giver_sends_eight_of_the_twenty_announcements_of_a_day() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "administrator").await;
    for _ in 0..8 {
        announce(&world, OWNER, "acme").await.expect(202);
    }
    let before = world.dump().await;
    for scope in ["acme", "acme:rh"] {
        let refused = announce(&world, OWNER, scope).await;
        assert_eq!(refused.outcome(), "429 mail-limit", "{scope}");
        assert_eq!(refused.body["budget"], "giver");
        assert_eq!(refused.header("retry-after"), (12 * 60 * 60).to_string());
    }
    assert_eq!(world.dump().await, before);
    announce(&world, LEA, SUMMIT).await.expect(202);
    invited(&world, "new@example.org", "acme", "reader").await;
    world.wait(DAY / 2 - Duration::from_millis(1));
    assert_eq!(announce(&world, OWNER, "acme").await.outcome(), "429 mail-limit");
    world.wait(Duration::from_millis(1));
    announce(&world, OWNER, "acme").await.expect(202);
}

#[tokio::test]
async fn the_daily_limit_is_a_setting_of_the_deployment() {
    let limits = MailLimits { announcements: 5, ..MailLimits::default() };
    let world = furnished(World::with_limits(limits).await, &json!({})).await;
    for outcome in ["202", "202", "429 mail-limit"] {
        assert_eq!(announce(&world, OWNER, "acme").await.outcome(), outcome);
    }
}

#[tokio::test]
async fn an_announcement_is_one_row_written_with_its_count_on_condition_of_the_senders_access() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "administrator").await;
    world.deliver().await;
    drop(world.trips());
    announce(&world, LEA, SUMMIT).await.expect(202);
    let trips = world.trips();
    let operations: Vec<&str> = trips.iter().map(|trip| trip.operation.as_str()).collect();
    assert_eq!(operations, ["Query", "BatchGetItem", "TransactWriteItems"]);
    let actions = trips[2].request["TransactItems"].as_array().unwrap();
    let kinds: Vec<&String> =
        actions.iter().flat_map(|it| it.as_object().unwrap().keys()).collect();
    assert_eq!(kinds, ["Update", "ConditionCheck", "Put"]);
    let held = &actions[1]["ConditionCheck"]["Key"]["sk"]["S"];
    assert_eq!(*held, json!(format!("P#{}", id_of(&world, LEA))));
    let rows = rows(&world, "O#").await;
    let (sk, row) = rows.first_key_value().unwrap();
    assert_eq!((rows.len(), sk.len()), (1, 26), "one row under a ULID");
    let text = |name: &str| row["announced"].as_m().unwrap()[name].as_s().unwrap().clone();
    assert_eq!(
        (text("subject"), text("text")),
        ("Maintenance ce soir".into(), "Fermeture à 20 h.\nMerci.".into())
    );
    assert!(!row.contains_key("cursor"));
}

#[tokio::test]
async fn recipients_are_checked_when_the_mails_are_written_and_again_when_they_are_sent() {
    let world = acme().await;
    for email in ["early@example.org", "late@example.org", "stays@example.org"] {
        active(&world, email, SUMMIT, "reader").await;
    }
    active(&world, LEA, "acme:rh", "reader").await;
    world.deliver().await;
    let before = world.ses.mails().len();
    assert_eq!(announce(&world, OWNER, SUMMIT).await.body["recipients"], 4);
    revoke(&world, OWNER, (SUMMIT, "early@example.org")).await.expect(200);
    invited(&world, LEA, SUMMIT, "reader").await;
    assert_eq!(expand(&world).await, json!([]));
    revoke(&world, OWNER, (SUMMIT, "late@example.org")).await.expect(200);
    world.deliver().await;
    assert_eq!(rows(&world, "O#").await.len(), 0);
    let announced = |mail: &&SentMail| mail.subject == "Maintenance ce soir";
    let mails = world.ses.mails();
    let mails: Vec<SentMail> = mails[before..].iter().filter(announced).cloned().collect();
    assert_eq!(recipients(&mails), [LEA, OWNER, "stays@example.org"]);
}

/// Sends only the announcement's row to `deliver`, as the stream does; returns the failed records.
async fn expand(world: &World) -> Value {
    let rows = rows(world, "O#").await;
    let (sk, row) = rows.iter().find(|(_, row)| row.contains_key("announced")).unwrap();
    let keys = json!({ "pk": { "S": row["pk"].as_s().unwrap() }, "sk": { "S": sk } });
    let record =
        json!({ "eventName": "INSERT", "dynamodb": { "Keys": keys, "SequenceNumber": "7" } });
    let answer = world.invoke_deliver(json!({ "Records": [record] })).await.unwrap();
    serde_json::to_value(answer).unwrap()["batchItemFailures"].clone()
}

#[tokio::test]
async fn the_tags_of_the_mails_have_only_characters_that_ses_accepts() {
    let world = acme().await;
    announce(&world, OWNER, "acme").await.expect(202);
    let mail_id = rows(&world, "O#").await.into_keys().next().unwrap();
    deliver(&world).await;
    let mail = world.ses.mails().pop().unwrap();
    let tags = mail.request["EmailTags"].as_array().unwrap();
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let value = |tag: &Value| tag["Value"].as_str().unwrap().to_owned();
    assert!(tags.iter().all(|tag| value(tag).chars().all(allowed)), "{tags:?}");
    let values: Vec<String> = tags.iter().map(value).collect();
    assert_eq!(values, ["acme".to_owned(), id_of(&world, OWNER), mail_id]);
}

#[tokio::test]
async fn an_announcement_changes_no_access_version_or_seat() {
    let world = acme().await;
    let before = (rows(&world, "H#").await.len(), seats(&world).await);
    let version = get(&world, OWNER, "/v1/scopes/acme").await.etag().to_owned();
    announce(&world, OWNER, "acme").await.expect(202);
    deliver(&world).await;
    assert_eq!((rows(&world, "H#").await.len(), seats(&world).await), before);
    assert_eq!(get(&world, OWNER, "/v1/scopes/acme").await.etag(), version);
}
