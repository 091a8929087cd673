//! Raw events of API Gateway and of the table's stream.

use std::collections::BTreeSet;

use coulisses_aws::http;
use lambda_http::{RequestExt, request::LambdaRequest};
use serde_json::{Value, json};

use crate::{Answer, Contract, Item, Route, World, request::ROUTES, table::TABLE, text};

impl World {
    /// The stream event that inserts all present rows of the outbox.
    pub async fn stream_event(&self) -> Value {
        stream_event(&self.items_below("O#").await)
    }

    /// The items whose partition key starts with `prefix`.
    pub(crate) async fn items_below(&self, prefix: &str) -> Vec<Item> {
        let all = self.dynamodb().scan().table_name(TABLE).filter_expression("begins_with(pk, :p)");
        let all = all.expression_attribute_values(":p", text(prefix.to_owned())).into_paginator();
        all.items().send().collect::<Result<Vec<Item>, _>>().await.expect("a scan")
    }

    /// Sends an event that API Gateway could make to the function of its route, and checks the answer against the
    /// contract. Sends any other event to each function.
    ///
    /// Returns no answer if the event cannot be parsed: the runtime refuses it before any function sees it.
    ///
    /// # Panics
    /// If an answer violates the contract.
    pub async fn answer_event(&self, event: &[u8]) -> Vec<Answer> {
        let Ok(event) = serde_json::from_slice::<LambdaRequest>(event) else { return vec![] };
        let request: http::Request = http::sanitized(event).into();
        let is_made = |route: &&Route| could_be_made(&request, route);
        if let Some(route) = ROUTES.iter().find(is_made) {
            let answer = self.answer(&route.function, &request).await;
            let violations = Contract::get().violations_of(&route.method, &route.path, &answer);
            assert_eq!(violations, None, "{} {}: {}", route.method, route.path, answer.outcome());
            return vec![answer];
        }
        let functions: BTreeSet<&str> =
            ROUTES.iter().map(|route| route.function.as_str()).collect();
        let mut answers = Vec::new();
        for function in functions {
            answers.push(self.answer(function, &request).await);
        }
        answers
    }
}

/// The stream event for the insertion of `rows`.
pub(crate) fn stream_event(rows: &[Item]) -> Value {
    let record = |(number, row): (usize, &Item)| {
        let key = |name: &str| json!({ "S": row[name].as_s().expect("a string") });
        json!({
            "eventName": "INSERT",
            "dynamodb": {
                "Keys": { "pk": key("pk"), "sk": key("sk") }, "SequenceNumber": number.to_string(),
            },
        })
    };
    json!({ "Records": rows.iter().enumerate().map(record).collect::<Vec<_>>() })
}

/// Whether API Gateway could make this request for `route`: it has the route key, the method, exactly the path parameters
/// and an id that a header can contain.
fn could_be_made(request: &http::Request, route: &Route) -> bool {
    let name = format!("{} {}", route.method, route.path);
    let id = http::request_id(request).unwrap_or_default();
    let parts = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameters = request.path_parameters();
    let given: BTreeSet<&str> = parameters.iter().map(|(name, _)| name).collect();
    http::Route::of(request).is_some_and(|route| route.key() == name)
        && request.method().as_str() == route.method
        && given == parts.collect()
        && !id.is_empty()
        && id.bytes().all(|byte| byte.is_ascii_graphic())
}
