//! A connector under the SDK that writes down each call, and can make the table fail.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use serde_json::{Value, json};

/// One call to the table.
#[derive(Clone, Debug)]
pub struct Trip {
    /// The operation, such as `BatchGetItem`.
    pub operation: String,
    /// The body of the request.
    pub request: Value,
}

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It does not arrive.
    Unreachable,
    /// It is done, but the answer does not come back.
    AnswerLost,
    /// A `BatchGetItem` is done for half of its keys; the others come back as unprocessed.
    HalfDone,
}

type Faults = Box<dyn FnMut(&Trip) -> Option<Fault> + Send>;

/// Writes down each call before the real connector makes it.
#[derive(Clone)]
pub(crate) struct Counting {
    inner: SharedHttpClient,
    trips: Arc<Mutex<Vec<Trip>>>,
    faults: Arc<Mutex<Option<Faults>>>,
}

impl fmt::Debug for Counting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counting").field("trips", &self.trips).finish_non_exhaustive()
    }
}

impl Counting {
    pub(crate) fn new() -> Self {
        let inner = aws_smithy_http_client::Builder::new().build_http();
        Self { inner, trips: Arc::default(), faults: Arc::default() }
    }

    /// The calls since the last time, in their order.
    pub(crate) fn take(&self) -> Vec<Trip> {
        std::mem::take(&mut self.trips.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What goes wrong from now on, by call.
    pub(crate) fn set_faults(&self, faults: Option<Faults>) {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    fn fault(&self, trip: &Trip) -> Option<Fault> {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults.as_mut().and_then(|faults| faults(trip))
    }
}

impl HttpClient for Counting {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Connector { inner, counting: self.clone() })
    }
}

#[derive(Debug)]
struct Connector {
    inner: SharedHttpConnector,
    counting: Counting,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let body = request.body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok());
        let trip = Trip { operation, request: body.unwrap_or_default() };
        let fault = self.counting.fault(&trip);
        self.counting.trips.lock().unwrap_or_else(PoisonError::into_inner).push(trip);
        let lost = || ConnectorError::io("the connection is lost".into());
        match fault {
            None => self.inner.call(request),
            Some(Fault::Unreachable) => HttpConnectorFuture::ready(Err(lost())),
            Some(Fault::HalfDone) => {
                let (half, left) = halved(request);
                let done = self.inner.call(half);
                HttpConnectorFuture::new(async move { with_unprocessed(done.await?, left).await })
            }
            Some(Fault::AnswerLost) => {
                let done = self.inner.call(request);
                HttpConnectorFuture::new(async move {
                    done.await?;
                    Err(lost())
                })
            }
        }
    }
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
    let body = asked.to_string();
    request.headers_mut().insert("content-length", body.len().to_string());
    *request.body_mut() = SdkBody::from(body);
    (request, left)
}

async fn with_unprocessed(
    answer: HttpResponse,
    left: Value,
) -> Result<HttpResponse, ConnectorError> {
    let status = answer.status();
    let bytes = ByteStream::new(answer.into_body()).collect().await;
    let bytes = bytes.map_err(|error| ConnectorError::io(error.into()))?.into_bytes();
    let mut told: Value = serde_json::from_slice(&bytes).expect("an answer of JSON");
    if left.as_object().expect("tables").values().any(|table| table["Keys"] != json!([])) {
        told["UnprocessedKeys"] = left;
    }
    Ok(HttpResponse::new(status, SdkBody::from(told.to_string())))
}
