//! A policy decision point of the OpenID AuthZEN Authorization API 1.0 (docs/authzen.md).
//!
//! `POST /access/v1/evaluation` and `/evaluations` decide, `POST /access/v1/search/subject`, `/resource` and `/action` list
//! what would be allowed, and `GET /.well-known/authzen-configuration` describes the API.
//!
//! The rules of the protocol differ from those of `/v1`: a denial is a 200, unknown fields are ignored, an unknown name is
//! a denial, and a request that is not as the protocol says is a 400.

mod entities;
mod evaluate;
mod metadata;
mod page;
mod search;

use coulisses_aws::{
    app::App,
    http::{self, Body, Code, Failure, Request, Response, Route},
};
use serde::de::DeserializeOwned;

/// The caller's own id of a request.
const REQUEST_ID: &str = "x-request-id";

/// The longest id that is returned, in bytes.
const LONGEST_ID: usize = 128;

/// Handles a request on any of the routes.
pub async fn handle(app: &App, request: &Request) -> Response {
    let result = match Route::of(request) {
        Some(Route::EvaluateAccess) => evaluate::one(app, request).await,
        Some(Route::EvaluateEach) => evaluate::each(app, request).await,
        Some(Route::SearchSubjects) => search::subjects(app, request).await,
        Some(Route::SearchResources) => search::resources(app, request).await,
        Some(Route::SearchActions) => search::actions(app, request).await,
        Some(Route::GetAuthzenConfiguration) => metadata::get(app, request),
        Some(_) | None => Err(Failure::no_route()),
    };
    let mut response = http::answer(app, request, result);
    // The protocol returns the caller's id, which replaces the one of API Gateway.
    let id = request.headers().get(REQUEST_ID).filter(|id| {
        (1..=LONGEST_ID).contains(&id.len()) && id.as_bytes().iter().all(u8::is_ascii_graphic)
    });
    if let Some(id) = id {
        response.headers_mut().insert(REQUEST_ID, id.clone());
    }
    response
}

/// Reads a body. The protocol has no status for another media type than 400.
fn read<T: DeserializeOwned>(request: &Request) -> Result<T, Failure> {
    Body::read(request).map_err(|failure| {
        if failure.code() == Code::UnsupportedMediaType {
            let french = "Content-Type n’est pas application/json";
            Failure::malformed(french, "Content-Type is not application/json")
        } else {
            failure
        }
    })
}
