//! The waiting list for seats (docs/domain.md#rule-21), written independently of the product.

use crate::{
    plan::{Expect, List, Plan, Seats, To, Write},
    refusal::Refusal,
    rules::{Command, Reading, Rules, as_read},
    table::{DAY, Index, Kind, Record, Table},
};

impl Rules {
    /// Decides where no seat is free even after a sweep: a person who may wait does.
    pub fn decide_swept(self, table: &Table, command: Command) -> Result<Plan, Refusal> {
        match (self.decide(table, command), command) {
            (Err(Refusal::SeatLimitReached), Command::Wait(who)) => {
                Reading { table, rules: self }.wait(who)
            }
            (decided, _) => decided,
        }
    }

    /// The plan with the one seat that it releases passed on.
    pub fn passing_on(self, table: &Table, plan: Plan) -> Plan {
        if plan.seats != Seats::Add(-1) {
            return plan;
        }
        Reading { table, rules: self }.passed(plan, 1)
    }

    /// Passes seats on until none is free or no one can have it.
    pub fn pass_all(self, table: &mut Table) {
        while let Ok(plan) = self.decide(table, Command::Pass)
            && !plan.is_empty()
        {
            table.commit(&plan, self.guards);
        }
    }
}

impl Reading<'_> {
    pub fn waiting(&self) -> i8 {
        i8::try_from(self.table.client.list.len()).expect("a few")
    }

    /// Enters the waiting list.
    pub fn wait(&self, who: Index) -> Result<Plan, Refusal> {
        let former = self.table.seen(who);
        let declined = former.and_then(Record::declined);
        if self.rules.timed && declined.is_some_and(|it| self.table.now < it.at + DAY) {
            return Err(Refusal::ResendTooSoon);
        }
        let expect = former.map_or(Expect::Absent, |record| as_read(record, true));
        let (owner, seat, membership) = (Some(false), Some(false), Some(To::Waiting));
        let mut plan = Plan { list: List::Enter(who), ..self.client_unchanged() };
        plan.people[who] = Some(Write { owner, seat, membership, ..Write::new(expect) });
        Ok(plan)
    }

    /// The plan with one seat, which it releases or which is free, given to the first who can have it.
    pub fn passed(&self, plan: Plan, more: i8) -> Plan {
        let released = if let Seats::Add(more) = plan.seats { more } else { 0 };
        let client = &self.table.client;
        if client.used + released >= client.limit {
            return if released == 0 { Plan::default() } else { plan };
        }
        let mut list = client.list.iter().enumerate();
        let next = list.find_map(|(place, who)| {
            let mut next = plan.clone();
            let record = self.table.seen(*who)?;
            self.count_mail(&mut next, *who, false).ok()?;
            next.seats = Seats::Add(released + more);
            next.list = List::Leave(place, *who);
            next.rows.push((Kind::Invitation, *who));
            let (seat, membership) = (Some(true), Some(To::Invited(false)));
            let expect = as_read(record, true);
            next.people[*who] = Some(Write { seat, membership, ..Write::new(expect) });
            Some(next)
        });
        next.unwrap_or(if released == 0 { Plan::default() } else { plan })
    }
}
