//! Runs the same random histories on the code and the model, and compares both after each step.
//!
//! `PROPTEST_CASES=5000 cargo test --test model histories` runs more of them. On a difference, the test
//! prints the shortest history that shows it, and the `PROPTEST_RNG_SEED` that reproduces it.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    strategy::Union,
    test_runner::{Config, RngSeed, TestCaseResult, TestRunner},
};
use tokio::runtime::Runtime;

use crate::{
    guards::Guards,
    mail::Ses,
    real::{A_WHILE, Deployment, Real, grid, seen},
    refusal::Refusal,
    rules::{Command, Rules},
    table::{DAY, PEOPLE, Record, Status, Table},
};

/// The rules as in the product.
const RULES: Rules = Rules { guards: Guards::ALL, timed: true };

/// The age in seconds at which a sweep picks up a row that the stream missed.
const MISSED_AFTER: u32 = 120;

/// How many histories share a deployment; its table grows with each, so reading the outbox gets slower.
const HISTORIES: usize = 3;

/// A step; the collaborator that it is about is chosen when it runs.
#[derive(Clone, Copy, Debug)]
enum Step {
    Ask(Asked, usize),
    /// A response of the table is lost, and the write is retried.
    AskUnheard(Asked, usize),
    /// With the link of the last mail or of the one before.
    Accept(usize, usize),
    /// With the link of the last mail or of the one before.
    Decline(usize, usize),
    Limit(i8),
    /// Started by the stream.
    Deliver(Ses),
    Sweep(Ses),
    /// SES accepts, but the sent rows stay in the outbox.
    DeliverHalf,
    Audit,
    /// The schedule passes seats on.
    PassSeats,
    Drift(i8),
    Wait(u32),
}

/// A command about a collaborator.
#[derive(Clone, Copy, Debug)]
enum Asked {
    Invite,
    Wait,
    Resend,
    Login,
    Revoke,
    HandOver,
}

fn asked() -> impl Strategy<Value = Asked> {
    let all =
        [Asked::Invite, Asked::Wait, Asked::Resend, Asked::Login, Asked::Revoke, Asked::HandOver];
    let weights = [4, 3, 4, 2, 3, 2];
    Union::new_weighted(weights.into_iter().zip(all.map(Just)).collect())
}

/// Steps that are mostly about seats, or mostly about mail.
fn step(seats: u32, mail: u32) -> impl Strategy<Value = Step> {
    let ses = || select(vec![Ses::Accepts, Ses::Accepts, Ses::IsBusy, Ses::Refuses]);
    let who = || 0..10_usize;
    prop_oneof![
        10 => (asked(), who()).prop_map(|(asked, who)| Step::Ask(asked, who)),
        1 => (asked(), who()).prop_map(|(asked, who)| Step::AskUnheard(asked, who)),
        seats => (0_i8..6).prop_map(Step::Limit),
        seats => Just(Step::Audit),
        seats => Just(Step::PassSeats),
        seats => select(vec![-1_i8, 1]).prop_map(Step::Drift),
        seats => select(vec![1, 14, 30]).prop_map(|days| Step::Wait(days * DAY)),
        2 => Just(Step::Wait(A_WHILE)),
        2 * mail => (who(), 0_usize..2).prop_map(|(who, before)| Step::Accept(who, before)),
        mail => (who(), 0_usize..2).prop_map(|(who, before)| Step::Decline(who, before)),
        2 * mail => ses().prop_map(Step::Deliver),
        mail => ses().prop_map(Step::Sweep),
        mail => Just(Step::DeliverHalf),
        mail => Just(Step::Wait(A_WHILE)),
    ]
}

/// One step, or a sequence of steps that random single steps seldom produce.
fn steps(seats: u32, mail: u32) -> impl Strategy<Value = Vec<Step>> {
    let who = || 0..10_usize;
    let (sent, later) = (Step::Deliver(Ses::Accepts), Step::Wait(A_WHILE));
    let resent = move |who| vec![later, Step::Ask(Asked::Resend, who)];
    prop_oneof![
        16 => step(seats, mail).prop_map(|step| vec![step]),
        2 => who().prop_map(move |who| vec![Step::Ask(Asked::Invite, who), sent]),
        1 => (who(), 0_usize..2).prop_map(move |(who, before)| {
            [resent(who), vec![sent, Step::Accept(who, before)]].concat()
        }),
        1 => who().prop_map(move |who| [resent(who), vec![Step::Accept(who, 0)]].concat()),
        1 => who().prop_map(|who| vec![Step::Wait(14 * DAY), Step::Accept(who, 0)]),
        1 => who().prop_map(move |who| {
            let again = Step::Ask(Asked::Invite, who);
            vec![sent, Step::Decline(who, 0), again, Step::Wait(DAY), again, sent]
        }),
        mail => who().prop_map(move |who| resent(who).repeat(3)),
    ]
}

impl Asked {
    /// The command about a collaborator that it applies to or, in one of five cases, about any.
    fn of(self, pick: usize, table: &Table) -> Command {
        let suits = |who: &usize| {
            let record = table.seen(*who);
            let is = |status| record.is_some_and(|it| it.status(table.now) == status);
            match self {
                Self::Invite | Self::Wait => {
                    record.is_none() || is(Status::Expired) || is(Status::Declined)
                }
                Self::Resend => {
                    record.is_some_and(|it| it.invitation().is_some() || it.declined().is_some())
                }
                Self::Login => is(Status::Pending),
                Self::Revoke => record.is_some_and(|it| !it.owner),
                Self::HandOver => true,
            }
        };
        let who = one_of(&(0..PEOPLE).filter(suits).collect::<Vec<usize>>(), pick);
        match self {
            Self::Invite => Command::Invite(who),
            Self::Wait => Command::Wait(who),
            Self::Resend => Command::Resend(who),
            Self::Login => Command::Login(who),
            Self::Revoke => Command::Revoke(who),
            Self::HandOver => Command::HandOver(who),
        }
    }
}

fn one_of(some: &[usize], pick: usize) -> usize {
    if some.is_empty() || pick.is_multiple_of(5) { pick % PEOPLE } else { some[pick % some.len()] }
}

/// The code and the model, side by side.
struct Both {
    real: Real,
    table: Table,
    heard: BTreeSet<String>,
}

impl Both {
    /// Runs a step on both; returns both outcomes.
    async fn step(&mut self, step: Step) -> (String, String) {
        let (real, table) = (&self.real, &mut self.table);
        match step {
            Step::Ask(asked, pick) => return self.ask(asked.of(pick, &self.table)).await,
            Step::AskUnheard(asked, pick) => {
                real.lose_an_answer();
                return self.ask(asked.of(pick, &self.table)).await;
            }
            Step::Limit(limit) => return self.ask(Command::Limit(limit)).await,
            Step::Accept(pick, before) => {
                let mailed = |who: &usize| table.links[*who][before].is_some();
                let who = one_of(&(0..PEOPLE).filter(mailed).collect::<Vec<usize>>(), pick);
                let outcome = real.accept(who, before).await;
                let link = table.links[who][before];
                let model = link.map(|link| RULES.run(table, Command::Accept(who, link)));
                return (outcome.unwrap_or_default(), model.unwrap_or_default().to_owned());
            }
            Step::Decline(pick, before) => {
                let mailed = |who: &usize| table.links[*who][before].is_some();
                let who = one_of(&(0..PEOPLE).filter(mailed).collect::<Vec<usize>>(), pick);
                let outcome = real.decline(who, before).await;
                let link = table.links[who][before];
                let model = link.map(|link| RULES.run(table, Command::Decline(who, link)));
                return (outcome.unwrap_or_default(), model.unwrap_or_default().to_owned());
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
            Step::PassSeats => {
                real.pass_seats().await;
                RULES.pass_all(table);
            }
            Step::Drift(by) => {
                // By one at most, so that releasing a seat cannot make `used` negative.
                if (table.client.used + by - table.usage()).abs() <= 1 {
                    real.drift(by).await;
                    table.client.used += by;
                }
            }
            Step::Wait(seconds) => real.wait(table, seconds),
        }
        Default::default()
    }

    async fn ask(&mut self, command: Command) -> (String, String) {
        // The platform resends to an owner.
        let by_platform = matches!(command, Command::Resend(who) if who == self.table.client.owner);
        let outcome = self.real.ask(command, by_platform).await;
        self.real.mend();
        (outcome, RULES.run(&mut self.table, command).to_owned())
    }

    /// Runs a history, then delivers all mails.
    async fn live(&mut self, steps: &[Step]) -> TestCaseResult {
        let end = [Step::Wait(A_WHILE), Step::Deliver(Ses::Accepts)];
        for (number, step) in steps.iter().chain(&end).enumerate() {
            let (code, model) = self.step(*step).await;
            prop_assert_eq!(&code, &model, "the answer to step {}, {:?}", number, step);
            prop_assert_eq!(
                self.real.seen().await,
                seen(&self.table),
                "after step {}, {:?}",
                number,
                step
            );
            self.heard.insert(code);
        }
        prop_assert_eq!(self.real.grid().await, grid(&self.table), "the grid");
        prop_assert!(self.table.outbox.is_empty(), "{:?}", self.table.outbox);
        let owner = self.table.seen(self.table.client.owner);
        prop_assert!(owner.is_some_and(|record: &Record| record.owner && record.seat));
        Ok(())
    }
}

/// Compares histories of such steps.
fn compare(steps: impl Strategy<Value = Vec<Step>>) {
    let runtime = Runtime::new().unwrap();
    let seed = match Config::default().rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => u64::from_le_bytes(coulisses_aws::random::bytes().unwrap()),
    };
    // The default of proptest, 256 cases, takes too long for the gate.
    let cases = Config::default().cases / 8;
    let rng_seed = RngSeed::Fixed(seed);
    let config = Config { cases, failure_persistence: None, rng_seed, ..Config::default() };
    let idle: Mutex<Option<Deployment>> = Mutex::default();
    let run = |limit: i8, steps: &[Step]| {
        let reused = idle.lock().unwrap_or_else(PoisonError::into_inner).take();
        runtime.block_on(async {
            let deployment = match reused.filter(|reused| reused.clients() < HISTORIES) {
                Some(reused) => reused,
                None => Deployment::new().await,
            };
            let (real, table) = Real::new(deployment, limit).await;
            let mut both = Both { real, table, heard: BTreeSet::new() };
            both.live(steps).await?;
            *idle.lock().unwrap_or_else(PoisonError::into_inner) = Some(both.real.end());
            Ok(())
        })
    };
    let histories = (2_i8..5, vec(steps, 3..=12));
    let outcome =
        TestRunner::new(config).run(&histories, |(limit, steps)| run(limit, &steps.concat()));
    if let Err(difference) = outcome {
        panic!("PROPTEST_RNG_SEED={seed}: {difference}");
    }
}

#[test]
fn histories_of_seats_are_the_same_in_code_and_model() {
    compare(steps(2, 1));
}

#[test]
fn histories_of_mail_are_the_same_in_code_and_model() {
    compare(steps(1, 3));
}

#[tokio::test]
async fn one_history_contains_every_outcome() {
    // A pick that is a multiple of five ignores whether the command applies.
    let [olga, lea, max] = [0, 10, 5];
    let sent = Step::Deliver(Ses::Accepts);
    let mut steps = vec![
        Step::Ask(Asked::Invite, lea),
        Step::Ask(Asked::Invite, lea),
        Step::Ask(Asked::Invite, max),
        Step::Ask(Asked::Wait, max),
        Step::Ask(Asked::HandOver, max),
        Step::Ask(Asked::Revoke, max),
        Step::Ask(Asked::Resend, max),
        Step::Ask(Asked::Login, max),
        Step::Ask(Asked::Revoke, olga),
        Step::Ask(Asked::Resend, olga),
        Step::Ask(Asked::Resend, lea),
        sent,
    ];
    steps.extend([Step::Wait(A_WHILE), Step::Ask(Asked::Resend, lea)].repeat(6));
    steps.extend([Step::Accept(lea, 0), sent, Step::Wait(14 * DAY), Step::Accept(lea, 0)]);
    steps.extend([Step::Ask(Asked::HandOver, lea), sent, Step::Accept(lea, 0)]);
    let (real, table) = Real::new(Deployment::new().await, 3).await;
    let mut both = Both { real, table, heard: BTreeSet::new() };
    both.live(&steps).await.unwrap();
    let done = ["", "200", "201", "202"].into_iter();
    let all: BTreeSet<&str> = Refusal::ALL.map(Refusal::outcome).into_iter().chain(done).collect();
    assert_eq!(both.heard.iter().map(String::as_str).collect::<BTreeSet<_>>(), all);
}
