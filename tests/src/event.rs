//! Events of API Gateway as they come, whatever they hold.

use std::{collections::BTreeSet, sync::LazyLock};

use coulisses_aws::http;
use lambda_http::{RequestExt, request::LambdaRequest};

use crate::{Answer, Contract, Route, Template, World};

static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| Template::read().routes());

impl World {
    /// Hands an event that API Gateway could make to the function of its route, and holds what is answered against the
    /// contract; hands any other one to each function.
    ///
    /// Gives no answers to what is no event of API Gateway: the runtime refuses it before any function sees it.
    ///
    /// # Panics
    /// If the answer is none of the contract.
    pub async fn answer_event(&self, event: &[u8]) -> Vec<Answer> {
        let Ok(event) = serde_json::from_slice::<LambdaRequest>(event) else { return vec![] };
        let request: http::Request = http::without_address(event).into();
        let is_made = |route: &&Route| could_be_made(&request, route);
        if let Some(route) = ROUTES.iter().find(is_made) {
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

/// Whether API Gateway makes such a request of a call on `route`: it names the route, has its method and exactly the
/// parameters of its path, and an id that a header can hold.
fn could_be_made(request: &http::Request, route: &Route) -> bool {
    let name = format!("{} {}", route.method, route.path);
    let id = http::request_id(request).unwrap_or_default();
    let parts = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameters = request.path_parameters();
    let given: BTreeSet<&str> = parameters.iter().map(|(name, _)| name).collect();
    http::route(request) == Some(name.as_str())
        && request.method().as_str() == route.method
        && given == parts.collect()
        && !id.is_empty()
        && id.bytes().all(|byte| byte.is_ascii_graphic())
}
