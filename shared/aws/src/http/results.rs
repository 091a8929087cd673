//! The response to a batch: the result of each item, in order.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;

use super::{Failure, Reply, Request, reply::refused};
use crate::{app::App, batch, idempotency::Storable};

/// The response to a batch. The body of a successful item is under `name`, that of a failed one under `problem`. The items
/// are in the request at `pointer`.
///
/// # Errors
/// `internal` if an item cannot be serialized.
pub fn results(
    app: &App,
    request: &Request,
    (name, pointer): (&'static str, &str),
    done: batch::Results<Reply, Failure>,
) -> Result<Reply, Failure> {
    let mut results = Vec::with_capacity(done.items.len());
    for (index, item) in done.items.into_iter().enumerate() {
        results.push(match item {
            Ok(reply) => {
                let (status, outcome) = (reply.status().as_u16(), reply.outcome().map(Into::into));
                ItemView { index, status, outcome, name, value: reply.into_body()? }
            }
            Err(failure) => {
                let (status, _, problem) =
                    refused(app, request, failure.below(&format!("{pointer}/{index}")));
                let value = serde_json::from_slice(&problem).map_err(Failure::internal)?;
                let status = status.as_u16();
                ItemView { index, status, outcome: None, name: "problem", value }
            }
        });
    }
    let reply = Reply::ok(&Results { results });
    Ok(match &done.dry_run {
        Some(effects) => reply.into_preview(effects),
        None => reply,
    })
}

#[derive(Serialize)]
struct Results {
    results: Vec<ItemView>,
}

struct ItemView {
    index: usize,
    status: u16,
    outcome: Option<String>,
    name: &'static str,
    value: Box<RawValue>,
}

impl Serialize for ItemView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("index", &self.index)?;
        map.serialize_entry("status", &self.status)?;
        if let Some(outcome) = &self.outcome {
            map.serialize_entry("outcome", outcome)?;
        }
        map.serialize_entry(self.name, &self.value)?;
        map.end()
    }
}
