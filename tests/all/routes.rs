//! Every route of the template, each with a request that is right in itself.

use std::sync::LazyLock;

use coulisses_tests::{Request, Template};
use serde_json::{Value, json};

/// A route, and what it wants of a request.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method.
    pub method: &'static str,
    /// The path, with its parameters in braces.
    pub path: String,
    /// Whether no login is needed.
    pub open: bool,
    /// A body that is right, if the route has one.
    pub body: Option<Value>,
    /// Whether that body may be left out.
    pub may_be_empty: bool,
}

/// Whom a request is about.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The scope in the path, if the route has one.
    pub scope: &'a str,
    /// The collaborator in the path, if the route has one.
    pub id: &'a str,
    /// The token in the body, if the route has one.
    pub token: &'a str,
}

/// Every route. A new one must be told here how it is called.
pub fn calls() -> Vec<Call> {
    static CALLS: LazyLock<Vec<Call>> = LazyLock::new(read);
    CALLS.clone()
}

fn read() -> Vec<Call> {
    let routes = Template::read().routes().into_iter();
    routes
        .map(|route| {
            let route_key = format!("{} {}", route.method, route.path);
            let empty = json!({});
            let (method, body) = match route_key.as_str() {
                "PUT /v1/scopes/{scope}" => ("PUT", Some(json!({ "name": "Other" }))),
                "POST /v1/scopes/{scope}/collaborators" => {
                    ("POST", Some(json!({ "email": "new@example.org", "role": "reader" })))
                }
                "POST /v1/scopes/{scope}/revocations" => {
                    ("POST", Some(json!({ "ids": ["abcdefghijklmnopqrstuvwxyz"] })))
                }
                "PUT /v1/scopes/{scope}/collaborators/{id}/role" => {
                    ("PUT", Some(json!({ "role": "reader", "reason": "why not" })))
                }
                "POST /v1/scopes/{scope}/owner" => ("POST", Some(json!({ "collaborator": "" }))),
                "POST /v1/scopes/{scope}/announcements" => {
                    ("POST", Some(json!({ "subject": "Maintenance", "text": "Ce soir.\nMerci." })))
                }
                "POST /v1/invitations/preview" | "POST /v1/invitations/accept" => {
                    ("POST", Some(json!({ "token": "" })))
                }
                "POST /v1/scopes/{scope}/collaborators/{id}/resend"
                | "POST /v1/scopes/{scope}/logins" => ("POST", Some(empty)),
                "POST /v1/checks" => {
                    let check = json!({ "scope": "acme:tech", "permission": "access:view" });
                    ("POST", Some(json!({ "checks": [check] })))
                }
                "GET /v1/scopes/{scope}"
                | "GET /v1/scopes/{scope}/seats"
                | "GET /v1/scopes/{scope}/history"
                | "GET /v1/me/access"
                | "GET /v1/scopes/{scope}/collaborators"
                | "GET /v1/scopes/{scope}/collaborators/{id}" => ("GET", None),
                "DELETE /v1/scopes/{scope}/collaborators/{id}" => ("DELETE", None),
                other => panic!("how is {other} called?"),
            };
            let may_be_empty = body == Some(json!({}));
            Call { method, path: route.path, open: route.open, body, may_be_empty }
        })
        .collect()
}

impl Call {
    /// The route as it is called: `PUT /v1/scopes/{scope}`.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether the path has this parameter.
    pub fn names(&self, parameter: &str) -> bool {
        self.path.contains(parameter)
    }

    /// Whether the path may name this scope: a login is to a client, and a client has seats.
    pub fn fits(&self, scope: &str) -> bool {
        let of_a_client = self.path.ends_with("/logins") || self.path.ends_with("/seats");
        !(of_a_client && scope.contains(':'))
    }

    /// Whether the body has a field that must be there: a transfer names one of two.
    pub fn has_required_fields(&self) -> bool {
        !(self.may_be_empty || self.path.ends_with("/owner"))
    }

    /// Whether the query is read; elsewhere it is passed over.
    pub fn reads_a_query(&self) -> bool {
        let reads = self.path.contains("/collaborators") || self.path.ends_with("/history");
        reads && self.body.is_none()
    }

    /// Whether the version of the collaborator in the path must be named.
    pub fn wants_version(&self) -> bool {
        self.method == "DELETE" || self.path.ends_with("/role")
    }

    /// The request without a body, on a version that nobody has.
    pub fn bare(&self, about: About<'_>) -> Request {
        let request = self.bare_with(about, "");
        if self.wants_version() { request.if_match("\"1\"") } else { request }
    }

    /// The request with a query, without a body and a version.
    pub fn bare_with(&self, about: About<'_>, query: &str) -> Request {
        let path = self.path.replace("{scope}", about.scope).replace("{id}", about.id);
        Request::new(self.method, &format!("{path}?{query}"))
    }

    /// A body that is right for this scope.
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
