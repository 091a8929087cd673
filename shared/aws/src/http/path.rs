//! The path parameters. API Gateway has decoded them, so `%3A` and `:` are the same.

use coulisses_domain::{
    ids::CollaboratorId,
    refusal::Refusal,
    role::RoleKey,
    scope::{ClientId, ScopeId},
};
use lambda_http::RequestExt;

use super::{Code, Failure, Request};

/// The scope in the path.
///
/// # Errors
/// `scope-not-found` if it is not a scope id.
pub fn scope_id(request: &Request) -> Result<ScopeId, Failure> {
    parameter(request, "scope")
        .and_then(|text| ScopeId::parse(&text).ok())
        .ok_or(Refusal::ScopeNotFound.into())
}

/// The scope in the path, to be written.
///
/// # Errors
/// `invalid-scope` if it is not a scope id.
pub fn scope_to_write(request: &Request) -> Result<ScopeId, Failure> {
    let text = parameter(request, "scope").unwrap_or_default();
    ScopeId::parse(&text).map_err(|_| Code::InvalidScope.into())
}

/// The client in the path.
///
/// # Errors
/// `invalid-scope` if it is not the id of a client.
pub fn client_of(request: &Request) -> Result<ClientId, Failure> {
    let text = parameter(request, "scope").unwrap_or_default();
    ClientId::parse(&text).map_err(|_| Code::InvalidScope.into())
}

/// The client of the scope in the path, if there is one.
pub(super) fn client_in(request: &Request) -> Option<ClientId> {
    Some(ScopeId::parse(&parameter(request, "scope")?).ok()?.client())
}

/// The collaborator in the path.
///
/// # Errors
/// `collaborator-not-found` if it is not an id.
pub fn collaborator_id(request: &Request) -> Result<CollaboratorId, Failure> {
    let id = parameter(request, "id").and_then(|text| CollaboratorId::parse(&text).ok());
    id.ok_or(Refusal::CollaboratorNotFound.into())
}

/// The key of a role in the path.
///
/// # Errors
/// `role-not-found` if it is not a key.
pub fn role_key(request: &Request) -> Result<RoleKey, Failure> {
    let key = parameter(request, "key").and_then(|text| RoleKey::parse(&text).ok());
    key.ok_or(Refusal::RoleNotFound.into())
}

fn parameter(request: &Request, name: &str) -> Option<String> {
    request.path_parameters_ref()?.first(name).map(ToOwned::to_owned)
}
