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
    key::Key,
    load::{Item, as_item},
    wait_before_retry,
};

/// What became of the update of one item, with the item as it is then.
#[derive(Debug)]
pub(super) enum Updated {
    /// Its condition held: it is done.
    Done(Item),
    /// Its condition failed; there may be no such item.
    Refused(Option<Item>),
}

impl Updated {
    /// Whether it is done.
    pub(super) const fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// The item as it is then.
    pub(super) fn item(self) -> Option<Item> {
        match self {
            Self::Done(item) => Some(item),
            Self::Refused(item) => item,
        }
    }
}

impl Table {
    /// Updates one item on its condition; waits where a transaction is at it.
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
    /// The placeholder of a path such as `invitation.mail_id`.
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

    /// Requires that `path` is a time before `time`, or absent.
    pub(super) fn require_before(&mut self, path: &str, time: Timestamp) {
        let (path, time) = (self.path(path), self.value(number(time.millis())));
        self.conditions.push(format!("attribute_not_exists({path}) OR {path} < {time}"));
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
    let mut value = serde_dynamo::to_attribute_value(part)
        .map_err(|error| StoreError::request("write", error))?;
    remove_nulls(&mut value);
    Ok(value)
}

/// A record as the table holds it, without its key. `None` is an absent attribute.
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
