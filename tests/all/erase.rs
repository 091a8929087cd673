//! Erasing a person from a client: what is known is told first, then nothing of it is left, and all else stays as it was.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Who, World};
use erase::Erase;
use lambda_http::{Context, LambdaEvent};
use serde_json::{Value, json};

use crate::{
    promises::{hold_always, hold_history, hold_mails},
    support::{
        accept, acme_with, active, assign, get, history, id_of, invite, log_in, post, put_scope,
        revoke, rows, seats, seen, token_of,
    },
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";
const MAX: &str = "max@example.org";

/// The words by which Léa could be known again, in whatever spelling.
const HER: [&str; 3] = ["lea@", "léa", "account of lea"];

async fn ask(world: &World, email: &str, erase: bool) -> Value {
    world.erase(json!({ "client": "acme", "email": email, "erase": erase })).await.unwrap()
}

/// A client of seven seats in which Léa was invited, works as an administrator, gave, invited, wrote, and was written of,
/// one after another.
pub async fn with_lea() -> World {
    let world = acme_with(&json!({ "seatLimit": 7 })).await;
    let soon = || world.wait(Duration::from_secs(1));
    let lea = json!({ "email": "Lea@Example.org", "name": "Léa Martin", "role": "administrator" });
    invite(&world, OWNER, "acme:tech", &lea).await.expect(201);
    let token = token_of(&world, "Lea@Example.org").await;
    soon();
    accept(&world, &lea_herself(), &token).await.expect(200);
    active(&world, MAX, "acme:rh", "reader").await;
    soon();
    let why = json!({ "role": "manager", "reason": "Pour le salon" });
    assign(&world, OWNER, ("acme:rh", MAX), &why).await.expect(200);
    for (email, scope) in [(MAX, "acme:tech"), ("ida@example.org", "acme:tech:summit")] {
        soon();
        let body = json!({ "email": email, "role": "reader", "message": "Léa" });
        let path = format!("/v1/scopes/{scope}/collaborators");
        post(&world, &lea_herself(), &path, &body).await.expect(201);
    }
    soon();
    let why = json!({ "role": "observer", "reason": "selon Léa" });
    assign(&world, LEA, ("acme:tech", MAX), &why).await.expect(200);
    soon();
    let raise = json!({ "role": "contributor", "reason": "Léa part bientôt" });
    assign(&world, OWNER, ("acme:tech", LEA), &raise).await.expect(200);
    soon();
    world
}

fn lea_herself() -> Who {
    Who::person(LEA).with("name", "Léa Martin")
}

/// How many mails wait for somebody.
async fn waiting(world: &World, email: &str) -> usize {
    let (rows, id) = (rows(world, "O#").await, AttributeValue::S(id_of(world, email)));
    rows.into_values().filter(|row| row.get("collaborator") == Some(&id)).count()
}

/// All of the table that names her, but for the answers that are kept for a day.
pub async fn naming_her(world: &World) -> Vec<String> {
    let everything = world.everything().await.to_lowercase();
    let lines = everything.lines().filter(|line| HER.iter().any(|word| line.contains(word)));
    lines.map(ToOwned::to_owned).collect()
}

#[tokio::test]
async fn an_export_tells_all_that_is_known_and_changes_nothing() {
    let world = with_lea().await;
    let before = world.everything().await;
    let mut export = ask(&world, "LEA@example.org", false).await;
    assert_eq!(world.everything().await, before);
    for entry in export["history"].as_array_mut().unwrap() {
        entry["id"] = json!("…");
    }
    insta::assert_json_snapshot!(export);
}

#[tokio::test]
async fn an_export_names_nobody_else() {
    let world = with_lea().await;
    let export = ask(&world, LEA, false).await.to_string();
    for other in [OWNER, MAX, "ida@example.org"] {
        assert!(!export.contains(other), "{other}");
    }
    assert!(export.contains(&id_of(&world, MAX)));
}

#[tokio::test]
async fn after_an_erasure_nothing_names_the_person_and_the_seat_is_free() {
    let world = with_lea().await;
    assert_eq!(seats(&world).await, json!([7, 4]));
    assert!(naming_her(&world).await.len() > 6);
    let exported = ask(&world, LEA, false).await;
    let erased = ask(&world, LEA, true).await;
    assert_eq!((&exported["outcome"], &erased["outcome"]), (&json!("exported"), &json!("erased")));
    assert_eq!(erased["history"], exported["history"], "it is told once more");
    assert_eq!(naming_her(&world).await, [""; 0]);
    assert_eq!(seats(&world).await, json!([7, 3]));
    assert_eq!(world.counts()["Erasures"], 1);
    hold_always(&world, false, "erased").await;
    hold_history(&world, "erased").await;
}

#[tokio::test]
async fn the_history_stays_readable_under_a_pseudonym() {
    let world = with_lea().await;
    let pseudonym = ask(&world, LEA, true).await["pseudonym"].as_str().unwrap().to_owned();
    assert_eq!(pseudonym, format!("erased-{}@erased.invalid", &id_of(&world, LEA)[..10]));
    let told = history(&world, LEA).await;
    let expected = [
        format!("invited by {OWNER}: acme:tech - > administrator pending"),
        format!("activated by {pseudonym}: acme:tech administrator pending > administrator active"),
        format!("role-changed by {OWNER}: acme:tech administrator active > contributor active"),
        "erased by system: acme:tech contributor active > -".to_owned(),
    ];
    assert_eq!(told, expected);
    let of_max = history(&world, MAX).await;
    let by_her = of_max.iter().filter(|entry| entry.contains(&format!("by {pseudonym}: ")));
    assert_eq!(by_her.count(), 2);
    assert!(
        of_max.iter().any(|entry| entry.ends_with("(Pour le salon)")),
        "others' own words stay"
    );
    let page = get(&world, OWNER, "/v1/scopes/acme/history?limit=100").await.expect(200);
    let entries = page.body["entries"].as_array().unwrap();
    assert!(entries.iter().any(|entry| entry["collaborator"]["email"] == json!(pseudonym)));
    let filtered = format!("/v1/scopes/acme/history?collaborator={}", id_of(&world, LEA));
    let filtered = get(&world, OWNER, &filtered).await.expect(200);
    assert_eq!(filtered.body["entries"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn what_the_person_gave_stays_given_and_who_was_invited_can_accept() {
    let world = with_lea().await;
    let before = seen(&world, "acme", MAX).await;
    let link = token_of(&world, "ida@example.org").await;
    ask(&world, LEA, true).await;
    let after = seen(&world, "acme", MAX).await;
    assert_eq!(after.body["permissions"], before.body["permissions"]);
    assert_ne!(
        after.etag(),
        before.etag(),
        "who changes him at this moment does not write it back"
    );
    let by = |answer: &Answer, grant: &str| {
        answer.text(&format!("/grants/{grant}/grantedBy/email")).to_owned()
    };
    assert!((0..2).any(|grant| by(&after, &grant.to_string()).ends_with("@erased.invalid")));
    accept(&world, &Who::person("ida@example.org"), &link).await.expect(200);
    let checks =
        json!({ "checks": [{ "scope": "acme:tech:summit", "permission": "contacts:view" }] });
    let check = post(&world, &Who::person("ida@example.org"), "/v1/checks", &checks).await;
    assert_eq!(check.body["results"][0]["allowed"], true);
    let check = post(&world, &Who::person(LEA), "/v1/checks", &checks).await;
    assert_eq!(check.body["results"][0]["allowed"], false);
}

#[tokio::test]
async fn mail_to_the_person_is_not_sent_any_more_and_mail_she_caused_is_from_the_team() {
    let world = with_lea().await;
    let mail = json!({ "subject": "Bonjour", "text": "À ce soir." });
    let again = json!({ "role": "administrator" });
    assign(&world, OWNER, ("acme:tech", LEA), &again).await.expect(200);
    post(&world, &lea_herself(), "/v1/scopes/acme:tech/announcements", &mail).await.expect(202);
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
    hold_mails(&world, "erased").await;
}

#[tokio::test]
async fn an_erasure_twice_is_harmless_and_says_that_nothing_is_known() {
    let world = with_lea().await;
    ask(&world, LEA, true).await;
    let before = world.everything().await;
    for erase in [true, false] {
        let again = ask(&world, LEA, erase).await;
        assert_eq!(again["outcome"], "nothing-known");
        assert_eq!((&again["record"], &again["history"]), (&json!(null), &json!([])));
    }
    assert_eq!(ask(&world, "stranger@example.org", true).await["outcome"], "nothing-known");
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn an_owner_is_not_erased_before_what_is_owned_is_handed_over() {
    let world = with_lea().await;
    let gala = json!({ "name": "Gala", "kind": "event", "owner": { "email": LEA } });
    put_scope(&world, "acme:tech:gala", &gala).await.expect(201);
    for (email, owned) in [(OWNER, "acme"), (LEA, "acme:tech:gala")] {
        let before = world.everything().await;
        let refused = ask(&world, email, true).await;
        assert_eq!((&refused["outcome"], &refused["owns"]), (&json!("refused"), &json!([owned])));
        assert!(refused["detail"].as_str().unwrap().contains("Hand each of them over first"));
        assert_eq!(world.everything().await, before, "nothing was changed");
    }
    let to_max = json!({ "collaborator": id_of(&world, MAX) });
    post(&world, &Who::platform(), "/v1/scopes/acme:tech:gala/owner", &to_max).await.expect(200);
    assert_eq!(ask(&world, LEA, true).await["outcome"], "erased");
    assert_eq!(naming_her(&world).await, [""; 0]);
    hold_always(&world, false, "handed over").await;
}

#[tokio::test]
async fn somebody_who_left_long_ago_is_erased_from_the_history() {
    let world = with_lea().await;
    revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    let used = seats(&world).await;
    let erased = ask(&world, LEA, true).await;
    assert_eq!((&erased["outcome"], &erased["record"]), (&json!("erased"), &json!(null)));
    let mails = erased["mails"].as_array().unwrap();
    assert!(mails.iter().any(|row| row["mail"]["kind"] == "access-taken"));
    assert_eq!(naming_her(&world).await, [""; 0]);
    assert_eq!(seats(&world).await, used);
}

#[tokio::test]
async fn somebody_pending_or_expired_is_erased_whose_record_is_past_its_time_too() {
    let world = acme_with(&json!({ "seatLimit": 9 })).await;
    let lea = json!({ "email": LEA, "name": "Léa", "role": "reader" });
    invite(&world, OWNER, "acme:tech", &lea).await.expect(201);
    let start = world.keep();
    for days in [1, 15, 60] {
        world.restore(&start);
        world.wait(DAY * days);
        world.audit().await;
        let erased = ask(&world, LEA, true).await;
        assert_eq!((days, &erased["outcome"]), (days, &json!("erased")));
        assert_eq!(naming_her(&world).await, [""; 0], "{days}");
        assert_eq!(seats(&world).await, json!([9, 1]), "{days}");
        hold_always(&world, false, "pending").await;
    }
}

#[tokio::test]
async fn who_was_erased_can_be_invited_again_and_begins_anew() {
    let world = with_lea().await;
    ask(&world, LEA, true).await;
    world.wait(DAY);
    let body = json!({ "email": LEA, "role": "reader" });
    let invited = invite(&world, OWNER, "acme:rh", &body).await.expect(201);
    assert_eq!((invited.text("/status"), &invited.body["name"]), ("pending", &json!(null)));
    log_in(&world, LEA).await;
    let grants = seen(&world, "acme", LEA).await.body["grants"].as_array().unwrap().len();
    assert_eq!((grants, seats(&world).await), (1, json!([7, 4])));
    let export = ask(&world, LEA, false).await;
    assert_eq!(
        export["history"].as_array().unwrap().len(),
        2,
        "what was erased is not known again"
    );
    assert_eq!(ask(&world, LEA, true).await["outcome"], "erased");
    assert_eq!(naming_her(&world).await, [""; 0]);
    hold_history(&world, "twice").await;
}

#[tokio::test]
async fn another_client_is_not_touched() {
    let world = with_lea().await;
    let expo = json!({
        "name": "Expo", "seatLimit": 2, "granting": "owner", "owner": { "email": LEA, "name": "Léa" },
    });
    put_scope(&world, "expo", &expo).await.expect(201);
    let of_expo = |lines: String| -> Vec<String> {
        lines.lines().filter(|line| line.contains("expo")).map(ToOwned::to_owned).collect()
    };
    let before = of_expo(world.everything().await);
    assert_eq!(ask(&world, LEA, true).await["outcome"], "erased");
    assert_eq!(of_expo(world.everything().await), before);
    assert!(naming_her(&world).await.iter().all(|line| line.contains("expo")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_by_the_person_at_that_very_moment_fails_or_is_erased_too() {
    let start = with_lea().await;
    let again = json!({ "role": "administrator" });
    assign(&start, OWNER, ("acme:tech", LEA), &again).await.expect(200);
    let body = json!({ "email": "new@example.org", "role": "reader" });
    for call in 0..12 {
        let world = start.copy().await;
        let (beside, body) = (world.beside(), body.clone());
        let mut count = 0;
        world.break_calls(move |_| {
            count += 1;
            if count == call {
                let change = async {
                    let path = "/v1/scopes/acme:tech/collaborators";
                    post(&beside, &lea_herself(), path, &body).await;
                };
                tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(change));
            }
            None
        });
        ask(&world, LEA, true).await;
        world.set_table_down(false);
        assert_eq!(naming_her(&world).await, [""; 0], "before call {call}");
        hold_always(&world, false, "meanwhile").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_is_sent_at_that_very_moment_has_a_link_that_works() {
    // While the record goes, and while the mails are rewritten.
    for moment in ["TransactWriteItems", "UpdateItem"] {
        let world = with_lea().await;
        let beside = world.beside();
        world.break_calls(move |trip| {
            if trip.operation == moment {
                let deliver = beside.deliver();
                tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(deliver));
            }
            None
        });
        ask(&world, LEA, true).await;
        world.set_table_down(false);
        assert_eq!(world.ses.mails_to("ida@example.org").len(), 1);
        assert!(rows(&world, "O#").await.is_empty(), "no mail that is sent comes back");
        hold_mails(&world, "delivered meanwhile").await;
        let token = token_of(&world, "ida@example.org").await;
        accept(&world, &Who::person("ida@example.org"), &token).await.expect(200);
    }
}

#[tokio::test]
async fn who_is_known_in_a_client_is_told_those_removed_included() {
    let world = with_lea().await;
    revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    let known = world.erase(json!({ "client": "acme" })).await.unwrap();
    assert_eq!(known["known"], json!(["ida@example.org", LEA, MAX, OWNER]));
    assert_eq!(known["owners"], json!([OWNER]));
    ask(&world, LEA, true).await;
    let known = world.erase(json!({ "client": "acme" })).await.unwrap();
    assert_eq!(known["known"], json!(["ida@example.org", MAX, OWNER]));
}

/// As the runbook has it: all are erased but the owner, who is replaced by an address of nobody's, and then erased.
#[tokio::test]
async fn a_client_is_erased_person_by_person_the_owner_last() {
    let world = with_lea().await;
    world.deliver().await;
    let nobody = json!({ "email": "closed@platform.test" });
    post(&world, &Who::platform(), "/v1/scopes/acme/owner", &nobody).await.expect(200);
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
        assert!(!world.everything().await.contains(word), "{word}");
    }
    hold_always(&world, false, "closed").await;
}

#[tokio::test]
async fn what_is_not_understood_or_unknown_is_answered_and_changes_nothing() {
    let world = with_lea().await;
    let before = world.everything().await;
    for (event, outcome) in [
        (json!({ "client": "acme", "email": LEA, "erase": "yes" }), "not-understood"),
        (json!({ "source": "aws.events", "detail": {} }), "not-understood"),
        (json!({ "client": "nobody", "email": LEA, "erase": true }), "no-client"),
    ] {
        assert_eq!(world.erase(event).await.unwrap()["outcome"], outcome);
    }
    assert_eq!(world.everything().await, before);
}

/// A long history is exported in parts, and the call that completes it erases.
#[tokio::test]
async fn a_history_larger_than_an_answer_is_exported_in_parts_before_anything_is_erased() {
    let world = with_lea().await;
    let whole = ask(&world, LEA, false).await;
    let small = Erase { largest: 600, ..Erase::new(world.app.clone()) };
    let (mut told, mut next, before) = (Vec::new(), json!(null), world.everything().await);
    let last = loop {
        let event = json!({ "client": "acme", "email": LEA, "erase": true, "after": next });
        let part = small.handle(LambdaEvent::new(event, Context::default())).await.unwrap();
        told.extend(part["history"].as_array().unwrap().clone());
        next = part["next"].clone();
        if next.is_null() {
            break part;
        }
        assert_eq!(part["outcome"], "exported-in-part");
        assert_eq!(world.everything().await, before, "nothing was changed");
    };
    assert!(last["history"].as_array().unwrap().len() < told.len(), "in one part");
    assert_eq!((&json!(told), &last["outcome"]), (&whole["history"], &json!("erased")));
    assert_eq!(ask(&world, LEA, true).await["outcome"], "nothing-known");
}
