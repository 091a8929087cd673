//! API Gateway's HTTP API: route, authorizer, event, function, answer.

use crate::answer::{self, Unusable};
use crate::authorizer::{Authorizer, Unauthorized};
use crate::clock;
use crate::event::{self, Context};
use crate::functions::{Failed, Functions};
use crate::random;
use crate::routes::{self, Route};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, Request, Response, StatusCode};
use std::time::Duration;
use thiserror::Error;

const BODY_LIMIT: usize = 10 * 1024 * 1024;

/// How long API Gateway waits for a function.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// The gateway with all that it needs to answer.
pub struct Gateway {
    /// The routes of the template.
    pub routes: Vec<Route>,
    /// The authorizer of all routes that are not open.
    pub authorizer: Authorizer,
    /// The functions behind the routes.
    pub functions: Functions,
    /// The name and port under which the gateway is reached.
    pub host: String,
}

/// Why the gateway answers by itself.
#[derive(Debug, Error)]
enum Refusal {
    #[error("there is no such route")]
    NotFound,
    #[error("the request is not authorized")]
    Unauthorized(#[from] Unauthorized),
    #[error("the body is too large or broken off")]
    Body(#[source] axum::Error),
    #[error("there is no randomness for an id")]
    NoId(#[from] aws_lc_rs::error::Unspecified),
    #[error("the function gave no result")]
    Failed(#[from] Failed),
    #[error("the function gave no response")]
    Unusable(#[from] Unusable),
}

impl Gateway {
    /// Answers a request as API Gateway would.
    pub async fn handle(&self, request: Request<Body>) -> Response<Body> {
        let place = format!("{} {}", request.method(), request.uri().path());
        match self.respond(request).await {
            Ok(response) => response,
            Err(refusal) => refusal.response(&place),
        }
    }

    async fn respond(&self, request: Request<Body>) -> Result<Response<Body>, Refusal> {
        let (parts, body) = request.into_parts();
        let taken = routes::find(&self.routes, parts.method.as_str(), parts.uri.path())
            .ok_or(Refusal::NotFound)?;
        let claims =
            if taken.route.open { None } else { Some(self.authorizer.claims(&parts.headers)?) };
        let body = to_bytes(body, BODY_LIMIT).await.map_err(Refusal::Body)?;
        let context = Context {
            host: self.host.clone(),
            request_id: random::id()?,
            time: clock::now(),
            claims,
        };
        let event = event::http(&parts, &body, &taken, &context);
        let result = self.functions.call(&taken.route.function, &event, TIME_LIMIT).await?;
        Ok(answer::from_result(result)?)
    }
}

impl Refusal {
    fn response(&self, place: &str) -> Response<Body> {
        match self {
            Self::NotFound => answer::said(StatusCode::NOT_FOUND, "Not Found"),
            Self::Unauthorized(_) => {
                let mut response = answer::said(StatusCode::UNAUTHORIZED, "Unauthorized");
                let scheme = HeaderValue::from_static("Bearer");
                response.headers_mut().insert("www-authenticate", scheme);
                response
            }
            Self::Body(_) => {
                answer::said(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large")
            }
            Self::Failed(Failed::TimedOut) => {
                eprintln!("{place}: the function did not answer in time");
                answer::said(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
            }
            Self::NoId(_) | Self::Failed(_) | Self::Unusable(_) => {
                eprintln!("{place}: {}", crate::failure::chain(self));
                answer::said(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
            }
        }
    }
}
