//! Metrics for CloudWatch, written to standard output as JSON lines in its embedded metric format.

use std::{fmt, io::Write, sync::Arc};

use coulisses_domain::time::Timestamp;
use serde_json::{Map, Value, json};

use crate::config::setting;

/// The namespace of a function that runs outside a stack. In a stack, the namespace contains the stack's name, so that
/// the alarms of two stacks in one account do not see each other's metrics.
const DEFAULT_NAMESPACE: &str = "Coulisses";

/// Writes the metrics of one function. They contain no personal data.
#[derive(Clone)]
pub struct Metrics {
    function: &'static str,
    namespace: Arc<str>,
    write: Arc<dyn Fn(&str) + Send + Sync>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("function", &self.function).finish_non_exhaustive()
    }
}

impl Metrics {
    /// Writes to standard output, as Lambda expects, in the namespace `METRICS_NAMESPACE`.
    #[must_use]
    pub fn stdout(function: &'static str) -> Self {
        // A lost count is no reason to fail.
        Self::new(function, |line| drop(writeln!(std::io::stdout().lock(), "{line}")))
    }

    /// Passes each line to `write`.
    #[must_use]
    pub fn new(function: &'static str, write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        let namespace = setting("METRICS_NAMESPACE").unwrap_or_else(|_| DEFAULT_NAMESPACE.into());
        Self { function, namespace: namespace.into(), write: Arc::new(write) }
    }

    /// Writes counts by name.
    pub fn count(&self, counts: &[(&str, u64)], now: Timestamp) {
        self.write(None, "Count", counts, now);
    }

    /// Writes a duration in seconds.
    pub fn seconds(&self, name: &str, seconds: u64, now: Timestamp) {
        self.write(None, "Seconds", &[(name, seconds)], now);
    }

    /// Writes counts like [`Metrics::count`], and once more with `code` as a dimension. CloudWatch keeps a metric for each
    /// value, so `code` must come from a closed list.
    pub fn count_by_code(&self, code: &'static str, counts: &[(&str, u64)], now: Timestamp) {
        self.write(Some(code), "Count", counts, now);
    }

    fn write(&self, code: Option<&str>, unit: &str, values: &[(&str, u64)], now: Timestamp) {
        let names = values.iter().map(|(name, _)| json!({ "Name": name, "Unit": unit }));
        let names: Vec<Value> = names.collect();
        let dimensions = match code {
            None => json!([["function"]]),
            Some(_) => json!([["function"], ["code"]]),
        };
        let mut line = Map::from_iter([
            ("function".to_owned(), json!(self.function)),
            (
                "_aws".to_owned(),
                json!({
                    "Timestamp": now.millis(),
                    "CloudWatchMetrics": [
                        { "Namespace": &*self.namespace, "Dimensions": dimensions, "Metrics": names },
                    ],
                }),
            ),
        ]);
        line.extend(code.map(|code| ("code".to_owned(), json!(code))));
        line.extend(values.iter().map(|(name, value)| ((*name).to_owned(), json!(value))));
        (self.write)(&Value::Object(line).to_string());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// The line that `write` writes.
    fn line(function: &'static str, write: impl Fn(&Metrics)) -> String {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::clone(&lines);
        write(&Metrics::new(function, move |line| written.lock().unwrap().push(line.to_owned())));
        assert_eq!(lines.lock().unwrap().len(), 1);
        lines.lock().unwrap().remove(0)
    }

    #[test]
    fn a_refusal_is_counted_by_its_code_too() {
        let now = Timestamp::from_millis(1_000);
        let line = line("invite", |it| it.count_by_code("forbidden", &[("Refusals", 1)], now));
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_eq!((&line["code"], &line["Refusals"]), (&json!("forbidden"), &json!(1)));
        let dimensions = &line["_aws"]["CloudWatchMetrics"][0]["Dimensions"];
        assert_eq!(*dimensions, json!([["function"], ["code"]]));
    }

    #[test]
    fn a_line_is_one_object_with_its_metrics_and_their_values() {
        let counts = [("ClientsAudited", 3), ("Repaired", 0)];
        let line = line("audit-seats", |it| it.count(&counts, Timestamp::from_millis(1_000)));
        assert!(!line.contains('\n'));
        let metric = |name: &str| json!({ "Name": name, "Unit": "Count" });
        let expected = json!({
            "_aws": {
                "Timestamp": 1_000,
                "CloudWatchMetrics": [{
                    "Namespace": "Coulisses",
                    "Dimensions": [["function"]],
                    "Metrics": [metric("ClientsAudited"), metric("Repaired")],
                }],
            },
            "function": "audit-seats", "ClientsAudited": 3, "Repaired": 0,
        });
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), expected);
    }
}
