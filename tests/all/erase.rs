//! Erasing a person from a client: their data is exported first, then removed, and everything else stays unchanged.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Principal, World};
use erase::Erase;
use lambda_http::{Context, LambdaEvent};
use serde_json::{Value, json};
use tokio::{runtime::Handle, task::block_in_place};

use crate::{
    promises::{assert_history, assert_invariants, assert_mails},
    support::{
        LEA, MAX, OWNER, SUMMIT, TECH, accept, acme_with, active, assign, get, history, id_of,
        invite, invited, log_in, post, put_scope, revoke, rows, seats, seen, token_of,
    },
};

/// The words that identify Léa, in lower case.
const HER: [&str; 3] = ["lea@", "léa", "account of lea"];

async fn ask(world: &World, email: &str, erase: bool) -> Value {
    world.erase(json!({ "client": "acme", "email": email, "erase": erase })).await.unwrap()
}

/// A client with seven seats. Léa was invited, became an administrator, granted, invited, gave a reason, and is named in
/// reasons of others; each a second apart.
pub async fn with_lea() -> World {
    let world = acme_with(&json!({ "seatLimit": 7 })).await;
    let pause = || world.wait(Duration::from_secs(1));
    let body = json!({ "email": "Lea@Example.org", "name": "Léa Martin", "role": "administrator" });
    invite(&world, OWNER, TECH, &body).await.expect(201);
    let token = token_of(&world, "Lea@Example.org").await;
    pause();
    accept(&world, &lea(), &token).await.expect(200);
    active(&world, MAX, "acme:rh", "reader").await;
    pause();
    let why = json!({ "role": "manager", "reason": "Pour le salon" });
    assign(&world, OWNER, ("acme:rh", MAX), &why).await.expect(200);
    for (email, scope) in [(MAX, TECH), ("ida@example.org", SUMMIT)] {
        pause();
        let body = json!({ "email": email, "role": "reader", "message": "Léa" });
        let path = format!("/v1/scopes/{scope}/collaborators");
        post(&world, &lea(), &path, &body).await.expect(201);
    }
    pause();
    let why = json!({ "role": "observer", "reason": "selon Léa" });
    assign(&world, LEA, (TECH, MAX), &why).await.expect(200);
    pause();
    let raise = json!({ "role": "contributor", "reason": "Léa part bientôt" });
    assign(&world, OWNER, (TECH, LEA), &raise).await.expect(200);
    pause();
    world
}

fn lea() -> Principal {
    Principal::user(LEA).with("name", "Léa Martin")
}

/// How many mails are queued for a collaborator.
pub async fn waiting(world: &World, email: &str) -> usize {
    let (rows, id) = (rows(world, "O#").await, AttributeValue::S(id_of(world, email)));
    rows.into_values().filter(|row| row.get("collaborator") == Some(&id)).count()
}

/// The lines of the table that name Léa, without the idempotency records, which expire after a day.
pub async fn naming_lea(world: &World) -> Vec<String> {
    let everything = world.dump().await.to_lowercase();
    let lines = everything.lines().filter(|line| HER.iter().any(|word| line.contains(word)));
    lines.map(ToOwned::to_owned).collect()
}

#[tokio::test]
async fn an_export_contains_all_data_of_the_person_names_no_other_and_changes_nothing() {
    let world = with_lea().await;
    let before = world.dump().await;
    let mut export = ask(&world, "LEA@example.org", false).await;
    assert_eq!(world.dump().await, before);
    for entry in export["history"].as_array_mut().unwrap() {
        entry["id"] = json!("…");
    }
    for other in [OWNER, MAX, "ida@example.org"] {
        assert!(!export.to_string().contains(other), "{other}");
    }
    assert!(export.to_string().contains(&id_of(&world, MAX)));
    insta::assert_json_snapshot!(export);
}

#[tokio::test]
async fn after_an_erasure_no_record_names_the_person_and_the_seat_is_free() {
    let world = with_lea().await;
    assert_eq!(seats(&world).await, json!([7, 4]));
    assert!(naming_lea(&world).await.len() > 6);
    let exported = ask(&world, LEA, false).await;
    let erased = ask(&world, LEA, true).await;
    assert_eq!((&exported["outcome"], &erased["outcome"]), (&json!("exported"), &json!("erased")));
    assert_eq!(erased["history"], exported["history"], "the erasure returns the export too");
    assert_eq!(naming_lea(&world).await, [""; 0]);
    assert_eq!(seats(&world).await, json!([7, 3]));
    assert_eq!(world.counts()["Erasures"], 1);
    assert_invariants(&world, false, "erased").await;
    assert_history(&world, "erased").await;
}

#[tokio::test]
async fn after_an_erasure_the_history_has_a_pseudonym() {
    let world = with_lea().await;
    let pseudonym = ask(&world, LEA, true).await["pseudonym"].as_str().unwrap().to_owned();
    assert_eq!(pseudonym, format!("erased-{}@erased.invalid", &id_of(&world, LEA)[..10]));
    let entries = history(&world, LEA).await;
    let expected = [
        format!("invited by {OWNER}: acme:tech - > administrator pending"),
        format!("activated by {pseudonym}: acme:tech administrator pending > administrator active"),
        format!("role-changed by {OWNER}: acme:tech administrator active > contributor active"),
        "erased by system: acme:tech contributor active > -".to_owned(),
    ];
    assert_eq!(entries, expected);
    let of_max = history(&world, MAX).await;
    let by_lea = of_max.iter().filter(|entry| entry.contains(&format!("by {pseudonym}: ")));
    assert_eq!(by_lea.count(), 2);
    assert!(of_max.iter().any(|entry| entry.ends_with("(Pour le salon)")), "other reasons stay");
    let page = get(&world, OWNER, "/v1/scopes/acme/history?limit=100").await.expect(200);
    let entries = page.body["entries"].as_array().unwrap();
    assert!(entries.iter().any(|entry| entry["collaborator"]["email"] == json!(pseudonym)));
    let filtered = format!("/v1/scopes/acme/history?collaborator={}", id_of(&world, LEA));
    let filtered = get(&world, OWNER, &filtered).await.expect(200);
    assert_eq!(filtered.body["entries"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn grants_and_invitations_by_the_erased_person_stay_valid() {
    let world = with_lea().await;
    let before = seen(&world, "acme", MAX).await;
    let link = token_of(&world, "ida@example.org").await;
    ask(&world, LEA, true).await;
    let after = seen(&world, "acme", MAX).await;
    assert_eq!(after.body["permissions"], before.body["permissions"]);
    assert_ne!(after.etag(), before.etag(), "a concurrent change cannot restore the old record");
    let by = |answer: &Answer, grant: &str| {
        answer.text(&format!("/grants/{grant}/grantedBy/email")).to_owned()
    };
    assert!((0..2).any(|grant| by(&after, &grant.to_string()).ends_with("@erased.invalid")));
    accept(&world, &Principal::user("ida@example.org"), &link).await.expect(200);
    let checks = json!({ "checks": [{ "scope": SUMMIT, "permission": "contacts:view" }] });
    let check = post(&world, &Principal::user("ida@example.org"), "/v1/checks", &checks).await;
    assert_eq!(check.body["results"][0]["allowed"], true);
    let check = post(&world, &Principal::user(LEA), "/v1/checks", &checks).await;
    assert_eq!(check.body["results"][0]["allowed"], false);
}

#[tokio::test]
async fn queued_mail_to_the_person_is_dropped_and_other_mail_does_not_name_them() {
    let world = with_lea().await;
    let mail = json!({ "subject": "Bonjour", "text": "À ce soir." });
    let again = json!({ "role": "administrator" });
    assign(&world, OWNER, (TECH, LEA), &again).await.expect(200);
    post(&world, &lea(), "/v1/scopes/acme:tech/announcements", &mail).await.expect(202);
    assert!(waiting(&world, LEA).await > 0 && waiting(&world, "ida@example.org").await > 0);
    let sent = world.ses.mails().len();
    ask(&world, LEA, true).await;
    assert_eq!(waiting(&world, LEA).await, 0);
    world.deliver().await;
    world.deliver().await;
    let mails = world.ses.mails().split_off(sent);
    assert!(mails.iter().any(|mail| mail.to == "ida@example.org"));
    for mail in &mails {
        assert!(!mail.to.contains("lea@"), "{}", mail.subject);
        assert!(
            !mail.subject.contains("Léa") && !mail.subject.contains("erased"),
            "{}",
            mail.subject
        );
    }
    assert_mails(&world, "erased").await;
}

#[tokio::test]
async fn a_repeated_erasure_reports_that_nothing_is_known() {
    let world = with_lea().await;
    ask(&world, LEA, true).await;
    let before = world.dump().await;
    for erase in [true, false] {
        let again = ask(&world, LEA, erase).await;
        assert_eq!(again["outcome"], "nothing-known");
        assert_eq!((&again["record"], &again["history"]), (&json!(null), &json!([])));
    }
    assert_eq!(ask(&world, "stranger@example.org", true).await["outcome"], "nothing-known");
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn an_owner_is_not_erased_before_ownership_is_transferred() {
    let world = with_lea().await;
    let gala = json!({ "name": "Gala", "kind": "event", "owner": { "email": LEA } });
    put_scope(&world, "acme:tech:gala", &gala).await.expect(201);
    for (email, owned) in [(OWNER, "acme"), (LEA, "acme:tech:gala")] {
        let before = world.dump().await;
        let refused = ask(&world, email, true).await;
        assert_eq!((&refused["outcome"], &refused["owns"]), (&json!("refused"), &json!([owned])));
        assert!(refused["detail"].as_str().unwrap().contains("Transfer each of them"));
        assert_eq!(world.dump().await, before, "nothing was changed");
    }
    let to_max = json!({ "collaborator": id_of(&world, MAX) });
    post(&world, &Principal::platform(), "/v1/scopes/acme:tech:gala/owner", &to_max)
        .await
        .expect(200);
    assert_eq!(ask(&world, LEA, true).await["outcome"], "erased");
    assert_eq!(naming_lea(&world).await, [""; 0]);
    assert_invariants(&world, false, "handed over").await;
}

#[tokio::test]
async fn a_former_collaborator_is_erased_from_the_history() {
    let world = with_lea().await;
    revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
    let used = seats(&world).await;
    let erased = ask(&world, LEA, true).await;
    assert_eq!((&erased["outcome"], &erased["record"]), (&json!("erased"), &json!(null)));
    let mails = erased["mails"].as_array().unwrap();
    assert!(mails.iter().any(|row| row["mail"]["kind"] == "access-taken"));
    assert_eq!(naming_lea(&world).await, [""; 0]);
    assert_eq!(seats(&world).await, used);
}

#[tokio::test]
async fn pending_and_expired_collaborators_are_erased_even_after_their_records_time_to_live() {
    let world = acme_with(&json!({ "seatLimit": 9 })).await;
    let lea = json!({ "email": LEA, "name": "Léa", "role": "reader" });
    invite(&world, OWNER, TECH, &lea).await.expect(201);
    let start = world.snapshot();
    for days in [1, 15, 60] {
        world.restore(&start);
        world.wait(DAY * days);
        world.audit().await;
        let erased = ask(&world, LEA, true).await;
        assert_eq!((days, &erased["outcome"]), (days, &json!("erased")));
        assert_eq!(naming_lea(&world).await, [""; 0], "{days}");
        assert_eq!(seats(&world).await, json!([9, 1]), "{days}");
        assert_invariants(&world, false, "pending").await;
    }
}

#[tokio::test]
async fn an_erased_person_can_be_invited_again_and_starts_afresh() {
    let world = with_lea().await;
    ask(&world, LEA, true).await;
    world.wait(DAY);
    let invited = invited(&world, LEA, "acme:rh", "reader").await;
    assert_eq!((invited.text("/status"), &invited.body["name"]), ("pending", &json!(null)));
    log_in(&world, LEA).await;
    let grants = seen(&world, "acme", LEA).await.body["grants"].as_array().unwrap().len();
    assert_eq!((grants, seats(&world).await), (1, json!([7, 4])));
    let export = ask(&world, LEA, false).await;
    assert_eq!(export["history"].as_array().unwrap().len(), 2, "the erased entries stay erased");
    assert_eq!(ask(&world, LEA, true).await["outcome"], "erased");
    assert_eq!(naming_lea(&world).await, [""; 0]);
    assert_history(&world, "twice").await;
}

#[tokio::test]
async fn an_erasure_does_not_affect_another_client() {
    let world = with_lea().await;
    let expo = json!({
        "name": "Expo", "seatLimit": 2, "granting": "owner", "owner": { "email": LEA, "name": "Léa" },
    });
    put_scope(&world, "expo", &expo).await.expect(201);
    let of_expo = |lines: String| -> Vec<String> {
        lines.lines().filter(|line| line.contains("expo")).map(ToOwned::to_owned).collect()
    };
    let before = of_expo(world.dump().await);
    assert_eq!(ask(&world, LEA, true).await["outcome"], "erased");
    assert_eq!(of_expo(world.dump().await), before);
    assert!(naming_lea(&world).await.iter().all(|line| line.contains("expo")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_concurrent_change_by_the_person_fails_or_is_erased_too() {
    let start = with_lea().await;
    let again = json!({ "role": "administrator" });
    assign(&start, OWNER, (TECH, LEA), &again).await.expect(200);
    let body = json!({ "email": "new@example.org", "role": "reader" });
    for call in 0..12 {
        let world = start.copy().await;
        let (other, body) = (world.second_instance(), body.clone());
        let mut count = 0;
        world.break_calls(move |_| {
            count += 1;
            if count == call {
                let change = async {
                    let path = "/v1/scopes/acme:tech/collaborators";
                    post(&other, &lea(), path, &body).await;
                };
                block_in_place(|| Handle::current().block_on(change));
            }
            None
        });
        ask(&world, LEA, true).await;
        world.set_table_down(false);
        assert_eq!(naming_lea(&world).await, [""; 0], "before call {call}");
        assert_invariants(&world, false, "meanwhile").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_sent_during_an_erasure_has_a_working_link() {
    // While the record is deleted, and while the mails are rewritten.
    for moment in ["TransactWriteItems", "UpdateItem"] {
        let world = with_lea().await;
        let other = world.second_instance();
        world.break_calls(move |trip| {
            if trip.operation == moment {
                block_in_place(|| Handle::current().block_on(other.deliver()));
            }
            None
        });
        ask(&world, LEA, true).await;
        world.set_table_down(false);
        assert_eq!(world.ses.mails_to("ida@example.org").len(), 1);
        assert!(rows(&world, "O#").await.is_empty(), "no sent mail is queued again");
        assert_mails(&world, "delivered meanwhile").await;
        let token = token_of(&world, "ida@example.org").await;
        accept(&world, &Principal::user("ida@example.org"), &token).await.expect(200);
    }
}

#[tokio::test]
async fn the_list_of_known_addresses_includes_former_collaborators() {
    let world = with_lea().await;
    revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
    let known = world.erase(json!({ "client": "acme" })).await.unwrap();
    assert_eq!(known["known"], json!(["ida@example.org", LEA, MAX, OWNER]));
    assert_eq!(known["owners"], json!([OWNER]));
    ask(&world, LEA, true).await;
    let known = world.erase(json!({ "client": "acme" })).await.unwrap();
    assert_eq!(known["known"], json!(["ida@example.org", MAX, OWNER]));
}

/// As docs/runbook.md describes: the owner is replaced by an unused address and then erased too.
#[tokio::test]
async fn a_whole_client_can_be_erased_person_by_person_with_the_owner_last() {
    let world = with_lea().await;
    world.deliver().await;
    let unused = json!({ "email": "closed@platform.test" });
    post(&world, &Principal::platform(), "/v1/scopes/acme/owner", &unused).await.expect(200);
    let known = world.erase(json!({ "client": "acme" })).await.unwrap();
    for email in known["known"].as_array().unwrap() {
        if *email != "closed@platform.test" {
            assert_eq!(ask(&world, email.as_str().unwrap(), true).await["outcome"], "erased");
        }
    }
    let known = world.erase(json!({ "client": "acme" })).await.unwrap();
    assert_eq!(known["known"], json!(["closed@platform.test"]));
    let people: Vec<String> =
        rows(&world, "C#acme").await.into_keys().filter(|key| key.starts_with("P#")).collect();
    assert_eq!(people.len(), 1);
    for word in ["example.org", "acme.test", "Léa", "Odile"] {
        assert!(!world.dump().await.contains(word), "{word}");
    }
    assert_invariants(&world, false, "closed").await;
}

#[tokio::test]
async fn an_invalid_event_or_unknown_client_is_reported_and_changes_nothing() {
    let world = with_lea().await;
    let before = world.dump().await;
    for (event, outcome) in [
        (json!({ "client": "acme", "email": LEA, "erase": "yes" }), "not-understood"),
        (json!({ "source": "aws.events", "detail": {} }), "not-understood"),
        (json!({ "client": "unknown", "email": LEA, "erase": true }), "no-client"),
    ] {
        assert_eq!(world.erase(event).await.unwrap()["outcome"], outcome);
    }
    assert_eq!(world.dump().await, before);
}

/// The call that completes the export erases.
#[tokio::test]
async fn a_history_larger_than_a_response_is_exported_in_parts_before_anything_is_erased() {
    let world = with_lea().await;
    let whole = ask(&world, LEA, false).await;
    let small = Erase { largest: 600, ..Erase::new(world.app.clone()) };
    let (mut entries, mut next, before) = (Vec::new(), json!(null), world.dump().await);
    let last = loop {
        let event = json!({ "client": "acme", "email": LEA, "erase": true, "after": next });
        let part = small.handle(LambdaEvent::new(event, Context::default())).await.unwrap();
        entries.extend(part["history"].as_array().unwrap().clone());
        next = part["next"].clone();
        if next.is_null() {
            break part;
        }
        assert_eq!(part["outcome"], "exported-in-part");
        assert_eq!(world.dump().await, before, "nothing was changed");
    };
    assert!(last["history"].as_array().unwrap().len() < entries.len(), "in one part");
    assert_eq!((&json!(entries), &last["outcome"]), (&whole["history"], &json!("erased")));
    assert_eq!(ask(&world, LEA, true).await["outcome"], "nothing-known");
}
