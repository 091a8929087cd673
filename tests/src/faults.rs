//! What goes wrong with a call to DynamoDB or SES: answers that the services give, and what becomes of connections.

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

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It does not arrive.
    Unreachable,
    /// It is done, but the answer does not come back.
    AnswerLost,
    /// It is done, but the answer takes longer than anybody waits.
    Slow,
    /// The service has no capacity left.
    Throttled,
    /// The service fails.
    ServerError,
    /// Another transaction is at the same items.
    Conflict,
    /// Of one transaction, one action is in conflict and another's condition failed.
    ConflictAndCondition,
    /// The same transaction, of the same token, is still being done.
    InProgress,
    /// The token of a transaction was used for another one.
    TokenMismatch,
    /// A `BatchGetItem` is done for half of its keys; the others come back as unprocessed.
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

    /// Whether this can happen to an operation.
    #[must_use]
    pub fn befalls(self, operation: &str) -> bool {
        match self {
            Self::Unreachable
            | Self::AnswerLost
            | Self::Slow
            | Self::Throttled
            | Self::ServerError => true,
            Self::Conflict => {
                matches!(operation, "TransactWriteItems" | "UpdateItem" | "DeleteItem" | "PutItem")
            }
            Self::ConflictAndCondition | Self::InProgress | Self::TokenMismatch => {
                operation == "TransactWriteItems"
            }
            Self::HalfDone => operation == "BatchGetItem",
        }
    }

    /// What becomes of a call through `inner` that this befalls.
    pub(crate) fn befall(
        self,
        inner: &SharedHttpConnector,
        (operation, request): (&str, HttpRequest),
    ) -> HttpConnectorFuture {
        let lost = || ConnectorError::io("the connection is lost".into());
        let of_ses = operation == "SendEmail";
        match self {
            Self::Unreachable => HttpConnectorFuture::ready(Err(lost())),
            Self::AnswerLost => {
                let done = inner.call(request);
                HttpConnectorFuture::new(async move {
                    done.await?;
                    Err(lost())
                })
            }
            Self::Slow => {
                let done = inner.call(request);
                HttpConnectorFuture::new(async move {
                    done.await?;
                    std::future::pending().await
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
            Self::HalfDone => {
                let (half, left) = halved(request);
                let done = inner.call(half);
                HttpConnectorFuture::new(async move { with_unprocessed(done.await?, left).await })
            }
        }
    }
}

/// An answer of the service that refuses a call.
fn refused(status: u16, exception: &'static str, more: &Value) -> HttpConnectorFuture {
    let mut told = json!({ "__type": exception, "message": "injected" });
    for (name, value) in more.as_object().expect("fields") {
        told[name] = value.clone();
    }
    let status = StatusCode::try_from(status).expect("a status");
    let mut response = HttpResponse::new(status, SdkBody::from(told.to_string()));
    response.headers_mut().insert("x-amzn-errortype", exception);
    HttpConnectorFuture::ready(Ok(response))
}

/// A transaction that was canceled: its first actions have these reasons, the others none.
fn canceled(request: &HttpRequest, codes: &[&str]) -> HttpConnectorFuture {
    let asked: Value =
        serde_json::from_slice(request.body().bytes().expect("a body")).expect("a body of JSON");
    let actions = asked["TransactItems"].as_array().expect("actions").len();
    let code = |index| codes.get(index).copied().unwrap_or("None");
    let reasons: Vec<Value> = (0..actions).map(|index| json!({ "Code": code(index) })).collect();
    refused(400, "TransactionCanceledException", &json!({ "CancellationReasons": reasons }))
}

/// A `BatchGetItem` with the first half of its keys, and what is left of its tables.
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

/// Gives a request another body.
pub(crate) fn set_body(request: &mut HttpRequest, body: &Value) {
    let body = body.to_string();
    request.headers_mut().insert("content-length", body.len().to_string());
    *request.body_mut() = SdkBody::from(body);
}

/// An answer once its body is there to the last byte, and that body.
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
    let mut told: Value = serde_json::from_slice(&bytes).expect("an answer of JSON");
    if left.as_object().expect("tables").values().any(|table| table["Keys"] != json!([])) {
        told["UnprocessedKeys"] = left;
    }
    Ok(HttpResponse::new(answer.status(), SdkBody::from(told.to_string())))
}
