//! The workspace, and how its functions are built and served.

use crate::children::{Children, Guarded, inherited, this_program};
use crate::functions::concurrency;
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;
use tokio::process::Command;

/// The version of cargo-lambda to install if there is none.
const CARGO_LAMBDA: &str = "1.9.2";

/// The oldest version that has all the options used here.
const OLDEST: (u32, u32) = (1, 9);

#[derive(Debug, Deserialize)]
pub struct Project {
    #[serde(rename = "workspace_root")]
    pub root: PathBuf,
    #[serde(rename = "target_directory")]
    target: PathBuf,
}

/// How the functions are built and served.
#[derive(Debug, Clone, Copy)]
pub struct BuildOptions {
    /// Build with optimisations.
    pub release: bool,
    /// Rebuild on change.
    pub watch: bool,
}

impl Project {
    /// Finds the workspace around the current directory.
    pub async fn find() -> Result<Self> {
        let mut cargo = Command::new("cargo");
        let output = output(cargo.args(["metadata", "--no-deps", "--format-version", "1"])).await;
        let output =
            output.context("cargo cannot be started; install Rust from https://rustup.rs")?;
        ensure!(
            output.status.success(),
            "the workspace is not found; run `cargo local` inside it ({})",
            last_line(&output.stderr)
        );
        serde_json::from_slice(&output.stdout)
            .context("the output of cargo metadata is not as expected")
    }

    /// Finds cargo-lambda, or installs it in the target directory.
    pub async fn cargo_lambda(&self) -> Result<PathBuf> {
        let directory = self.target.join("cargo-lambda");
        let installed = directory.join("bin").join("cargo-lambda");
        for candidate in [Path::new("cargo-lambda"), &installed] {
            if is_new_enough(candidate).await {
                return Ok(candidate.to_owned());
            }
        }
        eprintln!("installing cargo-lambda {CARGO_LAMBDA} in {} ...", directory.display());
        // Without its dependencies: zig (400 MB) is only needed to cross-compile.
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(["--no-deps", "--upgrade", "--target"])
            .arg(&directory)
            .arg(format!("cargo-lambda=={CARGO_LAMBDA}"));
        let output = output(&mut pip).await.context(
            "cargo-lambda is missing, and so is python3 to install it; \
             install Python 3 with pip, or cargo-lambda itself (https://www.cargo-lambda.info)",
        )?;
        if output.status.success() && is_new_enough(&installed).await {
            return Ok(installed);
        }
        bail!(
            "cargo-lambda cannot be installed; install it yourself (https://www.cargo-lambda.info), \
             or give python3 pip and network access, then try again ({})",
            last_line(&output.stderr)
        )
    }

    /// Builds the functions with the same selection, features and profile as `cargo lambda watch`.
    ///
    /// If they differed, the first request with `--watch` would compile for minutes.
    pub async fn build(&self, children: &Children, options: BuildOptions) -> Result<()> {
        eprintln!("building the functions (some minutes the first time) ...");
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--bins"]).current_dir(&self.root);
        if options.release {
            cargo.arg("--release");
        }
        let status = children.start(&cargo)?.ended().await?;
        ensure!(
            status.success(),
            "the functions do not build; see cargo's output above ({status})"
        );
        Ok(())
    }

    /// Starts the server of the functions, and returns the address where it will answer.
    ///
    /// With `--watch`, the server starts their instances itself with `cargo run`, which takes seconds for each.
    pub fn serve(
        &self,
        children: &Children,
        cargo_lambda: &Path,
        options: BuildOptions,
        environment: &Environment,
    ) -> Result<(Guarded, String)> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port().to_string();
        let mut server = Command::new(cargo_lambda);
        server.args(["lambda", "watch", "-A", "127.0.0.1", "-P", &port]).current_dir(&self.root);
        if options.release {
            server.arg("--release");
        }
        if options.watch {
            server.args(["--concurrency", &concurrency().to_string()]);
        } else {
            server.arg("--only-lambda-apis");
        }
        apply(environment, &mut server);
        Ok((children.start(&server)?, format!("http://127.0.0.1:{port}")))
    }

    /// The command that runs an instance of a function for the server at `address`.
    pub fn instance(
        &self,
        function: &str,
        address: &str,
        options: BuildOptions,
        environment: &Environment,
    ) -> std::io::Result<Command> {
        let mut program = this_program()?.clone();
        // From this program's directory to that of the functions, which may have another profile.
        program.pop();
        program.set_file_name(if options.release { "release" } else { "debug" });
        let mut instance = Command::new(program.join(function));
        instance
            .current_dir(&self.root)
            .env("AWS_LAMBDA_FUNCTION_NAME", function)
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "4096")
            .env("AWS_LAMBDA_MAX_CONCURRENCY", "1")
            .env("AWS_LAMBDA_RUNTIME_API", format!("{address}/.rt/{function}"));
        apply(environment, &mut instance);
        Ok(instance)
    }
}

/// Variables of a process; `None` removes an inherited one.
pub type Environment = Vec<(String, Option<String>)>;

fn apply(environment: &Environment, command: &mut Command) {
    for (name, value) in environment {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
}

/// Waits until the server of the functions listens.
pub async fn wait_until_served(server: &Guarded, address: &str) -> Result<()> {
    let address = address.trim_start_matches("http://");
    let listening = async {
        for _ in 0..300 {
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("cargo lambda watch does not answer")
    };
    tokio::select! {
        listening = listening => listening,
        error = failure(server) => Err(error),
    }
}

/// Waits until the server of the functions ends, which is an error.
pub async fn failure(server: &Guarded) -> anyhow::Error {
    match server.ended().await {
        Ok(status) => anyhow::anyhow!("cargo lambda watch has ended ({status})"),
        Err(error) => error.into(),
    }
}

/// Runs a command to its end, without the variables that cargo sets for this program alone.
pub async fn output(command: &mut Command) -> std::io::Result<Output> {
    command.env_clear().envs(inherited(std::env::vars_os())).kill_on_drop(true).output().await
}

async fn is_new_enough(cargo_lambda: &Path) -> bool {
    match output(Command::new(cargo_lambda).args(["lambda", "--version"])).await {
        Ok(output) => version_in(&String::from_utf8_lossy(&output.stdout)) >= Some(OLDEST),
        Err(_) => false,
    }
}

/// Major and minor version in `cargo-lambda 1.9.2 (…)`.
fn version_in(output: &str) -> Option<(u32, u32)> {
    let mut numbers = output.split_whitespace().nth(1)?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

fn last_line(output: &[u8]) -> String {
    let output = String::from_utf8_lossy(output);
    output.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert!(version_in("cargo-lambda 1.9.2 (67129fc 2026-08-21Z)\n") >= Some(OLDEST));
        assert!(version_in("cargo-lambda 1.10.0") >= Some(OLDEST));
        assert!(version_in("cargo-lambda 1.8.6") < Some(OLDEST));
        assert!(version_in("something else") < Some(OLDEST));
    }
}
