//! A connector under the SDK that writes down each call, and can make the table fail.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    },
    orchestrator::HttpRequest,
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use serde_json::Value;

/// One call to the table.
#[derive(Clone, Debug)]
pub struct Trip {
    /// The operation, such as `BatchGetItem`.
    pub operation: String,
    /// The body of the request.
    pub request: Value,
}

/// Writes down each call before the real connector makes it.
#[derive(Clone, Debug)]
pub(crate) struct Counting {
    inner: SharedHttpClient,
    trips: Arc<Mutex<Vec<Trip>>>,
    down: Arc<AtomicBool>,
}

impl Counting {
    pub(crate) fn new() -> Self {
        let inner = aws_smithy_http_client::Builder::new().build_http();
        Self { inner, trips: Arc::default(), down: Arc::default() }
    }

    /// The calls since the last time, in their order.
    pub(crate) fn take(&self) -> Vec<Trip> {
        std::mem::take(&mut self.trips.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether the table answers from now on.
    pub(crate) fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
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
        self.counting.trips.lock().unwrap_or_else(PoisonError::into_inner).push(trip);
        if self.counting.down.load(Ordering::SeqCst) {
            return HttpConnectorFuture::ready(Err(ConnectorError::io("the table is down".into())));
        }
        self.inner.call(request)
    }
}
