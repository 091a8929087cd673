//! A fake EventBridge behind the SDK client, and the position of its publisher in the table's stream.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
            http_client_fn,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

use crate::lock;

/// The name of the bus.
pub(crate) const BUS: &str = "coulisses";

/// The source of the events.
pub(crate) const SOURCE: &str = "arn:aws:events:eu-west-3:123456789012:event-bus/coulisses";

/// An event that the bus accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct PublishedEvent {
    /// `Source`.
    pub source: String,
    /// `DetailType`.
    pub detail_type: String,
    /// `Detail`, as text.
    pub detail: String,
    /// The whole entry of the call.
    pub entry: Value,
}

impl PublishedEvent {
    /// The event itself.
    pub fn event(&self) -> Value {
        serde_json::from_str(&self.detail).expect("an event of JSON")
    }
}

/// A bus that collects the events.
#[derive(Clone, Debug, Default)]
pub struct EventBus {
    state: Arc<Mutex<State>>,
}

#[derive(Clone, Debug, Default)]
struct State {
    events: Vec<PublishedEvent>,
    /// The sizes of the calls, in entries.
    calls: Vec<usize>,
    /// The records of the stream that `publish` is done with.
    done: BTreeSet<(String, String)>,
    /// Refuses an entry with a code, for each entry of each call.
    refusal: Option<fn(usize, &Value) -> Option<&'static str>>,
    down: bool,
}

impl EventBus {
    /// An independent copy.
    pub(crate) fn copy(&self) -> Self {
        Self { state: Arc::new(Mutex::new(lock(&self.state).clone())) }
    }

    /// Replaces the events by those of another bus.
    pub(crate) fn restore(&self, other: &Self) {
        let other = lock(&other.state).clone();
        *lock(&self.state) = other;
    }

    /// The events, in the order of their arrival.
    pub fn events(&self) -> Vec<PublishedEvent> {
        lock(&self.state).events.clone()
    }

    /// The number of entries of each call since the last time.
    pub fn calls(&self) -> Vec<usize> {
        std::mem::take(&mut lock(&self.state).calls)
    }

    /// Refuses the entries for which `refusal` returns a code, by the number of the entry among all so far.
    pub fn refuse(&self, refusal: Option<fn(usize, &Value) -> Option<&'static str>>) {
        lock(&self.state).refusal = refusal;
    }

    /// Makes the bus unreachable, or reachable again.
    pub fn set_down(&self, down: bool) {
        lock(&self.state).down = down;
    }

    pub(crate) fn is_done(&self, key: &(String, String)) -> bool {
        lock(&self.state).done.contains(key)
    }

    pub(crate) fn set_done(&self, keys: impl IntoIterator<Item = (String, String)>) {
        lock(&self.state).done.extend(keys);
    }

    pub(crate) fn http_client(&self) -> SharedHttpClient {
        let bus = self.clone();
        http_client_fn(move |_, _| SharedHttpConnector::new(bus.clone()))
    }

    fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let body = request.body().bytes().expect("a body");
        let body: Value = serde_json::from_slice(body).expect("a body of JSON");
        let entries = body["Entries"].as_array().expect("entries");
        assert!((1..=10).contains(&entries.len()), "{} entries", entries.len());
        let mut state = lock(&self.state);
        let before = state.calls.iter().sum::<usize>();
        state.calls.push(entries.len());
        let mut results = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let refused = state.refusal.and_then(|refusal| refusal(before + index, entry));
            results.push(if let Some(code) = refused {
                // EventBridge can quote the event.
                json!({ "ErrorCode": code, "ErrorMessage": entry["Detail"] })
            } else {
                state.events.push(read(entry));
                json!({ "EventId": format!("{index}") })
            });
        }
        let failed = results.iter().filter(|result| result["ErrorCode"].is_string()).count();
        let answer = json!({ "FailedEntryCount": failed, "Entries": results });
        let status = StatusCode::try_from(200).expect("a status");
        HttpResponse::new(status, SdkBody::from(answer.to_string()))
    }
}

impl HttpConnector for EventBus {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let down = lock(&self.state).down;
        HttpConnectorFuture::ready(if down {
            Err(ConnectorError::io("EventBridge is down".into()))
        } else {
            Ok(self.answer(&request))
        })
    }
}

fn read(entry: &Value) -> PublishedEvent {
    let text = |name: &str| entry[name].as_str().expect("a field").to_owned();
    assert_eq!(text("EventBusName"), BUS);
    PublishedEvent {
        source: text("Source"),
        detail_type: text("DetailType"),
        detail: text("Detail"),
        entry: entry.clone(),
    }
}
