//! `PutEvents` of EventBridge, with a bus that shows what was put on it.

use crate::response::from_json;
use crate::values::{now, random_id};
use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// The path of the local EventBridge, for `AWS_ENDPOINT_URL_EVENTBRIDGE`.
pub const PATH: &str = "/_local/eventbridge";

/// How many events the bus keeps; it drops the oldest.
const KEPT: usize = 1_000;

/// The most entries of one call.
const MOST_ENTRIES: usize = 10;

/// The most bytes of the entries of one call.
const MOST_BYTES: usize = 256 * 1024;

/// An event, as the targets of a rule receive it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Event {
    id: String,
    source: String,
    detail_type: String,
    /// RFC 3339, in UTC.
    time: String,
    detail: Value,
}

/// The events that were put on the stack's bus.
#[derive(Default)]
pub struct Bus {
    events: Mutex<VecDeque<Event>>,
}

impl Bus {
    /// The events of a type, or all; the newest is the last.
    pub fn events(&self, detail_type: Option<&str>) -> Vec<Event> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = |event: &&Event| detail_type.is_none_or(|wanted| event.detail_type == wanted);
        events.iter().filter(wanted).cloned().collect()
    }

    /// Puts an entry on the bus, and returns its result.
    fn put(&self, entry: &Value) -> Value {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        let (Some(source), Some(detail_type), Some(detail)) =
            (text("Source"), text("DetailType"), text("Detail"))
        else {
            let message = "Source, DetailType and Detail are required";
            return json!({"ErrorCode": "InvalidArgument", "ErrorMessage": message});
        };
        let Some(detail) = serde_json::from_str(detail).ok().filter(Value::is_object) else {
            return json!({"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."});
        };
        let id = random_id();
        let event = Event {
            id: id.clone(),
            source: source.to_owned(),
            detail_type: detail_type.to_owned(),
            time: format!("{:.3}", now()),
            detail,
        };
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        if events.len() >= KEPT {
            events.pop_front();
        }
        events.push_back(event);
        json!({"EventId": id})
    }
}

/// The routes of the bus: `PutEvents`, and reading.
pub fn router(bus: Arc<Bus>) -> Router {
    Router::new()
        .route(PATH, post(put_events))
        .route(&format!("{PATH}/"), post(put_events))
        .route("/_local/events", get(events))
        .with_state(bus)
}

async fn put_events(
    State(bus): State<Arc<Bus>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let refused = |code: &str, message: &str| {
        from_json(StatusCode::BAD_REQUEST, &json!({"__type": code, "message": message}))
    };
    let target = headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    if target != Some("AWSEvents.PutEvents") {
        return refused("UnknownOperationException", "only PutEvents is supported");
    }
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let Some(entries) = request.get("Entries").and_then(Value::as_array) else {
        return refused("ValidationException", "Entries are required");
    };
    let size = |entry: &Value| -> usize {
        let names = ["Source", "DetailType", "Detail"];
        names.iter().filter_map(|name| entry.get(name)?.as_str()).map(str::len).sum()
    };
    if !(1..=MOST_ENTRIES).contains(&entries.len()) {
        return refused("ValidationException", "a call has 1 to 10 entries");
    }
    if entries.iter().map(size).sum::<usize>() > MOST_BYTES {
        return refused("ValidationException", "the entries are larger than 256 KB");
    }
    let results: Vec<Value> = entries.iter().map(|entry| bus.put(entry)).collect();
    let failed = results.iter().filter(|result| result.get("ErrorCode").is_some()).count();
    from_json(StatusCode::OK, &json!({"FailedEntryCount": failed, "Entries": results}))
}

#[derive(Deserialize)]
struct EventQuery {
    r#type: Option<String>,
}

async fn events(State(bus): State<Arc<Bus>>, Query(query): Query<EventQuery>) -> Json<Value> {
    Json(json!({ "events": bus.events(query.r#type.as_deref()) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(detail_type: &str, detail: &str) -> Value {
        json!({"Source": "coulisses", "DetailType": detail_type, "Detail": detail})
    }

    #[test]
    fn events_are_found_by_their_type_and_the_oldest_are_dropped() {
        let bus = Bus::default();
        assert!(bus.put(&entry("collaborator.invited", "{}")).get("EventId").is_some());
        bus.put(&entry("collaborator.left", "{}"));
        assert_eq!(bus.events(Some("collaborator.invited")).len(), 1);
        for _ in 0..KEPT {
            bus.put(&entry("collaborator.left", "{}"));
        }
        assert_eq!(bus.events(None).len(), KEPT);
        assert!(bus.events(Some("collaborator.invited")).is_empty());
    }

    #[test]
    fn an_entry_without_a_detail_of_json_fails_alone() {
        let bus = Bus::default();
        assert_eq!(bus.put(&entry("x", "text"))["ErrorCode"], "MalformedDetail");
        assert_eq!(bus.put(&json!({"Source": "coulisses"}))["ErrorCode"], "InvalidArgument");
        assert!(bus.events(None).is_empty());
    }
}
