//! The pace of sending, so that a function does not exceed the account's rate at SES.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

/// How many invocations of the stream run at once (`ParallelizationFactor` in `infra/template.yaml`).
const STREAM_INVOCATIONS: u32 = 4;

/// Spaces the mails of one invocation evenly. The first one does not wait.
#[derive(Debug)]
pub(crate) struct Pace {
    interval: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// For a batch of the stream: half of `rate`, in mails per second, is shared by all its invocations.
    pub(crate) fn of_stream(rate: u32) -> Self {
        Self::new(rate, 2 * STREAM_INVOCATIONS)
    }

    /// For the sweep, which runs alone: the other half of `rate`.
    pub(crate) fn of_sweep(rate: u32) -> Self {
        Self::new(rate, 2)
    }

    fn new(rate: u32, share: u32) -> Self {
        Self { interval: Duration::from_secs(1) * share / rate.max(1), next: Mutex::default() }
    }

    /// Waits for the turn of the next mail.
    pub(crate) async fn turn(&self) {
        self.turns(1).await;
    }

    /// Waits for a turn and takes `count` of them, for mails that are queued together.
    pub(crate) async fn turns(&self, count: usize) {
        sleep_until(self.reserve(Instant::now(), count)).await;
    }

    /// Takes `count` turns and returns when the first one is.
    fn reserve(&self, now: Instant, count: usize) -> Instant {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = next.unwrap_or(now).max(now);
        *next = Some(turn + self.interval.saturating_mul(count));
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mails per second of an invocation that always has one to send.
    fn rate(pace: &Pace) -> f64 {
        let start = Instant::now();
        let last = (0..=1_000).map(|_| pace.reserve(start, 1)).last().unwrap();
        1_000.0 / last.duration_since(start).as_secs_f64()
    }

    #[test]
    fn the_sweep_and_the_four_batches_of_the_stream_take_half_the_rate_each() {
        assert!((rate(&Pace::of_sweep(14)) - 7.0).abs() < 0.01);
        assert!((rate(&Pace::of_stream(14)) * 4.0 - 7.0).abs() < 0.01);
    }

    #[test]
    fn the_first_mail_and_one_after_a_pause_do_not_wait() {
        let (pace, start) = (Pace::of_sweep(2), Instant::now());
        assert_eq!(pace.reserve(start, 25), start);
        assert_eq!(pace.reserve(start, 1), start + Duration::from_secs(25), "25 at one a second");
        let later = start + Duration::from_mins(1);
        assert_eq!(pace.reserve(later, 1), later);
    }
}
