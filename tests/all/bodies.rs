//! Bad bodies: each is told as a problem on every route that has a body, never as a failure, and nothing is written.
//!
//! Lines 19 and 26 of the security design.

use coulisses_tests::{Request, Who, World};
use serde_json::json;

use crate::{
    problems::{assert_is_a_problem, best_caller, with_somebody_invited},
    routes::{About, Call, calls},
    support::acme,
};

const OWNER: &str = "owner@acme.test";

/// Sends each of `requests` on every route with a body, as whoever gets furthest, and holds that nothing is written.
async fn all_are_told(requests: impl Fn(&Call, About<'_>) -> Vec<(String, Request, &'static str)>) {
    let (world, id, token) = with_somebody_invited().await;
    let before = world.everything().await;
    for scope in ["acme", "acme:tech", "acme:tech:summit"] {
        let about = About { scope, id: &id, token: &token };
        for call in calls().into_iter().filter(|call| call.body.is_some() && call.fits(scope)) {
            for (what, request, told) in requests(&call, about) {
                let answer = world.send(&best_caller(&call), request).await;
                assert_eq!(answer.told(), told, "{} of {scope}: {what}", call.name());
                assert_is_a_problem(&answer);
            }
        }
    }
    assert_eq!(world.everything().await, before);
}

fn typed(call: &Call, about: About<'_>, body: &str) -> Request {
    call.bare(about).header("content-type", "application/json").body(body)
}

/// Security, line 26.
#[tokio::test]
async fn line_26_a_body_that_is_no_object_of_json_is_malformed() {
    all_are_told(|call, about| {
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
        let told = |body: String| (body.chars().take(60).collect(), typed(call, about, &body));
        bodies
            .into_iter()
            .map(told)
            .map(|(what, request)| (what, request, "400 malformed"))
            .collect()
    })
    .await;
}

#[tokio::test]
async fn a_body_that_is_no_text_is_malformed() {
    all_are_told(|call, about| {
        // The bytes ff fe 7b, and a zero byte in a string.
        let bodies = ["//57", "eyJuYW1lIjoiAP8ifQ=="];
        let request =
            |body: &str| call.bare(about).header("content-type", "application/json").base64(body);
        bodies.map(|body| (body.to_owned(), request(body), "400 malformed")).into()
    })
    .await;
}

/// Security, line 26.
#[tokio::test]
async fn line_26_a_body_of_another_type_is_refused_by_its_type() {
    all_are_told(|call, about| {
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
async fn a_body_of_json_may_say_so_in_any_case_and_with_a_charset() {
    let world = acme().await;
    for media_type in ["application/json;charset=UTF-8", "Application/JSON ; charset=utf-8"] {
        let request = Request::new("POST", "/v1/scopes/acme/logins").body("{}");
        let request = request.header("content-type", media_type);
        world.send(&Who::person(OWNER), request).await.expect(200);
    }
}

/// Security, line 26.
#[tokio::test]
async fn line_26_a_body_over_256_kib_is_too_large_whatever_it_says() {
    all_are_told(|call, about| {
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
    let (world, id, _) = with_somebody_invited().await;
    let path = format!("/v1/scopes/acme:tech/collaborators/{id}");
    let take = || Request::new("DELETE", &path).if_match("\"1\"");
    for (body, told) in [("{}", "400 malformed"), (&"x".repeat(262_145), "413 too-large")] {
        assert_eq!(world.send(&Who::person(OWNER), take().body(body)).await.told(), told);
    }
}

/// Security, line 19.
#[tokio::test]
async fn line_19_a_field_that_is_unknown_privileged_or_written_twice_is_refused() {
    all_are_told(|call, about| {
        let right = call.body_for(about).unwrap();
        let fields = [
            "status",
            "version",
            "sub",
            "iss",
            "id",
            "seat",
            "grants",
            "standing",
            "client",
            "invitation",
            "grantedBy",
            "emailVerified",
            "Email",
            "role ",
            "__proto__",
            "",
        ];
        let with = |field: &str| {
            let mut body = right.clone();
            body[field] = json!("active");
            typed(call, about, &body.to_string())
        };
        let mut requests: Vec<_> =
            fields.map(|field| (field.to_owned(), with(field), "400 malformed")).into();
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
    all_are_told(|call, about| {
        let right = call.body_for(about).unwrap();
        let mut requests = Vec::new();
        for (field, value) in right.as_object().unwrap() {
            let wrong =
                [json!(true), json!([]), json!(["x"]), json!([[]]), json!({}), json!({ "a": 1 })];
            // A list without items is told as that, and what is no id in a list of ids by its result.
            let right_type = |it: &serde_json::Value| {
                value.is_array() && (*it == json!([]) || (*it == json!(["x"]) && field == "ids"))
            };
            for wrong in wrong.into_iter().filter(|it| !right_type(it)) {
                let body = json!({ field.as_str(): wrong });
                let mut whole = right.clone();
                whole[field.as_str()] = wrong;
                requests.push((
                    body.to_string(),
                    typed(call, about, &whole.to_string()),
                    "400 malformed",
                ));
            }
            if value.is_string() {
                let mut whole = right.clone();
                whole[field.as_str()] = json!(-1);
                requests.push((
                    field.clone(),
                    typed(call, about, &whole.to_string()),
                    "400 malformed",
                ));
            }
        }
        requests
    })
    .await;
}

#[tokio::test]
async fn a_number_that_no_limit_can_be_is_refused() {
    let world = acme().await;
    let before = world.everything().await;
    for field in ["seatLimit", "invitationDays"] {
        for number in ["-1", "1.5", "1e3", "4294967296", "99999999999999999999", "-0.0", "1e999"] {
            let mut body = json!({ "name": "Acme", "granting": "owner" });
            body["seatLimit"] = json!(5);
            body[field] = json!("HERE");
            let text = body.to_string().replace("\"HERE\"", number);
            let request = Request::new("PUT", "/v1/scopes/acme");
            let request = request.header("content-type", "application/json").body(&text);
            let told = world.send(&Who::platform(), request).await.told();
            let refused = match (number, field) {
                ("1e999", _) => "400 malformed",
                (_, "seatLimit") => "422 invalid-seat-limit",
                _ => "422 invalid-field",
            };
            assert_eq!(told, refused, "{field} {number}");
        }
    }
    assert_eq!(world.everything().await, before);
}

#[tokio::test]
async fn an_owner_is_an_object_with_its_fields_named() {
    let world = World::new().await;
    for owner in [
        json!(["owner@acme.test", "Odile"]),
        json!("owner@acme.test"),
        json!({ "email": "owner@acme.test", "sub": "x" }),
        json!({ "email": ["owner@acme.test"] }),
    ] {
        let body = json!({ "name": "A", "seatLimit": 1, "granting": "owner", "owner": owner });
        let request = Request::new("PUT", "/v1/scopes/acme").json(&body);
        assert_eq!(world.send(&Who::platform(), request).await.told(), "400 malformed", "{owner}");
    }
}
