//! What the audit sweeps, counts and reports, and `GET /v1/scopes/{scope}/seats`.

use coulisses_domain::time::DAY;
use coulisses_tests::{Principal, World};
use serde_json::{Value, json};

use crate::{
    invite_seats::set_limit,
    support::{
        LEA, MAX, MEETUP, OWNER, SUMMIT, TECH, acme, acme_with, active, assign, get, history,
        id_of, invite, invited, log_in, post, put_scope, resend, revoke, seats, seen,
    },
};

const SEATS: &str = "/v1/scopes/acme/seats";

async fn observer(world: &World, email: &str) {
    invited(world, email, TECH, "observer").await;
}

/// Grants access for some days.
async fn until(world: &World, (scope, email): (&str, &str), days: u32) {
    let end = world.now().after(DAY * days).to_string();
    let body = json!({ "email": email, "role": "observer", "expiresAt": end });
    invite(world, OWNER, scope, &body).await.expect(201);
}

/// The seats as the owner sees them.
async fn shown(world: &World) -> Value {
    get(world, OWNER, SEATS).await.expect(200).body
}

#[tokio::test]
async fn the_seats_are_shown_with_their_use_and_the_last_audit() {
    let world = acme_with(&json!({ "seatLimit": 5 })).await;
    active(&world, LEA, TECH, "observer").await;
    observer(&world, MAX).await;
    let team = |scope: &str, active: u32, pending: u32| {
        let scope = json!(scope);
        json!({ "scope": scope, "active": active, "pending": pending })
    };
    let expected = json!({
        "limit": 5, "used": 3, "active": 2, "pending": 1,
        "waiting": 0, "promised": 0, "declined": 0, "renewalsRequested": 0,
        "teams": [team("acme", 1, 0), team(TECH, 1, 1)], "lastAudit": null,
    });
    assert_eq!(shown(&world).await, expected);
    world.audit().await;
    for path in ["/v1/scopes/acme:tech/seats", "/v1/scopes/ACME/seats"] {
        assert_eq!(get(&world, OWNER, path).await.outcome(), "422 invalid-scope");
    }
    let audit = json!({
        "at": "2026-11-22T12:00:00.000Z", "counted": 3, "drift": 0, "repaired": 0,
        "expiredInvitations": 0, "expiredGrants": 0,
        "overLimit": false, "dormant": 0, "undeliverable": 0,
    });
    assert_eq!(shown(&world).await["lastAudit"], audit);
    world.wait(DAY * 14);
    log_in(&world, OWNER).await;
    let unswept = shown(&world).await;
    assert_eq!(unswept["used"], 3, "until it is swept");
    assert_eq!((&unswept["active"], &unswept["pending"]), (&json!(2), &json!(0)));
    world.audit().await;
    let swept = shown(&world).await;
    assert_eq!((&swept["used"], &swept["lastAudit"]["counted"]), (&json!(2), &json!(2)));
    assert_eq!(swept["lastAudit"]["at"], "2026-12-06T12:00:00.000Z");
    assert_eq!(swept["lastAudit"]["expiredInvitations"], 1);
}

#[tokio::test]
async fn the_report_counts_the_team_of_each_scope_by_grants_on_the_scope_itself() {
    let world = acme().await;
    active(&world, LEA, "acme", "reader").await;
    active(&world, MAX, SUMMIT, "observer").await;
    invited(&world, MAX, TECH, "reader").await;
    until(&world, (MEETUP, MAX), 3).await;
    invited(&world, "pending@example.org", SUMMIT, "reader").await;
    let id = active(&world, "suspended@example.org", SUMMIT, "reader").await.text("/id").to_owned();
    invited(&world, "suspended@example.org", "acme:rh", "reader").await;
    let suspend = format!("/v1/scopes/acme/collaborators/{id}/suspension");
    post(&world, &Principal::user(OWNER), &suspend, &json!({})).await.expect(200);
    let teams = async || {
        let teams = shown(&world).await["teams"].clone();
        let of = |it: &Value| format!("{} {} {}", it["scope"], it["active"], it["pending"]);
        teams.as_array().unwrap().iter().map(of).collect::<Vec<_>>().join(", ").replace('"', "")
    };
    let there = "acme 2 0, acme:rh 0 0, acme:tech 1 0";
    assert_eq!(teams().await, format!("{there}, {MEETUP} 1 0, {SUMMIT} 1 1"));
    world.wait(DAY * 3);
    assert_eq!(
        teams().await,
        format!("{there}, {SUMMIT} 1 1"),
        "the grant at the meetup has ended"
    );
}

#[tokio::test]
async fn revoked_or_expired_collaborators_have_no_seat() {
    let world = acme_with(&json!({ "seatLimit": 4 })).await;
    active(&world, "gone@example.org", TECH, "observer").await;
    revoke(&world, OWNER, (TECH, "gone@example.org")).await.expect(200);
    until(&world, (TECH, LEA), 3).await;
    log_in(&world, LEA).await;
    observer(&world, MAX).await;
    until(&world, (TECH, "nina@example.org"), 3).await;
    assert_eq!(seats(&world).await, json!([4, 4]));
    world.wait(DAY * 14);
    world.audit().await;
    assert_eq!(seats(&world).await, json!([4, 1]), "the owner's");
    let audit = shown(&world).await["lastAudit"].clone();
    assert_eq!((&audit["expiredInvitations"], &audit["expiredGrants"]), (&json!(1), &json!(2)));
    assert_eq!(seen(&world, "acme", LEA).await.outcome(), "404 collaborator-not-found");
    let expected = "access-expired by system: acme:tech observer expired > -";
    assert_eq!(history(&world, LEA).await.last().unwrap(), expected);
    let expected = "invitation-expired by system: acme:tech observer expired > observer expired";
    assert_eq!(history(&world, MAX).await.last().unwrap(), expected);
}

#[tokio::test]
async fn the_sweep_of_an_ended_grant_leaves_the_others() {
    let world = acme().await;
    active(&world, LEA, MEETUP, "manager").await;
    until(&world, (SUMMIT, LEA), 3).await;
    until(&world, ("acme:rh", LEA), 9).await;
    world.wait(DAY * 3);
    world.audit().await;
    let lea = seen(&world, "acme", LEA).await.expect(200);
    let scopes: Vec<&str> = lea.body["grants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["scope"].as_str().unwrap())
        .collect();
    assert_eq!(scopes, ["acme:rh", MEETUP]);
    assert_eq!(lea.text("/status"), "active");
    assert_eq!(seats(&world).await, json!([null, 2]));
    let expected = "access-expired by system: acme:tech:summit observer expired > -";
    assert_eq!(history(&world, LEA).await.last().unwrap(), expected);
    get(&world, LEA, "/v1/scopes/acme:tech:meetup").await.expect(200);
    let gone = get(&world, LEA, "/v1/scopes/acme:tech:summit").await;
    assert_eq!(gone.outcome(), "404 scope-not-found");
    until(&world, (SUMMIT, LEA), 3).await;
}

#[tokio::test]
async fn an_expired_invitation_is_shown_as_expired_for_thirty_days() {
    let world = acme().await;
    observer(&world, LEA).await;
    world.wait(DAY * 14);
    world.audit().await;
    for days in [0, 29] {
        world.wait(DAY * days);
        let list = get(&world, OWNER, "/v1/scopes/acme:tech/collaborators?status=expired").await;
        assert_eq!(list.text("/collaborators/0/email"), LEA, "{days}");
        world.audit().await;
    }
    world.wait(DAY);
    let list = get(&world, OWNER, "/v1/scopes/acme:tech/collaborators?status=expired").await;
    assert_eq!(list.body["collaborators"], json!([]));
}

/// sentry 16533: "a resent expired invitation stays expired".
#[tokio::test]
async fn an_expired_invitation_that_was_swept_is_pending_again_once_it_is_resent() {
    let world = acme().await;
    observer(&world, LEA).await;
    world.wait(DAY * 14);
    world.audit().await;
    assert_eq!(seats(&world).await, json!([null, 1]));
    resend(&world, &Principal::user(OWNER), (TECH, LEA)).await.expect(202);
    world.wait(DAY);
    world.audit().await;
    assert_eq!(seen(&world, "acme", LEA).await.text("/status"), "pending");
    assert_eq!(seats(&world).await, json!([null, 2]));
    log_in(&world, LEA).await;
    get(&world, LEA, "/v1/scopes/acme:tech").await.expect(200);
}

#[tokio::test]
async fn a_swept_collaborator_can_be_invited_again() {
    let world = acme().await;
    observer(&world, LEA).await;
    until(&world, (TECH, MAX), 3).await;
    log_in(&world, MAX).await;
    world.wait(DAY * 14);
    world.audit().await;
    for email in [LEA, MAX] {
        observer(&world, email).await;
        log_in(&world, email).await;
        get(&world, email, "/v1/scopes/acme:tech").await.expect(200);
    }
    assert_eq!(seats(&world).await, json!([null, 3]));
}

#[tokio::test]
async fn one_audit_sweeps_all_expired_invitations() {
    let world = acme().await;
    for number in 0..45 {
        observer(&world, &format!("p{number}@example.org")).await;
    }
    world.wait(DAY * 14);
    drop(world.trips());
    world.audit().await;
    let sweeps = world.trips().into_iter().filter(|trip| trip.operation == "TransactWriteItems");
    assert_eq!(sweeps.count(), 3, "of 40, of 5, and the digest of the inviter");
    assert_eq!(seats(&world).await, json!([null, 1]));
    assert_eq!(shown(&world).await["lastAudit"]["expiredInvitations"], 45);
}

#[tokio::test]
async fn an_owner_whose_invitation_expired_keeps_the_seat() {
    let world = World::new().await;
    let client = json!({
        "name": "Acme", "seatLimit": 1, "granting": "administrators", "owner": { "email": OWNER },
    });
    put_scope(&world, "acme", &client).await.expect(201);
    world.wait(DAY * 60);
    world.audit().await;
    assert_eq!(seats(&world).await, json!([1, 1]));
    resend(&world, &Principal::platform(), ("acme", OWNER)).await.expect(202);
    log_in(&world, OWNER).await;
    assert_eq!(shown(&world).await["active"], 1);
}

#[tokio::test]
async fn a_client_over_its_limit_and_dormant_collaborators_are_reported_and_not_removed() {
    let world = acme_with(&json!({ "seatLimit": 3 })).await;
    active(&world, LEA, TECH, "observer").await;
    active(&world, MAX, TECH, "administrator").await;
    set_limit(&world, 1).await;
    world.wait(DAY * 90);
    log_in(&world, OWNER).await;
    world.audit().await;
    let audit = shown(&world).await["lastAudit"].clone();
    assert_eq!(
        (&audit["overLimit"], &audit["dormant"], &audit["counted"]),
        (&json!(true), &json!(2), &json!(3))
    );
    for email in [LEA, MAX] {
        assert_eq!(seen(&world, "acme", email).await.text("/status"), "active");
    }
}

#[tokio::test]
async fn a_second_audit_of_a_day_counts_again_and_adds_to_the_totals() {
    let world = acme().await;
    until(&world, (TECH, LEA), 1).await;
    until(&world, (TECH, MAX), 1).await;
    assign(
        &world,
        OWNER,
        (TECH, MAX),
        &json!({ "role": "reader", "expiresAt": "2026-11-23T18:00:00Z" }),
    )
    .await
    .expect(200);
    world.wait(DAY);
    assert_eq!(world.audit().await.audited, 1);
    world.wait(DAY / 4);
    assert_eq!(world.audit().await.audited, 0, "once a day by schedule");
    assert_eq!(shown(&world).await["lastAudit"]["expiredGrants"], 1);
    assert_eq!(world.audit_client("acme").await.audited, 1, "and on demand");
    let audit = shown(&world).await["lastAudit"].clone();
    assert_eq!((&audit["expiredGrants"], &audit["counted"]), (&json!(2), &json!(1)));
    assert_eq!(audit["at"], "2026-11-23T18:00:00.000Z");
    world.audit_client("acme").await;
    assert_eq!(shown(&world).await["lastAudit"], audit, "a repeated audit changes nothing");
}

#[tokio::test]
async fn the_metrics_of_an_audit_name_no_collaborator_or_client() {
    let world = acme().await;
    active(&world, LEA, TECH, "observer").await;
    observer(&world, MAX).await;
    world.wait(DAY * 90);
    log_in(&world, OWNER).await;
    drop(world.metrics());
    world.audit().await;
    let lines = world.metrics();
    let [line] = lines.as_slice() else { panic!("one line: {lines:?}") };
    assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Namespace"], "Coulisses");
    assert_eq!(line["function"], "audit-seats");
    let expected = json!({
        "ClientsAudited": 1, "ClientsFailed": 0, "ClientsLeft": 0, "Drift": 0, "Repaired": 0,
        "ExpiredInvitations": 1, "ExpiredGrants": 0, "OverLimit": 0, "Dormant": 1, "Undeliverable": 0,
    });
    for (name, count) in expected.as_object().unwrap() {
        assert_eq!(&line[name], count, "{name}");
    }
    let named = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
    assert_eq!(named.len(), expected.as_object().unwrap().len());
    let text = line.to_string();
    assert!(!text.contains('@') && !text.contains(&id_of(&world, LEA)) && !text.contains("acme"));
    world.audit().await;
    assert!(world.metrics().is_empty(), "an audit that does nothing writes no metrics");
}
