//! Access ends with its event, wherever it is asked about, and moves with it.

use coulisses_checks::{Checks, Clock, Email, IdKey, Permission, Person, ScopeId};
use coulisses_domain::time::{DAY, Timestamp};
use coulisses_tests::{Answer, ID_KEY, Principal, Request, TABLE, World};
use serde_json::{Value, json};

use crate::{
    check::{about, own},
    support::{
        LEA, MAX, MEETUP, OWNER, SUMMIT, TECH, accept, acme_with, active, assign, get, invite,
        invited, last_event, log_in, named, post, put_scope, seats, seen, token_of,
    },
    transfer::version_of,
};

/// Writes the summit with this end, and so many days of its own.
async fn end_summit(world: &World, end: Timestamp, days: Option<u16>) -> Answer {
    let body = json!({
        "name": "Summit 2027", "kind": "event", "endsAt": end.to_string(),
        "accessEndsAfterDays": days,
    });
    put_scope(world, SUMMIT, &body).await.expect(200)
}

/// Access to events of `acme` ends 30 days after them; the summit ends now. Léa reads it.
async fn acme() -> World {
    let world = acme_with(&json!({ "accessEndsAfterDays": 30 })).await;
    active(&world, LEA, SUMMIT, "reader").await;
    end_summit(&world, world.now(), None).await;
    world
}

async fn archive(world: &World, who: &Principal, method: &'static str, version: &str) -> Answer {
    let target = format!("/v1/scopes/{SUMMIT}/archive");
    world.send(who, Request::new(method, &target).if_match(version)).await
}

/// Whether Léa may view the contacts of the summit, by each way to ask.
async fn answers(world: &World) -> Vec<(&'static str, bool)> {
    let (lea, platform) = (Principal::user(LEA), Principal::platform());
    let now = world.now();
    let sdk = world.sdk_config();
    let library = Checks::open(&sdk, TABLE.to_owned(), IdKey::new(ID_KEY).unwrap());
    let library = library.with_clock(Clock::new(move || now));
    let person = Person { email: Email::parse(LEA).unwrap(), account: None };
    let at = ScopeId::parse(SUMMIT).unwrap();
    let library = library.check(&person, &at, Permission::ContactsView).await.unwrap();
    let access = get(world, LEA, "/v1/me/access").await.expect(200).body;
    let row = seen(world, SUMMIT, LEA).await.expect(200).body;
    let list = format!("/v1/scopes/{SUMMIT}/collaborators?permission=contacts:view");
    let list = get(world, OWNER, &list).await.expect(200).body;
    let listed = list["collaborators"].as_array().unwrap().iter().any(|it| it["email"] == LEA);
    let evaluation = json!({
        "subject": { "type": "user", "id": LEA }, "action": { "name": "contacts:view" },
        "resource": { "type": "event", "id": SUMMIT },
    });
    let search = async |what: &str, body: &Value, found: &str| {
        let target = format!("/access/v1/search/{what}");
        let answer = post(world, &platform, &target, body).await.expect(200).body;
        answer["results"]
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["id"] == found || it["name"] == found)
    };
    let decided = post(world, &platform, "/access/v1/evaluation", &evaluation).await.expect(200);
    let login = log_in(world, LEA).await.expect(200).body;
    vec![
        ("a check", own(world, &lea, SUMMIT, "contacts:view").await != "no"),
        (
            "a check about her",
            about(world, &platform, LEA, (SUMMIT, "contacts:view")).await != "no",
        ),
        ("the library", library.is_allowed()),
        ("her own access", !access["access"].as_array().unwrap().is_empty()),
        ("her row", row["permissions"] != json!([])),
        ("her status", row["status"] == "active"),
        ("the list", listed),
        ("an evaluation", decided.body["decision"] == true),
        ("a search for people", search("subject", &evaluation, LEA).await),
        ("a search for events", search("resource", &evaluation, SUMMIT).await),
        ("a search for permissions", search("action", &evaluation, "contacts:view").await),
        ("her login", login["scopes"] != json!([])),
    ]
}

async fn all_answer(world: &World, expected: bool) {
    for (way, allowed) in answers(world).await {
        assert_eq!(allowed, expected, "{way}");
    }
}

#[tokio::test]
async fn access_ends_thirty_days_after_the_event_and_a_put_moves_the_end() {
    let world = acme().await;
    world.wait(DAY * 29);
    all_answer(&world, true).await;
    world.wait(DAY * 2);
    all_answer(&world, false).await;
    assert_eq!(seen(&world, SUMMIT, LEA).await.body["status"], "expired");
    let moved = end_summit(&world, world.now().after(DAY * 60), None).await;
    assert_eq!(moved.text("/accessEndsAt"), world.now().after(DAY * 90).to_string());
    all_answer(&world, true).await;
}

#[tokio::test]
async fn a_list_shows_the_end_of_each_grant_and_a_check_how_long_it_is_valid() {
    let world = acme().await;
    let end = world.now().after(DAY * 30).to_string();
    let row = seen(&world, SUMMIT, LEA).await.expect(200).body;
    assert_eq!(row["grants"][0]["expiresAt"], Value::Null);
    assert_eq!(row["grants"][0]["endsAt"], json!(end));
    let checks = json!({ "checks": [{ "scope": SUMMIT, "permission": "contacts:view" }] });
    let answer = post(&world, &Principal::user(LEA), "/v1/checks", &checks).await.expect(200);
    assert_eq!(answer.body["results"][0]["validUntil"], json!(end));
    let soon = format!(
        "/v1/scopes/acme/collaborators?below=true&expiresBefore={}",
        world.now().after(DAY * 31)
    );
    let listed = get(&world, OWNER, &soon).await.expect(200).body;
    assert_eq!(listed["collaborators"][0]["email"], LEA);
    let own = seen(&world, SUMMIT, OWNER).await.expect(200).body;
    assert_eq!(own["grants"][0]["endsAt"], Value::Null, "grants above the event stay");
}

#[tokio::test]
async fn days_are_those_of_the_events_time_zone_or_else_of_the_clients() {
    let world = acme_with(&json!({ "accessEndsAfterDays": 30, "timeZone": "Europe/Paris" })).await;
    let body = |zone: Value| {
        json!({
            "name": "Summit 2027", "kind": "event", "endsAt": "2027-03-20T18:00:00+01:00",
            "timeZone": zone,
        })
    };
    for (zone, end) in [
        (Value::Null, "2027-04-19T16:00:00.000Z"),
        (json!("UTC"), "2027-04-19T17:00:00.000Z"),
        (json!("America/New_York"), "2027-04-19T17:00:00.000Z"),
    ] {
        let written = put_scope(&world, SUMMIT, &body(zone.clone())).await.expect(200);
        assert_eq!(written.text("/accessEndsAt"), end, "{zone}");
    }
}

#[tokio::test]
async fn moving_an_event_writes_one_item_whatever_the_size_of_its_team() {
    let world = acme().await;
    for number in 0..20 {
        invited(&world, &format!("p{number}@example.org"), SUMMIT, "reader").await;
    }
    drop(world.trips());
    end_summit(&world, world.now().after(DAY), None).await;
    let trips = world.trips();
    let writes: Vec<&str> = trips
        .iter()
        .filter_map(|trip| trip.request["TransactItems"].as_array())
        .flatten()
        .flat_map(|action| action.as_object().unwrap().keys().map(String::as_str))
        .filter(|action| *action != "ConditionCheck")
        .collect();
    assert_eq!(writes, ["Update"]);
}

#[tokio::test]
async fn a_check_at_an_event_is_one_trip_and_three_read_units() {
    let world = acme().await;
    world.measure();
    drop(world.trips());
    assert_ne!(own(&world, &Principal::user(LEA), SUMMIT, "contacts:view").await, "no");
    let trips = world.trips();
    let units: f64 = trips.iter().map(|trip| trip.units).sum();
    assert_eq!((trips.len(), units), (1, 3.0), "the record, the rules and the event");
}

#[tokio::test]
async fn an_archived_event_gives_no_access_and_takes_none() {
    let world = acme().await;
    invited(&world, MAX, SUMMIT, "reader").await;
    let link = token_of(&world, MAX).await;
    let owner = Principal::user(OWNER);
    let version = version_of(&world, SUMMIT).await;
    let refused = archive(&world, &Principal::user(LEA), "POST", &version).await;
    assert_eq!(refused.outcome(), "403 forbidden");
    let target = format!("/v1/scopes/{SUMMIT}/archive?dryRun=true");
    let dry =
        world.send(&owner, Request::new("POST", &target).if_match(&version)).await.expect(200);
    let people = dry.body["effects"]["people"].as_array().unwrap();
    let loses = people.iter().find(|person| person["email"] == LEA).unwrap();
    assert_eq!(loses["losesAllAccess"], true);
    all_answer(&world, true).await;

    let archived = archive(&world, &owner, "POST", &version).await.expect(200);
    let now = json!(world.now().to_string());
    assert_eq!([&archived.body["archivedAt"], &archived.body["accessEndsAt"]], [&now, &now]);
    all_answer(&world, false).await;
    assert_eq!(archive(&world, &owner, "POST", &version).await.outcome(), "412 stale-version");
    world.wait(DAY);
    let again = archive(&world, &owner, "POST", archived.etag()).await.expect(200);
    assert_eq!((again.etag(), &again.body), (archived.etag(), &archived.body));

    let body = json!({ "email": "new@example.org", "role": "reader" });
    let refused = invite(&world, OWNER, SUMMIT, &body).await;
    assert_eq!(refused.outcome(), "409 scope-archived");
    let refused = assign(&world, OWNER, (SUMMIT, LEA), &json!({ "role": "manager" })).await;
    assert_eq!(refused.outcome(), "409 scope-archived");
    let refused = accept(&world, &Principal::user(MAX), &link).await;
    assert_eq!(refused.outcome(), "410 invitation-ended");
    // Settings do not take it out of the archive.
    let moved = end_summit(&world, world.now().after(DAY * 60), None).await;
    assert_eq!(&moved.body["archivedAt"], &now);
    all_answer(&world, false).await;

    let live = archive(&world, &owner, "DELETE", moved.etag()).await.expect(200);
    assert_eq!(live.body["archivedAt"], Value::Null);
    all_answer(&world, true).await;
    accept(&world, &Principal::user(MAX), &link).await.expect(200);

    let history = get(&world, OWNER, &format!("/v1/scopes/{SUMMIT}/history")).await.expect(200);
    let of_the_event: Vec<(&Value, &Value)> = history.body["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry.get("scope").is_some())
        .map(|entry| (&entry["action"], &entry["actor"]["email"]))
        .collect();
    let [unarchived, archived] = ["scope-unarchived", "scope-archived"].map(|it| json!(it));
    let by = json!(OWNER);
    assert_eq!(of_the_event, [(&unarchived, &by), (&archived, &by)]);
}

#[tokio::test]
async fn only_events_and_communities_are_archived() {
    let world = acme().await;
    for scope in ["acme", TECH] {
        let version = version_of(&world, scope).await;
        let request = Request::new("POST", &format!("/v1/scopes/{scope}/archive"));
        let refused = world.send(&Principal::user(OWNER), request.if_match(&version)).await;
        assert_eq!(refused.outcome(), "422 invalid-scope", "{scope}");
    }
    let request = Request::new("POST", &format!("/v1/scopes/{SUMMIT}/archive"));
    let refused = world.send(&Principal::user(OWNER), request).await;
    assert_eq!(refused.outcome(), "428 if-match-required");
}

#[tokio::test]
async fn days_are_whole_from_0_to_730_and_of_clients_and_events_only() {
    let world = acme().await;
    let event = json!({ "name": "Summit 2027", "kind": "event" });
    let client = json!({ "name": "Acme", "seatLimit": null, "granting": "administrators" });
    for (scope, body, days) in [
        (SUMMIT, &event, json!(731)),
        (SUMMIT, &event, json!(-1)),
        (SUMMIT, &event, json!(1.5)),
        ("acme", &client, json!(731)),
        (TECH, &json!({ "name": "Tech" }), json!(1)),
    ] {
        let mut body = body.clone();
        body["accessEndsAfterDays"] = days;
        let refused = put_scope(&world, scope, &body).await;
        assert_eq!(refused.outcome(), "422 invalid-field", "{body}");
        assert_eq!(named(&refused), [("/accessEndsAfterDays", "invalid-field")], "{body}");
    }
    assert_eq!(end_summit(&world, world.now(), Some(730)).await.body["accessEndsAfterDays"], 730);
}

#[tokio::test]
async fn access_that_outlives_an_event_is_given_by_those_who_manage_the_client() {
    let world = acme().await;
    active(&world, MAX, SUMMIT, "administrator").await;
    let body = json!({ "email": "acc@example.org", "role": "reader", "outlivesEvent": true });
    assert_eq!(invite(&world, MAX, SUMMIT, &body).await.outcome(), "403 forbidden");
    let given = invite(&world, OWNER, SUMMIT, &body).await.expect(201).body;
    assert_eq!(
        (&given["grants"][0]["outlivesEvent"], &given["grants"][0]["endsAt"]),
        (&json!(true), &Value::Null)
    );
    let refused = invite(&world, OWNER, TECH, &body).await;
    assert_eq!(named(&refused), [("/outlivesEvent", "invalid-field")]);
    let lasting = json!({ "role": "reader", "outlivesEvent": true });
    let changed = assign(&world, OWNER, (SUMMIT, LEA), &lasting).await.expect(200);
    assert_eq!(changed.body["grants"][0]["outlivesEvent"], true);
    world.wait(DAY * 31);
    all_answer(&world, true).await;
    let ended = json!({ "email": "late@example.org", "role": "reader" });
    assert_eq!(invite(&world, OWNER, SUMMIT, &ended).await.outcome(), "409 access-ended");
}

#[tokio::test]
async fn the_seat_comes_back_after_a_week_or_as_soon_as_a_newcomer_needs_it() {
    let world = acme().await;
    world.wait(DAY * 36);
    world.audit().await;
    assert_eq!(seats(&world).await, json!([null, 2]), "six days after the end");
    world.wait(DAY);
    world.audit().await;
    assert_eq!(seats(&world).await, json!([null, 1]));
    assert_eq!(
        last_event(&world, LEA).await,
        "access-expired by system: acme:tech:summit reader expired > -"
    );

    let world = acme_with(&json!({ "accessEndsAfterDays": 0, "seatLimit": 2 })).await;
    active(&world, LEA, SUMMIT, "reader").await;
    end_summit(&world, world.now(), None).await;
    assert_eq!(seats(&world).await, json!([2, 2]));
    invited(&world, MAX, MEETUP, "reader").await;
    assert_eq!(seats(&world).await, json!([2, 2]));
    assert_eq!(seen(&world, "acme", LEA).await.outcome(), "404 collaborator-not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_moves_while_its_team_is_swept_keeps_it() {
    let world = acme().await;
    world.wait(DAY * 37);
    let other = world.second_instance();
    let end = world.now().after(DAY);
    world.before_first("TransactWriteItems", async move || {
        end_summit(&other, end, None).await;
    });
    world.audit().await;
    assert_eq!(seats(&world).await, json!([null, 2]));
    all_answer(&world, true).await;
}

#[tokio::test]
async fn a_person_is_notified_once_of_the_end_seven_days_before() {
    let world = acme().await;
    world.deliver().await;
    let before = world.ses.mails_to(LEA).len();
    for _ in 0..31 {
        world.audit().await;
        world.deliver().await;
        world.wait(DAY);
    }
    let mails = world.ses.mails_to(LEA);
    let subjects: Vec<&str> = mails[before..].iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(subjects, ["Votre accès à Summit 2027 prend bientôt fin"]);
}
