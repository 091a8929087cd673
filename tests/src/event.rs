//! Events of API Gateway as they come, whatever they hold.

use std::{collections::BTreeSet, sync::LazyLock};

use coulisses_aws::http;
use lambda_http::request::LambdaRequest;

use crate::{Answer, Contract, Route, Template, World};

static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| Template::read().routes());

impl World {
    /// Hands an event to the function whose route it names, or to each of them where it names none, and holds what is
    /// answered against the contract.
    ///
    /// Gives no answers to what is no event of API Gateway: the runtime refuses it before any function sees it.
    ///
    /// # Panics
    /// If the answer is none of the contract.
    pub async fn answer_event(&self, event: &[u8]) -> Vec<Answer> {
        let Ok(event) = serde_json::from_slice::<LambdaRequest>(event) else { return vec![] };
        let request: http::Request = http::without_address(event).into();
        let named = http::route(&request).and_then(|name| name.split_once(' '));
        let is_named = |route: &&Route| named == Some((route.method.as_str(), route.path.as_str()));
        // What a function does goes by the method too, which is that of the route in what API Gateway makes.
        let made = |route: &&Route| request.method().as_str() == route.method;
        if let Some(route) = ROUTES.iter().find(is_named).filter(made) {
            let answer = self.answer(&route.function, &request).await;
            let faults = Contract::get().faults_of_answer(&route.method, &route.path, &answer);
            assert_eq!(faults, None, "{} {}: {}", route.method, route.path, answer.told());
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
