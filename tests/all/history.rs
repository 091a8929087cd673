//! `GET /v1/scopes/{scope}/history`: the entries and who reads them.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::{Value, json};

use crate::{
    escalation::expo,
    support::{
        EVE, LEA, MAX, MEETUP, OWNER, SUMMIT, TECH, accept, acme, active, assign, get, id_of,
        invite, invited, log_in, resend, revoke, token_of, without_access,
    },
};

pub async fn read(world: &World, who: &str, scope: &str, query: &str) -> Answer {
    get(world, who, &format!("/v1/scopes/{scope}/history?{query}")).await
}

/// The entries of a page, one a line: `granted lea@example.org by owner@acme.test: acme:rh - > reader active`.
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
            let (action, email) = (&entry["action"], &entry["collaborator"]["email"]);
            let (action, email) = (action.as_str().unwrap(), email.as_str().unwrap());
            let line = format!("{action} {email} by {by}: {}", changes.join(", "));
            format!("{line}{}", reason.unwrap_or_default())
        })
        .collect()
}

/// The entries of a scope's history that `who` reads in one page.
async fn history_lines(world: &World, who: &str, scope: &str) -> Vec<String> {
    lines(&read(world, who, scope, "limit=100").await.expect(200))
}

/// `acme` with one change of Léa's access a minute.
async fn story() -> World {
    let world = acme().await;
    let minute = || world.wait(Duration::from_mins(1));
    minute();
    let body = json!({ "email": LEA, "role": "observer", "name": "Léa" });
    invite(&world, OWNER, TECH, &body).await.expect(201);
    minute();
    resend(&world, &Principal::user(OWNER), (TECH, LEA)).await.expect(202);
    minute();
    let token = token_of(&world, LEA).await;
    accept(&world, &Principal::user(LEA), &token).await.expect(200);
    minute();
    let body = json!({
        "email": LEA, "role": "custom", "permissions": ["checkin:scan"], "expiresAt": "2027-06-30T18:00:00+02:00",
    });
    invite(&world, OWNER, SUMMIT, &body).await.expect(201);
    minute();
    let change = json!({ "role": "manager", "reason": "Remplace Zoé" });
    assign(&world, OWNER, (TECH, LEA), &change).await.expect(200);
    minute();
    revoke(&world, LEA, (SUMMIT, LEA)).await.expect(200);
    minute();
    revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
    world
}

#[tokio::test]
async fn each_entry_has_the_actor_action_collaborator_changes_time_and_reason() {
    let world = story().await;
    let mut history = read(&world, OWNER, TECH, "").await.expect(200).body;
    let mut ids = Vec::new();
    for entry in history["entries"].as_array_mut().unwrap() {
        ids.push(entry["id"].as_str().unwrap().to_owned());
        entry["id"] = json!("one of its own");
    }
    assert!(ids.is_sorted_by(|one, next| one > next), "newest first: {ids:?}");
    insta::assert_json_snapshot!(history);
}

#[tokio::test]
async fn the_history_keeps_the_inviter_and_the_names_of_former_collaborators() {
    let world = acme().await;
    active(&world, EVE, TECH, "administrator").await;
    let body = json!({ "email": LEA, "role": "observer", "name": "Léa" });
    invite(&world, EVE, SUMMIT, &body).await.expect(201);
    let invited = format!("invited {LEA} by {EVE}: acme:tech:summit - > observer pending");
    assert_eq!(history_lines(&world, OWNER, SUMMIT).await, std::slice::from_ref(&invited));
    world.wait(Duration::from_secs(1));
    log_in(&world, LEA).await;
    let activated =
        format!("activated {LEA} by {LEA}: acme:tech:summit observer pending > observer active");
    assert_eq!(history_lines(&world, OWNER, SUMMIT).await, [activated.clone(), invited.clone()]);
    // First the inviter is revoked, then the invited.
    world.wait(Duration::from_secs(1));
    revoke(&world, OWNER, (TECH, EVE)).await.expect(200);
    world.wait(Duration::from_secs(1));
    revoke(&world, OWNER, (SUMMIT, LEA)).await.expect(200);
    world.wait(DAY * 365);
    let revoked = format!("revoked {LEA} by {OWNER}: acme:tech:summit observer active > -");
    assert_eq!(history_lines(&world, OWNER, SUMMIT).await, [revoked, activated, invited]);
    let last = read(&world, OWNER, SUMMIT, "limit=1").await.expect(200);
    let label = json!({ "id": id_of(&world, LEA), "email": LEA, "name": "Léa" });
    assert_eq!(last.body["entries"][0]["collaborator"], label);
    // A new collaborator with the same address does not change the old entries.
    let before = history_lines(&world, OWNER, "acme").await;
    let body = json!({ "email": LEA, "role": "reader", "name": "Quelqu’un d’autre" });
    invite(&world, OWNER, "acme:rh", &body).await.expect(201);
    assert_eq!(history_lines(&world, OWNER, "acme").await[1..], before);
}

#[tokio::test]
async fn the_history_requires_history_view_at_the_scope() {
    let world = acme().await;
    for (email, scope, role) in [
        (EVE, SUMMIT, "administrator"),
        ("cora@example.org", TECH, "contributor"),
        (MAX, "acme", "manager"),
    ] {
        active(&world, email, scope, role).await;
    }
    let custom = json!({ "email": LEA, "role": "custom", "permissions": ["history:view"] });
    invite(&world, OWNER, SUMMIT, &custom).await.expect(201);
    log_in(&world, LEA).await;
    for (who, scope, outcome) in [
        (OWNER, "acme", "200"),
        (OWNER, "acme:tech:alumni", "200"),
        (OWNER, "acme:none", "404 scope-not-found"),
        (OWNER, "expo", "404 scope-not-found"),
        (EVE, SUMMIT, "200"),
        (EVE, MEETUP, "404 scope-not-found"),
        (EVE, TECH, "404 scope-not-found"),
        (LEA, SUMMIT, "200"),
        ("cora@example.org", TECH, "403 forbidden"),
        (MAX, SUMMIT, "403 forbidden"),
        ("stranger@example.org", "acme", "404 scope-not-found"),
    ] {
        assert_eq!(read(&world, who, scope, "").await.outcome(), outcome, "{who} at {scope}");
    }
    let platform = Request::new("GET", "/v1/scopes/acme/history");
    world.send(&Principal::platform(), platform).await.expect(200);
}

#[tokio::test]
async fn line_25_the_history_of_an_event_shows_nothing_of_its_sisters_or_above() {
    let world = acme().await;
    active(&world, EVE, SUMMIT, "administrator").await;
    for (scope, role) in
        [(MEETUP, "manager"), (SUMMIT, "observer"), ("acme:rh", "supervisor"), (TECH, "reader")]
    {
        world.wait(Duration::from_secs(1));
        invited(&world, LEA, scope, role).await;
    }
    // One change at four scopes.
    world.wait(Duration::from_secs(1));
    log_in(&world, LEA).await;
    let summit = [
        format!("activated {LEA} by {LEA}: acme:tech:summit observer pending > observer active"),
        format!("granted {LEA} by {OWNER}: acme:tech:summit - > observer pending"),
    ];
    assert_eq!(history_lines(&world, EVE, SUMMIT).await[..2], summit);
    let answer = read(&world, EVE, SUMMIT, "").await.expect(200).body.to_string();
    for word in ["meetup", "manager", "acme:rh", "supervisor", "reader", "\"acme:tech\""] {
        assert!(!answer.contains(word), "{word} in {answer}");
    }
    // The audience shows its own changes and those below, the client shows everything.
    let tech = history_lines(&world, OWNER, TECH).await;
    assert_eq!(
        tech[0],
        format!(
            "activated {LEA} by {LEA}: acme:tech reader pending > reader active, \
             acme:tech:meetup manager pending > manager active, \
             acme:tech:summit observer pending > observer active"
        )
    );
    assert!(!tech.join("\n").contains("acme:rh"));
    assert!(history_lines(&world, OWNER, "acme").await[0].contains("acme:rh supervisor pending"));
    // A collaborator of a sister gets the response for an unknown id.
    active(&world, "sister@example.org", MEETUP, "observer").await;
    let mut answers = Vec::new();
    for email in ["sister@example.org", "unknown@example.org"] {
        let query = format!("collaborator={}", id_of(&world, email));
        answers.push(read(&world, EVE, SUMMIT, &query).await.expect(200).body);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], json!({ "entries": [], "nextCursor": null }));
}

/// docs/security.md#line-4, docs/security.md#line-7, docs/security.md#line-14
#[tokio::test]
async fn line_4_pending_expired_and_revoked_collaborators_do_not_read_the_history() {
    let world = acme().await;
    active(&world, LEA, "acme", "administrator").await;
    read(&world, LEA, "acme", "").await.expect(200);
    for twin in [
        Principal::user(LEA).with("sub", "another account"),
        Principal::user(LEA).with("iss", "https://another.issuer"),
    ] {
        let request = Request::new("GET", "/v1/scopes/acme/history");
        assert_eq!(world.send(&twin, request).await.outcome(), "404 scope-not-found");
    }
    revoke(&world, OWNER, ("acme", LEA)).await.expect(200);
    assert_eq!(read(&world, LEA, "acme", "").await.outcome(), "404 scope-not-found");
    for who in without_access(&world).await {
        for scope in ["acme", SUMMIT] {
            let answer = read(&world, &format!("{who}@example.org"), scope, "").await;
            assert_eq!(answer.outcome(), "404 scope-not-found", "{who}");
        }
    }
}

#[tokio::test]
async fn line_8_an_id_or_a_cursor_does_not_lead_into_the_history_of_another_client() {
    let world = acme().await;
    expo(&world, OWNER).await;
    invited(&world, LEA, "acme", "reader").await;
    let in_expo = invited(&world, LEA, "expo", "reader").await;
    // Odile reads both; each shows its own entries only.
    let of_lea = format!("collaborator={}", in_expo.text("/id"));
    assert_eq!(lines(&read(&world, OWNER, "acme", &of_lea).await.expect(200)), [""; 0]);
    assert_eq!(lines(&read(&world, OWNER, "expo", &of_lea).await.expect(200)).len(), 1);
    for (one, other) in [("acme", "expo"), ("expo", "acme")] {
        let page = read(&world, OWNER, one, "limit=1").await.expect(200);
        let cursor = format!("cursor={}", page.text("/nextCursor"));
        read(&world, OWNER, one, &cursor).await.expect(200);
        assert_eq!(read(&world, OWNER, other, &cursor).await.outcome(), "400 malformed");
    }
    let stranger = read(&world, EVE, "expo", &of_lea).await;
    assert_eq!(stranger.outcome(), "404 scope-not-found");
}

#[tokio::test]
async fn line_13_a_new_collaborator_with_the_same_address_does_not_read_the_history() {
    let world = acme().await;
    active(&world, LEA, TECH, "administrator").await;
    revoke(&world, OWNER, (TECH, LEA)).await.expect(200);
    world.wait(DAY);
    invited(&world, LEA, TECH, "observer").await;
    let new = Principal::user(LEA).with("sub", "a new account");
    world.send(&new, Request::new("POST", "/v1/scopes/acme/logins")).await.expect(200);
    let history = || Request::new("GET", "/v1/scopes/acme:tech/history");
    assert_eq!(world.send(&new, history()).await.outcome(), "403 forbidden");
    assert_eq!(world.send(&Principal::user(LEA), history()).await.outcome(), "404 scope-not-found");
    assert_eq!(history_lines(&world, OWNER, TECH).await.len(), 5);
}
