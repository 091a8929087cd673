//! CloudFormation's intrinsic functions, in their short form (`!Ref X`) or long form (`{"Ref": "X"}`).

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use crate::values::text;

/// The value of a parameter, resource or pseudo parameter, if it has one. A condition has the value
/// `true` or `false`.
type Names<'n> = &'n dyn Fn(&str) -> Option<String>;

/// Replaces every intrinsic function in `value` by its result.
///
/// # Errors
/// When a name has no value, or a function is not one of `Ref`, `Fn::Sub`, `Fn::GetAtt`, `Fn::Split` and `Fn::If`.
pub fn resolve(value: &Value, names: Names<'_>) -> Result<Value> {
    Ok(match value {
        Value::Array(items) => {
            items.iter().map(|item| resolve(item, names)).collect::<Result<_>>()?
        }
        Value::Object(object) => match function(object) {
            Some(("Ref", Value::String(name))) => lookup(name, names)?.into(),
            Some(("Sub", Value::String(text))) => substitute(text, names)?.into(),
            Some(("GetAtt", path)) => attribute(path, names)?.into(),
            Some(("Split", Value::Array(parts))) => split(parts, names)?,
            Some(("If", Value::Array(parts))) => choose(parts, names)?,
            Some((other, _)) => bail!("the function `{other}` is not supported"),
            None => {
                let entries = object.iter();
                entries
                    .map(|(key, value)| Ok((key.clone(), resolve(value, names)?)))
                    .collect::<Result<_>>()?
            }
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    })
}

/// The name of a function without `!` or `Fn::`, and its argument.
fn function(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (key, argument) = object.iter().next().filter(|_| object.len() == 1)?;
    let name = key.strip_prefix('!').or_else(|| key.strip_prefix("Fn::"));
    Some((name.or((key == "Ref").then_some("Ref"))?, argument))
}

fn lookup(name: &str, names: Names<'_>) -> Result<String> {
    names(name).with_context(|| format!("`{name}` has no value on one machine"))
}

fn substitute(text: &str, names: Names<'_>) -> Result<String> {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').context("a `${` is not closed")?;
        result.push_str(before);
        result.push_str(&match name.split_once('.') {
            Some(_) => attribute(&name.into(), names)?,
            None => lookup(name, names)?,
        });
        rest = after;
    }
    result.push_str(rest);
    Ok(result)
}

fn split(parts: &[Value], names: Names<'_>) -> Result<Value> {
    let [Value::String(delimiter), text] = parts else {
        bail!("`Split` needs a delimiter and a text");
    };
    let text = resolve(text, names)?;
    let text = text.as_str().context("`Split` needs a text")?;
    Ok(text.split(delimiter.as_str()).collect())
}

fn choose(parts: &[Value], names: Names<'_>) -> Result<Value> {
    let [Value::String(condition), then, otherwise] = parts else {
        bail!("`If` needs a condition and two values");
    };
    resolve(if lookup(condition, names)? == "true" { then } else { otherwise }, names)
}

/// Whether a condition is met; `None` if it is not made of `Equals`, `Not`, `And`, `Or` and `Condition`.
pub fn is_met(condition: &Value, names: Names<'_>) -> Option<bool> {
    let condition = condition.as_object()?;
    if let Some(name) = condition.get("Condition").or_else(|| condition.get("!Condition")) {
        return Some(names(name.as_str()?)? == "true");
    }
    let (name, argument) = function(condition)?;
    let parts = argument.as_array()?;
    match (name, parts.as_slice()) {
        ("Equals", [left, right]) => {
            let left = text(&resolve(left, names).ok()?);
            Some(left == text(&resolve(right, names).ok()?))
        }
        ("Not", [condition]) => is_met(condition, names).map(|it| !it),
        ("And", _) => parts.iter().try_fold(true, |all, it| Some(all & is_met(it, names)?)),
        ("Or", _) => parts.iter().try_fold(false, |any, it| Some(any | is_met(it, names)?)),
        _ => None,
    }
}

/// `!GetAtt Known.Arn` or `{"Fn::GetAtt": ["Known", "Arn"]}`.
fn attribute(path: &Value, names: Names<'_>) -> Result<String> {
    let parts: Vec<&str> = match path.as_array() {
        Some(parts) => parts.iter().filter_map(Value::as_str).collect(),
        None => path.as_str().into_iter().flat_map(|path| path.splitn(2, '.')).collect(),
    };
    let [resource, attributes @ ..] = parts.as_slice() else {
        bail!("`GetAtt` needs a resource and an attribute");
    };
    Ok(format!("{}.{}", lookup(resource, names)?, attributes.join(".")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn names(name: &str) -> Option<String> {
        (name == "Known").then(|| "value".to_owned())
    }

    #[test]
    fn short_and_long_forms_become_values() {
        let yaml: yaml_serde::Value =
            yaml_serde::from_str("{a: !Ref Known, b: !Sub 'x-${Known}-y', c: !GetAtt Known.Arn}")
                .unwrap();
        let long = json!({
            "a": {"Ref": "Known"}, "b": {"Fn::Sub": "x-${Known}-y"},
            "c": {"Fn::GetAtt": ["Known", "Arn"]}
        });
        for template in [serde_json::to_value(yaml).unwrap(), long] {
            let resolved = resolve(&template, &names).unwrap();
            assert_eq!(resolved, json!({"a": "value", "b": "x-value-y", "c": "value.Arn"}));
        }
    }

    #[test]
    fn a_text_is_split_after_its_references_are_resolved() {
        let parts = json!({"Fn::Split": [",", {"Ref": "List"}]});
        let names = |name: &str| (name == "List").then(|| "a,b".to_owned());
        assert_eq!(resolve(&parts, &names).unwrap(), json!(["a", "b"]));
    }

    /// The value of a condition, or of the empty parameter `Empty`.
    fn named(conditions: &Value, name: &str) -> Option<String> {
        match conditions.get(name) {
            Some(condition) => {
                is_met(condition, &|name| named(conditions, name)).map(|it| it.to_string())
            }
            None => (name == "Empty").then(String::new),
        }
    }

    #[test]
    fn a_condition_chooses_between_two_values() {
        let conditions = json!({
            "IsEmpty": {"!Equals": [{"!Ref": "Empty"}, ""]},
            "IsFull": {"!Not": [{"!Condition": "IsEmpty"}]},
            "Both": {"!And": [{"!Condition": "IsEmpty"}, {"!Condition": "IsFull"}]},
            "Either": {"Fn::Or": [{"Condition": "IsFull"}, {"Condition": "IsEmpty"}]},
        });
        let chosen = |condition| {
            let value = json!({"!If": [condition, "then", "otherwise"]});
            resolve(&value, &|name| named(&conditions, name)).unwrap()
        };
        let all = ["IsEmpty", "IsFull", "Both", "Either"].map(chosen);
        assert_eq!(all, ["then", "otherwise", "otherwise", "then"]);
    }

    #[test]
    fn an_unknown_name_or_function_is_an_error() {
        let error = |value| resolve(&value, &names).unwrap_err().to_string();
        assert_eq!(error(json!({"Ref": "Other"})), "`Other` has no value on one machine");
        assert_eq!(error(json!({"Fn::Join": []})), "the function `Join` is not supported");
        assert_eq!(error(json!({"!Join": []})), "the function `Join` is not supported");
        assert_eq!(error(json!({"!If": []})), "`If` needs a condition and two values");
    }
}
