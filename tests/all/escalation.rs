//! The lines of docs/security.md about roles and scopes.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use coulisses_domain::{permission::Permission, time::DAY};
use coulisses_tests::{Answer, Principal, Request, SentMail, World};
use serde_json::{Value, json};

use crate::{
    routes::{About, calls},
    support::{
        EVE, LEA, MEETUP, OWNER, SUMMIT, TECH, accept, acme, acme_with, active, assign, etag_of,
        get, id_of, invite, invited, log_in, path_of, post, put_scope, resend, revoke, seats, seen,
        token_of, without_access,
    },
};

/// Sends a request to every route of a scope about `id` as `who`, except logins; returns each route with its outcome.
async fn outcomes_at(world: &World, who: &str, scope: &str, id: &str) -> Vec<(String, String)> {
    let mut outcomes = Vec::new();
    for call in calls() {
        if call.names("{scope}") && call.fits(scope) && !call.path.ends_with("/logins") {
            let request = call.request(About { scope, id, token: "" });
            outcomes
                .push((call.name(), world.send(&Principal::user(who), request).await.outcome()));
        }
    }
    outcomes
}

#[tokio::test]
async fn line_4_a_pending_expired_or_revoked_administrator_can_do_nothing() {
    let world = acme().await;
    let names = without_access(&world).await;
    let owner = id_of(&world, OWNER);
    let before = world.dump().await;
    for who in names {
        let who = format!("{who}@example.org");
        for id in [&owner, &id_of(&world, &who)] {
            for scope in ["acme", TECH, SUMMIT] {
                for (route, outcome) in outcomes_at(&world, &who, scope, id).await {
                    assert_eq!(outcome, "404 scope-not-found", "{who}: {route} of {scope}");
                }
            }
        }
    }
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn line_5_roles_without_access_manage_change_no_access() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "observer").await;
    let lea = id_of(&world, LEA);
    for role in ["contributor", "reader", "manager", "supervisor", "observer"] {
        let who = format!("{role}@example.org");
        active(&world, &who, TECH, role).await;
        let before = world.dump().await;
        for (route, outcome) in outcomes_at(&world, &who, SUMMIT, &lea).await {
            let reads = ["GET /v1/scopes/{scope}", "GET /v1/scopes/{scope}/roles"];
            let right = if reads.contains(&route.as_str()) { "200" } else { "403 forbidden" };
            assert_eq!(outcome, right, "{role}: {route}");
        }
        let path = path_of(&world, SUMMIT, &who);
        get(&world, &who, &path).await.expect(200);
        let own = Request::new("PUT", &format!("{path}/role"));
        let own = own.json(&json!({ "role": "administrator" }));
        let own = own.if_match(&etag_of(&world, &who).await);
        assert_eq!(
            world.send(&Principal::user(&who), own).await.outcome(),
            "403 forbidden",
            "{role}"
        );
        assert_eq!(world.dump().await, before, "{role}");
    }
}

/// Adds the client `expo` with an active owner.
pub async fn expo(world: &World, owner: &str) {
    let client = json!({
        "name": "Expo", "seatLimit": null, "granting": "administrators", "owner": { "email": owner },
    });
    put_scope(world, "expo", &client).await.expect(201);
    log_in_to_expo(world, owner).await;
}

async fn log_in_to_expo(world: &World, email: &str) {
    post(world, &Principal::user(email), "/v1/scopes/expo/logins", &json!({})).await.expect(200);
}

/// Two clients with the same tree and the same collaborators, one of them pending in each.
pub async fn two_clients() -> World {
    let world = acme().await;
    expo(&world, "owner@expo.test").await;
    put_scope(&world, "expo:tech", &json!({ "name": "Tech" })).await.expect(201);
    let summit = json!({ "name": "Summit", "kind": "event" });
    put_scope(&world, "expo:tech:summit", &summit).await.expect(201);
    for email in [LEA, EVE] {
        invited(&world, email, TECH, "administrator").await;
        let body = json!({ "email": email, "role": "administrator" });
        invite(&world, "owner@expo.test", "expo:tech", &body).await.expect(201);
    }
    log_in(&world, EVE).await;
    log_in_to_expo(&world, EVE).await;
    world.deliver().await;
    world
}

#[tokio::test]
async fn line_8_every_route_with_an_id_of_another_client_is_not_found() {
    let world = two_clients().await;
    let before = world.dump().await;
    let (mine, theirs) = (["acme", TECH], ["expo", "expo:tech", "expo:tech:summit"]);
    let people = [OWNER, "owner@expo.test", LEA, EVE];
    let ids: BTreeSet<(bool, String)> = people
        .iter()
        .flat_map(|email| [(true, world.id_of("acme", email)), (false, world.id_of("expo", email))])
        .collect();
    let mut asked = 0;
    for scope in mine.into_iter().chain(theirs) {
        for (known, id) in &ids {
            for call in calls().into_iter().filter(|call| call.names("{scope}")) {
                let foreign = scope.starts_with("expo") || call.names("{id}") && !known;
                if foreign && call.fits(scope) {
                    let request = call.request(About { scope, id, token: "" });
                    let answer = world.send(&Principal::user(OWNER), request).await;
                    assert_eq!(answer.status, 404, "{} of {scope} {}", call.name(), answer.body);
                    asked += 1;
                }
            }
        }
    }
    assert_eq!(world.dump().await, before);
    assert!(asked > 200, "{asked}");
}

#[tokio::test]
async fn line_8_a_token_works_in_its_own_client_only() {
    let world = two_clients().await;
    let id = world.id_of("expo", LEA);
    let tokens: Vec<String> = world.ses.mails_to(LEA).iter().map(SentMail::token).collect();
    let expo = tokens.iter().find(|token| token.starts_with("expo.")).unwrap();
    assert!(expo.contains(&id));
    let accepted = accept(&world, &Principal::user(LEA), expo).await.expect(200);
    assert_eq!(accepted.text("/client/id"), "expo");
    assert_eq!(seen(&world, "acme", LEA).await.text("/status"), "pending");
}

#[tokio::test]
async fn line_9_an_administrator_of_one_event_does_nothing_at_a_sister_or_above() {
    let world = acme().await;
    active(&world, EVE, SUMMIT, "administrator").await;
    active(&world, LEA, MEETUP, "observer").await;
    let before = world.dump().await;
    for scope in [MEETUP, "acme:tech:alumni", TECH, "acme:rh", "acme"] {
        for id in [id_of(&world, LEA), id_of(&world, EVE), id_of(&world, OWNER)] {
            for (route, outcome) in outcomes_at(&world, EVE, scope, &id).await {
                assert_eq!(outcome, "404 scope-not-found", "{route} of {scope}");
            }
        }
    }
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn line_10_inherited_grants_are_neither_revoked_nor_lowered_from_below() {
    let world = acme().await;
    active(&world, EVE, SUMMIT, "administrator").await;
    for (above, scope) in [("client@example.org", "acme"), ("audience@example.org", TECH)] {
        active(&world, above, scope, "administrator").await;
        let taken = revoke(&world, EVE, (SUMMIT, above)).await;
        assert_eq!(taken.outcome(), "409 inherited-access");
        assert_eq!(taken.body["inheritedFrom"], json!([scope]));
        let taken = revoke(&world, EVE, (scope, above)).await;
        assert_eq!(taken.outcome(), "404 scope-not-found");
        let lowered = json!({ "role": "observer" });
        let refused = assign(&world, EVE, (scope, above), &lowered).await;
        assert_eq!(refused.outcome(), "404 scope-not-found");
        // An additional role at the event removes no permission there.
        let lowered = assign(&world, EVE, (SUMMIT, above), &lowered).await.expect(200);
        assert_eq!(lowered.body["permissions"].as_array().unwrap().len(), 30);
        get(&world, above, &format!("/v1/scopes/{scope}/collaborators")).await.expect(200);
    }
    let taken = revoke(&world, EVE, (SUMMIT, OWNER)).await;
    assert_eq!(taken.outcome(), "409 inherited-access");
}

#[tokio::test]
async fn line_11_a_custom_role_never_manages_access() {
    let world = acme().await;
    let custom =
        |permissions: Value| json!({ "email": LEA, "role": "custom", "permissions": permissions });
    for flag in ["access:view", "access:manage"] {
        let body = custom(json!(["contacts:view", flag]));
        let refused = invite(&world, OWNER, SUMMIT, &body).await;
        assert_eq!(refused.outcome(), "422 invalid-permission", "{flag}");
    }
    let flags = Permission::ALL.iter().map(|permission| permission.name());
    let flags: Vec<&str> = flags.filter(|flag| !flag.starts_with("access:")).collect();
    assert_eq!(flags.len(), 28);
    let invited = invite(&world, OWNER, SUMMIT, &custom(json!(flags))).await;
    assert_eq!(invited.status, 201);
    log_in(&world, LEA).await;
    let before = world.dump().await;
    for (route, outcome) in outcomes_at(&world, LEA, SUMMIT, &id_of(&world, OWNER)).await {
        // It may include `history:view`, which is no permission on access.
        let reads = ["", "/history", "/roles"].map(|end| format!("GET /v1/scopes/{{scope}}{end}"));
        let right = if reads.contains(&route) { "200" } else { "403 forbidden" };
        assert_eq!(outcome, right, "{route}");
    }
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn line_12_no_caller_grants_permissions_that_they_do_not_have_on_any_path() {
    let world = acme_with(&json!({ "granting": "owner" })).await;
    active(&world, EVE, "acme", "administrator").await;
    active(&world, LEA, SUMMIT, "observer").await;
    let before = world.dump().await;
    let summit = (SUMMIT, LEA);
    // Where only owners grant, an administrator has no `access:manage` and grants nothing.
    for role in ["administrator", "contributor", "observer"] {
        let body = json!({ "email": "friend@example.org", "role": role });
        assert_eq!(invite(&world, EVE, TECH, &body).await.outcome(), "403 forbidden");
        let body = json!({ "role": role });
        assert_eq!(assign(&world, EVE, summit, &body).await.outcome(), "403 forbidden");
    }
    let custom = json!({ "role": "custom", "permissions": ["contacts:view"] });
    assert_eq!(assign(&world, EVE, summit, &custom).await.outcome(), "403 forbidden");
    assert_eq!(revoke(&world, EVE, summit).await.outcome(), "403 forbidden");
    // No caller can grant ownership in these ways.
    let owner = json!({ "email": "friend@example.org", "role": "owner" });
    assert_eq!(invite(&world, OWNER, "acme", &owner).await.outcome(), "422 role-not-allowed-here");
    let owner = json!({ "role": "owner" });
    assert_eq!(assign(&world, OWNER, summit, &owner).await.outcome(), "422 role-not-allowed-here");
    assert_eq!(world.dump().await, before);
}

/// A JSON value with its types instead of its scalars.
pub fn shape(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            map.iter().map(|(name, value)| (name.clone(), shape(value))).collect()
        }
        Value::Array(list) => list.iter().map(shape).collect(),
        Value::Null => json!("null"),
        Value::Bool(_) => json!("bool"),
        Value::Number(_) => json!("number"),
        Value::String(_) => json!("text"),
    }
}

#[tokio::test]
async fn line_20_an_invitation_does_not_show_whether_an_account_exists() {
    let world = two_clients().await;
    let body = |email: &str| json!({ "email": email, "role": "observer" });
    let owner = Principal::user("owner@expo.test");
    let path = "/v1/scopes/expo:tech:summit/collaborators";
    // Odile has an account, is active elsewhere and has just logged in.
    log_in(&world, OWNER).await;
    let known = post(&world, &owner, path, &body(OWNER)).await;
    let unknown = post(&world, &owner, path, &body("unknown@example.org")).await;
    assert_eq!((known.status, unknown.status), (201, 201));
    assert_eq!(shape(&known.body), shape(&unknown.body));
    let headers = |answer: &Answer| -> BTreeSet<String> {
        answer.headers.keys().map(ToString::to_string).collect()
    };
    assert_eq!(headers(&known), headers(&unknown));
    assert_eq!(known.text("/status"), unknown.text("/status"));
}

#[tokio::test]
async fn line_21_no_caller_revives_grants_that_they_could_not_give() {
    for way in ["resend", "invite"] {
        let world = acme().await;
        active(&world, EVE, SUMMIT, "administrator").await;
        for (scope, role) in [("acme", "administrator"), (SUMMIT, "observer")] {
            invited(&world, LEA, scope, role).await;
        }
        world.wait(DAY * 14);
        if way == "resend" {
            let refused = resend(&world, &Principal::user(EVE), (SUMMIT, LEA)).await;
            assert_eq!(refused.outcome(), "403 forbidden");
            continue;
        }
        let body = json!({ "email": LEA, "role": "reader" });
        invite(&world, EVE, SUMMIT, &body).await.expect(201);
        let token = token_of(&world, LEA).await;
        let accepted = accept(&world, &Principal::user(LEA), &token).await.expect(200);
        let scopes = json!([{ "scope": SUMMIT, "role": "reader", "platformUrl": null }]);
        assert_eq!(accepted.body["scopes"], scopes, "the old grant does not come back");
        assert_eq!(get(&world, LEA, "/v1/scopes/acme").await.outcome(), "404 scope-not-found");
    }
}

#[tokio::test]
async fn line_24_inviting_and_revoking_a_hundred_times_sends_six_mails() {
    let world = acme().await;
    let body = json!({ "email": LEA, "role": "observer" });
    let mut outcomes = BTreeMap::<String, u32>::new();
    for _ in 0..100 {
        let invited = invite(&world, OWNER, TECH, &body).await;
        *outcomes.entry(invited.outcome()).or_default() += 1;
        world.deliver().await;
        if invited.status == 201 {
            revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
        }
        world.wait(Duration::from_mins(1));
    }
    assert_eq!(world.ses.mails_to(LEA).len(), 6);
    assert_eq!(outcomes, [("201".into(), 6), ("429 resend-limit".into(), 94)].into());
    assert_eq!(seats(&world).await, json!([null, 1]));
}

#[tokio::test]
async fn line_25_an_event_shows_nothing_about_access_at_a_sister() {
    let world = acme().await;
    active(&world, EVE, SUMMIT, "administrator").await;
    active(&world, LEA, MEETUP, "manager").await;
    let lea = id_of(&world, LEA);
    let stranger = "abcdefghijklmnopqrstuvwxyz";
    for call in calls().into_iter().filter(|call| call.names("{id}") && call.fits(SUMMIT)) {
        let about = |id| About { scope: SUMMIT, id, token: "" };
        let eve = Principal::user(EVE);
        let unseen = world.send(&eve, call.request(about(&lea))).await;
        let unknown = world.send(&eve, call.request(about(stranger))).await;
        assert_eq!(unseen.outcome(), "404 collaborator-not-found", "{}", call.name());
        assert_eq!(unseen.body, unknown.body, "as for an unknown id");
    }
    let below = "/v1/scopes/acme:tech:summit/collaborators?below=true&q=lea";
    assert_eq!(get(&world, EVE, below).await.body["collaborators"], json!([]));
    let body = json!({ "email": LEA, "role": "observer" });
    let mut answers = vec![invite(&world, EVE, SUMMIT, &body).await.expect(201)];
    answers.push(invite(&world, EVE, SUMMIT, &body).await.expect(409));
    answers.push(get(&world, EVE, below).await.expect(200));
    let path = path_of(&world, SUMMIT, LEA);
    answers.push(get(&world, EVE, &format!("{path}?below=true")).await.expect(200));
    let summit = (SUMMIT, LEA);
    answers.push(assign(&world, EVE, summit, &json!({ "role": "reader" })).await.expect(200));
    answers.push(revoke(&world, EVE, summit).await.expect(200));
    for answer in answers {
        let body = answer.body.to_string();
        assert!(!body.contains("meetup") && !body.contains("manager"), "{body}");
    }
    assert_eq!(get(&world, EVE, &path).await.outcome(), "404 collaborator-not-found");
}
