//! The routes of the API, declared once. Functions match on [`Route`], logs and idempotency keys use its key, and a test
//! compares the table with `infra/openapi.yaml` and `infra/template.yaml`.

use lambda_http::{RequestExt, request::RequestContext};
use strum::{IntoStaticStr, VariantArray};

use super::Request;

/// A route, named after its `operationId` in `infra/openapi.yaml`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "camelCase")]
#[expect(missing_docs, reason = "the contract describes each route")]
pub enum Route {
    ListClients,
    PutScope,
    GetScope,
    ArchiveScope,
    UnarchiveScope,
    Invite,
    Import,
    CopyTeam,
    ListCollaborators,
    GetCollaborator,
    Revoke,
    AssignRole,
    ChangeEach,
    UnbindAccount,
    ChangeEmail,
    Suspend,
    Restore,
    ResendInvitation,
    RevokeEach,
    RecordLogin,
    TransferOwnership,
    Announce,
    GetSeats,
    GetWaitingList,
    ReorderWaitingList,
    GetHistory,
    ListEvents,
    Check,
    GetOwnAccess,
    FindPeople,
    PreviewInvitation,
    AcceptInvitation,
    DeclineInvitation,
    RenewInvitation,
    GetCatalogue,
    ListRoles,
    PutRole,
    DeleteRole,
    EvaluateAccess,
    EvaluateEach,
    SearchSubjects,
    SearchResources,
    SearchActions,
    GetAuthzenConfiguration,
}

impl Route {
    /// All routes.
    pub const ALL: &'static [Self] = <Self as VariantArray>::VARIANTS;

    /// The route that API Gateway chose.
    #[must_use]
    pub fn of(request: &Request) -> Option<Self> {
        let RequestContext::ApiGatewayV2(context) = request.request_context_ref()? else {
            return None;
        };
        let key = context.route_key.as_deref()?;
        Self::ALL.iter().copied().find(|route| route.key() == key)
    }

    /// The `operationId` in the contract.
    #[must_use]
    pub fn operation_id(self) -> &'static str {
        self.into()
    }

    /// Method and path, as in `routeKey` of API Gateway: `POST /v1/checks`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        self.entry().0
    }

    /// The path, with its parameters in braces.
    #[must_use]
    pub fn path(self) -> &'static str {
        self.key().split_once(' ').map_or("", |(_, path)| path)
    }

    /// The function that handles the route.
    #[must_use]
    pub const fn function(self) -> &'static str {
        self.entry().1
    }

    /// Whether a request with a body only asks, and changes nothing.
    #[must_use]
    pub const fn asks(self) -> bool {
        matches!(
            self,
            Self::Check
                | Self::EvaluateAccess
                | Self::EvaluateEach
                | Self::SearchSubjects
                | Self::SearchResources
                | Self::SearchActions
        )
    }

    const fn entry(self) -> (&'static str, &'static str) {
        match self {
            Self::ListClients => ("GET /v1/scopes", "provision"),
            Self::PutScope => ("PUT /v1/scopes/{scope}", "provision"),
            Self::GetScope => ("GET /v1/scopes/{scope}", "provision"),
            Self::ArchiveScope => ("POST /v1/scopes/{scope}/archive", "provision"),
            Self::UnarchiveScope => ("DELETE /v1/scopes/{scope}/archive", "provision"),
            Self::Invite => ("POST /v1/scopes/{scope}/collaborators", "invite"),
            Self::Import => ("POST /v1/scopes/{scope}/imports", "invite"),
            Self::CopyTeam => ("POST /v1/scopes/{scope}/copies", "invite"),
            Self::ListCollaborators => ("GET /v1/scopes/{scope}/collaborators", "list-access"),
            Self::GetCollaborator => ("GET /v1/scopes/{scope}/collaborators/{id}", "list-access"),
            Self::Revoke => ("DELETE /v1/scopes/{scope}/collaborators/{id}", "revoke"),
            Self::AssignRole => ("PUT /v1/scopes/{scope}/collaborators/{id}/role", "assign-role"),
            Self::ChangeEach => ("POST /v1/scopes/{scope}/changes", "assign-role"),
            Self::UnbindAccount => {
                ("DELETE /v1/scopes/{scope}/collaborators/{id}/account", "identity")
            }
            Self::ChangeEmail => ("PUT /v1/scopes/{scope}/collaborators/{id}/email", "identity"),
            Self::Suspend => ("POST /v1/scopes/{scope}/collaborators/{id}/suspension", "identity"),
            Self::Restore => {
                ("DELETE /v1/scopes/{scope}/collaborators/{id}/suspension", "identity")
            }
            Self::ResendInvitation => {
                ("POST /v1/scopes/{scope}/collaborators/{id}/resend", "resend")
            }
            Self::RevokeEach => ("POST /v1/scopes/{scope}/revocations", "revoke"),
            Self::RecordLogin => ("POST /v1/scopes/{scope}/logins", "record-login"),
            Self::TransferOwnership => ("POST /v1/scopes/{scope}/owner", "transfer-ownership"),
            Self::Announce => ("POST /v1/scopes/{scope}/announcements", "announce"),
            Self::GetSeats => ("GET /v1/scopes/{scope}/seats", "audit-seats"),
            Self::GetWaitingList => ("GET /v1/scopes/{scope}/waiting-list", "audit-seats"),
            Self::ReorderWaitingList => ("PUT /v1/scopes/{scope}/waiting-list", "audit-seats"),
            Self::GetHistory => ("GET /v1/scopes/{scope}/history", "history"),
            Self::ListEvents => ("GET /v1/scopes/{scope}/events", "history"),
            Self::Check => ("POST /v1/checks", "check"),
            Self::GetOwnAccess => ("GET /v1/me/access", "check"),
            Self::FindPeople => ("GET /v1/people", "check"),
            Self::PreviewInvitation => ("POST /v1/invitations/preview", "accept"),
            Self::AcceptInvitation => ("POST /v1/invitations/accept", "accept"),
            Self::DeclineInvitation => ("POST /v1/invitations/decline", "accept"),
            Self::RenewInvitation => ("POST /v1/invitations/renewal", "accept"),
            Self::GetCatalogue => ("GET /v1/catalogue", "roles"),
            Self::ListRoles => ("GET /v1/scopes/{scope}/roles", "roles"),
            Self::PutRole => ("PUT /v1/scopes/{scope}/roles/{key}", "roles"),
            Self::DeleteRole => ("DELETE /v1/scopes/{scope}/roles/{key}", "roles"),
            Self::EvaluateAccess => ("POST /access/v1/evaluation", "authzen"),
            Self::EvaluateEach => ("POST /access/v1/evaluations", "authzen"),
            Self::SearchSubjects => ("POST /access/v1/search/subject", "authzen"),
            Self::SearchResources => ("POST /access/v1/search/resource", "authzen"),
            Self::SearchActions => ("POST /access/v1/search/action", "authzen"),
            Self::GetAuthzenConfiguration => ("GET /.well-known/authzen-configuration", "authzen"),
        }
    }
}
