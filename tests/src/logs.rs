//! What the functions log, as Lambda would have it, watched in all tests: nobody's address, no token and no claim is in
//! it. A line that has one fails the test in which it is found, and every one that ends after it.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, Once, PoisonError},
};

use coulisses_aws::metrics::Metrics;
use lambda_http::tracing::{
    Dispatch,
    dispatcher::{self, DefaultGuard},
    subscriber::{EnvFilter, FmtSubscriber, fmt::MakeWriter},
};
use serde_json::Value;

/// The lines that should not have been logged.
static FOUND: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// How long the secret of a token is, as it is told.
const SECRET: usize = 43;

/// Watches all that is logged in this process, from the first time on.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        dispatcher::set_global_default(to(Lines::default())).expect("nobody else listens");
    });
}

/// Looks at a line that was logged, or written for CloudWatch.
pub(crate) fn watch(line: &str) {
    if is_private(line) {
        FOUND.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
    }
}

/// Fails if anything private was ever logged.
pub(crate) fn assert_nothing_private() {
    let found = FOUND.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(found.is_empty(), "this was logged: {found:#?}");
}

/// Whether a line holds an address (as do, in these tests, the subjects of all accounts and every body), a token of an
/// invitation, or one of a login.
fn is_private(line: &str) -> bool {
    let in_base64 = |byte: char| byte.is_ascii_alphanumeric() || byte == '-' || byte == '_';
    let mut words = line.split(|character| !in_base64(character));
    line.contains('@')
        || line.contains("%40")
        || line.contains("eyJ")
        || line.to_ascii_lowercase().contains("bearer")
        || words.any(|word| word.len() == SECRET)
}

/// Metrics of which the lines are kept.
pub(crate) fn metrics(function: &'static str, lines: &Arc<Mutex<Vec<Value>>>) -> Metrics {
    let lines = Arc::clone(lines);
    Metrics::new(function, move |line| {
        watch(line);
        let line = serde_json::from_str(line).expect("a line of JSON");
        lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    })
}

/// The sum of each metric of these lines, by its name and its code if it has one.
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

/// The lines of one test, as long as this is not dropped: those that are logged in its own thread.
#[derive(Debug)]
pub struct Logs {
    lines: Arc<Mutex<Vec<String>>>,
    _guard: DefaultGuard,
}

impl Logs {
    /// Keeps what is logged from now on.
    #[must_use]
    pub fn keep() -> Self {
        let lines = Arc::default();
        let guard = dispatcher::set_default(&to(Lines { kept: Some(Arc::clone(&lines)) }));
        Self { lines, _guard: guard }
    }

    /// The lines since the last time.
    #[must_use]
    pub fn take(&self) -> Vec<Value> {
        let lines = std::mem::take(&mut *self.lines.lock().unwrap_or_else(PoisonError::into_inner));
        lines.iter().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }
}

/// Logs as a function does that was told `LogFormat: JSON`, but for what the emulator says.
fn to(lines: Lines) -> Dispatch {
    let filter = EnvFilter::new("info,dynoxide=off");
    let subscriber = FmtSubscriber::builder().json().with_target(false).without_time();
    subscriber.with_env_filter(filter).with_writer(lines).finish().into()
}

/// Where lines go.
#[derive(Clone, Default)]
struct Lines {
    kept: Option<Arc<Mutex<Vec<String>>>>,
}

impl io::Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        watch(&text);
        if let Some(kept) = &self.kept {
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(text.into_owned());
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
    fn a_line_with_an_address_a_token_or_a_claim_is_seen() {
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
