//! A connector under the SDK that writes down each call, and can make the table fail.

use std::{
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
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
use serde_json::Value;

use crate::{
    Fault,
    faults::{set_body, whole},
    policy,
    weakness::{misread, weaken},
};

/// One call to the table.
#[derive(Clone, Debug)]
pub struct Trip {
    /// The operation, such as `BatchGetItem`.
    pub operation: String,
    /// The body of the request.
    pub request: Value,
    /// How many calls had to be made one after the other until this one had its answer, itself included.
    pub depth: usize,
    /// The request units that it took, its index included; none for a call that was refused.
    pub units: f64,
}

/// One action of a call, and the item that it is for: a transaction has several, so has a batch.
#[derive(Clone, Debug)]
pub struct Touch {
    /// The action as IAM names it, such as `PutItem`.
    pub action: String,
    /// Whether it is for the index, not for the table.
    pub index: bool,
    /// The partition.
    pub pk: String,
    /// The item; all of the partition if it is not named.
    pub sk: Option<String>,
}

impl Trip {
    /// What the call touches in the table; nothing where it is not for the table.
    ///
    /// # Panics
    /// If it is not made as DynamoDB wants it.
    #[must_use]
    pub fn touches(&self) -> Vec<Touch> {
        let touch = |action: &str, key: &Value| {
            let name = |name: &str| key[name]["S"].as_str().expect("a key").to_owned();
            Touch { action: action.to_owned(), index: false, pk: name("pk"), sk: Some(name("sk")) }
        };
        let request = &self.request;
        match self.operation.as_str() {
            "SendEmail" => Vec::new(),
            "BatchGetItem" => {
                let tables = request["RequestItems"].as_object().expect("tables").values();
                let keys = tables.flat_map(|table| table["Keys"].as_array().expect("keys"));
                keys.map(|key| touch("BatchGetItem", key)).collect()
            }
            "Query" => {
                let pk = &request["ExpressionAttributeValues"][":pk"]["S"];
                let (action, index) = ("Query".to_owned(), request["IndexName"].is_string());
                let pk = pk.as_str().expect("a partition").to_owned();
                vec![Touch { action, index, pk, sk: None }]
            }
            "TransactWriteItems" => {
                let actions = request["TransactItems"].as_array().expect("actions").iter();
                let actions = actions.flat_map(|action| action.as_object().expect("one"));
                actions.map(|(name, write)| touch(&format!("{name}Item"), key_in(write))).collect()
            }
            operation => vec![touch(operation, key_in(request))],
        }
    }
}

/// The key of a write, which stands in the item where one is put.
pub(crate) fn key_in(write: &Value) -> &Value {
    if write["Key"].is_null() { &write["Item"] } else { &write["Key"] }
}

/// Where each call waits before it is made, so that somebody else says in which order calls are made.
pub type Gate = Arc<dyn Fn(&Trip) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

type Faults = Box<dyn FnMut(&Trip) -> Option<Fault> + Send>;

/// The calls that were made since the last time that they were asked for.
#[derive(Debug, Default)]
struct Log {
    trips: Vec<Trip>,
    /// How many were asked for before.
    taken: usize,
    /// The deepest of those that have their answers.
    deepest: usize,
    /// Whether it is noted what each takes.
    measures: bool,
}

impl Log {
    /// Notes a call that is about to be made; returns its number.
    fn begin(&mut self, trip: Trip) -> usize {
        self.trips.push(Trip { depth: self.deepest + 1, ..trip });
        self.taken + self.trips.len() - 1
    }

    /// Notes that a call has its answer, and what it took.
    fn end(&mut self, number: usize, units: f64) {
        // It may have been asked for meanwhile.
        let Some(place) = number.checked_sub(self.taken) else { return };
        let Some(trip) = self.trips.get_mut(place) else { return };
        trip.units = units;
        self.deepest = self.deepest.max(trip.depth);
    }
}

/// Writes down each call before the real connector makes it.
#[derive(Clone)]
pub(crate) struct Counting {
    inner: SharedHttpClient,
    log: Arc<Mutex<Log>>,
    faults: Arc<Mutex<Option<Faults>>>,
    gate: Arc<Mutex<Option<Gate>>>,
    /// The function whose calls these are, where that is always the same one.
    function: Option<&'static str>,
}

impl fmt::Debug for Counting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counting").field("log", &self.log).finish_non_exhaustive()
    }
}

impl Counting {
    pub(crate) fn new() -> Self {
        let inner = aws_smithy_http_client::Builder::new().build_http();
        Self {
            inner,
            log: Arc::default(),
            faults: Arc::default(),
            gate: Arc::default(),
            function: None,
        }
    }

    /// The same faults for the calls of another client, which are written down apart.
    pub(crate) fn around(&self, inner: SharedHttpClient) -> Self {
        Self { inner, log: Arc::default(), ..self.clone() }
    }

    /// Another one for the same faults, which writes down apart and has a gate of its own.
    pub(crate) fn apart(&self) -> Self {
        Self { log: Arc::default(), gate: Arc::default(), ..self.clone() }
    }

    /// The same for the calls of one function alone.
    pub(crate) fn of(&self, function: &'static str) -> Self {
        Self { function: Some(function), ..self.clone() }
    }

    /// The calls since the last time, in their order.
    pub(crate) fn take(&self) -> Vec<Trip> {
        let mut log = self.log();
        log.deepest = 0;
        log.taken += log.trips.len();
        std::mem::take(&mut log.trips)
    }

    /// From now on, what each call takes is asked for and noted.
    pub(crate) fn measure(&self) {
        self.log().measures = true;
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What goes wrong from now on, by call.
    pub(crate) fn set_faults(&self, faults: Option<Faults>) {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// Where each call waits from now on.
    pub(crate) fn set_gate(&self, gate: Option<Gate>) {
        *self.gate.lock().unwrap_or_else(PoisonError::into_inner) = gate;
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
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        // Only DynamoDB names its operations; of SES just one is called.
        let operation = match target.rsplit('.').next() {
            Some(operation) if !operation.is_empty() => operation.to_owned(),
            _ => "SendEmail".to_owned(),
        };
        let body = request.body().bytes().and_then(|bytes| serde_json::from_slice(bytes).ok());
        let mut body: Value = body.unwrap_or_default();
        if operation != "SendEmail" && weaken(&operation, &mut body) {
            set_body(&mut request, &body);
        }
        let measured = self.counting.log().measures.then(|| Arc::clone(&self.counting.log));
        if measured.is_some() {
            let mut asked = body.clone();
            asked["ReturnConsumedCapacity"] = "TOTAL".into();
            set_body(&mut request, &asked);
        }
        let trip = Trip { operation: operation.clone(), request: body, depth: 1, units: 0.0 };
        policy::hold(self.counting.function, &trip);
        let fault = self.counting.fault(&trip);
        let gate = self.counting.gate.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let turn = gate.map(|gate| gate(&trip));
        let number = self.counting.log().begin(trip);
        let inner = self.inner.clone();
        let call = move || {
            misread(match fault {
                None => inner.call(request),
                Some(fault) => fault.befall(&inner, (&operation, request)),
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
                log.lock().unwrap_or_else(PoisonError::into_inner).end(number, units);
                Ok(answer)
            }),
        }
    }
}

/// An answer, and the request units that it tells of.
async fn with_units(answer: HttpResponse) -> Result<(HttpResponse, f64), ConnectorError> {
    let (answer, bytes) = whole(answer).await?;
    let told: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    // There is one table; of a batch or a transaction it is the first of the tables.
    let capacity = &told["ConsumedCapacity"];
    let capacity = capacity.get(0).unwrap_or(capacity);
    Ok((answer, capacity["CapacityUnits"].as_f64().unwrap_or_default()))
}
