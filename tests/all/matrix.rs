//! Who may call what: every cell of `tests/matrix.md`, sent.

use std::{collections::BTreeSet, fs};

use coulisses_domain::{permission::Permission, time::DAY};
use coulisses_tests::{Answer, Request, SentMail, Who, World};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    routes::{About, Call, calls},
    support::{active, furnished, id_of, invite, log_in, put_scope, revoke, seen, token_of},
    transfer::version_of,
};

const SUMMIT: &str = "acme:tech:summit";

const OWNER: &str = "owner@acme.test";
const EVENT_OWNER: &str = "eve@example.org";
const LEA: &str = "lea@example.org";
const MAX: &str = "max@example.org";

/// The caller, where he is neither an owner nor a stranger.
const CALLER: &str = "caller@example.org";
const ELSEWHERE: &str = "owner@expo.test";

/// Every caller must have a column.
const CALLERS: [&str; 20] = [
    "anonymous",
    "unverified",
    "other client",
    "pending",
    "invitation expired",
    "access ended",
    "revoked",
    "platform",
    "reader, client",
    "reader, audience",
    "reader, event",
    "contributor, client",
    "contributor, audience",
    "contributor, event",
    "custom, event",
    "administrator, client",
    "administrator, audience",
    "administrator, event",
    "owner, client",
    "owner, event",
];

/// A row is a route, or one of these beside it.
const VARIANTS: [&str; 6] = [
    "about another",
    "about oneself",
    "in bulk",
    "of oneself",
    "to the event's owner",
    "with one's own link",
];

/// What one caller is to be answered on one row.
struct Cell {
    caller: String,
    route: String,
    variant: String,
    expected: String,
}

/// The cells of the file, table after table.
fn cells() -> Vec<Cell> {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/matrix.md")).unwrap();
    let mut callers = Vec::new();
    let mut cells = Vec::new();
    for line in text.lines().filter(|line| line.starts_with("| ")) {
        let row = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned());
        let row: Vec<String> = row.collect();
        let (first, rest) = row.split_first().unwrap();
        if first == "route" {
            callers = rest.to_vec();
            continue;
        }
        let (route, variant) = first.trim_start_matches('`').split_once('`').unwrap();
        assert_eq!(rest.len(), callers.len(), "{first}");
        cells.extend(callers.iter().zip(rest).map(|(caller, expected)| Cell {
            caller: caller.clone(),
            route: route.to_owned(),
            variant: variant.trim().to_owned(),
            expected: expected.clone(),
        }));
    }
    cells
}

/// A deployment as one caller finds it, before anything is asked.
struct Scene {
    world: World,
    who: Who,
    /// The caller's address; `None` of the platform and of nobody.
    email: Option<&'static str>,
    /// The token in the link that Léa got.
    lea: String,
    /// That in the caller's own link; Léa's where the caller got none.
    own: String,
}

impl Scene {
    async fn of(caller: &str) -> Self {
        let world = World::new().await;
        let owner = json!({ "email": OWNER, "name": "Odile" });
        let client = json!({ "name": "Acme", "seatLimit": null, "granting": "administrators", "owner": owner });
        put_scope(&world, "acme", &client).await.expect(201);
        // Delivered before anybody logs in, since nobody is sent a link who is there already.
        world.deliver().await;
        let world = furnished(world, &json!({})).await;
        let owner = json!({ "email": EVENT_OWNER });
        let summit = json!({ "name": "Summit 2027", "kind": "event", "owner": owner });
        put_scope(&world, SUMMIT, &summit).await.expect(200);
        world.deliver().await;
        let (who, email) = enter(&world, caller).await;
        invite(&world, OWNER, SUMMIT, &json!({ "email": LEA, "role": "observer" }))
            .await
            .expect(201);
        active(&world, MAX, SUMMIT, "reader").await;
        let lea = token_of(&world, LEA).await;
        let mails = email.map(|email| world.ses.mails_to(email)).unwrap_or_default();
        let own = mails.iter().find(|mail| mail.text.contains('#')).map(SentMail::token);
        // So that the last mail is long enough ago for another one.
        world.wait(DAY / 24);
        Self { world, who, email, own: own.unwrap_or_else(|| lea.clone()), lea }
    }

    /// A request that is right in itself.
    async fn request(&self, call: &Call, variant: &str) -> Request {
        let target = match variant {
            "of oneself" => self.email.unwrap_or(LEA),
            "to the event's owner" => EVENT_OWNER,
            _ if call.path.ends_with("/owner") => MAX,
            _ => LEA,
        };
        let id = id_of(&self.world, target);
        let scope = if call.fits(SUMMIT) { SUMMIT } else { "acme" };
        let token = if variant == "with one's own link" { &self.own } else { &self.lea };
        let about = About { scope, id: &id, token };
        let mut request = call.bare_with(about, "");
        if call.wants_version() {
            let there = seen(&self.world, "acme", target).await;
            let version = if there.status == 200 { there.etag() } else { "\"1\"" };
            request = request.if_match(version);
        } else if call.path.ends_with("/owner") {
            request = request.if_match(&version_of(&self.world, SUMMIT).await);
        }
        match Self::body(call, about, variant) {
            Some(body) => request.json(&body),
            None => request,
        }
    }

    fn body(call: &Call, about: About<'_>, variant: &str) -> Option<Value> {
        let check = json!({ "scope": SUMMIT, "permission": "contacts:view" });
        let mut body = call.body_for(about)?;
        match variant {
            "in bulk" => body = json!({ "invitations": [body] }),
            "about oneself" => body = json!({ "checks": [check] }),
            "about another" => {
                body = json!({ "checks": [check] });
                body["checks"][0]["email"] = json!(MAX);
            }
            _ if call.path.ends_with("/revocations") => body = json!({ "ids": [about.id] }),
            _ => {}
        }
        Some(body)
    }
}

/// Brings the caller into the world, and says who he is.
async fn enter(world: &World, caller: &str) -> (Who, Option<&'static str>) {
    let person = |email: &'static str| (Who::person(email), Some(email));
    let mut administrator = json!({ "email": CALLER, "role": "administrator" });
    let level = caller.split_once(", ").map_or("acme", |(_, level)| match level {
        "client" => "acme",
        "audience" => "acme:tech",
        _ => SUMMIT,
    });
    match caller {
        "anonymous" => return (Who::nobody(), None),
        "platform" => return (Who::platform(), None),
        "unverified" => return (Who::person(OWNER).with("email_verified", "false"), Some(OWNER)),
        "owner, client" => return person(OWNER),
        "owner, event" => {
            log_in(world, EVENT_OWNER).await;
            return person(EVENT_OWNER);
        }
        "other client" => {
            let owner = json!({ "email": ELSEWHERE });
            let expo =
                json!({ "name": "Expo", "seatLimit": 5, "granting": "owner", "owner": owner });
            put_scope(world, "expo", &expo).await.expect(201);
            world.deliver().await;
            let login = Request::new("POST", "/v1/scopes/expo/logins");
            world.send(&Who::person(ELSEWHERE), login).await.expect(200);
            return person(ELSEWHERE);
        }
        "access ended" => {
            administrator["expiresAt"] = json!("2026-11-29T12:00:00Z");
        }
        "custom, event" => {
            let all = Permission::ALL.iter().map(|permission| permission.name());
            let chosen: Vec<&str> = all.filter(|name| !name.starts_with("access:")).collect();
            administrator["role"] = json!("custom");
            administrator["permissions"] = json!(chosen);
        }
        _ => {
            let role = caller.split_once(", ").map_or("administrator", |(role, _)| role);
            administrator["role"] = json!(role);
        }
    }
    invite(world, OWNER, level, &administrator).await.expect(201);
    world.deliver().await;
    if caller != "pending" && caller != "invitation expired" {
        log_in(world, CALLER).await;
    }
    match caller {
        "invitation expired" => world.wait(DAY * 14),
        "access ended" => world.wait(DAY * 7),
        "revoked" => {
            revoke(world, OWNER, (level, CALLER)).await.expect(200);
        }
        _ => {}
    }
    person(CALLER)
}

/// The answer as a cell tells it.
fn told(answer: &Answer) -> String {
    let results = answer.body["results"].as_array();
    let of_item = |item: &Value| match (&item["allowed"], &item["problem"]["code"]) {
        (Value::Bool(true), _) => Some("yes".to_owned()),
        (Value::Bool(false), _) => Some("no".to_owned()),
        (_, Value::String(code)) => Some(code.clone()),
        _ => None,
    };
    let items: Vec<String> = results.into_iter().flatten().filter_map(of_item).collect();
    format!("{} {}", answer.told(), items.join(" ")).trim_end().to_owned()
}

/// Sends the cells of one caller; tells which are answered otherwise.
async fn wrong(cells: Vec<Cell>) -> Vec<String> {
    let routes = calls();
    let mut wrong = Vec::new();
    let mut scene = Scene::of(&cells[0].caller).await;
    let mut before = scene.world.everything().await;
    for cell in cells {
        let call = routes.iter().find(|call| call.name() == cell.route).unwrap();
        let request = scene.request(call, &cell.variant).await;
        let answer = scene.world.send(&scene.who, request).await;
        let name = format!("{}: {} {}", cell.caller, cell.route, cell.variant);
        if told(&answer) != cell.expected {
            wrong.push(format!("{name}: {} instead of {}", told(&answer), cell.expected));
        }
        if scene.world.everything().await != before {
            if answer.status >= 400 || call.method == "GET" {
                wrong.push(format!("{name}: {}, and yet it wrote", told(&answer)));
            }
            // Each cell is about the world as it was.
            scene = Scene::of(&cell.caller).await;
            before = scene.world.everything().await;
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_caller_is_answered_on_every_route_as_the_matrix_says() {
    let mut all = cells();
    let mut tasks = JoinSet::new();
    for caller in CALLERS {
        let (his, others): (Vec<Cell>, _) = all.into_iter().partition(|it| it.caller == caller);
        all = others;
        tasks.spawn(wrong(his));
    }
    let wrong: Vec<String> = tasks.join_all().await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_matrix_has_a_row_for_every_route_and_a_column_for_every_caller() {
    let all = cells();
    let callers: BTreeSet<&str> = all.iter().map(|cell| cell.caller.as_str()).collect();
    assert_eq!(callers, CALLERS.into());
    let variants: BTreeSet<&str> = all.iter().map(|cell| cell.variant.as_str()).collect();
    let known: BTreeSet<&str> = VARIANTS.into_iter().chain([""]).collect();
    assert_eq!(variants, known);
    let routes: BTreeSet<String> = calls().iter().map(Call::name).collect();
    let rows: BTreeSet<(&str, &str)> =
        all.iter().map(|cell| (cell.route.as_str(), cell.variant.as_str())).collect();
    for caller in CALLERS {
        let his = || all.iter().filter(|cell| cell.caller == caller);
        assert_eq!(
            his().map(|cell| cell.route.clone()).collect::<BTreeSet<_>>(),
            routes,
            "{caller}"
        );
        let told = his().map(|cell| (cell.route.as_str(), cell.variant.as_str()));
        assert_eq!(told.collect::<BTreeSet<_>>(), rows, "{caller}");
        assert_eq!(his().count(), rows.len(), "{caller} has one cell a row");
    }
}
