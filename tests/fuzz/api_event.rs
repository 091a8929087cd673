//! The event of API Gateway, up to the response.

use coulisses_tests::CONSOLE_URL;

use crate::{
    hunt::{Met, hunt},
    scene::Scene,
};

#[test]
fn every_event_of_api_gateway_gets_a_response_of_the_contract() {
    let scene = Scene::new();
    hunt("api_event", 1_000, |bytes| {
        let answers = scene.wait(scene.world.answer_event(bytes));
        // Dropped, so that memory does not grow with the number of inputs.
        drop(scene.world.trips());
        for answer in &answers {
            assert!((200..500).contains(&answer.status), "{} {}", answer.status, answer.body);
            assert_eq!(answer.header("cache-control"), "no-store");
            if answer.status >= 300 {
                assert_eq!(answer.header("content-type"), "application/problem+json");
                assert_eq!(answer.body["status"], answer.status);
                let kind = format!("{CONSOLE_URL}/problems#{}", answer.text("/code"));
                assert_eq!(answer.text("/type"), kind);
            }
        }
        if answers.is_empty() { Met::Refused } else { Met::Taken }
    });
}
