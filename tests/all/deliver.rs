//! Sending the queued mails: each once, none lost, and only while it is still due.

use std::time::Duration;

use coulisses_aws::table::key::Key;
use coulisses_domain::{time::DAY, token::Token};
use coulisses_tests::{Fault, Principal, World, text};
use serde_json::{Value, json};

use crate::support::{
    LEA, OWNER, SUMMIT, accept, acme, active, id_of, invited, log_in, preview, resend, revoke,
    rows, seen,
};

const MINUTE: Duration = Duration::from_mins(1);
const SECOND: Duration = Duration::from_secs(1);

/// `acme` with Léa just invited to the summit.
async fn lea_is_invited() -> World {
    let world = acme().await;
    invite_to_summit(&world, LEA).await;
    world
}

async fn invite_to_summit(world: &World, email: &str) {
    invited(world, email, SUMMIT, "observer").await;
}

/// The keys of the outbox rows, oldest first.
async fn outbox(world: &World) -> Vec<Key> {
    let rows = rows(world, "O#").await.into_iter();
    rows.map(|(sk, row)| Key { pk: row["pk"].as_s().unwrap().clone(), sk }).collect()
}

/// The stream event for the insertion of `keys`, with sequence numbers from 0.
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

/// Invokes `deliver`; returns the sequence numbers of the failed records.
async fn failures(world: &World, event: Value) -> Vec<Value> {
    let answer = serde_json::to_value(world.invoke_deliver(event).await.unwrap()).unwrap();
    let failed = answer["batchItemFailures"].as_array().unwrap().iter();
    failed.map(|failed| failed["itemIdentifier"].clone()).collect()
}

/// The delivery of an invitation: `sent since 2026-11-22T12:00:00Z`.
async fn delivery(world: &World, email: &str) -> String {
    let invitation = &seen(world, "acme", email).await.expect(200).body["invitation"];
    let since = invitation["sentAt"].as_str().map(|at| format!(" since {at}"));
    format!("{}{}", invitation["delivery"].as_str().unwrap(), since.unwrap_or_default())
}

#[tokio::test]
async fn an_invitation_is_sent_once_and_its_row_deleted() {
    let world = lea_is_invited().await;
    let event = inserted(&outbox(&world).await);
    assert_eq!(failures(&world, event.clone()).await, [Value::Null; 0]);
    assert_eq!(world.ses.mails_to(LEA).len(), 1);
    assert!(outbox(&world).await.is_empty());
    assert_eq!(failures(&world, event).await, [Value::Null; 0], "the stream may repeat an event");
    world.wait(MINUTE * 10);
    world.sweep().await;
    assert_eq!(world.ses.mails().len(), 1);
}

#[tokio::test]
async fn only_the_hash_of_the_token_is_stored_and_the_link_works() {
    let world = lea_is_invited().await;
    world.deliver().await;
    let token = world.ses.mails_to(LEA)[0].token();
    let everything = world.dump().await;
    let hash = Token::parse(&token).unwrap().hash().to_hex();
    assert!(everything.contains(&hash));
    assert!(!everything.contains(token.rsplit('.').next().unwrap()));
    assert_eq!(preview(&world, &token).await.expect(200).text("/email"), LEA);
    accept(&world, &Principal::user(LEA), &token).await.expect(200);
}

#[tokio::test]
async fn the_list_shows_the_delivery_of_the_mail() {
    let world = lea_is_invited().await;
    assert_eq!(delivery(&world, LEA).await, "queued");
    world.wait(SECOND * 5);
    let version = seen(&world, "acme", LEA).await.etag().to_owned();
    world.deliver().await;
    assert_eq!(delivery(&world, LEA).await, "sent since 2026-11-22T12:00:05.000Z");
    assert_eq!(
        seen(&world, "acme", LEA).await.etag(),
        version,
        "a delivery is no change of the record"
    );
}

#[tokio::test]
async fn a_replaced_invitation_is_not_sent_and_its_successor_is() {
    let world = lea_is_invited().await;
    world.wait(MINUTE);
    let summit = (SUMMIT, LEA);
    resend(&world, &Principal::user(OWNER), summit).await.expect(202);
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
async fn an_accepted_revoked_or_expired_invitation_is_not_sent() {
    for end in ["accepted", "revoked", "expired"] {
        let world = lea_is_invited().await;
        match end {
            "accepted" => drop(log_in(&world, LEA).await),
            "revoked" => drop(revoke(&world, OWNER, (SUMMIT, LEA)).await.expect(200)),
            _ => world.wait(DAY * 14),
        }
        assert_eq!(world.deliver().await, deliver::BatchResponse::default(), "{end}");
        assert_eq!(world.ses.mails().len(), 0, "{end}");
        assert!(outbox(&world).await.is_empty(), "{end}");
        if end == "expired" {
            let lea = seen(&world, SUMMIT, LEA).await.expect(200);
            assert_eq!(lea.text("/invitation/delivery"), "failed");
        }
    }
}

#[tokio::test]
async fn a_leased_row_is_left_to_its_holder_for_a_minute() {
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
async fn a_batch_of_the_stream_ends_after_40_seconds_and_hands_the_rest_back() {
    let world = acme().await;
    for number in 0..3 {
        invited(&world, &format!("p{number}@example.org"), SUMMIT, "observer").await;
    }
    let event = inserted(&outbox(&world).await);
    // Each mail takes some calls.
    world.advance_with_each_call(SECOND * 15);
    assert_eq!(failures(&world, event).await, ["1"], "and with it the next");
    assert_eq!(world.ses.mails().len(), 1);
}

#[tokio::test]
async fn concurrent_deliveries_send_one_mail() {
    let world = lea_is_invited().await;
    let event = inserted(&outbox(&world).await);
    let (one, other) =
        tokio::join!(failures(&world, event.clone()), failures(&world, event.clone()));
    assert_eq!([one, other].concat(), [Value::Null; 0]);
    assert_eq!(world.ses.mails().len(), 1);
}

#[tokio::test]
async fn a_mail_sent_twice_has_a_working_link_in_the_last_one() {
    let world = lea_is_invited().await;
    let event = inserted(&outbox(&world).await);
    // The mail is sent, but the row cannot be deleted.
    world.break_calls(|trip| (trip.operation == "DeleteItem").then_some(Fault::Unreachable));
    assert_eq!(failures(&world, event.clone()).await, ["0"]);
    world.set_table_down(false);
    let first = world.ses.mails_to(LEA)[0].token();
    preview(&world, &first).await.expect(200);
    world.wait(MINUTE);
    assert_eq!(failures(&world, event).await, [Value::Null; 0]);
    let last = world.ses.mails_to(LEA)[1].token();
    assert_eq!(preview(&world, &first).await.outcome(), "404 invitation-not-found");
    preview(&world, &last).await.expect(200);
    assert!(outbox(&world).await.is_empty());
}

/// The stream retries a failed record within the minute of the lease.
#[tokio::test]
async fn a_failed_row_is_retried_at_once_if_its_mail_was_not_sent_and_only_then() {
    for operation in ["BatchGetItem", "DeleteItem"] {
        let world = lea_is_invited().await;
        let event = inserted(&outbox(&world).await);
        world.break_calls(move |trip| (trip.operation == operation).then_some(Fault::Unreachable));
        assert_eq!(failures(&world, event.clone()).await, ["0"], "{operation}");
        let before = world.ses.mails().len();
        assert_eq!(before, usize::from(operation == "DeleteItem"), "{operation}");
        world.set_table_down(false);
        world.wait(SECOND);
        assert_eq!(failures(&world, event).await, [Value::Null; 0], "{operation}");
        assert_eq!(world.ses.mails().len(), 1, "{operation}");
    }
}

#[tokio::test]
async fn a_mail_that_ses_cannot_accept_now_is_retried() {
    for down in [false, true] {
        let world = lea_is_invited().await;
        world.ses.set_down(down);
        world.ses.refuse(Some((429, "TooManyRequestsException")));
        let event = inserted(&outbox(&world).await);
        assert_eq!(failures(&world, event.clone()).await, [Value::Null; 0], "the sweep retries it");
        assert_eq!(delivery(&world, LEA).await, "queued");
        world.ses.set_down(false);
        world.ses.refuse(None);
        world.wait(SECOND * 29);
        failures(&world, event).await;
        assert_eq!(world.ses.mails().len(), 0, "it waits 30 seconds");
        world.wait(MINUTE * 2);
        world.sweep().await;
        assert_eq!(world.ses.mails().len(), 1);
        assert_eq!(delivery(&world, LEA).await, "sent since 2026-11-22T12:02:29.000Z");
        assert!(outbox(&world).await.is_empty());
    }
}

#[tokio::test]
async fn only_a_defect_of_the_mail_itself_is_given_up_immediately_and_can_be_resent() {
    for (exception, shown, rows) in [
        ("BadRequestException", "failed", 0),
        // SES returns it for an unverified sender and in the sandbox too, which can pass.
        ("MessageRejected", "queued", 1),
        ("MailFromDomainNotVerifiedException", "queued", 1),
        ("AccountSuspendedException", "queued", 1),
        ("SendingPausedException", "queued", 1),
        ("LimitExceededException", "queued", 1),
        ("NotFoundException", "queued", 1),
    ] {
        let world = lea_is_invited().await;
        world.ses.refuse(Some((400, exception)));
        world.deliver().await;
        assert_eq!(delivery(&world, LEA).await, shown, "{exception}");
        assert_eq!(outbox(&world).await.len(), rows, "{exception}");
        if rows == 0 {
            world.ses.refuse(None);
            world.wait(MINUTE);
            resend(&world, &Principal::user(OWNER), (SUMMIT, LEA)).await.expect(202);
            assert_eq!(delivery(&world, LEA).await, "queued");
            world.deliver().await;
            assert_eq!(delivery(&world, LEA).await, "sent since 2026-11-22T12:01:00.000Z");
        }
    }
}

#[tokio::test]
async fn a_mail_is_given_up_after_a_day_of_retries() {
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
async fn a_failed_record_is_reported_and_the_others_are_processed() {
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
async fn a_failing_table_loses_no_mail() {
    let world = lea_is_invited().await;
    let event = inserted(&outbox(&world).await);
    world.set_table_down(true);
    assert_eq!(failures(&world, event).await, ["0"]);
    let scheduled = json!({ "detail-type": "Scheduled Event", "detail": {} });
    assert!(world.invoke_deliver(scheduled).await.is_err(), "EventBridge retries");
    world.set_table_down(false);
    world.wait(MINUTE * 2);
    world.sweep().await;
    assert_eq!(world.ses.mails().len(), 1);
}

#[tokio::test]
async fn the_sweep_sends_mails_that_the_stream_missed_for_two_minutes_or_the_given_time() {
    let world = lea_is_invited().await;
    world.invoke_deliver(json!({ "detail": { "olderThanSeconds": 0 } })).await.unwrap();
    assert_eq!(world.ses.mails().len(), 1);
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
async fn one_bad_row_does_not_stop_the_sweep() {
    let world = acme().await;
    for number in 0..3 {
        invite_to_summit(&world, &format!("p{number}@example.org")).await;
    }
    let keys = outbox(&world).await;
    let bad = (keys[0].pk.as_str(), keys[0].sk.as_str());
    world.update(bad, "SET kind = :value", text("unknown".into())).await;
    world.wait(MINUTE * 2);
    world.sweep().await;
    assert_eq!(world.ses.mails().len(), 2);
    assert_eq!(outbox(&world).await, keys[..1], "the bad row stays for an operator");
}

#[tokio::test]
async fn records_that_are_not_new_rows_of_the_outbox_are_skipped() {
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
async fn the_mail_about_a_revocation_reaches_a_collaborator_whose_record_is_gone() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "observer").await;
    world.deliver().await;
    revoke(&world, OWNER, (SUMMIT, LEA)).await.expect(200);
    assert_eq!(seen(&world, "acme", LEA).await.outcome(), "404 collaborator-not-found");
    world.deliver().await;
    let mails = world.ses.mails_to(LEA);
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject, "Votre accès à Summit 2027 a été retiré");
    assert!(outbox(&world).await.is_empty());
}

#[tokio::test]
async fn the_mail_has_its_tags_configuration_set_and_sender() {
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
    assert_eq!(request["FromEmailAddress"], "=?UTF-8?B?T2RpbGUgKEFjbWUp?= <access@coulisses.test>");
    assert_eq!(request["Destination"], json!({ "ToAddresses": [LEA] }));
}

#[tokio::test]
async fn the_local_part_is_sent_as_written_and_the_domain_in_ascii() {
    for (written, sent_to) in [
        ("Lea.Martin+Summit@Example.org", "Lea.Martin+Summit@Example.org"),
        ("  lea@example.org ", LEA),
        ("Lea@Bücher.example", "Lea@xn--bcher-kva.example"),
    ] {
        let world = acme().await;
        invite_to_summit(&world, written).await;
        world.deliver().await;
        let to: Vec<String> = world.ses.mails().into_iter().map(|mail| mail.to).collect();
        assert_eq!(to, [sent_to], "{written}");
    }
}
