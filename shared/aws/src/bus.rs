//! Putting events on the bus of the stack: all that is known of EventBridge.

use std::time::Duration;

use aws_sdk_eventbridge::{
    Client,
    config::{retry::RetryConfig, timeout::TimeoutConfig},
    error::{ProvideErrorMetadata, SdkError},
    operation::put_events::PutEventsError,
    primitives::DateTime,
    types::PutEventsRequestEntry,
};
use coulisses_domain::time::Timestamp;
use tokio::time::{Instant, sleep};

use crate::{random, sdk::SdkConfig};

/// The source of all events on the bus, for rules to match.
pub const SOURCE: &str = "coulisses";

/// The most events in one call.
const MOST_EVENTS: usize = 10;

/// The most bytes of all events in one call, as EventBridge counts them.
const MOST_BYTES: usize = 256 * 1024;

/// What the time of an event counts, in bytes.
const TIME_BYTES: usize = 14;

/// How often an event is put before it counts as failed.
const ATTEMPTS: u32 = 3;

/// The longest pause before the next attempt, in milliseconds.
const LONGEST_PAUSE: u64 = 200;

/// An event bus.
#[derive(Clone, Debug)]
pub struct Bus {
    events: Client,
    name: String,
}

/// An event to put on the bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusEvent {
    /// The type, `DetailType` of EventBridge.
    pub kind: String,
    /// The event itself, as JSON.
    pub detail: String,
    /// When it happened.
    pub at: Timestamp,
}

/// Why an event is not on the bus, or may not be.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    /// It never can be.
    #[error("the event is larger than the bus accepts")]
    TooLarge,
    /// The bus refused it. The message of the bus is not kept, because it can quote the event.
    #[error("the bus refused the event: {0}")]
    Refused(String),
    /// The call failed, or its outcome is unknown. Only the code of an error of EventBridge is kept.
    #[error("the bus did not answer: {0}")]
    Unanswered(String),
    /// The time of the invocation was up.
    #[error("there was no time left to put the event on the bus")]
    NoTime,
}

type Outcome = Result<(), PutError>;

impl BusEvent {
    fn size(&self) -> usize {
        TIME_BYTES + SOURCE.len() + self.kind.len() + self.detail.len()
    }
}

impl Bus {
    /// Opens the bus `name`: 3 attempts of 3 seconds, 9 seconds for a whole call.
    #[must_use]
    pub fn open(config: &SdkConfig, name: String) -> Self {
        let timeout = TimeoutConfig::builder()
            .operation_attempt_timeout(Duration::from_secs(3))
            .operation_timeout(Duration::from_secs(9))
            .build();
        let config = aws_sdk_eventbridge::config::Builder::from(config)
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(timeout)
            .build();
        Self { events: Client::from_conf(config), name }
    }

    /// Puts events on the bus, ten in a call, and returns the outcome of each. Those that the bus refuses are put again
    /// without the others, three times in all. A call without an answer was repeated by the SDK already. No call begins
    /// after `until`.
    pub async fn publish(&self, events: &[BusEvent], until: Instant) -> Vec<Outcome> {
        let too_large = |event: &BusEvent| event.size() > MOST_BYTES;
        let outcome =
            |event| Err(if too_large(event) { PutError::TooLarge } else { PutError::NoTime });
        let mut outcomes: Vec<Outcome> = events.iter().map(outcome).collect();
        'attempts: for attempt in 0..ATTEMPTS {
            let open = events.iter().zip(&mut outcomes);
            let open =
                open.filter(|(_, it)| matches!(it, Err(PutError::NoTime | PutError::Refused(_))));
            let batches = batches(open);
            if batches.is_empty() {
                break;
            }
            if attempt > 0 {
                let longest = LONGEST_PAUSE.saturating_mul(attempt.into());
                sleep(Duration::from_millis(random::jitter(longest).unwrap_or(longest))).await;
            }
            for batch in batches {
                if Instant::now() >= until {
                    break 'attempts;
                }
                self.put(batch).await;
            }
        }
        outcomes
    }

    /// Puts one batch, and notes the outcome of each event.
    async fn put(&self, batch: Vec<(&BusEvent, &mut Outcome)>) {
        let entry = |event: &BusEvent| {
            PutEventsRequestEntry::builder()
                .event_bus_name(&self.name)
                .source(SOURCE)
                .detail_type(&event.kind)
                .detail(&event.detail)
                .time(DateTime::from_millis(event.at.millis()))
                .build()
        };
        let entries = batch.iter().map(|(event, _)| entry(event)).collect();
        let answer = self.events.put_events().set_entries(Some(entries)).send().await;
        let mut results = match &answer {
            Ok(answer) => answer.entries().iter(),
            Err(_) => [].iter(),
        };
        for (_, outcome) in batch {
            *outcome = match (&answer, results.next()) {
                (Err(error), _) => Err(PutError::Unanswered(cause(error))),
                (Ok(_), None) => Err(PutError::Unanswered("a result is missing".to_owned())),
                (Ok(_), Some(result)) => match result.error_code() {
                    Some(code) => Err(PutError::Refused(code.to_owned())),
                    None => Ok(()),
                },
            };
        }
    }
}

fn cause<R>(error: &SdkError<PutEventsError, R>) -> String {
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code);
    code.map_or_else(|| error.to_string(), ToOwned::to_owned)
}

/// The events in batches that one call accepts.
fn batches<'a>(
    events: impl Iterator<Item = (&'a BusEvent, &'a mut Outcome)>,
) -> Vec<Vec<(&'a BusEvent, &'a mut Outcome)>> {
    let mut batches: Vec<Vec<_>> = Vec::new();
    let mut bytes = 0;
    for (event, outcome) in events {
        let fits = bytes + event.size() <= MOST_BYTES;
        if let Some(last) = batches.last_mut().filter(|last| fits && last.len() < MOST_EVENTS) {
            bytes += event.size();
            last.push((event, outcome));
        } else {
            bytes = event.size();
            batches.push(vec![(event, outcome)]);
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(lengths: &[usize]) -> Vec<usize> {
        let event = |length: &usize| BusEvent {
            kind: String::new(),
            detail: "x".repeat(*length),
            at: Timestamp::from_millis(0),
        };
        let events: Vec<_> = lengths.iter().map(event).collect();
        let mut outcomes: Vec<Outcome> = events.iter().map(|_| Ok(())).collect();
        batches(events.iter().zip(&mut outcomes)).iter().map(Vec::len).collect()
    }

    #[test]
    fn a_call_has_ten_events_and_256_kilobytes_at_most() {
        assert_eq!(sizes(&[1; 25]), [10, 10, 5]);
        assert_eq!(sizes(&[100_000, 100_000, 100_000, 1]), [2, 2]);
        assert_eq!(sizes(&[]), [0; 0]);
    }
}
