//! CloudFormation's short forms (`!Ref`, `!Sub`, `!GetAtt`) and what they stand for.

use serde_json::{Map, Value};
use thiserror::Error;

/// Why a part of the template could not be resolved.
#[derive(Debug, Error)]
pub enum Unresolved {
    /// A parameter or resource that has no value here.
    #[error("`{0}` has no value on one machine")]
    Name(String),
    /// A function of CloudFormation that is not known here.
    #[error("the function `{0}` is not known here")]
    Function(String),
    /// A mapping whose keys are not all strings.
    #[error("a key is not a string")]
    Key,
    /// A number that JSON cannot hold.
    #[error("a number is not finite")]
    Number,
}

/// Turns YAML into JSON, short forms into their long ones (`!Ref X` into `{"Ref": "X"}`).
///
/// # Errors
/// When the YAML holds what JSON cannot.
pub fn long_form(yaml: &yaml_serde::Value) -> Result<Value, Unresolved> {
    Ok(match yaml {
        yaml_serde::Value::Null => Value::Null,
        yaml_serde::Value::Bool(flag) => Value::Bool(*flag),
        yaml_serde::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.into(),
            (None, Some(float)) => {
                serde_json::Number::from_f64(float).ok_or(Unresolved::Number)?.into()
            }
            (None, None) => return Err(Unresolved::Number),
        },
        yaml_serde::Value::String(text) => Value::String(text.clone()),
        yaml_serde::Value::Sequence(items) => {
            Value::Array(items.iter().map(long_form).collect::<Result<_, _>>()?)
        }
        yaml_serde::Value::Mapping(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                let key = key.as_str().ok_or(Unresolved::Key)?;
                object.insert(key.to_owned(), long_form(value)?);
            }
            Value::Object(object)
        }
        yaml_serde::Value::Tagged(tagged) => tagged_long_form(tagged)?,
    })
}

fn tagged_long_form(tagged: &yaml_serde::value::TaggedValue) -> Result<Value, Unresolved> {
    let tag = tagged.tag.to_string();
    let name = tag.trim_start_matches('!');
    let argument = long_form(&tagged.value)?;
    let (name, argument) = match (name, argument) {
        ("Ref" | "Condition", argument) => (name.to_owned(), argument),
        ("GetAtt", Value::String(path)) => {
            let parts = path.splitn(2, '.').map(Value::from).collect();
            ("Fn::GetAtt".to_owned(), Value::Array(parts))
        }
        (_, argument) => (format!("Fn::{name}"), argument),
    };
    Ok(Value::Object(Map::from_iter([(name, argument)])))
}

/// Replaces every reference in `value` by what `names` says it stands for.
///
/// # Errors
/// When a name has no value, or a function is none of `Ref`, `Fn::Sub`, `Fn::GetAtt`, `Fn::Split`.
pub fn resolve(value: &Value, names: &dyn Fn(&str) -> Option<String>) -> Result<Value, Unresolved> {
    Ok(match value {
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| resolve(item, names)).collect::<Result<_, _>>()?)
        }
        Value::Object(object) => match function(object) {
            Some(("Ref", Value::String(name))) => named(name, names)?.into(),
            Some(("Fn::Sub", Value::String(text))) => substitute(text, names)?.into(),
            Some(("Fn::GetAtt", Value::Array(path))) => attribute(path, names)?.into(),
            Some(("Fn::Split", Value::Array(parts))) => split(parts, names)?,
            Some((other, _)) => return Err(Unresolved::Function(other.to_owned())),
            None => {
                let mut resolved = Map::new();
                for (key, value) in object {
                    resolved.insert(key.clone(), resolve(value, names)?);
                }
                Value::Object(resolved)
            }
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    })
}

fn function(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = object.iter().next()?;
    let is_function = object.len() == 1 && (name == "Ref" || name.starts_with("Fn::"));
    is_function.then_some((name.as_str(), argument))
}

fn named(name: &str, names: &dyn Fn(&str) -> Option<String>) -> Result<String, Unresolved> {
    names(name).ok_or_else(|| Unresolved::Name(name.to_owned()))
}

fn substitute(text: &str, names: &dyn Fn(&str) -> Option<String>) -> Result<String, Unresolved> {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) =
            after.split_once('}').ok_or_else(|| Unresolved::Name(after.to_owned()))?;
        result.push_str(before);
        result.push_str(&named(name, names)?);
        rest = after;
    }
    result.push_str(rest);
    Ok(result)
}

fn split(parts: &[Value], names: &dyn Fn(&str) -> Option<String>) -> Result<Value, Unresolved> {
    let misused = || Unresolved::Function("Fn::Split".to_owned());
    let [Value::String(delimiter), text] = parts else { return Err(misused()) };
    let text = resolve(text, names)?;
    Ok(text.as_str().ok_or_else(misused)?.split(delimiter.as_str()).map(Value::from).collect())
}

fn attribute(path: &[Value], names: &dyn Fn(&str) -> Option<String>) -> Result<String, Unresolved> {
    let parts: Vec<&str> = path.iter().filter_map(Value::as_str).collect();
    let (resource, attributes) =
        parts.split_first().ok_or_else(|| Unresolved::Function("Fn::GetAtt".to_owned()))?;
    Ok(format!("{}.{}", named(resource, names)?, attributes.join(".")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn names(name: &str) -> Option<String> {
        (name == "Known").then(|| "value".to_owned())
    }

    #[test]
    fn short_forms_become_long_ones_and_then_values() {
        let yaml: yaml_serde::Value =
            yaml_serde::from_str("{a: !Ref Known, b: !Sub 'x-${Known}-y', c: !GetAtt Known.Arn}")
                .unwrap();
        let long = long_form(&yaml).unwrap();
        assert_eq!(long["c"], json!({"Fn::GetAtt": ["Known", "Arn"]}));
        let resolved = resolve(&long, &names).unwrap();
        assert_eq!(resolved, json!({"a": "value", "b": "x-value-y", "c": "value.Arn"}));
    }

    #[test]
    fn a_text_is_split_after_its_references_have_values() {
        let parts = json!({"Fn::Split": [",", {"Ref": "List"}]});
        let names = |name: &str| (name == "List").then(|| "a,b".to_owned());
        assert_eq!(resolve(&parts, &names).unwrap(), json!(["a", "b"]));
    }

    #[test]
    fn an_unknown_name_or_function_is_refused() {
        assert!(matches!(
            resolve(&json!({"Ref": "Other"}), &names),
            Err(Unresolved::Name(name)) if name == "Other"
        ));
        assert!(matches!(
            resolve(&json!({"Fn::If": []}), &names),
            Err(Unresolved::Function(name)) if name == "Fn::If"
        ));
    }
}
