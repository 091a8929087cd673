//! Random requests of any caller to any route get a response of the contract, never a 5xx or a panic.

use coulisses_tests::{Answer, Principal, Request, World};
use proptest::{
    collection::{btree_map, vec},
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use crate::{
    routes::{About, Call, calls},
    support::{LEA, OWNER, SUMMIT, TECH, acme, active, id_of, invite, token_of},
};

/// A request, with the index of its route and of its caller.
#[derive(Clone, Debug)]
struct Sent {
    route: usize,
    caller: usize,
    /// The scope, the id, the token and the query.
    place: (String, Option<String>, Option<String>, String),
    body: Body,
    headers: Vec<(&'static str, String)>,
}

#[derive(Clone, Debug)]
enum Body {
    /// A valid body with some fields set or replaced.
    Changed(Vec<(String, Value)>),
    Any(Value),
    Text(String),
}

struct Scene {
    world: World,
    calls: Vec<Call>,
    callers: Vec<Principal>,
    id: String,
    token: String,
}

impl Scene {
    async fn new() -> Self {
        let world = acme().await;
        active(&world, "admin@example.org", "acme", "administrator").await;
        active(&world, "reader@example.org", TECH, "reader").await;
        let body = json!({ "email": LEA, "role": "observer" });
        invite(&world, OWNER, TECH, &body).await.expect(201);
        let token = token_of(&world, LEA).await;
        let people = [OWNER, "admin@example.org", "reader@example.org"];
        let others = [LEA, "stranger@example.org"];
        let mut callers: Vec<Principal> =
            people.into_iter().chain(others).map(Principal::user).collect();
        callers.extend([Principal::platform(), Principal::anonymous()]);
        callers.push(Principal::user(OWNER).with("sub", "another account"));
        callers.push(Principal::user("no address").with("name", "\u{0}\n"));
        let id = id_of(&world, LEA);
        Self { world, calls: calls(), callers, id, token }
    }

    async fn send(&self, sent: &Sent) -> Answer {
        let call = &self.calls[sent.route % self.calls.len()];
        let about = About {
            scope: &sent.place.0,
            id: sent.place.1.as_ref().unwrap_or(&self.id),
            token: sent.place.2.as_ref().unwrap_or(&self.token),
        };
        let typed = |body: &str| Self::typed(call, about, sent, body);
        let request = match &sent.body {
            // No function reads the body of a GET.
            _ if call.method == "GET" => Self::untyped(call, about, sent),
            Body::Changed(fields) => match call.body_for(about) {
                Some(mut body) => {
                    for (name, value) in fields {
                        body[name.as_str()] = value.clone();
                    }
                    typed(&body.to_string())
                }
                None => Self::untyped(call, about, sent),
            },
            Body::Any(value) => typed(&value.to_string()),
            Body::Text(text) => typed(text),
        };
        self.world.send(&self.callers[sent.caller % self.callers.len()], request).await
    }

    fn typed(call: &Call, about: About<'_>, sent: &Sent, body: &str) -> Request {
        Self::untyped(call, about, sent).header("content-type", "application/json").body(body)
    }

    fn untyped(call: &Call, about: About<'_>, sent: &Sent) -> Request {
        let headers = sent.headers.iter();
        let query = if call.reads_a_query() { sent.place.3.as_str() } else { "" };
        headers.fold(call.bare_with(about, query), |request, (name, value)| {
            request.header(name, value)
        })
    }
}

/// Texts with a meaning somewhere, and random ones.
fn text() -> impl Strategy<Value = String> {
    let known = "lea@example.org|new@example.org|Mallory@Example.org|reader|custom|owner|administrator|contacts:view|\
        access:manage|2027-01-01T00:00:00Z|fr|event|2027-13-45T99:99:99+99:99|-271821-04-20T00:00:00Z|acme|\
        acme:tech:summit||\u{0}|\u{202e}|C#acme|invitation.tokenHash|:pk|#0";
    let known: Vec<&str> = known.split('|').collect();
    prop_oneof![select(known).prop_map(str::to_owned), any::<String>()]
}

fn field() -> impl Strategy<Value = String> {
    let known = "email role permissions name locale message expiresAt reason seatLimit granting roles invitationDays \
        owner kind token collaborator subject text checks";
    let known: Vec<&str> = known.split(' ').collect();
    prop_oneof![4 => select(known).prop_map(str::to_owned), 1 => any::<String>()]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(field(), inner, 0..6)
                .prop_map(|fields| Value::from(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn body() -> impl Strategy<Value = Body> {
    prop_oneof![
        5 => vec((field(), value()), 0..3).prop_map(Body::Changed),
        2 => value().prop_map(Body::Any),
        1 => any::<String>().prop_map(Body::Text),
    ]
}

/// A path segment: a known one, or any valid one.
fn part(known: &'static [&'static str]) -> impl Strategy<Value = String> {
    let any_part = "[^/?#\\x00-\\x20\\x7f]{0,40}";
    prop_oneof![3 => select(known).prop_map(str::to_owned), 1 => any_part]
}

fn sent() -> impl Strategy<Value = Sent> {
    let scopes = &["acme", TECH, SUMMIT, "acme%3Atech", "other", "acme:new"];
    let ids = &["abcdefghijklmnopqrstuvwxyz", "", "%00"];
    let header = "[ -~]{0,30}";
    let if_match = prop_oneof![header, "\"[0-9]{1,20}\""];
    let query = prop_oneof![
        Just(String::new()),
        "[!-~]{0,40}",
        "(status|role|below|q|sort|limit|cursor|inherited|collaborator)=[!-~é]{0,12}",
    ];
    let headers = (header, header, if_match, header).prop_map(|(language, host, version, key)| {
        let names = ["accept-language", "host", "if-match", "idempotency-key"];
        names.into_iter().zip([language, host, version, key]).collect()
    });
    let place = (part(scopes), prop::option::of(part(ids)), prop::option::of(text()), query);
    (any::<usize>(), any::<usize>(), place, body(), headers).prop_map(
        |(route, caller, place, body, headers)| Sent { route, caller, place, body, headers },
    )
}

#[test]
fn any_request_of_any_caller_on_any_route_gets_a_response_of_the_contract() {
    let runtime = Runtime::new().unwrap();
    let scene = runtime.block_on(Scene::new());
    let config = Config { cases: 600, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&sent(), |sent| {
        let answer = runtime.block_on(scene.send(&sent));
        prop_assert!(answer.status < 500, "{} {}", answer.status, answer.body);
        if answer.status >= 300 {
            prop_assert_eq!(answer.header("content-type"), "application/problem+json");
            prop_assert!(!answer.text("/code").is_empty());
        }
        Ok(())
    });
    outcome.unwrap();
    runtime.block_on(async {
        // The data is still readable.
        let acme = Request::new("GET", "/v1/scopes/acme");
        scene.world.send(&Principal::platform(), acme).await.expect(200);
    });
}
