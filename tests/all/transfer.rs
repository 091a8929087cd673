//! `POST /v1/scopes/{scope}/owner`: transfers ownership; there is one owner at any time.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::{Value, json};

use crate::{
    concurrency::at_once,
    support::{
        EVE, LEA, OWNER, SUMMIT, accept, acme, acme_with, active, assign, get, history, id_of,
        invite, invited, last_event, log_in, path_of, put_scope, queued, rows, seats, seen,
        token_of,
    },
};

/// The current `ETag` of a scope.
pub async fn version_of(world: &World, scope: &str) -> String {
    let request = Request::new("GET", &format!("/v1/scopes/{scope}"));
    world.send(&Principal::platform(), request).await.expect(200).etag().to_owned()
}

pub fn request(scope: &str, body: &Value) -> Request {
    Request::new("POST", &format!("/v1/scopes/{scope}/owner")).json(body)
}

/// Transfers a scope to a collaborator, on the current version.
pub async fn transfer(world: &World, by: &str, scope: &str, to: &str) -> Answer {
    let request = request(scope, &json!({ "collaborator": id_of(world, to) }));
    world.send(&Principal::user(by), request.if_match(&version_of(world, scope).await)).await
}

/// Transfers a scope as the platform.
pub async fn platform_transfer(world: &World, scope: &str, body: &Value) -> Answer {
    world.send(&Principal::platform(), request(scope, body)).await
}

/// The ids of the collaborators with a stored owner's grant on a scope.
async fn owners_of(world: &World, scope: &str) -> Vec<String> {
    let records = rows(world, "C#acme").await.into_iter();
    let owns = |grants: &aws_sdk_dynamodb::types::AttributeValue| {
        let grant = grants.as_m().unwrap().get(scope);
        grant.is_some_and(|grant| grant.as_m().unwrap()["role"].as_s().unwrap() == "owner")
    };
    let owners = records.filter(|(_, record)| record.get("grants").is_some_and(owns));
    owners.map(|(sk, _)| sk.trim_start_matches("P#").to_owned()).collect()
}

/// Asserts that one collaborator owns a scope, and that the scope shows them.
async fn assert_owner_is(world: &World, scope: &str, id: &str) {
    let shown = Request::new("GET", &format!("/v1/scopes/{scope}"));
    let shown = world.send(&Principal::platform(), shown).await.expect(200);
    assert_eq!(owners_of(world, scope).await, [id]);
    assert_eq!(shown.text("/owner/id"), id);
}

pub async fn assert_owner(world: &World, scope: &str, email: &str) {
    assert_owner_is(world, scope, &id_of(world, email)).await;
}

/// `acme` where Léa administers the audience and Eve owns the summit.
pub async fn with_event_owner() -> World {
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
async fn a_transfer_makes_a_collaborator_owner_and_returns_the_scope() {
    let world = acme().await;
    active(&world, LEA, "acme", "reader").await;
    world.deliver().await;
    let before = version_of(&world, "acme").await;
    world.wait(Duration::from_secs(1));
    let transferred = transfer(&world, OWNER, "acme", LEA).await.expect(200);
    assert_eq!(transferred.body["owner"], json!({ "id": id_of(&world, LEA), "email": LEA }));
    assert_eq!(transferred.etag(), format!("\"{}\"", transferred.body["version"]));
    assert_ne!(transferred.etag(), before);
    let shown = get(&world, LEA, "/v1/scopes/acme").await.expect(200);
    assert_eq!((&shown.body, shown.etag()), (&transferred.body, transferred.etag()));
    let role = async |email| {
        get(&world, LEA, &path_of(&world, "acme", email)).await.expect(200).body["role"].clone()
    };
    assert_eq!((role(LEA).await, role(OWNER).await), (json!("owner"), json!("administrator")));
    assert_owner(&world, "acme", LEA).await;
    assert_eq!(seats(&world).await, json!([null, 2]), "no seat changes");
}

#[tokio::test]
async fn both_owners_get_a_history_entry_and_a_mail_in_their_language() {
    let world = acme().await;
    let body = json!({ "email": LEA, "role": "reader", "name": "Léa", "locale": "en" });
    invite(&world, OWNER, "acme", &body).await.expect(201);
    log_in(&world, LEA).await;
    world.deliver().await;
    world.wait(Duration::from_secs(1));
    transfer(&world, OWNER, "acme", LEA).await.expect(200);
    let event = last_event(&world, LEA).await;
    assert_eq!(event, "ownership-received by owner@acme.test: acme reader active > owner active");
    let event = last_event(&world, OWNER).await;
    assert_eq!(
        event,
        "ownership-handed-over by owner@acme.test: acme owner active > administrator active"
    );
    world.deliver().await;
    let subject = |email| world.ses.mails_to(email).last().unwrap().subject.clone();
    assert_eq!(subject(LEA), "You are now the owner of Acme");
    assert_eq!(subject(OWNER), "La propriété d’Acme a été transférée");
    assert_eq!(world.ses.mails_to(LEA).len(), 1, "active before delivery, so no invitation");
}

#[tokio::test]
async fn the_former_owner_is_administrator_and_cannot_transfer_again() {
    let world = acme().await;
    active(&world, LEA, "acme", "reader").await;
    active(&world, EVE, "acme", "reader").await;
    let before = version_of(&world, "acme").await;
    transfer(&world, OWNER, "acme", LEA).await.expect(200);
    invited(&world, "new@example.org", "acme:tech", "administrator").await;
    assert_eq!(transfer(&world, OWNER, "acme", EVE).await.outcome(), "403 forbidden");
    let old = request("acme", &json!({ "collaborator": id_of(&world, EVE) })).if_match(&before);
    assert_eq!(world.send(&Principal::user(OWNER), old).await.outcome(), "403 forbidden");
    // The former owner can be demoted like any other administrator.
    assign(&world, LEA, ("acme", OWNER), &json!({ "role": "reader" })).await;
    assert_eq!(transfer(&world, LEA, "acme", EVE).await.status, 200);
    assert_owner(&world, "acme", EVE).await;
}

#[tokio::test]
async fn an_event_is_transferred_by_its_owner_and_the_client_keeps_its_own() {
    let world = with_event_owner().await;
    assert_eq!(transfer(&world, OWNER, SUMMIT, LEA).await.outcome(), "403 forbidden");
    let transferred = transfer(&world, EVE, SUMMIT, LEA).await.expect(200);
    assert_eq!((transferred.text("/id"), transferred.text("/owner/email")), (SUMMIT, LEA));
    assert_eq!(transferred.body["seats"], json!(null));
    assert_owner(&world, SUMMIT, LEA).await;
    assert_owner(&world, "acme", OWNER).await;
    let eve = get(&world, OWNER, &path_of(&world, SUMMIT, EVE)).await.expect(200);
    assert_eq!(eve.text("/role"), "administrator");
    let lea = seen(&world, "acme", LEA).await;
    assert_eq!(lea.body["grants"].as_array().unwrap().len(), 2, "her other grant stays");
}

/// docs/domain.md#rule-11.
#[tokio::test]
async fn the_platform_may_omit_the_version_and_a_version_that_it_sends_counts() {
    let world = with_event_owner().await;
    let body = json!({ "collaborator": id_of(&world, LEA) });
    for body in [body.clone(), json!({ "email": "new@example.org" })] {
        let stale = request("acme", &body).if_match("\"1\"");
        assert_eq!(world.send(&Principal::platform(), stale).await.outcome(), "412 stale-version");
    }
    platform_transfer(&world, SUMMIT, &body).await.expect(200);
    world.wait(Duration::from_secs(1));
    let right = request("acme", &body).if_match(&version_of(&world, "acme").await);
    world.send(&Principal::platform(), right).await.expect(200);
    for scope in ["acme", SUMMIT] {
        assert_owner(&world, scope, LEA).await;
    }
    let lea = last_event(&world, LEA).await;
    assert_eq!(lea, "ownership-received by platform: acme - > owner active");
    assert_eq!(queued(&world, OWNER).await, ["ownership-handed-over"]);
    assert_eq!(queued(&world, LEA).await, ["ownership-received", "ownership-received"]);
}

#[tokio::test]
async fn the_platform_transfers_to_a_new_address_which_is_invited() {
    let world = acme_with(&json!({ "seatLimit": 2 })).await;
    let body = json!({ "email": "Ines@Example.org", "name": "Inès" });
    let transferred = platform_transfer(&world, "acme", &body).await.expect(200);
    assert_eq!(transferred.text("/owner/email"), "Ines@Example.org");
    assert_eq!(transferred.body["seats"], json!({ "limit": 2, "used": 2 }));
    assert_owner(&world, "acme", "ines@example.org").await;
    assert_eq!(queued(&world, "ines@example.org").await, ["invitation"]);
    let token = token_of(&world, "Ines@Example.org").await;
    accept(&world, &Principal::user("ines@example.org"), &token).await.expect(200);
    let seen = get(&world, "ines@example.org", &path_of(&world, "acme", "ines@example.org")).await;
    assert_eq!((seen.text("/role"), seen.text("/name")), ("owner", "Inès"));
    let owner = get(&world, OWNER, "/v1/scopes/acme/collaborators").await.expect(200);
    assert_eq!(owner.body["collaborators"].as_array().unwrap().len(), 2, "the former owner stays");
}

#[tokio::test]
async fn the_platform_transfers_to_the_address_of_a_collaborator() {
    let world = acme_with(&json!({ "seatLimit": 3 })).await;
    active(&world, LEA, "acme:rh", "reader").await;
    invited(&world, "pending@example.org", "acme", "reader").await;
    let token = token_of(&world, "pending@example.org").await;
    platform_transfer(&world, "acme", &json!({ "email": "LEA@example.org" })).await.expect(200);
    get(&world, LEA, "/v1/scopes/acme").await.expect(200);
    assert_eq!(queued(&world, LEA).await, ["ownership-received"]);
    world.deliver().await;
    let body = json!({ "email": "pending@example.org" });
    platform_transfer(&world, "acme", &body).await.expect(200);
    assert_eq!(queued(&world, "pending@example.org").await, [""; 0], "the first link still works");
    accept(&world, &Principal::user("pending@example.org"), &token).await.expect(200);
    assert_owner(&world, "acme", "pending@example.org").await;
    assert_eq!(seats(&world).await, json!([3, 3]));
}

#[tokio::test]
async fn an_owner_who_was_never_active_is_replaced_and_the_seat_passes_on() {
    let world = World::new().await;
    let owner = json!({ "email": "mistyped@acme.test" });
    let body = json!({ "name": "Acme", "seatLimit": 1, "granting": "owner", "owner": owner });
    put_scope(&world, "acme", &body).await.expect(201);
    let old_token = token_of(&world, "mistyped@acme.test").await;
    world.wait(Duration::from_secs(1));
    platform_transfer(&world, "acme", &json!({ "email": OWNER })).await.expect(200);
    assert_owner(&world, "acme", OWNER).await;
    assert_eq!(seats(&world).await, json!([1, 1]));
    let mistyped = Principal::user("mistyped@acme.test");
    assert_eq!(accept(&world, &mistyped, &old_token).await.outcome(), "404 invitation-not-found");
    let last = last_event(&world, "mistyped@acme.test").await;
    assert_eq!(last, "ownership-handed-over by platform: acme owner pending > -");
    world.deliver().await;
    assert_eq!(world.ses.mails_to("mistyped@acme.test").len(), 1, "no mail about the removal");
    let token = token_of(&world, OWNER).await;
    accept(&world, &Principal::user(OWNER), &token).await.expect(200);
}

#[tokio::test]
async fn naming_the_current_owners_address_unbinds_the_account_and_invites_again() {
    for scope in ["acme", SUMMIT] {
        let world = with_event_owner().await;
        let owner = if scope == "acme" { OWNER } else { EVE };
        let body = json!({ "email": owner });
        let answer = platform_transfer(&world, scope, &body).await.expect(200);
        assert_eq!(answer.text("/owner/email"), owner);
        let path = format!("/v1/scopes/{scope}");
        assert_eq!(get(&world, owner, &path).await.outcome(), "404 scope-not-found");
        let soon = platform_transfer(&world, scope, &body).await;
        assert_eq!(soon.outcome(), "429 resend-too-soon");
        assert_eq!(soon.header("retry-after"), "60");
        let new_account = Principal::user(owner).with("sub", "a new account");
        let token = token_of(&world, owner).await;
        accept(&world, &new_account, &token).await.expect(200);
        world.send(&new_account, Request::new("GET", &path)).await.expect(200);
        assert_eq!(get(&world, owner, &path).await.outcome(), "404 scope-not-found");
        assert_owner(&world, scope, owner).await;
        assert_eq!(seats(&world).await, json!([null, 3]));
        let history = history(&world, owner).await;
        let unbound = format!("account-unbound by platform: {scope} owner active > owner pending");
        assert!(history.contains(&unbound), "{history:?}");
    }
}

#[tokio::test]
async fn a_transfer_to_a_new_address_needs_a_seat_and_sweeps_expired_ones() {
    let world = acme_with(&json!({ "seatLimit": 2 })).await;
    let body = json!({ "email": "early@example.org", "role": "reader" });
    invite(&world, OWNER, "acme", &body).await.expect(201);
    let before = world.dump().await;
    let new_collaborator = json!({ "email": "new@example.org" });
    let refused = platform_transfer(&world, "acme", &new_collaborator).await;
    assert_eq!(refused.outcome(), "409 seat-limit-reached");
    assert_eq!(refused.body["seats"], json!({ "limit": 2, "used": 2 }));
    assert_eq!(world.dump().await, before);
    world.wait(DAY * 14);
    platform_transfer(&world, "acme", &new_collaborator).await.expect(200);
    assert_owner(&world, "acme", "new@example.org").await;
    assert_eq!(seats(&world).await, json!([2, 2]));
}

#[tokio::test]
async fn the_platform_names_the_first_owner_of_an_event() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "reader").await;
    assert_eq!(transfer(&world, OWNER, SUMMIT, LEA).await.outcome(), "403 forbidden");
    let body = json!({ "collaborator": id_of(&world, LEA) });
    let given = platform_transfer(&world, SUMMIT, &body).await.expect(200);
    assert_eq!(given.text("/owner/email"), LEA);
    assert_owner(&world, SUMMIT, LEA).await;
    assert_eq!(history(&world, OWNER).await.len(), 2, "invited and activated only");
    platform_transfer(&world, "acme:tech:meetup", &json!({ "email": EVE })).await.expect(200);
    assert_owner(&world, "acme:tech:meetup", EVE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_ten_concurrent_transfers_one_succeeds() {
    for (scope, owner) in [("acme", OWNER), (SUMMIT, EVE)] {
        let world = with_event_owner().await;
        let mut requests = Vec::new();
        let version = version_of(&world, scope).await;
        for number in 0..5 {
            let email = format!("p{number}@example.org");
            let id = active(&world, &email, SUMMIT, "reader").await.text("/id").to_owned();
            let request = request(scope, &json!({ "collaborator": id })).if_match(&version);
            requests.push((Principal::user(owner), request.clone()));
            requests.push((Principal::platform(), request));
        }
        let (world, answers) = at_once(world, requests).await;
        let (done, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|it| it.status == 200);
        // A former owner may not transfer any more, whatever the version.
        let late =
            |it: &&Answer| ["412 stale-version", "403 forbidden"].contains(&it.outcome().as_str());
        assert!(refused.iter().all(late), "{refused:?}");
        let [winner] = done[..] else { panic!("{done:?}") };
        assert_owner_is(&world, scope, winner.text("/owner/id")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_transfers_by_the_platform_and_the_owner_leave_one_owner() {
    let world = with_event_owner().await;
    let lea = request("acme", &json!({ "collaborator": id_of(&world, LEA) }));
    let mut requests = vec![
        (Principal::user(OWNER), lea.clone().if_match(&version_of(&world, "acme").await)),
        (Principal::platform(), lea),
        (Principal::platform(), request("acme", &json!({ "email": OWNER }))),
    ];
    for number in 0..4 {
        let body = json!({ "email": format!("new{number}@example.org") });
        requests.push((Principal::platform(), request("acme", &body)));
    }
    let (world, answers) = at_once(world, requests).await;
    assert!(answers.iter().any(|answer| answer.status == 200));
    assert_owner_is(&world, "acme", &owners_of(&world, "acme").await[0]).await;
    let records = rows(&world, "C#acme").await.into_values();
    let held =
        records.filter(|item| item.get("seat").is_some_and(|seat| seat.as_bool() == Ok(&true)));
    assert_eq!(seats(&world).await, json!([null, held.count()]), "used counts the seats");
}
