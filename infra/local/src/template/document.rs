//! The template's own shape, as far as it is read.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The whole template.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Document {
    #[serde(default)]
    pub parameters: BTreeMap<String, Parameter>,
    #[serde(default)]
    pub globals: Value,
    pub resources: BTreeMap<String, Resource>,
}

/// A parameter.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Parameter {
    pub default: Option<Value>,
}

/// A resource.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Resource {
    #[serde(rename = "Type")]
    pub kind: String,
    #[serde(default)]
    pub properties: Value,
    #[serde(default)]
    pub metadata: Value,
}

/// An event source of a function.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Event {
    #[serde(rename = "Type")]
    pub kind: String,
    #[serde(default)]
    pub properties: Value,
}

/// An `HttpApi` event.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RouteEvent {
    pub path: String,
    pub method: String,
    #[serde(default)]
    pub auth: Value,
}

/// A `Schedule` event.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ScheduleEvent {
    #[serde(alias = "ScheduleExpression")]
    pub schedule: String,
}

/// An `EventBridgeRule` event.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RuleEvent {
    pub pattern: Value,
}

/// A `DynamoDB` event.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct StreamEvent {
    #[serde(default = "ten")]
    pub batch_size: usize,
    #[serde(default)]
    pub maximum_retry_attempts: u32,
    #[serde(default)]
    pub filter_criteria: FilterCriteria,
}

/// The filters of a stream.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FilterCriteria {
    #[serde(default)]
    pub filters: Vec<Filter>,
}

/// One filter, whose pattern is JSON in a string.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Filter {
    pub pattern: String,
}

fn ten() -> usize {
    10
}
