//! Records the delivery status of invitation mails from the events of SES, which arrive in any order, late, or twice.

mod event;

use coulisses_aws::{
    clock::Clock,
    config::{Sdk, SettingsError},
    metrics::Metrics,
    table::Table,
};
use coulisses_domain::delivery::Delivery;
pub use event::{ForeignMail, MailEvent, MailEventKind};
use lambda_http::{Error, LambdaEvent, tracing};
use serde_json::Value;

/// Records the delivery status of mails.
#[derive(Clone)]
pub struct DeliveryStatus {
    /// The table.
    pub table: Table,
    /// The clock.
    pub clock: Clock,
    /// Counts for CloudWatch.
    pub metrics: Metrics,
}

impl DeliveryStatus {
    /// Reads the settings from the environment and opens the table.
    ///
    /// # Errors
    /// [`SettingsError`] names the setting that is missing.
    pub async fn from_env() -> Result<Self, SettingsError> {
        let table = Sdk::from_env()?.table().await?;
        let metrics = Metrics::stdout("delivery-status");
        Ok(Self { table, clock: Clock::system(), metrics })
    }

    /// Records the status that an event reports. An event that does not belong to this service's mail is logged and
    /// ignored, since a retry would not help.
    ///
    /// # Errors
    /// Fails if the table does not respond; Lambda then retries the event a few times.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<(), Error> {
        let event = match MailEvent::try_from(event.payload) {
            Ok(event) => event,
            Err(foreign) => {
                let why = foreign.to_string();
                tracing::warn!(why, "an event was ignored");
                return Ok(());
            }
        };
        let now = self.clock.now();
        let (delivery, counted) = status_and_metric(event.kind);
        if let Some(name) = counted {
            self.metrics.count(&[(name, 1)], now);
        }
        let Some(delivery) = delivery else { return Ok(()) };
        let stored = if event.kind == MailEventKind::Suppressed {
            self.table.record_suppressed(event.invited(), now).await?
        } else {
            self.table.record_delivery(event.invited(), delivery, now).await?
        };
        let (client, collaborator) = (event.client.as_str(), event.collaborator.as_str());
        let delivery = delivery.name();
        tracing::info!(client, collaborator, delivery, stored, "delivery status of a mail");
        Ok(())
    }
}

/// The delivery status that an event reports, and the metric that counts it.
const fn status_and_metric(kind: MailEventKind) -> (Option<Delivery>, Option<&'static str>) {
    match kind {
        MailEventKind::Delivered => (Some(Delivery::Delivered), None),
        MailEventKind::Bounced | MailEventKind::Suppressed => {
            (Some(Delivery::Bounced), Some("Bounces"))
        }
        // The status stays. SES retries before it reports such a bounce, and an out-of-office reply counts as one
        // although the mail has arrived.
        MailEventKind::BouncedTransiently => (None, Some("BouncesForNow")),
        MailEventKind::Rejected => (Some(Delivery::Failed), Some("Rejects")),
        MailEventKind::Complaint => (None, Some("Complaints")),
        MailEventKind::Other => (None, None),
    }
}
