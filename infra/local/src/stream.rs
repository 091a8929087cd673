//! Reads the table's stream as Lambda's event source mapping does.

use crate::functions::Functions;
use crate::pattern;
use crate::template::{Stream, TABLE_NAME};
use anyhow::{Context, Result};
use dynoxide::Database;
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use serde_json::{Value, json};
use std::time::Duration;

const PAUSE: Duration = Duration::from_millis(50);

/// How long a function may take over one event.
const TIME_LIMIT: Duration = Duration::from_secs(65);

/// A position in the stream.
pub struct Position {
    database: Database,
    iterator: String,
}

impl Position {
    /// The end of the stream: from here, only later changes are read.
    pub fn latest(database: Database) -> Result<Self> {
        let missing = "the table has no stream";
        let table_name = Some(TABLE_NAME.to_owned());
        let list = ListStreamsRequest { table_name, ..ListStreamsRequest::default() };
        let streams = database.list_streams(list)?.streams;
        let stream_arn = streams.into_iter().next().context(missing)?.stream_arn;
        let describe = DescribeStreamRequest {
            stream_arn: stream_arn.clone(),
            ..DescribeStreamRequest::default()
        };
        let shards = database.describe_stream(describe)?.stream_description.shards;
        let request = GetShardIteratorRequest {
            stream_arn,
            shard_id: shards.into_iter().next().context(missing)?.shard_id,
            shard_iterator_type: "LATEST".to_owned(),
            sequence_number: None,
        };
        let iterator = database.get_shard_iterator(request)?.shard_iterator.context(missing)?;
        Ok(Self { database, iterator })
    }

    /// Returns the records since the last call.
    fn advance(&mut self) -> Result<Vec<Value>> {
        let request = GetRecordsRequest { shard_iterator: self.iterator.clone(), limit: None };
        let response = self.database.get_records(request)?;
        if let Some(next) = response.next_shard_iterator {
            self.iterator = next;
        }
        Ok(response.records.iter().filter_map(|record| serde_json::to_value(record).ok()).collect())
    }
}

/// Sends the stream's records to `function`, without end.
pub async fn follow(
    mut position: Position,
    stream: Stream,
    function: String,
    functions: Functions,
) {
    loop {
        match position.advance() {
            Ok(mut records) => {
                records.retain(|record| is_selected(&stream, record));
                for batch in records.chunks(stream.batch.max(1)) {
                    send(batch.to_vec(), stream.retries, &function, &functions).await;
                }
            }
            Err(error) => eprintln!("the table's stream cannot be read: {error:#}"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn is_selected(stream: &Stream, record: &Value) -> bool {
    stream.patterns.is_empty()
        || stream.patterns.iter().any(|pattern| pattern::matches(pattern, Some(record)))
}

/// Calls the function until it accepts the whole batch, with at most `retries` more calls.
async fn send(mut batch: Vec<Value>, retries: u32, function: &str, functions: &Functions) {
    let mut pause = Duration::from_millis(200);
    for _ in 0..=retries {
        let event = json!({"Records": batch});
        match functions.call(function, &event, TIME_LIMIT).await {
            Ok(result) => match first_failure(&result, &batch) {
                Some(first) => drop(batch.drain(..first)),
                None => return,
            },
            Err(error) => eprintln!("{function}, called with records of the stream: {error:#}"),
        }
        tokio::time::sleep(pause).await;
        pause = pause.saturating_mul(2).min(Duration::from_secs(5));
    }
    eprintln!("{function} failed on {} records of the stream", batch.len());
}

/// The index of the first record to retry: the first one that the function reports as failed, as in Lambda.
fn first_failure(result: &Value, batch: &[Value]) -> Option<usize> {
    let failures = result.get("batchItemFailures")?.as_array()?;
    let failed: Vec<&str> = failures
        .iter()
        .filter_map(|failure| failure.get("itemIdentifier").and_then(Value::as_str))
        .collect();
    if failed.is_empty() {
        return (!failures.is_empty()).then_some(0);
    }
    let first = batch.iter().position(|record| {
        let number = record.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str);
        number.is_some_and(|number| failed.contains(&number))
    });
    // An identifier that is not in the batch fails the whole batch.
    Some(first.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: &str) -> Value {
        json!({"dynamodb": {"SequenceNumber": number}})
    }

    #[test]
    fn a_batch_is_retried_from_its_first_failure() {
        let batch = [record("1"), record("2"), record("3")];
        let failures = |ids: &[&str]| {
            let ids: Vec<_> = ids.iter().map(|id| json!({"itemIdentifier": id})).collect();
            first_failure(&json!({"batchItemFailures": ids}), &batch)
        };
        assert_eq!(failures(&[]), None);
        assert_eq!(failures(&["3", "2"]), Some(1));
        assert_eq!(failures(&["unknown"]), Some(0));
        assert_eq!(first_failure(&Value::Null, &batch), None);
    }
}
