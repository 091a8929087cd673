//! The client `acme` and the requests that many tests begin with.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Item, Principal, Request, World};
use serde_json::{Value, json};

/// The owner of `acme`, active.
pub const OWNER: &str = "owner@acme.test";
pub const ADA: &str = "ada@example.org";
pub const EVE: &str = "eve@example.org";
pub const LEA: &str = "lea@example.org";
pub const MAX: &str = "max@example.org";

pub const TECH: &str = "acme:tech";
pub const MEETUP: &str = "acme:tech:meetup";
pub const SUMMIT: &str = "acme:tech:summit";

/// A client `acme` with an active owner, two audiences, two events and a community; seats are unlimited.
pub async fn acme() -> World {
    acme_with(&json!({})).await
}

pub async fn acme_with(settings: &Value) -> World {
    furnished(World::new().await, settings).await
}

/// `acme` in an existing deployment.
pub async fn furnished(world: World, settings: &Value) -> World {
    let mut client = json!({
        "name": "Acme", "seatLimit": null, "granting": "administrators", "owner": { "email": OWNER, "name": "Odile" },
    });
    for (name, value) in settings.as_object().unwrap() {
        client[name] = value.clone();
    }
    for (scope, body) in [
        ("acme", client),
        ("acme:tech", json!({ "name": "Tech" })),
        ("acme:tech:summit", json!({ "name": "Summit 2027", "kind": "event" })),
        ("acme:tech:meetup", json!({ "name": "Meetup", "kind": "event" })),
        ("acme:tech:alumni", json!({ "name": "Alumni", "kind": "community" })),
        ("acme:rh", json!({ "name": "RH" })),
    ] {
        put_scope(&world, scope, &body).await;
    }
    log_in(&world, OWNER).await;
    world.deliver().await;
    world
}

/// The representation of an event with this owner.
pub fn gala(owner: &str) -> Value {
    json!({ "name": "Gala", "kind": "event", "owner": { "email": owner } })
}

/// Provisions another client, whose owner logs in.
pub async fn other_client(world: &World, client: &str, owner: &str) -> Principal {
    let body =
        json!({ "name": "Expo", "seatLimit": 5, "granting": "owner", "owner": { "email": owner } });
    put_scope(world, client, &body).await.expect(201);
    let login = Request::new("POST", &format!("/v1/scopes/{client}/logins"));
    world.send(&Principal::user(owner), login).await.expect(200);
    Principal::user(owner)
}

pub async fn put_scope(world: &World, scope: &str, body: &Value) -> Answer {
    let request = Request::new("PUT", &format!("/v1/scopes/{scope}")).json(body);
    world.send(&Principal::platform(), request).await
}

/// Records a login to `acme`, which activates a pending collaborator.
pub async fn log_in(world: &World, email: &str) -> Answer {
    world
        .send(&Principal::user(email), Request::new("POST", "/v1/scopes/acme/logins"))
        .await
        .expect(200)
}

pub async fn invite(world: &World, by: &str, scope: &str, body: &Value) -> Answer {
    let request = Request::new("POST", &format!("/v1/scopes/{scope}/collaborators")).json(body);
    world.send(&Principal::user(by), request).await
}

/// Invites as the owner of `acme`, or grants one more role.
pub async fn invited(world: &World, email: &str, scope: &str, role: &str) -> Answer {
    invite(world, OWNER, scope, &json!({ "email": email, "role": role })).await.expect(201)
}

/// Invites as the owner of `acme`, and activates by a login.
pub async fn active(world: &World, email: &str, scope: &str, role: &str) -> Answer {
    let id = invited(world, email, scope, role).await.text("/id").to_owned();
    log_in(world, email).await;
    get(world, OWNER, &format!("/v1/scopes/{scope}/collaborators/{id}")).await.expect(200)
}

/// Adds four administrators of `acme` without active access, over 14 days; returns the local parts of their addresses.
pub async fn without_access(world: &World) -> [&'static str; 4] {
    let administrator = |email: &str| json!({ "email": email, "role": "administrator" });
    active(world, "revoked@example.org", "acme", "administrator").await;
    revoke(world, OWNER, ("acme", "revoked@example.org")).await.expect(200);
    let mut ending = administrator("ended@example.org");
    ending["expiresAt"] = json!("2026-11-29T12:00:00Z");
    for soon_over in [ending, administrator("expired@example.org")] {
        invite(world, OWNER, "acme", &soon_over).await.expect(201);
    }
    log_in(world, "ended@example.org").await;
    world.wait(DAY * 14);
    invited(world, "pending@example.org", "acme", "administrator").await;
    ["pending", "expired", "ended", "revoked"]
}

pub async fn get(world: &World, who: &str, target: &str) -> Answer {
    world.send(&Principal::user(who), Request::new("GET", target)).await
}

pub async fn post(world: &World, who: &Principal, target: &str, body: &Value) -> Answer {
    world.send(who, Request::new("POST", target).json(body)).await
}

/// A body with collaborators, for a snapshot: their versions are random.
pub fn without_versions(mut body: Value) -> Value {
    let collaborators = match body.get_mut("collaborators").and_then(Value::as_array_mut) {
        Some(rows) => rows.iter_mut().collect(),
        None => vec![&mut body],
    };
    for collaborator in collaborators {
        assert!(collaborator["version"].is_u64(), "{collaborator}");
        collaborator["version"] = "random".into();
    }
    body
}

/// The wrong fields of a problem: pointers and codes.
pub fn named(refused: &Answer) -> Vec<(&str, &str)> {
    let errors = refused.body["errors"].as_array().into_iter().flatten();
    errors
        .map(|error| (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap()))
        .collect()
}

pub fn id_of(world: &World, email: &str) -> String {
    world.id_of("acme", email)
}

/// The path of a collaborator at a scope of `acme`.
pub fn path_of(world: &World, scope: &str, email: &str) -> String {
    format!("/v1/scopes/{scope}/collaborators/{}", id_of(world, email))
}

/// A collaborator as the owner of `acme` sees them at a scope or below it.
pub async fn seen(world: &World, scope: &str, email: &str) -> Answer {
    get(world, OWNER, &format!("{}?below=true", path_of(world, scope, email))).await
}

/// The current `ETag` of a collaborator.
pub async fn etag_of(world: &World, email: &str) -> String {
    seen(world, "acme", email).await.expect(200).etag().to_owned()
}

/// Assigns a role as `by`, on the current version.
pub async fn assign(world: &World, by: &str, (scope, email): (&str, &str), body: &Value) -> Answer {
    let target = format!("{}/role", path_of(world, scope, email));
    let request = Request::new("PUT", &target).json(body).if_match(&etag_of(world, email).await);
    world.send(&Principal::user(by), request).await
}

/// Revokes access at a scope as `by`, on the current version.
pub async fn revoke(world: &World, by: &str, (scope, email): (&str, &str)) -> Answer {
    let request = Request::new("DELETE", &path_of(world, scope, email));
    world.send(&Principal::user(by), request.if_match(&etag_of(world, email).await)).await
}

pub async fn resend(world: &World, by: &Principal, (scope, email): (&str, &str)) -> Answer {
    let target = format!("{}/resend", path_of(world, scope, email));
    world.send(by, Request::new("POST", &target)).await
}

/// Delivers the mail that is due; returns the token of the last invitation to an address.
pub async fn token_of(world: &World, email: &str) -> String {
    world.deliver().await;
    let mails = world.ses.mails_to(email);
    mails.iter().rfind(|mail| mail.text.contains('#')).unwrap().token()
}

pub async fn accept(world: &World, who: &Principal, token: &str) -> Answer {
    post(world, who, "/v1/invitations/accept", &json!({ "token": token })).await
}

/// Previews the invitation with this token, without a login.
pub async fn preview(world: &World, token: &str) -> Answer {
    post(world, &Principal::anonymous(), "/v1/invitations/preview", &json!({ "token": token }))
        .await
}

/// Answers the invitation with this token, without a login: `decline` or `renewal`.
pub async fn answer(world: &World, path: &str, token: &str) -> Answer {
    let path = format!("/v1/invitations/{path}");
    post(world, &Principal::anonymous(), &path, &json!({ "token": token })).await
}

/// The seats of `acme`, as `[limit, used]`.
pub async fn seats(world: &World) -> Value {
    let seen = world.send(&Principal::platform(), Request::new("GET", "/v1/scopes/acme")).await;
    json!([seen.body["seats"]["limit"], seen.body["seats"]["used"]])
}

/// The kinds of mail queued for a collaborator of `acme`, the oldest first.
pub async fn queued(world: &World, email: &str) -> Vec<String> {
    let id = id_of(world, email);
    let rows = rows(world, "O#").await.into_values();
    rows.filter(|row| text(row, "collaborator") == id).map(|row| text(&row, "kind")).collect()
}

/// The history of a collaborator of `acme`, the oldest first: `granted by olga@acme.test: acme:rh - > reader active`.
pub async fn history(world: &World, email: &str) -> Vec<String> {
    let id = id_of(world, email);
    let rows = rows(world, "H#acme").await.into_values();
    let rows = rows.filter(|row| text(row["collaborator"].as_m().unwrap(), "id") == id);
    rows.map(|row| event(&row)).collect()
}

/// The last entry of the history of a collaborator of `acme`.
pub async fn last_event(world: &World, email: &str) -> String {
    history(world, email).await.pop().unwrap()
}

/// The items of all partitions whose key begins with `prefix`, by sort key.
pub async fn rows(world: &World, prefix: &str) -> BTreeMap<String, Item> {
    let all = world.dynamodb().scan().table_name("coulisses");
    let all = all.filter_expression("begins_with(pk, :prefix)");
    let all = all.expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()));
    let items = all.send().await.unwrap().items.unwrap_or_default();
    items.into_iter().map(|item| (text(&item, "sk"), item)).collect()
}

fn event(row: &Item) -> String {
    let actor = row["actor"].as_m().unwrap();
    let by = match actor.get("person") {
        Some(person) => text(person.as_m().unwrap(), "email"),
        None => actor.keys().next().unwrap().clone(),
    };
    let state = |change: &Item, when: &str| {
        let state = change.get(when).map(|state| state.as_m().unwrap());
        state.map_or("-".to_owned(), |state| {
            format!("{} {}", text(state, "role"), text(state, "status"))
        })
    };
    let changes: BTreeMap<_, _> = row["changes"].as_m().unwrap().iter().collect();
    let changes: Vec<String> = changes
        .into_iter()
        .map(|(scope, change)| {
            let change = change.as_m().unwrap();
            format!("{scope} {} > {}", state(change, "before"), state(change, "after"))
        })
        .collect();
    let reason = row.get("reason").map(|reason| format!(" ({})", reason.as_s().unwrap()));
    let action = text(row, "action");
    format!("{action} by {by}: {}{}", changes.join(", "), reason.unwrap_or_default())
}

fn text(item: &Item, name: &str) -> String {
    item[name].as_s().unwrap().clone()
}
