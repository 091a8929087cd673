//! The stack as `infra/template.yaml` declares it: table, routes, functions and schedules.

mod document;

use crate::intrinsics;
use crate::routes::Route;
use crate::values::text;
use anyhow::{Context, Result, bail};
use document::{Document, Event, Resource, RouteEvent, RuleEvent, ScheduleEvent, StreamEvent};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// The local table's name. In AWS, CloudFormation generates one.
pub const TABLE_NAME: &str = "coulisses";

/// The local deployment key: constant, so that ids stay the same after a restart with the same data.
const ID_KEY: &str = "development-key-development-key-development-key-development-key-";

/// The authorizer of every route that needs a login.
const AUTHORIZER: &str = "Jwt";

const SECRET: &str = "{{resolve:secretsmanager:";

/// The parts of the template that the local stack needs.
#[derive(Debug)]
pub struct Template {
    /// The request body of `CreateTable`.
    pub table: Value,
    /// The attribute with the time to live.
    pub ttl: Option<String>,
    pub jwt: Jwt,
    /// Which pages of other origins may call the HTTP API; `None` for none.
    pub cors: Option<Cors>,
    pub routes: Vec<Route>,
    pub functions: Vec<Function>,
}

/// What the JWT authorizer accepts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Jwt {
    pub issuer: String,
    pub audience: Vec<String>,
}

/// The HTTP API's answers to pages of other origins.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cors {
    pub allow_origins: Vec<String>,
    pub allow_methods: Vec<String>,
    pub allow_headers: Vec<String>,
    pub expose_headers: Vec<String>,
    /// How long a browser may keep the answer, in seconds.
    pub max_age: u64,
}

#[derive(Debug)]
pub struct Function {
    /// The name of its binary.
    pub name: String,
    pub environment: BTreeMap<String, String>,
    pub schedules: Vec<Schedule>,
    pub stream: Option<Stream>,
    /// The patterns of the bus events that it receives.
    pub rules: Vec<Value>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// Runs at this interval, with this event instead of the one of a schedule.
    Every(Duration, Option<Value>),
    /// A cron expression, which does not run here by itself.
    Manual,
}

/// How a function reads the table's stream.
#[derive(Debug)]
pub struct Stream {
    /// The most records in one event.
    pub batch: usize,
    /// How many times a batch is retried.
    pub retries: u32,
    /// A record must match one of these patterns, if there are any.
    pub patterns: Vec<Value>,
}

impl Template {
    /// Reads the template at `path` with these parameter values.
    pub fn read(path: &Path, parameters: &BTreeMap<&str, String>) -> Result<Self> {
        let text = std::fs::read_to_string(path);
        let text = text.with_context(|| format!("{} cannot be opened", path.display()))?;
        Self::parse(&text, parameters)
    }

    pub fn parse(text: &str, parameters: &BTreeMap<&str, String>) -> Result<Self> {
        let yaml: yaml_serde::Value = yaml_serde::from_str(text)?;
        let document: Document = serde_json::from_value(serde_json::to_value(yaml)?)?;
        let reader = Reader { document: &document, parameters };
        let (table, ttl) = reader.table()?;
        let jwt = reader.jwt()?;
        let cors = reader.cors()?;
        let (mut routes, mut functions) = (Vec::new(), Vec::new());
        for (name, resource) in reader.of_kind("AWS::Serverless::Function") {
            let function = reader.function(name, resource, &mut routes);
            functions.push(function.with_context(|| format!("the resource `{name}`"))?);
        }
        Ok(Self { table, ttl, jwt, cors, routes, functions })
    }

    /// The environment variables of all functions together.
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

    fn first(&self, kind: &'static str) -> Result<&'a Value> {
        let resource = self.of_kind(kind).next();
        Ok(&resource.with_context(|| format!("there is no resource of type {kind}"))?.1.properties)
    }

    /// The value of a name in `!Ref` or `!Sub`, or whether a condition is met, as `true` or `false`.
    fn name(&self, name: &str) -> Option<String> {
        if let Some(value) = self.parameters.get(name) {
            return Some(value.clone());
        }
        if let Some(parameter) = self.document.parameters.get(name) {
            return parameter.default.as_ref().map(text);
        }
        if let Some(condition) = self.document.conditions.get(name) {
            return intrinsics::is_met(condition, &|name| self.name(name)).map(|it| it.to_string());
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

    fn resolved<T: DeserializeOwned>(&self, value: &Value) -> Result<T> {
        Ok(serde_json::from_value(intrinsics::resolve(value, &|name| self.name(name))?)?)
    }

    /// Like [`Self::resolved`], with the default for a missing value.
    fn resolved_or_default<T: DeserializeOwned + Default>(&self, value: &Value) -> Result<T> {
        if value.is_null() { Ok(T::default()) } else { self.resolved(value) }
    }

    fn table(&self) -> Result<(Value, Option<String>)> {
        let properties: Map<String, Value> = self.resolved(self.first("AWS::DynamoDB::Table")?)?;
        let ttl = properties
            .get("TimeToLiveSpecification")
            .and_then(|ttl| ttl.get("AttributeName"))
            .map(text);
        let mut create = Map::from_iter([("TableName".to_owned(), Value::from(TABLE_NAME))]);
        // The rest (recovery, encryption, protection) has no local counterpart.
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
        // The API needs this entry, which CloudFormation implies.
        if let Some(Value::Object(stream)) = create.get_mut("StreamSpecification") {
            stream.insert("StreamEnabled".to_owned(), Value::Bool(true));
        }
        Ok((Value::Object(create), ttl))
    }

    fn jwt(&self) -> Result<Jwt> {
        let api = self.first("AWS::Serverless::HttpApi")?;
        let jwt = self.resolved(at(api, &["Auth", "Authorizers", AUTHORIZER, "JwtConfiguration"]));
        jwt.with_context(|| format!("the HTTP API's authorizer {AUTHORIZER}"))
    }

    fn cors(&self) -> Result<Option<Cors>> {
        let api = self.first("AWS::Serverless::HttpApi")?;
        let wanted = self.parameters.get("CorsOrigins").is_some_and(|origins| !origins.is_empty());
        if !wanted {
            return Ok(None);
        }
        let cors = self.resolved(at(api, &["CorsConfiguration"]));
        cors.context("the HTTP API's CORS configuration").map(Some)
    }

    /// Reads a function, and adds its routes to `routes`.
    fn function(
        &self,
        name: &str,
        resource: &Resource,
        routes: &mut Vec<Route>,
    ) -> Result<Function> {
        let binary = at(&resource.metadata, &["BuildProperties", "Binary"]);
        let mut function = Function {
            name: binary.as_str().unwrap_or(name).to_owned(),
            environment: BTreeMap::new(),
            schedules: Vec::new(),
            stream: None,
            rules: Vec::new(),
        };
        let globals = at(&self.document.globals, &["Function", "Environment", "Variables"]);
        let own = at(&resource.properties, &["Environment", "Variables"]);
        for variables in [globals, own] {
            let variables: BTreeMap<String, Value> = self.resolved_or_default(variables)?;
            let variables = variables.into_iter().map(|(key, value)| (key, secret_or_text(&value)));
            function.environment.extend(variables);
        }
        let events: BTreeMap<String, Event> =
            self.resolved_or_default(at(&resource.properties, &["Events"]))?;
        for event in events.into_values() {
            match event.kind.as_str() {
                "HttpApi" => {
                    let route: RouteEvent = serde_json::from_value(event.properties)?;
                    routes.push(Route {
                        method: route.method.to_ascii_uppercase(),
                        path: route.path,
                        function: function.name.clone(),
                        open: at(&route.auth, &["Authorizer"]).as_str() != Some(AUTHORIZER),
                    });
                }
                "Schedule" | "ScheduleV2" => {
                    let event: ScheduleEvent = serde_json::from_value(event.properties)?;
                    function.schedules.push(schedule(&event.schedule, event.input.as_deref())?);
                }
                "DynamoDB" => function.stream = Some(stream(event.properties)?),
                "EventBridgeRule" => {
                    let rule: RuleEvent = serde_json::from_value(event.properties)?;
                    function.rules.push(rule.pattern);
                }
                _ => {}
            }
        }
        Ok(function)
    }
}

fn stream(properties: Value) -> Result<Stream> {
    let event: StreamEvent = serde_json::from_value(properties)?;
    let patterns = event.filter_criteria.filters.iter();
    let patterns = patterns.map(|filter| serde_json::from_str(&filter.pattern));
    Ok(Stream {
        batch: event.batch_size,
        retries: event.maximum_retry_attempts,
        patterns: patterns.collect::<Result<_, _>>()?,
    })
}

fn schedule(expression: &str, input: Option<&str>) -> Result<Schedule> {
    if expression.starts_with("cron(") {
        return Ok(Schedule::Manual);
    }
    let rate = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')'));
    let rate = rate.and_then(|rate| rate.split_once(' '));
    let (count, unit) = rate.with_context(|| format!("`{expression}` is not a rate"))?;
    let seconds = match unit.trim_end_matches('s') {
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        _ => bail!("`{expression}` has an unknown unit"),
    };
    let rate = Duration::from_secs(count.parse::<u64>()?.saturating_mul(seconds));
    let input = input.map(serde_json::from_str).transpose()?;
    Ok(Schedule::Every(rate, input))
}

fn at<'v>(value: &'v Value, path: &[&str]) -> &'v Value {
    path.iter().fold(value, |value, key| value.get(key).unwrap_or(&Value::Null))
}

fn secret_or_text(value: &Value) -> String {
    let value = text(value);
    if value.starts_with(SECRET) { ID_KEY.to_owned() } else { value }
}

#[cfg(test)]
mod tests;
