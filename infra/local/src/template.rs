//! What `infra/template.yaml` says of the stack: the one source of table, routes, functions and schedules.

mod document;

use crate::intrinsics::{self, Unresolved};
use crate::routes::Route;
use document::{Document, Event, Resource, RouteEvent, RuleEvent, ScheduleEvent, StreamEvent};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thiserror::Error;

/// The table's name here; in AWS, CloudFormation makes one.
pub const TABLE_NAME: &str = "coulisses";

/// The deployment key here: constant, so that a restart on the same data finds the same ids.
const ID_KEY: &str = "development-key-development-key-development-key-development-key-";

const SECRET: &str = "{{resolve:secretsmanager:";

/// Why the template could not be read.
#[derive(Debug, Error)]
pub enum Unreadable {
    /// The file is missing or cannot be opened.
    #[error("{} cannot be opened", path.display())]
    File {
        /// The template's path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no YAML.
    #[error("the template is not YAML")]
    Yaml(#[from] yaml_serde::Error),
    /// Something in it has no value here.
    #[error("the template's `{place}` cannot be resolved")]
    Unresolved {
        /// The resource it stands in.
        place: String,
        /// What has no value.
        source: Unresolved,
    },
    /// A resource is not shaped as expected.
    #[error("the template's `{place}` is not shaped as expected")]
    Shape {
        /// The resource.
        place: String,
        /// What is missing or wrong.
        source: serde_json::Error,
    },
    /// A resource that the stack cannot do without is missing.
    #[error("the template has no {0}")]
    Missing(&'static str),
    /// A schedule is neither a rate nor a cron expression.
    #[error("the template's schedule `{0}` is not understood")]
    Schedule(String),
}

/// The template, as far as one machine needs it.
#[derive(Debug)]
pub struct Template {
    /// The body of `CreateTable`.
    pub table: Value,
    /// The attribute of time to live.
    pub ttl: Option<String>,
    /// What the HTTP API's authorizer accepts.
    pub jwt: Jwt,
    /// Every route of the HTTP API.
    pub routes: Vec<Route>,
    /// Every function.
    pub functions: Vec<Function>,
}

/// What a JWT authorizer accepts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Jwt {
    /// The accepted issuer.
    pub issuer: String,
    /// The accepted audiences.
    pub audience: Vec<String>,
}

/// A function, known by the name of its binary.
#[derive(Debug)]
pub struct Function {
    /// The binary's name.
    pub name: String,
    /// Its environment variables.
    pub environment: BTreeMap<String, String>,
    /// Its schedules.
    pub schedules: Vec<Schedule>,
    /// How it reads the table's stream, if it does.
    pub stream: Option<Stream>,
    /// The patterns of the events of the account's bus that it gets.
    pub rules: Vec<Value>,
}

/// When a schedule runs.
#[derive(Debug, PartialEq, Eq)]
pub enum Schedule {
    /// Again and again, after this time.
    Every(Duration),
    /// By a cron expression, which only runs by hand here.
    ByHand,
}

/// How a function reads the table's stream.
#[derive(Debug)]
pub struct Stream {
    /// Records at most in one event.
    pub batch: usize,
    /// Times that a batch is tried again.
    pub retries: u32,
    /// Patterns of which a record must match one; none: every record does.
    pub patterns: Vec<Value>,
}

impl Template {
    /// Reads the template at `path`, with `parameters` in place of its own ones.
    ///
    /// # Errors
    /// When the file is unreadable or something that the stack needs is not in it.
    pub fn read(path: &Path, parameters: &BTreeMap<&str, String>) -> Result<Self, Unreadable> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| Unreadable::File { path: path.to_owned(), source })?;
        Self::parse(&text, parameters)
    }

    /// Reads the template's text.
    ///
    /// # Errors
    /// When something that the stack needs is not in it.
    pub fn parse(text: &str, parameters: &BTreeMap<&str, String>) -> Result<Self, Unreadable> {
        let yaml: yaml_serde::Value = yaml_serde::from_str(text)?;
        let json = intrinsics::long_form(&yaml)
            .map_err(|source| Unreadable::Unresolved { place: "text".to_owned(), source })?;
        let document: Document = shaped("text", json)?;
        let reader = Reader { document: &document, parameters };
        let (table, ttl) = reader.table()?;
        let functions = reader.all_functions()?;
        let jwt = reader.jwt()?;
        let routes = reader.routes()?;
        Ok(Self { table, ttl, jwt, routes, functions })
    }

    /// The environment of the functions, all variables of all of them together.
    pub fn environment(&self) -> BTreeMap<String, String> {
        self.functions.iter().flat_map(|function| function.environment.clone()).collect()
    }
}

struct Reader<'a> {
    document: &'a Document,
    parameters: &'a BTreeMap<&'a str, String>,
}

impl<'a> Reader<'a> {
    fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = (&'a String, &'a Resource)> {
        self.document.resources.iter().filter(move |(_, resource)| resource.kind == kind)
    }

    fn name(&self, name: &str) -> Option<String> {
        if let Some(value) = self.parameters.get(name) {
            return Some(value.clone());
        }
        if let Some(parameter) = self.document.parameters.get(name) {
            return parameter.default.as_ref().map(text);
        }
        if let Some(resource) = self.document.resources.get(name) {
            let is_table = resource.kind == "AWS::DynamoDB::Table";
            return Some(if is_table { TABLE_NAME.to_owned() } else { name.to_owned() });
        }
        match name {
            "AWS::Region" => Some("local".to_owned()),
            "AWS::AccountId" => Some("000000000000".to_owned()),
            "AWS::Partition" => Some("aws".to_owned()),
            "AWS::StackName" => Some(TABLE_NAME.to_owned()),
            _ => None,
        }
    }

    fn resolved<T: DeserializeOwned>(&self, place: &str, value: &Value) -> Result<T, Unreadable> {
        let resolved = intrinsics::resolve(value, &|name| self.name(name))
            .map_err(|source| Unreadable::Unresolved { place: place.to_owned(), source })?;
        shaped(place, resolved)
    }

    fn table(&self) -> Result<(Value, Option<String>), Unreadable> {
        let (place, resource) = self
            .of_kind("AWS::DynamoDB::Table")
            .next()
            .ok_or(Unreadable::Missing("table (AWS::DynamoDB::Table)"))?;
        let properties: Map<String, Value> = self.resolved(place, &resource.properties)?;
        let ttl = properties
            .get("TimeToLiveSpecification")
            .and_then(|ttl| ttl.get("AttributeName"))
            .and_then(Value::as_str)
            .map(ToOwned::to_owned);
        let mut create = Map::from_iter([("TableName".to_owned(), Value::from(TABLE_NAME))]);
        // What CreateTable takes; the rest (recovery, encryption, protection) means nothing here.
        for key in [
            "AttributeDefinitions",
            "KeySchema",
            "GlobalSecondaryIndexes",
            "LocalSecondaryIndexes",
            "BillingMode",
            "StreamSpecification",
        ] {
            if let Some(value) = properties.get(key) {
                create.insert(key.to_owned(), value.clone());
            }
        }
        // CloudFormation leaves out what the API wants: that there is a stream at all.
        if let Some(Value::Object(stream)) = create.get_mut("StreamSpecification") {
            stream.insert("StreamEnabled".to_owned(), Value::Bool(true));
        }
        Ok((Value::Object(create), ttl))
    }

    fn jwt(&self) -> Result<Jwt, Unreadable> {
        let (place, api) = self.api()?;
        let auth = at(&api.properties, &["Auth"]);
        let default = at(auth, &["DefaultAuthorizer"])
            .as_str()
            .ok_or(Unreadable::Missing("default authorizer"))?;
        let configuration = at(auth, &["Authorizers", default, "JwtConfiguration"]);
        self.resolved(place, configuration)
    }

    fn api(&self) -> Result<(&'a String, &'a Resource), Unreadable> {
        self.of_kind("AWS::Serverless::HttpApi")
            .next()
            .ok_or(Unreadable::Missing("HTTP API (AWS::Serverless::HttpApi)"))
    }

    fn events(&self, place: &str, resource: &Resource) -> Result<Vec<Event>, Unreadable> {
        let events = at(&resource.properties, &["Events"]);
        if events.is_null() {
            return Ok(Vec::new());
        }
        let events: BTreeMap<String, Event> = self.resolved(place, events)?;
        Ok(events.into_values().collect())
    }

    fn routes(&self) -> Result<Vec<Route>, Unreadable> {
        let mut routes = Vec::new();
        for (place, resource) in self.of_kind("AWS::Serverless::Function") {
            for event in self.events(place, resource)? {
                if event.kind == "HttpApi" {
                    let route: RouteEvent = shaped(place, event.properties)?;
                    let authorizer = at(&route.auth, &["Authorizer"]).as_str();
                    routes.push(Route {
                        method: route.method.to_ascii_uppercase(),
                        path: route.path,
                        function: binary(place, resource),
                        open: authorizer == Some("NONE"),
                    });
                }
            }
        }
        Ok(routes)
    }

    fn all_functions(&self) -> Result<Vec<Function>, Unreadable> {
        self.of_kind("AWS::Serverless::Function")
            .map(|(place, resource)| self.function(place, resource))
            .collect()
    }

    fn function(&self, place: &str, resource: &Resource) -> Result<Function, Unreadable> {
        let globals = at(&self.document.globals, &["Function", "Environment", "Variables"]);
        let own = at(&resource.properties, &["Environment", "Variables"]);
        let mut environment = BTreeMap::new();
        for variables in [globals, own] {
            if !variables.is_null() {
                let variables: BTreeMap<String, Value> = self.resolved(place, variables)?;
                environment
                    .extend(variables.iter().map(|(key, value)| (key.clone(), plain(value))));
            }
        }
        let mut function = Function {
            name: binary(place, resource),
            environment,
            schedules: Vec::new(),
            stream: None,
            rules: Vec::new(),
        };
        for event in self.events(place, resource)? {
            match event.kind.as_str() {
                "Schedule" | "ScheduleV2" => {
                    let event: ScheduleEvent = shaped(place, event.properties)?;
                    function.schedules.push(schedule(&event.schedule)?);
                }
                "DynamoDB" => function.stream = Some(stream(place, event.properties)?),
                "EventBridgeRule" => {
                    let event: RuleEvent = shaped(place, event.properties)?;
                    function.rules.push(event.pattern);
                }
                _ => {}
            }
        }
        Ok(function)
    }
}

fn stream(place: &str, properties: Value) -> Result<Stream, Unreadable> {
    let event: StreamEvent = shaped(place, properties)?;
    let patterns = event
        .filter_criteria
        .filters
        .iter()
        .map(|filter| serde_json::from_str(&filter.pattern))
        .collect::<Result<_, _>>()
        .map_err(|source| Unreadable::Shape { place: place.to_owned(), source })?;
    Ok(Stream { batch: event.batch_size, retries: event.maximum_retry_attempts, patterns })
}

fn schedule(expression: &str) -> Result<Schedule, Unreadable> {
    let unknown = || Unreadable::Schedule(expression.to_owned());
    if expression.starts_with("cron(") {
        return Ok(Schedule::ByHand);
    }
    let rate = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
    let (count, unit) = rate.and_then(|rate| rate.split_once(' ')).ok_or_else(unknown)?;
    let count: u64 = count.parse().map_err(|_| unknown())?;
    let seconds = match unit.trim_end_matches('s') {
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        _ => return Err(unknown()),
    };
    Ok(Schedule::Every(Duration::from_secs(count.saturating_mul(seconds))))
}

fn shaped<T: DeserializeOwned>(place: &str, value: Value) -> Result<T, Unreadable> {
    serde_json::from_value(value)
        .map_err(|source| Unreadable::Shape { place: place.to_owned(), source })
}

fn at<'v>(value: &'v Value, path: &[&str]) -> &'v Value {
    path.iter().fold(value, |value, key| value.get(key).unwrap_or(&Value::Null))
}

fn binary(place: &str, resource: &Resource) -> String {
    at(&resource.metadata, &["BuildProperties", "Binary"]).as_str().unwrap_or(place).to_owned()
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

fn plain(value: &Value) -> String {
    let value = text(value);
    if value.starts_with(SECRET) { ID_KEY.to_owned() } else { value }
}

#[cfg(test)]
mod tests;
