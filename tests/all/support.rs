//! Scenes that many tests begin with.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use coulisses_domain::time::DAY;
use coulisses_tests::{Answer, Request, Who, World};
use serde_json::{Value, json};

/// A client `acme` with its owner `owner@acme.test` active, an audience, two events, a community; unlimited seats.
pub async fn acme() -> World {
    acme_with(&json!({})).await
}

/// The same with other settings of the client.
pub async fn acme_with(settings: &Value) -> World {
    furnished(World::new().await, settings).await
}

/// The same in a deployment that is there already.
pub async fn furnished(world: World, settings: &Value) -> World {
    let mut client = json!({
        "name": "Acme", "seatLimit": null, "granting": "administrators", "owner": { "email": "owner@acme.test", "name": "Odile" },
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
    log_in(&world, "owner@acme.test").await;
    world.deliver().await;
    world
}

/// Writes a scope as the platform.
pub async fn put_scope(world: &World, scope: &str, body: &Value) -> Answer {
    let request = Request::new("PUT", &format!("/v1/scopes/{scope}")).json(body);
    world.send(&Who::platform(), request).await
}

/// Records a login to `acme`, which activates whoever is pending.
pub async fn log_in(world: &World, email: &str) -> Answer {
    world
        .send(&Who::person(email), Request::new("POST", "/v1/scopes/acme/logins"))
        .await
        .expect(200)
}

/// Invites as `by`.
pub async fn invite(world: &World, by: &str, scope: &str, body: &Value) -> Answer {
    let request = Request::new("POST", &format!("/v1/scopes/{scope}/collaborators")).json(body);
    world.send(&Who::person(by), request).await
}

/// Invites as the owner of `acme`, and makes active.
pub async fn active(world: &World, email: &str, scope: &str, role: &str) -> Answer {
    let invited = invite(world, "owner@acme.test", scope, &json!({ "email": email, "role": role }))
        .await
        .expect(201);
    log_in(world, email).await;
    let id = invited.text("/id");
    get(world, "owner@acme.test", &format!("/v1/scopes/{scope}/collaborators/{id}"))
        .await
        .expect(200)
}

/// Four whose access to `acme` as administrators is not yet or no longer: the words before `@example.org`. Takes 14 days.
pub async fn without_access(world: &World) -> [&'static str; 4] {
    let administrator = |email: &str| json!({ "email": email, "role": "administrator" });
    active(world, "revoked@example.org", "acme", "administrator").await;
    revoke(world, "owner@acme.test", ("acme", "revoked@example.org")).await.expect(200);
    let mut ending = administrator("ended@example.org");
    ending["expiresAt"] = json!("2026-11-29T12:00:00Z");
    for soon_over in [ending, administrator("expired@example.org")] {
        invite(world, "owner@acme.test", "acme", &soon_over).await.expect(201);
    }
    log_in(world, "ended@example.org").await;
    world.wait(DAY * 14);
    let pending = administrator("pending@example.org");
    invite(world, "owner@acme.test", "acme", &pending).await.expect(201);
    ["pending", "expired", "ended", "revoked"]
}

/// Gets as `who`.
pub async fn get(world: &World, who: &str, target: &str) -> Answer {
    world.send(&Who::person(who), Request::new("GET", target)).await
}

/// Posts a body as `who`.
pub async fn post(world: &World, who: &Who, target: &str, body: &Value) -> Answer {
    world.send(who, Request::new("POST", target).json(body)).await
}

/// The id that an address has in `acme`.
pub fn id_of(world: &World, email: &str) -> String {
    world.id_of("acme", email)
}

/// The path of somebody at a scope of `acme`.
pub fn path_of(world: &World, scope: &str, email: &str) -> String {
    format!("/v1/scopes/{scope}/collaborators/{}", id_of(world, email))
}

/// Somebody as the owner of `acme` sees him at a scope, or below it.
pub async fn seen(world: &World, scope: &str, email: &str) -> Answer {
    get(world, "owner@acme.test", &format!("{}?below=true", path_of(world, scope, email))).await
}

/// The entity tag of somebody as he is now.
pub async fn etag_of(world: &World, email: &str) -> String {
    seen(world, "acme", email).await.expect(200).etag().to_owned()
}

/// Gives somebody a role at a scope as `by`, on the version as it is now.
pub async fn assign(world: &World, by: &str, (scope, email): (&str, &str), body: &Value) -> Answer {
    let target = format!("{}/role", path_of(world, scope, email));
    let request = Request::new("PUT", &target).json(body).if_match(&etag_of(world, email).await);
    world.send(&Who::person(by), request).await
}

/// Takes somebody's access at a scope as `by`, on the version as it is now.
pub async fn revoke(world: &World, by: &str, (scope, email): (&str, &str)) -> Answer {
    let request = Request::new("DELETE", &path_of(world, scope, email));
    world.send(&Who::person(by), request.if_match(&etag_of(world, email).await)).await
}

/// Sends somebody's invitation again as `by`.
pub async fn resend(world: &World, by: &Who, (scope, email): (&str, &str)) -> Answer {
    let target = format!("{}/resend", path_of(world, scope, email));
    world.send(by, Request::new("POST", &target)).await
}

/// Delivers the mail that is due; the token of the last invitation to an address.
pub async fn token_of(world: &World, email: &str) -> String {
    world.deliver().await;
    let mails = world.ses.mails_to(email);
    mails.iter().rfind(|mail| mail.text.contains('#')).unwrap().token()
}

/// Accepts the invitation of a token.
pub async fn accept(world: &World, who: &Who, token: &str) -> Answer {
    post(world, who, "/v1/invitations/accept", &json!({ "token": token })).await
}

/// Looks at the invitation of a token, without a login.
pub async fn preview(world: &World, token: &str) -> Answer {
    post(world, &Who::nobody(), "/v1/invitations/preview", &json!({ "token": token })).await
}

/// The seats of `acme`, as `[limit, used]`.
pub async fn seats(world: &World) -> Value {
    let seen = world.send(&Who::platform(), Request::new("GET", "/v1/scopes/acme")).await;
    json!([seen.body["seats"]["limit"], seen.body["seats"]["used"]])
}

/// The kinds of mail that wait for somebody of `acme`, the oldest first.
pub async fn queued(world: &World, email: &str) -> Vec<String> {
    let id = id_of(world, email);
    let rows = rows(world, "O#").await.into_values();
    rows.filter(|row| text(row, "collaborator") == id).map(|row| text(&row, "kind")).collect()
}

/// The history of somebody of `acme`, the oldest first: `granted by olga@acme.test: acme:rh - > reader active`.
pub async fn history(world: &World, email: &str) -> Vec<String> {
    let id = id_of(world, email);
    let rows = rows(world, "H#acme").await.into_values();
    let of_him = rows.filter(|row| text(row["collaborator"].as_m().unwrap(), "id") == id);
    of_him.map(|row| event(&row)).collect()
}

/// The items of the partitions that begin with `prefix`, by their sort key.
pub async fn rows(
    world: &World,
    prefix: &str,
) -> BTreeMap<String, HashMap<String, AttributeValue>> {
    let all = world.dynamodb().scan().table_name("coulisses");
    let all = all.filter_expression("begins_with(pk, :prefix)");
    let all = all.expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()));
    let items = all.send().await.unwrap().items.unwrap_or_default();
    items.into_iter().map(|item| (text(&item, "sk"), item)).collect()
}

fn event(row: &HashMap<String, AttributeValue>) -> String {
    let actor = row["actor"].as_m().unwrap();
    let by = match actor.get("person") {
        Some(person) => text(person.as_m().unwrap(), "email"),
        None => actor.keys().next().unwrap().clone(),
    };
    let state = |change: &HashMap<String, AttributeValue>, when: &str| {
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

fn text(item: &HashMap<String, AttributeValue>, name: &str) -> String {
    item[name].as_s().unwrap().clone()
}
