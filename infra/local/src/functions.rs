//! Calls functions as Lambda's `Invoke` API does, and starts their instances.

use crate::children::Guarded;
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;
use std::time::Duration;

/// How many instances of a function may run at once, at most.
const MOST_INSTANCES: usize = 8;

/// How many instances of a function may run at once: two for each processor. A response takes a third more processor time
/// with four for each, which evict each other from the caches.
pub fn concurrency() -> usize {
    available_parallelism().map_or(1, NonZero::get).saturating_mul(2).min(MOST_INSTANCES)
}

/// Calls functions by name.
#[derive(Clone)]
pub struct Functions {
    http: reqwest::Client,
    base: String,
    instances: Option<Arc<Instances>>,
}

/// Starts an instance of a function.
type Launch = Box<dyn Fn(&str) -> std::io::Result<Guarded> + Send + Sync>;

/// The instances that this program starts: one for each concurrent call, as Lambda does.
pub struct Instances {
    launch: Launch,
    most: usize,
    loads: Mutex<BTreeMap<String, Load>>,
}

#[derive(Default)]
struct Load {
    calls: usize,
    instances: Vec<Guarded>,
}

impl Functions {
    /// The functions behind the server at `base`. Without `instances`, the server starts them itself.
    pub fn new(http: reqwest::Client, base: String, instances: Option<Instances>) -> Self {
        Self { http, base, instances: instances.map(Arc::new) }
    }

    /// Calls a function and returns its result.
    ///
    /// # Errors
    /// When the function cannot be reached or fails; [`tokio::time::error::Elapsed`] when it takes longer than `limit`.
    pub async fn call(&self, name: &str, event: &Value, limit: Duration) -> Result<Value> {
        let address = format!("{}/2015-03-31/functions/{name}/invocations", self.base);
        let call = async {
            let response = self.http.post(address).json(event).send().await?;
            Ok::<_, reqwest::Error>((response.status(), response.bytes().await?))
        };
        let _call = self.instances.as_deref().map(|instances| instances.begin(name));
        let call = tokio::time::timeout(limit, call).await;
        let call = call.context("the function did not answer in time")?;
        let (status, body) = call.context("the function cannot be reached")?;
        ensure!(
            status.is_success(),
            "the function failed with status {status}: {}",
            String::from_utf8_lossy(&body)
        );
        // Lambda itself accepts only JSON as a result.
        Ok(serde_json::from_slice(&body).unwrap_or_default())
    }
}

impl Instances {
    pub fn new(launch: Launch) -> Self {
        Self { launch, most: concurrency(), loads: Mutex::default() }
    }

    /// Counts a call until the result is dropped, and starts an instance if all others are busy.
    fn begin<'i>(&'i self, function: &'i str) -> Call<'i> {
        let mut loads = self.loads.lock().unwrap_or_else(PoisonError::into_inner);
        let load = loads.entry(function.to_owned()).or_default();
        load.calls += 1;
        load.instances.retain(Guarded::is_running);
        if load.instances.len() < load.calls.min(self.most) {
            match (self.launch)(function) {
                Ok(instance) => load.instances.push(instance),
                Err(error) => eprintln!("{function} cannot be started: {error}"),
            }
        }
        Call { instances: self, function }
    }
}

/// A call in progress.
struct Call<'i> {
    instances: &'i Instances,
    function: &'i str,
}

impl Drop for Call<'_> {
    fn drop(&mut self) {
        let mut loads = self.instances.loads.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(load) = loads.get_mut(self.function) {
            load.calls -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::process::Command;

    /// Instances of a function that runs for `seconds`, and the count of those that were started.
    fn instances(seconds: &'static str) -> (Instances, Arc<AtomicUsize>) {
        let started = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&started);
        let launch = Box::new(move |_: &str| {
            count.fetch_add(1, Ordering::Relaxed);
            Command::new("sleep").arg(seconds).kill_on_drop(true).spawn().map(Guarded::new)
        });
        (Instances::new(launch), started)
    }

    #[tokio::test]
    async fn a_function_has_an_instance_for_each_call_at_the_same_time() {
        let (instances, started) = instances("60");
        drop(instances.begin("invite"));
        drop(instances.begin("invite"));
        assert_eq!(started.load(Ordering::Relaxed), 1, "one after the other");
        let calls =
            [instances.begin("invite"), instances.begin("invite"), instances.begin("check")];
        assert_eq!(started.load(Ordering::Relaxed), 3, "two at once, and another function");
        drop(calls);
        let _calls: Vec<_> = (0..20).map(|_| instances.begin("invite")).collect();
        assert_eq!(started.load(Ordering::Relaxed), concurrency() + 1, "at most");
    }

    #[tokio::test]
    async fn an_instance_that_ended_is_replaced() {
        let (instances, started) = instances("0");
        drop(instances.begin("invite"));
        let is_running = || instances.loads.lock().unwrap()["invite"].instances[0].is_running();
        while is_running() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        drop(instances.begin("invite"));
        assert_eq!(started.load(Ordering::Relaxed), 2);
    }
}
