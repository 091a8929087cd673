//! `POST /v1/scopes/{scope}/owner`: ownership is handed over, and there is one owner at any time.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Request, Who, World};
use serde_json::{Value, json};

use crate::{
    concurrency::at_once,
    support::{
        accept, acme, acme_with, active, assign, get, history, id_of, invite, log_in, path_of,
        put_scope, queued, rows, seats, seen, token_of,
    },
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";
const EVE: &str = "eve@example.org";
const SUMMIT: &str = "acme:tech:summit";

/// The entity tag of a scope as it is now.
pub async fn version_of(world: &World, scope: &str) -> String {
    let request = Request::new("GET", &format!("/v1/scopes/{scope}"));
    world.send(&Who::platform(), request).await.expect(200).etag().to_owned()
}

pub fn request(scope: &str, body: &Value) -> Request {
    Request::new("POST", &format!("/v1/scopes/{scope}/owner")).json(body)
}

/// Hands a scope over to a collaborator, on the version as it is now.
pub async fn hand_over(world: &World, by: &str, scope: &str, to: &str) -> Answer {
    let request = request(scope, &json!({ "collaborator": id_of(world, to) }));
    world.send(&Who::person(by), request.if_match(&version_of(world, scope).await)).await
}

/// Hands a scope over as the platform.
pub async fn platform_hands(world: &World, scope: &str, body: &Value) -> Answer {
    world.send(&Who::platform(), request(scope, body)).await
}

/// The ids of those who hold the owner's grant on a scope, as the store has them.
async fn owners_of(world: &World, scope: &str) -> Vec<String> {
    let records = rows(world, "C#acme").await.into_iter();
    let owns = |grants: &aws_sdk_dynamodb::types::AttributeValue| {
        let grant = grants.as_m().unwrap().get(scope);
        grant.is_some_and(|grant| grant.as_m().unwrap()["role"].as_s().unwrap() == "owner")
    };
    let owners = records.filter(|(_, record)| record.get("grants").is_some_and(owns));
    owners.map(|(sk, _)| sk.trim_start_matches("P#").to_owned()).collect()
}

/// The owner whom a scope itself names.
async fn named_owner(world: &World, scope: &str) -> String {
    let request = Request::new("GET", &format!("/v1/scopes/{scope}"));
    world.send(&Who::platform(), request).await.expect(200).text("/owner/id").to_owned()
}

#[track_caller]
fn assert_is_one(owners: &[String], named: &str, id: &str) {
    assert_eq!((owners, named), (&[id.to_owned()][..], id));
}

pub async fn assert_owner(world: &World, scope: &str, email: &str) {
    let (owners, named) = (owners_of(world, scope).await, named_owner(world, scope).await);
    assert_is_one(&owners, &named, &id_of(world, email));
}

/// `acme` where Léa works on the audience, and Eve owns the summit.
pub async fn with_an_events_owner() -> World {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "administrator").await;
    let body = json!({ "name": "Summit 2027", "kind": "event", "owner": { "email": EVE } });
    put_scope(&world, SUMMIT, &body).await.expect(200);
    log_in(&world, EVE).await;
    world.deliver().await;
    world.wait(Duration::from_mins(1));
    world
}

#[tokio::test]
async fn ownership_goes_to_a_collaborator_and_the_answer_is_the_scope() {
    let world = acme().await;
    active(&world, LEA, "acme", "reader").await;
    world.deliver().await;
    let before = version_of(&world, "acme").await;
    world.wait(Duration::from_secs(1));
    let handed = hand_over(&world, OWNER, "acme", LEA).await.expect(200);
    assert_eq!(handed.body["owner"], json!({ "id": id_of(&world, LEA), "email": LEA }));
    assert_eq!(handed.etag(), format!("\"{}\"", handed.body["version"]));
    assert_ne!(handed.etag(), before);
    let shown = get(&world, LEA, "/v1/scopes/acme").await.expect(200);
    assert_eq!((&shown.body, shown.etag()), (&handed.body, handed.etag()));
    let role = async |email| seen_by_lea(&world, email).await.body["role"].clone();
    assert_eq!((role(LEA).await, role(OWNER).await), (json!("owner"), json!("administrator")));
    assert_owner(&world, "acme", LEA).await;
    assert_eq!(seats(&world).await, json!([null, 2]), "nobody sits down or gets up");
}

async fn seen_by_lea(world: &World, email: &str) -> Answer {
    get(world, LEA, &path_of(world, "acme", email)).await.expect(200)
}

#[tokio::test]
async fn both_are_told_in_the_history_and_by_mail_each_in_their_language() {
    let world = acme().await;
    let body = json!({ "email": LEA, "role": "reader", "name": "Léa", "locale": "en" });
    invite(&world, OWNER, "acme", &body).await.expect(201);
    log_in(&world, LEA).await;
    world.deliver().await;
    world.wait(Duration::from_secs(1));
    hand_over(&world, OWNER, "acme", LEA).await.expect(200);
    assert_eq!(
        history(&world, LEA).await.pop().unwrap(),
        "ownership-received by owner@acme.test: acme reader active > owner active"
    );
    assert_eq!(
        history(&world, OWNER).await.pop().unwrap(),
        "ownership-handed-over by owner@acme.test: acme owner active > administrator active"
    );
    world.deliver().await;
    let subject = |email| world.ses.mails_to(email).last().unwrap().subject.clone();
    assert_eq!(subject(LEA), "You are now the owner of Acme");
    assert_eq!(subject(OWNER), "La propriété d’Acme a été transférée");
    assert_eq!(world.ses.mails_to(LEA).len(), 1, "a grant before she was there told her nothing");
}

#[tokio::test]
async fn the_former_owner_acts_as_administrator_and_hands_over_no_more() {
    let world = acme().await;
    active(&world, LEA, "acme", "reader").await;
    active(&world, EVE, "acme", "reader").await;
    let before = version_of(&world, "acme").await;
    hand_over(&world, OWNER, "acme", LEA).await.expect(200);
    let body = json!({ "email": "new@example.org", "role": "administrator" });
    invite(&world, OWNER, "acme:tech", &body).await.expect(201);
    assert_eq!(hand_over(&world, OWNER, "acme", EVE).await.told(), "403 forbidden");
    let old = request("acme", &json!({ "collaborator": id_of(&world, EVE) })).if_match(&before);
    assert_eq!(world.send(&Who::person(OWNER), old).await.told(), "412 stale-version");
    // He may be lowered and removed like anybody else by now.
    assign(&world, LEA, ("acme", OWNER), &json!({ "role": "reader" })).await;
    assert_eq!(hand_over(&world, LEA, "acme", EVE).await.status, 200);
    assert_owner(&world, "acme", EVE).await;
}

#[tokio::test]
async fn an_event_is_handed_over_by_its_own_owner_and_the_client_keeps_its_own() {
    let world = with_an_events_owner().await;
    assert_eq!(hand_over(&world, OWNER, SUMMIT, LEA).await.told(), "403 forbidden");
    let handed = hand_over(&world, EVE, SUMMIT, LEA).await.expect(200);
    assert_eq!((handed.text("/id"), handed.text("/owner/email")), (SUMMIT, LEA));
    assert_eq!(handed.body["seats"], json!(null));
    assert_owner(&world, SUMMIT, LEA).await;
    assert_owner(&world, "acme", OWNER).await;
    let eve = get(&world, OWNER, &path_of(&world, SUMMIT, EVE)).await.expect(200);
    assert_eq!(eve.text("/role"), "administrator");
    let lea = seen(&world, "acme", LEA).await;
    assert_eq!(lea.body["grants"].as_array().unwrap().len(), 2, "what else she holds stays");
}

/// `domain.md`, rule 11.
#[tokio::test]
async fn the_platform_names_no_version_and_one_that_it_names_counts() {
    let world = with_an_events_owner().await;
    let body = json!({ "collaborator": id_of(&world, LEA) });
    for body in [body.clone(), json!({ "email": "new@example.org" })] {
        let stale = request("acme", &body).if_match("\"1\"");
        assert_eq!(world.send(&Who::platform(), stale).await.told(), "412 stale-version");
    }
    platform_hands(&world, SUMMIT, &body).await.expect(200);
    world.wait(Duration::from_secs(1));
    let right = request("acme", &body).if_match(&version_of(&world, "acme").await);
    world.send(&Who::platform(), right).await.expect(200);
    for scope in ["acme", SUMMIT] {
        assert_owner(&world, scope, LEA).await;
    }
    let lea = history(&world, LEA).await.pop().unwrap();
    assert_eq!(lea, "ownership-received by platform: acme - > owner active");
    assert_eq!(queued(&world, OWNER).await, ["ownership-handed-over"]);
    assert_eq!(queued(&world, LEA).await, ["ownership-received", "ownership-received"]);
}

#[tokio::test]
async fn the_platform_hands_over_to_an_address_of_somebody_new_who_is_invited() {
    let world = acme_with(&json!({ "seatLimit": 2 })).await;
    let body = json!({ "email": "Ines@Example.org", "name": "Inès" });
    let handed = platform_hands(&world, "acme", &body).await.expect(200);
    assert_eq!(handed.text("/owner/email"), "Ines@Example.org");
    assert_eq!(handed.body["seats"], json!({ "limit": 2, "used": 2 }));
    assert_owner(&world, "acme", "ines@example.org").await;
    assert_eq!(queued(&world, "ines@example.org").await, ["invitation"]);
    let token = token_of(&world, "Ines@Example.org").await;
    accept(&world, &Who::person("ines@example.org"), &token).await.expect(200);
    let seen = get(&world, "ines@example.org", &path_of(&world, "acme", "ines@example.org")).await;
    assert_eq!((seen.text("/role"), seen.text("/name")), ("owner", "Inès"));
    let owner = get(&world, OWNER, "/v1/scopes/acme/collaborators").await.expect(200);
    assert_eq!(owner.body["collaborators"].as_array().unwrap().len(), 2, "as administrator");
}

#[tokio::test]
async fn the_platform_hands_over_to_an_address_that_is_there_already() {
    let world = acme_with(&json!({ "seatLimit": 3 })).await;
    active(&world, LEA, "acme:rh", "reader").await;
    let body = json!({ "email": "pending@example.org", "role": "reader" });
    invite(&world, OWNER, "acme", &body).await.expect(201);
    let token = token_of(&world, "pending@example.org").await;
    platform_hands(&world, "acme", &json!({ "email": "LEA@example.org" })).await.expect(200);
    get(&world, LEA, "/v1/scopes/acme").await.expect(200);
    assert_eq!(queued(&world, LEA).await, ["ownership-received"]);
    world.deliver().await;
    let body = json!({ "email": "pending@example.org" });
    platform_hands(&world, "acme", &body).await.expect(200);
    assert_eq!(queued(&world, "pending@example.org").await, [""; 0], "the first link still works");
    accept(&world, &Who::person("pending@example.org"), &token).await.expect(200);
    assert_owner(&world, "acme", "pending@example.org").await;
    assert_eq!(seats(&world).await, json!([3, 3]));
}

#[tokio::test]
async fn an_owner_who_was_never_active_is_replaced_and_his_seat_goes_to_the_new_one() {
    let world = World::new().await;
    let owner = json!({ "email": "mistyped@acme.test" });
    let body = json!({ "name": "Acme", "seatLimit": 1, "granting": "owner", "owner": owner });
    put_scope(&world, "acme", &body).await.expect(201);
    let old_token = token_of(&world, "mistyped@acme.test").await;
    world.wait(Duration::from_secs(1));
    platform_hands(&world, "acme", &json!({ "email": OWNER })).await.expect(200);
    assert_owner(&world, "acme", OWNER).await;
    assert_eq!(seats(&world).await, json!([1, 1]));
    let mistyped = Who::person("mistyped@acme.test");
    assert_eq!(accept(&world, &mistyped, &old_token).await.told(), "404 invitation-not-found");
    let last = history(&world, "mistyped@acme.test").await.pop().unwrap();
    assert_eq!(last, "ownership-handed-over by platform: acme owner pending > -");
    world.deliver().await;
    assert_eq!(world.ses.mails_to("mistyped@acme.test").len(), 1, "nobody tells a stranger more");
    let token = token_of(&world, OWNER).await;
    accept(&world, &Who::person(OWNER), &token).await.expect(200);
}

#[tokio::test]
async fn naming_the_present_owners_address_unbinds_a_lost_account_and_invites_again() {
    for scope in ["acme", SUMMIT] {
        let world = with_an_events_owner().await;
        let owner = if scope == "acme" { OWNER } else { EVE };
        let body = json!({ "email": owner });
        let answer = platform_hands(&world, scope, &body).await.expect(200);
        assert_eq!(answer.text("/owner/email"), owner);
        let path = format!("/v1/scopes/{scope}");
        assert_eq!(get(&world, owner, &path).await.told(), "404 scope-not-found");
        let soon = platform_hands(&world, scope, &body).await;
        assert_eq!(soon.told(), "429 resend-too-soon");
        assert_eq!(soon.header("retry-after"), "60");
        let new_account = Who::person(owner).with("sub", "a new account");
        let token = token_of(&world, owner).await;
        accept(&world, &new_account, &token).await.expect(200);
        world.send(&new_account, Request::new("GET", &path)).await.expect(200);
        assert_eq!(get(&world, owner, &path).await.told(), "404 scope-not-found");
        assert_owner(&world, scope, owner).await;
        assert_eq!(seats(&world).await, json!([null, 3]));
        let history = history(&world, owner).await;
        let unbound = format!("account-unbound by platform: {scope} owner active > owner pending");
        assert!(history.contains(&unbound), "{history:?}");
    }
}

#[tokio::test]
async fn a_newcomer_needs_a_seat_and_an_expired_one_is_swept_for_it() {
    let world = acme_with(&json!({ "seatLimit": 2 })).await;
    let body = json!({ "email": "early@example.org", "role": "reader" });
    invite(&world, OWNER, "acme", &body).await.expect(201);
    let before = world.everything().await;
    let new_collaborator = json!({ "email": "new@example.org" });
    let refused = platform_hands(&world, "acme", &new_collaborator).await;
    assert_eq!(refused.told(), "409 seat-limit-reached");
    assert_eq!(refused.body["seats"], json!({ "limit": 2, "used": 2 }));
    assert_eq!(world.everything().await, before);
    world.wait(DAY * 14);
    platform_hands(&world, "acme", &new_collaborator).await.expect(200);
    assert_owner(&world, "acme", "new@example.org").await;
    assert_eq!(seats(&world).await, json!([2, 2]));
}

#[tokio::test]
async fn an_event_without_an_owner_gets_its_first_one_by_the_platform() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "reader").await;
    assert_eq!(hand_over(&world, OWNER, SUMMIT, LEA).await.told(), "403 forbidden");
    let body = json!({ "collaborator": id_of(&world, LEA) });
    let given = platform_hands(&world, SUMMIT, &body).await.expect(200);
    assert_eq!(given.text("/owner/email"), LEA);
    assert_owner(&world, SUMMIT, LEA).await;
    assert_eq!(history(&world, OWNER).await.len(), 2, "invited and activated, and nothing else");
    platform_hands(&world, "acme:tech:meetup", &json!({ "email": EVE })).await.expect(200);
    assert_owner(&world, "acme:tech:meetup", EVE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_transfers_at_once_one_is_done_and_the_others_are_told_that_it_is_stale() {
    for (scope, owner) in [("acme", OWNER), (SUMMIT, EVE)] {
        let world = with_an_events_owner().await;
        let mut requests = Vec::new();
        let version = version_of(&world, scope).await;
        for number in 0..5 {
            let email = format!("p{number}@example.org");
            let id = active(&world, &email, SUMMIT, "reader").await.text("/id").to_owned();
            let request = request(scope, &json!({ "collaborator": id })).if_match(&version);
            requests.push((Who::person(owner), request.clone()));
            requests.push((Who::platform(), request));
        }
        let (world, answers) = at_once(world, requests).await;
        let mut told: Vec<String> = answers.iter().map(Answer::told).collect();
        told.sort();
        let mut right = vec!["412 stale-version"; 10];
        right[0] = "200";
        assert_eq!(told, right);
        let winner = answers.iter().find(|answer| answer.status == 200).unwrap();
        assert_is_one(
            &owners_of(&world, scope).await,
            &named_owner(&world, scope).await,
            winner.text("/owner/id"),
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_the_platform_and_the_owner_do_at_once_there_is_one_owner() {
    let world = with_an_events_owner().await;
    let lea = request("acme", &json!({ "collaborator": id_of(&world, LEA) }));
    let mut requests = vec![
        (Who::person(OWNER), lea.clone().if_match(&version_of(&world, "acme").await)),
        (Who::platform(), lea),
        (Who::platform(), request("acme", &json!({ "email": OWNER }))),
    ];
    for number in 0..4 {
        let body = json!({ "email": format!("new{number}@example.org") });
        requests.push((Who::platform(), request("acme", &body)));
    }
    let (world, answers) = at_once(world, requests).await;
    assert!(answers.iter().any(|answer| answer.status == 200));
    let owners = owners_of(&world, "acme").await;
    assert_is_one(&owners, &named_owner(&world, "acme").await, &owners[0]);
    let records = rows(&world, "C#acme").await.into_values();
    let usage =
        records.filter(|item| item.get("seat").is_some_and(|seat| seat.as_bool() == Ok(&true)));
    assert_eq!(seats(&world).await, json!([null, usage.count()]), "who is counted sits");
}
