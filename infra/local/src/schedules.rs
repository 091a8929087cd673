//! Schedules: each function by its rate, and any of them by hand.

use crate::answer;
use crate::clock;
use crate::event;
use crate::failure::chain;
use crate::functions::{Failed, Functions};
use crate::random;
use crate::template::{Function, Schedule};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::routing::post;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// How long a scheduled function may take.
const TIME_LIMIT: Duration = Duration::from_mins(15);

/// Why a schedule did not run.
#[derive(Debug, Error)]
pub enum NotRun {
    /// There is no randomness for the event's id.
    #[error("there is no randomness for an id")]
    NoId(#[from] aws_lc_rs::error::Unspecified),
    /// The function failed.
    #[error("the scheduled function gave no result")]
    Failed(#[from] Failed),
}

/// The functions that have a schedule.
pub struct Schedules {
    functions: Functions,
    scheduled: BTreeSet<String>,
}

impl Schedules {
    /// The schedules of these functions.
    pub fn new(functions: Functions, all: &[Function]) -> Self {
        let scheduled = all.iter().filter(|function| !function.schedules.is_empty());
        let scheduled = scheduled.map(|function| function.name.clone()).collect();
        Self { functions, scheduled }
    }

    /// Runs a function's schedule now, with this detail of its event.
    ///
    /// # Errors
    /// When the function fails.
    pub async fn run(&self, function: &str, detail: &Value) -> Result<Value, NotRun> {
        let event = event::scheduled(function, &random::id()?, clock::now(), detail);
        Ok(self.functions.call(function, &event, TIME_LIMIT).await?)
    }

    /// Runs a function's schedule again and again.
    pub async fn repeat(self: Arc<Self>, function: String, rate: Duration) {
        loop {
            tokio::time::sleep(rate).await;
            if let Err(error) = self.run(&function, &event::detail()).await {
                eprintln!("{function}, by its schedule: {}", chain(&error));
            }
        }
    }

    /// Starts every schedule that has a rate.
    pub fn start(self: &Arc<Self>, all: &[Function]) {
        for function in all {
            for schedule in &function.schedules {
                match schedule {
                    Schedule::Every(rate) => {
                        let name = function.name.clone();
                        tokio::spawn(Arc::clone(self).repeat(name, *rate));
                    }
                    Schedule::ByHand => {}
                }
            }
        }
    }
}

/// The route that runs a schedule by hand.
pub fn router(schedules: Arc<Schedules>) -> Router {
    Router::new().route("/_local/schedules/{function}", post(by_hand)).with_state(schedules)
}

async fn by_hand(
    State(schedules): State<Arc<Schedules>>,
    Path(function): Path<String>,
    body: Bytes,
) -> Response<Body> {
    if !schedules.scheduled.contains(&function) {
        return answer::said(StatusCode::NOT_FOUND, "no such schedule");
    }
    let detail = if body.is_empty() { Ok(event::detail()) } else { serde_json::from_slice(&body) };
    let Ok(detail) = detail else {
        return answer::said(StatusCode::BAD_REQUEST, "the body is the event's detail, as JSON");
    };
    match schedules.run(&function, &detail).await {
        Ok(result) => answer::message(StatusCode::OK, &result),
        Err(error) => answer::said(StatusCode::BAD_GATEWAY, &chain(&error)),
    }
}
