//! People who are moved in by the platform, and the list of its clients.

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{
    LEA, MAX, OWNER, SUMMIT, TECH, acme, acme_with, active, get, invite, log_in, other_client, post,
};

const IMPORTS: &str = "/v1/scopes/acme/imports";

async fn import(world: &World, body: &Value) -> Answer {
    post(world, &Principal::platform(), IMPORTS, body).await
}

fn person(email: &str) -> Value {
    json!({ "email": email, "grants": [{ "scope": SUMMIT, "role": "reader" }] })
}

/// Status and outcome, or code, of each result.
fn results(answer: &Answer) -> Vec<String> {
    let results = answer.body["results"].as_array().unwrap().iter();
    let of = |result: &Value| {
        let word = result["outcome"].as_str().or(result["problem"]["code"].as_str());
        format!("{} {}", result["status"], word.unwrap())
    };
    results.map(of).collect()
}

#[tokio::test]
async fn people_are_moved_in_without_mails_and_the_same_import_again_changes_nothing() {
    let world = acme().await;
    let account = json!({ "iss": "https://issuer.test", "sub": format!("account of {LEA}") });
    let grants = json!([
        { "scope": "acme", "role": "observer" },
        { "scope": SUMMIT, "role": "custom", "permissions": ["orders:view"], "expiresAt": "2027-06-30T18:00:00Z", "outlivesEvent": true },
    ]);
    let lea = json!({ "email": LEA, "name": "Léa", "locale": "en", "account": account, "grants": grants, "lastLoginAt": "2026-11-01T08:00:00Z" });
    let body = json!({ "people": [lea, person(MAX)] });
    let first = import(&world, &body).await.expect(200);
    assert_eq!(results(&first), ["201 created", "201 created"]);
    let lea = &first.body["results"][0]["collaborator"];
    assert_eq!(
        (&lea["status"], &lea["lastLoginAt"]),
        (&json!("active"), &json!("2026-11-01T08:00:00.000Z"))
    );
    let at_event = lea["grants"].as_array().unwrap().iter().find(|grant| grant["scope"] == SUMMIT);
    assert_eq!(at_event.unwrap()["outlivesEvent"], true);
    let max = &first.body["results"][1]["collaborator"];
    assert_eq!(
        (&max["status"], &max["invitation"]["delivery"]),
        (&json!("pending"), &json!("none"))
    );

    let before = world.dump().await;
    let again = import(&world, &body).await.expect(200);
    assert_eq!(results(&again), ["200 unchanged", "200 unchanged"]);
    assert_eq!(world.dump().await, before, "no version moves, no history");
    world.deliver().await;
    assert!(world.ses.mails_to(LEA).is_empty() && world.ses.mails_to(MAX).is_empty());

    // The account works at once, and the address without one from its first login on.
    get(&world, LEA, &format!("/v1/scopes/{SUMMIT}")).await.expect(200);
    log_in(&world, MAX).await;
    get(&world, MAX, &format!("/v1/scopes/{SUMMIT}")).await.expect(200);
    let history = get(&world, OWNER, "/v1/scopes/acme/history").await.expect(200);
    let entries = history.body["entries"].as_array().unwrap();
    let imported = entries.iter().filter(|entry| entry["action"] == "imported");
    assert_eq!(imported.count(), 2);
}

#[tokio::test]
async fn a_person_who_cannot_be_imported_stops_no_one_else() {
    let world = acme().await;
    let with = |field: &str, value: Value| {
        let mut body = person("x@example.org");
        body[field] = value;
        body
    };
    let people = json!([
        with("email", json!("nobody")),
        with("grants", json!([])),
        with("grants", json!([{ "scope": "expo", "role": "reader" }])),
        with(
            "grants",
            json!([{ "scope": SUMMIT, "role": "reader" }, { "scope": SUMMIT, "role": "observer" }])
        ),
        with("grants", json!([{ "scope": "acme:none", "role": "reader" }])),
        with("grants", json!([{ "scope": TECH, "role": "owner" }])),
        with("account", json!({ "iss": "", "sub": "1" })),
        with("lastLoginAt", json!("yesterday")),
        person(MAX),
    ]);
    let answer = import(&world, &json!({ "people": people })).await.expect(200);
    assert_eq!(
        results(&answer),
        [
            "422 invalid-email",
            "422 invalid-field",
            "422 invalid-scope",
            "422 invalid-field",
            "422 invalid-field",
            "422 role-not-allowed-here",
            "422 invalid-field",
            "422 invalid-field",
            "201 created",
        ]
    );
    let pointer =
        |index: usize| answer.body["results"][index]["problem"]["errors"][0]["pointer"].clone();
    assert_eq!(pointer(3), "/people/3/grants/1/scope");
    assert_eq!(pointer(4), "/people/4/grants/0/scope");
    assert_eq!(pointer(5), "/people/5/grants/0/role");
    assert_eq!(pointer(6), "/people/6/account/iss");
    for (body, outcome) in [
        (json!({ "people": [] }), "422 invalid-field"),
        (json!({ "people": vec![person(LEA); 101] }), "422 too-many-items"),
        (json!({ "people": [person(LEA)], "pendingDays": 366 }), "422 invalid-field"),
        (json!({ "people": [person(LEA)], "pendingDays": 0.5 }), "422 invalid-field"),
        (json!({ "people": person(LEA) }), "400 malformed"),
    ] {
        assert_eq!(import(&world, &body).await.outcome(), outcome, "{body}");
    }
}

#[tokio::test]
async fn the_last_login_never_goes_back_or_into_the_future() {
    let world = acme().await;
    let ends = json!({ "email": LEA, "role": "reader", "expiresAt": "2026-11-23T12:00:00Z" });
    invite(&world, OWNER, SUMMIT, &ends).await.expect(201);
    let recorded = log_in(&world, LEA).await.expect(200).body["lastLoginAt"].clone();
    world.wait(DAY * 7);
    let with_login = |at: &str| {
        let mut lea = person(LEA);
        lea["lastLoginAt"] = json!(at);
        json!({ "people": [lea] })
    };
    let future = import(&world, &with_login("2062-06-30T12:00:00Z")).await;
    assert_eq!(results(&future), ["422 invalid-field"]);
    let expired = import(&world, &with_login("2026-01-05T12:00:00Z")).await;
    assert_eq!(results(&expired), ["201 created"]);
    assert_eq!(expired.body["results"][0]["collaborator"]["lastLoginAt"], recorded);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_imports_at_once_take_no_more_than_the_twenty_seats_of_the_contract() {
    let world = acme_with(&json!({ "seatLimit": 20 })).await;
    let mut imports = JoinSet::new();
    for number in 0..60 {
        let instance = world.second_instance();
        imports.spawn(async move {
            let body = json!({ "people": [person(&format!("p{number}@example.org"))] });
            let mut outcome = results(&import(&instance, &body).await.expect(200)).remove(0);
            while outcome == "503 try-again" {
                outcome = results(&import(&instance, &body).await.expect(200)).remove(0);
            }
            outcome
        });
    }
    let outcomes = imports.join_all().await;
    let created = outcomes.iter().filter(|outcome| *outcome == "201 created").count();
    let full = outcomes.iter().filter(|outcome| *outcome == "409 seat-limit-reached").count();
    assert_eq!((created, full), (19, 41), "the owner has the twentieth");
}

#[tokio::test]
async fn an_import_with_mails_sends_them() {
    let world = acme().await;
    let body = json!({ "people": [person(LEA)], "notify": true });
    assert_eq!(results(&import(&world, &body).await), ["201 created"]);
    world.deliver().await;
    world.deliver().await;
    assert_eq!(world.ses.mails_to(LEA).len(), 1);
}

#[tokio::test]
async fn the_platform_lists_all_clients_by_pages_and_no_one_else_does() {
    let world = acme().await;
    for number in 0..12 {
        other_client(&world, &format!("expo-{number}"), "owner@expo.test").await;
    }
    let page = async |who: &Principal, query: &str| {
        world.send(who, Request::new("GET", &format!("/v1/scopes?limit=5{query}"))).await
    };
    let (mut ids, mut query) = (Vec::new(), String::new());
    loop {
        let answer = page(&Principal::platform(), &query).await.expect(200);
        let scopes = answer.body["scopes"].as_array().unwrap();
        assert!(scopes.len() <= 5);
        ids.extend(scopes.iter().map(|scope| scope["id"].as_str().unwrap().to_owned()));
        let Some(cursor) = answer.body["nextCursor"].as_str() else { break };
        query = format!("&cursor={cursor}");
    }
    assert_eq!(ids.len(), 13, "each once");
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 13);
    assert!(world.operations().iter().all(|operation| operation != "Scan"));
    active(&world, LEA, "acme", "administrator").await;
    for who in
        [Principal::user(OWNER), Principal::user(LEA), Principal::platform().on_behalf_of(OWNER)]
    {
        assert_eq!(page(&who, "").await.outcome(), "403 forbidden");
    }
    assert_eq!(page(&Principal::platform(), "&cursor=made-up").await.outcome(), "400 malformed");
}
