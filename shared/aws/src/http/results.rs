//! The response to a batch: the result of each item, in order.

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;

use super::{Failure, Reply, Request, reply::refused};
use crate::app::App;

/// The response to a batch. The body of a successful item is under `name`, that of a failed one under `problem`. The items
/// are in the request at `pointer`.
///
/// # Errors
/// `internal` if an item cannot be serialized.
pub fn results(
    app: &App,
    request: &Request,
    (name, pointer): (&'static str, &str),
    items: Vec<Result<Reply, Failure>>,
) -> Result<Reply, Failure> {
    let mut results = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        results.push(match item {
            Ok(reply) => {
                let status = reply.status().as_u16();
                ItemView { index, status, name, value: reply.into_body()? }
            }
            Err(failure) => {
                let (status, _, problem) =
                    refused(app, request, failure.below(&format!("{pointer}/{index}")));
                let value = serde_json::from_slice(&problem).map_err(Failure::internal)?;
                ItemView { index, status: status.as_u16(), name: "problem", value }
            }
        });
    }
    Ok(Reply::ok(&Results { results }))
}

#[derive(Serialize)]
struct Results {
    results: Vec<ItemView>,
}

struct ItemView {
    index: usize,
    status: u16,
    name: &'static str,
    value: Box<RawValue>,
}

impl Serialize for ItemView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("index", &self.index)?;
        map.serialize_entry("status", &self.status)?;
        map.serialize_entry(self.name, &self.value)?;
        map.end()
    }
}
