//! Invalid bodies: each gets a problem on every route that has a body, and nothing is read or written
//! (docs/security.md#line-19, docs/security.md#line-26).

use coulisses_tests::{Principal, Request, World};
use serde_json::json;

use crate::{
    problems::{assert_is_a_problem, best_caller, with_pending_lea},
    routes::{About, Call, calls},
    support::{OWNER, SUMMIT, TECH, acme},
};

/// Sends each of `requests` to every route of `/v1` with a body, as the caller with the most access there, and asserts the problem.
async fn assert_all_refused(
    requests: impl Fn(&Call, About<'_>) -> Vec<(String, Request, &'static str)>,
) {
    let (world, id, token) = with_pending_lea().await;
    let before = world.dump().await;
    drop(world.trips());
    for scope in ["acme", TECH, SUMMIT] {
        let about = About { scope, id: &id, token: &token };
        for call in calls()
            .into_iter()
            .filter(|call| call.body.is_some() && call.fits(scope) && !call.is_authzen())
        {
            for (what, request, outcome) in requests(&call, about) {
                let answer = world.send(&best_caller(&call), request).await;
                assert_eq!(answer.outcome(), outcome, "{} of {scope}: {what}", call.name());
                assert_is_a_problem(&answer);
            }
        }
    }
    assert_eq!(world.operations(), [""; 0], "nothing is read before the body is parsed");
    assert_eq!(world.dump().await, before);
}

fn typed(call: &Call, about: About<'_>, body: &str) -> Request {
    call.bare(about).header("content-type", "application/json").body(body)
}

#[tokio::test]
async fn line_26_a_body_that_is_not_a_json_object_is_malformed() {
    assert_all_refused(|call, about| {
        let deep = [("[", "]"), ("{\"a\":", "}")]
            .map(|(open, close)| format!("{}1{}", open.repeat(10_000), close.repeat(10_000)));
        let token = about.token;
        let mut bodies = vec![
            "{".to_owned(),
            "}".to_owned(),
            "{\"name\":}".to_owned(),
            "{'name':'x'}".to_owned(),
            "{\"name\":\"\\ud800\"}".to_owned(),
            "{} {}".to_owned(),
            "null".to_owned(),
            "[]".to_owned(),
            "[{}]".to_owned(),
            format!("[\"{token}\"]"),
            "[\"Name\"]".to_owned(),
            "[\"new@example.org\",\"reader\",null,null,null,null,null]".to_owned(),
            "\"x\"".to_owned(),
            "1".to_owned(),
            "1e999999".to_owned(),
            "NaN".to_owned(),
            "\u{feff}{}".to_owned(),
            "\0".to_owned(),
        ];
        bodies.extend(deep);
        if !call.may_be_empty {
            bodies.push(String::new());
        }
        if call.has_required_fields() {
            bodies.push("{}".to_owned());
        }
        bodies.push(" ".to_owned());
        let case = |body: String| {
            (body.chars().take(60).collect(), typed(call, about, &body), "400 malformed")
        };
        bodies.into_iter().map(case).collect()
    })
    .await;
}

#[tokio::test]
async fn a_body_that_is_not_text_is_malformed() {
    assert_all_refused(|call, about| {
        // The bytes ff fe 7b, and a zero byte in a string.
        let bodies = ["//57", "eyJuYW1lIjoiAP8ifQ=="];
        let request =
            |body: &str| call.bare(about).header("content-type", "application/json").base64(body);
        bodies.map(|body| (body.to_owned(), request(body), "400 malformed")).into()
    })
    .await;
}

#[tokio::test]
async fn line_26_a_body_of_another_media_type_is_unsupported() {
    assert_all_refused(|call, about| {
        let body = call.body_for(about).unwrap().to_string();
        let types = [
            None,
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("application/jsonp"),
            Some("application/json-patch+json"),
            Some("multipart/form-data; boundary=application/json"),
            Some(""),
        ];
        let request = |media_type: Option<&str>| {
            let request = call.bare(about).body(&body);
            media_type.map_or(request.clone(), |it| request.header("content-type", it))
        };
        types.map(|it| (format!("{it:?}"), request(it), "415 unsupported-media-type")).into()
    })
    .await;
}

#[tokio::test]
async fn the_json_media_type_may_have_any_case_and_a_charset() {
    let world = acme().await;
    for media_type in ["application/json;charset=UTF-8", "Application/JSON ; charset=utf-8"] {
        let request = Request::new("POST", "/v1/scopes/acme/logins").body("{}");
        let request = request.header("content-type", media_type);
        world.send(&Principal::user(OWNER), request).await.expect(200);
    }
}

#[tokio::test]
async fn line_26_a_body_over_256_kib_is_too_large_whatever_its_content() {
    assert_all_refused(|call, about| {
        let right = call.body_for(about).unwrap().to_string();
        let padded = |size: usize| format!("{right}{}", " ".repeat(size - right.len()));
        let typed = |body: &str| typed(call, about, body);
        vec![
            ("one byte more".into(), typed(&padded(262_145)), "413 too-large"),
            ("no JSON".into(), typed(&"x".repeat(262_145)), "413 too-large"),
            ("of any type".into(), call.bare(about).body(&"x".repeat(1_000_000)), "413 too-large"),
            ("just as large, and no JSON".into(), typed(&"x".repeat(262_144)), "400 malformed"),
        ]
    })
    .await;
}

#[tokio::test]
async fn a_request_without_a_body_refuses_one() {
    let (world, id, _) = with_pending_lea().await;
    let path = format!("/v1/scopes/acme:tech/collaborators/{id}");
    let take = || Request::new("DELETE", &path).if_match("\"1\"");
    for (body, outcome) in [("{}", "400 malformed"), (&"x".repeat(262_145), "413 too-large")] {
        let answer = world.send(&Principal::user(OWNER), take().body(body)).await;
        assert_eq!(answer.outcome(), outcome);
    }
}

#[tokio::test]
async fn line_19_an_unknown_privileged_or_repeated_field_is_refused() {
    assert_all_refused(|call, about| {
        let right = call.body_for(about).unwrap();
        let fields = "status|version|sub|iss|id|seat|grants|standing|client|invitation|grantedBy|emailVerified|Email|\
            role |__proto__|";
        let with = |field: &str| {
            let mut body = right.clone();
            body[field] = json!("active");
            typed(call, about, &body.to_string())
        };
        let case = |field: &str| (field.to_owned(), with(field), "400 malformed");
        let mut requests: Vec<_> = fields.split('|').map(case).collect();
        if let Some((field, value)) = right.as_object().unwrap().iter().next() {
            let twice = format!("{{\"{field}\":{value},\"{field}\":{value}}}");
            requests.push(("twice".to_owned(), typed(call, about, &twice), "400 malformed"));
        }
        requests
    })
    .await;
}

#[tokio::test]
async fn a_field_of_the_wrong_type_is_malformed() {
    assert_all_refused(|call, about| {
        let right = call.body_for(about).unwrap();
        let mut requests = Vec::new();
        for (field, value) in right.as_object().unwrap() {
            let wrong =
                [json!(true), json!([]), json!(["x"]), json!([[]]), json!({}), json!({ "a": 1 })];
            // An empty list gets its own code, and an invalid id in a list of ids gets its own result.
            let right_type = |it: &serde_json::Value| {
                value.is_array()
                    && (*it == json!([])
                        || (*it == json!(["x"])
                            && ["ids", "levels", "permissions"].contains(&field.as_str())))
            };
            let wrong = wrong.into_iter().filter(|it| !right_type(it));
            for wrong in wrong.chain(value.is_string().then(|| json!(-1))) {
                let what = format!("{field}: {wrong}");
                let mut body = right.clone();
                body[field.as_str()] = wrong;
                requests.push((what, typed(call, about, &body.to_string()), "400 malformed"));
            }
        }
        requests
    })
    .await;
}

#[tokio::test]
async fn a_whole_number_is_accepted_however_it_is_written() {
    let world = acme().await;
    for (number, days) in [("25", 25), ("25.0", 25), ("2.5e1", 25), ("3e1", 30)] {
        let text = format!(
            r#"{{"name":"Acme","granting":"owner","seatLimit":1e2,"invitationDays":{number}}}"#
        );
        let request = Request::new("PUT", "/v1/scopes/acme");
        let request = request.header("content-type", "application/json").body(&text);
        let answer = world.send(&Principal::platform(), request).await.expect(200);
        assert_eq!(answer.body["invitationDays"], days, "{number}");
        assert_eq!(answer.body["seats"]["limit"], 100);
    }
}

/// A native speaker of French must not read a word of a parser.
#[tokio::test]
async fn a_malformed_body_is_explained_in_the_language_of_the_caller() {
    let world = acme().await;
    for (body, french, english) in [
        ("{", "ce n’est pas du JSON, ligne 1, colonne 1", "it is not JSON, line 1, column 1"),
        (r#"{"role":"reader"}"#, "champ manquant\u{a0}: email", "missing field: email"),
        (
            r#"{"mail":1}"#,
            "champ inconnu\u{a0}: mail, ligne 1, colonne 7",
            "unknown field: mail, line 1, column 7",
        ),
        (
            r#"{"email":1}"#,
            "valeur d’un autre type, ligne 1, colonne 10",
            "a value of another type, line 1, column 10",
        ),
        ("[]", "le corps n’est pas un objet", "the body is not an object"),
    ] {
        for (language, expected) in [("fr", french), ("en", english)] {
            let request = Request::new("POST", "/v1/scopes/acme/collaborators")
                .header("content-type", "application/json")
                .header("accept-language", language)
                .body(body);
            let answer = world.send(&Principal::user(OWNER), request).await.expect(400);
            assert!(answer.text("/detail").ends_with(&format!("({expected})")), "{}", answer.body);
        }
    }
}

#[tokio::test]
async fn a_compressed_body_is_refused_as_a_media_type() {
    let world = acme().await;
    for encoding in ["gzip", "br", "identity, gzip"] {
        let request = Request::new("POST", "/v1/checks")
            .header("content-type", "application/json")
            .header("content-encoding", encoding)
            .body(r#"{"checks":[]}"#);
        let answer = world.send(&Principal::user(OWNER), request).await;
        assert_eq!(answer.outcome(), "415 unsupported-media-type", "{encoding}");
    }
}

#[tokio::test]
async fn a_number_that_is_not_a_valid_limit_is_refused() {
    let world = acme().await;
    let before = world.dump().await;
    for field in ["seatLimit", "invitationDays"] {
        for number in ["-1", "1.5", "1.5e0", "4294967296", "99999999999999999999", "1e999"] {
            let mut body = json!({ "name": "Acme", "granting": "owner" });
            body["seatLimit"] = json!(5);
            body[field] = json!("HERE");
            let text = body.to_string().replace("\"HERE\"", number);
            let request = Request::new("PUT", "/v1/scopes/acme");
            let request = request.header("content-type", "application/json").body(&text);
            let answer = world.send(&Principal::platform(), request).await;
            let refused = match (number, field) {
                ("1e999", _) => "400 malformed",
                (_, "seatLimit") => "422 invalid-seat-limit",
                _ => "422 invalid-field",
            };
            assert_eq!(answer.outcome(), refused, "{field} {number}");
        }
    }
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn an_owner_must_be_an_object_with_known_fields() {
    let world = World::new().await;
    for owner in [
        json!([OWNER, "Odile"]),
        json!(OWNER),
        json!({ "email": OWNER, "sub": "x" }),
        json!({ "email": [OWNER] }),
    ] {
        let body = json!({ "name": "A", "seatLimit": 1, "granting": "owner", "owner": owner });
        let request = Request::new("PUT", "/v1/scopes/acme").json(&body);
        assert_eq!(
            world.send(&Principal::platform(), request).await.outcome(),
            "400 malformed",
            "{owner}"
        );
    }
}
