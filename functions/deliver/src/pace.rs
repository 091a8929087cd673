//! The pace of sending, so that a function does not exceed the account's rate at SES.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

/// How many invocations of the stream run at once (`ParallelizationFactor` in `infra/template.yaml`).
const STREAM_INVOCATIONS: u32 = 4;

/// Spaces the mails of one invocation evenly, for a limited time. The first one does not wait.
#[derive(Debug)]
pub(crate) struct Pace {
    interval: Duration,
    until: Instant,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// For a batch of the stream: half of `rate`, in mails per second, is shared by all its invocations.
    pub(crate) fn of_stream(rate: u32, time: Duration) -> Self {
        Self::new(rate, 2 * STREAM_INVOCATIONS, time)
    }

    /// For the sweep, which runs alone: the other half of `rate`.
    pub(crate) fn of_sweep(rate: u32, time: Duration) -> Self {
        Self::new(rate, 2, time)
    }

    fn new(rate: u32, share: u32, time: Duration) -> Self {
        let interval = Duration::from_secs(1) * share / rate.max(1);
        Self { interval, until: Instant::now() + time, next: Mutex::default() }
    }

    /// Waits for a turn and takes `count` of them, one for each mail. Returns `false` at once if the turn comes after the
    /// time is up: with a low rate, waiting for it would outlast the function.
    pub(crate) async fn turns(&self, count: usize) -> bool {
        let turn = self.reserve(Instant::now(), count);
        if let Some(turn) = turn {
            sleep_until(turn).await;
        }
        turn.is_some()
    }

    /// Takes `count` turns and returns when the first one is, unless the time is up by then.
    fn reserve(&self, now: Instant, count: usize) -> Option<Instant> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = next.unwrap_or(now).max(now);
        if turn >= self.until {
            return None;
        }
        *next = Some(turn + self.interval.saturating_mul(count));
        Some(turn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    /// The mails per second of an invocation that always has one to send.
    fn rate(pace: &Pace) -> f64 {
        let start = Instant::now();
        let last = (0..=1_000).map(|_| pace.reserve(start, 1).unwrap()).last().unwrap();
        1_000.0 / last.duration_since(start).as_secs_f64()
    }

    #[test]
    fn the_sweep_and_the_four_batches_of_the_stream_take_half_the_rate_each() {
        assert!((rate(&Pace::of_sweep(14, HOUR)) - 7.0).abs() < 0.01);
        assert!((rate(&Pace::of_stream(14, HOUR)) * 4.0 - 7.0).abs() < 0.01);
    }

    #[test]
    fn the_first_mail_and_one_after_a_pause_do_not_wait() {
        let (pace, start) = (Pace::of_sweep(2, HOUR), Instant::now());
        assert_eq!(pace.reserve(start, 25), Some(start));
        let after = start + Duration::from_secs(25);
        assert_eq!(pace.reserve(start, 1), Some(after), "25 at one a second");
        let later = start + Duration::from_mins(1);
        assert_eq!(pace.reserve(later, 1), Some(later));
    }

    #[test]
    fn a_turn_after_the_time_is_up_is_refused_and_takes_nothing() {
        // At one mail a second, a transaction of an announcement takes 200 seconds of the stream's share.
        let (pace, start) = (Pace::of_stream(1, Duration::from_secs(40)), Instant::now());
        assert_eq!(pace.reserve(start, 25), Some(start));
        assert_eq!(pace.reserve(start, 25), None);
        assert_eq!(pace.reserve(start, 1), None);
    }
}
