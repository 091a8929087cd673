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

/// What goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It does not arrive.
    Unreachable,
    /// It is done, but the answer does not come back.
    AnswerLost,
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
