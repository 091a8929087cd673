//! CloudFormation's intrinsic functions, in their short form (`!Ref X`) or long form (`{"Ref": "X"}`).

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

/// The value of a parameter, resource or pseudo parameter, if it has one.
type Names<'n> = &'n dyn Fn(&str) -> Option<String>;

/// Replaces every intrinsic function in `value` by its result.
///
/// # Errors
/// When a name has no value, or a function is not one of `Ref`, `Fn::Sub`, `Fn::GetAtt` and `Fn::Split`.
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
        result.push_str(&lookup(name, names)?);
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

    #[test]
    fn an_unknown_name_or_function_is_an_error() {
        let error = |value| resolve(&value, &names).unwrap_err().to_string();
        assert_eq!(error(json!({"Ref": "Other"})), "`Other` has no value on one machine");
        assert_eq!(error(json!({"Fn::If": []})), "the function `If` is not supported");
        assert_eq!(error(json!({"!If": []})), "the function `If` is not supported");
    }
}
