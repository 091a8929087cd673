//! The steps of `deliver` for one row. Between two steps it may be killed, or another delivery may overtake it.

use crate::{
    rules::Rules,
    table::{
        DAY, Delivered, Index, Invitation, Kind, Membership, Record, Row, Stamp, Status, Table,
    },
};

/// The lease of a row, in seconds.
pub const LEASE: u32 = 60;

/// A delivery of one row in progress.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Delivery {
    pub mail_id: Stamp,
    pub who: Index,
    pub kind: Kind,
    pub link: Option<Stamp>,
    pub next: Next,
}

/// The next step of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Next {
    StoreLink,
    Send,
    /// Records the delivery state of the mail.
    Note(Delivered),
    Finish,
}

/// The response of SES to a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ses {
    Accepts,
    /// SES accepts the mail, but its response is lost.
    AcceptsUnheard,
    /// A refusal that is retried.
    IsBusy,
    Refuses,
}

impl Ses {
    pub const ALL: [Self; 4] = [Self::Accepts, Self::AcceptsUnheard, Self::IsBusy, Self::Refuses];
}

impl Rules {
    /// Whether a delivery could lease this row now.
    pub fn is_free(self, table: &Table, row: &Row) -> bool {
        let known = self.guards.sweep || row.in_stream;
        known
            && (row.leased_until <= table.now || !self.guards.lease)
            && row.next_attempt_at <= table.now
    }

    /// Leases a row and reads its recipient; deletes the row if its mail is obsolete.
    pub fn lease(self, table: &mut Table, index: usize) -> Option<Delivery> {
        let now = table.now;
        let row = &mut table.outbox[index];
        row.leased_until = if self.timed { now + LEASE } else { u32::MAX };
        row.attempts += u32::from(self.timed);
        row.in_stream = self.guards.sweep;
        let (who, kind, mail_id) = (row.who, row.kind, row.mail_id);
        let record = table.seen(who);
        let status = record.map(|record| record.status(now));
        let wanted = match kind {
            Kind::Removal => true,
            Kind::News => status == Some(Status::Active),
            Kind::Invitation => {
                let same =
                    record.and_then(Record::invitation).is_some_and(|it| it.mail_id == mail_id);
                status == Some(Status::Pending) && (same || !self.guards.mail_id)
            }
        };
        if !wanted || !self.guards.sent_first {
            table.outbox.remove(index);
        }
        if !wanted && kind == Kind::Invitation {
            // The invitation expired before its mail was sent.
            let delivery = Delivery { mail_id, who, kind, link: None, next: Next::Finish };
            let unsent = invitation(table, &delivery, true);
            if let Some(it) = unsent.filter(|it| it.delivery == Delivered::Queued) {
                it.delivery = Delivered::Failed;
            }
        }
        let next = if kind == Kind::Invitation { Next::StoreLink } else { Next::Send };
        wanted.then_some(Delivery { mail_id, who, kind, link: None, next })
    }

    /// Runs the next step of a delivery; `None` when it has ended.
    pub fn advance(self, table: &mut Table, mut delivery: Delivery, ses: Ses) -> Option<Delivery> {
        match delivery.next {
            Next::StoreLink => {
                let link = table.fresh();
                let guarded = self.guards.mail_id;
                let Some(invitation) = invitation(table, &delivery, guarded) else {
                    table.outbox.retain(|row| row.mail_id != delivery.mail_id);
                    return None;
                };
                invitation.link = Some(link);
                invitation.works = false;
                delivery.link = Some(link);
                delivery.next = Next::Send;
                Some(delivery)
            }
            Next::Send => {
                if matches!(ses, Ses::Accepts | Ses::AcceptsUnheard) {
                    self.arrive(table, &delivery);
                }
                let outcome = match ses {
                    Ses::Accepts => Delivered::Sent,
                    Ses::Refuses => Delivered::Failed,
                    Ses::AcceptsUnheard | Ses::IsBusy => self.postpone(table, &delivery)?,
                };
                delivery.next = Next::Note(outcome);
                Some(delivery)
            }
            Next::Note(outcome) => {
                if delivery.kind == Kind::Invitation {
                    note(table, &delivery, outcome);
                }
                delivery.next = Next::Finish;
                Some(delivery)
            }
            Next::Finish => {
                table.outbox.retain(|row| row.mail_id != delivery.mail_id);
                None
            }
        }
    }

    /// A mail reaches its recipient.
    fn arrive(self, table: &mut Table, delivery: &Delivery) {
        if let Some(row) = row_of(table, delivery.mail_id) {
            row.accepted = (row.accepted + 1).min(2);
        }
        table.received[delivery.who] += u32::from(self.timed);
        let Some(link) = delivery.link else { return };
        if let Some(it) = invitation(table, delivery, false).filter(|it| it.link == Some(link)) {
            it.works = true;
        }
        let former = table.links[delivery.who][0].filter(|_| self.timed);
        table.links[delivery.who] = [Some(link), former];
    }

    /// Releases the row for a retry, or gives it up once it is a day old.
    fn postpone(self, table: &mut Table, delivery: &Delivery) -> Option<Delivered> {
        let (now, timed) = (table.now, self.timed);
        let row = row_of(table, delivery.mail_id)?;
        if now - row.queued_at >= DAY {
            return Some(Delivered::Failed);
        }
        row.leased_until = 0;
        row.next_attempt_at = if timed { now + pause(row.attempts) } else { 0 };
        None
    }

    /// Delivers all free rows that were queued until `before`, without interruptions. If deleting a row fails, the row
    /// stays with its lease.
    pub fn deliver(self, table: &mut Table, before: u32, ses: Ses, removals_fail: bool) {
        let rows: Vec<Stamp> = table.outbox.iter().map(|row| row.mail_id).collect();
        for mail_id in rows {
            let Some(index) = table.outbox.iter().position(|row| row.mail_id == mail_id) else {
                continue;
            };
            let row = table.outbox[index].clone();
            if row.queued_at > before || !self.is_free(table, &row) {
                continue;
            }
            let mut delivery = self.lease(table, index);
            while let Some(going) = delivery {
                delivery = self.advance(table, going, ses);
            }
            let gone = table.outbox.iter().all(|row| row.mail_id != mail_id);
            if removals_fail && gone {
                let leased =
                    Row { leased_until: table.now + LEASE, attempts: row.attempts + 1, ..row };
                table.outbox.insert(index.min(table.outbox.len()), leased);
            }
        }
    }
}

/// 30 seconds, doubled each time, half an hour at most.
fn pause(attempts: u32) -> u32 {
    30_u32
        .saturating_mul(1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX))
        .min(1_800)
}

fn row_of(table: &mut Table, mail_id: Stamp) -> Option<&mut Row> {
    table.outbox.iter_mut().find(|row| row.mail_id == mail_id)
}

/// The invitation that a delivery is about; with `same`, only if it still has this mail id.
fn invitation<'a>(
    table: &'a mut Table,
    delivery: &Delivery,
    same: bool,
) -> Option<&'a mut Invitation> {
    match &mut table.people[delivery.who].as_mut()?.membership {
        Membership::Pending(it) if it.mail_id == delivery.mail_id || !same => Some(it),
        Membership::Pending(_)
        | Membership::Active(_)
        | Membership::Declined(_)
        | Membership::Waiting => None,
    }
}

/// A later state stays: nothing goes back to `Sent`.
fn note(table: &mut Table, delivery: &Delivery, outcome: Delivered) {
    let Some(it) = invitation(table, delivery, true) else { return };
    if it.delivery == Delivered::Queued || outcome == Delivered::Failed {
        it.delivery = outcome;
    }
}
