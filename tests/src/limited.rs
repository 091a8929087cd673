//! A connector under the SDK with the limits of DynamoDB: read units per second of the table and of each partition.
//!
//! It calls the emulator's database without a socket, and waits by tokio's clock. A test can therefore pause the clock and
//! measure waiting times that do not depend on the machine.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
    },
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::body::SdkBody;
use dynoxide::Database;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::{Trip, faults::refused, lock};

/// How long DynamoDB takes for a call that reads little.
const CALL: Duration = Duration::from_millis(5);

/// How much longer it takes for each read unit: 50 milliseconds for a megabyte.
const UNIT: Duration = Duration::from_micros(200);

/// Read units per second.
#[derive(Clone, Copy, Debug)]
pub struct ReadLimits {
    /// Of the table, which the parameter `MaxReadUnits` sets.
    pub table: f64,
    /// Of each partition, which DynamoDB sets.
    pub partition: f64,
}

/// The units that can be read now: a second's worth at most. Negative after a read that took more than there was.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    units: f64,
    at: Instant,
}

impl Bucket {
    fn full(limit: f64) -> Self {
        Self { units: limit, at: Instant::now() }
    }

    fn is_empty(&mut self, limit: f64) -> bool {
        let now = Instant::now();
        self.units = (self.units + (now - self.at).as_secs_f64() * limit).min(limit);
        self.at = now;
        self.units <= 0.0
    }
}

#[derive(Debug)]
struct Buckets {
    limits: ReadLimits,
    table: Bucket,
    partitions: HashMap<String, Bucket>,
}

impl Buckets {
    /// Takes the units that `read` takes, and returns its answer; `None` if the call is throttled.
    fn take(
        &mut self,
        partition: &str,
        read: impl FnOnce() -> (Value, f64),
    ) -> Option<(Value, f64)> {
        let ReadLimits { table, partition: limit } = self.limits;
        let of_partition = self.partitions.entry(partition.to_owned());
        let of_partition = of_partition.or_insert_with(|| Bucket::full(limit));
        if self.table.is_empty(table) || of_partition.is_empty(limit) {
            return None;
        }
        let (answer, units) = read();
        self.table.units -= units;
        of_partition.units -= units;
        Some((answer, units))
    }
}

/// A client of `database` with `limits`.
pub(crate) fn client(database: Database, limits: ReadLimits) -> SharedHttpClient {
    let table = Bucket::full(limits.table);
    let buckets = Arc::new(Mutex::new(Buckets { limits, table, partitions: HashMap::new() }));
    http_client_fn(move |_, _| {
        let (database, buckets) = (database.clone(), Arc::clone(&buckets));
        SharedHttpConnector::new(Limited { database, buckets })
    })
}

struct Limited {
    database: Database,
    buckets: Arc<Mutex<Buckets>>,
}

impl fmt::Debug for Limited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limited").field("buckets", &self.buckets).finish_non_exhaustive()
    }
}

impl HttpConnector for Limited {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let trip = Trip::of(&request);
        // All keys of a batch are in one partition, except those of several clients, which this does not simulate.
        let partition = trip.accesses().swap_remove(0).pk;
        let taken = lock(&self.buckets).take(&partition, || read(&self.database, &trip));
        let Some((answer, units)) = taken else {
            return refused(400, "ProvisionedThroughputExceededException", &json!({}));
        };
        HttpConnectorFuture::new(async move {
            sleep(CALL + UNIT.mul_f64(units)).await;
            let status = 200.try_into().expect("a status");
            Ok(HttpResponse::new(status, SdkBody::from(answer.to_string())))
        })
    }
}

/// The answer to a call that reads, and the units that it takes.
fn read(database: &Database, trip: &Trip) -> (Value, f64) {
    let mut request = trip.request.clone();
    request["ReturnConsumedCapacity"] = "TOTAL".into();
    let answer = match trip.operation.as_str() {
        "BatchGetItem" => {
            let request = serde_json::from_value(request).expect("a batch");
            serde_json::to_value(database.batch_get_item(request).expect("items"))
        }
        "Query" => {
            let request = serde_json::from_value(request).expect("a query");
            serde_json::to_value(database.query(request).expect("items"))
        }
        operation => panic!("{operation} is not simulated"),
    };
    let answer = answer.expect("an answer of JSON");
    let units = consumed(&answer);
    (answer, units)
}

/// The request units that an answer reports.
pub(crate) fn consumed(answer: &Value) -> f64 {
    // A batch or a transaction reports a list of tables; there is one table.
    let capacity = &answer["ConsumedCapacity"];
    let capacity = capacity.get(0).unwrap_or(capacity);
    capacity["CapacityUnits"].as_f64().unwrap_or_default()
}
