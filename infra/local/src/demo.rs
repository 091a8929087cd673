//! Fills the demonstration data through the stack's own HTTP API, as the platform and its people would.

pub mod cast;

use crate::clock;
use crate::inbox::Inbox;
use crate::issuer::{Issuer, NoKey, PLATFORM_SCOPE, Wanted};
use cast::{CLIENTS, Client, Person, Scope, Then};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// How long a mail may take.
const MAIL_LIMIT: Duration = Duration::from_secs(15);

/// Why the demonstration data is not complete.
#[derive(Debug, Error)]
pub enum NotFilled {
    /// The stack does not answer.
    #[error("the stack does not answer")]
    Unreachable(#[from] reqwest::Error),
    /// A request was refused.
    #[error("{request} was answered with {status}: {body}")]
    Refused {
        /// Method and path.
        request: String,
        /// The answer's status.
        status: StatusCode,
        /// The answer's body.
        body: String,
    },
    /// A mail did not come.
    #[error("no mail came to {0}")]
    NoMail(&'static str),
    /// No token could be made.
    #[error("no token could be made")]
    NoToken(#[from] NoKey),
    /// A time lies beyond the calendar.
    #[error("a time lies beyond the calendar")]
    Time(#[from] jiff::Error),
}

/// What the demonstration needs of the stack.
pub struct Demo {
    /// The client for requests.
    pub http: reqwest::Client,
    /// The address of the HTTP API.
    pub base: String,
    /// The issuer of tokens.
    pub issuer: Arc<Issuer>,
    /// The inbox, if mail comes to it.
    pub inbox: Option<Arc<Inbox>>,
}

impl Demo {
    /// Fills in every client that is not there yet.
    ///
    /// # Errors
    /// When something is refused or missing; what was done before stays.
    pub async fn fill(&self) -> Result<(), NotFilled> {
        for client in &CLIENTS {
            self.fill_client(client).await?;
        }
        Ok(())
    }

    async fn fill_client(&self, client: &Client) -> Result<(), NotFilled> {
        let owner = self.person(client.owner)?;
        let path = format!("/v1/scopes/{}", client.id);
        let (found, _) = self.send(Method::GET, &path, &owner, None).await?;
        // With --data, it may be there from the last time; what was changed since stays.
        if found == StatusCode::OK || !self.provision(client).await? {
            return Ok(());
        }
        self.log_in(client.id, client.owner).await?;
        for scope in client.scopes {
            if let Some(owner) = scope.owner {
                self.log_in(client.id, owner).await?;
            }
        }
        for person in client.people {
            self.invite(person, &owner).await?;
        }
        // Those whose access ends soon are the last, and have the least time to accept.
        for person in client.people.iter().rev() {
            self.act(client.id, person).await?;
        }
        Ok(())
    }

    /// Creates the client and its scopes; false if it was there.
    async fn provision(&self, client: &Client) -> Result<bool, NotFilled> {
        let wanted = Wanted { scope: Some(PLATFORM_SCOPE.to_owned()), ..Wanted::default() };
        let platform = self.issuer.token(&wanted)?;
        let path = format!("/v1/scopes/{}", client.id);
        let body = json!({
            "name": client.name,
            "seatLimit": client.seats,
            "granting": client.granting,
            "roles": client.roles,
            "locale": "fr",
            "owner": named(client.owner),
        });
        if self.done(Method::PUT, &path, &platform, &body).await? == StatusCode::OK {
            return Ok(false);
        }
        for scope in client.scopes {
            let path = format!("/v1/scopes/{}", scope.id);
            self.done(Method::PUT, &path, &platform, &scope_body(scope)).await?;
        }
        Ok(true)
    }

    async fn invite(&self, person: &Person, owner: &str) -> Result<(), NotFilled> {
        let path = format!("/v1/scopes/{}/collaborators", person.scope);
        let mut body = json!({"email": person.email, "name": person.name, "role": person.role, "locale": "fr"});
        let ends = match person.ends_after {
            Some(after) => Some(format!("{:.0}", clock::now().checked_add(after)?)),
            None => None,
        };
        let permissions = (!person.permissions.is_empty()).then(|| json!(person.permissions));
        for (name, value) in [("expiresAt", ends.map(Value::from)), ("permissions", permissions)] {
            if let (Some(value), Some(body)) = (value, body.as_object_mut()) {
                body.insert(name.to_owned(), value);
            }
        }
        self.done(Method::POST, &path, owner, &body).await?;
        Ok(())
    }

    async fn act(&self, client: &str, person: &Person) -> Result<(), NotFilled> {
        let identity = (person.email, person.name);
        match person.then {
            Then::Waits => {}
            Then::LogsIn => self.log_in(client, identity).await?,
            Then::Accepts => self.accept(client, identity).await?,
            Then::AcceptsAndLogsIn => {
                self.accept(client, identity).await?;
                self.log_in(client, identity).await?;
            }
        }
        Ok(())
    }

    async fn accept(
        &self,
        client: &str,
        identity: (&'static str, &'static str),
    ) -> Result<(), NotFilled> {
        // Where mail goes elsewhere, nobody here can open its link: a login activates as well.
        let Some(inbox) = &self.inbox else {
            return self.log_in(client, identity).await;
        };
        let token = token_for(inbox, identity.0).await?;
        let bearer = self.person(identity)?;
        let body = json!({"token": token});
        self.done(Method::POST, "/v1/invitations/accept", &bearer, &body).await?;
        Ok(())
    }

    async fn log_in(
        &self,
        client: &str,
        identity: (&'static str, &'static str),
    ) -> Result<(), NotFilled> {
        let path = format!("/v1/scopes/{client}/logins");
        self.done(Method::POST, &path, &self.person(identity)?, &json!({})).await?;
        Ok(())
    }

    fn person(&self, (email, name): (&str, &str)) -> Result<String, NotFilled> {
        let wanted = Wanted {
            email: Some(email.to_owned()),
            name: Some(name.to_owned()),
            ..Wanted::default()
        };
        Ok(self.issuer.token(&wanted)?)
    }

    /// Sends a request that must succeed.
    async fn done(
        &self,
        method: Method,
        path: &str,
        bearer: &str,
        body: &Value,
    ) -> Result<StatusCode, NotFilled> {
        let request = format!("{method} {path}");
        let (status, body) = self.send(method, path, bearer, Some(body)).await?;
        if status.is_success() {
            Ok(status)
        } else {
            Err(NotFilled::Refused { request, status, body })
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        bearer: &str,
        body: Option<&Value>,
    ) -> Result<(StatusCode, String), NotFilled> {
        let mut request =
            self.http.request(method, format!("{}{path}", self.base)).bearer_auth(bearer);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        Ok((response.status(), response.text().await?))
    }
}

fn named((email, name): (&str, &str)) -> Value {
    json!({"email": email, "name": name})
}

fn scope_body(scope: &Scope) -> Value {
    let mut body = json!({"name": scope.name});
    for (name, value) in [("kind", scope.kind.map(Value::from)), ("owner", scope.owner.map(named))]
    {
        if let (Some(value), Some(body)) = (value, body.as_object_mut()) {
            body.insert(name.to_owned(), value);
        }
    }
    body
}

/// Waits for the invitation's mail and takes the token from its link.
async fn token_for(inbox: &Inbox, email: &'static str) -> Result<String, NotFilled> {
    let pause = Duration::from_millis(50);
    let found = async {
        loop {
            let mails = inbox.mails(Some(email));
            let link = mails.into_iter().rev().find_map(|mail| mail.link);
            if let Some((_, fragment)) = link.as_deref().and_then(|link| link.split_once('#')) {
                return fragment.to_owned();
            }
            tokio::time::sleep(pause).await;
        }
    };
    tokio::time::timeout(MAIL_LIMIT, found).await.map_err(|_| NotFilled::NoMail(email))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn everybody_has_a_seat_and_stands_in_a_scope_of_the_client() {
        for client in &CLIENTS {
            let mut scopes: BTreeSet<_> = client.scopes.iter().map(|scope| scope.id).collect();
            scopes.insert(client.id);
            let people: BTreeSet<_> = client.people.iter().map(|person| person.email).collect();
            assert!(u32::try_from(people.len() + 2).unwrap() <= client.seats);
            for person in client.people {
                assert!(scopes.contains(person.scope), "{}", person.email);
                assert!(client.roles.contains(&person.role), "{}", person.email);
                assert_eq!(person.role == "custom", !person.permissions.is_empty());
            }
        }
    }
}
