//! Measures each function as deployed, in its own process on the emulator: the time from its start to its first poll of the
//! Runtime API, the times of the first and of warm responses, and its size in memory and zipped.
//!
//! `cargo bench --bench startup -- --help` lists the options.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failed measurement ends the benchmark, which prints its results"
)]

mod asked;
mod binary;
mod relay;
mod runtime;
mod tally;

use std::time::Duration;

use asked::Asked;
use binary::Binary;
use clap::Parser;
use coulisses_tests::World;
use relay::{Calls, relay};
use runtime::{Runtime, ses};
use tally::{Row, Tally};

/// Measures the start and the responses of the functions, compared to a function that does nothing; prints a Markdown table.
///
/// Builds each function as for deployment first, which takes minutes for each.
#[derive(Debug, Parser)]
#[command(name = "cargo bench --bench startup --")]
struct Options {
    /// Functions to measure; all of them if none is named
    functions: Vec<String>,

    /// The number of starts of each
    #[arg(long, default_value_t = 20)]
    starts: usize,

    /// The number of warm responses after each start
    #[arg(long, default_value_t = 10)]
    answers: usize,

    /// Passed by cargo to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let world = asked::world().await;
    let all = asked::all(&world).await;
    let is_chosen = |asked: &&Asked| {
        options.functions.is_empty() || options.functions.iter().any(|name| name == asked.function)
    };
    let chosen: Vec<&Asked> = all.iter().filter(is_chosen).collect();
    assert!(!chosen.is_empty(), "there is no such function");

    let hello = Binary::hello();
    let binaries: Vec<Binary> = chosen.iter().map(|asked| Binary::of(asked.function)).collect();
    let bench = Bench::new(world, &options).await;
    let nothing = bench.measure(&hello, &all[0], &hello).await;
    println!("{}", tally::heading());
    println!("{}", Row { name: "hello-world", binary: &hello, tally: &nothing });
    for (asked, binary) in chosen.into_iter().zip(&binaries) {
        let tally = bench.measure(binary, asked, &hello).await;
        println!("{}", Row { name: asked.function, binary, tally: &tally });
    }
    println!("\n{}", tally::TARGETS);
}

/// The deployment that functions are measured with.
struct Bench {
    world: World,
    calls: Calls,
    dynamodb: String,
    ses: String,
    starts: usize,
    answers: usize,
}

impl Bench {
    async fn new(world: World, options: &Options) -> Self {
        let calls = Calls::default();
        let dynamodb = relay(world.endpoint(), calls.clone()).await;
        let ses = relay(&ses().await, calls.clone()).await;
        Self { world, calls, dynamodb, ses, starts: options.starts, answers: options.answers }
    }

    /// Starts `binary` repeatedly, each time after `nothing`, so that other load slows both down, and lets it answer
    /// `asked`, each time in the same state of the deployment.
    async fn measure(&self, binary: &Binary, asked: &Asked, nothing: &Binary) -> Tally {
        let kept = self.world.snapshot();
        let mut tally = Tally::default();
        for _ in 0..self.starts {
            let beside = Runtime::start(nothing, self.environment()).await;
            tally.beside.push(beside.started);
            beside.stop().await;
            let mut runtime = Runtime::start(binary, self.environment()).await;
            tally.starts.push(runtime.started);
            let mut before = Duration::ZERO;
            for number in 0..=self.answers {
                if number == 1 {
                    before = runtime.processor();
                }
                self.world.restore(&kept);
                self.calls.take();
                let took = runtime.answer(&asked.event).await;
                let answers = if number == 0 { &mut tally.first } else { &mut tally.warm };
                answers.push((took, self.calls.take()));
            }
            let answers = u32::try_from(self.answers.max(1)).expect("some answers");
            tally.processor.push(runtime.processor().saturating_sub(before) / answers);
            tally.memory.push(runtime.memory());
            runtime.stop().await;
        }
        self.world.restore(&kept);
        tally
    }

    fn environment(&self) -> impl Iterator<Item = (&str, &str)> {
        World::environment(&self.dynamodb, &self.ses).into_iter()
    }
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}
