//! The functions, called as Lambda's own interface calls them.

use serde_json::Value;
use std::time::Duration;
use thiserror::Error;

/// Why a call of a function has no result.
#[derive(Debug, Error)]
pub enum Failed {
    /// The server of the functions does not answer.
    #[error("the function cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The function did not answer in its time.
    #[error("the function did not answer in time")]
    TimedOut,
    /// The function answered with an error.
    #[error("the function failed with status {status}: {message}")]
    Error {
        /// The status of the call.
        status: u16,
        /// What the function said.
        message: String,
    },
}

/// Calls functions by name.
#[derive(Debug, Clone)]
pub struct Functions {
    http: reqwest::Client,
    base: String,
}

impl Functions {
    /// Functions behind the server at `base`.
    pub fn new(http: reqwest::Client, base: String) -> Self {
        Self { http, base }
    }

    /// Calls a function and returns its result.
    ///
    /// # Errors
    /// When it cannot be reached, takes longer than `limit`, or fails.
    pub async fn call(&self, name: &str, event: &Value, limit: Duration) -> Result<Value, Failed> {
        let address = format!("{}/2015-03-31/functions/{name}/invocations", self.base);
        let answer = self.http.post(address).timeout(limit).json(event).send().await;
        let answer = answer.map_err(unreachable_or_late)?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(unreachable_or_late)?;
        if !status.is_success() {
            let message = String::from_utf8_lossy(&body).into_owned();
            return Err(Failed::Error { status: status.as_u16(), message });
        }
        // A result that is no JSON is as good as none; Lambda itself takes nothing but JSON.
        Ok(serde_json::from_slice(&body).unwrap_or(Value::Null))
    }
}

fn unreachable_or_late(error: reqwest::Error) -> Failed {
    if error.is_timeout() { Failed::TimedOut } else { Failed::Unreachable(error) }
}
