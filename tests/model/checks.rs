//! Explores every state of the model within bounds, and asserts that removing a guard breaks a promise.

use coulisses_tests::Template;
use stateright::{Checker, HasDiscoveries, Model};

use crate::{
    guards::{Guards, Repair},
    machine::{Left, Machine},
    mail::LEASE,
    properties::{DEAD_LINK, IDLE, LIMIT, LIST, LIVE, ONCE, OWED, OWNER, SENT, USED},
    rules::{
        Command::{self, HandOver, Invite, Limit, Move, Pass, Resend, Revoke, Wait},
        Rules,
    },
    table::Table,
};

/// Seats only: the owner and two other collaborators, with one free seat.
fn seats(commands: &[Command], left: Left) -> Machine {
    Machine {
        rules: Rules { guards: Guards::ALL, timed: false },
        begin: vec![Table::new(2, true, 0), Table::new(2, false, 0)],
        commands: commands.to_vec(),
        accepts: false,
        declines: false,
        audits: true,
        delivers: false,
        left,
    }
}

/// Mail only: the owner and one other collaborator, with two concurrent deliveries.
fn mail(commands: &[Command], left: Left) -> Machine {
    Machine {
        begin: vec![Table::new(2, true, 0)],
        accepts: true,
        audits: false,
        delivers: true,
        ..seats(commands, left)
    }
}

const fn left(asked: u8, faults: u8, waits: u8, drifts: u8) -> Left {
    Left { asked, faults, waits, drifts }
}

/// Explores all states of `machine` and asserts its properties.
fn explore(machine: Machine) {
    machine.checker().threads(2).spawn_bfs().join().assert_properties();
}

#[test]
fn the_promises_on_seats_hold_in_every_state() {
    let all = [Invite(1), Invite(2), Resend(1), Revoke(1), HandOver(1), Limit(1), Limit(2)];
    explore(seats(&all, left(4, 1, 1, 1)));
}

#[test]
fn the_promises_on_seats_hold_while_an_event_ends_and_moves() {
    let all = [Invite(1), Invite(2), Revoke(1), Move(true), Move(false)];
    explore(seats(&all, left(5, 1, 0, 0)));
}

/// The owner alone, with one free seat or none.
fn waiting(commands: &[Command], left: Left) -> Machine {
    Machine {
        begin: vec![Table::new(1, true, 0), Table::new(2, true, 0)],
        audits: false,
        ..seats(commands, left)
    }
}

#[test]
fn the_promises_on_the_waiting_list_hold_in_every_state() {
    let all = [Wait(1), Wait(2), Invite(1), Revoke(1), Revoke(2)];
    explore(waiting(&all, left(5, 1, 0, 0)));
    let raised = [Wait(1), Wait(2), Revoke(1), Limit(2), Limit(3), Pass];
    explore(waiting(&raised, left(4, 1, 0, 0)));
    let expired = waiting(&[Wait(1), Wait(2), Resend(1), HandOver(1)], left(4, 0, 1, 1));
    explore(Machine { audits: true, ..expired });
}

#[test]
fn without_its_conditions_someone_waits_beside_a_free_seat_or_is_not_on_the_list() {
    let machine = waiting(&[Wait(1), Wait(2), Revoke(1)], left(3, 0, 0, 0));
    breaks(&machine, IDLE, |guards| guards.full = false);
    breaks(&machine, IDLE, |guards| guards.entered = false);
    let machine = waiting(&[Wait(1), Wait(2), Revoke(1), Revoke(2)], left(4, 0, 0, 0));
    breaks(&machine, LIST, |guards| guards.place = false);
}

#[test]
fn the_promises_on_mail_hold_in_every_state() {
    let all = [Invite(1), Resend(1), Revoke(1)];
    explore(mail(&all, left(4, 1, 1, 0)));
    explore(mail(&all, left(3, 2, 0, 0)));
    let declined = mail(&[Invite(1), Resend(1)], left(4, 1, 0, 0));
    explore(Machine { declines: true, ..declined });
}

#[test]
fn the_promises_on_seats_and_mail_hold_together() {
    let all = [Invite(1), Invite(2), Resend(1), Revoke(1), HandOver(1), Limit(1), Limit(2)];
    let both = seats(&all, left(2, 1, 1, 0));
    explore(Machine { accepts: true, declines: true, delivers: true, ..both });
}

/// Asserts that the promise is broken without this guard, and only then.
#[track_caller]
fn breaks(machine: &Machine, promise: &'static str, without: impl Fn(&mut Guards)) {
    let found = |machine: Machine| {
        let wanted = HasDiscoveries::AnyOf([promise].into());
        let checker = machine.checker().threads(2).finish_when(wanted).spawn_bfs().join();
        checker.discovery(promise).is_some()
    };
    let mut broken = machine.clone();
    without(&mut broken.rules.guards);
    assert!(found(broken), "not broken without the guard: {promise}");
    assert!(!found(machine.clone()), "broken with all guards: {promise}");
}

#[test]
fn without_the_condition_on_the_limit_one_seat_too_many_is_taken() {
    breaks(&seats(&[Invite(1), Invite(2)], left(2, 0, 0, 0)), LIMIT, |guards| guards.limit = false);
}

#[test]
fn a_count_that_is_set_instead_of_incremented_loses_a_seat() {
    let machine = Machine {
        begin: vec![Table::new(3, true, 0)],
        ..seats(&[Invite(1), Invite(2)], left(2, 0, 0, 0))
    };
    breaks(&machine, USED, |guards| guards.adding = false);
}

#[test]
fn without_versions_a_seat_is_released_twice_and_a_client_has_two_owners() {
    breaks(&seats(&[Invite(1), Revoke(1)], left(3, 0, 1, 0)), USED, |guards| {
        guards.versions = false;
    });
    let machine = seats(&[HandOver(1), HandOver(2)], left(2, 0, 0, 0));
    let machine = Machine { begin: vec![Table::new(3, true, 0)], ..machine };
    breaks(&machine, OWNER, |guards| guards.versions = false);
}

#[test]
fn a_repair_must_be_conditional_on_seq_read_first() {
    let machine = seats(&[Invite(1)], left(2, 0, 0, 1));
    breaks(&machine, USED, |guards| guards.repair = Repair::Nothing);
    breaks(&machine, USED, |guards| guards.seq_first = false);
    // `used` may have its old value again, for other seats.
    let machine = seats(&[Invite(1), Invite(2), Revoke(1)], left(4, 0, 0, 1));
    let machine = Machine { begin: vec![Table::new(3, true, 0)], ..machine };
    breaks(&machine, USED, |guards| guards.repair = Repair::Used);
}

#[test]
fn a_swept_owner_has_no_seat() {
    breaks(&seats(&[Invite(1)], left(1, 0, 1, 0)), OWNER, |guards| guards.owners_stay = false);
}

#[test]
fn a_sweep_that_ignores_its_event_removes_people_whose_access_is_back() {
    let machine = seats(&[Invite(1), Move(true), Move(false)], left(4, 0, 0, 0));
    breaks(&machine, LIVE, |guards| guards.event = false);
}

#[test]
fn without_a_token_a_lost_response_becomes_a_refusal() {
    breaks(&seats(&[Invite(1)], left(1, 1, 0, 0)), ONCE, |guards| guards.token = false);
}

#[test]
fn without_the_condition_on_the_link_a_replaced_one_works() {
    let resent = mail(&[Invite(1), Resend(1)], left(3, 0, 0, 0));
    let declined = Machine { accepts: false, declines: true, ..resent.clone() };
    for machine in [resent, declined] {
        breaks(&machine, DEAD_LINK, |guards| guards.link = false);
    }
}

#[test]
fn without_the_lease_the_last_mail_may_have_the_wrong_link() {
    breaks(&mail(&[Invite(1)], left(1, 1, 0, 0)), OWED, |guards| guards.lease = false);
}

/// The lease relies on this: a delivery has ended when another may lease its row.
#[test]
fn the_timeout_of_deliver_is_at_most_the_lease() {
    let time = Template::read().functions()["deliver"]["Timeout"].as_u64().unwrap();
    assert!(time <= u64::from(LEASE), "{time} seconds");
}

#[test]
fn an_older_mail_must_not_store_its_link() {
    breaks(&mail(&[Invite(1), Resend(1)], left(2, 0, 0, 0)), OWED, |guards| guards.mail_id = false);
}

#[test]
fn a_row_deleted_before_its_mail_is_sent_may_lose_the_mail() {
    breaks(&mail(&[Invite(1)], left(1, 1, 0, 0)), SENT, |guards| guards.sent_first = false);
}

#[test]
fn without_a_sweep_a_failed_mail_stays_in_the_outbox() {
    breaks(&mail(&[Invite(1)], left(1, 1, 0, 0)), SENT, |guards| guards.sweep = false);
}
