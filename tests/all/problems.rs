//! Problems (RFC 9457): what they look like, and that whatever goes wrong is told as one, on every route.

use coulisses_aws::http::Code;
use coulisses_domain::client::Locale;
use coulisses_tests::{Answer, Request, Who, World};
use serde_json::{Value, json};

use crate::{
    routes::{About, Call, calls},
    support::{acme, id_of, invite, token_of},
};

const OWNER: &str = "owner@acme.test";

/// `acme` where somebody waits for an invitation, with the id and the token of that person.
pub async fn with_somebody_invited() -> (World, String, String) {
    let world = acme().await;
    let body = json!({ "email": "lea@example.org", "role": "observer" });
    invite(&world, OWNER, "acme:tech", &body).await.expect(201);
    let token = token_of(&world, "lea@example.org").await;
    let id = id_of(&world, "lea@example.org");
    (world, id, token)
}

/// Whoever gets furthest on a route.
pub fn best_caller(call: &Call) -> Who {
    match call.name().as_str() {
        "PUT /v1/scopes/{scope}" => Who::platform(),
        "POST /v1/invitations/accept" => Who::person("lea@example.org"),
        "POST /v1/invitations/preview" => Who::nobody(),
        _ => Who::person(OWNER),
    }
}

#[test]
fn every_problem_says_what_happened_and_what_to_do_in_french_and_in_english() {
    let table: Vec<String> = Code::ALL
        .into_iter()
        .map(|code| {
            let told = [("fr", Locale::Fr), ("en", Locale::En)].map(|(language, locale)| {
                let (title, detail) = code.localized(locale);
                format!("  {language}  {title} | {detail}")
            });
            format!("{} {}\n{}", code.status().as_u16(), code.name(), told.join("\n"))
        })
        .collect();
    insta::assert_snapshot!(table.join("\n"));
}

#[test]
fn each_code_is_one_of_the_contract_and_written_once() {
    let mut names: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Code::ALL.len());
    assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
}

#[tokio::test]
async fn the_reader_chooses_the_language_and_the_code_never_changes() {
    let world = World::new().await;
    for (accepted, title) in [
        (None, "Scope not found"),
        (Some("fr-FR, en;q=0.8"), "Niveau introuvable"),
        (Some("en-GB, fr;q=0.9"), "Scope not found"),
        (Some("de, *;q=0.1"), "Scope not found"),
        (Some(";;q=,,é"), "Scope not found"),
    ] {
        let mut request = Request::new("GET", "/v1/scopes/nothing");
        if let Some(accepted) = accepted {
            request = request.header("accept-language", accepted);
        }
        let refused = world.send(&Who::person(OWNER), request).await;
        assert_eq!(refused.text("/title"), title, "{accepted:?}");
        assert_eq!(refused.told(), "404 scope-not-found", "{accepted:?}");
    }
}

#[track_caller]
pub fn assert_is_a_problem(answer: &Answer) {
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.body["status"], answer.status);
    assert_eq!(answer.text("/type"), format!("urn:coulisses:problem:{}", answer.text("/code")));
    assert!(!answer.text("/title").is_empty() && !answer.text("/detail").is_empty());
    assert!(Code::ALL.iter().any(|code| code.name() == answer.text("/code")));
}

#[tokio::test]
async fn every_answer_is_json_of_the_right_type_is_never_cached_and_names_its_request() {
    let (world, id, token) = with_somebody_invited().await;
    let about = About { scope: "acme:tech", id: &id, token: &token };
    for call in calls() {
        for who in [best_caller(&call), Who::nobody(), Who::person("stranger@example.org")] {
            let answer = world.send(&who, call.request(about)).await;
            assert_eq!(answer.header("cache-control"), "no-store", "{}", call.name());
            assert_eq!(answer.header("x-request-id"), "request-1", "{}", call.name());
            if answer.status < 300 {
                assert_eq!(answer.header("content-type"), "application/json", "{}", call.name());
            } else {
                assert_is_a_problem(&answer);
            }
        }
    }
}

#[tokio::test]
async fn without_claims_nothing_is_even_read() {
    let (world, id, token) = with_somebody_invited().await;
    let about = About { scope: "acme:tech", id: &id, token: &token };
    let no_claims = Who::person("x@example.org");
    let no_claims =
        ["iss", "sub", "email", "email_verified"].into_iter().fold(no_claims, Who::without);
    drop(world.trips());
    for call in calls().into_iter().filter(|call| !call.open) {
        for who in [&Who::nobody(), &no_claims] {
            let answer = world.send(who, call.request(about)).await;
            assert_eq!(answer.told(), "401 unauthenticated", "{}", call.name());
        }
    }
    assert_eq!(world.trips().len(), 0);
}

#[tokio::test]
async fn a_path_that_names_nothing_is_told_as_that_and_never_fails() {
    let (world, id, token) = with_somebody_invited().await;
    let before = world.everything().await;
    let scopes = [
        "ACME",
        "Acme:tech",
        "acme:tech:summit:more",
        "..",
        "%2e%2e",
        "",
        "acme:",
        ":acme",
        "acme::summit",
        "acme%00",
        "acme%3Atech%3Asummit%3Amore",
        "acme%2Ftech",
        "é",
        "%C3%A9",
        "acme%0d%0a",
        "%",
        "%zz",
        "%ff",
        "-acme",
        "acme tech",
        "C%23acme",
        "acme%253Atech",
    ];
    let long = "a".repeat(64);
    for scope in scopes.into_iter().chain([long.as_str()]) {
        let about = About { scope, id: &id, token: &token };
        for call in calls().into_iter().filter(|call| call.names("{scope}")) {
            for who in [Who::person(OWNER), Who::platform()] {
                let answer = world.send(&who, call.request(about)).await;
                let told = answer.told();
                let right = ["404 scope-not-found", "422 invalid-scope", "403 forbidden"];
                assert!(right.contains(&told.as_str()), "{} of {scope:?}: {told}", call.name());
            }
        }
    }
    let upper = id.to_uppercase();
    let longer = format!("{id}a");
    for id in ["", "x", "..", "%2e%2e", "%00", "P%23", &upper, &longer, "é", "%ff", "*"] {
        let about = About { scope: "acme:tech", id, token: &token };
        for call in calls().into_iter().filter(|call| call.names("{id}")) {
            let answer = world.send(&Who::person(OWNER), call.request(about)).await;
            assert_eq!(answer.told(), "404 collaborator-not-found", "{} of {id:?}", call.name());
        }
    }
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn a_table_that_does_not_answer_is_never_an_allow() {
    let (world, id, token) = with_somebody_invited().await;
    let before = world.everything().await;
    world.set_table_down(true);
    for call in calls() {
        let about = About { scope: "acme:tech", id: &id, token: &token };
        // A login is to a client, and a client has seats.
        let about = if call.fits(about.scope) { about } else { About { scope: "acme", ..about } };
        let answer = world.send(&best_caller(&call), call.request(about)).await;
        assert_eq!(answer.told(), "503 try-again", "{}", call.name());
        assert_eq!(answer.header("retry-after"), "1", "{}", call.name());
        assert_eq!(answer.body["retryAfter"], 1, "{}", call.name());
        assert_is_a_problem(&answer);
    }
    world.set_table_down(false);
    assert_eq!(world.everything().await, before);
    let value: Value = world
        .send(&Who::person(OWNER), Request::new("GET", "/v1/scopes/acme"))
        .await
        .expect(200)
        .body;
    assert_eq!(value["id"], "acme");
}
