//! Every route, with a valid request.

use coulisses_aws::http::Route;
use coulisses_tests::{Principal, Request};
use serde_json::{Value, json};

use crate::support::{LEA, OWNER, acme, active, etag_of, id_of};

/// A route and the shape of its requests.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: &'static str,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// Whether no login is needed.
    pub open: bool,
    /// A valid body, if the route has one.
    pub body: Option<Value>,
    /// Whether the body is optional.
    pub may_be_empty: bool,
}

/// The parameters of a request.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The scope in the path.
    pub scope: &'a str,
    /// The collaborator in the path.
    pub id: &'a str,
    /// The token in the body.
    pub token: &'a str,
}

/// Every route, with a valid body for most scopes.
pub fn calls() -> Vec<Call> {
    Route::ALL.iter().copied().map(call).collect()
}

fn call(route: Route) -> Call {
    let (method, path) = route.key().split_once(' ').unwrap();
    let body = match route {
        Route::PutScope => json!({ "name": "Other" }),
        Route::Invite => json!({ "email": "new@example.org", "role": "reader" }),
        Route::Import => {
            let grants = json!([{ "scope": "acme", "role": "reader" }]);
            json!({ "people": [{ "email": "new@example.org", "grants": grants }] })
        }
        Route::ChangeEach => {
            let change =
                json!({ "id": "abcdefghijklmnopqrstuvwxyz", "version": 1, "role": "reader" });
            json!({ "changes": [change] })
        }
        Route::CopyTeam => json!({ "from": "acme:tech:meetup" }),
        Route::ReorderWaitingList => json!({ "ids": [] }),
        Route::RevokeEach => json!({ "ids": ["abcdefghijklmnopqrstuvwxyz"] }),
        Route::ChangeEmail => json!({ "email": "moved@example.org" }),
        Route::AssignRole => json!({ "role": "reader", "reason": "why not" }),
        Route::TransferOwnership => json!({ "collaborator": "" }),
        Route::Announce => json!({ "subject": "Maintenance", "text": "Ce soir.\nMerci." }),
        Route::PutRole => json!({
            "name": { "fr": "Accueil", "en": "Front desk" },
            "permissions": ["checkin:scan"],
            "levels": ["event"],
        }),
        Route::PreviewInvitation
        | Route::AcceptInvitation
        | Route::DeclineInvitation
        | Route::RenewInvitation => json!({ "token": "" }),
        Route::ResendInvitation | Route::RecordLogin | Route::Suspend | Route::ArchiveScope => {
            json!({})
        }
        Route::Check => {
            json!({ "checks": [{ "scope": "acme:tech", "permission": "access:view" }] })
        }
        Route::EvaluateAccess
        | Route::EvaluateEach
        | Route::SearchSubjects
        | Route::SearchResources
        | Route::SearchActions => evaluation(),
        Route::GetAuthzenConfiguration
        | Route::GetCatalogue
        | Route::ListRoles
        | Route::DeleteRole
        | Route::GetScope
        | Route::ListClients
        | Route::Restore
        | Route::UnarchiveScope
        | Route::GetSeats
        | Route::GetWaitingList
        | Route::GetHistory
        | Route::ListEvents
        | Route::GetOwnAccess
        | Route::FindPeople
        | Route::ListCollaborators
        | Route::GetCollaborator
        | Route::Revoke
        | Route::UnbindAccount => Value::Null,
    };
    let open = matches!(
        route,
        Route::PreviewInvitation
            | Route::DeclineInvitation
            | Route::RenewInvitation
            | Route::GetAuthzenConfiguration
    );
    let may_be_empty = body == json!({});
    Call { method, path, open, body: Some(body).filter(|body| !body.is_null()), may_be_empty }
}

/// A body for all endpoints of AuthZEN: each ignores what belongs to the others.
fn evaluation() -> Value {
    json!({
        "subject": { "type": "user", "id": LEA },
        "action": { "name": "access:view" },
        "resource": { "type": "audience", "id": "acme:tech" },
    })
}

impl Call {
    /// The route key: `PUT /v1/scopes/{scope}`.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether the rules of AuthZEN apply (docs/authzen.md).
    pub fn is_authzen(&self) -> bool {
        self.path.starts_with("/access/")
    }

    /// Whether the path has this parameter.
    pub fn names(&self, parameter: &str) -> bool {
        self.path.contains(parameter)
    }

    /// Whether the path may name this scope; logins, seats, events, accounts and addresses take a client only.
    pub fn fits(&self, scope: &str) -> bool {
        let ends = [
            "/account",
            "/email",
            "/suspension",
            "/events",
            "/imports",
            "/logins",
            "/seats",
            "/waiting-list",
        ];
        let of_a_client = ends.iter().any(|end| self.path.ends_with(end)) || self.names("{key}");
        !(of_a_client && scope.contains(':'))
    }

    /// Whether the body has a required field; a transfer needs one of two.
    pub fn has_required_fields(&self) -> bool {
        !(self.may_be_empty || self.path.ends_with("/owner"))
    }

    /// Whether the query is read; other routes ignore it.
    pub fn reads_a_query(&self) -> bool {
        let ends = ["/history", "/events"];
        let lists =
            self.path.contains("/collaborators") || ends.iter().any(|end| self.path.ends_with(end));
        // Each command at a scope can be a dry run.
        lists || (self.method != "GET" && self.names("{scope}"))
    }

    /// Whether the version of the collaborator is required.
    pub fn wants_version(&self) -> bool {
        let optional = self.path.ends_with("/suspension") || self.names("{key}");
        let version = self.method == "DELETE" && !optional;
        let puts_a_list = self.method == "PUT" && self.path.ends_with("/waiting-list");
        let ends = ["/role", "/email", "/archive"];
        version || puts_a_list || ends.iter().any(|end| self.path.ends_with(end))
    }

    /// The request without a body, on a version that no collaborator has.
    pub fn bare(&self, about: About<'_>) -> Request {
        let request = self.bare_with(about, "");
        if self.wants_version() { request.if_match("\"1\"") } else { request }
    }

    /// The request with a query, without a body and without a version.
    pub fn bare_with(&self, about: About<'_>, query: &str) -> Request {
        let path = self.path.replace("{scope}", about.scope).replace("{id}", about.id);
        let path = path.replace("{key}", "front-desk");
        let request = Request::new(self.method, &format!("{path}?{query}"));
        if self.method == "PUT" && self.names("{key}") {
            request.header("if-none-match", "*")
        } else if self.path == "/v1/people" {
            request.parameter("email=lea@example.org")
        } else {
            request
        }
    }

    /// A valid body for this scope.
    pub fn body_for(&self, about: About<'_>) -> Option<Value> {
        let mut body = self.body.clone()?;
        if self.method == "PUT" && self.path == "/v1/scopes/{scope}" {
            match about.scope.matches(':').count() {
                0 => body = json!({ "name": "C", "seatLimit": 9, "granting": "administrators" }),
                1 => {}
                _ => body["kind"] = json!("event"),
            }
        }
        if body.get("collaborator").is_some() {
            body["collaborator"] = json!(about.id);
        }
        if body.get("token").is_some() {
            body["token"] = json!(about.token);
        }
        Some(body)
    }

    /// The whole request.
    pub fn request(&self, about: About<'_>) -> Request {
        match self.body_for(about) {
            Some(body) => self.bare(about).json(&body),
            None => self.bare(about),
        }
    }
}

#[tokio::test]
async fn a_function_refuses_a_route_of_another_function_and_changes_nothing() {
    let world = acme().await;
    active(&world, LEA, "acme:tech", "reader").await;
    let before = world.dump().await;
    let gone = format!("/v1/scopes/acme:tech/collaborators/{}", id_of(&world, LEA));
    let request = Request::new("DELETE", &gone).if_match(&etag_of(&world, LEA).await);
    for function in ["identity", "accept", "check", "provision", "list-access"] {
        let answer = world.send_to(function, &Principal::user(OWNER), &request).await;
        assert!(!answer.outcome().starts_with('2'), "{function}: {}", answer.body);
    }
    // A function with several routes takes none of them by default.
    let role = Request::new("PUT", &format!("{gone}/role")).json(&json!({ "role": "observer" }));
    let answer = world.send_to("revoke", &Principal::user(OWNER), &role).await;
    assert!(!answer.outcome().starts_with('2'), "{}", answer.body);
    assert_eq!(world.dump().await, before);
}
