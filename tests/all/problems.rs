//! Problems (RFC 9457): their shape and texts, and that every failure on every route is one.

use std::{fs, path::Path};

use coulisses_aws::http::Code;
use coulisses_domain::locale::Locale;
use coulisses_tests::{Answer, CONSOLE_URL, Principal, Request, World};
use serde_json::json;

use crate::{
    routes::{About, Call, calls},
    support::{LEA, OWNER, acme, get, id_of, invited, token_of},
};

/// `acme` with a pending collaborator; returns their id and token too.
pub async fn with_pending_lea() -> (World, String, String) {
    let world = acme().await;
    invited(&world, LEA, "acme:tech", "observer").await;
    let token = token_of(&world, LEA).await;
    let id = id_of(&world, LEA);
    (world, id, token)
}

/// The caller with the most permissions on a route.
pub fn best_caller(call: &Call) -> Principal {
    match call.name().as_str() {
        "PUT /v1/scopes/{scope}"
        | "GET /v1/scopes"
        | "GET /v1/people"
        | "POST /v1/scopes/{scope}/imports" => Principal::platform(),
        "POST /v1/invitations/accept" => Principal::user(LEA),
        "POST /v1/invitations/preview"
        | "POST /v1/invitations/decline"
        | "POST /v1/invitations/renewal" => Principal::anonymous(),
        _ => Principal::user(OWNER),
    }
}

#[test]
fn every_problem_says_what_happened_and_what_to_do_in_french_and_in_english() {
    let table: Vec<String> = Code::ALL
        .iter()
        .map(|code| {
            let texts = [("fr", Locale::Fr), ("en", Locale::En)].map(|(language, locale)| {
                let (title, detail) = code.localized(locale);
                format!("  {language}  {title} | {detail}")
            });
            format!("{} {}\n{}", code.status().as_u16(), code.name(), texts.join("\n"))
        })
        .collect();
    insta::assert_snapshot!(table.join("\n"));
}

/// The page that the `type` of a problem leads to, and the same list for readers of the repository. Written again with
/// `INSTA_UPDATE=always`.
#[test]
fn each_code_is_explained_on_the_page_of_problems_and_in_the_docs() {
    let described = |code: &Code, locale| {
        let (title, detail) = code.localized(locale);
        json!({ "title": title, "detail": detail })
    };
    let list: Vec<_> = Code::ALL
        .iter()
        .map(|code| {
            let (fr, en) = (described(code, Locale::Fr), described(code, Locale::En));
            json!({ "code": code.name(), "status": code.status().as_u16(), "fr": fr, "en": en })
        })
        .collect();
    let page = serde_json::to_string_pretty(&list).unwrap();
    assert_generated("console/src/words/problems.json", &format!("{page}\n"));
    let sections = Code::ALL.iter().map(|code| {
        let ((title, detail), (french, help)) =
            (code.localized(Locale::En), code.localized(Locale::Fr));
        let (name, status) = (code.name(), code.status().as_u16());
        format!("\n## {name}\n\n{status} · **{title}.** {detail}\n\n*{french}.* {help}\n")
    });
    assert_generated("docs/problems.md", &format!("{HEAD}{}", sections.collect::<String>()));
}

const HEAD: &str = "# Problems

The codes of the API's problems (RFC 9457), with their status, and their texts in English and in French. `type` is the address of
a code on the page `/problems` of the deployment's console, which has the same list. Programs compare `code`, which never changes.
[The contract](../infra/openapi.yaml) says which operation returns which code.
";

/// Compares a file of the repository with what it is generated from.
fn assert_generated(path: &str, expected: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    #[expect(
        clippy::disallowed_methods,
        reason = "as with the snapshots, the environment asks for an update"
    )]
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        fs::write(&file, expected).unwrap();
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(found == expected, "{path} is not up to date: run this test with INSTA_UPDATE=always");
}

#[test]
fn each_code_is_unique_and_in_kebab_case() {
    let mut names: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Code::ALL.len());
    assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
}

#[tokio::test]
async fn accept_language_selects_the_text_and_never_the_code() {
    let world = World::new().await;
    for (accepted, title) in [
        (None, "Scope not found"),
        (Some("fr-FR, en;q=0.8"), "Introuvable"),
        (Some("en-GB, fr;q=0.9"), "Scope not found"),
        (Some("de, *;q=0.1"), "Scope not found"),
        (Some(";;q=,,é"), "Scope not found"),
    ] {
        let mut request = Request::new("GET", "/v1/scopes/nothing");
        if let Some(accepted) = accepted {
            request = request.header("accept-language", accepted);
        }
        let refused = world.send(&Principal::user(OWNER), request).await;
        assert_eq!(refused.text("/title"), title, "{accepted:?}");
        assert_eq!(refused.outcome(), "404 scope-not-found", "{accepted:?}");
    }
}

#[track_caller]
pub fn assert_is_a_problem(answer: &Answer) {
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.body["status"], answer.status);
    assert_eq!(answer.text("/type"), format!("{CONSOLE_URL}/problems#{}", answer.text("/code")));
    assert!(!answer.text("/title").is_empty() && !answer.text("/detail").is_empty());
    assert!(Code::ALL.iter().any(|code| code.name() == answer.text("/code")));
}

#[tokio::test]
async fn every_response_is_json_is_never_cached_and_has_its_request_id() {
    let (world, id, token) = with_pending_lea().await;
    let about = About { scope: "acme:tech", id: &id, token: &token };
    // The metadata of AuthZEN may be cached.
    for call in calls().into_iter().filter(|call| !call.path.starts_with("/.well-known/")) {
        for who in
            [best_caller(&call), Principal::anonymous(), Principal::user("stranger@example.org")]
        {
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
async fn without_claims_nothing_is_read() {
    let (world, id, token) = with_pending_lea().await;
    let about = About { scope: "acme:tech", id: &id, token: &token };
    let no_claims = Principal::user("x@example.org");
    let no_claims =
        ["iss", "sub", "email", "email_verified"].into_iter().fold(no_claims, Principal::without);
    drop(world.trips());
    for call in calls().into_iter().filter(|call| !call.open) {
        for who in [&Principal::anonymous(), &no_claims] {
            let answer = world.send(who, call.request(about)).await;
            assert_eq!(answer.outcome(), "401 unauthenticated", "{}", call.name());
        }
    }
    assert_eq!(world.trips().len(), 0);
}

#[tokio::test]
async fn a_path_that_names_nothing_is_not_found_and_never_fails() {
    let (world, id, token) = with_pending_lea().await;
    let before = world.dump().await;
    let scopes = "ACME|Acme:tech|acme:tech:summit:more|..|%2e%2e||acme:|:acme|acme::summit|acme%00|\
                  acme%3Atech%3Asummit%3Amore|acme%2Ftech|é|%C3%A9|acme%0d%0a|%|%zz|%ff|-acme|\
                  acme tech|C%23acme|acme%253Atech";
    let long = "a".repeat(64);
    for scope in scopes.split('|').chain([long.as_str()]) {
        let about = About { scope, id: &id, token: &token };
        for call in calls().into_iter().filter(|call| call.names("{scope}")) {
            for who in [Principal::user(OWNER), Principal::platform()] {
                let answer = world.send(&who, call.request(about)).await;
                let outcome = answer.outcome();
                let right = ["404 scope-not-found", "422 invalid-scope", "403 forbidden"];
                assert!(
                    right.contains(&outcome.as_str()),
                    "{} of {scope:?}: {outcome}",
                    call.name()
                );
            }
        }
    }
    let upper = id.to_uppercase();
    let longer = format!("{id}a");
    for id in ["", "x", "..", "%2e%2e", "%00", "P%23", &upper, &longer, "é", "%ff", "*"] {
        for call in calls().into_iter().filter(|call| call.names("{id}")) {
            let scope = if call.fits("acme:tech") { "acme:tech" } else { "acme" };
            let about = About { scope, id, token: &token };
            let answer = world.send(&Principal::user(OWNER), call.request(about)).await;
            assert_eq!(answer.outcome(), "404 collaborator-not-found", "{} of {id:?}", call.name());
        }
    }
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn a_table_that_is_down_never_allows_anything() {
    let (world, id, token) = with_pending_lea().await;
    let before = world.dump().await;
    world.set_table_down(true);
    // The catalogue and the metadata of AuthZEN are part of the build, and say nothing about anyone.
    let reads =
        |call: &Call| call.path != "/v1/catalogue" && !call.path.starts_with("/.well-known/");
    for call in calls().into_iter().filter(reads) {
        let about = About { scope: "acme:tech", id: &id, token: &token };
        // Logins and seats belong to the client.
        let about = if call.fits(about.scope) { about } else { About { scope: "acme", ..about } };
        let answer = world.send(&best_caller(&call), call.request(about)).await;
        assert_eq!(answer.outcome(), "503 try-again", "{}", call.name());
        assert_eq!(answer.header("retry-after"), "1", "{}", call.name());
        assert_eq!(answer.body["retryAfter"], 1, "{}", call.name());
        assert_is_a_problem(&answer);
    }
    world.set_table_down(false);
    assert_eq!(world.dump().await, before);
    assert_eq!(get(&world, OWNER, "/v1/scopes/acme").await.expect(200).text("/id"), "acme");
}
