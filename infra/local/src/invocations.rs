//! Functions invoked by hand, as an operator does whom IAM lets: the body is the event, the answer what they give.

use crate::answer;
use crate::failure::chain;
use crate::functions::Functions;
use crate::template::Function;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::routing::post;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// The longest that a function may take.
const TIME_LIMIT: Duration = Duration::from_mins(15);

/// The functions that can be invoked.
struct Invocations {
    functions: Functions,
    known: BTreeSet<String>,
}

/// The route that invokes a function of the template.
pub fn router(functions: Functions, all: &[Function]) -> Router {
    let known = all.iter().map(|function| function.name.clone()).collect();
    let invocations = Arc::new(Invocations { functions, known });
    Router::new().route("/_local/functions/{function}", post(invoke)).with_state(invocations)
}

async fn invoke(
    State(invocations): State<Arc<Invocations>>,
    Path(function): Path<String>,
    body: Bytes,
) -> Response<Body> {
    if !invocations.known.contains(&function) {
        return answer::said(StatusCode::NOT_FOUND, "no such function");
    }
    let Ok(event) = serde_json::from_slice(&body) else {
        return answer::said(StatusCode::BAD_REQUEST, "the body is the event, as JSON");
    };
    match invocations.functions.call(&function, &event, TIME_LIMIT).await {
        Ok(result) => answer::message(StatusCode::OK, &result),
        Err(error) => answer::said(StatusCode::BAD_GATEWAY, &chain(&error)),
    }
}
