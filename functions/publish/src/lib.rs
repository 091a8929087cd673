//! Puts every history entry on the event bus of the stack, as a CloudEvent. The table's stream reports new entries.
//!
//! An event is put at least once, in no promised order: Lambda repeats a batch from its first failed record on. What Lambda
//! gives up is found by `GET /v1/scopes/{scope}/events`, which has the same events.

use std::{collections::HashMap, time::Duration};

use coulisses_aws::{
    bus::{Bus, BusEvent},
    clock::Clock,
    config::{EventSettings, Sdk, SettingsError, setting},
    http::EventWriter,
    ids::IdKey,
    logs,
    metrics::Metrics,
    stream::{BatchItemFailure, BatchResponse, Record},
    table::{
        ClientEntry, StoreError, Table,
        key::{self, Key},
    },
};
use lambda_http::{Error, LambdaEvent, tracing};
use serde::Deserialize;
use tokio::time::Instant;

/// How long an invocation may begin calls to the bus. The function times out after 60 seconds, and a call takes at most 9.
const TIME_BUDGET: Duration = Duration::from_secs(40);

/// A batch of the table's stream.
#[derive(Debug, Deserialize)]
pub struct Event {
    /// The records.
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

/// Puts history entries on the event bus.
#[derive(Clone)]
pub struct Publish {
    /// The table.
    pub table: Table,
    /// The bus.
    pub bus: Bus,
    /// How an entry is written as an event.
    pub settings: EventSettings,
    /// The key of ids.
    pub ids: IdKey,
    /// The clock.
    pub clock: Clock,
    /// Counts for CloudWatch.
    pub metrics: Metrics,
}

impl Publish {
    /// Reads the settings from the environment, and opens the table and the bus.
    ///
    /// # Errors
    /// [`SettingsError`] names the setting that is missing.
    pub async fn from_env() -> Result<Self, SettingsError> {
        let sdk = Sdk::from_env()?;
        Ok(Self {
            table: sdk.table().await?,
            bus: Bus::open(&sdk.events(), setting("EVENT_BUS")?),
            settings: EventSettings::from_env().ok_or(SettingsError::Missing("EVENT_SOURCE"))?,
            ids: IdKey::new(&setting("ID_KEY")?)?,
            clock: Clock::system(),
            metrics: Metrics::stdout("publish"),
        })
    }

    /// Publishes the new history entries of a batch, and returns the records that failed.
    ///
    /// # Errors
    /// [`StoreError`] if the table does not answer. Lambda then repeats the whole batch.
    pub async fn handle(&self, event: LambdaEvent<Event>) -> Result<BatchResponse, Error> {
        let until = Instant::now() + TIME_BUDGET;
        let records = event.payload.records.into_iter();
        let new = records.filter_map(|it| it.inserted(key::is_history).map(|key| (key, it)));
        let (keys, records): (Vec<Key>, Vec<Record>) = new.unzip();
        let entries = self.table.with_deadline().read_entries(&keys).await?;
        let prepared: Vec<Prepared> = keys.iter().map(|key| self.prepare(key, &entries)).collect();
        let events: Vec<BusEvent> = prepared.iter().filter_map(Prepared::event).cloned().collect();
        let mut outcomes = self.bus.publish(&events, until).await.into_iter();

        let (mut response, mut published) = (BatchResponse::default(), 0);
        for ((key, record), prepared) in keys.iter().zip(records).zip(prepared) {
            let failed = match prepared {
                Prepared::Nothing => false,
                Prepared::Unreadable => true,
                Prepared::Event(_) => match outcomes.next() {
                    Some(Ok(())) => {
                        published += 1;
                        false
                    }
                    Some(Err(error)) => {
                        log(&error, key);
                        true
                    }
                    None => true,
                },
            };
            if failed {
                response.batch_item_failures.push(BatchItemFailure::from(record));
            }
        }
        let failed = u64::try_from(response.batch_item_failures.len()).unwrap_or(u64::MAX);
        if published + failed > 0 {
            let counts = [("EventsPublished", published), ("EventsFailed", failed)];
            self.metrics.count(&counts, self.clock.now());
        }
        Ok(response)
    }

    /// The event of an entry; its failure is logged.
    fn prepare(
        &self,
        key: &Key,
        entries: &HashMap<Key, Result<ClientEntry, StoreError>>,
    ) -> Prepared {
        let (client, recorded) = match entries.get(key) {
            // Entries are never deleted, except by a restore of the table.
            None => return Prepared::Nothing,
            Some(Err(error)) => {
                log(error, key);
                return Prepared::Unreadable;
            }
            Some(Ok(entry)) => entry,
        };
        let writer = EventWriter { settings: &self.settings, ids: &self.ids };
        match serde_json::to_string(&writer.event(client, recorded)) {
            Ok(detail) => Prepared::Event(BusEvent {
                kind: recorded.entry.action.event_type(),
                detail,
                at: recorded.entry.at,
            }),
            Err(error) => {
                log(&error, key);
                Prepared::Unreadable
            }
        }
    }
}

/// What is to be put on the bus for a record.
enum Prepared {
    /// The entry does not exist.
    Nothing,
    /// The entry is there, but it is not as this version writes it.
    Unreadable,
    /// The event of the entry.
    Event(BusEvent),
}

impl Prepared {
    fn event(&self) -> Option<&BusEvent> {
        match self {
            Self::Event(event) => Some(event),
            Self::Nothing | Self::Unreadable => None,
        }
    }
}

/// Logs why an entry is not on the bus. Neither contains an address.
fn log(error: &(dyn std::error::Error + 'static), key: &Key) {
    let (pk, sk) = (key.pk.as_str(), key.sk.as_str());
    tracing::error!(pk, sk, cause = logs::causes(error), "an event was not published");
}
