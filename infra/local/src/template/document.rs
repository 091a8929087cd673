//! The parts of the template's own shape that are read.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Document {
    #[serde(default)]
    pub parameters: BTreeMap<String, Parameter>,
    #[serde(default)]
    pub conditions: BTreeMap<String, Value>,
    #[serde(default)]
    pub globals: Value,
    pub resources: BTreeMap<String, Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Parameter {
    pub default: Option<Value>,
}

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

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RouteEvent {
    pub path: String,
    pub method: String,
    #[serde(default)]
    pub auth: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ScheduleEvent {
    #[serde(alias = "ScheduleExpression")]
    pub schedule: String,
    /// The event, as JSON.
    pub input: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RuleEvent {
    pub pattern: Value,
}

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

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FilterCriteria {
    #[serde(default)]
    pub filters: Vec<Filter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Filter {
    /// JSON in a string.
    pub pattern: String,
}

fn ten() -> usize {
    10
}
