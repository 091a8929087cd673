//! Faults of calls to DynamoDB, SES or EventBridge: error responses and broken connections.

use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    http::StatusCode,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use serde_json::{Value, json};

/// A fault of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The request does not arrive.
    Unreachable,
    /// The request is processed, but the answer is lost.
    AnswerLost,
    /// The request is processed, but the answer takes longer than any time-out.
    Slow,
    /// The service throttles.
    Throttled,
    /// The service fails.
    ServerError,
    /// Another transaction uses the same items.
    Conflict,
    /// One action of the transaction is in conflict, and the condition of another failed.
    ConflictAndCondition,
    /// A transaction with the same token is still in progress.
    InProgress,
    /// The token of the transaction was used for another one.
    TokenMismatch,
    /// A `BatchGetItem` returns half of its keys as unprocessed; a `PutEvents` refuses half of its entries.
    HalfDone,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 10] = [
        Self::Unreachable,
        Self::AnswerLost,
        Self::Slow,
        Self::Throttled,
        Self::ServerError,
        Self::Conflict,
        Self::ConflictAndCondition,
        Self::InProgress,
        Self::TokenMismatch,
        Self::HalfDone,
    ];

    /// Whether this fault can occur on an operation.
    pub fn applies_to(self, operation: &str) -> bool {
        match self {
            Self::Conflict => {
                matches!(operation, "TransactWriteItems" | "UpdateItem" | "DeleteItem" | "PutItem")
            }
            Self::ConflictAndCondition | Self::InProgress | Self::TokenMismatch => {
                operation == "TransactWriteItems"
            }
            Self::HalfDone => matches!(operation, "BatchGetItem" | "PutEvents"),
            Self::Unreachable
            | Self::AnswerLost
            | Self::Slow
            | Self::Throttled
            | Self::ServerError => true,
        }
    }

    /// Makes a call through `inner` with this fault.
    pub(crate) fn inject(
        self,
        inner: &SharedHttpConnector,
        (operation, request): (&str, HttpRequest),
    ) -> HttpConnectorFuture {
        let lost = || ConnectorError::io("the connection is lost".into());
        let of_ses = operation == "SendEmail";
        match self {
            Self::Unreachable => HttpConnectorFuture::ready(Err(lost())),
            Self::AnswerLost | Self::Slow => {
                let done = inner.call(request);
                HttpConnectorFuture::new(async move {
                    done.await?;
                    if self == Self::Slow { std::future::pending().await } else { Err(lost()) }
                })
            }
            Self::Throttled if of_ses => refused(429, "TooManyRequestsException", &json!({})),
            Self::Throttled => refused(400, "ThrottlingException", &json!({})),
            Self::ServerError => refused(500, "InternalServerError", &json!({})),
            Self::Conflict if operation == "TransactWriteItems" => {
                canceled(&request, &["TransactionConflict"])
            }
            Self::Conflict => refused(400, "TransactionConflictException", &json!({})),
            Self::ConflictAndCondition => {
                canceled(&request, &["TransactionConflict", "ConditionalCheckFailed"])
            }
            Self::InProgress => refused(400, "TransactionInProgressException", &json!({})),
            Self::TokenMismatch => refused(400, "IdempotentParameterMismatchException", &json!({})),
            Self::HalfDone if operation == "PutEvents" => {
                let (half, refused) = halved_events(request);
                // A service that gets no entries is not called.
                let done = half.map(|half| inner.call(half));
                HttpConnectorFuture::new(async move {
                    let accepted = match done {
                        Some(done) => results(done.await?).await?,
                        None => Vec::new(),
                    };
                    let failure = json!({ "ErrorCode": "InternalFailure" });
                    let failures = vec![failure; refused];
                    let all = [accepted, failures].concat();
                    let answer = json!({ "FailedEntryCount": refused, "Entries": all });
                    let status = StatusCode::try_from(200).expect("a status");
                    Ok(HttpResponse::new(status, SdkBody::from(answer.to_string())))
                })
            }
            Self::HalfDone => {
                let (half, left) = halved(request);
                let done = inner.call(half);
                HttpConnectorFuture::new(async move { with_unprocessed(done.await?, left).await })
            }
        }
    }
}

/// An error response of the service.
pub(crate) fn refused(status: u16, exception: &'static str, more: &Value) -> HttpConnectorFuture {
    let mut body = json!({ "__type": exception, "message": "injected" });
    for (name, value) in more.as_object().expect("fields") {
        body[name] = value.clone();
    }
    let status = StatusCode::try_from(status).expect("a status");
    let mut response = HttpResponse::new(status, SdkBody::from(body.to_string()));
    response.headers_mut().insert("x-amzn-errortype", exception);
    HttpConnectorFuture::ready(Ok(response))
}

/// A canceled transaction: the first actions have these reasons, the others none.
fn canceled(request: &HttpRequest, codes: &[&str]) -> HttpConnectorFuture {
    let asked: Value =
        serde_json::from_slice(request.body().bytes().expect("a body")).expect("a body of JSON");
    let actions = asked["TransactItems"].as_array().expect("actions").len();
    let code = |index| codes.get(index).copied().unwrap_or("None");
    let reasons: Vec<Value> = (0..actions).map(|index| json!({ "Code": code(index) })).collect();
    refused(400, "TransactionCanceledException", &json!({ "CancellationReasons": reasons }))
}

/// A `BatchGetItem` with the first half of its keys, and the other half.
fn halved(mut request: HttpRequest) -> (HttpRequest, Value) {
    let bytes = request.body().bytes().expect("a body");
    let mut asked: Value = serde_json::from_slice(bytes).expect("a body of JSON");
    let mut left = asked["RequestItems"].clone();
    for (name, table) in left.as_object_mut().expect("tables") {
        let keys = table["Keys"].as_array_mut().expect("keys");
        let rest = keys.split_off(keys.len().div_ceil(2));
        asked["RequestItems"][name.as_str()]["Keys"] = keys.clone().into();
        *keys = rest;
    }
    set_body(&mut request, &asked);
    (request, left)
}

/// A `PutEvents` with the first half of its entries, if that is not empty, and how many others there are.
fn halved_events(mut request: HttpRequest) -> (Option<HttpRequest>, usize) {
    let bytes = request.body().bytes().expect("a body");
    let mut asked: Value = serde_json::from_slice(bytes).expect("a body of JSON");
    let entries = asked["Entries"].as_array_mut().expect("entries");
    let refused = entries.split_off(entries.len() / 2).len();
    let is_empty = entries.is_empty();
    set_body(&mut request, &asked);
    ((!is_empty).then_some(request), refused)
}

/// The results in the answer to a `PutEvents`.
async fn results(answer: HttpResponse) -> Result<Vec<Value>, ConnectorError> {
    let (_, bytes) = whole(answer).await?;
    let body: Value = serde_json::from_slice(&bytes).expect("an answer of JSON");
    Ok(body["Entries"].as_array().cloned().unwrap_or_default())
}

/// Replaces the body of a request.
pub(crate) fn set_body(request: &mut HttpRequest, body: &Value) {
    let body = body.to_string();
    request.headers_mut().insert("content-length", body.len().to_string());
    *request.body_mut() = SdkBody::from(body);
}

/// Reads the whole body of an answer.
pub(crate) async fn whole(
    mut answer: HttpResponse,
) -> Result<(HttpResponse, Vec<u8>), ConnectorError> {
    let body = std::mem::replace(answer.body_mut(), SdkBody::taken());
    let bytes = ByteStream::new(body).collect().await;
    let bytes = bytes.map_err(|error| ConnectorError::io(error.into()))?.to_vec();
    *answer.body_mut() = SdkBody::from(bytes.clone());
    Ok((answer, bytes))
}

async fn with_unprocessed(
    answer: HttpResponse,
    left: Value,
) -> Result<HttpResponse, ConnectorError> {
    let (answer, bytes) = whole(answer).await?;
    let mut body: Value = serde_json::from_slice(&bytes).expect("an answer of JSON");
    if left.as_object().expect("tables").values().any(|table| table["Keys"] != json!([])) {
        body["UnprocessedKeys"] = left;
    }
    Ok(HttpResponse::new(answer.status(), SdkBody::from(body.to_string())))
}
