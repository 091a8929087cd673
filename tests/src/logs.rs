//! Watches all logs and metrics for addresses, tokens and claims. A line that contains one fails the test that finds it
//! and every test that ends afterwards.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, Once},
};

use coulisses_aws::metrics::Metrics;
use lambda_http::tracing::{
    Dispatch,
    dispatcher::{self, DefaultGuard},
    subscriber::{EnvFilter, FmtSubscriber, fmt::MakeWriter},
};
use serde_json::Value;

use crate::lock;

/// The lines that should not have been logged.
static FOUND: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// The length of an invitation token's secret in base64.
const SECRET: usize = 43;

/// Watches the log of this process, from the first call on.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        dispatcher::set_global_default(to(Lines::default())).expect("the only subscriber");
    });
}

/// Checks a line of the log or of the metrics.
pub(crate) fn watch(line: &str) {
    if is_private(line) {
        lock(&FOUND).push(line.to_owned());
    }
}

/// Fails if private data was ever logged.
pub(crate) fn assert_nothing_private() {
    let found = lock(&FOUND).clone();
    assert!(found.is_empty(), "this was logged: {found:#?}");
}

/// Whether a line contains an address (here all account subjects and all bodies contain one), the token of an invitation
/// or a bearer token.
fn is_private(line: &str) -> bool {
    let in_base64 = |byte: char| byte.is_ascii_alphanumeric() || byte == '-' || byte == '_';
    let mut words = line.split(|character| !in_base64(character));
    line.contains('@')
        || line.contains("%40")
        || line.contains("eyJ")
        || line.to_ascii_lowercase().contains("bearer")
        || words.any(|word| word.len() == SECRET)
}

/// Metrics that collect their lines.
pub(crate) fn metrics(function: &'static str, lines: &Arc<Mutex<Vec<Value>>>) -> Metrics {
    let lines = Arc::clone(lines);
    Metrics::new(function, move |line| {
        watch(line);
        let line = serde_json::from_str(line).expect("a line of JSON");
        lock(&lines).push(line);
    })
}

/// The sum of each metric, by name, and by code if there is one.
pub(crate) fn summed(lines: Vec<Value>) -> BTreeMap<String, u64> {
    let mut sums: BTreeMap<String, u64> = BTreeMap::new();
    for line in lines {
        let code = line["code"].as_str().map(|code| format!(" {code}")).unwrap_or_default();
        let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().expect("metrics");
        for name in metrics.iter().map(|metric| metric["Name"].as_str().expect("a name")) {
            let sum = sums.entry(format!("{name}{code}")).or_default();
            *sum += line[name].as_u64().expect("a count");
        }
    }
    sums
}

/// Collects the log lines of the current thread until dropped.
#[derive(Debug)]
pub struct Logs {
    lines: Arc<Mutex<Vec<String>>>,
    _guard: DefaultGuard,
}

impl Logs {
    /// Collects log lines from now on.
    pub fn keep() -> Self {
        let lines = Arc::default();
        let guard = dispatcher::set_default(&to(Lines { kept: Some(Arc::clone(&lines)) }));
        Self { lines, _guard: guard }
    }

    /// The lines since the last time.
    pub fn take(&self) -> Vec<Value> {
        let lines = std::mem::take(&mut *lock(&self.lines));
        lines.iter().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }
}

/// Logs as a function with `LogFormat: JSON`, without the lines of the emulator.
fn to(lines: Lines) -> Dispatch {
    let filter = EnvFilter::new("info,dynoxide=off");
    let subscriber = FmtSubscriber::builder().json().with_target(false).without_time();
    subscriber.with_env_filter(filter).with_writer(lines).finish().into()
}

/// Checks each line, and collects it if asked.
#[derive(Clone, Default)]
struct Lines {
    kept: Option<Arc<Mutex<Vec<String>>>>,
}

impl io::Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        watch(&text);
        if let Some(kept) = &self.kept {
            lock(kept).push(text.into_owned());
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_an_address_a_token_or_a_claim_is_private() {
        let secret = "A".repeat(SECRET);
        for private in [
            "to lea@example.org",
            "lea%40example.org",
            "Authorization: Bearer x",
            "eyJhbGciOiJSUzI1NiJ9",
            &format!("acme.abcdefghijklmnopqrstuvwxyz.{secret}\""),
        ] {
            assert!(is_private(private), "{private}");
        }
        let hash = "0".repeat(64);
        for plain in ["{\"client\":\"acme\"}", &format!("the item # of I#acme#{hash}")] {
            assert!(!is_private(plain), "{plain}");
        }
    }
}
