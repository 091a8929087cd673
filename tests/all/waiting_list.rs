//! The waiting list for seats (docs/domain.md#rule-21): entering it, passing seats on, and its order.

use std::{collections::BTreeSet, time::Duration};

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::{Value, json};

use crate::{
    concurrency::at_once,
    invite_seats::set_limit,
    promises::{assert_history, assert_invariants},
    support::{
        ADA, LEA, MAX, MEETUP, OWNER, SUMMIT, TECH, accept, acme_with, active, answer, assign, get,
        history, id_of, invite, invited, last_event, path_of, post, queued, revoke, rows, seats,
        seen, token_of,
    },
};

const LIST: &str = "/v1/scopes/acme/waiting-list";

/// An invitation to [`TECH`] of a person who waits if no seat is free.
fn waiting(email: &str) -> Value {
    json!({ "email": email, "role": "reader", "ifFull": "wait" })
}

async fn wait_for_seat(world: &World, email: &str) -> Answer {
    invite(world, OWNER, TECH, &waiting(email)).await
}

/// The local parts of the addresses on the list, in order.
async fn list(world: &World) -> Vec<String> {
    let list = get(world, OWNER, LIST).await.expect(200);
    let people = list.body["waiting"].as_array().unwrap();
    for (index, person) in people.iter().enumerate() {
        assert_eq!(
            (&person["position"], &person["status"]),
            (&json!(index + 1), &json!("waiting"))
        );
    }
    let local =
        |person: &Value| person["email"].as_str().unwrap().split_once('@').unwrap().0.to_owned();
    people.iter().map(local).collect()
}

async fn reorder(world: &World, by: &str, etag: &str, ids: &Value) -> Answer {
    let request = Request::new("PUT", LIST).json(&json!({ "ids": ids })).if_match(etag);
    world.send(&Principal::user(by), request).await
}

async fn status(world: &World, email: &str) -> String {
    let seen = seen(world, "acme", email).await;
    if seen.status == 404 { "gone".into() } else { seen.text("/status").to_owned() }
}

/// Runs the schedule that passes seats on.
async fn pass_seats(world: &World) {
    world.audit_within(Duration::from_mins(5), json!({ "waiting": true })).await;
}

fn numbered(number: usize) -> String {
    format!("w{number:02}@example.org")
}

/// A client whose seats are taken by the owner, Léa and Max, who are active.
async fn full() -> World {
    let world = acme_with(&json!({ "seatLimit": 3 })).await;
    for email in [LEA, MAX] {
        active(&world, email, TECH, "reader").await;
    }
    world
}

#[tokio::test]
async fn a_person_who_waits_has_no_seat_no_mail_and_no_right() {
    let world = full().await;
    let refused = invite(&world, OWNER, TECH, &json!({ "email": ADA, "role": "reader" })).await;
    assert_eq!(refused.outcome(), "409 seat-limit-reached");
    let entered = wait_for_seat(&world, ADA).await.expect(202);
    assert_eq!((entered.text("/status"), &entered.body["position"]), ("waiting", &json!(1)));
    assert_eq!(entered.header("location"), path_of(&world, TECH, ADA));
    assert_eq!(seats(&world).await, json!([3, 3]));
    assert!(queued(&world, ADA).await.is_empty());
    let entry = format!("waiting by {OWNER}: acme:tech - > reader waiting");
    assert_eq!(history(&world, ADA).await, [entry]);
    let login = Request::new("POST", "/v1/scopes/acme/logins");
    world.send(&Principal::user(ADA), login).await.expect(200);
    assert_eq!(status(&world, ADA).await, "waiting");
    assert_eq!(get(&world, ADA, "/v1/scopes/acme:tech").await.outcome(), "404 scope-not-found");
    let report = get(&world, OWNER, "/v1/scopes/acme/seats").await.expect(200).body;
    assert_eq!((&report["waiting"], &report["promised"]), (&json!(1), &json!(0)));

    let again = wait_for_seat(&world, ADA).await;
    assert_eq!(again.outcome(), "409 already-has-access");
    let also = json!({ "email": ADA, "role": "reader" });
    let also = invite(&world, OWNER, SUMMIT, &also).await.expect(202);
    assert_eq!(also.text("/status"), "waiting", "one more grant needs no seat");
    let path = format!("{}/resend", path_of(&world, TECH, ADA));
    let resent = post(&world, &Principal::user(OWNER), &path, &json!({})).await;
    assert_eq!(resent.outcome(), "409 not-pending");
    assert_invariants(&world, true, "waiting").await;
}

#[tokio::test]
async fn a_free_or_expired_seat_is_taken_before_anyone_waits() {
    let world = acme_with(&json!({ "seatLimit": 2 })).await;
    let invited = wait_for_seat(&world, LEA).await.expect(201);
    assert_eq!((invited.text("/status"), invited.body.get("position")), ("pending", None));
    world.wait(DAY * 15);
    let swept = wait_for_seat(&world, MAX).await.expect(201);
    assert_eq!(swept.text("/status"), "pending", "Léa's seat is swept");
    wait_for_seat(&world, ADA).await.expect(202);
}

/// Releases the seat of a person.
type Release = fn(&World, String) -> std::pin::Pin<Box<dyn Future<Output = ()> + '_>>;

const RELEASES: [(&str, Release); 9] = [
    ("revocation", |world, who| {
        Box::pin(async move { drop(revoke(world, OWNER, ("acme:tech", &who)).await.expect(200)) })
    }),
    ("leaving", |world, who| {
        Box::pin(async move {
            active_from_pending(world, &who).await;
            revoke(world, &who, ("acme:tech", &who)).await.expect(200);
        })
    }),
    ("decline", |world, who| {
        Box::pin(async move {
            let token = token_of(world, &who).await;
            answer(world, "decline", &token).await.expect(200);
        })
    }),
    ("suspension", |world, who| {
        Box::pin(async move {
            let path = format!("{}/suspension", path_of(world, "acme", &who));
            post(world, &Principal::user(OWNER), &path, &json!({})).await.expect(200);
        })
    }),
    ("bulk revocation", |world, who| {
        Box::pin(async move {
            let body = json!({ "ids": [id_of(world, &who)], "below": true });
            let path = "/v1/scopes/acme/revocations";
            post(world, &Principal::user(OWNER), path, &body).await.expect(200);
        })
    }),
    ("erasure", |world, who| {
        Box::pin(async move {
            let event = json!({ "client": "acme", "email": who, "erase": true });
            drop(world.erase(event).await.unwrap());
        })
    }),
    ("end of the invitation", |world, _| {
        Box::pin(async move {
            world.wait(DAY * 15);
            world.audit().await;
        })
    }),
    ("end of access", |world, who| {
        Box::pin(async move {
            let end = world.now().after(DAY).to_string();
            let role = json!({ "role": "reader", "expiresAt": end });
            assign(world, OWNER, (TECH, &who), &role).await.expect(200);
            world.wait(DAY * 2);
            world.audit().await;
        })
    }),
    ("raised limit", |world, _| {
        Box::pin(async move {
            let used = seats(world).await[1].as_u64().unwrap();
            set_limit(world, u32::try_from(used + 1).unwrap()).await;
            pass_seats(world).await;
        })
    }),
];

async fn active_from_pending(world: &World, email: &str) {
    let token = token_of(world, email).await;
    accept(world, &Principal::user(email), &token).await.expect(200);
}

// JEM 2287: only some ways to release a place promoted the next person.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_release_passes_the_seat_to_the_next_of_twenty_who_entered_at_once() {
    let world = acme_with(&json!({ "seatLimit": 2 })).await;
    let request = |number| {
        let path = format!("/v1/scopes/{TECH}/collaborators");
        (Principal::user(OWNER), Request::new("POST", &path).json(&waiting(&numbered(number))))
    };
    let (world, answers) = at_once(world, (0..20).map(request).collect()).await;
    let outcomes: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(outcomes.iter().filter(|status| **status == 201).count(), 1, "{outcomes:?}");
    for number in 0..20 {
        // A request that conflicted too often is repeated, as a caller would.
        if status(&world, &numbered(number)).await == "gone" {
            wait_for_seat(&world, &numbered(number)).await.expect(202);
        }
    }
    let mut left = list(&world).await;
    assert_eq!(left.iter().collect::<BTreeSet<_>>().len(), 19);
    let mut seated = String::new();
    for number in 0..20 {
        if status(&world, &numbered(number)).await == "pending" {
            assert!(seated.is_empty(), "one seat");
            seated = numbered(number);
        }
    }
    for (path, release) in RELEASES {
        let next = format!("{}@example.org", left.remove(0));
        release(&world, seated.clone()).await;
        assert_eq!(list(&world).await, left, "{path}");
        assert_eq!(status(&world, &next).await, "pending", "{path}");
        let limit = seats(&world).await[0].clone();
        assert_eq!(seats(&world).await, json!([limit, limit]), "{path}: every seat is taken");
        assert_eq!(queued(&world, &next).await, ["seat-free"], "{path}");
        assert_invariants(&world, true, path).await;
        world.deliver().await;
        seated = next;
    }
    assert_history(&world, "after all releases").await;
}

#[tokio::test]
async fn the_mail_says_that_a_seat_is_free_and_its_link_works() {
    let world = full().await;
    let body = json!({
        "email": ADA, "role": "reader", "ifFull": "wait", "message": "Bienvenue dans l’équipe.",
    });
    invite(&world, OWNER, TECH, &body).await.expect(202);
    world.wait(DAY);
    revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
    let token = token_of(&world, ADA).await;
    let mail = world.ses.mails_to(ADA).pop().unwrap();
    assert!(mail.text.contains("Une place vient de se libérer pour vous."), "{}", mail.text);
    assert!(mail.text.contains("Bienvenue dans l’équipe.") && mail.subject.starts_with("Odile"));
    let entry = "seat-passed by system: acme:tech reader waiting > reader pending";
    assert_eq!(last_event(&world, ADA).await, entry);
    accept(&world, &Principal::user(ADA), &token).await.expect(200);
    assert_eq!(status(&world, ADA).await, "active");
}

// Eventra 13345: the promotion stopped at a head of the list who could not be promoted.
#[tokio::test]
async fn a_person_who_cannot_have_the_seat_keeps_their_place_and_the_next_one_gets_it() {
    let world = acme_with(&json!({ "seatLimit": 4 })).await;
    active(&world, ADA, SUMMIT, "administrator").await;
    for email in [LEA, MAX] {
        active(&world, email, TECH, "reader").await;
    }
    let to = |email: &str| json!({ "email": email, "role": "reader", "ifFull": "wait" });
    invite(&world, ADA, SUMMIT, &to("w01@example.org")).await.expect(202);
    invite(&world, OWNER, MEETUP, &to("w02@example.org")).await.expect(202);
    for number in 3..6 {
        wait_for_seat(&world, &numbered(number)).await.expect(202);
    }
    let archive = |method, path: &str| Request::new(method, &format!("/v1/scopes/{path}/archive"));
    let etag = get(&world, OWNER, "/v1/scopes/acme:tech:meetup").await.etag().to_owned();
    let request = archive("POST", MEETUP).if_match(&etag);
    let archived = world.send(&Principal::user(OWNER), request).await.expect(200);
    revoke(&world, OWNER, (SUMMIT, ADA)).await.expect(200);
    assert_eq!(list(&world).await, ["w01", "w02", "w04", "w05"], "Ada's invitee has no inviter");
    revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
    assert_eq!(list(&world).await, ["w01", "w02", "w05"]);
    assert_eq!(seats(&world).await, json!([4, 4]));

    let request = archive("DELETE", MEETUP).if_match(archived.etag());
    world.send(&Principal::user(OWNER), request).await.expect(200);
    revoke(&world, OWNER, (TECH, MAX)).await.expect(200);
    assert_eq!(list(&world).await, ["w01", "w05"], "out of the archive");
    assert_eq!(status(&world, "w02@example.org").await, "pending");
}

#[tokio::test]
async fn seats_that_become_free_together_are_promised_and_passed_on_by_the_schedule() {
    let world = full().await;
    for number in 0..3 {
        wait_for_seat(&world, &numbered(number)).await.expect(202);
    }
    set_limit(&world, 5).await;
    let report = get(&world, OWNER, "/v1/scopes/acme/seats").await.expect(200).body;
    assert_eq!((&report["promised"], &report["used"]), (&json!(2), &json!(3)));
    let invitation = json!({ "email": ADA, "role": "reader" });
    let refused = invite(&world, OWNER, TECH, &invitation).await;
    assert_eq!(refused.outcome(), "409 seat-limit-reached", "only promised seats are free");
    pass_seats(&world).await;
    assert_eq!(list(&world).await, ["w02"]);
    assert_eq!(seats(&world).await, json!([5, 5]));
    set_limit(&world, 7).await;
    invited(&world, ADA, TECH, "reader").await;
    pass_seats(&world).await;
    assert_eq!((list(&world).await.len(), seats(&world).await), (0, json!([7, 7])));
    pass_seats(&world).await;
    let marks = rows(&world, "W#").await;
    assert!(marks.is_empty(), "a client without a list is not looked at again: {marks:?}");
    wait_for_seat(&world, "late@example.org").await.expect(202);
    set_limit(&world, 8).await;
    world.audit_client("acme").await;
    assert_eq!(status(&world, "late@example.org").await, "pending", "an audit passes seats too");
}

#[tokio::test]
async fn the_list_is_put_in_another_order() {
    let world = full().await;
    for number in 0..3 {
        wait_for_seat(&world, &numbered(number)).await.expect(202);
    }
    let read = get(&world, OWNER, LIST).await.expect(200);
    let ids = |numbers: &[usize]| -> Value {
        numbers.iter().map(|number| id_of(&world, &numbered(*number))).collect()
    };
    for (wrong, case) in [
        (ids(&[2, 0]), "someone is left out"),
        (ids(&[2, 0, 1, 7]), "a stranger"),
        (ids(&[2, 0, 0]), "twice"),
        (json!(["x", "y", "z"]), "no ids"),
    ] {
        let refused = reorder(&world, OWNER, read.etag(), &wrong).await;
        assert_eq!(refused.outcome(), "422 invalid-field", "{case}");
        assert_eq!(refused.body["errors"][0]["pointer"], "/ids");
    }
    let turned = ids(&[2, 0, 1]);
    assert_eq!(reorder(&world, LEA, read.etag(), &turned).await.outcome(), "404 scope-not-found");
    let put = Request::new("PUT", LIST).json(&json!({ "ids": turned }));
    let unconditional = world.send(&Principal::user(OWNER), put).await;
    assert_eq!(unconditional.outcome(), "428 if-match-required");
    let done = reorder(&world, OWNER, read.etag(), &turned).await.expect(200);
    assert_eq!(list(&world).await, ["w02", "w00", "w01"]);
    assert_eq!(get(&world, OWNER, LIST).await.etag(), done.etag());
    let stale = reorder(&world, OWNER, read.etag(), &turned).await;
    assert_eq!(stale.outcome(), "412 stale-version");
    revoke(&world, OWNER, (TECH, "w00@example.org")).await.expect(200);
    assert_eq!(list(&world).await, ["w02", "w01"], "revoking removes from the list");
    revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
    assert_eq!(status(&world, "w02@example.org").await, "pending");
}

#[tokio::test]
async fn a_word_that_is_not_known_is_refused_everywhere() {
    let world = full().await;
    let person = json!({ "email": ADA, "grants": [{ "scope": TECH, "role": "reader" }] });
    let platform = Principal::platform();
    for (who, path, body) in [
        (
            Principal::user(OWNER),
            "acme:tech/collaborators",
            json!({ "email": ADA, "role": "reader", "ifFull": "maybe" }),
        ),
        (
            Principal::user(OWNER),
            "acme:tech:summit/copies",
            json!({ "from": MEETUP, "ifFull": "maybe" }),
        ),
        (platform.clone(), "acme/imports", json!({ "people": [person], "ifFull": "maybe" })),
    ] {
        let refused = post(&world, &who, &format!("/v1/scopes/{path}"), &body).await;
        assert_eq!(refused.outcome(), "422 invalid-field", "{path}");
        assert_eq!(refused.body["errors"][0]["pointer"], "/ifFull", "{path}");
    }
}

#[tokio::test]
async fn imports_and_copies_wait_too() {
    let world = full().await;
    let person = |email: &str, account: Value| {
        let grants = json!([{ "scope": MEETUP, "role": "reader" }]);
        json!({ "email": email, "grants": grants, "account": account })
    };
    let account = json!({ "iss": "https://id.example.org", "sub": "imported" });
    let people =
        json!([person("w00@example.org", account), person("w01@example.org", Value::Null)]);
    let body = json!({ "people": people, "ifFull": "wait" });
    let imported = post(&world, &Principal::platform(), "/v1/scopes/acme/imports", &body).await;
    let results = &imported.expect(200).body["results"];
    for index in [0, 1] {
        assert_eq!(
            (&results[index]["status"], &results[index]["outcome"]),
            (&json!(202), &json!("created"))
        );
        assert_eq!(results[index]["collaborator"]["position"], json!(index + 1));
    }
    let again = post(&world, &Principal::platform(), "/v1/scopes/acme/imports", &body).await;
    assert_eq!(again.expect(200).body["results"][0]["outcome"], "unchanged");
    let body = json!({ "from": MEETUP, "ifFull": "wait" });
    let path = format!("/v1/scopes/{SUMMIT}/copies");
    let copied = post(&world, &Principal::user(OWNER), &path, &body).await.expect(200);
    let copied = copied.body["results"].clone();
    assert_eq!((copied.as_array().unwrap().len(), &copied[0]["status"]), (2, &json!(202)));
    revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
    revoke(&world, OWNER, (TECH, MAX)).await.expect(200);
    assert_eq!(status(&world, "w00@example.org").await, "active");
    assert_eq!(status(&world, "w01@example.org").await, "pending");
    assert!(queued(&world, "w01@example.org").await.is_empty(), "imported without mails");
}
