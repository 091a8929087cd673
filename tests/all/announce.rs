//! `POST /v1/scopes/{scope}/mails`: a message goes to everybody who works at a scope, once each.

use std::time::Duration;

use coulisses_domain::{client::MailLimits, time::DAY};
use coulisses_tests::{Answer, Fault, SentMail, Who, World};
use serde_json::{Value, json};

use crate::support::{
    acme, acme_with, active, furnished, get, id_of, invite, log_in, post, revoke, rows, seats,
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";
const SUMMIT: &str = "acme:tech:summit";
const MINUTE: Duration = Duration::from_mins(1);

/// Writes to everybody as `by`.
pub async fn write(world: &World, by: &str, scope: &str) -> Answer {
    write_as(world, &Who::person(by), scope).await
}

async fn write_as(world: &World, who: &Who, scope: &str) -> Answer {
    let body = json!({ "subject": "Maintenance ce soir", "text": "Fermeture à 20 h.\nMerci." });
    post(world, who, &format!("/v1/scopes/{scope}/announcements"), &body).await
}

/// Everything that the stream brings: the message itself, then its mails.
async fn deliver(world: &World) {
    for _ in 0..2 {
        assert_eq!(world.deliver().await, deliver::BatchAnswer::default());
    }
    assert_eq!(rows(world, "O#").await.len(), 0);
}

pub fn receivers(mails: &[SentMail]) -> Vec<String> {
    let mut to: Vec<String> = mails.iter().map(|mail| mail.to.clone()).collect();
    to.sort();
    to
}

/// Whom a message that `by` writes at `scope` reaches, each named as often as it comes.
async fn reached(world: &World, by: &str, scope: &str) -> Vec<String> {
    let before = world.ses.mails().len();
    let written = write(world, by, scope).await.expect(202);
    deliver(world).await;
    let reached = receivers(&world.ses.mails()[before..]);
    assert_eq!(written.body, json!({ "recipients": reached.len() }), "{scope}");
    reached
}

/// `acme` with somebody at each level, and some who are not there (any more).
async fn staffed() -> World {
    let world = acme().await;
    for (email, scope, role) in [
        ("client@example.org", "acme", "reader"),
        ("audience@example.org", "acme:tech", "administrator"),
        ("event@example.org", SUMMIT, "observer"),
        ("sister@example.org", "acme:tech:meetup", "administrator"),
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
    let body = json!({ "email": "ended-here@example.org", "role": "reader" });
    invite(&world, OWNER, "acme:rh", &body).await.expect(201);
    let body = json!({ "email": "expired@example.org", "role": "administrator" });
    invite(&world, OWNER, "acme", &body).await.expect(201);
    world.wait(DAY * 14);
    let body = json!({ "email": "pending@example.org", "role": "administrator" });
    invite(&world, OWNER, "acme", &body).await.expect(201);
    world.deliver().await;
    world
}

#[tokio::test]
async fn it_reaches_all_whose_access_counts_there_or_below_and_nobody_else() {
    let world = staffed().await;
    let (client, audience) = (["client@example.org", OWNER], ["audience@example.org"]);
    let tech = ["event@example.org", "sister@example.org", "community@example.org"];
    let rh = ["ended-here@example.org", "rh@example.org"];
    for (scope, right) in [
        ("acme", [&client[..], &audience, &tech, &rh].concat()),
        ("acme:tech", [&client[..], &audience, &tech].concat()),
        ("acme:rh", [&client[..], &rh].concat()),
        (SUMMIT, [&client[..], &audience, &tech[..1]].concat()),
        ("acme:tech:meetup", [&client[..], &audience, &tech[1..2]].concat()),
        ("acme:tech:alumni", [&client[..], &audience, &tech[2..]].concat()),
    ] {
        let mut right = right;
        right.sort_unstable();
        assert_eq!(reached(&world, OWNER, scope).await, right, "{scope}");
    }
}

#[tokio::test]
async fn whoever_may_give_access_there_writes_and_nobody_else() {
    let world = staffed().await;
    active(&world, LEA, SUMMIT, "administrator").await;
    world.deliver().await;
    for (by, scope, told) in [
        (OWNER, "acme", "202"),
        (OWNER, SUMMIT, "202"),
        ("audience@example.org", "acme:tech", "202"),
        ("audience@example.org", SUMMIT, "202"),
        (LEA, SUMMIT, "202"),
        (LEA, "acme:tech:meetup", "404 scope-not-found"),
        (LEA, "acme:tech", "404 scope-not-found"),
        ("client@example.org", "acme", "403 forbidden"),
        ("event@example.org", SUMMIT, "403 forbidden"),
        ("pending@example.org", "acme", "404 scope-not-found"),
        ("ended@example.org", SUMMIT, "404 scope-not-found"),
        ("expired@example.org", "acme", "404 scope-not-found"),
        ("revoked@example.org", SUMMIT, "404 scope-not-found"),
        ("stranger@example.org", "acme", "404 scope-not-found"),
        (OWNER, "acme:nothing", "404 scope-not-found"),
        (OWNER, "other", "404 scope-not-found"),
    ] {
        let before = rows(&world, "O#").await.len();
        assert_eq!(write(&world, by, scope).await.told(), told, "{by} at {scope}");
        let more = usize::from(told == "202");
        assert_eq!(rows(&world, "O#").await.len(), before + more, "{by} at {scope}");
    }
    let platform = write_as(&world, &Who::platform(), "acme").await;
    assert_eq!(platform.told(), "403 forbidden");
    let other_account = Who::person(OWNER).with("sub", "another account");
    assert_eq!(write_as(&world, &other_account, "acme").await.status, 404);
}

#[tokio::test]
async fn where_only_owners_give_access_only_they_write() {
    let world = acme_with(&json!({ "granting": "owner" })).await;
    active(&world, LEA, "acme", "administrator").await;
    assert_eq!(write(&world, LEA, "acme").await.told(), "403 forbidden");
    assert_eq!(write(&world, OWNER, "acme").await.status, 202);
}

#[tokio::test]
async fn the_mail_says_who_writes_of_which_scope_in_the_readers_language() {
    let world = acme().await;
    let body = json!({ "email": LEA, "role": "reader", "name": "Léa", "locale": "en" });
    invite(&world, OWNER, SUMMIT, &body).await.expect(201);
    log_in(&world, LEA).await;
    active(&world, "max@example.org", SUMMIT, "reader").await;
    world.deliver().await;
    write(&world, OWNER, SUMMIT).await.expect(202);
    deliver(&world).await;
    let (lea, max) = (&world.ses.mails_to(LEA)[0], &world.ses.mails_to("max@example.org")[0]);
    assert_eq!(
        (lea.subject.as_str(), max.subject.as_str()),
        ("Maintenance ce soir", "Maintenance ce soir")
    );
    let english = "Hello Léa,\n\nOdile writes to everybody with access to Summit 2027 (Acme).\n";
    assert!(lea.text.starts_with(english), "{}", lea.text);
    let french = "Odile écrit à toutes les personnes qui ont accès à Summit 2027 (Acme).";
    assert!(max.text.contains(french) && max.html.contains(french), "{}", max.text);
    assert!(max.text.contains("\n  Fermeture à 20 h.\n  Merci.\n"), "{}", max.text);
    assert!(max.html.contains("Fermeture à 20 h.<br>Merci."), "{}", max.html);
}

/// Security, line 17.
#[tokio::test]
async fn line_17_nothing_that_is_written_becomes_a_link_or_a_picture_in_the_page() {
    let evil = "<a href=\"https://evil.test\">ici</a> <img src=x> & www.evil.test </title><script>";
    let url = "https://evil.test/?a=1&b=2";
    let world = acme().await;
    let body = json!({ "subject": evil, "text": format!("{evil}\n{url}\nmailto:eve@evil.test") });
    post(&world, &Who::person(OWNER), "/v1/scopes/acme/announcements", &body).await.expect(202);
    deliver(&world).await;
    let mail = world.ses.mails().pop().unwrap();
    for inert in ["<a", "<img", "<script", "href=\"", "src=\""] {
        assert!(!mail.html.contains(inert), "{inert} in {}", mail.html);
    }
    assert_eq!(mail.html.matches("</title>").count(), 1);
    assert!(mail.html.contains("https://evil.test/?a=1&#38;b=2"), "{}", mail.html);
    assert!(mail.text.contains(evil) && mail.text.contains(url), "plain text is what was written");
    assert_eq!(mail.subject, evil);
}

/// Security, line 17.
#[tokio::test]
async fn line_17_a_subject_is_one_line_of_120_characters_and_a_text_some_of_2_000() {
    let world = acme().await;
    let long = |number| "é".repeat(number);
    let lines = "une\r\n\r\ndeux\n\ttrois";
    for (subject, text) in
        [("x".to_owned(), "x".to_owned()), (long(120), long(2_000)), ("x".into(), lines.into())]
    {
        let body = json!({ "subject": subject, "text": text });
        post(&world, &Who::person(OWNER), "/v1/scopes/acme/announcements", &body).await.expect(202);
    }
    deliver(&world).await;
    let before = world.everything().await;
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
        let refused =
            post(&world, &Who::person(OWNER), "/v1/scopes/acme/announcements", &body).await;
        assert_eq!(refused.told(), "422 invalid-field", "{subject:?}");
        let errors = refused.body["errors"].as_array().unwrap().iter();
        let pointers: Vec<&str> = errors.map(|error| error["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, right, "{subject:?}");
    }
    for body in
        [json!({ "subject": "x" }), json!({ "text": "x" }), json!({ "subject": null, "text": "x" })]
    {
        let refused =
            post(&world, &Who::person(OWNER), "/v1/scopes/acme/announcements", &body).await;
        assert_eq!(refused.told(), "400 malformed", "{body}");
    }
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn a_client_sends_twenty_a_day_and_again_the_next_day() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "administrator").await;
    for number in 0..20 {
        let by = if number % 2 == 0 { (OWNER, "acme") } else { (LEA, SUMMIT) };
        write(&world, by.0, by.1).await.expect(202);
    }
    let before = world.everything().await;
    for (by, scope) in [(OWNER, "acme"), (OWNER, "acme:rh"), (LEA, SUMMIT)] {
        let refused = write(&world, by, scope).await;
        assert_eq!(refused.told(), "429 mail-limit", "{by}");
        assert_eq!(refused.header("retry-after"), (12 * 60 * 60).to_string());
    }
    assert_eq!(world.everything().await, before);
    let body = json!({ "email": "new@example.org", "role": "reader" });
    invite(&world, OWNER, "acme", &body).await.expect(201);
    world.wait(DAY / 2 - Duration::from_millis(1));
    assert_eq!(write(&world, OWNER, "acme").await.told(), "429 mail-limit");
    world.wait(Duration::from_millis(1));
    write(&world, OWNER, "acme").await.expect(202);
}

#[tokio::test]
async fn how_many_a_day_is_a_setting_of_the_deployment() {
    let limits = MailLimits { announcements: 2, ..MailLimits::default() };
    let world = furnished(World::with_limits(limits).await, &json!({})).await;
    let mut told = Vec::new();
    for _ in 0..3 {
        told.push(write(&world, OWNER, "acme").await.told());
    }
    assert_eq!(told, ["202", "202", "429 mail-limit"]);
}

#[tokio::test]
async fn it_is_one_row_written_with_its_count_while_the_sender_may_still_write() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "administrator").await;
    world.deliver().await;
    drop(world.trips());
    write(&world, LEA, SUMMIT).await.expect(202);
    let trips = world.trips();
    let operations: Vec<&str> = trips.iter().map(|trip| trip.operation.as_str()).collect();
    assert_eq!(operations, ["Query", "TransactWriteItems"]);
    let actions = trips[1].request["TransactItems"].as_array().unwrap();
    let kinds: Vec<&String> =
        actions.iter().flat_map(|it| it.as_object().unwrap().keys()).collect();
    assert_eq!(kinds, ["Update", "ConditionCheck", "Put"]);
    let held = &actions[1]["ConditionCheck"]["Key"]["sk"]["S"];
    assert_eq!(*held, json!(format!("P#{}", id_of(&world, LEA))));
    let rows = rows(&world, "O#").await;
    let (sk, row) = rows.first_key_value().unwrap();
    assert_eq!((rows.len(), sk.len()), (1, 26), "one row under a ulid");
    let text = |name: &str| row["announced"].as_m().unwrap()[name].as_s().unwrap().clone();
    assert_eq!(
        (text("subject"), text("text")),
        ("Maintenance ce soir".into(), "Fermeture à 20 h.\nMerci.".into())
    );
    assert!(!row.contains_key("cursor"));
}

#[tokio::test]
async fn whoever_loses_the_access_meanwhile_gets_nothing_and_whoever_gets_it_does() {
    let world = acme().await;
    for email in ["early@example.org", "late@example.org", "stays@example.org"] {
        active(&world, email, SUMMIT, "reader").await;
    }
    active(&world, LEA, "acme:rh", "reader").await;
    world.deliver().await;
    let before = world.ses.mails().len();
    assert_eq!(write(&world, OWNER, SUMMIT).await.body["recipients"], 4);
    revoke(&world, OWNER, (SUMMIT, "early@example.org")).await.expect(200);
    let body = json!({ "email": LEA, "role": "reader" });
    invite(&world, OWNER, SUMMIT, &body).await.expect(201);
    assert_eq!(write_out(&world).await, json!([]));
    revoke(&world, OWNER, (SUMMIT, "late@example.org")).await.expect(200);
    world.deliver().await;
    assert_eq!(rows(&world, "O#").await.len(), 0);
    let told = |mail: &&SentMail| mail.subject == "Maintenance ce soir";
    let mails: Vec<SentMail> = world.ses.mails()[before..].iter().filter(told).cloned().collect();
    assert_eq!(receivers(&mails), [LEA, OWNER, "stays@example.org"]);
}

/// Hands the message alone to `deliver`, as the stream would; the records that failed.
async fn write_out(world: &World) -> Value {
    let rows = rows(world, "O#").await;
    let (sk, row) = rows.iter().find(|(_, row)| row.contains_key("announced")).unwrap();
    let keys = json!({ "pk": { "S": row["pk"].as_s().unwrap() }, "sk": { "S": sk } });
    let record =
        json!({ "eventName": "INSERT", "dynamodb": { "Keys": keys, "SequenceNumber": "7" } });
    let answer = world.wake_deliver(json!({ "Records": [record] })).await.unwrap();
    serde_json::to_value(answer).unwrap()["batchItemFailures"].clone()
}

#[tokio::test]
async fn a_table_that_is_down_loses_no_message() {
    let world = acme().await;
    world.set_table_down(true);
    assert_eq!(write(&world, OWNER, "acme").await.told(), "503 try-again");
    world.set_table_down(false);
    write(&world, OWNER, "acme").await.expect(202);
    // The emulator is asked for the rows by another client, so only what `deliver` reads is broken.
    world.break_calls(|trip| (trip.operation == "Query").then_some(Fault::Unreachable));
    assert_eq!(write_out(&world).await, json!([{ "itemIdentifier": "7" }]));
    world.set_table_down(false);
    world.wait(MINUTE * 2);
    world.sweep().await;
    world.deliver().await;
    assert_eq!(world.ses.mails_to(OWNER).len(), 1);
}

#[tokio::test]
async fn the_tags_of_the_mails_are_such_as_ses_takes() {
    let world = acme().await;
    write(&world, OWNER, "acme").await.expect(202);
    let message = rows(&world, "O#").await.into_keys().next().unwrap();
    deliver(&world).await;
    let mail = world.ses.mails().pop().unwrap();
    let tags = mail.request["EmailTags"].as_array().unwrap();
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let value = |tag: &Value| tag["Value"].as_str().unwrap().to_owned();
    assert!(tags.iter().all(|tag| value(tag).chars().all(allowed)), "{tags:?}");
    let values: Vec<String> = tags.iter().map(value).collect();
    assert_eq!(values, ["acme".to_owned(), id_of(&world, OWNER), message]);
}

#[tokio::test]
async fn it_changes_nobodys_access_and_no_version_and_takes_no_seat() {
    let world = acme().await;
    let before = (rows(&world, "H#").await.len(), seats(&world).await);
    let version = get(&world, OWNER, "/v1/scopes/acme").await.etag().to_owned();
    write(&world, OWNER, "acme").await.expect(202);
    deliver(&world).await;
    assert_eq!((rows(&world, "H#").await.len(), seats(&world).await), before);
    assert_eq!(get(&world, OWNER, "/v1/scopes/acme").await.etag(), version);
}
