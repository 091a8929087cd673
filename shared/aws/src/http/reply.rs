//! Responses: JSON, never cached, with the request's id.

use std::error::Error;

use coulisses_domain::{scope::ClientId, time::Version};
use lambda_http::{
    Body,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, LOCATION, RETRY_AFTER},
    },
    tracing,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Code, Failure, Request, Response, Route, language, path::client_in, request_id};
use crate::{app::App, idempotency::Storable, logs};

/// A successful response.
#[derive(Debug)]
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: serde_json::Result<Vec<u8>>,
}

impl Reply {
    /// 200 with `body`.
    pub fn ok(body: &impl Serialize) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// 201 with `body`.
    pub fn created(body: &impl Serialize) -> Self {
        Self::new(StatusCode::CREATED, body)
    }

    /// 202 with `body`: a mail is queued.
    pub fn accepted(body: &impl Serialize) -> Self {
        Self::new(StatusCode::ACCEPTED, body)
    }

    fn new(status: StatusCode, body: &impl Serialize) -> Self {
        Self { status, headers: HeaderMap::new(), body: serde_json::to_vec(body) }
    }

    /// Adds the version of the record as `ETag`, for `If-Match`.
    #[must_use]
    pub fn with_version(self, version: Version) -> Self {
        self.with(ETAG, &format!("\"{}\"", version.number()))
    }

    /// Adds the path of the new record as `Location`.
    #[must_use]
    pub fn with_location(self, path: &str) -> Self {
        self.with(LOCATION, path)
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The body as JSON, as a part of the response to a batch.
    ///
    /// # Errors
    /// `internal` if it could not be serialized.
    pub fn into_body(self) -> Result<Box<RawValue>, Failure> {
        let body = String::from_utf8(self.body.map_err(Failure::internal)?);
        RawValue::from_string(body.map_err(Failure::internal)?).map_err(Failure::internal)
    }

    fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }
}

impl Storable for Reply {
    fn to_text(&self) -> Result<String, Box<dyn Error + Send + Sync>> {
        let body = self.body.as_deref().map_err(ToString::to_string)?;
        let header = |name: &HeaderName| {
            self.headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned)
        };
        let kept = Kept {
            status: self.status.as_u16(),
            etag: header(&ETAG),
            location: header(&LOCATION),
            body: String::from_utf8_lossy(body).into_owned(),
        };
        Ok(serde_json::to_string(&kept)?)
    }

    fn from_text(text: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        // The parser's message may quote the response, which must not be logged.
        let unreadable = "a stored response is not as this service writes it";
        let kept: Kept = serde_json::from_str(text).map_err(|_| unreadable)?;
        let status = StatusCode::from_u16(kept.status)?;
        let body = Ok(kept.body.into_bytes());
        let mut reply = Self { status, headers: HeaderMap::new(), body };
        for (name, value) in [(ETAG, kept.etag), (LOCATION, kept.location)] {
            reply = match value {
                Some(value) => reply.with(name, &value),
                None => reply,
            };
        }
        Ok(reply)
    }
}

/// A reply as it is stored.
#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    body: String,
}

/// Turns `result` into the response to `request`, and logs the outcome in one line.
#[must_use]
pub fn answer(app: &App, request: &Request, result: Result<Reply, Failure>) -> Response {
    let result = result.and_then(|reply| match reply.body {
        Ok(body) => Ok((reply.status, reply.headers, body)),
        Err(error) => Err(Failure::internal(error)),
    });
    let (status, mut headers, body) = match result {
        Ok(done) => {
            log(request, None, None);
            done
        }
        Err(failure) => refused(app, request, failure),
    };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    if let Some(Ok(id)) = request_id(request).map(HeaderValue::from_str) {
        headers.insert("x-request-id", id);
    }
    let mut response = Response::new(text(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// The problem in the caller's language. It is logged and counted here, once, with the cause if it is unexpected.
pub(super) fn refused(
    app: &App,
    request: &Request,
    failure: Failure,
) -> (StatusCode, HeaderMap, Vec<u8>) {
    let code = failure.code();
    log(request, Some(code), failure.cause());
    app.metrics.count_by_code(code.name(), &[("Refusals", 1)], app.clock.now());
    app.count("SeatLimitReached", usize::from(code == Code::SeatLimitReached));
    let problem = failure.into_problem();
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = problem.retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    let body = serde_json::to_vec(&problem.localized(language(request))).unwrap_or_default();
    (code.status(), headers, body)
}

/// Logs the outcome of a request, or of one item of a batch, without the caller or any text of theirs.
fn log(request: &Request, code: Option<Code>, cause: Option<&(dyn Error + 'static)>) {
    let (request_id, action, client) =
        (request_id(request), Route::of(request).map(Route::key), client_in(request));
    let (client, code) = (client.as_ref().map(ClientId::as_str), code.map(Code::name));
    if let Some(cause) = cause {
        let cause = logs::causes(cause);
        tracing::error!(request_id, client, action, outcome = "failed", code, cause, "request");
    } else {
        let outcome = if code.is_none() { "done" } else { "refused" };
        tracing::info!(request_id, client, action, outcome, code, "request");
    }
}

/// API Gateway passes a text body on unchanged.
fn text(body: Vec<u8>) -> Body {
    String::from_utf8(body).map_or(Body::Empty, Body::Text)
}
