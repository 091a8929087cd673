//! `GET /v1/scopes/{scope}/collaborators` and `/{id}`: who has access here, direct and inherited.

use std::time::Duration;

use coulisses_tests::{Principal, World};
use serde_json::{Value, json};

use crate::support::{
    EVE, LEA, OWNER, accept, acme, acme_with, active, get, id_of, invite, invited, log_in,
    other_client, path_of, token_of, without_versions,
};

/// A line for each collaborator of a list: the address, the status, the role here, and each grant.
async fn lines(world: &World, who: &str, target: &str) -> Vec<String> {
    let list = get(world, who, target).await.expect(200);
    let line = |row: &Value| {
        let grants = row["grants"].as_array().unwrap().iter().map(|grant| {
            let how = if grant["inherited"] == true { "inherited " } else { "" };
            format!(" [{how}{} {}]", word(&grant["scope"]), word(&grant["role"]))
        });
        let [email, status, role] = ["email", "status", "role"].map(|field| word(&row[field]));
        format!("{email} {status} {role}{}", grants.collect::<String>())
    };
    list.body["collaborators"].as_array().unwrap().iter().map(line).collect()
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

#[tokio::test]
async fn the_list_shows_status_roles_grants_and_seats() {
    let world = acme_with(&json!({ "seatLimit": 25 })).await;
    let custom = json!({
        "email": LEA, "role": "custom", "permissions": ["contacts:view"], "name": "Léa",
    });
    invite(&world, OWNER, "acme:tech:summit", &custom).await.expect(201);
    invited(&world, LEA, "acme:tech", "administrator").await;
    world.wait(Duration::from_mins(5));
    world.deliver().await;
    log_in(&world, OWNER).await;
    let list = get(&world, OWNER, "/v1/scopes/acme:tech:summit/collaborators").await.expect(200);
    insta::assert_json_snapshot!(without_versions(list.body.clone()));
}

#[tokio::test]
async fn the_list_has_everyone_with_a_grant_here_or_above_and_no_one_of_a_sister_scope() {
    let world = acme().await;
    active(&world, "client@example.org", "acme", "reader").await;
    active(&world, "tech@example.org", "acme:tech", "manager").await;
    active(&world, "summit@example.org", "acme:tech:summit", "observer").await;
    active(&world, "sister@example.org", "acme:tech:meetup", "observer").await;
    active(&world, "both@example.org", "acme:tech:meetup", "observer").await;
    invited(&world, "both@example.org", "acme:tech:summit", "supervisor").await;
    invited(&world, "pending@example.org", "acme:tech", "reader").await;
    invited(&world, "rh@example.org", "acme:rh", "reader").await;
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
async fn below_adds_the_scopes_below_and_no_sister_scope() {
    let world = acme().await;
    active(&world, "meetup@example.org", "acme:tech:meetup", "observer").await;
    invited(&world, "rh@example.org", "acme:rh", "reader").await;
    invited(&world, "rh@example.org", "acme:tech:summit", "reader").await;
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
async fn one_collaborator_is_found_on_the_path_and_on_request_below_it() {
    let world = acme().await;
    active(&world, LEA, "acme:tech:meetup", "observer").await;
    let [tech, meetup, summit] =
        ["acme:tech", "acme:tech:meetup", "acme:tech:summit"].map(|at| path_of(&world, at, LEA));
    let not_found = "404 collaborator-not-found";
    for (target, expected) in [
        (meetup, "200"),
        (tech.clone(), not_found),
        (format!("{tech}?below=true"), "200"),
        (format!("{tech}?below=false"), not_found),
        (format!("{summit}?below=true"), not_found),
        (path_of(&world, "acme", "nobody@example.org"), not_found),
        ("/v1/scopes/acme/collaborators/not-an-id".to_owned(), not_found),
        (format!("{}?status=active", path_of(&world, "acme", OWNER)), "400 malformed"),
    ] {
        assert_eq!(get(&world, OWNER, &target).await.outcome(), expected, "{target}");
    }
}

#[tokio::test]
async fn the_etag_of_a_collaborator_is_the_version_and_no_login_or_mail_changes_it() {
    let world = acme().await;
    invited(&world, LEA, "acme:tech", "reader").await;
    let path = path_of(&world, "acme:tech", LEA);
    let queued = get(&world, OWNER, &path).await.expect(200);
    assert_eq!(queued.etag(), format!("\"{}\"", queued.body["version"]));
    assert_eq!(queued.text("/invitation/delivery"), "queued");
    world.wait(Duration::from_secs(90));
    let token = token_of(&world, LEA).await;
    let sent = get(&world, OWNER, &path).await.expect(200);
    assert_eq!(sent.text("/invitation/delivery"), "sent");
    assert_eq!(sent.text("/invitation/sentAt"), "2026-11-22T12:01:30.000Z");
    assert_eq!(sent.etag(), queued.etag());
    accept(&world, &Principal::user(LEA), &token).await.expect(200);
    let accepted = get(&world, OWNER, &path).await.expect(200);
    assert_ne!(accepted.etag(), queued.etag());
    assert_eq!(accepted.body.get("invitation"), None);
    assert_eq!(accepted.body["lastLoginAt"], Value::Null);
    world.wait(Duration::from_hours(1));
    log_in(&world, LEA).await;
    let seen = get(&world, OWNER, &path).await.expect(200);
    assert_eq!(seen.text("/lastLoginAt"), "2026-11-22T13:01:30.000Z");
    assert_eq!(seen.etag(), accepted.etag());
}

#[tokio::test]
async fn the_list_requires_access_view_and_everyone_may_read_their_own_entry() {
    let world = acme().await;
    let list = "/v1/scopes/acme:tech/collaborators";
    let [other, absent] =
        [OWNER, "nobody@example.org"].map(|email| path_of(&world, "acme:tech", email));
    for role in ["contributor", "reader", "manager", "supervisor", "observer"] {
        let email = format!("{role}@example.org");
        active(&world, &email, "acme:tech", role).await;
        for target in [list, &other, &absent] {
            assert_eq!(get(&world, &email, target).await.outcome(), "403 forbidden", "{role}");
        }
        let own = get(&world, &email, &path_of(&world, "acme:tech:summit", &email)).await;
        assert_eq!((own.outcome().as_str(), own.text("/email")), ("200", email.as_str()));
    }
    active(&world, "admin@example.org", "acme:tech", "administrator").await;
    get(&world, "admin@example.org", list).await.expect(200);
    get(&world, "admin@example.org", &other).await.expect(200);
}

#[tokio::test]
async fn a_scope_without_a_grant_is_not_found() {
    let world = acme().await;
    active(&world, "sister@example.org", "acme:tech:meetup", "administrator").await;
    let id = id_of(&world, OWNER);
    for (who, scope) in [
        ("sister@example.org", "acme:tech:summit"),
        ("sister@example.org", "acme:tech"),
        (OWNER, "acme:nothing"),
        (OWNER, "nothing"),
        (OWNER, "a:b:c:d"),
    ] {
        for target in [
            format!("/v1/scopes/{scope}/collaborators"),
            format!("/v1/scopes/{scope}/collaborators/{id}"),
        ] {
            let refused = get(&world, who, &target).await;
            assert_eq!(refused.outcome(), "404 scope-not-found", "{who} at {target}");
        }
    }
}

#[tokio::test]
async fn an_id_of_another_client_is_not_found() {
    let world = acme().await;
    other_client(&world, "expo", EVE).await;
    let id = world.id_of("expo", EVE);
    let here = get(&world, OWNER, &format!("/v1/scopes/acme/collaborators/{id}")).await;
    assert_eq!(here.outcome(), "404 collaborator-not-found");
    let there = get(&world, OWNER, &format!("/v1/scopes/expo/collaborators/{id}")).await;
    assert_eq!(there.outcome(), "404 scope-not-found");
}

#[tokio::test]
async fn an_administrator_grant_overrides_a_custom_role() {
    let world = acme().await;
    let custom = json!({
        "email": LEA, "role": "custom", "permissions": ["checkin:scan"],
    });
    invite(&world, OWNER, "acme:tech:summit", &custom).await.expect(201);
    log_in(&world, LEA).await;
    let path = path_of(&world, "acme:tech:summit", LEA);
    let before = get(&world, OWNER, &path).await.expect(200);
    assert_eq!(before.body["permissions"], json!(["checkin:scan", "checkin:view"]));
    assert_eq!(before.body["grants"][0]["overridden"], false);
    invited(&world, LEA, "acme", "administrator").await;
    let after = get(&world, OWNER, &path).await.expect(200);
    assert_eq!(after.body["permissions"].as_array().unwrap().len(), 30);
    let grants = after.body["grants"].as_array().unwrap().iter();
    let roles: Vec<_> = grants.map(|grant| (word(&grant["role"]), &grant["overridden"])).collect();
    assert_eq!(roles, [("administrator", &json!(false)), ("custom", &json!(true))]);
}

#[tokio::test]
async fn permissions_add_up_along_the_path() {
    let world = acme().await;
    active(&world, LEA, "acme", "supervisor").await;
    invited(&world, LEA, "acme:tech:summit", "observer").await;
    invited(&world, LEA, "acme:tech", "manager").await;
    let held = async |scope: &str| {
        let seen = get(&world, OWNER, &path_of(&world, scope, LEA)).await;
        seen.body["permissions"].as_array().unwrap().iter().map(word).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(held("acme").await, "contacts:export contacts:view dashboard:view");
    let both = "campaigns:manage campaigns:send campaigns:view contacts:export contacts:manage \
                contacts:view dashboard:view settings:manage settings:view";
    assert_eq!(held("acme:tech").await, both);
    assert_eq!(held("acme:tech:summit").await, both);
    assert_eq!(held("acme:rh").await, "contacts:export contacts:view dashboard:view");
}
