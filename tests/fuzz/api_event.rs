//! The event of API Gateway, down to the answer.

use crate::{
    hunt::{Met, hunt},
    scene::Scene,
};

#[test]
fn whatever_event_api_gateway_hands_over_is_answered_within_the_contract() {
    let scene = Scene::new();
    hunt("api_event", 1_000, |bytes| {
        let answers = scene.wait(scene.world.answer_event(bytes));
        // Forgotten, so that a long hunt takes no more memory than a short one.
        drop(scene.world.trips());
        for answer in &answers {
            assert!((200..500).contains(&answer.status), "{} {}", answer.status, answer.body);
            assert_eq!(answer.header("cache-control"), "no-store");
            if answer.status >= 300 {
                assert_eq!(answer.header("content-type"), "application/problem+json");
                assert_eq!(answer.body["status"], answer.status);
                let kind = format!("urn:coulisses:problem:{}", answer.text("/code"));
                assert_eq!(answer.text("/type"), kind);
            }
        }
        if answers.is_empty() { Met::Refused } else { Met::Taken }
    });
}
