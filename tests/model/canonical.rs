//! Maps equivalent states to one canonical state, so that the state space stays small enough to explore.

use crate::{
    machine::{Job, Look, State},
    plan::{Expect, Plan, To},
    rules::Command,
    table::{Membership, PEOPLE, Record, Stamp},
};

/// A link that no invitation has any more.
const DEAD: Stamp = Stamp::MAX;

/// The first fresh stamp.
const FRESH: Stamp = 1_000;

/// The same state with stamps replaced by their ranks, and with jobs and deliveries sorted.
pub fn canonical(mut state: State) -> State {
    forget_dead_links(&mut state);
    let mut kinds = Stamps::default();
    kinds.of(&mut state);
    let Stamps { client, event, seq, versions, mail_ids, links } = kinds;
    for stamps in [client, event, seq, mail_ids, links].into_iter().chain(versions) {
        rank(stamps);
    }
    state.table.stamp = FRESH;
    state.jobs.sort_unstable();
    state.deliveries.sort_unstable();
    state
}

/// Replaces each stamp by its rank among all; 0 stands for a value that was not read.
fn rank(stamps: Vec<&mut Stamp>) {
    let kept = |stamp: &Stamp| *stamp != 0 && *stamp != DEAD;
    let mut sorted: Vec<Stamp> = stamps.iter().map(|stamp| **stamp).filter(kept).collect();
    sorted.sort_unstable();
    sorted.dedup();
    for stamp in stamps {
        if let Ok(rank) = sorted.binary_search(stamp) {
            *stamp = Stamp::try_from(rank + 1).expect("a few");
        }
    }
}

/// The stamps that are compared with each other.
#[derive(Default)]
struct Stamps<'a> {
    client: Vec<&'a mut Stamp>,
    event: Vec<&'a mut Stamp>,
    seq: Vec<&'a mut Stamp>,
    versions: [Vec<&'a mut Stamp>; PEOPLE],
    mail_ids: Vec<&'a mut Stamp>,
    links: Vec<&'a mut Stamp>,
}

impl<'a> Stamps<'a> {
    fn of(&mut self, state: &'a mut State) {
        let table = &mut state.table;
        self.client.push(&mut table.client.version);
        self.seq.push(&mut table.client.seq);
        self.event.push(&mut table.event.version);
        for (who, record) in table.people.iter_mut().enumerate() {
            let Some(record) = record else { continue };
            self.versions[who].push(&mut record.version);
            match &mut record.membership {
                Membership::Pending(it) => {
                    self.mail_ids.push(&mut it.mail_id);
                    self.links.extend(&mut it.link);
                }
                Membership::Active(link) => self.links.extend(link),
                Membership::Declined(it) => self.links.push(&mut it.link),
                Membership::Waiting => {}
            }
        }
        self.links.extend(table.links.iter_mut().flatten().flatten());
        self.mail_ids.extend(table.outbox.iter_mut().map(|row| &mut row.mail_id));
        for delivery in &mut state.deliveries {
            self.mail_ids.push(&mut delivery.mail_id);
            self.links.extend(&mut delivery.link);
        }
        for job in &mut state.jobs {
            match job {
                Job::Request(request) => {
                    if let Command::Accept(_, link) | Command::Decline(_, link) =
                        &mut request.command
                    {
                        self.links.push(link);
                    }
                    self.of_plan(&mut request.plan);
                }
                Job::Audit { look: Look::Client(read), .. } => {
                    self.client.push(&mut read.version);
                    self.seq.push(&mut read.seq);
                }
                Job::Audit { look: Look::People(_), .. } => {}
                Job::Audit { look: Look::Write(plan), .. } => self.of_plan(plan),
            }
        }
    }

    fn of_plan(&mut self, plan: &'a mut Plan) {
        if let Some(read) = &mut plan.client {
            self.client.push(&mut read.version);
            self.seq.push(&mut read.seq);
        }
        self.event.extend(&mut plan.event);
        for (who, write) in plan.people.iter_mut().enumerate() {
            let Some(write) = write else { continue };
            match &mut write.membership {
                Some(To::Active(link)) => self.links.extend(link),
                Some(To::Declined(link)) => self.links.push(link),
                Some(To::Invited(_) | To::Waiting) | None => {}
            }
            if let Expect::Read { version, mail_id, link, .. } = &mut write.expect {
                self.versions[who].push(version);
                self.mail_ids.extend(mail_id);
                self.links.extend(link.iter_mut().flatten());
            }
        }
    }
}

/// Marks links that no record and no plan has; they never work again.
fn forget_dead_links(state: &mut State) {
    let mut live: Vec<Stamp> = Vec::new();
    for record in state.table.people.iter().flatten() {
        live.extend(link_of(record));
    }
    for job in &state.jobs {
        if let Job::Request(request) = job {
            for write in request.plan.people.iter().flatten() {
                if let Expect::Read { link: Some(link), .. } = write.expect {
                    live.extend(link);
                }
            }
        }
    }
    for link in state.table.links.iter_mut().flatten() {
        *link = link.filter(|link| live.contains(link));
    }
    let dead = |link: &Stamp| !live.contains(link);
    for delivery in &mut state.deliveries {
        delivery.link = delivery.link.map(|link| if dead(&link) { DEAD } else { link });
    }
    for job in &mut state.jobs {
        if let Job::Request(request) = job
            && let Command::Accept(_, link) | Command::Decline(_, link) = &mut request.command
            && dead(link)
        {
            *link = DEAD;
        }
    }
}

fn link_of(record: &Record) -> Option<Stamp> {
    match &record.membership {
        Membership::Pending(it) => it.link,
        Membership::Active(link) => *link,
        Membership::Declined(it) => Some(it.link),
        Membership::Waiting => None,
    }
}
