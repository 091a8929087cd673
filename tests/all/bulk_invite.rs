//! `POST /v1/scopes/{scope}/collaborators` with several invitations: each in its own transaction, in order.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Fault, Principal, Request, World};
use serde_json::{Value, json};
use tokio::{runtime::Handle, task::block_in_place};

use crate::{
    audit_live::held,
    support::{
        LEA, MAX, OWNER, TECH, acme, acme_with, active, history, invite, put_scope, queued, revoke,
        seats,
    },
};

/// Invitations of these addresses as readers.
pub fn readers<T: AsRef<str>>(emails: &[T]) -> Value {
    let one = |email: &T| json!({ "email": email.as_ref(), "role": "reader" });
    json!({ "invitations": emails.iter().map(one).collect::<Vec<_>>() })
}

/// So many addresses.
pub fn people(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("p{number}@example.org")).collect()
}

/// The status and the problem code of each item.
pub fn outcomes(answer: &Answer) -> Vec<String> {
    let results = answer.body["results"].as_array().unwrap();
    let one = |(index, result): (usize, &Value)| {
        assert_eq!(result["index"], index);
        assert_eq!(
            result["problem"]["status"].as_u64().unwrap_or(result["status"].as_u64().unwrap()),
            result["status"]
        );
        let code = result["problem"]["code"].as_str().unwrap_or_default();
        format!("{} {code}", result["status"]).trim_end().to_owned()
    };
    results.iter().enumerate().map(one).collect()
}

#[tokio::test]
async fn a_batch_of_fifty_invites_each_in_one_transaction_with_results_in_order() {
    let world = acme_with(&json!({ "seatLimit": 51 })).await;
    let emails = people(50);
    drop(world.trips());
    let answer = invite(&world, OWNER, TECH, &readers(&emails)).await.expect(200);
    // The client, the scope, the caller, 50 collaborators and 50 counters are more than 100 keys: two parallel reads.
    let (reads, writes) = (["BatchGetItem"; 2], ["TransactWriteItems"; 50]);
    assert_eq!(world.operations(), [&reads[..], &writes[..]].concat());
    assert_eq!(outcomes(&answer), vec!["201"; 50]);
    for (index, email) in emails.iter().enumerate() {
        let collaborator = &answer.body["results"][index]["collaborator"];
        assert_eq!(collaborator["email"], *email);
        assert_eq!(collaborator["status"], "pending");
        let entry = "invited by owner@acme.test: acme:tech - > reader pending";
        assert_eq!(history(&world, email).await, [entry]);
        assert_eq!(queued(&world, email).await, ["invitation"]);
    }
    assert_eq!(seats(&world).await, json!([51, 51]));
    world.deliver().await;
    for email in emails {
        assert_eq!(world.ses.mails_to(&email).len(), 1, "{email}");
    }
}

#[tokio::test]
async fn a_batch_takes_the_exact_number_of_seats_and_none_for_collaborators_who_have_one() {
    let world = acme_with(&json!({ "seatLimit": 4 })).await;
    active(&world, LEA, "acme:rh", "reader").await;
    let emails = ["a@example.org", "b@example.org", "c@example.org", LEA, "d@example.org"];
    let answer = invite(&world, OWNER, TECH, &readers(&emails)).await.expect(200);
    let full = "409 seat-limit-reached";
    assert_eq!(outcomes(&answer), ["201", "201", full, "201", full]);
    let problem = &answer.body["results"][2]["problem"];
    assert_eq!(problem["seats"], json!({ "limit": 4, "used": 4 }));
    assert_eq!(seats(&world).await, json!([4, 4]));
    for refused in ["c@example.org", "d@example.org"] {
        assert_eq!(history(&world, refused).await, [""; 0]);
        assert_eq!(queued(&world, refused).await, [""; 0]);
    }
}

#[tokio::test]
async fn a_batch_sweeps_expired_seats_until_none_is_left() {
    let world = acme_with(&json!({ "seatLimit": 3 })).await;
    invite(&world, OWNER, TECH, &readers(&people(2))).await.expect(200);
    world.wait(DAY * 14);
    drop(world.trips());
    let emails = ["a@example.org", "b@example.org", "c@example.org", "d@example.org"];
    let answer = invite(&world, OWNER, TECH, &readers(&emails)).await.expect(200);
    let full = "409 seat-limit-reached";
    assert_eq!(outcomes(&answer), ["201", "201", full, full]);
    let (read, sweep, write) = ("BatchGetItem", "Query", "TransactWriteItems");
    let in_vain = [sweep, read, read];
    assert_eq!(
        world.operations(),
        [&[read, sweep, read, write, read, write, write], &in_vain[..]].concat()
    );
    assert_eq!(seats(&world).await, json!([3, 3]));
}

#[tokio::test]
async fn a_batch_takes_more_expired_seats_than_one_sweep_releases() {
    let world = acme_with(&json!({ "seatLimit": 51 })).await;
    invite(&world, OWNER, TECH, &readers(&people(50))).await.expect(200);
    world.wait(DAY * 14);
    let emails: Vec<String> = (0..50).map(|number| format!("new{number}@example.org")).collect();
    let emails: Vec<&str> = emails.iter().map(String::as_str).collect();
    let answer = invite(&world, OWNER, TECH, &readers(&emails)).await.expect(200);
    assert_eq!(outcomes(&answer), ["201"; 50]);
    assert_eq!(seats(&world).await, json!([51, 51]));
}

#[tokio::test]
async fn a_repeated_address_in_any_spelling_already_has_access() {
    let world = acme().await;
    let emails = [LEA, "Lea@Example.ORG", "LEA@example.org."];
    let answer = invite(&world, OWNER, TECH, &readers(&emails)).await.expect(200);
    assert_eq!(outcomes(&answer), ["201", "409 already-has-access", "409 already-has-access"]);
    let first = &answer.body["results"][0]["collaborator"]["id"];
    assert_eq!(answer.body["results"][1]["problem"]["collaborator"], *first);
    assert_eq!(history(&world, LEA).await.len(), 1);
    assert_eq!(seats(&world).await, json!([null, 2]));
}

#[tokio::test]
async fn an_invalid_invitation_does_not_stop_the_others() {
    let world = acme().await;
    let body = json!({ "invitations": [
        { "email": "no address", "role": "reader", "locale": "de" },
        { "email": LEA, "role": "reader" },
        { "email": MAX, "role": "king" },
        { "email": MAX, "role": "owner" },
        { "email": OWNER, "role": "reader" },
        { "email": MAX, "role": null },
        { "role": "reader" },
    ] });
    let request = Request::new("POST", "/v1/scopes/acme:tech/collaborators").json(&body);
    let request = request.header("accept-language", "fr");
    let answer = world.send(&Principal::user(OWNER), request).await.expect(200);
    assert_eq!(answer.text("/results/0/problem/title"), "Adresse e-mail non valide");
    let (email, role) = ("422 invalid-email", "422 invalid-role");
    let expected = [email, "201", role, "422 role-not-allowed-here", "403 own-role", role, email];
    assert_eq!(outcomes(&answer), expected);
    let errors = &answer.body["results"][0]["problem"]["errors"];
    let detail = "il manque le @";
    let email =
        json!({ "pointer": "/invitations/0/email", "code": "invalid-email", "detail": detail });
    assert_eq!(errors[0], email);
    assert_eq!(errors[1]["pointer"], "/invitations/0/locale");
    let errors = &answer.body["results"][2]["problem"]["errors"];
    assert_eq!(errors[0]["pointer"], "/invitations/2/role");
    assert_eq!(seats(&world).await, json!([null, 2]));
}

#[tokio::test]
async fn an_empty_or_too_long_batch_is_refused_with_the_limit() {
    let world = acme().await;
    let before = world.dump().await;
    let none = invite(&world, OWNER, TECH, &json!({ "invitations": [] })).await;
    assert_eq!(none.outcome(), "422 invalid-field");
    assert_eq!(none.text("/errors/0/pointer"), "/invitations");
    let many = invite(&world, OWNER, TECH, &readers(&people(51))).await;
    assert_eq!(many.outcome(), "422 too-many-items");
    assert!(many.text("/detail").ends_with("(50 at most)"), "{}", many.body);
    let message = "x".repeat(6_000);
    let one = |number: usize| json!({ "email": format!("p{number}@example.org"), "role": "reader", "message": message });
    let large = json!({ "invitations": (0..50).map(one).collect::<Vec<_>>() });
    let large = invite(&world, OWNER, TECH, &large).await;
    assert_eq!(large.outcome(), "413 too-large");
    for malformed in [
        json!({ "invitations": [{ "email": LEA, "role": "reader", "status": "active" }] }),
        json!({ "invitations": [LEA] }),
        json!({ "invitations": [[LEA, "reader", null, null, null, null, null]] }),
        json!({ "invitations": {} }),
        json!({ "invitations": null }),
        json!({ "invitations": [], "email": LEA, "role": "reader" }),
    ] {
        let answer = invite(&world, OWNER, TECH, &malformed).await;
        assert_eq!(answer.outcome(), "400 malformed", "{malformed}");
    }
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn a_batch_stops_after_24_seconds_and_a_retry_with_the_same_key_continues() {
    let world = acme().await;
    let advance = world.clock_advancer();
    world.break_calls(move |trip| {
        if trip.operation == "TransactWriteItems" {
            advance(Duration::from_secs(5));
        }
        None
    });
    let request = Request::new("POST", "/v1/scopes/acme:tech/collaborators")
        .json(&readers(&people(7)))
        .header("idempotency-key", "seven people");
    let first = world.send(&Principal::user(OWNER), request.clone()).await.expect(200);
    let late = "503 try-again";
    assert_eq!(outcomes(&first), ["201", "201", "201", "201", "201", late, late]);
    assert_eq!(first.body["results"][5]["problem"]["retryAfter"], 1);
    let second = world.send(&Principal::user(OWNER), request).await.expect(200);
    assert_eq!(outcomes(&second), vec!["201"; 7]);
    for index in 0..5 {
        assert_eq!(second.body["results"][index], first.body["results"][index]);
    }
    for email in people(7) {
        assert_eq!(history(&world, &email).await.len(), 1, "{email}");
    }
    assert_eq!(seats(&world).await, json!([null, 8]));
}

#[tokio::test]
async fn an_item_with_an_unknown_outcome_is_done_or_not_and_a_retry_with_the_same_key_shows_it() {
    for (fault, expected) in [(Fault::AnswerLost, 1), (Fault::Unreachable, 0)] {
        let world = acme().await.impatient();
        let advance = world.clock_advancer();
        let mut written = 0;
        world.break_calls(move |trip| {
            if trip.operation != "TransactWriteItems" {
                return None;
            }
            written += 1;
            match written {
                // Shortly before the end of the batch, retries stop quickly.
                1 => advance(Duration::from_millis(23_990)),
                _ => return Some(fault),
            }
            None
        });
        let request = Request::new("POST", "/v1/scopes/acme:tech/collaborators")
            .json(&readers(&people(2)))
            .header("idempotency-key", "two people");
        let first = world.send(&Principal::user(OWNER), request.clone()).await.expect(200);
        assert_eq!(outcomes(&first), ["201", "503 try-again"]);
        assert_eq!(history(&world, "p1@example.org").await.len(), expected);
        world.set_table_down(false);
        let world = world.patient();
        let second = world.send(&Principal::user(OWNER), request).await.expect(200);
        assert_eq!(outcomes(&second), ["201", "201"]);
        assert_eq!(history(&world, "p1@example.org").await.len(), 1);
        assert_eq!(seats(&world).await, json!([null, 3]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_loses_access_during_a_batch_grants_no_more() {
    let world = acme().await;
    active(&world, LEA, TECH, "administrator").await;
    let (other, mut written) = (world.second_instance(), 0);
    world.break_calls(move |trip| {
        written += usize::from(trip.operation == "TransactWriteItems");
        if written == 3 {
            written += 1;
            let revoked = revoke(&other, OWNER, (TECH, LEA));
            block_in_place(|| Handle::current().block_on(revoked)).expect(200);
        }
        None
    });
    let answer = invite(&world, LEA, TECH, &readers(&people(4))).await.expect(200);
    let gone = "404 scope-not-found";
    assert_eq!(outcomes(&answer), ["201", "201", gone, gone]);
    assert_eq!(history(&world, "p2@example.org").await, [""; 0]);
}

#[tokio::test]
async fn the_mail_limits_apply_to_a_batch() {
    let limits = coulisses_domain::mail_budget::MailLimits { invitations: 3, announcements: 20 };
    let world = crate::support::furnished(World::with_limits(limits).await, &json!({})).await;
    // The invitation of the owner was the first.
    let answer = invite(&world, OWNER, TECH, &readers(&people(4))).await.expect(200);
    let limit = "429 mail-limit";
    assert_eq!(outcomes(&answer), ["201", "201", limit, limit]);
    assert!(answer.body["results"][2]["problem"]["retryAfter"].is_u64());
    // A collaborator revoked and invited again within the minute gets no second mail.
    revoke(&world, OWNER, (TECH, "p0@example.org")).await.expect(200);
    let again = invite(&world, OWNER, TECH, &readers(&["p0@example.org"])).await;
    assert_eq!(outcomes(&again.expect(200)), ["429 resend-too-soon"]);
}

#[tokio::test]
async fn line_12_a_batch_grants_nothing_that_a_single_invitation_could_not() {
    let world = acme_with(&json!({ "granting": "owner" })).await;
    active(&world, LEA, TECH, "administrator").await;
    let batch = json!({ "invitations": [{ "email": MAX, "role": "administrator" }] });
    assert_eq!(invite(&world, LEA, TECH, &batch).await.outcome(), "403 forbidden");
    put_scope(
        &world,
        "acme",
        &json!({ "name": "Acme", "seatLimit": null, "granting": "administrators", "roles": ["reader"] }),
    )
    .await
    .expect(200);
    let answer = invite(&world, LEA, TECH, &batch).await.expect(200);
    assert_eq!(outcomes(&answer), ["422 role-not-offered"]);
}

#[tokio::test]
async fn two_concurrent_batches_share_the_seats_exactly() {
    let world = acme_with(&json!({ "seatLimit": 11 })).await;
    let batch = async |name: &str| {
        let emails: Vec<String> = (0..10).map(|number| format!("{name}{number}@x.test")).collect();
        outcomes(&invite(&world, OWNER, TECH, &readers(&emails)).await.expect(200))
    };
    let (one, other) = tokio::join!(batch("a"), batch("b"));
    let mut all = [one, other].concat();
    all.sort();
    assert_eq!(all, [["201"; 10], ["409 seat-limit-reached"; 10]].concat());
    assert_eq!((seats(&world).await, held(&world).await), (json!([11, 11]), 11));
}
