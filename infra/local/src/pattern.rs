//! The patterns by which a stream's records and a bus's events are filtered, as far as the template uses them.

use serde_json::Value;

/// Whether `value` matches `pattern`: objects by each of their keys, lists by any of their items,
/// an item being a value, a prefix (`{"prefix": "O#"}`) or a question of existence. Of a list in the value, one item
/// must match.
pub fn matches(pattern: &Value, value: Option<&Value>) -> bool {
    match pattern {
        Value::Object(entries) => entries
            .iter()
            .all(|(key, pattern)| matches(pattern, value.and_then(|value| value.get(key)))),
        Value::Array(items) => match value {
            Some(Value::Array(values)) => values.iter().any(|value| matches(pattern, Some(value))),
            value => items.iter().any(|item| item_matches(item, value)),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            value == Some(pattern)
        }
    }
}

fn item_matches(item: &Value, value: Option<&Value>) -> bool {
    let text = value.and_then(Value::as_str);
    let rule = |name| item.get(name);
    if let Some(prefix) = rule("prefix").and_then(Value::as_str) {
        return text.is_some_and(|text| text.starts_with(prefix));
    }
    if let Some(exists) = rule("exists").and_then(Value::as_bool) {
        return value.is_some() == exists;
    }
    value == Some(item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_inserts_under_a_prefix_match() {
        let pattern = json!({
            "eventName": ["INSERT"],
            "dynamodb": {"Keys": {"pk": {"S": [{"prefix": "O#"}]}}}
        });
        let record = |name: &str, pk: &str| json!({"eventName": name, "dynamodb": {"Keys": {"pk": {"S": pk}, "sk": {"S": "x"}}}});
        assert!(matches(&pattern, Some(&record("INSERT", "O#3"))));
        assert!(!matches(&pattern, Some(&record("REMOVE", "O#3"))));
        assert!(!matches(&pattern, Some(&record("INSERT", "C#acme"))));
        assert!(!matches(&pattern, Some(&json!({"eventName": "INSERT"}))));
    }

    #[test]
    fn one_item_of_a_list_must_match() {
        let pattern = json!({"tags": {"set": ["ours"]}});
        assert!(matches(&pattern, Some(&json!({"tags": {"set": ["theirs", "ours"]}}))));
        for other in [json!(["theirs"]), json!([]), json!("theirs")] {
            assert!(!matches(&pattern, Some(&json!({"tags": {"set": other}}))));
        }
        assert!(!matches(&pattern, Some(&json!({"tags": {}}))));
    }

    #[test]
    fn existence_can_be_asked() {
        let pattern = json!({"a": [{"exists": false}]});
        assert!(matches(&pattern, Some(&json!({}))));
        assert!(!matches(&pattern, Some(&json!({"a": 1}))));
    }
}
