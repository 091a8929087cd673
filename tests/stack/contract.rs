//! Schemathesis runs the contract against the stack. Valid and invalid requests generated from it must never get a 5xx or
//! a response outside the contract.

use std::{fs, path::Path, process::Stdio};

use coulisses_tests::Contract;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::{python::python_library, stack::Stack};

/// How long requests are generated for each caller, in seconds; `COULISSES_CONTRACT_SECONDS` overrides it.
const SECONDS: &str = "15";

/// The checks of every response. Left out: that a body of the right shape is accepted (the domain refuses some
/// characters), 405 for other methods (API Gateway returns 404), and 400 for a missing `If-Match` (it is 428).
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_headers_conformance,response_schema_conformance,negative_data_rejection,ignored_auth";

/// An old version is refused before wrong fields (docs/decisions/0045-one-order-of-refusals.md).
const REFUSED: &str = "[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 422, 428, 429, \"5xx\"]
";

/// AuthZEN ignores what it does not know, and denies an incomplete evaluation in its place.
const LENIENT: &str = "[[operations]]
include-tag = \"authzen\"
checks.negative_data_rejection.expected-statuses = [\"2xx\", \"4xx\", \"5xx\"]
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_generated_from_the_contract_gets_a_response_outside_it() {
    let library = python_library("tests/stack").await;
    let stack = Stack::start(&[]).await;
    let platform = stack.token(json!({ "scope": "coulisses/platform" })).await;
    let owner = stack.person("sophie.bernard@example.com").await;
    let list = stack.get(&owner, "/v1/scopes/acme:tech/collaborators?q=lea.dubois").await;
    let lea = list["collaborators"][0]["id"].as_str().unwrap();
    // Existing parameters: a client where one is required, an audience elsewhere, and a collaborator.
    let at_work = format!(
        "[parameters]\n\"path.scope\" = \"acme:tech\"\n\"path.id\" = \"{lea}\"\n{}{}",
        client_only("/v1/scopes/{scope}/logins"),
        client_only("/v1/scopes/{scope}/seats"),
    );
    drive(&library, &stack, ("owner", &owner), &at_work).await;
    drive(&library, &stack, ("platform", &platform), "").await;
    stack.stop().await;
}

fn client_only(path: &str) -> String {
    format!(
        "[[operations]]\ninclude-path = \"{path}\"\nparameters = {{ \"path.scope\" = \"acme\" }}\n"
    )
}

/// The contract without the limits that only API Gateway sets: on headers and queries, which the local gateway does not have,
/// and on a whole body: several such texts in one request are larger than any request.
fn as_far_as_the_functions() -> Value {
    fn unlimit(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.retain(|name, value| {
                    name != "maxLength" || (*value != 10_240 && *value != 262_144)
                });
                map.values_mut().for_each(unlimit);
            }
            Value::Array(list) => list.iter_mut().for_each(unlimit),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut document = Contract::get().document().clone();
    unlimit(&mut document);
    document
}

/// Generates requests as one caller and asserts that every response passes all checks.
async fn drive(library: &Path, stack: &Stack, (name, token): (&str, &str), config: &str) {
    let folder = library.join(name);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("schemathesis.toml"), format!("{REFUSED}{config}{LENIENT}")).unwrap();
    let contract = folder.join("openapi.json");
    fs::write(&contract, as_far_as_the_functions().to_string()).unwrap();
    #[expect(clippy::disallowed_methods, reason = "the environment sets the length of the run")]
    let seconds =
        std::env::var("COULISSES_CONTRACT_SECONDS").unwrap_or_else(|_| SECONDS.to_owned());
    let run = Command::new("python3")
        .arg(library.join("bin/schemathesis"))
        .arg("run")
        .arg(contract)
        .args(["--url", &stack.base, "--header", &format!("Authorization: Bearer {token}")])
        .args(["--checks", CHECKS, "--max-time", &seconds, "--seed", "1", "--no-shrink"])
        .args(["--continue-on-failure", "--generation-database", "none", "--no-color"])
        .env("PYTHONPATH", library)
        .current_dir(&folder)
        .stdin(Stdio::null())
        .output();
    let output = run.await.unwrap();
    let report = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "as the {name}:\n{report}{errors}");
    let cases =
        report.split_once("Test cases:").and_then(|(_, rest)| rest.split_whitespace().next());
    let cases: u32 = cases.unwrap().parse().unwrap();
    // The coverage phase alone makes thousands on an idle machine.
    assert!(cases > 100, "too few requests: {report}");
}
