//! The rules of one client (docs/domain.md#rule-5 to #rule-9), written independently of the product: state and command
//! give a plan or a refusal.

use crate::{
    guards::Guards,
    plan::{ClientRead, Expect, List, Plan, Seats, To, Write},
    refusal::Refusal,
    table::{Counter, DAY, Delivered, Index, Kind, Membership, Record, Stamp, Status, Table},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Command {
    Invite(Index),
    /// Invites, or puts on the waiting list if no seat is free.
    Wait(Index),
    /// The schedule passes a free seat on.
    Pass,
    Resend(Index),
    /// With a link of one of their mails.
    Accept(Index, Stamp),
    /// With a link of one of their mails.
    Decline(Index, Stamp),
    Login(Index),
    Revoke(Index),
    /// The platform sets the limit.
    Limit(i8),
    /// The platform transfers the client, or unbinds its owner.
    HandOver(Index),
    /// The platform moves the event, so that access to it has ended or has not.
    Move(bool),
}

impl Command {
    /// The status of the answer when it is done.
    pub const fn done(self, plan: &Plan) -> &'static str {
        match self {
            Self::Wait(_) if matches!(plan.list, List::Enter(_)) => "202",
            Self::Invite(_) | Self::Wait(_) => "201",
            Self::Pass => "",
            Self::Resend(_) => "202",
            Self::Accept(..)
            | Self::Decline(..)
            | Self::Login(_)
            | Self::Revoke(_)
            | Self::Limit(_)
            | Self::HandOver(_)
            | Self::Move(_) => "200",
        }
    }
}

/// The rules. To limit the state space, exploration leaves out the limits on mail and the pauses between attempts, which
/// only permits more behaviour.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    pub guards: Guards,
    /// Whether mails are limited and retried only after a pause.
    pub timed: bool,
}

impl Rules {
    /// Decides on the current `table`.
    pub fn decide(self, table: &Table, command: Command) -> Result<Plan, Refusal> {
        let reading = Reading { table, rules: self };
        match command {
            Command::Invite(_) | Command::Wait(_) if table.event.over => Err(Refusal::AccessEnded),
            Command::Invite(who) | Command::Wait(who) => match table.seen(who) {
                Some(there) if there.owner || !is_former(table.status(there)) => {
                    Err(Refusal::AlreadyHasAccess)
                }
                Some(_) | None => reading.begin(reading.client_unchanged(), who, false),
            },
            Command::Pass => Ok(reading.passed(reading.client_unchanged(), 1)),
            Command::Resend(who) => reading.resend(who),
            Command::Accept(who, link) => reading.accept(who, link),
            Command::Decline(who, link) => reading.decline(who, link),
            Command::Login(who) => reading.login(who),
            Command::Revoke(who) => reading.revoke(who),
            Command::Limit(limit) if limit == table.client.limit => Ok(Plan::default()),
            Command::Limit(limit) => Ok(Plan { limit: Some(limit), ..reading.client_unchanged() }),
            Command::HandOver(who) if who == table.client.owner => reading.unbind(who),
            Command::HandOver(who) => reading.hand_over(who),
            Command::Move(over) if over == table.event.over => Ok(Plan::default()),
            Command::Move(over) => {
                let event = Some(table.event.version);
                Ok(Plan { event, moves: Some(over), ..Plan::default() })
            }
        }
    }

    /// The plan that releases expired seats; `None` if there are none.
    pub fn sweep(self, table: &Table) -> Option<Plan> {
        let reading = Reading { table, rules: self };
        let mut plan = reading.client_unchanged();
        let mut returned = 0;
        for (who, record) in table.people.iter().enumerate() {
            let Some(record) =
                record.as_ref().filter(|it| it.seat && table.status(it) == Status::Expired)
            else {
                continue;
            };
            if record.owner && self.guards.owners_stay {
                continue;
            }
            plan.people[who] = Some(if record.status(table.now) == Status::Expired {
                Write { seat: Some(false), ..Write::new(as_read(record, true)) }
            } else {
                plan.event = Some(table.event.version);
                gone(record)
            });
            returned += 1;
        }
        plan.seats = Seats::Add(-returned);
        (returned > 0).then_some(plan)
    }

    /// Runs `command` without interruptions; returns its outcome.
    pub fn run(self, table: &mut Table, command: Command) -> &'static str {
        let mut decided = self.decide(table, command);
        if decided == Err(Refusal::SeatLimitReached) {
            if let Some(plan) = self.sweep(table) {
                let plan = self.passing_on(table, plan);
                table.commit(&plan, self.guards);
            }
            decided = self.decide_swept(table, command);
        }
        match decided {
            Ok(plan) => {
                let plan = self.passing_on(table, plan);
                assert!(table.commit(&plan, self.guards), "nothing changed in between");
                command.done(&plan)
            }
            Err(refusal) => refusal.outcome(),
        }
    }

    /// Audits without interruptions.
    pub fn audit(self, table: &mut Table) {
        if let Some(plan) = self.sweep(table) {
            let plan = self.passing_on(table, plan);
            table.commit(&plan, self.guards);
        }
        let (counted, client) = (table.usage(), client_of(table));
        if client.used != counted {
            table.commit(&repair(client, counted), self.guards);
        }
        self.pass_all(table);
    }
}

/// Sets `used` to the counted seats.
pub fn repair(read: ClientRead, counted: i8) -> Plan {
    Plan { client: Some(read), seats: Seats::Set(counted), ..Plan::default() }
}

pub const fn client_of(table: &Table) -> ClientRead {
    let client = &table.client;
    let (version, seq, used) = (client.version, client.seq, client.used);
    ClientRead { version, seq, used, waiting: client.list.len() }
}

/// The condition that a record is unchanged; if the invitation or the seat changes, also that the mail id is unchanged.
pub fn as_read(record: &Record, changes: bool) -> Expect {
    let mail_id = record.invitation().filter(|_| changes).map(|it| it.mail_id);
    Expect::Read {
        version: record.version,
        seat: changes.then_some(record.seat),
        mail_id,
        link: None,
    }
}

pub struct Reading<'a> {
    pub table: &'a Table,
    pub rules: Rules,
}

impl Reading<'_> {
    pub fn client_unchanged(&self) -> Plan {
        Plan { client: Some(client_of(self.table)), ..Plan::default() }
    }

    /// Invites a new collaborator, or an expired one again.
    fn begin(&self, mut plan: Plan, who: Index, owner: bool) -> Result<Plan, Refusal> {
        let former = self.table.seen(who);
        if !former.is_some_and(|it| it.seat) {
            self.take_seat(&mut plan)?;
        }
        self.count_mail(&mut plan, who, former.is_some_and(|it| it.declined().is_some()))?;
        let expect = former.map_or(Expect::Absent, |record| as_read(record, true));
        let (owner, seat, membership) = (Some(owner), Some(true), Some(To::Invited(false)));
        plan.people[who] = Some(Write { owner, seat, membership, ..Write::new(expect) });
        plan.rows.push((Kind::Invitation, who));
        Ok(plan)
    }

    fn take_seat(&self, plan: &mut Plan) -> Result<(), Refusal> {
        let returned = match plan.seats {
            Seats::Add(more) => more,
            Seats::Same | Seats::Set(_) => 0,
        };
        // The seat of an owner who is replaced goes to the next owner.
        let promised = if returned < 0 { 0 } else { self.waiting() };
        if self.table.client.used + returned + promised >= self.table.client.limit {
            return Err(Refusal::SeatLimitReached);
        }
        plan.seats = Seats::Add(returned + 1);
        Ok(())
    }

    /// One invitation mail a minute, and five a day beyond the first one.
    pub fn count_mail(&self, plan: &mut Plan, who: Index, again: bool) -> Result<(), Refusal> {
        if !self.rules.timed {
            return Ok(());
        }
        let (now, before) = (self.table.now, self.table.counters[who]);
        let declined = self.table.seen(who).and_then(Record::declined);
        if declined.is_some_and(|declined| now < declined.at + DAY) {
            return Err(Refusal::ResendTooSoon);
        }
        if before.is_some_and(|counter| now - counter.last < 60) {
            return Err(Refusal::ResendTooSoon);
        }
        let today = before.filter(|counter| counter.day == now / DAY);
        let more = u8::from(again || today.is_some());
        let resends = today.map_or(0, |counter| counter.resends) + more;
        if resends > 5 {
            return Err(Refusal::ResendLimit);
        }
        plan.counter = Some((who, Counter { day: now / DAY, resends, last: now }));
        Ok(())
    }

    fn resend(&self, who: Index) -> Result<Plan, Refusal> {
        let record = self.table.seen(who).ok_or(Refusal::CollaboratorNotFound)?;
        if record.invitation().is_none() && record.declined().is_none() {
            return Err(Refusal::NotPending);
        }
        let mut plan = self.client_unchanged();
        if !record.seat {
            self.take_seat(&mut plan)?;
        }
        self.count_mail(&mut plan, who, true)?;
        let same_version = !is_former(self.table.status(record));
        let (seat, membership) = (Some(true), Some(To::Invited(record.was_active())));
        plan.people[who] =
            Some(Write { seat, membership, same_version, ..Write::new(as_read(record, true)) });
        plan.rows.push((Kind::Invitation, who));
        Ok(plan)
    }

    fn accept(&self, who: Index, link: Stamp) -> Result<Plan, Refusal> {
        let record = self.table.seen(who).ok_or(Refusal::InvitationNotFound)?;
        match &record.membership {
            Membership::Active(used) if *used == Some(link) => Ok(Plan::default()),
            Membership::Pending(it) if it.link == Some(link) => match self.table.status(record) {
                Status::Expired => Err(Refusal::InvitationExpired),
                Status::Pending | Status::Active | Status::Declined | Status::Waiting => {
                    Ok(activated(who, record))
                }
            },
            Membership::Active(_)
            | Membership::Pending(_)
            | Membership::Declined(_)
            | Membership::Waiting => Err(Refusal::InvitationNotFound),
        }
    }

    fn decline(&self, who: Index, link: Stamp) -> Result<Plan, Refusal> {
        let record = self.table.seen(who).ok_or(Refusal::InvitationNotFound)?;
        match &record.membership {
            Membership::Declined(it) if it.link == link => Ok(Plan::default()),
            Membership::Pending(it) if it.link == Some(link) => {
                if self.table.status(record) == Status::Expired {
                    return Err(Refusal::InvitationExpired);
                }
                if record.owner {
                    return Err(Refusal::OwnerMustTransfer);
                }
                let mut plan = self.client_unchanged();
                plan.seats = if record.seat { Seats::Add(-1) } else { Seats::Same };
                let expect = Expect::Read {
                    version: record.version,
                    seat: Some(record.seat),
                    mail_id: Some(it.mail_id),
                    link: Some(it.link),
                };
                let membership = Some(To::Declined(link));
                plan.people[who] =
                    Some(Write { seat: Some(false), membership, ..Write::new(expect) });
                Ok(plan)
            }
            Membership::Active(_)
            | Membership::Pending(_)
            | Membership::Declined(_)
            | Membership::Waiting => Err(Refusal::InvitationNotFound),
        }
    }

    fn login(&self, who: Index) -> Result<Plan, Refusal> {
        let record = self.table.seen(who).ok_or(Refusal::ScopeNotFound)?;
        match self.table.status(record) {
            Status::Pending => Ok(activated(who, record)),
            Status::Active | Status::Expired | Status::Declined | Status::Waiting => {
                Ok(Plan::default())
            }
        }
    }

    fn revoke(&self, who: Index) -> Result<Plan, Refusal> {
        let record = self.table.seen(who).ok_or(Refusal::CollaboratorNotFound)?;
        if record.owner {
            return Err(Refusal::OwnerMustTransfer);
        }
        let mut plan = self.client_unchanged();
        if record.seat {
            plan.seats = Seats::Add(-1);
        }
        if let Some(place) = self.table.client.list.iter().position(|it| *it == who) {
            plan.list = List::Leave(place, who);
        }
        if self.table.status(record) == Status::Active {
            plan.rows.push((Kind::Removal, who));
        }
        plan.people[who] = Some(gone(record));
        Ok(plan)
    }

    /// Unbinds the account of the owner and invites again.
    fn unbind(&self, who: Index) -> Result<Plan, Refusal> {
        let owner = self.table.seen(who).ok_or(Refusal::CollaboratorNotFound)?;
        let mut plan = self.client_unchanged();
        self.count_mail(&mut plan, who, true)?;
        plan.people[who] = Some(Write {
            membership: Some(To::Invited(owner.was_active())),
            ..Write::new(as_read(owner, true))
        });
        plan.rows.push((Kind::Invitation, who));
        Ok(plan)
    }

    /// Transfers to another owner; a former owner who was never active is removed and releases the seat.
    fn hand_over(&self, who: Index) -> Result<Plan, Refusal> {
        let former_owner = self.table.client.owner;
        let former = self.table.seen(former_owner);
        let mut plan = Plan { owner: Some(who), ..self.client_unchanged() };
        let replaced = former.is_some_and(|it| !it.was_active());
        if replaced && former.is_some_and(|it| it.seat) {
            plan.seats = Seats::Add(-1);
        }
        match self.table.seen(who) {
            Some(there) if self.table.status(there) == Status::Waiting => {
                return Err(Refusal::NotActive);
            }
            Some(there) if !is_former(self.table.status(there)) => {
                let write = Write { owner: Some(true), ..Write::new(as_read(there, false)) };
                plan.people[who] = Some(write);
                if there.invitation().is_none() {
                    plan.rows.push((Kind::News, who));
                }
            }
            Some(_) | None => plan = self.begin(plan, who, true)?,
        }
        if let Some(former) = former {
            plan.people[former_owner] = Some(if replaced {
                gone(former)
            } else {
                if former.invitation().is_none() {
                    plan.rows.push((Kind::News, former_owner));
                }
                Write { owner: Some(false), ..Write::new(as_read(former, false)) }
            });
        }
        Ok(plan)
    }
}

/// Whether an invitation starts again from nothing.
const fn is_former(status: Status) -> bool {
    matches!(status, Status::Expired | Status::Declined)
}

/// Activation, with the link that was read.
fn activated(who: Index, record: &Record) -> Plan {
    let (mail_id, link) =
        record.invitation().map_or((None, None), |it| (Some(it.mail_id), it.link));
    let expect = Expect::Read { version: record.version, seat: None, mail_id, link: Some(link) };
    let mut plan = Plan::default();
    plan.people[who] = Some(Write { membership: Some(To::Active(link)), ..Write::new(expect) });
    plan
}

fn gone(record: &Record) -> Write {
    let seat = Some(record.seat);
    let expect = Expect::Read { version: record.version, seat, mail_id: None, link: None };
    Write { goes: true, ..Write::new(expect) }
}

/// Whether an invitation still needs a mail: it has no working link and is not shown as failed.
pub fn is_owed(table: &Table, who: Index) -> bool {
    let pending = table.seen(who).filter(|record| table.status(record) == Status::Pending);
    pending.and_then(Record::invitation).is_some_and(|it| match it.delivery {
        Delivered::Queued => true,
        Delivered::Sent => !it.works,
        Delivered::Failed => false,
    })
}
