//! OpenID AuthZEN Authorization API 1.0: searches, with the cases of its certification scenario for the level Search Core.

use std::collections::BTreeSet;

use coulisses_domain::{permission::Permission, time::DAY};
use coulisses_tests::{Answer, Principal, World};
use serde_json::{Value, json};

use crate::{
    authzen::{event, user},
    ledger::Cost,
    support::{
        ADA, EVE, LEA, MAX, MEETUP, OWNER, SUMMIT, TECH, acme, active, get, invite, invited,
        other_client, post, put_scope,
    },
};

const SUBJECTS: &str = "/access/v1/search/subject";
const RESOURCES: &str = "/access/v1/search/resource";
const ACTIONS: &str = "/access/v1/search/action";

/// A person, a permission, and the type and id of a scope.
type Permitted<'a> = (&'a str, &'a str, (&'a str, &'a str));

async fn search(world: &World, who: &Principal, path: &str, body: &Value) -> Answer {
    post(world, who, path, body).await
}

/// The results of all pages, each as an id or a name.
async fn found(world: &World, who: &Principal, path: &str, body: &Value) -> Vec<String> {
    let mut body = body.clone();
    let mut all = Vec::new();
    loop {
        let page = search(world, who, path, &body).await.expect(200).body;
        let results = page["results"].as_array().unwrap();
        assert_eq!(page["page"]["count"], results.len());
        let name =
            |result: &Value| result["id"].as_str().or(result["name"].as_str()).unwrap().to_owned();
        all.extend(results.iter().map(name));
        let token = page["page"]["next_token"].as_str().unwrap();
        if token.is_empty() {
            return all;
        }
        body["page"]["token"] = json!(token);
    }
}

fn who_may(action: &str, resource: &Value) -> Value {
    json!({ "subject": { "type": "user" }, "action": { "name": action }, "resource": resource })
}

fn where_may(email: &str, action: &str, kind: &str) -> Value {
    json!({ "subject": user(email), "action": { "name": action }, "resource": { "type": kind } })
}

fn what_may(email: &str, resource: &Value) -> Value {
    json!({ "subject": user(email), "resource": resource })
}

/// People of all kinds of access, and a community beside the events.
async fn world() -> World {
    let world = acme().await;
    active(&world, LEA, TECH, "supervisor").await;
    active(&world, MAX, SUMMIT, "manager").await;
    active(&world, MAX, MEETUP, "reader").await;
    active(&world, ADA, SUMMIT, "administrator").await;
    invited(&world, "pending@example.org", TECH, "manager").await;
    let ended = json!({ "email": "ended@example.org", "role": "manager", "expiresAt": world.now().after(DAY).to_string() });
    invite(&world, OWNER, TECH, &ended).await.expect(201);
    crate::support::log_in(&world, "ended@example.org").await.expect(200);
    world.wait(DAY * 2);
    world
}

#[tokio::test]
async fn a_search_returns_exactly_what_evaluations_permit_to_each_caller() {
    let world = world().await;
    let people = [OWNER, LEA, MAX, ADA, EVE, "pending@example.org", "ended@example.org"];
    let scopes = [
        ("client", "acme"),
        ("audience", TECH),
        ("audience", "acme:rh"),
        ("event", SUMMIT),
        ("event", MEETUP),
        ("community", "acme:tech:alumni"),
    ];
    let callers = [
        Principal::platform(),
        Principal::user(OWNER),
        Principal::user(ADA),
        Principal::user(MAX),
        Principal::user(EVE),
        Principal::support("staff@platform.test"),
    ];
    let resource = |(kind, id): (&str, &str)| json!({ "type": kind, "id": id });
    for caller in &callers {
        // Who, what and where, as single evaluations.
        let mut permitted = BTreeSet::new();
        for email in people {
            for at in scopes {
                let each: Vec<Value> = Permission::ALL
                    .iter()
                    .map(|it| json!({ "action": { "name": it.name() } }))
                    .collect();
                let body = json!({ "subject": user(email), "resource": resource(at), "evaluations": each });
                let answer =
                    post(&world, caller, "/access/v1/evaluations", &body).await.expect(200);
                let decisions = answer.body["evaluations"].as_array().unwrap().clone();
                for (permission, decision) in Permission::ALL.iter().zip(decisions) {
                    if decision["decision"] == true {
                        permitted.insert((email, permission.name(), at));
                    }
                }
            }
        }
        let expected = |keep: &dyn Fn(&Permitted<'_>) -> Option<String>| -> BTreeSet<String> {
            permitted.iter().filter_map(keep).collect()
        };
        let set = |found: Vec<String>| -> BTreeSet<String> { found.into_iter().collect() };
        for permission in ["contacts:view", "contacts:export", "access:manage", "history:view"] {
            for at in scopes {
                let is = expected(&|(who, what, place)| {
                    (*what == permission && *place == at).then(|| (*who).to_owned())
                });
                let body = who_may(permission, &resource(at));
                assert_eq!(
                    set(found(&world, caller, SUBJECTS, &body).await),
                    is,
                    "{caller:?} {body}"
                );
            }
            for email in people {
                for kind in ["client", "audience", "event", "community"] {
                    let is = expected(&|(who, what, (theirs, id))| {
                        (*who == email && *what == permission && *theirs == kind)
                            .then(|| (*id).to_owned())
                    });
                    let body = where_may(email, permission, kind);
                    assert_eq!(
                        set(found(&world, caller, RESOURCES, &body).await),
                        is,
                        "{caller:?} {body}"
                    );
                }
            }
        }
        for email in people {
            for at in scopes {
                let is = expected(&|(who, what, place)| {
                    (*who == email && *place == at).then(|| (*what).to_owned())
                });
                let body = what_may(email, &resource(at));
                assert_eq!(
                    set(found(&world, caller, ACTIONS, &body).await),
                    is,
                    "{caller:?} {body}"
                );
            }
        }
    }
}

#[tokio::test]
async fn resources_are_searched_in_one_client_or_in_all_of_the_subject() {
    let world = world().await;
    other_client(&world, "beta", LEA).await;
    put_scope(&world, "beta:rh", &json!({ "name": "RH" })).await.expect(201);
    let platform = &Principal::platform();
    let all = where_may(LEA, "contacts:view", "audience");
    assert_eq!(found(&world, platform, RESOURCES, &all).await, [TECH, "beta:rh"]);
    let within = |client: Value| {
        let mut body = all.clone();
        body["resource"]["properties"] = json!({ "client": client });
        body
    };
    assert_eq!(found(&world, platform, RESOURCES, &within(json!("beta"))).await, ["beta:rh"]);
    assert_eq!(found(&world, platform, RESOURCES, &within(json!("nowhere"))).await, [""; 0]);
    assert_eq!(found(&world, platform, RESOURCES, &within(json!("Not An Id"))).await, [""; 0]);
    assert_eq!(
        search(&world, platform, RESOURCES, &within(json!(5))).await.outcome(),
        "400 malformed"
    );
    // The owner of the one client does not learn of the other.
    assert_eq!(found(&world, &Principal::user(OWNER), RESOURCES, &all).await, [TECH]);
    // Of any level, in the order of their ids.
    let any = where_may(LEA, "contacts:view", "scope");
    let expected = [TECH, "acme:tech:alumni", MEETUP, SUMMIT, "beta", "beta:rh"];
    assert_eq!(found(&world, platform, RESOURCES, &any).await, expected);
    let mut other_account = any;
    other_account["subject"]["properties"] =
        json!({ "iss": "https://issuer.test", "sub": "another" });
    assert_eq!(found(&world, platform, RESOURCES, &other_account).await, [""; 0]);
}

#[tokio::test]
async fn pages_are_complete_and_their_tokens_fit_one_search_only() {
    let world = world().await;
    let platform = &Principal::platform();
    let limited = |mut body: Value, limit: Value| {
        body["page"] = json!({ "limit": limit });
        body
    };
    for (path, body) in [
        (SUBJECTS, who_may("contacts:view", &event(SUMMIT))),
        (RESOURCES, where_may(OWNER, "contacts:view", "scope")),
        (ACTIONS, what_may(OWNER, &event(SUMMIT))),
    ] {
        let whole = found(&world, platform, path, &body).await;
        assert!(whole.len() > 2, "{path} {whole:?}");
        assert_eq!(found(&world, platform, path, &limited(body.clone(), json!(2))).await, whole);
        assert_eq!(
            found(&world, platform, path, &limited(body.clone(), json!(0))).await,
            whole,
            "0 is no limit"
        );
        for wrong in [json!(-1), json!(1.5), json!("2"), json!([])] {
            let answer = search(&world, platform, path, &limited(body.clone(), wrong)).await;
            assert_eq!(answer.outcome(), "400 malformed");
        }

        let first = limited(body.clone(), json!(2));
        let page = search(&world, platform, path, &first).await.expect(200);
        let token = page.body["page"]["next_token"].clone();
        let next = |mut body: Value| {
            body["page"]["token"] = token.clone();
            body
        };
        assert_eq!(search(&world, platform, path, &next(first.clone())).await.status, 200);
        let changed = |pointer: &str, value: Value| {
            let mut body = next(first.clone());
            *body.pointer_mut(pointer)? = value;
            Some(body)
        };
        let others = [
            ("/page/limit", json!(3)),
            ("/page/token", json!("made-up")),
            ("/action/name", json!("content:view")),
            ("/resource/type", json!("audience")),
            ("/subject/type", json!("spaceship")),
        ];
        for (pointer, value) in others {
            let Some(body) = changed(pointer, value) else { continue };
            let answer = search(&world, platform, path, &body).await;
            assert_eq!(answer.outcome(), "400 malformed", "{path} {pointer}");
        }
        // A token is no token of another endpoint.
        let mut elsewhere = who_may("contacts:view", &event(SUMMIT));
        elsewhere["subject"] = user(OWNER);
        elsewhere["page"] = json!({ "limit": 2, "token": token });
        let other = if path == ACTIONS { SUBJECTS } else { ACTIONS };
        assert_eq!(search(&world, platform, other, &elsewhere).await.outcome(), "400 malformed");
    }
}

#[tokio::test]
async fn the_id_of_what_is_searched_is_ignored_and_the_unknown_gives_no_results() {
    let world = world().await;
    let platform = &Principal::platform();
    let who = who_may("contacts:view", &event(SUMMIT));
    let mut with_id = who.clone();
    with_id["subject"]["id"] = json!(LEA);
    with_id["context"] = json!({ "ip": "192.0.2.1" });
    assert_eq!(
        found(&world, platform, SUBJECTS, &with_id).await,
        found(&world, platform, SUBJECTS, &who).await
    );
    let places = where_may(LEA, "contacts:view", "event");
    let mut with_id = places.clone();
    with_id["resource"]["id"] = json!("record-1");
    assert_eq!(found(&world, platform, RESOURCES, &with_id).await, [MEETUP, SUMMIT]);
    for (path, body) in [
        (
            SUBJECTS,
            json!({ "subject": { "type": "spaceship" }, "action": { "name": "contacts:view" }, "resource": event(SUMMIT) }),
        ),
        (SUBJECTS, who_may("contacts:teleport", &event(SUMMIT))),
        (SUBJECTS, who_may("contacts:view", &event("acme:tech:gone"))),
        (SUBJECTS, who_may("contacts:view", &json!({ "type": "community", "id": SUMMIT }))),
        (SUBJECTS, who_may("contacts:view", &json!({ "type": "record", "id": "record-1" }))),
        (RESOURCES, where_may("nonexistent-user", "contacts:view", "event")),
        (RESOURCES, where_may(LEA, "contacts:view", "record")),
        (RESOURCES, where_may(LEA, "contacts:teleport", "event")),
        (ACTIONS, what_may("nonexistent-user", &event(SUMMIT))),
        (ACTIONS, what_may(LEA, &json!({ "type": "record", "id": "record-1" }))),
        (ACTIONS, what_may(LEA, &event("acme:tech:gone"))),
    ] {
        let answer = search(&world, platform, path, &body).await.expect(200);
        assert_eq!(
            answer.body,
            json!({ "page": { "next_token": "", "count": 0 }, "results": [] }),
            "{path} {body}"
        );
    }
    let input_without_id = json!({ "type": "event" });
    for (path, body) in [
        (SUBJECTS, json!({ "subject": { "type": "user" }, "resource": event(SUMMIT) })),
        (SUBJECTS, who_may("contacts:view", &input_without_id)),
        (
            RESOURCES,
            json!({ "action": { "name": "contacts:view" }, "resource": { "type": "event" } }),
        ),
        (RESOURCES, who_may("contacts:view", &input_without_id)),
        (ACTIONS, json!({ "subject": user(LEA) })),
        (ACTIONS, json!({ "subject": { "type": "user" }, "resource": event(SUMMIT) })),
        (SUBJECTS, json!({})),
        (RESOURCES, json!([])),
    ] {
        assert_eq!(
            search(&world, platform, path, &body).await.outcome(),
            "400 malformed",
            "{path} {body}"
        );
    }
}

#[tokio::test]
async fn an_evaluation_costs_what_a_check_costs_and_a_search_for_subjects_what_the_list_costs() {
    let world = world().await;
    world.measure();
    let platform = &Principal::platform();
    let cost = async |path: &str, body: Value| {
        drop(world.trips());
        post(&world, platform, path, &body).await.expect(200);
        Cost::of(&world.trips())
    };
    let check =
        json!({ "checks": [{ "email": LEA, "scope": SUMMIT, "permission": "contacts:view" }] });
    let check = cost("/v1/checks", check).await;
    let evaluate = |kind: &str| json!({ "subject": user(LEA), "action": { "name": "contacts:view" }, "resource": { "type": kind, "id": SUMMIT } });
    assert_eq!(
        cost("/access/v1/evaluation", evaluate("scope")).await.to_string(),
        check.to_string()
    );
    // The type needs the record of the event, which a check at an event reads anyway.
    let leveled = cost("/access/v1/evaluation", evaluate("event")).await;
    assert_eq!(leveled.to_string(), check.to_string());

    drop(world.trips());
    get(&world, OWNER, &format!("/v1/scopes/{SUMMIT}/collaborators?permission=contacts:view"))
        .await
        .expect(200);
    let list = Cost::of(&world.trips());
    drop(world.trips());
    search(&world, &Principal::user(OWNER), SUBJECTS, &who_may("contacts:view", &event(SUMMIT)))
        .await
        .expect(200);
    assert_eq!(Cost::of(&world.trips()).to_string(), list.to_string());
}
