//! Update expressions made of the difference between two states of a record.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;

use super::{StoreError, load::Item};

/// An expression in the making: attribute names and values go by placeholder, since many are reserved words.
#[derive(Debug, Default)]
pub(super) struct Expression {
    pub names: HashMap<String, String>,
    pub values: HashMap<String, AttributeValue>,
    sets: Vec<String>,
    removes: Vec<String>,
    conditions: Vec<String>,
}

impl Expression {
    /// The placeholder of a path such as `invitation.sending`.
    pub(super) fn path(&mut self, path: &str) -> String {
        let placeholders = path.split('.').map(|name| {
            let placeholder = format!("#{name}");
            self.names.insert(placeholder.clone(), name.to_owned());
            placeholder
        });
        placeholders.collect::<Vec<_>>().join(".")
    }

    /// The placeholder of a value.
    pub(super) fn value(&mut self, value: AttributeValue) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value);
        placeholder
    }

    /// Sets `path` to `value`.
    pub(super) fn set(&mut self, path: &str, value: AttributeValue) {
        let (path, value) = (self.path(path), self.value(value));
        self.sets.push(format!("{path} = {value}"));
    }

    /// Adds `amount` to the number at `path`.
    pub(super) fn add(&mut self, path: &str, amount: i64) {
        let (path, value) = (self.path(path), self.value(number(amount)));
        self.sets.push(format!("{path} = {path} + {value}"));
    }

    /// Adds `amount` to the number at `path`, which is 0 if it is not there.
    pub(super) fn add_from_none(&mut self, path: &str, amount: i64) {
        let (path, zero) = (self.path(path), self.value(number(0)));
        let amount = self.value(number(amount));
        self.sets.push(format!("{path} = if_not_exists({path}, {zero}) + {amount}"));
    }

    /// Removes `path`.
    pub(super) fn remove(&mut self, path: &str) {
        let path = self.path(path);
        self.removes.push(path);
    }

    /// Requires that `path` is `value`.
    pub(super) fn require(&mut self, path: &str, value: AttributeValue) {
        let (path, value) = (self.path(path), self.value(value));
        self.conditions.push(format!("{path} = {value}"));
    }

    /// Requires whatever `condition` says, in placeholders of this expression.
    pub(super) fn require_that(&mut self, condition: String) {
        self.conditions.push(condition);
    }

    /// Requires that `path` is `value`, or absent where there is none.
    pub(super) fn require_same(&mut self, path: &str, value: Option<AttributeValue>) {
        if let Some(value) = value {
            self.require(path, value);
        } else {
            let path = self.path(path);
            self.conditions.push(format!("attribute_not_exists({path})"));
        }
    }

    /// Sets and removes the attributes that differ between two states of a record, but for those in `apart`.
    pub(super) fn set_difference(&mut self, before: &Item, after: &Item, apart: &[&str]) {
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for name in names.into_iter().filter(|name| !apart.contains(&name.as_str())) {
            match (before.get(name), after.get(name)) {
                (old, Some(new)) if old != Some(new) => self.set(name, new.clone()),
                (Some(_), None) => self.remove(name),
                (_, _) => {}
            }
        }
    }

    /// Like [`Self::set_difference`], of the parts of one attribute, a map in both states.
    pub(super) fn set_difference_in(&mut self, name: &str, before: &Item, after: &Item) {
        let parts = |item: &Item| {
            let map = item.get(name).and_then(|value| value.as_m().ok());
            let parts = map.into_iter().flatten();
            parts.map(|(part, value)| (format!("{name}.{part}"), value.clone())).collect::<Item>()
        };
        self.set_difference(&parts(before), &parts(after), &[]);
    }

    /// The update expression, empty if nothing is to be changed.
    pub(super) fn update(&self) -> String {
        let clause = |word: &str, parts: &[String]| {
            if parts.is_empty() { String::new() } else { format!("{word} {}", parts.join(", ")) }
        };
        [clause("SET", &self.sets), clause("REMOVE", &self.removes)].join(" ").trim().to_owned()
    }

    /// The condition expression.
    pub(super) fn condition(&self) -> String {
        self.conditions
            .iter()
            .map(|condition| format!("({condition})"))
            .collect::<Vec<_>>()
            .join(" AND ")
    }
}

/// A number as the table holds it.
pub(super) fn number(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// A text as the table holds it.
pub(super) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// A part of a record as the table holds it.
pub(super) fn attribute(part: &impl Serialize) -> Result<AttributeValue, StoreError> {
    serde_dynamo::to_attribute_value(part).map_err(|error| StoreError::request("write", error))
}

/// A record as the table holds it, without its key.
pub(super) fn item(record: &impl Serialize) -> Result<Item, StoreError> {
    serde_dynamo::to_item(record).map_err(|error| StoreError::request("write", error))
}
