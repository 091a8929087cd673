//! The SES event that reports the delivery of a mail.

use coulisses_tests::{Principal, Request};
use serde_json::{Value, json};

use crate::{
    hunt::{Met, hunt},
    scene::{LEA, Scene},
};

/// Whether an event changes the delivery state of the current mail.
fn is_recorded(event: &Value, tags: &Value) -> bool {
    let detail = &event["detail"];
    let kept = match detail["eventType"].as_str() {
        Some("Delivery" | "Reject") => true,
        Some("Bounce") => detail["bounce"]["bounceType"] == "Permanent",
        _ => false,
    };
    let named = ["client", "collaborator", "sending"];
    kept && event["source"] == "aws.ses"
        && named.iter().all(|name| detail["mail"]["tags"][name] == json!([tags[name]]))
}

#[test]
fn no_event_of_ses_fails_and_only_events_of_the_current_mail_are_recorded() {
    let scene = Scene::new();
    let mail = scene.world.ses.mails_to(LEA).pop().unwrap();
    let mut tags = json!({});
    for tag in mail.request["EmailTags"].as_array().unwrap() {
        tags[tag["Name"].as_str().unwrap()] = tag["Value"].clone();
    }
    assert_eq!((&tags["client"], &tags["collaborator"]), (&json!("acme"), &json!(scene.lea())));
    let mail_id = tags["sending"].as_str().unwrap();
    hunt("ses_event", 1_000, |bytes| {
        // The corpus has placeholders for values that differ in each deployment.
        let text = String::from_utf8_lossy(bytes).replace("{sending}", mail_id);
        let text = text.replace("{collaborator}", &scene.lea());
        let Ok(event) = serde_json::from_str::<Value>(&text) else { return Met::Refused };
        let before = scene.dump();
        scene.wait(scene.world.ses_event(event.clone())).unwrap();
        let after = scene.dump();
        // Dropped, so that memory does not grow with the number of inputs.
        drop((scene.world.trips(), scene.world.metrics()));
        if !is_recorded(&event, &tags) {
            assert_eq!(after, before, "{event}");
            return Met::Refused;
        }
        // Only Léa's record changes.
        let others = |all: &str| -> Vec<String> {
            let hers = format!("P#{}", scene.lea());
            all.lines().filter(|line| !line.contains(&hers)).map(str::to_owned).collect()
        };
        assert_eq!(others(&after), others(&before), "{event}");
        Met::Taken
    });
    let list = Request::new("GET", "/v1/scopes/acme:tech:summit/collaborators?q=lea");
    let list = scene.wait(scene.world.send(&Principal::user("owner@acme.test"), list)).expect(200);
    assert_ne!(
        list.text("/collaborators/0/invitation/delivery"),
        "sent",
        "an event of the corpus was recorded"
    );
}
