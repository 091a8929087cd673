//! Update expressions made of the difference between two states of a record, and the update of one item.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::{
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use coulisses_domain::time::Timestamp;
use serde::Serialize;

use super::{
    StoreError, Table,
    any_item::{Item, as_item},
    key::Key,
    wait_before_retry,
};

/// The outcome of the update of one item, with the item after it.
#[derive(Debug)]
pub(super) enum Updated {
    /// The condition held, and the item is updated.
    Done(Item),
    /// The condition failed. There may be no such item.
    Refused(Option<Item>),
}

impl Updated {
    /// Whether the item is updated.
    pub(super) const fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// The item, if there is one.
    pub(super) fn item(self) -> Option<Item> {
        match self {
            Self::Done(item) => Some(item),
            Self::Refused(item) => item,
        }
    }
}

impl Table {
    /// Updates one item on a condition. If a transaction is writing the item, it retries until the deadline.
    pub(super) async fn update_if(
        &self,
        key: &Key,
        expression: Expression,
    ) -> Result<Updated, StoreError> {
        let request = self
            .dynamodb
            .update_item()
            .table_name(&self.name)
            .set_key(Some(as_item(key)))
            .update_expression(expression.update())
            .condition_expression(expression.condition())
            .set_expression_attribute_names(Some(expression.names))
            .set_expression_attribute_values(Some(expression.values))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let deadline = self.deadline();
        for tries in 0.. {
            let error = match request.clone().send().await {
                Ok(answer) => return Ok(Updated::Done(answer.attributes.unwrap_or_default())),
                Err(error) => error,
            };
            match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(refused)) => {
                    return Ok(Updated::Refused(refused.item.clone()));
                }
                Some(UpdateItemError::TransactionConflictException(_)) => {
                    wait_before_retry(tries, deadline).await?;
                }
                Some(_) | None => return Err(StoreError::request("UpdateItem", error)),
            }
        }
        Err(StoreError::Busy)
    }
}

/// Builds the expressions of an update. Names and values are placeholders, since many names are reserved words.
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
        path.split('.').map(|name| self.name(name)).collect::<Vec<_>>().join(".")
    }

    /// The placeholder of a name. The names of scopes and shares can be long, and have characters that no placeholder has.
    fn name(&mut self, name: &str) -> String {
        let used = self.names.iter().find(|(_, used)| *used == name);
        if let Some((placeholder, _)) = used {
            return placeholder.clone();
        }
        let placeholder = if name.chars().all(|character| character.is_ascii_alphabetic()) {
            format!("#{name}")
        } else {
            format!("#n{}", self.names.len())
        };
        self.names.insert(placeholder.clone(), name.to_owned());
        placeholder
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

    /// Adds `amount` to the number at `path`; an absent one counts as 0.
    pub(super) fn add_from_none(&mut self, path: &str, amount: i64) {
        let (path, zero) = (self.path(path), self.value(number(0)));
        let amount = self.value(number(amount));
        self.sets.push(format!("{path} = if_not_exists({path}, {zero}) + {amount}"));
    }

    /// Appends `values` to the list at `path`; an absent one counts as empty.
    pub(super) fn append(&mut self, path: &str, values: Vec<AttributeValue>) {
        let (path, none) = (self.path(path), self.value(AttributeValue::L(Vec::new())));
        let values = self.value(AttributeValue::L(values));
        self.sets.push(format!("{path} = list_append(if_not_exists({path}, {none}), {values})"));
    }

    /// Removes one place of a list, whose path uses placeholders of this expression.
    pub(super) fn remove_place(&mut self, place: String) {
        self.removes.push(place);
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

    /// Requires that `path` is a time before `time`, or absent.
    pub(super) fn require_before(&mut self, path: &str, time: Timestamp) {
        let (path, time) = (self.path(path), self.value(number(time.millis())));
        self.conditions.push(format!("attribute_not_exists({path}) OR {path} < {time}"));
    }

    /// Requires `condition`, which uses placeholders of this expression.
    pub(super) fn require_that(&mut self, condition: String) {
        self.conditions.push(condition);
    }

    /// Requires that `path` is `value`, or absent if that is `None`.
    pub(super) fn require_same(&mut self, path: &str, value: Option<AttributeValue>) {
        if let Some(value) = value {
            self.require(path, value);
        } else {
            let path = self.path(path);
            self.conditions.push(format!("attribute_not_exists({path})"));
        }
    }

    /// Sets and removes the attributes that differ between two states of a record, except those in `apart`.
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

    /// Like [`Self::set_difference`], for the parts of one attribute that is a map in both states.
    pub(super) fn set_difference_in(&mut self, name: &str, before: &Item, after: &Item) {
        let parts = |item: &Item| {
            let map = item.get(name).and_then(|value| value.as_m().ok());
            let parts = map.into_iter().flatten();
            parts.map(|(part, value)| (format!("{name}.{part}"), value.clone())).collect::<Item>()
        };
        self.set_difference(&parts(before), &parts(after), &[]);
    }

    /// The update expression; empty if nothing changes.
    pub(super) fn update(&self) -> String {
        let clause = |word: &str, parts: &[String]| {
            if parts.is_empty() { String::new() } else { format!("{word} {}", parts.join(", ")) }
        };
        [clause("SET", &self.sets), clause("REMOVE", &self.removes)].join(" ").trim().to_owned()
    }

    /// The condition expression; `None` without any condition.
    pub(super) fn some_condition(&self) -> Option<String> {
        (!self.conditions.is_empty()).then(|| self.condition())
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

/// A number as it is stored.
pub(super) fn number(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// A text as it is stored.
pub(super) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// A part of a record as it is stored.
pub(super) fn attribute(part: &impl Serialize) -> Result<AttributeValue, StoreError> {
    let mut value = serde_dynamo::to_attribute_value(part)
        .map_err(|error| StoreError::request("write", error))?;
    remove_nulls(&mut value);
    Ok(value)
}

/// A record as it is stored, without its key. `None` is an absent attribute.
pub(super) fn item(record: &impl Serialize) -> Result<Item, StoreError> {
    let AttributeValue::M(item) = attribute(record)? else {
        return Err(StoreError::request("write", "a record that is not a map"));
    };
    Ok(item)
}

/// Removes the attributes that are `None` in Rust, which `serde_dynamo` converts to NULL.
fn remove_nulls(value: &mut AttributeValue) {
    if let AttributeValue::M(map) = value {
        map.retain(|_, value| !value.is_null());
        map.values_mut().for_each(remove_nulls);
    }
}
