//! The roles that a client defines: each case is one that another product had as a defect (docs/domain.md#named-roles).

use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::{Value, json};

use crate::{
    check::own,
    support::{
        LEA, MAX, OWNER, SUMMIT, TECH, accept, acme, acme_with, active, assign, etag_of, get,
        invite, invited, log_in, named, preview, put_scope, revoke, seen, token_of,
    },
};

/// Who welcomes the attendees.
pub fn desk(permissions: &[&str]) -> Value {
    json!({
        "name": { "fr": "Accueil", "en": "Front desk" },
        "description": { "fr": "Accueille et scanne.", "en": "Welcomes and scans." },
        "permissions": permissions,
        "levels": ["audience", "event"],
    })
}

pub async fn put(
    world: &World,
    who: &Principal,
    key: &str,
    body: &Value,
    etag: Option<&str>,
) -> Answer {
    let request = Request::new("PUT", &format!("/v1/scopes/acme/roles/{key}")).json(body);
    let request = match etag {
        Some(etag) => request.if_match(etag),
        None => request.header("if-none-match", "*"),
    };
    world.send(who, request).await
}

/// Defines the role as the owner; returns its tag.
pub async fn defined(world: &World, key: &str, permissions: &[&str]) -> String {
    let answer = put(world, &Principal::user(OWNER), key, &desk(permissions), None).await;
    answer.expect(201).etag().to_owned()
}

pub async fn delete(world: &World, who: &str, key: &str, query: &str) -> Answer {
    let target = format!("/v1/scopes/acme/roles/{key}{query}");
    world.send(&Principal::user(who), Request::new("DELETE", &target)).await
}

pub async fn roles(world: &World, scope: &str) -> Vec<Value> {
    let answer = get(world, OWNER, &format!("/v1/scopes/{scope}/roles")).await.expect(200);
    answer.body["roles"].as_array().unwrap().clone()
}

pub async fn may(world: &World, email: &str, permission: &str) -> String {
    own(world, &Principal::user(email), SUMMIT, permission).await
}

#[tokio::test]
async fn the_catalogue_is_returned_to_every_caller_with_a_token() {
    let world = acme().await;
    let catalogue = get(&world, "anyone@example.org", "/v1/catalogue").await.expect(200);
    let names = |list: &str, name: &str| -> Vec<String> {
        let list = catalogue.body[list].as_array().unwrap();
        list.iter().map(|it| it[name].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("entities", "name").len(), 14);
    assert_eq!(names("roles", "key")[..3], ["owner", "administrator", "contributor"]);
    assert_eq!(
        catalogue.body["entities"][1]["actions"][3]["label"],
        json!({ "fr": "exporter", "en": "export" })
    );
    let again = Request::new("GET", "/v1/catalogue").header("if-none-match", catalogue.etag());
    assert_eq!(world.send(&Principal::platform(), again).await.status, 304);
    let anonymous = world.send(&Principal::anonymous(), Request::new("GET", "/v1/catalogue")).await;
    assert_eq!(anonymous.outcome(), "401 unauthenticated");
}

#[tokio::test]
async fn each_scope_lists_all_roles_and_says_which_can_be_given_there() {
    let world = acme().await;
    let etag = defined(&world, "front-desk", &["checkin:scan"]).await;
    let guild = json!({ "name": "Guild", "kind": "community" });
    put_scope(&world, "acme:tech:guild", &guild).await.expect(201);
    for (scope, here) in [("acme", false), (TECH, true), (SUMMIT, true), ("acme:tech:guild", false)]
    {
        let all = roles(&world, scope).await;
        let role = all.into_iter().find(|role| role["key"] == "front-desk").unwrap();
        assert_eq!(role["permissions"], json!(["checkin:scan", "checkin:view"]), "with its views");
        assert_eq!(
            [&role["source"], &role["offered"]],
            [&json!("client"), &json!(here)],
            "{scope}"
        );
        assert_eq!(format!("\"{}\"", role["version"]), etag);
    }
    let keys: Vec<Value> =
        roles(&world, "acme").await.into_iter().map(|it| it["key"].clone()).collect();
    assert!(!keys.contains(&json!("owner")) && keys.contains(&json!("custom")), "{keys:?}");
    let refused = get(&world, "stranger@example.org", "/v1/scopes/acme/roles").await;
    assert_eq!(refused.outcome(), "404 scope-not-found");
}

#[tokio::test]
async fn everything_that_works_for_a_role_works_for_one_of_the_client() {
    let world = acme().await;
    defined(&world, "front-desk", &["checkin:scan"]).await;
    invited(&world, LEA, SUMMIT, "front-desk").await;
    let link = token_of(&world, LEA).await;
    let shown = preview(&world, &link).await.expect(200);
    assert_eq!(shown.body["grants"][0]["role"], "front-desk");
    assert_eq!(shown.body["grants"][0]["roleName"], json!({ "fr": "Accueil", "en": "Front desk" }));
    let mail = world.ses.mails_to(LEA).pop().unwrap();
    assert!(mail.text.contains("Accueil"), "{}", mail.text);
    assert_eq!(may(&world, LEA, "checkin:scan").await, "no", "pending");
    accept(&world, &Principal::user(LEA), &link).await.expect(200);
    assert_eq!(may(&world, LEA, "checkin:scan").await, "acme:tech:summit front-desk");
    assert_eq!(may(&world, LEA, "contacts:view").await, "no");
    let row = seen(&world, SUMMIT, LEA).await.expect(200);
    assert_eq!(
        [&row.body["role"], &row.body["permissions"]],
        [&json!("front-desk"), &json!(["checkin:scan", "checkin:view"])]
    );
    let own = get(&world, LEA, "/v1/me/access").await.expect(200);
    assert!(own.body.to_string().contains(r#""role":"front-desk""#), "{}", own.body);

    assign(&world, OWNER, (SUMMIT, LEA), &json!({ "role": "observer" })).await.expect(200);
    assign(&world, OWNER, (SUMMIT, LEA), &json!({ "role": "front-desk" })).await.expect(200);
    let bulk = json!([{ "email": MAX, "role": "front-desk" }, { "email": "eve@example.org", "role": "frontdesk" }]);
    let bulk = invite(&world, OWNER, SUMMIT, &json!({ "invitations": bulk })).await.expect(200);
    let statuses: Vec<&Value> =
        bulk.body["results"].as_array().unwrap().iter().map(|it| &it["status"]).collect();
    assert_eq!(statuses, [&json!(201), &json!(422)]);
    let filtered =
        get(&world, OWNER, &format!("/v1/scopes/{SUMMIT}/collaborators?role=front-desk"))
            .await
            .expect(200);
    assert_eq!(filtered.body["collaborators"].as_array().unwrap().len(), 2);
    let can = get(
        &world,
        OWNER,
        &format!("/v1/scopes/{SUMMIT}/collaborators?permission=checkin:scan&role=front-desk"),
    )
    .await;
    assert_eq!(
        can.expect(200).body["collaborators"].as_array().unwrap().len(),
        1,
        "the active one"
    );
    let page = get(&world, OWNER, "/v1/scopes/acme/history").await.expect(200);
    let states =
        page.body["entries"].as_array().unwrap().iter().filter(|it| it["action"] == "role-changed");
    let after = &states.map(|it| &it["changes"][SUMMIT]["after"]).next().unwrap();
    assert_eq!(after["permissions"], json!(["checkin:scan", "checkin:view"]), "as it was then");
    revoke(&world, OWNER, (SUMMIT, LEA)).await.expect(200);
    assert_eq!(may(&world, LEA, "checkin:scan").await, "no");
}

#[tokio::test]
async fn an_edit_reaches_every_holder_at_the_next_check_and_is_one_entry_of_the_client() {
    let world = acme().await;
    let etag = defined(&world, "front-desk", &["checkin:scan"]).await;
    for (email, scope) in [(LEA, SUMMIT), (MAX, TECH)] {
        active(&world, email, scope, "front-desk").await;
    }
    let edited =
        put(&world, &Principal::user(OWNER), "front-desk", &desk(&["contacts:view"]), Some(&etag))
            .await;
    assert_ne!(edited.expect(200).etag(), etag);
    for (email, scope) in [(LEA, SUMMIT), (MAX, TECH)] {
        assert_eq!(may(&world, email, "checkin:scan").await, "no");
        assert_eq!(may(&world, email, "contacts:view").await, format!("{scope} front-desk"));
    }
    let page = get(&world, OWNER, "/v1/scopes/acme/history?action=role-edited").await.expect(200);
    let entries = page.body["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 1);
    let role = &entries[0]["role"];
    assert_eq!(role["before"]["permissions"], json!(["checkin:scan", "checkin:view"]));
    assert_eq!(role["after"]["permissions"], json!(["contacts:view"]));
    assert_eq!(entries[0].get("collaborator"), None);
    let below = get(&world, OWNER, &format!("/v1/scopes/{TECH}/history?action=role-edited")).await;
    assert_eq!(below.expect(200).body["entries"], json!([]), "it shows at the client only");
    let stale =
        put(&world, &Principal::user(OWNER), "front-desk", &desk(&["contacts:view"]), Some(&etag))
            .await;
    assert_eq!(stale.outcome(), "412 stale-version");
}

#[tokio::test]
async fn a_dry_run_of_an_edit_lists_what_each_holder_gains_and_loses() {
    let world = acme().await;
    let etag = defined(&world, "front-desk", &["checkin:scan"]).await;
    active(&world, LEA, SUMMIT, "front-desk").await;
    active(&world, MAX, SUMMIT, "reader").await;
    let request =
        Request::new("PUT", "/v1/scopes/acme/roles/front-desk").json(&desk(&["contacts:view"]));
    let request = request.if_match(&etag).parameter("dryRun=true");
    let preview = world.send(&Principal::user(OWNER), request).await.expect(200);
    let people = preview.body["effects"]["people"].as_array().unwrap();
    assert_eq!(people.len(), 1);
    assert_eq!(people[0]["email"], LEA);
    assert_eq!(people[0]["gains"], json!([{ "scope": SUMMIT, "permissions": ["contacts:view"] }]));
    assert_eq!(
        people[0]["loses"],
        json!([{ "scope": SUMMIT, "permissions": ["checkin:scan", "checkin:view"] }])
    );
    assert_eq!(
        may(&world, LEA, "checkin:scan").await,
        "acme:tech:summit front-desk",
        "nothing changed"
    );
}

#[tokio::test]
async fn a_rename_reaches_pending_holders() {
    let world = acme().await;
    let etag = defined(&world, "front-desk", &["checkin:scan"]).await;
    invited(&world, LEA, SUMMIT, "front-desk").await;
    let mut renamed = desk(&["checkin:scan"]);
    renamed["name"] = json!({ "fr": "Hôtesses et hôtes", "en": "Hosts" });
    put(&world, &Principal::user(OWNER), "front-desk", &renamed, Some(&etag)).await.expect(200);
    let link = token_of(&world, LEA).await;
    assert!(world.ses.mails_to(LEA).pop().unwrap().text.contains("Hôtesses et hôtes"));
    let shown = preview(&world, &link).await.expect(200);
    assert_eq!(shown.body["grants"][0]["roleName"]["en"], "Hosts");
    log_in(&world, LEA).await.expect(200);
    assert_eq!(may(&world, LEA, "checkin:scan").await, "acme:tech:summit front-desk");
}

#[tokio::test]
async fn no_one_escalates_by_a_role() {
    let world = acme().await;
    let etag = defined(&world, "front-desk", &["checkin:scan"]).await;
    active(&world, LEA, "acme", "contributor").await;
    active(&world, MAX, SUMMIT, "administrator").await;
    let eve = "eve@example.org";
    active(&world, eve, SUMMIT, "front-desk").await;
    // Contributors have no access:manage, and an administrator of an event none on the client. Nor has a holder.
    for (who, outcome) in
        [(LEA, "403 forbidden"), (MAX, "404 scope-not-found"), (eve, "404 scope-not-found")]
    {
        let edit = put(
            &world,
            &Principal::user(who),
            "front-desk",
            &desk(&["orders:export"]),
            Some(&etag),
        )
        .await;
        assert_eq!(edit.outcome(), outcome, "{who}");
        let new =
            put(&world, &Principal::user(who), "press", &desk(&["orders:export"]), None).await;
        assert_eq!(new.outcome(), outcome, "{who}");
        assert_eq!(
            delete(&world, who, "front-desk", "?reassign=reader").await.outcome(),
            outcome,
            "{who}"
        );
    }
    // Where only owners grant, an administrator defines nothing.
    let ada = "ada@example.org";
    active(&world, ada, "acme", "administrator").await;
    let settings = json!({ "name": "Acme", "seatLimit": null, "granting": "owner" });
    put_scope(&world, "acme", &settings).await.expect(200);
    let refused = put(&world, &Principal::user(ada), "press", &desk(&["checkin:scan"]), None).await;
    assert_eq!(refused.outcome(), "403 forbidden");
    put(&world, &Principal::platform(), "press", &desk(&["checkin:scan"]), None).await.expect(201);
}

#[tokio::test]
async fn an_invalid_role_is_refused_with_its_fields_and_changes_nothing() {
    let world = acme().await;
    let owner = Principal::user(OWNER);
    for (change, expected) in [
        (json!({ "permissions": [] }), vec![("/permissions", "invalid-permission")]),
        (json!({ "permissions": ["access:view"] }), vec![("/permissions/0", "invalid-permission")]),
        (
            json!({ "permissions": ["badges:print"] }),
            vec![("/permissions/0", "invalid-permission")],
        ),
        (json!({ "levels": [] }), vec![("/levels", "invalid-field")]),
        (json!({ "levels": ["planet"] }), vec![("/levels/0", "invalid-field")]),
        (json!({ "name": { "fr": "", "en": "x" } }), vec![("/name/fr", "invalid-field")]),
        (
            json!({ "description": { "fr": "x", "en": "y".repeat(301) } }),
            vec![("/description/en", "invalid-field")],
        ),
    ] {
        let mut body = desk(&["checkin:scan"]);
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let refused = put(&world, &owner, "front-desk", &body, None).await.expect(422);
        assert_eq!(named(&refused), expected);
    }
    let target = "/v1/scopes/acme/roles/front-desk";
    let bare = world.send(&owner, Request::new("PUT", target).json(&desk(&["checkin:scan"]))).await;
    assert_eq!(bare.outcome(), "428 if-match-required");
    for (key, outcome) in [("reader", "409 already-exists"), ("Press", "404 role-not-found")] {
        let refused = put(&world, &owner, key, &desk(&["checkin:scan"]), None).await;
        assert_eq!(refused.outcome(), outcome, "{key}");
    }
    assert_eq!(delete(&world, OWNER, "reader", "").await.outcome(), "409 already-exists");
    assert_eq!(roles(&world, "acme").await.len(), 7, "those of the catalogue");
}

#[tokio::test]
async fn a_client_defines_fifty_roles_at_most_and_none_of_another_client() {
    let world = acme().await;
    for number in 0..50 {
        defined(&world, &format!("role-{number}"), &["checkin:scan"]).await;
    }
    let one_more =
        put(&world, &Principal::user(OWNER), "press", &desk(&["checkin:scan"]), None).await;
    assert_eq!(one_more.outcome(), "409 too-many-roles");
    let expo = json!({ "name": "Expo", "seatLimit": 5, "granting": "administrators", "owner": { "email": OWNER } });
    put_scope(&world, "expo", &expo).await.expect(201);
    let login = Request::new("POST", "/v1/scopes/expo/logins");
    world.send(&Principal::user(OWNER), login).await.expect(200);
    let body = json!({ "email": LEA, "role": "role-1" });
    let refused = invite(&world, OWNER, "expo", &body).await.expect(422);
    assert_eq!(named(&refused), [("/role", "invalid-role")]);
}

#[tokio::test]
async fn a_role_is_given_where_it_is_made_for_whatever_the_client_offers_of_the_catalogue() {
    let world = acme_with(&json!({ "roles": ["administrator", "reader"] })).await;
    defined(&world, "front-desk", &["checkin:scan"]).await;
    let seen = get(&world, OWNER, &format!("/v1/scopes/{SUMMIT}")).await.expect(200);
    assert_eq!(seen.body["roles"], json!(["administrator", "reader", "front-desk"]));
    let body = json!({ "email": LEA, "role": "front-desk" });
    assert_eq!(
        named(&invite(&world, OWNER, "acme", &body).await.expect(422)),
        [("/role", "role-not-allowed-here")]
    );
    let settings = json!({ "name": "Acme", "seatLimit": null, "granting": "administrators", "roles": ["front-desk"] });
    put_scope(&world, "acme", &settings).await.expect(200);
    let seen = get(&world, OWNER, &format!("/v1/scopes/{SUMMIT}")).await.expect(200);
    assert_eq!(seen.body["roles"], json!(["front-desk"]));
    invite(&world, OWNER, SUMMIT, &body).await.expect(201);
}

#[tokio::test]
async fn an_administrator_prevails_over_a_role_of_the_client() {
    let world = acme().await;
    defined(&world, "front-desk", &["checkin:scan"]).await;
    active(&world, LEA, SUMMIT, "front-desk").await;
    invite(&world, OWNER, TECH, &json!({ "email": LEA, "role": "administrator" }))
        .await
        .expect(201);
    assert_eq!(may(&world, LEA, "checkin:scan").await, "acme:tech administrator");
    let row = seen(&world, SUMMIT, LEA).await.expect(200);
    let grants = row.body["grants"].as_array().unwrap();
    let own = grants.iter().find(|grant| grant["role"] == "front-desk").unwrap();
    assert_eq!(own["overridden"], true);
}

#[tokio::test]
async fn a_first_login_and_a_move_record_the_permissions_of_the_role() {
    let world = acme().await;
    defined(&world, "front-desk", &["checkin:scan"]).await;
    active(&world, LEA, SUMMIT, "front-desk").await;
    let target = format!("/v1/scopes/acme/collaborators/{}/email", world.id_of("acme", LEA));
    let request = Request::new("PUT", &target).json(&json!({ "email": "moved@example.org" }));
    let request = request.if_match(&etag_of(&world, LEA).await);
    world.send(&Principal::platform(), request).await.expect(200);
    let page = get(&world, OWNER, "/v1/scopes/acme/history").await.expect(200);
    let states = page.body["entries"].as_array().unwrap().iter().flat_map(|entry| {
        let change = &entry["changes"][SUMMIT];
        [&change["before"], &change["after"]].into_iter().filter(|state| !state.is_null())
    });
    let states: Vec<&Value> = states.collect();
    assert_eq!(states.len(), 5, "the invitation, the login, and both sides of the move");
    for state in states {
        assert_eq!(state["permissions"], json!(["checkin:scan", "checkin:view"]), "{state}");
    }
}
