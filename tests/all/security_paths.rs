//! The lines of the security design on the paths beside the first one: batches, kept answers, questions, owners,
//! messages; each by its number, over HTTP.

use std::time::Duration;

use coulisses_domain::{time::DAY, token::Token};
use coulisses_tests::{Answer, Request, SentMail, Who, World};
use serde_json::{Value, json};

use crate::{
    bulk_invite::told,
    check::{about, own},
    concurrency::at_once,
    escalation::two_clients,
    support::{
        acme, acme_with, active, etag_of, get, id_of, invite, path_of, put_scope, revoke, seen,
    },
    transfer::{hand_over, request as transfer, version_of},
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";
const EVE: &str = "eve@example.org";
const MAX: &str = "max@example.org";

const TECH: &str = "acme:tech";
const SUMMIT: &str = "acme:tech:summit";
const MEETUP: &str = "acme:tech:meetup";

fn posted(target: &str, body: &Value) -> Request {
    Request::new("POST", target).json(body)
}

fn revocations(world: &World, scope: &str, emails: &[&str], below: bool) -> Request {
    let ids: Vec<String> = emails.iter().map(|email| id_of(world, email)).collect();
    let body = json!({ "ids": ids, "below": below });
    posted(&format!("/v1/scopes/{scope}/revocations"), &body)
}

fn invitations(emails: &[&str], role: &str) -> Value {
    let one = |email: &&str| json!({ "email": email, "role": role });
    json!({ "invitations": emails.iter().map(one).collect::<Vec<_>>() })
}

/// Does all that an answer is kept of, each under a key, with mails in between.
async fn everything_under_keys(world: &World) -> Vec<Request> {
    let (owner, collaborators) = (Who::person(OWNER), format!("/v1/scopes/{TECH}/collaborators"));
    let mut done = Vec::new();
    let mut send = async |request: Request| {
        let request = request.header("idempotency-key", "one");
        let answer = world.send(&owner, request.clone()).await;
        assert!(answer.status < 300, "{}", answer.body);
        world.deliver().await;
        world.wait(Duration::from_mins(1));
        done.push(request);
    };
    send(posted(&collaborators, &invitations(&[LEA, MAX], "observer"))).await;
    let alone = json!({ "email": "alone@example.org", "role": "observer" });
    send(posted(&format!("/v1/scopes/{SUMMIT}/collaborators"), &alone)).await;
    send(Request::new("POST", &format!("{}/resend", path_of(world, TECH, LEA)))).await;
    send(revocations(world, TECH, &[MAX], false)).await;
    let eve = json!({ "collaborator": id_of(world, EVE) });
    send(transfer("acme", &eve).if_match(&version_of(world, "acme").await)).await;
    let message = json!({ "subject": "Maintenance", "text": "Ce soir." });
    send(posted("/v1/scopes/acme/announcements", &message)).await;
    done
}

/// Security, line 3.
#[tokio::test]
async fn line_3_neither_a_kept_answer_nor_the_history_holds_a_token_or_its_hash() {
    let world = acme().await;
    active(&world, EVE, "acme", "administrator").await;
    let keyed = everything_under_keys(&world).await;
    let mails = world.ses.mails();
    let links = mails.iter().filter(|mail| mail.text.contains('#')).map(SentMail::token);
    let secrets: Vec<String> = links
        .flat_map(|token| {
            let hash = Token::parse(&token).unwrap().hash().to_hex();
            [token.rsplit('.').next().unwrap().to_owned(), hash]
        })
        .collect();
    assert!(secrets.len() >= 8, "four invitations were sent, one of them twice");
    let mut answers = Vec::new();
    for request in keyed {
        answers.push(world.send(&Who::person(OWNER), request).await);
    }
    for target in [
        "/v1/scopes/acme/history?limit=100",
        "/v1/scopes/acme/seats",
        "/v1/scopes/acme/collaborators?below=true",
        "/v1/me/access",
    ] {
        answers.push(get(&world, EVE, target).await.expect(200));
    }
    for answer in answers {
        let told = format!("{:?} {}", answer.headers, answer.body);
        assert!(!secrets.iter().any(|secret| told.contains(secret)), "{told}");
    }
    let everything = world.everything().await;
    let kept = everything.lines().filter(|line| line.contains("I#acme#"));
    assert!(kept.count() >= 7, "one for each item of a batch, one for each other answer");
    for line in everything.lines().filter(|line| !line.contains("C#acme")) {
        assert!(!secrets.iter().any(|secret| line.contains(secret)), "{line}");
    }
}

/// Security, line 8.
#[tokio::test]
async fn line_8_no_id_in_a_body_no_key_and_no_question_leads_into_another_client() {
    let world = two_clients().await;
    let (mine, theirs) = (Who::person(OWNER), Who::person("owner@expo.test"));
    let body = json!({ "email": MAX, "role": "reader" });
    let keyed = |scope: &str| {
        let target = format!("/v1/scopes/{scope}/collaborators");
        posted(&target, &body).header("idempotency-key", "one")
    };
    world.send(&theirs, keyed("expo:tech")).await.expect(201);
    let before = world.everything().await;
    // What they asked under a key is not told to somebody else under the same one.
    assert_eq!(world.send(&mine, keyed("expo:tech")).await.told(), "404 scope-not-found");
    for email in [EVE, LEA, "owner@expo.test", OWNER] {
        let id = world.id_of("expo", email);
        for below in [false, true] {
            let body = json!({ "ids": [id], "below": below });
            let answer = world.send(&mine, posted("/v1/scopes/acme/revocations", &body)).await;
            assert_eq!(told(&answer.expect(200)), ["404 collaborator-not-found"], "{email}");
        }
        for who in [&mine, &Who::platform()] {
            let request = transfer("acme", &json!({ "collaborator": id }));
            let request = request.if_match(&version_of(&world, "acme").await);
            let refused = world.send(who, request).await;
            assert_eq!(refused.told(), "404 collaborator-not-found", "{email}");
        }
        let question = ("expo:tech", "contacts:view");
        assert_eq!(about(&world, &mine, email, question).await, "no", "{email}");
    }
    let batch = posted("/v1/scopes/expo:tech/collaborators", &invitations(&[MAX], "reader"));
    assert_eq!(world.send(&mine, batch).await.told(), "404 scope-not-found");
    assert_eq!(world.everything().await, before);
    let invited = world.send(&mine, keyed("acme:tech")).await.expect(201);
    assert_eq!(invited.text("/id"), world.id_of("acme", MAX), "the same key is another's here");
}

/// Security, line 9.
#[tokio::test]
async fn line_9_no_batch_question_key_or_message_reaches_a_sister_event() {
    let world = acme().await;
    active(&world, EVE, SUMMIT, "administrator").await;
    active(&world, LEA, MEETUP, "observer").await;
    let eve = Who::person(EVE);
    let keyed = |scope: &str| {
        let target = format!("/v1/scopes/{scope}/collaborators");
        posted(&target, &invitations(&[MAX], "reader")).header("idempotency-key", "one")
    };
    world.send(&eve, keyed(SUMMIT)).await.expect(200);
    world.deliver().await;
    let (before, mails) = (world.everything().await, world.ses.mails_to(LEA).len());
    for above in [MEETUP, TECH, "acme", "acme:rh"] {
        assert_eq!(world.send(&eve, keyed(above)).await.told(), "404 scope-not-found", "{above}");
        let all = revocations(&world, above, &[LEA, OWNER, EVE], true);
        assert_eq!(world.send(&eve, all).await.told(), "404 scope-not-found", "{above}");
        assert_eq!(own(&world, &eve, above, "contacts:view").await, "no", "{above}");
        assert_eq!(about(&world, &eve, LEA, (above, "contacts:view")).await, "no", "{above}");
    }
    for below in [false, true] {
        let answer = world.send(&eve, revocations(&world, SUMMIT, &[LEA], below)).await;
        assert_eq!(told(&answer.expect(200)), ["404 collaborator-not-found"]);
    }
    let access = world.send(&eve, Request::new("GET", "/v1/me/access")).await.expect(200);
    assert_eq!(access.body["access"][0]["scopes"].as_array().unwrap().len(), 1);
    let history = get(&world, EVE, &format!("/v1/scopes/{SUMMIT}/history")).await.expect(200);
    assert!(!history.body.to_string().contains(LEA), "{}", history.body);
    assert_eq!(world.everything().await, before);
    let message = json!({ "subject": "Maintenance", "text": "Ce soir." });
    let target = format!("/v1/scopes/{SUMMIT}/announcements");
    world.send(&eve, posted(&target, &message)).await.expect(202);
    for _ in 0..2 {
        world.deliver().await;
    }
    assert_eq!(world.ses.mails_to(LEA).len(), mails);
}

/// How many of two answers say that somebody was removed, alone or in a batch.
fn removals(answers: &[Answer]) -> usize {
    let removed = |answer: &Answer| {
        let alone = answer.body["removed"].is_array();
        let results = answer.body["results"].as_array().into_iter().flatten();
        alone || results.into_iter().any(|result| result["status"] == 200)
    };
    answers.iter().filter(|answer| removed(answer)).count()
}

/// Security, line 10.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn line_10_of_two_administrators_who_remove_each_other_in_batches_one_stays() {
    let pair = ["ada@example.org", "bob@example.org"];
    for (scope, alone) in [("acme", false), (TECH, true), (SUMMIT, false), (SUMMIT, true)] {
        let world = acme().await;
        for email in pair {
            active(&world, email, scope, "administrator").await;
        }
        let first = revocations(&world, scope, &pair[1..], true);
        let second = if alone {
            let etag = etag_of(&world, pair[0]).await;
            Request::new("DELETE", &path_of(&world, scope, pair[0])).if_match(&etag)
        } else {
            revocations(&world, scope, &pair[..1], false)
        };
        let requests = vec![(Who::person(pair[0]), first), (Who::person(pair[1]), second)];
        let (world, answers) = at_once(world, requests).await;
        assert_eq!(removals(&answers), 1, "{answers:?}");
        let mut left = 0;
        for email in pair {
            left += usize::from(seen(&world, "acme", email).await.status == 200);
        }
        assert_eq!(left, 1);
    }
}

/// Security, line 10.
#[tokio::test]
async fn line_10_an_events_administrator_takes_neither_ownership_nor_those_above_in_a_batch() {
    let world = acme().await;
    active(&world, EVE, SUMMIT, "administrator").await;
    active(&world, LEA, TECH, "administrator").await;
    active(&world, MAX, "acme", "administrator").await;
    let before = world.everything().await;
    let eve = Who::person(EVE);
    for below in [false, true] {
        let batch = revocations(&world, SUMMIT, &[LEA, MAX, OWNER], below);
        let answer = world.send(&eve, batch).await.expect(200);
        assert_eq!(told(&answer), ["409 inherited-access"; 3]);
    }
    for (scope, refused) in
        [(SUMMIT, "403 forbidden"), (TECH, "404 scope-not-found"), ("acme", "404 scope-not-found")]
    {
        assert_eq!(hand_over(&world, EVE, scope, EVE).await.told(), refused);
    }
    assert_eq!(world.everything().await, before);
}

/// Security, line 14.
#[tokio::test]
async fn line_14_however_access_was_taken_the_very_next_check_denies_it() {
    for way in ["revoked", "in a batch", "with all below", "left", "lowered", "ended", "expired"] {
        let world = acme().await;
        let end = world.now().after(DAY).to_string();
        let mut body = json!({ "email": LEA, "role": "administrator" });
        if way == "ended" {
            body["expiresAt"] = json!(end);
        }
        invite(&world, OWNER, TECH, &body).await.expect(201);
        if way != "expired" {
            crate::support::log_in(&world, LEA).await;
        }
        let lea = Who::person(LEA);
        let held = if way == "expired" { "no" } else { "acme:tech administrator" };
        assert_eq!(own(&world, &lea, SUMMIT, "access:manage").await, held, "{way}");
        match way {
            "revoked" => drop(revoke(&world, OWNER, (TECH, LEA)).await.expect(200)),
            "left" => drop(revoke(&world, LEA, (TECH, LEA)).await.expect(200)),
            "in a batch" | "with all below" => {
                let at = if way == "in a batch" { TECH } else { "acme" };
                let batch = revocations(&world, at, &[LEA], at == "acme");
                let answer = world.send(&Who::person(OWNER), batch).await.expect(200);
                assert_eq!(told(&answer), ["200"]);
            }
            "lowered" => {
                let observer = json!({ "role": "observer" });
                crate::support::assign(&world, OWNER, (TECH, LEA), &observer).await.expect(200);
            }
            "ended" => world.wait(DAY),
            _ => world.wait(DAY * 14),
        }
        let question = (SUMMIT, "access:manage");
        assert_eq!(own(&world, &lea, question.0, question.1).await, "no", "{way}");
        assert_eq!(about(&world, &Who::platform(), LEA, question).await, "no", "{way}");
        assert_eq!(about(&world, &Who::person(OWNER), LEA, question).await, "no", "{way}");
    }
}

/// Security, line 14.
#[tokio::test]
async fn line_14_whoever_handed_over_is_denied_what_only_owners_hold_by_the_very_next_check() {
    let world = acme_with(&json!({ "granting": "owner" })).await;
    active(&world, LEA, "acme", "administrator").await;
    let owner = Who::person(OWNER);
    assert_eq!(own(&world, &owner, SUMMIT, "access:manage").await, "acme owner");
    hand_over(&world, OWNER, "acme", LEA).await.expect(200);
    assert_eq!(own(&world, &owner, SUMMIT, "access:manage").await, "no");
    assert_eq!(own(&world, &Who::person(LEA), SUMMIT, "access:manage").await, "acme owner");
}

/// Security, lines 4 and 14.
#[tokio::test]
async fn line_14_a_key_opens_nothing_to_whoever_was_removed() {
    let world = acme().await;
    active(&world, EVE, TECH, "administrator").await;
    let eve = Who::person(EVE);
    let target = format!("/v1/scopes/{TECH}/collaborators");
    let keyed = |email: &str, key: &str| {
        let body = json!({ "email": email, "role": "administrator" });
        posted(&target, &body).header("idempotency-key", key)
    };
    let first = world.send(&eve, keyed(LEA, "one")).await.expect(201);
    revoke(&world, OWNER, (TECH, EVE)).await.expect(200);
    revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
    let before = world.everything().await;
    for (email, key) in [(LEA, "two"), (MAX, "two")] {
        assert_eq!(world.send(&eve, keyed(email, key)).await.told(), "404 scope-not-found");
    }
    // The answer that she got is all that she is told again: nothing is done, and nothing of today is in it.
    let again = world.send(&eve, keyed(LEA, "one")).await;
    assert_eq!((again.status, again.body), (first.status, first.body));
    assert_eq!(world.everything().await, before);
    let other = json!({ "name": "Tech" });
    put_scope(&world, TECH, &other).await.expect(200);
}
