//! `GET /v1/scopes/{scope}/collaborators` and `/{id}`: who has access here, direct and inherited.

use std::time::Duration;

use coulisses_tests::{Request, Who, World};
use serde_json::{Value, json};

use crate::support::{
    accept, acme, acme_with, active, get, id_of, invite, log_in, path_of, put_scope, revoke,
    token_of,
};

const OWNER: &str = "owner@acme.test";

/// A line for each collaborator of a list: who, the status, the role here, and each grant.
async fn lines(world: &World, who: &str, target: &str) -> Vec<String> {
    let list = get(world, who, target).await.expect(200);
    let people = list.body["collaborators"].as_array().unwrap().iter();
    people
        .map(|person| {
            let grants = person["grants"].as_array().unwrap().iter().map(|grant| {
                let how = if grant["inherited"] == true { "inherited " } else { "" };
                format!(" [{how}{} {}]", word(&grant["scope"]), word(&grant["role"]))
            });
            let (email, status) = (word(&person["email"]), word(&person["status"]));
            format!("{email} {status} {}{}", word(&person["role"]), grants.collect::<String>())
        })
        .collect()
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

async fn grant(world: &World, scope: &str, email: &str, role: &str) {
    invite(world, OWNER, scope, &json!({ "email": email, "role": role })).await.expect(201);
}

#[tokio::test]
async fn a_list_shows_everything_that_a_team_must_know() {
    let world = acme_with(&json!({ "seatLimit": 25 })).await;
    let invited = json!({
        "email": "lea@example.org", "role": "custom", "permissions": ["contacts:view"], "name": "Léa",
    });
    invite(&world, OWNER, "acme:tech:summit", &invited).await.expect(201);
    grant(&world, "acme:tech", "lea@example.org", "administrator").await;
    world.wait(Duration::from_mins(5));
    world.deliver().await;
    log_in(&world, OWNER).await;
    let list = get(&world, OWNER, "/v1/scopes/acme:tech:summit/collaborators").await.expect(200);
    insta::assert_json_snapshot!(list.body);
    let headers = ["content-type", "cache-control", "x-request-id", "etag"];
    let headers = headers.map(|name| list.header(name));
    assert_eq!(headers, ["application/json", "no-store", "request-1", ""]);
}

#[tokio::test]
async fn a_list_holds_whoever_has_a_grant_here_or_above_and_nobody_of_a_sister_scope() {
    let world = acme().await;
    active(&world, "client@example.org", "acme", "reader").await;
    active(&world, "tech@example.org", "acme:tech", "manager").await;
    active(&world, "summit@example.org", "acme:tech:summit", "observer").await;
    active(&world, "sister@example.org", "acme:tech:meetup", "observer").await;
    active(&world, "both@example.org", "acme:tech:meetup", "observer").await;
    grant(&world, "acme:tech:summit", "both@example.org", "supervisor").await;
    grant(&world, "acme:tech", "pending@example.org", "reader").await;
    grant(&world, "acme:rh", "rh@example.org", "reader").await;
    assert_eq!(
        lines(&world, OWNER, "/v1/scopes/acme:tech:summit/collaborators").await,
        [
            "both@example.org active supervisor [acme:tech:summit supervisor]",
            "client@example.org active - [inherited acme reader]",
            "owner@acme.test active - [inherited acme owner]",
            "pending@example.org pending - [inherited acme:tech reader]",
            "summit@example.org active observer [acme:tech:summit observer]",
            "tech@example.org active - [inherited acme:tech manager]",
        ]
    );
    assert_eq!(
        lines(&world, OWNER, "/v1/scopes/acme/collaborators").await,
        [
            "client@example.org active reader [acme reader]",
            "owner@acme.test active owner [acme owner]",
        ]
    );
}

#[tokio::test]
async fn below_shows_every_seat_of_the_client_and_still_no_sister_of_the_scope() {
    let world = acme().await;
    active(&world, "meetup@example.org", "acme:tech:meetup", "observer").await;
    grant(&world, "acme:rh", "rh@example.org", "reader").await;
    grant(&world, "acme:tech:summit", "rh@example.org", "reader").await;
    assert_eq!(
        lines(&world, OWNER, "/v1/scopes/acme/collaborators?below=true").await,
        [
            "meetup@example.org active - [acme:tech:meetup observer]",
            "owner@acme.test active owner [acme owner]",
            "rh@example.org pending - [acme:rh reader] [acme:tech:summit reader]",
        ]
    );
    assert_eq!(
        lines(&world, OWNER, "/v1/scopes/acme:tech/collaborators?below=true").await,
        [
            "meetup@example.org active - [acme:tech:meetup observer]",
            "owner@acme.test active - [inherited acme owner]",
            "rh@example.org pending - [acme:tech:summit reader]",
        ]
    );
}

#[tokio::test]
async fn one_collaborator_is_seen_on_the_path_or_below_where_that_is_asked() {
    let world = acme().await;
    active(&world, "lea@example.org", "acme:tech:meetup", "observer").await;
    for (target, told) in [
        (path_of(&world, "acme:tech:meetup", "lea@example.org"), "200"),
        (path_of(&world, "acme:tech", "lea@example.org"), "404 collaborator-not-found"),
        (format!("{}?below=true", path_of(&world, "acme:tech", "lea@example.org")), "200"),
        (
            format!("{}?below=false", path_of(&world, "acme:tech", "lea@example.org")),
            "404 collaborator-not-found",
        ),
        (
            format!("{}?below=true", path_of(&world, "acme:tech:summit", "lea@example.org")),
            "404 collaborator-not-found",
        ),
        (path_of(&world, "acme", "nobody@example.org"), "404 collaborator-not-found"),
        ("/v1/scopes/acme/collaborators/not-an-id".to_owned(), "404 collaborator-not-found"),
        (format!("{}?status=active", path_of(&world, "acme", OWNER)), "400 malformed"),
    ] {
        assert_eq!(get(&world, OWNER, &target).await.told(), told, "{target}");
    }
}

#[tokio::test]
async fn the_tag_of_a_collaborator_is_his_version_and_no_login_or_mail_changes_it() {
    let world = acme().await;
    grant(&world, "acme:tech", "lea@example.org", "reader").await;
    let path = path_of(&world, "acme:tech", "lea@example.org");
    let queued = get(&world, OWNER, &path).await.expect(200);
    assert_eq!(queued.etag(), format!("\"{}\"", queued.body["version"]));
    assert_eq!(queued.text("/invitation/delivery"), "queued");
    world.wait(Duration::from_secs(90));
    let token = token_of(&world, "lea@example.org").await;
    let sent = get(&world, OWNER, &path).await.expect(200);
    assert_eq!(sent.text("/invitation/delivery"), "sent");
    assert_eq!(sent.text("/invitation/sentAt"), "2026-11-22T12:01:30Z");
    assert_eq!(sent.etag(), queued.etag());
    accept(&world, &Who::person("lea@example.org"), &token).await.expect(200);
    let accepted = get(&world, OWNER, &path).await.expect(200);
    assert_ne!(accepted.etag(), queued.etag());
    assert_eq!(accepted.body.get("invitation"), None);
    assert_eq!(accepted.body["lastLoginAt"], Value::Null);
    world.wait(Duration::from_hours(1));
    log_in(&world, "lea@example.org").await;
    let seen = get(&world, OWNER, &path).await.expect(200);
    assert_eq!(seen.text("/lastLoginAt"), "2026-11-22T13:01:30Z");
    assert_eq!(seen.etag(), accepted.etag());
}

#[tokio::test]
async fn the_list_is_for_whoever_may_view_access_and_each_may_look_at_himself() {
    let world = acme().await;
    let (list, other) =
        ("/v1/scopes/acme:tech/collaborators", path_of(&world, "acme:tech", "owner@acme.test"));
    for role in ["contributor", "reader", "manager", "supervisor", "observer"] {
        let email = format!("{role}@example.org");
        active(&world, &email, "acme:tech", role).await;
        assert_eq!(get(&world, &email, list).await.told(), "403 forbidden", "{role}");
        assert_eq!(get(&world, &email, &other).await.told(), "403 forbidden", "{role}");
        let absent = path_of(&world, "acme:tech", "nobody@example.org");
        assert_eq!(get(&world, &email, &absent).await.told(), "403 forbidden", "{role}");
        let own = get(&world, &email, &path_of(&world, "acme:tech:summit", &email)).await;
        assert_eq!((own.told().as_str(), own.text("/email")), ("200", email.as_str()));
    }
    active(&world, "admin@example.org", "acme:tech", "administrator").await;
    get(&world, "admin@example.org", list).await.expect(200);
    get(&world, "admin@example.org", &other).await.expect(200);
}

#[tokio::test]
async fn a_scope_on_which_one_holds_nothing_is_as_good_as_none() {
    let world = acme().await;
    active(&world, "sister@example.org", "acme:tech:meetup", "administrator").await;
    active(&world, "gone@example.org", "acme", "administrator").await;
    revoke(&world, OWNER, ("acme", "gone@example.org")).await.expect(200);
    grant(&world, "acme", "pending@example.org", "administrator").await;
    let ends = json!({
        "email": "ended@example.org", "role": "administrator", "expiresAt": "2026-11-22T12:00:01Z",
    });
    invite(&world, OWNER, "acme", &ends).await.expect(201);
    log_in(&world, "ended@example.org").await;
    world.wait(Duration::from_secs(1));
    let id = id_of(&world, "owner@acme.test");
    for (who, scope) in [
        ("stranger@example.org", "acme"),
        ("sister@example.org", "acme:tech:summit"),
        ("sister@example.org", "acme:tech"),
        ("gone@example.org", "acme"),
        ("pending@example.org", "acme"),
        ("ended@example.org", "acme"),
        (OWNER, "acme:nothing"),
        (OWNER, "nothing"),
        (OWNER, "a:b:c:d"),
    ] {
        for target in [
            format!("/v1/scopes/{scope}/collaborators"),
            format!("/v1/scopes/{scope}/collaborators/{id}"),
        ] {
            let refused = get(&world, who, &target).await;
            assert_eq!(refused.told(), "404 scope-not-found", "{who} at {target}");
        }
    }
}

#[tokio::test]
async fn the_id_of_another_client_names_nobody_here() {
    let world = acme().await;
    let expo = json!({
        "name": "Expo", "seatLimit": null, "granting": "administrators", "owner": { "email": "eve@example.org" },
    });
    put_scope(&world, "expo", &expo).await.expect(201);
    let eve = Who::person("eve@example.org");
    world.send(&eve, Request::new("POST", "/v1/scopes/expo/logins")).await.expect(200);
    let own = get(&world, "eve@example.org", "/v1/scopes/expo/collaborators").await.expect(200);
    let id = own.text("/collaborators/0/id");
    let here = get(&world, OWNER, &format!("/v1/scopes/acme/collaborators/{id}")).await;
    assert_eq!(here.told(), "404 collaborator-not-found");
    let there = get(&world, OWNER, &format!("/v1/scopes/expo/collaborators/{id}")).await;
    assert_eq!(there.told(), "404 scope-not-found");
}

#[tokio::test]
async fn only_a_person_with_a_verified_address_looks() {
    let world = acme().await;
    for target in
        ["/v1/scopes/acme/collaborators".to_owned(), path_of(&world, "acme", "owner@acme.test")]
    {
        for (who, told) in [
            (Who::nobody(), "401 unauthenticated"),
            (Who::person(OWNER).with("email_verified", "false"), "403 email-not-verified"),
            (Who::platform(), "403 forbidden"),
            (Who::person(OWNER).with("sub", "another account"), "404 scope-not-found"),
        ] {
            let answer = world.send(&who, Request::new("GET", &target)).await;
            assert_eq!(answer.told(), told, "{who:?}");
        }
    }
}

#[tokio::test]
async fn an_administrator_overrides_a_custom_role_and_the_list_says_so() {
    let world = acme().await;
    let custom = json!({
        "email": "lea@example.org", "role": "custom", "permissions": ["checkin:scan"],
    });
    invite(&world, OWNER, "acme:tech:summit", &custom).await.expect(201);
    log_in(&world, "lea@example.org").await;
    let path = path_of(&world, "acme:tech:summit", "lea@example.org");
    let before = get(&world, OWNER, &path).await.expect(200);
    assert_eq!(before.body["permissions"], json!(["checkin:scan", "checkin:view"]));
    assert_eq!(before.body["grants"][0]["overridden"], false);
    grant(&world, "acme", "lea@example.org", "administrator").await;
    let after = get(&world, OWNER, &path).await.expect(200);
    assert_eq!(after.body["permissions"].as_array().unwrap().len(), 30);
    let grants = after.body["grants"].as_array().unwrap().iter();
    let told: Vec<_> = grants.map(|grant| (word(&grant["role"]), &grant["overridden"])).collect();
    assert_eq!(told, [("administrator", &json!(false)), ("custom", &json!(true))]);
}

#[tokio::test]
async fn what_is_held_on_the_path_adds_up() {
    let world = acme().await;
    active(&world, "lea@example.org", "acme", "supervisor").await;
    grant(&world, "acme:tech:summit", "lea@example.org", "observer").await;
    grant(&world, "acme:tech", "lea@example.org", "manager").await;
    let held = async |scope: &str| {
        let seen = get(&world, OWNER, &path_of(&world, scope, "lea@example.org")).await;
        seen.body["permissions"].as_array().unwrap().iter().map(word).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(held("acme").await, "contacts:export contacts:view dashboard:view");
    let both = "campaigns:manage campaigns:send campaigns:view contacts:export contacts:manage \
                contacts:view dashboard:view settings:manage settings:view";
    assert_eq!(held("acme:tech").await, both);
    assert_eq!(held("acme:tech:summit").await, both);
    assert_eq!(held("acme:rh").await, "contacts:export contacts:view dashboard:view");
}
