//! The table: one DynamoDB table for everything, read and written only here.

mod across;
mod actor;
mod announcement;
mod any_item;
mod audit;
mod client_rules;
mod collaborator;
mod commit;
mod difference;
mod erase;
mod error;
mod history;
mod invitation;
mod item;
pub mod key;
mod listing;
mod load;
mod login;
mod outbox;
mod partition;
mod pointers;
mod query;
mod queued;
mod raw;
mod record;
mod saved_response;
mod update;
mod waiting;
mod wire;

use std::time::Duration;

pub use across::Part;
pub use audit::Audited;
use aws_sdk_dynamodb::{
    Client,
    config::{
        StalledStreamProtectionConfig,
        endpoint::{DefaultResolver, Params, ResolveEndpoint},
        retry::RetryConfig,
        timeout::TimeoutConfig,
    },
};
pub use commit::CommitContext;
pub use error::{CommitError, StoreError};
pub use history::{ClientEntry, FeedReading, HistoryReading};
pub use listing::{GrantRow, rows_of};
pub use load::{ClientRecords, Reading};
pub use outbox::{Invited, QueuedContent, QueuedMail, Waiting};
pub use pointers::ScopeHistory;
pub use saved_response::{ResponseToSave, SavedResponse, Slot};
use tokio::time::Instant;
pub use waiting::WaitingClient;

use crate::sdk::SdkConfig;

/// The table.
#[derive(Clone, Debug)]
pub struct Table {
    dynamodb: Client,
    /// For queries, with longer time-outs.
    queries: Client,
    name: String,
    patience: Duration,
    deadline: Option<Instant>,
}

impl Table {
    /// How long one request may begin calls. With its last call it ends within the 28 seconds that a function has.
    pub const REQUEST_TIME: Duration = Duration::from_secs(24);

    /// How long one call may take at most, with the SDK's retries.
    const CALL_TIME: Duration = Duration::from_secs(6);

    /// Opens the table `name` with the given settings and shorter time-outs than the SDK's, since a user waits for the
    /// response: 4 attempts of 1 second, 25 milliseconds to 1 second apart, 3 seconds for the whole call. A query has
    /// attempts of 3 seconds, 6 in all: its page can be a megabyte.
    #[must_use]
    pub fn open(config: &SdkConfig, name: String) -> Self {
        let retry = RetryConfig::standard()
            .with_max_attempts(4)
            .with_initial_backoff(Duration::from_millis(25))
            .with_max_backoff(Duration::from_secs(1));
        let client = |attempt, call| {
            let timeout = TimeoutConfig::builder()
                .operation_attempt_timeout(attempt)
                .operation_timeout(call)
                .build();
            let config = aws_sdk_dynamodb::config::Builder::from(config)
                .retry_config(retry.clone())
                .timeout_config(timeout)
                // It ends calls that stall for longer than any attempt may take, and costs a part of each call.
                .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
                .build();
            Client::from_conf(config)
        };
        let dynamodb = client(Duration::from_secs(1), Duration::from_secs(3));
        let queries = client(Duration::from_secs(3), Self::CALL_TIME);
        Self { dynamodb, queries, name, patience: Self::REQUEST_TIME, deadline: None }
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

    /// The same table with another time than [`Self::REQUEST_TIME`].
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The same table for one request, whose calls share one deadline. It starts now.
    #[must_use]
    pub fn with_deadline(&self) -> Self {
        Self { deadline: Some(self.deadline()), ..self.clone() }
    }

    /// Whether the request has time to read and to begin a write.
    pub(crate) fn has_time(&self) -> bool {
        self.deadline.is_none_or(|deadline| Instant::now() + Self::CALL_TIME < deadline)
    }

    /// When calls stop retrying. Outside a request, each call has a deadline of its own.
    fn deadline(&self) -> Instant {
        self.deadline.unwrap_or_else(|| Instant::now() + self.patience)
    }
}

/// Waits before the next attempt: full jitter, up to 25 milliseconds after the first one and 1 second after later ones.
///
/// # Errors
/// [`StoreError::Busy`] if the wait would end past `deadline`.
async fn wait_before_retry(tries: u32, deadline: Instant) -> Result<(), StoreError> {
    let longest = (25_u64 << tries.min(6)).min(1_000);
    let wait = Duration::from_millis(crate::random::jitter(longest)?);
    if Instant::now() + wait >= deadline {
        return Err(StoreError::Busy);
    }
    tokio::time::sleep(wait).await;
    Ok(())
}
