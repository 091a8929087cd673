//! The protocol as a Stateright model: concurrent requests, audits and deliveries, one step at a time, with faults between
//! the steps.

use stateright::{Model, Property};

use crate::{
    canonical::canonical,
    mail::{Delivery, Ses},
    plan::{ClientRead, List, Plan, Seats},
    properties::{self, Wrong},
    refusal::Refusal,
    rules::{Command, Rules, client_of, repair},
    table::{Kind, Record, Status, Table},
};

/// The most attempts of a request; the product makes one more, which reaches no new states.
const TRIES: u8 = 2;

/// The part of the protocol to explore, and its bounds.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a part of the protocol")]
pub struct Machine {
    pub rules: Rules,
    pub begin: Vec<Table>,
    pub commands: Vec<Command>,
    /// Whether links are used.
    pub accepts: bool,
    /// Whether links decline.
    pub declines: bool,
    pub audits: bool,
    /// Whether mail is delivered; if not, the outbox is ignored.
    pub delivers: bool,
    pub left: Left,
}

/// How many actions are left, so that every path ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Left {
    /// Requests and audits.
    pub asked: u8,
    /// Crashes, lost responses and refusals of SES.
    pub faults: u8,
    /// How often all invitations may expire.
    pub waits: u8,
    /// How often `used` is corrupted, which no function does.
    pub drifts: u8,
}

/// A state of the model.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct State {
    pub table: Table,
    pub jobs: Vec<Job>,
    pub deliveries: Vec<Delivery>,
    pub left: Left,
    /// The error of `used`.
    pub drift: i8,
    pub wrong: Wrong,
}

/// A request or an audit in progress.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Job {
    Request(Request),
    Audit { look: Look, tries: u8 },
}

/// A request that has read and decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request {
    pub command: Command,
    pub plan: Plan,
    pub phase: Phase,
    pub tries: u8,
    pub swept: bool,
    /// The change was made, but the response was lost.
    pub applied: bool,
}

/// The next step of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Writes its decision.
    Write,
    /// Releases expired seats, then decides again.
    Sweep,
    /// Repeats the write after a lost response.
    Repeat,
}

/// The progress of an audit.
#[expect(clippy::large_enum_variant, reason = "a state has two of them at most")]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Look {
    Client(ClientRead),
    People(i8),
    Write(Plan),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    Ask(Command),
    Audit,
    /// The next step of a request or an audit.
    Step(usize),
    /// The next step, but its response is lost.
    StepUnheard(usize),
    /// A request or an audit is killed.
    Kill(usize),
    Lease(usize),
    Deliver(usize, Ses),
    KillDelivery(usize),
    /// All current invitations expire.
    Wait,
    Drift(i8),
}

impl Machine {
    fn ask(&self, state: &mut State, command: Command) {
        let request = Request {
            command,
            plan: Plan::default(),
            phase: Phase::Write,
            tries: 0,
            swept: false,
            applied: false,
        };
        self.decide(state, request);
    }

    /// Reads and decides; a refusal ends the request.
    fn decide(&self, state: &mut State, mut request: Request) {
        let decided = if request.swept {
            self.rules.decide_swept(&state.table, request.command)
        } else {
            self.rules.decide(&state.table, request.command)
        };
        match decided {
            Ok(plan) if plan.is_empty() => {}
            Ok(plan) => {
                let plan = self.rules.passing_on(&state.table, plan);
                (request.plan, request.phase) = (self.trimmed(plan), Phase::Write);
                state.jobs.push(Job::Request(request));
            }
            Err(Refusal::SeatLimitReached) if !request.swept => {
                let swept = self.rules.sweep(&state.table).unwrap_or_default();
                let swept = self.rules.passing_on(&state.table, swept);
                request.plan = self.trimmed(swept);
                (request.phase, request.swept) = (Phase::Sweep, true);
                state.jobs.push(Job::Request(request));
            }
            Err(_) => state.wrong.twice |= request.applied,
        }
    }

    /// Removes values that no condition uses, so that equivalent states are equal.
    fn trimmed(&self, mut plan: Plan) -> Plan {
        if let Some(read) = &mut plan.client {
            let repairs = matches!(plan.seats, Seats::Set(_));
            *read = ClientRead {
                version: if repairs { 0 } else { read.version },
                seq: if repairs { read.seq } else { 0 },
                used: if repairs || !self.rules.guards.adding { read.used } else { 0 },
                waiting: if plan.list == List::Same { read.waiting } else { 0 },
            };
        }
        if !self.delivers {
            plan.rows.retain(|(kind, _)| *kind == Kind::Invitation);
        }
        plan
    }

    /// Writes a plan and records violations.
    fn commit(&self, state: &mut State, plan: &Plan) -> bool {
        let repairs = matches!(plan.seats, Seats::Set(_));
        let before = &state.table.client;
        let unpromised = before.limit - i8::try_from(before.list.len()).expect("a few");
        let overtakes = plan.list == List::Same && before.used >= unpromised;
        let done = state.table.commit(plan, self.rules.guards);
        let client = &state.table.client;
        let grows = matches!(plan.seats, Seats::Add(more) if more > 0);
        if done && grows && client.used > client.limit {
            state.wrong.overgrown = true;
        }
        if done && grows && overtakes {
            state.wrong.overtook = true;
        }
        if done && repairs {
            state.drift = 0;
        }
        if !self.delivers {
            state.table.outbox.clear();
        }
        done
    }

    /// Writes a sweep and records whom it should have left.
    fn sweep(&self, state: &mut State, plan: &Plan) -> bool {
        let swept =
            plan.people.iter().zip(&state.table.people).filter(|(write, _)| write.is_some());
        let mut there = swept.filter_map(|(_, record)| record.as_ref());
        let live =
            there.any(|it| ![Status::Expired, Status::Waiting].contains(&state.table.status(it)));
        let done = self.commit(state, plan);
        state.wrong.swept_live |= done && live;
        done
    }

    fn step(&self, state: &mut State, index: usize, heard: bool) {
        match state.jobs.remove(index) {
            Job::Request(request) => self.go_on(state, request, heard),
            Job::Audit { look, tries } => self.look(state, look, tries),
        }
    }

    fn go_on(&self, state: &mut State, mut request: Request, heard: bool) {
        let plan = request.plan.clone();
        match request.phase {
            Phase::Sweep => {
                self.sweep(state, &plan);
                self.decide(state, request);
            }
            Phase::Repeat if self.rules.guards.token => {}
            Phase::Write | Phase::Repeat => {
                let used_link = used_link(&state.table, request.command);
                if self.commit(state, &plan) {
                    state.wrong.dead_link |= used_link == Some(false);
                    state.wrong.twice |= request.applied;
                    if !heard {
                        (request.phase, request.applied) = (Phase::Repeat, true);
                        state.jobs.push(Job::Request(request));
                    }
                } else {
                    request.tries += 1;
                    if request.tries < TRIES {
                        self.decide(state, request);
                    }
                }
            }
        }
    }

    fn begin_audit(&self, state: &mut State, tries: u8) {
        let look = if self.rules.guards.seq_first {
            Look::Client(client_of(&state.table))
        } else {
            Look::People(state.table.usage())
        };
        state.jobs.push(Job::Audit { look, tries });
    }

    fn look(&self, state: &mut State, look: Look, tries: u8) {
        let (client, counted) = match look {
            Look::Client(client) => (client, state.table.usage()),
            Look::People(counted) => (client_of(&state.table), counted),
            Look::Write(plan) => {
                let done = if matches!(plan.seats, Seats::Set(_)) {
                    self.commit(state, &plan)
                } else {
                    self.sweep(state, &plan)
                };
                let tries = if done { 0 } else { tries + 1 };
                if tries < TRIES {
                    self.begin_audit(state, tries);
                }
                return;
            }
        };
        let swept = self.rules.sweep(&state.table).map(|plan| {
            let plan = self.rules.passing_on(&state.table, plan);
            Plan { client: Some(client), ..plan }
        });
        let wrong = (client.used != counted).then(|| repair(client, counted));
        if let Some(plan) = swept.or(wrong) {
            let look = Look::Write(self.trimmed(plan));
            state.jobs.push(Job::Audit { look, tries });
        }
    }

    fn lease(&self, state: &mut State, index: usize) {
        let delivery = self.rules.lease(&mut state.table, index);
        state.deliveries.extend(delivery);
    }

    fn deliver(&self, state: &mut State, index: usize, ses: Ses) {
        let delivery = state.deliveries.remove(index);
        let going = self.rules.advance(&mut state.table, delivery, ses);
        state.deliveries.extend(going);
    }

    fn kill_delivery(state: &mut State, index: usize) {
        let killed = state.deliveries.remove(index);
        // The function's timeout is at most the lease, so its holder has ended when the lease does.
        for row in &mut state.table.outbox {
            if row.mail_id == killed.mail_id {
                row.leased_until = 0;
            }
        }
    }

    fn fault_actions(state: &State, actions: &mut Vec<Action>) {
        for (index, job) in state.jobs.iter().enumerate() {
            actions.push(Action::Kill(index));
            if matches!(job, Job::Request(request) if request.phase == Phase::Write) {
                actions.push(Action::StepUnheard(index));
            }
        }
        for (index, delivery) in state.deliveries.iter().enumerate() {
            actions.push(Action::KillDelivery(index));
            if delivery.next == crate::mail::Next::Send {
                let faults = Ses::ALL.into_iter().filter(|ses| *ses != Ses::Accepts);
                actions.extend(faults.map(|ses| Action::Deliver(index, ses)));
            }
        }
    }
}

/// Whether the link of `command` is the current one; `None` without a link or a pending invitation.
fn used_link(table: &Table, command: Command) -> Option<bool> {
    let (Command::Accept(who, link) | Command::Decline(who, link)) = command else { return None };
    let invitation = table.people[who].as_ref().and_then(Record::invitation)?;
    Some(invitation.link == Some(link))
}

impl Model for Machine {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let state = |table: &Table| State {
            table: table.clone(),
            jobs: Vec::new(),
            deliveries: Vec::new(),
            left: self.left,
            drift: 0,
            wrong: Wrong::default(),
        };
        self.begin.iter().map(|table| canonical(state(table))).collect()
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let left = state.left;
        if left.asked > 0 && state.jobs.len() < 2 {
            actions.extend(self.commands.iter().copied().map(Action::Ask));
            for (who, links) in state.table.links.iter().enumerate() {
                let Some(link) = links[0] else { continue };
                actions.extend(self.accepts.then_some(Action::Ask(Command::Accept(who, link))));
                actions.extend(self.declines.then_some(Action::Ask(Command::Decline(who, link))));
            }
            if self.audits {
                actions.push(Action::Audit);
            }
        }
        actions.extend((0..state.jobs.len()).map(Action::Step));
        if self.delivers && state.deliveries.len() < 2 {
            let rows = state.table.outbox.iter().enumerate();
            let free = rows.filter(|(_, row)| self.rules.is_free(&state.table, row));
            actions.extend(free.map(|(index, _)| Action::Lease(index)));
        }
        actions
            .extend((0..state.deliveries.len()).map(|index| Action::Deliver(index, Ses::Accepts)));
        if left.faults > 0 {
            Self::fault_actions(state, actions);
        }
        if left.waits > 0 {
            actions.push(Action::Wait);
        }
        if left.drifts > 0 {
            actions.extend([Action::Drift(1), Action::Drift(-1)]);
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        match action {
            Action::Ask(command) => {
                state.left.asked -= 1;
                self.ask(&mut state, command);
            }
            Action::Audit => {
                state.left.asked -= 1;
                self.begin_audit(&mut state, 0);
            }
            Action::Step(index) => self.step(&mut state, index, true),
            Action::StepUnheard(index) => {
                state.left.faults -= 1;
                self.step(&mut state, index, false);
            }
            Action::Kill(index) => {
                state.left.faults -= 1;
                state.jobs.remove(index);
            }
            Action::Lease(index) => self.lease(&mut state, index),
            Action::Deliver(index, ses) => {
                state.left.faults -= u8::from(ses != Ses::Accepts);
                self.deliver(&mut state, index, ses);
            }
            Action::KillDelivery(index) => {
                state.left.faults -= 1;
                Self::kill_delivery(&mut state, index);
            }
            Action::Wait => {
                state.left.waits -= 1;
                state.table.now += 14 * crate::table::DAY;
            }
            Action::Drift(by) => {
                state.left.drifts -= 1;
                state.table.client.used += by;
                state.drift += by;
            }
        }
        Some(canonical(state))
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all(self)
    }
}
