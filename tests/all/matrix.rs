//! Who may call what: sends a request for every cell of `tests/matrix.md`.

use std::{collections::BTreeSet, fs};

use coulisses_domain::{permission::Permission, time::DAY};
use coulisses_tests::{Answer, Principal, Request, SentMail, World};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    routes::{About, Call, calls},
    support::{
        LEA, MAX, OWNER, SUMMIT, active, furnished, get, id_of, invite, invited, log_in, put_scope,
        revoke, seen, token_of,
    },
    transfer::version_of,
};

const EVENT_OWNER: &str = "eve@example.org";

/// The caller, unless they are an owner or of another client.
const CALLER: &str = "caller@example.org";
const ELSEWHERE: &str = "owner@expo.test";

/// Every caller must have a column.
const CALLERS: &str = "\
    anonymous; unverified; other client; pending; invitation expired; access ended; revoked; \
    platform; support; reader, client; reader, audience; reader, event; contributor, client; \
    contributor, audience; contributor, event; custom, event; administrator, client; \
    administrator, audience; administrator, event; owner, client; owner, event; \
    for a reader, event; for an administrator, client; for an owner, client; for a custom, event; \
    for someone pending; for someone revoked; for someone unknown";

/// A row is a route, optionally with one of these variants.
const VARIANTS: [&str; 6] = [
    "about another",
    "about oneself",
    "in bulk",
    "of oneself",
    "to the event's owner",
    "with one's own link",
];

/// The expected answer to one caller on one row.
struct Cell {
    caller: String,
    route: String,
    variant: String,
    expected: String,
}

/// The cells of all tables of the file.
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

/// The deployment for one caller before their request.
struct Scene {
    world: World,
    who: Principal,
    /// The caller's address; `None` for the platform and for anonymous callers.
    email: Option<&'static str>,
    /// The token in Léa's link.
    lea: String,
    /// The token in the caller's own link, or Léa's if the caller got none.
    own: String,
}

impl Scene {
    async fn of(caller: &str) -> Self {
        let world = World::new().await;
        let owner = json!({ "email": OWNER, "name": "Odile" });
        let client = json!({ "name": "Acme", "seatLimit": null, "granting": "administrators", "owner": owner });
        put_scope(&world, "acme", &client).await.expect(201);
        // Delivered before the first login, since active collaborators get no link.
        world.deliver().await;
        let world = furnished(world, &json!({})).await;
        let owner = json!({ "email": EVENT_OWNER });
        let summit = json!({ "name": "Summit 2027", "kind": "event", "owner": owner });
        put_scope(&world, SUMMIT, &summit).await.expect(200);
        world.deliver().await;
        let (who, email) = enter(&world, caller).await;
        invited(&world, LEA, SUMMIT, "observer").await;
        active(&world, MAX, SUMMIT, "reader").await;
        let lea = token_of(&world, LEA).await;
        let mails = email.map(|email| world.ses.mails_to(email)).unwrap_or_default();
        let own = mails.iter().find(|mail| mail.text.contains('#')).map(SentMail::token);
        // A resend is refused within a minute of the last mail.
        world.wait(DAY / 24);
        Self { world, who, email, own: own.unwrap_or_else(|| lea.clone()), lea }
    }

    /// A valid request.
    async fn request(&self, call: &Call, variant: &str) -> Request {
        let target = match variant {
            "of oneself" => self.email.unwrap_or(LEA),
            "to the event's owner" => EVENT_OWNER,
            _ if ["/owner", "/account"].iter().any(|end| call.path.ends_with(end)) => MAX,
            _ => LEA,
        };
        let id = id_of(&self.world, target);
        let scope = if call.fits(SUMMIT) { SUMMIT } else { "acme" };
        let token = if variant == "with one's own link" { &self.own } else { &self.lea };
        let about = About { scope, id: &id, token };
        let mut request = call.bare_with(about, "");
        let of_the_scope = ["/owner", "/archive"].iter().any(|end| call.path.ends_with(end));
        if of_the_scope {
            request = request.if_match(&version_of(&self.world, SUMMIT).await);
        } else if call.method == "PUT" && call.path.ends_with("/waiting-list") {
            let list = get(&self.world, OWNER, "/v1/scopes/acme/waiting-list").await;
            request = request.if_match(list.etag());
        } else if call.wants_version() {
            let there = seen(&self.world, "acme", target).await;
            let version = if there.status == 200 { there.etag() } else { "\"1\"" };
            request = request.if_match(version);
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
            _ if call.is_authzen() => body = evaluation(),
            _ if call.path.ends_with("/revocations") => body = json!({ "ids": [about.id] }),
            _ if call.path.ends_with("/changes") => body["changes"][0]["id"] = json!(about.id),
            _ => {}
        }
        Some(body)
    }
}

/// AuthZEN's question whether Max can view the event's contacts.
fn evaluation() -> Value {
    json!({
        "subject": { "type": "user", "id": MAX },
        "action": { "name": "contacts:view" },
        "resource": { "type": "event", "id": "acme:tech:summit" },
    })
}

/// Adds the caller to the deployment, or the user on whose behalf the platform acts; returns the principal and the
/// address.
async fn enter(world: &World, caller: &str) -> (Principal, Option<&'static str>) {
    let articles = ["for an ", "for a ", "for someone "];
    let Some(user) = articles.iter().find_map(|article| caller.strip_prefix(article)) else {
        return enter_as(world, caller).await;
    };
    let email = if user == "unknown" { Some(ELSEWHERE) } else { enter_as(world, user).await.1 };
    (Principal::platform().on_behalf_of(email.unwrap()), email)
}

async fn enter_as(world: &World, caller: &str) -> (Principal, Option<&'static str>) {
    let user = |email: &'static str| (Principal::user(email), Some(email));
    let mut administrator = json!({ "email": CALLER, "role": "administrator" });
    let level = caller.split_once(", ").map_or("acme", |(_, level)| match level {
        "client" => "acme",
        "audience" => "acme:tech",
        _ => SUMMIT,
    });
    match caller {
        "anonymous" => return (Principal::anonymous(), None),
        "platform" => return (Principal::platform(), None),
        "support" => return (Principal::support(CALLER), Some(CALLER)),
        "unverified" => {
            return (Principal::user(OWNER).with("email_verified", "false"), Some(OWNER));
        }
        "owner, client" => return user(OWNER),
        "owner, event" => {
            log_in(world, EVENT_OWNER).await;
            return user(EVENT_OWNER);
        }
        "other client" => {
            let owner = json!({ "email": ELSEWHERE });
            let expo =
                json!({ "name": "Expo", "seatLimit": 5, "granting": "owner", "owner": owner });
            put_scope(world, "expo", &expo).await.expect(201);
            world.deliver().await;
            let login = Request::new("POST", "/v1/scopes/expo/logins");
            world.send(&Principal::user(ELSEWHERE), login).await.expect(200);
            return user(ELSEWHERE);
        }
        "access ended" => administrator["expiresAt"] = json!("2026-11-29T12:00:00Z"),
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
        "revoked" => drop(revoke(world, OWNER, (level, CALLER)).await.expect(200)),
        _ => {}
    }
    user(CALLER)
}

/// The answer as a cell shows it.
fn shown(answer: &Answer) -> String {
    let results = answer.body["results"].as_array();
    let of_item = |item: &Value| match (&item["allowed"], &item["problem"]["code"]) {
        (Value::Bool(true), _) => Some("yes".to_owned()),
        (Value::Bool(false), _) => Some("no".to_owned()),
        (_, Value::String(code)) => Some(code.clone()),
        _ => None,
    };
    let items: Vec<String> = results.into_iter().flatten().filter_map(of_item).collect();
    let decision = answer.body["decision"].as_bool().map(|it| if it { "yes" } else { "no" });
    let items = items.iter().map(String::as_str).chain(decision).collect::<Vec<&str>>().join(" ");
    format!("{} {items}", answer.outcome()).trim_end().to_owned()
}

/// Sends the requests of one caller; returns the differences.
async fn wrong(cells: Vec<Cell>) -> Vec<String> {
    let routes = calls();
    let mut wrong = Vec::new();
    let mut scene = Scene::of(&cells[0].caller).await;
    let mut before = scene.world.dump().await;
    for cell in cells {
        let call = routes.iter().find(|call| call.name() == cell.route).unwrap();
        let request = scene.request(call, &cell.variant).await;
        let answer = scene.world.send(&scene.who, request).await;
        let name = format!("{}: {} {}", cell.caller, cell.route, cell.variant);
        if shown(&answer) != cell.expected {
            wrong.push(format!("{name}: {} instead of {}", shown(&answer), cell.expected));
        }
        if scene.world.dump().await != before {
            if answer.status >= 400 || call.method == "GET" {
                wrong.push(format!("{name}: {}, but it wrote", shown(&answer)));
            }
            // Each cell starts from the same state.
            scene = Scene::of(&cell.caller).await;
            before = scene.world.dump().await;
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_caller_gets_the_answers_of_the_matrix_on_every_route() {
    let mut all = cells();
    let mut tasks = JoinSet::new();
    for caller in CALLERS.split("; ") {
        let (cells, others): (Vec<Cell>, _) = all.into_iter().partition(|it| it.caller == caller);
        all = others;
        tasks.spawn(wrong(cells));
    }
    let wrong: Vec<String> = tasks.join_all().await.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_matrix_has_a_row_for_every_route_and_a_column_for_every_caller() {
    let all = cells();
    let callers: BTreeSet<&str> = all.iter().map(|cell| cell.caller.as_str()).collect();
    assert_eq!(callers, CALLERS.split("; ").collect());
    let variants: BTreeSet<&str> = all.iter().map(|cell| cell.variant.as_str()).collect();
    let known: BTreeSet<&str> = VARIANTS.into_iter().chain([""]).collect();
    assert_eq!(variants, known);
    let routes: BTreeSet<String> = calls().iter().map(Call::name).collect();
    let rows: BTreeSet<(&str, &str)> =
        all.iter().map(|cell| (cell.route.as_str(), cell.variant.as_str())).collect();
    for caller in CALLERS.split("; ") {
        let cells = || all.iter().filter(|cell| cell.caller == caller);
        let seen: BTreeSet<String> = cells().map(|cell| cell.route.clone()).collect();
        assert_eq!(seen, routes, "{caller}");
        let seen = cells().map(|cell| (cell.route.as_str(), cell.variant.as_str()));
        assert_eq!(seen.collect::<BTreeSet<_>>(), rows, "{caller}");
        assert_eq!(cells().count(), rows.len(), "{caller} has one cell a row");
    }
}
