//! What is stored of one client, as far as seats, invitations and mail go, and the one way to change it: a plan, of which
//! the conditions restate what was read.

use crate::guards::{Guards, Repair};

/// How many people there are, beside those who never change.
pub const PEOPLE: usize = 3;

/// One of the people.
pub type Who = usize;

/// Whatever is compared only for being the same: versions, `seq`, sendings, links.
pub type Stamp = u32;

/// A second, a day, and those that the rules name (`domain.md`, rule 9).
pub const DAY: u32 = 86_400;
const LIFETIME: u32 = 14 * DAY;
const SHOWN_FOR: u32 = 30 * DAY;

/// What is stored.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Table {
    /// What time it is, in seconds.
    pub now: u32,
    /// The next stamp.
    pub stamp: Stamp,
    pub client: Client,
    pub people: [Option<Record>; PEOPLE],
    pub counters: [Option<Counter>; PEOPLE],
    /// The rows, the oldest first.
    pub outbox: Vec<Row>,
    /// The links that people found in their mail: the last one, and the one before.
    pub links: [[Option<Stamp>; 2]; PEOPLE],
    /// How many mails came, counted where mails are limited.
    pub received: [u32; PEOPLE],
}

/// The client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client {
    pub limit: i8,
    pub used: i8,
    pub seq: Stamp,
    pub owner: Who,
    pub version: Stamp,
    /// How many sit who are none of the people.
    pub others: i8,
}

/// Somebody's record, with the one grant on the client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Record {
    pub owner: bool,
    pub seat: bool,
    pub version: Stamp,
    pub membership: Membership,
    /// From when on it reads as absent.
    pub forget_at: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Membership {
    Pending(Invitation),
    /// With the link that was used, or could have been.
    Active(Option<Stamp>),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Invitation {
    pub mail_id: Stamp,
    pub link: Option<Stamp>,
    pub expires_at: u32,
    pub delivery: Delivered,
    /// Nothing stored: whether SES accepted a mail with this very link.
    pub works: bool,
}

/// What became of the mail of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Delivered {
    Queued,
    Sent,
    Failed,
}

/// What somebody is shown as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Pending,
    Active,
    Expired,
}

/// The invitation mails to one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Counter {
    pub day: u32,
    pub resends: u8,
    pub last: u32,
}

/// A mail that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    pub kind: Kind,
    pub who: Who,
    pub mail_id: Stamp,
    pub queued_at: u32,
    pub leased_until: u32,
    pub next_attempt_at: u32,
    pub attempts: u32,
    /// Nothing stored: how often SES accepted it, twice at most.
    pub accepted: u8,
    /// Nothing stored: whether the stream still hands it over.
    pub in_stream: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// With the link.
    Invitation,
    /// For somebody active.
    News,
    /// For somebody who was removed.
    Removal,
}

impl Record {
    /// What the record is at `now`, by the clock.
    pub fn status(&self, now: u32) -> Status {
        match &self.membership {
            Membership::Pending(invitation) if invitation.expires_at <= now => Status::Expired,
            Membership::Pending(_) => Status::Pending,
            Membership::Active(_) => Status::Active,
        }
    }

    pub const fn invitation(&self) -> Option<&Invitation> {
        match &self.membership {
            Membership::Pending(invitation) => Some(invitation),
            Membership::Active(_) => None,
        }
    }
}

impl Table {
    /// At noon of a day: the first of the people owns the client, `active` or still to be reached; nobody else is there but
    /// `others`.
    pub fn new(limit: i8, active: bool, others: i8) -> Self {
        let client = Client { limit, used: others, seq: 0, owner: 0, version: 0, others };
        let mut table = Self {
            now: DAY / 2,
            stamp: 1,
            client,
            people: [const { None }; PEOPLE],
            counters: [None; PEOPLE],
            outbox: Vec::new(),
            links: [[None; 2]; PEOPLE],
            received: [0; PEOPLE],
        };
        let membership = if active { To::Active(None) } else { To::Invited };
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

    /// The record of somebody as it reads: not once it is to be forgotten.
    pub fn seen(&self, who: Who) -> Option<&Record> {
        self.people[who].as_ref().filter(|record| record.forget_at.is_none_or(|at| self.now < at))
    }

    /// How many seats are held.
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

    /// Changes what is stored, all of it or nothing; `false` if something is not as it was read.
    pub fn commit(&mut self, plan: &Plan, guards: Guards) -> bool {
        if plan.is_empty() {
            return true;
        }
        let holds = self.client_holds(plan, guards)
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
                Repair::EmptyBody => true,
            },
            Seats::Same | Seats::Add(_) => client.version == read.version || !guards.versions,
        });
        same && (!grows || !guards.limit || client.used < client.limit)
    }

    fn person_holds(&self, who: Who, expect: &Expect, guards: Guards) -> bool {
        match (expect, &self.people[who]) {
            (Expect::Absent, _) => self.seen(who).is_none(),
            (Expect::Read { .. }, None) => false,
            (Expect::Read { version, seat, mail_id, link }, Some(record)) => {
                let invitation = record.invitation();
                let same_version = !guards.versions || record.version == *version;
                let same_sending = invitation.map(|it| it.mail_id) == *mail_id;
                let same_link =
                    link.is_none_or(|link| invitation.is_some_and(|it| it.link == link));
                let same_seat = !guards.versions || seat.is_none_or(|seat| record.seat == seat);
                same_version
                    && same_seat
                    && (!guards.link || (same_link && (mail_id.is_none() || same_sending)))
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
        if let Some(limit) = plan.limit {
            self.client.limit = limit;
        }
        if let Some(owner) = plan.owner {
            self.client.owner = owner;
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

    pub fn row(&mut self, kind: Kind, who: Who) -> Row {
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

    /// Named attributes only, as the table's own updates do.
    fn write(&mut self, who: Who, write: &Write, mail_id: Stamp, stamp: Stamp) {
        let now = self.now;
        let forgotten = write.expect == Expect::Absent;
        let before = self.people[who].take().filter(|_| !forgotten);
        if write.goes {
            return;
        }
        let old_forget_at = before.as_ref().and_then(|record| record.forget_at);
        let forget_at = match write.seat {
            Some(true) => None,
            Some(false) => {
                before.as_ref().and_then(Record::invitation).map(|it| it.expires_at + SHOWN_FOR)
            }
            None => old_forget_at,
        };
        let new_standing = write.membership.map(|membership| match membership {
            To::Active(link) => Membership::Active(link),
            To::Invited => Membership::Pending(Invitation {
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
            membership: new_standing.or(same.map(|it| it.membership.clone())).expect("a standing"),
            forget_at,
        });
    }
}

/// What was read of the client, where something is conditioned on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientRead {
    pub version: Stamp,
    pub seq: Stamp,
    pub used: i8,
}

/// One transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Plan {
    /// The client as it was read, if it is to be so still.
    pub client: Option<ClientRead>,
    pub seats: Seats,
    pub limit: Option<i8>,
    pub owner: Option<Who>,
    pub people: [Option<Write>; PEOPLE],
    pub rows: Vec<(Kind, Who)>,
    pub counter: Option<(Who, Counter)>,
}

/// What becomes of `used`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seats {
    /// Nothing, and nothing of `seq`.
    #[default]
    Same,
    Add(i8),
    /// The audit alone.
    Set(i8),
}

/// What becomes of one record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Write {
    pub expect: Expect,
    pub owner: Option<bool>,
    pub seat: Option<bool>,
    pub membership: Option<To>,
    /// A resend to somebody pending keeps the version.
    pub same_version: bool,
    pub goes: bool,
}

/// How a record was read.
#[expect(clippy::option_option, reason = "whatever the link is, or that there is none")]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Expect {
    /// It was not there.
    Absent,
    /// It was so; `None` is whatever it is by now.
    Read { version: Stamp, seat: Option<bool>, mail_id: Option<Stamp>, link: Option<Option<Stamp>> },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum To {
    /// With the sending of the row that the same plan writes.
    Invited,
    Active(Option<Stamp>),
}

impl Write {
    pub const fn new(expect: Expect) -> Self {
        Self { expect, owner: None, seat: None, membership: None, same_version: false, goes: false }
    }
}

impl Plan {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        let rest = Self { client: None, ..self.clone() };
        rest == Self::default()
    }
}
