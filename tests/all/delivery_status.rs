//! The SES events of an invitation mail: in any order, late, repeated, or about a collaborator who is gone.

use std::time::Duration;

use coulisses_aws::table::Invited;
use coulisses_domain::{
    ids::{CollaboratorId, MailId},
    scope::ClientId,
    time::DAY,
};
use coulisses_tests::{Fault, Principal, World, text};
use serde_json::{Value, json};

use crate::support::{
    LEA, MAX, OWNER, TECH, acme, active, etag_of, get, id_of, invited, log_in, resend, revoke,
    rows, seats, seen, token_of,
};

/// `acme` with Léa invited and the mail accepted by SES.
async fn lea_got_a_mail() -> World {
    let world = acme().await;
    invited(&world, LEA, TECH, "observer").await;
    world.deliver().await;
    world
}

/// The event of SES for the last mail to `to`, with the tags of that mail.
fn event(world: &World, to: &str, kind: &str) -> Value {
    let mail = world.ses.mails_to(to).pop().unwrap();
    let mut tags = json!({ "ses:configuration-set": [mail.request["ConfigurationSetName"]] });
    for tag in mail.request["EmailTags"].as_array().unwrap() {
        tags[tag["Name"].as_str().unwrap()] = json!([tag["Value"]]);
    }
    let recipients = json!([{ "emailAddress": to }]);
    let bounce = |of: &str, sub: &str| json!({ "bounceType": of, "bounceSubType": sub, "bouncedRecipients": recipients });
    let (event_type, body) = match kind {
        "bounce" => ("Bounce", bounce("Permanent", "General")),
        "suppressed" => ("Bounce", bounce("Permanent", "OnAccountSuppressionList")),
        "soft bounce" => ("Bounce", bounce("Transient", "MailboxFull")),
        "reject" => ("Reject", json!({ "reason": "Bad content" })),
        "complaint" => ("Complaint", json!({ "complainedRecipients": recipients })),
        "delivery" => ("Delivery", json!({ "recipients": [to], "smtpResponse": "250 ok" })),
        other => (other, json!({})),
    };
    let mut detail = json!({
        "eventType": event_type,
        "mail": {
            "timestamp": "2026-11-22T12:00:00.000Z", "messageId": "1", "destination": [to], "tags": tags,
            "commonHeaders": { "to": [to] },
        },
    });
    detail[event_type.to_lowercase()] = body;
    json!({
        "version": "0", "id": "1", "detail-type": format!("Email {event_type}"), "source": "aws.ses",
        "account": "123456789012", "time": "2026-11-22T12:00:01Z", "region": "eu-west-3", "resources": [],
        "detail": detail,
    })
}

pub async fn send_event(world: &World, to: &str, kind: &str) {
    world.ses_event(event(world, to, kind)).await.unwrap();
}

/// The undeliverable invitations that an audit finds.
async fn undeliverable(world: &World) -> Value {
    world.audit().await;
    let seats = get(world, OWNER, "/v1/scopes/acme/seats").await.expect(200);
    seats.body["lastAudit"]["undeliverable"].clone()
}

/// The delivery of Léa's invitation in the list.
async fn delivery(world: &World) -> String {
    let list = get(world, OWNER, "/v1/scopes/acme:tech/collaborators?q=lea").await.expect(200);
    list.text("/collaborators/0/invitation/delivery").to_owned()
}

#[tokio::test]
async fn ses_events_in_any_order_lead_to_the_right_delivery() {
    for (kinds, shown) in [
        (vec!["delivery"], "delivered"),
        (vec!["bounce"], "bounced"),
        (vec!["reject"], "failed"),
        (vec!["soft bounce"], "sent"),
        (vec!["complaint"], "sent"),
        (vec!["delivery", "delivery"], "delivered"),
        (vec!["delivery", "complaint"], "delivered"),
        (vec!["delivery", "soft bounce"], "delivered"),
        (vec!["soft bounce", "delivery"], "delivered"),
        (vec!["delivery", "bounce"], "bounced"),
        (vec!["bounce", "delivery"], "bounced"),
        (vec!["bounce", "bounce", "delivery", "soft bounce"], "bounced"),
        (vec!["reject", "delivery", "bounce"], "failed"),
        (vec!["Send", "Open", "DeliveryDelay"], "sent"),
    ] {
        let world = lea_got_a_mail().await;
        let etag = etag_of(&world, LEA).await;
        for kind in &kinds {
            send_event(&world, LEA, kind).await;
        }
        assert_eq!(delivery(&world).await, shown, "{kinds:?}");
        assert_eq!(etag_of(&world, LEA).await, etag, "the version does not change");
    }
}

#[tokio::test]
async fn an_event_that_arrives_before_the_mail_is_marked_as_sent_is_not_overwritten() {
    for (kind, shown) in [("delivery", "delivered"), ("bounce", "bounced")] {
        let world = acme().await;
        invited(&world, LEA, TECH, "observer").await;
        // SES accepts the mail, but the record is updated only by the next delivery of the row.
        world.break_calls(|trip| {
            let update = trip.request["UpdateExpression"].as_str().unwrap_or_default();
            update.contains("sentAt").then_some(Fault::Unreachable)
        });
        world.deliver().await;
        world.break_calls(|_| None);
        assert_eq!(delivery(&world).await, "queued");
        send_event(&world, LEA, kind).await;
        assert_eq!(delivery(&world).await, shown);
        world.wait(DAY / 24);
        world.sweep().await;
        assert_eq!(delivery(&world).await, shown);
        let lea = seen(&world, "acme", LEA).await;
        assert_eq!(lea.text("/invitation/sentAt"), "2026-11-22T13:00:00.000Z");
        assert!(rows(&world, "O#").await.is_empty());
    }
}

#[tokio::test]
async fn events_of_an_older_mail_are_ignored() {
    let world = lea_got_a_mail().await;
    let old = event(&world, LEA, "bounce");
    world.wait(DAY);
    resend(&world, &Principal::user(OWNER), (TECH, LEA)).await.expect(202);
    world.ses_event(old.clone()).await.unwrap();
    assert_eq!(delivery(&world).await, "queued");
    world.deliver().await;
    world.ses_event(old).await.unwrap();
    assert_eq!(delivery(&world).await, "sent");
    send_event(&world, LEA, "delivery").await;
    assert_eq!(delivery(&world).await, "delivered");
}

#[tokio::test]
async fn events_of_accepted_or_revoked_invitations_and_of_other_mails_change_nothing() {
    let world = lea_got_a_mail().await;
    let invitation = event(&world, LEA, "bounce");
    log_in(&world, LEA).await;
    let accepted = world.dump().await;
    world.ses_event(invitation.clone()).await.unwrap();
    assert_eq!(world.dump().await, accepted);

    invited(&world, LEA, "acme:rh", "reader").await;
    world.deliver().await;
    let before = world.dump().await;
    send_event(&world, LEA, "bounce").await;
    assert_eq!(world.dump().await, before, "the delivery of other mails is not shown");

    for scope in ["acme:rh", TECH] {
        revoke(&world, OWNER, (scope, LEA)).await.expect(200);
    }
    let gone = world.dump().await;
    world.ses_event(invitation).await.unwrap();
    assert_eq!(world.dump().await, gone, "the record is not recreated");
}

#[tokio::test]
async fn a_bounced_invitation_can_be_resent_or_revoked() {
    let world = lea_got_a_mail().await;
    send_event(&world, LEA, "bounce").await;
    assert_eq!(undeliverable(&world).await, 1);
    assert_eq!(seats(&world).await, json!([null, 2]), "the seat stays in use");

    world.wait(DAY);
    resend(&world, &Principal::user(OWNER), (TECH, LEA)).await.expect(202);
    assert_eq!(delivery(&world).await, "queued");
    let token = token_of(&world, LEA).await;
    send_event(&world, LEA, "delivery").await;
    assert_eq!(delivery(&world).await, "delivered");
    assert_eq!(undeliverable(&world).await, 0);
    crate::support::accept(&world, &Principal::user(LEA), &token).await.expect(200);

    invited(&world, "typo@example.org", TECH, "observer").await;
    world.deliver().await;
    send_event(&world, "typo@example.org", "bounce").await;
    revoke(&world, OWNER, (TECH, "typo@example.org")).await.expect(200);
    assert_eq!(seats(&world).await, json!([null, 2]));
}

#[tokio::test]
async fn a_suppressed_address_is_shown_until_the_next_mail() {
    let world = lea_got_a_mail().await;
    send_event(&world, LEA, "suppressed").await;
    let shown = async |world: &World| seen(world, TECH, LEA).await.body["invitation"].clone();
    let invitation = shown(&world).await;
    assert_eq!(
        (&invitation["delivery"], &invitation["suppressed"]),
        (&json!("bounced"), &json!(true))
    );
    world.wait(Duration::from_mins(1));
    resend(&world, &Principal::user(OWNER), (TECH, LEA)).await.expect(202);
    assert_eq!(shown(&world).await["suppressed"], Value::Null);
    world.deliver().await;
    send_event(&world, LEA, "bounce").await;
    let invitation = shown(&world).await;
    assert_eq!(
        (&invitation["delivery"], &invitation["suppressed"]),
        (&json!("bounced"), &Value::Null)
    );
}

#[tokio::test]
async fn a_bounced_invitation_that_is_accepted_is_not_undeliverable_any_more() {
    let world = lea_got_a_mail().await;
    send_event(&world, LEA, "bounce").await;
    log_in(&world, LEA).await;
    assert_eq!(undeliverable(&world).await, 0);
}

#[tokio::test]
async fn an_unknown_event_is_accepted_and_changes_nothing() {
    let world = lea_got_a_mail().await;
    let before = world.dump().await;
    let changed = |pointer: &str, value: Value| {
        let mut event = event(&world, LEA, "bounce");
        *event.pointer_mut(pointer).unwrap() = value;
        event
    };
    let other = id_of(&world, "unknown@example.org");
    for event in [
        json!(null),
        json!([]),
        json!("aws.ses"),
        json!({}),
        json!({ "source": "aws.ses", "detail": {} }),
        json!({ "source": "aws.events", "detail-type": "Scheduled Event", "detail": {} }),
        changed("/source", json!("mallory")),
        changed("/detail/mail", json!({})),
        changed("/detail/mail/tags", json!({ "client": ["acme"] })),
        changed("/detail/mail/tags", json!("client")),
        changed("/detail/mail/tags/client", json!("acme")),
        changed("/detail/mail/tags/client", json!([])),
        changed("/detail/mail/tags/client", json!(["acme", "expo"])),
        changed("/detail/mail/tags/client", json!(["acme#P"])),
        changed("/detail/mail/tags/client", json!(["expo"])),
        changed("/detail/mail/tags/collaborator", json!(["P#"])),
        changed("/detail/mail/tags/collaborator", json!([other])),
        changed("/detail/mail/tags/sending", json!(["01ARZ3NDEKTSV4RRFFQ69G5FAV"])),
        changed("/detail/mail/tags/sending", json!([""])),
        changed("/detail/eventType", json!(7)),
        changed("/detail/eventType", json!("Explosion")),
        changed("/detail/bounce", json!("hard")),
        changed("/detail/bounce/bounceType", json!("Undetermined")),
    ] {
        world.ses_event(event.clone()).await.unwrap();
        assert_eq!(world.dump().await, before, "{event}");
    }
}

#[tokio::test]
async fn an_unreachable_table_is_an_error_so_that_the_event_is_retried() {
    let world = lea_got_a_mail().await;
    let bounce = event(&world, LEA, "bounce");
    world.set_table_down(true);
    assert!(world.ses_event(bounce.clone()).await.is_err());
    world.set_table_down(false);
    assert_eq!(delivery(&world).await, "sent");
    world.ses_event(bounce).await.unwrap();
    assert_eq!(delivery(&world).await, "bounced");
}

#[tokio::test]
async fn bounces_rejects_and_complaints_are_counted() {
    let world = lea_got_a_mail().await;
    active(&world, MAX, TECH, "observer").await;
    for kind in ["delivery", "bounce", "soft bounce", "reject", "complaint", "Open"] {
        send_event(&world, LEA, kind).await;
    }
    let lines = world.metrics();
    let counted: Vec<String> = lines
        .iter()
        .map(|line| {
            assert_eq!(line["function"], "delivery-status");
            let name = &line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"];
            format!("{} {}", name.as_str().unwrap(), line[name.as_str().unwrap()])
        })
        .collect();
    assert_eq!(counted, ["Bounces 1", "BouncesForNow 1", "Rejects 1", "Complaints 1"]);
    assert!(!format!("{lines:?}").contains('@'));
}

#[tokio::test]
async fn an_invitation_that_is_not_in_the_outbox_any_more_is_shown_as_failed() {
    let world = acme().await;
    invited(&world, LEA, TECH, "observer").await;
    invited(&world, MAX, TECH, "observer").await;
    let (sk, _) = rows(&world, "O#")
        .await
        .into_iter()
        .find(|(_, row)| row["collaborator"].as_s().unwrap() == &id_of(&world, LEA))
        .unwrap();
    let pk = rows(&world, "O#").await[&sk]["pk"].clone();
    let delete = world.dynamodb().delete_item().table_name("coulisses").key("pk", pk);
    delete.key("sk", text(sk.clone())).send().await.unwrap();
    world.wait(Duration::from_hours(1));
    assert_eq!(undeliverable(&world).await, 1);
    assert_eq!(delivery(&world).await, "failed");
    let max = seen(&world, TECH, MAX).await.expect(200);
    assert_eq!(max.text("/invitation/delivery"), "queued", "the mail is in the outbox");
}

#[tokio::test]
async fn an_invitation_that_was_sent_meanwhile_does_not_fail() {
    let world = lea_got_a_mail().await;
    let (client, id) = (ClientId::parse("acme").unwrap(), id_of(&world, LEA));
    let record = world.item("acme", &format!("P#{id}")).await;
    let mail_id = record["invitation"].as_m().unwrap()["sending"].as_s().unwrap();
    let (id, mail_id) = (CollaboratorId::parse(&id).unwrap(), MailId::new(mail_id.clone()));
    let invited = Invited { client: &client, id: &id, mail_id: &mail_id };
    assert!(!world.app.table.record_lost(invited, world.app.clock.now()).await.unwrap());
    assert_eq!(delivery(&world).await, "sent");
}
