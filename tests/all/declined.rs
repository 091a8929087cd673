//! `POST /v1/invitations/decline` and `/renewal`: the answers of a recipient who has not logged in.

use std::{collections::BTreeSet, time::Duration};

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::{Value, json};

use crate::{
    scenes::Invocation,
    support::{
        ADA, LEA, MAX, MEETUP, OWNER, SUMMIT, TECH, accept, acme, acme_with, active, answer, get,
        history, invite, invited, last_event, log_in, post, preview, put_scope, queued, resend,
        revoke, seats, seen, token_of,
    },
    turns::overtaken,
};

const NOT_FOUND: &str = "404 invitation-not-found";

async fn decline(world: &World, token: &str) -> Answer {
    answer(world, "decline", token).await
}

async fn decline_with(world: &World, body: &Value) -> Answer {
    post(world, &Principal::anonymous(), "/v1/invitations/decline", body).await
}

async fn renew(world: &World, token: &str) -> Answer {
    answer(world, "renewal", token).await
}

/// The declined invitations and the requests for a new link, as the owner's home page counts them.
async fn to_do(world: &World) -> [u64; 2] {
    let seats = get(world, OWNER, "/v1/scopes/acme/seats").await.expect(200).body;
    ["declined", "renewalsRequested"].map(|count| seats[count].as_u64().unwrap())
}

fn lea() -> Principal {
    Principal::user(LEA)
}

/// The same token with another secret.
fn wrong(token: &str) -> String {
    let (start, secret) = token.rsplit_once('.').unwrap();
    let first = if secret.starts_with('A') { 'B' } else { 'A' };
    format!("{start}.{first}{}", &secret[1..])
}

#[tokio::test]
async fn declining_frees_the_seat_at_once_and_stays_in_the_list_for_thirty_days() {
    let world = acme_with(&json!({ "seatLimit": 2 })).await;
    invited(&world, LEA, TECH, "observer").await;
    invite(&world, OWNER, SUMMIT, &json!({ "email": LEA, "role": "reader" })).await.expect(201);
    let token = token_of(&world, LEA).await;
    let body = json!({ "token": token, "reason": "Je change de métier." });
    assert_eq!(decline_with(&world, &body).await.expect(200).body, json!({ "declined": true }));
    let after = world.dump().await;
    assert_eq!(decline(&world, &token).await.expect(200).body, json!({ "declined": true }));
    assert_eq!(world.dump().await, after, "a repeated answer changes nothing");

    assert_eq!(seats(&world).await, json!([2, 1]));
    let row = seen(&world, TECH, LEA).await.expect(200);
    assert_eq!((row.text("/status"), row.body.get("invitation")), ("declined", None));
    let declined = json!({ "at": "2026-11-22T12:00:00.000Z", "reason": "Je change de métier." });
    assert_eq!(row.body["declined"], declined);
    assert_eq!(row.body["permissions"], json!([]));
    let changes = "acme:tech observer pending > observer declined, \
        acme:tech:summit reader pending > reader declined";
    let entry = format!("declined by {LEA}: {changes} (Je change de métier.)");
    assert_eq!(last_event(&world, LEA).await, entry);

    assert_eq!(to_do(&world).await, [1, 0]);

    invited(&world, MAX, TECH, "observer").await;
    world.wait(DAY * 31);
    assert_eq!(to_do(&world).await, [0, 0]);
    assert_eq!(seen(&world, TECH, LEA).await.outcome(), "404 collaborator-not-found");
}

// wp-calypso 2840: declining left the link alive.
#[tokio::test]
async fn after_declining_no_link_and_no_login_gives_access() {
    let world = acme().await;
    invited(&world, LEA, TECH, "observer").await;
    let token = token_of(&world, LEA).await;
    decline(&world, &token).await.expect(200);
    assert_eq!(accept(&world, &lea(), &token).await.outcome(), NOT_FOUND);
    assert_eq!(preview(&world, &token).await.outcome(), NOT_FOUND);
    assert_eq!(renew(&world, &token).await.outcome(), NOT_FOUND);
    log_in(&world, LEA).await;
    assert_eq!(seen(&world, TECH, LEA).await.expect(200).text("/status"), "declined");
    assert_eq!(seats(&world).await, json!([null, 1]));
}

#[tokio::test]
async fn the_inviter_gets_a_mail_while_they_can_see_the_person() {
    let world = acme().await;
    active(&world, ADA, SUMMIT, "administrator").await;
    for (scope, by) in [(SUMMIT, ADA), (MEETUP, OWNER)] {
        invite(&world, by, scope, &json!({ "email": LEA, "role": "reader" })).await.expect(201);
    }
    let token = token_of(&world, LEA).await;
    let body = json!({ "token": token, "reason": "Pas cette année." });
    decline_with(&world, &body).await.expect(200);
    world.deliver().await;
    let mail = world.ses.mails_to(ADA).pop().unwrap();
    assert_eq!(mail.subject, format!("{LEA} a décliné votre invitation à rejoindre Summit 2027"));
    assert!(mail.text.contains("Pas cette année.") && !mail.text.contains("Meetup"), "{mail:?}");
    assert_eq!(mail.request["ReplyToAddresses"], json!([LEA]));
    assert!(mail.html.contains("href=\"https://console.test/scopes/acme:tech:summit/people/"));

    invited(&world, MAX, SUMMIT, "reader").await;
    let max = token_of(&world, MAX).await;
    world.wait(Duration::from_mins(2));
    revoke(&world, OWNER, (SUMMIT, ADA)).await.expect(200);
    decline(&world, &max).await.expect(200);
    world.deliver().await;
    let of = |subject: &str| subject.contains("décliné");
    let mailed = |who| world.ses.mails_to(who).iter().filter(|mail| of(&mail.subject)).count();
    assert_eq!((mailed(ADA), mailed(OWNER)), (1, 1), "the owner invited Max");
}

// karaage 196: who had declined could not be invited again.
#[tokio::test]
async fn who_declined_is_invited_again_a_day_later_at_the_earliest() {
    let world = acme().await;
    invited(&world, LEA, TECH, "observer").await;
    let token = token_of(&world, LEA).await;
    decline(&world, &token).await.expect(200);
    world.wait(DAY - Duration::from_secs(90));
    let again = json!({ "email": LEA, "role": "reader" });
    let refused = invite(&world, OWNER, TECH, &again).await;
    assert_eq!(refused.outcome(), "429 resend-too-soon");
    assert_eq!(refused.body["retryAfter"], 90);
    let by = Principal::user(OWNER);
    assert_eq!(resend(&world, &by, (TECH, LEA)).await.outcome(), "429 resend-too-soon");
    world.wait(Duration::from_secs(90));

    let copy = world.copy().await;
    resend(&copy, &by, (TECH, LEA)).await.expect(202);
    assert_eq!(seen(&copy, TECH, LEA).await.expect(200).text("/role"), "observer");
    assert_eq!(seats(&copy).await, json!([null, 2]));
    let fresh = token_of(&copy, LEA).await;
    accept(&copy, &lea(), &fresh).await.expect(200);

    invite(&world, OWNER, TECH, &again).await.expect(201);
    let row = seen(&world, TECH, LEA).await.expect(200);
    assert_eq!((row.text("/status"), row.text("/role")), ("pending", "reader"));
    assert_eq!(accept(&world, &lea(), &token).await.outcome(), NOT_FOUND, "the old link");
    let fresh = token_of(&world, LEA).await;
    accept(&world, &lea(), &fresh).await.expect(200);
}

#[tokio::test]
async fn an_owner_cannot_decline_and_a_reason_is_one_line() {
    let world = acme().await;
    let gala = json!({ "name": "Gala", "kind": "event", "owner": { "email": LEA } });
    put_scope(&world, "acme:tech:gala", &gala).await;
    let token = token_of(&world, LEA).await;
    let before = world.dump().await;
    assert_eq!(decline(&world, &token).await.outcome(), "409 owner-must-transfer");
    let bad = json!({ "token": token, "reason": "two\nlines" });
    assert_eq!(decline_with(&world, &bad).await.outcome(), "422 invalid-field");
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn an_expired_link_asks_the_inviter_once_for_another() {
    let world = acme().await;
    invited(&world, LEA, TECH, "observer").await;
    let token = token_of(&world, LEA).await;
    assert_eq!(renew(&world, &token).await.outcome(), "409 invitation-still-valid");
    world.wait(DAY * 15);
    for swept in [false, true] {
        assert_eq!(renew(&world, &token).await.expect(202).body, json!({}), "{swept}");
        let mails = queued(&world, OWNER).await;
        let asked = mails.iter().filter(|kind| *kind == "renewal-requested");
        assert_eq!(asked.count(), 1, "{swept}");
        world.audit().await;
    }
    let row = seen(&world, TECH, LEA).await.expect(200);
    assert_eq!(row.text("/invitation/renewalRequestedAt"), "2026-12-07T12:00:00.000Z");
    assert_eq!(seats(&world).await, json!([null, 1]), "a request takes no seat");
    assert_eq!(to_do(&world).await, [0, 1]);

    resend(&world, &Principal::user(OWNER), (TECH, LEA)).await.expect(202);
    let row = seen(&world, TECH, LEA).await.expect(200);
    assert_eq!(row.body["invitation"].get("renewalRequestedAt"), None);
    assert_eq!(to_do(&world).await, [0, 0]);
    assert_eq!(renew(&world, &token).await.outcome(), NOT_FOUND, "the link was replaced");
}

#[tokio::test]
async fn a_wrong_used_revoked_or_unknown_token_gets_one_answer_for_one_trip() {
    let world = acme_with(&json!({ "accessEndsAfterDays": 30 })).await;
    let mut tokens = Vec::new();
    for email in [LEA, MAX, ADA] {
        invited(&world, email, SUMMIT, "reader").await;
        tokens.push(token_of(&world, email).await);
    }
    accept(&world, &Principal::user(MAX), &tokens[1]).await.expect(200);
    revoke(&world, OWNER, (SUMMIT, ADA)).await.expect(200);
    let unknown = tokens[0].replacen("acme.", "other.", 1);
    let refused = [&wrong(&tokens[0]), &tokens[1], &wrong(&tokens[1]), &tokens[2], &unknown];
    let before = world.dump().await;
    let mut answers = BTreeSet::new();
    for path in ["/v1/invitations/decline", "/v1/invitations/renewal"] {
        for token in refused {
            drop(world.trips());
            let answer =
                post(&world, &Principal::anonymous(), path, &json!({ "token": token })).await;
            assert_eq!(world.trips().len(), 1, "{path} {token}");
            answers.insert((answer.outcome(), answer.body["detail"].to_string()));
        }
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(answers.first().unwrap().0, NOT_FOUND);
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn of_a_concurrent_acceptance_and_refusal_one_counts_and_the_seats_are_exact() {
    let world = acme().await;
    invited(&world, LEA, TECH, "observer").await;
    let token = token_of(&world, LEA).await;
    let who = lea();
    let (declined, accepted) = tokio::join!(decline(&world, &token), accept(&world, &who, &token));
    let status = seen(&world, TECH, LEA).await.expect(200).text("/status").to_owned();
    let seats = seats(&world).await;
    match (declined.status, accepted.status) {
        (200, 404) => assert_eq!((status.as_str(), seats), ("declined", json!([null, 1]))),
        (404, 200) => assert_eq!((status.as_str(), seats), ("active", json!([null, 2]))),
        other => panic!("{other:?}"),
    }
    assert_eq!(history(&world, LEA).await.len(), 2);
}

#[tokio::test]
async fn of_two_concurrent_requests_for_a_link_one_asks_the_inviter() {
    let world = acme().await;
    invited(&world, LEA, TECH, "observer").await;
    let body = json!({ "token": token_of(&world, LEA).await });
    world.wait(DAY * 15);
    let request = Request::new("POST", "/v1/invitations/renewal").json(&body);
    let ask = || Invocation::request(Principal::anonymous(), request.clone());
    assert_eq!(overtaken(&world, ask(), ask()).await, ["202", "202"]);
    assert_eq!(queued(&world, OWNER).await, ["renewal-requested"]);
}
