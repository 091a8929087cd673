//! Support reads every client and changes nothing (docs/domain.md#rule-17, docs/security.md#support).

use std::collections::BTreeSet;

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Logs, Principal, Request, World};
use serde_json::{Value, json};

use crate::{
    routes::{About, calls},
    support::{
        EVE, LEA, MAX, OWNER, SUMMIT, TECH, accept, acme, active, id_of, invite, invited, log_in,
        other_client, post, put_scope, token_of,
    },
};

const STAFF: &str = "staff@platform.test";

fn support() -> Principal {
    Principal::support(STAFF)
}

async fn read(world: &World, who: &Principal, target: &str) -> Answer {
    world.send(who, Request::new("GET", target)).await
}

/// The clients where an address was found, each with the status there.
async fn found(world: &World, who: &Principal, email: &str) -> Vec<String> {
    let answer = read(world, who, &format!("/v1/people?email={email}")).await.expect(200);
    let people = answer.body["people"].as_array().unwrap().iter();
    let line = |person: &Value| {
        let (client, status) = (&person["client"]["id"], &person["collaborator"]["status"]);
        format!("{} {}", client.as_str().unwrap(), status.as_str().unwrap())
    };
    people.map(line).collect()
}

#[tokio::test]
async fn a_role_or_a_group_makes_support_and_a_scope_does_not() {
    let world = acme().await;
    let user = || Principal::user(STAFF);
    let is_support = async |who: Principal| {
        let access = read(&world, &who, "/v1/me/access").await.expect(200).body;
        let listed = read(&world, &who, "/v1/scopes").await.status == 200;
        assert_eq!(access == json!({ "access": [], "support": true }), listed);
        listed
    };
    for (claim, value, expected) in [
        ("roles", "coulisses-support", true),
        ("roles", "[staff coulisses-support]", true),
        ("groups", "[coulisses-support]", true),
        ("cognito:groups", "[admins coulisses-support]", true),
        ("cognito:groups", "[admins]", false),
        ("groups", "coulisses-support-former", false),
        ("groups", "[acoulisses-support]", false),
        ("roles", "[coulisses-support", false),
        ("roles", "COULISSES-SUPPORT", false),
        ("roles", "", false),
        ("scope", "openid coulisses-support", false),
        ("scp", "[coulisses-support]", false),
        ("permissions", "[coulisses-support]", false),
    ] {
        assert_eq!(is_support(user().with(claim, value)).await, expected, "{claim} {value}");
    }
    for unverified in [support().with("email_verified", "false"), support().without("email")] {
        let answer = read(&world, &unverified, "/v1/scopes").await;
        assert_eq!(answer.outcome(), "403 email-not-verified");
    }
}

#[tokio::test]
async fn a_deployment_names_the_role_and_its_claim() {
    let mut world = acme().await;
    world.app.settings.claims.support = "helpdesk".to_owned();
    world.app.settings.claims.roles = "staff_roles".to_owned();
    let user = |claim: &str, role: &str| Principal::user(STAFF).with(claim, role);
    assert_eq!(read(&world, &user("staff_roles", "helpdesk"), "/v1/scopes").await.status, 200);
    assert_eq!(read(&world, &user("groups", "helpdesk"), "/v1/scopes").await.status, 200);
    for other in [user("roles", "helpdesk"), user("staff_roles", "coulisses-support")] {
        assert_eq!(read(&world, &other, "/v1/scopes").await.outcome(), "403 forbidden");
    }
}

#[tokio::test]
async fn support_reads_everything_of_a_client_where_they_have_no_access() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "reader").await;
    invited(&world, MAX, TECH, "supervisor").await;
    let lea = format!("/v1/scopes/{SUMMIT}/collaborators/{}", id_of(&world, LEA));
    let seen = read(&world, &support(), &lea).await.expect(200);
    assert_eq!(seen.text("/email"), LEA);
    for target in [
        "/v1/scopes/acme",
        "/v1/scopes/acme?below=true",
        "/v1/scopes/acme/collaborators?below=true",
        "/v1/scopes/acme:tech:summit/collaborators",
        "/v1/scopes/acme/seats",
        "/v1/scopes/acme/history",
        "/v1/scopes/acme:tech/history",
    ] {
        let as_owner = read(&world, &Principal::user(OWNER), target).await.expect(200).body;
        let as_support = read(&world, &support(), target).await.expect(200).body;
        assert_eq!(as_support, as_owner, "{target}");
    }
    let missing = read(&world, &support(), "/v1/scopes/acme:none/collaborators").await;
    assert_eq!(missing.outcome(), "404 scope-not-found");
    let question =
        |email: &str| json!({ "scope": SUMMIT, "permission": "contacts:export", "email": email });
    log_in(&world, MAX).await;
    let asked = json!({ "checks": [question(LEA), question(MAX)] });
    let answer = post(&world, &support(), "/v1/checks", &asked).await.expect(200);
    assert_eq!(answer.body["results"][0]["allowed"], false);
    assert_eq!(
        answer.body["results"][1]["because"],
        json!({ "scope": TECH, "role": "supervisor" })
    );
}

/// Also for an administrator whose access is pending, has ended, or belongs to another account.
#[tokio::test]
async fn support_changes_nothing_on_any_route() {
    let world = acme().await;
    let ending =
        json!({ "email": EVE, "role": "administrator", "expiresAt": "2026-11-29T12:00:00Z" });
    invite(&world, OWNER, "acme", &ending).await.expect(201);
    log_in(&world, EVE).await;
    active(&world, LEA, "acme", "administrator").await;
    world.wait(DAY * 8);
    invited(&world, MAX, "acme", "administrator").await;
    world.deliver().await;
    let before = world.dump().await;
    let others = [
        support(),
        Principal::support(MAX),
        Principal::support(EVE),
        Principal::support(LEA).with("sub", "another account"),
    ];
    let writes = calls().into_iter().filter(|call| call.method != "GET" && call.names("{scope}"));
    for call in writes.filter(|call| !call.path.ends_with("/logins")) {
        for (place, who) in others.iter().enumerate() {
            for target in [OWNER, MAX, EVE, LEA] {
                let scope = if call.fits(SUMMIT) { SUMMIT } else { "acme" };
                for scope in BTreeSet::from([scope, "acme"]) {
                    let id = id_of(&world, target);
                    let request = call.request(About { scope, id: &id, token: "" });
                    let refused = world.send(who, request).await.outcome();
                    assert_eq!(refused, "403 forbidden", "{} as {place} {target}", call.name());
                }
            }
        }
    }
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn support_is_no_colleague() {
    let world = acme().await;
    invited(&world, LEA, SUMMIT, "reader").await;
    let token = token_of(&world, LEA).await;
    let before = world.dump().await;
    let login = Request::new("POST", "/v1/scopes/acme/logins");
    assert_eq!(world.send(&support(), login).await.outcome(), "404 scope-not-found");
    let accepted = accept(&world, &support(), &token).await;
    assert_eq!(accepted.outcome(), "403 email-mismatch");
    let own = format!("/v1/scopes/acme/collaborators/{}", id_of(&world, STAFF));
    let own_record = read(&world, &support(), &own).await;
    assert_eq!(own_record.outcome(), "404 collaborator-not-found");
    let behalf = support().on_behalf_of(OWNER);
    let acting = read(&world, &behalf, "/v1/scopes/acme").await;
    assert_eq!(acting.outcome(), "403 forbidden");
    let list = read(&world, &support(), "/v1/scopes/acme/collaborators").await.expect(200);
    assert!(!list.body.to_string().contains(STAFF));
    assert_eq!(world.dump().await, before);
}

#[tokio::test]
async fn the_access_of_a_support_user_of_their_own_stays_what_it_is() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "administrator").await;
    let lea = Principal::support(LEA);
    let access = read(&world, &lea, "/v1/me/access").await.expect(200).body;
    assert_eq!(access["support"], true);
    assert_eq!(access["access"][0]["scopes"][0]["scope"], SUMMIT);
    let reader = json!({ "email": MAX, "role": "reader" });
    let invite_at = async |scope: &str| {
        post(&world, &lea, &format!("/v1/scopes/{scope}/collaborators"), &reader).await.outcome()
    };
    assert_eq!(invite_at(TECH).await, "403 forbidden");
    assert_eq!(invite_at(SUMMIT).await, "201");
}

#[tokio::test]
async fn a_person_is_found_in_all_clients_with_what_the_list_shows() {
    let world = acme().await;
    let expo = other_client(&world, "expo", "owner@expo.test").await;
    other_client(&world, "gala", "owner@gala.test").await;
    active(&world, LEA, SUMMIT, "reader").await;
    let lea = json!({ "email": "Lea@example.org", "role": "observer" });
    post(&world, &expo, "/v1/scopes/expo/collaborators", &lea).await.expect(201);
    world.deliver().await;
    for who in [support(), Principal::platform()] {
        assert_eq!(found(&world, &who, LEA).await, ["acme active", "expo pending"]);
        assert_eq!(found(&world, &who, "LEA@example.org").await.len(), 2);
        assert_eq!(found(&world, &who, "nobody@example.org").await, [""; 0]);
    }
    let answer = read(&world, &support(), &format!("/v1/people?email={LEA}")).await;
    let people = answer.body["people"].as_array().unwrap();
    assert_eq!(
        (&people[0]["client"]["name"], &people[1]["client"]["name"]),
        (&json!("Acme"), &json!("Expo"))
    );
    assert_eq!(people[1]["collaborator"]["invitation"]["delivery"], "sent");
    let list = read(&world, &support(), "/v1/scopes/acme/collaborators?below=true").await;
    let rows = list.body["collaborators"].as_array().unwrap();
    let row = rows.iter().find(|row| row["email"] == LEA).unwrap();
    assert_eq!(people[0]["collaborator"], *row);
}

#[tokio::test]
async fn only_the_platform_and_support_find_people_and_they_name_one_address() {
    let world = acme().await;
    for bad in
        ["", "?email=", "?email=lea", "?email=a@erased.invalid", "?email=lea@example.org&x=1"]
    {
        for who in [support(), Principal::platform()] {
            let answer = read(&world, &who, &format!("/v1/people{bad}")).await;
            assert_eq!(answer.outcome(), "400 malformed", "{bad}");
        }
        let owner = read(&world, &Principal::user(OWNER), &format!("/v1/people{bad}")).await;
        assert_eq!(owner.outcome(), "403 forbidden", "{bad}");
    }
    let behalf = Principal::platform().on_behalf_of(OWNER);
    let answer = read(&world, &behalf, "/v1/people?email=lea@example.org").await;
    assert_eq!(answer.outcome(), "403 forbidden");
}

#[tokio::test]
async fn what_support_reads_is_counted_and_marked_in_the_log() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "administrator").await;
    put_scope(&world, "acme:tech:gala", &json!({ "name": "Gala", "kind": "event" })).await;
    let counted = async |who: &Principal, request: Request| {
        drop(world.counts());
        let logs = Logs::keep();
        world.send(who, request).await.expect(200);
        let lines = logs.take();
        assert_eq!(lines.len(), 1);
        let marked = lines[0]["fields"]["support"] == true;
        assert_eq!(world.counts().contains_key("SupportReads"), marked);
        marked
    };
    let get = |target: &str| Request::new("GET", target);
    let question =
        json!({ "checks": [{ "scope": SUMMIT, "permission": "access:view", "email": LEA }] });
    let check = || Request::new("POST", "/v1/checks").json(&question);
    for target in [
        "/v1/scopes",
        "/v1/scopes/acme",
        "/v1/scopes/acme:tech:summit/collaborators",
        "/v1/scopes/acme/seats",
        "/v1/scopes/acme/history",
        "/v1/people?email=lea@example.org",
    ] {
        assert!(counted(&support(), get(target)).await, "{target}");
        if target != "/v1/scopes" && !target.contains("people") {
            assert!(!counted(&Principal::user(OWNER), get(target)).await, "{target}");
        }
        let platform = Principal::platform();
        assert!(!counted(&platform, get(target)).await, "{target} by the platform");
    }
    assert!(counted(&support(), check()).await);
    assert!(!counted(&support(), get("/v1/me/access")).await);
    let lea = Principal::support(LEA);
    let summit = "/v1/scopes/acme:tech:summit/collaborators";
    assert!(!counted(&lea, get(summit)).await, "where they have access of their own");
    assert!(counted(&lea, get("/v1/scopes/acme:tech:gala/collaborators")).await);
}
