//! The properties of the model: what holds always, what holds in the end, and what must be reachable.

use stateright::Property;

use crate::{
    machine::{Job, Machine, Phase, State},
    rules::{Command, is_owed},
    table::{PEOPLE, Record, Status, Table},
};

/// Promise 1.
pub const LIMIT: &str = "a seat is taken only below the limit";
/// Promise 2.
pub const USED: &str = "`used` is the number of collaborators with a seat";
/// Promise 7.
pub const OWNER: &str = "the client has one owner, and the platform can mail or replace them";
/// Promise 6, at all times.
pub const OWED: &str = "a mail that is owed is in the outbox";
/// Promise 6, in the end.
pub const SENT: &str = "in the end the outbox is empty, each mail accepted or failed visibly";
pub const DEAD_LINK: &str = "a replaced link activates no one, and declines nothing";
/// Promises 3 and 4.
pub const ONCE: &str =
    "a change whose response is lost is made once, and its retry is not refused because of it";

/// Promise 11.
pub const LIST: &str = "the waiting list names exactly those who wait";
/// Promise 11, where no limit is raised and no two seats are released together.
pub const IDLE: &str = "no seat is free beside someone who waits";
/// Promise 11.
pub const OVERTOOK: &str = "no one takes a seat that is promised to someone who waits";

/// Promise 2, where access ends with an event.
pub const LIVE: &str = "a sweep removes no one whose access has not ended";
/// Access that ended with its event is back.
pub const BACK: &str = "an event that moves gives access back";

/// An invitation finds no free seat.
pub const FULL: &str = "the limit is reached";
/// Two people wait.
pub const PASSED: &str = "several people wait";
/// SES has no idempotency, so a retry may send a mail twice.
pub const DOUBLED: &str = "a mail is sent twice";
/// A record changed between a read and the write.
pub const CONFLICT: &str = "two commands conflict";
pub const SWEPT: &str = "an expired invitation releases its seat";
pub const REPAIRED: &str = "the audit repairs a wrong `used`";

/// Violations that only show at the moment of a write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::struct_excessive_bools, reason = "each is an independent violation")]
pub struct Wrong {
    /// `used` grew past the limit.
    pub overgrown: bool,
    /// A replaced link activated a collaborator, or declined.
    pub dead_link: bool,
    /// A change whose response was lost was made twice, or its retry was refused because of it.
    pub twice: bool,
    /// A sweep removed a collaborator whose access had not ended.
    pub swept_live: bool,
    /// A seat that was promised to someone who waits was taken by another.
    pub overtook: bool,
}

/// The properties that apply to `machine`.
pub fn all(machine: &Machine) -> Vec<Property<Machine>> {
    let mut all = vec![
        Property::always(LIMIT, |_, state: &State| !state.wrong.overgrown),
        Property::always(USED, |_, state: &State| {
            state.table.client.used == state.table.usage() + state.drift
        }),
        Property::always(OWNER, has_one_owner),
        Property::always(DEAD_LINK, |_, state: &State| !state.wrong.dead_link),
        Property::always(LIVE, |_, state: &State| !state.wrong.swept_live),
        Property::always(ONCE, |_, state: &State| !state.wrong.twice),
        Property::sometimes(CONFLICT, |_, state: &State| state.jobs.iter().any(has_tried)),
    ];
    let waits = machine.commands.iter().any(|command| matches!(command, Command::Wait(_)));
    let raises = machine.commands.iter().any(|command| matches!(command, Command::Limit(_)));
    if waits {
        all.push(Property::always(LIST, lists_those_who_wait));
        all.push(Property::always(OVERTOOK, |_, state: &State| !state.wrong.overtook));
        all.push(Property::sometimes(PASSED, |_, state: &State| state.table.client.list.len() > 1));
        if !raises && machine.left.waits == 0 && machine.left.drifts == 0 {
            all.push(Property::always(IDLE, |_, state: &State| {
                let client = &state.table.client;
                client.list.is_empty() || client.used >= client.limit
            }));
        }
    }
    if raises {
        all.push(Property::sometimes(FULL, |_, state: &State| in_phase(state, Phase::Sweep)));
    }
    if machine.delivers {
        all.push(Property::always(OWED, owed_is_queued));
        all.push(Property::eventually(SENT, is_settled));
        all.push(Property::sometimes(DOUBLED, |_, state: &State| {
            state.table.outbox.iter().any(|row| row.accepted > 1)
        }));
    }
    if machine.left.waits > 0 && machine.audits {
        all.push(Property::sometimes(SWEPT, |_, state: &State| {
            state.table.people.iter().flatten().any(|record| !record.seat)
        }));
    }
    if machine.commands.contains(&Command::Move(false)) {
        all.push(Property::sometimes(BACK, |_, state: &State| {
            // The event moved twice, and the owner is not alone.
            let Table { event, people, .. } = &state.table;
            !event.over && event.version > 0 && people.iter().flatten().count() > 1
        }));
    }
    if machine.left.drifts > 0 {
        all.push(Property::sometimes(REPAIRED, |machine: &Machine, state: &State| {
            state.left.drifts < machine.left.drifts && state.drift == 0
        }));
    }
    all
}

fn lists_those_who_wait(_: &Machine, state: &State) -> bool {
    let table = &state.table;
    let waits = |who: &usize| {
        table.people[*who].as_ref().is_some_and(|it| it.status(table.now) == Status::Waiting)
    };
    let mut list = table.client.list.clone();
    list.sort_unstable();
    list == (0..PEOPLE).filter(waits).collect::<Vec<usize>>()
}

fn in_phase(state: &State, phase: Phase) -> bool {
    state.jobs.iter().any(|job| matches!(job, Job::Request(request) if request.phase == phase))
}

fn has_tried(job: &Job) -> bool {
    match job {
        Job::Request(request) => request.tries > 0,
        Job::Audit { tries, .. } => *tries > 0,
    }
}

/// There is exactly one owner, the client names them, they have a seat, and the platform can mail or replace them.
fn has_one_owner(machine: &Machine, state: &State) -> bool {
    let table = &state.table;
    let owners: Vec<usize> = (0..PEOPLE)
        .filter(|who| table.people[*who].as_ref().is_some_and(|record| record.owner))
        .collect();
    let Some(record) = table.seen(table.client.owner) else { return false };
    let may = |command: Command| machine.rules.decide(table, command).is_ok();
    let reached = may(Command::HandOver(table.client.owner))
        && (record.invitation().is_none() || may(Command::Resend(table.client.owner)));
    owners == [table.client.owner] && record.seat && reached
}

/// Every owed mail is in the outbox or in a delivery.
fn owed_is_queued(_: &Machine, state: &State) -> bool {
    let mail_id =
        |who: usize| state.table.seen(who).and_then(Record::invitation).map(|it| it.mail_id);
    let queued =
        |who: usize| state.table.outbox.iter().any(|row| Some(row.mail_id) == mail_id(who));
    (0..PEOPLE).all(|who| !is_owed(&state.table, who) || queued(who))
}

/// No action is left, and no mail is owed.
fn is_settled(machine: &Machine, state: &State) -> bool {
    let mut actions = Vec::new();
    stateright::Model::actions(machine, state, &mut actions);
    actions.is_empty()
        && state.table.outbox.is_empty()
        && (0..PEOPLE).all(|who| !is_owed(&state.table, who))
}
