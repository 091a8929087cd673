//! The events that start functions without HTTP, with the permissions of their policies.

use std::time::Duration;

use audit_seats::Summary;
use deliver::{BatchResponse, Event};
use erase::Erase;
use lambda_http::{Context, Error, LambdaEvent};
use serde_json::{Value, json};

use super::World;
use crate::{Item, event::stream_event, policy};

/// The most records in one event of `publish`, as in the template.
const STREAM_BATCH: usize = 100;

impl World {
    /// Sends all rows of the outbox to `deliver`, as the table's stream does.
    pub async fn deliver(&self) -> BatchResponse {
        self.invoke_deliver(self.stream_event().await).await.expect("deliver")
    }

    /// Sweeps the outbox, as the schedule does.
    pub async fn sweep(&self) {
        let event = json!({ "detail-type": "Scheduled Event", "detail": {} });
        self.invoke_deliver(event).await.expect("deliver");
    }

    /// Invokes `deliver` with an event.
    ///
    /// # Errors
    /// If `deliver` fails; Lambda then retries.
    pub async fn invoke_deliver(&self, event: Value) -> Result<BatchResponse, Error> {
        let event: Event = serde_json::from_value(event).expect("an event of deliver");
        policy::acting("deliver", self.deliver.handle(LambdaEvent::new(event, Context::default())))
            .await
    }

    /// Passes the history entries that `publish` is not done with to it, as the table's stream does, in batches of 100.
    /// Returns whether all of them are published.
    ///
    /// # Errors
    /// If `publish` fails; Lambda then repeats the batch.
    pub async fn publish(&self) -> Result<bool, Error> {
        let mut whole = true;
        for batch in self.unpublished().await.chunks(STREAM_BATCH) {
            let response = self.invoke_publish(stream_event(batch)).await?;
            let response = serde_json::to_value(response).expect("a response of JSON");
            let failures = response["batchItemFailures"].as_array().expect("a list");
            let number = |failure: &Value| failure["itemIdentifier"].as_str()?.parse().ok();
            // Lambda repeats everything from the first failed record on.
            let first = failures.iter().filter_map(number).min().unwrap_or(batch.len());
            whole &= first == batch.len();
            self.bus.set_done(batch.iter().take(first).map(key_of));
        }
        Ok(whole)
    }

    /// Publishes the whole history; what fails is repeated.
    ///
    /// # Panics
    /// If it still fails after some attempts.
    pub async fn publish_all(&self) {
        for _ in 0..5 {
            if matches!(self.publish().await, Ok(true)) {
                return;
            }
        }
        panic!("the history is not published");
    }

    /// Invokes `publish` with an event.
    ///
    /// # Errors
    /// If `publish` fails; Lambda then repeats the batch.
    pub async fn invoke_publish(&self, event: Value) -> Result<BatchResponse, Error> {
        let event = serde_json::from_value(event).expect("an event of publish");
        policy::acting("publish", self.publish.handle(LambdaEvent::new(event, Context::default())))
            .await
    }

    /// The stream event that inserts the whole history.
    pub async fn history_event(&self) -> Value {
        let mut entries = self.items_below("H#").await;
        entries.sort_by_key(key_of);
        stream_event(&entries)
    }

    async fn unpublished(&self) -> Vec<Item> {
        let mut entries = self.items_below("H#").await;
        entries.sort_by_key(key_of);
        entries.retain(|entry| !self.bus.is_done(&key_of(entry)));
        entries
    }

    /// Audits the seats as the schedule does, within five minutes.
    pub async fn audit(&self) -> Summary {
        self.audit_within(Duration::from_mins(5), json!({ "olderThanSeconds": 0 })).await
    }

    /// Audits the seats of one client, as an operator does.
    pub async fn audit_client(&self, client: &str) -> Summary {
        self.audit_within(Duration::from_mins(5), json!({ "client": client })).await
    }

    /// Invokes the audit with `detail` and `time` until the deadline.
    pub async fn audit_within(&self, time: Duration, detail: Value) -> Summary {
        self.invoke_audit(time, detail).await.expect("an audit")
    }

    /// Invokes the audit with `detail` and `time` until the deadline.
    ///
    /// # Errors
    /// If the audit fails; EventBridge then retries.
    pub async fn invoke_audit(&self, time: Duration, detail: Value) -> Result<Summary, Error> {
        let event =
            json!({ "source": "aws.events", "detail-type": "Scheduled Event", "detail": detail });
        let event = serde_json::from_value(event).expect("an event of the audit");
        let mut context = Context::default();
        "run-1".clone_into(&mut context.request_id);
        context.deadline = self.now().after(time).millis().try_into().expect("a deadline");
        policy::acting("audit-seats", self.audit.wake(LambdaEvent::new(event, context))).await
    }

    /// Invokes `delivery-status` with an event, as EventBridge does.
    ///
    /// # Errors
    /// If the function fails; Lambda then retries.
    pub async fn ses_event(&self, event: Value) -> Result<(), Error> {
        let run = self.delivery_status.handle(LambdaEvent::new(event, Context::default()));
        policy::acting("delivery-status", run).await
    }

    /// Invokes `erase`, as an operator does.
    ///
    /// # Errors
    /// If the function fails; the operator then retries.
    pub async fn erase(&self, event: Value) -> Result<Value, Error> {
        let mut context = Context::default();
        "run-1".clone_into(&mut context.request_id);
        let erase = Erase::new(self.app.clone());
        policy::acting("erase", erase.handle(LambdaEvent::new(event, context))).await
    }
}

/// The key of an item.
fn key_of(item: &Item) -> (String, String) {
    let text = |name: &str| item[name].as_s().expect("a key").clone();
    (text("pk"), text("sk"))
}
