//! Functions that run without a request to the HTTP API: on their schedule, or invoked by an operator.

use crate::event;
use crate::functions::Functions;
use crate::loopback::only_json;
use crate::response::{from_json, message};
use crate::template::{Function, Schedule};
use crate::values::{now, random_id};
use anyhow::Result;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::middleware::from_fn;
use axum::routing::post;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The longest that Lambda lets a function run.
const TIME_LIMIT: Duration = Duration::from_mins(15);

/// The functions of the template and their schedules.
pub struct Invoker {
    functions: Functions,
    schedules: BTreeMap<String, Vec<Schedule>>,
}

impl Invoker {
    pub fn new(functions: Functions, all: &[Function]) -> Self {
        let schedules =
            all.iter().map(|function| (function.name.clone(), function.schedules.clone()));
        Self { functions, schedules: schedules.collect() }
    }

    async fn run_schedule(&self, function: &str, detail: &Value) -> Result<Value> {
        let event = event::scheduled(function, &random_id(), now(), detail);
        self.functions.call(function, &event, TIME_LIMIT).await
    }

    /// Runs a function's schedule at this rate, without end.
    pub async fn repeat(self: Arc<Self>, function: String, rate: Duration, input: Option<Value>) {
        loop {
            tokio::time::sleep(rate).await;
            let result = match &input {
                Some(event) => self.functions.call(&function, event, TIME_LIMIT).await,
                None => self.run_schedule(&function, &event::default_detail()).await,
            };
            if let Err(error) = result {
                eprintln!("{function}, called by its schedule: {error:#}");
            }
        }
    }

    /// Starts all schedules that have a rate.
    pub fn start_schedules(self: &Arc<Self>) {
        for (function, schedules) in &self.schedules {
            for schedule in schedules {
                if let Schedule::Every(rate, input) = schedule {
                    let (function, input) = (function.clone(), input.clone());
                    tokio::spawn(Arc::clone(self).repeat(function, *rate, input));
                }
            }
        }
    }
}

/// The routes that invoke a function: with the body as the event, or as the detail of its scheduled event.
pub fn router(invoker: Arc<Invoker>) -> Router {
    Router::new()
        .route("/_local/functions/{function}", post(invoke))
        .route("/_local/schedules/{function}", post(run_schedule))
        .layer(from_fn(only_json))
        .with_state(invoker)
}

async fn invoke(
    State(invoker): State<Arc<Invoker>>,
    Path(function): Path<String>,
    body: Bytes,
) -> Response<Body> {
    if !invoker.schedules.contains_key(&function) {
        return message(StatusCode::NOT_FOUND, "no such function");
    }
    let Ok(event) = serde_json::from_slice(&body) else {
        return message(StatusCode::BAD_REQUEST, "the body must be the event, as JSON");
    };
    response(invoker.functions.call(&function, &event, TIME_LIMIT).await)
}

async fn run_schedule(
    State(invoker): State<Arc<Invoker>>,
    Path(function): Path<String>,
    body: Bytes,
) -> Response<Body> {
    if invoker.schedules.get(&function).is_none_or(Vec::is_empty) {
        return message(StatusCode::NOT_FOUND, "no such schedule");
    }
    let detail =
        if body.is_empty() { Ok(event::default_detail()) } else { serde_json::from_slice(&body) };
    let Ok(detail) = detail else {
        return message(StatusCode::BAD_REQUEST, "the body must be the event's detail, as JSON");
    };
    response(invoker.run_schedule(&function, &detail).await)
}

fn response(result: Result<Value>) -> Response<Body> {
    match result {
        Ok(result) => from_json(StatusCode::OK, &result),
        Err(error) => message(StatusCode::BAD_GATEWAY, &format!("{error:#}")),
    }
}
