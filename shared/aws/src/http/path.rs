//! What the path names. API Gateway has decoded it, so `%3A` and `:` are the same.

use coulisses_domain::{
    ids::CollaboratorId,
    refusal::Refusal,
    scope::{ClientId, ScopeId},
};
use lambda_http::RequestExt;

use super::{Code, Failure, Request};

/// The scope that the path names; what is no scope id is no scope.
///
/// # Errors
/// `scope-not-found`.
pub fn scope_id(request: &Request) -> Result<ScopeId, Failure> {
    parameter(request, "scope")
        .and_then(|text| ScopeId::parse(&text).ok())
        .ok_or(Refusal::ScopeNotFound.into())
}

/// The scope that the path names, to be written.
///
/// # Errors
/// `invalid-scope` if it is no scope id.
pub fn scope_to_write(request: &Request) -> Result<ScopeId, Failure> {
    let text = parameter(request, "scope").unwrap_or_default();
    ScopeId::parse(&text).map_err(|_| Code::InvalidScope.into())
}

/// The client that the path names.
///
/// # Errors
/// `invalid-scope` if it is no scope id, or not that of a client.
pub fn client_of(request: &Request) -> Result<ClientId, Failure> {
    let text = parameter(request, "scope").unwrap_or_default();
    ClientId::parse(&text).map_err(|_| Code::InvalidScope.into())
}

/// The client of the scope that the path names, if it names one.
pub(super) fn client_in(request: &Request) -> Option<ClientId> {
    Some(ScopeId::parse(&parameter(request, "scope")?).ok()?.client())
}

/// The collaborator that the path names; what is no id is nobody.
///
/// # Errors
/// `collaborator-not-found`.
pub fn collaborator_id(request: &Request) -> Result<CollaboratorId, Failure> {
    let id = parameter(request, "id").and_then(|text| CollaboratorId::parse(&text).ok());
    id.ok_or(Refusal::CollaboratorNotFound.into())
}

/// Whether the path names a collaborator.
#[must_use]
pub fn names_a_collaborator(request: &Request) -> bool {
    parameter(request, "id").is_some()
}

fn parameter(request: &Request, name: &str) -> Option<String> {
    request.path_parameters_ref()?.first(name).map(ToOwned::to_owned)
}
