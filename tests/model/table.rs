//! The stored state of one client, as far as seats, invitations and mail go. Only a plan changes it, and its conditions
//! restate what was read.

use crate::{
    guards::{Guards, Repair},
    plan::{Expect, List, Plan, Seats, To, Write},
};

/// The number of collaborators, without those who never change.
pub const PEOPLE: usize = 3;

/// The index of a collaborator.
pub type Index = usize;

/// A value that is only compared for equality: versions, `seq`, mail ids, links.
pub type Stamp = u32;

/// Durations in seconds, from docs/domain.md#rule-9.
pub const DAY: u32 = 86_400;
const LIFETIME: u32 = 14 * DAY;
const SHOWN_FOR: u32 = 30 * DAY;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Table {
    /// The current time in seconds.
    pub now: u32,
    /// The next stamp.
    pub stamp: Stamp,
    pub client: Client,
    pub event: Event,
    pub people: [Option<Record>; PEOPLE],
    pub counters: [Option<Counter>; PEOPLE],
    /// The rows, oldest first.
    pub outbox: Vec<Row>,
    /// The links in the mails of each collaborator: the last one, and the one before.
    pub links: [[Option<Stamp>; 2]; PEOPLE],
    /// The number of received mails, counted where mails are limited.
    pub received: [u32; PEOPLE],
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    pub limit: i8,
    pub used: i8,
    pub seq: Stamp,
    pub owner: Index,
    pub version: Stamp,
    /// The seats of collaborators outside the model.
    pub others: i8,
    /// Those who wait for a seat, the next one first.
    pub list: Vec<Index>,
}

/// The event. The access of all but owners ends when it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Event {
    /// Whether access to it has ended.
    pub over: bool,
    pub version: Stamp,
}

/// A collaborator's record, with one grant on the client, or on the event where that can end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Record {
    pub owner: bool,
    pub seat: bool,
    pub version: Stamp,
    pub membership: Membership,
    /// The record reads as absent from this time on.
    pub forget_at: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Membership {
    Pending(Invitation),
    /// With the link of the accepted invitation.
    Active(Option<Stamp>),
    Declined(Declined),
    /// For a seat.
    Waiting,
}

/// An invitation that was declined.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Declined {
    /// The link that was used.
    pub link: Stamp,
    pub at: u32,
    /// Whether the collaborator was active before.
    pub was_active: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Invitation {
    pub mail_id: Stamp,
    pub link: Option<Stamp>,
    pub expires_at: u32,
    pub delivery: Delivered,
    /// Whether the collaborator was active before.
    pub was_active: bool,
    /// Not stored: whether SES accepted a mail with this link.
    pub works: bool,
}

/// The delivery state of an invitation mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Delivered {
    Queued,
    Sent,
    Failed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Pending,
    Active,
    Expired,
    Declined,
    Waiting,
}

/// The invitation mails to one collaborator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Counter {
    pub day: u32,
    pub resends: u8,
    pub last: u32,
}

/// A queued mail.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    pub kind: Kind,
    pub who: Index,
    pub mail_id: Stamp,
    pub queued_at: u32,
    pub leased_until: u32,
    pub next_attempt_at: u32,
    pub attempts: u32,
    /// Not stored: how often SES accepted it, capped at two.
    pub accepted: u8,
    /// Not stored: whether the stream still delivers it.
    pub in_stream: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// With the link.
    Invitation,
    /// For an active collaborator.
    News,
    /// For a removed collaborator.
    Removal,
}

impl Record {
    /// Whether the collaborator is active, or was before an owner was unbound from their account.
    pub fn was_active(&self) -> bool {
        match &self.membership {
            Membership::Pending(invitation) => invitation.was_active,
            Membership::Declined(declined) => declined.was_active,
            Membership::Active(_) => true,
            Membership::Waiting => false,
        }
    }

    /// The status at `now`.
    pub fn status(&self, now: u32) -> Status {
        match &self.membership {
            Membership::Pending(invitation) if invitation.expires_at <= now => Status::Expired,
            Membership::Pending(_) => Status::Pending,
            Membership::Active(_) => Status::Active,
            Membership::Declined(_) => Status::Declined,
            Membership::Waiting => Status::Waiting,
        }
    }

    pub const fn invitation(&self) -> Option<&Invitation> {
        match &self.membership {
            Membership::Pending(invitation) => Some(invitation),
            Membership::Active(_) | Membership::Declined(_) | Membership::Waiting => None,
        }
    }

    pub const fn declined(&self) -> Option<&Declined> {
        match &self.membership {
            Membership::Declined(declined) => Some(declined),
            Membership::Active(_) | Membership::Pending(_) | Membership::Waiting => None,
        }
    }
}

impl Table {
    /// The initial state, at noon: the first collaborator owns the client, `active` or pending; `others` seats are taken.
    pub fn new(limit: i8, active: bool, others: i8) -> Self {
        let client =
            Client { limit, used: others, seq: 0, owner: 0, version: 0, others, list: Vec::new() };
        let mut table = Self {
            now: DAY / 2,
            stamp: 1,
            client,
            event: Event { over: false, version: 0 },
            people: [const { None }; PEOPLE],
            counters: [None; PEOPLE],
            outbox: Vec::new(),
            links: [[None; 2]; PEOPLE],
            received: [0; PEOPLE],
        };
        let membership = if active { To::Active(None) } else { To::Invited(false) };
        let write = Write {
            owner: Some(true),
            membership: Some(membership),
            seat: Some(true),
            ..Write::new(Expect::Absent)
        };
        let mut plan = Plan { seats: Seats::Add(1), ..Plan::default() };
        plan.people[0] = Some(write);
        plan.rows = if active { vec![] } else { vec![(Kind::Invitation, 0)] };
        assert!(table.commit(&plan, Guards::ALL), "nothing is there yet");
        table
    }

    /// The record as it reads: absent from `forget_at`.
    pub fn seen(&self, who: Index) -> Option<&Record> {
        self.people[who].as_ref().filter(|record| record.forget_at.is_none_or(|at| self.now < at))
    }

    /// The status of a record now, by the event too.
    pub fn status(&self, record: &Record) -> Status {
        let own = record.status(self.now);
        let ends =
            self.event.over && !record.owner && !matches!(own, Status::Declined | Status::Waiting);
        if ends { Status::Expired } else { own }
    }

    /// The number of seats held.
    pub fn usage(&self) -> i8 {
        self.client.others
            + (0..PEOPLE)
                .map(|who| i8::from(self.people[who].as_ref().is_some_and(|it| it.seat)))
                .sum::<i8>()
    }

    pub fn fresh(&mut self) -> Stamp {
        self.stamp += 1;
        self.stamp
    }

    /// Applies a plan as a whole, or nothing; `false` if a condition fails.
    pub fn commit(&mut self, plan: &Plan, guards: Guards) -> bool {
        if plan.is_empty() {
            return true;
        }
        let unmoved = plan.event.is_none_or(|read| read == self.event.version || !guards.event);
        let holds = unmoved
            && self.client_holds(plan, guards)
            && plan.people.iter().enumerate().all(|(who, write)| {
                write.as_ref().is_none_or(|write| self.person_holds(who, &write.expect, guards))
            });
        if holds {
            self.apply(plan, guards);
        }
        holds
    }

    fn client_holds(&self, plan: &Plan, guards: Guards) -> bool {
        let client = &self.client;
        let grows = matches!(plan.seats, Seats::Add(more) if more > 0);
        let same = plan.client.is_none_or(|read| match plan.seats {
            Seats::Set(_) => match guards.repair {
                Repair::Seq => client.seq == read.seq,
                Repair::Used => client.used == read.used,
                Repair::Nothing => true,
            },
            Seats::Same | Seats::Add(_) => client.version == read.version || !guards.versions,
        });
        same && (!grows || !guards.limit || client.used < client.limit)
            && self.list_holds(plan, guards)
    }

    fn list_holds(&self, plan: &Plan, guards: Guards) -> bool {
        let Client { limit, used, list, .. } = &self.client;
        let read = plan.client.map_or(0, |read| read.waiting);
        match plan.list {
            List::Enter(_) => !guards.full || used >= limit,
            List::Leave(place, who) => !guards.place || list.get(place) == Some(&who),
            List::Same => match plan.seats {
                Seats::Add(0) | Seats::Same | Seats::Set(_) => true,
                Seats::Add(_) => !guards.entered || list.len() <= read,
            },
        }
    }

    fn person_holds(&self, who: Index, expect: &Expect, guards: Guards) -> bool {
        match (expect, &self.people[who]) {
            (Expect::Absent, _) => self.seen(who).is_none(),
            (Expect::Read { .. }, None) => false,
            (Expect::Read { version, seat, mail_id, link }, Some(record)) => {
                let invitation = record.invitation();
                let same_version = !guards.versions || record.version == *version;
                let same_mail = invitation.map(|it| it.mail_id) == *mail_id;
                let same_link =
                    link.is_none_or(|link| invitation.is_some_and(|it| it.link == link));
                let same_seat = !guards.versions || seat.is_none_or(|seat| record.seat == seat);
                same_version
                    && same_seat
                    && (!guards.link || (same_link && (mail_id.is_none() || same_mail)))
            }
        }
    }

    fn apply(&mut self, plan: &Plan, guards: Guards) {
        let stamp = self.fresh();
        let read = plan.client.unwrap_or_default();
        match plan.seats {
            Seats::Same => {}
            Seats::Add(more) if guards.adding => self.client.used += more,
            Seats::Add(more) => self.client.used = read.used + more,
            Seats::Set(counted) => self.client.used = counted,
        }
        if plan.seats != Seats::Same {
            self.client.seq = stamp;
        }
        match plan.list {
            List::Enter(who) => self.client.list.push(who),
            List::Leave(place, _) if place < self.client.list.len() => {
                self.client.list.remove(place);
            }
            List::Same | List::Leave(..) => {}
        }
        if plan.list != List::Same {
            self.client.seq = stamp;
        }
        if let Some(limit) = plan.limit {
            self.client.limit = limit;
        }
        if let Some(owner) = plan.owner {
            self.client.owner = owner;
        }
        if let Some(over) = plan.moves {
            self.event = Event { over, version: stamp };
        }
        if plan.limit.is_some() || plan.owner.is_some() {
            self.client.version = stamp;
        }
        let rows: Vec<Row> = plan.rows.iter().map(|(kind, who)| self.row(*kind, *who)).collect();
        for (who, write) in plan.people.iter().enumerate() {
            if let Some(write) = write {
                let mail_id = rows.iter().find(|row| row.who == who).map(|row| row.mail_id);
                self.write(who, write, mail_id.unwrap_or_default(), stamp);
            }
        }
        self.outbox.extend(rows);
        if let Some((who, counter)) = plan.counter {
            self.counters[who] = Some(counter);
        }
    }

    pub fn row(&mut self, kind: Kind, who: Index) -> Row {
        let (mail_id, queued_at) = (self.fresh(), self.now);
        Row {
            kind,
            who,
            mail_id,
            queued_at,
            leased_until: 0,
            next_attempt_at: 0,
            attempts: 0,
            accepted: 0,
            in_stream: true,
        }
    }

    /// Changes named attributes only, like the updates of the table.
    fn write(&mut self, who: Index, write: &Write, mail_id: Stamp, stamp: Stamp) {
        let now = self.now;
        let forgotten = write.expect == Expect::Absent;
        let before = self.people[who].take().filter(|_| !forgotten);
        if write.goes {
            return;
        }
        let old_forget_at = before.as_ref().and_then(|record| record.forget_at);
        let forget_at = match write.seat {
            Some(true) => None,
            Some(false) if matches!(write.membership, Some(To::Waiting)) => None,
            Some(false) if matches!(write.membership, Some(To::Declined(_))) => {
                Some(now + SHOWN_FOR)
            }
            Some(false) => {
                before.as_ref().and_then(Record::invitation).map(|it| it.expires_at + SHOWN_FOR)
            }
            None => old_forget_at,
        };
        let membership = write.membership.map(|membership| match membership {
            To::Active(link) => Membership::Active(link),
            To::Waiting => Membership::Waiting,
            To::Declined(link) => {
                let was_active = before.as_ref().is_some_and(Record::was_active);
                Membership::Declined(Declined { link, at: now, was_active })
            }
            To::Invited(was_active) => Membership::Pending(Invitation {
                was_active,
                mail_id,
                link: None,
                expires_at: now + LIFETIME,
                delivery: Delivered::Queued,
                works: false,
            }),
        });
        let same = before.as_ref();
        self.people[who] = Some(Record {
            owner: write.owner.or(same.map(|it| it.owner)).unwrap_or_default(),
            seat: write.seat.or(same.map(|it| it.seat)).unwrap_or_default(),
            version: same.filter(|_| write.same_version).map_or(stamp, |it| it.version),
            membership: membership.or(same.map(|it| it.membership.clone())).expect("a membership"),
            forget_at,
        });
    }
}
