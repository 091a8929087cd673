//! Changes of identity (docs/domain.md#rule-14): `DELETE /v1/scopes/{scope}/collaborators/{id}/account` unbinds an account,
//! and `PUT …/email` moves a person to a new address.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use coulisses_tests::{Answer, Principal, Request, Trip, World};
use serde_json::json;

use crate::{
    scenes::{Invocation, post},
    support::{
        ADA, EVE, LEA, MAX, OWNER, SUMMIT, TECH, accept, acme, active, etag_of, get, id_of,
        invited, last_event, path_of, queued, seats, seen, token_of,
    },
    transfer::{assert_owner, platform_transfer, version_of, with_event_owner},
    turns::{overtaken, overtaken_at},
};

const NEW: &str = "lea.martin@example.org";

/// Unbinds on the current version.
async fn unbind(world: &World, by: &Principal, email: &str) -> Answer {
    let target = format!("{}/account", path_of(world, "acme", email));
    let request = Request::new("DELETE", &target).if_match(&etag_of(world, email).await);
    world.send(by, request).await
}

/// Moves on the current version.
async fn change_email(world: &World, by: &Principal, email: &str, to: &str) -> Answer {
    let target = format!("{}/email", path_of(world, "acme", email));
    let request = Request::new("PUT", &target).json(&json!({ "email": to }));
    world.send(by, request.if_match(&etag_of(world, email).await)).await
}

/// `acme` where Léa reads the audience and the summit, and her invitation was sent a while ago.
async fn with_lea() -> World {
    let world = acme().await;
    active(&world, LEA, TECH, "reader").await;
    invited(&world, LEA, SUMMIT, "manager").await;
    world.deliver().await;
    world.wait(Duration::from_mins(5));
    world
}

#[tokio::test]
async fn a_new_account_of_the_same_address_takes_the_place_of_the_former_one() {
    let world = with_lea().await;
    let new_account = Principal::user(LEA).with("sub", "a new account");
    let path = "/v1/scopes/acme:tech";
    let answer = world.send(&new_account, Request::new("GET", path)).await;
    assert_eq!(answer.outcome(), "404 scope-not-found");
    let unbound = unbind(&world, &Principal::user(OWNER), LEA).await.expect(200);
    assert_eq!((unbound.text("/email"), unbound.text("/status")), (LEA, "pending"));
    assert_eq!(unbound.body["grants"].as_array().unwrap().len(), 2);
    assert_eq!(unbound.etag(), etag_of(&world, LEA).await);
    assert_eq!(get(&world, LEA, path).await.outcome(), "404 scope-not-found", "at once");
    assert_eq!(queued(&world, LEA).await, ["invitation"]);
    assert_eq!(
        last_event(&world, LEA).await,
        "account-unbound by owner@acme.test: acme:tech reader active > reader pending, \
         acme:tech:summit manager active > manager pending"
    );
    let token = token_of(&world, LEA).await;
    accept(&world, &new_account, &token).await.expect(200);
    world.send(&new_account, Request::new("GET", path)).await.expect(200);
    assert_eq!(get(&world, LEA, path).await.outcome(), "404 scope-not-found");
    assert_eq!(seats(&world).await, json!([null, 2]));
}

#[tokio::test]
async fn the_version_is_required_and_a_stale_one_is_refused() {
    let world = with_lea().await;
    let before = world.dump().await;
    let of_lea = path_of(&world, "acme", LEA);
    let unbinding = Request::new("DELETE", &format!("{of_lea}/account"));
    let moving = Request::new("PUT", &format!("{of_lea}/email")).json(&json!({ "email": NEW }));
    for request in [unbinding, moving] {
        for (request, refused) in [
            (request.clone(), "428 if-match-required"),
            (request.clone().if_match("*"), "428 if-match-required"),
            (request.if_match("\"1\""), "412 stale-version"),
        ] {
            for who in [Principal::user(OWNER), Principal::platform()] {
                assert_eq!(world.send(&who, request.clone()).await.outcome(), refused);
            }
        }
    }
    assert_eq!(world.dump().await, before);
}

/// An administrator who could unbind an owner, or move their address, could take the ownership over.
#[tokio::test]
async fn line_27_an_owners_identity_is_changed_by_the_platform_alone() {
    let world = with_event_owner().await;
    active(&world, ADA, "acme", "administrator").await;
    let before = world.dump().await;
    for (by, email) in [(ADA, OWNER), (ADA, EVE), (OWNER, EVE), (OWNER, OWNER), (ADA, ADA)] {
        let who = Principal::user(by);
        let moved = change_email(&world, &who, email, NEW).await;
        for refused in [unbind(&world, &who, email).await, moved] {
            assert_eq!(refused.outcome(), "403 forbidden", "{email} by {by}");
        }
    }
    assert_eq!(world.dump().await, before);
    unbind(&world, &Principal::platform(), EVE).await.expect(200);
    assert_eq!(get(&world, EVE, "/v1/scopes/acme:tech:summit").await.status, 404);
}

#[tokio::test]
async fn administrators_below_the_client_change_no_identity() {
    let world = with_lea().await;
    active(&world, MAX, TECH, "administrator").await;
    let max = Principal::user(MAX);
    let moved = change_email(&world, &max, LEA, NEW).await;
    for refused in [unbind(&world, &max, LEA).await, moved] {
        assert_eq!(refused.outcome(), "404 scope-not-found");
    }
    let target = format!("{}/account", path_of(&world, TECH, LEA));
    let request = Request::new("DELETE", &target).if_match(&etag_of(&world, LEA).await);
    let refused = world.send(&Principal::user(MAX), request).await;
    assert_eq!(refused.outcome(), "422 invalid-scope");
}

#[tokio::test]
async fn a_pending_person_has_no_account_to_unbind() {
    let world = acme().await;
    invited(&world, LEA, TECH, "reader").await;
    let refused = unbind(&world, &Principal::user(OWNER), LEA).await;
    assert_eq!(refused.outcome(), "409 not-active");
}

#[tokio::test]
async fn a_person_whom_an_administrator_moves_is_invited_at_the_new_address() {
    let world = with_lea().await;
    active(&world, ADA, "acme", "administrator").await;
    let former = etag_of(&world, LEA).await;
    let moved = change_email(&world, &Principal::user(ADA), LEA, NEW).await.expect(200);
    assert_eq!((moved.text("/email"), moved.text("/status")), (NEW, "pending"));
    assert_eq!(moved.text("/id"), id_of(&world, NEW));
    assert_eq!(moved.body["grants"].as_array().unwrap().len(), 2);
    assert!(moved.body["lastLoginAt"].is_string());
    assert_eq!(moved.etag(), etag_of(&world, NEW).await);
    assert!(moved.etag() > former.as_str());
    assert_eq!(seats(&world).await, json!([null, 3]));
    assert_eq!(seen(&world, "acme", LEA).await.outcome(), "404 collaborator-not-found");
    // The account has access neither under the former address nor, before it accepts, under the new one.
    let path = "/v1/scopes/acme:tech";
    assert_eq!(get(&world, LEA, path).await.outcome(), "404 scope-not-found");
    let account = Principal::user(NEW).with("sub", &format!("account of {LEA}"));
    assert_eq!(
        world.send(&account, Request::new("GET", path)).await.outcome(),
        "404 scope-not-found"
    );
    let token = token_of(&world, NEW).await;
    accept(&world, &account, &token).await.expect(200);
    world.send(&account, Request::new("GET", path)).await.expect(200);
    let mail = world.ses.mails_to(LEA).pop().unwrap();
    assert_eq!(mail.subject, "L’adresse de votre accès à Acme a changé");
    assert!(mail.text.contains("L’adresse qui reçoit ce message n’y donne plus accès."));
    assert!(!mail.text.contains(NEW), "the mailbox may be someone else's");
}

/// faults.md, entry 15: the account has a new verified address.
#[tokio::test]
async fn the_platform_moves_an_account_that_stays_bound() {
    let world = with_lea().await;
    let account = Principal::user(LEA);
    let renamed = account.clone().with("email", NEW);
    let path = "/v1/scopes/acme:tech";
    let seen = async || world.send(&renamed, Request::new("GET", path)).await.outcome();
    assert_eq!(seen().await, "404 scope-not-found");
    change_email(&world, &Principal::platform(), LEA, NEW).await.expect(200);
    assert_eq!(seen().await, "200");
    world.send(&renamed, Request::new("POST", "/v1/scopes/acme/logins")).await.expect(200);
    assert_eq!(world.send(&account, Request::new("GET", path)).await.status, 404);
    assert_eq!(seats(&world).await, json!([null, 2]));
    world.deliver().await;
    for (email, last) in [(LEA, "n’y donne plus accès"), (NEW, "Connectez-vous désormais avec")]
    {
        let mail = world.ses.mails_to(email).pop().unwrap();
        assert_eq!(mail.subject, "L’adresse de votre accès à Acme a changé");
        assert!(mail.text.contains(last), "{}", mail.text);
    }
}

#[tokio::test]
async fn an_owner_whom_the_platform_moves_owns_the_client_and_the_events() {
    let world = with_event_owner().await;
    platform_transfer(&world, SUMMIT, &json!({ "email": OWNER })).await.expect(200);
    let before = version_of(&world, SUMMIT).await;
    world.wait(Duration::from_mins(2));
    let target = format!("{}/email", path_of(&world, "acme", OWNER));
    let etag = etag_of(&world, OWNER).await;
    let request = Request::new("PUT", &target).json(&json!({ "email": NEW })).if_match(&etag);
    let moved = world.send(&Principal::platform(), request).await.expect(200);
    assert_eq!(moved.text("/status"), "active");
    for scope in ["acme", SUMMIT] {
        assert_owner(&world, scope, NEW).await;
        let shown = Request::new("GET", &format!("/v1/scopes/{scope}"));
        let shown = world.send(&Principal::platform(), shown).await.expect(200);
        assert_eq!(shown.text("/owner/email"), NEW);
    }
    assert_ne!(version_of(&world, SUMMIT).await, before);
}

#[tokio::test]
async fn an_address_that_is_a_collaborator_is_refused_and_named() {
    let world = with_lea().await;
    invited(&world, MAX, TECH, "reader").await;
    let before = world.dump().await;
    for who in [Principal::user(OWNER), Principal::platform()] {
        for to in [MAX, LEA, "LEA@example.org", OWNER] {
            let refused = change_email(&world, &who, LEA, to).await;
            assert_eq!(refused.outcome(), "409 already-has-access", "{to}");
        }
    }
    let refused = change_email(&world, &Principal::user(OWNER), LEA, "lea").await;
    assert_eq!(refused.outcome(), "422 invalid-email");
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn the_history_has_an_entry_under_each_id_in_words_that_the_former_version_reads() {
    let world = with_lea().await;
    let (former, new) = (id_of(&world, LEA), id_of(&world, NEW));
    change_email(&world, &Principal::user(OWNER), LEA, NEW).await.expect(200);
    let last = async |id: &str| {
        let target = format!("/v1/scopes/acme/history?collaborator={id}&limit=1");
        get(&world, OWNER, &target).await.expect(200).body["entries"][0].clone()
    };
    let (left, arrived) = (last(&former).await, last(&new).await);
    assert_eq!((&left["action"], &left["movedTo"]), (&json!("email-changed"), &json!(new)));
    assert_eq!(
        (&arrived["action"], &arrived["movedFrom"]),
        (&json!("email-changed"), &json!(former))
    );
    assert_eq!(left["collaborator"]["email"], LEA);
    assert_eq!(arrived["collaborator"]["email"], NEW);
    assert_eq!(
        (last_event(&world, LEA).await, last_event(&world, NEW).await),
        (
            "account-unbound by owner@acme.test: acme:tech reader active > -, \
             acme:tech:summit manager active > -"
                .into(),
            "account-unbound by owner@acme.test: acme:tech - > reader pending, \
             acme:tech:summit - > manager pending"
                .into()
        )
    );
    assert_eq!(queued(&world, LEA).await, ["access-taken"]);
    assert_eq!(queued(&world, NEW).await, ["invitation"]);
}

fn moving(world: &World, etag: &str) -> Invocation {
    let target = format!("{}/email", path_of(world, "acme", LEA));
    let request = Request::new("PUT", &target).json(&json!({ "email": NEW })).if_match(etag);
    Invocation::request(Principal::user(OWNER), request)
}

#[tokio::test]
async fn an_address_that_is_invited_meanwhile_is_not_overwritten() {
    let world = with_lea().await;
    let moving = moving(&world, &etag_of(&world, LEA).await);
    let body = json!({ "email": NEW, "role": "reader" });
    let inviting = post(OWNER, "/v1/scopes/acme:rh/collaborators", &body);
    let outcomes = overtaken(&world, moving, inviting).await;
    assert_eq!(outcomes, ["409 already-has-access", "201"]);
    seen(&world, "acme", LEA).await.expect(200);
    assert_eq!(seats(&world).await, json!([null, 3]));
}

#[tokio::test]
async fn a_grant_that_is_revoked_meanwhile_does_not_move() {
    let world = with_lea().await;
    let etag = etag_of(&world, LEA).await;
    let request = Request::new("DELETE", &path_of(&world, TECH, LEA)).if_match(&etag);
    let revoking = Invocation::request(Principal::user(OWNER), request);
    let outcomes = overtaken(&world, moving(&world, &etag), revoking).await;
    assert_eq!(outcomes, ["412 stale-version", "200"]);
    assert_eq!(seen(&world, "acme", NEW).await.status, 404);
}

/// An erasure concerns one address; the export leads to the others.
#[tokio::test]
async fn a_person_who_moved_is_erased_by_each_of_their_addresses() {
    let world = with_lea().await;
    let former = id_of(&world, LEA);
    change_email(&world, &Principal::user(OWNER), LEA, NEW).await.expect(200);
    world.deliver().await;
    let exported = world.erase(json!({ "client": "acme", "email": NEW })).await.unwrap();
    assert!(format!("{exported:?}").contains(&former), "{exported:?}");
    for email in [NEW, LEA] {
        let erased = json!({ "client": "acme", "email": email, "erase": true });
        world.erase(erased).await.unwrap();
    }
    let left = format!("{:?}", world.dump().await);
    assert!(!left.contains(NEW) && !left.contains(LEA));
    get(&world, OWNER, "/v1/scopes/acme/history").await.expect(200);
}

#[tokio::test]
async fn the_grid_shows_when_a_login_of_another_account_was_refused() {
    let world = with_lea().await;
    let etag = etag_of(&world, LEA).await;
    let other = Principal::user(LEA).with("sub", "a new account");
    let logs_in = async |who: &Principal| {
        world.send(who, Request::new("POST", "/v1/scopes/acme/logins")).await.outcome()
    };
    let shown = async || seen(&world, "acme", LEA).await.body["lastRefusedLoginAt"].clone();
    assert_eq!(shown().await, json!(null));
    assert_eq!(logs_in(&other).await, "404 scope-not-found");
    let first = world.now().to_string();
    assert_eq!(shown().await, json!(first));
    assert_eq!(etag_of(&world, LEA).await, etag, "as a login, it changes no version");
    world.wait(Duration::from_secs(59));
    logs_in(&other).await;
    assert_eq!(shown().await, json!(first), "one a minute");
    world.wait(Duration::from_secs(1));
    logs_in(&other).await;
    assert_eq!(shown().await, json!(world.now().to_string()));
    assert_eq!(logs_in(&Principal::user(LEA)).await, "200");
    assert_eq!(logs_in(&Principal::user("stranger@example.org")).await, "404 scope-not-found");
    unbind(&world, &Principal::user(OWNER), LEA).await.expect(200);
    assert_eq!(shown().await, json!(null));
}

#[tokio::test]
async fn a_login_that_is_refused_during_a_removal_leaves_nothing() {
    let world = acme().await;
    active(&world, LEA, TECH, "reader").await;
    let request = Request::new("DELETE", &path_of(&world, TECH, LEA));
    let request = request.if_match(&etag_of(&world, LEA).await);
    let revoking = Invocation::request(Principal::user(OWNER), request);
    let other = Principal::user(LEA).with("sub", "a new account");
    let login = Invocation::request(other, Request::new("POST", "/v1/scopes/acme/logins"));
    let calls = AtomicUsize::new(0);
    let second_update = move |trip: &Trip| {
        trip.operation == "UpdateItem" && calls.fetch_add(1, Ordering::Relaxed) == 1
    };
    let outcomes = overtaken_at(&world, login, second_update, Box::pin(revoking.run(&world))).await;
    assert_eq!(outcomes, ["404 scope-not-found", "200"]);
    get(&world, OWNER, "/v1/scopes/acme/collaborators?below=true").await.expect(200);
}
