//! What is counted for CloudWatch, in its embedded metric format: a line of JSON on standard output, and no call.

use std::{fmt, io::Write, sync::Arc};

use coulisses_domain::time::Timestamp;
use serde_json::{Map, Value, json};

use crate::http::Code;

/// The namespace of all metrics.
const NAMESPACE: &str = "Coulisses";

/// Counts of one function. What is counted never names anybody.
#[derive(Clone)]
pub struct Metrics {
    function: &'static str,
    write: Arc<dyn Fn(&str) + Send + Sync>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("function", &self.function).finish_non_exhaustive()
    }
}

impl Metrics {
    /// Metrics of `function` on standard output, from which Lambda takes them.
    #[must_use]
    pub fn stdout(function: &'static str) -> Self {
        // A line that cannot be written is a count lost, which is no reason to fail.
        Self::new(function, |line| drop(writeln!(std::io::stdout().lock(), "{line}")))
    }

    /// Metrics of `function`, of which `write` gets each line.
    #[must_use]
    pub fn new(function: &'static str, write: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { function, write: Arc::new(write) }
    }

    /// Writes `counts`, each by its name, as they are at `now`.
    pub fn count(&self, counts: &[(&str, u64)], now: Timestamp) {
        self.write_down(None, counts, now);
    }

    /// Writes `counts` like [`Metrics::count`], and each once more by `code`, which is one of a closed list: CloudWatch
    /// keeps a metric for each value of a dimension.
    pub fn count_by_code(&self, code: Code, counts: &[(&str, u64)], now: Timestamp) {
        self.write_down(Some(code), counts, now);
    }

    fn write_down(&self, code: Option<Code>, counts: &[(&str, u64)], now: Timestamp) {
        let names: Vec<Value> =
            counts.iter().map(|(name, _)| json!({ "Name": name, "Unit": "Count" })).collect();
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
                        { "Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": names },
                    ],
                }),
            ),
        ]);
        line.extend(code.map(|code| ("code".to_owned(), json!(code.name()))));
        line.extend(counts.iter().map(|(name, count)| ((*name).to_owned(), json!(count))));
        (self.write)(&Value::Object(line).to_string());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn a_refusal_is_counted_by_its_code_too() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&lines);
        let metrics =
            Metrics::new("invite", move |line| kept.lock().unwrap().push(line.to_owned()));
        metrics.count_by_code(Code::Forbidden, &[("Refusals", 1)], Timestamp::from_millis(1_000));
        let line: Value = serde_json::from_str(&lines.lock().unwrap()[0]).unwrap();
        assert_eq!((&line["code"], &line["Refusals"]), (&json!("forbidden"), &json!(1)));
        let dimensions = &line["_aws"]["CloudWatchMetrics"][0]["Dimensions"];
        assert_eq!(*dimensions, json!([["function"], ["code"]]));
    }

    #[test]
    fn a_line_is_one_object_that_names_its_metrics_and_holds_their_values() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&lines);
        let metrics = Metrics::new("audit-seats", move |line| {
            kept.lock().unwrap().push(line.to_owned());
        });
        metrics.count(&[("ClientsAudited", 3), ("Repaired", 0)], Timestamp::from_millis(1_000));
        let lines = lines.lock().unwrap();
        let line: Value = serde_json::from_str(&lines[0]).unwrap();
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
        assert_eq!((line, lines.len()), (expected, 1));
        assert!(!lines[0].contains('\n'));
    }
}
