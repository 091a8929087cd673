//! The template, read: what is deployed is what the tests run.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use yaml_serde::Value as Yaml;

/// A route of the HTTP API.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// The method.
    pub method: String,
    /// The path, with its parameters in braces.
    pub path: String,
    /// The binary that answers it.
    pub function: String,
    /// Whether no login is needed.
    pub open: bool,
}

/// What the tests need of `infra/template.yaml`.
#[derive(Clone, Debug)]
pub struct Template {
    document: Yaml,
}

impl Template {
    /// Reads the template.
    #[must_use]
    pub fn read() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/template.yaml");
        let text = std::fs::read_to_string(path).expect("the template");
        Self { document: yaml_serde::from_str(&text).expect("the template as YAML") }
    }

    /// The functions: the name of each one's binary, with its properties.
    #[must_use]
    pub fn functions(&self) -> BTreeMap<String, Yaml> {
        let functions = self.resources("AWS::Serverless::Function").into_iter();
        functions
            .map(|function| {
                (
                    text(&function["Metadata"]["BuildProperties"]["Binary"]),
                    function["Properties"].clone(),
                )
            })
            .collect()
    }

    /// The routes of the HTTP API.
    #[must_use]
    pub fn routes(&self) -> Vec<Route> {
        let mut routes = Vec::new();
        for (function, properties) in self.functions() {
            for (_, event) in properties["Events"].as_mapping().into_iter().flatten() {
                if event["Type"].as_str() == Some("HttpApi") {
                    let event = &event["Properties"];
                    routes.push(Route {
                        method: text(&event["Method"]),
                        path: text(&event["Path"]),
                        function: function.clone(),
                        open: event["Auth"]["Authorizer"].as_str() == Some("NONE"),
                    });
                }
            }
        }
        routes.sort();
        routes
    }

    /// The request that creates the table.
    #[must_use]
    pub fn create_table(&self, name: &str) -> Value {
        let table = &self.resources("AWS::DynamoDB::Table")[0]["Properties"];
        let mut request = Map::from_iter([("TableName".to_owned(), json!(name))]);
        for property in
            ["AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode"]
        {
            let value = yaml_serde::from_value(table[property].clone()).expect("a plain property");
            request.insert(property.to_owned(), value);
        }
        request.into()
    }

    /// What a function's policy lets it do.
    #[must_use]
    pub fn actions(&self, function: &str) -> BTreeSet<String> {
        let properties = &self.functions()[function];
        let statements = properties["Policies"].as_sequence().into_iter().flatten();
        let statements =
            statements.flat_map(|policy| policy["Statement"].as_sequence().into_iter().flatten());
        let actions = statements
            .flat_map(|statement| statement["Action"].as_sequence().into_iter().flatten());
        actions.map(text).collect()
    }

    /// Whether a function's policy lets it query the index.
    #[must_use]
    pub fn queries_the_index(&self, function: &str) -> bool {
        let properties = &self.functions()[function];
        let statements = properties["Policies"].as_sequence().into_iter().flatten();
        let mut statements =
            statements.flat_map(|policy| policy["Statement"].as_sequence().into_iter().flatten());
        statements.any(|statement| {
            let mut actions = statement["Action"].as_sequence().into_iter().flatten();
            let queries = actions.any(|action| text(action) == "dynamodb:Query");
            queries && format!("{:?}", statement["Resource"]).contains("${Table.Arn}/index/gsi1")
        })
    }

    /// What the table's stream shows of each change.
    #[must_use]
    pub fn stream_view(&self) -> String {
        let table = &self.resources("AWS::DynamoDB::Table")[0]["Properties"];
        text(&table["StreamSpecification"]["StreamViewType"])
    }

    /// The resources of a kind: the name of each one, with its properties.
    #[must_use]
    pub fn named(&self, kind: &str) -> BTreeMap<String, Yaml> {
        let all = self.document["Resources"].as_mapping().expect("resources").iter();
        all.filter(|(_, resource)| resource["Type"].as_str() == Some(kind))
            .map(|(name, resource)| (text(name), resource["Properties"].clone()))
            .collect()
    }

    /// The parameters: the name of each one, with its default if it has one.
    #[must_use]
    pub fn parameters(&self) -> BTreeMap<String, Option<String>> {
        let all = self.document["Parameters"].as_mapping().expect("parameters").iter();
        let plain = |value: &Yaml| match value.as_str() {
            Some(text) => text.to_owned(),
            None => value.as_i64().expect("a text or a number").to_string(),
        };
        all.map(|(name, parameter)| (text(name), parameter.get("Default").map(plain))).collect()
    }

    /// What all functions have, but for what they have of their own.
    #[must_use]
    pub fn of_all_functions(&self) -> Yaml {
        self.document["Globals"]["Function"].clone()
    }

    fn resources(&self, kind: &str) -> Vec<Yaml> {
        let all = self.document["Resources"].as_mapping().expect("resources");
        all.iter()
            .map(|(_, resource)| resource)
            .filter(|resource| resource["Type"].as_str() == Some(kind))
            .cloned()
            .collect()
    }
}

fn text(value: &Yaml) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text where {value:?} is")).to_owned()
}
