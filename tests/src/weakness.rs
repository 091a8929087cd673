//! What the calls to the table rely on, and one of it taken away at a time, to see that a test fails.
//!
//! `tests/conditions.md` lists it all. What is to be taken away is said by `COULISSES_WEAKENED`, in the list's own words;
//! it is taken away on the wire, so that the product holds no switch for it.

use std::{collections::BTreeSet, sync::LazyLock};

use aws_smithy_runtime_api::client::{
    http::HttpConnectorFuture, orchestrator::HttpResponse, result::ConnectorError,
};
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

use crate::{counting::key_in, faults::whole};

/// What is taken away in this run of the tests, if anything.
static WEAKENED: LazyLock<Vec<String>> = LazyLock::new(|| {
    #[expect(clippy::disallowed_methods, reason = "a run of the tests is told what to take away")]
    let named = std::env::var("COULISSES_WEAKENED").unwrap_or_default();
    named.split(" + ").filter(|name| !name.is_empty()).map(str::to_owned).collect()
});

/// The rows of the list: what is taken away, and what fails then.
pub fn conditions() -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = include_str!("../conditions.md").lines().filter_map(|row| row.strip_prefix("| `"));
    rows.map(|row| row.strip_suffix(" |").and_then(|row| row.split_once("` | ")).expect("a row"))
}

/// All that the list names.
static LISTED: LazyLock<BTreeSet<&'static str>> =
    LazyLock::new(|| conditions().flat_map(|(taken, _)| taken.split(" + ")).collect());

/// Answers of DynamoDB that mean different things to us, and as what each is told instead when its meaning is taken away.
const ANSWERS: [(&str, &str, &str); 10] = [
    ("canceled: a failed condition", "\"ConditionalCheckFailed\"", "\"ValidationError\""),
    (
        "canceled: a failed condition is no conflict",
        "\"ConditionalCheckFailed\"",
        "\"TransactionConflict\"",
    ),
    ("canceled: a conflict", "\"TransactionConflict\"", "\"ValidationError\""),
    (
        "canceled: a conflict is no failed condition",
        "\"TransactionConflict\"",
        "\"ConditionalCheckFailed\"",
    ),
    ("refused: a failed condition", "ConditionalCheckFailedException", "ValidationException"),
    ("refused: throttling", "ThrottlingException", "ValidationException"),
    ("refused: a transaction in progress", "TransactionInProgressException", "ValidationException"),
    ("refused: a failure of the service", "InternalServerError", "ValidationException"),
    (
        "refused: a token that was used for something else",
        "IdempotentParameterMismatchException",
        "ThrottlingException",
    ),
    ("keys left out of a batch", "\"UnprocessedKeys\"", "\"Forgotten\""),
];

/// Takes away from a request to DynamoDB what is to be taken away; whether anything is, in this run.
///
/// # Panics
/// If the request relies on what the list does not name, so that the list is never short of anything.
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

/// The answer to a request as it is read where its meaning is taken away.
pub(crate) fn misread(answer: HttpConnectorFuture) -> HttpConnectorFuture {
    let taken = ANSWERS.iter().find(|(name, _, _)| WEAKENED.iter().any(|other| other == name));
    match taken {
        None => answer,
        Some((_, told, instead)) => {
            HttpConnectorFuture::new(async move { replaced(answer.await?, told, instead).await })
        }
    }
}

async fn replaced(
    answer: HttpResponse,
    told: &str,
    instead: &str,
) -> Result<HttpResponse, ConnectorError> {
    let mut status = answer.status();
    let headers: Vec<_> = answer
        .headers()
        .iter()
        .map(|(name, value)| (name.to_owned(), value.replace(told, instead)))
        .collect();
    let (_, bytes) = whole(answer).await?;
    let text = String::from_utf8_lossy(&bytes);
    if text.contains(told) && status.is_server_error() {
        status = 400.try_into().expect("a status");
    }
    let mut answer = HttpResponse::new(status, SdkBody::from(text.replace(told, instead)));
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
        // What was asked stays in the expression: DynamoDB refuses placeholders that nothing uses.
        let anything = "attribute_exists(pk) OR attribute_not_exists(pk)";
        let taken = is_taken_away(&format!("{action} of the {kind}: {}", readable(part)));
        if taken { format!("({part} OR {anything})") } else { format!("({part})") }
    });
    write["ConditionExpression"] = parts.collect::<Vec<_>>().join(" AND ").into();
}

fn weaken_read(what: &str, read: &mut Value) {
    if read["ConsistentRead"] == true && is_taken_away(&format!("reading {what}: consistently")) {
        read["ConsistentRead"] = false.into();
    }
}

fn is_taken_away(name: &str) -> bool {
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
    while words.contains("?, ?") {
        words = words.replace("?, ?", "?");
    }
    words
}

/// What an item is, or a partition where there is no sort key (`storage.md`).
fn kind(pk: &str, sk: Option<&str>) -> &'static str {
    match (pk.split_once('#').map(|(kind, _)| kind), sk.and_then(|sk| sk.get(..1))) {
        (Some("C"), None) => "partition of a client",
        (Some("C"), Some("#")) => "client",
        (Some("C"), Some("S")) => "scope",
        (Some("C"), Some("P")) => "collaborator",
        (Some("M"), _) => "counter of mails",
        (Some("H"), _) => "history",
        (Some("O"), _) => "outbox",
        (Some("I"), _) => "answers that are kept",
        (Some("A"), _) => "audits",
        (_, _) => panic!("an item of no known kind: {pk} {sk:?}"),
    }
}
