//! The contract, `infra/openapi.yaml`. Every answer in a test is checked against it, and the codes of its problems against
//! `x-codes`.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex},
};

use coulisses_aws::http::{Code, Request, Route};
use jsonschema::Validator;
use lambda_http::RequestExt;
use serde_json::{Map, Value, json};

use crate::{Answer, lock};

static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::read);

/// The methods of a path item, and in capitals.
const METHODS: [(&str, &str); 5] =
    [("get", "GET"), ("put", "PUT"), ("post", "POST"), ("patch", "PATCH"), ("delete", "DELETE")];

/// Headers that must be documented wherever they appear.
const DOCUMENTED_HEADERS: [&str; 3] = ["etag", "location", "retry-after"];

/// The contract.
#[derive(Debug)]
pub struct Contract {
    document: Value,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// An operation of the contract.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// The method, in capitals as in a route.
    pub method: &'a str,
    /// The path, with its parameters in braces.
    pub path: &'a str,
    /// The operation object.
    pub spec: &'a Value,
    /// The path item.
    item: &'a Value,
}

impl Contract {
    /// The contract, read once.
    pub fn get() -> &'static Self {
        &CONTRACT
    }

    fn read() -> Self {
        let mut document = Self::shipped();
        narrow_problems(&mut document);
        // OpenAPI Generator makes no type of a schema with a condition that is `null` elsewhere.
        document["components"]["schemas"]["GrantState"]["allOf"] = json!([{
            "if": { "properties": { "role": { "const": "custom" } } },
            "then": { "required": ["permissions"] },
        }]);
        Self { document, validators: Mutex::default() }
    }

    /// The document as it is in the repository.
    pub fn shipped() -> Value {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/openapi.yaml");
        let text = std::fs::read_to_string(path).expect("the contract");
        yaml_serde::from_str(&text).expect("the contract as YAML")
    }

    /// The whole document. The schema of each problem allows the codes of its response only, and a custom role in the
    /// history has its permissions.
    pub const fn document(&self) -> &Value {
        &self.document
    }

    /// `value`, with a `$ref` resolved.
    pub fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let Some(reference) = value["$ref"].as_str() else { return value };
        let target = reference.strip_prefix('#').and_then(|at| self.document.pointer(at));
        self.resolved(target.unwrap_or_else(|| panic!("{reference} refers to nothing")))
    }

    /// The operations.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        entries(&self.document["paths"]).flat_map(|(path, item)| {
            METHODS.iter().filter_map(move |(name, method)| {
                item.get(name).map(|spec| Operation { method, path, spec, item })
            })
        })
    }

    /// The first violations of `schema` in `value`, if any.
    pub fn violations(&self, schema: &Value, value: &Value) -> Option<String> {
        let validator = self.validator(schema);
        let text = |error: jsonschema::ValidationError<'_>| {
            format!("{} at \"{}\"", error, error.instance_path())
        };
        let violations: Vec<String> = validator.iter_errors(value).take(5).map(text).collect();
        (!violations.is_empty()).then(|| violations.join("; "))
    }

    /// The violations of the contract in an answer of this operation, if any.
    pub fn violations_of(&self, method: &str, path: &str, answer: &Answer) -> Option<String> {
        self.check_answer(self.operation(method, path), answer).err()
    }

    fn operation(&self, method: &str, path: &str) -> Operation<'_> {
        self.operations()
            .find(|operation| operation.method == method && operation.path == path)
            .unwrap_or_else(|| panic!("{method} {path} is not in the contract"))
    }

    fn check_answer(&self, operation: Operation<'_>, answer: &Answer) -> Result<(), String> {
        let response = &operation.spec["responses"][answer.status.to_string()];
        if response.is_null() {
            return Err("this status is not in the contract".to_owned());
        }
        let response = self.resolved(response);
        let content_type = answer.header("content-type");
        let content = &response["content"][content_type];
        if !(response["content"].is_null() && content_type.is_empty()) {
            if content.is_null() {
                return Err(format!("the content type {content_type:?} is not in the contract"));
            }
            self.valid(&content["schema"], &answer.body, "the body")?;
        }
        for (name, header) in entries(&response["headers"]) {
            let value = answer.headers.get(name).and_then(|value| value.to_str().ok());
            self.valid_text(self.resolved(header), value, name)?;
        }
        let undocumented =
            |name: &str| answer.headers.contains_key(name) && response["headers"][name].is_null();
        match DOCUMENTED_HEADERS.iter().find(|name| undocumented(name)) {
            Some(name) => Err(format!("the header {name} is not in the contract")),
            None => Ok(()),
        }
    }

    /// Checks a request that a function accepted: the contract must not be narrower than the functions.
    fn check_request(&self, operation: Operation<'_>, request: &Request) -> Result<(), String> {
        let (path, query) = (request.path_parameters(), request.query_string_parameters());
        let mut known = Vec::new();
        for list in [&operation.item["parameters"], &operation.spec["parameters"]] {
            for parameter in list.as_array().into_iter().flatten() {
                let parameter = self.resolved(parameter);
                let name = parameter["name"].as_str().unwrap_or_default();
                let value = match parameter["in"].as_str() {
                    Some("path") => path.first(name),
                    Some("query") => {
                        known.push(name);
                        query.first(name)
                    }
                    _ => request.headers().get(name).and_then(|value| value.to_str().ok()),
                };
                self.valid_text(parameter, value.map(str::trim), name)?;
            }
        }
        if let Some((name, _)) = query.iter().find(|(name, _)| !known.contains(name)) {
            return Err(format!("the query parameter {name} is not in the contract"));
        }
        self.check_body(&operation.spec["requestBody"], request.body())
    }

    fn check_body(&self, documented: &Value, body: &[u8]) -> Result<(), String> {
        let documented = self.resolved(documented);
        if body.is_empty() {
            let missing = documented["required"] == true;
            return if missing { Err("without a body".to_owned()) } else { Ok(()) };
        }
        if documented.is_null() {
            return Err("a body of the request is not in the contract".to_owned());
        }
        let body = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let schema = &documented["content"]["application/json"]["schema"];
        self.valid(schema, &body, "the body of the request")
    }

    /// Checks a header or parameter, whose text can be that of a number or a boolean.
    fn valid_text(&self, spec: &Value, text: Option<&str>, name: &str) -> Result<(), String> {
        let Some(text) = text else {
            let missing = spec["required"] == true;
            return if missing { Err(format!("without {name}")) } else { Ok(()) };
        };
        let is_text = self.resolved(&spec["schema"])["type"] == "string";
        let read = if is_text { None } else { serde_json::from_str(text).ok() };
        self.valid(&spec["schema"], &read.unwrap_or_else(|| text.into()), name)
    }

    fn valid(&self, schema: &Value, value: &Value, what: &str) -> Result<(), String> {
        self.violations(schema, value).map_or(Ok(()), |found| Err(format!("{what}: {found}")))
    }

    /// The validator of a schema, cached.
    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut made = lock(&self.validators);
        let validator = made.entry(schema.to_string()).or_insert_with(|| {
            let components = json!({ "schemas": self.document["components"]["schemas"] });
            let whole = json!({ "allOf": [schema], "components": components });
            let options = jsonschema::draft202012::options().should_validate_formats(true);
            Arc::new(options.build(&whole).expect("a schema"))
        });
        Arc::clone(validator)
    }
}

/// Narrows the schemas of all problems to the codes that their responses list in `x-codes`. They are not there in the
/// contract itself, since generators would make a type of each.
fn narrow_problems(value: &mut Value) {
    if let Some(codes) = value.get("x-codes").cloned() {
        let first = codes[0].as_str().expect("a code");
        let code = Code::ALL.iter().find(|code| code.name() == first).expect("a known code");
        let narrowed = json!({
            "status": { "const": code.status().as_u16() },
            "code": { "enum": codes },
        });
        value["content"]["application/problem+json"]["schema"] = json!({
            "allOf": [{ "$ref": "#/components/schemas/Problem" }, { "properties": narrowed }],
        });
        // API Gateway's own response to a refused token.
        if let Some(own) = value["content"].get_mut("application/json") {
            own["schema"] = json!({ "allOf": [own["schema"], { "required": ["message"] }] });
        }
    }
    match value {
        Value::Object(map) => map.values_mut().for_each(narrow_problems),
        Value::Array(list) => list.iter_mut().for_each(narrow_problems),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Checks an answer against the contract, and the request too if it succeeded.
///
/// # Panics
/// If one of them violates the contract.
pub(crate) fn check(request: &Request, answer: &Answer) {
    let contract = Contract::get();
    let route = Route::of(request).expect("a route").key();
    let (method, path) = route.split_once(' ').expect("a method and a path");
    let operation = contract.operation(method, path);
    let mut checked = contract.check_answer(operation, answer);
    if (200..300).contains(&answer.status) {
        checked = checked.and_then(|()| contract.check_request(operation, request));
    }
    if let Err(violation) = checked {
        panic!("{route}, answered {}: {violation}", answer.outcome());
    }
}

fn entries(map: &Value) -> impl Iterator<Item = (&str, &Value)> {
    map.as_object().into_iter().flat_map(Map::iter).map(|(name, value)| (name.as_str(), value))
}
