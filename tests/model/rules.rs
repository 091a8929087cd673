//! The rules of one client, told once more and apart from the product's own: what was read, and what is wanted, give a plan
//! or a refusal (`domain.md`, rules 5 to 9).

use crate::{
    guards::Guards,
    table::{
        ClientRead, Counter, DAY, Delivered, Expect, Kind, Membership, Plan, Record, Seats, Stamp,
        Status, Table, To, Who, Write,
    },
};

/// What somebody asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Command {
    Invite(Who),
    Resend(Who),
    /// With a link of one of his mails.
    Accept(Who, Stamp),
    Login(Who),
    Revoke(Who),
    /// The platform changes the limit.
    Limit(i8),
    /// The platform hands the client over, or unbinds its owner.
    HandOver(Who),
}

/// Why not, as the answer says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    AlreadyHasAccess,
    CollaboratorNotFound,
    InvitationExpired,
    InvitationNotFound,
    NotPending,
    OwnerMustTransfer,
    ResendLimit,
    ResendTooSoon,
    ScopeNotFound,
    SeatLimitReached,
}

impl Refusal {
    pub const ALL: [Self; 10] = [
        Self::AlreadyHasAccess,
        Self::CollaboratorNotFound,
        Self::InvitationExpired,
        Self::InvitationNotFound,
        Self::NotPending,
        Self::OwnerMustTransfer,
        Self::ResendLimit,
        Self::ResendTooSoon,
        Self::ScopeNotFound,
        Self::SeatLimitReached,
    ];

    /// The status and the code of the answer.
    pub const fn told(self) -> &'static str {
        match self {
            Self::AlreadyHasAccess => "409 already-has-access",
            Self::CollaboratorNotFound => "404 collaborator-not-found",
            Self::InvitationExpired => "410 invitation-expired",
            Self::InvitationNotFound => "404 invitation-not-found",
            Self::NotPending => "409 not-pending",
            Self::OwnerMustTransfer => "409 owner-must-transfer",
            Self::ResendLimit => "429 resend-limit",
            Self::ResendTooSoon => "429 resend-too-soon",
            Self::ScopeNotFound => "404 scope-not-found",
            Self::SeatLimitReached => "409 seat-limit-reached",
        }
    }
}

impl Command {
    /// The status of the answer when it is done.
    pub const fn done(self) -> &'static str {
        match self {
            Self::Invite(_) => "201",
            Self::Resend(_) => "202",
            Self::Accept(..)
            | Self::Login(_)
            | Self::Revoke(_)
            | Self::Limit(_)
            | Self::HandOver(_) => "200",
        }
    }
}

/// What the model leaves out so that all of its states can be seen: the limits on mail and the pauses between two tries,
/// without which more is possible, not less.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    pub guards: Guards,
    /// Whether mails are limited and tried again only after a while.
    pub timed: bool,
}

impl Rules {
    /// Decides on what `table` shows now.
    pub fn decide(self, table: &Table, command: Command) -> Result<Plan, Refusal> {
        let reading = Reading { table, rules: self };
        match command {
            Command::Invite(who) => match table.seen(who) {
                Some(there) if there.owner || there.status(table.now) != Status::Expired => {
                    Err(Refusal::AlreadyHasAccess)
                }
                Some(_) | None => reading.begin(reading.holding_client(), who, false),
            },
            Command::Resend(who) => reading.resend(who),
            Command::Accept(who, link) => reading.accept(who, link),
            Command::Login(who) => reading.login(who),
            Command::Revoke(who) => reading.revoke(who),
            Command::Limit(limit) if limit == table.client.limit => Ok(Plan::default()),
            Command::Limit(limit) => Ok(Plan { limit: Some(limit), ..reading.holding_client() }),
            Command::HandOver(who) if who == table.client.owner => reading.unbind(who),
            Command::HandOver(who) => reading.hand_over(who),
        }
    }

    /// What of the expired gives its seat back; `None` if there is nothing.
    pub fn sweep(self, table: &Table) -> Option<Plan> {
        let reading = Reading { table, rules: self };
        let mut plan = reading.holding_client();
        let mut returned = 0;
        for (who, record) in table.people.iter().enumerate() {
            let Some(record) =
                record.as_ref().filter(|it| it.seat && it.status(table.now) == Status::Expired)
            else {
                continue;
            };
            if record.owner && self.guards.owners_stay {
                continue;
            }
            plan.people[who] =
                Some(Write { seat: Some(false), ..Write::new(as_read(record, true)) });
            returned += 1;
        }
        plan.seats = Seats::Add(-returned);
        (returned > 0).then_some(plan)
    }

    /// Does `command` from its reading to its answer, with nothing in between.
    pub fn run(self, table: &mut Table, command: Command) -> &'static str {
        let mut decided = self.decide(table, command);
        if decided == Err(Refusal::SeatLimitReached) {
            if let Some(plan) = self.sweep(table) {
                table.commit(&plan, self.guards);
            }
            decided = self.decide(table, command);
        }
        match decided {
            Ok(plan) => {
                assert!(table.commit(&plan, self.guards), "nothing changed in between");
                command.done()
            }
            Err(refusal) => refusal.told(),
        }
    }

    /// Audits with nothing in between.
    pub fn audit(self, table: &mut Table) {
        if let Some(plan) = self.sweep(table) {
            table.commit(&plan, self.guards);
        }
        let (counted, client) = (table.usage(), client_of(table));
        if client.used != counted {
            table.commit(&repair(client, counted), self.guards);
        }
    }
}

/// `used` becomes what was counted.
pub fn repair(read: ClientRead, counted: i8) -> Plan {
    Plan { client: Some(read), seats: Seats::Set(counted), ..Plan::default() }
}

/// What is read of the client.
pub const fn client_of(table: &Table) -> ClientRead {
    let client = &table.client;
    ClientRead { version: client.version, seq: client.seq, used: client.used }
}

/// The record is as it was read; where the invitation or the seat changes, of the same sending too.
fn as_read(record: &Record, changes: bool) -> Expect {
    let mail_id = record.invitation().filter(|_| changes).map(|it| it.mail_id);
    Expect::Read {
        version: record.version,
        seat: changes.then_some(record.seat),
        mail_id,
        link: None,
    }
}

struct Reading<'a> {
    table: &'a Table,
    rules: Rules,
}

impl Reading<'_> {
    fn holding_client(&self) -> Plan {
        Plan { client: Some(client_of(self.table)), ..Plan::default() }
    }

    /// Somebody new, or somebody expired who starts anew.
    fn begin(&self, mut plan: Plan, who: Who, owner: bool) -> Result<Plan, Refusal> {
        let former = self.table.seen(who);
        if !former.is_some_and(|it| it.seat) {
            self.take_seat(&mut plan)?;
        }
        self.count_mail(&mut plan, who, false)?;
        let expect = former.map_or(Expect::Absent, |record| as_read(record, true));
        let (owner, seat, membership) = (Some(owner), Some(true), Some(To::Invited));
        plan.people[who] = Some(Write { owner, seat, membership, ..Write::new(expect) });
        plan.rows.push((Kind::Invitation, who));
        Ok(plan)
    }

    fn take_seat(&self, plan: &mut Plan) -> Result<(), Refusal> {
        let returned = match plan.seats {
            Seats::Add(more) => more,
            Seats::Same | Seats::Set(_) => 0,
        };
        if self.table.client.used + returned >= self.table.client.limit {
            return Err(Refusal::SeatLimitReached);
        }
        plan.seats = Seats::Add(returned + 1);
        Ok(())
    }

    /// One invitation mail a minute, and five a day beyond the first one.
    fn count_mail(&self, plan: &mut Plan, who: Who, again: bool) -> Result<(), Refusal> {
        if !self.rules.timed {
            return Ok(());
        }
        let (now, before) = (self.table.now, self.table.counters[who]);
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

    fn resend(&self, who: Who) -> Result<Plan, Refusal> {
        let record = self.table.seen(who).ok_or(Refusal::CollaboratorNotFound)?;
        if record.invitation().is_none() {
            return Err(Refusal::NotPending);
        }
        let mut plan = self.holding_client();
        if !record.seat {
            self.take_seat(&mut plan)?;
        }
        self.count_mail(&mut plan, who, true)?;
        let same_version = record.status(self.table.now) != Status::Expired;
        let (seat, membership) = (Some(true), Some(To::Invited));
        plan.people[who] =
            Some(Write { seat, membership, same_version, ..Write::new(as_read(record, true)) });
        plan.rows.push((Kind::Invitation, who));
        Ok(plan)
    }

    fn accept(&self, who: Who, link: Stamp) -> Result<Plan, Refusal> {
        let record = self.table.seen(who).ok_or(Refusal::InvitationNotFound)?;
        match &record.membership {
            Membership::Active(used) if *used == Some(link) => Ok(Plan::default()),
            Membership::Pending(it) if it.link == Some(link) => match record.status(self.table.now)
            {
                Status::Expired => Err(Refusal::InvitationExpired),
                Status::Pending | Status::Active => Ok(activated(who, record)),
            },
            Membership::Active(_) | Membership::Pending(_) => Err(Refusal::InvitationNotFound),
        }
    }

    fn login(&self, who: Who) -> Result<Plan, Refusal> {
        let record = self.table.seen(who).ok_or(Refusal::ScopeNotFound)?;
        match record.status(self.table.now) {
            Status::Pending => Ok(activated(who, record)),
            Status::Active | Status::Expired => Ok(Plan::default()),
        }
    }

    fn revoke(&self, who: Who) -> Result<Plan, Refusal> {
        let record = self.table.seen(who).ok_or(Refusal::CollaboratorNotFound)?;
        if record.owner {
            return Err(Refusal::OwnerMustTransfer);
        }
        let mut plan = self.holding_client();
        if record.seat {
            plan.seats = Seats::Add(-1);
        }
        if record.status(self.table.now) == Status::Active {
            plan.rows.push((Kind::Removal, who));
        }
        plan.people[who] = Some(gone(record));
        Ok(plan)
    }

    /// The owner lost the account, or never had one.
    fn unbind(&self, who: Who) -> Result<Plan, Refusal> {
        let owner = self.table.seen(who).ok_or(Refusal::CollaboratorNotFound)?;
        let mut plan = self.holding_client();
        self.count_mail(&mut plan, who, true)?;
        plan.people[who] =
            Some(Write { membership: Some(To::Invited), ..Write::new(as_read(owner, true)) });
        plan.rows.push((Kind::Invitation, who));
        Ok(plan)
    }

    /// Somebody else becomes owner; a former one who was never active is replaced, seat and all.
    fn hand_over(&self, who: Who) -> Result<Plan, Refusal> {
        let former_owner = self.table.client.owner;
        let former = self.table.seen(former_owner);
        let mut plan = Plan { owner: Some(who), ..self.holding_client() };
        let replaced = former.is_some_and(|it| it.invitation().is_some());
        if replaced && former.is_some_and(|it| it.seat) {
            plan.seats = Seats::Add(-1);
        }
        match self.table.seen(who) {
            Some(there) if there.status(self.table.now) != Status::Expired => {
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
                plan.rows.push((Kind::News, former_owner));
                Write { owner: Some(false), ..Write::new(as_read(former, false)) }
            });
        }
        Ok(plan)
    }
}

/// Bound to an account, and to the link that was read.
fn activated(who: Who, record: &Record) -> Plan {
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

/// Whether an invitation waits for a mail: nobody can come in by it yet, nor is it shown that it failed.
pub fn is_owed(table: &Table, who: Who) -> bool {
    let pending = table.seen(who).filter(|record| record.status(table.now) == Status::Pending);
    pending.and_then(Record::invitation).is_some_and(|it| match it.delivery {
        Delivered::Queued => true,
        Delivered::Sent => !it.works,
        Delivered::Failed => false,
    })
}
