//! Who is who: the lines of the security design about accounts, addresses and tokens, each by its number, over HTTP.
//!
//! Lines about who may do what are in `escalation`; 15 is in `concurrency`, 17 in `mails`, 19 and 26 in `bodies`. What
//! they mean for batches, kept answers, questions, owners and messages is in `security_paths` and `security_shapes`.

use std::collections::BTreeSet;

use coulisses_domain::{time::DAY, token::Token};
use coulisses_tests::{Answer, Request, Template, Who, World};
use serde_json::json;

use crate::{
    routes::{About, calls},
    support::{
        accept, acme, active, get, id_of, invite, log_in, path_of, post, preview, put_scope,
        revoke, rows, seen, token_of,
    },
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";

/// `acme` where Léa waits for an invitation to the audience, with her token.
async fn lea_waits() -> (World, String) {
    let world = acme().await;
    let body = json!({ "email": LEA, "role": "administrator" });
    invite(&world, OWNER, "acme:tech", &body).await.expect(201);
    let token = token_of(&world, LEA).await;
    (world, token)
}

/// Sends every route that needs a login as `who`, about Léa at the audience, or at the client where it must be one.
async fn everywhere(world: &World, who: &Who, token: &str) -> Vec<(String, Answer)> {
    let id = id_of(world, LEA);
    let mut answers = Vec::new();
    for call in calls().into_iter().filter(|call| !call.open) {
        let scope = if call.fits("acme:tech") { "acme:tech" } else { "acme" };
        let answer = world.send(who, call.request(About { scope, id: &id, token })).await;
        answers.push((call.name(), answer));
    }
    answers
}

/// Line 1.
#[tokio::test]
async fn line_1_an_address_that_is_not_verified_is_nobodys() {
    let (world, token) = lea_waits().await;
    let before = world.everything().await;
    for email in [LEA, OWNER, "stranger@example.org"] {
        let verified = Who::person(email);
        let mut unverified = vec![verified.clone().without("email_verified")];
        for word in ["false", "False", "TRUE", "1", "yes", ""] {
            unverified.push(verified.clone().with("email_verified", word));
        }
        for who in unverified {
            for (route, answer) in everywhere(&world, &who, &token).await {
                assert_eq!(answer.told(), "403 email-not-verified", "{route} {who:?}");
            }
        }
    }
    assert_eq!(world.everything().await, before, "no login activates anything");
}

/// Line 2.
#[tokio::test]
async fn line_2_a_token_changed_in_any_byte_is_nobodys() {
    let (world, token) = lea_waits().await;
    let expo =
        json!({ "name": "Expo", "seatLimit": 5, "granting": "owner", "owner": { "email": LEA } });
    put_scope(&world, "expo", &expo).await.expect(201);
    let mut wrong =
        vec![token.replacen("acme", "expo", 1), format!("{token}="), format!("{token}A")];
    for index in 0..token.len() {
        let other = if token[index..].starts_with('a') { "b" } else { "a" };
        let mut changed = token.clone();
        changed.replace_range(index..=index, other);
        wrong.push(changed);
    }
    let before = world.everything().await;
    let lea = Who::person(LEA);
    let constant = accept(&world, &lea, "x").await.body;
    for token in wrong {
        for answer in [accept(&world, &lea, &token).await, preview(&world, &token).await] {
            assert_eq!(answer.status, 404, "{token}");
            assert_eq!(answer.body, constant, "{token}");
        }
    }
    assert_eq!(world.everything().await, before);
    accept(&world, &lea, &token).await.expect(200);
}

/// Line 3.
#[tokio::test]
async fn line_3_no_answer_to_anybody_holds_a_token_or_its_hash() {
    let (world, token) = lea_waits().await;
    let people = [
        (OWNER, "owner"),
        ("administrator@example.org", "administrator"),
        ("contributor@example.org", "contributor"),
        ("observer@example.org", "observer"),
    ];
    for (email, role) in &people[1..] {
        active(&world, email, "acme:tech", role).await;
    }
    let mut callers: Vec<Who> = people.iter().map(|(email, _)| Who::person(email)).collect();
    callers.extend([LEA, "stranger@example.org"].map(Who::person));
    callers.extend([Who::platform(), Who::nobody()]);
    let parsed = Token::parse(&token).unwrap();
    let (secret, hash) = (token.rsplit('.').next().unwrap(), parsed.hash().to_hex());
    let mut statuses = BTreeSet::new();
    for token_given in ["x", &token] {
        for who in &callers {
            let previewed = preview(&world, token_given).await;
            let all = get(&world, OWNER, "/v1/scopes/acme/collaborators?below=true").await;
            let mut answers = everywhere(&world, who, token_given).await;
            answers.extend([("preview".to_owned(), previewed), ("list".to_owned(), all)]);
            for (route, answer) in answers {
                let told = format!("{:?} {}", answer.headers, answer.body);
                assert!(!told.contains(secret) && !told.contains(&hash), "{route} {told}");
                statuses.insert(answer.status);
            }
        }
    }
    assert!(statuses.is_superset(&BTreeSet::from([200, 201, 401, 403, 404, 409])), "{statuses:?}");
}

/// Line 3.
#[tokio::test]
async fn line_3_the_store_holds_the_hash_in_one_record_and_the_stream_holds_keys_alone() {
    let (world, token) = lea_waits().await;
    let hash = Token::parse(&token).unwrap().hash().to_hex();
    for accepted in [false, true] {
        if accepted {
            accept(&world, &Who::person(LEA), &token).await.expect(200);
        }
        let everything = world.everything().await;
        let holders: Vec<&str> = everything.lines().filter(|line| line.contains(&hash)).collect();
        assert_eq!(holders.len(), 1);
        assert!(holders[0].contains("C#acme"), "{}", holders[0]);
        assert!(!everything.contains(token.rsplit('.').next().unwrap()));
        for prefix in ["H#", "O#", "C#", "M#"] {
            for item in rows(&world, prefix).await.into_values() {
                for key in ["pk", "sk", "gsi1pk", "gsi1sk"] {
                    assert!(!format!("{:?}", item.get(key)).contains(&hash));
                }
            }
        }
    }
    assert_eq!(Template::read().stream_view(), "KEYS_ONLY");
}

/// Line 6.
#[tokio::test]
async fn line_6_a_token_serves_one_account_and_serving_twice_changes_nothing() {
    let (world, token) = lea_waits().await;
    active(&world, "other@example.org", "acme:rh", "observer").await;
    let lea = Who::person(LEA);
    for email in ["other@example.org", "stranger@example.org", OWNER] {
        let refused = accept(&world, &Who::person(email), &token).await;
        assert_eq!(refused.told(), "403 email-mismatch", "{email}");
    }
    assert_eq!(accept(&world, &Who::platform(), &token).await.told(), "403 forbidden");
    let first = accept(&world, &lea, &token).await.expect(200);
    let before = world.everything().await;
    world.wait(DAY);
    let again = accept(&world, &lea, &token).await.expect(200);
    assert_eq!(again.body, first.body);
    for who in [
        Who::person("other@example.org"),
        Who::person("stranger@example.org"),
        lea.clone().with("sub", "another account"),
        lea.clone().with("iss", "https://another.issuer"),
    ] {
        assert_eq!(accept(&world, &who, &token).await.told(), "404 invitation-not-found");
    }
    assert_eq!(preview(&world, &token).await.told(), "404 invitation-not-found");
    assert_eq!(world.everything().await, before);
}

/// Line 7.
#[tokio::test]
async fn line_7_the_same_address_under_another_account_has_no_access_and_takes_none_over() {
    let (world, token) = lea_waits().await;
    accept(&world, &Who::person(LEA), &token).await.expect(200);
    let before = world.everything().await;
    for twin in [
        Who::person(LEA).with("sub", "another account"),
        Who::person(LEA).with("iss", "https://another.issuer"),
        Who::person("LEA@EXAMPLE.ORG"),
        Who::person(OWNER).with("sub", "another account"),
    ] {
        for (route, answer) in everywhere(&world, &twin, &token).await {
            match route.as_str() {
                "POST /v1/checks" => assert_eq!(answer.body["results"][0]["allowed"], false),
                "GET /v1/me/access" => assert_eq!(answer.body["access"], json!([])),
                _ => assert_eq!(answer.status, 404, "{route} {twin:?} {}", answer.body),
            }
        }
    }
    assert_eq!(world.everything().await, before);
}

/// Line 13.
#[tokio::test]
async fn line_13_somebody_removed_and_invited_again_inherits_nothing() {
    let (world, old_token) = lea_waits().await;
    accept(&world, &Who::person(LEA), &old_token).await.expect(200);
    log_in(&world, LEA).await;
    invite(&world, OWNER, "acme:rh", &json!({ "email": LEA, "role": "manager" })).await.expect(201);
    for scope in ["acme:tech", "acme:rh"] {
        revoke(&world, OWNER, (scope, LEA)).await.expect(200);
    }
    world.wait(DAY);
    let body = json!({ "email": LEA, "role": "observer" });
    let again = invite(&world, OWNER, "acme:tech:summit", &body).await.expect(201);
    assert_eq!(again.text("/status"), "pending");
    assert_eq!(again.body["lastLoginAt"], json!(null));
    assert_eq!(again.body["permissions"], json!([]));
    let grants = &seen(&world, "acme", LEA).await.body["grants"];
    assert_eq!(grants.as_array().unwrap().len(), 1, "{grants}");
    let token = token_of(&world, LEA).await;
    // Neither the old link nor the old account has anything of it.
    let lea = Who::person(LEA);
    assert_eq!(accept(&world, &lea, &old_token).await.told(), "404 invitation-not-found");
    let summit = Request::new("GET", "/v1/scopes/acme:tech:summit");
    assert_eq!(world.send(&lea, summit.clone()).await.status, 404);
    let new_account = lea.clone().with("sub", "a new account");
    accept(&world, &new_account, &token).await.expect(200);
    world.send(&new_account, summit.clone()).await.expect(200);
    assert_eq!(world.send(&lea, summit).await.status, 404);
    for scope in ["acme", "acme:tech", "acme:rh"] {
        let request = Request::new("GET", &format!("/v1/scopes/{scope}"));
        assert_eq!(world.send(&new_account, request).await.status, 404, "{scope}");
    }
}

/// Line 13.
#[tokio::test]
async fn line_13_the_same_address_in_another_client_is_a_stranger_there() {
    let world = acme().await;
    active(&world, LEA, "acme", "administrator").await;
    let owner = json!({ "email": "owner@expo.test" });
    let expo = json!({ "name": "Expo", "seatLimit": 5, "granting": "owner", "owner": owner });
    put_scope(&world, "expo", &expo).await.expect(201);
    let lea = Who::person(LEA);
    for target in ["/v1/scopes/expo", "/v1/scopes/expo/collaborators"] {
        assert_eq!(world.send(&lea, Request::new("GET", target)).await.status, 404);
    }
    let login = Request::new("POST", "/v1/scopes/expo/logins");
    assert_eq!(world.send(&lea, login).await.status, 404);
    let owner = Who::person("owner@expo.test");
    world.send(&owner, Request::new("POST", "/v1/scopes/expo/logins")).await.expect(200);
    let body = json!({ "email": LEA, "role": "observer" });
    let invited = post(&world, &owner, "/v1/scopes/expo/collaborators", &body).await.expect(201);
    assert_eq!(invited.text("/status"), "pending");
    assert_eq!(invited.body["lastLoginAt"], json!(null), "a login to one client shows in no other");
    assert_eq!(invited.body["name"], json!(null));
    assert_ne!(invited.text("/id"), id_of(&world, LEA));
}

/// Line 14.
#[tokio::test]
async fn line_14_what_was_valid_a_moment_ago_is_denied_by_the_very_next_check() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "administrator").await;
    let lea = Who::person(LEA);
    let list = || Request::new("GET", "/v1/scopes/acme:tech/collaborators");
    world.send(&lea, list()).await.expect(200);
    revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    assert_eq!(world.send(&lea, list()).await.told(), "404 scope-not-found");
    let body = json!({ "email": "friend@example.org", "role": "administrator" });
    let refused = invite(&world, LEA, "acme:tech", &body).await;
    assert_eq!(refused.told(), "404 scope-not-found");
}

/// Line 16.
#[tokio::test]
async fn line_16_addresses_that_look_alike_are_not_one_person() {
    let world = acme().await;
    active(&world, "mike@example.org", "acme:tech", "administrator").await;
    world.deliver().await;
    let mails = world.ses.mails().len();
    for twin in [
        "mıke@example.org",
        "ｍike@example.org",
        "mi\u{212a}e@example.org",
        "mike\u{200b}@example.org",
    ] {
        let body = json!({ "email": twin, "role": "observer" });
        let refused = invite(&world, OWNER, "acme:rh", &body).await;
        assert_eq!(refused.told(), "422 invalid-email", "{twin}");
        let request = Request::new("GET", "/v1/scopes/acme:tech");
        let refused = world.send(&Who::person(twin), request).await;
        assert_eq!(refused.told(), "403 email-not-verified", "{twin}");
    }
    let body = json!({ "email": "mike@examplé.org", "role": "observer" });
    let distinct = invite(&world, OWNER, "acme:rh", &body).await.expect(201);
    assert_ne!(distinct.text("/id"), id_of(&world, "mike@example.org"));
    world.deliver().await;
    assert_eq!(world.ses.mails().len(), mails + 1);
    assert_eq!(world.ses.mails_to("mike@example.org").len(), 0);
}

/// Line 18.
#[tokio::test]
async fn line_18_looking_at_the_link_any_number_of_times_spends_nothing() {
    let (world, token) = lea_waits().await;
    let reads = Template::read().routes().into_iter();
    let mut reads = reads.filter(|route| route.path.contains("invitations"));
    assert!(reads.all(|route| route.method == "POST"), "a GET or HEAD reaches no function");
    let before = world.everything().await;
    let first = preview(&world, &token).await.expect(200);
    for _ in 0..20 {
        assert_eq!(preview(&world, &token).await.expect(200).body, first.body);
    }
    assert_eq!(world.everything().await, before);
    accept(&world, &Who::person(LEA), &token).await.expect(200);
}

/// Line 22.
#[tokio::test]
async fn line_22_only_the_platforms_own_client_with_the_exact_word_is_the_platform() {
    let world = acme().await;
    let before = world.everything().await;
    let platform = Who::platform();
    let client =
        json!({ "name": "Expo", "seatLimit": 5, "granting": "owner", "owner": { "email": LEA } });
    let put = Request::new("PUT", "/v1/scopes/expo").json(&client);
    for who in [
        platform.clone().with("scope", "coulisses/platforms"),
        platform.clone().with("scope", "x-coulisses/platform"),
        platform.clone().with("scope", "coulisses/platform/read,coulisses/platform"),
        platform.clone().with("scope", "COULISSES/PLATFORM"),
        platform.clone().with("scope", "coulisses/platform\topenid"),
        platform.clone().without("scope"),
        platform.clone().with("client_id", "another"),
        platform.clone().with("client_id", "platform,another"),
        platform.clone().without("client_id"),
        platform.clone().with("email", "eve@example.org"),
        platform.clone().with("email", "eve@example.org").with("email_verified", "true"),
        Who::person("eve@example.org").with("scope", "coulisses/platform"),
        Who::person(OWNER).with("scope", "coulisses/platform").with("client_id", "platform"),
    ] {
        let told = world.send(&who, put.clone()).await;
        assert!([403, 404].contains(&told.status), "{who:?} {}", told.body);
    }
    assert_eq!(world.everything().await, before);
    let by_azp = platform.clone().without("client_id").with("azp", "platform");
    world.send(&by_azp, put).await.expect(201);
}

/// Line 23.
#[tokio::test]
async fn line_23_no_header_changes_where_a_request_goes_or_who_asks() {
    let (world, token) = lea_waits().await;
    let path = path_of(&world, "acme:tech", LEA);
    let plain = get(&world, OWNER, &path).await.expect(200);
    for value in ["evil.example", "a b", "", "[", "%", "evil.example:99999999", "http://[::1", "\\"]
    {
        let mut request = Request::new("GET", &path);
        for name in
            ["host", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-for", "forwarded"]
        {
            request = request.header(name, value);
        }
        for name in ["authorization", "x-amzn-oidc-data", "x-email", "x-original-url", "x-user"] {
            request = request.header(name, "mallory@example.org");
        }
        let answer = world.send(&Who::person(OWNER), request.clone()).await.expect(200);
        assert_eq!(answer.body, plain.body, "{value:?}");
        assert_eq!(world.send(&Who::nobody(), request).await.status, 401);
        let body = json!({ "token": token });
        let look = Request::new("POST", "/v1/invitations/preview").json(&body);
        world.send(&Who::nobody(), look.header("host", value)).await.expect(200);
    }
}

/// Line 23.
#[tokio::test]
async fn line_23_a_colon_may_be_encoded_and_a_query_may_hold_anything() {
    let (world, _) = lea_waits().await;
    let plain = get(&world, OWNER, &path_of(&world, "acme:tech", LEA)).await.expect(200);
    for scope in ["acme%3Atech", "acme%3atech", "%61cme:tech"] {
        let path = path_of(&world, scope, LEA);
        assert_eq!(get(&world, OWNER, &path).await.expect(200).body, plain.body);
    }
    for query in ["a<b>", "a b", "é", "%", "q=\"{|}^`", "&&&==", "below=true&below=true"] {
        let target = format!("{}?{query}", path_of(&world, "acme:tech", LEA));
        assert_eq!(get(&world, OWNER, &target).await.told(), "400 malformed", "{query}");
    }
}
