//! Each function in-process on the emulator, from the event to the response: `cargo bench --bench handlers`.
//!
//! The time in calls to the table is the emulator's, not DynamoDB's. So each row shows the whole time and the time in
//! calls of the same runs; the difference is our code.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a failed setup must end the benchmark, which prints its results"
)]

mod commands;
mod scene;

use std::{
    cell::{LazyCell, RefCell},
    time::Duration,
};

use commands::Command;
use coulisses_tests::Timing;
use criterion::{Criterion, SamplingMode};
use scene::Scene;

/// The numbers of collaborators of the clients that are listed.
const LISTS: [usize; 3] = [100, 1_000, 10_000];

/// The size of the large client.
const COLLABORATORS: usize = 100_000;

/// The number of other clients; writing them takes minutes and some gigabytes of memory.
const CLIENTS: usize = 1_000_000;

/// Frequent commands, whose times must not grow with the size.
const CONSTANT: [(&str, Command); 3] =
    [("check", Command::Check), ("assign-role", Command::AssignRole), ("invite", Command::Invite)];

fn main() {
    let criterion = Criterion::default()
        .sample_size(50)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .without_plots()
        .configure_from_args();
    let mut table = Table { criterion, rows: Vec::new() };
    functions(&mut table);
    lists(&mut table);
    growth(&mut table);
    table.print();
}

/// Every command, in a client of a hundred collaborators.
fn functions(table: &mut Table) {
    let scene = LazyCell::new(|| Scene::with_client("acme", 100));
    for (name, command) in Command::ALL {
        table.measure("functions", name, || scene.runtime.block_on(command.once(&scene, "acme")));
    }
}

/// A page of the list; the whole list is read and sorted for it.
fn lists(table: &mut Table) {
    for people in LISTS {
        let scene = LazyCell::new(|| Scene::with_client("acme", people));
        let list = || scene.runtime.block_on(Command::List.once(&scene, "acme"));
        table.measure("lists", &format!("of {people}"), list);
    }
}

/// The constant commands at growing sizes; each step keeps the items of the steps before.
fn growth(table: &mut Table) {
    let scene = Scene::with_client("small", 10);
    let mut beside = |client: &str, what: &str, add: &dyn Fn()| {
        let added = LazyCell::new(add);
        for (name, command) in CONSTANT {
            table.measure("growth", &format!("{name}, {what}"), || {
                LazyCell::force(&added);
                scene.runtime.block_on(command.once(&scene, client))
            });
        }
    };
    beside("small", "10 collaborators, 1 client", &|| {});
    let large = || scene.add_client("large", COLLABORATORS);
    beside("large", &format!("{COLLABORATORS} collaborators, 2 clients"), &large);
    let others = || scene.add_clients_like("small", CLIENTS);
    beside("small", &format!("10 collaborators, {CLIENTS} clients"), &others);
}

/// The measurements, one row for each command.
struct Table {
    criterion: Criterion,
    rows: Vec<(String, Vec<Timing>)>,
}

impl Table {
    fn measure(&mut self, group: &str, name: &str, once: impl Fn() -> Timing) {
        let timings = RefCell::new(Vec::new());
        let mut group = self.criterion.benchmark_group(group);
        group.sampling_mode(SamplingMode::Flat).bench_function(name, |bencher| {
            bencher.iter_custom(|times| {
                let all = (0..times).map(|_| once());
                let all: Vec<Timing> = all.collect();
                let whole = all.iter().map(|timing| timing.total).sum();
                timings.borrow_mut().extend(all);
                whole
            });
        });
        group.finish();
        self.rows.push((name.to_owned(), timings.into_inner()));
    }

    /// Prints the medians, in microseconds.
    fn print(&self) {
        println!(
            "| what | whole, µs | in calls, µs | whole / calls | runs |\n|---|---|---|---|---|"
        );
        for (name, timings) in self.rows.iter().filter(|(_, timings)| !timings.is_empty()) {
            let whole = median(timings.iter().map(|timing| timing.total));
            let calls = median(timings.iter().map(|timing| timing.calls));
            let ratio = whole.as_secs_f64() / calls.as_secs_f64();
            let (whole, calls, runs) = (whole.as_micros(), calls.as_micros(), timings.len());
            println!("| {name} | {whole} | {calls} | {ratio:.2} | {runs} |");
        }
    }
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
