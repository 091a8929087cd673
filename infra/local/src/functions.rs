//! Calls functions as Lambda's `Invoke` API does.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::time::Duration;

/// Calls functions by name.
#[derive(Debug, Clone)]
pub struct Functions {
    http: reqwest::Client,
    base: String,
}

impl Functions {
    /// The functions behind the server at `base`.
    pub fn new(http: reqwest::Client, base: String) -> Self {
        Self { http, base }
    }

    /// Calls a function and returns its result.
    ///
    /// # Errors
    /// When the function cannot be reached or fails; [`tokio::time::error::Elapsed`] when it takes longer than `limit`.
    pub async fn call(&self, name: &str, event: &Value, limit: Duration) -> Result<Value> {
        let address = format!("{}/2015-03-31/functions/{name}/invocations", self.base);
        let call = async {
            let response = self.http.post(address).json(event).send().await?;
            Ok::<_, reqwest::Error>((response.status(), response.bytes().await?))
        };
        let call = tokio::time::timeout(limit, call).await;
        let call = call.context("the function did not answer in time")?;
        let (status, body) = call.context("the function cannot be reached")?;
        ensure!(
            status.is_success(),
            "the function failed with status {status}: {}",
            String::from_utf8_lossy(&body)
        );
        // Lambda itself accepts only JSON as a result.
        Ok(serde_json::from_slice(&body).unwrap_or_default())
    }
}
