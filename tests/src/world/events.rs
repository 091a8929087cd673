//! The events that start functions without HTTP, with the permissions of their policies.

use std::time::Duration;

use audit_seats::Summary;
use deliver::{BatchResponse, Event};
use erase::Erase;
use lambda_http::{Context, Error, LambdaEvent};
use serde_json::{Value, json};

use super::World;
use crate::policy;

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
