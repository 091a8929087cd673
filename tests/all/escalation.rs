//! Who may do what: the lines of the security design about roles and scopes, each by its number, over HTTP.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use coulisses_domain::{permission::Permission, time::DAY};
use coulisses_tests::{Answer, Request, SentMail, Who, World};
use serde_json::{Value, json};

use crate::{
    routes::{About, calls},
    support::{
        accept, acme, acme_with, active, assign, etag_of, get, id_of, invite, log_in, path_of,
        post, put_scope, resend, revoke, seats, seen, token_of, without_access,
    },
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";
const EVE: &str = "eve@example.org";

/// Sends every route at `scope`, about `id`, as `who`, but logins and those that need a token.
async fn everything_at(world: &World, who: &str, scope: &str, id: &str) -> Vec<(String, String)> {
    let mut told = Vec::new();
    for call in calls() {
        if call.names("{scope}") && call.fits(scope) && !call.path.ends_with("/logins") {
            let request = call.request(About { scope, id, token: "" });
            told.push((call.name(), world.send(&Who::person(who), request).await.told()));
        }
    }
    told
}

/// Line 4.
#[tokio::test]
async fn line_4_a_pending_expired_or_revoked_administrator_can_do_nothing() {
    let world = acme().await;
    let nobodies = without_access(&world).await;
    let owner = id_of(&world, OWNER);
    let before = world.everything().await;
    for who in nobodies {
        let who = format!("{who}@example.org");
        for id in [&owner, &id_of(&world, &who)] {
            for scope in ["acme", "acme:tech", "acme:tech:summit"] {
                for (route, told) in everything_at(&world, &who, scope, id).await {
                    assert_eq!(told, "404 scope-not-found", "{who}: {route} of {scope}");
                }
            }
        }
    }
    assert_eq!(world.everything().await, before);
}

/// Line 5.
#[tokio::test]
async fn line_5_whoever_has_no_say_about_access_reads_what_he_may_and_changes_none() {
    let world = acme().await;
    active(&world, LEA, "acme:tech:summit", "observer").await;
    let lea = id_of(&world, LEA);
    for role in ["contributor", "reader", "manager", "supervisor", "observer"] {
        let who = format!("{role}@example.org");
        active(&world, &who, "acme:tech", role).await;
        let before = world.everything().await;
        for (route, told) in everything_at(&world, &who, "acme:tech:summit", &lea).await {
            let right = if route == "GET /v1/scopes/{scope}" { "200" } else { "403 forbidden" };
            assert_eq!(told, right, "{role}: {route}");
        }
        let himself = path_of(&world, "acme:tech:summit", &who);
        get(&world, &who, &himself).await.expect(200);
        let own = Request::new("PUT", &format!("{himself}/role"));
        let own = own.json(&json!({ "role": "administrator" }));
        let own = own.if_match(&etag_of(&world, &who).await);
        assert_eq!(world.send(&Who::person(&who), own).await.told(), "403 forbidden", "{role}");
        assert_eq!(world.everything().await, before, "{role}");
    }
}

/// Two clients with the same tree, the same people under the same names, somebody pending in each.
pub async fn two_clients() -> World {
    let world = acme().await;
    let client = json!({
        "name": "Expo", "seatLimit": null, "granting": "administrators", "owner": { "email": "owner@expo.test" },
    });
    put_scope(&world, "expo", &client).await.expect(201);
    put_scope(&world, "expo:tech", &json!({ "name": "Tech" })).await.expect(201);
    let summit = json!({ "name": "Summit", "kind": "event" });
    put_scope(&world, "expo:tech:summit", &summit).await.expect(201);
    let owner = Who::person("owner@expo.test");
    world.send(&owner, Request::new("POST", "/v1/scopes/expo/logins")).await.expect(200);
    for email in [LEA, EVE] {
        let body = json!({ "email": email, "role": "administrator" });
        invite(&world, OWNER, "acme:tech", &body).await.expect(201);
        post(&world, &owner, "/v1/scopes/expo:tech/collaborators", &body).await.expect(201);
    }
    log_in(&world, EVE).await;
    let login = Request::new("POST", "/v1/scopes/expo/logins");
    world.send(&Who::person(EVE), login).await.expect(200);
    world.deliver().await;
    world
}

/// Line 8.
#[tokio::test]
async fn line_8_no_id_of_another_client_leads_anywhere_on_any_route() {
    let world = two_clients().await;
    let before = world.everything().await;
    let (mine, theirs) = (["acme", "acme:tech"], ["expo", "expo:tech", "expo:tech:summit"]);
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
                    let answer = world.send(&Who::person(OWNER), request).await;
                    assert_eq!(answer.status, 404, "{} of {scope} {}", call.name(), answer.body);
                    asked += 1;
                }
            }
        }
    }
    assert_eq!(world.everything().await, before);
    assert!(asked > 200, "{asked}");
}

/// Line 8.
#[tokio::test]
async fn line_8_a_token_serves_in_its_own_client_alone() {
    let world = two_clients().await;
    let id = world.id_of("expo", LEA);
    let tokens: Vec<String> = world.ses.mails_to(LEA).iter().map(SentMail::token).collect();
    let expo = tokens.iter().find(|token| token.starts_with("expo.")).unwrap();
    assert!(expo.contains(&id));
    let accepted = accept(&world, &Who::person(LEA), expo).await.expect(200);
    assert_eq!(accepted.body["client"], json!({ "id": "expo", "name": "Expo" }));
    assert_eq!(seen(&world, "acme", LEA).await.text("/status"), "pending");
}

/// Line 9.
#[tokio::test]
async fn line_9_an_administrator_of_one_event_does_nothing_at_a_sister_or_above() {
    let world = acme().await;
    active(&world, EVE, "acme:tech:summit", "administrator").await;
    active(&world, LEA, "acme:tech:meetup", "observer").await;
    let before = world.everything().await;
    for scope in ["acme:tech:meetup", "acme:tech:alumni", "acme:tech", "acme:rh", "acme"] {
        for id in [id_of(&world, LEA), id_of(&world, EVE), id_of(&world, OWNER)] {
            for (route, told) in everything_at(&world, EVE, scope, &id).await {
                assert_eq!(told, "404 scope-not-found", "{route} of {scope}");
            }
        }
    }
    assert_eq!(world.everything().await, before);
}

/// Line 10.
#[tokio::test]
async fn line_10_what_was_given_above_is_neither_taken_nor_lowered_from_below() {
    let world = acme().await;
    active(&world, EVE, "acme:tech:summit", "administrator").await;
    for (above, scope) in [("client@example.org", "acme"), ("audience@example.org", "acme:tech")] {
        active(&world, above, scope, "administrator").await;
        let taken = revoke(&world, EVE, ("acme:tech:summit", above)).await;
        assert_eq!(taken.told(), "409 inherited-access");
        assert_eq!(taken.body["inheritedFrom"], json!([scope]));
        let taken = revoke(&world, EVE, (scope, above)).await;
        assert_eq!(taken.told(), "404 scope-not-found");
        let lowered = json!({ "role": "observer" });
        let refused = assign(&world, EVE, (scope, above), &lowered).await;
        assert_eq!(refused.told(), "404 scope-not-found");
        // A role of his own at the event takes nothing away there.
        let lowered = assign(&world, EVE, ("acme:tech:summit", above), &lowered).await.expect(200);
        assert_eq!(lowered.body["permissions"].as_array().unwrap().len(), 30);
        get(&world, above, &format!("/v1/scopes/{scope}/collaborators")).await.expect(200);
    }
    let taken = revoke(&world, EVE, ("acme:tech:summit", OWNER)).await;
    assert_eq!(taken.told(), "409 inherited-access");
}

/// Line 11.
#[tokio::test]
async fn line_11_a_custom_role_of_whatever_permissions_never_manages_access() {
    let world = acme().await;
    let custom =
        |permissions: Value| json!({ "email": LEA, "role": "custom", "permissions": permissions });
    for flag in ["access:view", "access:manage"] {
        let body = custom(json!(["contacts:view", flag]));
        let refused = invite(&world, OWNER, "acme:tech:summit", &body).await;
        assert_eq!(refused.told(), "422 invalid-permission", "{flag}");
    }
    let flags = Permission::ALL.iter().map(|permission| permission.name());
    let flags: Vec<&str> = flags.filter(|flag| !flag.starts_with("access:")).collect();
    assert_eq!(flags.len(), 28);
    let invited = invite(&world, OWNER, "acme:tech:summit", &custom(json!(flags))).await;
    assert_eq!(invited.status, 201);
    log_in(&world, LEA).await;
    let before = world.everything().await;
    for (route, told) in everything_at(&world, LEA, "acme:tech:summit", &id_of(&world, OWNER)).await
    {
        // It may hold `history:view`, which is none on access.
        let reads = ["GET /v1/scopes/{scope}", "GET /v1/scopes/{scope}/history"];
        let right = if reads.contains(&route.as_str()) { "200" } else { "403 forbidden" };
        assert_eq!(told, right, "{route}");
    }
    assert_eq!(world.everything().await, before);
}

/// Line 12.
#[tokio::test]
async fn line_12_nobody_gives_what_he_does_not_hold_on_any_path() {
    let world = acme_with(&json!({ "granting": "owner" })).await;
    active(&world, EVE, "acme", "administrator").await;
    active(&world, LEA, "acme:tech:summit", "observer").await;
    let before = world.everything().await;
    let summit = ("acme:tech:summit", LEA);
    // Under an owner's granting an administrator holds no access:manage, and gives nothing at all.
    for role in ["administrator", "contributor", "observer"] {
        let body = json!({ "email": "friend@example.org", "role": role });
        assert_eq!(invite(&world, EVE, "acme:tech", &body).await.told(), "403 forbidden");
        let body = json!({ "role": role });
        assert_eq!(assign(&world, EVE, summit, &body).await.told(), "403 forbidden");
    }
    let custom = json!({ "role": "custom", "permissions": ["contacts:view"] });
    assert_eq!(assign(&world, EVE, summit, &custom).await.told(), "403 forbidden");
    assert_eq!(revoke(&world, EVE, summit).await.told(), "403 forbidden");
    // Ownership is not given in these ways, by whomever.
    let owner = json!({ "email": "friend@example.org", "role": "owner" });
    assert_eq!(invite(&world, OWNER, "acme", &owner).await.told(), "422 role-not-allowed-here");
    let owner = json!({ "role": "owner" });
    assert_eq!(assign(&world, OWNER, summit, &owner).await.told(), "422 role-not-allowed-here");
    assert_eq!(world.everything().await, before);
}

/// The fields of a value and what they hold, without the values.
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

/// Line 20.
#[tokio::test]
async fn line_20_inviting_tells_nothing_about_whether_there_is_an_account() {
    let world = two_clients().await;
    let body = |email: &str| json!({ "email": email, "role": "observer" });
    let owner = Who::person("owner@expo.test");
    let path = "/v1/scopes/expo:tech:summit/collaborators";
    // Odile has an account, is active elsewhere, and logged in just now.
    log_in(&world, OWNER).await;
    let known = post(&world, &owner, path, &body(OWNER)).await;
    let unknown = post(&world, &owner, path, &body("nobody@example.org")).await;
    assert_eq!((known.status, unknown.status), (201, 201));
    assert_eq!(shape(&known.body), shape(&unknown.body));
    let headers = |answer: &Answer| -> BTreeSet<String> {
        answer.headers.keys().map(ToString::to_string).collect()
    };
    assert_eq!(headers(&known), headers(&unknown));
    assert_eq!(known.text("/status"), unknown.text("/status"));
}

/// Line 21.
#[tokio::test]
async fn line_21_nobody_revives_what_he_could_not_give() {
    for way in ["resend", "invite"] {
        let world = acme().await;
        active(&world, EVE, "acme:tech:summit", "administrator").await;
        for (scope, role) in [("acme", "administrator"), ("acme:tech:summit", "observer")] {
            invite(&world, OWNER, scope, &json!({ "email": LEA, "role": role })).await.expect(201);
        }
        world.wait(DAY * 14);
        if way == "resend" {
            let refused = resend(&world, &Who::person(EVE), ("acme:tech:summit", LEA)).await;
            assert_eq!(refused.told(), "403 forbidden");
            continue;
        }
        let body = json!({ "email": LEA, "role": "reader" });
        invite(&world, EVE, "acme:tech:summit", &body).await.expect(201);
        let token = token_of(&world, LEA).await;
        let accepted = accept(&world, &Who::person(LEA), &token).await.expect(200);
        let scopes = json!([{ "scope": "acme:tech:summit", "role": "reader" }]);
        assert_eq!(accepted.body["scopes"], scopes, "the old grant does not come back");
        assert_eq!(get(&world, LEA, "/v1/scopes/acme").await.told(), "404 scope-not-found");
    }
}

/// Line 24.
#[tokio::test]
async fn line_24_inviting_and_removing_a_hundred_times_sends_six_mails() {
    let world = acme().await;
    let body = json!({ "email": LEA, "role": "observer" });
    let mut told = BTreeMap::<String, u32>::new();
    for _ in 0..100 {
        let invited = invite(&world, OWNER, "acme:tech", &body).await;
        *told.entry(invited.told()).or_default() += 1;
        world.deliver().await;
        if invited.status == 201 {
            revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
        }
        world.wait(Duration::from_mins(1));
    }
    assert_eq!(world.ses.mails_to(LEA).len(), 6);
    assert_eq!(told, [("201".into(), 6), ("429 resend-limit".into(), 94)].into());
    assert_eq!(seats(&world).await, json!([null, 1]));
}

/// Line 25.
#[tokio::test]
async fn line_25_nobody_learns_at_one_event_what_somebody_holds_at_a_sister() {
    let world = acme().await;
    active(&world, EVE, "acme:tech:summit", "administrator").await;
    active(&world, LEA, "acme:tech:meetup", "manager").await;
    let lea = id_of(&world, LEA);
    let stranger = "abcdefghijklmnopqrstuvwxyz";
    for call in calls().into_iter().filter(|call| call.names("{id}")) {
        let about = |id| About { scope: "acme:tech:summit", id, token: "" };
        let eve = Who::person(EVE);
        let unseen = world.send(&eve, call.request(about(&lea))).await;
        let unknown = world.send(&eve, call.request(about(stranger))).await;
        assert_eq!(unseen.told(), "404 collaborator-not-found", "{}", call.name());
        assert_eq!(unseen.body, unknown.body, "she is as good as nobody");
    }
    let below = "/v1/scopes/acme:tech:summit/collaborators?below=true&q=lea";
    assert_eq!(get(&world, EVE, below).await.body["collaborators"], json!([]));
    let body = json!({ "email": LEA, "role": "observer" });
    let mut answers = vec![invite(&world, EVE, "acme:tech:summit", &body).await.expect(201)];
    answers.push(invite(&world, EVE, "acme:tech:summit", &body).await.expect(409));
    answers.push(get(&world, EVE, below).await.expect(200));
    let path = path_of(&world, "acme:tech:summit", LEA);
    answers.push(get(&world, EVE, &format!("{path}?below=true")).await.expect(200));
    let summit = ("acme:tech:summit", LEA);
    answers.push(assign(&world, EVE, summit, &json!({ "role": "reader" })).await.expect(200));
    answers.push(revoke(&world, EVE, summit).await.expect(200));
    for answer in answers {
        let told = answer.body.to_string();
        assert!(!told.contains("meetup") && !told.contains("manager"), "{told}");
    }
    assert_eq!(get(&world, EVE, &path).await.told(), "404 collaborator-not-found");
}
