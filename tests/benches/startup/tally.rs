//! What was measured, as a row of a table.

use std::{fmt, time::Duration};

use crate::{binary::Binary, millis};

/// What the rows are to be held against.
pub const TARGETS: &str = "\
Medians. In brackets: the start beside that of the hello-world (2 at most), the first and the warm answer beside the time
of the calls to DynamoDB and SES themselves (3 and 2 at most). A binary is to have 6 MB at most, zipped 3 MB, resident
memory 12 MB.";

/// The memory of a process, in megabytes.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// What is resident.
    pub resident: f64,
    /// The most that ever was.
    pub peak: f64,
}

/// What was measured of one function.
#[derive(Debug, Default)]
pub struct Tally {
    /// From start to first poll.
    pub starts: Vec<Duration>,
    /// The same of the function that does nothing, one before each.
    pub beside: Vec<Duration>,
    /// First answers, each with the time of its calls.
    pub first: Vec<(Duration, Duration)>,
    /// Further answers, each with the time of its calls.
    pub warm: Vec<(Duration, Duration)>,
    /// The time of a processor that a warm answer takes, of each start.
    pub processor: Vec<Duration>,
    /// The memory after the last answer of each start.
    pub memory: Vec<Memory>,
}

/// The heading of the table.
pub const fn heading() -> &'static str {
    "| function | start | first answer | warm answer | of it processor | memory, at most | binary | zipped |\n\
     |---|---|---|---|---|---|---|---|"
}

/// A row of the table.
pub struct Row<'a> {
    /// What it is about.
    pub name: &'a str,
    /// Its binary.
    pub binary: &'a Binary,
    /// What was measured.
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

/// How long answers took, and how that stands to their calls.
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

/// The median; none of nothing.
fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
