//! Lists by right, tables for spreadsheets, and answers that may be kept for a while.

use std::time::Duration;

use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Principal, Request, World};
use serde_json::{Value, json};

use crate::support::{
    EVE, LEA, MAX, OWNER, SUMMIT, acme, active, get, id_of, invite, invited, log_in, post, revoke,
};

async fn table(world: &World, target: &str, language: &str) -> String {
    let request = Request::new("GET", target).header("accept", "text/csv");
    let request = request.header("accept-language", language);
    let answer = world.send(&Principal::user(OWNER), request).await.expect(200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    answer.body.as_str().unwrap().to_owned()
}

fn emails(answer: &Answer) -> Vec<&str> {
    let rows = answer.body["collaborators"].as_array().unwrap().iter();
    rows.map(|row| row["email"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_list_is_filtered_by_right_end_delivery_and_login() {
    let world = acme().await;
    active(&world, EVE, SUMMIT, "administrator").await;
    let ends = json!({ "email": LEA, "role": "reader", "expiresAt": "2027-03-20T12:00:00Z" });
    invite(&world, OWNER, SUMMIT, &ends).await.expect(201);
    log_in(&world, LEA).await;
    world.wait(DAY * 90);
    invited(&world, MAX, SUMMIT, "reader").await;
    log_in(&world, EVE).await;
    let list = async |query: &str| {
        let answer =
            get(&world, OWNER, &format!("/v1/scopes/{SUMMIT}/collaborators?{query}")).await;
        answer.expect(200)
    };
    assert_eq!(emails(&list("permission=access:manage").await), [EVE, OWNER]);
    assert_eq!(emails(&list("permission=content:view").await), [EVE, LEA, OWNER]);
    assert_eq!(emails(&list("dormant=true").await), [LEA, OWNER]);
    assert_eq!(emails(&list("inactiveSince=2026-11-01T00:00:00Z").await), Vec::<&str>::new());
    assert_eq!(emails(&list("expiresBefore=2027-03-21T00:00:00Z").await), [LEA]);
    assert_eq!(emails(&list("delivery=queued").await), [MAX]);
    assert_eq!(emails(&list("sort=name").await), [EVE, LEA, MAX, OWNER]);
    for bad in
        ["permission=everything", "dormant=yes", "expiresBefore=soon", "delivery=lost", "sort=age"]
    {
        let target = format!("/v1/scopes/{SUMMIT}/collaborators?{bad}");
        assert_eq!(get(&world, OWNER, &target).await.outcome(), "400 malformed", "{bad}");
    }
}

#[tokio::test]
async fn a_list_as_csv_has_every_row_that_the_filters_let_through() {
    let world = acme().await;
    let formula = json!({ "email": "=cmd@example.org", "role": "reader", "name": "=1+1" });
    invite(&world, OWNER, SUMMIT, &formula).await.expect(201);
    active(&world, LEA, SUMMIT, "manager").await;
    let target = format!("/v1/scopes/{SUMMIT}/collaborators?limit=1");
    let french = table(&world, &target, "fr").await;
    let lines: Vec<&str> = french.trim_start_matches('\u{feff}').lines().collect();
    assert!(french.starts_with('\u{feff}') && french.ends_with("\r\n"));
    assert_eq!(
        lines[0],
        "id;email;name;status;role;grants;permissions;lastLoginAt;expiresAt;invitationSentAt;invitationExpiresAt;delivery"
    );
    assert_eq!(lines.len(), 4, "all pages");
    let of = |email: &str| {
        lines.iter().find(|line| line.contains(email)).unwrap().split(';').collect::<Vec<_>>()
    };
    assert_eq!(
        of("=cmd")[1..6],
        ["'=cmd@example.org", "'=1+1", "pending", "reader", "acme:tech:summit=reader"]
    );
    let lea = of(LEA);
    assert_eq!(
        (lea[0], lea[3], lea[7]),
        (&*id_of(&world, LEA), "active", "2026-11-22T12:00:00.000Z")
    );
    let english = table(&world, &format!("{target}&status=active&q=lea"), "en").await;
    assert_eq!(english.lines().count(), 2);
    assert!(english.lines().next().unwrap().contains("id,email,name"));
    let stranger = Request::new("GET", &target).header("accept", "text/csv");
    let refused = world.send(&Principal::user(LEA), stranger).await;
    assert_eq!(refused.outcome(), "403 forbidden");
}

#[tokio::test]
async fn the_history_is_filtered_by_time_kind_and_author_and_returned_as_csv() {
    let world = acme().await;
    active(&world, EVE, SUMMIT, "administrator").await;
    world.wait(DAY);
    invite(&world, EVE, SUMMIT, &json!({ "email": LEA, "role": "reader" })).await.expect(201);
    world.wait(DAY);
    revoke(&world, OWNER, (SUMMIT, LEA)).await.expect(200);
    let history = async |query: &str| {
        let target = format!("/v1/scopes/{SUMMIT}/history?{query}");
        let answer = get(&world, OWNER, &target).await.expect(200);
        let entries = answer.body["entries"].as_array().unwrap().clone();
        let summary = |entry: &Value| {
            format!(
                "{} {}",
                entry["action"].as_str().unwrap(),
                entry["collaborator"]["email"].as_str().unwrap()
            )
        };
        entries.iter().map(summary).collect::<Vec<_>>()
    };
    let (revoked, asked) = (format!("revoked {LEA}"), format!("invited {LEA}"));
    assert_eq!(history("actor=EVE@example.org&action=invited").await, [asked.as_str()]);
    assert_eq!(history("from=2026-11-23T12:00:00Z").await, [revoked.as_str(), asked.as_str()]);
    assert_eq!(
        history("from=2026-11-23T12:00:00Z&until=2026-11-24T12:00:00Z").await,
        [asked.as_str()]
    );
    assert_eq!(history("action=revoked").await, [revoked.as_str()]);
    assert_eq!(history("action=erased").await, Vec::<String>::new());
    for bad in ["from=yesterday", "action=deleted", "actor=eve"] {
        let target = format!("/v1/scopes/{SUMMIT}/history?{bad}");
        assert_eq!(get(&world, OWNER, &target).await.outcome(), "400 malformed", "{bad}");
    }
    let csv = table(
        &world,
        &format!("/v1/scopes/{SUMMIT}/history?limit=1&from=2026-11-23T12:00:00Z"),
        "en",
    )
    .await;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with("\u{feff}id,at,action,actorEmail,actorName,actorClient,collaborator,email,name,scope,roleBefore"));
    assert!(
        lines[1].contains(",2026-11-24T12:00:00.000Z,revoked,owner@acme.test,Odile,,"),
        "{}",
        lines[1]
    );
    assert!(lines[1].contains(",acme:tech:summit,reader,pending,,,,,"), "{}", lines[1]);
}

#[tokio::test]
async fn the_history_of_a_scope_as_csv_has_all_entries_after_the_audit_has_indexed_them() {
    let world = acme().await;
    for number in 0..120 {
        world.wait(Duration::from_secs(1));
        let body = json!({ "email": format!("p{number}@example.org"), "role": "reader" });
        invite(&world, OWNER, SUMMIT, &body).await.expect(201);
    }
    let target = format!("/v1/scopes/{SUMMIT}/history");
    let before = table(&world, &target, "en").await;
    world.wait(DAY);
    world.audit().await;
    assert!(world.item("acme", "#").await.contains_key("indexed"));
    assert_eq!(table(&world, &target, "en").await, before);
    assert_eq!(before.lines().count(), 121);
}

#[tokio::test]
async fn a_check_says_how_long_its_answer_holds_and_on_which_version_it_rests() {
    let world = acme().await;
    let ends = json!({ "email": LEA, "role": "reader", "expiresAt": "2026-12-24T12:00:00Z" });
    let id = invite(&world, OWNER, SUMMIT, &ends).await.expect(201).text("/id").to_owned();
    log_in(&world, LEA).await;
    let version = get(&world, OWNER, &format!("/v1/scopes/{SUMMIT}/collaborators/{id}")).await.body
        ["version"]
        .clone();
    let check = json!({ "checks": [
        { "scope": SUMMIT, "permission": "content:view" },
        { "scope": SUMMIT, "permission": "content:manage" },
        { "scope": SUMMIT, "permission": "content:view", "email": OWNER },
    ] });
    let answer = post(&world, &Principal::user(LEA), "/v1/checks", &check).await.expect(200);
    let result = |index: usize| answer.body["results"][index].clone();
    assert_eq!(
        (&result(0)["allowed"], &result(0)["validUntil"], &result(0)["version"]),
        (&json!(true), &json!("2026-12-24T12:00:00.000Z"), &version)
    );
    assert_eq!(
        (&result(1)["allowed"], &result(1)["validUntil"], &result(1)["version"]),
        (&json!(false), &Value::Null, &version)
    );
    assert_eq!(
        (&result(2)["allowed"], &result(2)["version"]),
        (&json!(false), &Value::Null),
        "a reader cannot ask about others"
    );
}

#[tokio::test]
async fn the_own_access_is_not_sent_again_while_it_is_the_same() {
    let world = acme().await;
    active(&world, LEA, SUMMIT, "reader").await;
    let first = get(&world, LEA, "/v1/me/access").await.expect(200);
    let ask = async |tags: &str| {
        let request = Request::new("GET", "/v1/me/access").header("if-none-match", tags);
        world.send(&Principal::user(LEA), request).await
    };
    for tags in [first.etag(), &format!("\"other\", W/{}", first.etag())] {
        let same = ask(tags).await.expect(304);
        assert_eq!((same.etag(), &same.body), (first.etag(), &Value::Null));
    }
    active(&world, LEA, "acme:rh", "observer").await;
    let changed = ask(first.etag()).await.expect(200);
    assert_ne!(changed.etag(), first.etag());
}
