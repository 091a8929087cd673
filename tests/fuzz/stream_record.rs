//! The batch of the table's stream that invokes `deliver` and `publish`.

use deliver::Event;
use serde_json::Value;

use crate::{
    hunt::{Met, hunt},
    scene::Scene,
};

/// The sequence numbers of the records of new items whose partition key starts with `prefix`.
fn new_items<'a>(batch: &'a Value, prefix: &str) -> Vec<&'a str> {
    let records = batch["Records"].as_array().into_iter().flatten();
    let new = records.filter(|record| {
        let pk = record["dynamodb"]["Keys"]["pk"]["S"].as_str();
        record["eventName"] == "INSERT" && pk.is_some_and(|pk| pk.starts_with(prefix))
    });
    new.filter_map(|record| record["dynamodb"]["SequenceNumber"].as_str()).collect()
}

#[test]
fn only_new_items_of_its_kind_make_a_function_call_and_missing_ones_change_nothing() {
    let scene = Scene::new();
    let (before, mails) = (scene.dump(), scene.world.ses.mails().len());
    hunt("stream_record", 1_000, |bytes| {
        let Ok(batch) = serde_json::from_slice::<Value>(bytes) else { return Met::Refused };
        let Ok(Event::Stream { records }) = serde_json::from_value(batch.clone()) else {
            return Met::Refused;
        };
        let wanted = new_items(&batch, "O#");
        drop(scene.world.trips());
        let answer = scene.wait(scene.world.invoke_deliver(batch.clone())).unwrap();
        let trips = scene.world.trips().len();
        let answer = serde_json::to_value(&answer).unwrap();
        let failed = answer["batchItemFailures"].as_array().unwrap();
        assert!(failed.iter().all(|it| wanted.contains(&it["itemIdentifier"].as_str().unwrap())));
        assert!(failed.len() <= wanted.len() && wanted.len() <= records.len());
        assert_eq!(trips > 0, !wanted.is_empty(), "{batch}");
        let wanted = new_items(&batch, "H#");
        // The table refuses a key that no item has, and Lambda repeats the batch.
        if scene.wait(scene.world.invoke_publish(batch.clone())).is_ok() {
            assert_eq!(!scene.world.trips().is_empty(), !wanted.is_empty(), "{batch}");
        }
        assert!(scene.world.bus.events().is_empty(), "{batch}");
        assert_eq!(scene.dump(), before, "{batch}");
        assert_eq!(scene.world.ses.mails().len(), mails, "{batch}");
        Met::Taken
    });
}
