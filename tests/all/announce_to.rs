//! `to` of an announcement: only some of the people with access at a scope, or the caller alone.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::mail::MailKind;
use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::{Value, json};

use crate::{
    announce::{deliver, recipients, staffed},
    support::{
        EVE, LEA, OWNER, SUMMIT, TECH, acme, active, assign, invited, named, post, put_scope, rows,
    },
};

const SUBJECT: &str = "Maintenance ce soir";

fn body(to: &Value) -> Value {
    json!({ "subject": SUBJECT, "text": "Fermeture à 20 h.", "to": to })
}

async fn announce_to(world: &World, by: &Principal, scope: &str, to: &Value) -> Answer {
    post(world, by, &format!("/v1/scopes/{scope}/announcements"), &body(to)).await
}

#[tokio::test]
async fn an_announcement_reaches_exactly_the_people_of_its_filter_and_a_dry_run_counts_them() {
    let world = staffed().await;
    let snapshot = world.snapshot();
    let all = ["client", "audience", "event"];
    let administrators = json!({ "roles": ["owner", "administrator"] });
    for (scope, to, right) in [
        (SUMMIT, json!(null), &all[..]),
        (SUMMIT, json!({}), &all),
        (SUMMIT, json!({ "roles": null, "below": true, "onlyMe": false }), &all),
        (SUMMIT, json!({ "roles": ["observer"] }), &["event"]),
        (SUMMIT, json!({ "roles": ["observer", "reader"] }), &["client", "event"]),
        (TECH, json!({ "roles": ["reader"] }), &["client", "community"]),
        (TECH, administrators.clone(), &["audience", "sister"]),
        ("acme", json!({ "below": false }), &["client"]),
        (SUMMIT, json!({ "below": false }), &["event"]),
        (TECH, json!({ "roles": ["reader"], "below": true }), &["client", "community"]),
        ("acme:rh", json!({ "roles": ["reader"], "below": false }), &["ended-here", "rh"]),
        (SUMMIT, json!({ "onlyMe": true }), &[]),
    ] {
        world.restore(&snapshot);
        let owner = Principal::user(OWNER);
        let has_owner = to != json!({ "below": false }) || scope == "acme";
        let has_owner = has_owner && (to["roles"].is_null() || to == administrators);
        let mut right: Vec<String> = right.iter().map(|who| format!("{who}@example.org")).collect();
        right.extend(has_owner.then(|| OWNER.to_owned()));
        right.sort();
        let request = format!("/v1/scopes/{scope}/announcements?dryRun=true");
        let dry = post(&world, &owner, &request, &body(&to)).await.expect(200);
        assert_eq!(dry.body["body"], json!({ "recipients": right.len() }), "{scope} {to}");
        let before = world.ses.mails().len();
        let answer = announce_to(&world, &owner, scope, &to).await.expect(202);
        assert_eq!(answer.body, dry.body["body"], "{scope} {to}");
        deliver(&world).await;
        assert_eq!(recipients(&world.ses.mails()[before..]), right, "{scope} {to}");
    }
}

#[tokio::test]
async fn an_invalid_filter_or_one_that_leaves_no_one_changes_nothing() {
    let world = acme().await;
    active(&world, EVE, SUMMIT, "administrator").await;
    invited(&world, "pending@example.org", SUMMIT, "observer").await;
    let before = world.dump().await;
    let eve = Principal::user(EVE);
    for (to, pointer, code) in [
        (json!({ "roles": [] }), "/to/roles", "invalid-field"),
        (json!({ "roles": ["reader", "King"] }), "/to/roles/1", "invalid-role"),
        (json!({ "roles": ["king"] }), "/to", "invalid-field"),
        (json!({ "roles": ["unknown"] }), "/to/roles/0", "invalid-role"),
        (json!({ "roles": ["reader", "reader"] }), "/to/roles/1", "invalid-field"),
        (json!({ "onlyMe": true, "roles": ["reader"] }), "/to/onlyMe", "invalid-field"),
        (json!({ "onlyMe": true, "below": true }), "/to/onlyMe", "invalid-field"),
        (json!({ "roles": ["observer"] }), "/to", "invalid-field"),
        (json!({ "roles": ["administrator"], "below": false }), "", ""),
    ] {
        let refused = announce_to(&world, &eve, SUMMIT, &to).await;
        if pointer.is_empty() {
            // Otherwise the cases above could be refused for another reason.
            assert_eq!(refused.expect(202).body["recipients"], 1);
            continue;
        }
        assert_eq!((refused.status, named(&refused)), (422, vec![(pointer, code)]), "{to}");
        assert_eq!(world.dump().await, before, "{to}");
        if pointer == "/to" {
            let detail = refused.text("/detail");
            assert!(detail.ends_with("(no one would receive this announcement)"), "{detail}");
        }
    }
    for to in [json!([]), json!("all"), json!({ "ids": [] }), json!({ "below": "no" })] {
        let refused = announce_to(&world, &eve, SUMMIT, &to).await;
        assert_eq!(refused.outcome(), "400 malformed", "{to}");
    }
}

#[tokio::test]
async fn the_platform_mails_a_person_alone_on_their_behalf_and_not_itself() {
    let world = acme().await;
    active(&world, EVE, SUMMIT, "administrator").await;
    let (platform, to) = (Principal::platform(), json!({ "onlyMe": true }));
    let refused = announce_to(&world, &platform, SUMMIT, &to).await;
    assert_eq!((refused.status, named(&refused)), (422, vec![("/to/onlyMe", "invalid-field")]));
    let request = Request::new("POST", &format!("/v1/scopes/{SUMMIT}/announcements"));
    let request = request.json(&body(&to)).header("on-behalf-of", EVE);
    assert_eq!(world.send(&platform, request).await.expect(202).body["recipients"], 1);
    world.deliver().await;
    world.deliver().await;
    let mails = world.ses.mails();
    let to: Vec<_> = mails.iter().filter(|it| it.subject == SUBJECT).map(|it| &it.to).collect();
    assert_eq!(to, [EVE]);
}

#[tokio::test]
async fn everyone_may_be_no_one_when_the_platform_announces() {
    let world = acme().await;
    let client = json!({
        "name": "New", "seatLimit": null, "granting": "administrators", "owner": { "email": LEA },
    });
    put_scope(&world, "new", &client).await.expect(201);
    let answer = announce_to(&world, &Principal::platform(), "new", &json!(null)).await;
    assert_eq!(answer.expect(202).body["recipients"], 0, "the owner is pending");
}

#[tokio::test]
async fn someone_who_loses_the_role_before_the_mail_is_sent_gets_none() {
    let world = acme().await;
    for email in [LEA, EVE] {
        active(&world, email, SUMMIT, "observer").await;
    }
    world.deliver().await;
    let to = json!({ "roles": ["observer"] });
    announce_to(&world, &Principal::user(OWNER), SUMMIT, &to).await.expect(202);
    world.deliver().await;
    let copies = rows(&world, "O#").await.into_values();
    assert_eq!(copies.filter(|row| row.contains_key("collaborator")).count(), 2);
    assign(&world, OWNER, (SUMMIT, LEA), &json!({ "role": "reader" })).await.expect(200);
    world.deliver().await;
    let mails = world.ses.mails();
    let to: Vec<_> = mails.iter().filter(|it| it.subject == SUBJECT).map(|it| &it.to).collect();
    assert_eq!(to, [EVE]);
}

// docs/storage.md#migrations
#[tokio::test]
async fn a_version_that_cannot_read_the_filter_sends_to_no_one_and_leaves_the_row() {
    let world = acme().await;
    active(&world, EVE, SUMMIT, "administrator").await;
    world.deliver().await;
    let before = world.ses.mails().len();
    announce_to(&world, &Principal::user(EVE), SUMMIT, &json!({ "onlyMe": true }))
        .await
        .expect(202);
    let queued = rows(&world, "O#").await;
    let (sk, row) = queued.first_key_value().unwrap();
    let kind = row["kind"].as_s().unwrap();
    // The version before reads these kinds.
    assert!(kind != "everybody" && MailKind::parse(kind).is_none(), "{kind}");

    // As the version before reads `some`, this one reads a kind that it does not know.
    let key = (row["pk"].as_s().unwrap().as_str(), sk.as_str());
    let set = |kind: &str| AttributeValue::S(kind.to_owned());
    world.update(key, "SET kind = :value", set("later")).await;
    invited(&world, LEA, SUMMIT, "observer").await;
    let batch: Vec<Value> = rows(&world, "O#")
        .await
        .iter()
        .map(|(sk, row)| {
            let keys = json!({ "pk": { "S": row["pk"].as_s().unwrap() }, "sk": { "S": sk } });
            json!({ "eventName": "INSERT", "dynamodb": { "Keys": keys, "SequenceNumber": sk } })
        })
        .collect();
    let failed = async || {
        let answer = world.invoke_deliver(json!({ "Records": batch })).await.unwrap();
        serde_json::to_value(answer).unwrap()["batchItemFailures"].clone()
    };
    assert_eq!(failed().await, json!([{ "itemIdentifier": sk }]));
    assert_eq!(recipients(&world.ses.mails()[before..]), [LEA], "the rest of the batch is sent");
    assert_eq!(failed().await, json!([]), "it does not hold up the stream");
    world.update(key, "SET kind = :value", set(kind)).await;
    world.wait(Duration::from_mins(2));
    world.sweep().await;
    world.deliver().await;
    assert_eq!(recipients(&world.ses.mails()[before..]), [EVE, LEA]);
    assert_eq!(rows(&world, "O#").await.len(), 0);
}
