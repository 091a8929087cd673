//! The measurements, as rows of a table.

use std::{fmt, time::Duration};

use crate::{binary::Binary, millis};

/// The targets of the rows.
pub const TARGETS: &str = "\
Medians. In brackets: the ratio of the start to that of hello-world (at most 2), and the ratios of the first and the warm
response to the time of the calls to DynamoDB and SES (at most 3 and 2). Targets: binary at most 6 MB, zipped 3 MB,
resident memory 12 MB.";

/// The memory of a process, in megabytes.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Resident now.
    pub resident: f64,
    /// The peak.
    pub peak: f64,
}

/// The measurements of one function.
#[derive(Debug, Default)]
pub struct Tally {
    /// From start to first poll.
    pub starts: Vec<Duration>,
    /// The same of the function that does nothing, measured before each start.
    pub beside: Vec<Duration>,
    /// First responses, each with the time of its calls.
    pub first: Vec<(Duration, Duration)>,
    /// Warm responses, each with the time of their calls.
    pub warm: Vec<(Duration, Duration)>,
    /// The processor time of a warm response, for each start.
    pub processor: Vec<Duration>,
    /// The memory after the last response of each start.
    pub memory: Vec<Memory>,
}

pub const fn heading() -> &'static str {
    "| function | start | first response | warm response | processor | memory, peak | binary | zipped |\n\
     |---|---|---|---|---|---|---|---|"
}

/// A row of the table.
pub struct Row<'a> {
    pub name: &'a str,
    pub binary: &'a Binary,
    pub tally: &'a Tally,
}

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, binary, tally } = self;
        let start = millis(median(&tally.starts));
        let beside = start / millis(median(&tally.beside));
        let resident = middle(tally.memory.iter().map(|memory| memory.resident).collect());
        let peak = tally.memory.iter().map(|memory| memory.peak).fold(0.0, f64::max);
        write!(f, "| {name} | {start:.1} ms{} ", in_brackets(Some(beside)))?;
        write!(f, "| {} | {} ", answers(&tally.first), answers(&tally.warm))?;
        write!(f, "| {:.2} ms ", millis(median(&tally.processor)))?;
        write!(f, "| {resident:.1} MB, {peak:.1} MB ")?;
        write!(f, "| {:.1} MB | {:.1} MB |", binary.size, binary.zipped)
    }
}

/// The median response time, and its ratio to the time of the calls.
fn answers(all: &[(Duration, Duration)]) -> String {
    let took = middle(all.iter().map(|(took, _)| millis(*took)).collect());
    let called = all.iter().filter(|(_, calls)| !calls.is_zero());
    let ratios: Vec<f64> = called.map(|(took, calls)| millis(*took) / millis(*calls)).collect();
    let ratio = (!ratios.is_empty()).then(|| middle(ratios));
    format!("{took:.1} ms{}", in_brackets(ratio))
}

fn in_brackets(ratio: Option<f64>) -> String {
    ratio.map_or_else(String::new, |ratio| format!(" ({ratio:.1})"))
}

fn median(spans: &[Duration]) -> Duration {
    Duration::from_secs_f64(middle(spans.iter().map(Duration::as_secs_f64).collect()))
}

/// The median; panics without values.
fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
