//! Sends each request of a plan once, some at a time, and prints the measurements as JSON.
//!
//! `load-generator FILE`, where the file has `{"base", "concurrency", "status", "contains", "requests": [{"method", "path",
//! "headers", "body"}]}`. A response is right if it has the status and its body contains the text; status 0 is any success.
//!
//! Compiled and on one thread, so that it takes as little as possible from the servers that it measures on the same cores.

use std::{
    collections::BTreeMap,
    env, fs, io,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use reqwest::{Client, Method, Request, Response, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

/// How long a response may take.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// The most characters of a wrong response that are printed.
const EXAMPLE: usize = 300;

#[derive(Deserialize)]
struct Plan {
    base: String,
    concurrency: usize,
    status: u16,
    contains: String,
    requests: Vec<Planned>,
}

#[derive(Deserialize)]
struct Planned {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: Option<String>,
}

/// Times in seconds and milliseconds, as named; `bytes` is the mean size of a body.
#[derive(Serialize)]
struct Measurements {
    seconds: f64,
    p50: f64,
    p99: f64,
    bytes: f64,
    errors: usize,
    example: Option<String>,
}

/// What one connection received.
#[derive(Default)]
struct Received {
    times: Vec<Duration>,
    bytes: usize,
    errors: usize,
    example: Option<String>,
}

impl Plan {
    fn is_met(&self, status: StatusCode, body: &[u8]) -> bool {
        let status_is_right =
            if self.status == 0 { status.is_success() } else { status.as_u16() == self.status };
        status_is_right && str::from_utf8(body).is_ok_and(|body| body.contains(&self.contains))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let file = env::args().nth(1).context("usage: load-generator FILE")?;
    let plan: Plan = serde_json::from_slice(&fs::read(file)?)?;
    let shares = shares(&plan)?;
    let plan = Arc::new(plan);

    let started = Instant::now();
    let mut connections = JoinSet::new();
    for (client, requests) in shares {
        connections.spawn(send(client, requests, Arc::clone(&plan)));
    }
    let received = connections.join_all().await;
    let measured = measurements(received, started.elapsed());
    Ok(serde_json::to_writer(io::stdout(), &measured)?)
}

/// A client for each connection, with the requests that it sends one after the other.
fn shares(plan: &Plan) -> Result<Vec<(Client, Vec<Request>)>> {
    ensure!(plan.concurrency > 0, "the concurrency must not be 0");
    let share = |first: usize| {
        let client = Client::builder().no_proxy().timeout(TIME_LIMIT).build()?;
        let planned = plan.requests.iter().skip(first).step_by(plan.concurrency);
        let requests = planned.map(|it| it.build(&client, &plan.base)).collect::<Result<_>>()?;
        Ok((client, requests))
    };
    (0..plan.concurrency).map(share).collect()
}

impl Planned {
    fn build(&self, client: &Client, base: &str) -> Result<Request> {
        let method = Method::from_bytes(self.method.as_bytes())?;
        let mut request = client.request(method, format!("{base}{}", self.path));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = &self.body {
            request = request.body(body.clone());
        }
        Ok(request.build()?)
    }
}

async fn send(client: Client, requests: Vec<Request>, plan: Arc<Plan>) -> Received {
    let mut received = Received::default();
    for request in requests {
        let started = Instant::now();
        let wrong = match client.execute(request).await {
            Ok(response) => received.take(response, started, &plan).await,
            Err(error) => Some(error.to_string()),
        };
        if let Some(wrong) = wrong {
            received.errors += 1;
            received.example.get_or_insert(wrong);
        }
    }
    received
}

impl Received {
    /// Reads a response, and returns what is wrong with it.
    async fn take(&mut self, response: Response, started: Instant, plan: &Plan) -> Option<String> {
        let status = response.status();
        let body = match response.bytes().await {
            Ok(body) => body,
            Err(error) => return Some(error.to_string()),
        };
        self.times.push(started.elapsed());
        self.bytes += body.len();
        let start = || String::from_utf8_lossy(&body).chars().take(EXAMPLE).collect::<String>();
        (!plan.is_met(status, &body)).then(|| format!("{} {}", status.as_u16(), start()))
    }
}

fn measurements(received: Vec<Received>, elapsed: Duration) -> Measurements {
    let mut times: Vec<Duration> =
        received.iter().flat_map(|it| it.times.iter().copied()).collect();
    times.sort_unstable();
    let percentile = |hundredths: usize| {
        let time = times.get(times.len() * hundredths / 100).copied().unwrap_or_default();
        time.as_secs_f64() * 1_000.0
    };
    let bytes: usize = received.iter().map(|it| it.bytes).sum();
    #[expect(clippy::cast_precision_loss, reason = "a mean for a table")]
    let mean = bytes as f64 / times.len().max(1) as f64;
    Measurements {
        seconds: elapsed.as_secs_f64(),
        p50: percentile(50),
        p99: percentile(99),
        bytes: mean,
        errors: received.iter().map(|it| it.errors).sum(),
        example: received.into_iter().find_map(|it| it.example),
    }
}
