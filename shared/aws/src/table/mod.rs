//! The table: one DynamoDB table for everything, read and written only here.

mod across;
mod audit;
mod collaborator;
mod commit;
mod difference;
mod erase;
mod error;
mod history;
mod item;
pub mod key;
mod load;
mod login;
mod outbox;
mod partition;
mod record;
mod saved_response;
mod update;

use std::time::Duration;

pub use across::Part;
pub use audit::Audited;
use aws_sdk_dynamodb::{
    Client,
    config::{
        endpoint::{DefaultResolver, Params, ResolveEndpoint},
        retry::RetryConfig,
        timeout::TimeoutConfig,
    },
};
pub use commit::CommitContext;
pub use erase::{QueuedContent, WaitingMail};
pub use error::{CommitError, StoreError};
pub use history::HistoryReading;
pub use load::{Found, Reading};
pub use outbox::{Invited, Lease, Leased, LeasedAnnouncement, LeasedMail, Waiting};
pub use partition::Partition;
pub use saved_response::{ResponseToSave, SavedResponse, Slot};
use tokio::time::Instant;

use crate::sdk::SdkConfig;

/// The table, behind the SDK's client.
#[derive(Clone, Debug)]
pub struct Table {
    client: Client,
    name: String,
    patience: Duration,
}

impl Table {
    /// How long one command may keep trying; less than the 28 seconds that a function has.
    const PATIENCE: Duration = Duration::from_secs(20);

    /// Opens the table `name` with the SDK's settings of the environment, but retries and time-outs of our own:
    /// 4 attempts, 25 ms to 1 s apart, 1 s each, 3 s in all. The SDK's defaults suit nobody who waits for a page.
    #[must_use]
    pub fn open(config: &SdkConfig, name: String) -> Self {
        let retry = RetryConfig::standard()
            .with_max_attempts(4)
            .with_initial_backoff(Duration::from_millis(25))
            .with_max_backoff(Duration::from_secs(1));
        let timeout = TimeoutConfig::builder()
            .operation_attempt_timeout(Duration::from_secs(1))
            .operation_timeout(Duration::from_secs(3))
            .build();
        let config = aws_sdk_dynamodb::config::Builder::from(config)
            .retry_config(retry)
            .timeout_config(timeout)
            .build();
        Self { client: Client::from_conf(config), name, patience: Self::PATIENCE }
    }

    /// Where DynamoDB answers with these settings.
    pub async fn address(config: &SdkConfig) -> Option<String> {
        let params = Params::builder()
            .set_region(config.region().map(ToString::to_string))
            .set_endpoint(config.endpoint_url().map(ToOwned::to_owned));
        let params = params.build().ok()?;
        let endpoint = DefaultResolver::new().resolve_endpoint(&params).await.ok()?;
        Some(endpoint.url().to_owned())
    }

    /// The same table, for commands that may keep trying for as long as `patience`.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// How long one command may keep trying.
    #[must_use]
    pub const fn patience(&self) -> Duration {
        self.patience
    }

    /// Until when a command that starts now may keep trying.
    fn deadline(&self) -> Instant {
        Instant::now() + self.patience
    }
}

/// Waits a while that is random and grows with each try, but not past `deadline`.
///
/// # Errors
/// [`StoreError::Busy`] where no time is left.
async fn wait_before_retry(tries: u32, deadline: Instant) -> Result<(), StoreError> {
    let longest = (25_u64 << tries.min(6)).min(1_000);
    let wait = Duration::from_millis(crate::random::share_of(longest)?);
    if Instant::now() + wait >= deadline {
        return Err(StoreError::Busy);
    }
    tokio::time::sleep(wait).await;
    Ok(())
}
