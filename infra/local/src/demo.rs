//! Creates the demonstration data through the stack's own HTTP API, as the platform and its users would.

pub mod data;

use crate::inbox::Inbox;
use crate::issuer::{Issuer, PLATFORM_SCOPE, TokenRequest};
use crate::values::{now, without_nulls};
use anyhow::{Context, Result, ensure};
use data::{Action, Client, Collaborator, Identity, Scope, clients};
use jiff::SignedDuration;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How long to wait for a mail.
const MAIL_LIMIT: Duration = Duration::from_secs(15);

/// The parts of the stack that the demonstration uses.
pub struct Demo {
    pub http: reqwest::Client,
    /// The address of the HTTP API.
    pub base: String,
    pub issuer: Arc<Issuer>,
    /// The inbox, unless mail goes elsewhere.
    pub inbox: Option<Arc<Inbox>>,
}

impl Demo {
    /// Creates the clients that do not exist yet.
    ///
    /// # Errors
    /// When a request fails; what was done before stays.
    pub async fn create(&self) -> Result<()> {
        for client in clients() {
            self.create_client(client).await?;
        }
        Ok(())
    }

    async fn create_client(&self, client: &Client) -> Result<()> {
        let owner = self.token(&client.owner.email, &client.owner.name)?;
        let path = format!("/v1/scopes/{}", client.id);
        let (status, _) = self.send(Method::GET, &path, &owner, None).await?;
        // With --data, the client may exist, and must keep its later changes.
        if status == StatusCode::OK || !self.provision(client).await? {
            return Ok(());
        }
        let scope_owners = client.scopes.iter().filter_map(|scope| scope.owner.as_ref());
        for Identity { email, name } in std::iter::once(&client.owner).chain(scope_owners) {
            self.log_in(client, email, name).await?;
        }
        for collaborator in &client.collaborators {
            self.invite(collaborator, &owner).await?;
        }
        // The last ones have the least time to accept before their access expires.
        for Collaborator { email, name, then, .. } in client.collaborators.iter().rev() {
            for action in then {
                match action {
                    Action::Accept => self.accept(client, email, name).await?,
                    Action::LogIn => self.log_in(client, email, name).await?,
                }
            }
        }
        Ok(())
    }

    /// Creates the client and its scopes; returns false if the client existed.
    async fn provision(&self, client: &Client) -> Result<bool> {
        let scope = Some(PLATFORM_SCOPE.to_owned());
        let platform = self.issuer.token(&TokenRequest { scope, ..TokenRequest::default() })?;
        let body = settings(client);
        let path = format!("/v1/scopes/{}", client.id);
        if self.request(Method::PUT, &path, &platform, &body).await? == StatusCode::OK {
            return Ok(false);
        }
        for scope in &client.scopes {
            let path = format!("/v1/scopes/{}", scope.id);
            self.request(Method::PUT, &path, &platform, &scope_body(scope)).await?;
        }
        Ok(true)
    }

    async fn invite(&self, collaborator: &Collaborator, owner: &str) -> Result<()> {
        let expires_at = collaborator.expires_in.map(in_seconds);
        let body = without_nulls(json!({
            "email": collaborator.email,
            "name": collaborator.name,
            "role": collaborator.role,
            "permissions": collaborator.permissions,
            "expiresAt": expires_at,
            "locale": "fr",
        }));
        let path = format!("/v1/scopes/{}/collaborators", collaborator.scope);
        self.request(Method::POST, &path, owner, &body).await?;
        Ok(())
    }

    async fn accept(&self, client: &Client, email: &str, name: &str) -> Result<()> {
        // When mail goes elsewhere, the link is not known here, but a login activates too.
        let Some(inbox) = &self.inbox else {
            return self.log_in(client, email, name).await;
        };
        let token = tokio::time::timeout(MAIL_LIMIT, invitation_token(inbox, email)).await;
        let token = token.with_context(|| format!("no mail was sent to {email}"))?;
        let bearer = self.token(email, name)?;
        let body = json!({ "token": token });
        self.request(Method::POST, "/v1/invitations/accept", &bearer, &body).await?;
        Ok(())
    }

    async fn log_in(&self, client: &Client, email: &str, name: &str) -> Result<()> {
        let path = format!("/v1/scopes/{}/logins", client.id);
        self.request(Method::POST, &path, &self.token(email, name)?, &json!({})).await?;
        Ok(())
    }

    fn token(&self, email: &str, name: &str) -> Result<String> {
        let name = Some(name.to_owned());
        self.issuer.token(&TokenRequest { name, ..TokenRequest::for_email(email) })
    }

    /// Sends a request that must succeed.
    async fn request(
        &self,
        method: Method,
        path: &str,
        bearer: &str,
        body: &Value,
    ) -> Result<StatusCode> {
        let (status, response) = self.send(method.clone(), path, bearer, Some(body)).await?;
        ensure!(status.is_success(), "{method} {path} returned {status}: {response}");
        Ok(status)
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        bearer: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, String)> {
        let mut request =
            self.http.request(method, format!("{}{path}", self.base)).bearer_auth(bearer);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        Ok((response.status(), response.text().await?))
    }
}

fn in_seconds(seconds: i64) -> String {
    format!("{:.0}", now() + SignedDuration::from_secs(seconds))
}

fn scope_body(scope: &Scope) -> Value {
    without_nulls(json!({
        "name": scope.name,
        "kind": scope.kind,
        "owner": scope.owner,
        "endsAt": scope.ends_in.map(in_seconds),
    }))
}

fn settings(client: &Client) -> Value {
    json!({
        "name": client.name,
        "seatLimit": client.seat_limit,
        "granting": client.granting,
        "roles": client.roles,
        "locale": "fr",
        "accentColor": client.accent_color,
        "timeZone": client.time_zone,
        "accessEndsAfterDays": client.access_ends_after_days,
        "platformUrl": client.platform_url,
        "owner": client.owner,
    })
}

/// Waits for an invitation's mail, and returns the token in its link.
async fn invitation_token(inbox: &Inbox, email: &str) -> String {
    loop {
        let link = inbox.mails(Some(email)).into_iter().rev().find_map(|mail| mail.link);
        if let Some((_, token)) = link.as_deref().and_then(|link| link.split_once('#')) {
            return token.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_client_has_a_look_and_a_page_and_the_other_the_defaults() {
        let chosen = |client| {
            let settings = settings(client);
            ["accentColor", "timeZone", "platformUrl"].map(|name| settings[name].clone())
        };
        let [digi_expo, acme] = clients() else { panic!("two clients") };
        assert_eq!(chosen(digi_expo), [Value::Null, Value::Null, Value::Null]);
        let look = ["#1d4e89", "Europe/Paris", "https://back-office.example/acme"];
        assert_eq!(chosen(acme), look.map(Value::from));
    }
}
