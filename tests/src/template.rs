//! Reads `infra/template.yaml`, so that the tests run what is deployed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use yaml_serde::Value as Yaml;

use crate::TablePermission;

/// A route of the HTTP API.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// The method.
    pub method: String,
    /// The path, with its parameters in braces.
    pub path: String,
    /// The binary of its function.
    pub function: String,
    /// Whether no login is needed.
    pub open: bool,
}

/// The document `infra/template.yaml`.
#[derive(Clone, Debug)]
pub struct Template {
    document: Yaml,
}

impl Template {
    /// Reads the template.
    pub fn read() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/template.yaml");
        let text = std::fs::read_to_string(path).expect("the template");
        Self { document: yaml_serde::from_str(&text).expect("the template as YAML") }
    }

    /// The properties of each function, by the name of its binary.
    pub fn functions(&self) -> BTreeMap<String, Yaml> {
        let functions = self.resources("AWS::Serverless::Function").into_iter();
        let binary = |function: &Yaml| text(&function["Metadata"]["BuildProperties"]["Binary"]);
        functions.map(|function| (binary(&function), function["Properties"].clone())).collect()
    }

    /// The routes of the HTTP API.
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
                        open: event["Auth"]["Authorizer"].as_str() != Some("Jwt"),
                    });
                }
            }
        }
        routes.sort();
        routes
    }

    /// The request that creates the table.
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

    /// The actions that a function's policy allows on any resource.
    pub fn actions(&self, function: &str) -> BTreeSet<String> {
        statements(&self.functions()[function])
            .flat_map(|statement| texts(&statement["Action"]))
            .collect()
    }

    /// The permissions of each function on the table.
    pub fn table_permissions(&self) -> BTreeMap<String, BTreeSet<TablePermission>> {
        let permissions = |properties: &Yaml| {
            statements(properties)
                .flat_map(|statement| {
                    let index = format!("{:?}", statement["Resource"]).contains("/index/gsi1");
                    let condition = &statement["Condition"]["ForAllValues:StringLike"];
                    let partitions = texts(&condition["dynamodb:LeadingKeys"]);
                    let actions = texts(&statement["Action"]).into_iter();
                    actions.filter(|action| action.starts_with("dynamodb:")).flat_map(
                        move |action| {
                            let permission = |partition: &String| TablePermission {
                                action: action.clone(),
                                index,
                                partition: partition.trim_end_matches('*').to_owned(),
                            };
                            partitions.iter().map(permission).collect::<Vec<_>>()
                        },
                    )
                })
                .collect()
        };
        let functions = self.functions().into_iter();
        functions.map(|(name, properties)| (name, permissions(&properties))).collect()
    }

    /// The view type of the table's stream.
    pub fn stream_view(&self) -> String {
        let table = &self.resources("AWS::DynamoDB::Table")[0]["Properties"];
        text(&table["StreamSpecification"]["StreamViewType"])
    }

    /// The properties of each resource of a type, by name.
    pub fn resources_of(&self, kind: &str) -> BTreeMap<String, Yaml> {
        let some = self.section("Resources").filter(|(_, it)| it["Type"].as_str() == Some(kind));
        some.map(|(name, resource)| (text(name), resource["Properties"].clone())).collect()
    }

    /// The default of each parameter, if any, by name.
    pub fn parameters(&self) -> BTreeMap<String, Option<String>> {
        let all = self.section("Parameters");
        let plain = |value: &Yaml| match value.as_str() {
            Some(text) => text.to_owned(),
            None => value.as_i64().expect("a text or a number").to_string(),
        };
        all.map(|(name, parameter)| (text(name), parameter.get("Default").map(plain))).collect()
    }

    /// How many characters the value of a parameter can have.
    pub fn max_length(&self, parameter: &str) -> usize {
        let parameter = &self.document["Parameters"][parameter];
        let digits = |bound: &Yaml| bound.as_i64().map(|bound| bound.to_string().len());
        let length = parameter["MaxLength"].as_u64().and_then(|length| length.try_into().ok());
        let values = parameter["AllowedValues"].as_sequence().into_iter().flatten();
        let longest = values.filter_map(Yaml::as_str).map(str::len).max();
        let length = length.or(longest).or_else(|| digits(&parameter["MaxValue"]));
        length.expect("a parameter of limited length")
    }

    /// The values that a parameter can have.
    pub fn allowed_values(&self, parameter: &str) -> Vec<u64> {
        let values = self.document["Parameters"][parameter]["AllowedValues"].as_sequence();
        values.expect("values").iter().map(|value| value.as_u64().expect("a number")).collect()
    }

    /// The values of `MaxReadUnits` that a rule accepts beside `checks`, a value of `ChecksASecond`.
    pub fn read_units_for(&self, checks: u64) -> Vec<u64> {
        let rule = &self.document["Rules"][format!("Checks{checks}NeedReadUnits")];
        let asserted = format!("{:?}", rule["Assertions"][0]["Assert"]);
        let condition = format!("{:?}", rule["RuleCondition"]);
        assert!(condition.contains(&format!("Number({checks})")), "{condition}");
        let digits = asserted.split(|character: char| !character.is_ascii_digit());
        digits.filter_map(|digits| digits.parse().ok()).collect()
    }

    /// The pattern of each parameter that has one.
    pub fn patterns(&self) -> BTreeMap<String, String> {
        let pattern = |parameter: &Yaml| parameter.get("AllowedPattern").map(text);
        self.section("Parameters")
            .filter_map(|(name, it)| Some((text(name), pattern(it)?)))
            .collect()
    }

    /// The condition of each conditional resource.
    pub fn conditions(&self) -> BTreeMap<String, String> {
        let condition = |resource: &Yaml| resource.get("Condition").map(text);
        self.section("Resources")
            .filter_map(|(name, it)| Some((text(name), condition(it)?)))
            .collect()
    }

    /// An attribute of a resource, such as its `DeletionPolicy`.
    pub fn attribute(&self, resource: &str, name: &str) -> String {
        text(&self.document["Resources"][resource][name])
    }

    /// An output of the stack.
    pub fn output(&self, name: &str) -> Yaml {
        self.document["Outputs"][name].clone()
    }

    /// The global properties of all functions.
    pub fn function_defaults(&self) -> Yaml {
        self.document["Globals"]["Function"].clone()
    }

    fn resources(&self, kind: &str) -> Vec<Yaml> {
        let all = self.section("Resources").map(|(_, resource)| resource);
        all.filter(|resource| resource["Type"].as_str() == Some(kind)).cloned().collect()
    }

    fn section(&self, name: &str) -> impl Iterator<Item = (&Yaml, &Yaml)> + use<'_> {
        self.document[name].as_mapping().expect("a section").iter()
    }
}

fn text(value: &Yaml) -> String {
    value.as_str().unwrap_or_else(|| panic!("a string instead of {value:?}")).to_owned()
}

/// The statements of a function's policy.
fn statements(properties: &Yaml) -> impl Iterator<Item = &Yaml> {
    let policies = properties["Policies"].as_sequence().into_iter().flatten();
    policies.flat_map(|policy| policy["Statement"].as_sequence().into_iter().flatten())
}

/// A list of strings; empty if there is no list.
fn texts(list: &Yaml) -> Vec<String> {
    list.as_sequence().into_iter().flatten().map(text).collect()
}
