//! When a mail is retried, and when it is given up.

use coulisses_domain::mail_retry::{MailFailure, NextAttempt, after_failure};

use crate::prelude::*;

#[test]
fn the_wait_doubles_from_30_seconds_to_30_minutes() {
    for (attempts, seconds) in
        [(0, 30), (1, 30), (2, 60), (3, 120), (6, 960), (7, 1_800), (8, 1_800), (40, 1_800)]
    {
        let next = after_failure(MailFailure::Transient, attempts, Duration::ZERO);
        assert_eq!(next, NextAttempt::RetryAfter(Duration::from_secs(seconds)), "{attempts}");
    }
}

#[test]
fn a_mail_is_given_up_after_24_hours_or_a_permanent_failure() {
    let almost = DAY.checked_sub(Duration::from_millis(1)).unwrap();
    for (failure, age, given_up) in [
        (MailFailure::Transient, almost, false),
        (MailFailure::Transient, DAY, true),
        (MailFailure::Permanent, Duration::ZERO, true),
    ] {
        let next = after_failure(failure, 1, age);
        assert_eq!(next == NextAttempt::GiveUp, given_up, "{failure:?} at {age:?}");
    }
}
