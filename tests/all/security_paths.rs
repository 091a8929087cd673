//! Lines of docs/security.md over HTTP, for batches, saved responses, checks, owners and announcements.

use std::time::Duration;

use coulisses_domain::{time::DAY, token::Token};
use coulisses_tests::{Answer, Principal, Request, SentMail, World};
use serde_json::{Value, json};

use crate::{
    bulk_invite::outcomes,
    check::{about, own},
    concurrency::at_once,
    escalation::two_clients,
    support::{
        EVE, LEA, MAX, MEETUP, OWNER, SUMMIT, TECH, acme, acme_with, active, etag_of, get, id_of,
        invite, path_of, revoke, seen,
    },
    transfer::{request as transfer_request, transfer, version_of},
};

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

/// Sends every request whose response is saved, each with an idempotency key, and delivers the mails in between.
async fn all_with_keys(world: &World) -> Vec<Request> {
    let (owner, collaborators) =
        (Principal::user(OWNER), format!("/v1/scopes/{TECH}/collaborators"));
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
    send(transfer_request("acme", &eve).if_match(&version_of(world, "acme").await)).await;
    let message = json!({ "subject": "Maintenance", "text": "Ce soir." });
    send(posted("/v1/scopes/acme/announcements", &message)).await;
    done
}

#[tokio::test]
async fn line_3_neither_a_saved_response_nor_the_history_contains_a_token_or_its_hash() {
    let world = acme().await;
    active(&world, EVE, "acme", "administrator").await;
    let keyed = all_with_keys(&world).await;
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
        answers.push(world.send(&Principal::user(OWNER), request).await);
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
    let everything = world.dump().await;
    let kept = everything.lines().filter(|line| line.contains("I#acme#"));
    assert!(kept.count() >= 7, "one for each item of a batch and for each other response");
    for line in everything.lines().filter(|line| !line.contains("C#acme")) {
        assert!(!secrets.iter().any(|secret| line.contains(secret)), "{line}");
    }
}

#[tokio::test]
async fn line_8_no_id_key_or_check_reaches_another_client() {
    let world = two_clients().await;
    let (mine, theirs) = (Principal::user(OWNER), Principal::user("owner@expo.test"));
    let body = json!({ "email": MAX, "role": "reader" });
    let keyed = |scope: &str| {
        let target = format!("/v1/scopes/{scope}/collaborators");
        posted(&target, &body).header("idempotency-key", "one")
    };
    world.send(&theirs, keyed("expo:tech")).await.expect(201);
    let before = world.dump().await;
    // A saved response is not returned to another caller with the same key.
    assert_eq!(world.send(&mine, keyed("expo:tech")).await.outcome(), "404 scope-not-found");
    for email in [EVE, LEA, "owner@expo.test", OWNER] {
        let id = world.id_of("expo", email);
        for below in [false, true] {
            let body = json!({ "ids": [id], "below": below });
            let answer = world.send(&mine, posted("/v1/scopes/acme/revocations", &body)).await;
            assert_eq!(outcomes(&answer.expect(200)), ["404 collaborator-not-found"], "{email}");
        }
        for who in [&mine, &Principal::platform()] {
            let request = transfer_request("acme", &json!({ "collaborator": id }));
            let request = request.if_match(&version_of(&world, "acme").await);
            let refused = world.send(who, request).await;
            assert_eq!(refused.outcome(), "404 collaborator-not-found", "{email}");
        }
        let question = ("expo:tech", "contacts:view");
        assert_eq!(about(&world, &mine, email, question).await, "no", "{email}");
    }
    let batch = posted("/v1/scopes/expo:tech/collaborators", &invitations(&[MAX], "reader"));
    assert_eq!(world.send(&mine, batch).await.outcome(), "404 scope-not-found");
    assert_eq!(world.dump().await, before);
    let invited = world.send(&mine, keyed("acme:tech")).await.expect(201);
    assert_eq!(invited.text("/id"), world.id_of("acme", MAX), "keys of two clients are distinct");
}

#[tokio::test]
async fn line_9_no_batch_check_key_or_announcement_reaches_a_sister_event() {
    let world = acme().await;
    active(&world, EVE, SUMMIT, "administrator").await;
    active(&world, LEA, MEETUP, "observer").await;
    let eve = Principal::user(EVE);
    let keyed = |scope: &str| {
        let target = format!("/v1/scopes/{scope}/collaborators");
        posted(&target, &invitations(&[MAX], "reader")).header("idempotency-key", "one")
    };
    world.send(&eve, keyed(SUMMIT)).await.expect(200);
    world.deliver().await;
    let (before, mails) = (world.dump().await, world.ses.mails_to(LEA).len());
    for above in [MEETUP, TECH, "acme", "acme:rh"] {
        let refused = world.send(&eve, keyed(above)).await;
        assert_eq!(refused.outcome(), "404 scope-not-found", "{above}");
        let all = revocations(&world, above, &[LEA, OWNER, EVE], true);
        assert_eq!(world.send(&eve, all).await.outcome(), "404 scope-not-found", "{above}");
        assert_eq!(own(&world, &eve, above, "contacts:view").await, "no", "{above}");
        assert_eq!(about(&world, &eve, LEA, (above, "contacts:view")).await, "no", "{above}");
    }
    for below in [false, true] {
        let answer = world.send(&eve, revocations(&world, SUMMIT, &[LEA], below)).await;
        assert_eq!(outcomes(&answer.expect(200)), ["404 collaborator-not-found"]);
    }
    let access = world.send(&eve, Request::new("GET", "/v1/me/access")).await.expect(200);
    assert_eq!(access.body["access"][0]["scopes"].as_array().unwrap().len(), 1);
    let history = get(&world, EVE, &format!("/v1/scopes/{SUMMIT}/history")).await.expect(200);
    assert!(!history.body.to_string().contains(LEA), "{}", history.body);
    assert_eq!(world.dump().await, before);
    let message = json!({ "subject": "Maintenance", "text": "Ce soir." });
    let target = format!("/v1/scopes/{SUMMIT}/announcements");
    world.send(&eve, posted(&target, &message)).await.expect(202);
    for _ in 0..2 {
        world.deliver().await;
    }
    assert_eq!(world.ses.mails_to(LEA).len(), mails);
}

/// How many of the responses removed a collaborator, alone or in a batch.
fn removals(answers: &[Answer]) -> usize {
    let removed = |answer: &Answer| {
        let alone = answer.body["removed"].is_array();
        let results = answer.body["results"].as_array().into_iter().flatten();
        alone || results.into_iter().any(|result| result["status"] == 200)
    };
    answers.iter().filter(|answer| removed(answer)).count()
}

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
        let requests = vec![(Principal::user(pair[0]), first), (Principal::user(pair[1]), second)];
        let (world, answers) = at_once(world, requests).await;
        assert_eq!(removals(&answers), 1, "{answers:?}");
        let mut left = 0;
        for email in pair {
            left += usize::from(seen(&world, "acme", email).await.status == 200);
        }
        assert_eq!(left, 1);
    }
}

#[tokio::test]
async fn line_10_an_event_administrator_takes_no_ownership_and_removes_no_one_above() {
    let world = acme().await;
    active(&world, EVE, SUMMIT, "administrator").await;
    active(&world, LEA, TECH, "administrator").await;
    active(&world, MAX, "acme", "administrator").await;
    let before = world.dump().await;
    let eve = Principal::user(EVE);
    for below in [false, true] {
        let batch = revocations(&world, SUMMIT, &[LEA, MAX, OWNER], below);
        let answer = world.send(&eve, batch).await.expect(200);
        assert_eq!(outcomes(&answer), ["409 inherited-access"; 3]);
    }
    for (scope, refused) in
        [(SUMMIT, "403 forbidden"), (TECH, "404 scope-not-found"), ("acme", "404 scope-not-found")]
    {
        assert_eq!(transfer(&world, EVE, scope, EVE).await.outcome(), refused);
    }
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn line_14_access_lost_in_any_way_is_denied_by_the_next_check() {
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
        let lea = Principal::user(LEA);
        let held = if way == "expired" { "no" } else { "acme:tech administrator" };
        assert_eq!(own(&world, &lea, SUMMIT, "access:manage").await, held, "{way}");
        match way {
            "revoked" => drop(revoke(&world, OWNER, (TECH, LEA)).await.expect(200)),
            "left" => drop(revoke(&world, LEA, (TECH, LEA)).await.expect(200)),
            "in a batch" | "with all below" => {
                let at = if way == "in a batch" { TECH } else { "acme" };
                let batch = revocations(&world, at, &[LEA], at == "acme");
                let answer = world.send(&Principal::user(OWNER), batch).await.expect(200);
                assert_eq!(outcomes(&answer), ["200"]);
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
        assert_eq!(about(&world, &Principal::platform(), LEA, question).await, "no", "{way}");
        assert_eq!(about(&world, &Principal::user(OWNER), LEA, question).await, "no", "{way}");
    }
}

#[tokio::test]
async fn line_14_a_former_owner_is_denied_owner_permissions_by_the_next_check() {
    let world = acme_with(&json!({ "granting": "owner" })).await;
    active(&world, LEA, "acme", "administrator").await;
    let owner = Principal::user(OWNER);
    assert_eq!(own(&world, &owner, SUMMIT, "access:manage").await, "acme owner");
    transfer(&world, OWNER, "acme", LEA).await.expect(200);
    assert_eq!(own(&world, &owner, SUMMIT, "access:manage").await, "no");
    assert_eq!(own(&world, &Principal::user(LEA), SUMMIT, "access:manage").await, "acme owner");
}

/// Also docs/security.md#line-4.
#[tokio::test]
async fn line_14_an_idempotency_key_gives_a_removed_collaborator_nothing_new() {
    let world = acme().await;
    active(&world, EVE, TECH, "administrator").await;
    let eve = Principal::user(EVE);
    let target = format!("/v1/scopes/{TECH}/collaborators");
    let keyed = |email: &str, key: &str| {
        let body = json!({ "email": email, "role": "administrator" });
        posted(&target, &body).header("idempotency-key", key)
    };
    world.send(&eve, keyed(LEA, "one")).await.expect(201);
    revoke(&world, OWNER, (TECH, EVE)).await.expect(200);
    revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
    let before = world.dump().await;
    for (email, key) in [(LEA, "two"), (MAX, "two")] {
        assert_eq!(world.send(&eve, keyed(email, key)).await.outcome(), "404 scope-not-found");
    }
    // Nor do they get the response of the request that they made before.
    assert_eq!(world.send(&eve, keyed(LEA, "one")).await.outcome(), "404 scope-not-found");
    assert_eq!(world.dump().await, before);
}
