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
    at: (&'static str, &str),
    done: batch::Results<Reply, Failure>,
) -> Result<Reply, Failure> {
    respond(app, request, at, (done, None))
}

/// Names the people of a page, which the request does not name, and where the next one begins.
#[derive(Debug)]
pub struct Page {
    /// The address of each item, in order.
    pub emails: Vec<String>,
    /// Where the next page begins, if there is one.
    pub next_cursor: Option<String>,
}

/// The response to one page of a batch.
///
/// # Errors
/// `internal` if an item cannot be serialized.
pub fn page_of_results(
    app: &App,
    request: &Request,
    at: (&'static str, &str),
    (done, page): (batch::Results<Reply, Failure>, Page),
) -> Result<Reply, Failure> {
    respond(app, request, at, (done, Some(page)))
}

fn respond(
    app: &App,
    request: &Request,
    (name, pointer): (&'static str, &str),
    (done, page): (batch::Results<Reply, Failure>, Option<Page>),
) -> Result<Reply, Failure> {
    let (emails, page) = match page {
        Some(Page { emails, next_cursor }) => (emails, Some(PageEnd { next_cursor })),
        None => (Vec::new(), None),
    };
    let mut emails = emails.into_iter();
    let mut results = Vec::with_capacity(done.items.len());
    for (index, item) in done.items.into_iter().enumerate() {
        let email = emails.next();
        results.push(match item {
            Ok(reply) => {
                let (status, outcome) = (reply.status().as_u16(), reply.outcome().map(Into::into));
                ItemView { index, email, status, outcome, name, value: reply.into_body()? }
            }
            Err(failure) => {
                let (status, _, problem) =
                    refused(app, request, failure.below(&format!("{pointer}/{index}")));
                let value = serde_json::from_slice(&problem).map_err(Failure::internal)?;
                let status = status.as_u16();
                ItemView { index, email, status, outcome: None, name: "problem", value }
            }
        });
    }
    let reply = Reply::ok(&Results { results, page });
    Ok(match &done.dry_run {
        Some(effects) => reply.into_preview(effects),
        None => reply,
    })
}

#[derive(Serialize)]
struct Results {
    results: Vec<ItemView>,
    #[serde(flatten)]
    page: Option<PageEnd>,
}

/// Where the next page begins; `null` after the last one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageEnd {
    next_cursor: Option<String>,
}

struct ItemView {
    index: usize,
    email: Option<String>,
    status: u16,
    outcome: Option<String>,
    name: &'static str,
    value: Box<RawValue>,
}

impl Serialize for ItemView {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("index", &self.index)?;
        if let Some(email) = &self.email {
            map.serialize_entry("email", email)?;
        }
        map.serialize_entry("status", &self.status)?;
        if let Some(outcome) = &self.outcome {
            map.serialize_entry("outcome", outcome)?;
        }
        map.serialize_entry(self.name, &self.value)?;
        map.end()
    }
}
