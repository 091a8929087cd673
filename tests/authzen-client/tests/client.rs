//! The crate `openidauthzen` discovers the local stack, evaluates, and searches (docs/authzen.md).

use std::{process::Stdio, time::Duration};

use openidauthzen::{
    client::AuthZenClient,
    error::Error,
    evaluation::{EvaluationItem, EvaluationRequest, EvaluationsRequest},
    http::{HttpClient, HttpResponse, Method},
    model::{Action, Resource, Subject},
    search::{ActionSearchRequest, Page, ResourceSearchRequest, SubjectSearchRequest},
};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// The client accepts https addresses only. The stack has none, so this stands in for a proxy that ends TLS.
struct Proxy(reqwest::Client);

#[async_trait::async_trait]
impl HttpClient for Proxy {
    async fn request(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Result<HttpResponse, Error> {
        let url = url.replacen("https://", "http://", 1);
        let mut request = match method {
            Method::Post => self.0.post(url),
            _ => self.0.get(url),
        };
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let response = request.send().await.map_err(|error| Error::Http(Box::new(error)))?;
        let status = response.status().as_u16();
        let text = response.text().await.map_err(|error| Error::Http(Box::new(error)))?;
        let body = text.replace("http://127.0.0.1", "https://127.0.0.1").into_bytes();
        Ok(HttpResponse { status, headers: Vec::new(), body })
    }
}

/// Starts the stack with its demonstration data; returns its address without the scheme.
async fn stack() -> (Child, String) {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let mut child = Command::new("cargo")
        .args(["local", "--port", "0", "--no-console"])
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some(base) = line.strip_prefix("ready ") {
            let host = base.split_whitespace().next().unwrap();
            let host = host.strip_prefix("http://").unwrap().to_owned();
            // The stack stops when no one reads what it prints.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return (child, host);
        }
    }
    panic!("cargo local ended before it was ready");
}

fn subject(id: Option<&str>) -> Subject {
    Subject { subject_type: "user".into(), id: id.map(Into::into), properties: None }
}

fn resource(kind: &str, id: Option<&str>) -> Resource {
    Resource { resource_type: kind.into(), id: id.map(Into::into), properties: None }
}

fn action(name: &str) -> Action {
    Action { name: name.into(), properties: None }
}

#[tokio::test]
async fn a_client_that_others_wrote_discovers_evaluates_and_searches() {
    const SOPHIE: &str = "sophie.bernard@example.com";
    let (_stack, host) = stack().await;
    let http = reqwest::Client::new();
    let token = http
        .post(format!("http://{host}/_local/tokens"))
        .header("content-type", "application/json")
        .body(r#"{"scope":"coulisses/platform"}"#)
        .send()
        .await
        .unwrap();
    let token: serde_json::Value = serde_json::from_str(&token.text().await.unwrap()).unwrap();
    let token = token["accessToken"].as_str().unwrap();
    let pdp = format!("https://{host}");
    let client = AuthZenClient::new(Proxy(http), Duration::from_secs(60));

    let found = client.discover(&pdp).await.unwrap();
    assert_eq!(found.search_action_endpoint, Some(format!("{pdp}/access/v1/search/action")));

    let evaluation = |name: &str| EvaluationRequest {
        subject: subject(Some(SOPHIE)),
        action: action(name),
        resource: resource("client", Some("acme")),
        context: None,
    };
    let evaluated = client.evaluate(&pdp, token, &evaluation("access:manage")).await.unwrap();
    assert!(evaluated.decision);
    assert!(!client.evaluate(&pdp, token, &evaluation("no:such")).await.unwrap().decision);

    let item = |name: &str| EvaluationItem {
        subject: None,
        action: Some(action(name)),
        resource: None,
        context: None,
    };
    let batch = EvaluationsRequest {
        subject: Some(subject(Some(SOPHIE))),
        action: None,
        resource: Some(resource("client", Some("acme"))),
        context: None,
        evaluations: vec![item("contacts:view"), item("no:such")],
        options: None,
    };
    let decisions = client.evaluate_batch(&pdp, token, &batch).await.unwrap().evaluations;
    assert_eq!(decisions.iter().map(|it| it.decision).collect::<Vec<_>>(), [true, false]);

    let who = SubjectSearchRequest {
        subject: subject(None),
        action: action("access:manage"),
        resource: resource("client", Some("acme")),
        context: None,
        page: Some(Page { token: None, limit: Some(1), properties: None }),
    };
    let mut people = Vec::new();
    let mut page = who.clone();
    loop {
        let found = client.search_subjects(&pdp, token, &page).await.unwrap();
        people.extend(found.results.into_iter().filter_map(|it| it.id));
        let next = found.page.and_then(|page| page.next_token).filter(|next| !next.is_empty());
        let Some(next) = next else { break };
        page.page = Some(Page { token: Some(next), limit: Some(1), properties: None });
    }
    assert!(people.len() > 1 && people.iter().any(|id| id == SOPHIE), "{people:?}");

    let places = ResourceSearchRequest {
        subject: subject(Some(SOPHIE)),
        action: action("contacts:view"),
        resource: resource("event", None),
        context: None,
        page: None,
    };
    let places = client.search_resources(&pdp, token, &places).await.unwrap().results;
    assert!(!places.is_empty() && places.iter().all(|it| it.resource_type == "event"));

    let rights = ActionSearchRequest {
        subject: subject(Some(SOPHIE)),
        resource: resource("client", Some("acme")),
        context: None,
        page: None,
    };
    let rights = client.search_actions(&pdp, token, &rights).await.unwrap().results;
    assert!(rights.iter().any(|it| it.name == "access:manage"));
}
