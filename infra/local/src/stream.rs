//! The table's stream, read as Lambda's event source mapping reads it.

use crate::failure::chain;
use crate::functions::Functions;
use crate::pattern;
use crate::template::{Stream, TABLE_NAME};
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use dynoxide::{Database, DynoxideError};
use serde_json::{Value, json};
use std::time::Duration;
use thiserror::Error;

const PAUSE: Duration = Duration::from_millis(50);

/// How long a function may take over one event.
const TIME_LIMIT: Duration = Duration::from_secs(65);

/// Why the stream cannot be read.
#[derive(Debug, Error)]
pub enum NoStream {
    /// The table has no stream, or it has no shard.
    #[error("the table has no stream")]
    Missing,
    /// The database refused.
    #[error("the table's stream cannot be read")]
    Database(#[from] DynoxideError),
}

/// A position in the stream.
pub struct Position {
    database: Database,
    iterator: String,
}

impl Position {
    /// The stream's end: what is written from now on.
    ///
    /// # Errors
    /// When the table has no stream.
    pub fn latest(database: Database) -> Result<Self, NoStream> {
        let table_name = Some(TABLE_NAME.to_owned());
        let list = ListStreamsRequest { table_name, ..ListStreamsRequest::default() };
        let streams = database.list_streams(list)?.streams;
        let stream_arn = streams.into_iter().next().ok_or(NoStream::Missing)?.stream_arn;
        let describe = DescribeStreamRequest {
            stream_arn: stream_arn.clone(),
            ..DescribeStreamRequest::default()
        };
        let shards = database.describe_stream(describe)?.stream_description.shards;
        let shard = shards.into_iter().next().ok_or(NoStream::Missing)?;
        let ask = GetShardIteratorRequest {
            stream_arn,
            shard_id: shard.shard_id,
            shard_iterator_type: "LATEST".to_owned(),
            sequence_number: None,
        };
        let iterator = database.get_shard_iterator(ask)?.shard_iterator;
        Ok(Self { database, iterator: iterator.ok_or(NoStream::Missing)? })
    }

    /// The records since the last call.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn advance(&mut self) -> Result<Vec<Value>, NoStream> {
        let ask = GetRecordsRequest { shard_iterator: self.iterator.clone(), limit: None };
        let answer = self.database.get_records(ask)?;
        if let Some(next) = answer.next_shard_iterator {
            self.iterator = next;
        }
        Ok(answer.records.iter().filter_map(|record| serde_json::to_value(record).ok()).collect())
    }
}

/// Hands the stream's records to `function` for ever.
pub async fn follow(
    mut position: Position,
    stream: Stream,
    function: String,
    functions: Functions,
) {
    loop {
        match position.advance() {
            Ok(records) => {
                let wanted: Vec<Value> =
                    records.into_iter().filter(|record| wants(&stream, record)).collect();
                for batch in wanted.chunks(stream.batch.max(1)) {
                    hand_over(batch.to_vec(), stream.retries, &function, &functions).await;
                }
            }
            Err(error) => eprintln!("{}", chain(&error)),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn wants(stream: &Stream, record: &Value) -> bool {
    stream.patterns.is_empty()
        || stream.patterns.iter().any(|pattern| pattern::matches(pattern, Some(record)))
}

/// Calls the function until it took the whole batch, or `retries` are used up.
async fn hand_over(mut batch: Vec<Value>, retries: u32, function: &str, functions: &Functions) {
    let mut pause = Duration::from_millis(200);
    for _ in 0..=retries {
        let event = json!({"Records": batch});
        match functions.call(function, &event, TIME_LIMIT).await {
            Ok(answer) => match first_failure(&answer, &batch) {
                Some(first) => drop(batch.drain(..first)),
                None => return,
            },
            Err(error) => eprintln!("{function}, with the stream's records: {}", chain(&error)),
        }
        tokio::time::sleep(pause).await;
        pause = pause.saturating_mul(2).min(Duration::from_secs(5));
    }
    eprintln!("{function} did not take {} of the stream's records", batch.len());
}

/// Where the batch begins again: at the first record named as failed, as Lambda does.
fn first_failure(answer: &Value, batch: &[Value]) -> Option<usize> {
    let failures = answer.get("batchItemFailures")?.as_array()?;
    let named: Vec<&str> = failures
        .iter()
        .filter_map(|failure| failure.get("itemIdentifier").and_then(Value::as_str))
        .collect();
    if named.is_empty() {
        return (!failures.is_empty()).then_some(0);
    }
    let at = batch.iter().position(|record| {
        let number = record.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str);
        number.is_some_and(|number| named.contains(&number))
    });
    // An identifier that is none of the batch's fails it as a whole.
    Some(at.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: &str) -> Value {
        json!({"dynamodb": {"SequenceNumber": number}})
    }

    #[test]
    fn a_batch_begins_again_at_its_first_failure() {
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
