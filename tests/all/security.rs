//! Lines of docs/security.md on accounts, addresses and tokens, over HTTP.
//!
//! Lines on permissions are in `escalation`, 15 in `concurrency`, 17 in `mails`, 19 and 26 in `bodies`. Batches, saved
//! responses, checks, owners and announcements are in `security_paths` and `security_shapes`.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::{time::DAY, token::Token};
use coulisses_tests::{Answer, Principal, Request, Template, World};
use serde_json::json;

use crate::{
    routes::{About, calls},
    support::{
        LEA, OWNER, accept, acme, active, get, id_of, invite, invited, log_in, other_client,
        path_of, post, preview, revoke, rows, seen, token_of,
    },
};

/// `acme` where Léa is invited to the audience; returns her token too.
async fn with_pending_lea() -> (World, String) {
    let world = acme().await;
    invited(&world, LEA, "acme:tech", "administrator").await;
    let token = token_of(&world, LEA).await;
    (world, token)
}

/// Calls every route that needs a login as `who`, about Léa at the audience, or at the client where that is required.
async fn everywhere(world: &World, who: &Principal, token: &str) -> Vec<(String, Answer)> {
    let id = id_of(world, LEA);
    let mut answers = Vec::new();
    for call in calls().into_iter().filter(|call| !call.open) {
        let scope = if call.fits("acme:tech") { "acme:tech" } else { "acme" };
        let answer = world.send(who, call.request(About { scope, id: &id, token })).await;
        answers.push((call.name(), answer));
    }
    answers
}

#[tokio::test]
async fn line_1_an_unverified_address_is_refused_on_every_route() {
    let (world, token) = with_pending_lea().await;
    let before = world.dump().await;
    for email in [LEA, OWNER, "stranger@example.org"] {
        let verified = Principal::user(email);
        let mut unverified = vec![verified.clone().without("email_verified")];
        for word in ["false", "False", "True", "TRUE", "1", "yes", ""] {
            unverified.push(verified.clone().with("email_verified", word));
        }
        for who in unverified {
            for (route, answer) in everywhere(&world, &who, &token).await {
                assert_eq!(answer.outcome(), "403 email-not-verified", "{route} {who:?}");
            }
        }
    }
    assert_eq!(world.dump().await, before, "nothing is activated");
}

#[tokio::test]
async fn line_2_a_token_changed_in_any_byte_is_not_found() {
    let (world, token) = with_pending_lea().await;
    other_client(&world, "expo", LEA).await;
    let mut wrong =
        vec![token.replacen("acme", "expo", 1), format!("{token}="), format!("{token}A")];
    for index in 0..token.len() {
        let other = if token[index..].starts_with('a') { "b" } else { "a" };
        let mut changed = token.clone();
        changed.replace_range(index..=index, other);
        wrong.push(changed);
    }
    let before = world.dump().await;
    let lea = Principal::user(LEA);
    let constant = accept(&world, &lea, "x").await.body;
    for token in wrong {
        for answer in [accept(&world, &lea, &token).await, preview(&world, &token).await] {
            assert_eq!(answer.status, 404, "{token}");
            assert_eq!(answer.body, constant, "{token}");
        }
    }
    assert_eq!(world.dump().await, before);
    accept(&world, &lea, &token).await.expect(200);
}

#[tokio::test]
async fn line_3_no_response_contains_a_token_or_its_hash() {
    let (world, token) = with_pending_lea().await;
    let collaborators = [
        (OWNER, "owner"),
        ("administrator@example.org", "administrator"),
        ("contributor@example.org", "contributor"),
        ("observer@example.org", "observer"),
    ];
    for (email, role) in &collaborators[1..] {
        active(&world, email, "acme:tech", role).await;
    }
    let mut callers: Vec<Principal> =
        collaborators.iter().map(|(email, _)| Principal::user(email)).collect();
    callers.extend([LEA, "stranger@example.org"].map(Principal::user));
    callers.extend([Principal::platform(), Principal::anonymous()]);
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
                let text = format!("{:?} {}", answer.headers, answer.body);
                assert!(!text.contains(secret) && !text.contains(&hash), "{route} {text}");
                statuses.insert(answer.status);
            }
        }
    }
    assert!(statuses.is_superset(&BTreeSet::from([200, 201, 401, 403, 404, 409])), "{statuses:?}");
}

#[tokio::test]
async fn line_3_the_hash_is_stored_in_one_record_and_the_stream_carries_only_keys() {
    let (world, token) = with_pending_lea().await;
    let hash = Token::parse(&token).unwrap().hash().to_hex();
    for accepted in [false, true] {
        if accepted {
            accept(&world, &Principal::user(LEA), &token).await.expect(200);
        }
        let everything = world.dump().await;
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

#[tokio::test]
async fn line_6_a_token_activates_one_account_and_a_second_use_changes_nothing() {
    let (world, token) = with_pending_lea().await;
    active(&world, "other@example.org", "acme:rh", "observer").await;
    let lea = Principal::user(LEA);
    for email in ["other@example.org", "stranger@example.org", OWNER] {
        let refused = accept(&world, &Principal::user(email), &token).await;
        assert_eq!(refused.outcome(), "403 email-mismatch", "{email}");
    }
    assert_eq!(accept(&world, &Principal::platform(), &token).await.outcome(), "403 forbidden");
    let first = accept(&world, &lea, &token).await.expect(200);
    let before = world.dump().await;
    world.wait(DAY);
    let again = accept(&world, &lea, &token).await.expect(200);
    assert_eq!(again.body, first.body);
    for who in [
        Principal::user("other@example.org"),
        Principal::user("stranger@example.org"),
        lea.clone().with("sub", "another account"),
        lea.clone().with("iss", "https://another.issuer"),
    ] {
        assert_eq!(accept(&world, &who, &token).await.outcome(), "410 invitation-used");
    }
    assert_eq!(preview(&world, &token).await.outcome(), "410 invitation-used");
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn line_7_the_same_address_under_another_account_has_no_access_and_takes_none_over() {
    let (world, token) = with_pending_lea().await;
    accept(&world, &Principal::user(LEA), &token).await.expect(200);
    let before = world.dump().await;
    for twin in [
        Principal::user(LEA).with("sub", "another account"),
        Principal::user(LEA).with("iss", "https://another.issuer"),
        Principal::user("LEA@EXAMPLE.ORG"),
        Principal::user(OWNER).with("sub", "another account"),
    ] {
        for (route, answer) in everywhere(&world, &twin, &token).await {
            match route.as_str() {
                "POST /v1/checks" => assert_eq!(answer.body["results"][0]["allowed"], false),
                "POST /access/v1/evaluation" | "POST /access/v1/evaluations" => {
                    assert_eq!(answer.body["decision"], false);
                }
                search if search.starts_with("POST /access/v1/search/") => {
                    assert_eq!(answer.body["results"], json!([]));
                }
                "GET /v1/me/access" => assert_eq!(answer.body["access"], json!([])),
                "GET /v1/catalogue" => assert_eq!(answer.status, 200),
                "GET /v1/scopes" | "GET /v1/people" => {
                    assert_eq!(answer.outcome(), "403 forbidden");
                }
                "POST /v1/invitations/accept" => {
                    assert_eq!(answer.outcome(), "410 invitation-used", "{twin:?}");
                }
                _ => assert_eq!(answer.status, 404, "{route} {twin:?} {}", answer.body),
            }
        }
    }
    // Only the time of the refused logins is written, which the grid shows.
    for email in [LEA, OWNER] {
        let update = world.dynamodb().update_item().table_name("coulisses");
        let update = update.key("pk", AttributeValue::S("C#acme".into()));
        let sk = format!("P#{}", world.id_of("acme", email));
        let update = update.key("sk", AttributeValue::S(sk));
        let update = update.condition_expression("attribute_exists(refusedLoginAt)");
        update.update_expression("REMOVE refusedLoginAt").send().await.unwrap();
    }
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn line_13_a_removed_and_reinvited_collaborator_inherits_nothing() {
    let (world, old_token) = with_pending_lea().await;
    accept(&world, &Principal::user(LEA), &old_token).await.expect(200);
    log_in(&world, LEA).await;
    invited(&world, LEA, "acme:rh", "manager").await;
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
    // Neither the old link nor the old account gives access.
    let lea = Principal::user(LEA);
    assert_eq!(accept(&world, &lea, &old_token).await.outcome(), "404 invitation-not-found");
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

#[tokio::test]
async fn line_13_the_same_address_in_another_client_is_a_stranger_there() {
    let world = acme().await;
    active(&world, LEA, "acme", "administrator").await;
    let owner = other_client(&world, "expo", "owner@expo.test").await;
    let lea = Principal::user(LEA);
    for target in ["/v1/scopes/expo", "/v1/scopes/expo/collaborators"] {
        assert_eq!(world.send(&lea, Request::new("GET", target)).await.status, 404);
    }
    let login = Request::new("POST", "/v1/scopes/expo/logins");
    assert_eq!(world.send(&lea, login).await.status, 404);
    let body = json!({ "email": LEA, "role": "observer" });
    let invited = post(&world, &owner, "/v1/scopes/expo/collaborators", &body).await.expect(201);
    assert_eq!(invited.text("/status"), "pending");
    assert_eq!(invited.body["lastLoginAt"], json!(null), "no client shows a login to another");
    assert_eq!(invited.body["name"], json!(null));
    assert_ne!(invited.text("/id"), id_of(&world, LEA));
}

#[tokio::test]
async fn line_14_revoked_access_is_denied_on_the_next_request() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "administrator").await;
    let lea = Principal::user(LEA);
    let list = || Request::new("GET", "/v1/scopes/acme:tech/collaborators");
    world.send(&lea, list()).await.expect(200);
    revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    assert_eq!(world.send(&lea, list()).await.outcome(), "404 scope-not-found");
    let body = json!({ "email": "friend@example.org", "role": "administrator" });
    let refused = invite(&world, LEA, "acme:tech", &body).await;
    assert_eq!(refused.outcome(), "404 scope-not-found");
}

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
        assert_eq!(refused.outcome(), "422 invalid-email", "{twin}");
        let request = Request::new("GET", "/v1/scopes/acme:tech");
        let refused = world.send(&Principal::user(twin), request).await;
        assert_eq!(refused.outcome(), "403 email-not-supported", "{twin}");
    }
    let body = json!({ "email": "mike@examplé.org", "role": "observer" });
    let distinct = invite(&world, OWNER, "acme:rh", &body).await.expect(201);
    assert_ne!(distinct.text("/id"), id_of(&world, "mike@example.org"));
    world.deliver().await;
    assert_eq!(world.ses.mails().len(), mails + 1);
    assert_eq!(world.ses.mails_to("mike@example.org").len(), 0);
}

#[tokio::test]
async fn line_18_previewing_a_link_any_number_of_times_does_not_use_it_up() {
    let (world, token) = with_pending_lea().await;
    let reads = Template::read().routes().into_iter();
    let mut reads = reads.filter(|route| route.path.contains("invitations"));
    assert!(reads.all(|route| route.method == "POST"), "link scanners send GET and HEAD");
    let before = world.dump().await;
    let first = preview(&world, &token).await.expect(200);
    for _ in 0..20 {
        assert_eq!(preview(&world, &token).await.expect(200).body, first.body);
    }
    assert_eq!(world.dump().await, before);
    accept(&world, &Principal::user(LEA), &token).await.expect(200);
}

#[tokio::test]
async fn line_23_no_header_changes_the_target_or_the_caller() {
    let (world, token) = with_pending_lea().await;
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
        let answer = world.send(&Principal::user(OWNER), request.clone()).await.expect(200);
        assert_eq!(answer.body, plain.body, "{value:?}");
        assert_eq!(world.send(&Principal::anonymous(), request).await.status, 401);
        let body = json!({ "token": token });
        let preview = Request::new("POST", "/v1/invitations/preview").json(&body);
        world.send(&Principal::anonymous(), preview.header("host", value)).await.expect(200);
    }
}

#[tokio::test]
async fn line_23_a_colon_may_be_encoded_and_an_odd_query_is_malformed() {
    let (world, _) = with_pending_lea().await;
    let plain = get(&world, OWNER, &path_of(&world, "acme:tech", LEA)).await.expect(200);
    for scope in ["acme%3Atech", "acme%3atech", "%61cme:tech"] {
        let path = path_of(&world, scope, LEA);
        assert_eq!(get(&world, OWNER, &path).await.expect(200).body, plain.body);
    }
    for query in ["a<b>", "a b", "é", "%", "q=\"{|}^`", "&&&==", "below=true&below=true"] {
        let target = format!("{}?{query}", path_of(&world, "acme:tech", LEA));
        assert_eq!(get(&world, OWNER, &target).await.outcome(), "400 malformed", "{query}");
    }
}
