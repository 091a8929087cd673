//! What becomes of an invitation's mail, as SES tells it: in any order, late, twice, or about somebody gone.

use coulisses_domain::time::DAY;
use coulisses_tests::{Fault, Who, World};
use serde_json::{Value, json};

use crate::support::{
    acme, active, etag_of, get, id_of, invite, log_in, resend, revoke, rows, seats, seen, token_of,
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";

/// `acme` with Léa invited, and her mail taken by SES.
async fn lea_is_mailed() -> World {
    let world = acme().await;
    let body = json!({ "email": LEA, "role": "observer" });
    invite(&world, OWNER, "acme:tech", &body).await.expect(201);
    world.deliver().await;
    world
}

/// What SES tells of the last mail to `to`, with the tags that it was sent with.
fn event(world: &World, to: &str, kind: &str) -> Value {
    let mail = world.ses.mails_to(to).pop().unwrap();
    let mut tags = json!({ "ses:configuration-set": [mail.request["ConfigurationSetName"]] });
    for tag in mail.request["EmailTags"].as_array().unwrap() {
        tags[tag["Name"].as_str().unwrap()] = json!([tag["Value"]]);
    }
    let (event_type, told) = match kind {
        "bounce" => (
            "Bounce",
            json!({ "bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": [{ "emailAddress": to }] }),
        ),
        "soft bounce" => (
            "Bounce",
            json!({ "bounceType": "Transient", "bounceSubType": "MailboxFull", "bouncedRecipients": [{ "emailAddress": to }] }),
        ),
        "reject" => ("Reject", json!({ "reason": "Bad content" })),
        "complaint" => ("Complaint", json!({ "complainedRecipients": [{ "emailAddress": to }] })),
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
    detail[event_type.to_lowercase()] = told;
    json!({
        "version": "0", "id": "1", "detail-type": format!("Email {event_type}"), "source": "aws.ses",
        "account": "123456789012", "time": "2026-11-22T12:00:01Z", "region": "eu-west-3", "resources": [],
        "detail": detail,
    })
}

async fn happens(world: &World, to: &str, kind: &str) {
    world.ses_event(event(world, to, kind)).await.unwrap();
}

/// What became of Léa's invitation, as the list shows it.
async fn delivery(world: &World) -> String {
    let list = get(world, OWNER, "/v1/scopes/acme:tech/collaborators?q=lea").await.expect(200);
    list.text("/collaborators/0/invitation/delivery").to_owned()
}

#[tokio::test]
async fn what_ses_tells_is_shown_whatever_the_order() {
    for (news, shown) in [
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
        let world = lea_is_mailed().await;
        let etag = etag_of(&world, LEA).await;
        for kind in &news {
            happens(&world, LEA, kind).await;
        }
        assert_eq!(delivery(&world).await, shown, "{news:?}");
        assert_eq!(etag_of(&world, LEA).await, etag, "the version does not change");
    }
}

#[tokio::test]
async fn news_that_overtake_the_note_that_it_was_sent_are_not_undone_by_it() {
    for (kind, shown) in [("delivery", "delivered"), ("bounce", "bounced")] {
        let world = acme().await;
        let body = json!({ "email": LEA, "role": "observer" });
        invite(&world, OWNER, "acme:tech", &body).await.expect(201);
        // SES takes the mail, but that is noted only by the next delivery of the row.
        world.break_calls(|trip| {
            let noting = trip.request["UpdateExpression"].as_str().unwrap_or_default();
            noting.contains("sentAt").then_some(Fault::Unreachable)
        });
        world.deliver().await;
        world.break_calls(|_| None);
        assert_eq!(delivery(&world).await, "queued");
        happens(&world, LEA, kind).await;
        assert_eq!(delivery(&world).await, shown);
        world.wait(DAY / 24);
        world.sweep().await;
        assert_eq!(delivery(&world).await, shown);
        let lea = seen(&world, "acme", LEA).await;
        assert_eq!(lea.text("/invitation/sentAt"), "2026-11-22T13:00:00Z");
        assert!(rows(&world, "O#").await.is_empty());
    }
}

#[tokio::test]
async fn news_of_an_older_mail_are_passed_over() {
    let world = lea_is_mailed().await;
    let old = event(&world, LEA, "bounce");
    world.wait(DAY);
    resend(&world, &Who::person(OWNER), ("acme:tech", LEA)).await.expect(202);
    world.ses_event(old.clone()).await.unwrap();
    assert_eq!(delivery(&world).await, "queued");
    world.deliver().await;
    world.ses_event(old).await.unwrap();
    assert_eq!(delivery(&world).await, "sent");
    happens(&world, LEA, "delivery").await;
    assert_eq!(delivery(&world).await, "delivered");
}

#[tokio::test]
async fn news_of_an_invitation_that_is_accepted_taken_or_no_invitation_change_nothing() {
    let world = lea_is_mailed().await;
    let invitation = event(&world, LEA, "bounce");
    log_in(&world, LEA).await;
    let accepted = world.everything().await;
    world.ses_event(invitation.clone()).await.unwrap();
    assert_eq!(world.everything().await, accepted);

    let body = json!({ "email": LEA, "role": "reader" });
    invite(&world, OWNER, "acme:rh", &body).await.expect(201);
    world.deliver().await;
    let before = world.everything().await;
    happens(&world, LEA, "bounce").await;
    assert_eq!(world.everything().await, before, "other news are not shown");

    for scope in ["acme:rh", "acme:tech"] {
        revoke(&world, OWNER, (scope, LEA)).await.expect(200);
    }
    let gone = world.everything().await;
    world.ses_event(invitation).await.unwrap();
    assert_eq!(world.everything().await, gone, "nobody comes back by it");
}

#[tokio::test]
async fn an_invitation_that_bounced_can_be_sent_again_or_taken_back() {
    let world = lea_is_mailed().await;
    happens(&world, LEA, "bounce").await;
    world.audit().await;
    let shown = get(&world, OWNER, "/v1/scopes/acme/seats").await.expect(200);
    assert_eq!(shown.body["lastAudit"]["undeliverable"], 1);
    assert_eq!(shown.body["pending"], 1, "it holds its seat");

    world.wait(DAY);
    resend(&world, &Who::person(OWNER), ("acme:tech", LEA)).await.expect(202);
    assert_eq!(delivery(&world).await, "queued");
    let token = token_of(&world, LEA).await;
    happens(&world, LEA, "delivery").await;
    assert_eq!(delivery(&world).await, "delivered");
    world.audit().await;
    let shown = get(&world, OWNER, "/v1/scopes/acme/seats").await.expect(200);
    assert_eq!(shown.body["lastAudit"]["undeliverable"], 0);
    crate::support::accept(&world, &Who::person(LEA), &token).await.expect(200);

    let body = json!({ "email": "typo@example.org", "role": "observer" });
    invite(&world, OWNER, "acme:tech", &body).await.expect(201);
    world.deliver().await;
    happens(&world, "typo@example.org", "bounce").await;
    revoke(&world, OWNER, ("acme:tech", "typo@example.org")).await.expect(200);
    assert_eq!(seats(&world).await, json!([null, 2]));
}

#[tokio::test]
async fn a_bounced_invitation_that_is_accepted_all_the_same_is_no_more_undeliverable() {
    let world = lea_is_mailed().await;
    happens(&world, LEA, "bounce").await;
    log_in(&world, LEA).await;
    world.audit().await;
    let shown = get(&world, OWNER, "/v1/scopes/acme/seats").await.expect(200);
    assert_eq!(shown.body["lastAudit"]["undeliverable"], 0);
}

#[tokio::test]
async fn an_event_that_is_not_understood_is_done_with_and_changes_nothing() {
    let world = lea_is_mailed().await;
    let before = world.everything().await;
    let changed = |pointer: &str, value: Value| {
        let mut event = event(&world, LEA, "bounce");
        *event.pointer_mut(pointer).unwrap() = value;
        event
    };
    let other = id_of(&world, "somebody@example.org");
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
        assert_eq!(world.everything().await, before, "{event}");
    }
}

#[tokio::test]
async fn a_table_that_does_not_answer_is_an_error_so_that_the_event_is_handed_over_again() {
    let world = lea_is_mailed().await;
    let bounce = event(&world, LEA, "bounce");
    world.set_table_down(true);
    assert!(world.ses_event(bounce.clone()).await.is_err());
    world.set_table_down(false);
    assert_eq!(delivery(&world).await, "sent");
    world.ses_event(bounce).await.unwrap();
    assert_eq!(delivery(&world).await, "bounced");
}

#[tokio::test]
async fn what_goes_wrong_with_mails_is_counted() {
    let world = lea_is_mailed().await;
    active(&world, "max@example.org", "acme:tech", "observer").await;
    for kind in ["delivery", "bounce", "soft bounce", "reject", "complaint", "Open"] {
        happens(&world, LEA, kind).await;
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
