//! Clients that two generators make from the contract go the journey through the stack.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::process::Command;

use crate::{python::python_library, stack::Stack};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn generated_clients_have_every_operation_and_response_and_go_the_journey() {
    let clients = Clients::generated().await;
    let stack = Stack::start(&[]).await;
    for journey in ["journey_one.py", "journey_other.py"] {
        clients.run(journey, &[&stack.base]).await;
    }
    stack.stop().await;
}

/// The generated clients, below the target folder.
struct Clients {
    library: PathBuf,
    folder: PathBuf,
}

impl Clients {
    /// Generates them, and fails if one of them lacks an operation or a response.
    async fn generated() -> Self {
        let library = python_library("tests/clients").await;
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("generated-clients");
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        let clients = Self { library, folder };
        let contract = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/openapi.yaml");
        clients.run("generate.py", &[contract, &clients.folder.to_string_lossy()]).await;
        clients
    }

    /// Runs a program of `tests/clients`.
    async fn run(&self, program: &str, arguments: &[&str]) {
        let modules = [&self.library, &self.folder, &self.folder.join("other")];
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(program);
        let output = Command::new("python3")
            .arg("-B")
            .arg(&program)
            .args(arguments)
            .env("PYTHONPATH", std::env::join_paths(modules).unwrap())
            .stdin(Stdio::null())
            .output()
            .await
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{}: {printed}{errors}", program.display());
    }
}
