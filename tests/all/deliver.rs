//! The mail that the outbox holds: once sent, never lost, and only while it is wanted.

use std::time::Duration;

use coulisses_aws::table::key::Key;
use coulisses_domain::{time::DAY, token::Token};
use coulisses_tests::{Fault, Who, World};
use serde_json::{Value, json};

use crate::support::{
    accept, acme, active, id_of, invite, log_in, preview, resend, revoke, rows, seen,
};

const LEA: &str = "lea@example.org";
const MINUTE: Duration = Duration::from_mins(1);
const SECOND: Duration = Duration::from_secs(1);

/// `acme` where Léa was just invited to the summit.
async fn lea_is_invited() -> World {
    let world = acme().await;
    invite_to_summit(&world, LEA).await;
    world
}

async fn invite_to_summit(world: &World, email: &str) {
    let body = json!({ "email": email, "role": "observer" });
    invite(world, "owner@acme.test", "acme:tech:summit", &body).await.expect(201);
}

/// The keys of the rows in the outbox, the oldest first.
async fn outbox(world: &World) -> Vec<Key> {
    let rows = rows(world, "O#").await.into_iter();
    rows.map(|(sk, row)| Key { pk: row["pk"].as_s().unwrap().clone(), sk }).collect()
}

/// What the stream hands over when `keys` were inserted; the sequence numbers count from 0.
fn inserted(keys: &[Key]) -> Value {
    let records = keys.iter().enumerate();
    let records: Vec<Value> = records.map(|(number, key)| record("INSERT", key, number)).collect();
    json!({ "Records": records })
}

fn record(name: &str, key: &Key, number: usize) -> Value {
    let keys = json!({ "pk": { "S": key.pk }, "sk": { "S": key.sk } });
    json!({
        "eventName": name,
        "eventSource": "aws:dynamodb",
        "dynamodb": { "Keys": keys, "SequenceNumber": number.to_string(), "StreamViewType": "KEYS_ONLY" },
    })
}

/// Wakes `deliver`; the sequence numbers of the records that failed.
async fn failures(world: &World, event: Value) -> Vec<Value> {
    let answer = serde_json::to_value(world.wake_deliver(event).await.unwrap()).unwrap();
    let failed = answer["batchItemFailures"].as_array().unwrap().iter();
    failed.map(|failed| failed["itemIdentifier"].clone()).collect()
}

/// What became of the invitation of somebody, as the list shows it: `sent since 2026-11-22T12:00:00Z`.
async fn delivery(world: &World, email: &str) -> String {
    let invitation = &seen(world, "acme", email).await.expect(200).body["invitation"];
    let since = invitation["sentAt"].as_str().map(|at| format!(" since {at}"));
    format!("{}{}", invitation["delivery"].as_str().unwrap(), since.unwrap_or_default())
}

#[tokio::test]
async fn an_invitation_goes_out_once_and_its_row_is_gone() {
    let world = lea_is_invited().await;
    let event = inserted(&outbox(&world).await);
    assert_eq!(failures(&world, event.clone()).await, [Value::Null; 0]);
    assert_eq!(world.ses.mails_to(LEA).len(), 1);
    assert!(outbox(&world).await.is_empty());
    assert_eq!(failures(&world, event).await, [Value::Null; 0], "the stream may say it again");
    world.wait(MINUTE * 10);
    world.sweep().await;
    assert_eq!(world.ses.mails().len(), 1);
}

#[tokio::test]
async fn of_the_token_only_its_hash_is_kept_and_the_link_works() {
    let world = lea_is_invited().await;
    world.deliver().await;
    let token = world.ses.mails_to(LEA)[0].token();
    let everything = world.everything().await;
    let hash = Token::parse(&token).unwrap().hash().to_hex();
    assert!(everything.contains(&hash));
    assert!(!everything.contains(token.rsplit('.').next().unwrap()));
    assert_eq!(preview(&world, &token).await.expect(200).text("/email"), LEA);
    accept(&world, &Who::person(LEA), &token).await.expect(200);
}

#[tokio::test]
async fn the_list_tells_what_became_of_the_mail() {
    let world = lea_is_invited().await;
    assert_eq!(delivery(&world, LEA).await, "queued");
    world.wait(SECOND * 5);
    let version = seen(&world, "acme", LEA).await.etag().to_owned();
    world.deliver().await;
    assert_eq!(delivery(&world, LEA).await, "sent since 2026-11-22T12:00:05Z");
    assert_eq!(seen(&world, "acme", LEA).await.etag(), version, "no change that anybody made");
}

#[tokio::test]
async fn an_invitation_that_was_replaced_is_not_sent_and_its_successor_is() {
    let world = lea_is_invited().await;
    world.wait(MINUTE);
    let summit = ("acme:tech:summit", LEA);
    resend(&world, &Who::person("owner@acme.test"), summit).await.expect(202);
    let both = outbox(&world).await;
    assert_eq!(both.len(), 2);
    assert_eq!(failures(&world, inserted(&both[..1])).await, [Value::Null; 0]);
    assert_eq!(world.ses.mails().len(), 0);
    assert_eq!(outbox(&world).await, both[1..]);
    world.deliver().await;
    let mails = world.ses.mails_to(LEA);
    assert_eq!(mails.len(), 1);
    preview(&world, &mails[0].token()).await.expect(200);
}

#[tokio::test]
async fn an_invitation_that_was_accepted_taken_or_has_expired_is_not_sent() {
    for end in ["accepted", "taken", "expired"] {
        let world = lea_is_invited().await;
        match end {
            "accepted" => drop(log_in(&world, LEA).await),
            "taken" => {
                let taken = revoke(&world, "owner@acme.test", ("acme:tech:summit", LEA)).await;
                assert_eq!(taken.status, 200);
            }
            _ => world.wait(DAY * 14),
        }
        assert_eq!(world.deliver().await, deliver::BatchAnswer::default(), "{end}");
        assert_eq!(world.ses.mails().len(), 0, "{end}");
        assert!(outbox(&world).await.is_empty(), "{end}");
    }
}

#[tokio::test]
async fn a_row_that_another_delivery_has_leased_is_left_to_it_for_a_minute() {
    let world = lea_is_invited().await;
    let rows = outbox(&world).await;
    world.app.table.lease(&rows[0], world.now()).await.unwrap().unwrap();
    world.deliver().await;
    world.wait(MINUTE - Duration::from_millis(1));
    world.deliver().await;
    assert_eq!(world.ses.mails().len(), 0);
    assert_eq!(outbox(&world).await, rows);
    world.wait(Duration::from_millis(1));
    world.deliver().await;
    assert_eq!(world.ses.mails().len(), 1);
}

#[tokio::test]
async fn deliveries_at_once_send_one_mail() {
    let world = lea_is_invited().await;
    let event = inserted(&outbox(&world).await);
    let (one, other) =
        tokio::join!(failures(&world, event.clone()), failures(&world, event.clone()));
    assert_eq!([one, other].concat(), [Value::Null; 0]);
    assert_eq!(world.ses.mails().len(), 1);
}

#[tokio::test]
async fn a_mail_may_come_twice_and_the_link_of_the_last_one_works() {
    let world = lea_is_invited().await;
    let event = inserted(&outbox(&world).await);
    // Sent, but the row could not be removed.
    world.break_calls(|trip| (trip.operation == "DeleteItem").then_some(Fault::Unreachable));
    assert_eq!(failures(&world, event.clone()).await, ["0"]);
    world.set_table_down(false);
    let first = world.ses.mails_to(LEA)[0].token();
    preview(&world, &first).await.expect(200);
    world.wait(MINUTE);
    assert_eq!(failures(&world, event).await, [Value::Null; 0]);
    let last = world.ses.mails_to(LEA)[1].token();
    assert_eq!(preview(&world, &first).await.told(), "404 invitation-not-found");
    preview(&world, &last).await.expect(200);
    assert!(outbox(&world).await.is_empty());
}

#[tokio::test]
async fn a_mail_that_ses_cannot_take_now_stays_and_is_sent_later() {
    for down in [false, true] {
        let world = lea_is_invited().await;
        world.ses.set_down(down);
        world.ses.refuse(Some((429, "TooManyRequestsException")));
        let event = inserted(&outbox(&world).await);
        assert_eq!(failures(&world, event.clone()).await, [Value::Null; 0], "the sweep has it");
        assert_eq!(delivery(&world, LEA).await, "queued");
        world.ses.set_down(false);
        world.ses.refuse(None);
        world.wait(SECOND * 29);
        failures(&world, event).await;
        assert_eq!(world.ses.mails().len(), 0, "it waits 30 seconds");
        world.wait(MINUTE * 2);
        world.sweep().await;
        assert_eq!(world.ses.mails().len(), 1);
        assert_eq!(delivery(&world, LEA).await, "sent since 2026-11-22T12:02:29Z");
        assert!(outbox(&world).await.is_empty());
    }
}

#[tokio::test]
async fn only_what_is_wrong_with_the_mail_itself_is_given_up_at_once() {
    for (exception, told, rows) in [
        ("MessageRejected", "failed", 0),
        ("BadRequestException", "failed", 0),
        ("MailFromDomainNotVerifiedException", "queued", 1),
        ("AccountSuspendedException", "queued", 1),
        ("SendingPausedException", "queued", 1),
        ("LimitExceededException", "queued", 1),
        ("NotFoundException", "queued", 1),
    ] {
        let world = lea_is_invited().await;
        world.ses.refuse(Some((400, exception)));
        world.deliver().await;
        assert_eq!(delivery(&world, LEA).await, told, "{exception}");
        assert_eq!(outbox(&world).await.len(), rows, "{exception}");
    }
}

#[tokio::test]
async fn a_mail_that_failed_can_be_sent_again() {
    let world = lea_is_invited().await;
    world.ses.refuse(Some((400, "MessageRejected")));
    world.deliver().await;
    world.ses.refuse(None);
    world.wait(MINUTE);
    let summit = ("acme:tech:summit", LEA);
    resend(&world, &Who::person("owner@acme.test"), summit).await.expect(202);
    assert_eq!(delivery(&world, LEA).await, "queued");
    world.deliver().await;
    assert_eq!(delivery(&world, LEA).await, "sent since 2026-11-22T12:01:00Z");
}

#[tokio::test]
async fn a_mail_is_given_up_after_a_day_of_trying() {
    let world = lea_is_invited().await;
    world.ses.refuse(Some((400, "SendingPausedException")));
    world.wait(DAY - SECOND);
    world.sweep().await;
    assert_eq!(delivery(&world, LEA).await, "queued");
    world.wait(SECOND * 30);
    world.sweep().await;
    assert_eq!(delivery(&world, LEA).await, "failed");
    assert!(outbox(&world).await.is_empty());
}

#[tokio::test]
async fn a_record_that_fails_is_named_and_the_others_are_done() {
    let world = acme().await;
    for number in 0..3 {
        invite_to_summit(&world, &format!("p{number}@example.org")).await;
    }
    let keys = outbox(&world).await;
    let broken = keys[1].sk.clone();
    world.break_calls(move |trip| {
        trip.request.to_string().contains(&broken).then_some(Fault::Unreachable)
    });
    assert_eq!(failures(&world, inserted(&keys)).await, ["1"]);
    assert_eq!(world.ses.mails().len(), 2);
    assert_eq!(outbox(&world).await, keys[1..2]);
}

#[tokio::test]
async fn a_table_that_is_down_loses_no_mail() {
    let world = lea_is_invited().await;
    let event = inserted(&outbox(&world).await);
    world.set_table_down(true);
    assert_eq!(failures(&world, event).await, ["0"]);
    let scheduled = json!({ "detail-type": "Scheduled Event", "detail": {} });
    assert!(world.wake_deliver(scheduled).await.is_err(), "EventBridge wakes it again");
    world.set_table_down(false);
    world.wait(MINUTE * 2);
    world.sweep().await;
    assert_eq!(world.ses.mails().len(), 1);
}

#[tokio::test]
async fn the_sweep_takes_what_the_stream_missed_for_two_minutes() {
    let world = lea_is_invited().await;
    world.wait(MINUTE * 2 - Duration::from_millis(1));
    world.sweep().await;
    assert_eq!(world.ses.mails().len(), 0);
    world.wait(Duration::from_millis(1));
    world.sweep().await;
    assert_eq!(world.ses.mails().len(), 1);
    assert!(outbox(&world).await.is_empty());
}

#[tokio::test]
async fn the_first_sweep_may_be_told_to_take_all() {
    let world = lea_is_invited().await;
    world.wake_deliver(json!({ "detail": { "olderThanSeconds": 0 } })).await.unwrap();
    assert_eq!(world.ses.mails().len(), 1);
}

#[tokio::test]
async fn one_bad_row_does_not_stop_the_sweep() {
    let world = acme().await;
    for number in 0..3 {
        invite_to_summit(&world, &format!("p{number}@example.org")).await;
    }
    let keys = outbox(&world).await;
    let update = world.dynamodb().update_item().table_name("coulisses");
    let text = |value: &str| aws_sdk_dynamodb::types::AttributeValue::S(value.to_owned());
    let update = update.key("pk", text(&keys[0].pk)).key("sk", text(&keys[0].sk));
    let update = update.update_expression("SET kind = :kind");
    update.expression_attribute_values(":kind", text("of another world")).send().await.unwrap();
    world.wait(MINUTE * 2);
    world.sweep().await;
    assert_eq!(world.ses.mails().len(), 2);
    assert_eq!(outbox(&world).await, keys[..1], "for somebody to look at");
}

#[tokio::test]
async fn whatever_is_no_new_row_of_the_outbox_is_passed_over() {
    let world = lea_is_invited().await;
    let rows = outbox(&world).await;
    let client = Key { pk: "C#acme".into(), sk: "#".into() };
    let lookalike = Key { pk: "OO#1".into(), sk: "O#1".into() };
    let records = [
        record("MODIFY", &rows[0], 0),
        record("REMOVE", &rows[0], 1),
        record("INSERT", &client, 2),
        record("INSERT", &lookalike, 3),
    ];
    drop(world.trips());
    assert_eq!(failures(&world, json!({ "Records": records })).await, [Value::Null; 0]);
    assert_eq!(world.trips().len(), 0);
    assert_eq!(outbox(&world).await, rows);
}

#[tokio::test]
async fn news_of_a_removal_reaches_somebody_whose_record_is_gone() {
    let world = acme().await;
    active(&world, LEA, "acme:tech:summit", "observer").await;
    world.deliver().await;
    revoke(&world, "owner@acme.test", ("acme:tech:summit", LEA)).await.expect(200);
    assert_eq!(seen(&world, "acme", LEA).await.told(), "404 collaborator-not-found");
    world.deliver().await;
    let mails = world.ses.mails_to(LEA);
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject, "Votre accès à Summit 2027 a été retiré");
    assert!(outbox(&world).await.is_empty());
}

#[tokio::test]
async fn ses_is_told_whose_events_to_send_back_and_who_writes() {
    let world = lea_is_invited().await;
    let mail_id = outbox(&world).await[0].sk.clone();
    world.deliver().await;
    let request = &world.ses.mails()[0].request;
    let tag = |name: &str, value: &str| json!({ "Name": name, "Value": value });
    assert_eq!(
        request["EmailTags"],
        json!([
            tag("client", "acme"),
            tag("collaborator", &id_of(&world, LEA)),
            tag("sending", &mail_id)
        ])
    );
    assert_eq!(request["ConfigurationSetName"], "coulisses");
    assert_eq!(request["FromEmailAddress"], "Coulisses <access@coulisses.test>");
    assert_eq!(request["Destination"], json!({ "ToAddresses": [LEA] }));
}

#[tokio::test]
async fn mail_goes_to_the_address_as_it_was_written_its_domain_as_the_dns_spells_it() {
    for (written, sent_to) in [
        ("Lea.Martin+Summit@Example.org", "Lea.Martin+Summit@Example.org"),
        ("  lea@example.org ", "lea@example.org"),
        ("Lea@Bücher.example", "Lea@xn--bcher-kva.example"),
    ] {
        let world = acme().await;
        invite_to_summit(&world, written).await;
        world.deliver().await;
        let to: Vec<String> = world.ses.mails().into_iter().map(|mail| mail.to).collect();
        assert_eq!(to, [sent_to], "{written}");
    }
}
