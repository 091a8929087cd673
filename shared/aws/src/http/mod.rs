//! HTTP as API Gateway hands it over: who calls, what is asked, what is answered.

mod body;
mod code;
mod event;
mod fields;
mod headers;
mod idempotency;
mod path;
mod principal;
mod problem;
mod query;
mod reply;
mod results;
pub mod view;

pub use body::{Body, Checked, FieldErrors, Object, Valid, read_empty_or, refuse_body};
pub use event::{dispatch, serve, serve_and_wake, without_address};
pub use headers::{IfMatch, language, request_id, route};
pub use idempotency::IdempotencyKey;
pub use path::{client_of, collaborator_id, names_a_collaborator, scope_id, scope_to_write};
pub use principal::{Identity, Principal};
pub use problem::{Code, Failure, FieldError, Problem, SeatsView};
pub use query::Parameters;
pub use reply::{Reply, answer};
pub use results::results;

/// A request as the functions get it.
pub type Request = lambda_http::Request;

/// An answer as the functions give it.
pub type Response = lambda_http::Response<lambda_http::Body>;
