//! How long each function takes from its start to its first poll of the Runtime API, to its first answer and to a warm
//! one, and how large it is, in memory and zipped: as it is deployed, in a process of its own, on the emulator.
//!
//! `cargo bench --bench startup -- --help` says what it may be told.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement that cannot be made fails at once, and what was measured is printed"
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

/// Measures how the functions start and answer, beside a function that does nothing; prints a table in Markdown.
///
/// It builds each one first as it is deployed, which takes minutes a function.
#[derive(Debug, Parser)]
#[command(name = "cargo bench --bench startup --")]
struct Wanted {
    /// Functions to measure; all of them, if none is named
    functions: Vec<String>,

    /// How often each is started
    #[arg(long, default_value_t = 20)]
    starts: usize,

    /// How many warm answers each start gives
    #[arg(long, default_value_t = 10)]
    answers: usize,

    /// What cargo itself says to every bench
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() {
    let wanted = Wanted::parse();
    let world = asked::world().await;
    let all = asked::all(&world).await;
    let is_wanted = |asked: &&Asked| {
        wanted.functions.is_empty() || wanted.functions.iter().any(|name| name == asked.function)
    };
    let chosen: Vec<&Asked> = all.iter().filter(is_wanted).collect();
    assert!(!chosen.is_empty(), "there is no such function");

    let hello = Binary::hello();
    let binaries: Vec<Binary> = chosen.iter().map(|asked| Binary::of(asked.function)).collect();
    let bench = Bench::new(world, &wanted).await;
    let nothing = bench.measure(&hello, &all[0], &hello).await;
    println!("{}", tally::heading());
    println!("{}", Row { name: "hello-world", binary: &hello, tally: &nothing });
    for (asked, binary) in chosen.into_iter().zip(&binaries) {
        let tally = bench.measure(binary, asked, &hello).await;
        println!("{}", Row { name: asked.function, binary, tally: &tally });
    }
    println!("\n{}", tally::TARGETS);
}

/// The deployment that functions are measured in.
struct Bench {
    world: World,
    calls: Calls,
    dynamodb: String,
    ses: String,
    starts: usize,
    answers: usize,
}

impl Bench {
    async fn new(world: World, wanted: &Wanted) -> Self {
        let calls = Calls::default();
        let dynamodb = relay(world.endpoint(), calls.clone()).await;
        let ses = relay(&ses().await, calls.clone()).await;
        Self { world, calls, dynamodb, ses, starts: wanted.starts, answers: wanted.answers }
    }

    /// Starts `binary` again and again, each time after `nothing`, so that what else the machine does slows both down, and
    /// lets it answer `asked`, each time in the world as it was before.
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

/// A span in milliseconds.
fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1_000.0
}
