//! Responses: JSON, not cached unless they say so, with the request's id.

use std::error::Error;

use coulisses_domain::{effects::Effects, scope::ClientId, time::Version};
use data_encoding::HEXLOWER;
use lambda_http::{
    Body,
    http::{
        HeaderMap, HeaderValue, Method, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, LOCATION, RETRY_AFTER,
            WWW_AUTHENTICATE,
        },
    },
    tracing,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::{
    Code, Failure, Request, Response, Route, effects::EffectsView, language, path::client_in,
    request_id,
};
use crate::{app::App, idempotency::Storable, logs};

/// A successful response.
#[derive(Debug)]
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: serde_json::Result<Vec<u8>>,
    /// What an item of an import did.
    outcome: Option<String>,
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

    /// 202 with `body`: a mail is queued, or a person waits for a seat.
    pub fn accepted(body: &impl Serialize) -> Self {
        Self::new(StatusCode::ACCEPTED, body)
    }

    /// 200 with a table.
    pub(super) fn csv(table: Vec<u8>) -> Self {
        let reply = Self {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: Ok(table),
            outcome: None,
        };
        reply.with(CONTENT_TYPE, "text/csv; charset=utf-8")
    }

    #[cfg(test)]
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.body.unwrap()
    }

    fn new(status: StatusCode, body: &impl Serialize) -> Self {
        Self { status, headers: HeaderMap::new(), body: serde_json::to_vec(body), outcome: None }
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

    /// Adds what an item of a batch did, beside its body.
    #[must_use]
    pub fn with_outcome(self, outcome: &str) -> Self {
        Self { outcome: Some(outcome.to_owned()), ..self }
    }

    /// What an item of a batch did.
    #[must_use]
    pub fn outcome(&self) -> Option<&str> {
        self.outcome.as_deref()
    }

    /// Adds a hash of the body as `ETag`. If `If-None-Match` names it, the response is 304 without a body.
    ///
    /// # Errors
    /// `internal` if the body could not be serialized.
    pub fn unless_unchanged(self, request: &Request) -> Result<Self, Failure> {
        let body = self.body.as_deref().map_err(|error| Failure::internal(error.to_string()))?;
        let digest = Sha256::digest(body);
        let tag = format!("\"{}\"", HEXLOWER.encode(digest.get(..16).unwrap_or_default()));
        let known = request.headers().get_all(IF_NONE_MATCH).iter();
        let known = known.filter_map(|value| value.to_str().ok()).flat_map(|it| it.split(','));
        let mut known = known.map(|it| it.trim().trim_start_matches("W/"));
        let (status, body) = if known.any(|it| it == tag || it == "*") {
            (StatusCode::NOT_MODIFIED, Ok(Vec::new()))
        } else {
            (self.status, self.body)
        };
        Ok(Self { status, body, ..self }.with(ETAG, &tag))
    }

    /// Lets anyone cache the response, for some seconds.
    #[must_use]
    pub fn cached_for(self, seconds: u32) -> Self {
        self.with(CACHE_CONTROL, &format!("public, max-age={seconds}"))
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

/// The response to a dry run.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Preview<'a> {
    dry_run: bool,
    status: u16,
    body: Box<RawValue>,
    effects: EffectsView<'a>,
}

impl Storable for Reply {
    fn into_preview(self, effects: &Effects) -> Self {
        let status = self.status.as_u16();
        let body = self.body.map(|body| String::from_utf8_lossy(&body).into_owned());
        let body = body.and_then(RawValue::from_string).and_then(|body| {
            let effects = effects.into();
            serde_json::to_vec(&Preview { dry_run: true, status, body, effects })
        });
        Self { status: StatusCode::OK, headers: HeaderMap::new(), body, outcome: None }
    }

    fn to_text(&self) -> Result<String, Box<dyn Error + Send + Sync>> {
        let body = self.body.as_deref().map_err(ToString::to_string)?;
        let header = |name: &HeaderName| {
            self.headers.get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned)
        };
        let kept = Kept {
            status: self.status.as_u16(),
            etag: header(&ETAG),
            location: header(&LOCATION),
            outcome: self.outcome.clone(),
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
        let mut reply = Self { status, headers: HeaderMap::new(), body, outcome: kept.outcome };
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcome: Option<String>,
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
            let as_support = is_read(request) && app.as_support.is_set();
            log(request, None, None, as_support);
            app.count("SupportReads", usize::from(as_support));
            done
        }
        Err(failure) => refused(app, request, failure),
    };
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if status != StatusCode::NOT_MODIFIED {
        headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    }
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
    log(request, Some(code), failure.cause(), false);
    app.metrics.count_by_code(code.name(), &[("Refusals", 1)], app.clock.now());
    app.count("SeatLimitReached", usize::from(code == Code::SeatLimitReached));
    let problem = failure.into_problem();
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(seconds) = problem.retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    // RFC 9470: what a client must ask the identity provider for.
    if let Some(seconds) = problem.max_age() {
        let challenge =
            format!("Bearer error=\"insufficient_user_authentication\", max_age=\"{seconds}\"");
        headers.extend(HeaderValue::from_str(&challenge).ok().map(|it| (WWW_AUTHENTICATE, it)));
    }
    let problem = problem.localized(language(request), &app.settings.console);
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    (code.status(), headers, body)
}

/// Logs the outcome of a request, or of one item of a batch, without the caller or any text of theirs.
fn log(
    request: &Request,
    code: Option<Code>,
    cause: Option<&(dyn Error + 'static)>,
    as_support: bool,
) {
    let (request_id, action, client) =
        (request_id(request), Route::of(request).map(Route::key), client_in(request));
    let (client, code) = (client.as_ref().map(ClientId::as_str), code.map(Code::name));
    if let Some(cause) = cause {
        let cause = logs::causes(cause);
        tracing::error!(request_id, client, action, outcome = "failed", code, cause, "request");
    } else {
        let outcome = if code.is_none() { "done" } else { "refused" };
        let support = as_support.then_some(true);
        tracing::info!(request_id, client, action, outcome, code, support, "request");
    }
}

/// Whether a request only reads: support writes nothing by its role.
fn is_read(request: &Request) -> bool {
    request.method() == Method::GET || Route::of(request).is_some_and(Route::asks)
}

/// API Gateway passes a text body on unchanged.
fn text(body: Vec<u8>) -> Body {
    String::from_utf8(body).map_or(Body::Empty, Body::Text)
}
