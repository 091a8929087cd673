//! `GET /v1/scopes/{scope}/history`: who did what to whom.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Request, Who, World};
use serde_json::{Value, json};

use crate::support::{
    accept, acme, active, assign, get, id_of, invite, log_in, post, put_scope, resend, revoke,
    token_of, without_access,
};

const OWNER: &str = "owner@acme.test";
const LEA: &str = "lea@example.org";
const EVE: &str = "eve@example.org";

pub async fn read(world: &World, who: &str, scope: &str, query: &str) -> Answer {
    get(world, who, &format!("/v1/scopes/{scope}/history?{query}")).await
}

/// The entries of a page, each in a line: `granted lea@example.org by owner@acme.test: acme:rh - > reader active`.
pub fn lines(answer: &Answer) -> Vec<String> {
    let entries = answer.body["entries"].as_array().unwrap().iter();
    entries
        .map(|entry| {
            let actor = &entry["actor"];
            let by = actor["email"].as_str().map_or_else(|| actor.to_string(), str::to_owned);
            let state = |state: &Value| match state["role"].as_str() {
                Some(role) => format!("{role} {}", state["status"].as_str().unwrap()),
                None => "-".to_owned(),
            };
            let changes = entry["changes"].as_object().unwrap().iter();
            let changes: Vec<String> = changes
                .map(|(scope, it)| {
                    format!("{scope} {} > {}", state(&it["before"]), state(&it["after"]))
                })
                .collect();
            let reason = entry["reason"].as_str().map(|reason| format!(" ({reason})"));
            let (action, whom) =
                (entry["action"].as_str().unwrap(), entry["collaborator"]["email"].as_str());
            let told = format!("{action} {} by {by}: {}", whom.unwrap(), changes.join(", "));
            format!("{told}{}", reason.unwrap_or_default())
        })
        .collect()
}

/// What `who` reads of a scope's history in one page.
async fn told(world: &World, who: &str, scope: &str) -> Vec<String> {
    lines(&read(world, who, scope, "limit=100").await.expect(200))
}

/// A story of Léa, told by time.
async fn story() -> World {
    let world = acme().await;
    let minute = || world.wait(Duration::from_mins(1));
    minute();
    let body = json!({ "email": LEA, "role": "observer", "name": "Léa" });
    invite(&world, OWNER, "acme:tech", &body).await.expect(201);
    minute();
    resend(&world, &Who::person(OWNER), ("acme:tech", LEA)).await.expect(202);
    minute();
    let token = token_of(&world, LEA).await;
    accept(&world, &Who::person(LEA), &token).await.expect(200);
    minute();
    let body = json!({
        "email": LEA, "role": "custom", "permissions": ["checkin:scan"], "expiresAt": "2027-06-30T18:00:00+02:00",
    });
    invite(&world, OWNER, "acme:tech:summit", &body).await.expect(201);
    minute();
    let change = json!({ "role": "manager", "reason": "Remplace Zoé" });
    assign(&world, OWNER, ("acme:tech", LEA), &change).await.expect(200);
    minute();
    revoke(&world, LEA, ("acme:tech:summit", LEA)).await.expect(200);
    minute();
    revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    world
}

#[tokio::test]
async fn the_history_tells_who_did_what_to_whom_from_what_to_what_when_and_why() {
    let world = story().await;
    let mut history = read(&world, OWNER, "acme:tech", "").await.expect(200).body;
    let mut ids = Vec::new();
    for entry in history["entries"].as_array_mut().unwrap() {
        ids.push(entry["id"].as_str().unwrap().to_owned());
        entry["id"] = json!("one of its own");
    }
    assert!(ids.is_sorted_by(|one, next| one > next), "the newest first: {ids:?}");
    insta::assert_json_snapshot!(history);
}

/// Complaints about others: the history loses the inviter on acceptance, or the label on deletion.
#[tokio::test]
async fn the_inviter_outlives_the_acceptance_and_the_names_outlive_their_people() {
    let world = acme().await;
    active(&world, EVE, "acme:tech", "administrator").await;
    let body = json!({ "email": LEA, "role": "observer", "name": "Léa" });
    invite(&world, EVE, "acme:tech:summit", &body).await.expect(201);
    let invited = format!("invited {LEA} by {EVE}: acme:tech:summit - > observer pending");
    assert_eq!(told(&world, OWNER, "acme:tech:summit").await, std::slice::from_ref(&invited));
    world.wait(Duration::from_secs(1));
    log_in(&world, LEA).await;
    let activated =
        format!("activated {LEA} by {LEA}: acme:tech:summit observer pending > observer active");
    assert_eq!(told(&world, OWNER, "acme:tech:summit").await, [activated.clone(), invited.clone()]);
    // First the inviter goes, then the invited.
    world.wait(Duration::from_secs(1));
    revoke(&world, OWNER, ("acme:tech", EVE)).await.expect(200);
    world.wait(Duration::from_secs(1));
    revoke(&world, OWNER, ("acme:tech:summit", LEA)).await.expect(200);
    world.wait(DAY * 365);
    let revoked = format!("revoked {LEA} by {OWNER}: acme:tech:summit observer active > -");
    assert_eq!(told(&world, OWNER, "acme:tech:summit").await, [revoked, activated, invited]);
    let last = read(&world, OWNER, "acme:tech:summit", "limit=1").await.expect(200);
    let label = json!({ "id": id_of(&world, LEA), "email": LEA, "name": "Léa" });
    assert_eq!(last.body["entries"][0]["collaborator"], label);
    // Somebody else under the same address changes nothing of what was.
    let before = told(&world, OWNER, "acme").await;
    let body = json!({ "email": LEA, "role": "reader", "name": "Quelqu’un d’autre" });
    invite(&world, OWNER, "acme:rh", &body).await.expect(201);
    assert_eq!(told(&world, OWNER, "acme").await[1..], before);
}

#[tokio::test]
async fn it_is_read_by_whoever_holds_the_permission_at_the_scope() {
    let world = acme().await;
    for (email, scope, role) in [
        (EVE, "acme:tech:summit", "administrator"),
        ("cora@example.org", "acme:tech", "contributor"),
        ("max@example.org", "acme", "manager"),
    ] {
        active(&world, email, scope, role).await;
    }
    let custom = json!({ "email": LEA, "role": "custom", "permissions": ["history:view"] });
    invite(&world, OWNER, "acme:tech:summit", &custom).await.expect(201);
    log_in(&world, LEA).await;
    for (who, scope, told) in [
        (OWNER, "acme", "200"),
        (OWNER, "acme:tech:alumni", "200"),
        (OWNER, "acme:none", "404 scope-not-found"),
        (OWNER, "expo", "404 scope-not-found"),
        (EVE, "acme:tech:summit", "200"),
        (EVE, "acme:tech:meetup", "404 scope-not-found"),
        (EVE, "acme:tech", "404 scope-not-found"),
        (LEA, "acme:tech:summit", "200"),
        ("cora@example.org", "acme:tech", "403 forbidden"),
        ("max@example.org", "acme:tech:summit", "403 forbidden"),
        ("stranger@example.org", "acme", "404 scope-not-found"),
    ] {
        assert_eq!(read(&world, who, scope, "").await.told(), told, "{who} at {scope}");
    }
    let platform = Request::new("GET", "/v1/scopes/acme/history");
    assert_eq!(world.send(&Who::platform(), platform).await.told(), "403 forbidden");
}

/// Security, line 25.
#[tokio::test]
async fn line_25_an_event_shows_what_changed_there_and_nothing_of_its_sisters_or_above() {
    let world = acme().await;
    active(&world, EVE, "acme:tech:summit", "administrator").await;
    for (scope, role) in [
        ("acme:tech:meetup", "manager"),
        ("acme:tech:summit", "observer"),
        ("acme:rh", "supervisor"),
        ("acme:tech", "reader"),
    ] {
        world.wait(Duration::from_secs(1));
        invite(&world, OWNER, scope, &json!({ "email": LEA, "role": role })).await.expect(201);
    }
    // One change, at four scopes.
    world.wait(Duration::from_secs(1));
    log_in(&world, LEA).await;
    let summit = [
        format!("activated {LEA} by {LEA}: acme:tech:summit observer pending > observer active"),
        format!("granted {LEA} by {OWNER}: acme:tech:summit - > observer pending"),
    ];
    assert_eq!(told(&world, EVE, "acme:tech:summit").await[..2], summit);
    let answer = read(&world, EVE, "acme:tech:summit", "").await.expect(200).body.to_string();
    for word in ["meetup", "manager", "acme:rh", "supervisor", "reader", "\"acme:tech\""] {
        assert!(!answer.contains(word), "{word} in {answer}");
    }
    // From the audience all of its own is seen, from the client everything.
    let tech = told(&world, OWNER, "acme:tech").await;
    assert_eq!(
        tech[0],
        format!(
            "activated {LEA} by {LEA}: acme:tech reader pending > reader active, \
             acme:tech:meetup manager pending > manager active, \
             acme:tech:summit observer pending > observer active"
        )
    );
    assert!(!tech.join("\n").contains("acme:rh"));
    assert!(told(&world, OWNER, "acme").await[0].contains("acme:rh supervisor pending"));
    // Who is known at a sister alone is as good as nobody.
    active(&world, "sister@example.org", "acme:tech:meetup", "observer").await;
    let mut answers = Vec::new();
    for email in ["sister@example.org", "nobody@example.org"] {
        let query = format!("collaborator={}", id_of(&world, email));
        answers.push(read(&world, EVE, "acme:tech:summit", &query).await.expect(200).body);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], json!({ "entries": [], "nextCursor": null }));
}

/// Security, lines 4, 7 and 14.
#[tokio::test]
async fn line_4_whoever_is_pending_expired_or_revoked_reads_nothing_from_that_moment_on() {
    let world = acme().await;
    active(&world, LEA, "acme", "administrator").await;
    read(&world, LEA, "acme", "").await.expect(200);
    for twin in [
        Who::person(LEA).with("sub", "another account"),
        Who::person(LEA).with("iss", "https://another.issuer"),
    ] {
        let request = Request::new("GET", "/v1/scopes/acme/history");
        assert_eq!(world.send(&twin, request).await.told(), "404 scope-not-found");
    }
    revoke(&world, OWNER, ("acme", LEA)).await.expect(200);
    assert_eq!(read(&world, LEA, "acme", "").await.told(), "404 scope-not-found");
    for who in without_access(&world).await {
        for scope in ["acme", "acme:tech:summit"] {
            let answer = read(&world, &format!("{who}@example.org"), scope, "").await;
            assert_eq!(answer.told(), "404 scope-not-found", "{who}");
        }
    }
}

/// Security, line 8.
#[tokio::test]
async fn line_8_neither_an_id_nor_a_cursor_of_another_client_leads_into_its_history() {
    let world = acme().await;
    let body = json!({ "name": "Expo", "seatLimit": null, "granting": "administrators", "owner": { "email": OWNER } });
    put_scope(&world, "expo", &body).await.expect(201);
    let owner = Who::person(OWNER);
    world.send(&owner, Request::new("POST", "/v1/scopes/expo/logins")).await.expect(200);
    let body = json!({ "email": LEA, "role": "reader" });
    let in_expo = post(&world, &owner, "/v1/scopes/expo/collaborators", &body).await.expect(201);
    invite(&world, OWNER, "acme", &body).await.expect(201);
    // Odile may read both, and each shows its own alone.
    let of_lea = format!("collaborator={}", in_expo.text("/id"));
    assert_eq!(lines(&read(&world, OWNER, "acme", &of_lea).await.expect(200)), [""; 0]);
    assert_eq!(lines(&read(&world, OWNER, "expo", &of_lea).await.expect(200)).len(), 1);
    for (one, other) in [("acme", "expo"), ("expo", "acme")] {
        let page = read(&world, OWNER, one, "limit=1").await.expect(200);
        let cursor = format!("cursor={}", page.text("/nextCursor"));
        read(&world, OWNER, one, &cursor).await.expect(200);
        assert_eq!(read(&world, OWNER, other, &cursor).await.told(), "400 malformed");
    }
    let stranger = read(&world, EVE, "expo", &of_lea).await;
    assert_eq!(stranger.told(), "404 scope-not-found");
}

/// Security, line 13.
#[tokio::test]
async fn line_13_the_history_of_somebody_removed_is_not_given_to_whoever_has_the_address_next() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "administrator").await;
    revoke(&world, OWNER, ("acme:tech", LEA)).await.expect(200);
    world.wait(DAY);
    invite(&world, OWNER, "acme:tech", &json!({ "email": LEA, "role": "observer" }))
        .await
        .expect(201);
    let new = Who::person(LEA).with("sub", "a new account");
    world.send(&new, Request::new("POST", "/v1/scopes/acme/logins")).await.expect(200);
    let history = || Request::new("GET", "/v1/scopes/acme:tech/history");
    assert_eq!(world.send(&new, history()).await.told(), "403 forbidden");
    assert_eq!(world.send(&Who::person(LEA), history()).await.told(), "404 scope-not-found");
    assert_eq!(told(&world, OWNER, "acme:tech").await.len(), 5);
}
