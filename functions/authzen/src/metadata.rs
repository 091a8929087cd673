//! `GET /.well-known/authzen-configuration`: where the endpoints are, for everyone.

use coulisses_aws::{
    app::App,
    http::{self, Failure, Reply, Request, Route},
};
use serde::Serialize;

/// How long the addresses may be cached, in seconds.
const MAX_AGE: u32 = 3_600;

#[derive(Debug, Serialize)]
struct Metadata<'a> {
    policy_decision_point: &'a str,
    access_evaluation_endpoint: String,
    access_evaluations_endpoint: String,
    search_subject_endpoint: String,
    search_resource_endpoint: String,
    search_action_endpoint: String,
}

pub(crate) fn get(app: &App, request: &Request) -> Result<Reply, Failure> {
    http::check_origin(request, &app.settings)?;
    let base = http::base_url(request, &app.settings)
        .ok_or_else(|| Failure::internal("the request does not say which host it was sent to"))?;
    let endpoint = |route: Route| format!("{base}{}", route.path());
    let metadata = Metadata {
        policy_decision_point: &base,
        access_evaluation_endpoint: endpoint(Route::EvaluateAccess),
        access_evaluations_endpoint: endpoint(Route::EvaluateEach),
        search_subject_endpoint: endpoint(Route::SearchSubjects),
        search_resource_endpoint: endpoint(Route::SearchResources),
        search_action_endpoint: endpoint(Route::SearchActions),
    };
    Ok(Reply::ok(&metadata).cached_for(MAX_AGE))
}
