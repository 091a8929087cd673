//! Notes what became of an invitation's mail, as SES tells by EventBridge: in any order, late, or twice.

mod event;

use coulisses_aws::{
    app::{Clock, Sdk, SettingsError},
    metrics::Metrics,
    table::Table,
};
use coulisses_domain::delivery::Delivery;
pub use event::{ForeignMail, News, What};
use lambda_http::{Error, LambdaEvent, tracing};
use serde_json::Value;

/// Notes what became of mails.
#[derive(Clone)]
pub struct DeliveryStatus {
    /// The table.
    pub table: Table,
    /// Where the time comes from.
    pub clock: Clock,
    /// Where the counts go.
    pub metrics: Metrics,
}

impl DeliveryStatus {
    /// Puts it together from the environment.
    ///
    /// # Errors
    /// [`SettingsError`] names the setting that is missing.
    pub async fn from_env() -> Result<Self, SettingsError> {
        let table = Sdk::from_env()?.table().await?;
        let metrics = Metrics::stdout("delivery-status");
        Ok(Self { table, clock: Clock::system(), metrics })
    }

    /// Notes what an event tells. One that is not understood is logged and done with: it would never be understood.
    ///
    /// # Errors
    /// What the table gives, upon which Lambda hands the event over again, a few times.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<(), Error> {
        let news = match News::try_from(event.payload) {
            Ok(news) => news,
            Err(foreign) => {
                let why = foreign.to_string();
                tracing::warn!(why, "an event was passed over");
                return Ok(());
            }
        };
        let (delivery, counted) = told_by(news.what);
        if let Some(name) = counted {
            self.metrics.count(&[(name, 1)], self.clock.now());
        }
        let Some(delivery) = delivery else { return Ok(()) };
        let noted = self.table.note_delivery(news.invited(), delivery).await?;
        let (client, collaborator) = (news.client.as_str(), news.collaborator.as_str());
        let delivery = delivery.name();
        tracing::info!(client, collaborator, delivery, noted, "news of a mail");
        Ok(())
    }
}

/// What an invitation's mail becomes by such news, and what is counted of it.
const fn told_by(what: What) -> (Option<Delivery>, Option<&'static str>) {
    match what {
        What::Delivered => (Some(Delivery::Delivered), None),
        What::Bounced => (Some(Delivery::Bounced), Some("Bounces")),
        // SES itself tries again before it tells; and an answer of somebody out of office is one of these, though the
        // mail arrived. What is known of the mail stays.
        What::BouncedForNow => (None, Some("BouncesForNow")),
        What::Rejected => (Some(Delivery::Failed), Some("Rejects")),
        What::Complaint => (None, Some("Complaints")),
        What::Other => (None, None),
    }
}
