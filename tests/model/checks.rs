//! Every state of the model, within its bounds; and each guard taken away, upon which a promise must be broken.

use coulisses_tests::Template;
use stateright::{Checker, HasDiscoveries, Model};

use crate::{
    guards::{Guards, Repair},
    machine::{Left, Machine},
    mail::LEASE,
    properties::{DEAD_LINK, LIMIT, ONCE, OWED, OWNER, SENT, USED},
    rules::{
        Command::{self, HandOver, Invite, Limit, Resend, Revoke},
        Rules,
    },
    table::Table,
};

/// Seats alone: two people who come and go beside the owner, one seat free.
fn seats(commands: &[Command], left: Left) -> Machine {
    Machine {
        rules: Rules { guards: Guards::ALL, timed: false },
        begin: vec![Table::new(2, true, 0), Table::new(2, false, 0)],
        commands: commands.to_vec(),
        accepts: false,
        audits: true,
        delivers: false,
        left,
    }
}

/// Mail alone: one person beside the owner, two deliveries at once.
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

/// Explores all of `machine`: whatever always holds, does, and whatever sometimes happens, is found.
fn explore(machine: Machine) {
    machine.checker().threads(2).spawn_bfs().join().assert_properties();
}

#[test]
fn seats_hold_whatever_comes_between() {
    let all = [Invite(1), Invite(2), Resend(1), Revoke(1), HandOver(1), Limit(1), Limit(2)];
    explore(seats(&all, left(4, 1, 1, 1)));
}

#[test]
fn mail_arrives_whatever_comes_between() {
    let all = [Invite(1), Resend(1), Revoke(1)];
    explore(mail(&all, left(4, 1, 1, 0)));
    explore(mail(&all, left(3, 2, 0, 0)));
}

#[test]
fn seats_and_mail_hold_together() {
    let all = [Invite(1), Invite(2), Resend(1), Revoke(1), HandOver(1), Limit(1), Limit(2)];
    let both = seats(&all, left(2, 1, 1, 0));
    explore(Machine { accepts: true, delivers: true, ..both });
}

/// Without this guard the promise is broken, and stateright says how.
#[track_caller]
fn breaks(machine: &Machine, promise: &'static str, without: impl Fn(&mut Guards)) {
    let found = |machine: Machine| {
        let wanted = HasDiscoveries::AnyOf([promise].into());
        let checker = machine.checker().threads(2).finish_when(wanted).spawn_bfs().join();
        checker.discovery(promise).is_some()
    };
    let mut broken = machine.clone();
    without(&mut broken.rules.guards);
    assert!(found(broken), "nothing breaks: {promise}");
    assert!(!found(machine.clone()), "it is broken with all guards: {promise}");
}

#[test]
fn without_the_condition_on_the_limit_a_seat_too_many_is_taken() {
    breaks(&seats(&[Invite(1), Invite(2)], left(2, 0, 0, 0)), LIMIT, |guards| guards.limit = false);
}

#[test]
fn a_count_that_is_set_instead_of_added_to_forgets_a_seat() {
    let machine = Machine {
        begin: vec![Table::new(3, true, 0)],
        ..seats(&[Invite(1), Invite(2)], left(2, 0, 0, 0))
    };
    breaks(&machine, USED, |guards| guards.adding = false);
}

#[test]
fn without_versions_a_seat_comes_back_twice_and_a_client_has_two_owners() {
    breaks(&seats(&[Invite(1), Revoke(1)], left(3, 0, 1, 0)), USED, |guards| {
        guards.versions = false;
    });
    let machine = seats(&[HandOver(1), HandOver(2)], left(2, 0, 0, 0));
    let machine = Machine { begin: vec![Table::new(3, true, 0)], ..machine };
    breaks(&machine, OWNER, |guards| guards.versions = false);
}

#[test]
fn a_repair_must_hold_on_seq_which_is_read_first() {
    let machine = seats(&[Invite(1)], left(2, 0, 0, 1));
    breaks(&machine, USED, |guards| guards.repair = Repair::EmptyBody);
    breaks(&machine, USED, |guards| guards.seq_first = false);
    // What is in use may be again what it was, and others sit.
    let machine = seats(&[Invite(1), Invite(2), Revoke(1)], left(4, 0, 0, 1));
    let machine = Machine { begin: vec![Table::new(3, true, 0)], ..machine };
    breaks(&machine, USED, |guards| guards.repair = Repair::Used);
}

#[test]
fn an_owner_who_is_swept_has_no_seat() {
    breaks(&seats(&[Invite(1)], left(1, 0, 1, 0)), OWNER, |guards| guards.owners_stay = false);
}

#[test]
fn a_lost_answer_without_a_token_is_a_refusal() {
    breaks(&seats(&[Invite(1)], left(1, 1, 0, 0)), ONCE, |guards| guards.token = false);
}

#[test]
fn without_the_condition_on_the_link_one_that_was_replaced_lets_in() {
    breaks(&mail(&[Invite(1), Resend(1)], left(3, 0, 0, 0)), DEAD_LINK, |guards| {
        guards.link = false;
    });
}

#[test]
fn of_two_deliveries_of_one_row_the_last_mail_may_bear_the_wrong_link() {
    breaks(&mail(&[Invite(1)], left(1, 1, 0, 0)), OWED, |guards| guards.lease = false);
}

/// What the guard before is made of: nobody who has a row is still alive when another may have it.
#[test]
fn the_function_that_delivers_has_no_more_time_than_its_lease() {
    let time = Template::read().functions()["deliver"]["Timeout"].as_u64().unwrap();
    assert!(time <= u64::from(LEASE), "{time} seconds");
}

#[test]
fn an_older_sending_must_not_store_its_link() {
    breaks(&mail(&[Invite(1), Resend(1)], left(2, 0, 0, 0)), OWED, |guards| guards.mail_id = false);
}

#[test]
fn a_row_that_goes_before_its_mail_is_a_mail_that_may_be_lost() {
    breaks(&mail(&[Invite(1)], left(1, 1, 0, 0)), SENT, |guards| guards.sent_first = false);
}

#[test]
fn without_a_sweep_of_the_outbox_what_failed_once_stays_there() {
    breaks(&mail(&[Invite(1)], left(1, 1, 0, 0)), SENT, |guards| guards.sweep = false);
}
