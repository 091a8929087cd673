//! Filters, sort orders and pages of the list of collaborators.

use std::{collections::BTreeMap, time::Duration};

use coulisses_domain::time::DAY;
use coulisses_tests::World;
use serde_json::{Value, json};

use crate::support::{OWNER, acme, acme_with, get, invite, invited, log_in, revoke};

const LIST: &str = "/v1/scopes/acme:tech/collaborators";

async fn team() -> World {
    let world = acme_with(&json!({ "seatLimit": 9 })).await;
    for (scope, email, role, name) in [
        ("acme:tech", "expired@example.org", "manager", "Noé"),
        ("acme:tech:summit", "below@example.org", "observer", "Zoé"),
    ] {
        let body = json!({ "email": email, "role": role, "name": name });
        invite(&world, OWNER, scope, &body).await.expect(201);
    }
    world.wait(DAY * 15);
    for (scope, email, role, name, end) in [
        ("acme:tech", "anna@example.org", "reader", "Zita", Some("2027-03-01T00:00:00Z")),
        ("acme", "Bruno@example.org", "manager", "Bruno", Some("2027-02-01T00:00:00Z")),
        ("acme:tech", "carla@bücher.example", "reader", "Carla Élise", None),
        ("acme:tech", "dora@example.org", "administrator", "Dora", Some("2027-04-01T00:00:00Z")),
    ] {
        let body = json!({ "email": email, "role": role, "name": name, "expiresAt": end });
        invite(&world, OWNER, scope, &body).await.expect(201);
    }
    invited(&world, "bruno@example.org", "acme:tech", "reader").await;
    for email in ["anna@example.org", "dora@example.org", "bruno@example.org"] {
        world.wait(Duration::from_mins(1));
        log_in(&world, email).await;
    }
    world
}

fn emails(body: &Value) -> Vec<&str> {
    let rows = body["collaborators"].as_array().unwrap().iter();
    rows.map(|row| row["email"].as_str().unwrap().split('@').next().unwrap()).collect()
}

#[tokio::test]
async fn each_filter_keeps_only_what_it_names() {
    let world = team().await;
    for (query, expected) in [
        ("", "anna Bruno carla dora expired owner"),
        ("?below=true", "anna below Bruno carla dora expired owner"),
        ("?below=false", "anna Bruno carla dora expired owner"),
        ("?status=active", "anna Bruno dora owner"),
        ("?status=pending", "carla"),
        ("?status=expired", "expired"),
        ("?status=expired&below=true", "below expired"),
        ("?role=reader", "anna Bruno carla"),
        ("?role=manager", "Bruno expired"),
        ("?role=owner", "owner"),
        ("?role=observer", ""),
        ("?role=observer&below=true", "below"),
        ("?inherited=true", "owner"),
        ("?inherited=false", "anna Bruno carla dora expired"),
        ("?q=BRUNO", "Bruno"),
        ("?q=%C3%A9lise", "carla"),
        ("?q=b%C3%BCcher", "carla"),
        ("?q=xn--", "carla"),
        ("?q=example.org&status=active", "anna Bruno dora"),
        ("?q=%20", "anna Bruno carla dora expired owner"),
        ("?q=nobody", ""),
        ("?sort=email", "anna Bruno carla dora expired owner"),
        ("?sort=-email", "owner expired dora carla Bruno anna"),
        ("?sort=-email&below=true", "owner expired dora carla Bruno below anna"),
        ("?sort=name", "Bruno carla dora expired owner anna"),
        ("?sort=-name", "anna owner expired dora carla Bruno"),
        ("?sort=lastLoginAt&status=active", "Bruno dora anna owner"),
        ("?sort=-lastLoginAt&status=active", "owner anna dora Bruno"),
        ("?sort=expiresAt&status=active", "Bruno anna dora owner"),
        ("?sort=-expiresAt&status=active", "dora anna Bruno owner"),
        ("?role=reader&inherited=false&status=active&q=example", "anna Bruno"),
    ] {
        let list = get(&world, OWNER, &format!("{LIST}{query}")).await.expect(200);
        assert_eq!(emails(&list.body).join(" "), expected, "{query}");
        assert_eq!(list.body["nextCursor"], Value::Null, "{query}");
        assert_eq!(list.body["seats"], json!({ "limit": 9, "used": 7 }), "{query}");
    }
}

#[tokio::test]
async fn an_unknown_or_malformed_query_is_refused() {
    let world = team().await;
    let queries = "status=gone status=Active role=King inherited=yes inherited= below=1 sort=status \
                   sort=--email sort=- limit=0 limit=1001 limit=-1 limit=ten cursor= cursor=nonsense \
                   cursor=e30 limit=1&limit=2 page=2";
    for query in queries.split(' ') {
        let refused = get(&world, OWNER, &format!("{LIST}?{query}")).await;
        assert_eq!(refused.outcome(), "400 malformed", "{query}");
    }
    for limit in ["limit=1", "limit=1000"] {
        get(&world, OWNER, &format!("{LIST}?{limit}")).await.expect(200);
    }
}

#[tokio::test]
async fn pages_of_any_size_show_everyone_once_and_in_order() {
    let world = team().await;
    for filter in [
        "below=true",
        "sort=-email",
        "sort=-name",
        "sort=lastLoginAt&below=true",
        "sort=-lastLoginAt&below=true",
        "sort=expiresAt",
        "sort=-expiresAt",
        "status=active",
        "role=reader",
    ] {
        let all = get(&world, OWNER, &format!("{LIST}?{filter}")).await.expect(200);
        let all = emails(&all.body);
        for limit in 1..=all.len() + 1 {
            let mut shown = Vec::new();
            let mut next = String::new();
            loop {
                let page = format!("{LIST}?{filter}&limit={limit}{next}");
                let page = get(&world, OWNER, &page).await.expect(200);
                let rows = emails(&page.body);
                assert!(rows.len() <= limit && !rows.is_empty(), "{filter} {limit}");
                shown.extend(rows.into_iter().map(ToOwned::to_owned));
                let Some(cursor) = page.body["nextCursor"].as_str() else { break };
                next = format!("&cursor={cursor}");
            }
            assert_eq!(shown, all, "{filter} by {limit}");
        }
    }
}

/// The people of a page stop matching the filter, because the caller handles them: revokes them, or gives them a role.
#[tokio::test]
async fn everyone_who_matches_throughout_appears_once_when_each_page_is_handled() {
    let world = acme_with(&json!({ "seatLimit": 30 })).await;
    for number in 0..20 {
        let body = json!({ "email": format!("p{number}@example.org"), "role": "reader" });
        invite(&world, OWNER, "acme:tech", &body).await.expect(201);
    }
    let (mut handled, mut next) = (0, String::new());
    loop {
        let page = format!("{LIST}?status=pending&limit=5{next}");
        let page = get(&world, OWNER, &page).await.expect(200);
        for row in page.body["collaborators"].as_array().unwrap() {
            revoke(&world, OWNER, ("acme:tech", row["email"].as_str().unwrap())).await.expect(200);
            handled += 1;
        }
        let Some(cursor) = page.body["nextCursor"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    assert_eq!(handled, 20);
}

#[tokio::test]
async fn a_cursor_is_refused_for_another_scope_order_or_filter_and_names_no_one() {
    let world = team().await;
    let first = get(&world, OWNER, &format!("{LIST}?limit=1&q=example")).await.expect(200);
    let cursor = first.text("/nextCursor");
    get(&world, OWNER, &format!("{LIST}?limit=2&q=example&cursor={cursor}")).await.expect(200);
    for other in [
        format!("{LIST}?q=org&cursor={cursor}"),
        format!("{LIST}?cursor={cursor}"),
        format!("{LIST}?q=example&sort=lastLoginAt&cursor={cursor}"),
        format!("{LIST}?q=example&sort=-email&cursor={cursor}"),
        format!("{LIST}?q=example&sort=expiresAt&cursor={cursor}"),
        format!("{LIST}?q=example&below=true&cursor={cursor}"),
        format!("/v1/scopes/acme/collaborators?q=example&cursor={cursor}"),
    ] {
        assert_eq!(get(&world, OWNER, &other).await.outcome(), "400 malformed", "{other}");
    }
    let first = get(&world, OWNER, &format!("{LIST}?limit=1&sort=expiresAt")).await.expect(200);
    let reversed = format!("{LIST}?sort=-expiresAt&cursor={}", first.text("/nextCursor"));
    assert_eq!(get(&world, OWNER, &reversed).await.outcome(), "400 malformed");
}

#[tokio::test]
async fn a_removal_between_two_pages_hides_and_repeats_no_one() {
    for sort in ["email", "lastLoginAt", "-email"] {
        for gone in 0..6_usize {
            let world = acme().await;
            for number in 0..6 {
                let email = format!("p{number}@example.org");
                let body = json!({ "email": email, "role": "reader" });
                invite(&world, OWNER, "acme:tech", &body).await.expect(201);
            }
            let target = format!("{LIST}?sort={sort}&limit=3&inherited=false");
            let first = get(&world, OWNER, &target).await.expect(200);
            let whole = get(&world, OWNER, &format!("{LIST}?sort={sort}&inherited=false")).await;
            let email = whole.text(&format!("/collaborators/{gone}/email")).to_owned();
            revoke(&world, OWNER, ("acme:tech", &email)).await.expect(200);
            let cursor = first.text("/nextCursor");
            let second = get(&world, OWNER, &format!("{target}&cursor={cursor}")).await.expect(200);
            let mut times: BTreeMap<&str, u8> = BTreeMap::new();
            for email in emails(&first.body).into_iter().chain(emails(&second.body)) {
                *times.entry(email).or_default() += 1;
            }
            let expected = emails(&whole.body);
            let left = expected.iter().enumerate().filter(|(index, _)| *index != gone || gone < 3);
            let left: BTreeMap<&str, u8> = left.map(|(_, email)| (*email, 1)).collect();
            assert_eq!(times, left, "{sort}, without the one at {gone}");
        }
    }
}
