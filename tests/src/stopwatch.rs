//! A connector under the SDK that measures the time during which calls are in flight.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
        http_client_fn,
    },
    orchestrator::HttpRequest,
};

use crate::{faults::whole, lock};

/// The time during which at least one call was in flight: parallel calls count once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stopwatch(Arc<Mutex<Running>>);

#[derive(Debug, Default)]
struct Running {
    calls: u32,
    since: Option<Instant>,
    spent: Duration,
}

impl Stopwatch {
    /// The time since the last `take`.
    pub(crate) fn take(&self) -> Duration {
        std::mem::take(&mut self.running().spent)
    }

    /// Times the calls of a client.
    pub(crate) fn around(&self, inner: SharedHttpClient) -> SharedHttpClient {
        let stopwatch = self.clone();
        http_client_fn(move |settings, components| {
            let inner = inner.http_connector(settings, components);
            SharedHttpConnector::new(TimedConnector { inner, stopwatch: stopwatch.clone() })
        })
    }

    fn begin(&self) -> OneCall {
        let mut running = self.running();
        running.calls += 1;
        running.since.get_or_insert_with(Instant::now);
        OneCall(self.clone())
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        lock(&self.0)
    }
}

/// A call in flight; it ends when this is dropped, answered or not.
struct OneCall(Stopwatch);

impl Drop for OneCall {
    fn drop(&mut self) {
        let mut running = self.0.running();
        running.calls -= 1;
        if running.calls == 0 {
            let took = running.since.take().map_or(Duration::ZERO, |since| since.elapsed());
            running.spent += took;
        }
    }
}

#[derive(Debug)]
struct TimedConnector {
    inner: SharedHttpConnector,
    stopwatch: Stopwatch,
}

impl HttpConnector for TimedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let call = self.stopwatch.begin();
        let answer = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let answer = whole(answer.await?).await;
            drop(call);
            Ok(answer?.0)
        })
    }
}
