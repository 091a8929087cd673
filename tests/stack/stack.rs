//! The local stack, as `cargo local` starts it.

use std::{ffi::OsStr, process::Stdio, time::Duration};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, ChildStderr, Command},
    sync::{Mutex, MutexGuard, oneshot},
    time::timeout,
};

/// The longest first start, including the build.
const START: Duration = Duration::from_mins(20);

/// Two stacks at once are too much for two cores.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// A running local stack, which ends with the test.
pub struct Stack {
    _turn: MutexGuard<'static, ()>,
    child: Child,
    /// The URL of the gateway.
    pub base: String,
    /// The URL of the table.
    pub table: String,
    http: Client,
}

impl Stack {
    /// Starts a stack with these options, and waits until it is ready.
    pub async fn start(options: &[&OsStr]) -> Self {
        let turn = ONE_AT_A_TIME.lock().await;
        let mut child = Command::new(env!("CARGO"))
            .args(["local", "--port", "0", "--no-console"])
            .args(options)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let table = table_address(child.stderr.take().unwrap());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if let Some(base) = line.strip_prefix("ready ") {
                    return base.to_owned();
                }
            }
            panic!("cargo local ended before it was ready");
        };
        let base = timeout(START, ready).await.expect("ready in time");
        let table = timeout(START, table).await.expect("the table's address in time").unwrap();
        Self { _turn: turn, child, base, table, http: Client::new() }
    }

    /// Ends the stack with SIGTERM, and waits for its end.
    pub async fn stop(mut self) {
        let pid = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
        timeout(Duration::from_secs(20), self.child.wait()).await.expect("an end in time").unwrap();
    }

    /// A token with these claims.
    pub async fn token(&self, body: Value) -> String {
        let url = format!("{}/_local/tokens", self.base);
        let answer: Value =
            self.http.post(url).json(&body).send().await.unwrap().json().await.unwrap();
        answer["accessToken"].as_str().unwrap().to_owned()
    }

    /// A token of a user with this address.
    pub async fn person(&self, email: &str) -> String {
        self.token(json!({ "email": email })).await
    }

    /// Sends a request and asserts the status; returns the `ETag` and the body.
    pub async fn send(
        &self,
        token: &str,
        (method, target, status): (Method, &str, u16),
        with: With<'_>,
    ) -> (String, Value) {
        let mut request = self.http.request(method, format!("{}{target}", self.base));
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(etag) = with.if_match {
            request = request.header("if-match", etag);
        }
        if let Some(body) = with.body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let (got, etag) = (answer.status().as_u16(), answer.headers().get("etag").cloned());
        let body = answer.text().await.unwrap();
        assert_eq!(got, status, "{target}: {body}");
        let etag = etag.map(|etag| etag.to_str().unwrap().to_owned()).unwrap_or_default();
        (etag, serde_json::from_str(&body).unwrap_or_default())
    }

    pub async fn get(&self, token: &str, target: &str) -> Value {
        self.send(token, (Method::GET, target, 200), With::default()).await.1
    }

    pub async fn post(&self, token: &str, (target, status): (&str, u16), body: Value) -> Value {
        self.send(token, (Method::POST, target, status), With::body(body)).await.1
    }

    /// The grid of a scope, one line for each collaborator: address, status, role here, and all roles with their scopes.
    pub async fn grid(&self, token: &str, scope: &str) -> Vec<String> {
        let list = self.get(token, &format!("/v1/scopes/{scope}/collaborators")).await;
        let row = |person: &Value| {
            let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
            let grants = person["grants"].as_array().unwrap().iter();
            let grants: Vec<String> = grants
                .map(|grant| format!("{}@{}", text(&grant["role"]), text(&grant["scope"])))
                .collect();
            let (email, status, role) =
                (text(&person["email"]), text(&person["status"]), text(&person["role"]));
            format!("{email} {status} {role} [{}]", grants.join(" "))
        };
        list["collaborators"].as_array().unwrap().iter().map(row).collect()
    }

    /// Waits until an invitation is delivered.
    pub async fn until_delivered(&self, token: &str, (here, id): (&str, &str)) {
        let wait = async {
            let one = format!("{here}/{id}");
            while self.get(token, &one).await["invitation"]["delivery"] != "delivered" {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(Duration::from_mins(1), wait).await.expect("the mail delivered in time");
    }

    /// Waits for `count` mails with links to `to`; returns their tokens.
    pub async fn links(&self, to: &str, count: usize) -> Vec<String> {
        let url = format!("{}/_local/mails?to={to}", self.base);
        let wait = async {
            loop {
                let answer: Value = self.http.get(&url).send().await.unwrap().json().await.unwrap();
                let links = answer["mails"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter_map(|mail| mail["link"].as_str());
                let tokens: Vec<String> =
                    links.map(|link| link.split_once('#').unwrap().1.to_owned()).collect();
                if tokens.len() >= count {
                    return tokens;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(Duration::from_mins(1), wait).await.expect("mail in time")
    }
}

/// Prints the standard error of the stack, and finds the table's address in it.
fn table_address(stderr: ChildStderr) -> oneshot::Receiver<String> {
    let (sender, receiver) = oneshot::channel();
    tokio::spawn(async move {
        let (mut lines, mut sender) = (BufReader::new(stderr).lines(), Some(sender));
        while let Ok(Some(line)) = lines.next_line().await {
            let address =
                line.trim().strip_prefix("table").and_then(|rest| rest.split_whitespace().next());
            if let Some(address) = address
                && let Some(sender) = sender.take()
            {
                sender.send(address.to_owned()).unwrap();
            }
            eprintln!("{line}");
        }
    });
    receiver
}

/// Optional parts of a request.
#[derive(Default)]
pub struct With<'a> {
    /// The `If-Match` header.
    pub if_match: Option<&'a str>,
    pub body: Option<Value>,
}

impl With<'_> {
    /// Only a body.
    pub fn body(body: Value) -> Self {
        Self { if_match: None, body: Some(body) }
    }
}
