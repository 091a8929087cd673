//! API Gateway's HTTP API: route, authorizer, event, function, response.

use crate::authorizer::Authorizer;
use crate::event::{self, Context};
use crate::functions::Functions;
use crate::response::{self, message};
use crate::routes::Routes;
use crate::values::{now, random_id};
use anyhow::Context as _;
use axum::body::{Body, to_bytes};
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use std::time::Duration;
use tokio::time::error::Elapsed;

const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// How long API Gateway waits for a function.
const TIME_LIMIT: Duration = Duration::from_secs(30);

pub struct Gateway {
    pub routes: Routes,
    /// Checks the requests to all routes that are not open.
    pub authorizer: Authorizer,
    pub functions: Functions,
    /// The name and port of the gateway.
    pub host: String,
}

impl Gateway {
    /// Answers a request as API Gateway does.
    pub async fn handle(&self, request: Request<Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let (method, path) = (parts.method.as_str(), parts.uri.path());
        let Some(found) = self.routes.find(method, path) else {
            return message(StatusCode::NOT_FOUND, "Not Found");
        };
        let claims = if found.route.open {
            None
        } else {
            let Ok(claims) = self.authorizer.claims(&parts.headers) else { return unauthorized() };
            Some(claims)
        };
        let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
            return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
        };
        let context =
            Context { host: self.host.clone(), request_id: random_id(), time: now(), claims };
        let event = event::http(&parts, &body, &found, &context);
        let result = self.functions.call(&found.route.function, &event, TIME_LIMIT).await;
        let response = result.and_then(|result| {
            response::from_result(result).context("the function's result is not a valid response")
        });
        response.unwrap_or_else(|error| {
            eprintln!("{method} {path}: {error:#}");
            if error.is::<Elapsed>() {
                message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
            } else {
                message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
            }
        })
    }
}

fn unauthorized() -> Response<Body> {
    let mut response = message(StatusCode::UNAUTHORIZED, "Unauthorized");
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}
