//! The contract: `infra/openapi.yaml`, against which every answer that a test gets is held.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use coulisses_aws::http::{Request, route};
use jsonschema::Validator;
use lambda_http::RequestExt;
use serde_json::{Map, Value, json};

use crate::Answer;

static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::read);

/// The methods that an OpenAPI path may have.
const METHODS: [&str; 5] = ["get", "put", "post", "patch", "delete"];

/// Headers of an answer that say something, so that they are documented where they stand.
const TELLING: [&str; 3] = ["etag", "location", "retry-after"];

/// The contract, read.
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
    /// What stands under the method.
    pub told: &'a Value,
    /// What stands under the path.
    item: &'a Value,
}

impl Contract {
    /// The contract, read once.
    #[must_use]
    pub fn get() -> &'static Self {
        &CONTRACT
    }

    fn read() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/openapi.yaml");
        let text = std::fs::read_to_string(path).expect("the contract");
        let document = yaml_serde::from_str(&text).expect("the contract as YAML");
        Self { document, validators: Mutex::default() }
    }

    /// All of it.
    #[must_use]
    pub const fn document(&self) -> &Value {
        &self.document
    }

    /// What `value` is, or refers to.
    #[must_use]
    pub fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let Some(reference) = value["$ref"].as_str() else { return value };
        let target = reference.strip_prefix('#').and_then(|at| self.document.pointer(at));
        self.resolved(target.unwrap_or_else(|| panic!("{reference} refers to nothing")))
    }

    /// The operations.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        entries(&self.document["paths"]).flat_map(|(path, item)| {
            entries(item)
                .filter(|(method, _)| METHODS.contains(method))
                .map(move |(method, told)| Operation { method: capitals(method), path, told, item })
        })
    }

    /// What is wrong with `value` by `schema`, in the validator's words.
    #[must_use]
    pub fn faults(&self, schema: &Value, value: &Value) -> Option<String> {
        let validator = self.validator(schema);
        let told = |error: jsonschema::ValidationError<'_>| {
            format!("{} at \"{}\"", error, error.instance_path())
        };
        let faults: Vec<String> = validator.iter_errors(value).take(5).map(told).collect();
        (!faults.is_empty()).then(|| faults.join("; "))
    }

    /// What is wrong with an answer to this method and path of a route.
    #[must_use]
    pub fn faults_of_answer(&self, method: &str, path: &str, answer: &Answer) -> Option<String> {
        self.judge_answer(self.operation(method, path), answer).err()
    }

    fn operation(&self, method: &str, path: &str) -> Operation<'_> {
        self.operations()
            .find(|operation| operation.method == method && operation.path == path)
            .unwrap_or_else(|| panic!("{method} {path} is not in the contract"))
    }

    fn judge_answer(&self, operation: Operation<'_>, answer: &Answer) -> Result<(), String> {
        let response = &operation.told["responses"][answer.status.to_string()];
        if response.is_null() {
            return Err("this status is not in the contract".to_owned());
        }
        let response = self.resolved(response);
        let content_type = answer.header("content-type");
        let content = &response["content"][content_type];
        if content.is_null() {
            return Err(format!("the content type {content_type:?} is not in the contract"));
        }
        self.valid(&content["schema"], &answer.body, "the body")?;
        for (name, header) in entries(&response["headers"]) {
            let value = answer.headers.get(name).and_then(|value| value.to_str().ok());
            self.valid_text(self.resolved(header), value, name)?;
        }
        let undocumented =
            |name: &str| answer.headers.contains_key(name) && response["headers"][name].is_null();
        match TELLING.iter().find(|name| undocumented(name)) {
            Some(name) => Err(format!("the header {name} is not in the contract")),
            None => Ok(()),
        }
    }

    /// Judges a request that the functions took: the contract must not be narrower than they are.
    fn judge_request(&self, operation: Operation<'_>, request: &Request) -> Result<(), String> {
        let (path, query) = (request.path_parameters(), request.query_string_parameters());
        let mut known = Vec::new();
        for list in [&operation.item["parameters"], &operation.told["parameters"]] {
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
        self.judge_body(&operation.told["requestBody"], request.body())
    }

    fn judge_body(&self, documented: &Value, body: &[u8]) -> Result<(), String> {
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

    /// Judges the text of a header or parameter, which may be that of a number or of a truth value.
    fn valid_text(&self, told: &Value, text: Option<&str>, name: &str) -> Result<(), String> {
        let Some(text) = text else {
            let missing = told["required"] == true;
            return if missing { Err(format!("without {name}")) } else { Ok(()) };
        };
        let is_text = self.resolved(&told["schema"])["type"] == "string";
        let read = if is_text { None } else { serde_json::from_str(text).ok() };
        self.valid(&told["schema"], &read.unwrap_or_else(|| text.into()), name)
    }

    fn valid(&self, schema: &Value, value: &Value, what: &str) -> Result<(), String> {
        self.faults(schema, value).map_or(Ok(()), |faults| Err(format!("{what}: {faults}")))
    }

    /// The validator of a schema, made once.
    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let mut made = self.validators.lock().unwrap_or_else(PoisonError::into_inner);
        let validator = made.entry(schema.to_string()).or_insert_with(|| {
            let components = json!({ "schemas": self.document["components"]["schemas"] });
            let whole = json!({ "allOf": [schema], "components": components });
            let options = jsonschema::draft202012::options().should_validate_formats(true);
            Arc::new(options.build(&whole).expect("a schema"))
        });
        Arc::clone(validator)
    }
}

/// Holds an answer against the contract, and the request too if it was done.
///
/// # Panics
/// If the contract does not know of such an answer, or of such a request.
pub(crate) fn check(request: &Request, answer: &Answer) {
    let contract = Contract::get();
    let route = route(request).expect("a route");
    let (method, path) = route.split_once(' ').expect("a method and a path");
    let operation = contract.operation(method, path);
    let mut judged = contract.judge_answer(operation, answer);
    if (200..300).contains(&answer.status) {
        judged = judged.and_then(|()| contract.judge_request(operation, request));
    }
    if let Err(fault) = judged {
        panic!("{route}, answered {}: {fault}", answer.told());
    }
}

fn entries(map: &Value) -> impl Iterator<Item = (&str, &Value)> {
    map.as_object().into_iter().flat_map(Map::iter).map(|(name, value)| (name.as_str(), value))
}

fn capitals(method: &str) -> &'static str {
    match method {
        "get" => "GET",
        "put" => "PUT",
        "post" => "POST",
        "patch" => "PATCH",
        _ => "DELETE",
    }
}
