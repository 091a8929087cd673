//! What is logged, and how: by Lambda's own variables.

use lambda_http::tracing::subscriber::{
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    registry,
    util::SubscriberInitExt,
};

use crate::app::setting;

/// Writes to standard output from here on: as JSON if `AWS_LAMBDA_LOG_FORMAT` says so, what `AWS_LAMBDA_LOG_LEVEL` allows
/// (`INFO` if it says nothing), or by `RUST_LOG`, levels by module.
///
/// The runtime's own way would do the same, but brings regular expressions for what no `RUST_LOG` here has.
pub fn start() {
    let wanted = setting("RUST_LOG").ok().and_then(|wanted| wanted.parse().ok());
    let level = setting("AWS_LAMBDA_LOG_LEVEL").ok().and_then(|level| level.parse().ok());
    let wanted =
        wanted.unwrap_or_else(|| Targets::new().with_default(level.unwrap_or(LevelFilter::INFO)));
    let format = setting("AWS_LAMBDA_LOG_FORMAT").unwrap_or_default();
    let lines = fmt::layer().with_target(false).without_time();
    if format.eq_ignore_ascii_case("json") {
        registry().with(wanted).with(lines.json()).init();
    } else {
        registry().with(wanted).with(lines).init();
    }
}
