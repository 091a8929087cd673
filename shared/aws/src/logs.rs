//! Logging, set up by Lambda's own environment variables.

use std::error::Error;

use lambda_http::tracing::subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    registry,
    util::SubscriberInitExt,
};

use crate::config::setting;

/// Starts logging to standard output, as JSON if `AWS_LAMBDA_LOG_FORMAT` is `json`.
///
/// `RUST_LOG` sets levels by module; otherwise `AWS_LAMBDA_LOG_LEVEL` sets one for all, `INFO` by default. The runtime
/// offers the same, but its `EnvFilter` adds regular expressions to each binary.
pub fn start() {
    let level = setting("AWS_LAMBDA_LOG_LEVEL").ok().and_then(|level| level.parse().ok());
    let by_default = || Targets::new().with_default(level.unwrap_or(LevelFilter::INFO));
    let filter = setting("RUST_LOG").ok().and_then(|levels| levels.parse().ok());
    let filter = filter.unwrap_or_else(by_default);
    let format = setting("AWS_LAMBDA_LOG_FORMAT").unwrap_or_default();
    let lines = fmt::layer().with_target(false);
    if format.eq_ignore_ascii_case("json") {
        // Without a `timestamp`, Lambda takes every line for one of the level INFO.
        registry().with(filter).with(lines.json()).init();
    } else {
        registry().with(filter).with(lines.without_time()).init();
    }
}

/// The messages of an error and of its causes, joined for one log line.
#[must_use]
pub fn causes(error: &(dyn Error + 'static)) -> String {
    let chain = std::iter::successors(Some(error), |error| (*error).source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
