//! HTTP as API Gateway passes it: principals, bodies, headers, responses and problems.

mod address;
mod body;
mod call;
pub mod candidates;
pub mod checks;
mod cloud_event;
mod code;
mod csv;
mod effects;
mod event;
mod explained;
mod fields;
mod headers;
mod idempotency;
mod page;
mod path;
mod principal;
mod problem;
mod query;
mod reason;
mod reply;
mod results;
mod route;
mod scope_view;
pub mod view;

pub use self::csv::{csv, wants_csv};
pub use address::base_url;
pub use body::{Body, Checked, FieldErrors, Maybe, Object, Rejected, whole_number};
pub use call::Call;
pub use cloud_event::{CloudEvent, EventWriter};
pub use event::{dispatch, sanitized, serve, serve_and_wake};
pub use explained::Explained;
pub use headers::{IfMatch, language, request_id, requires_absence};
pub use page::fit_page;
pub use path::{collaborator_id, role_key};
pub use principal::{Identity, Principal, check_origin};
pub use problem::{Code, Failure, FieldError, Problem, SeatsView};
pub use query::Parameters;
pub use reason::Reason;
pub use reply::{Reply, answer};
pub use results::{Page, page_of_results, results};
pub use route::Route;

/// A request.
pub type Request = lambda_http::Request;

/// A response.
pub type Response = lambda_http::Response<lambda_http::Body>;
