//! The batch of the table's stream that invokes `deliver`.

use deliver::Event;
use serde_json::Value;

use crate::{
    hunt::{Met, hunt},
    scene::Scene,
};

/// The sequence numbers of the records of new outbox rows.
fn new_rows(batch: &Value) -> Vec<&str> {
    let records = batch["Records"].as_array().into_iter().flatten();
    let new = records.filter(|record| {
        let pk = record["dynamodb"]["Keys"]["pk"]["S"].as_str();
        record["eventName"] == "INSERT" && pk.is_some_and(|pk| pk.starts_with("O#"))
    });
    new.filter_map(|record| record["dynamodb"]["SequenceNumber"].as_str()).collect()
}

#[test]
fn only_new_outbox_rows_cause_calls_and_missing_rows_change_nothing() {
    let scene = Scene::new();
    let (before, mails) = (scene.dump(), scene.world.ses.mails().len());
    hunt("stream_record", 1_000, |bytes| {
        let Ok(batch) = serde_json::from_slice::<Value>(bytes) else { return Met::Refused };
        let Ok(Event::Stream { records }) = serde_json::from_value(batch.clone()) else {
            return Met::Refused;
        };
        let wanted = new_rows(&batch);
        drop(scene.world.trips());
        let answer = scene.wait(scene.world.invoke_deliver(batch.clone())).unwrap();
        let trips = scene.world.trips().len();
        let answer = serde_json::to_value(&answer).unwrap();
        let failed = answer["batchItemFailures"].as_array().unwrap();
        assert!(failed.iter().all(|it| wanted.contains(&it["itemIdentifier"].as_str().unwrap())));
        assert!(failed.len() <= wanted.len() && wanted.len() <= records.len());
        assert_eq!(trips > 0, !wanted.is_empty(), "{batch}");
        assert_eq!(scene.dump(), before, "{batch}");
        assert_eq!(scene.world.ses.mails().len(), mails, "{batch}");
        Met::Taken
    });
}
