//! A connector under the SDK that records each call and can inject faults.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
        http_client_fn,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use serde_json::Value;

use crate::{
    Fault,
    faults::{set_body, whole},
    limited::consumed,
    lock, policy,
    weakness::{misread, weaken},
};

/// One call to DynamoDB, SES or EventBridge.
#[derive(Clone, Debug)]
pub struct Trip {
    /// The operation, such as `BatchGetItem`.
    pub operation: String,
    /// The body of the request.
    pub request: Value,
    /// The length of the longest chain of sequential calls that ends with this one.
    pub depth: usize,
    /// The request units consumed, the index included; 0 for a refused call.
    pub units: f64,
}

/// One action on one item: a transaction or a batch has several.
#[derive(Clone, Debug)]
pub struct ItemAccess {
    /// The action as IAM names it, such as `PutItem`.
    pub action: String,
    /// Whether it uses the index instead of the table.
    pub index: bool,
    /// The partition.
    pub pk: String,
    /// The item; `None` for the whole partition.
    pub sk: Option<String>,
}

impl Trip {
    /// The call that a request of the SDK makes.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        // DynamoDB and EventBridge name their operations. SES has one.
        let operation = match target.rsplit('.').next() {
            Some(operation) if !operation.is_empty() => operation.to_owned(),
            _ => "SendEmail".to_owned(),
        };
        let body = request.body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok());
        Self { operation, request: body.unwrap_or_default(), depth: 1, units: 0.0 }
    }

    /// The items of the table that the call reads or writes; none for SES and EventBridge.
    ///
    /// # Panics
    /// If it is not a request of DynamoDB.
    pub fn accesses(&self) -> Vec<ItemAccess> {
        let access = |action: &str, key: &Value| {
            let name = |name: &str| key[name]["S"].as_str().expect("a key").to_owned();
            ItemAccess {
                action: action.to_owned(),
                index: false,
                pk: name("pk"),
                sk: Some(name("sk")),
            }
        };
        let request = &self.request;
        match self.operation.as_str() {
            "SendEmail" | "PutEvents" => Vec::new(),
            "BatchGetItem" => {
                let tables = request["RequestItems"].as_object().expect("tables").values();
                let keys = tables.flat_map(|table| table["Keys"].as_array().expect("keys"));
                keys.map(|key| access("BatchGetItem", key)).collect()
            }
            "Query" => {
                let pk = &request["ExpressionAttributeValues"][":pk"]["S"];
                let (action, index) = ("Query".to_owned(), request["IndexName"].is_string());
                let pk = pk.as_str().expect("a partition").to_owned();
                vec![ItemAccess { action, index, pk, sk: None }]
            }
            "TransactWriteItems" => {
                let actions = request["TransactItems"].as_array().expect("actions").iter();
                let actions = actions.flat_map(|action| action.as_object().expect("one"));
                actions.map(|(name, write)| access(&format!("{name}Item"), key_in(write))).collect()
            }
            operation => vec![access(operation, key_in(request))],
        }
    }
}

/// The key of a write; for a put, the item that contains it.
pub(crate) fn key_in(write: &Value) -> &Value {
    if write["Key"].is_null() { &write["Item"] } else { &write["Key"] }
}

/// A future that each call awaits before it is made, so that a test controls the order of calls.
pub type Gate = Arc<dyn Fn(&Trip) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

type Faults = Box<dyn FnMut(&Trip) -> Option<Fault> + Send>;

/// The calls since the last `take`.
#[derive(Debug, Default)]
struct Log {
    trips: Vec<Trip>,
    /// How many were taken before.
    taken: usize,
    /// The depth of the deepest answered call.
    deepest: usize,
    /// Whether to record the consumed units.
    measures: bool,
}

impl Log {
    /// Records a call that is about to be made; returns its number.
    fn begin(&mut self, trip: Trip) -> usize {
        self.trips.push(Trip { depth: self.deepest + 1, ..trip });
        self.taken + self.trips.len() - 1
    }

    /// Records that a call was answered, and the units it consumed.
    fn end(&mut self, number: usize, units: f64) {
        // The call may have been taken meanwhile.
        let Some(place) = number.checked_sub(self.taken) else { return };
        let Some(trip) = self.trips.get_mut(place) else { return };
        trip.units = units;
        self.deepest = self.deepest.max(trip.depth);
    }
}

/// Records each call before the real connector makes it.
#[derive(Clone)]
pub(crate) struct Recorder {
    inner: SharedHttpClient,
    log: Arc<Mutex<Log>>,
    faults: Arc<Mutex<Option<Faults>>>,
    gate: Arc<Mutex<Option<Gate>>>,
    /// The function that makes all the calls, if it is always the same.
    function: Option<&'static str>,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("log", &self.log).finish_non_exhaustive()
    }
}

impl Recorder {
    pub(crate) fn new() -> Self {
        let inner = aws_smithy_http_client::Builder::new().build_http();
        let (log, faults, gate) = (Arc::default(), Arc::default(), Arc::default());
        Self { inner, log, faults, gate, function: None }
    }

    /// A recorder with the same faults and gate around another client, with its own log.
    pub(crate) fn around(&self, inner: SharedHttpClient) -> Self {
        Self { inner, log: Arc::default(), ..self.clone() }
    }

    /// A recorder with the same faults, with its own log and gate.
    pub(crate) fn with_own_gate(&self) -> Self {
        Self { log: Arc::default(), gate: Arc::default(), ..self.clone() }
    }

    /// The same recorder for the calls of one function.
    pub(crate) fn of(&self, function: &'static str) -> Self {
        Self { function: Some(function), ..self.clone() }
    }

    /// The client whose calls are recorded.
    pub(crate) fn client(self) -> SharedHttpClient {
        http_client_fn(move |settings, components| {
            let inner = self.inner.http_connector(settings, components);
            SharedHttpConnector::new(Connector { inner, recorder: self.clone() })
        })
    }

    /// The calls since the last time, in order.
    pub(crate) fn take(&self) -> Vec<Trip> {
        let mut log = self.log();
        log.deepest = 0;
        log.taken += log.trips.len();
        std::mem::take(&mut log.trips)
    }

    /// Records the consumed units from now on.
    pub(crate) fn measure(&self) {
        self.log().measures = true;
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        lock(&self.log)
    }

    /// Sets the fault of each call.
    pub(crate) fn set_faults(&self, faults: Option<Faults>) {
        *lock(&self.faults) = faults;
    }

    /// Sets the gate of each call.
    pub(crate) fn set_gate(&self, gate: Option<Gate>) {
        *lock(&self.gate) = gate;
    }

    fn fault(&self, trip: &Trip) -> Option<Fault> {
        let mut faults = lock(&self.faults);
        faults.as_mut().and_then(|faults| faults(trip))
    }
}

#[derive(Debug)]
struct Connector {
    inner: SharedHttpConnector,
    recorder: Recorder,
}

impl HttpConnector for Connector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let Trip { operation, request: mut body, .. } = Trip::of(&request);
        let of_table = !matches!(operation.as_str(), "SendEmail" | "PutEvents");
        if of_table && weaken(&operation, &mut body) {
            set_body(&mut request, &body);
        }
        let measured = self.recorder.log().measures.then(|| Arc::clone(&self.recorder.log));
        if measured.is_some() {
            let mut asked = body.clone();
            asked["ReturnConsumedCapacity"] = "TOTAL".into();
            set_body(&mut request, &asked);
        }
        let trip = Trip { operation: operation.clone(), request: body, depth: 1, units: 0.0 };
        policy::check(self.recorder.function, &trip);
        let fault = self.recorder.fault(&trip);
        let gate = lock(&self.recorder.gate).clone();
        let turn = gate.map(|gate| gate(&trip));
        let number = self.recorder.log().begin(trip);
        let inner = self.inner.clone();
        let call = move || {
            misread(match fault {
                None => inner.call(request),
                Some(fault) => fault.inject(&inner, (&operation, request)),
            })
        };
        match (turn, measured) {
            (None, None) => call(),
            (turn, measured) => HttpConnectorFuture::new(async move {
                if let Some(turn) = turn {
                    turn.await;
                }
                let Some(log) = measured else { return call().await };
                let (answer, units) = with_units(call().await?).await?;
                lock(&log).end(number, units);
                Ok(answer)
            }),
        }
    }
}

/// The answer, and the request units that it reports.
async fn with_units(answer: HttpResponse) -> Result<(HttpResponse, f64), ConnectorError> {
    let (answer, bytes) = whole(answer).await?;
    let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    Ok((answer, consumed(&body)))
}
