//! The contract matches the template and the functions.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a contract that cannot be read must fail at once"
)]

use std::collections::{BTreeMap, BTreeSet};

use coulisses_aws::http::Code;
use coulisses_domain::{
    client::Granting,
    collaborator::{MAX_GRANTS, Status},
    delivery::Delivery,
    history::Action,
    locale::Locale,
    permission::Permission,
    refusal::Refusal,
    role::ROLES,
};
use coulisses_tests::{Answer, Contract, Principal, Request, Template};
use serde_json::{Value, json};

use crate::support::{acme, get, id_of, path_of};

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().map(|text| text.as_str().unwrap()).collect()
}

fn schema(name: &str) -> &'static Value {
    &Contract::get().document()["components"]["schemas"][name]
}

/// Every value in the document, with its path.
fn collect_values(value: &'static Value, at: &str, found: &mut Vec<(String, &'static Value)>) {
    found.push((at.to_owned(), value));
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                collect_values(value, &format!("{at}/{name}"), found);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                collect_values(value, &format!("{at}/{index}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn all_values() -> Vec<(String, &'static Value)> {
    let mut found = Vec::new();
    collect_values(Contract::get().document(), "", &mut found);
    found
}

/// The codes of each operation, by its route and the status.
fn codes() -> BTreeMap<(String, u16), BTreeSet<&'static str>> {
    let contract = Contract::get();
    let mut codes = BTreeMap::new();
    for operation in contract.operations() {
        for (status, response) in operation.spec["responses"].as_object().unwrap() {
            let content = &contract.resolved(response)["content"]["application/problem+json"];
            if !content.is_null() {
                let narrowed = &content["schema"]["allOf"][1]["properties"];
                let status: u16 = status.parse().unwrap();
                assert_eq!(narrowed["status"]["const"], status);
                let route = format!("{} {}", operation.method, operation.path);
                codes.insert(
                    (route, status),
                    texts(&narrowed["code"]["enum"]).into_iter().collect(),
                );
            }
        }
    }
    codes
}

#[test]
fn the_routes_are_those_of_the_template() {
    let contract = Contract::get();
    let documented: BTreeSet<_> = contract.operations().map(|it| (it.method, it.path)).collect();
    let routes = Template::read().routes();
    let deployed = routes.iter().map(|route| (route.method.as_str(), route.path.as_str()));
    assert_eq!(documented, deployed.collect());
}

#[test]
fn only_the_open_route_needs_no_login() {
    let contract = Contract::get();
    assert_eq!(contract.document()["security"], json!([{ "jwt": [] }]));
    let routes = Template::read().routes();
    for operation in contract.operations() {
        let route = routes
            .iter()
            .find(|route| route.method == operation.method && route.path == operation.path)
            .unwrap();
        let security = operation.spec.get("security");
        assert_eq!(security, route.open.then_some(&json!([])), "{route:?}");
        assert_eq!(operation.spec["responses"]["401"].is_null(), route.open, "{route:?}");
    }
}

#[test]
fn every_operation_describes_itself_and_who_may_call() {
    let mut ids = BTreeSet::new();
    for operation in Contract::get().operations() {
        let field = |name: &str| operation.spec[name].as_str().unwrap_or_default();
        assert!(!field("summary").is_empty(), "{operation:?}");
        assert!(field("description").contains("*May call:*"), "{operation:?}");
        assert!(ids.insert(field("operationId")), "{operation:?}");
    }
}

#[test]
fn the_codes_are_those_of_the_functions_each_with_its_status() {
    let name = |code: &Code| code.name();
    let expected: Vec<&str> = Code::ALL.iter().map(name).collect();
    assert_eq!(texts(&schema("Code")["enum"]), expected);
    let mut documented = BTreeSet::new();
    for ((route, status), codes) in codes() {
        for code in codes {
            let known = Code::ALL.iter().find(|known| known.name() == code).unwrap();
            assert_eq!(known.status().as_u16(), status, "{code} of {route}");
            documented.insert(code);
        }
    }
    assert_eq!(documented, expected.iter().copied().collect());
    let table = schema("Code")["description"].as_str().unwrap();
    for code in Code::ALL {
        let row = format!("| `{}` | {} |", code.name(), code.status().as_u16());
        assert!(table.contains(&row), "{row}");
    }
    let fields: BTreeSet<_> =
        texts(&schema("FieldError")["properties"]["code"]["enum"]).into_iter().collect();
    assert!(fields.is_subset(&documented));
}

#[test]
fn the_enums_are_those_of_the_domain() {
    let roles = ROLES.map(|entry| entry.key);
    assert_eq!(texts(&schema("CatalogueRole")["enum"]), roles);
    let permissions = Permission::ALL.map(Permission::name);
    assert_eq!(texts(&schema("Permission")["enum"]), permissions);
    assert_eq!(texts(&schema("Status")["enum"]), Status::ALL.map(Status::name));
    assert_eq!(texts(&schema("Delivery")["enum"]), Delivery::ALL.map(Delivery::name));
    assert_eq!(texts(&schema("Action")["enum"]), Action::ALL.map(Action::name));
    let granting = [Granting::Administrators, Granting::Owner].map(Granting::name);
    assert_eq!(texts(&schema("Granting")["enum"]), granting);
    assert_eq!(texts(&schema("Locale")["enum"]), [Locale::Fr, Locale::En].map(Locale::name));
}

#[test]
fn every_object_is_closed_and_every_field_is_described() {
    let contract = Contract::get();
    let mut objects = 0;
    for (at, value) in all_values() {
        if let Some(Value::String(_)) = value.get("$ref") {
            let _ = contract.resolved(value);
        }
        if value["type"] == "object" {
            objects += 1;
            // A map from names of a known form, such as the ids of scopes.
            let is_map = value["propertyNames"]["$ref"].is_string();
            let rest = &value["additionalProperties"];
            // AuthZEN ignores unknown fields, and tests/all/authzen.rs that it does.
            let is_open = at.contains("/Authzen") && rest.is_null();
            assert!(is_open || rest == false || (is_map && rest["$ref"].is_string()), "{at}");
            for (name, property) in value["properties"].as_object().into_iter().flatten() {
                let described = [property, contract.resolved(property)]
                    .iter()
                    .any(|it| it["description"].as_str().is_some_and(|text| !text.is_empty()));
                assert!(described, "{at}: {name}");
            }
            let known = |name: &&str| !value["properties"][*name].is_null();
            assert!(texts(&value["required"]).iter().all(known), "{at}");
        }
    }
    assert!(objects > 20);
}

#[test]
fn every_response_of_a_problem_names_its_codes() {
    let mut named = 0;
    for (at, value) in all_values() {
        let problem = &value["content"]["application/problem+json"];
        let codes = texts(&value["x-codes"]);
        assert_eq!(codes.is_empty(), problem.is_null(), "{at}");
        for code in codes {
            named += 1;
            let description = value["description"].as_str().unwrap_or_default();
            assert!(description.contains(&format!("`{code}`")), "{at}: {code}");
        }
    }
    assert!(named > 100, "{named}");
}

/// One schema for each body: generators leave an operation out whose bodies they cannot read.
#[test]
fn no_schema_is_composed_except_of_one_and_null_or_of_a_response_and_a_dry_run() {
    let shipped: &'static Value = Box::leak(Box::new(Contract::shipped()));
    let mut found = Vec::new();
    collect_values(shipped, "", &mut found);
    let mut unions = 0;
    for (at, value) in found {
        assert!(value["anyOf"].is_null(), "{at}");
        let conditions = at.ends_with("/Problem");
        assert!(value["allOf"].is_null() || conditions, "{at}");
        let is_property = at.rsplit('/').nth(1) == Some("properties");
        assert!(!(is_property && value["type"] == "null"), "{at}");
        if let Some(either) = value["oneOf"].as_array() {
            unions += 1;
            let last = either.last().unwrap();
            let with_null = last == &json!({ "type": "null" });
            let with_dry_run = last["$ref"] == "#/components/schemas/DryRun";
            assert!(either.len() == 2 && (with_null || with_dry_run), "{at}");
        }
    }
    assert!(unions > 20, "{unions}");
}

#[test]
fn every_text_list_and_number_has_its_limits() {
    let mut limited = 0;
    for (at, value) in all_values() {
        let has = |name: &str| !value[name].is_null();
        let of = |kind: &str| value["type"] == kind || texts(&value["type"]).contains(&kind);
        if at.ends_with("/properties") || !has("type") {
            continue;
        }
        let is_time = value["format"] == "date-time";
        let known = has("enum") || has("const");
        assert!(!of("string") || has("maxLength") || known || is_time, "{at}");
        assert!(!of("array") || has("maxItems"), "{at}");
        assert!(!of("integer") || known || (has("minimum") && has("maximum")), "{at}");
        limited += usize::from(has("maxLength") || has("maxItems") || has("maximum"));
    }
    assert!(limited > 100, "{limited}");
    let grants = &schema("Collaborator")["properties"]["grants"];
    assert_eq!(grants["maxItems"], MAX_GRANTS);
    let holders = &schema("Problem")["properties"]["collaborators"];
    assert_eq!(holders["maxItems"], Refusal::MOST_HOLDERS);
}

#[test]
fn every_example_is_valid() {
    let contract = Contract::get();
    let mut examples = 0;
    for (at, value) in all_values() {
        // A schema has a list; a body or a parameter has one, or several with a summary each.
        let (schema, listed) = match value.get("schema") {
            Some(schema) => (schema, vec![&value["example"]]),
            None => (value, value["examples"].as_array().into_iter().flatten().collect()),
        };
        let named = value["examples"].as_object().into_iter().flatten();
        let named = named.map(|(_, example)| &example["value"]);
        for example in listed.into_iter().chain(named).filter(|example| !example.is_null()) {
            examples += 1;
            assert_eq!(contract.violations(schema, example), None, "{at}: {example}");
            if let Some(code) = Code::ALL.iter().find(|code| example["code"] == code.name()) {
                let (title, detail) = code.localized(Locale::En);
                assert_eq!(example["title"], title);
                // The reason follows in brackets.
                let given = example["detail"].as_str().unwrap_or_default();
                let rest = given.strip_prefix(detail).unwrap_or(given);
                assert!(rest.is_empty() || rest.starts_with(" ("), "{example}");
            }
        }
    }
    assert!(examples > 15);
}

#[tokio::test]
async fn every_query_parameter_is_documented() {
    let world = acme().await;
    let owner = Principal::user("owner@acme.test");
    let one = path_of(&world, "acme", "owner@acme.test");
    for (method, path, target) in [
        ("GET", "/v1/scopes/{scope}", "/v1/scopes/acme"),
        ("GET", "/v1/scopes/{scope}/collaborators", "/v1/scopes/acme/collaborators"),
        ("GET", "/v1/scopes/{scope}/collaborators/{id}", one.as_str()),
        ("DELETE", "/v1/scopes/{scope}/collaborators/{id}", one.as_str()),
        ("GET", "/v1/scopes/{scope}/history", "/v1/scopes/acme/history"),
    ] {
        let refused =
            world.send(&owner, Request::new(method, &format!("{target}?nonsense=1"))).await;
        let detail = refused.expect(400).text("/detail").to_owned();
        let (_, known) = detail.split_once("known are: ").unwrap();
        let known: BTreeSet<&str> = known.trim_end_matches(')').split(", ").collect();
        let mut operations = Contract::get().operations();
        let operation = operations.find(|it| it.method == method && it.path == path).unwrap();
        let parameters = operation.spec["parameters"].as_array().unwrap().iter();
        let name = |parameter: &'static Value| match parameter["$ref"].as_str() {
            Some(shared) => shared.ends_with("/DryRun").then_some("dryRun"),
            None => parameter["name"].as_str().filter(|_| parameter["in"] == "query"),
        };
        let documented: BTreeSet<&str> = parameters.filter_map(name).collect();
        assert_eq!(documented, known, "{method} {path}");
    }
}

#[tokio::test]
async fn an_answer_that_violates_the_contract_is_detected() {
    let world = acme().await;
    let path = "/v1/scopes/{scope}/collaborators/{id}";
    let violations = |answer: &Answer| Contract::get().violations_of("GET", path, answer);
    let one = get(&world, "owner@acme.test", &path_of(&world, "acme", "owner@acme.test")).await;
    assert_eq!(violations(&one), None);
    let mut refused =
        get(&world, "stranger@acme.test", &path_of(&world, "acme", "a@acme.test")).await;
    assert_eq!(violations(&refused), None);

    let mut other = one.clone();
    other.status = 202;
    assert_eq!(violations(&other).unwrap(), "this status is not in the contract");
    for (pointer, value) in [
        ("", json!({})),
        ("/id", json!("short")),
        ("/role", json!("King")),
        ("/grants/0/grantedBy", json!({ "platform": false })),
        ("/grants/0/expiresAt", json!("2026-11-22T12:00:00+01:00")),
        ("/lastLoginAt", json!("yesterday")),
        ("/version", json!(id_of(&world, "owner@acme.test"))),
    ] {
        let mut other = one.clone();
        *other.body.pointer_mut(pointer).unwrap() = value;
        assert!(violations(&other).unwrap().starts_with("the body: "), "{pointer}");
    }
    let mut other = one.clone();
    other.body["seat"] = true.into();
    assert!(violations(&other).unwrap().contains("'seat' was unexpected"));
    for (name, value, fault) in [
        ("etag", None, "without etag"),
        ("etag", Some("W/\"1\""), "etag: "),
        ("location", Some("/"), "the header location is not in the contract"),
        ("cache-control", Some("public"), "cache-control: "),
        ("content-type", Some("text/plain"), "the content type \"text/plain\""),
    ] {
        let mut other = one.clone();
        match value {
            None => drop(other.headers.remove(name)),
            Some(value) => drop(other.headers.insert(name, value.parse().unwrap())),
        }
        assert!(violations(&other).unwrap().starts_with(fault), "{name}: {:?}", violations(&other));
    }
    refused.body["code"] = "invitation-not-found".into();
    assert!(violations(&refused).unwrap().starts_with("the body: "));
}
