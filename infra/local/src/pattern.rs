//! The patterns that filter the stream's records and the bus's events, as far as the template uses them.

use serde_json::Value;

/// Whether `value` matches `pattern`.
///
/// An object matches when all its keys do. A list matches when one of its items does: a value, a prefix
/// (`{"prefix": "O#"}`) or a test for existence (`{"exists": false}`). A list in `value` matches when one of its items does.
pub fn matches(pattern: &Value, value: Option<&Value>) -> bool {
    match (pattern, value) {
        (Value::Object(entries), _) => entries
            .iter()
            .all(|(key, pattern)| matches(pattern, value.and_then(|value| value.get(key)))),
        (Value::Array(_), Some(Value::Array(values))) => {
            values.iter().any(|value| matches(pattern, Some(value)))
        }
        (Value::Array(items), _) => items.iter().any(|item| item_matches(item, value)),
        (pattern, value) => value == Some(pattern),
    }
}

fn item_matches(item: &Value, value: Option<&Value>) -> bool {
    if let Some(prefix) = item.get("prefix").and_then(Value::as_str) {
        return value.and_then(Value::as_str).is_some_and(|text| text.starts_with(prefix));
    }
    if let Some(exists) = item.get("exists").and_then(Value::as_bool) {
        return value.is_some() == exists;
    }
    value == Some(item)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn inserts_under_a_prefix_match() {
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
    fn existence_can_be_tested() {
        let pattern = json!({"a": [{"exists": false}]});
        assert!(matches(&pattern, Some(&json!({}))));
        assert!(!matches(&pattern, Some(&json!({"a": 1}))));
    }
}
