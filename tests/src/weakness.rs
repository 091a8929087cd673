//! Removes one condition from the calls to the table, so that a test must fail.
//!
//! `tests/conditions.md` lists the conditions. `COULISSES_WEAKENED` names the ones to remove. They are removed on the wire,
//! so the product needs no switch.

use std::{collections::BTreeSet, sync::LazyLock};

use aws_smithy_runtime_api::client::{
    http::HttpConnectorFuture, orchestrator::HttpResponse, result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

use crate::{faults::whole, recorder::key_in};

/// The conditions that this run removes, if any.
static WEAKENED: LazyLock<Vec<String>> = LazyLock::new(|| {
    #[expect(clippy::disallowed_methods, reason = "the variable configures a run of the tests")]
    let named = std::env::var("COULISSES_WEAKENED").unwrap_or_default();
    named.split(" + ").filter(|name| !name.is_empty()).map(str::to_owned).collect()
});

/// The rows of the list: the condition, and the test that fails without it.
pub fn conditions() -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = include_str!("../conditions.md").lines().filter_map(|row| row.strip_prefix("| `"));
    rows.map(|row| row.strip_suffix(" |").and_then(|row| row.split_once("` | ")).expect("a row"))
}

/// All that the list names.
static LISTED: LazyLock<BTreeSet<&'static str>> =
    LazyLock::new(|| conditions().flat_map(|(removed, _)| removed.split(" + ")).collect());

const CONDITION: &str = "\"ConditionalCheckFailed\"";
const CONFLICT: &str = "\"TransactionConflict\"";
const INVALID: &str = "ValidationException";
const MISMATCH: &str = "IdempotentParameterMismatchException";

/// Responses of DynamoDB with distinct meanings: the name of each, its text, and the text that replaces it.
const ANSWERS: [(&str, &str, &str); 10] = [
    ("canceled: a failed condition", CONDITION, "\"ValidationError\""),
    ("canceled: a failed condition is no conflict", CONDITION, CONFLICT),
    ("canceled: a conflict", CONFLICT, "\"ValidationError\""),
    ("canceled: a conflict is no failed condition", CONFLICT, CONDITION),
    ("refused: a failed condition", "ConditionalCheckFailedException", INVALID),
    ("refused: throttling", "ThrottlingException", INVALID),
    ("refused: a transaction in progress", "TransactionInProgressException", INVALID),
    ("refused: a failure of the service", "InternalServerError", INVALID),
    ("refused: a token that was used for something else", MISMATCH, "ThrottlingException"),
    ("keys left out of a batch", "\"UnprocessedKeys\"", "\"Forgotten\""),
];

/// Removes the named conditions from a request to DynamoDB; returns whether this run removes any.
///
/// # Panics
/// If the request relies on a condition that the list does not name, so that the list stays complete.
pub(crate) fn weaken(operation: &str, body: &mut Value) -> bool {
    match operation {
        "TransactWriteItems" => {
            let actions = body["TransactItems"].as_array_mut().expect("actions").iter_mut();
            for (action, write) in actions.flat_map(|action| action.as_object_mut().expect("one")) {
                weaken_write(action, write);
            }
        }
        "UpdateItem" | "DeleteItem" | "PutItem" => weaken_write(operation, body),
        "BatchGetItem" => {
            for (_, keys) in body["RequestItems"].as_object_mut().expect("tables") {
                weaken_read("items", keys);
            }
        }
        // An index cannot be read consistently.
        "Query" if body["IndexName"].is_null() => {
            let partition = body["ExpressionAttributeValues"][":pk"]["S"].as_str();
            weaken_read(&format!("the {}", kind(partition.expect("a partition"), None)), body);
        }
        _ => {}
    }
    !WEAKENED.is_empty()
}

/// Replaces the text of an answer if this run removes its meaning.
pub(crate) fn misread(answer: HttpConnectorFuture) -> HttpConnectorFuture {
    let removed = ANSWERS.iter().find(|(name, _, _)| WEAKENED.iter().any(|other| other == name));
    match removed {
        None => answer,
        Some((_, from, to)) => {
            HttpConnectorFuture::new(async move { replaced(answer.await?, from, to).await })
        }
    }
}

async fn replaced(
    answer: HttpResponse,
    from: &str,
    to: &str,
) -> Result<HttpResponse, ConnectorError> {
    let mut status = answer.status();
    let headers: Vec<_> = answer
        .headers()
        .iter()
        .map(|(name, value)| (name.to_owned(), value.replace(from, to)))
        .collect();
    let (_, bytes) = whole(answer).await?;
    let text = String::from_utf8_lossy(&bytes);
    if text.contains(from) && status.is_server_error() {
        status = 400.try_into().expect("a status");
    }
    let mut answer = HttpResponse::new(status, SdkBody::from(text.replace(from, to)));
    for (name, value) in
        headers.into_iter().filter(|(name, _)| name != "content-length" && name != "x-amz-crc32")
    {
        answer.headers_mut().insert(name, value);
    }
    Ok(answer)
}

fn weaken_write(action: &str, write: &mut Value) {
    let key = key_in(write);
    let kind = kind(key["pk"]["S"].as_str().expect("a key"), key["sk"]["S"].as_str());
    let Some(condition) = write["ConditionExpression"].as_str() else { return };
    let condition = condition.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let parts = condition.expect("conditions in brackets").split(") AND (").map(|part| {
        // The condition stays in the expression, because DynamoDB refuses unused placeholders.
        let always = "attribute_exists(pk) OR attribute_not_exists(pk)";
        let removed = is_removed(&format!("{action} of the {kind}: {}", readable(part)));
        if removed { format!("({part} OR {always})") } else { format!("({part})") }
    });
    write["ConditionExpression"] = parts.collect::<Vec<_>>().join(" AND ").into();
}

fn weaken_read(what: &str, read: &mut Value) {
    if read["ConsistentRead"] == true && is_removed(&format!("reading {what}: consistently")) {
        read["ConsistentRead"] = false.into();
    }
}

fn is_removed(name: &str) -> bool {
    assert!(LISTED.contains(name), "tests/conditions.md has no row `{name}`");
    WEAKENED.iter().any(|weakened| weakened == name)
}

/// A condition without placeholders: `version = ?`.
fn readable(condition: &str) -> String {
    let mut words = condition.replace('#', "");
    while let Some(start) = words.find(":v") {
        let digits = words[start + 2..].chars().take_while(char::is_ascii_digit).count();
        words.replace_range(start..start + 2 + digits, "?");
    }
    // One row for the shares of all givers and scopes, and one for the grants on all scopes.
    for map in ["mails.shares.", "grants."] {
        let parts: Vec<String> = words.split(map).map(str::to_owned).collect();
        let without_name =
            |part: &String| part.trim_start_matches(char::is_alphanumeric).to_owned();
        let (first, others) = parts.split_first().expect("a part");
        let others: Vec<String> = others.iter().map(without_name).collect();
        words = std::iter::once(first.clone())
            .chain(others)
            .collect::<Vec<_>>()
            .join(&format!("{map}?"));
    }
    // One row for all places of a list.
    while let Some(place) =
        words.find(|it: char| it.is_ascii_digit()).filter(|at| words[..*at].ends_with('['))
    {
        let digits = words[place..].chars().take_while(char::is_ascii_digit).count();
        words.replace_range(place..place + digits, "?");
    }
    while words.contains("?, ?") {
        words = words.replace("?, ?", "?");
    }
    words
}

/// The kind of an item, or of a partition if there is no sort key (docs/storage.md#layout).
fn kind(pk: &str, sk: Option<&str>) -> &'static str {
    match (pk.split_once('#').map(|(kind, _)| kind), sk.and_then(|sk| sk.get(..1))) {
        (Some("C"), None) => "partition of a client",
        (Some("C"), Some("#")) => "client",
        (Some("C"), Some("S")) => "scope",
        (Some("C"), Some("P")) => "collaborator",
        (Some("D"), _) => "roles of a client",
        (Some("M"), _) => "mail counter",
        (Some("H"), _) => "history",
        (Some("O"), _) => "outbox",
        (Some("I"), _) => "saved responses",
        (Some("A"), _) => "audits",
        (Some("G"), _) => "rows of grants",
        (Some("K"), _) => "pointers",
        (Some("W"), _) => "mark of a waiting list",
        (_, _) => panic!("an item of an unknown kind: {pk} {sk:?}"),
    }
}
