//! Lambda's Runtime API for one function and its process, and a mail service.

use std::{
    fs,
    process::Stdio,
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::Value;
use tokio::{
    net::TcpListener,
    process::{Child, Command},
    sync::{mpsc, oneshot},
};

use crate::{binary::Binary, tally::Memory};

/// A poll of a function for its next event.
type Poll = (Instant, oneshot::Sender<String>);

/// The response of a function, and its time.
type Answer = (Instant, Result<String, String>);

/// The channels of the function's polls and responses.
#[derive(Clone)]
struct Sent {
    polls: mpsc::UnboundedSender<Poll>,
    answers: mpsc::UnboundedSender<Answer>,
}

/// A function in its own process, waiting for an event.
pub struct Runtime {
    /// The time from its start to its first poll.
    pub started: Duration,
    process: Child,
    waiting: Option<Poll>,
    polls: mpsc::UnboundedReceiver<Poll>,
    answers: mpsc::UnboundedReceiver<Answer>,
}

impl Runtime {
    /// Starts `binary` with these variables and those of Lambda.
    pub async fn start<'a>(
        binary: &Binary,
        environment: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let (to_polls, mut polls) = mpsc::unbounded_channel();
        let (to_answers, answers) = mpsc::unbounded_channel();
        let address = serve(router(Sent { polls: to_polls, answers: to_answers })).await;
        let mut command = Command::new(&binary.path);
        command
            .env_clear()
            .envs(environment)
            .env("AWS_LAMBDA_RUNTIME_API", address)
            .env("AWS_LAMBDA_FUNCTION_NAME", &binary.name)
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
            .env("AWS_LAMBDA_LOG_GROUP_NAME", "group")
            .env("AWS_LAMBDA_LOG_STREAM_NAME", "stream")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true);
        let began = Instant::now();
        let mut process = command.spawn().expect("a process");
        let waiting = tokio::select! {
            poll = polls.recv() => poll.expect("a poll"),
            ended = process.wait() => panic!("{} ended: {ended:?}", binary.name),
        };
        let started = waiting.0 - began;
        Self { started, process, waiting: Some(waiting), polls, answers }
    }

    /// Passes an event and waits for the response; returns the time between.
    pub async fn answer(&mut self, event: &Value) -> Duration {
        let poll = match self.waiting.take() {
            Some(poll) => poll,
            None => self.polls.recv().await.expect("a poll"),
        };
        let event = event.to_string();
        let began = Instant::now();
        poll.1.send(event).expect("a function that waits");
        let (ended, answer) = self.answers.recv().await.expect("an answer");
        assert_went_well(&answer);
        ended - began
    }

    pub fn memory(&self) -> Memory {
        let id = self.process.id().expect("a process that runs");
        let status = fs::read_to_string(format!("/proc/{id}/status")).expect("Linux");
        let kilobytes = |name: &str| -> f64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a figure");
            line.trim_matches([':', ' ', '\t', 'k', 'B']).parse().expect("a number")
        };
        Memory { resident: kilobytes("VmRSS") / 1_024.0, peak: kilobytes("VmHWM") / 1_024.0 }
    }

    /// The processor time used so far.
    pub fn processor(&self) -> Duration {
        let id = self.process.id().expect("a process that runs");
        let status = fs::read_to_string(format!("/proc/{id}/schedstat")).expect("Linux");
        let nanoseconds = status.split_whitespace().next().expect("a figure");
        Duration::from_nanos(nanoseconds.parse().expect("a number"))
    }

    pub async fn stop(mut self) {
        self.process.kill().await.expect("an end");
    }
}

/// Asserts that the response is a success.
fn assert_went_well(answer: &Result<String, String>) {
    let text = answer.as_ref().unwrap_or_else(|error| panic!("the function failed: {error}"));
    let answer: Value = serde_json::from_str(text).expect("JSON");
    let status = answer["statusCode"].as_u64().unwrap_or(200);
    let failed = answer["batchItemFailures"].as_array().is_some_and(|failed| !failed.is_empty());
    assert!(status < 400 && !failed, "not a success: {text}");
}

fn router(sent: Sent) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(failed))
        .with_state(sent)
}

async fn next(State(sent): State<Sent>) -> Response {
    let now = Instant::now();
    let (hand, event) = oneshot::channel();
    if sent.polls.send((now, hand)).is_err() {
        return StatusCode::GONE.into_response();
    }
    let Ok(event) = event.await else { return StatusCode::GONE.into_response() };
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-3:123456789012:function:f"),
        ("content-type", "application/json"),
    ];
    (headers, event).into_response()
}

async fn answered(State(sent): State<Sent>, body: String) -> StatusCode {
    let _ = sent.answers.send((Instant::now(), Ok(body)));
    StatusCode::ACCEPTED
}

async fn failed(State(sent): State<Sent>, body: String) -> StatusCode {
    let _ = sent.answers.send((Instant::now(), Err(body)));
    StatusCode::ACCEPTED
}

/// Starts a mail service that accepts everything; returns its URL.
pub async fn ses() -> String {
    let taken = || async { ([("content-type", "application/json")], r#"{"MessageId":"1"}"#) };
    format!("http://{}", serve(Router::new().fallback(taken)).await)
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}
