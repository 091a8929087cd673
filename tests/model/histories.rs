//! The code does what the model does: the same histories on both, compared after each step.
//!
//! `PROPTEST_CASES=5000 cargo test -p coulisses-tests --test model histories` runs more of them; a failure names the seed
//! that brings it back.

use std::fmt;

use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    test_runner::{Config, RngSeed, TestRunner},
};
use tokio::runtime::Runtime;

use crate::{
    mail::Ses,
    real::{A_WHILE, Real, seen},
    rules::{Command, Rules},
    table::{DAY, Guards, PEOPLE, Table},
};

/// As the product has them.
const RULES: Rules = Rules { guards: Guards::ALL, timed: true };

/// How old a row is that the stream must have missed, in seconds.
const MISSED_AFTER: u32 = 120;

/// What happens.
#[derive(Clone, Copy, Debug)]
enum Step {
    Ask(Command),
    /// The answer of the table is lost, and the same is sent again.
    AskUnheard(Command),
    /// With the link of the last mail, or of the one before.
    Accept(usize, usize),
    /// By the stream.
    Deliver(Ses),
    Sweep(Ses),
    /// SES accepts, but what was sent stays in the outbox.
    DeliverHalf,
    Audit,
    Drift(i8),
    Wait(u32),
}

fn command() -> impl Strategy<Value = Command> {
    let who = 0..PEOPLE;
    prop_oneof![
        5 => who.clone().prop_map(Command::Invite),
        3 => who.clone().prop_map(Command::Resend),
        2 => who.clone().prop_map(Command::Login),
        3 => who.clone().prop_map(Command::Revoke),
        2 => (0_i8..6).prop_map(Command::Limit),
        2 => who.prop_map(Command::HandOver),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let ses = || select(vec![Ses::Accepts, Ses::Accepts, Ses::IsBusy, Ses::Refuses]);
    prop_oneof![
        12 => command().prop_map(Step::Ask),
        1 => command().prop_map(Step::AskUnheard),
        4 => (0..PEOPLE, 0_usize..2).prop_map(|(who, before)| Step::Accept(who, before)),
        4 => ses().prop_map(Step::Deliver),
        2 => ses().prop_map(Step::Sweep),
        1 => Just(Step::DeliverHalf),
        1 => Just(Step::Audit),
        1 => select(vec![-1_i8, 1]).prop_map(Step::Drift),
        4 => Just(Step::Wait(A_WHILE)),
        2 => select(vec![1, 14, 30]).prop_map(|days| Step::Wait(days * DAY)),
    ]
}

/// Two worlds that are to be one.
struct Both {
    real: Real,
    table: Table,
}

impl Both {
    /// Does a step in both; what each of them answers.
    async fn step(&mut self, step: Step) -> (String, String) {
        let (real, table) = (&mut self.real, &mut self.table);
        let nothing = (String::new(), String::new());
        match step {
            Step::Ask(command) | Step::AskUnheard(command) => {
                if let Step::AskUnheard(_) = step {
                    real.lose_an_answer();
                }
                // An owner is reached by the platform, whoever else may do it.
                let by_platform = matches!(command, Command::Resend(who) if who == table.client.owner);
                let told = real.ask(command, by_platform).await;
                real.mend();
                return (told, RULES.run(table, command).to_owned());
            }
            Step::Accept(who, before) => {
                let told = real.accept(who, before).await;
                let link = table.links[who][before];
                let model = link.map(|link| RULES.run(table, Command::Accept(who, link)));
                return (told.unwrap_or_default(), model.unwrap_or_default().to_owned());
            }
            Step::Deliver(ses) => {
                real.deliver(false, ses, false).await;
                RULES.deliver(table, table.now, ses, false);
            }
            Step::Sweep(ses) => {
                real.deliver(true, ses, false).await;
                RULES.deliver(table, table.now - MISSED_AFTER, ses, false);
            }
            Step::DeliverHalf => {
                real.deliver(false, Ses::Accepts, true).await;
                RULES.deliver(table, table.now, Ses::Accepts, true);
            }
            Step::Audit => {
                real.audit().await;
                RULES.audit(table);
            }
            Step::Drift(by) => {
                // Who is wrong by more than one cannot be told from who is right by the seats of others.
                let off = table.client.used + by - table.seated();
                if off.abs() <= 1 {
                    real.drift(by).await;
                    table.client.used += by;
                }
            }
            Step::Wait(seconds) => real.wait(table, seconds),
        }
        nothing
    }

    async fn run(limit: i8, steps: &[Step]) -> Result<(), TestCaseError> {
        let (real, table) = Real::new(limit).await;
        let mut both = Self { real, table };
        for (number, step) in steps.iter().enumerate() {
            let (code, model) = both.step(*step).await;
            prop_assert_eq!(code, model, "step {}: {:?}", number, step);
            prop_assert_eq!(both.real.seen().await, seen(&both.table), "after step {}: {:?}", number, step);
        }
        Ok(())
    }
}

/// Brings the same histories back.
struct Seed(u64);

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PROPTEST_RNG_SEED={}", self.0)
    }
}

fn compare(cases: u32) {
    let runtime = Runtime::new().unwrap();
    let chosen = Config { failure_persistence: None, ..Config::default() };
    let seed = match chosen.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => u64::from_le_bytes(coulisses_aws::random::bytes().unwrap()),
    };
    let asked = Config { failure_persistence: None, ..Config::default() }.cases;
    let cases = if asked == 256 { cases } else { asked };
    let config = Config { cases, rng_seed: RngSeed::Fixed(seed), ..chosen };
    let histories = (2_i8..5, vec(step(), 10..=15));
    let outcome = TestRunner::new(config)
        .run(&histories, |(limit, steps)| runtime.block_on(Both::run(limit, &steps)));
    if let Err(error) = outcome {
        panic!("{}: {error}", Seed(seed));
    }
}

#[test]
fn histories_on_the_code_are_histories_of_the_model() {
    let t = std::time::Instant::now();
    compare(40);
    eprintln!("{:?}", t.elapsed());
}
