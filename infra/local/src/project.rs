//! The workspace: where it is, where it builds to, and how its functions are built and served.

use crate::children::{Children, Guarded, Plan, inherited};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output};
use std::time::Duration;
use thiserror::Error;
use tokio::process::Command;

/// The version of cargo-lambda that is installed when there is none.
const CARGO_LAMBDA: &str = "1.9.2";

/// The oldest version that has all the options used here.
const OLDEST: (u32, u32) = (1, 9);

/// How many instances of a function may run at once.
const CONCURRENCY: &str = "8";

/// Why the functions cannot be built or served.
#[derive(Debug, Error)]
pub enum NotServed {
    /// cargo does not run.
    #[error("cargo cannot be started; install Rust from https://rustup.rs")]
    NoCargo(#[source] std::io::Error),
    /// cargo does not find the workspace.
    #[error("the workspace is not found; run `cargo local` inside it ({0})")]
    NoWorkspace(String),
    /// cargo's description of the workspace is not understood.
    #[error("cargo's description of the workspace is not understood")]
    Metadata(#[from] serde_json::Error),
    /// There is no Python to install cargo-lambda with.
    #[error(
        "cargo-lambda is missing and python3 is not there to install it; \
         install Python 3 with pip, or cargo-lambda itself (https://www.cargo-lambda.info)"
    )]
    NoPython(#[source] std::io::Error),
    /// pip failed.
    #[error(
        "cargo-lambda could not be installed; install it (https://www.cargo-lambda.info), \
         or give python3 its pip and a network, then try again ({0})"
    )]
    NotInstalled(String),
    /// A process cannot be started.
    #[error("a process cannot be started")]
    Process(#[from] std::io::Error),
    /// The build failed.
    #[error("the functions do not build; cargo has said why above ({0})")]
    Build(ExitStatus),
    /// The server of the functions ended.
    #[error("cargo lambda watch has ended ({0})")]
    Ended(ExitStatus),
    /// The server of the functions does not answer.
    #[error("cargo lambda watch does not answer")]
    Silent,
}

/// The workspace.
#[derive(Debug, Deserialize)]
pub struct Project {
    /// Its directory.
    #[serde(rename = "workspace_root")]
    pub root: PathBuf,
    /// The directory that it builds to.
    #[serde(rename = "target_directory")]
    pub target: PathBuf,
}

/// How the functions are built and served.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// Whether they are optimised.
    pub release: bool,
    /// Whether they are built again when they change.
    pub watch: bool,
}

impl Project {
    /// Finds the workspace around the current directory.
    ///
    /// # Errors
    /// When there is no cargo or no workspace.
    pub async fn find() -> Result<Self, NotServed> {
        let mut cargo = Command::new("cargo");
        cargo.args(["metadata", "--no-deps", "--format-version", "1"]);
        let output = output(&mut cargo).await.map_err(NotServed::NoCargo)?;
        if !output.status.success() {
            return Err(NotServed::NoWorkspace(last_line(&output.stderr)));
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Finds cargo-lambda, or installs it into the directory that the workspace builds to.
    ///
    /// # Errors
    /// When it is not there and cannot be installed.
    pub async fn cargo_lambda(&self) -> Result<PathBuf, NotServed> {
        let directory = self.target.join("cargo-lambda");
        let own = directory.join("bin").join("cargo-lambda");
        for candidate in [Path::new("cargo-lambda"), &own] {
            if is_new_enough(candidate).await {
                return Ok(candidate.to_owned());
            }
        }
        eprintln!("installing cargo-lambda {CARGO_LAMBDA} into {} ...", directory.display());
        // Without its dependencies: zig, 400 MB, is needed to cross-compile and not to watch.
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(["--no-deps", "--upgrade", "--target"])
            .arg(&directory)
            .arg(format!("cargo-lambda=={CARGO_LAMBDA}"));
        let output = output(&mut pip).await.map_err(NotServed::NoPython)?;
        if output.status.success() && is_new_enough(&own).await {
            return Ok(own);
        }
        Err(NotServed::NotInstalled(last_line(&output.stderr)))
    }

    /// Builds what `cargo lambda watch` will run, with its selection, features and profile.
    ///
    /// A mismatch would compile for minutes inside the first request.
    ///
    /// # Errors
    /// When the build fails.
    pub async fn build(&self, children: &Children, choice: Choice) -> Result<(), NotServed> {
        eprintln!("building the functions (the first time takes some minutes) ...");
        let mut arguments = vec!["build".into(), "--bins".into()];
        if choice.release {
            arguments.push("--release".into());
        }
        let build = children.start(Plan {
            program: "cargo".into(),
            arguments,
            environment: BTreeMap::new(),
            without: &[],
            directory: &self.root,
        })?;
        let status = build.ended().await?;
        if status.success() { Ok(()) } else { Err(NotServed::Build(status)) }
    }

    /// Starts the server of the functions; the address is where it answers soon.
    ///
    /// # Errors
    /// When no process can be started.
    pub fn serve(
        &self,
        children: &Children,
        cargo_lambda: &Path,
        choice: Choice,
        (environment, without): (BTreeMap<String, String>, &'static [&'static str]),
    ) -> Result<(Guarded, String), NotServed> {
        let port = free_port()?;
        let mut arguments: Vec<OsString> =
            ["lambda", "watch", "-A", "127.0.0.1"].map(Into::into).into();
        arguments.extend(["-P".into(), port.to_string().into()]);
        arguments.extend(["--concurrency", CONCURRENCY].map(Into::into));
        if choice.release {
            arguments.push("--release".into());
        }
        if !choice.watch {
            // Nothing is built any more: cargo need not say so for each instance.
            arguments.extend(["--ignore-changes", "--quiet"].map(Into::into));
        }
        let guarded = children.start(Plan {
            program: cargo_lambda.into(),
            arguments,
            environment,
            without,
            directory: &self.root,
        })?;
        Ok((guarded, format!("http://127.0.0.1:{port}")))
    }
}

/// Waits until the server of the functions listens.
///
/// # Errors
/// When it ends, or does not listen in time.
pub async fn wait_until_served(server: &Guarded, address: &str) -> Result<(), NotServed> {
    let listening = async {
        let place = address.trim_start_matches("http://");
        for _ in 0..300 {
            if tokio::net::TcpStream::connect(place).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(NotServed::Silent)
    };
    tokio::select! {
        listening = listening => listening,
        ended = server.ended() => Err(NotServed::Ended(ended?)),
    }
}

/// Runs a command to its end, without what cargo sets for this program alone.
///
/// # Errors
/// When it cannot be started.
pub async fn output(command: &mut Command) -> std::io::Result<Output> {
    command.env_clear().envs(inherited(std::env::vars_os())).kill_on_drop(true).output().await
}

async fn is_new_enough(cargo_lambda: &Path) -> bool {
    let mut command = Command::new(cargo_lambda);
    command.args(["lambda", "--version"]);
    match output(&mut command).await {
        Ok(output) => version_in(&String::from_utf8_lossy(&output.stdout)) >= Some(OLDEST),
        Err(_) => false,
    }
}

/// Major and minor version in `cargo-lambda 1.9.2 (…)`.
fn version_in(said: &str) -> Option<(u32, u32)> {
    let mut numbers = said.split_whitespace().nth(1)?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

fn last_line(output: &[u8]) -> String {
    let output = String::from_utf8_lossy(output);
    output.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned()
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
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
